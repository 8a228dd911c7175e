# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that judges requests by botocore's models, and answers from them."""
import base64
import binascii
import http.server
import json
import re
import struct
import subprocess
import threading
import urllib.parse

import botocore
import botocore.parsers
import botocore.serialize
import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, HeadersDict
from botocore.credentials import Credentials
from botocore.validate import ParamValidator

from peer import Tap, clean_environment

KEY = ("AKIDEXAMPLE0000000001", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
TOKEN = "session//token+with=signs"
REGION = "eu-west-1"
SESSION = botocore.session.get_session()
# Members that AWS added after this botocore: taken from the body before the comparison.
NEWER = {"outputConfig", "strict"}


def b64(data):
    return base64.b64encode(data).decode()


# ---- answers -------------------------------------------------------------------------------------

def make_value(shape, path=""):
    """A value of the shape with every member set; numbers differ by where they stand."""
    kind = shape.type_name
    if kind == "structure":
        if getattr(shape, "is_tagged_union", False):
            name, member = next(iter(shape.members.items()))
            return {name: make_value(member, f"{path}.{name}")}
        if shape.name == "BoundingBox":
            return {"Left": 0.125, "Top": 0.25, "Width": 0.5, "Height": 0.375}
        if shape.name == "Document" or path.count(".") > 12:
            return {}
        return {name: make_value(member, f"{path}.{name}")
                for name, member in shape.members.items()}
    if kind == "list":
        return [make_value(shape.member, f"{path}[{i}]") for i in range(2)]
    if kind == "map":
        return {}
    if kind in ("float", "double"):
        return 10.0 + sum(path.encode()) % 80 + 0.25
    if kind in ("integer", "long"):
        return 1 + sum(path.encode()) % 90
    if kind == "timestamp":
        return 1795210500
    if kind == "boolean":
        return True
    if kind == "blob":
        return b"bytes of " + path.encode()[-20:]
    if getattr(shape, "enum", None):
        return shape.enum[0] if path.endswith("status") else shape.enum[len(path) % len(shape.enum)]
    if shape.serialization.get("jsonvalue"):
        return "{}"
    return "한 " + path[-20:]


def to_wire(shape, value):
    """JSON-able: blobs as base64."""
    if getattr(shape, "is_document_type", False):
        return value
    if shape.type_name == "structure":
        return {shape.members[k].serialization.get("name", k): to_wire(shape.members[k], v)
                for k, v in value.items()}
    if shape.type_name == "list":
        return [to_wire(shape.member, v) for v in value]
    if shape.type_name == "blob":
        return b64(value)
    if shape.type_name == "timestamp" and shape.serialization.get("timestampFormat") == "iso8601":
        return "2026-11-20T21:35:00Z"
    return value


def make_http(operation, value):
    """Status, headers and body that carry the value; by the members' locations."""
    shape = operation.output_shape
    if shape is None:
        return 200, {"Content-Type": "application/json"}, b""
    headers, rest, status = {"Content-Type": "application/json"}, {}, 200
    for name, item in value.items():
        member = shape.members[name]
        place = member.serialization.get("location")
        if place == "header":
            text = re.sub(r"[^ -~]", "x", str(item))
            headers[member.serialization["name"]] = text
        elif place == "statusCode":
            status = 200
        else:
            rest[name] = item
    payload = shape.serialization.get("payload")
    if payload:
        body = rest[payload]
        if not isinstance(body, bytes):
            body = json.dumps(to_wire(shape.members[payload], body)).encode()
    else:
        body = json.dumps(to_wire(shape, {**rest})).encode()
    return status, headers, body


def frame(headers, payload):
    """One message of an event stream; all headers are strings."""
    block = b""
    for name, text in headers.items():
        data = text.encode()
        block += struct.pack("!B", len(name)) + name.encode()
        block += struct.pack("!BH", 7, len(data)) + data
    prelude = struct.pack("!II", 16 + len(block) + len(payload), len(block))
    message = prelude + struct.pack("!I", binascii.crc32(prelude)) + block + payload
    return message + struct.pack("!I", binascii.crc32(message))


def event(name, value):
    return frame({":event-type": name, ":content-type": "application/json",
                  ":message-type": "event"}, json.dumps(value, ensure_ascii=False).encode())


def exception(name, message):
    return frame({":exception-type": name, ":content-type": "application/json",
                  ":message-type": "exception"}, json.dumps({"message": message}).encode())


# ---- the server ----------------------------------------------------------------------------------

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer waits 40 ms for the client's ACK

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append((self.command, self.path, self.headers, body))
        status, headers, data = self.server.reply
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        for at in range(0, len(data), self.server.piece):
            self.wfile.write(data[at:at + self.server.piece])
            self.wfile.flush()

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


# ---- judging requests ----------------------------------------------------------------------------

def check_signature(request, signing_name):
    method, path, headers, body = request
    authorization = headers.get("Authorization", "")
    signed = authorization.split("SignedHeaders=")[1].split(",")[0].split(";")
    aws = AWSRequest(method=method, url=f"http://{headers['Host']}{path}", data=body)
    for name in signed:
        aws.headers[name] = headers[name]
    problems = []
    for name in headers:
        if name.lower().startswith("x-amz") and name.lower() not in signed:
            problems.append(f"{name} is not signed")
    if "host" not in signed or (headers.get("Content-Type") and "content-type" not in signed):
        problems.append("host or content-type is not signed")
    aws.context["timestamp"] = headers["X-Amz-Date"]
    auth = SigV4Auth(Credentials(*KEY, TOKEN), signing_name, REGION)
    canonical = auth.canonical_request(aws)
    signature = auth.signature(auth.string_to_sign(aws, canonical), aws)
    if not authorization.endswith("Signature=" + signature):
        problems.append("signature: " + canonical)
    return problems


def without_newer(value):
    if isinstance(value, dict):
        return {k: without_newer(v) for k, v in value.items() if k not in NEWER}
    if isinstance(value, list):
        return [without_newer(v) for v in value]
    return value


def check_constraints(shape, value, path=""):
    """Enum, pattern and range, which botocore's validator leaves to the service."""
    problems = []
    if getattr(shape, "is_document_type", False):
        return problems
    if shape.type_name == "structure":
        for name, item in value.items():
            problems += check_constraints(shape.members[name], item, f"{path}.{name}")
    elif shape.type_name == "list":
        for item in value:
            problems += check_constraints(shape.member, item, path + "[]")
    elif shape.type_name == "string":
        pattern = shape.metadata.get("pattern")
        if shape.enum and value not in shape.enum:
            problems.append(f"{path}: {value} is none of {shape.enum}")
        try:
            if pattern and not re.fullmatch(pattern, value):
                problems.append(f"{path}: {value} is not {pattern}")
        except re.error:
            pass  # a pattern in another dialect
    limits = shape.metadata
    if shape.type_name in ("string", "list", "blob"):
        size = len(value)
    elif shape.type_name in ("integer", "float", "long"):
        size = value
    else:
        return problems
    if size < limits.get("min", size) or size > limits.get("max", size):
        problems.append(f"{path}: {size} is out of {limits}")
    return problems


def as_params(shape, value):
    """Parameters for botocore: blobs are bytes."""
    if getattr(shape, "is_document_type", False):
        return value
    if shape.type_name == "structure":
        return {k: as_params(shape.members[k], v) for k, v in value.items()}
    if shape.type_name == "list":
        return [as_params(shape.member, v) for v in value]
    if shape.type_name == "blob" and isinstance(value, str):
        return base64.b64decode(value)
    return value


def check_request(model, operation, params, request):
    """Our request against what botocore makes of the same parameters."""
    method, path, headers, body = request
    problems = check_signature(request, model.signing_name)
    report = ParamValidator().validate(params, operation.input_shape)
    if report.has_errors():
        problems.append(report.generate_report())
    problems += check_constraints(operation.input_shape, params)
    serializer = botocore.serialize.create_serializer(model.metadata["protocol"])
    theirs = serializer.serialize_to_request(params, operation)
    url = urllib.parse.urlsplit(path)
    if url.path != theirs["url_path"]:
        problems.append(f"path {url.path}, botocore {theirs['url_path']}")
    if method != theirs["method"]:
        problems.append(f"method {method}")
    query = {k: str(v) for k, v in (theirs["query_string"] or {}).items()}
    if dict(urllib.parse.parse_qsl(url.query)) != query:
        problems.append(f"query {url.query}, botocore {query}")
    for name, value in theirs["headers"].items():
        if headers.get(name) != value:
            problems.append(f"header {name}: {headers.get(name)}, botocore {value}")
    payload = operation.input_shape.serialization.get("payload")
    if payload and operation.input_shape.members[payload].type_name == "blob":
        same = body == (theirs["body"] or b"") or params[payload] == json_or_none(body)
    elif not theirs["body"]:
        same = body == b""
    else:
        same = without_newer(json.loads(body)) == json.loads(theirs["body"])
    if not same:
        problems.append(f"body {body[:600]!r}, botocore {theirs['body'][:600]!r}")
    return problems


def json_or_none(body):
    try:
        return json.loads(body)
    except ValueError:
        return None


# ---- judging answers -----------------------------------------------------------------------------

def differences(ours, theirs, path=""):
    """Where what we printed is not what botocore read. We may print less, not other."""
    if isinstance(ours, dict):
        out = []
        for name, item in ours.items():
            if not isinstance(theirs, dict) or name not in theirs:
                out.append(f"{path}.{name}: botocore has none")
            else:
                out += differences(item, theirs[name], f"{path}.{name}")
        return out
    if isinstance(ours, list):
        if len(ours) != len(theirs):
            return [f"{path}: {len(ours)} items, botocore {len(theirs)}"]
        return [d for i, (a, b) in enumerate(zip(ours, theirs))
                for d in differences(a, b, f"{path}[{i}]")]
    if hasattr(theirs, "read"):
        theirs = theirs.read()
    if isinstance(theirs, bytes):
        theirs = theirs.decode()
    if isinstance(ours, float) or isinstance(theirs, float):
        return [] if abs(ours - theirs) < 1e-3 else [f"{path}: {ours}, botocore {theirs}"]
    return [] if ours == theirs else [f"{path}: {ours!r}, botocore {theirs!r}"]


class Judge:
    def __init__(self, program):
        self.program = program
        self.tap = Tap()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.seen = []
        self.server.piece = 1 << 20
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.env = clean_environment(
            AWS_ACCESS_KEY_ID=KEY[0], AWS_SECRET_ACCESS_KEY=KEY[1], AWS_SESSION_TOKEN=TOKEN,
            AWS_REGION=REGION, AWS_MAX_ATTEMPTS="1",
            AWS_ENDPOINT_URL=f"http://127.0.0.1:{self.server.server_port}")

    def call(self, name, ours, reply, piece=1 << 20, env=None):
        self.server.seen.clear()
        self.server.reply = reply
        self.server.piece = piece
        done = run_with_input([self.program, name], {**self.env, **(env or {})}, ours)
        return done, (json.loads(done.stdout) if done.returncode == 0 else None)

    def operation(self, service, name, params, ours=None, reads=True, what="", program=None,
                  value=None):
        """One operation, request and answer. `ours`: our program's parameters where they differ."""
        model = SESSION.get_service_model(service)
        operation = model.operation_model(name)
        title = f"{name}{what}"
        if value is None and operation.output_shape is not None:
            value = make_value(operation.output_shape, name)
        status, headers, data = make_http(operation, value or {})
        done, document = self.call(program or name, ours if ours is not None else params,
                                   (status, headers, data))
        if not self.tap.check(done.returncode == 0, f"{title}: the call succeeds", done.stderr):
            return None
        problems = check_request(model, operation, as_params(operation.input_shape, params),
                                 self.server.seen[0])
        self.tap.check(problems == [], f"{title}: signature, shape and botocore's own request",
                       "\n".join(problems))
        if reads and operation.output_shape is not None:
            parser = botocore.parsers.create_parser(model.metadata["protocol"])
            theirs = parser.parse({"status_code": status,
                                   "headers": HeadersDict(headers),
                                   "body": data, "context": {}}, operation.output_shape)
            wrong = differences(document, theirs)
            self.tap.check(wrong == [] and document != {},
                           f"{title}: the answer as botocore reads it",
                           "\n".join(wrong) or document)
        return document

    def refusal(self, name, ours, reply, words, what):
        """The call fails, and its two lines hold each of the words."""
        done, _ = self.call(name, ours, reply)
        self.tap.check(done.returncode == 1 and all(word in done.stderr for word in words), what,
                       f"{done.returncode} {done.stderr}")


def run_with_input(command, env, value):
    return subprocess.run([str(part) for part in command], env=env, input=json.dumps(value),
                          capture_output=True, text=True, timeout=60, check=False)
