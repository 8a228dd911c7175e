# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host tests share: TAP, a clean environment, a stand-in for Rekognition whose answers and
faults a test chooses, pictures with an EXIF orientation, and ImageMagick's pixels as arrays."""

import base64
import contextlib
import http.server
import json
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib

import numpy

COMMAND_TIMEOUT_S = 120
SECRET_KEY = "Sup3rS3cretKeyThatMustNeverBePrinted0000"
ACCESS_KEY_ID = "AKIAIMGRECOGTESTKEY0"


class Tap:
    """Prints TAP; `finish` prints the plan and gives the exit code."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def ok(self, passed, name, detail=""):
        self.count += 1
        if not passed:
            self.failed += 1
        print(f"{'ok' if passed else 'not ok'} {self.count} - {name}", flush=True)
        if not passed and detail:
            for line in str(detail).splitlines()[:40]:
                print(f"# {line[:600]}", flush=True)
        return passed

    def equal(self, got, wanted, name):
        return self.ok(got == wanted, name, f"got    {got!r}\nwanted {wanted!r}")

    def skip(self, name, why):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {why}", flush=True)

    def finish(self):
        print(f"1..{self.count}", flush=True)
        return 1 if self.failed else 0


def run_cases(cases, *arguments):
    """Calls every case (tap, *arguments); an exception fails it, and the next one runs."""
    tap = Tap()
    for case in cases:
        try:
            case(tap, *arguments)
        except Exception as problem:  # pylint: disable=broad-except
            tap.ok(False, f"{case.__name__} ran to its end", f"{type(problem).__name__}: {problem}")
    return tap.finish()


def portrait():
    """A real photograph of a face (512 x 600), or None where no package that ships it is there."""
    for path in (
        "/usr/share/matplotlib/mpl-data/sample_data/grace_hopper.jpg",
        "/usr/lib/python3/dist-packages/matplotlib/mpl-data/sample_data/grace_hopper.jpg",
    ):
        if os.path.exists(path):
            return path
    return None


# ---- environment -----------------------------------------------------------------------------


def clean_environment(folder, **more):
    """The caller's environment without anybody's settings, with a home of its own."""
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("AWS_", "IMGRECOG_", "MAGICK_CONFIGURE", "XDG_", "LANG", "LC_"))
        and key.lower() not in ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
    }
    for key in ("IMGRECOG_LOCAL",):
        if key in os.environ:
            environment[key] = os.environ[key]
    home = pathlib.Path(folder) / "home"
    home.mkdir(exist_ok=True)
    environment.update(
        HOME=str(home),
        XDG_CONFIG_HOME=str(home / ".config"),
        XDG_CACHE_HOME=str(home / ".cache"),
        LC_ALL="C.UTF-8",
        AWS_ACCESS_KEY_ID=ACCESS_KEY_ID,
        AWS_SECRET_ACCESS_KEY=SECRET_KEY,
        AWS_REGION="us-east-1",
        AWS_EC2_METADATA_DISABLED="true",
        AWS_MAX_ATTEMPTS="2",
        IMGRECOG_CACHE="false",  # tests count what is asked
    )
    environment.update(more)
    return environment


@contextlib.contextmanager
def workspace():
    """A folder of its own that is also the current one; removed afterwards."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory(prefix="imgrecog-test-") as folder:
        os.chdir(folder)
        try:
            yield pathlib.Path(folder)
        finally:
            os.chdir(before)


def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def process(command, ready, timeout_s=30, **options):
    """Runs a server until the block ends; `ready()` tells that it serves."""
    child = subprocess.Popen(command, **options)  # pylint: disable=consider-using-with
    try:
        deadline = time.monotonic() + timeout_s
        while not ready():
            if child.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} did not come up (exit code {child.poll()})")
            time.sleep(0.05)
        yield child
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def listens_on_port(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def listens_on_socket(path):
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        return probe.connect_ex(str(path)) == 0


# ---- a stand-in for the service --------------------------------------------------------------


def box(left, top, width, height):
    return {"Left": left, "Top": top, "Width": width, "Height": height}


def label(name, confidence=90.0, *boxes):
    """A label as DetectLabels gives it."""
    return {
        "Name": name,
        "Confidence": confidence,
        "Instances": [{"BoundingBox": b, "Confidence": confidence} for b in boxes],
        "Parents": [],
        "Aliases": [],
        "Categories": [],
    }


def labels_answer(*labels):
    return json.dumps({"Labels": list(labels), "LabelModelVersion": "3.0"}).encode()


class Answer:
    """What the stand-in says. `cut_bytes`: the connection ends that many bytes before the end."""

    def __init__(
        self, body=b"", status=200, content_type="application/x-amz-json-1.1", cut_bytes=0
    ):
        self.body = body
        self.status = status
        self.content_type = content_type
        self.cut_bytes = cut_bytes


def aws_error(code, message, status=400):
    return Answer(json.dumps({"__type": code, "message": message}).encode(), status)


class Request:
    def __init__(self, headers, body):
        self.headers = headers
        self.target = headers.get("X-Amz-Target", "")
        self.parameters = json.loads(body)
        self.image = base64.b64decode(self.parameters.get("Image", {}).get("Bytes", ""))


class FakeService:
    """Answers requests on 127.0.0.1 as `answer(request)` says; keeps what came in `requests`."""

    def __init__(self, answer):
        self.answer = answer
        self.requests = []
        self.at_once = 0
        self.most_at_once = 0
        self.lock = threading.Lock()
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # or each answer waits 40 ms for the client's ACK

            def do_POST(self):  # noqa: N802, the name is http.server's
                service.serve(self)

            do_PUT = do_POST  # noqa: N815

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def serve(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        request = Request(handler.headers, body)
        with self.lock:
            self.requests.append(request)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        answer = self.answer(request)
        with self.lock:
            self.at_once -= 1
        try:
            handler.send_response(answer.status)
            handler.send_header("Content-Type", answer.content_type)
            handler.send_header("Content-Length", str(len(answer.body)))
            handler.send_header("x-amzn-RequestId", "00000000-1111-2222-3333-444444444444")
            handler.end_headers()
            handler.wfile.write(answer.body[: len(answer.body) - answer.cut_bytes])
            handler.wfile.flush()
        except OSError:
            pass  # the client went away, as it may
        if answer.cut_bytes:
            handler.close_connection = True

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *problem):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def service_with(*labels):
    """A stand-in that sees these labels in every picture."""
    return FakeService(lambda request: Answer(labels_answer(*labels)))


# ---- files with an orientation ---------------------------------------------------------------


def exif_block(orientation):
    """A TIFF structure that holds an orientation and nothing else."""
    return b"MM\0\x2a\0\0\0\x08" + struct.pack(
        ">HHHLHHL", 1, 274, 3, 1, orientation, 0, 0
    )


def jpeg_with_orientation(data, orientation):
    """With an EXIF segment behind the JFIF one, which ImageMagick writes first."""
    end_of_jfif = 4 + struct.unpack(">H", data[4:6])[0]
    segment = b"Exif\0\0" + exif_block(orientation)
    length = struct.pack(">H", len(segment) + 2)
    return data[:end_of_jfif] + b"\xff\xe1" + length + segment + data[end_of_jfif:]


def png_with_orientation(data, orientation):
    end_of_header = 8 + 25
    chunk = b"eXIf" + exif_block(orientation)
    length = struct.pack(">L", len(chunk) - 4)
    return (
        data[:end_of_header]
        + length
        + chunk
        + struct.pack(">L", zlib.crc32(chunk))
        + data[end_of_header:]
    )


# What turns an upright picture into the one that is stored with that orientation.
STORED_FROM_UPRIGHT = {
    1: [],
    2: ["-flop"],
    3: ["-rotate", "180"],
    4: ["-flip"],
    5: ["-transpose"],
    6: ["-rotate", "270"],
    7: ["-transverse"],
    8: ["-rotate", "90"],
}


# ---- ImageMagick -----------------------------------------------------------------------------


class Magick:
    """Runs `magick` in an environment; remembers everything it printed."""

    def __init__(self, environment):
        self.environment = environment
        self.program = os.environ.get("MAGICK", "magick")
        self.printed = []

    def run(self, *arguments, stdin=None, prefix=(), env=None):
        command = [*prefix, self.program, *map(str, arguments)]
        result = subprocess.run(
            command,
            input=stdin,
            env={**self.environment, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
        )
        result.errors = result.stderr.decode(errors="replace")
        self.printed.append(result.errors)
        return result

    def make(self, *arguments):
        """A command that must succeed; its standard output."""
        result = self.run(*arguments)
        if result.returncode != 0:
            raise RuntimeError(f"magick {' '.join(map(str, arguments))}: {result.errors}")
        return result.stdout

    def size(self, path, *operations):
        words = self.make(path, *operations, "-format", "%w %h", "info:").split()
        return int(words[0]), int(words[1])

    def pixels(self, path, channels="RGBA", *operations):
        """Rows x columns x channels, 16 bit, after `operations`."""
        width, height = self.size(path, *operations)
        raw = self.make(path, *operations, "-depth", "16", "-endian", "LSB", f"{channels}:-")
        return numpy.frombuffer(raw, "<u2").reshape(height, width, -1).astype(int)

    def printed_secret(self):
        return any(SECRET_KEY in text for text in self.printed)


def message_of(errors):
    """The lines that ImageMagick printed, without its own place in the source at their ends."""
    return [re.sub(r" @ [a-z]+/\S+$", "", line) for line in errors.splitlines() if line.strip()]


def program(variable, name):
    """A program by environment variable or PATH, or None."""
    return os.environ.get(variable) or shutil.which(name)


if __name__ == "__main__":
    sys.exit("This module holds what the tests share; run the tests.")
