# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to S3, captured, and judged by botocore: the signature recomputed by its S3SigV4Auth,
headers, query and body against its model of the operation and against its own serializer."""
import hashlib
import re
import urllib.parse
import xml.etree.ElementTree

import botocore.serialize
import botocore.session
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.validate import ParamValidator

from s3_proxy import query_of
from service_judge import check_constraints

KEY, SECRET = "AKIDEXAMPLE0000000001", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "session//token+with=signs"
MODEL = botocore.session.get_session().get_service_model("s3")
# Of signing, not of an operation.
SIGNING_HEADERS = {"x-amz-date", "x-amz-content-sha256", "x-amz-security-token"}


def region_of(request):
    """Which region a request is signed for."""
    found = re.search(r"Credential=[^/]+/\d{8}/([^/]+)/s3/aws4_request",
                      request.headers.get("Authorization", ""))
    return found and found[1]


def check_signature(request, region, token=TOKEN):
    """What is wrong with it, in words; [] when nothing is."""
    authorization = request.headers.get("Authorization", "")
    signed = authorization.split("SignedHeaders=")[1].split(",")[0].split(";")
    aws = AWSRequest(method=request.method, url=f"http://{request.headers['Host']}{request.path}",
                     data=request.body)
    problems = [f"{name} is not signed" for name in request.headers
                if name.lower() not in signed and (name.lower().startswith("x-amz") or
                                                   name.lower() in ("host", "content-type"))]
    for name in signed:
        aws.headers[name] = request.headers[name]
    if request.headers["X-Amz-Content-Sha256"] != hashlib.sha256(request.body).hexdigest():
        problems.append("the body is not the one that was hashed")
    if (request.headers.get("X-Amz-Security-Token") or None) != token:
        problems.append("the session token is missing")
    aws.context["timestamp"] = request.headers["X-Amz-Date"]
    auth = S3SigV4Auth(Credentials(KEY, SECRET, token), "s3", region)
    canonical = auth.canonical_request(aws)
    signature = auth.signature(auth.string_to_sign(aws, canonical), aws)
    if not authorization.endswith("Signature=" + signature):
        problems.append("signature: " + canonical)
    if region_of(request) != region:
        problems.append(f"signed for {region_of(request)}, not {region}")
    return problems


def check_presigned(url, region, expires_s, token=TOKEN):
    """The same for a URL that carries its signature."""
    plain, signature = url.split("&X-Amz-Signature=")
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(plain).query))
    aws = AWSRequest(method="GET", url=plain)
    aws.context["timestamp"] = query["X-Amz-Date"]
    auth = S3SigV4QueryAuth(Credentials(KEY, SECRET, token), "s3", region, expires=expires_s)
    canonical = auth.canonical_request(aws)
    problems = []
    if auth.signature(auth.string_to_sign(aws, canonical), aws) != signature:
        problems.append("signature: " + canonical)
    if query.get("X-Amz-Security-Token") != token or query["X-Amz-Expires"] != str(expires_s):
        problems.append(f"token or life: {query}")
    return problems


def known_names(operation):
    """Headers and query parameters that the operation has."""
    headers, query = set(), set()
    for member in operation.input_shape.members.values():
        name = member.serialization.get("name", "").lower()
        place = member.serialization.get("location")
        (headers if place in ("header", "headers") else query if place == "querystring" else
         set()).add(name)
    fixed = urllib.parse.urlsplit(operation.http["requestUri"]).query
    query |= {name for name, _ in urllib.parse.parse_qsl(fixed, keep_blank_values=True)}
    return headers, query


def check_names(operation, request):
    headers, query = known_names(operation)
    prefixes = tuple(name for name in headers if name.endswith("-"))  # x-amz-meta-
    problems = [f"header {name} is not one of the operation" for name in request.headers
                if name.lower().startswith("x-amz") and name.lower() not in SIGNING_HEADERS
                and name.lower() not in headers and not name.lower().startswith(prefixes or "\n")]
    return problems + [f"parameter {name} is not one of the operation"
                       for name in query_of(request) if name.lower() not in query]


def plain_xml(text):
    """Names and texts; the order of an element's children says nothing here, and parts are told
    apart by their numbers."""
    def walk(element):
        return (re.sub(r"^\{.*\}", "", element.tag), (element.text or "").strip(),
                sorted(walk(child) for child in element))
    return walk(xml.etree.ElementTree.fromstring(text))


def check_request(name, params, request, region):
    """A captured request against what botocore makes of the same parameters."""
    operation = MODEL.operation_model(name)
    problems = check_signature(request, region) + check_names(operation, request)
    report = ParamValidator().validate(params, operation.input_shape)
    if report.has_errors():
        problems.append(report.generate_report())
    plain = {k: v for k, v in params.items() if k != "Body"}
    problems += check_constraints(operation.input_shape, plain)
    theirs = botocore.serialize.create_serializer("rest-xml").serialize_to_request(params,
                                                                                  operation)
    url = urllib.parse.urlsplit(request.path)
    their_url = urllib.parse.urlsplit(theirs["url_path"])
    query = {k: str(v) for k, v in theirs["query_string"].items()}
    query.update(urllib.parse.parse_qsl(their_url.query, keep_blank_values=True))
    path = url.path if "Key" in params else url.path.rstrip("/")
    if (request.method, path, query_of(request)) != (theirs["method"], their_url.path, query):
        problems.append(f"{request.method} {request.path}, botocore {theirs['method']} "
                        f"{their_url.path} {query}")
    for header, value in theirs["headers"].items():
        if header != "Content-Type" or "ContentType" in params:
            ours = request.headers.get(header)
            if ours != (value.lower() if value in ("True", "False") else value):
                problems.append(f"header {header}: {ours}, botocore {value}")
    more = {header.lower() for header in request.headers if header.lower().startswith("x-amz")}
    more -= SIGNING_HEADERS | {header.lower() for header in theirs["headers"]}
    if more:
        problems.append(f"headers that botocore does not send: {more}")
    body = theirs["body"] or b""
    same = request.body == body or (operation.has_streaming_input is False and body and
                                    plain_xml(request.body) == plain_xml(body))
    if not same:
        problems.append(f"body {request.body[:600]!r}, botocore {body[:600]!r}")
    return problems
