#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our SigV4 against botocore's, stage by stage, for generated requests.

usage: sign_botocore.py SIGN_STAGES [SEED]

Each request is signed by both; canonical request, string to sign and signature must be equal. So
must the queries of presigned URLs. The seed is printed, so that a failure can be replayed.
"""
import hashlib
import json
import random
import subprocess
import sys
from urllib.parse import quote

import botocore
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

COUNT = 500
PRESIGNED_COUNT = 300
SERVICES = ["rekognition", "s3", "bedrock", "sagemaker", "logs", "lambda", "states", "sts",
            "execute-api"]
REGIONS = ["us-east-1", "eu-central-1", "ap-northeast-2", "cn-north-1", "us-gov-west-1"]
SEGMENTS = ["", "a", "photo 1.jpg", "v1:0", "ünï", "한국어", "~tilde", "a+b", "100%", ".", "..",
            "x'y()*!", "=eq=", "emoji😀", "%2F", "anthropic.claude-3-haiku-20240307-v1:0",
            "arn:aws:bedrock:us-east-1:1:inference-profile/x"]
WORDS = ["", "a", "B", "a b", "a+b", "é", "한", "/", "=", "&", "~", "%", "1", "10", "2", "-", "_"]
VALUES = ["plain", "  trimmed  ", "two  blanks", "tab\tinside", "ü", "a,b", "x" * 300, "1"]
NAMES = ["X-Amz-Meta-Name", "x-amz-acl", "X-Custom", "Content-MD5", "x-amz-meta-a", "Range",
         "X-Amz-Target", "amz-sdk-request"]
UNSIGNED = ["User-Agent", "Expect", "X-Amzn-Trace-Id", "Transfer-Encoding"]


def make_request(rng):
    service = rng.choice(SERVICES)
    safe = rng.choice(["", "/:", "!'()*"]) if service != "s3" else ""
    path = "/" + "/".join(quote(rng.choice(SEGMENTS), safe=safe)
                          for _ in range(rng.randint(0, 5)))
    query = "&".join(
        quote(rng.choice(WORDS), safe="") + rng.choice(["=", "="]) + quote(rng.choice(WORDS), safe="")
        for _ in range(rng.choice([0, 0, 1, 2, 5])))
    headers = [("Content-Type", rng.choice(["application/json", "application/x-amz-json-1.1"]))]
    for name in rng.sample(NAMES, rng.randint(0, 4)):
        headers.append((name, rng.choice(VALUES)))
    if rng.random() < 0.4:
        headers.append(("X-Amz-Security-Token", "token/" + "T" * rng.randint(1, 900) + "=="))
    if rng.random() < 0.3:
        headers.append((rng.choice(UNSIGNED), "x"))
    host = rng.choice(["service.example.com", "127.0.0.1:5500", "bucket.s3.amazonaws.com"])
    body = rng.randbytes(rng.choice([0, 1, 63, 64, 1000]))
    day = "20%02d%02d%02d" % (rng.randint(20, 35), rng.randint(1, 12), rng.randint(1, 28))
    return {
        "method": rng.choice(["GET", "POST", "PUT", "DELETE", "HEAD"]),
        "path": path, "query": query, "service": service, "region": rng.choice(REGIONS),
        "date": day + "T%02d%02d%02dZ" % (rng.randint(0, 23), rng.randint(0, 59), rng.randint(0, 59)),
        "hash": hashlib.sha256(body).hexdigest(), "headers": headers, "host": host,
        "key_id": "AKID" + "".join(rng.choices("ABCDEFGH234567", k=16)),
        "secret": "".join(rng.choices("abcXYZ019/+=", k=40)),
    }


def make_presigned(rng):
    """botocore makes a dictionary of the query, so no name comes twice in it."""
    request = make_request(rng)
    names = rng.sample([w for w in WORDS if w], rng.choice([0, 0, 1, 3]))
    service = rng.choice(["s3", "s3", "s3", "sts"])
    request.update({
        "service": service, "method": rng.choice(["GET", "PUT", "HEAD", "DELETE"]),
        "query": "&".join(f"{quote(name, safe='')}={quote(rng.choice(WORDS), safe='')}"
                          for name in names),
        "headers": [("X-Amz-Meta-Name", rng.choice(VALUES))] if rng.random() < 0.3 else [],
        "expires": rng.choice([1, 60, 3600, 604800]),
        "hash": "UNSIGNED-PAYLOAD" if service == "s3" else hashlib.sha256(b"").hexdigest(),
    })
    if rng.random() < 0.5:
        request["token"] = "".join(rng.choices("abcXYZ019/+=", k=rng.randint(1, 900)))
    return request


def ask_ours(program, requests):
    lines = []
    for request in requests:
        for key in ("method", "path", "query", "hash", "service", "region", "date", "key_id",
                    "secret", "expires", "token"):
            if key in request:
                lines.append(f"{key} {request[key]}")
        lines.append(f"header Host:{request['host']}")
        if "expires" not in request:
            lines.append(f"header X-Amz-Date:{request['date']}")
            lines.append(f"header X-Amz-Content-SHA256:{request['hash']}")
        lines += [f"header {name}:{value}" for name, value in request["headers"]]
        lines.append("end")
    out = subprocess.run([program], input="\n".join(lines) + "\n", capture_output=True, text=True,
                         check=True)
    return [json.loads(line) for line in out.stdout.splitlines()]


def ask_botocore(request):
    url = f"https://{request['host']}{request['path']}"
    if request["query"]:
        url += "?" + request["query"]
    aws = AWSRequest(method=request["method"], url=url)
    aws.headers["Host"] = request["host"]
    aws.headers["X-Amz-Date"] = request["date"]
    aws.headers["X-Amz-Content-SHA256"] = request["hash"]
    for name, value in request["headers"]:
        aws.headers[name] = value
    aws.context["timestamp"] = request["date"]
    signer = S3SigV4Auth if request["service"] == "s3" else SigV4Auth
    auth = signer(Credentials(request["key_id"], request["secret"]), request["service"],
                  request["region"])
    canonical = auth.canonical_request(aws)
    to_sign = auth.string_to_sign(aws, canonical)
    signature = auth.signature(to_sign, aws)
    signed = auth.signed_headers(auth.headers_to_sign(aws))
    return {
        "canonical_request": canonical, "string_to_sign": to_sign,
        "authorization": f"AWS4-HMAC-SHA256 Credential={auth.scope(aws)}, "
                         f"SignedHeaders={signed}, Signature={signature}",
    }


def presign_with_botocore(request):
    url = f"https://{request['host']}{request['path']}"
    if request["query"]:
        url += "?" + request["query"]
    aws = AWSRequest(method=request["method"], url=url)
    aws.headers["Host"] = request["host"]
    for name, value in request["headers"]:
        aws.headers[name] = value
    aws.context["timestamp"] = request["date"]
    signer = S3SigV4QueryAuth if request["service"] == "s3" else SigV4QueryAuth
    auth = signer(Credentials(request["key_id"], request["secret"], request.get("token")),
                  request["service"], request["region"], expires=request["expires"])
    auth._modify_request_before_signing(aws)
    signature = auth.signature(auth.string_to_sign(aws, auth.canonical_request(aws)), aws)
    auth._inject_signature_to_request(aws, signature)
    return aws.url.partition("?")[2]


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1 << 32)
    print(f"# botocore {botocore.__version__}, seed {seed}")
    rng = random.Random(seed)
    requests = [make_request(rng) for _ in range(COUNT)]
    ours = ask_ours(sys.argv[1], requests)
    presigned = [make_presigned(rng) for _ in range(PRESIGNED_COUNT)]
    our_queries = ask_ours(sys.argv[1], presigned)
    print(f"1..{3 * COUNT + PRESIGNED_COUNT}")
    number = 0
    failed = 0
    for index, request in enumerate(requests):
        theirs = ask_botocore(request)
        for stage in ("canonical_request", "string_to_sign", "authorization"):
            number += 1
            same = index < len(ours) and ours[index][stage] == theirs[stage]
            failed += not same
            print(f"{'ok' if same else 'not ok'} {number} - request {index}: {stage}")
            if not same and failed < 6:
                print("# ours:   " + repr(ours[index][stage] if index < len(ours) else None))
                print("# theirs: " + repr(theirs[stage]))
    for index, request in enumerate(presigned):
        number += 1
        theirs = presign_with_botocore(request)
        our_query = our_queries[index]["presigned"] if index < len(our_queries) else None
        failed += our_query != theirs
        print(f"{'ok' if our_query == theirs else 'not ok'} {number} - presigned URL {index}")
        if our_query != theirs and failed < 6:
            print("# ours:   " + repr(our_query))
            print("# theirs: " + repr(theirs))
    sys.exit(failed > 0)


main()
