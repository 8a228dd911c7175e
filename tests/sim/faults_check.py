# SPDX-License-Identifier: GPL-3.0-or-later
"""How the tests with broken servers judge one call: what a row expects, and what holds for every
failure whatever its kind."""
import concurrent.futures
import dataclasses
import io
import pathlib
import queue
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
import peer  # noqa: E402  pylint: disable=wrong-import-position
from faults_server import CODES, Caller, Server  # noqa: E402  pylint: disable=wrong-import-position

NAMES = {number: name for name, number in CODES.items()}
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "session-token-that-nobody-may-see"
SLACK_MS = 1500  # of a loaded machine, beyond a deadline
FOUND = {"labels": 3, "converse": 9, "stream": 9, "get": 2048, "object": 2048, "put": 5}
PAID = ("converse", "stream")
SERVICES = {"labels": "Rekognition", "converse": "Bedrock", "stream": "Bedrock", "get": "Lambda",
            "object": "S3", "put": "S3"}
DOUBT = ("NET", "TIMEOUT", "CANCELLED")


@dataclasses.dataclass
class Row:
    """What a call does, and how it must end. `lines`: connections that the server saw; `served`:
    requests that it got whole; None = not looked at."""
    name: str
    script: object
    code: str = "OK"
    says: str = ""  # regular expression for the message
    hint: str = ""
    op: str = "labels"
    lines: int | None = None
    served: int | None = None
    retries: int | None = None
    aws_code: str = ""
    parts: dict = dataclasses.field(default_factory=dict)


def environment(**more):
    return peer.clean_environment(
        AWS_REGION="eu-west-1", AWS_ACCESS_KEY_ID="AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY=SECRET,
        AWS_SESSION_TOKEN=TOKEN, **more)


def judge_error(row, got):
    """What every failure owes, whatever its kind."""
    wrong = []
    text = got["line"]
    if not text.startswith(SERVICES[row.op]):
        wrong.append("the line does not begin with the service")
    if got["rc"] != CODES["CANCELLED"] and not got["hint"]:
        wrong.append("no next step")
    if not re.search(row.hint, got["hint"]):
        wrong.append(f"hint: not {row.hint!r}")
    if any(secret in text for secret in (SECRET, TOKEN, "Signature=")):
        wrong.append("a secret is in the message")
    if got["aws_code"] != row.aws_code:
        wrong.append(f"AWS code {got['aws_code']!r}")
    return wrong


def judge(row, got, served, lines):
    """What is wrong about the end of a call; [] = nothing."""
    wrong = []
    code = NAMES.get(got["rc"], got["rc"])
    if code != row.code:
        wrong.append(f"code {code}, not {row.code}")
    if code == "OK" and got["found"] != FOUND[row.op]:
        wrong.append(f"a success with {got['found']} in it")
    if code != "OK":
        wrong += judge_error(row, got)
        if not re.search(row.says, got["message"]):
            wrong.append(f"message: not {row.says!r}")
        if code in DOUBT and served and not got["maybe_served"]:
            wrong.append("the service had all of the request, but maybe_served is false")
    if got["elapsed_ms"] > row.parts.get("timeout_ms", 20000) + SLACK_MS:
        wrong.append("beyond the deadline")
    for what, wanted, seen in (("connections", row.lines, lines),
                               ("whole requests", row.served, served),
                               ("retries", row.retries, got["retries"])):
        if wanted is not None and seen != wanted:
            wrong.append(f"{seen} {what}, not {wanted}")
    return wrong


def show(got):
    """The call's end as a person reads it, as a TAP comment."""
    print(f"#   {NAMES.get(got['rc'], got['rc'])} after {got['elapsed_ms']} ms, "
          f"{got['retries']} retries: {got.get('line', '')}")


def call_row(caller, row, server):
    """Calls `server` as the row says: (the call's end, whole requests, connections)."""
    with server:
        got = caller.call(row.op, endpoint=server.url, **row.parts)
        return got, server.served, server.lines


def judge_row(tap, row, got, served, lines):
    wrong = judge(row, got, served, lines)
    tap.check(not wrong, row.name, "\n".join([*wrong, got.get("line", "")]))
    show(got)


def run_row(tap, caller, row, server):
    """Calls `server` as the row says and checks the end."""
    judge_row(tap, row, *call_row(caller, row, server))


class Lanes:
    """Rows side by side, each in its turn on one of a few programs: most of a row's time is a
    back-off or a time limit. What came is judged in the table's order."""

    def __init__(self, program, picture, env, count=4):
        self.callers, self.idle = [], queue.SimpleQueue()
        self.pool = concurrent.futures.ThreadPoolExecutor(count)
        for _ in range(count):
            caller = Caller(program, picture, env)
            self.callers.append(caller)
            self.idle.put(caller)
        self.before = self.look()

    def look(self):
        """(threads, descriptors) of each program behind a good call."""
        counts = []
        for caller in self.callers:
            with Server(lambda line: line.serve_well()) as server:
                got = caller.call("labels", endpoint=server.url)
            counts.append((got["threads"], got["fds"]))
        return counts

    def start(self, work, *arguments):
        """Calls work(caller, *arguments) when a program is idle; a future of what it returns."""
        def run():
            caller = self.idle.get()
            try:
                return work(caller, *arguments)
            finally:
                self.idle.put(caller)
        return self.pool.submit(run)

    def run_rows(self, tap, rows):
        for row, future in [(row, self.start(call_row, row, Server(row.script))) for row in rows]:
            judge_row(tap, row, *future.result())

    def leave(self, tap):
        """Nothing is left behind: of threads none, of descriptors those of kept connections."""
        self.pool.shutdown()
        after = self.look()
        kept = [(threads, fds + 4) for threads, fds in self.before]
        tap.check(all(now[0] <= then[0] and now[1] <= then[1] for now, then in zip(after, kept)),
                  "no thread and no descriptor is left", f"{self.before} -> {after}")
        ends = [caller.leave() for caller in self.callers]
        tap.check(all(end == (0, "") for end in ends), "each ends well, with nothing to say", ends)


def make_picture(folder, noise_px=None):
    """The photo's path, or that of a noisy JPEG of megabytes made for this run."""
    if noise_px is None:
        return str(peer.need(peer.PHOTO))
    import numpy
    from PIL import Image
    noise = numpy.random.default_rng(1).integers(0, 256, (noise_px, noise_px, 3), numpy.uint8)
    data = io.BytesIO()
    Image.fromarray(noise).save(data, "JPEG", quality=80)
    path = pathlib.Path(folder) / f"noise-{noise_px}.jpeg"
    path.write_bytes(data.getvalue())
    return str(path)
