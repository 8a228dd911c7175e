# SPDX-License-Identifier: GPL-3.0-or-later
"""What the peer tests share: TAP lines, free ports, servers that end with the test."""
import http.client
import os
import pathlib
import socket
import subprocess
import sys
import time

PHOTO = pathlib.Path("/usr/share/matplotlib/mpl-data/sample_data/grace_hopper.jpg")
START_SECONDS = 30
JUDGES = ["botocore", "boto3", "moto"]  # modules that a test imports because they judge


def judged_by(name, version):
    """Names a peer for the summary of packaging/test, which collects these lines."""
    print(f"# peer: {name} {version}", flush=True)


class Tap:
    """Counts checks and prints them; leave() is the exit code."""

    def __init__(self):
        self.number = 0
        self.failed = 0

    def check(self, passed, name, detail=""):
        self.number += 1
        self.failed += not passed
        print(f"{'ok' if passed else 'not ok'} {self.number} - {name}", flush=True)
        if not passed:
            for line in str(detail).splitlines()[:20]:
                print("# " + line)
        return passed

    def leave(self):
        for name in JUDGES:
            if name in sys.modules:
                judged_by(name, sys.modules[name].__version__)
        print(f"1..{self.number}")
        sys.exit(1 if self.failed or not self.number else 0)


def need(path):
    """A missing tool or picture is a failure, not a skip."""
    if not pathlib.Path(path).exists():
        print(f"Bail out! {path} is missing: install the packages of the test list")
        sys.exit(1)
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Moto:
    """moto's server on a port of its own; ends with the `with` block."""

    def __enter__(self):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                self.post("/moto-api/reset")
                return self
            except OSError:
                time.sleep(0.05)
        self.process.kill()
        raise RuntimeError("moto does not answer")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def post(self, path, body="", content_type="text/plain"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("POST", path, body, {"Content-Type": content_type})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status


def clean_environment(**more):
    """The environment without anything of AWS or ours, with no files in reach, and with this
    machine's own metadata service turned off."""
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("AWS_", "IMGRECOG_", "MOTO_")) and "proxy" not in k.lower()}
    env.update({"HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent",
                "AWS_EC2_METADATA_DISABLED": "true",
                "IMGRECOG_CACHE": "false", "IMGRECOG_LEDGER": "false", **more})
    return env


def run(command, env, timeout=60):
    return subprocess.run([str(part) for part in command], env=env, capture_output=True, text=True,
                          timeout=timeout, check=False)
