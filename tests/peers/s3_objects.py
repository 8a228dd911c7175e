#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of S3, each way: what we store, boto3 reads, and what boto3 stores, we read, on servers
that others wrote. Names that are hard to sign or to write in XML, attributes, ranges, listings.

usage: s3_objects.py SERVER S3_CALL   SERVER is radosgw, swift or moto
"""
import concurrent.futures
import sys

from botocore.exceptions import ClientError

from peer import Tap, need
from s3_servers import SERVERS
from s3_sides import ERR_SERVICE, Ours, crc32_text, make_bytes, say

AT_ONCE = 2

KEYS = {
    "a space": "a photo.jpg",
    "spaces at both ends": " photo ",
    "plus": "a+b",
    "e with an acute": "é.jpg",
    "e and a combining acute": "e\u0301.jpg",
    "tilde": "~x~",
    "two slashes": "a//b",
    "only slashes": "///",
    "one dot": "a/./b",
    "two dots": "..",
    "a way up": "a/../b",
    "a way up at the start": "../b",
    "percent 2B": "a%2Bb",
    "percent 2F": "a%2Fb",
    "percent 25 32 42": "a%252Bb",
    "a percent sign": "100%",
    "question mark": "a?b=c",
    "number sign": "a#b",
    "ampersand, equals, semicolon": "a&b=c;d",
    "quote, brackets, star": "it's (a) b!*",
    "double quote, less, greater": "\"<b>&amp;</b>\"",
    "at, colon, comma, dollar": "a@b:c,d$e",
    "braces, bar, caret, accent": "{a}|^`[b]",
    "backslash": "a\\b",
    "1,024 bytes": "k" * 1024,
    "1,024 bytes in 342 characters": "한" * 341 + "k",
    "emoji": "🏔️👩‍👩‍👧.png",
    "Korean": "사진/가족 사진.jpg",
    "slash first": "/photo.jpg",
    "slash last": "photo.jpg/",
    "tab, line end": "a\tb\nc\rd",
    "controls": "a\x01b\x1fc\x7fd",
    "a name of the query": "?list-type=2&prefix=x",
}
# What a server itself does not take or gives back under another name, also from boto3.
UNABLE = {"radosgw": set(), "swift": set(), "moto": {"tab, line end"}}


def store_and_compare(tap, server, ours, theirs):
    """put by us; boto3 finds and reads each."""
    keys = {name: key for name, key in KEYS.items() if name not in UNABLE[server.kind]}
    theirs.create_bucket(Bucket="ours")
    bodies = {name: make_bytes(name, 1000 + 7 * at) for at, name in enumerate(keys)}
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        answers = dict(zip(keys, pool.map(
            lambda name: ours.call("put", bodies[name], bucket="ours", key=keys[name]), keys)))
    for name, key in keys.items():
        try:
            read = theirs.get_object(Bucket="ours", Key=key)["Body"].read()
        except ClientError as error:
            read = error
        tap.check(answers[name]["rc"] == 0 and read == bodies[name],
                  f"put by us, read by boto3: {name}", f"{say(answers[name])}\n{read!r:.300}")
    listed = theirs.list_objects_v2(Bucket="ours").get("Contents", [])
    tap.check(sorted(entry["Key"] for entry in listed) == sorted(keys.values()),
              "boto3 lists what we put under the same names",
              set(keys.values()) ^ {entry["Key"] for entry in listed})


def read_and_compare(tap, server, ours, theirs):
    """put by boto3; we list, read, head and delete each."""
    keys = {name: key for name, key in KEYS.items() if name not in UNABLE[server.kind]}
    theirs.create_bucket(Bucket="theirs")
    bodies = {name: make_bytes(name, 900 + 11 * at) for at, name in enumerate(keys)}
    etags = {name: theirs.put_object(Bucket="theirs", Key=key, Body=bodies[name])["ETag"]
             for name, key in keys.items()}
    answer = ours.call("list", bucket="theirs", max_keys=7)
    tap.check(answer["rc"] == 0 and
              sorted((e["key"], e["bytes"], e["etag"]) for e in answer["keys"]) ==
              sorted((keys[n], len(bodies[n]), etags[n]) for n in keys),
              "we list what boto3 put, seven at a time: names, sizes, ETags", say(answer))

    def judge(name):
        where = {"bucket": "theirs", "key": keys[name]}
        got, head = ours.call("get", **where), ours.call("head", **where)
        gone = ours.call("delete", **where)
        right = (got["rc"] == 0 and got["body"] == bodies[name] and got["etag"] == etags[name]
                 and head["rc"] == 0 and head["bytes"] == len(bodies[name])
                 and head["etag"] == etags[name] and gone["rc"] == 0)
        return right, "\n".join(map(say, (got, head, gone)))

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for name, (right, said) in zip(keys, pool.map(judge, keys)):
            tap.check(right, f"put by boto3, read, headed and deleted by us: {name}", said)
    left = theirs.list_objects_v2(Bucket="theirs").get("Contents", [])
    tap.check(left == [], "boto3 finds nothing left", left)


def judge_attributes(tap, server, ours, theirs):
    """Type, caching, disposition, metadata, tags and storage class, both ways."""
    odd = "x-y" if server.kind == "moto" else "x-y_z.0"  # moto loses names with "_" or "."
    meta = {"camera": "a b  c; d=e", odd: "\"100%\""}
    tags = {"place": "Seoul + 1:2@3/4_5.6-7", "a+b/c": "1 2", "empty": ""}
    more = {} if server.kind == "swift" else {"tag": tags, "storage_class": "STANDARD_IA"}
    if server.kind == "radosgw":
        del more["storage_class"]  # it knows only those that its zone has
    body = make_bytes("attributes", 5000)
    put = ours.call("put", body, bucket="ours", key="attributes", content_type="image/x-portable+y",
                    cache_control="max-age=60, public",
                    content_disposition="attachment; filename*=UTF-8''%C3%A9.jpg", meta=meta,
                    **more)
    if not tap.check(put["rc"] == 0, "an object with attributes", say(put)):
        return
    head = theirs.head_object(Bucket="ours", Key="attributes")
    tap.check((head["ContentType"], head["CacheControl"], head["ContentDisposition"]) ==
              ("image/x-portable+y", "max-age=60, public",
               "attachment; filename*=UTF-8''%C3%A9.jpg"), "boto3 reads type and caching", head)
    tap.check(head["Metadata"] == meta, "boto3 reads the metadata", head["Metadata"])
    tap.check(head["ETag"] == put["etag"], "boto3 reads the ETag that we were told", put)
    if "storage_class" in more:
        tap.check(head.get("StorageClass") == "STANDARD_IA", "boto3 reads the storage class", head)
    if "tag" in more:
        found = theirs.get_object_tagging(Bucket="ours", Key="attributes")["TagSet"]
        tap.check({tag["Key"]: tag["Value"] for tag in found} == tags, "boto3 reads the tags",
                  found)
    theirs.put_object(Bucket="ours", Key="back", Body=body, ContentType="image/jpeg", Metadata=meta,
                      CacheControl="no-store", ContentDisposition="inline")
    back = ours.call("head", bucket="ours", key="back")
    tap.check((back.get("content_type"), back.get("bytes")) == ("image/jpeg", len(body)) and
              back.get("last_modified", "") != "", "we read boto3's type, size and time", say(back))
    tap.check(back.get("metadata") == meta, "we read boto3's metadata", say(back))


def judge_sum(tap, ours):
    body = make_bytes("sums", 3000)
    put = ours.call("put", body, bucket="ours", key="sums")
    tap.check(put["rc"] == 0 and put.get("crc32") == crc32_text(body),
              "the CRC-32 that we told is that of the bytes", say(put))


def judge_conditions(tap, server, ours, theirs):
    """If-None-Match (radosgw passes over it, and older Swifts say that they do not have it)."""
    theirs.put_object(Bucket="ours", Key="first", Body=b"first")
    again = ours.call("put", b"second", bucket="ours", key="first", if_none_match=True)
    if server.kind == "moto":
        tap.check((again["rc"], again.get("status"), again.get("aws_code")) ==
                  (ERR_SERVICE, 412, "PreconditionFailed") and again.get("hint"),
                  "what exists is not replaced, and that is said", say(again))
        fresh = ours.call("put", b"second", bucket="ours", key="second", if_none_match=True)
        tap.check(fresh["rc"] == 0, "what does not exist is stored", say(fresh))
    if server.kind == "swift":
        tap.check(again["rc"] == ERR_SERVICE and again.get("status") in (412, 501),
                  "what exists is not replaced, or the server says that it has no conditions",
                  say(again))
    if server.kind != "radosgw":
        read = theirs.get_object(Bucket="ours", Key="first")["Body"].read()
        tap.check(read == b"first", "the first object is as it was", read)


def judge_missing(tap, ours):
    """What is not there is told with a next step."""
    for operation, where, status in (
            ("get", {"bucket": "ours", "key": "nothing"}, 404),
            ("head", {"bucket": "ours", "key": "nothing"}, 404),
            ("get", {"bucket": "nowhere", "key": "x"}, 404),
            ("list", {"bucket": "nowhere"}, 404)):
        answer = ours.call(operation, **where)
        tap.check(answer["rc"] == ERR_SERVICE and answer.get("status") == status and
                  bool(answer.get("message")) and bool(answer.get("hint")),
                  f"{operation} of {where}: refused in words, with a next step", say(answer))


RANGES = {
    "the first byte": (0, 0),
    "within": (3, 2000),
    "over 64 KiB": (10_000, 150_000),
    "the last byte": (199_999, 199_999),
    "beyond the end": (199_000, 300_000),
    "all": (0, 199_999),
}


def judge_ranges(tap, server, ours, theirs):
    if server.kind == "radosgw":
        return  # dbstore gives other bytes than those asked for
    body = make_bytes("ranges", 200_000)
    theirs.put_object(Bucket="ours", Key="ranges", Body=body)
    for name, (first, last) in RANGES.items():
        got = ours.call("get", bucket="ours", key="ranges", range=f"{first}-{last}")
        tap.check(got["rc"] == 0 and got["body"] == body[first:last + 1] and
                  got.get("bytes") == len(body), f"range: {name}", say(got))
    beyond = ours.call("get", bucket="ours", key="ranges", range="200000-200010")
    tap.check((beyond["rc"], beyond.get("status"), beyond.get("aws_code")) ==
              (ERR_SERVICE, 416, "InvalidRange") and not beyond["body"],
              "a range behind the end is refused by name", say(beyond))


LISTS = {
    "folders": {"delimiter": "/"},
    "a folder": {"prefix": "a/", "delimiter": "/"},
    "a prefix with a space": {"prefix": "b c/"},
    "a prefix with plus and percent": {"prefix": "d+%2B/"},
    "a Korean prefix": {"prefix": "한/", "delimiter": "/"},
    "another delimiter": {"delimiter": "é"},
    "nothing": {"prefix": "zzz"},
}


def read_list(theirs, page_keys, asked):
    """A listing as boto3 reads it, in pages of so many keys."""
    pages = theirs.get_paginator("list_objects_v2").paginate(
        Bucket="lists", PaginationConfig={"PageSize": page_keys},
        **{word.capitalize(): value for word, value in asked.items()})
    keys, prefixes = [], []
    for page in pages:
        keys += [(e["Key"], e["Size"], e["ETag"]) for e in page.get("Contents", [])]
        prefixes += [e["Prefix"] for e in page.get("CommonPrefixes", [])]
    return keys, prefixes


def judge_lists(tap, ours, theirs):
    """Prefixes and delimiters, in one page and in many, against boto3's reading. (radosgw's dbstore
    loses what is behind a common prefix that ends a page: so both read the same pages.)"""
    theirs.create_bucket(Bucket="lists")
    for key in ("top", "a/1", "a/2", "a/b/3", "b c/4", "b c/5 6", "d+%2B/7", "한/8", "한/글/9",
                "xéy", "xéz", "x+é"):
        theirs.put_object(Bucket="lists", Key=key, Body=key.encode())
    for name, asked in LISTS.items():
        for page_keys, how in ((1000, ""), (2, ", two at a time")):
            keys, prefixes = read_list(theirs, page_keys, asked)
            mine = ours.call("list", bucket="lists", max_keys=page_keys, **asked)
            tap.check(mine["rc"] == 0 and
                      [(e["key"], e["bytes"], e["etag"]) for e in mine["keys"]] == keys and
                      mine["prefixes"] == prefixes, f"list: {name}{how}",
                      f"{say(mine)}\nboto3: {keys} {prefixes}")


def judge_many(tap, server, ours, theirs):
    """More keys than one page of any server holds."""
    if server.kind != "moto":
        return  # the quickest of them
    theirs.create_bucket(Bucket="many")
    names = [f"photo {at:05}.jpg" for at in range(1103)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda key: theirs.put_object(Bucket="many", Key=key, Body=b""), names))
    answer = ours.call("list", bucket="many")
    tap.check(answer["rc"] == 0 and [e["key"] for e in answer["keys"]] == names,
              "1,103 keys, in order and once each", say(answer)[:200])


def main():
    kind, program = sys.argv[1], need(sys.argv[2])
    tap = Tap()
    with SERVERS[kind]() as server:
        ours = Ours(program, server.url, server.key, server.secret)
        theirs = server.client()
        store_and_compare(tap, server, ours, theirs)
        read_and_compare(tap, server, ours, theirs)
        judge_attributes(tap, server, ours, theirs)
        judge_sum(tap, ours)
        judge_conditions(tap, server, ours, theirs)
        judge_missing(tap, ours)
        judge_ranges(tap, server, ours, theirs)
        judge_lists(tap, ours, theirs)
        judge_many(tap, server, ours, theirs)
    tap.leave()


main()
