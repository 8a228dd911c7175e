# SPDX-License-Identifier: GPL-3.0-or-later
"""moto as a server of its own with its signature check on: it computes each signature anew with
botocore, so a right secret is served and a wrong one refused."""

import contextlib
import json
import sys
import urllib.request

from support import listens_on_port, process, unused_port

POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def make_user(url):
    """A user who may do everything, and the key that moto made for it."""
    import boto3

    iam = boto3.client(
        "iam", endpoint_url=url, region_name="us-east-1",
        aws_access_key_id="any", aws_secret_access_key="any",
    )
    iam.create_user(UserName="tester")
    iam.put_user_policy(UserName="tester", PolicyName="all", PolicyDocument=json.dumps(POLICY))
    return iam.create_access_key(UserName="tester")["AccessKey"]


def turn_check_on(url):
    request = urllib.request.Request(
        f"{url}/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


@contextlib.contextmanager
def server():
    """Starts it in the current folder; gives its address and the key of a user."""
    port = unused_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with open("moto.log", "wb") as log, process(
        command, lambda: listens_on_port(port), stdout=log, stderr=log
    ):
        key = make_user(url)
        turn_check_on(url)
        yield url, key
