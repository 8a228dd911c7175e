# SPDX-License-Identifier: GPL-3.0-or-later
"""The S3 of imgrecog-local as boto3 sees it: buckets, objects, odd keys, ranges, conditions, lists,
multipart uploads, presigned URLs, bodies sent as aws-chunked, and servers that are killed.

    local_s3.py IMGRECOG_LOCAL
"""

import base64
import concurrent.futures
import datetime
import fcntl
import hashlib
import hmac
import http.client
import io
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import zlib

import local_support as support

boto3 = support.need("boto3", "python3-boto3")
botocore_auth = support.need("botocore.auth", "python3-botocore")
botocore_config = support.need("botocore.config", "python3-botocore")
botocore_credentials = support.need("botocore.credentials", "python3-botocore")
botocore_request = support.need("botocore.awsrequest", "python3-botocore")
s3_transfer = support.need("boto3.s3.transfer", "python3-boto3")

MIB = 1 << 20
KEYS = ["plain.jpg", "a b+c&d=e?f#g%h", "é/ü ~", "..", "../../etc/passwd", "a/../b", "a//b", "/leading", "trailing/",
        ".", "a", "a/b", "a/b/c", "이미지/사진.png", "😀/🎉", "x" * 1024, "é" * 512, "%2B", "a%2Fb", "lock", "=", "+",
        "x+/y=", "a'\"<>&b", "tab\there", "CON", "-rf", "~", "deep/" * 200]


def s3(url, key_id=support.KEY_ID, secret=support.SECRET, **config):
    return boto3.client(
        "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id=key_id, aws_secret_access_key=secret,
        config=botocore_config.Config(retries={"total_max_attempts": 1}, read_timeout=60, **config))


def code(call, **arguments):
    return support.error_code(call, **arguments)[0]


def raw(url, method, path, body=b"", headers=None):
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer, data


# ---- tests ---------------------------------------------------------------------------------------


def test_buckets(tap, client, folder):
    tap.equal(client.list_buckets()["Buckets"], [], "no buckets at first")
    client.create_bucket(Bucket="photos")
    client.create_bucket(Bucket="photos")
    tap.equal([bucket["Name"] for bucket in client.list_buckets()["Buckets"]], ["photos"], "a bucket")
    tap.equal(client.head_bucket(Bucket="photos")["ResponseMetadata"]["HTTPStatusCode"], 200, "HeadBucket")
    tap.equal(code(client.head_bucket, Bucket="nothing"), "404", "HeadBucket of none")
    tap.equal(code(client.list_objects_v2, Bucket="nothing"), "NoSuchBucket", "ListObjectsV2 of none")
    tap.equal(code(client.put_object, Bucket="nothing", Key="k", Body=b"x"), "NoSuchBucket", "PutObject into none")
    answer = support.error_code(client.put_object, Bucket="nothing", Key="k", Body=b"x")[1]
    tap.check(f"mkdir {folder}/nothing" in answer, "who misses a bucket is told how to make one", answer)
    os.mkdir(os.path.join(folder, "by-hand"))
    client.put_object(Bucket="by-hand", Key="k", Body=b"x")
    tap.equal(client.get_object(Bucket="by-hand", Key="k")["Body"].read(), b"x", "a folder made by hand is a bucket")
    client.delete_object(Bucket="by-hand", Key="k")
    client.delete_bucket(Bucket="by-hand")
    tap.equal(os.path.exists(os.path.join(folder, "by-hand")), False, "it goes as any other")
    for name in ("ab", "Photos", "a..b", "192.168.1.1", "xn--a", "-ab", "a_b", ".tmp", "x" * 64):
        url = client.meta.endpoint_url
        request = botocore_request.AWSRequest("PUT", f"{url}/{name}", data=b"")
        answer, data = send(request, url)
        tap.check(answer.status == 400 and b"InvalidBucketName" in data, f"bucket name refused: {name}", data)
    client.put_object(Bucket="photos", Key="k", Body=b"x")
    tap.equal(code(client.delete_bucket, Bucket="photos"), "BucketNotEmpty", "a full bucket stays")
    client.delete_object(Bucket="photos", Key="k")
    client.delete_bucket(Bucket="photos")
    tap.equal(client.list_buckets()["Buckets"], [], "an empty one goes")


def send(request, url):
    """Signs as botocore does for S3 and sends."""
    body = request.data or b""
    payload = request.headers.get("X-Amz-Content-SHA256") or hashlib.sha256(body).hexdigest()
    signer = botocore_auth.S3SigV4Auth(botocore_credentials.Credentials(support.KEY_ID, support.SECRET), "s3",
                                       "us-east-1")
    signer.payload = lambda _: payload
    signer.add_auth(request)
    path = request.url[len(url):]
    return raw(url, request.method, path, body, dict(request.headers.items()))


def test_objects(tap, client):
    put = client.put_object(Bucket="photos", Key="a", Body=b"hello", ContentType="image/jpeg", CacheControl="no-store",
                            Metadata={"Camera": "X 1", "plain": "y"}, Tagging="a=1&b=two+words",
                            StorageClass="STANDARD_IA")
    tap.equal(put["ETag"], '"5d41402abc4b2a76b9719d911017c592"', "ETag is the MD5")
    got = client.get_object(Bucket="photos", Key="a", ChecksumMode="ENABLED")
    tap.equal(got["Body"].read(), b"hello", "the bytes come back")
    tap.equal((got["ContentType"], got["CacheControl"], got["Metadata"], got["StorageClass"], got["TagCount"]),
              ("image/jpeg", "no-store", {"camera": "X 1", "plain": "y"}, "STANDARD_IA", 2), "and what is beside them")
    tap.equal(got.get("ChecksumCRC32"), base64.b64encode(zlib.crc32(b"hello").to_bytes(4, "big")).decode(),
              "and the checksum")
    head = client.head_object(Bucket="photos", Key="a")
    tap.equal((head["ContentLength"], head["ETag"]), (5, put["ETag"]), "HeadObject")
    tags = client.get_object_tagging(Bucket="photos", Key="a")["TagSet"]
    tap.equal(tags, [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "two words"}], "tags")
    tap.equal(code(client.get_object, Bucket="photos", Key="b"), "NoSuchKey", "a key that is not there")
    tap.equal(code(client.head_object, Bucket="photos", Key="b"), "404", "HeadObject of it")
    client.put_object(Bucket="photos", Key="empty", Body=b"")
    tap.equal(client.get_object(Bucket="photos", Key="empty")["Body"].read(), b"", "an empty object")
    client.delete_object(Bucket="photos", Key="empty")
    client.delete_object(Bucket="photos", Key="empty")
    tap.equal(code(client.head_object, Bucket="photos", Key="empty"), "404", "DeleteObject, twice")
    for algorithm in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"):
        try:
            answer = client.put_object(Bucket="photos", Key=algorithm, Body=b"123456789" * 1000,
                                       ChecksumAlgorithm=algorithm)
        except Exception as error:  # CRC32C and CRC64NVME need a module that may not be installed
            if "Missing Dependency" not in str(error) and "Unsupported checksum" not in str(error):
                tap.check(False, f"{algorithm}", error)
            continue
        tap.check(answer.get(f"Checksum{algorithm}"), f"{algorithm} is checked and echoed", answer)
        client.delete_object(Bucket="photos", Key=algorithm)
    good = {"CRC32C": "4waSgw==", "CRC64NVME": "rosUhgp5mIg="}
    for algorithm, value in good.items():
        for wrong in (False, True):
            sent = "AAAA" + value[4:] if wrong else value
            request = botocore_request.AWSRequest("PUT", client.meta.endpoint_url + "/photos/sum", data=b"123456789",
                                                  headers={"x-amz-checksum-" + algorithm.lower(): sent})
            answer, data = send(request, client.meta.endpoint_url)
            tap.equal((answer.status, b"BadDigest" in data), (400, True) if wrong else (200, False),
                      f"{algorithm} of the digits, {'wrong' if wrong else 'right'}")
    client.delete_object(Bucket="photos", Key="sum")
    rows = [("wrong CRC32", {"ChecksumCRC32": "AAAAAA=="}, "BadDigest"),
            ("wrong Content-MD5", {"ContentMD5": base64.b64encode(b"x" * 16).decode()}, "BadDigest"),
            ("Content-MD5 is none", {"ContentMD5": "abc"}, "InvalidDigest"),
            ("encryption", {"ServerSideEncryption": "AES256"}, "NotImplemented"),
            ("public ACL", {"ACL": "public-read"}, "AccessControlListNotSupported"),
            ("another owner", {"ExpectedBucketOwner": "111122223333"}, "AccessDenied"),
            ("archive class", {"StorageClass": "DEEP_ARCHIVE"}, "InvalidStorageClass"),
            ("11 tags", {"Tagging": "&".join(f"k{n}=v" for n in range(11))}, "InvalidTag"),
            ("2,049 bytes of metadata", {"Metadata": {"k": "v" * 2048}}, "MetadataTooLarge")]
    for name, arguments, wanted in rows:
        tap.equal(code(client.put_object, Bucket="photos", Key="refused", Body=b"x", **arguments), wanted,
                  f"refused: {name}")
    tap.equal(code(client.head_object, Bucket="photos", Key="refused"), "404", "what was refused is not there")
    tap.equal(code(client.get_bucket_acl, Bucket="photos"), "NotImplemented", "an operation that is not here")
    client.copy_object(Bucket="photos", Key="copy ü", CopySource={"Bucket": "photos", "Key": "a"})
    got = client.get_object(Bucket="photos", Key="copy ü")
    tap.equal((got["Body"].read(), got["Metadata"]["plain"]), (b"hello", "y"), "CopyObject")
    client.delete_object(Bucket="photos", Key="copy ü")


def test_conditions(tap, client):
    tap.equal(code(client.put_object, Bucket="photos", Key="a", Body=b"2", IfNoneMatch="*"), "PreconditionFailed",
              "If-None-Match: * where there is an object")
    tap.equal(client.get_object(Bucket="photos", Key="a")["Body"].read(), b"hello", "it is as it was")
    etag = client.put_object(Bucket="photos", Key="new", Body=b"1", IfNoneMatch="*")["ETag"]
    tap.equal(code(client.put_object, Bucket="photos", Key="new", Body=b"2", IfMatch='"0"'), "PreconditionFailed",
              "If-Match of another ETag")
    tap.equal(code(client.put_object, Bucket="photos", Key="none", Body=b"2", IfMatch=etag), "NoSuchKey",
              "If-Match where there is nothing")
    client.put_object(Bucket="photos", Key="new", Body=b"2", IfMatch=etag)
    tap.equal(client.get_object(Bucket="photos", Key="new")["Body"].read(), b"2", "If-Match")
    etag = client.head_object(Bucket="photos", Key="new")["ETag"]
    past = datetime.datetime(2001, 1, 1, tzinfo=datetime.timezone.utc)
    future = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    rows = [("If-None-Match", {"IfNoneMatch": etag}, "304"), ("If-None-Match of another", {"IfNoneMatch": '"0"'}, ""),
            ("If-Match", {"IfMatch": etag}, ""), ("If-Match of another", {"IfMatch": '"0"'}, "PreconditionFailed"),
            ("If-Modified-Since, tomorrow", {"IfModifiedSince": future}, "304"),
            ("If-Modified-Since, 2001", {"IfModifiedSince": past}, ""),
            ("If-Unmodified-Since, 2001", {"IfUnmodifiedSince": past}, "PreconditionFailed")]
    for name, arguments, wanted in rows:
        tap.equal(code(client.get_object, Bucket="photos", Key="new", **arguments), wanted, f"GET with {name}")
    client.delete_object(Bucket="photos", Key="new")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda n: code(client.put_object, Bucket="photos", Key="race", Body=bytes([n]) * 9,
                                             IfNoneMatch="*"), range(16)))
    tap.equal((codes.count(""), codes.count("PreconditionFailed")), (1, 15), "of 16 that may create, one does")
    client.delete_object(Bucket="photos", Key="race")


def test_ranges(tap, client):
    data = bytes(range(256)) * 4
    client.put_object(Bucket="photos", Key="r", Body=data)
    rows = [("bytes=0-0", data[:1], "bytes 0-0/1024"), ("bytes=10-19", data[10:20], "bytes 10-19/1024"),
            ("bytes=1000-", data[1000:], "bytes 1000-1023/1024"), ("bytes=-5", data[-5:], "bytes 1019-1023/1024"),
            ("bytes=-5000", data, "bytes 0-1023/1024"), ("bytes=1020-9999", data[1020:], "bytes 1020-1023/1024"),
            ("bytes=5-4", data, None), ("chars=1-2", data, None), ("bytes=0-1,4-5", data, None)]
    for text, wanted, header in rows:
        got = client.get_object(Bucket="photos", Key="r", Range=text)
        tap.equal((got["Body"].read() == wanted, got.get("ContentRange")), (True, header), f"range {text}")
    for text in ("bytes=1024-", "bytes=-0"):
        tap.equal(code(client.get_object, Bucket="photos", Key="r", Range=text), "InvalidRange", f"range {text}")
    client.delete_object(Bucket="photos", Key="r")


def test_keys(tap, client, folder):
    client.create_bucket(Bucket="odd-keys")
    outside = sorted(os.listdir(os.path.dirname(folder)))
    for key in KEYS:
        client.put_object(Bucket="odd-keys", Key=key, Body=key.encode(), Metadata={"n": "1"})
    for key in KEYS:
        got = client.get_object(Bucket="odd-keys", Key=key)["Body"].read()
        tap.equal(got, key.encode(), f"key {key[:20]!r}")
    pages = client.get_paginator("list_objects_v2").paginate(Bucket="odd-keys", PaginationConfig={"PageSize": 7})
    listed = [item["Key"] for page in pages for item in page.get("Contents", [])]
    tap.equal(listed, sorted(KEYS, key=lambda key: key.encode()), "all are listed, in the order of their bytes")
    tap.equal(sorted(os.listdir(os.path.dirname(folder))), outside, "nothing left the folder")
    tap.equal(code(client.put_object, Bucket="odd-keys", Key="x" * 1025, Body=b""), "KeyTooLongError", "1,025 bytes")
    answer = client.delete_objects(Bucket="odd-keys", Delete={"Objects": [{"Key": key} for key in KEYS]})
    tap.equal((len(answer.get("Deleted", [])), answer.get("Errors")), (len(KEYS), None), "DeleteObjects")
    client.delete_bucket(Bucket="odd-keys")


def test_lists(tap, client):
    client.create_bucket(Bucket="lists")
    names = [f"{letter}/{number:02}.jpg" for letter in "abc" for number in range(12)] + ["top.jpg", "z"]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: client.put_object(Bucket="lists", Key=name, Body=b"1"), names))
    names.sort()

    def pages(**arguments):
        keys, prefixes = [], []
        for page in client.get_paginator("list_objects_v2").paginate(Bucket="lists", **arguments):
            keys += [item["Key"] for item in page.get("Contents", [])]
            prefixes += [item["Prefix"] for item in page.get("CommonPrefixes", [])]
        return keys, prefixes

    tap.equal(pages(), (names, []), "all")
    tap.equal(pages(MaxKeys=5), (names, []), "five a page")
    tap.equal(pages(Prefix="b/"), ([name for name in names if name.startswith("b/")], []), "prefix")
    tap.equal(pages(Delimiter="/"), (["top.jpg", "z"], ["a/", "b/", "c/"]), "delimiter")
    tap.equal(pages(Delimiter="/", MaxKeys=1), (["top.jpg", "z"], ["a/", "b/", "c/"]), "delimiter, one a page")
    tap.equal(pages(StartAfter="b/05.jpg")[0], [name for name in names if name > "b/05.jpg"], "start-after")
    tap.equal(pages(Prefix="none"), ([], []), "prefix of nothing")
    page = client.list_objects_v2(Bucket="lists", MaxKeys=0)
    tap.equal((page["KeyCount"], page["IsTruncated"]), (0, False), "max-keys 0")
    old, marker = [], ""
    while True:
        page = client.list_objects(Bucket="lists", MaxKeys=7, Marker=marker)
        old += [item["Key"] for item in page["Contents"]]
        if not page["IsTruncated"]:
            break
        marker = page["NextMarker"]
    tap.equal(old, names, "ListObjects, seven a page")
    tap.equal(code(client.list_objects_v2, Bucket="lists", ContinuationToken="%"), "InvalidArgument", "a wrong token")
    item = client.list_objects_v2(Bucket="lists", Prefix="z")["Contents"][0]
    tap.equal((item["Size"], item["ETag"], item["StorageClass"]),
              (1, '"c4ca4238a0b923820dcc509a6f75849b"', "STANDARD"), "what a list says of an object")
    client.delete_objects(Bucket="lists", Delete={"Objects": [{"Key": name} for name in names], "Quiet": True})
    client.delete_bucket(Bucket="lists")


def test_multipart(tap, client, folder):
    rng = random.Random(3)
    data = rng.randbytes(13 * MIB + 7)
    config = s3_transfer.TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB, max_concurrency=4)
    client.upload_fileobj(io.BytesIO(data), "photos", "big.bin", Config=config,
                          ExtraArgs={"Metadata": {"n": "1"}, "ContentType": "image/tiff"})
    head = client.head_object(Bucket="photos", Key="big.bin")
    tap.equal((head["ContentLength"], head["ContentType"], head["Metadata"]), (len(data), "image/tiff", {"n": "1"}),
              "boto3's upload in parts")
    digests = b"".join(hashlib.md5(data[at:at + 5 * MIB]).digest() for at in range(0, len(data), 5 * MIB))
    tap.equal(head["ETag"], f'"{hashlib.md5(digests).hexdigest()}-3"', "its ETag is that of the parts' MD5s")
    back = io.BytesIO()
    client.download_fileobj("photos", "big.bin", back, Config=config)
    tap.check(back.getvalue() == data, "boto3's download in parts")
    upload = client.create_multipart_upload(Bucket="photos", Key="m", ChecksumAlgorithm="CRC32",
                                            ChecksumType="FULL_OBJECT")
    place = {"Bucket": "photos", "Key": "m", "UploadId": upload["UploadId"]}
    parts = [{"PartNumber": number, "ETag": client.upload_part(**place, PartNumber=number, Body=body)["ETag"]}
             for number, body in ((1, data[:5 * MIB]), (3, b"tail"))]
    listed = client.list_parts(**place)
    tap.equal([(part["PartNumber"], part["Size"]) for part in listed["Parts"]], [(1, 5 * MIB), (3, 4)], "ListParts")
    page = client.list_parts(**place, MaxParts=1)
    tap.equal((page["IsTruncated"], page["NextPartNumberMarker"]), (True, 1), "ListParts, one a page")
    uploads = client.list_multipart_uploads(Bucket="photos")["Uploads"]
    tap.equal([item["UploadId"] for item in uploads], [upload["UploadId"]], "ListMultipartUploads")
    rows = [("parts out of order", parts[::-1], "InvalidPartOrder"),
            ("an ETag of another", [{"PartNumber": 1, "ETag": '"00"'}], "InvalidPart"),
            ("a part that is not there", [*parts, {"PartNumber": 9, "ETag": parts[0]["ETag"]}], "EntityTooSmall"),
            ("a first part that is not there", [{"PartNumber": 2, "ETag": '"00"'}], "InvalidPart"),
            ("a number out of range", [{"PartNumber": 10001, "ETag": '"00"'}], "MalformedXML")]
    for name, listed, wanted in rows:
        tap.equal(code(client.complete_multipart_upload, **place, MultipartUpload={"Parts": listed}), wanted,
                  f"not completed: {name}")
    crc = base64.b64encode(zlib.crc32(data[:5 * MIB] + b"tail").to_bytes(4, "big")).decode()
    tap.equal(code(client.complete_multipart_upload, **place, MultipartUpload={"Parts": parts}, ChecksumCRC32="AAAAAA==",
                   ChecksumType="FULL_OBJECT"), "BadDigest", "not completed: a wrong checksum of the whole")
    done = client.complete_multipart_upload(**place, MultipartUpload={"Parts": parts})
    tap.equal((done["ChecksumCRC32"], done["ChecksumType"]), (crc, "FULL_OBJECT"), "completed, with the whole's CRC32")
    tap.check(client.get_object(Bucket="photos", Key="m")["Body"].read() == data[:5 * MIB] + b"tail", "its bytes")
    tap.equal(code(client.upload_part, **place, PartNumber=1, Body=b"x"), "NoSuchUpload", "an upload that has ended")
    upload = client.create_multipart_upload(Bucket="photos", Key="m")
    place["UploadId"] = upload["UploadId"]
    client.upload_part(**place, PartNumber=1, Body=b"x")
    tap.equal(code(client.upload_part, **{**place, "Key": "other"}, PartNumber=1, Body=b"x"), "NoSuchUpload",
              "an upload of another key")
    client.abort_multipart_upload(**place)
    tap.equal(code(client.list_parts, **place), "NoSuchUpload", "aborted")
    tap.equal(os.listdir(os.path.join(folder, "photos", "uploads")), [], "nothing is left of it")
    tap.equal(os.listdir(os.path.join(folder, ".tmp")), [], "nor of anything else")
    client.delete_objects(Bucket="photos", Delete={"Objects": [{"Key": "m"}, {"Key": "big.bin"}]})


def test_presigned(tap, url):
    client = s3(url, signature_version="s3v4")
    link = client.generate_presigned_url("put_object", {"Bucket": "photos", "Key": "p é+"}, ExpiresIn=60)
    answer, data = raw(url, "PUT", link[len(url):], b"by link")
    tap.equal(answer.status, 200, "presigned PUT")
    link = client.generate_presigned_url(
        "get_object", {"Bucket": "photos", "Key": "p é+", "ResponseContentType": "text/x"}, ExpiresIn=60)
    answer, data = raw(url, "GET", link[len(url):])
    tap.equal((answer.status, data, answer.getheader("Content-Type")), (200, b"by link", "text/x"), "presigned GET")
    rows = [("another key", link.replace("photos/p", "photos/q"), 403, b"SignatureDoesNotMatch"),
            ("a longer life", link.replace("Expires=60", "Expires=61"), 403, b"SignatureDoesNotMatch"),
            ("too long a life", link.replace("Expires=60", "Expires=604801"), 400, b"AuthorizationQueryParametersError"),
            ("another method", link, 403, b"SignatureDoesNotMatch"),
            ("no signature", link.split("?")[0], 403, b"AccessDenied")]
    for name, address, status, wanted in rows:
        answer, data = raw(url, "DELETE" if name == "another method" else "GET", address[len(url):])
        tap.check(answer.status == status and wanted in data, f"presigned, {name}", (answer.status, data))
    short = client.generate_presigned_url("get_object", {"Bucket": "photos", "Key": "p é+"}, ExpiresIn=1)
    time.sleep(2.1)
    answer, data = raw(url, "GET", short[len(url):])
    tap.check(answer.status == 403 and b"expired" in data, "presigned, expired", data)
    client.delete_object(Bucket="photos", Key="p é+")


def signing_key(day):
    key = ("AWS4" + support.SECRET).encode()
    for part in (day, "us-east-1", "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def chunked(data, seed, date, trailer, signed, spoil=""):
    """An aws-chunked body, as documented by AWS; `spoil` names what is made wrong."""
    empty = hashlib.sha256(b"").hexdigest()
    scope = f"{date[:8]}/us-east-1/s3/aws4_request"
    former, out = seed, b""

    def sign(kind, *hashes):
        text = "\n".join([kind, date, scope, former, *hashes])
        return hmac.new(signing_key(date[:8]), text.encode(), hashlib.sha256).hexdigest()

    pieces = [data[at:at + 65536] for at in range(0, len(data), 65536)] + [b""]
    for piece in pieces:
        mark = ""
        if signed:
            former = sign("AWS4-HMAC-SHA256-PAYLOAD", empty, hashlib.sha256(piece).hexdigest())
            shown = "0" * 64 if spoil == "chunk" else former
            mark = f";chunk-signature={shown}"
        out += f"{len(piece):x}{mark}\r\n".encode() + piece + (b"\r\n" if piece else b"")
    if trailer:
        if spoil == "sum":
            trailer = trailer.replace(trailer[-8:], "AAAAAA==")
        out += trailer.encode() + b"\r\n"
        if signed:
            signature = sign("AWS4-HMAC-SHA256-TRAILER", hashlib.sha256((trailer + "\n").encode()).hexdigest())
            signature = "1" * 64 if spoil == "trailer" else signature
            out += f"x-amz-trailer-signature:{signature}\r\n".encode()
    out += b"\r\n"
    return out[:-20] if spoil == "end" else out


def test_chunked(tap, client, url):
    data = random.Random(5).randbytes(150000)
    crc = base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()
    rows = [("unsigned with a trailer", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", True, "", 200, b""),
            ("signed chunks", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", False, "", 200, b""),
            ("signed chunks and trailer", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", True, "", 200, b""),
            ("a wrong sum", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", True, "sum", 400, b"BadDigest"),
            ("a wrong chunk", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", False, "chunk", 403, b"SignatureDoesNotMatch"),
            ("a wrong trailer", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", True, "trailer", 403,
             b"SignatureDoesNotMatch"),
            ("cut off", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", True, "end", 400, b"IncompleteBody")]
    for name, keyword, has_trailer, spoil, status, wanted in rows:
        headers = {"X-Amz-Content-SHA256": keyword, "Content-Encoding": "aws-chunked",
                   "x-amz-decoded-content-length": str(len(data))}
        if has_trailer:
            headers["x-amz-trailer"] = "x-amz-checksum-crc32"
        request = botocore_request.AWSRequest("PUT", url + "/photos/chunked", headers=headers)
        signer = botocore_auth.S3SigV4Auth(botocore_credentials.Credentials(support.KEY_ID, support.SECRET), "s3",
                                           "us-east-1")
        signer.payload = lambda _, word=keyword: word
        signer.add_auth(request)
        sent = dict(request.headers.items())
        body = chunked(data, sent["Authorization"].rsplit("=", 1)[1], sent["X-Amz-Date"],
                       f"x-amz-checksum-crc32:{crc}" if has_trailer else "", "HMAC" in keyword, spoil)
        answer, text = raw(url, "PUT", "/photos/chunked", body, sent)
        good = answer.status == status and wanted in text
        if status == 200:
            got = client.get_object(Bucket="photos", Key="chunked")
            good = good and got["Body"].read() == data and "ContentEncoding" not in got
        tap.check(good, f"aws-chunked: {name}", (answer.status, text))
        if status == 200:
            client.delete_object(Bucket="photos", Key="chunked")
    tap.equal(code(client.head_object, Bucket="photos", Key="chunked"), "404", "nothing was kept of the wrong ones")


def test_signatures(tap, client, url):
    rows = [("unknown key", {"key_id": "AKIAIOSFODNN7EXAMPLE"}, "InvalidAccessKeyId"),
            ("wrong secret", {"secret": "wrong"}, "SignatureDoesNotMatch")]
    for name, arguments, wanted in rows:
        tap.equal(code(s3(url, **arguments).list_buckets), wanted, f"signature: {name}")
        tap.equal(code(s3(url, **arguments).put_object, Bucket="photos", Key="x", Body=b"x" * MIB), wanted,
                  f"signature: {name}, with a body")
    request = botocore_request.AWSRequest("PUT", url + "/photos/x", data=b"body",
                                          headers={"X-Amz-Content-SHA256": hashlib.sha256(b"other").hexdigest()})
    answer, data = send(request, url)
    tap.check(answer.status == 400 and b"XAmzContentSHA256Mismatch" in data, "signature: another body", data)
    answer, data = raw(url, "GET", "/photos")
    tap.check(answer.status == 403 and b"<Code>AccessDenied</Code>" in data, "signature: none", data)
    tap.equal(code(client.head_object, Bucket="photos", Key="x"), "404", "nothing was kept")


def test_virtual_host(tap, client, url):
    client.put_object(Bucket="photos", Key="photos/é", Body=b"by host")
    request = botocore_request.AWSRequest("GET", "http://photos.s3.us-east-1.localhost/photos/%C3%A9")
    signer = botocore_auth.S3SigV4Auth(botocore_credentials.Credentials(support.KEY_ID, support.SECRET), "s3",
                                       "us-east-1")
    signer.add_auth(request)
    headers = {**dict(request.headers.items()), "Host": "photos.s3.us-east-1.localhost"}
    answer, data = raw(url, "GET", "/photos/%C3%A9", headers=headers)
    tap.equal((answer.status, data), (200, b"by host"), "a bucket before the host")
    client.delete_object(Bucket="photos", Key="photos/é")


def resident_kib(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    return 0


def test_large(tap, client, process):
    """The body goes to a file, not to memory."""
    before = resident_kib(process.pid)
    size = 200 * MIB
    with tempfile.TemporaryFile() as file:
        file.truncate(size)
        client.put_object(Bucket="photos", Key="large", Body=file)
    length = sum(len(piece) for piece in client.get_object(Bucket="photos", Key="large")["Body"].iter_chunks(MIB))
    grown = resident_kib(process.pid) - before
    tap.equal(length, size, "200 MiB go in and come out")
    tap.check(grown < 16 * 1024 or os.environ.get("IMGRECOG_SANITIZED"), "in less than 16 MiB of memory",
              f"{grown} KiB")
    client.delete_object(Bucket="photos", Key="large")


def test_two_servers(tap, program, folder):
    with support.Server(program, "--s3-folder", folder) as one, support.Server(program, "--s3-folder", folder) as two:
        clients = [s3(one.url), s3(two.url)]
        clients[0].create_bucket(Bucket="shared")

        def work(number):
            client = clients[number % 2]
            key = f"k{number % 5}"
            body = bytes([number]) * 50000
            client.put_object(Bucket="shared", Key=key, Body=body)
            got = clients[(number + 1) % 2].get_object(Bucket="shared", Key=key)
            data = got["Body"].read()
            return len(set(data)) == 1 and len(data) == 50000 and \
                got["ETag"].strip('"') == hashlib.md5(data).hexdigest()

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            good = list(pool.map(work, range(120)))
        tap.check(all(good), "two servers on one folder: every object read is one that was written, whole")
        codes = []
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            codes = list(pool.map(lambda n: code(clients[n % 2].put_object, Bucket="shared", Key="once",
                                                 Body=b"x", IfNoneMatch="*"), range(16)))
        tap.equal(codes.count(""), 1, "two servers: one of 16 creates")
        # While somebody else has the bucket's lock, nothing appears and nothing goes.
        with open(os.path.join(folder, "shared", "lock"), "r+") as lock, \
                concurrent.futures.ThreadPoolExecutor(2) as pool:
            fcntl.flock(lock, fcntl.LOCK_EX)
            work = [pool.submit(clients[0].put_object, Bucket="shared", Key="waits", Body=b"x"),
                    pool.submit(clients[1].delete_object, Bucket="shared", Key="once")]
            time.sleep(0.5)
            waiting = [item.done() for item in work] + [code(clients[0].head_object, Bucket="shared", Key="waits"),
                                                        code(clients[0].head_object, Bucket="shared", Key="once")]
            fcntl.flock(lock, fcntl.LOCK_UN)
        tap.equal(waiting, [False, False, "404", ""], "writers wait for the bucket's lock, readers do not")
        tap.equal([code(clients[1].head_object, Bucket="shared", Key=key) for key in ("waits", "once")], ["", "404"],
                  "and go on when it is free")


def test_killed(tap, program, folder):
    """Killed at random while writing: what is there is whole, and nothing else is. The server that
    tells what the one before it has left is the next to be killed."""
    rng = random.Random(7)
    with support.Server(program, "--s3-folder", folder) as server:
        s3(server.url).create_bucket(Bucket="killed")
    allowed, confirmed = {}, {}
    damaged, lost = [], []
    for run in range(26):
        with support.Server(program, "--s3-folder", folder) as server:
            client = s3(server.url)
            listed = {item["Key"]: item for item in client.list_objects_v2(Bucket="killed").get("Contents", [])}
            for key in confirmed:
                got = client.get_object(Bucket="killed", Key=key)["Body"].read() if key in listed else b""
                if hashlib.md5(got).hexdigest() != confirmed[key]:
                    lost.append(key)
            for key, item in listed.items():
                if item["ETag"].strip('"') not in allowed[key] or item["Size"] != 200000:
                    damaged.append(key)
            if run == 25:
                break
            stop = time.monotonic() + rng.random() * 0.15
            confirmed = {}

            def write(key, seed):
                body = random.Random(seed).randbytes(200000)
                allowed.setdefault(key, set()).add(hashlib.md5(body).hexdigest())
                try:
                    client.put_object(Bucket="killed", Key=key, Body=body)
                    confirmed[key] = hashlib.md5(body).hexdigest()
                except Exception:  # the server is gone
                    return

            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                for number in range(8):
                    pool.submit(write, f"k{run}-{number}", run * 100 + number)
                time.sleep(max(0, stop - time.monotonic()))
                server.process.send_signal(signal.SIGKILL)
    tap.equal(lost, [], "25 times kill -9: nothing that was confirmed is lost")
    tap.equal(damaged, [], "25 times kill -9: nothing is there by halves")
    place = os.path.join(folder, ".tmp")
    for name in os.listdir(place):
        os.utime(os.path.join(place, name), (1, 1))
    with support.Server(program, "--s3-folder", folder):
        tap.equal(os.listdir(place), [], "what a killed server left is swept away")


def test_folder(tap, program, base):
    home = os.path.join(base, "home")
    environment = {"XDG_DATA_HOME": home}
    with support.Server(program, environment=environment) as server:
        s3(server.url).create_bucket(Bucket="mine")
    own = os.path.join(home, "imgrecog", "s3")
    tap.equal((os.listdir(own).count("mine"), os.stat(own).st_mode & 0o777), (1, 0o700),
              "the folder is $XDG_DATA_HOME/imgrecog/s3, for its owner only")
    open_folder = os.path.join(base, "open")
    os.mkdir(open_folder)
    os.chmod(open_folder, 0o777)
    for name, place, words in [("others may write to", open_folder, "by others"),
                               ("that is a file", "/etc/passwd", "/etc/passwd")]:
        done = subprocess.run([program, "--port", "0", "--s3-folder", place], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=60)
        tap.check(done.returncode == 1 and words in done.stdout, f"a folder {name} is refused", done.stdout)


def main():
    program = sys.argv[1]
    tap = support.Tap()
    with tempfile.TemporaryDirectory() as base:
        folder = os.path.join(base, "s3")
        with support.Server(program, "--s3-folder", folder) as server:
            client = s3(server.url)
            test_buckets(tap, client, folder)
            client.create_bucket(Bucket="photos")
            test_objects(tap, client)
            test_conditions(tap, client)
            test_ranges(tap, client)
            test_keys(tap, client, folder)
            test_lists(tap, client)
            test_multipart(tap, client, folder)
            test_presigned(tap, server.url)
            test_chunked(tap, client, server.url)
            test_signatures(tap, client, server.url)
            test_virtual_host(tap, client, server.url)
            test_large(tap, client, server.process)
            open_files = os.listdir(f"/proc/{server.process.pid}/fd")
            tap.check(len(open_files) < 40, "no file is left open", open_files)
            tap.equal(server.stop(), 0, "the server ends cleanly")
            tap.equal(server.errors, "", "the server had nothing to complain about")
        test_two_servers(tap, program, folder)
        test_killed(tap, program, os.path.join(base, "killed"))
        test_folder(tap, program, base)
    tap.end()


if __name__ == "__main__":
    main()
