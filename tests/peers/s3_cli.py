#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Amazon's own command line as the other side: it reads what we upload, we read what it uploads,
in one request and in parts, and the bytes' SHA-256 are equal.

usage: s3_cli.py SERVER S3_CALL   SERVER is swift or moto
"""
import concurrent.futures
import hashlib
import json
import os
import shutil
import sys

from peer import Tap, judged_by, need, run
from s3_servers import REGION, SERVERS
from s3_sides import Ours, make_bytes, say

AT_ONCE = 2
PART = 5 << 20
# More than the 8 MiB from which both sides send parts by default (ours: 16 MiB, so it is told).
LARGE, SMALL = make_bytes("large", 11 * (1 << 20) + 77), make_bytes("small", 70_001)
KEY = "한 글/a+b%2B (1)~.jpg"


def sha256(body):
    return hashlib.sha256(body).hexdigest() if body is not None else None


class Cli:
    """aws, with nobody's configuration."""

    def __init__(self, server, folder):
        # By default it sends a CRC-64/NVME, which this Swift cannot compute.
        self.sums = ["--checksum-algorithm", "CRC32"] if server.kind == "swift" else []
        self.env = {**server.client_env(), "AWS_REGION": REGION, "AWS_PAGER": "",
                    "AWS_EC2_METADATA_DISABLED": "true", "HOME": str(folder),
                    "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}

    def call(self, *words):
        return run(["aws", *words], self.env, 120)


def their_reading(cli, ours):
    """We store, it reads. Rows of (name, right, what was said)."""
    large, small = ours.new_path(), ours.new_path()
    put = ours.call("upload", LARGE, bucket="mixed", key=KEY, threshold_bytes=PART, jobs=2,
                    part_bytes=PART, meta={"camera": "a b"})
    done = cli.call("s3", "cp", f"s3://mixed/{KEY}", large, "--only-show-errors")
    yield ("aws s3 cp reads what we uploaded in parts", put["rc"] == 0 and done.returncode == 0 and
           sha256(large.read_bytes()) == sha256(LARGE), say(put) + done.stderr)
    put = ours.call("upload", SMALL, bucket="mixed", key="small " + KEY, meta={"camera": "a b"},
                    content_type="image/x-y")
    done = cli.call("s3api", "get-object", "--bucket", "mixed", "--key", "small " + KEY,
                    "--checksum-mode", "ENABLED", small)
    said = json.loads(done.stdout or "{}")
    yield ("aws s3api get-object reads what we uploaded at once", put["rc"] == 0 and
           done.returncode == 0 and sha256(small.read_bytes()) == sha256(SMALL) and
           (said["ContentType"], said["Metadata"], said["ETag"]) ==
           ("image/x-y", {"camera": "a b"}, put["etag"]), say(put) + done.stdout + done.stderr)


def our_reading(cli, ours):
    """It stores, we read."""
    large, small = ours.new_path(), ours.new_path()
    large.write_bytes(LARGE)
    small.write_bytes(SMALL)
    done = cli.call("s3", "cp", large, f"s3://mixed/cli {KEY}", "--only-show-errors",
                    "--content-type", "image/x-z", *cli.sums)
    got = ours.call("get", bucket="mixed", key="cli " + KEY)
    yield ("we read what aws s3 cp uploaded in parts", done.returncode == 0 and got["rc"] == 0 and
           sha256(got["body"]) == sha256(LARGE) and got["content_type"] == "image/x-z" and
           "-2" in got["etag"], done.stderr + say(got))
    done = cli.call("s3api", "put-object", "--bucket", "mixed", "--key", "cli small " + KEY,
                    "--body", small, "--metadata", "camera=a b", *cli.sums)
    said = json.loads(done.stdout or "{}")
    got = ours.call("get", bucket="mixed", key="cli small " + KEY)
    yield ("we read what aws s3api put-object stored", done.returncode == 0 and got["rc"] == 0 and
           sha256(got["body"]) == sha256(SMALL) and got["metadata"] == {"camera": "a b"} and
           got["etag"] == said["ETag"], done.stderr + said.get("ETag", "") + say(got))


def judge_lists(tap, cli, ours):
    done = cli.call("s3api", "list-objects-v2", "--bucket", "mixed")
    theirs = [(e["Key"], e["Size"], e["ETag"]) for e in json.loads(done.stdout or "{}").get(
        "Contents", [])]
    mine = ours.call("list", bucket="mixed")
    tap.check(mine["rc"] == 0 and len(theirs) == 4 and
              [(e["key"], e["bytes"], e["etag"]) for e in mine["keys"]] == theirs,
              "both list the same", f"{say(mine)}\n{theirs}\n{done.stderr}")


def main():
    kind, program = sys.argv[1], need(sys.argv[2])
    need(shutil.which("aws") or "aws (package awscli)")
    tap = Tap()
    with SERVERS[kind]() as server:
        ours = Ours(program, server.url, server.key, server.secret)
        cli = Cli(server, server.folder)
        judged_by("aws-cli", cli.call("--version").stdout.split()[0].partition("/")[2])
        server.client().create_bucket(Bucket="mixed")
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            both = [pool.submit(lambda rows=rows: list(rows(cli, ours)))
                    for rows in (their_reading, our_reading)]
        for rows in both:
            for name, right, said in rows.result():
                tap.check(right, name, said)
        judge_lists(tap, cli, ours)
    tap.leave()


main()
