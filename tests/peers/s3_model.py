#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every request to S3 that we make, captured and judged by botocore (s3_judge.py), and what we read
in S3's answers against botocore's parser.

usage: s3_model.py S3_CALL
"""
import base64
import datetime
import hashlib
import json
import sys
import urllib.parse

import awscrt
import awscrt.checksums
import botocore.parsers
from botocore.awsrequest import HeadersDict

from peer import Tap, judged_by, need
from s3_judge import (KEY, MODEL, SECRET, TOKEN, check_names, check_presigned, check_request,
                      check_signature)
from s3_proxy import Proxy, query_of
from s3_sides import ERR_RESPONSE, ERR_SERVICE, REGION, Ours, crc32_text, make_bytes, say

BODY = make_bytes("model", 7000)
BUCKET, NAME = "photos", "사진/a+b c~(1)//%2B.jpg"
OWNER = "123456789012"
CONTEXT = "{\"album\":\"한국\"}"
KMS_KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-0000-4000-8000-000000000000"
UPLOAD = "U~p.l_o-a+d/i=d&1"
WHERE = {"Bucket": BUCKET, "Key": NAME}
OURS = {"bucket": BUCKET, "key": NAME}

TAGS = {"place": "Köln & Seoul", "a+b": "c=d"}
FULL = {**WHERE, "ContentType": "image/jpeg", "CacheControl": "no-cache",
        "ContentDisposition": "inline; filename=\"a b.jpg\"",
        "Metadata": {"camera": "x  y", "n": "1"},
        "Tagging": urllib.parse.urlencode(TAGS, quote_via=urllib.parse.quote),
        "StorageClass": "INTELLIGENT_TIERING", "ServerSideEncryption": "aws:kms",
        "SSEKMSKeyId": KMS_KEY, "BucketKeyEnabled": True, "ExpectedBucketOwner": OWNER,
        "SSEKMSEncryptionContext": base64.b64encode(CONTEXT.encode()).decode()}
OUR_FULL = {**OURS, "content_type": "image/jpeg", "cache_control": "no-cache",
            "content_disposition": "inline; filename=\"a b.jpg\"",
            "meta": {"Camera": "x  y", "n": "1"}, "tag": TAGS,
            "storage_class": "INTELLIGENT_TIERING", "sse": "aws:kms", "kms_key": KMS_KEY,
            "kms_context": CONTEXT, "bucket_key": True, "owner": OWNER}
SUM = {"Body": BODY, "ChecksumCRC32": crc32_text(BODY), "ChecksumAlgorithm": "CRC32"}
EMPTY = {"Body": b"", "ChecksumCRC32": "AAAAAA==", "ChecksumAlgorithm": "CRC32"}
SENT = {"UploadId": UPLOAD, **WHERE}
OUR_SENT = {"upload_id": UPLOAD, **OURS}
# Name, botocore's parameters, our operation and words, the body that we send.
ROWS = [
    ("PutObject", {**FULL, **SUM, "IfNoneMatch": "*"}, "put", {**OUR_FULL, "if_none_match": True},
     BODY),
    ("PutObject", {**WHERE, **SUM, "ServerSideEncryption": "AES256"}, "put",
     {**OURS, "sse": "AES256"}, BODY),
    ("PutObject", {**WHERE, **EMPTY, "SSEKMSKeyId": "alias/mine",
                   "ServerSideEncryption": "aws:kms:dsse"}, "put",
     {**OURS, "sse": "aws:kms:dsse", "kms_key": "alias/mine"}, b""),
    ("GetObject", {**WHERE, "Range": "bytes=0-99", "VersionId": "v+1/=", "ChecksumMode": "ENABLED",
                   "ExpectedBucketOwner": OWNER}, "get",
     {**OURS, "range": "0-99", "version": "v+1/=", "owner": OWNER}, None),
    ("GetObject", {**WHERE, "ChecksumMode": "ENABLED"}, "get", OURS, None),
    ("HeadObject", {**WHERE, "VersionId": "null", "ChecksumMode": "ENABLED",
                    "ExpectedBucketOwner": OWNER}, "head",
     {**OURS, "version": "null", "owner": OWNER}, None),
    ("DeleteObject", {**WHERE, "VersionId": "v1", "ExpectedBucketOwner": OWNER}, "delete",
     {**OURS, "version": "v1", "owner": OWNER}, None),
    ("ListObjectsV2", {"Bucket": BUCKET, "EncodingType": "url"}, "list", {"bucket": BUCKET}, None),
    ("ListObjectsV2", {"Bucket": BUCKET, "EncodingType": "url", "Prefix": "a+b c/한&", "MaxKeys": 7,
                       "Delimiter": "/", "ExpectedBucketOwner": OWNER}, "list",
     {"bucket": BUCKET, "prefix": "a+b c/한&", "delimiter": "/", "max_keys": 7, "owner": OWNER},
     None),
    ("UploadPart", {**SENT, **SUM, "PartNumber": 10000}, "upload-part",
     {**OUR_SENT, "part": 10000}, BODY),
    ("ListParts", {**SENT, "MaxParts": 1000}, "list-parts", OUR_SENT, None),
    ("AbortMultipartUpload", {**SENT, "ExpectedBucketOwner": OWNER}, "abort",
     {**OUR_SENT, "owner": OWNER}, None),
]

XML = [("Content-Type", "application/xml")]
LISTING = """<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>photos</Name>
<Prefix>a%2Bb+c/</Prefix><KeyCount>4</KeyCount><MaxKeys>7</MaxKeys><Delimiter>/</Delimiter>
<EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>
<Contents><Key>a%2Bb+c/%ED%95%9C%01%26.jpg</Key>
<LastModified>2026-11-20T21:35:00.000Z</LastModified>
<ETag>&quot;9b2cf535f27731c974343645a3985328&quot;</ETag>
<ChecksumAlgorithm>CRC32</ChecksumAlgorithm>
<Size>5368709121</Size><StorageClass>STANDARD</StorageClass></Contents>
<Contents><Key>a%2Bb+c/%2520</Key><LastModified>2026-11-20T21:35:00.000Z</LastModified>
<ETag>&#34;d41d8cd98f00b204e9800998ecf8427e-12&#34;</ETag><Size>0</Size></Contents>
<CommonPrefixes><Prefix>a%2Bb+c/%F0%9F%8F%94/</Prefix></CommonPrefixes>
<CommonPrefixes><Prefix>a%2Bb+c/x%2By/</Prefix></CommonPrefixes>
</ListBucketResult>""".encode()
SUMS = [crc32_text(bytes([at])) for at in range(3)]
PARTS = ("""<?xml version="1.0" encoding="UTF-8"?>
<ListPartsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Bucket>photos</Bucket><Key>k</Key>
<UploadId>u</UploadId><PartNumberMarker>0</PartNumberMarker><NextPartNumberMarker>3
</NextPartNumberMarker><MaxParts>1000</MaxParts><IsTruncated>false</IsTruncated>""" + "".join(
    f"<Part><PartNumber>{at + 1}</PartNumber><LastModified>2026-11-20T21:35:00.000Z</LastModified>"
    f"<ETag>\"{hashlib.md5(bytes([at])).hexdigest()}\"</ETag><Size>{5242880 + at}</Size>"
    f"<ChecksumCRC32>{SUMS[at]}</ChecksumCRC32></Part>" for at in range(3)) +
    "<StorageClass>STANDARD</StorageClass><ChecksumAlgorithm>CRC32</ChecksumAlgorithm>"
    "<ChecksumType>FULL_OBJECT</ChecksumType></ListPartsResult>").encode()
CREATED = (f"<InitiateMultipartUploadResult><UploadId>{UPLOAD.replace('&', '&amp;')}</UploadId>"
           "</InitiateMultipartUploadResult>").encode()
DONE = (b"<CompleteMultipartUploadResult><Location>http://x/</Location><Bucket>photos</Bucket>"
        b"<Key>k</Key><ETag>&quot;3858f62230ac3c915f300c664312c11f-3&quot;</ETag>"
        b"<ChecksumCRC32>rn4vYA==</ChecksumCRC32><ChecksumType>FULL_OBJECT</ChecksumType>"
        b"</CompleteMultipartUploadResult>")
OBJECT = [("ETag", "\"9b2cf535f27731c974343645a3985328\""), ("Content-Type", "image/jpeg"),
          ("x-amz-version-id", "3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY"), ("Cache-Control", "max-age=5"),
          ("Content-Disposition", "inline"), ("x-amz-meta-camera", "x  y"),
          ("x-amz-storage-class", "GLACIER_IR"), ("x-amz-server-side-encryption", "aws:kms"),
          ("Last-Modified", "Fri, 20 Nov 2026 21:35:00 GMT")]


def answer_to(request, _):
    """A lawful answer to each request."""
    query = query_of(request)
    if request.method == "POST":
        return 200, XML, CREATED if "uploads" in query else DONE
    if request.method == "DELETE":
        return 204, [], b""
    if request.method == "PUT":
        etag = hashlib.md5(request.body).hexdigest()
        return 200, [("ETag", f"\"{etag}\""),
                     ("x-amz-checksum-crc32", crc32_text(request.body))], b""
    if "list-type" in query or "uploadId" in query:
        return 200, XML, LISTING if "list-type" in query else PARTS
    return 200, OBJECT + [("Content-Length", str(len(BODY)))], BODY


def parse(name, headers, body):
    """The answer as botocore reads it, keys still encoded."""
    shape = MODEL.operation_model(name).output_shape
    return botocore.parsers.create_parser("rest-xml").parse(
        {"status_code": 200, "headers": HeadersDict(dict(headers)), "body": body, "context": {}},
        shape)


def judge_requests(tap, ours, proxy):
    for name, params, operation, words, body in ROWS:
        proxy.forget(answer_to)
        answer = ours.call(operation, body, **words)
        seen = proxy.seen()
        title = f"{name} ({', '.join(sorted(set(params) - set(WHERE))) or 'plain'})"
        if not tap.check(answer["rc"] == 0 and len(seen) == 1, f"{title}: one request, taken",
                         f"{say(answer)} {[r.path for r in seen]}"):
            continue
        problems = check_request(name, params, seen[0], REGION)
        tap.check(problems == [], f"{title}: signature, names and botocore's own request",
                  "\n".join(problems))


def judge_upload(tap, ours, proxy):
    """CreateMultipartUpload and CompleteMultipartUpload, whose parameters the task makes."""
    proxy.forget(answer_to)
    made = ours.call("create-multipart", **OUR_FULL)
    tap.check(made["rc"] == 0 and made["upload_id"] == UPLOAD, "CreateMultipartUpload: its id",
              say(made))
    request = proxy.seen("POST")[0]
    sums = {"ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"}
    problems = check_request("CreateMultipartUpload", {**FULL, **sums}, request, REGION)
    tap.check(problems == [], "CreateMultipartUpload: signature, names and botocore's own request",
              "\n".join(problems))
    proxy.forget(answer_to)
    done = ours.call("complete", if_none_match=True, owner=OWNER, **OUR_SENT)
    theirs = parse("CompleteMultipartUpload", XML, DONE)
    tap.check(done["rc"] == 0 and done["etag"] == theirs["ETag"],
              "CompleteMultipartUpload: the ETag as botocore reads it", say(done))
    parts = [{"PartNumber": at + 1, "ETag": f"\"{hashlib.md5(bytes([at])).hexdigest()}\"",
              "ChecksumCRC32": SUMS[at]} for at in range(3)]
    request = proxy.seen("POST")[0]
    size = MODEL.operation_model("CompleteMultipartUpload").input_shape.members["MpuObjectSize"]
    bytes_of_all = 3 * 5242880 + 3
    params = {**SENT, "MpuObjectSize": bytes_of_all if size.type_name == "long" else str(
        bytes_of_all), "MultipartUpload": {"Parts": parts}, "IfNoneMatch": "*",
              "ExpectedBucketOwner": OWNER, "ChecksumType": "FULL_OBJECT",
              "ChecksumCRC32": request.headers.get("x-amz-checksum-crc32")}
    problems = check_request("CompleteMultipartUpload", params, request, REGION)
    tap.check(problems == [], "CompleteMultipartUpload: signature, names and botocore's own XML",
              "\n".join(problems))


def judge_task(tap, ours, proxy):
    """What a whole upload sends: every request's signature and names, the sum of the whole."""
    part, operations = 5 << 20, {"POST uploads": "CreateMultipartUpload", "PUT": "UploadPart",
                                 "POST": "CompleteMultipartUpload"}

    def answer(request, _):
        status, headers, data = answer_to(request, _)
        if "uploads" in query_of(request):  # as a server that knows checksums of the whole
            headers = headers + [("x-amz-checksum-algorithm", "CRC32"),
                                 ("x-amz-checksum-type", "FULL_OBJECT")]
        elif request.method == "POST":  # no checksum of another object
            data = data.replace(b"rn4vYA==", request.headers.get(
                "x-amz-checksum-crc32", "").encode())
        return status, headers, data

    body = make_bytes("task", 2 * part + 1)
    proxy.forget(answer)
    done = ours.call("upload", body, jobs=3, threshold_bytes=part, part_bytes=part, **OUR_FULL)
    tap.check(done["rc"] == 0 and len(proxy.seen()) == 5, "an upload in three parts", say(done))
    for request in proxy.seen():
        name = operations.get(request.method + (" uploads" if "uploads" in query_of(request)
                                                else ""), "?")
        problems = check_signature(request, REGION) + check_names(MODEL.operation_model(name),
                                                                  request)
        tap.check(problems == [], f"{name} of an upload: signature and names", "\n".join(problems))
    last = proxy.seen("POST")[-1]
    tap.check(last.headers.get("x-amz-checksum-crc32") == crc32_text(body) and
              last.headers.get("x-amz-checksum-type") == "FULL_OBJECT",
              "the completion states the CRC-32 of the whole", last.headers.items())


def judge_answers(tap, ours, proxy):
    """Names, numbers and times as botocore reads them."""
    proxy.forget(answer_to)
    mine = ours.call("list", bucket=BUCKET)
    theirs = parse("ListObjectsV2", XML, LISTING)
    decode = urllib.parse.unquote_plus
    tap.check(mine["rc"] == 0 and [(e["key"], e["bytes"], e["etag"]) for e in mine["keys"]] ==
              [(decode(e["Key"]), e["Size"], e["ETag"]) for e in theirs["Contents"]],
              "a listing: keys, sizes over 4 GiB and ETags", say(mine))
    tap.check(mine.get("prefixes") == [decode(e["Prefix"]) for e in theirs["CommonPrefixes"]],
              "a listing: common prefixes", say(mine))
    mine = ours.call("list-parts", **OUR_SENT)
    theirs = parse("ListParts", XML, PARTS)
    tap.check(mine["rc"] == 0 and [(e["part"], e["bytes"], e["etag"]) for e in mine["parts"]] ==
              [(e["PartNumber"], e["Size"], e["ETag"]) for e in theirs["Parts"]],
              "a list of parts", say(mine))
    mine = ours.call("head", **OURS)
    theirs = parse("HeadObject", OBJECT, b"")
    pairs = {"etag": "ETag", "content_type": "ContentType", "version_id": "VersionId",
             "cache_control": "CacheControl", "content_disposition": "ContentDisposition",
             "storage_class": "StorageClass", "sse": "ServerSideEncryption", "metadata": "Metadata"}
    wrong = {a: (mine.get(a), theirs[b]) for a, b in pairs.items() if mine.get(a) != theirs[b]}
    time = datetime.datetime.strptime(mine.get("last_modified", ""), "%a, %d %b %Y %H:%M:%S GMT")
    tap.check(mine["rc"] == 0 and not wrong and
              time == theirs["LastModified"].replace(tzinfo=None),
              "an object's headers", f"{wrong} {say(mine)}")


def judge_errors(tap, ours, proxy):
    """An <Error> as botocore reads it, also one inside 200."""
    text = (b"<?xml version=\"1.0\"?><Error><Code>InvalidPart</Code><Message>One or more &lt;parts"
            b"&gt; are gone.</Message><RequestId>R1</RequestId></Error>")
    theirs = botocore.parsers.create_parser("rest-xml").parse(
        {"status_code": 400, "headers": HeadersDict(dict(XML)), "body": text, "context": {}},
        MODEL.operation_model("CompleteMultipartUpload").output_shape)["Error"]
    for status in (400, 200):
        proxy.forget(lambda request, _, code=status: (code, XML, text) if request.method == "POST"
                     else (200, XML, PARTS))
        mine = ours.with_env(AWS_MAX_ATTEMPTS="1").call("complete", **OUR_SENT)
        tap.check(mine["rc"] == ERR_SERVICE and mine["aws_code"] == theirs["Code"] and
                  theirs["Message"] in mine["message"],
                  f"an error of a completion, status {status}", f"{say(mine)} {json.dumps(theirs)}")


def sums_of(body):
    """Name of the header -> value, by aws-c-checksums and Python."""
    def text(number, count):
        return base64.b64encode(number.to_bytes(count, "big")).decode()
    return {"crc32": text(awscrt.checksums.crc32(body), 4),
            "crc32c": text(awscrt.checksums.crc32c(body), 4),
            "crc64nvme": text(awscrt.checksums.crc64nvme(body), 8),
            "sha1": base64.b64encode(hashlib.sha1(body).digest()).decode(),
            "sha256": base64.b64encode(hashlib.sha256(body).digest()).decode()}


def judge_checksums(tap, ours, proxy):
    """What S3 states of an object is compared with what came, and nothing else is given out."""
    for name, value in sums_of(BODY).items():
        for what, body, rc in (("whole", BODY, 0), ("damaged", b"x" + BODY[1:], ERR_RESPONSE),
                               ("cut", BODY[:-1], ERR_RESPONSE)):
            proxy.forget(lambda _r, _p, body=body: (200, OBJECT + [
                (f"x-amz-checksum-{name}", value), ("x-amz-checksum-type", "FULL_OBJECT")], body))
            got = ours.call("get", **OURS)
            right = got["checksum_checked"] and got["body"] == BODY if rc == 0 and got["rc"] == 0 \
                else not got["body"] and bool(got.get("hint"))
            tap.check(got["rc"] == rc and right, f"{name} of an object that came {what}", say(got))
    proxy.forget(lambda *_: (200, OBJECT + [("x-amz-checksum-crc32", "AAAAAA==-3"),
                                            ("x-amz-checksum-type", "COMPOSITE")], BODY))
    got = ours.call("get", **OURS)
    tap.check(got["rc"] == 0 and got["checksum_checked"] is False and got["body"] == BODY,
              "a checksum of checksums is not taken for one of the bytes", say(got))


def judge_presigned(tap, ours):
    for name in (NAME, "a b", "..", "a/../b", "?x=1&y"):
        for env, token in (({}, TOKEN), ({"AWS_SESSION_TOKEN": ""}, None)):
            made = ours.with_env(**env).call("presign", bucket=BUCKET, key=name, expires=77)
            problems = [say(made)] if made["rc"] != 0 else check_presigned(
                made["url"], REGION, 77, token)
            tap.check(problems == [], f"a presigned URL of \"{name}\", "
                      f"{'with' if token else 'without'} a session token", "\n".join(problems))


def main():
    program = need(sys.argv[1])
    tap = Tap()
    judged_by("awscrt", awscrt.__version__)
    with Proxy() as proxy:
        ours = Ours(program, proxy.url, KEY, SECRET, AWS_SESSION_TOKEN=TOKEN)
        judge_requests(tap, ours, proxy)
        judge_upload(tap, ours, proxy)
        judge_task(tap, ours, proxy)
        judge_answers(tap, ours, proxy)
        judge_errors(tap, ours, proxy)
        judge_checksums(tap, ours, proxy)
        judge_presigned(tap, ours)
    tap.leave()


main()
