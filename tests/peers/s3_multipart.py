#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Uploads in parts, on servers that others wrote, through a proxy that notes what was sent: whole,
refused, aborted, cancelled, kept and finished later. boto3 reads what came of it.

usage: s3_multipart.py SERVER S3_CALL   SERVER is radosgw, swift or moto
"""
import hashlib
import re
import sys

from peer import Tap, need
from s3_proxy import Proxy, query_of
from s3_servers import SERVERS
from s3_sides import ERR_ARG, ERR_CANCELLED, ERR_SERVICE, Ours, crc32_text, make_bytes, say

MIB = 1 << 20
PART = 5 * MIB  # the least that S3 takes
LARGE = {"threshold_bytes": PART, "part_bytes": PART}
WHERE = {"bucket": "parts"}


def expected_etag(body, part=PART):
    sums = [hashlib.md5(body[at:at + part]).digest() for at in range(0, len(body), part)]
    return f"\"{hashlib.md5(b''.join(sums)).hexdigest()}-{len(sums)}\""


class Case:
    """What every check needs."""

    def __init__(self, tap, server, program, proxy):
        self.tap = tap
        self.server = server
        self.proxy = proxy
        self.theirs = server.client()
        self.ours = Ours(program, proxy.url, server.key, server.secret)
        self.theirs.create_bucket(Bucket="parts")

    def uploads(self):
        """Those that are open. dbstore lists them not, but an entry of each with the objects."""
        if self.server.kind == "radosgw":
            return [key[key.index(".2~") + 1:] for key in self.keys() if ".2~" in key]
        return [u["UploadId"] for u in
                self.theirs.list_multipart_uploads(Bucket="parts").get("Uploads", [])]

    def keys(self):
        return [e["Key"] for e in self.theirs.list_objects_v2(Bucket="parts").get("Contents", [])]

    def is_stored(self, key, body):
        """dbstore's radosgw reads several parts back wrongly: there the ETag has to do."""
        head = self.theirs.head_object(Bucket="parts", Key=key)
        if head["ETag"].strip('"') != expected_etag(body).strip('"'):
            return False
        if self.server.kind == "radosgw":
            return True
        return self.theirs.get_object(Bucket="parts", Key=key)["Body"].read() == body

    def is_clean(self, key):
        return self.uploads() == [] and key not in self.keys()

    def sent_parts(self):
        return sorted(int(query_of(r)["partNumber"]) for r in self.proxy.seen("PUT", "partNumber"))


def judge_whole(case):
    """Several parts at once; the last one odd; the last one full; one request when small."""
    # dbstore reads its list of parts, adds one and writes it back without a lock: of parts that end
    # at the same moment it may lose one, and then it calls that part invalid.
    jobs = 1 if case.server.kind == "radosgw" else 3
    rows = {"three parts, the last odd": (2 * PART + 12_345, 3), "two full parts": (2 * PART, 2),
            "a last part of one byte": (PART + 1, 2)}
    for name, (count, parts) in rows.items():
        body = b"\xff\xd8\xff\xe0" + make_bytes(name, count - 4)
        case.proxy.forget()
        done = case.ours.call("upload", body, key=f"a+{name}", jobs=jobs, meta={"camera": "x y"},
                              **LARGE, **WHERE)
        case.tap.check(done["rc"] == 0 and done.get("bytes") == count and
                       done.get("crc32") == crc32_text(body), f"upload: {name}", say(done))
        case.tap.check(case.sent_parts() == list(range(1, parts + 1)),
                       f"each part is sent once: {name}", case.sent_parts())
        case.tap.check(done["rc"] == 0 and case.is_stored(f"a+{name}", body),
                       f"boto3 reads the same bytes: {name}", say(done))
    if done["rc"] == 0:
        head = case.theirs.head_object(Bucket="parts", Key=f"a+{name}")
        case.tap.check((head["ContentType"], head["Metadata"]) == ("image/jpeg", {"camera": "x y"}),
                       "type (seen in the bytes) and metadata of an upload in parts", head)
    case.proxy.forget()
    done = case.ours.call("upload", make_bytes("small", PART), key="small", **LARGE, **WHERE)
    case.tap.check(done["rc"] == 0 and [r.method for r in case.proxy.seen()] == ["PUT"],
                   "what is not larger than the threshold goes in one request",
                   f"{say(done)} {[r.path for r in case.proxy.seen()]}")
    case.tap.check(case.uploads() == [], "no upload is left open", case.uploads())


def judge_by_hand(case):
    """CreateMultipartUpload, UploadPart, ListParts, CompleteMultipartUpload, each by itself."""
    body = make_bytes("by hand", PART + 777)
    where = {"key": "by hand", **WHERE}
    made = case.ours.call("create-multipart", **where)
    if not case.tap.check(made["rc"] == 0 and case.uploads() == [made.get("upload_id")],
                          "an upload is begun", say(made)):
        return
    where["upload_id"] = made["upload_id"]
    for number, piece in ((2, body[PART:]), (1, body[:PART])):
        sent = case.ours.call("upload-part", piece, part=number, **where)
        case.tap.check(sent["rc"] == 0 and
                       sent.get("etag", "").strip('"') == hashlib.md5(piece).hexdigest(),
                       f"part {number} is sent", say(sent))
    listed = case.ours.call("list-parts", **where)
    theirs = case.theirs.list_parts(Bucket="parts", Key="by hand", UploadId=made["upload_id"])
    case.tap.check(listed["rc"] == 0 and
                   [(p["part"], p["bytes"], p["etag"]) for p in listed["parts"]] ==
                   [(p["PartNumber"], p["Size"], p["ETag"]) for p in theirs["Parts"]],
                   "the parts are those that boto3 lists", f"{say(listed)}\n{theirs['Parts']}")
    done = case.ours.call("complete", **where)
    case.tap.check(done["rc"] == 0 and case.is_stored("by hand", body), "and become the object",
                   say(done))
    if case.server.kind != "swift":  # which goes on listing them
        again = case.ours.call("list-parts", **where)
        case.tap.check((again["rc"], again.get("status")) == (ERR_SERVICE, 404) and
                       bool(again.get("hint")), "after which there is no such upload", say(again))


def judge_too_small(case):
    where = {"key": "too small", **WHERE}
    where["upload_id"] = case.ours.call("create-multipart", **where).get("upload_id")
    for number in (1, 2):
        case.ours.call("upload-part", b"0123456789" * number, part=number, **where)
    done = case.ours.call("complete", **where)
    case.tap.check((done["rc"], done.get("status"), done.get("aws_code")) ==
                   (ERR_SERVICE, 400, "EntityTooSmall") and "5 MiB" in done.get("hint", ""),
                   "parts that are too small are refused, with the least size as next step",
                   say(done))
    gone = case.ours.call("abort", **where)
    case.tap.check(gone["rc"] == 0 and case.is_clean("too small"), "an abort leaves nothing",
                   f"{say(gone)} {case.uploads()}")


def refuse_part(number):
    def instead(request, _):
        if query_of(request).get("partNumber") != str(number):
            return None
        return 403, [("Content-Type", "application/xml")], (
            b"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>no</Message></Error>")
    return instead


def judge_failure(case):
    """One part is refused: the upload fails by that reason and is taken away."""
    body = make_bytes("refused", 4 * PART)
    case.proxy.forget(refuse_part(2))
    done = case.ours.call("upload", body, key="refused", jobs=2, **LARGE, **WHERE)
    case.tap.check(done["rc"] not in (0, None) and done.get("aws_code") == "AccessDenied" and
                   case.is_clean("refused"), "a part that is refused: told, and nothing is left",
                   f"{say(done)} {case.uploads()}")
    case.proxy.forget()
    done = case.ours.call("upload", body, key="cancelled", jobs=1, cancel_after_bytes=PART, **LARGE,
                          **WHERE)
    case.tap.check(done["rc"] == ERR_CANCELLED and case.is_clean("cancelled"),
                   "a cancel in the middle: told, and nothing is left",
                   f"{say(done)} {case.uploads()}")
    case.tap.check(len(case.proxy.seen("DELETE", "uploadId")) == 1 and
                   len(case.sent_parts()) < 4, "by one abort, before all parts were sent",
                   [(r.method, r.path) for r in case.proxy.seen()])


def state_checksums(sums):
    """ListParts with other checksums than the server knows, or with none. `sums`: part number ->
    CRC-32 in base64, as S3 tells it and most of these servers do not."""
    def instead(request, pass_on):
        if request.method != "GET" or "uploadId" not in query_of(request):
            return None
        status, headers, data = pass_on(request)
        text = re.sub(r"<Checksum(\w+)>[^<]*</Checksum\1>", "", data.decode())
        for number, value in sums.items():
            text = re.sub(rf"(<PartNumber>{number}</PartNumber>)",
                          rf"\1<ChecksumCRC32>{value}</ChecksumCRC32>", text)
        return status, headers, text.encode()
    return instead


def keep_parts(case, key, body):
    """Begins an upload whose third part is refused. (its id, the parts that the server has)"""
    case.proxy.forget(refuse_part(3))
    done = case.ours.call("upload", body, jobs=1, keep_parts=True, key=key, **LARGE, **WHERE)
    kept = case.uploads()
    if not case.tap.check(done["rc"] not in (0, None) and kept == [done.get("upload_id")] and
                          kept[0] in done["hint"], "a failed upload is kept by wish, its id told",
                          f"{say(done)} {kept}"):
        return None, []
    there = [p["PartNumber"] for p in case.theirs.list_parts(
        Bucket="parts", Key=key, UploadId=kept[0]).get("Parts", [])]
    case.tap.check(there == [1, 2], "with the parts that were sent", there)
    return kept[0], there


def judge_resume(case):
    """Parts are kept, by wish, and a second upload sends those that are missing; all of them, where
    the server does not say what it has."""
    body = make_bytes("kept", 4 * PART + 99)
    where = {"key": "kept", **LARGE, **WHERE}
    sums = {at + 1: crc32_text(body[at * PART:(at + 1) * PART]) for at in range(5)}
    rows = {"the missing parts only": (sums, [3, 4, 5]),
            "all, where no checksum is told": ({}, [1, 2, 3, 4, 5])}
    for name, (told, expected) in rows.items():
        upload_id, there = keep_parts(case, "kept", body)
        if not there:
            return
        case.proxy.forget(state_checksums({**sums, 2: crc32_text(b"other")}))
        done = case.ours.call("upload", body, jobs=1, upload_id=upload_id, **where)
        case.tap.check(done["rc"] == ERR_ARG and case.uploads() == [upload_id] and
                       not case.proxy.seen("POST"), "parts of another file are left where they are",
                       say(done))
        case.proxy.forget(state_checksums(told))
        done = case.ours.call("upload", body, jobs=1, upload_id=upload_id, **where)
        case.tap.check(done["rc"] == 0 and case.sent_parts() == expected,
                       f"the second upload sends {name}", f"{say(done)} {case.sent_parts()}")
        case.tap.check(done["rc"] == 0 and case.uploads() == [] and case.is_stored("kept", body),
                       f"and boto3 reads the whole ({name})", say(done))
        case.theirs.delete_object(Bucket="parts", Key="kept")


def main():
    kind, program = sys.argv[1], need(sys.argv[2])
    tap = Tap()
    with SERVERS[kind]() as server, Proxy(server.port) as proxy:
        case = Case(tap, server, program, proxy)
        judge_whole(case)
        judge_by_hand(case)
        judge_too_small(case)
        judge_failure(case)
        judge_resume(case)
    tap.leave()


main()
