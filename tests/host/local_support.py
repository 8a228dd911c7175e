# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of imgrecog-local share: TAP, finding photographs, running the server."""

import glob
import importlib
import os
import select
import signal
import subprocess
import sys
import tempfile

KEY_ID = "IMGRECOGLOCALENDPNT0"
SECRET = "imgrecog-local/embedded-endpoint/not-secret"
# Folders that a server makes by itself, away from the user's own.
HOME = tempfile.TemporaryDirectory(prefix="imgrecog-test-")
OWN_FOLDERS = {"XDG_DATA_HOME": HOME.name + "/data", "XDG_STATE_HOME": HOME.name + "/state"}
# Fontconfig keeps what it has read until the program ends; of a sanitized build only.
LEAKS = os.path.join(HOME.name, "leaks")
with open(LEAKS, "w", encoding="utf-8") as suppressions:
    suppressions.write("leak:libfontconfig.so\n")
SANITIZERS = {"LSAN_OPTIONS": f"suppressions={LEAKS}:print_suppressions=0"}
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
START_S = 60  # a sanitizer build on a busy machine takes its time


class Tap:
    """Test results in the Test Anything Protocol."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def check(self, good, name, diagnostic=""):
        self.count += 1
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)
        if not good:
            self.failed += 1
            for line in str(diagnostic).splitlines():
                print(f"# {line}", flush=True)
        return good

    def equal(self, got, wanted, name):
        return self.check(got == wanted, name, f"got    {got!r}\nwanted {wanted!r}")

    def skip(self, name, reason):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {reason}", flush=True)

    def end(self):
        print(f"1..{self.count}", flush=True)
        sys.exit(1 if self.failed else 0)


def need(module, package):
    """Imports a module; without it the test fails and says what to install."""
    try:
        return importlib.import_module(module)
    except ImportError:
        print(f"1..1\nnot ok 1 - the Python module {module} is there\n# install {package}", flush=True)
        sys.exit(1)


PLACES = [
    "/usr/share/matplotlib/mpl-data/sample_data/grace_hopper.jpg",
    "/usr/lib/python3/dist-packages/skimage/data/astronaut.png",
    "/usr/lib/python3/dist-packages/skimage/data/camera.png",
    "/usr/lib/python3/dist-packages/sklearn/datasets/images/*.jpg",
    "/usr/share/doc/opencv-doc/examples/data/messi5.jpg",
    "/usr/share/doc/opencv-doc/examples/data/leuvenA.jpg",
    "/usr/share/doc/opencv-doc/opencv4/html/example.jpg",
    "/usr/share/doc/imagemagick-7-common/html/images/mountains.jpg",
]


def photographs():
    """Real photographs of the packages that happen to be installed."""
    places = PLACES + os.environ.get("IMGRECOG_TEST_PHOTOS", "").split()
    return [path for place in places for path in sorted(glob.glob(place)) if os.path.isfile(path)]


def portrait():
    """A photograph with one face, from the package python-matplotlib-data."""
    if not os.path.isfile(PLACES[0]):
        print(f"1..1\nnot ok 1 - {PLACES[0]} is there\n# install python-matplotlib-data", flush=True)
        sys.exit(1)
    return PLACES[0]


class Server:
    """imgrecog-local on a free port or a socket; ends with the `with` block."""

    def __init__(self, program, *arguments, socket=None, idle=120, environment=None):
        place = ["--socket", socket] if socket else ["--port", "0"]
        reader, writer = os.pipe()
        self.socket = socket
        self.process = subprocess.Popen(
            [program, *place, "--idle", str(idle), "--ready-fd", str(writer), *arguments],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, pass_fds=[writer],
            env={**os.environ, **OWN_FOLDERS, **SANITIZERS, **(environment or {})})
        os.close(writer)
        ready, _, _ = select.select([reader], [], [], START_S)
        self.place = os.read(reader, 256).decode().strip() if ready else ""
        os.close(reader)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self, wait_s=30):
        """Ends it as a user would; the exit status, or None when it had to be killed."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(wait_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            status = None
        self.errors = self.process.stderr.read().decode() if not self.process.stderr.closed else self.errors
        self.process.stderr.close()
        return status

    @property
    def url(self):
        return f"http://127.0.0.1:{self.place}"


def client(url, key_id=KEY_ID, secret=SECRET, **config):
    """A Rekognition client of boto3 for this endpoint, without retries."""
    boto3 = need("boto3", "python3-boto3")
    botocore_config = need("botocore.config", "python3-botocore")
    return boto3.client(
        "rekognition", endpoint_url=url, region_name="us-east-1", aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        config=botocore_config.Config(retries={"total_max_attempts": 1}, parameter_validation=False,
                                      read_timeout=60, **config))


def error_code(call, **arguments):
    """The AWS error code and message with which a call fails; ("", "") when it does not."""
    errors = need("botocore.exceptions", "python3-botocore")
    try:
        call(**arguments)
    except errors.ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    return "", ""
