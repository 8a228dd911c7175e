# SPDX-License-Identifier: GPL-3.0-or-later
"""`imgrecog models` and `imgrecog doctor`, run as people run them: against a stand-in for AWS whose
answers a test chooses, against imgrecog-local, and with nothing set up at all.

test_doctor.py IMGRECOG IMGRECOG-LOCAL
"""

import http.server
import json
import os
import subprocess
import sys
import threading
import urllib.parse

import jsonschema

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
        self.requests = []
        aws = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

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
        path = urllib.parse.unquote(handler.path.split("?")[0])
        if path.startswith("/foundation-models"):
            return "ListFoundationModels"
        if path.startswith("/inference-profiles"):
            return "ListInferenceProfiles"
        return f"{handler.command} {path}"

    def answer(self, handler, operation):
        status, code = 200, None
        if operation in self.refuse:
            status, code, message = self.refuse[operation]
            body = {"message": message}
        elif operation == "ListFoundationModels":
            body = {"modelSummaries": self.models}
        elif operation == "ListInferenceProfiles":
            body = {"inferenceProfileSummaries": self.profiles}
        else:
            status, code, body = 400, "UnknownOperationException", {}
        data = json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(data)))
        if code:
            handler.send_header("x-amzn-ErrorType", code)
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(data)


def run(folder, *arguments, aws=None, drop=(), **environment):
    if aws is not None:
        environment["AWS_ENDPOINT_URL"] = aws.url
    environment = support.clean_environment(
        folder, AWS_REGION="eu-west-1", IMGRECOG_LOCAL=LOCAL, XDG_RUNTIME_DIR=str(folder),
        **environment)
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
        tap.ok(lines[0] == "Words (--model):" and lines[1].startswith(f"* eu.{HAIKU} ")
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
                                (("models", "x"), "Usage: imgrecog models"),
                                (("labels", "--kind", "words", "x.jpg"), "no setting")):
            done = run(folder, *arguments)
            tap.ok(done.returncode == 2 and says in done.stderr, f"usage: {' '.join(arguments)}",
                   (done.returncode, done.stderr))


CASES = (case_models, case_models_refused, case_models_local, case_models_usage)

if __name__ == "__main__":
    sys.exit(support.run_cases(CASES))
