# SPDX-License-Identifier: GPL-3.0-or-later
"""S3 servers that others wrote, each in a temporary folder on a port of its own on 127.0.0.1, and
ended by its process id with the `with` block. What a server said is shown when it does not start.

  Radosgw  Ceph's gateway on SQLite ("dbstore"), without a cluster
  Swift    OpenStack Swift's s3api, see servers/swift_s3.py
  MotoS3   moto, without its signature check: 5.1.1 refuses lawful signatures of odd paths

`clock` is (the library servers/shift_clock.c, seconds by which the server's own clock is ahead).
`skew_s` is how much Swift lets pass; radosgw takes 900.
"""
import http.client
import importlib.metadata
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import boto3
from botocore.config import Config

from peer import START_SECONDS, clean_environment, free_port, judged_by, need

HERE = pathlib.Path(__file__).resolve().parent
REGION = "us-east-1"
LOG_LINES = 30
RADOSGW = """[global]
fsid = 11111111-2222-3333-4444-555555555555
auth cluster required = none
auth service required = none
auth client required = none
[client.rgw]
rgw backend store = dbstore
rgw config store = dbstore
dbstore_db_dir = {folder}
dbstore_config_uri = file:{folder}/config.db
rgw data = {folder}
rgw frontends = beast endpoint=127.0.0.1:{port}
log file = {folder}/rgw.log
admin socket = {folder}/asok
run dir = {folder}
rgw dns name = localhost
rgw_enable_apis = s3
"""


def leave_on_signal(*_):
    sys.exit(1)  # through the `with` blocks, so that no server stays behind


signal.signal(signal.SIGTERM, leave_on_signal)


def make_folder():
    """A new folder where files may have user attributes, which Swift keeps its metadata in."""
    for parent in (tempfile.gettempdir(), "/var/tmp", os.getcwd()):
        folder = tempfile.mkdtemp(prefix="imgrecog-s3-", dir=parent)
        try:
            os.setxattr(folder, "user.imgrecog", b"1")
            return pathlib.Path(folder)
        except OSError:
            os.rmdir(folder)
    raise RuntimeError("no folder for temporary files has user attributes")


class Server:
    """What they share: url, key, secret, boto3's client on them, a folder, one process."""

    kind = name = key = secret = ""

    def __init__(self, clock=None, skew_s=900):
        self.clock = clock
        self.skew_s = skew_s
        self.process = None

    def __enter__(self):
        self.folder = make_folder()
        try:
            self.start()
            self.url = f"http://127.0.0.1:{self.port}"
            self.await_answer()
        except BaseException:
            self.show_logs()
            self.__exit__()
            raise
        judged_by(self.name, self.version())
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                self.process.kill()
        if self.process:
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def spawn(self, command, **options):
        """The server's process; what it says goes to a file in the folder."""
        env = clean_environment(HOME=str(self.folder))
        if self.clock:
            env.update(LD_PRELOAD=str(self.clock[0]), CLOCK_SHIFT_S=str(self.clock[1]))
        with open(self.folder / "out.log", "ab") as log:
            self.process = subprocess.Popen([str(part) for part in command], env=env,
                                            stdin=subprocess.DEVNULL, stderr=log,
                                            **{"stdout": log, **options})

    def await_answer(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
                connection.request("GET", "/")
                connection.getresponse().read()
                return
            except OSError:
                time.sleep(0.02)
            finally:
                connection.close()
        raise RuntimeError(f"{self.name} has ended, or does not answer within {START_SECONDS} s")

    def show_logs(self):
        for log in sorted(self.folder.glob("*.log")):
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            for line in lines[-LOG_LINES:]:
                print(f"# {log.name}: {line}")

    def client_env(self):
        """For a program that takes AWS's settings."""
        return {"AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY": self.secret,
                "AWS_ENDPOINT_URL_S3": self.url}

    def client(self, **config):
        """boto3's, on this server."""
        settings = {"s3": {"addressing_style": "path"}, "retries": {"total_max_attempts": 1},
                    "signature_version": "s3v4", **config}
        return boto3.Session(self.key, self.secret, region_name=REGION).client(
            "s3", endpoint_url=self.url, config=Config(**settings))


class Radosgw(Server):
    kind = name = "radosgw"
    key, secret = "AKIDRADOSGW000000001", "radosgw/secret+with=signs0000000"

    def start(self):
        need(shutil.which("radosgw") or "radosgw")
        self.port = free_port()
        conf = self.folder / "ceph.conf"
        conf.write_text(RADOSGW.format(folder=self.folder, port=self.port), encoding="utf-8")
        common = ["-n", "client.rgw", "-c", conf, "--no-mon-config"]
        done = subprocess.run([str(word) for word in (
            "radosgw-admin", *common, "user", "create", "--uid=tester", "--display-name=Tester",
            f"--access-key={self.key}", f"--secret-key={self.secret}")],
            env=clean_environment(), capture_output=True, text=True, timeout=START_SECONDS,
            check=False)
        if done.returncode:
            raise RuntimeError("radosgw-admin: " + done.stderr[-2000:])
        self.spawn(["radosgw", "-f", *common])

    def version(self):
        said = subprocess.run(["radosgw", "--version"], capture_output=True, text=True,
                              timeout=START_SECONDS, check=True).stdout
        return re.search(r"version (\S+)", said).group(1)


class Swift(Server):
    kind, name = "swift", "swift-s3api"
    key, secret = "test:tester", "testing"

    def start(self):
        program = HERE / "servers" / "swift_s3.py"
        # Beside the logs, since the server wants a folder to itself.
        self.spawn([sys.executable, program, self.folder / "swift", self.skew_s],
                   stdout=subprocess.PIPE)
        with self.process.stdout as pipe:
            ready, _, _ = select.select([pipe], [], [], START_SECONDS)
            line = pipe.readline() if ready else b""
        if not line.strip().isdigit():
            raise RuntimeError(f"{self.name} has ended, or says no port in {START_SECONDS} s")
        self.port = int(line)

    def version(self):
        return importlib.metadata.version("swift")


class MotoS3(Server):
    kind = name = "moto"
    key, secret = "first", "first"

    def start(self):
        self.port = free_port()
        self.spawn([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", self.port])

    def version(self):
        return importlib.metadata.version("moto")


SERVERS = {"radosgw": Radosgw, "swift": Swift, "moto": MotoS3}
