#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys, clocks and presigned URLs of S3, on servers that others wrote and that check them.

usage: s3_auth.py SERVER S3_CALL CLOCK   SERVER is radosgw or swift, CLOCK servers/shift_clock.c
"""
import hashlib
import sys
import urllib.error
import urllib.request

from peer import Tap, clean_environment, need, run
from s3_servers import SERVERS
from s3_sides import ERR_ARG, ERR_AUTH, Ours, make_bytes, say

WRONG = "wrong/secret/never/to/be/printed0000000"
# Seconds ahead and behind, and how many the server lets pass: radosgw has 15 minutes built in.
CLOCKS = {"radosgw": (1200, 900), "swift": (600, 300)}
SIGNED = ["a photo.jpg", "한/a+b%2B~c.jpg", "a//b/../c?d&e=f#g", "'()!*"]


def fetch(url, headers=None):
    """Status and body as somebody gets them who has the URL and nothing else."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}),
                                    timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def tamper(url, word, change):
    """The URL with one parameter changed."""
    head, tail = url.split(word + "=", 1)
    value, ampersand, rest = tail.partition("&")
    return f"{head}{word}={change(value)}{ampersand}{rest}"


def judge_presigned(tap, server, ours):
    theirs = server.client()
    for key in SIGNED:
        body = make_bytes(key, 4000)
        theirs.put_object(Bucket="signed", Key=key, Body=body)
        made = ours.call("presign", bucket="signed", key=key, expires=300)
        got = fetch(made["url"]) if made["rc"] == 0 else None
        tap.check(got == (200, body), f"a presigned URL fetches \"{key}\"", f"{say(made)} {got}")
    url = ours.call("presign", bucket="signed", key="a photo.jpg", expires=300).get("url", "")
    changes = {
        "another key": url.replace("a%20photo", "a%20photO"),
        "a longer life": tamper(url, "X-Amz-Expires", lambda text: "301"),
        "another signature": tamper(url, "X-Amz-Signature", lambda text: text[:-1] + (
            "0" if text[-1] != "0" else "1")),
        "no signature": url.split("&X-Amz-Signature=")[0],
    }
    for name, changed in changes.items():
        status, _ = fetch(changed)
        tap.check(changed != url and status == 403, f"a presigned URL with {name} is refused",
                  f"{status} {changed}")
    wrong = ours.with_env(AWS_SECRET_ACCESS_KEY=WRONG).call("presign", bucket="signed",
                                                            key="a photo.jpg")
    tap.check(wrong["rc"] == 0 and fetch(wrong["url"])[0] == 403 and WRONG not in wrong["url"],
              "one of another secret is refused", say(wrong))
    for seconds in (0, 604801):
        made = ours.call("presign", bucket="signed", key="x", expires=seconds)
        tap.check(made["rc"] == ERR_ARG and "from 1 to 604800" in made["message"],
                  f"a life of {seconds} s is refused before", say(made))


def judge_host_style(tap, server, ours):
    """The bucket before the host, as at AWS: it is signed in the host, not in the path."""
    config = ours.new_path()
    config.write_text("[default]\ns3 =\n  addressing_style = virtual\n", encoding="utf-8")
    url = server.url.replace("127.0.0.1", "localhost")
    hosts = ours.with_env(AWS_CONFIG_FILE=str(config), AWS_ENDPOINT_URL_S3=url)
    for key in SIGNED:
        body, where = make_bytes("host " + key, 3000), {"bucket": "signed", "key": "host " + key}
        put, got = hosts.call("put", body, **where), hosts.call("get", **where)
        read = server.client().get_object(Bucket="signed", Key="host " + key)["Body"].read()
        tap.check(put["rc"] == 0 and got["rc"] == 0 and got["body"] == read == body,
                  f"the bucket before the host: \"{key}\"", f"{say(put)} {say(got)}")
    made = hosts.call("presign", bucket="signed", key="host a photo.jpg", expires=60)
    host = url.replace("http://", "signed.")
    got = fetch(made.get("url", "").replace(host, host.replace("signed.localhost", "127.0.0.1")),
                {"Host": host})
    tap.check(made["rc"] == 0 and got == (200, make_bytes("host a photo.jpg", 3000)),
              "the bucket before the host: a presigned URL", f"{say(made)} {got}")
    listed = hosts.call("list", bucket="signed", prefix="host ")
    tap.check(listed["rc"] == 0 and len(listed["keys"]) == len(SIGNED),
              "the bucket before the host: its list", say(listed))


def judge_keys(tap, ours):
    """A wrong secret and an unknown key, for each way of asking."""
    where = {"bucket": "signed", "key": "a photo.jpg"}
    rows = {"get": where, "head": where, "delete": where, "list": {"bucket": "signed"},
            "put": where, "create-multipart": where}
    changes = {"a wrong secret": {"AWS_SECRET_ACCESS_KEY": WRONG},
               "an unknown key": {"AWS_ACCESS_KEY_ID": "AKIDUNKNOWN000000001"}}
    for name, change in changes.items():
        for operation, words in rows.items():
            body = b"new" if operation == "put" else None
            answer = ours.with_env(**change).call(operation, body, **words)
            tap.check(answer["rc"] == ERR_AUTH and answer.get("status") == 403 and
                      bool(answer["message"]) and bool(answer["hint"]) and
                      WRONG not in str(answer) and not answer["maybe_served"],
                      f"{operation} with {name}: refused, with a next step", say(answer))


def create_bucket(server, clock, shift_s):
    """boto3 does not go by another's clock: it gets the same one."""
    env = clean_environment(LD_PRELOAD=clock, CLOCK_SHIFT_S=str(shift_s),
                            AWS_ACCESS_KEY_ID=server.key, AWS_SECRET_ACCESS_KEY=server.secret)
    done = run([sys.executable, "-c", "import boto3, sys; boto3.client('s3', endpoint_url="
                "sys.argv[1], region_name='us-east-1').create_bucket(Bucket='clocks')",
                server.url], env)
    if done.returncode:
        raise RuntimeError(done.stderr)


def judge_clock(tap, server_class, program, clock):
    """The server's clock is ahead or behind: the next attempt goes by it."""
    shift_s, skew_s = CLOCKS[server_class.kind]
    for shift, name in ((shift_s, "ahead"), (-shift_s, "behind")):
        with server_class(clock=(clock, shift), skew_s=skew_s) as server:
            plain = Ours(program, server.url, server.key, server.secret)
            create_bucket(server, clock, shift)
            body = make_bytes(name, 3000)
            put = plain.call("put", body, bucket="clocks", key="k")
            tap.check(put["rc"] == 0 and put["retries"] == 1,
                      f"a clock {shift_s} s {name}: stored at the second attempt", say(put))
            tap.check(put.get("etag", "").strip('"') == hashlib.md5(body).hexdigest(),
                      f"a clock {shift_s} s {name}: what was stored is what was sent", say(put))
            again = plain.call("get", bucket="clocks", key="k", repeat=3)
            tap.check(again["rc"] == 0 and again["body"] == body and again["retries"] == 1 and
                      again["requests"] == 3,
                      f"a clock {shift_s} s {name}: three calls need one correction", say(again))
            head = plain.call("head", bucket="clocks", key="k")
            tap.check(head["rc"] == 0, f"a clock {shift_s} s {name}: HEAD, whose refusal has no "
                      "body", say(head))
            if shift > 0:
                url = plain.call("presign", bucket="clocks", key="k", expires=60).get("url")
                status, _ = fetch(url)
                tap.check(status == 403, "a presigned URL is refused when its time is over", status)


def main():
    kind, program, clock = sys.argv[1], need(sys.argv[2]), need(sys.argv[3])
    tap = Tap()
    with SERVERS[kind]() as server:
        ours = Ours(program, server.url, server.key, server.secret)
        server.client().create_bucket(Bucket="signed")
        judge_presigned(tap, server, ours)
        judge_host_style(tap, server, ours)
        judge_keys(tap, ours)
    judge_clock(tap, SERVERS[kind], program, clock)
    tap.leave()


main()
