# SPDX-License-Identifier: GPL-3.0-or-later
"""imgrecog upload and what else is kept: objects in S3 and lines in CloudWatch Logs."""

import base64
import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.request
import zlib

import boto3
import jsonschema

import support
from command_support import LOCAL, Bedrock, make, moto, png_of, run


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
    url, client = moto()
    with support.workspace() as folder:
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
        requests = len(bedrock.requests)
        done = run(folder, "generate", "a cat", "--upload", "s3://no-such-bucket/output-images/",
                   bedrock=bedrock, AWS_ENDPOINT_URL_S3=url)
        tap.ok(done.returncode == 1 and b"there is no bucket no-such-bucket" in done.stderr
               and len(bedrock.requests) == requests,
               "generate --upload: no bucket, told before anything is paid for", done.stderr)
        bedrock.refuses_puts = True
        done = run(folder, "generate", "a cat", "--upload", "s3://photos/output-images/", bedrock=bedrock)
        bedrock.refuses_puts = False
        kept = re.search(rb"kept as (\S+\.png)", done.stderr)
        tap.ok(done.returncode == 1 and b"AccessDenied" in done.stderr and kept
               and pathlib.Path(kept.group(1).decode()).read_bytes()[:4] == b"\x89PNG",
               "generate --upload: what was paid for is kept when S3 does not take it", done.stderr)
        requests = len(bedrock.requests)
        for words, says in (
            (("upload", "c.png", "photos/x"), b"s3://"),
            (("upload", "a b.jpg", "c.png", "s3://photos/x"), b"one key"),
            (("upload", "missing.jpg", "s3://photos/"), b"missing.jpg"),
            (("upload", "c.png", "s3://photos/in/c.png", "--only-if-new"), b"exists"),
            (("generate", "x", "--upload", "s3://photos/x.png"), b"prefix"),
            (("generate", "x", "--upload", "s3://"), b"no bucket"),
            (("labels", "c.png", "--upload", "photos/x"), b"s3://"),
        ):
            done = run(folder, *words, bedrock=bedrock, AWS_ENDPOINT_URL_S3=url)
            tap.ok(done.returncode in (1, 2) and says in done.stderr, f"refused: {' '.join(words)}",
                   done.stderr)
        tap.equal(len(bedrock.requests), requests, "nothing was paid for on the way to an error")


def with_exif_date(path, date):
    subprocess.run(["exiftool", "-q", "-overwrite_original", f"-DateTimeOriginal#={date}", path],
                   check=True)


def case_key_template(tap):
    """Where files come to lie: by their own date, name and hash."""
    url, client = moto()
    with support.workspace() as folder:
        picture = make("IMG 1.JPG")
        with_exif_date(picture, "2024:02:29 23:59:58")
        digest = hashlib.sha256(pathlib.Path(picture).read_bytes()).hexdigest()
        pathlib.Path("notes").write_text("words", encoding="utf-8")
        os.utime("notes", (1e9, 1e9))  # 2001-09-09T01:46:40Z
        make("dated.png")
        with_exif_date("dated.png", "2023:01:02 03:04:05")
        make("bad.jpg")
        with_exif_date("bad.jpg", "2023:13:02 03:04:05")
        os.utime("bad.jpg", (1e9, 1e9))
        for template, file, key in (
            ("{year}/{month}/{name}-{sha256:8}.{ext}", picture, f"2024/02/IMG 1-{digest[:8]}.JPG"),
            ("{date}T{time}/", picture, "20240229T235958/IMG 1.JPG"),
            ("{sha256}", picture, digest),
            ("{{{day}-{hour}-{minute}-{second}}}", picture, "{29-23-59-58}"),
            ("{date}/{file}", "notes", "20010909/notes"),
            ("{time}.{ext}", "notes", "014640.bin"),
            ("{year}/", "dated.png", "2023/dated.png"),
            ("{year}/", "bad.jpg", "2001/bad.jpg"),
            ("", "notes", "notes"),
        ):
            done = run(folder, "upload", file, f"s3://photos/{template}", TZ="Asia/Seoul",
                       AWS_ENDPOINT_URL_S3=url)
            tap.ok(done.stdout.decode() == f"s3://photos/{key}\n"
                   and client.head_object(Bucket="photos", Key=key), f"{template or 'no key'}: {key}",
                   (done.stdout, done.stderr))
        for template, says in (("{city}/", b"{city}"), ("{sha256:0}", b"{sha256:0}"),
                               ("{sha256:65}", b"{sha256:65}"), ("{year", b"not closed"),
                               ("year}", b"closes nothing")):
            done = run(folder, "upload", picture, f"s3://photos/{template}", AWS_ENDPOINT_URL_S3=url)
            tap.ok(done.returncode == 2 and says in done.stderr, f"refused: {template}", done.stderr)
        done = run(folder, "upload", picture, "notes", "s3://photos/{year}.x",
                   AWS_ENDPOINT_URL_S3=url)
        tap.equal(done.returncode, 0, "two files, two keys")
        done = run(folder, "upload", picture, "bad.jpg", "notes", "s3://photos/{hour}.x",
                   AWS_ENDPOINT_URL_S3=url)
        tap.ok(done.returncode == 1 and b"notes: Another file" in done.stderr
               and client.get_object(Bucket="photos", Key="01.x")["ContentLength"]
               == os.path.getsize("bad.jpg"), "two files are never one object", done.stderr)


def case_dry_run(tap):
    """What would be stored is told, and nothing is stored, logged or recorded."""
    url, client = moto()
    with support.workspace() as folder:
        bedrock = Bedrock()
        make("a.jpg")
        done = run(folder, "upload", "a.jpg", "s3://photos/{name}/", "--dry-run",
                   AWS_ENDPOINT_URL_S3=url)
        tap.equal((done.returncode, done.stdout),
                  (0, b"a.jpg would be stored as s3://photos/a/a.jpg\n"), "upload --dry-run")
        client.put_object(Bucket="photos", Key="in/a.jpg", Body=pathlib.Path("a.jpg").read_bytes())
        done = run(folder, "labels", "s3://photos/in/a.jpg", "--dry-run", bedrock=bedrock,
                   AWS_ENDPOINT_URL_S3=url)
        tap.ok(done.returncode == 0 and b"DetectLabels" in done.stdout and not bedrock.requests,
               "labels --dry-run of an object: it is fetched, and nothing is sent", done)
        tap.ok(b"is fetched for it" in run(folder, "labels", "--help").stdout, "and --help says so")
        client.delete_object(Bucket="photos", Key="in/a.jpg")
        make("b.jpg")
        done = run(folder, "upload", "a.jpg", "b.jpg", "s3://photos/{name}/", "--dry-run", "--json",
                   AWS_ENDPOINT_URL_S3=url)
        documents = [json.loads(line) for line in done.stdout.splitlines()]
        tap.equal((done.returncode, [one["would_store"] for one in documents]),
                  (0, [{"source": f"{x}.jpg", "uri": f"s3://photos/{x}/{x}.jpg"} for x in "ab"]),
                  "upload --dry-run --json: a document a file")
        tap.ok(all("stored" not in one and one["usage"]["requests"] == 0
                   and "cost_usd" not in one["usage"] for one in documents),
               "upload --dry-run --json: nothing was asked", documents)
        done = run(folder, "labels", "a.jpg", "--dry-run", "--upload", "s3://photos/{name}/",
                   "--log-group", "x", "--capture", "kept", bedrock=bedrock, AWS_ENDPOINT_URL_S3=url)
        tap.ok(done.returncode == 0 and b"stored as s3://photos/a/a.jpg" in done.stdout
               and not bedrock.requests and not os.path.exists("kept")
               and "Contents" not in client.list_objects_v2(Bucket="photos"),
               "labels --dry-run --upload", (done.stdout, done.stderr))
        done = run(folder, "labels", "a.jpg", "--dry-run", "--upload", "s3://photos/{name}/", "--json",
                   bedrock=bedrock, AWS_ENDPOINT_URL_S3=url)
        document = json.loads(done.stdout)
        tap.ok(document["would_store"] == {"uri": "s3://photos/a/a.jpg"} and "estimate" in document,
               "labels --dry-run --upload --json", document)
        os.utime("a.jpg", (1e9, 1e9))  # 2001-09-09T01:46:40Z
        done = run(folder, "labels", "a.jpg", "--dry-run", "--upload", "s3://photos/{date}/",
                   bedrock=bedrock, AWS_ENDPOINT_URL_S3=url)
        tap.ok(b"stored as s3://photos/20010909/a.jpg" in done.stdout,
               "labels --upload: the time of the file's last change", (done.stdout, done.stderr))


def case_hostile_names(tap):
    """Nothing of a file's name, a key or a folder controls the terminal."""
    url, _ = moto()
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.picture = png_of(64, 64)
        name, escape = "\x1b[31mé\x9b2J.png", "\x1b]0;x\x07"
        make("a.png")
        os.rename("a.png", name)
        services = {"AWS_ENDPOINT_URL_S3": url, "bedrock": bedrock}
        prefix = f"s3://photos/{escape}/"
        for words in (
            ("upload", name, prefix, "--dry-run"),
            ("upload", name, prefix, "--presign", "60"),
            ("upload", name, "s3://nobody/"),
            ("labels", name, "--dry-run", "--upload", prefix, "--log-group", "x",
             "--capture", escape),
            ("labels", name, "--upload", prefix),
            ("ask", "what?", name, "--context", escape, "--dry-run"),
            ("generate", "a cat", "-o", name, "--upload", prefix, "--dry-run"),
            ("generate", "a cat", "-o", name),
            ("generate", "a cat", "-o", escape + ".jpg"),
            ("generate", "a cat", "-o", f"no/{name}"),
            ("config", "--capture", escape),
            ("config", name),
            (name,),
            ("models", "--" + escape),
        ):
            done = run(folder, *words, **services)
            said = done.stdout + done.stderr
            tap.ok(said and not set(said) & set(b"\x1b\x07\x9b"),
                   "nothing that controls a terminal: " + ascii(words), (done.returncode, said))


def case_attributes(tap):
    """Attributes of an object, the document beside it, the link."""
    url, client = moto()
    with support.workspace() as folder:
        picture = make("a.jpg")
        done = run(folder, "upload", "a.jpg", "s3://photos/x/", "--json", "--document", "--tag",
                   "who=Ann B", "--tag=kind=a=b", "--meta", "Source=camera", "--content-type",
                   "image/x-mine", "--encryption", "AES256", "--storage-class", "STANDARD_IA",
                   "--presign", "60", AWS_ENDPOINT_URL_S3=url)
        printed = json.loads(done.stdout)
        stored = printed["stored"]
        head = client.head_object(Bucket="photos", Key="x/a.jpg")
        data = pathlib.Path(picture).read_bytes()
        tap.ok(head["ContentType"] == "image/x-mine" and head["Metadata"] == {"source": "camera"}
               and head["ServerSideEncryption"] == "AES256"
               and head["StorageClass"] == "STANDARD_IA", "upload: attributes", head)
        tags = client.get_object_tagging(Bucket="photos", Key="x/a.jpg")["TagSet"]
        tap.equal({tag["Key"]: tag["Value"] for tag in tags}, {"who": "Ann B", "kind": "a=b"},
                  "upload: tags")
        tap.ok(stored["uri"] == "s3://photos/x/a.jpg" and stored["bytes"] == len(data)
               and stored["crc32"] == f"{zlib.crc32(data):08x}" and stored["source"] == "a.jpg"
               and stored["etag"] == head["ETag"] and printed["usage"]["requests"] == 1,
               "upload --json: what was stored", printed)
        with urllib.request.urlopen(stored["link"], timeout=30) as answer:
            tap.equal(answer.read(), data, "upload --json: the link gives the object")
        beside = client.get_object(Bucket="photos", Key="x/a.jpg.json")
        document = json.loads(beside["Body"].read())
        del stored["link"]
        tap.ok(document == printed and beside["ContentType"] == "application/json",
               "upload --document: the same beside it, without the link", document)
        for words in (("--tag", "x"), ("--tag", "=x"), ("--meta", "x"),
                      ["--tag", "a=b"] * 11):
            done = run(folder, "upload", "a.jpg", "s3://photos/y/", *words, AWS_ENDPOINT_URL_S3=url)
            tap.ok(done.returncode == 1 and done.stderr, f"refused: {' '.join(words)[:30]}",
                   done.stderr)
        for words in (("labels", "a.jpg", "--tag", "a=b"), ("labels", "a.jpg", "--storage-class", "x"),
                      ("generate", "x", "-o", "y.png", "--document")):
            done = run(folder, *words, AWS_ENDPOINT_URL_S3=url)
            tap.equal(done.returncode, 2, f"of no use without --upload: {' '.join(words)}")


def case_seed_zero(tap):
    """Upload, three labels, caption, a line in the log: one command."""
    url, client = moto()
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.text = json.dumps({"caption": "A woman smiles.", "alt_text": "Woman",
                                   "title": "Portrait", "keywords": []})
        picture = pathlib.Path(make("a.jpg")).read_bytes()
        logs = boto3.client("logs", endpoint_url=url, region_name="us-east-1",
                            aws_access_key_id="a", aws_secret_access_key="b")
        words = ("caption", "a.jpg", "--from-labels", "--upload", "s3://photos/in/", "--log-group",
                 "photos", "--document", "--json")
        services = {"AWS_ENDPOINT_URL_S3": url, "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": url}
        done = run(folder, *words, bedrock=bedrock, **services)
        printed = json.loads(done.stdout or b"{}")
        line = ("a.jpg: Person 99.0 %, Portrait 91.5 %; caption: A woman smiles.; "
                "stored: s3://photos/in/a.jpg")
        events = [event["message"] for event in logs.get_log_events(
            logGroupName="photos", logStreamName="imgrecog")["events"]]
        tap.ok(done.returncode == 0 and len(events) == 2 and line in events
               and [json.loads(x) for x in events if x != line] == [printed],
               "seed 0: the line and the document are in the log group", (done.stderr, events))
        tap.equal(client.get_object(Bucket="photos", Key="in/a.jpg")["Body"].read(), picture,
                  "seed 0: the picture is in the bucket")
        beside = client.get_object(Bucket="photos", Key="in/a.jpg.json")["Body"].read()
        tap.equal(json.loads(beside), printed, "seed 0: the document beside it")
        done = run(folder, "labels", "-", "--upload", "s3://photos/{name}-{sha256:4}.{ext}",
                   bedrock=bedrock, stdin=picture, **services)
        key = f"stdin-{hashlib.sha256(picture).hexdigest()[:4]}.jpg"
        tap.ok(done.stdout.decode().splitlines()[-1] == f"s3://photos/{key}",
               "standard input is stored too", (done.stdout, done.stderr))
        requests = len(bedrock.requests)
        done = run(folder, "labels", "a.jpg", "--upload", "s3://nobody/x/", bedrock=bedrock,
                   **services)
        tap.ok(done.returncode == 1 and len(bedrock.requests) == requests,
               "what cannot be stored is not paid for", done.stderr)
        done = run(folder, "labels", "a.jpg", "--log-group", "a:b", bedrock=bedrock, **services)
        tap.ok(done.returncode == 2 and len(bedrock.requests) == requests,
               "a log group that cannot be is told before anything is paid for", done.stderr)
        bedrock.refuses_events = True
        done = run(folder, "labels", "a.jpg", "--log-group", "photos", "--json", bedrock=bedrock)
        bedrock.refuses_events = False
        tap.ok(done.returncode == 1 and json.loads(done.stdout)["labels"],
               "what cannot be logged is printed all the same", done.stderr)
        bedrock.text = json.dumps({"result": "YES", "reason": "A card."})
        done = run(folder, "check", "a.jpg", "--look-for", "model", "--upload", "s3://photos/no/",
                   bedrock=bedrock, **services)
        tap.ok(done.returncode == 3 and b"not stored" in done.stderr and "Contents" not in
               client.list_objects_v2(Bucket="photos", Prefix="no/"),
               "check stores nothing of which it does not say NO", done.stderr)


def case_seed_zero_local(tap):
    """The same on this machine alone."""
    portrait = support.portrait()
    with support.workspace() as folder:
        home = pathlib.Path(folder) / "home"
        (home / ".local/share/imgrecog/s3/photos").mkdir(parents=True)
        done = run(folder, "caption", portrait, "--from-labels", "--upload", "s3://photos/in/",
                   "--log-group", "photos", "--json", "--endpoint", "local", IMGRECOG_LOCAL=LOCAL,
                   XDG_RUNTIME_DIR=str(folder))
        document = json.loads(done.stdout or b"{}")
        lines = [json.loads(line)["message"]
                 for path in (home / ".local/state/imgrecog/logs").rglob("imgrecog*")
                 for line in path.read_text(encoding="utf-8").splitlines()[1:]]
        name = portrait.rsplit("/", 1)[1]
        tap.ok(any(re.fullmatch(
            rf"{re.escape(portrait)}: Face [\d.]+ %, Head [\d.]+ %, Person [\d.]+ %; caption: A picture "
            rf"with Face, Head and Person\.; stored: s3://photos/in/{re.escape(name)}", line)
            for line in lines) and document in [json.loads(line) for line in lines if line[0] == "{"],
            "seed 0 with endpoint=local: line and document", (done.stderr, lines))
        done = run(folder, "labels", portrait, "--upload", "s3://none/in/", "--endpoint", "local",
                   IMGRECOG_LOCAL=LOCAL, XDG_RUNTIME_DIR=str(folder))
        tap.ok(done.returncode == 1 and b"mkdir -p ~/.local/share/imgrecog/s3/none" in done.stderr,
               "a bucket of this machine is made by mkdir", done.stderr)


# What https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html shows.
PART = {"type": "object", "additionalProperties": False,
        "required": ["observedContentType", "mode", "data", "encoding"],
        "properties": {"observedContentType": {"type": "string"},
                       "mode": {"enum": ["INPUT", "OUTPUT"]}, "data": {"type": "string"},
                       "encoding": {"enum": ["CSV", "JSON", "BASE64"]}}}
CAPTURED = {
    "type": "object", "additionalProperties": False,
    "required": ["captureData", "eventMetadata", "eventVersion"],
    "properties": {
        "captureData": {"type": "object", "additionalProperties": False,
                        "required": ["endpointOutput"],
                        "properties": {"endpointInput": PART, "endpointOutput": PART}},
        "eventMetadata": {
            "type": "object", "additionalProperties": False,
            "required": ["eventId", "inferenceTime"],
            "properties": {"eventId": {"pattern": r"^[0-9a-f-]{36}$"},
                           "inferenceTime": {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}}},
        "eventVersion": {"const": "0"}},
}
NAME = r"([^/]+)/AllTraffic/(\d{4}/\d\d/\d\d/\d\d)/\d\d-\d\d-\d{3}-([0-9a-f-]{36})\.jsonl"


def confidence_over_time(events):
    """What somebody plots: (time, name, confidence) of each label of each event."""
    points = []
    for name, text in events:
        place = re.fullmatch(NAME, name)
        assert place and text.endswith("\n") and text.count("\n") == 1, name
        event = json.loads(text)
        jsonschema.validate(event, CAPTURED)
        time = datetime.datetime.fromisoformat(event["eventMetadata"]["inferenceTime"])
        assert place[2] == time.strftime("%Y/%m/%d/%H") and place[3] == event["eventMetadata"][
            "eventId"]
        for label in json.loads(event["captureData"]["endpointOutput"]["data"])["labels"]:
            points.append((time, label["name"], label["confidence"]))
    return points


def case_capture(tap):
    """Answers as Model Monitor keeps them: in a folder and in S3, one file for each."""
    url, client = moto()
    with support.workspace() as folder:
        bedrock = Bedrock()
        picture = pathlib.Path(make("a.jpg")).read_bytes()
        make("b.jpg")
        begun = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        done = run(folder, "labels", "a.jpg", "b.jpg", "--capture", "kept/here", bedrock=bedrock)
        root = pathlib.Path("kept/here")
        events = [(str(path.relative_to(root)), path.read_text(encoding="utf-8"))
                  for path in sorted(root.rglob("*.*"))]
        points = confidence_over_time(events)
        tap.ok(done.returncode == 0 and len(events) == 2 and sorted(p[1:] for p in points) == [
            ("Person", 99.0), ("Person", 99.0), ("Portrait", 91.5), ("Portrait", 91.5)]
            and all(begun <= p[0] <= datetime.datetime.now(datetime.timezone.utc) for p in points),
            "capture into a folder: confidence over time", (done.stderr, points))
        tap.ok(all("endpointInput" not in text and name.startswith("rekognition/")
                   for name, text in events), "capture: no picture unless it is asked for")
        done = run(folder, "labels", "a.jpg", "--capture", "s3://photos/monitor", "--capture-input",
                   bedrock=bedrock, AWS_ENDPOINT_URL_S3=url)
        keys = [x["Key"] for x in client.list_objects_v2(Bucket="photos")["Contents"]]
        objects = [client.get_object(Bucket="photos", Key=key) for key in keys]
        events = [(key.removeprefix("monitor/"), stored["Body"].read().decode())
                  for key, stored in zip(keys, objects)]
        captured = json.loads(events[0][1])["captureData"]["endpointInput"]
        tap.ok(len(confidence_over_time(events)) == 2 and captured["encoding"] == "BASE64"
               and captured["observedContentType"] == "image/jpeg" and captured["mode"] == "INPUT"
               and base64.b64decode(captured["data"]) == picture,
               "capture into S3, with what was sent", (done.stderr, keys))
        requests = len(bedrock.requests)
        pathlib.Path("file").write_text("x", encoding="utf-8")
        for words in (("--capture", "file/x"), ("--capture", "s3://"), ("--capture", "/proc/x")):
            done = run(folder, "labels", "a.jpg", *words, bedrock=bedrock)
            tap.ok(done.returncode == 2 and done.stderr, f"refused: {' '.join(words)}", done.stderr)
        tap.equal(len(bedrock.requests), requests, "capture: nothing is paid for what is refused")


def case_precheck(tap):
    """What the look on this machine holds back is not stored either."""
    url, client = moto()
    with support.workspace() as folder:
        bedrock = Bedrock()
        make("a.png", "-colorspace", "Gray", "-threshold", "200%", "-negate", "-resize", "900x300!",
             "-pointsize", "44", "-annotate", "+40+150", "mail jane.doe@example.com")
        make("b.png")
        done = run(folder, "labels", "a.png", "b.png", "--precheck", "block", "--upload",
                   "s3://photos/in/", bedrock=bedrock, AWS_ENDPOINT_URL_S3=url,
                   IMGRECOG_LOCAL=LOCAL, XDG_RUNTIME_DIR=str(folder))
        keys = [x["Key"] for x in client.list_objects_v2(Bucket="photos").get("Contents", [])]
        tap.ok(done.returncode == 1 and b"a.png: " in done.stderr and keys == ["in/b.png"],
               "labels --precheck block: what is held back is not stored", (keys, done.stderr))
        here = {"AWS_ENDPOINT_URL_S3": url, "IMGRECOG_LOCAL": LOCAL, "XDG_RUNTIME_DIR": str(folder)}
        done = run(folder, "check", "a.png", "--precheck", "block", "--min-confidence", "100",
                   "--upload", "s3://photos/check/", "--capture", "s3://photos/monitor/",
                   "--capture-input", bedrock=bedrock, **here)
        objects = {x["Key"]: client.get_object(Bucket="photos", Key=x["Key"])["Body"].read()
                   for x in client.list_objects_v2(Bucket="photos").get("Contents", [])}
        captured = [body for key, body in objects.items() if key.startswith("monitor/")]
        tap.ok(done.returncode == 3 and not any(key.startswith("check/") for key in objects)
               and len(captured) == 1 and b"endpointInput" not in captured[0]
               and not [path for path, _ in bedrock.requests if "converse" in path],
               "check --precheck block: it leaves in no other way, however sure it has to be",
               (done, sorted(objects)))
        pathlib.Path("notes.txt").write_text("jane.doe@example.com", encoding="utf-8")
        pathlib.Path("broken.png").write_bytes(pathlib.Path("a.png").read_bytes()[:200])
        for mode, stored in (("block", {"up/b.png", "up/notes.txt"}),
                             ("warn", {"up/a.png", "up/b.png", "up/notes.txt", "up/broken.png"})):
            done = run(folder, "upload", "a.png", "b.png", "notes.txt", "broken.png", "s3://photos/up/",
                       "--precheck", mode, bedrock=bedrock, **here)
            keys = {x["Key"] for x in client.list_objects_v2(Bucket="photos", Prefix="up/").get("Contents", [])}
            tap.ok(keys == stored and b"a.png: precheck:" in done.stderr
                   and done.returncode == (mode == "block"), f"upload --precheck {mode}",
                   (keys, done.stderr))


def case_generate_upload(tap):
    """Seed 3: under output-images/, by the time, never over another; JSON is JSON and nothing else."""
    url, client = moto()
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.picture = png_of(64, 64)
        done = run(folder, "generate", "a cat", "--upload", "s3://photos/output-images/", "--json",
                   "--document", "--count", "2", bedrock=bedrock, AWS_ENDPOINT_URL_S3=url)
        printed = [json.loads(line) for line in done.stdout.splitlines()]
        keys = [x["stored"]["uri"].removeprefix("s3://photos/") for x in printed]
        tap.ok(len(set(keys)) == 2 and all(re.fullmatch(
            r"output-images/\d{8}T\d{6}Z-[0-9a-f]{8}\.png", key) for key in keys),
            "generate --upload --json: two names in two documents", (keys, done.stderr))
        found = {x["Key"] for x in client.list_objects_v2(Bucket="photos")["Contents"]}
        tap.equal(found, set(keys) | {key + ".json" for key in keys},
                  "generate --document: beside each picture")
        tap.equal(client.head_object(Bucket="photos", Key=keys[0])["ContentType"], "image/png",
                  "generate --upload: a PNG")


def case_long_prefix(tap):
    """A prefix that leaves no room for the name is told before anything is paid for."""
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.picture = png_of(64, 64)
        done = run(folder, "generate", "a cat", "--upload", f"s3://photos/{'x' * 1005}/", bedrock=bedrock)
        tap.ok(done.returncode == 2 and b"key is too long" in done.stderr and not bedrock.requests,
               "generate --upload: a prefix that is too long", done.stderr)


def case_conditional(tap):
    """What generate puts is conditional: S3 itself refuses a name that exists."""
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.picture = png_of(64, 64)
        run(folder, "generate", "a cat", "--upload", "s3://photos/x/", bedrock=bedrock)
        tap.equal([headers["If-None-Match"] for _, headers in bedrock.puts], ["*"],
                  "generate --upload: If-None-Match")
        make("a.jpg")
        run(folder, "upload", "a.jpg", "s3://photos/x/", bedrock=bedrock)
        tap.equal([headers["If-None-Match"] for _, headers in bedrock.puts], ["*", None],
                  "upload: replaces, unless it is told not to")


sys.exit(support.run_cases([
    case_log_group, case_s3, case_key_template, case_dry_run, case_hostile_names, case_attributes,
    case_seed_zero, case_generate_upload, case_long_prefix, case_conditional, case_capture,
    *([case_precheck, case_seed_zero_local] if LOCAL else []),
]))
