# SPDX-License-Identifier: GPL-3.0-or-later
"""`imgrecog models` and `imgrecog doctor`, run as people run them: against a stand-in for AWS whose
answers a test chooses, against moto with its signature check on, against imgrecog-local, and with
nothing set up at all.

test_doctor.py IMGRECOG IMGRECOG-LOCAL
"""

import contextlib
import http.server
import json
import os
import pty
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

import botocore.serialize
import botocore.session
import botocore.validate
import jsonschema

import moto_judge
import support

PROGRAM = os.path.abspath(sys.argv[1])
LOCAL = os.path.abspath(sys.argv[2])
HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0"

TEXT_OR_NULL = {"type": ["string", "null"]}
USD = {"type": ["number", "null"], "minimum": 0}
MODELS_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["schema", "endpoint", "region", "source", "table_of", "prices_of", "note",
                 "models"],
    "properties": {
        "schema": {"const": "imgrecog-models/1"},
        "endpoint": {"type": "string"},
        "region": TEXT_OR_NULL,
        "source": {"enum": ["bedrock", "table"]},
        "table_of": {"pattern": r"^\d{4}-\d\d-\d\d$"},
        "prices_of": {"pattern": r"^\d{4}-\d\d-\d\d$"},
        "note": TEXT_OR_NULL,
        "models": {"type": "array", "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["id", "title", "provider", "kind", "takes_pictures", "preset", "life",
                         "legacy_from", "ends", "replacement"],
            "oneOf": [{"required": ["input_usd", "output_usd"]}, {"required": ["image_usd"]}],
            "properties": {
                "id": {"type": "string", "minLength": 1},
                "title": {"type": "string", "minLength": 1},
                "provider": {"type": "string"},
                "kind": {"enum": ["words", "image", "image-service"]},
                "takes_pictures": {"type": "boolean"},
                "preset": {"type": "boolean"},
                "life": {"enum": ["active", "legacy", "ended"]},
                "legacy_from": TEXT_OR_NULL,
                "ends": TEXT_OR_NULL,
                "replacement": TEXT_OR_NULL,
                "input_usd": USD, "output_usd": USD, "image_usd": USD,
            },
        }},
    },
}


DOCTOR_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["schema", "well", "lines"],
    "properties": {
        "schema": {"const": "imgrecog-doctor/1"},
        "well": {"type": "boolean"},
        "lines": {"type": "array", "minItems": 1, "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["id", "subject", "state", "what", "next"],
            "properties": {
                "id": {"type": "string", "minLength": 1},
                "subject": {"type": "string", "minLength": 1},
                "state": {"enum": ["ok", "warn", "fail", "skipped"]},
                "what": {"type": "string", "minLength": 1},
                "next": TEXT_OR_NULL,
            },
        }},
    },
}


# ---- the stand-in ----------------------------------------------------------------------------


def model(model_id, name, gives="TEXT", how="ON_DEMAND", **lifecycle):
    return {"modelArn": f"arn:aws:bedrock:eu-west-1::foundation-model/{model_id}",
            "modelId": model_id, "modelName": name, "providerName": "Made Up",
            "inputModalities": ["TEXT", "IMAGE"], "outputModalities": [gives],
            "inferenceTypesSupported": [how], "modelLifecycle": {"status": "ACTIVE", **lifecycle}}


def profile(prefix, model_id):
    return {"inferenceProfileId": f"{prefix}.{model_id}", "inferenceProfileName": "P",
            "inferenceProfileArn": "arn:x", "status": "ACTIVE", "type": "SYSTEM_DEFINED",
            "models": [{"modelArn": f"arn:aws:bedrock:eu-west-1::foundation-model/{model_id}"}]}


class Aws:
    """Answers by operation; `refuse` maps one to (status, code, message)."""

    def __init__(self):
        self.models = [model(HAIKU, "Claude Haiku 4.5", how="INFERENCE_PROFILE"),
                       model("made.legacy-v1:0", "Old", status="LEGACY",
                             legacyTime="2026-09-01T00:00:00Z", endOfLifeTime="2099-03-01T00:00:00Z"),
                       model("stability.stable-image-core-v1:1", "Core", gives="IMAGE")]
        self.profiles = [profile("eu", HAIKU)]
        self.refuse = {}
        self.decisions = {}
        self.requests = []
        aws = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # or each answer waits 40 ms for the client's ACK

            def serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                operation = aws.operation(self, body)
                aws.requests.append((operation, self.path, dict(self.headers), body))
                aws.answer(self, operation)

            do_GET = do_POST = do_HEAD = serve

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def operation(handler, body):
        path, _, query = handler.path.partition("?")
        path = urllib.parse.unquote(path)
        target = handler.headers.get("X-Amz-Target", "")
        if target:
            return target.partition(".")[2]
        for start, name in (("/foundation-models/", "GetFoundationModel"),
                            ("/foundation-models", "ListFoundationModels"),
                            ("/foundation-model-availability/", "GetFoundationModelAvailability"),
                            ("/inference-profiles", "ListInferenceProfiles")):
            if path.startswith(start):
                return name
        form = urllib.parse.parse_qs(body.decode() if handler.command == "POST" else query)
        return form.get("Action", [f"{handler.command} {path}"])[0]

    def json_body(self, operation):
        """(status, code, body) of what speaks JSON."""
        if operation == "ListFoundationModels":
            return 200, None, {"modelSummaries": self.models}
        if operation == "ListInferenceProfiles":
            return 200, None, {"inferenceProfileSummaries": self.profiles}
        if operation == "GetFoundationModel":
            return 200, None, {"modelDetails": self.models[0]}
        if operation == "GetFoundationModelAvailability":
            return 200, None, {"modelId": HAIKU, "agreementAvailability": {"status": "AVAILABLE"},
                               "authorizationStatus": "AUTHORIZED",
                               "entitlementAvailability": "AVAILABLE",
                               "regionAvailability": "AVAILABLE"}
        if operation.startswith("Detect"):
            return 400, "InvalidParameterException", {"message": "Request has invalid parameters"}
        if operation.startswith("HEAD /"):  # a bucket
            return 200, None, {}
        return 404, "UnknownOperationException", {}

    def xml_body(self, operation, handler):
        if operation == "GetCallerIdentity":
            inner = ("<Arn>arn:aws:iam::123456789012:user/ann</Arn><UserId>AIDAANN</UserId>"
                     "<Account>123456789012</Account>")
        else:
            query = urllib.parse.parse_qs(handler.path.partition("?")[2])
            actions = [values[0] for name, values in query.items()
                       if name.startswith("ActionNames.member.")]
            inner = "<EvaluationResults>" + "".join(
                f"<member><EvalActionName>{action}</EvalActionName><EvalDecision>"
                f"{self.decisions.get(action, 'allowed')}</EvalDecision></member>"
                for action in actions) + "</EvaluationResults>"
        return f"<{operation}Response><{operation}Result>{inner}</{operation}Result></{operation}Response>"

    def answer(self, handler, operation):
        status, code, kind = 200, None, "application/json"
        is_xml = operation in ("GetCallerIdentity", "SimulatePrincipalPolicy")
        if operation in self.refuse:
            status, code, message = self.refuse[operation]
            data = json.dumps({"message": message}).encode()
            if is_xml:
                kind = "text/xml"
                data = (f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message>"
                        "</Error></ErrorResponse>").encode()
                code = None
        elif is_xml:
            kind, data = "text/xml", self.xml_body(operation, handler).encode()
        else:
            status, code, body = self.json_body(operation)
            data = json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(data)))
        if code:
            handler.send_header("x-amzn-ErrorType", code)
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(data)


def run(folder, *arguments, aws=None, drop=(), **environment):
    if aws is not None:
        environment["AWS_ENDPOINT_URL"] = aws.url
    environment = support.clean_environment(folder, **{
        "AWS_REGION": "eu-west-1", "IMGRECOG_LOCAL": LOCAL, "XDG_RUNTIME_DIR": str(folder),
        **environment})
    for name in drop:
        environment.pop(name, None)
    return subprocess.run([PROGRAM, *arguments], env=environment, capture_output=True, text=True,
                          timeout=support.COMMAND_TIMEOUT_S, check=False)


def lines_of(done):
    return done.stdout.splitlines()


# ---- models ----------------------------------------------------------------------------------


def case_models(tap):
    with support.workspace() as folder:
        aws = Aws()
        done = run(folder, "models", aws=aws)
        lines = lines_of(done)
        tap.equal(done.returncode, 0, "models: exit code 0")
        tap.ok(lines[0].split() == ["Words", "(--model):", "life", "$", "in", "/", "out", "name"] and lines[1].startswith(f"* eu.{HAIKU} ")
               and lines[1].endswith("active  1.1 / 5.5    Claude Haiku 4.5"),
               "models: the preset, by the profile that is called here", lines)
        tap.ok("  made.legacy-v1:0" in lines[2] and lines[2].endswith(
            "legacy  ? / ?        Old; legacy since 2026-09-01; until 2099-03-01"), "models: its end", lines)
        tap.ok(any("stability.stable-diffusion-xl-v1" in line and line.endswith(
            "Stable Diffusion XL 1.0; ended 2025-05-20; take stability.sd3-5-large-v1:0")
                   for line in lines), "models: an ended one with its replacement", lines)
        tap.ok(all(line == line.rstrip() for line in lines), "models: no blanks at the ends", lines)
        tap.equal([request[1] for request in aws.requests],
                  ["/foundation-models", "/inference-profiles?maxResults=1000&type=SYSTEM_DEFINED"],
                  "models: two requests, none that is paid for")
        done = run(folder, "models", "--json", "--kind", "image", aws=aws)
        document = json.loads(done.stdout)
        jsonschema.validate(document, MODELS_SCHEMA)
        tap.ok(document["source"] == "bedrock" and document["note"] is None
               and document["models"][0]["id"] == "stability.stable-image-core-v1:1"
               and all(entry["kind"] != "words" for entry in document["models"]),
               "models --json --kind image", document)


def case_models_refused(tap):
    with support.workspace() as folder:
        aws = Aws()
        aws.refuse["ListFoundationModels"] = (
            403, "AccessDeniedException", "User: arn:aws:iam::123456789012:user/ann is not "
            "authorized to perform: bedrock:ListFoundationModels")
        done = run(folder, "models", aws=aws)
        tap.ok(done.returncode == 0 and lines_of(done)[0].startswith("not asked, table of 2026-")
               and "Allow bedrock:ListFoundationModels" in lines_of(done)[0]
               and f"* eu.{HAIKU}" in done.stdout,
               "models: no right to list: the table, and said so", done.stdout + done.stderr)
        document = json.loads(run(folder, "models", "--json", aws=aws).stdout)
        jsonschema.validate(document, MODELS_SCHEMA)
        tap.equal(document["source"], "table", "models --json: no right to list")
        aws.refuse["ListFoundationModels"] = (403, "UnrecognizedClientException", "invalid")
        done = run(folder, "models", aws=aws)
        tap.ok(done.returncode == 1 and done.stdout == ""
               and "UnrecognizedClientException" in done.stderr and "imgrecog doctor" in done.stderr,
               "models: wrong keys are an error", done.stdout + done.stderr)


def case_models_local(tap):
    with support.workspace() as folder:
        done = run(folder, "models", "--endpoint", "local", "--json")
        document = json.loads(done.stdout)
        jsonschema.validate(document, MODELS_SCHEMA)
        tap.ok(document["endpoint"] == "local" and len(document["models"]) == 3
               and all(entry["title"].startswith("Local ") for entry in document["models"]),
               "models --endpoint local: the three, and what they are", document)


def case_models_usage(tap):
    with support.workspace() as folder:
        for arguments, says in ((("models", "--kind", "sound"), 'no kind "sound"'),
                                (("models", "x"), "models does not take \"x\""),
                                (("labels", "--kind", "words", "x.jpg"), "no setting")):
            done = run(folder, *arguments)
            tap.ok(done.returncode == 2 and says in done.stderr, f"usage: {' '.join(arguments)}",
                   (done.returncode, done.stderr))


# ---- doctor ----------------------------------------------------------------------------------

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")


def states_of(document):
    return {line["id"]: line["state"] for line in document["lines"]}


def case_doctor_well(tap):
    with support.workspace() as folder:
        aws = Aws()
        done = run(folder, "doctor", "--bucket", "photos", "--log-group", "results", aws=aws)
        lines = lines_of(done)
        tap.ok(done.returncode == 0 and not any(line.startswith("FAIL") for line in lines),
               "doctor: all is well: exit code 0", done.stdout + done.stderr)
        tap.ok("ok    identity: account 123456789012, arn:aws:iam::123456789012:user/ann" in lines,
               "doctor: the identity", lines)
        tap.ok(f"ok    credentials: from the environment, profile \"default\", "
               f"key ...{support.ACCESS_KEY_ID[-4:]}" in lines, "doctor: the credentials", lines)
        for action in ("rekognition:DetectModerationLabels", "bedrock:InvokeModel", "s3:PutObject",
                       "logs:PutLogEvents"):
            tap.ok(f"ok    {action}: allowed, says IAM's simulation of the policies" in lines,
                   f"doctor: {action}", lines)
        tap.ok(f"ok    model eu.{HAIKU}: active, and this account has access to it" in lines,
               "doctor: the model", lines)
        tap.ok(not any("\033" in line for line in lines), "doctor: no colour into a pipe", lines)
        for request in aws.requests:
            if request[0] == "SimulatePrincipalPolicy":
                judge_simulation(tap, request)
        harmless = {"GetCallerIdentity", "SimulatePrincipalPolicy", "GetFoundationModel",
                    "GetFoundationModelAvailability", "GET /", "HEAD /photos"}
        asked = {request[0].rstrip("/") or "/" for request in aws.requests}
        tap.equal(asked - {name.rstrip("/") for name in harmless}, set(),
                  "doctor: nothing was asked that costs or changes anything")
        secrets = {"AWS_SESSION_TOKEN": "kept-session-token", "AWS_BEARER_TOKEN_BEDROCK": "kept-key",
                   "https_proxy": "http://ann:kept-word@127.0.0.1:9"}
        kept = [support.SECRET_KEY, support.ACCESS_KEY_ID, *secrets.values(), "kept-"]
        for arguments in (("doctor",), ("doctor", "--json")):
            done = run(folder, *arguments, aws=aws, **secrets)
            found = [secret for secret in kept if secret in done.stdout + done.stderr]
            tap.equal((done.returncode, found), (0, []),
                      f"{' '.join(arguments)}: no secret in any line")
        tap.ok(any(headers.get("Authorization") == "Bearer kept-key"
                   for _, _, headers, _ in aws.requests), "doctor: the key for Bedrock was in use")


def judge_simulation(tap, request):
    """What was asked of IAM is what botocore would ask with these parameters."""
    got = dict(urllib.parse.parse_qsl(request[1].partition("?")[2]))

    def members(name):
        values = {key: value for key, value in got.items() if key.startswith(f"{name}.member.")}
        return [values[f"{name}.member.{number + 1}"] for number in range(len(values))]

    parameters = {"PolicySourceArn": got["PolicySourceArn"], "ActionNames": members("ActionNames")}
    if members("ResourceArns"):
        parameters["ResourceArns"] = members("ResourceArns")
    operation = botocore.session.get_session().get_service_model("iam").operation_model(
        "SimulatePrincipalPolicy")
    problems = botocore.validate.ParamValidator().validate(parameters, operation.input_shape)
    tap.ok(not problems.has_errors(), "doctor: the simulation's parameters are lawful",
           problems.generate_report())
    wanted = botocore.serialize.create_serializer("query").serialize_to_request(
        parameters, operation)["body"]
    tap.equal(got, wanted, "doctor: the simulation is asked for as botocore does")


def case_doctor_denied(tap):
    with support.workspace() as folder:
        aws = Aws()
        aws.decisions["rekognition:DetectText"] = "implicitDeny"
        done = run(folder, "doctor", aws=aws)
        lines = lines_of(done)
        at = lines.index("FAIL  rekognition:DetectText: no policy allows it, says IAM's simulation "
                         "of the policies")
        tap.ok(done.returncode == 1 and lines[at + 1].startswith(
            "      -> Allow the action rekognition:DetectText on * for arn:aws:iam::"),
               "doctor: the action that is missing, exit code 1", lines)
        aws.refuse["SimulatePrincipalPolicy"] = (403, "AccessDenied", "no")
        aws.refuse["DetectFaces"] = (403, "AccessDeniedException", "User is not authorized")
        document = json.loads(run(folder, "doctor", "--json", aws=aws).stdout)
        jsonschema.validate(document, DOCTOR_SCHEMA)
        states = states_of(document)
        tap.equal((states["permission:rekognition:DetectLabels"],
                   states["permission:rekognition:DetectFaces"],
                   states["permission:bedrock:InvokeModel"], document["well"]),
                  ("ok", "fail", "skipped", False), "doctor: without IAM's simulation")
        pictures = [body for operation, _, _, body in aws.requests if operation.startswith("Detect")]
        tap.equal(set(pictures), {b'{"Image":{}}'}, "doctor: Rekognition is shown no picture")


def case_doctor_wrong_keys(tap):
    with support.workspace() as folder:
        aws = Aws()
        aws.refuse["GetCallerIdentity"] = (403, "InvalidClientTokenId",
                                           "The security token included in the request is invalid.")
        done = run(folder, "doctor", "--json", aws=aws)
        document = json.loads(done.stdout)
        jsonschema.validate(document, DOCTOR_SCHEMA)
        line = next(line for line in document["lines"] if line["id"] == "identity")
        tap.ok(done.returncode == 1 and line["state"] == "fail"
               and "InvalidClientTokenId" in line["what"]
               and "does not know this access key" in line["next"],
               "doctor: wrong keys", line)
        states = states_of(document)
        tap.equal((states["permissions"], states["models"]), ("skipped", "skipped"),
                  "doctor: with wrong keys nothing more is asked")


def case_doctor_bare(tap):
    with support.workspace() as folder:
        done = run(folder, "doctor", drop=KEYS, PATH=str(folder), IMGRECOG_LOCAL="/nonexistent")
        text = done.stdout
        tap.ok(done.returncode == 1 and done.stderr == "", "doctor on a bare machine: exit code 1",
               done.stderr)
        for says in ("FAIL  credentials: no credentials found", "aws configure",
                     "--endpoint local PHOTO", "FAIL  region: none is set", "AWS_REGION",
                     "warn  imgrecog-local: the program is not at /nonexistent",
                     "skip  ImageMagick: there is no magick on PATH", "skip  GIMP: "):
            tap.ok(says in text, f"doctor on a bare machine: {says}", text)
        tap.ok("skip  identity" in text and "skip  models" in text,
               "doctor on a bare machine: what could not be looked at", text)


def case_doctor_local(tap):
    with support.workspace() as folder:
        done = run(folder, "doctor", "--endpoint", "local", "--json", drop=KEYS)
        document = json.loads(done.stdout)
        jsonschema.validate(document, DOCTOR_SCHEMA)
        line = next(line for line in document["lines"] if line["id"] == "local")
        tap.ok(done.returncode == 0 and document["well"] and line["state"] == "ok"
               and "text in eng" in line["what"], "doctor --endpoint local", document)
        states = states_of(document)
        tap.equal((states["identity"], states["model:model"], states["credentials"]),
                  ("ok", "ok", "ok"), "doctor --endpoint local: identity and models")


def case_doctor_settings(tap):
    with support.workspace() as folder:
        aws = Aws()
        done = run(folder, "doctor", aws=aws, IMGRECOG_MAX_LABEL="5")
        tap.ok("warn  environment: IMGRECOG_MAX_LABEL is set and changes nothing" in done.stdout
               and "IMGRECOG_MAX_LABELS may be meant" in done.stdout and done.returncode == 0,
               "doctor: a variable that is misspelt", done.stdout)
        done = run(folder, "doctor", aws=aws, IMGRECOG_MAX_LABELS="many")
        tap.ok(done.returncode == 1 and "FAIL  settings: IMGRECOG_MAX_LABELS" in done.stdout
               and "skip  connection" in done.stdout, "doctor: a setting that is wrong",
               done.stdout + done.stderr)
        done = run(folder, "doctor", aws=aws, AWS_PROFILE="nobody")
        tap.ok(done.returncode == 1 and "FAIL  AWS's settings: " in done.stdout
               and "nobody" in done.stdout, "doctor: a profile that is not there", done.stdout)


def script(folder, name, text):
    path = folder / name
    path.write_text("#!/bin/sh\n" + text, encoding="utf-8")
    path.chmod(0o755)


def case_doctor_hosts(tap):
    """Programs that are scripts: what they print and how they end is what counts."""
    with support.workspace() as folder:
        programs = folder / "programs"
        plugins = folder / "home" / ".config" / "GIMP" / "3.0" / "plug-ins" / "imgrecog"
        programs.mkdir()
        environment = {"PATH": f"{programs}:/usr/bin:/bin", "GIMP_TESTING_PLUGINDIRS": "",
                       "MAGICK_CODER_FILTER_PATH": str(folder / "filters")}
        listing = ('if [ "$1" = -list ]; then echo "FILTER_PATH   /opt/filters"; '
                   'echo "VERSION       7.9.9"; exit 0; fi\n')

        def look():
            done = run(folder, "doctor", "--endpoint", "local", "--json", **environment)
            document = json.loads(done.stdout)
            return {line["id"]: line for line in document["lines"]}

        script(programs, "gimp", "exit 1\n")
        script(programs, "magick", listing + "exit 1\n")
        lines = look()
        tap.ok(lines["magick"]["what"] == f"7.9.9 at {programs}/magick",
               "doctor: ImageMagick's version and place", lines["magick"])
        tap.ok(lines["magick-module"]["state"] == "warn"
               and f"{folder}/filters/imgrecog.la" in lines["magick-module"]["what"],
               "doctor: where the module should be", lines["magick-module"])
        tap.ok(lines["gimp-plugin"]["state"] == "warn"
               and ".config/GIMP/3.*/plug-ins/imgrecog" in lines["gimp-plugin"]["next"],
               "doctor: where the plug-in should be", lines["gimp-plugin"])
        (folder / "filters").mkdir()
        (folder / "filters" / "imgrecog.la").write_text("", encoding="utf-8")
        script(programs, "magick", listing + "echo 'no such module' >&2; exit 1\n")
        lines = look()
        tap.ok("does not load: no such module" in lines["magick-module"]["what"],
               "doctor: a module that does not load, and why", lines["magick-module"])
        script(programs, "magick", listing + "echo min-confidence\n")
        plugins.mkdir(parents=True)
        script(plugins, "imgrecog", "exit 0\n")
        lines = look()
        tap.equal((lines["magick-module"]["state"], lines["gimp-plugin"]["state"]), ("ok", "ok"),
                  "doctor: both are there")


def number_in(path, timeout_s=30):
    """What a program writes there when it runs."""
    end = time.monotonic() + timeout_s
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.05)
    return int(path.read_text(encoding="utf-8"))


@contextlib.contextmanager
def runs_on():
    """A doctor that has started a program which closes its output and runs on: the doctor, and the
    program's process id. Nothing is left of either."""
    with support.workspace() as folder:
        programs = folder / "programs"
        programs.mkdir()
        mark = folder / "running"
        script(programs, "gimp", "exit 1\n")
        script(programs, "magick", f"echo $$ > {mark}.new; mv {mark}.new {mark}; exec >&- 2>&-; "
                                   "exec sleep 600\n")
        environment = support.clean_environment(
            folder, IMGRECOG_LOCAL=LOCAL, XDG_RUNTIME_DIR=str(folder),
            PATH=f"{programs}:/usr/bin:/bin", GIMP_TESTING_PLUGINDIRS="")
        with subprocess.Popen([PROGRAM, "doctor", "--endpoint", "local", "--json"],
                              env=environment, stdout=subprocess.PIPE, text=True) as doctor:
            pid = number_in(mark)
            try:
                yield doctor, pid
            finally:
                doctor.kill()
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def case_doctor_signalled(tap):
    with runs_on() as (doctor, pid):
        doctor.send_signal(signal.SIGINT)
        out, _ = doctor.communicate(timeout=support.COMMAND_TIMEOUT_S)
        tap.ok(doctor.returncode == 130 and not os.path.exists(f"/proc/{pid}"),
               "doctor: a program that runs on is ended by a signal", (doctor.returncode, out))


def case_doctor_terminal(tap):
    with support.workspace() as folder:
        aws = Aws()
        environment = support.clean_environment(
            folder, AWS_REGION="eu-west-1", AWS_ENDPOINT_URL=aws.url, IMGRECOG_LOCAL=LOCAL,
            XDG_RUNTIME_DIR=str(folder), TERM="xterm")

        def on_terminal(**more):
            ours, theirs = pty.openpty()
            with subprocess.Popen([PROGRAM, "doctor"], env={**environment, **more}, stdout=theirs,
                                  stderr=theirs, stdin=subprocess.DEVNULL) as child:
                os.close(theirs)
                said = b""
                try:
                    while piece := os.read(ours, 65536):
                        said += piece
                except OSError:  # the other end is closed
                    pass
                child.wait(timeout=60)
            os.close(ours)
            return said

        tap.ok(b"\033[32mok  \033[0m  identity: " in on_terminal(), "doctor: colour on a terminal")
        tap.ok(b"\033" not in on_terminal(NO_COLOR="1"), "doctor: none with NO_COLOR")


def case_doctor_interrupted(tap):
    """A server that never answers: SIGINT ends the look at once."""
    with support.workspace() as folder, socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        environment = support.clean_environment(folder, AWS_ENDPOINT_URL=url,
                                                XDG_RUNTIME_DIR=str(folder))
        with subprocess.Popen([PROGRAM, "doctor"], env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as child:
            silent.accept()
            child.send_signal(signal.SIGINT)
            _, errors = child.communicate(timeout=30)
        tap.ok(child.returncode == 130 and b"cancelled" in errors, "doctor: SIGINT ends it",
               (child.returncode, errors))


def case_doctor_moto(tap):
    with support.workspace() as folder, moto_judge.server() as (url, key):
        keys = {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
        document = json.loads(run(folder, "doctor", "--json", **keys).stdout)
        jsonschema.validate(document, DOCTOR_SCHEMA)
        line = next(line for line in document["lines"] if line["id"] == "identity")
        tap.ok(line["state"] == "ok" and line["what"].endswith(":user/tester"),
               "doctor: moto knows whose key it is", line)
        keys["AWS_SECRET_ACCESS_KEY"] = "wrong" * 8
        document = json.loads(run(folder, "doctor", "--json", **keys).stdout)
        line = next(line for line in document["lines"] if line["id"] == "identity")
        tap.ok(line["state"] == "fail" and "SignatureDoesNotMatch" in line["what"]
               and "not the one of this access key" in line["next"],
               "doctor: moto refuses another secret", line)


CASES = (case_doctor_well, case_doctor_denied, case_doctor_wrong_keys, case_doctor_bare,
         case_doctor_local, case_doctor_settings, case_doctor_hosts, case_doctor_signalled,
         case_doctor_terminal, case_doctor_interrupted, case_doctor_moto, case_models,
         case_models_refused, case_models_local, case_models_usage)


def main():
    """The other cases run while one doctor waits, for 20 seconds, until a program's time is over."""
    with runs_on() as (doctor, pid):
        def case_doctor_waits(tap):
            out, _ = doctor.communicate(timeout=support.COMMAND_TIMEOUT_S)
            tap.ok(not os.path.exists(f"/proc/{pid}") and "does not tell where its modules are" in out,
                   "doctor: a program that runs on is ended by its time", (doctor.returncode, out))

        return support.run_cases((*CASES, case_doctor_waits))


if __name__ == "__main__":
    sys.exit(main())
