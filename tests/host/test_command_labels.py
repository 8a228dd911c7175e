# SPDX-License-Identifier: GPL-3.0-or-later
"""`imgrecog labels` from every source, run as people run it: a stand-in for Bedrock and SageMaker that
says what a test wants, moto for Lambda and S3, imgrecog-local for what it can.
Usage: test_command_labels.py PROGRAM [LOCAL]"""

import base64
import contextlib
import http.server
import io
import json
import os
import pathlib
import subprocess
import sys
import threading
import urllib.request
import zipfile

import boto3
import jsonschema
import PIL.Image

import support

PROGRAM = os.path.abspath(sys.argv[1])
LOCAL = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else None
MAGICK = os.environ["MAGICK"]
SCHEMA = json.loads((pathlib.Path(__file__).resolve().parents[2] /
                     "include/imgrecog/result.schema.json").read_text(encoding="utf-8"))


class Services:
    """Converse answers `text`; InvokeEndpoint `answer`, (status, error code, body)."""

    def __init__(self):
        self.text = "[]"
        self.answer = (200, None, b"[]")
        self.requests = []  # (path, headers, body)
        services = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # or each answer waits 40 ms for the client's ACK

            def do_POST(self):  # noqa: N802, the name is http.server's
                body = self.rfile.read(int(self.headers["Content-Length"]))
                services.requests.append((self.path, dict(self.headers), body))
                status, code, answer = services.answer
                if self.path.endswith("/converse"):
                    answer = json.dumps({
                        "output": {"message": {"role": "assistant",
                                               "content": [{"text": services.text}]}},
                        "stopReason": "end_turn",
                        "usage": {"inputTokens": 1200, "outputTokens": 34},
                    }).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                if code:
                    self.send_header("x-amzn-ErrorType", code)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def converse(self, index=-1):
        """The last question: its words, the picture that went with it, the whole body."""
        body = json.loads(self.requests[index][2])
        picture, text = body["messages"][0]["content"]
        data = base64.b64decode(picture["image"]["source"]["bytes"])
        return text["text"], PIL.Image.open(io.BytesIO(data)), body


def run(folder, *arguments, services=None, **environment):
    if services is not None:
        environment["AWS_ENDPOINT_URL"] = services.url
    return subprocess.run([PROGRAM, "labels", *arguments], capture_output=True, check=False,
                          env=support.clean_environment(folder, **environment),
                          timeout=support.COMMAND_TIMEOUT_S)


def labels(done):
    """The document's labels as (name, confidence, box); with the box in thousandths."""
    document = json.loads(done.stdout or b"{}")
    if document:
        jsonschema.validate(document, SCHEMA)
    out = []
    for label in document.get("labels", []):
        box = label.get("box")
        out.append((label["name"], label.get("confidence"),
                    box and tuple(round(box[k] * 1000) for k in ("left", "top", "width", "height"))))
    return out


def make(path, size, *arguments):
    subprocess.run([MAGICK, "-size", size, "gradient:red-blue", *arguments, path], check=True)
    return path


def corners(label, left, top, right, bottom):
    """A label as models print it that were shown an example without quotes."""
    return (f"  {{\n    label: {label},\n    position: {{\n"
            f"      TopLeft: {{\n        x: {left},\n        y: {top}\n      }},\n"
            f"      TopRight: {{\n        x: {right},\n        y: {top}\n      }},\n"
            f"      BottomRight: {{\n        x: {right},\n        y: {bottom}\n      }},\n"
            f"      BottomLeft: {{\n        x: {left},\n        y: {bottom}\n      }}\n    }}\n  }}")


PROMPTS = {
    "English": "You analyse images. Give the label of each object in this photo and its position "
               "(TopLeft, TopRight, BottomRight, BottomLeft) in pixels, as an array.",
    "Korean": "당신은 이미지 분석가입니다. 사진에 있는 객체의 레이블과 위치(TopLeft, TopRight, "
              "BottomRight, BottomLeft)를 픽셀 단위로 배열로 알려주세요.",
}


# ---- Bedrock ---------------------------------------------------------------------------------


def case_prompts(tap):
    """People's own prompts, English and Korean, and answers that are no JSON."""
    with support.workspace() as folder:
        services = Services()
        make("hall.jpg", "1400x700")
        services.text = "[\n" + corners("stage", 700, 140, 1400, 420) + ",\n" + \
            corners("audience", 0, 420, 1400, 700) + "\n]"
        for language, prompt in PROMPTS.items():
            done = run(folder, "hall.jpg", "--from", "bedrock", "--prompt", prompt, "--language",
                       language, "--json", services=services)
            tap.equal(labels(done), [("stage", None, (500, 200, 500, 400)),
                                     ("audience", None, (0, 600, 1000, 400))],
                      f"bedrock: corners without quotes, to a prompt in {language}")
            asked, _, body = services.converse()
            tap.ok(asked == prompt and "outputConfig" not in body,
                   f"bedrock: the prompt in {language} goes as it is, without a form", body.keys())
            tap.ok(prompt not in (done.stdout + done.stderr).decode(),
                   f"bedrock: the prompt in {language} is in no output")
        services.text = "다음과 같습니다:\n```json\n[\n" + corners("'무대'", 0, 0, 700, 700) + "\n]\n```"
        done = run(folder, "hall.jpg", "--from", "bedrock", "--prompt", "?", services=services)
        tap.ok("  ?  무대  (at 0 %, 0 % of the picture, 50 x 100 %)".encode() in done.stdout,
               "bedrock: Korean labels for people, and no confidence made up", done.stdout)


def case_downscaled(tap):
    """Claude looks at less than is sent: its pixels are reckoned back, in a turned file too."""
    with support.workspace() as folder:
        services = Services()
        make("large.jpg", "2400x1200")
        stored = pathlib.Path(make("stored.jpg", "1200x2400")).read_bytes()
        pathlib.Path("turned.jpg").write_bytes(support.jpeg_with_orientation(stored, 6))
        services.text = json.dumps({"labels": [{"name": "Sky", "confidence": 80, "box": {
            "left": 0, "top": 0, "right": 784, "bottom": 392}}]})
        for name, size in (("large.jpg", (2400, 1200)), ("turned.jpg", (2400, 1200))):
            done = run(folder, name, "--from", "bedrock", "--json", services=services)
            tap.equal(labels(done), [("Sky", 80, (0, 0, 500, 500))],
                      f"bedrock: {name}: pixels of the picture as the model sees it")
            words, picture, body = services.converse()
            tap.ok("1568 x 784 pixels" in words, f"bedrock: {name}: the model is told its size",
                   words)
            tap.ok(picture.size == size and not picture.getexif().get(274),
                   f"bedrock: {name}: goes upright", picture.size)
            schema = body["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"]
            tap.ok(json.loads(schema)["required"] == ["labels"], f"bedrock: {name}: with a form")
            document = json.loads(done.stdout)
            tap.equal((document["image"]["width"], document["image"]["height"],
                       document["labels"][0]["source"]),
                      (*size, "us.anthropic.claude-haiku-4-5-20251001-v1:0"),
                      f"bedrock: {name}: the document")


def case_thresholds(tap):
    """What is under the threshold drops; what is too unsure altogether fails."""
    with support.workspace() as folder:
        services = Services()
        make("a.jpg", "100x100")
        services.answer = (200, None, b"[0.02, 0.90, 0.08]")
        words = ("a.jpg", "--from", "sagemaker:cats", "--class-names", "dog,cat,bird")
        done = run(folder, *words, "--json", "--min-confidence", "5", services=services)
        tap.equal(labels(done), [("cat", 90, None), ("bird", 8, None)],
                  "sagemaker: names, the surest first, without what is under the threshold")
        done = run(folder, *words, "--fail-below", "93", services=services)
        tap.ok(done.returncode == 1 and done.stdout == b""
               and b"no label is as sure as 93 %: the surest, cat, has 90 %" in done.stderr,
               "sagemaker: too unsure altogether", (done.returncode, done.stderr))
        path, headers, body = services.requests[-1]
        tap.ok(path == "/endpoints/cats/invocations"
               and headers["Content-Type"] == "application/x-image" and body[:2] == b"\xff\xd8",
               "sagemaker: the picture's bytes as they are", headers)


def case_sagemaker_failures(tap):
    with support.workspace() as folder:
        services = Services()
        make("a.jpg", "100x100")
        pathlib.Path("two").write_text("dog\ncat\n")
        error = json.dumps({"Message": "Received server error (500) from primary",
                            "OriginalStatusCode": 500, "OriginalMessage": "out of memory"})
        done = run(folder, "a.jpg", "--from", "sagemaker:cats", "--class-names", "./none",
                   services=services)
        tap.ok(done.returncode == 2 and b"./none" in done.stderr, "sagemaker: no such list of classes",
               done.stderr)
        for answer, options, says in (
            ((200, None, b"[0.1,0.2,0.7]"), ("--class-names", "./two"), b"3 classes"),
            ((424, "ModelError", error.encode()), (), b"server error (500)"),
            ((200, None, b"<html>"), (), b"does not classify pictures"),
            ((200, None, b"[]"), ("--content-type", "image/png"), b"image/jpeg"),
        ):
            services.answer = answer
            done = run(folder, "a.jpg", "--from", "sagemaker:cats", "--no-cache", *options,
                       services=services)
            tap.ok(done.returncode == 1 and says in done.stderr, f"sagemaker: {says.decode()}",
                   (done.returncode, done.stderr))


def case_use(tap):
    with support.workspace() as folder:
        make("a.jpg", "100x100")
        for options, code, says in (
            (("--from", "azure"), 2, b"sagemaker:ENDPOINT"),
            (("--from", "sagemaker:"), 2, b"sagemaker:ENDPOINT"),
            (("--prompt", "?"), 2, b"a prompt goes to models"),
            (("--from", "bedrock", "--text"), 2, b"Rekognition only"),
            (("--from", "bedrock", "--include-categories", "x"), 2, b"categories"),
            (("--language", "Korean"), 2, b"names labels in English"),
            (("--vocabulary", "none"), 2, b"none"),
            (("--include-labels", ",".join(f"l{i}" for i in range(101))), 2, b"100 names"),
            (("--max-colors", "21"), 2, b"0 to 20"),
        ):
            done = run(folder, "a.jpg", *options, AWS_ENDPOINT_URL="http://127.0.0.1:1")
            tap.ok(done.returncode == code and says in done.stderr, f"refused: {' '.join(options)[:40]}",
                   (done.returncode, done.stderr))


# ---- Lambda ----------------------------------------------------------------------------------


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(),
                                     {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()


@contextlib.contextmanager
def moto(folder):
    """moto with the bucket "photos" and the function "look", whose answers a test posts."""
    port = support.unused_port()
    url = f"http://127.0.0.1:{port}"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("main.py", "")
    with open(pathlib.Path(folder) / "moto.log", "wb") as log:
        with support.process(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            lambda: support.listens_on_port(port), stdout=log, stderr=log,
            env=support.clean_environment(folder),
        ):
            post(f"{url}/moto-api/config", {"lambda": {"use_docker": False}})
            options = {"endpoint_url": url, "region_name": "us-east-1", "aws_access_key_id": "a",
                       "aws_secret_access_key": "b"}
            role = boto3.client("iam", **options).create_role(
                RoleName="look", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
            boto3.client("lambda", **options).create_function(
                FunctionName="look", Runtime="python3.13", Role=role, Handler="main.handler",
                Code={"ZipFile": archive.getvalue()})
            client = boto3.client("s3", **options)
            client.create_bucket(Bucket="photos")
            yield url, client


def case_lambda(tap):
    """The function's answers by moto; what lies in S3 afterwards boto3 sees."""
    with support.workspace() as folder, moto(folder) as (url, client):
        make("a.jpg", "200x100")
        answers = f"{url}/moto-api/static/lambda-simple/response"
        said = "[" + corners("무대", 0, 0, 100, 50) + "]"
        post(answers, {"results": [json.dumps(said, ensure_ascii=False),
                                   json.dumps({"statusCode": 200, "body": said}), said, said]})
        wanted = [("무대", None, (0, 0, 500, 500))]
        for options, name in (
            ((), "inside the event, a JSON string back"),
            (("--bucket", "photos", "--prefix", "in/"), "by S3, as API Gateway takes it"),
            (("--bucket", "photos", "--prefix", "kept/", "--keep-object"), "by S3, and kept"),
        ):
            done = run(folder, "a.jpg", "--from", "lambda:look", "--prompt", PROMPTS["Korean"],
                       "--json", *options, AWS_ENDPOINT_URL=url)
            tap.equal((labels(done), done.stderr), (wanted, b""), f"lambda: {name}")
        uri = json.loads(done.stdout)["image"]["sent"].get("uri", "")
        keys = [x["Key"] for x in client.list_objects_v2(Bucket="photos").get("Contents", [])]
        tap.ok(len(keys) == 1 and uri == f"s3://photos/{keys[0]}" and keys[0].startswith("kept/"),
               "lambda: only what was to be kept is left in the bucket", (keys, uri))
        tap.equal(client.head_object(Bucket="photos", Key=keys[0])["ContentType"], "image/jpeg",
                  "lambda: its type")
        done = run(folder, uri, "--from", "lambda:look", "--bucket", "photos", "--json",
                   AWS_ENDPOINT_URL=url)
        left = client.list_objects_v2(Bucket="photos")["KeyCount"]
        tap.ok(labels(done) == wanted and left == 1
               and json.loads(done.stdout)["image"]["sent"].get("uri") == uri,
               "lambda: an object of S3 is read where it lies", (done.stdout, done.stderr, left))
        done = run(folder, "a.jpg", "--from", "lambda:look", AWS_ENDPOINT_URL=url)
        tap.ok(done.returncode == 1 and b"no list of labels" in done.stderr
               and b"charged all the same" in done.stderr,
               "lambda: a function that gives back its event, with our example in it", done.stderr)


# ---- on this machine -------------------------------------------------------------------------


def case_local(tap):
    """What imgrecog-local can be asked."""
    portrait = support.portrait()
    if not LOCAL or not portrait:
        tap.ok(False, "imgrecog-local and a portrait are there")
        return
    with support.workspace() as folder:
        pathlib.Path("words").write_text("Human being = Person; ko: 사람\n    Head; ko: 머리\n"
                                         "        Face; ko: 얼굴\n", encoding="utf-8")

        def ask(*options):
            return run(folder, portrait, "--endpoint", "local", *options, IMGRECOG_LOCAL=LOCAL,
                       XDG_RUNTIME_DIR=str(folder))

        boxes = []
        for options in ((), ("--from", "bedrock"), ("--from", "bedrock", "--prompt",
                                                    PROMPTS["English"] + " JSON label")):
            found = dict((name, box) for name, _, box in labels(ask("--json", *options)))
            boxes.append(found.get("Face"))
        tap.ok(boxes[0] and all(b and max(abs(x - y) for x, y in zip(b, boxes[0])) <= 3
                                for b in boxes),
               "local: Rekognition, a form and corners in pixels give one box", boxes)
        document = json.loads(ask("--json", "--from", "bedrock").stdout)
        tap.equal(document["labels"][0]["source"], "imgrecog.local-describer-v1",
                  "local: who said it")
        done = ask("--from", "sagemaker:imgrecog-local-classifier", "--class-names",
                   "portrait,document,code,other", "--json")
        tap.equal([name for name, _, _ in labels(done)], ["portrait"], "local: the classifier")
        done = ask("--vocabulary", "words", "--language", "Korean")
        tap.ok("사람 > 머리 > 얼굴  (at".encode() in done.stdout and done.stderr == b"",
               "local: the vocabulary's words, and what stands above them",
               (done.stdout.decode(), done.stderr))
        names = [name for name, _, _ in labels(ask("--json", "--exclude-labels", "Head,Person"))]
        tap.equal(names, ["Face"], "local: labels that are not wanted")
        names = labels(ask("--json", "--include-categories", "Text and Documents"))
        tap.equal(names, [], "local: a category that is not there")
        done = ask("--from", "lambda:look")
        tap.ok(done.returncode == 1 and b"has no functions" in done.stderr, "local: no functions",
               done.stderr)


sys.exit(support.run_cases([
    case_prompts, case_downscaled, case_thresholds, case_sagemaker_failures, case_use, case_lambda,
    case_local,
]))
