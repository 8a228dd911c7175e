# SPDX-License-Identifier: GPL-3.0-or-later
"""Our own core against imgrecog-local: the operations that both have.

    local_core.py IMGRECOG_LOCAL SERVICE_CALL S3_CALL
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import time

import local_support as support

boto3 = support.need("boto3", "python3-boto3")
botocore_config = support.need("botocore.config", "python3-botocore")

MODEL = "imgrecog.local-describer-v1"
KEEP = ("PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "ASAN_OPTIONS", "UBSAN_OPTIONS")


def environment(url):
    return {**{name: os.environ[name] for name in KEEP if name in os.environ},
            "HOME": support.HOME.name, "AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": support.KEY_ID, "AWS_SECRET_ACCESS_KEY": support.SECRET,
            "AWS_EC2_METADATA_DISABLED": "true"}


def ours(program, url, operation, **params):
    done = subprocess.run([program, operation], input=json.dumps(params), capture_output=True, text=True,
                          env=environment(url), timeout=120)
    return json.loads(done.stdout) if done.returncode == 0 else {"failed": done.stderr}


def stored(program, url, *words):
    done = subprocess.run([program, *words], capture_output=True, text=True, env=environment(url), timeout=120)
    try:
        return json.loads(done.stdout)
    except ValueError:
        return {"rc": None, "said": done.stdout + done.stderr}


def test_bedrock(tap, program, url):
    picture = base64.b64encode(open(support.portrait(), "rb").read()).decode()
    chat = {"modelId": MODEL, "maxTokens": 300, "messages": [{"role": "user", "content": [
        {"image": {"format": "jpeg", "source": {"bytes": picture}}}, {"text": "Write a caption."}]}]}
    whole = ours(program, url, "Converse", **chat)
    tap.check("one face" in whole.get("text", ""), "Converse", whole)
    for operation in ("ConverseStream", "InvokeModel:claude", "InvokeModelWithResponseStream:claude"):
        answer = ours(program, url, operation, **chat)
        tap.equal([answer.get(name) for name in ("text", "stopReason", "inputTokens", "outputTokens")],
                  [whole.get(name) for name in ("text", "stopReason", "inputTokens", "outputTokens")], operation)
    schema = {"type": "object", "required": ["caption"], "properties": {"caption": {"type": "string"}}}
    answer = ours(program, url, "Converse", **chat, schema=json.dumps(schema), schemaName="caption")
    tap.equal(json.loads(answer.get("text", "{}")).get("caption"), whole.get("text"), "a schema")
    answer = ours(program, url, "Converse", **{**chat, "modelId": "anthropic.claude-opus-5"})
    tap.check("aws_code=ValidationException" in answer.get("failed", "") and MODEL in answer["failed"],
              "another model: an error that says what is there", answer)
    models = ours(program, url, "ListFoundationModels")
    tap.check(MODEL in json.dumps(models), "ListFoundationModels", models)
    tap.check(MODEL in json.dumps(ours(program, url, "GetFoundationModel", modelIdentifier=MODEL, modelId=MODEL)),
              "GetFoundationModel")
    answer = ours(program, url, "InvokeModel:stability", modelId="imgrecog.local-standin-image-v1", prompt="a cat",
                  seed=5)
    tap.check("failed" not in answer and "iVBOR" in json.dumps(answer), "the stand-in for Stability's form",
              str(answer)[:300])
    answer = ours(program, url, "InvokeEndpoint", EndpointName="imgrecog-local-classifier",
                  ContentType="application/x-image", Body=picture)
    tap.check("failed" not in answer, "InvokeEndpoint", answer)


def test_logs(tap, program, url):
    now = int(time.time() * 1000)
    place = {"logGroupName": "/imgrecog/core", "logStreamName": "s"}
    tap.check("failed" not in ours(program, url, "CreateLogGroup", **place), "CreateLogGroup")
    tap.check("failed" not in ours(program, url, "CreateLogStream", **place), "CreateLogStream")
    events = [{"timestamp": now + number, "message": f"event {number}"} for number in range(12000)]
    answer = ours(program, url, "PutLogEvents", **place, logEvents=events)
    tap.check("failed" not in answer, "PutLogEvents, 12,000 in lawful batches", answer)
    page = ours(program, url, "FilterLogEvents", **place, filterPattern="\"event 11\"", limit=3)
    tap.equal([event["message"] for event in page.get("events", [])], ["event 11", "event 110", "event 111"],
              "FilterLogEvents")
    answer = ours(program, url, "PutLogEvents", **{**place, "logStreamName": "none"}, logEvents=events[:1])
    tap.check("aws_code=ResourceNotFoundException" in answer.get("failed", ""), "a stream that is not there", answer)


def test_s3(tap, program, service_call, url):
    config = botocore_config.Config(retries={"total_max_attempts": 1})
    theirs = boto3.client("s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id=support.KEY_ID,
                          aws_secret_access_key=support.SECRET, config=config)
    theirs.create_bucket(Bucket="core")
    photograph = open(support.portrait(), "rb").read()
    answer = stored(program, url, "put", "bucket=core", "key=ours é//..", f"file={support.portrait()}")
    tap.check(answer.get("rc") == 0 and theirs.get_object(Bucket="core", Key="ours é//..")["Body"].read() == photograph,
              "PutObject by us, read by boto3", answer)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "big")
        body = os.urandom(12 << 20)
        with open(path, "wb") as file:
            file.write(body)
        answer = stored(program, url, "upload", "bucket=core", "key=big", f"file={path}", "threshold-bytes=5242880",
                        "part-bytes=5242880")
        tap.check(answer.get("rc") == 0 and theirs.get_object(Bucket="core", Key="big")["Body"].read() == body,
                  "an upload in parts by us, read by boto3", answer)
    answer = stored(program, url, "list", "bucket=core")
    tap.check(answer.get("rc") == 0 and "big" in json.dumps(answer), "ListObjectsV2 by us", answer)
    answer = ours(service_call, url, "DetectFaces", Image={"S3Object": {"Bucket": "core", "Name": "ours é//.."}})
    tap.check("failed" not in answer, "DetectFaces of a picture in the local S3", answer)
    labels = support.client(url)
    faces = labels.detect_faces(Image={"S3Object": {"Bucket": "core", "Name": "ours é//.."}})["FaceDetails"]
    tap.equal(len(faces), 1, "and by boto3")
    rows = [("no such key", "core", "none", "InvalidS3ObjectException"),
            ("no such bucket", "nothing", "x", "InvalidS3ObjectException"),
            ("no picture", "core", "big", "InvalidImageFormatException")]
    for name, bucket, key, wanted in rows:
        tap.equal(support.error_code(labels.detect_faces, Image={"S3Object": {"Bucket": bucket, "Name": key}})[0],
                  wanted, f"refused: {name}")


def main():
    program, service_call, s3_call = sys.argv[1:4]
    tap = support.Tap()
    # Sanitizers on a busy machine take their time.
    with support.Server(program, "--deadline-ms", "60000") as server:
        test_bedrock(tap, service_call, server.url)
        test_logs(tap, service_call, server.url)
        test_s3(tap, s3_call, service_call, server.url)
        tap.equal(server.stop(), 0, "the server ends cleanly")
        tap.equal(server.errors, "", "the server had nothing to complain about")
    tap.end()


if __name__ == "__main__":
    main()
