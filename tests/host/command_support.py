# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the command share: starting it, a stand-in for Rekognition and Bedrock whose event
streams botocore can read too, moto's S3 and pictures. The tests' arguments are the command and, where
it was built, imgrecog-local."""

import atexit
import base64
import binascii
import contextlib
import functools
import hashlib
import http.server
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.request

import boto3
import botocore.eventstream

import support
from document import DOCUMENT, SCHEMA

PROGRAM = os.path.abspath(sys.argv[1])
LOCAL = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else None
MAGICK = os.environ["MAGICK"]


def event(kind, name, payload):
    """One message of an event stream, by the format's description."""
    headers = b""
    pairs = {":message-type": kind, ":event-type" if kind == "event" else ":exception-type": name}
    for key, value in pairs.items():
        headers += struct.pack("B", len(key)) + key.encode() + b"\x07"
        headers += struct.pack(">H", len(value)) + value.encode()
    body = json.dumps(payload).encode()
    prelude = struct.pack(">II", 16 + len(headers) + len(body), len(headers))
    prelude += struct.pack(">I", binascii.crc32(prelude))
    message = prelude + headers + body
    return message + struct.pack(">I", binascii.crc32(message))


def words(text, stop="end_turn"):
    """Converse's stream for this text, a few characters an event."""
    pieces = [
        event("event", "contentBlockDelta",
              {"contentBlockIndex": 0, "delta": {"text": text[at:at + 7]}})
        for at in range(0, len(text), 7)
    ]
    pieces.append(event("event", "messageStop", {"stopReason": stop}))
    pieces.append(event("event", "metadata", {"usage": {"inputTokens": 1200, "outputTokens": 34}}))
    buffer = botocore.eventstream.EventStreamBuffer()
    buffer.add_data(b"".join(pieces))
    assert len(list(buffer)) == len(pieces)  # botocore reads what we are about to send
    return pieces


def handle_error(request, address):
    """Clients that a test kills just go away."""
    del request, address
    if not isinstance(sys.exception(), ConnectionError):
        traceback.print_exc()


class Bedrock:
    """Answers Converse and ConverseStream with `text`; DetectLabels with two labels."""

    def __init__(self):
        self.text = "Two people.\nOne smiles."
        self.stop = "end_turn"
        self.pause_s = 0
        self.fail_after = None  # events; then an exception in the stream
        self.error = None  # (status, code, message)
        self.refuses_events = False  # PutLogEvents is refused
        self.refuses_puts = False  # PutObject is refused
        self.picture = None  # what InvokeModel answers, in the form of the model
        self.withheld = None  # why it answers with none
        self.requests = []
        self.puts = []  # (path, headers) of what S3 was given
        self.objects = {}  # what it keeps of that: only what came whole
        stand_in = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # or each answer waits 40 ms for the client's ACK

            def do_POST(self):  # noqa: N802, the name is http.server's
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                stand_in.requests.append((self.path, body))
                try:
                    stand_in.answer(self)
                except ConnectionError:
                    pass

            def do_HEAD(self):  # noqa: N802
                stand_in.send(self, b"")  # any bucket is there

            def do_PUT(self):  # noqa: N802
                with contextlib.suppress(ConnectionError):
                    stand_in.store(self)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = handle_error
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, handler):
        if self.error:
            status, code, message = self.error
            self.send(handler, json.dumps({"message": message}).encode(), status, code)
        elif handler.headers.get("X-Amz-Target", "").endswith("DetectLabels"):
            self.send(handler, support.labels_answer(
                support.label("Person", 99.0, support.box(0.1, 0.1, 0.5, 0.5)),
                support.label("Portrait", 91.5)))
        elif handler.headers.get("X-Amz-Target", "").endswith("PutLogEvents"):
            self.send(handler, b"{}", *((400, "UnrecognizedClientException") if self.refuses_events
                                        else ()))
        elif handler.path.endswith("/invoke"):
            self.send(handler, json.dumps(self.painted("stable-diffusion-xl" in handler.path)).encode())
        elif handler.path.endswith("/converse-stream"):
            self.stream(handler)
        else:
            self.send(handler, json.dumps({
                "output": {"message": {"role": "assistant", "content": [{"text": self.text}]}},
                "stopReason": self.stop,
                "usage": {"inputTokens": 1200, "outputTokens": 34},
            }).encode())

    def painted(self, is_sdxl):
        """InvokeModel's answer. A model that withholds a picture says so with status 200."""
        picture = base64.b64encode(self.picture).decode()
        if is_sdxl:
            return {"result": "success", "artifacts": [{
                "seed": 42, "base64": picture, "finishReason": self.withheld or "SUCCESS"}]}
        return {"seeds": [42], "finish_reasons": [self.withheld],
                "images": [] if self.withheld else [picture]}

    def store(self, handler):
        """PutObject: what did not come whole is nothing."""
        length = int(handler.headers["Content-Length"])
        body = handler.rfile.read(length)
        self.puts.append((handler.path, handler.headers))
        if len(body) != length:
            return
        if self.refuses_puts:
            self.send(handler, b"<Error><Code>AccessDenied</Code></Error>", 403)
            return
        if handler.headers["If-None-Match"] and handler.path in self.objects:
            self.send(handler, b"<Error><Code>PreconditionFailed</Code></Error>", 412)
            return
        self.objects[handler.path] = body
        self.send(handler, b"", etag=f'"{hashlib.md5(body).hexdigest()}"')

    def send(self, handler, body, status=200, code=None, etag=None):
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        if code:
            handler.send_header("x-amzn-ErrorType", code)
        if etag:
            handler.send_header("ETag", etag)
        handler.end_headers()
        handler.wfile.write(body)

    def stream(self, handler):
        pieces = words(self.text, self.stop)
        if self.fail_after is not None:
            pieces[self.fail_after:] = [
                event("exception", "modelStreamErrorException", {"message": "it broke"})
            ]
        handler.send_response(200)
        handler.send_header("Content-Type", "application/vnd.amazon.eventstream")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for piece in pieces:
            handler.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            handler.wfile.flush()
            time.sleep(self.pause_s)
        handler.wfile.write(b"0\r\n\r\n")


def run(folder, *arguments, bedrock=None, stdin=None, **environment):
    """Runs the command. Every result document that it prints must be one, and have no member that
    is not documented."""
    if bedrock is not None:
        environment["AWS_ENDPOINT_URL"] = bedrock.url
    done = subprocess.run(
        [PROGRAM, *arguments], env=support.clean_environment(folder, **environment), input=stdin,
        capture_output=True, timeout=support.COMMAND_TIMEOUT_S, check=False)
    if "--json" in arguments:
        for line in done.stdout.splitlines():
            document = json.loads(line)
            if document["schema"] == "imgrecog/1":
                DOCUMENT.validate(document)
    return done


def make(path, *arguments):
    """A picture by magick: 300 x 200, red left, blue right."""
    subprocess.run([MAGICK, "-size", "150x200", "xc:red", "xc:blue", "+append", *arguments, path],
                   check=True)
    return path


def png_of(*size):
    return subprocess.run([MAGICK, "-size", "x".join(map(str, size)), "gradient:red-blue", "png:-"],
                          capture_output=True, check=True).stdout


@functools.cache
def start_moto():
    """moto, which takes more than a second to start: once a program, until that ends. Its address and
    boto3's client for its S3."""
    port = support.unused_port()
    url = f"http://127.0.0.1:{port}"
    until_the_end = contextlib.ExitStack()
    atexit.register(until_the_end.close)
    folder = until_the_end.enter_context(tempfile.TemporaryDirectory(prefix="imgrecog-test-"))
    until_the_end.enter_context(support.process(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        lambda: support.listens_on_port(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=support.clean_environment(folder), cwd=folder))
    return url, boto3.client("s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="a",
                             aws_secret_access_key="b")


def moto():
    """moto with nothing in it but S3's bucket "photos"; its address and boto3's client."""
    url, client = start_moto()
    reset = urllib.request.Request(f"{url}/moto-api/reset", method="POST")
    with urllib.request.urlopen(reset, timeout=30) as answer:
        assert answer.status == 200
    client.create_bucket(Bucket="photos")
    return url, client
