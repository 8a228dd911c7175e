# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret leaves but to the service that it is for: a whole run of every front end with keys,
tokens and a prompt that would be recognised anywhere, every log turned on, and servers that repeat
in their errors what they were sent, as AWS's do.

Looked at: what programs print, result documents, errors, logs, the command lines of everything that
was started, every byte written to a file (by strace), the files that are left, and what `strings`
would find in what was built.

secrets_kept.py DETECT_LABELS SERVICE_CALL S3_CALL GIMP_PLUGIN_DIR GIMP_SYSTEM_DIR BUILT-FILE…
GIMP's folders are "" without GIMP, and MAGICK is not in the environment without ImageMagick.
"""

import base64
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import urllib.parse

import gimp_support
from support import COMMAND_TIMEOUT_S, Tap, clean_environment, portrait, workspace

SECRET_KEY = "kept/Secret+Key/nobody/shall/read/it0000"
TOKEN = "kept-session-token/" + "tokenTOKEN+0123456789/" * 4
BEARER = "kept-bearer-token-ABSKQmVkcm9ja0FQSUtleS0"
PROMPT = "kept prompt: is the mayor of Zzyzx in this picture?"
KEY_ID = "AKIDKEPTKEYIDENTITY0"
REGION = "us-east-1"
HEX = re.compile(r"Signature=([0-9a-f]{64})")
# Any access key of AWS's form, private keys, AWS's example secret, and the secrets of tests.
IN_BINARIES = re.compile(rb"\b(AKIA|ASIA)[A-Z0-9]{16}\b|BEGIN [A-Z ]*PRIVATE KEY|wJalrXUtnFEMI|"
                         rb"Sup3rS3cret|kept/Secret|gimpTestSecret|ABSK[A-Za-z0-9+/]{20}")
SIGNED_TEXT = ("The request signature we calculated does not match the signature you provided. Check "
               "your AWS Secret Access Key and signing method.\n\nThe Canonical String for this "
               "request should have been\n'POST\n/\n\nhost:x\nx-amz-security-token:{token}\n'\n\nThe "
               "String-to-Sign should have been\n'AWS4-HMAC-SHA256\n{authorization}'\n")


class Server:
    """Answers everything in the way that was last set; keeps the headers and bodies it got."""

    def __init__(self):
        self.answer = None
        self.requests = []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # or each answer waits 40 ms for the client's ACK

            def serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                server.requests.append((self.headers, body))
                status, headers, text = server.answer(self.headers, body)
                data = text.encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_PUT = do_GET = serve

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()


def labels(_headers, _body):
    box = {"Left": 0.3, "Top": 0.1, "Width": 0.3, "Height": 0.4}
    return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(
        {"Labels": [{"Name": "Face", "Confidence": 95.0,
                     "Instances": [{"BoundingBox": box, "Confidence": 95.0}]}],
         "LabelModelVersion": "3.0"})


def converse(_headers, _body):
    return 200, {"Content-Type": "application/json"}, json.dumps(
        {"output": {"message": {"role": "assistant", "content": [{"text": "No."}]}},
         "stopReason": "end_turn", "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
         "metrics": {"latencyMs": 1}})


def stored(_headers, _body):
    return 200, {"ETag": '"0f343b0931126a20f133d67c2b018a3b"'}, ""


def repeats_signature(headers, _body):
    """The words with which AWS refuses a signature, canonical request included."""
    text = SIGNED_TEXT.format(token=headers.get("X-Amz-Security-Token", ""),
                              authorization=headers.get("Authorization", ""))
    return 403, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(
        {"__type": "InvalidSignatureException", "message": text})


def repeats_prompt(_headers, _body):
    text = (f"1 validation error detected: Value '{PROMPT}' at 'messages.1.member.content' failed to "
            "satisfy constraint: Member must have length less than or equal to 5")
    return 400, {"Content-Type": "application/json", "x-amzn-errortype": "ValidationException"}, \
        json.dumps({"message": text})


def repeats_to_s3(headers, _body):
    text = SIGNED_TEXT.format(token=headers.get("X-Amz-Security-Token", ""),
                              authorization=headers.get("Authorization", ""))
    return 403, {"Content-Type": "application/xml"}, (
        "<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does "
        f"not match.</Message><StringToSign>{text}</StringToSign><CanonicalRequest>{text}"
        "</CanonicalRequest></Error>")


# ---- what must not be found ------------------------------------------------------------------


def hmac_sha256(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def forms(text):
    """A secret as it stands, and as URLs, base64 and JSON with escaped slashes would have it."""
    return {text, urllib.parse.quote(text, safe=""), text.replace("/", "\\/"),
            base64.b64encode(text.encode()).decode().rstrip("=")}


class Kept:
    """All that must be kept: (what, bytes to look for). Grows with what was sent."""

    def __init__(self):
        self.wanted = []
        for what, text in (("secret key", SECRET_KEY), ("session token", TOKEN),
                           ("bearer token", BEARER), ("prompt", PROMPT)):
            self.wanted += [(what, form.encode()) for form in forms(text)]

    def learn(self, requests, picture):
        """Signatures that were made, the keys that made them, and the picture as it went out."""
        for headers, _ in requests:
            signature = HEX.search(headers.get("Authorization", ""))
            if not signature:
                continue
            self.wanted.append(("signature", signature[1].encode()))
            scope = re.search(r"Credential=[^/]+/(\d+)/([^/]+)/([^/]+)/", headers["Authorization"])
            key = ("AWS4" + SECRET_KEY).encode()
            for part in (*scope.groups(), "aws4_request"):
                key = hmac_sha256(key, part)
                self.wanted += [("signing key", key), ("signing key", key.hex().encode()),
                                ("signing key", base64.b64encode(key))]
        self.wanted.append(("picture", base64.b64encode(picture)[3000:3100]))

    def found_in(self, data):
        return sorted({what for what, needle in self.wanted if needle in data})


# ---- running ---------------------------------------------------------------------------------


class Watch:
    """Runs programs under strace and keeps all that they said, wrote and started."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = environment
        self.texts = []  # (where, bytes)

    def run(self, name, command, stdin="", environment=None):
        trace = self.folder / "strace.out"
        done = subprocess.run(
            ["strace", "-f", "-y", "-s", "1000000", "-e", "trace=execve,write,writev,pwrite64",
             "-e", "signal=none", "-o", trace, *map(str, command)],
            env={**self.environment, **(environment or {})}, input=stdin.encode(),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=COMMAND_TIMEOUT_S, check=False)
        self.texts += [(f"{name}: standard output", done.stdout),
                       (f"{name}: standard error", done.stderr)]
        self.take_trace(name, trace.read_bytes())
        trace.unlink()
        return done

    def take_trace(self, name, trace):
        """Command lines and writes; without writes to sockets and pipes, where the secrets must
        go, and what was printed, which is here already."""
        kept = []
        for line in trace.split(b"\n"):
            to = re.search(rb"^\d+ +p?write(?:v|64)?\(\d+<([^>]*)>", line)
            if b"execve(" in line or (to and to[1].startswith(b"/")):
                kept.append(line.replace(b"\\/", b"/"))
        self.texts.append((f"{name}: command lines and files written", b"\n".join(kept)))
        return kept

    def take_files(self):
        """What lies in the folder, but for what this test put there."""
        for path in self.folder.rglob("*"):
            if path.is_file() and path.name != "face.jpg":
                self.texts.append((f"the file {path.relative_to(self.folder)}", path.read_bytes()))


def check_runs(tap, kept, watch, first):
    for where, data in watch.texts[first:]:
        found = kept.found_in(data)
        tap.ok(not found, f"{where} keeps them", f"found: {', '.join(found)}\n{data[:3000]!r}")


SCENES = [("a success", labels), ("a refusal that repeats the request", repeats_signature)]


def say_all(done):
    return (done.stdout + done.stderr).decode(errors="replace")


def run_labels(tap, watch, server, program):
    for name, answer in SCENES:
        server.answer = answer
        done = watch.run(f"detect_labels, {name}", [program, "face.jpg", "log=true",
                                                    f"endpoint={server.url}"])
        tap.ok("log: " in say_all(done) and "attempt 1" in say_all(done),
               f"detect_labels, {name}: the log says something", say_all(done))
        tap.ok((done.returncode == 0) == (answer is labels), f"detect_labels, {name}: exit code",
               say_all(done))


def run_magick(tap, watch, server):
    program = os.environ["MAGICK"]
    words = f"imgrecog endpoint={server.url}"
    for name, answer in SCENES:
        server.answer = answer
        for events in ("User", "All"):
            done = watch.run(
                f"magick -debug {events}, {name}",
                [program, "-debug", events, "face.jpg", "-process", words, "-format",
                 "%[imgrecog:json]%[imgrecog:error]", "-write", "info:-", "out.png"])
            tap.ok("attempt 1" in say_all(done), f"magick -debug {events}, {name}: it is in the log",
                   say_all(done)[-2000:])
    server.answer = labels
    done = watch.run("magick without -debug", [program, "face.jpg", "-process", words, "null:"])
    tap.equal((done.returncode, say_all(done)), (0, ""), "magick without -debug says nothing")


GIMP_SCRIPT = """
import os
from gi.repository import Gimp, Gio
image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(os.environ["TEST_PHOTO"]))
for number in range(2):
    procedure = Gimp.get_pdb().lookup_procedure("imgrecog-labels")
    config = procedure.create_config()
    config.set_property("image", image)
    config.set_property("endpoint", os.environ["TEST_URL"])
    values = procedure.run(config)
    print("said:", values.index(0).value_nick, Gimp.get_pdb().get_last_error(), flush=True)
    if number == 0:
        print("document:", values.index(1), flush=True)
"""


def run_gimp(tap, watch, server, plugin_dirs):
    """One GIMP, two calls: the second is refused."""
    gimp_support.need("gimp-console")
    profile = gimp_support.Profile(str(watch.folder / "gimp"), *plugin_dirs,
                                   ["python-eval", "file-jpeg"])
    script = watch.folder / "calls.py"
    script.write_text(GIMP_SCRIPT, encoding="utf-8")
    served = []

    def answer(headers, body):
        served.append(1)
        return (labels if len(served) == 1 else repeats_signature)(headers, body)

    server.answer = answer
    environment = {**profile.environment, **{name: watch.environment[name] for name in (
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK",
        "AWS_EC2_METADATA_DISABLED", "AWS_MAX_ATTEMPTS")}, "G_MESSAGES_DEBUG": "all",
                   "TEST_URL": server.url, "TEST_PHOTO": str(watch.folder / "face.jpg")}
    done = watch.run("gimp-console", [
        "gimp-console", "-i", "-d", "--batch-interpreter", "python-fu-eval", "-b",
        f"exec(compile(open({str(script)!r}).read(), {str(script)!r}, 'exec'))", "--quit"],
        environment=environment)
    text = say_all(done)
    tap.ok("said: success" in text and "InvalidSignature" in text and len(served) == 2,
           "gimp-console: one call is answered, one refused", text[-3000:])
    tap.ok("imgrecog-DEBUG" in text and "attempt 1" in text,
           "gimp-console: G_MESSAGES_DEBUG shows what the client does", text[-3000:])


def run_converse(tap, watch, server, program):
    parameters = json.dumps({
        "modelId": "us.anthropic.claude-haiku-4-5-20251001-v1:0", "maxTokens": 10, "system": PROMPT,
        "messages": [{"role": "user", "content": [{"text": PROMPT}]}]})
    environment = {"AWS_ENDPOINT_URL": server.url, "CALL_LOG": "1"}
    for name, answer in (("a success", converse), ("a refusal that repeats it", repeats_prompt)):
        server.answer = answer
        done = watch.run(f"Converse, {name}", [program, "Converse"], parameters, environment)
        tap.ok((done.returncode == 0) == (answer is converse) and "log: " in say_all(done),
               f"Converse, {name}: exit code and log", say_all(done))


def run_s3(tap, watch, server, program):
    environment = {"AWS_ENDPOINT_URL": server.url}
    for name, answer in (("a success", stored), ("a refusal that repeats it", repeats_to_s3)):
        server.answer = answer
        done = watch.run(f"PutObject, {name}", [program, "put", "bucket=photos", "key=a/face.jpg",
                                                "file=face.jpg"], environment=environment)
        tap.ok(done.stdout.startswith(b"{"), f"PutObject, {name}: a document", say_all(done))


def check_was_sent(tap, requests):
    """The test proves something only where the secrets were in use."""
    authorizations = [headers.get("Authorization", "") for headers, _ in requests]
    tap.ok(any(f"Bearer {BEARER}" == text for text in authorizations), "the bearer token was in use")
    tap.ok(any(headers.get("X-Amz-Security-Token") == TOKEN for headers, _ in requests),
           "the session token was in use")
    tap.ok(any(PROMPT.encode() in body for _, body in requests), "the prompt was in use")
    tap.ok(any(KEY_ID in text for text in authorizations), "the key was in use")


def check_binaries(tap, files):
    for path in files:
        found = sorted({hit.group().decode() for hit in
                        IN_BINARIES.finditer(pathlib.Path(path).read_bytes())})
        tap.ok(not found, f"no secret is built into {os.path.basename(path)}", found)


def check_search(tap, kept, watch):
    """The search itself: a planted secret is found wherever it is looked for."""
    first = len(watch.texts)
    watch.run("planted", ["sh", "-c", f"echo {SECRET_KEY} >planted.txt; echo {TOKEN}; true"])
    watch.take_files()
    found = [where for where, data in watch.texts[first:] if kept.found_in(data)]
    wanted = ["planted: standard output", "planted: command lines and files written",
              "the file planted.txt"]
    tap.equal(found, wanted, "a planted secret is found where it is")
    del watch.texts[first:]
    pathlib.Path("planted.txt").unlink()
    tap.ok(IN_BINARIES.search(b"\0AKIAIOSFODNN7EXAMPLE\0"), "and in a binary")


def main():
    detect_labels, service_call, s3_call, plugin_dir, system_dir, *files = [
        word and os.path.abspath(word) for word in sys.argv[1:]]
    tap = Tap()
    photo = portrait()
    if photo is None:
        print("Bail out! no portrait: install python-matplotlib-data")
        return 1
    server = Server()
    with workspace() as folder:
        picture = pathlib.Path(photo).read_bytes()
        pathlib.Path("face.jpg").write_bytes(picture)
        (folder / "tmp").mkdir()
        watch = Watch(folder, clean_environment(
            folder, AWS_ACCESS_KEY_ID=KEY_ID, AWS_SECRET_ACCESS_KEY=SECRET_KEY,
            AWS_SESSION_TOKEN=TOKEN, AWS_BEARER_TOKEN_BEDROCK=BEARER, AWS_REGION=REGION,
            TMPDIR=str(folder / "tmp"),
            # what is kept is searched too; asking anew, so that every request is made
            IMGRECOG_CACHE="true", IMGRECOG_REFRESH="true"))
        kept = Kept()
        check_search(tap, kept, watch)
        first = len(watch.texts)
        run_labels(tap, watch, server, detect_labels)
        run_converse(tap, watch, server, service_call)
        run_s3(tap, watch, server, s3_call)
        if "MAGICK" in os.environ:
            run_magick(tap, watch, server)
        if plugin_dir:
            run_gimp(tap, watch, server, (plugin_dir, system_dir))
        server.close()
        check_was_sent(tap, server.requests)
        watch.take_files()
        kept.learn(server.requests, picture)
        check_runs(tap, kept, watch, first)
    check_binaries(tap, files)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
