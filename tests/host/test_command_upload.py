# SPDX-License-Identifier: GPL-3.0-or-later
"""imgrecog upload and what else is kept: objects in S3 and lines in CloudWatch Logs."""

import json
import pathlib
import re
import sys
import urllib.request

import support
from command_support import Bedrock, make, moto, png_of, run


def case_log_group(tap):
    with support.workspace() as folder:
        bedrock = Bedrock()
        make("a.jpg")
        done = run(folder, "labels", "a.jpg", "--log-group", "photos", bedrock=bedrock)
        logged = [body for _, body in bedrock.requests if "logEvents" in body]
        tap.ok(done.returncode == 0 and len(logged) == 1
               and logged[0]["logEvents"][0]["message"]
               == "a.jpg: Person 99.0 %, Portrait 91.5 %"
               and json.loads(logged[0]["logEvents"][1]["message"])["schema"] == "imgrecog/1",
               "labels --log-group: a line and the document", (done.stderr, logged))


def case_s3(tap):
    """What goes to S3 boto3 finds there; what boto3 put there is a picture like any other."""
    with support.workspace() as folder, moto(folder) as (url, client):
        bedrock = Bedrock()
        picture = pathlib.Path(make("a b.jpg")).read_bytes()
        make("c.png")
        done = run(folder, "upload", "a b.jpg", "c.png", "s3://photos/in/", "--storage-class",
                   "STANDARD_IA", "--presign", "60", AWS_ENDPOINT_URL_S3=url)
        lines = done.stdout.decode().splitlines()
        tap.equal(lines[0::2], ["s3://photos/in/a b.jpg", "s3://photos/in/c.png"],
                  "upload: two files under a prefix")
        stored = client.get_object(Bucket="photos", Key="in/a b.jpg")
        tap.ok(stored["Body"].read() == picture and stored["ContentType"] == "image/jpeg"
               and stored["StorageClass"] == "STANDARD_IA", "upload: boto3 reads the same bytes")
        with urllib.request.urlopen(lines[1], timeout=30) as answer:
            tap.equal(answer.read(), picture, "upload --presign: the link gives the object")
        client.put_object(Bucket="photos", Key="dir/한국 +é.jpg", Body=picture)
        done = run(folder, "labels", "s3://photos/dir/한국 +é.jpg", "--json", bedrock=bedrock,
                   AWS_ENDPOINT_URL_S3=url)
        document = json.loads(done.stdout or b"{}")
        tap.equal(document.get("image", {}).get("source"), "s3://photos/dir/한국 +é.jpg",
                  "labels of an object in S3")
        done = run(folder, "labels", "s3://photos/none.jpg", bedrock=bedrock,
                   AWS_ENDPOINT_URL_S3=url)
        tap.ok(done.returncode == 1 and b"s3://photos/none.jpg: S3:" in done.stderr,
               "labels of an object that is not there", done.stderr)
        bedrock.picture = png_of(64, 64)
        for _ in range(2):
            done = run(folder, "generate", "a cat", "--upload", "s3://photos/output-images/",
                       bedrock=bedrock, AWS_ENDPOINT_URL_S3=url)
        keys = [x["Key"] for x in client.list_objects_v2(
            Bucket="photos", Prefix="output-images/")["Contents"]]
        tap.ok(len(set(keys)) == 2 and all(
            re.fullmatch(r"output-images/\d{8}T\d{6}Z-[0-9a-f]{8}\.png", key) for key in keys),
            "generate --upload: names by the time, no two the same", (keys, done.stderr))
        tap.equal(client.head_object(Bucket="photos", Key=keys[0])["ContentType"], "image/png",
                  "generate --upload: the content type")
        done = run(folder, "generate", "a cat", "--upload", "s3://no-such-bucket/output-images/",
                   bedrock=bedrock, AWS_ENDPOINT_URL_S3=url)
        kept = re.search(rb"kept as (\S+\.png)", done.stderr)
        tap.ok(done.returncode == 1 and b"NoSuchBucket" in done.stderr and kept
               and pathlib.Path(kept.group(1).decode()).read_bytes()[:4] == b"\x89PNG",
               "generate --upload: what was paid for is kept when S3 does not take it", done.stderr)
        requests = len(bedrock.requests)
        for words, says in (
            (("upload", "c.png", "photos/x"), b"s3://"),
            (("upload", "a b.jpg", "c.png", "s3://photos/x"), b"one key"),
            (("upload", "missing.jpg", "s3://photos/"), b"missing.jpg"),
            (("upload", "c.png", "s3://photos/in/c.png", "--only-if-new"), b"exists"),
            (("generate", "x", "--upload", "s3://photos/x.png"), b"prefix"),
        ):
            done = run(folder, *words, bedrock=bedrock, AWS_ENDPOINT_URL_S3=url)
            tap.ok(done.returncode in (1, 2) and says in done.stderr, f"refused: {' '.join(words)}",
                   done.stderr)
        tap.equal(len(bedrock.requests), requests, "nothing was paid for on the way to an error")


sys.exit(support.run_cases([case_log_group, case_s3]))
