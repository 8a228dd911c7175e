#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our Rekognition requests and answers, judged by botocore's model of the service.

usage: rekognition_model.py DETECT_LABELS

A server on 127.0.0.1 takes each request apart as AWS would: recomputes the signature with
botocore's signer, validates the input against the model, and answers with a value for every member
that the model has. Our document must then hold what botocore's parser reads from that answer.
"""
import base64
import hashlib
import http.server
import json
import sys
import threading

import botocore
import botocore.parsers
import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.validate import ParamValidator

from peer import PHOTO, Tap, clean_environment, need, run

KEY = ("AKIDEXAMPLE0000000001", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
TOKEN = "session//token+with=signs"
MODEL = botocore.session.get_session().get_service_model("rekognition")


def make_value(shape, path=""):
    """A value of the shape with every member set; numbers differ by where they stand."""
    if shape.type_name == "structure":
        if path.endswith("BoundingBox"):
            seed = len(path) % 7
            return {"Left": 0.1 + seed / 100, "Top": 0.2, "Width": 0.3, "Height": 0.4}
        return {name: make_value(member, f"{path}.{name}")
                for name, member in shape.members.items()}
    if shape.type_name == "list":
        return [make_value(shape.member, f"{path}[{i}]") for i in range(2)]
    if path.endswith((".X", ".Y")):
        return 0.25 + sum(path.encode()) % 50 / 100
    if shape.type_name in ("float", "double"):
        return 10.0 + sum(path.encode()) % 80 + 0.25
    if shape.type_name in ("integer", "long"):
        return sum(path.encode()) % 200
    if shape.type_name == "boolean":
        return True
    if getattr(shape, "enum", None):
        return shape.enum[len(path) % len(shape.enum)]
    return "#a1b2c3" if path.endswith("HexCode") else "한 " + path[-20:]


def check_request(handler, body):
    """Problems with one request, as AWS would see it; [] when there is none."""
    problems = []
    target = handler.headers.get("X-Amz-Target", "")
    if handler.path != "/" or handler.headers.get("Content-Type") != "application/x-amz-json-1.1":
        problems.append("path or content type")
    authorization = handler.headers.get("Authorization", "")
    signed = authorization.split("SignedHeaders=")[1].split(",")[0].split(";")
    aws = AWSRequest(method="POST", url=f"http://{handler.headers['Host']}/", data=body)
    for name in signed:
        aws.headers[name] = handler.headers[name]
    for name in ("host", "content-type", "x-amz-target", "x-amz-date", "x-amz-security-token"):
        if name not in signed:
            problems.append(f"{name} is not signed")
    aws.context["timestamp"] = handler.headers["X-Amz-Date"]
    auth = SigV4Auth(Credentials(*KEY, TOKEN), "rekognition", "eu-west-1")
    canonical = auth.canonical_request(aws)
    signature = auth.signature(auth.string_to_sign(aws, canonical), aws)
    if not authorization.endswith("Signature=" + signature):
        problems.append("signature")
    if hashlib.sha256(body).hexdigest() not in canonical:
        problems.append("body hash")
    operation = MODEL.operation_model(target.split(".")[1])
    value = json.loads(body)
    value["Image"]["Bytes"] = base64.b64decode(value["Image"]["Bytes"], validate=True)
    report = ParamValidator().validate(value, operation.input_shape)
    if report.has_errors():
        problems.append(report.generate_report())
    return problems, operation, value


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer waits 40 ms for the client's ACK

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        problems, operation, value = check_request(self, body)
        answer = make_value(operation.output_shape, operation.name)
        data = json.dumps(answer).encode()
        self.server.seen.append((operation.name, problems, value, data))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def parse(operation, data):
    parser = botocore.parsers.create_parser("json")
    response = {"status_code": 200, "headers": {}, "body": data, "context": {}}
    return parser.parse(response, MODEL.operation_model(operation).output_shape)


def close(a, b):
    return abs(a - b) < 1e-3


def same_colors(ours, theirs):
    return len(ours) == len(theirs) and all(
        (o["red"], o["green"], o["blue"], o["hex_code"], o["css_color"], o["simplified_color"]) ==
        (t["Red"], t["Green"], t["Blue"], t["HexCode"], t["CSSColor"], t["SimplifiedColor"])
        and close(o["pixel_percent"], t["PixelPercent"]) for o, t in zip(ours, theirs))


def same_box(ours, theirs):
    return all(close(ours[k.lower()], theirs[k]) for k in ("Left", "Top", "Width", "Height"))


def same_quality(ours, theirs):
    return all(close(ours[k.lower()], v) for k, v in theirs.items())


def check_labels(tap, document, answer):
    rows = [(label, instance) for label in answer["Labels"] for instance in label["Instances"]]
    ours = document["labels"]
    tap.check(len(ours) == len(rows), "an entry for each instance")
    for (label, instance), entry in zip(rows, ours):
        tap.check(entry["name"] == label["Name"] and
                  close(entry["label_confidence"], label["Confidence"]) and
                  close(entry["confidence"], instance["Confidence"]), "name and confidences", entry)
        tap.check(same_box(entry["box"], instance["BoundingBox"]), "box", entry)
        for field in ("Parents", "Categories", "Aliases"):
            tap.check(entry[field.lower()] == [x["Name"] for x in label[field]], field, entry)
        tap.check(same_colors(entry["dominant_colors"], instance["DominantColors"]),
                  "the instance's colours", entry)
    tap.check(document["label_model_version"] == answer["LabelModelVersion"], "model version")
    theirs = answer["ImageProperties"]
    tap.check(same_quality(document["properties"]["quality"], theirs["Quality"]) and
              same_colors(document["properties"]["dominant_colors"], theirs["DominantColors"]),
              "image properties", document["properties"])
    for region in ("Foreground", "Background"):
        part = document["properties"][region.lower()]
        tap.check(same_quality(part["quality"], theirs[region]["Quality"]) and
                  same_colors(part["dominant_colors"], theirs[region]["DominantColors"]),
                  region, part)


def check_text(tap, document, answer):
    for ours, theirs in zip(document["text"], answer["TextDetections"], strict=True):
        tap.check((ours["text"], ours["type"], ours["id"], ours["parent_id"]) ==
                  (theirs["DetectedText"], theirs["Type"], theirs["Id"], theirs["ParentId"]) and
                  close(ours["confidence"], theirs["Confidence"]) and
                  same_box(ours["box"], theirs["Geometry"]["BoundingBox"]), "a text", ours)


def check_faces(tap, document, answer):
    for ours, theirs in zip(document["faces"], answer["FaceDetails"], strict=True):
        tap.check(same_box(ours["box"], theirs["BoundingBox"]) and
                  close(ours["confidence"], theirs["Confidence"]) and
                  same_quality(ours["pose"], theirs["Pose"]) and
                  same_quality(ours["quality"], theirs["Quality"]), "a face", ours)
        tap.check(all(o["type"] == t["Type"] and close(o["x"], t["X"]) and close(o["y"], t["Y"])
                      for o, t in zip(ours["landmarks"], theirs["Landmarks"], strict=True)),
                  "its landmarks", ours["landmarks"])


def main():
    program = need(sys.argv[1])
    need(PHOTO)
    tap = Tap()
    print(f"# botocore {botocore.__version__}, model {MODEL.api_version}")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    env = clean_environment(
        AWS_ACCESS_KEY_ID=KEY[0], AWS_SECRET_ACCESS_KEY=KEY[1], AWS_SESSION_TOKEN=TOKEN,
        AWS_REGION="eu-west-1",
        AWS_ENDPOINT_URL_REKOGNITION=f"http://127.0.0.1:{server.server_port}")
    done = run([program, PHOTO, "properties=true", "text=true", "faces=true", "max-labels=7",
                "min-confidence=9.5"], env)
    tap.check(done.returncode == 0, "the call succeeds", done.stderr)
    document = json.loads(done.stdout or "{}")
    names = [name for name, *_ in server.seen]
    tap.check(names == ["DetectLabels", "DetectText", "DetectFaces"], "three requests", names)
    for name, problems, value, data in server.seen:
        tap.check(problems == [], f"{name}: signature and shape", problems)
        answer = parse(name, data)
        {"DetectLabels": check_labels, "DetectText": check_text,
         "DetectFaces": check_faces}[name](tap, document, answer)
        if name == "DetectLabels":
            tap.check(value["MaxLabels"] == 7 and value["MinConfidence"] == 9.5 and
                      sorted(value["Features"]) == ["GENERAL_LABELS", "IMAGE_PROPERTIES"],
                      "the settings are in the request", {**value, "Image": None})
            tap.check(b"Exif" not in value["Image"]["Bytes"][:4096], "no EXIF leaves the machine")
    server.shutdown()
    tap.leave()


main()
