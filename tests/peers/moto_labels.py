#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our client against moto with its signature check on, and against boto3's reading of the answers.

usage: moto_labels.py DETECT_LABELS
"""
import json
import sys

import boto3
import moto

from peer import PHOTO, Moto, Tap, clean_environment, need, run

WRONG = "wrong/secret/never/to/be/printed0000000"


def make_key(server):
    """A user with a key, through moto's IAM, before the check is turned on."""
    session = boto3.Session("first", "first", region_name="us-east-1")
    iam = session.client("iam", endpoint_url=server.url)
    iam.create_user(UserName="tester")
    policy = {"Version": "2012-10-17",
              "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_user_policy(UserName="tester", PolicyName="all", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName="tester")["AccessKey"]
    policy["Statement"][0] = {"Effect": "Allow", "Action": "sts:AssumeRole",
                              "Principal": {"AWS": "*"}}
    role = iam.create_role(RoleName="role", AssumeRolePolicyDocument=json.dumps(policy))
    policy["Statement"][0] = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    iam.put_role_policy(RoleName="role", PolicyName="all", PolicyDocument=json.dumps(policy))
    sts = boto3.client("sts", endpoint_url=server.url, region_name="us-east-1",
                       aws_access_key_id=key["AccessKeyId"],
                       aws_secret_access_key=key["SecretAccessKey"])
    temporary = sts.assume_role(RoleArn=role["Role"]["Arn"], RoleSessionName="session")["Credentials"]
    return key, temporary


def expected_boxes(answer):
    """boto3's answer as our document's labels must be."""
    rows = []
    for label in answer["Labels"]:
        instances = label.get("Instances") or [None]
        for instance in instances:
            box = instance and instance["BoundingBox"]
            rows.append((label["Name"], [parent["Name"] for parent in label.get("Parents", [])],
                         box and [round(box[side], 3) for side in ("Left", "Top", "Width",
                                                                   "Height")]))
    return rows


def our_boxes(document):
    return [(label["name"], label["parents"],
             [round(label["box"][side], 3) for side in ("left", "top", "width", "height")]
             if "box" in label else None) for label in document["labels"]]


def main():
    program = need(sys.argv[1])
    need(PHOTO)
    tap = Tap()
    with Moto() as server:
        print(f"# moto {moto.__version__}, signature check on")
        key, temporary = make_key(server)
        server.post("/moto-api/reset-auth", "0")
        env = clean_environment(AWS_REGION="us-east-1", AWS_ENDPOINT_URL=server.url)

        def call(key_id, secret, token=None, *words):
            keys = {"AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": secret}
            if token:
                keys["AWS_SESSION_TOKEN"] = token
            return run([program, PHOTO, *words], {**env, **keys})

        right = call(key["AccessKeyId"], key["SecretAccessKey"], None, "text=true")
        tap.check(right.returncode == 0, "the right secret is taken", right.stderr)
        client = boto3.client("rekognition", endpoint_url=server.url, region_name="us-east-1",
                              aws_access_key_id=key["AccessKeyId"],
                              aws_secret_access_key=key["SecretAccessKey"])
        theirs = client.detect_labels(Image={"Bytes": PHOTO.read_bytes()})
        document = json.loads(right.stdout or "{}")
        tap.check(our_boxes(document) == expected_boxes(theirs),
                  "labels, parents and boxes are those that boto3 reads", document)
        words = client.detect_text(Image={"Bytes": PHOTO.read_bytes()})["TextDetections"]
        tap.check([(w["DetectedText"], w["Type"]) for w in words] ==
                  [(w["text"], w["type"]) for w in document.get("text", [])],
                  "lines and words are those that boto3 reads", document.get("text"))

        wrong = call(key["AccessKeyId"], WRONG)
        tap.check(wrong.returncode == 1 and "SignatureDoesNotMatch" in wrong.stderr,
                  "a wrong secret is refused by name", wrong.stderr)
        tap.check(WRONG not in wrong.stderr + wrong.stdout, "the secret is in no message")
        tap.check(wrong.stderr.count("\n") == 1 and "AWS_SECRET_ACCESS_KEY" in wrong.stderr,
                  "the refusal is one line with the next step", wrong.stderr)
        unknown = call("AKIAUNKNOWNUNKNOWN00", key["SecretAccessKey"])
        tap.check(unknown.returncode == 1 and "403" in unknown.stderr, "an unknown key is refused",
                  unknown.stderr)

        good = call(temporary["AccessKeyId"], temporary["SecretAccessKey"],
                    temporary["SessionToken"])
        tap.check(good.returncode == 0, "a role's credentials with their token are taken",
                  good.stderr)
        bare = call(temporary["AccessKeyId"], temporary["SecretAccessKey"])
        tap.check(bare.returncode == 1 and "403" in bare.stderr, "and without it are refused",
                  bare.stderr)

        html = call(key["AccessKeyId"], key["SecretAccessKey"], None, "faces=true")
        tap.check(html.returncode == 1 and "not one of AWS (text/html" in html.stderr,
                  "an HTML page instead of JSON is told as such", html.stderr)
        many = call(key["AccessKeyId"], key["SecretAccessKey"], None, "repeat=20", "threads=8")
        tap.check(many.returncode == 0, "eight threads on one client, 160 calls", many.stderr)
    tap.leave()


main()
