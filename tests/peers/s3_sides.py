# SPDX-License-Identifier: GPL-3.0-or-later
"""Our side of the S3 tests: the program s3_call, one process a call; and bytes to store."""
import base64
import hashlib
import itertools
import json
import pathlib
import subprocess
import tempfile
import zlib

from peer import clean_environment, run

# As in include/imgrecog/error.h.
ERR_ARG, ERR_CANCELLED, ERR_AUTH, ERR_SERVICE, ERR_RESPONSE = -1, -4, -8, -10, -11
REGION = "us-east-1"
CALL_SECONDS = 60


def make_bytes(name, count):
    """As many bytes as asked for, other ones for each name."""
    return hashlib.shake_128(str(name).encode()).digest(count)


def crc32_text(body):
    """As S3 writes it."""
    return base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()


class Ours:
    """call(OPERATION, body, word="value", …): the words of s3_call with "_" for "-"; `meta` and
    `tag` are dictionaries. Gives the JSON object, with "body" where the operation fetches."""

    def __init__(self, program, url, key, secret, **env):
        self.program = program
        self.folder = tempfile.TemporaryDirectory(prefix="imgrecog-s3-")
        self.counter = itertools.count()
        self.env = clean_environment(
            AWS_ENDPOINT_URL_S3=url, AWS_REGION=REGION, AWS_ACCESS_KEY_ID=key,
            AWS_SECRET_ACCESS_KEY=secret, **env)

    def with_env(self, **env):
        other = Ours.__new__(Ours)
        other.__dict__.update(self.__dict__, env={**self.env, **env})
        return other

    def new_path(self):
        return pathlib.Path(self.folder.name) / f"body{next(self.counter)}"

    def words(self, settings):
        for name, value in settings.items():
            if name in ("meta", "tag"):
                for entry, text in value.items():
                    yield f"{name}.{entry}={text}"
            else:
                text = str(value).lower() if isinstance(value, bool) else value
                yield f"{name.replace('_', '-')}={text}"

    def run(self, command):
        """The program's answer; with "rc" None when it did not give one as it should."""
        try:
            done = run(command, self.env, CALL_SECONDS)
            answer = json.loads(done.stdout)
        except subprocess.TimeoutExpired:
            return {"rc": None, "said": f"nothing in {CALL_SECONDS} s"}
        except ValueError:
            answer = {"said": done.stdout[-2000:]}
        if done.returncode or done.stderr or "rc" not in answer:
            answer.update(rc=None, exit=done.returncode, stderr=done.stderr[-2000:])
        return answer

    def call(self, operation, body=None, **settings):
        path = self.new_path()
        if body is not None:
            path.write_bytes(body)
        if body is not None or operation == "get":
            settings["file"] = path
        answer = self.run([self.program, operation, *self.words(settings)])
        if operation == "get":
            answer["body"] = path.read_bytes() if path.exists() else None
        path.unlink(missing_ok=True)
        return answer


def say(answer):
    """An answer for a test's output: without the bytes."""
    short = {name: value for name, value in answer.items() if name != "body"}
    if isinstance(answer.get("body"), bytes):
        short["body"] = f"{len(answer['body'])} bytes"
    return json.dumps(short, ensure_ascii=True)[:3000]
