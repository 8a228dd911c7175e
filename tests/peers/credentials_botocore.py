#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""botocore and our chain of credentials on the same machine: same files, environment and services,
so the same provider, keys, end and requests. What botocore 1.37 does not have (aws login) is judged
by its server: the proof is checked with python-cryptography.

usage: credentials_botocore.py FIND_CREDENTIALS
"""
import hashlib
import json
import os
import pathlib
import random
import shlex
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time

import botocore
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from credentials_servers import Services, stamp
from peer import Tap, clean_environment, free_port, need, run

PROVIDERS = {
    "env": "the environment", "assume-role": "a role",
    "assume-role-with-web-identity": "web identity", "sso": "IAM Identity Center",
    "shared-credentials-file": "the shared credentials file",
    "custom-process": "credential_process", "config-file": "the config file",
    "container-role": "the container's endpoint", "iam-role": "EC2 instance metadata",
}

# A line in is an environment and a profile, a line out what was found, or why nothing was.
THEIRS = """
import json, os, sys, traceback
import botocore.client, botocore.credentials, botocore.httpsession, botocore.session, botocore.tokens

def find(profile):
    credentials = botocore.session.Session(profile=profile).get_credentials()
    if credentials is None:
        raise LookupError("nothing found")
    frozen = credentials.get_frozen_credentials()
    end = getattr(credentials, "_expiry_time", None)
    return {"access_key": frozen.access_key, "secret_key": frozen.secret_key,
            "token": frozen.token, "provider": credentials.method,
            **({"expires": int(end.timestamp())} if end else {})}

for line in sys.stdin:
    if pid := os.fork():
        os.waitpid(pid, 0)
        continue
    env, profile = json.loads(line)
    os.environ.clear()
    os.environ.update(env)
    try:
        print(json.dumps([find(profile), None]), flush=True)
    except Exception:
        print(json.dumps([None, traceback.format_exc()]), flush=True)
    os._exit(0)
"""


class Botocore:
    """botocore in another process, which imports it once, for that takes most of a second, and then
    forks for each machine: none learns anything from the one before. Importing it settles the home
    folder, which therefore has one name for all of them."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.home = os.path.join(self.folder.name, "home")
        self.process = subprocess.Popen([sys.executable, "-c", THEIRS], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True,
                                        env=clean_environment(HOME=self.home))
        return self

    def __exit__(self, *_):
        self.process.communicate()
        self.folder.cleanup()

    def find(self, env, profile):
        """What it finds, or None; why it finds nothing, or None."""
        self.process.stdin.write(json.dumps([env, profile]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


KEYS = "aws_access_key_id = AKIA{0}\naws_secret_access_key = secret-{0}\n"
ROLE = "role_arn = arn:aws:iam::123456789012:role/{}\n"
SSO = ("sso_account_id = 123456789012\nsso_role_name = Read Only\n")
SESSION = "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://x/start\n"
ENV = {"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "secret-ENV"}
NO_IMDS = {"AWS_EC2_METADATA_DISABLED": "true"}
PROCESS = ("credential_process = /bin/echo '{\"Version\": 1, \"AccessKeyId\": \"AKIAPROC\", "
           "\"SecretAccessKey\": \"secret-PROC\"}'\n")


def sso_token(name, left_seconds, **more):
    token = {"startUrl": "https://x/start", "region": "eu-west-1", "accessToken": "sso-old",
             "expiresAt": stamp(left_seconds), **more}
    return {f".aws/sso/cache/{hashlib.sha1(name.encode()).hexdigest()}.json": json.dumps(token)}


REFRESHABLE = {"clientId": "cid", "clientSecret": "cs", "refreshToken": "refresh-old",
               "registrationExpiresAt": stamp(86400 * 30)}

# name, config, credentials, environment, profile, further files
CASES = [
    ("environment", "", "", ENV, None, {}),
    ("environment and token", "", "", {**ENV, "AWS_SESSION_TOKEN": "t"}, None, {}),
    ("environment before a profile in AWS_PROFILE", "", "[p]\n" + KEYS.format("P"),
     {**ENV, "AWS_PROFILE": "p"}, None, {}),
    ("a named profile before the environment", "", "[p]\n" + KEYS.format("P"), ENV, "p", {}),
    ("credentials file before config file", "[default]\n" + KEYS.format("C"),
     "[default]\n" + KEYS.format("F") + "aws_session_token = x\n", {}, None, {}),
    ("config file", "[profile p]\n" + KEYS.format("C"), "", {}, "p", {}),
    ("process before config file", "[profile p]\n" + PROCESS + KEYS.format("C"), "", {}, "p", {}),
    ("process after the credentials file", "[profile p]\n" + PROCESS, "[p]\n" + KEYS.format("F"),
     {}, "p", {}),
    ("process with an end", "[profile p]\ncredential_process = /bin/echo '{\"Version\": 1, "
     "\"AccessKeyId\": \"AKIAPROC\", \"SecretAccessKey\": \"s\", \"SessionToken\": \"t\", "
     "\"Expiration\": \"" + stamp(7200) + "\"}'\n", "", {}, "p", {}),
    ("role", "[profile r]\n" + ROLE.format("a") + "source_profile = base\n",
     "[base]\n" + KEYS.format("B"), NO_IMDS, "r", {}),
    ("role with all its keys", "[profile r]\n" + ROLE.format("a") + "source_profile = base\n"
     "external_id = a b&c+/=\nrole_session_name = ann@x\nduration_seconds = 1800\n",
     "[base]\n" + KEYS.format("B"), NO_IMDS, "r", {}),
    ("role of a role", "[profile r]\n" + ROLE.format("a") + "source_profile = s\n[profile s]\n" +
     ROLE.format("b") + "source_profile = base\n", "[base]\n" + KEYS.format("B"), NO_IMDS, "r", {}),
    ("role whose source has keys and a role", "[profile r]\n" + ROLE.format("a") +
     "source_profile = s\n[profile s]\n" + ROLE.format("b") + "source_profile = base\n" +
     KEYS.format("S"), "[base]\n" + KEYS.format("B"), NO_IMDS, "r", {}),
    ("role that is its own source", "[profile r]\n" + ROLE.format("a") + "source_profile = r\n" +
     KEYS.format("R"), "", NO_IMDS, "r", {}),
    ("role before the keys of the credentials file", "[profile r]\n" + ROLE.format("a") +
     "source_profile = base\n", "[base]\n" + KEYS.format("B") + "[r]\n" + KEYS.format("R"), NO_IMDS,
     "r", {}),
    ("role by a program", "[profile r]\n" + ROLE.format("a") + "source_profile = s\n[profile s]\n" +
     PROCESS, "", NO_IMDS, "r", {}),
    ("role by IAM Identity Center", "[profile r]\n" + ROLE.format("a") + "source_profile = s\n"
     "[profile s]\nsso_session = corp\n" + SSO + SESSION, "", NO_IMDS, "r",
     sso_token("corp", 28800)),
    ("role by the environment", "[profile r]\n" + ROLE.format("a") +
     "credential_source = Environment\n", "", {**ENV, **NO_IMDS}, "r", {}),
    ("role by EC2", "[profile r]\n" + ROLE.format("a") +
     "credential_source = Ec2InstanceMetadata\n", "", {}, "r", {}),
    ("role by the container", "[profile r]\n" + ROLE.format("a") +
     "credential_source = EcsContainer\n", "",
     {**NO_IMDS, "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/container"}, "r", {}),
    ("web identity", "", "", {"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token",
                              "AWS_ROLE_ARN": "arn:aws:iam::1:role/w"}, None, {"token": "jwt+/="}),
    ("web identity with a name", "", "", {"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token",
                                          "AWS_ROLE_ARN": "arn:aws:iam::1:role/w",
                                          "AWS_ROLE_SESSION_NAME": "pod"}, None, {"token": "jwt-1"}),
    ("web identity of a profile", "[profile w]\n" + ROLE.format("w") +
     "web_identity_token_file = {home}/token\n", "", NO_IMDS, "w", {"token": "jwt-1"}),
    ("web identity as a source", "[profile r]\n" + ROLE.format("a") + "source_profile = w\n"
     "[profile w]\n" + ROLE.format("w") + "web_identity_token_file = {home}/token\n", "", NO_IMDS,
     "r", {"token": "jwt-1"}),
    ("sso-session", "[profile p]\nsso_session = corp\n" + SSO + SESSION, "", {}, "p",
     sso_token("corp", 28800)),
    ("sso-session, token refreshed", "[profile p]\nsso_session = corp\n" + SSO + SESSION, "", {},
     "p", sso_token("corp", 600, **REFRESHABLE)),
    ("sso-session, token over and refreshed", "[profile p]\nsso_session = corp\n" + SSO + SESSION,
     "", {}, "p", sso_token("corp", -5, **REFRESHABLE)),
    ("sso without session", "[profile p]\nsso_region = eu-west-1\nsso_start_url = https://x/start\n"
     + SSO, "", {}, "p", sso_token("https://x/start", 28800)),
    ("sso before the credentials file", "[profile p]\nsso_session = corp\n" + SSO + SESSION,
     "[p]\n" + KEYS.format("F"), {}, "p", sso_token("corp", 28800)),
    ("container by a full URI", "", "",
     {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/container?a=b",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Basic x"}, None, {}),
    ("container, token from a file", "", "",
     {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/container",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "{home}/token"}, None, {"token": "Bearer y"}),
    ("container before EC2, behind the files", "[profile p]\nregion = eu-west-1\n", "",
     {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/container"}, "p", {}),
    ("EC2", "", "", {}, None, {}),
    ("EC2, endpoint in the profile", "[default]\nec2_metadata_service_endpoint = {url}\n", "",
     {"AWS_EC2_METADATA_SERVICE_ENDPOINT": ""}, None, {}),

    # Both must refuse these.
    ("refused: nothing anywhere", "", "", NO_IMDS, None, {}),
    ("refused: half a key", "", "[default]\naws_access_key_id = AKIAHALF\n", NO_IMDS, None, {}),
    ("refused: half a key in the environment", "", "", {"AWS_ACCESS_KEY_ID": "AKIAHALF", **NO_IMDS},
     None, {}),
    ("refused: role in a circle", "[profile r]\n" + ROLE.format("a") + "source_profile = s\n"
     "[profile s]\n" + ROLE.format("b") + "source_profile = r\n", "", NO_IMDS, "r", {}),
    ("refused: role without source", "[profile r]\n" + ROLE.format("a"), "", NO_IMDS, "r", {}),
    ("refused: role with two sources", "[profile r]\n" + ROLE.format("a") +
     "source_profile = base\ncredential_source = Environment\n", "[base]\n" + KEYS.format("B"),
     NO_IMDS, "r", {}),
    ("refused: role whose source is empty", "[profile r]\n" + ROLE.format("a") +
     "source_profile = s\n[profile s]\nregion = x\n", "", {**ENV, **NO_IMDS}, "r", {}),
    ("refused: web identity without role", "", "",
     {"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token", **NO_IMDS}, None, {"token": "jwt-1"}),
    ("refused: sso, nobody logged in", "[profile p]\nsso_session = corp\n" + SSO + SESSION, "",
     NO_IMDS, "p", {}),
    ("refused: sso, token over", "[profile p]\nsso_region = eu-west-1\nsso_start_url = https://x/"
     "start\n" + SSO, "", NO_IMDS, "p",
     sso_token("https://x/start", -5, accessToken="sso-dead")),
    ("refused: sso, session and profile differ", "[profile p]\nsso_session = corp\nsso_region = x\n"
     + SSO + SESSION, "", NO_IMDS, "p", sso_token("corp", 28800)),
    ("refused: process fails", "[profile p]\ncredential_process = /bin/false\n", "", NO_IMDS, "p",
     {}),
    ("refused: process of another version", "[profile p]\ncredential_process = /bin/echo "
     "'{\"Version\": 2}'\n", "", NO_IMDS, "p", {}),
    ("refused: container elsewhere", "", "",
     {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/x", **NO_IMDS}, None, {}),
    ("refused: container token with a line break", "", "",
     {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/container", **NO_IMDS,
      "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "{home}/token"}, None, {"token": "a\r\nX: b"}),
]


class Machine:
    """A home folder with what a case tells, made anew for each side."""

    def __init__(self, case, services, home):
        self.name, self.config, self.credentials, self.env, self.profile, self.files = case
        self.services = services
        self.home = home

    def run(self, find):
        """What `find` gives for the environment and the profile, and the requests on the way."""
        home = self.home
        os.mkdir(home, 0o700)
        fill = {"{home}": home, "{url}": self.services.url}

        def filled(text):
            for key, value in fill.items():
                text = text.replace(key, value)
            return text

        for path, text in {".aws/config": self.config, ".aws/credentials": self.credentials,
                           **self.files}.items():
            target = pathlib.Path(home, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(filled(text))
        env = clean_environment(
            AWS_EC2_METADATA_DISABLED="",
            AWS_EC2_METADATA_SERVICE_ENDPOINT=self.services.url, AWS_REGION="eu-west-1",
            AWS_DEFAULT_REGION="eu-west-1", AWS_ENDPOINT_URL_STS=self.services.url,
            AWS_ENDPOINT_URL_SSO=self.services.url, AWS_ENDPOINT_URL_SSO_OIDC=self.services.url)
        env.update({key: filled(value) for key, value in self.env.items()}, HOME=home)
        env = {key: value for key, value in env.items() if value}
        self.services.take_requests()
        found = find(env, self.profile)
        cache = [path for path in pathlib.Path(home).glob(".aws/sso/cache/*")]
        self.cache = {path.name: json.loads(path.read_text()) for path in cache}
        self.cache_modes = {stat.S_IMODE(path.stat().st_mode) for path in cache}
        shutil.rmtree(home)
        return found, self.services.take_requests()


def compare(tap, program, their, case, services):
    machine = Machine(case, services, their.home)
    (expected, why_not), their_requests = machine.run(their.find)
    their_cache = machine.cache
    ours, our_requests = machine.run(
        lambda env, profile: run([program, *([profile] if profile else [])], env))
    if case[0].startswith("refused"):
        tap.check(expected is None and ours.returncode == 1 and "secret-" not in ours.stderr,
                  case[0], f"{expected}{(why_not or '')[-300:]}\n{ours.stdout}{ours.stderr}")
        return
    if expected is None or ours.returncode:
        tap.check(False, case[0], (why_not or "")[-600:] + ours.stderr)
        return
    found = json.loads(ours.stdout)
    expected["provider"] = PROVIDERS[expected["provider"]]
    close = abs(expected.pop("expires", 0) - found.pop("expires", 0)) <= 10
    tap.check(close and expected == found, case[0] + ": " + expected["provider"],
              f"{expected}\n{found}\n{ours.stderr}")
    if their_requests or our_requests:
        tap.check(their_requests == our_requests, case[0] + ": the same requests",
                  f"{their_requests}\n{our_requests}")
    for name, token in their_cache.items():
        mine = machine.cache.get(name, {})
        ends = [token.pop("expiresAt"), mine.pop("expiresAt", "")]
        if token["accessToken"] == "sso-new":
            tap.check(token == mine and machine.cache_modes == {0o600} and ends[0][:15] ==
                      ends[1][:15], case[0] + ": the same file written, for its owner only",
                      f"{token} {ends}\n{mine} {machine.cache_modes}")


def check_words(tap, program):
    """Our splitting against shlex, on lines made of what matters."""
    generator = random.Random(20261120)
    alphabet = "ab \t'\"\\$#é|"
    lines = ["".join(generator.choices(alphabet, k=generator.randrange(1, 14)))
             for _ in range(5000)]
    done = subprocess.run([program, "--words"], input="\n".join(lines) + "\n",
                                        capture_output=True, text=True, timeout=60, check=False)
    ours = [json.loads(line) for line in done.stdout.splitlines()]
    wrong = []
    for line, found in zip(lines, ours):
        try:
            expected = shlex.split(line) or None
        except ValueError:
            expected = None
        if expected != found:
            wrong.append((line, expected, found))
    tap.check(len(ours) == len(lines) and not wrong, "5000 lines are split as by shlex", wrong[:3])


def check_login(tap, program, services):
    session = "arn:aws:iam::123456789012:user/ann"
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM,
                            serialization.PrivateFormat.TraditionalOpenSSL,
                            serialization.NoEncryption()).decode()
    with tempfile.TemporaryDirectory() as home:
        folder = pathlib.Path(home, ".aws/login/cache")
        folder.mkdir(parents=True)
        pathlib.Path(home, ".aws/config").write_text(
            f"[profile p]\nregion = eu-west-1\nlogin_session = {session}\n")
        path = folder / (hashlib.sha256(session.encode()).hexdigest() + ".json")
        old = {"accessToken": {"accessKeyId": "AKIAOLD", "secretAccessKey": "s", "sessionToken":
                               "t", "accountId": "123456789012", "expiresAt": stamp(100)},
               "tokenType": "aws_sigv4", "refreshToken": "refresh-old", "idToken": "id",
               "clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": pem}
        env = clean_environment(AWS_ENDPOINT_URL_SIGNIN=services.url, **NO_IMDS)
        env["HOME"] = home
        for number in (1, 2):
            path.write_text(json.dumps(old))
            services.take_requests()
            done = run([program, "p"], env)
            requests = services.take_requests()
            tap.check(done.returncode == 0 and json.loads(done.stdout)["access_key"] == "AKIALOGIN",
                      f"aws login: refreshed ({number})", done.stderr)
            tap.check(requests == [("POST", "/v1/token", (("clientId", old["clientId"]),
                                                          ("grantType", "refresh_token"),
                                                          ("refreshToken", "refresh-old")), None)],
                      f"aws login: the proof is right, and not that of before ({number})", requests)
        new = json.loads(path.read_text())
        expected = {**old, "refreshToken": "refresh-new", "accessToken": {
            "accessKeyId": "AKIALOGIN", "secretAccessKey": "secret-LOGIN",
            "sessionToken": "token-LOGIN", "accountId": "123456789012",
            "expiresAt": new["accessToken"]["expiresAt"]}}
        tap.check(new == expected and stat.S_IMODE(path.stat().st_mode) == 0o600 and
                  list(folder.iterdir()) == [path], "aws login: the file written back", new)
        done = run([program, "p"], env)
        tap.check(done.returncode == 0 and not services.take_requests(),
                  "aws login: the next one takes it from the file", done.stderr)


def check_metadata(tap, program, services):
    """What a wrong or slow metadata service costs, and that no proxy sees what is asked of it."""
    proxied = clean_environment(AWS_EC2_METADATA_DISABLED="false",
                                AWS_EC2_METADATA_SERVICE_ENDPOINT=services.url,
                                http_proxy="http://127.0.0.1:1", HTTP_PROXY="http://127.0.0.1:1",
                                all_proxy="http://127.0.0.1:1")
    done = run([program], proxied)
    tap.check("AKIAEC2" in done.stdout, "EC2: past the proxy", done.stderr)
    proxied.update(AWS_CONTAINER_CREDENTIALS_FULL_URI=services.url + "/container")
    done = run([program], proxied)
    tap.check("AKIAECS" in done.stdout, "container: past the proxy", done.stderr)
    env = clean_environment(AWS_EC2_METADATA_DISABLED="false",
                            AWS_EC2_METADATA_SERVICE_ENDPOINT=f"http://127.0.0.1:{free_port()}")
    begin = time.monotonic()
    done = run([program], env)
    spent = time.monotonic() - begin
    tap.check(done.returncode == 1 and "does not answer" in done.stderr and spent < 1,
              f"EC2: nobody there, {spent:.2f} s", done.stderr)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        begin = time.monotonic()
        done = run([program], env)
        spent = time.monotonic() - begin
    tap.check(done.returncode == 1 and 0.9 < spent < 3, f"EC2: silence, {spent:.2f} s", done.stderr)


def main():
    program = need(sys.argv[1])
    tap = Tap()
    print(f"# botocore {botocore.__version__}")
    os.umask(0o022)
    check_words(tap, program)
    with Botocore() as their, Services() as services:
        for case in CASES:
            compare(tap, program, their, case, services)
        check_login(tap, program, services)
        check_metadata(tap, program, services)
    with Botocore() as their, Services(imds_v2=False) as services:
        compare(tap, program, their, ("EC2, version 1", "", "", {}, None, {}), services)
        compare(tap, program, their, ("refused: EC2, version 1 disabled", "", "",
                                      {"AWS_EC2_METADATA_V1_DISABLED": "true"}, None, {}), services)
    tap.leave()


main()
