#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bucket in another region than ours: S3's refusals, and that the request is then signed anew for
the right region, once, with its body, and the region remembered. botocore judges each signature.

usage: s3_redirect.py S3_CALL
"""
import hashlib
import sys

from peer import Tap, need
from s3_judge import KEY, SECRET, TOKEN, check_signature, region_of
from s3_proxy import Proxy, query_of
from s3_sides import REGION, Ours, make_bytes, say

ELSEWHERE = "ap-northeast-2"
BODY = make_bytes("object", 5000)
XML = [("Content-Type", "application/xml")]
WHERE = [("x-amz-bucket-region", ELSEWHERE)]


def error(code, inside=""):
    return (f"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>The "
            f"bucket is elsewhere.</Message>{inside}<RequestId>R</RequestId></Error>").encode()


MOVED = error("PermanentRedirect", "<Endpoint>photos.s3.ap-northeast-2.amazonaws.com</Endpoint>"
              "<Bucket>photos</Bucket>")
MALFORMED = error("AuthorizationHeaderMalformed", f"<Region>{ELSEWHERE}</Region>")
REFUSALS = {
    "301 with the region in a header": (301, XML + WHERE, MOVED),
    "301 with the region in header and body": (301, XML + WHERE, error(
        "PermanentRedirect", f"<Region>{ELSEWHERE}</Region>")),
    "307 with the region in a header": (307, XML + WHERE + [
        ("Location", "https://photos.s3.ap-northeast-2.amazonaws.com/")],
        error("TemporaryRedirect")),
    "400 with the region in the body": (400, XML, MALFORMED),
    "400 with the region in both": (400, XML + WHERE, MALFORMED),
    "301 without a body": (301, WHERE, b""),
    "400 without a body": (400, WHERE, b""),
}
CALLS = {
    "get": ({"key": "a b+c"}, None),
    "put": ({"key": "a b+c"}, BODY),
    "head": ({"key": "a b+c"}, None),
    "list": ({"prefix": "a b/"}, None),
    "delete": ({"key": "a b+c"}, None),
}
LISTING = (b"<ListBucketResult><Name>photos</Name><KeyCount>0</KeyCount><IsTruncated>false"
           b"</IsTruncated></ListBucketResult>")


def serve(request):
    """What a bucket answers where it lies."""
    etag = [("ETag", f"\"{hashlib.md5(request.body).hexdigest()}\"")]
    if "uploads" in query_of(request):
        return 200, XML, (b"<InitiateMultipartUploadResult><UploadId>U1</UploadId>"
                          b"</InitiateMultipartUploadResult>")
    if request.method == "POST":
        return 200, XML, (b"<CompleteMultipartUploadResult><ETag>\"e-2\"</ETag>"
                          b"</CompleteMultipartUploadResult>")
    if "list-type" in query_of(request):
        return 200, XML, LISTING
    if request.method in ("GET", "HEAD"):
        return 200, [("ETag", "\"e\""), ("Content-Length", str(len(BODY)))], BODY
    return (204, [], b"") if request.method == "DELETE" else (200, etag, b"")


class Bucket:
    """In ELSEWHERE: refuses what is signed for another region, serves the rest."""

    def __init__(self, refusal):
        self.refusal = refusal
        self.problems = []

    def __call__(self, request, _):
        region = region_of(request)
        self.problems += check_signature(request, region)
        if region == ELSEWHERE:
            return serve(request)
        status, headers, body = self.refusal
        return status, headers, b"" if request.method == "HEAD" else body


def judge_refusals(tap, ours, proxy):
    for name, refusal in REFUSALS.items():
        for operation, (words, body) in CALLS.items():
            if not refusal[2] and operation != "head":
                continue  # only HEAD is answered without a body
            if "in the body" in name and operation == "head":
                continue
            bucket = Bucket(refusal)
            proxy.forget(bucket)
            answer = ours.call(operation, body, bucket="photos", **words)
            seen = proxy.seen()
            tap.check(answer["rc"] == 0 and bucket.problems == [] and
                      [region_of(r) for r in seen] == [REGION, ELSEWHERE] and
                      len({(r.method, r.path, r.body) for r in seen}) == 1,
                      f"{operation}, {name}: signed again for the right region",
                      f"{say(answer)}\n{bucket.problems}\n{[region_of(r) for r in seen]}")
            if operation == "get":
                tap.check(answer["body"] == BODY, f"get, {name}: the object and nothing else",
                          say(answer))


def judge_memory(tap, ours, proxy):
    """Three calls of one client ask the wrong region once; so does an upload in parts."""
    bucket = Bucket(REFUSALS["301 with the region in a header"])
    proxy.forget(bucket)
    answer = ours.call("get", bucket="photos", key="k", repeat=3)
    regions = [region_of(r) for r in proxy.seen()]
    tap.check(answer["rc"] == 0 and regions == [REGION, ELSEWHERE, ELSEWHERE, ELSEWHERE],
              "the region is remembered", f"{say(answer)} {regions}")
    proxy.forget(bucket)
    part = 5 << 20
    answer = ours.call("upload", make_bytes("parts", part + 5), bucket="photos", key="k", jobs=2,
                       threshold_bytes=part, part_bytes=part)
    regions = [region_of(r) for r in proxy.seen()]
    tap.check(answer["rc"] == 0 and regions == [REGION] + [ELSEWHERE] * 4 and not bucket.problems,
              "an upload in parts asks the wrong region once", f"{say(answer)} {regions}")


def judge_traps(tap, ours, proxy):
    """Answers that are not followed, or not for ever."""
    rows = {
        "the other region refuses too": (
            301, XML + WHERE, MOVED, [REGION, ELSEWHERE]),
        "the region that was asked": (
            301, XML + [("x-amz-bucket-region", REGION)], error("PermanentRedirect"), [REGION]),
        "a region that is a host": (
            301, XML + [("x-amz-bucket-region", "evil.example/")], error("PermanentRedirect"),
            [REGION]),
        "a host that is not one of S3's": (
            301, XML + [("Location", "https://evil.example/photos")],
            error("PermanentRedirect", "<Endpoint>evil.example</Endpoint>"), [REGION]),
        "a place without encryption": (
            307, XML + [("Location", "http://photos.s3.amazonaws.com/k")],
            error("TemporaryRedirect"), [REGION]),
    }
    for name, (status, headers, body, expected) in rows.items():
        proxy.forget(lambda request, _, answer=(status, headers, body): answer)
        answer = ours.call("get", bucket="photos", key="k")
        regions = [region_of(r) for r in proxy.seen()]
        tap.check(answer["rc"] not in (0, None) and answer["status"] == status and
                  bool(answer["message"]) and bool(answer["hint"]) and regions == expected,
                  f"not followed: {name}; told with a next step", f"{say(answer)} {regions}")
        tap.check(not answer["body"], f"and nothing is written: {name}", say(answer))


def judge_ping_pong(tap, ours, proxy):
    """Each region sends to the other."""
    def answer(request, _):
        other = REGION if region_of(request) == ELSEWHERE else ELSEWHERE
        return 301, XML + [("x-amz-bucket-region", other)], MOVED

    proxy.forget(answer)
    got = ours.call("get", bucket="photos", key="k")
    regions = [region_of(r) for r in proxy.seen()]
    tap.check(got["rc"] not in (0, None) and got["status"] == 301 and bool(got["hint"]) and
              regions == [REGION, ELSEWHERE], "two regions that send to each other are asked once "
              "each", f"{say(got)} {regions}")


def main():
    program = need(sys.argv[1])
    tap = Tap()
    with Proxy() as proxy:
        ours = Ours(program, proxy.url, KEY, SECRET, AWS_SESSION_TOKEN=TOKEN)
        judge_refusals(tap, ours, proxy)
        judge_memory(tap, ours, proxy)
        judge_traps(tap, ours, proxy)
        judge_ping_pong(tap, ours, proxy)
    tap.leave()


main()
