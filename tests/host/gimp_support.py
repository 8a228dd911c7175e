# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the GIMP plug-in share: a Rekognition that answers as told, a profile of GIMP's
that nobody else uses, running GIMP, and TAP.

The server listens on 127.0.0.1 and chooses its behaviour by the first part of the path, so that an
endpoint such as http://127.0.0.1:PORT/denied is a whole test set-up.
"""

import base64
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Where their left edges are.
FACES = {"three-faces": (0.1, 0.3, 0.5), "two-faces": (0.6, 0.8), "near-faces": (0.1, 0.19, 0.4)}
LATE, LATE_S = "-late", 1.5
PHOTO = "/usr/share/matplotlib/mpl-data/sample_data/grace_hopper.jpg"

# A key in the place of a secret: no test may find it in any message.
SECRET = "gimpTestSecretThatMustNotBeSeen0123456789"

# Boxes as Rekognition writes them. One label has two instances, two have none; the names are what a
# hostile or foreign server might send.
LABELS = [
    {"Name": "Face", "Confidence": 92.4,
     "Instances": [{"BoundingBox": {"Left": 0.30, "Top": 0.10, "Width": 0.32, "Height": 0.36},
                    "Confidence": 92.4}],
     "Parents": [{"Name": "Person"}]},
    {"Name": "Person", "Confidence": 99.2,
     "Instances": [{"BoundingBox": {"Left": 0.02, "Top": 0.04, "Width": 0.94, "Height": 0.96},
                    "Confidence": 99.2}]},
    {"Name": "Medal", "Confidence": 71.0,
     "Instances": [{"BoundingBox": {"Left": 0.62, "Top": 0.82, "Width": 0.11, "Height": 0.08},
                    "Confidence": 71.0},
                   {"BoundingBox": {"Left": 0.76, "Top": 0.84, "Width": 0.10, "Height": 0.08},
                    "Confidence": 66.6}]},
    {"Name": "<b>@/etc/passwd %[fx:1]</b>", "Confidence": 61.0,
     "Instances": [{"BoundingBox": {"Left": 0.05, "Top": 0.55, "Width": 0.25, "Height": 0.2},
                    "Confidence": 61.0}]},
    {"Name": "한국어 제복", "Confidence": 88.0, "Instances": []},
    {"Name": "Uniform", "Confidence": 97.0, "Instances": []},
]


# In AWS's words.
REFUSALS = {
    "expired": ("ExpiredTokenException", "The security token included in the request is expired"),
    "throttled": ("ThrottlingException", "Too many requests, please wait before trying again."),
    "no-model": ("AccessDeniedException",
                 "You don't have access to the model with the specified model ID."),
}


DENIED = "User is not authorized to perform: "


def action_of(method, path, target):
    """What IAM calls what is asked for: Rekognition by its header, the others by their paths."""
    if target is not None:
        return "rekognition:" + target.split(".")[-1]
    if method == "PUT":
        return "s3:PutObject"
    if "/model/" in path:
        return "bedrock:InvokeModel"
    return "bedrock:ListFoundationModels" if method == "GET" else "sts:GetCallerIdentity"


class FakeRekognition:
    """Records what it was sent; see Handler.answer for the behaviours."""

    def __init__(self):
        self.requests = []  # (behaviour, target, body as parsed JSON)
        self.lock = threading.Lock()
        self.stop_waiting = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.fake = self
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.stop_waiting.set()
        self.server.shutdown()
        self.server.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer waits 40 ms for the client's ACK

    def log_message(self, *_):
        pass

    def reply(self, status, body, media_type="application/x-amz-json-1.1", length=None):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(data) if length is None else length))
        self.send_header("x-amzn-RequestId", "11111111-2222-3333-4444-555555555555")
        self.end_headers()
        try:
            self.wfile.write(data)
        except OSError:
            pass  # who asked did not wait: that is what some tests are about

    def do_GET(self):
        """For the script inside GIMP: how many requests came, and pictures as they came."""
        fake = self.server.fake
        behaviour = self.path.split("/")[1]
        if behaviour in ("slow", "denied"):
            with fake.lock:
                fake.requests.append((behaviour, self.path, {}))
            if behaviour == "denied":
                self.deny(b"")
                return
            fake.stop_waiting.wait(25)
        with fake.lock:
            pictures = [base64.b64decode(body["Image"]["Bytes"]) for _, _, body in fake.requests
                        if "Image" in body]
        if self.path == "/count":
            self.reply(200, {"count": len(fake.requests)})
        elif self.path == "/last-object":
            self.reply(200, fake.requests[-1][2]["bytes"], "application/octet-stream")
        elif self.path == "/last-object-path":
            self.reply(200, {"path": fake.requests[-1][1]})
        elif self.path == "/last-request":
            with fake.lock:
                behaviour, target, body = fake.requests[-1]
            body = {key: value for key, value in body.items() if key != "Image"}
            self.reply(200, {"behaviour": behaviour, "target": target, "body": body,
                             "sha256": hashlib.sha256(pictures[-1]).hexdigest() if pictures else ""})
        elif behaviour == "slow":
            self.reply(200, {})
        else:
            self.reply(200, pictures[-1], "image/jpeg")

    def do_PUT(self):
        """S3: an object, kept as (behaviour, path, bytes)."""
        data = self.rfile.read(int(self.headers["Content-Length"]))
        behaviour = self.path.split("/")[1]
        with self.server.fake.lock:
            self.server.fake.requests.append((behaviour, self.path, {"bytes": data}))
        if behaviour == "slow":
            self.server.fake.stop_waiting.wait(25)
        if behaviour == "denied":
            self.deny(data)
            return
        self.send_response(200)
        self.send_header("ETag", f'"{hashlib.md5(data).hexdigest()}"')
        for name in self.headers:
            if name.lower().startswith("x-amz-checksum-"):
                self.send_header(name, self.headers[name])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self):
        fake = self.server.fake
        data = self.rfile.read(int(self.headers["Content-Length"]))
        body = json.loads(data) if data.startswith(b"{") else {"bytes": data.decode("latin-1")}
        behaviour = self.path.split("/")[1]
        with fake.lock:
            fake.requests.append((behaviour, self.headers.get("X-Amz-Target"), body))
        if behaviour.endswith(LATE):  # so late that a neighbour can change the image before
            fake.stop_waiting.wait(LATE_S)
            behaviour = behaviour[:-len(LATE)]
        if behaviour == "paint":
            self.reply(200, painted(body), "application/json")
        elif behaviour == "denied":
            self.deny(data)
        else:
            self.answer(behaviour)

    def deny(self, data):
        """In the form of the service that is asked, and with the action that it asks for."""
        message = DENIED + action_of(self.command, self.path, self.headers.get("X-Amz-Target"))
        error = f"<Code>AccessDenied</Code><Message>{message}</Message>"
        if self.command == "PUT":
            self.reply(403, f"<Error>{error}</Error>".encode(), "application/xml")
        elif data.startswith(b"Action="):
            self.reply(403, f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error>"
                            f"</ErrorResponse>".encode(), "text/xml")
        else:
            self.reply(400, {"__type": "AccessDeniedException", "Message": message})

    def answer(self, behaviour):
        good = {"Labels": LABELS, "LabelModelVersion": "3.0"}
        if behaviour in REFUSALS:
            code, message = REFUSALS[behaviour]
            self.reply(400, {"__type": code, "message": message})
        elif behaviour == "filtered":
            self.reply(200, {"images": [None], "seeds": [7],
                             "finish_reasons": ["Filter reason: prompt"]}, "application/json")
        elif behaviour == "html":
            self.reply(200, b"<html><body>Sign in to the hotel's network</body></html>",
                       "text/html")
        elif behaviour == "cut":
            self.reply(200, json.dumps(good).encode()[:200], length=4000)
            self.close_connection = True
        elif behaviour == "none":
            self.reply(200, {"Labels": [], "LabelModelVersion": "3.0"})
        elif behaviour == "one":
            self.reply(200, {"Labels": LABELS[:1], "LabelModelVersion": "3.0"})
        elif behaviour == "two":
            self.reply(200, {"Labels": [LABELS[0], LABELS[-1]], "LabelModelVersion": "3.0"})
        elif behaviour == "faces":
            box = LABELS[0]["Instances"][0]["BoundingBox"]
            self.reply(200, {"FaceDetails": [{"BoundingBox": box, "Confidence": 99.0}]})
        elif behaviour in FACES:
            self.reply(200, {"FaceDetails": [
                {"BoundingBox": {"Left": left, "Top": 0.2, "Width": 0.1, "Height": 0.1},
                 "Confidence": 99.0} for left in FACES[behaviour]]})
        elif behaviour == "judged":  # by a model that finds nothing
            self.reply(200, {"output": {"message": {"role": "assistant", "content": [
                {"text": json.dumps({"result": "NO", "reason": "A portrait."})}]}},
                "stopReason": "end_turn",
                "usage": {"inputTokens": 900, "outputTokens": 20, "totalTokens": 920}},
                "application/json")
        elif behaviour == "violent":
            self.reply(200, {"ModerationLabels": [{"Name": "Violence", "Confidence": 99.0}]})
        elif behaviour == "many":
            self.reply(200, {"Labels": many_labels(), "LabelModelVersion": "3.0"})
        elif behaviour == "slow":
            self.server.fake.stop_waiting.wait(25)
            self.reply(200, good)
        else:
            self.reply(200, good)


def painted(body):
    """What an image service answers: green, as large as what came, larger where sides are to be
    added; its top left part is transparent."""
    import io

    from PIL import Image
    sent = Image.open(io.BytesIO(base64.b64decode(body["image"])))
    width = sent.width + int(body.get("left", 0) + body.get("right", 0))
    height = sent.height + int(body.get("up", 0) + body.get("down", 0))
    picture = Image.new("RGBA", (width, height), (0, 200, 0, 255))
    picture.paste((0, 0, 0, 0), (0, 0, width // 2, height // 4))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return {"images": [base64.b64encode(file.getvalue()).decode()], "seeds": [7],
            "finish_reasons": [None]}


def many_labels():
    """A hundred boxes in a grid and forty labels without one."""
    labels = []
    for i in range(100):
        box = {"Left": i % 10 / 10 + 0.01, "Top": i // 10 / 10 + 0.01, "Width": 0.08,
               "Height": 0.08}
        labels.append({"Name": f"Thing {i}", "Confidence": 99.0 - i / 4,
                       "Instances": [{"BoundingBox": box, "Confidence": 99.0 - i / 4}]})
    labels += [{"Name": f"Idea {i}", "Confidence": 90.0 - i / 2, "Instances": []} for i in range(40)]
    return labels


def closed_port():
    """A port of this machine where nobody listens."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Profile:
    """A folder with GIMP's settings, home and run-time folder, and the plug-in path."""

    def __init__(self, folder, plugin_dir, system_plugin_dir, system_plugins):
        self.folder = folder
        self.launcher = []
        plugins = os.path.join(folder, "plug-ins")
        os.makedirs(plugins)
        for name in system_plugins:
            os.symlink(os.path.join(system_plugin_dir, name), os.path.join(plugins, name))
        os.symlink(os.path.join(plugin_dir, "imgrecog"), os.path.join(plugins, "imgrecog"))
        gimp_directory = os.path.join(folder, "gimp")
        os.makedirs(gimp_directory)
        with open(os.path.join(gimp_directory, "gimprc"), "w", encoding="utf-8") as f:
            f.write("(show-welcome-dialog no)\n(check-updates no)\n(color-profile-policy keep)\n"
                    f"(save-session-info no)\n(config-version \"{gimp_version()}\")\n")
        self.temporary = os.path.join(folder, "tmp")
        os.makedirs(self.temporary)
        runtime = os.path.join(folder, "run")
        os.makedirs(runtime, mode=0o700)
        self.environment = {key: value for key, value in os.environ.items()
                            if not key.startswith(("AWS_", "IMGRECOG_"))}
        self.environment.update({
            "GIMP3_DIRECTORY": gimp_directory,
            "GIMP_TESTING_PLUGINDIRS": plugins,
            "HOME": folder,
            "XDG_CONFIG_HOME": os.path.join(folder, "config"),
            "XDG_CACHE_HOME": os.path.join(folder, "cache"),
            "XDG_STATE_HOME": os.path.join(folder, "state"),
            "IMGRECOG_CACHE": "false",  # tests count what is asked
            "XDG_RUNTIME_DIR": runtime,
            "TMPDIR": self.temporary,
            "LC_ALL": "C.UTF-8",
            "AWS_ACCESS_KEY_ID": "AKIDGIMPTESTS",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        })


def gimp_version():
    """Such as 3.0.4. A profile that names another one is greeted with a window."""
    words = subprocess.run(["gimp-console", "--version"], capture_output=True, check=True).stdout
    return words.decode().split()[-1]


def run_console(profile, script, extra_environment, timeout_s):
    """gimp-console with a Python script that runs inside of it, by the profile's launcher where it
    has one. (exit code, its output)"""
    environment = dict(profile.environment, **extra_environment)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        environment.pop(name, None)
    command = [*profile.launcher, "gimp-console", "-i", "-d", "--batch-interpreter", "python-fu-eval",
               "-b", f"exec(compile(open({script!r}).read(), {script!r}, 'exec'))", "--quit"]
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout_s,
                          check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def run_inside(tap, profile, script, environment, timeout_s):
    """A script of cases (gimp_inside.py) in gimp-console, and what GIMP says while it runs, which is
    returned."""
    if not os.path.exists(PHOTO):
        print(f"Bail out! {PHOTO} is missing (package python-matplotlib-data)", flush=True)
        sys.exit(1)
    results = os.path.join(profile.folder, "results")
    exit_code, output = run_console(profile, script,
                                    dict(environment, TEST_RESULTS=results, TEST_PHOTO=PHOTO),
                                    timeout_s)
    lines = []
    if os.path.exists(results):
        with open(results, encoding="utf-8") as f:
            lines = [json.loads(line) for line in f]
    for line in lines:
        tap.result(line["name"], line["failure"] is None, line["failure"] or "")
    slowest = sorted(lines, key=lambda line: -line["seconds"])[:5]
    print("# slowest: " + ", ".join(f"{line['name']} {line['seconds']} s" for line in slowest),
          flush=True)
    tap.result("gimp-console ran all cases and ended well", exit_code == 0 and len(lines) > 0,
               f"exit code {exit_code}\n{output}")
    tap.result("no secret in any output", SECRET not in output)
    # GIMP counts images that a plug-in forgot. "Broken pipe" is GIMP hanging up on a plug-in that
    # has answered already.
    ours = [line for line in output.splitlines()
            if re.search(r"stray image|imgrecog.*(CRITICAL|WARNING)|error for procedure 'gimp|"
                         r"catalog directory", line) and
            "Broken pipe" not in line]
    tap.result("no image left behind, no complaint of GLib", not ours, "\n".join(ours))
    return output


def end_local(socket_path):
    """Ends the imgrecog-local that was started for this socket, which is nobody else's."""
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as f:
                words = f.read().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        if socket_path in words:
            os.kill(int(name), signal.SIGTERM)


class Tap:
    """Test Anything Protocol on standard output."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def result(self, name, ok, detail=""):
        self.count += 1
        self.failed += not ok
        print(f"{'ok' if ok else 'not ok'} {self.count} - {name}", flush=True)
        if not ok:
            for line in detail.splitlines():
                print(f"# {line}", flush=True)

    def skip(self, name, why):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {why}", flush=True)

    def end(self):
        print(f"1..{self.count}", flush=True)
        sys.exit(1 if self.failed else 0)


def need(program):
    """A missing tool is a failure that says so, never a silent skip."""
    if shutil.which(program) is None:
        print(f"Bail out! {program} is not installed", flush=True)
        sys.exit(1)
