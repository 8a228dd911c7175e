#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs, Lambda, SageMaker and Step Functions against moto with its signature check on.

usage: service_moto.py SERVICE_CALL

What we write, boto3 reads; what boto3 wrote, we read.
"""
import base64
import io
import json
import subprocess
import sys
import time
import zipfile

import boto3
import moto

from peer import Moto, Tap, clean_environment, need

REGION = "us-east-1"
GROUP = "/imgrecog/test_1"
CODE = "def handler(event, context):\n    return event\n"
MACHINE = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


class Peer:
    """moto, a user with a key, and our program as that user."""

    def __init__(self, server, program):
        self.program = program
        self.url = server.url
        self.first = boto3.Session("first", "first", region_name=REGION)
        iam = self.client("iam")
        iam.create_user(UserName="tester")
        iam.put_user_policy(UserName="tester", PolicyName="all", PolicyDocument=json.dumps(ALL))
        key = iam.create_access_key(UserName="tester")["AccessKey"]
        self.role = iam.create_role(RoleName="role",
                                    AssumeRolePolicyDocument=json.dumps(ALL))["Role"]["Arn"]
        self.env = clean_environment(
            AWS_REGION=REGION, AWS_ENDPOINT_URL=server.url, AWS_ACCESS_KEY_ID=key["AccessKeyId"],
            AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"])

    def client(self, name):
        return self.first.client(name, endpoint_url=self.url)

    def signed(self, name):
        return boto3.client(name, endpoint_url=self.url, region_name=REGION,
                            aws_access_key_id=self.env["AWS_ACCESS_KEY_ID"],
                            aws_secret_access_key=self.env["AWS_SECRET_ACCESS_KEY"])

    def call(self, operation, params, **env):
        done = subprocess.run([self.program, operation], env={**self.env, **env}, timeout=60,
                              input=json.dumps(params), capture_output=True, text=True, check=False)
        return done, json.loads(done.stdout) if done.returncode == 0 else {}


def make_things(peer):
    """Before the check is on: a function, a state machine."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("main.py", CODE)
    peer.client("lambda").create_function(
        FunctionName="photos", Runtime="python3.13", Role=peer.role, Handler="main.handler",
        Code={"ZipFile": archive.getvalue()})
    return peer.client("stepfunctions").create_state_machine(
        name="photos", definition=json.dumps(MACHINE), roleArn=peer.role)["stateMachineArn"]


def judge_logs(tap, peer):
    now = int(time.time() * 1000)
    put = {"logGroupName": GROUP, "logStreamName": "2026/11/20",
           "logEvents": [{"timestamp": now - i, "message": f"고양이 {i} \"x\""}
                         for i in range(10050)]}
    done, _ = peer.call("PutLogEvents", put)
    tap.check("aws_code=ResourceNotFoundException" in done.stderr, "no group: told by its code",
              done.stderr)
    for operation in ("CreateLogGroup", "CreateLogStream"):
        done, _ = peer.call(operation, put)
        tap.check(done.returncode == 0, operation, done.stderr)
    done, _ = peer.call("CreateLogGroup", put)
    tap.check("aws_code=ResourceAlreadyExistsException" in done.stderr,
              "a group that is there: told by its code", done.stderr)
    done, document = peer.call("PutLogEvents", put)
    tap.check(document.get("Batches") == 2, "10,050 events go in two batches", done.stderr)
    theirs = []
    for page in peer.signed("logs").get_paginator("filter_log_events").paginate(
            logGroupName=GROUP):
        theirs += page["events"]
    tap.check([(e["timestamp"], e["message"]) for e in theirs] ==
              [(e["timestamp"], e["message"]) for e in reversed(put["logEvents"])],
              "boto3 reads them all, in order", len(theirs))
    ours, token, pages = [], None, 0
    while pages == 0 or token:
        params = {"logGroupName": GROUP, "limit": 4000, **({"nextToken": token} if token else {})}
        done, document = peer.call("FilterLogEvents", params)
        if done.returncode != 0:
            break
        ours += document["events"]
        token, pages = document.get("nextToken"), pages + 1
    tap.check([(e["eventId"], e["message"]) for e in ours] ==
              [(e["eventId"], e["message"]) for e in theirs] and pages >= 3,
              "FilterLogEvents reads the same, page by page", (pages, len(ours), done.stderr))


def judge_lambda(tap, peer, server):
    server.post("/moto-api/static/lambda-simple/response",
                json.dumps({"results": ["{\"labels\": [\"고양이\"]}"]}), "application/json")
    payload = base64.b64encode(b"{\"key\":\"photo.jpg\"}").decode()
    done, document = peer.call("Invoke", {"FunctionName": "photos", "Payload": payload,
                                          "LogType": "Tail"})
    tap.check(document.get("StatusCode") == 200 and
              json.loads(document["Payload"]) == {"labels": ["고양이"]}, "Invoke: the result",
              done.stderr or document)
    done, document = peer.call("Invoke", {"FunctionName": "photos", "Payload": payload,
                                          "InvocationType": "Event"})
    tap.check(document.get("StatusCode") == 202, "Invoke as an event: 202", done.stderr or document)


def judge_sagemaker(tap, peer, server):
    row = {"Body": "[0.1, 0.9]", "ContentType": "application/json",
           "InvokedProductionVariant": "AllTraffic", "CustomAttributes": "trace=1"}
    server.post("/moto-api/static/sagemaker/endpoint-results", json.dumps({"results": [row]}),
                "application/json")
    done, document = peer.call("InvokeEndpoint", {
        "EndpointName": "photos", "ContentType": "image/jpeg", "Accept": "application/json",
        "Body": base64.b64encode(b"moto takes text only").decode()})
    tap.check(document == row, "InvokeEndpoint: body and headers", done.stderr or document)


def judge_states(tap, peer, machine):
    done, document = peer.call("StartExecution", {"stateMachineArn": machine, "name": "run-1",
                                                  "input": "{\"a\":\"한\"}"})
    arn = document.get("executionArn")
    tap.check(arn is not None, "StartExecution", done.stderr)
    done, document = peer.call("DescribeExecution", {"executionArn": arn or "none"})
    theirs = peer.signed("stepfunctions").describe_execution(executionArn=arn)
    tap.check(document.get("name") == "run-1" and document.get("status") == theirs["status"] and
              json.loads(theirs["input"]) == {"a": "한"}, "DescribeExecution as boto3 reads it",
              done.stderr or document)
    done, _ = peer.call("DescribeExecution", {"executionArn": arn + "x"})
    tap.check("aws_code=ExecutionDoesNotExist" in done.stderr, "no such execution", done.stderr)


def judge_keys(tap, peer, machine):
    """The check is on: each service refuses a wrong secret."""
    wrong = "wrong/secret/never/to/be/printed0000000"
    rows = {"CreateLogGroup": {"logGroupName": "x"}, "Invoke": {"FunctionName": "photos"},
            "InvokeEndpoint": {"EndpointName": "e", "Body": ""},
            "StartExecution": {"stateMachineArn": machine},
            "DetectText": {"Image": {"S3Object": {"Bucket": "b", "Name": "k"}}}}
    for name, params in rows.items():
        done, _ = peer.call(name, params, AWS_SECRET_ACCESS_KEY=wrong)
        tap.check("aws_code=SignatureDoesNotMatch" in done.stderr and wrong not in done.stderr,
                  f"{name}: a wrong secret is refused by name", done.stderr)
    done, _ = peer.call("DetectText", rows["DetectText"])
    tap.check(done.returncode == 0, "DetectText of an object in S3", done.stderr)


def main():
    program = need(sys.argv[1])
    tap = Tap()
    with Moto() as server:
        print(f"# moto {moto.__version__}, signature check on")
        server.post("/moto-api/config", "{\"lambda\":{\"use_docker\":false}}", "application/json")
        peer = Peer(server, program)
        machine = make_things(peer)
        server.post("/moto-api/reset-auth", "0")
        judge_logs(tap, peer)
        judge_lambda(tap, peer, server)
        judge_sagemaker(tap, peer, server)
        judge_states(tap, peer, machine)
        judge_keys(tap, peer, machine)
    tap.leave()


main()
