# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `imgrecog`, run as people run it: pictures of every kind, a model's words as they come,
the result document, failures and exit codes. Services: a stand-in for Rekognition and Bedrock whose
event streams botocore can read too, and imgrecog-local."""

import base64
import binascii
import contextlib
import http.server
import json
import os
import pathlib
import re
import signal
import struct
import subprocess
import sys
import threading
import time
import urllib.request

import PIL.Image
import boto3
import botocore.eventstream
import jsonschema

import support

PROGRAM = os.path.abspath(sys.argv[1])
LOCAL = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else None
MAGICK = os.environ["MAGICK"]

CAPTION = {
    "caption": "A woman in uniform smiles.",
    "alt_text": "Smiling woman in uniform",
    "title": "Portrait",
    "keywords": ["portrait", "uniform"],
}


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


class Bedrock:
    """Answers Converse and ConverseStream with `text`; DetectLabels with two labels."""

    def __init__(self):
        self.text = "Two people.\nOne smiles."
        self.stop = "end_turn"
        self.pause_s = 0
        self.fail_after = None  # events; then an exception in the stream
        self.error = None  # (status, code, message)
        self.picture = None  # what InvokeModel answers, in Stability's form
        self.requests = []
        stand_in = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):  # noqa: N802, the name is http.server's
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                stand_in.requests.append((self.path, body))
                try:
                    stand_in.answer(self)
                except BrokenPipeError:
                    pass

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
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
            self.send(handler, b"{}")
        elif handler.path.endswith("/invoke"):
            self.send(handler, json.dumps({
                "seeds": [42], "finish_reasons": [None],
                "images": [base64.b64encode(self.picture).decode()],
            }).encode())
        elif handler.path.endswith("/converse-stream"):
            self.stream(handler)
        else:
            self.send(handler, json.dumps({
                "output": {"message": {"role": "assistant", "content": [{"text": self.text}]}},
                "stopReason": self.stop,
                "usage": {"inputTokens": 1200, "outputTokens": 34},
            }).encode())

    def send(self, handler, body, status=200, code=None):
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        if code:
            handler.send_header("x-amzn-ErrorType", code)
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
    if bedrock is not None:
        environment["AWS_ENDPOINT_URL"] = bedrock.url
    return subprocess.run(
        [PROGRAM, *arguments], env=support.clean_environment(folder, **environment), input=stdin,
        capture_output=True, timeout=support.COMMAND_TIMEOUT_S, check=False)


def make(path, *arguments):
    """A picture by magick: 300 x 200, red left, blue right."""
    subprocess.run([MAGICK, "-size", "150x200", "xc:red", "xc:blue", "+append", *arguments, path],
                   check=True)
    return path


def picture_sent(bedrock, folder, index=-1):
    """What a model was shown: its format and its size as magick sees it."""
    contents = bedrock.requests[index][1]["messages"][0]["content"]
    shown = contents[0]["image"]
    path = pathlib.Path(folder) / "shown"
    path.write_bytes(base64.b64decode(shown["source"]["bytes"]))
    out = subprocess.run([MAGICK, str(path), "-format", "%m %w %h %[pixel:p{10,10}]", "info:"],
                         capture_output=True, text=True, check=True).stdout.split()
    return shown["format"], out


# ---- cases -----------------------------------------------------------------------------------


def case_usage(tap):
    with support.workspace() as folder:
        for arguments, code, says in (
            ((), 2, b"Usage"),
            (("help",), 0, b"ask QUESTION PICTURE"),
            (("labels", "--help"), 0, b"--min-confidence"),
            (("--version",), 0, b"imgrecog 0."),
            (("paint",), 2, b'no command "paint"'),
            (("labels",), 2, b"PICTURE"),
            (("ask", "what?"), 2, b"QUESTION PICTURE"),
            (("labels", "--max-labels", "0", "x.jpg"), 2, b"--max-labels"),
            (("labels", "--max-labels"), 2, b"needs a value"),
            (("labels", "-q", "x.jpg"), 2, b"no such option"),
            (("labels", "--text=maybe", "x.jpg"), 2, b"true or false"),
            (("labels", "--endpoint", "ftp://x", "x.jpg"), 2, b"--endpoint"),
        ):
            done = run(folder, *arguments)
            tap.ok(done.returncode == code and says in done.stdout + done.stderr,
                   f"usage: {' '.join(arguments) or 'nothing'}: exit code {code}",
                   (done.returncode, done.stdout, done.stderr))


def case_config(tap):
    with support.workspace() as folder:
        done = run(folder, "config", "--language", "Korean", "--text", IMGRECOG_MAX_LABELS="7")
        lines = done.stdout.decode().splitlines()
        tap.ok({"language = Korean", "text = true", "max-labels = 7", "# model is not set"}
               <= set(lines), "config shows what is in force", lines)


def case_ask(tap):
    with support.workspace() as folder:
        bedrock = Bedrock()
        make("a.jpg")
        done = run(folder, "ask", "What is it?", "a.jpg", bedrock=bedrock)
        tap.equal(done.stdout.decode(), "Two people.\nOne smiles.\n", "ask prints the answer")
        tap.equal(picture_sent(bedrock, folder)[0], "jpeg", "ask: a JPEG goes as it is")
        done = run(folder, "ask", "What is it?", "a.jpg", "--json", bedrock=bedrock)
        document = json.loads(done.stdout)
        tap.equal(document["answer"]["text"], bedrock.text, "ask --json: the answer")
        tap.equal(document["usage"], {"requests": 1, "retries": 0, "input_tokens": 1200,
                                      "output_tokens": 34, "cost_usd": 0.001507,
                                      "prices_of": "2026-11-20", "cached": 0},
                  "ask --json: what it took")
        tap.ok("What is it?" not in done.stdout.decode() + done.stderr.decode(),
               "ask: the question is in no output")
        bedrock.text = "\x1b[31mred\x9b\r\x07"
        done = run(folder, "ask", "?", "a.jpg", bedrock=bedrock)
        tap.ok(not set(done.stdout) & set(b"\x1b\x07\r"), "ask: nothing that controls a terminal",
               done.stdout)


def case_titles(tap):
    """Of several pictures, each one's words stand behind its name."""
    with support.workspace() as folder:
        bedrock = Bedrock()
        make("a.jpg")
        make("b.jpg")
        done = run(folder, "ask", "?", "a.jpg", "missing.jpg", "b.jpg", bedrock=bedrock)
        tap.equal(done.stdout.decode(), f"a.jpg:\n{bedrock.text}\nb.jpg:\n{bedrock.text}\n",
                  "ask: the pictures' names where there are several")
        done = run(folder, "upload", "a.jpg", "s3://photos/", "--presign", "60", "--endpoint",
                   "local")
        tap.ok(done.returncode == 2 and b"no link" in done.stderr,
               "upload --presign to this machine is refused before anything is sent", done.stderr)


def case_streamed(tap):
    """The first words are there long before the last."""
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.pause_s = 0.3
        bedrock.text = "first words, and then some more of them, until the end"
        make("a.jpg")
        environment = support.clean_environment(folder, AWS_ENDPOINT_URL=bedrock.url)
        with subprocess.Popen([PROGRAM, "ask", "?", "a.jpg"], env=environment,
                              stdout=subprocess.PIPE) as child:
            first = os.read(child.stdout.fileno(), 5)
            still = child.poll() is None
            rest = child.stdout.read()
            child.wait()
        tap.ok(still and first == b"first" and (first + rest).decode() == bedrock.text + "\n",
               "ask: words come while the model writes", (still, first, rest))


def case_interrupted(tap):
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.pause_s = 0.5
        bedrock.text = "x" * 400
        make("a.jpg")
        make("b.jpg")
        environment = support.clean_environment(folder, AWS_ENDPOINT_URL=bedrock.url)
        with subprocess.Popen([PROGRAM, "ask", "?", "a.jpg", "b.jpg"], env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            said = b""
            while b"xxx" not in said:  # behind the picture's name, the model's words
                said += os.read(child.stdout.fileno(), 100)
            begun = time.monotonic()
            child.send_signal(signal.SIGINT)
            _, errors = child.communicate(timeout=30)
            took_s = time.monotonic() - begun
        tap.ok(child.returncode == 130 and b"cancelled" in errors and len(bedrock.requests) == 1,
               "SIGINT ends the run with 130, the next picture is not begun",
               (child.returncode, errors, len(bedrock.requests)))
        tap.ok(took_s < 5, "SIGINT is heard while the answer comes", took_s)


def case_broken_answers(tap):
    with support.workspace() as folder:
        make("a.jpg")
        for name, change, says in (
            ("an exception in the stream", {"fail_after": 1}, b"it broke"),
            ("cut off at max-tokens", {"stop": "max_tokens"}, b"cut off"),
            ("refused", {"stop": "refusal"}, b"declined"),
            ("a model at its end", {"error": (
                404, "ResourceNotFoundException",
                "This model version has reached the end of its life.")},
             b"us.anthropic.claude-haiku-4-5"),
            ("no access", {"error": (403, "AccessDeniedException", "no")}, b"bedrock:InvokeModel"),
        ):
            bedrock = Bedrock()
            vars(bedrock).update(change)
            done = run(folder, "ask", "?", "a.jpg", "--model",
                       "anthropic.claude-3-haiku-20240307-v1:0", bedrock=bedrock)
            tap.ok(done.returncode == 1 and says in done.stderr and len(bedrock.requests) == 1,
                   f"ask: {name}: exit code 1, and one request", (done.returncode, done.stderr))


def case_caption(tap):
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.text = json.dumps(CAPTION)
        make("a.jpg")
        done = run(folder, "caption", "a.jpg", bedrock=bedrock)
        tap.equal(done.stdout.decode(),
                  "A woman in uniform smiles.\nAlt text: Smiling woman in uniform\n"
                  "Title: Portrait\nKeywords: portrait, uniform\n", "caption for people")
        done = run(folder, "caption", "a.jpg", "--json", "--language", "Korean", bedrock=bedrock)
        caption = json.loads(done.stdout)["caption"]
        tap.ok(caption["text"] == CAPTION["caption"] and caption["keywords"] == CAPTION["keywords"]
               and caption["language"] == "Korean" and "haiku" in caption["model"],
               "caption --json", caption)
        tap.ok("한국어" in bedrock.requests[-1][1]["messages"][0]["content"][1]["text"],
               "caption: asked for in Korean")
        schema = bedrock.requests[-1][1]["outputConfig"]["textFormat"]["structure"]["jsonSchema"]
        jsonschema.Draft202012Validator.check_schema(json.loads(schema["schema"]))
        jsonschema.validate(CAPTION, json.loads(schema["schema"]))
        tap.ok(True, "caption: the schema that the model is held to is one, and fits")
        done = run(folder, "caption", "a.jpg", "--from-labels", "--json", bedrock=bedrock)
        content = bedrock.requests[-1][1]["messages"][0]["content"]
        tap.ok(len(content) == 1 and "- Person (99 %)" in content[0]["text"],
               "caption --from-labels: words only, the surest labels among them", content)
        tap.equal([x["name"] for x in json.loads(done.stdout)["labels"]], ["Person", "Portrait"],
                  "caption --from-labels: the labels are in the document")


def case_pictures(tap):
    """Every kind is shown upright, in bounds and in its colours; its own size is reported."""
    with support.workspace() as folder:
        bedrock = Bedrock()
        make("plain.png")
        make("plain.tif")
        make("plain.webp")
        make("plain.gif")
        make("plain.bmp")
        make("cmyk.jpg", "-colorspace", "CMYK")
        make("clear.png", "-alpha", "set", "-channel", "A", "-evaluate", "set", "50%")
        turned = support.jpeg_with_orientation(pathlib.Path(make("t.jpg")).read_bytes(), 3)
        pathlib.Path("turned.jpg").write_bytes(turned)
        make("large.jpg", "-resize", "4000x")
        for name, wanted, size, format_ in (
            ("plain.png", (300, 200), (300, 200), "png"),
            ("clear.png", (300, 200), (300, 200), "jpeg"),
            ("plain.tif", (300, 200), (300, 200), "jpeg"),
            ("plain.webp", (300, 200), (300, 200), "jpeg"),
            ("plain.gif", (300, 200), (300, 200), "jpeg"),
            ("plain.bmp", (300, 200), (300, 200), "jpeg"),
            ("cmyk.jpg", (300, 200), (300, 200), "jpeg"),
            ("turned.jpg", (300, 200), (300, 200), "jpeg"),
            ("large.jpg", (2576, 1718), (4000, 2667), "jpeg"),
        ):
            done = run(folder, "ask", "?", name, "--json", bedrock=bedrock)
            if not tap.equal(done.returncode, 0, f"{name} can be asked about"):
                print(f"# {done.stderr}")
                continue
            image = json.loads(done.stdout)["image"]
            sent_format, (_, width, height, pixel) = picture_sent(bedrock, folder)
            tap.equal((sent_format, int(width), int(height)), (format_, *wanted), f"{name}: sent")
            tap.equal((image["width"], image["height"]), size, f"{name}: its own size")
            first = "blue" if name == "turned.jpg" else "red"
            channels = [int(float(x)) for x in pixel[pixel.index("(") + 1:-1].split(",")[:3]]
            strongest = ("red", "green", "blue")[channels.index(max(channels))]
            tap.equal(strongest, first, f"{name}: upright, in its colours")


def case_bad_files(tap):
    with support.workspace() as folder:
        bedrock = Bedrock()
        make("good.jpg")
        pathlib.Path("text.jpg").write_text("not a picture", encoding="utf-8")
        pathlib.Path("script.mvg").write_text("push graphic-context\nimage over 0,0 0,0 'x.png'\n",
                                              encoding="utf-8")
        pathlib.Path("script.jpg").write_text("#!/bin/sh\n", encoding="utf-8")
        pathlib.Path("cut.tif").write_bytes(b"II*\0\x08\0\0\0")
        pathlib.Path("pdf.tif").write_bytes(b"II*\0%PDF-1.4\n")
        pathlib.Path("script.bmp").write_text(
            "BMpush graphic-context\nimage over 0,0 0,0 'x.png'\n", encoding="utf-8")
        pathlib.Path("huge.bmp").write_bytes(
            b"BM" + struct.pack("<IHHI", 54, 0, 0, 54)
            + struct.pack("<IiiHHIIiiII", 40, 60000, 60000, 1, 24, 0, 0, 0, 0, 0, 0))
        pathlib.Path("empty.jpg").write_bytes(b"")
        os.mkdir("folder.jpg")
        names = ["text.jpg", "script.mvg", "script.jpg", "cut.tif", "pdf.tif", "script.bmp",
                 "huge.bmp", "empty.jpg", "folder.jpg", "missing.jpg", "good.jpg"]
        done = run(folder, "labels", "--json", *names, bedrock=bedrock)
        errors = done.stderr.decode().splitlines()
        tap.equal(done.returncode, 1, "bad files: exit code 1")
        tap.ok([line.split(":")[1].strip() for line in errors] == names[:-1],
               "bad files: one line for each, with its name", errors)
        tap.equal([json.loads(line)["image"]["source"] for line in done.stdout.splitlines()],
                  ["good.jpg"], "bad files: the good one is done all the same")
        tap.equal(len(bedrock.requests), 1, "bad files: nothing else was sent")


def case_standard_input(tap):
    with support.workspace() as folder:
        bedrock = Bedrock()
        picture = pathlib.Path(make("a.jpg")).read_bytes()
        done = run(folder, "labels", "-", bedrock=bedrock, stdin=picture)
        tap.ok(done.returncode == 0 and done.stdout.startswith(b"-: 300 x 200 pixels, 2 labels"),
               "a picture on standard input", (done.stdout, done.stderr))
        with open("/dev/full", "wb") as full:
            code = subprocess.run([PROGRAM, "labels", "a.jpg"], stdout=full, check=False,
                                  stderr=subprocess.DEVNULL, timeout=60,
                                  env=support.clean_environment(
                                      folder, AWS_ENDPOINT_URL=bedrock.url)).returncode
        tap.equal(code, 1, "a full disk behind standard output is a failure")


def case_standard_streams(tap):
    """Streams that are closed, broken, silent or named twice: told, and nothing is paid in vain."""
    with support.workspace() as folder:
        bedrock = Bedrock()
        picture = pathlib.Path(make("a.jpg")).read_bytes()
        make("b.jpg")
        environment = support.clean_environment(folder, AWS_ENDPOINT_URL=bedrock.url)
        with open("/dev/full", "wb") as full:
            code = subprocess.run([PROGRAM, "labels", "a.jpg", "b.jpg"], stdout=full, check=False,
                                  stderr=subprocess.DEVNULL, timeout=60, env=environment).returncode
        tap.ok(code == 1 and len(bedrock.requests) == 1,
               "a full disk behind standard output: the next picture is not paid for",
               (code, len(bedrock.requests)))
        with open("/dev/full", "wb") as full:
            code = subprocess.run([PROGRAM, "help"], stdout=full, stderr=subprocess.DEVNULL,
                                  check=False, timeout=60, env=environment).returncode
        tap.equal(code, 1, "help that cannot be printed is a failure")
        done = subprocess.run(["sh", "-c", '"$0" labels a.jpg >&-', PROGRAM], env=environment,
                              capture_output=True, timeout=60, check=False)
        tap.ok(done.returncode == 1 and b"standard output" in done.stderr,
               "standard output that is closed is a failure", (done.returncode, done.stderr))
        done = subprocess.run(["sh", "-c", '"$0" labels - <&-', PROGRAM], env=environment,
                              capture_output=True, timeout=60, check=False)
        tap.ok(done.returncode == 1 and b"cannot be read" in done.stderr,
               "standard input that is closed", (done.returncode, done.stderr))
        requests = len(bedrock.requests)
        done = run(folder, "labels", "-", "a.jpg", "-", bedrock=bedrock, stdin=picture)
        tap.ok(done.returncode == 2 and b"only one" in done.stderr
               and len(bedrock.requests) == requests, "- twice is wrong use", done.stderr)
        for number in (signal.SIGINT, signal.SIGTERM):
            with subprocess.Popen([PROGRAM, "labels", "-"], env=environment, stdin=subprocess.PIPE,
                                  stderr=subprocess.PIPE) as child:
                child.stdin.write(b"\xff\xd8\xff" * 100_000)  # more than a pipe holds: it reads
                child.send_signal(number)
                try:
                    code = child.wait(timeout=30)
                except subprocess.TimeoutExpired:
                    child.kill()
                    code = None
                errors = child.stderr.read()
            tap.ok(code == 130 and b"cancelled" in errors,
                   f"{number.name} is heard while standard input is silent", (code, errors))


def case_names(tap):
    """A file's name does not control the terminal."""
    with support.workspace() as folder:
        bedrock = Bedrock()
        make("a.jpg")
        name = "\x1b[31mé\x9b2J.jpg"
        os.rename("a.jpg", name)
        done = run(folder, "labels", name, "none\x07.jpg", "--", "--text", bedrock=bedrock)
        tap.ok(done.stdout.startswith("?[31mé?2J.jpg: 300 x 200 pixels".encode())
               and not set(done.stdout + done.stderr) & set(b"\x1b\x07")
               and b"none?.jpg: " in done.stderr, "names without controls",
               (done.stdout, done.stderr))
        tap.ok(b"\nimgrecog: --text: " in done.stderr, "behind -- every word is a name", done.stderr)
        done = run(folder, "labels", name, "--max-labels", "x", bedrock=bedrock)
        tap.equal(done.returncode, 2, "an option behind the name is an option")
        done = run(folder, "config", "--max-labels", "3", "--max-labels=4")
        tap.ok(b"max-labels = 4\n" in done.stdout, "of an option given twice the last one counts",
               done.stdout)


def case_refused_credentials(tap):
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.error = (403, "UnrecognizedClientException", "The security token is invalid.")
        for name in ("a.jpg", "b.jpg", "c.jpg"):
            make(name)
        done = run(folder, "labels", "a.jpg", "b.jpg", "c.jpg", bedrock=bedrock)
        tap.ok(done.returncode == 1 and len(bedrock.requests) == 1
               and b"2 more not tried" in done.stderr,
               "refused credentials end the run", (done.stderr, len(bedrock.requests)))


def case_local(tap):
    portrait = support.portrait()
    if not LOCAL or not portrait:
        tap.ok(False, "imgrecog-local and a portrait are there")
        return
    with support.workspace() as folder:
        done = run(folder, "labels", "--endpoint", "local", "--json", portrait,
                   IMGRECOG_LOCAL=LOCAL, XDG_RUNTIME_DIR=str(folder))
        names = [x["name"] for x in json.loads(done.stdout)["labels"]]
        tap.ok("Face" in names, "labels by the recogniser on this machine", (names, done.stderr))


def png_of(*size):
    return subprocess.run([MAGICK, "-size", "x".join(map(str, size)), "gradient:red-blue", "png:-"],
                          capture_output=True, check=True).stdout


def case_generate(tap):
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.picture = png_of(1216, 832)
        done = run(folder, "generate", "a cat running a marathon", "-o", "cat.png", "--width", "1200",
                   "--height", "800", "--json", bedrock=bedrock)
        tap.equal(done.returncode, 0, "generate")
        document = json.loads(done.stdout)
        made = document["generated"]
        tap.ok(made["width"] == 1216 and made["seed"] == 42 and "image" not in document
               and "marathon" not in done.stdout.decode() + done.stderr.decode(),
               "generate: the document, without the words", document)
        tap.equal(bedrock.requests[-1][1]["aspect_ratio"], "3:2", "generate: the nearest shape")
        tags = json.loads(subprocess.run(["exiftool", "-json", "-G1", "-a", "cat.png"], check=True,
                                         capture_output=True).stdout)[0]
        tap.ok(tags.get("XMP-iptcExt:DigitalSourceType", "").endswith("/trainedAlgorithmicMedia")
               and "Stable Image Core" in tags.get("XMP-iptcExt:AISystemUsed", "")
               and not any("marathon" in str(x) for x in tags.values())
               and "XMP" not in str(tags.get("ExifTool:Warning", "")),
               "generate: exiftool reads the disclosure, and no prompt", tags)
        compared = subprocess.run([MAGICK, "compare", "-metric", "AE", "cat.png", "-", "null:"],
                                  input=bedrock.picture, capture_output=True, check=False)
        tap.equal(compared.stderr.split()[0], b"0", "generate: the samples are those that came")
        with PIL.Image.open("cat.png") as image:
            image.verify()  # raises where a chunk's checksum is wrong
        tap.ok(True, "generate: Pillow finds every chunk whole")
        done = run(folder, "generate", "a cat", "-o", "-", bedrock=bedrock)
        tap.ok(done.stdout[:8] == b"\x89PNG\r\n\x1a\n" and done.returncode == 0,
               "generate: to standard output")


def case_generate_whole_or_not(tap):
    """What stood at the name stays until the new picture is whole."""
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.picture = png_of(64, 64)
        old = pathlib.Path("old.png")
        old.write_bytes(b"old")
        bedrock.picture, good = bedrock.picture[:-20], bedrock.picture
        done = run(folder, "generate", "x", "-o", "old.png", bedrock=bedrock)
        tap.ok(done.returncode == 1 and b"cut off" in done.stderr and old.read_bytes() == b"old",
               "generate: a picture that is cut off replaces nothing", done.stderr)
        bedrock.picture = good
        os.mkdir("folder")
        done = run(folder, "generate", "x", "-o", "folder", bedrock=bedrock)
        tap.ok(done.returncode == 1 and os.path.isdir("folder"), "generate: not over a folder")
        done = run(folder, "generate", "x", "-o", "no/such/x.png", bedrock=bedrock)
        tap.ok(done.returncode == 1 and b"no/such/x.png" in done.stderr,
               "generate: a folder that is not there", done.stderr)
        tap.equal([x for x in os.listdir(".") if "imgrecog-" in x], [],
                  "generate: no temporary file is left")
        os.umask(0o027)
        run(folder, "generate", "x", "-o", "new.png", bedrock=bedrock)
        tap.equal(os.stat("new.png").st_mode & 0o777, 0o640, "generate: the usual rights")
        for words, says in (
            (("generate", "x"), b"-o FILE"),
            (("generate", "x", "-o"), b"needs a value"),
            (("generate", "x", "-o", "a.png", "--min-confidence", "5"), b"another task"),
            (("labels", "-o", "a.png", "b.png"), b"no such option"),
        ):
            done = run(folder, *words, bedrock=bedrock)
            tap.ok(done.returncode == 2 and says in done.stderr, f"wrong use: {' '.join(words)}",
                   done.stderr)


def case_generate_places(tap):
    """Where the picture goes: through links, into streams, over files with their rights."""
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.picture = png_of(64, 64)
        os.mkdir("sub")
        target = pathlib.Path("sub/real.png")
        target.write_bytes(b"old")
        target.chmod(0o600)
        os.symlink("sub/real.png", "link.png")
        done = run(folder, "generate", "x", "--output=link.png", bedrock=bedrock)
        tap.ok(done.returncode == 0 and os.path.islink("link.png")
               and target.read_bytes()[:4] == b"\x89PNG" and target.stat().st_mode & 0o777 == 0o600,
               "generate: a link is followed, the rights of the old file stay", done.stderr)
        os.symlink("sub/none.png", "nowhere.png")
        done = run(folder, "generate", "x", "-o", "nowhere.png", bedrock=bedrock)
        tap.ok(done.returncode == 0 and not os.path.islink("nowhere.png")
               and os.listdir("sub") == ["real.png"], "generate: a link to nothing is replaced",
               done.stderr)
        done = run(folder, "generate", "x", "-o", "/dev/stdout", bedrock=bedrock)
        tap.ok(done.returncode == 0 and done.stdout[:4] == b"\x89PNG" and os.path.islink("/dev/stdout"),
               "generate: /dev/stdout is written to, not replaced", done.stderr)
        os.mkfifo("pipe.png")
        pipe = os.open("pipe.png", os.O_RDONLY | os.O_NONBLOCK)  # the picture fits into it
        done = run(folder, "generate", "x", "-o", "pipe.png", bedrock=bedrock)
        tap.ok(done.returncode == 0 and os.read(pipe, 4) == b"\x89PNG", "generate: into a pipe",
               done.stderr)
        os.close(pipe)
        requests = len(bedrock.requests)
        for words, code, says in (
            (("-o", "sub"), 1, b"directory"),
            (("-o", "no/such/x.png"), 1, b"no/such/x.png"),
            (("-o", ""), 1, b"no name"),
            (("-o", "-", "--json"), 2, b"standard output is the picture"),
            (("-o", "-", "--upload", "s3://photos/x/"), 2, b"standard output is the picture"),
            (("-o", "a.png", "--image", "-", "--mask=-"), 2, b"only one"),
        ):
            done = run(folder, "generate", "x", *words, bedrock=bedrock)
            tap.ok(done.returncode == code and says in done.stderr,
                   f"generate: refused: {' '.join(words)}", (done.returncode, done.stderr))
        tap.equal(len(bedrock.requests), requests, "generate: nothing was paid for what is refused")


def case_generate_from_picture(tap):
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.picture = png_of(300, 200)
        make("in.tif")
        make("mask.png", "-threshold", "50%")
        done = run(folder, "generate", "a red car", "-o", "out.png", "--image", "in.tif", "--mask",
                   "mask.png", "--image-model", "stability.stable-image-inpaint-v1:0",
                   "--grow-mask", "3", bedrock=bedrock)
        path, body = bedrock.requests[-1]
        tap.ok(done.returncode == 0 and "us.stability.stable-image-inpaint" in path
               and set(body) == {"prompt", "image", "mask", "grow_mask", "output_format"},
               "generate: an image service by its model", (done.stderr, path, sorted(body)))
        done = run(folder, "generate", "a red car", "-o", "out.png", "--mask", "missing.png",
                   bedrock=bedrock)
        tap.ok(done.returncode == 1 and b"cannot be read" in done.stderr, "generate: no such mask")


def case_log_group(tap):
    with support.workspace() as folder:
        bedrock = Bedrock()
        make("a.jpg")
        done = run(folder, "labels", "a.jpg", "--log-group", "photos", bedrock=bedrock)
        logged = [body for _, body in bedrock.requests if "logEvents" in body]
        tap.ok(done.returncode == 0 and len(logged) == 1
               and logged[0]["logEvents"][0]["message"]
               == "a.jpg: Person 99.0 %, Portrait 91.5 %"
               and json.loads(logged[0]["logEvents"][1]["message"])["schema"] == "imgrecog/1",
               "labels --log-group: a line and the document", (done.stderr, logged))


@contextlib.contextmanager
def moto(folder):
    """moto's S3 with the bucket "photos"; gives its address and boto3's client for it."""
    port = support.unused_port()
    url = f"http://127.0.0.1:{port}"
    with open(pathlib.Path(folder) / "moto.log", "wb") as log:
        with support.process(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            lambda: support.listens_on_port(port), stdout=log, stderr=log,
            env=support.clean_environment(folder),
        ):
            client = boto3.client("s3", endpoint_url=url, region_name="us-east-1",
                                  aws_access_key_id="a", aws_secret_access_key="b")
            client.create_bucket(Bucket="photos")
            yield url, client


def case_s3(tap):
    """What goes to S3 boto3 finds there; what boto3 put there is a picture like any other."""
    with support.workspace() as folder, moto(folder) as (url, client):
        bedrock = Bedrock()
        picture = pathlib.Path(make("a b.jpg")).read_bytes()
        make("c.png")
        done = run(folder, "upload", "a b.jpg", "c.png", "s3://photos/in/", "--storage-class",
                   "STANDARD_IA", "--presign", "60", AWS_ENDPOINT_URL_S3=url)
        lines = done.stdout.decode().splitlines()
        tap.equal(lines[0::2], ["s3://photos/in/a b.jpg", "s3://photos/in/c.png"],
                  "upload: two files under a prefix")
        stored = client.get_object(Bucket="photos", Key="in/a b.jpg")
        tap.ok(stored["Body"].read() == picture and stored["ContentType"] == "image/jpeg"
               and stored["StorageClass"] == "STANDARD_IA", "upload: boto3 reads the same bytes")
        with urllib.request.urlopen(lines[1], timeout=30) as answer:
            tap.equal(answer.read(), picture, "upload --presign: the link gives the object")
        client.put_object(Bucket="photos", Key="dir/한국 +é.jpg", Body=picture)
        done = run(folder, "labels", "s3://photos/dir/한국 +é.jpg", "--json", bedrock=bedrock,
                   AWS_ENDPOINT_URL_S3=url)
        document = json.loads(done.stdout or b"{}")
        tap.equal(document.get("image", {}).get("source"), "s3://photos/dir/한국 +é.jpg",
                  "labels of an object in S3")
        done = run(folder, "labels", "s3://photos/none.jpg", bedrock=bedrock,
                   AWS_ENDPOINT_URL_S3=url)
        tap.ok(done.returncode == 1 and b"s3://photos/none.jpg: S3:" in done.stderr,
               "labels of an object that is not there", done.stderr)
        bedrock.picture = png_of(64, 64)
        for _ in range(2):
            done = run(folder, "generate", "a cat", "--upload", "s3://photos/output-images/",
                       bedrock=bedrock, AWS_ENDPOINT_URL_S3=url)
        keys = [x["Key"] for x in client.list_objects_v2(
            Bucket="photos", Prefix="output-images/")["Contents"]]
        tap.ok(len(set(keys)) == 2 and all(
            re.fullmatch(r"output-images/\d{8}T\d{6}Z-[0-9a-f]{8}\.png", key) for key in keys),
            "generate --upload: names by the time, no two the same", (keys, done.stderr))
        tap.equal(client.head_object(Bucket="photos", Key=keys[0])["ContentType"], "image/png",
                  "generate --upload: the content type")
        done = run(folder, "generate", "a cat", "--upload", "s3://no-such-bucket/output-images/",
                   bedrock=bedrock, AWS_ENDPOINT_URL_S3=url)
        kept = re.search(rb"kept as (\S+\.png)", done.stderr)
        tap.ok(done.returncode == 1 and b"NoSuchBucket" in done.stderr and kept
               and pathlib.Path(kept.group(1).decode()).read_bytes()[:4] == b"\x89PNG",
               "generate --upload: what was paid for is kept when S3 does not take it", done.stderr)
        requests = len(bedrock.requests)
        for words, says in (
            (("upload", "c.png", "photos/x"), b"s3://"),
            (("upload", "a b.jpg", "c.png", "s3://photos/x"), b"one key"),
            (("upload", "missing.jpg", "s3://photos/"), b"missing.jpg"),
            (("upload", "c.png", "s3://photos/in/c.png", "--only-if-new"), b"exists"),
            (("generate", "x", "--upload", "s3://photos/x.png"), b"prefix"),
        ):
            done = run(folder, *words, bedrock=bedrock, AWS_ENDPOINT_URL_S3=url)
            tap.ok(done.returncode in (1, 2) and says in done.stderr, f"refused: {' '.join(words)}",
                   done.stderr)
        tap.equal(len(bedrock.requests), requests, "nothing was paid for on the way to an error")


def case_check(tap):
    """The verdict, and the exit code that tells it."""
    portrait = support.portrait()
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.text = json.dumps({"result": "NO", "reason": "Colours only."})
        make("a.jpg")
        done = run(folder, "check", "a.jpg", bedrock=bedrock)
        tap.ok(done.returncode == 4 and b"UNKNOWN" in done.stdout and b"not checked" in done.stdout,
               "check: a look that fails gives UNKNOWN", (done.returncode, done.stdout))
        bedrock.text = "<result>YES</result><reason>A passport.</reason>"
        done = run(folder, "check", "a.jpg", "--json", "--look-for", "model,metadata",
                   bedrock=bedrock)
        check = json.loads(done.stdout)["check"]
        tap.ok(done.returncode == 3 and check["verdict"] == "YES"
               and check["reason"] == "A passport.", "check: YES, and why", check)
        tap.equal(run(folder, "check", "a.jpg", "--look-for", "everything").returncode, 2,
                  "check: no such place to look")
        if not LOCAL or not portrait:
            tap.ok(False, "imgrecog-local and a portrait are there")
            return
        subprocess.run(["exiftool", "-q", "-overwrite_original", "-GPSLatitude=48.1",
                        "-GPSLatitudeRef=N", "-Artist=Ann Example", "a.jpg"], check=True)
        subprocess.run([MAGICK, "-size", "1100x500", "xc:white", "-pointsize", "44", "-annotate",
                        "+40+100", "Invoice 2026-117", "-annotate", "+40+200",
                        "mail jane.doe@example.com", "-annotate", "+40+300",
                        "Card 4111 1111 1111 1111", "-annotate", "+40+400",
                        "Old card 4111 1111 1111 1112", "invoice.png"], check=True)
        done = run(folder, "check", "--json", "--endpoint", "local", "--look-for",
                   "faces,text,codes,metadata", "a.jpg", "invoice.png", portrait,
                   IMGRECOG_LOCAL=LOCAL, XDG_RUNTIME_DIR=str(folder))
        found = [sorted(x["kind"] for x in json.loads(line)["check"]["findings"])
                 for line in done.stdout.splitlines()]
        tap.equal(found, [["gps", "owner"], ["email", "payment-card"], ["face"]],
                  "check: what this machine's recogniser finds")
        tap.ok(b"4111" not in done.stdout and b"jane" not in done.stdout,
               "check: the document does not spread what was found")
        boxes = [x["box"] for x in json.loads(done.stdout.splitlines()[1])["check"]["findings"]]
        tap.ok(all(0.03 < b["left"] < 0.3 and b["width"] < 0.6 and b["height"] < 0.2 for b in boxes),
               "check: boxes around the words", boxes)


sys.exit(support.run_cases([
    case_usage, case_config, case_ask, case_titles, case_streamed, case_interrupted,
    case_broken_answers,
    case_caption, case_pictures, case_bad_files, case_standard_input, case_standard_streams,
    case_names, case_refused_credentials, case_generate, case_generate_whole_or_not,
    case_generate_places, case_generate_from_picture, case_log_group, case_s3, case_check,
    case_local,
]))
