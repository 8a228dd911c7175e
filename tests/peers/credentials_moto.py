#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles taken at moto's STS with its signature check on, and used for a real call afterwards.

usage: credentials_moto.py FIND_CREDENTIALS DETECT_LABELS
"""
import json
import pathlib
import sys
import tempfile

import boto3
import moto

from peer import PHOTO, Moto, Tap, clean_environment, need, run

WRONG = "wrong/secret/never/to/be/printed0000000"


def make_identities(server):
    """A user with a key and a role that it may take, before the check is turned on."""
    iam = boto3.Session("first", "first", region_name="us-east-1").client(
        "iam", endpoint_url=server.url)
    iam.create_user(UserName="tester")
    policy = {"Version": "2012-10-17",
              "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_user_policy(UserName="tester", PolicyName="all", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName="tester")["AccessKey"]
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                                                     "Principal": {"AWS": "*"}}]}
    role = iam.create_role(RoleName="role", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    iam.put_role_policy(RoleName="role", PolicyName="all", PolicyDocument=json.dumps(policy))
    return key, role["Arn"]


def main():
    finder, detector = need(sys.argv[1]), need(sys.argv[2])
    need(PHOTO)
    tap = Tap()
    with Moto() as server, tempfile.TemporaryDirectory() as home:
        print(f"# moto {moto.__version__}, signature check on")
        key, role_arn = make_identities(server)
        folder = pathlib.Path(home, ".aws")
        folder.mkdir()
        pathlib.Path(home, "token").write_text("header.payload.signature")
        env = clean_environment(AWS_REGION="us-east-1", AWS_ENDPOINT_URL=server.url)
        env["HOME"] = home

        def write(secret):
            (folder / "credentials").write_text(
                f"[base]\naws_access_key_id = {key['AccessKeyId']}\n"
                f"aws_secret_access_key = {secret}\n")
            (folder / "config").write_text(
                f"[profile r]\nrole_arn = {role_arn}\nsource_profile = base\n"
                f"[profile rr]\nrole_arn = {role_arn}\nsource_profile = r\n"
                f"[profile w]\nrole_arn = {role_arn}\nweb_identity_token_file = {home}/token\n")

        write(key["SecretAccessKey"])

        def take(profile, title):
            found = run([finder, profile], env)
            values = json.loads(found.stdout or "{}")
            tap.check(values.get("access_key", "").startswith("ASIA") and values["token"] and
                      values["provider"] == title.removesuffix(" by a role"), f"{title}: taken",
                      found.stderr)
            return values

        # With its check on, moto answers every unsigned request with an error of its own.
        web = take("w", "web identity")
        server.post("/moto-api/reset-auth", "0")
        for profile, title in (("r", "a role"), ("rr", "a role by a role")):
            take(profile, title)
            done = run([detector, PHOTO, f"profile={profile}"], env)
            tap.check(done.returncode == 0 and '"labels"' in done.stdout,
                      f"{title}: its signature is taken", done.stderr)
        done = run([detector, PHOTO], {**env, "AWS_ACCESS_KEY_ID": web.get("access_key", ""),
                                       "AWS_SECRET_ACCESS_KEY": web.get("secret_key", ""),
                                       "AWS_SESSION_TOKEN": web.get("token", "")})
        tap.check(done.returncode == 0 and '"labels"' in done.stdout,
                  "web identity: its signature is taken", done.stderr)
        identity = run([finder, "--identity"], {**env, "AWS_PROFILE": "r"})
        tap.check(":assumed-role/role/imgrecog-" in identity.stdout,
                  "GetCallerIdentity says who that is", identity.stdout + identity.stderr)
        write(WRONG)
        refused = run([finder, "r"], env)
        tap.check(refused.returncode == 1 and "SignatureDoesNotMatch" in refused.stderr and
                  "STS" in refused.stderr, "a wrong secret is refused by name", refused.stderr)
        tap.check(WRONG not in refused.stderr + refused.stdout, "the secret is in no message")
    tap.leave()


main()
