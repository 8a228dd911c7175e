# SPDX-License-Identifier: GPL-3.0-or-later
"""imgrecog-local's life: one server a socket, idle end, kill and restart, command line.

    local_life.py IMGRECOG_LOCAL
"""

import base64
import http.client
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time

import local_support as support

WAIT_S = 60


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=WAIT_S)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(WAIT_S)
        self.sock.connect(self.path)


def speaks(path, **request):
    """The error code with which an unsigned request is refused, "" when nobody answers."""
    try:
        connection = UnixConnection(path)
        connection.request("POST", "/", json.dumps(request).encode())
        return json.loads(connection.getresponse().read())["__type"]
    except OSError:
        return ""


def wait_until(condition, seconds=WAIT_S):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def start(program, path, idle=120):
    return subprocess.Popen([program, "--socket", path, "--idle", str(idle)], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def finish(process):
    process.terminate()
    out, err = process.communicate(timeout=WAIT_S)
    return process.returncode, out + err


def test_socket(tap, program, folder):
    path = os.path.join(folder, "own.sock")
    with support.Server(program, socket=path) as server:
        tap.equal(server.place, path, "ready-fd names the socket")
        tap.equal(stat.S_IMODE(os.lstat(path).st_mode), 0o600, "the socket is its user's alone")
        tap.equal(stat.S_IMODE(os.lstat(path + ".lock").st_mode), 0o600, "so is the lock")
        tap.equal(speaks(path), "MissingAuthenticationTokenException", "it answers on the socket")
        tap.equal(server.stop(), 0, "SIGTERM ends it with status 0")
        tap.check(not os.path.exists(path), "the socket is gone")


def test_two_at_once(tap, program, folder):
    path = os.path.join(folder, "race.sock")
    for turn in range(4):
        processes = [start(program, path) for _ in range(4)]
        tap.check(wait_until(lambda: sum(p.poll() is None for p in processes) == 1 and speaks(path)),
                  f"four started at once, turn {turn + 1}: one remains and answers")
        ended = [p for p in processes if p.poll() is not None]
        tap.equal([p.returncode for p in ended], [0] * 3, f"turn {turn + 1}: the others end with status 0")
        for process in processes:
            status, words = finish(process)
            tap.equal((status, words), (0, ""), f"turn {turn + 1}: in silence") if words or status else None


def test_killed(tap, program, folder):
    path = os.path.join(folder, "killed.sock")
    first = start(program, path)
    tap.check(wait_until(lambda: speaks(path)), "a server")
    first.kill()
    first.communicate()
    tap.check(os.path.exists(path), "kill -9 leaves its socket behind")
    second = start(program, path)
    tap.check(wait_until(lambda: speaks(path)), "the next one takes its place")
    tap.equal(finish(second), (0, ""), "and ends cleanly")


def test_idle(tap, program, folder):
    path = os.path.join(folder, "idle.sock")
    process = start(program, path, idle=1)
    tap.check(wait_until(lambda: speaks(path)), "a server with --idle 1")
    begin = time.monotonic()
    for _ in range(4):
        time.sleep(0.5)
        speaks(path)
    tap.check(process.poll() is None, "it stays while requests come")
    status = process.wait(WAIT_S)
    tap.equal((status, os.path.exists(path)), (0, False), "then it ends by itself and takes its socket away")
    tap.check(time.monotonic() - begin < 30, "soon")
    process.communicate()


def test_replaced(tap, program, folder):
    """After an upgrade the old program must not go on answering until it is idle."""
    path = os.path.join(folder, "replaced.sock")
    copy = os.path.join(folder, "imgrecog-local")
    shutil.copy(program, copy)
    process = start(copy, path)
    tap.check(wait_until(lambda: speaks(path)), "a server whose program will be replaced")
    shutil.copy(program, copy + ".new")
    os.replace(copy + ".new", copy)
    tap.equal(process.wait(10), 0, "it ends by itself when a new version lies in its place")
    tap.check(not os.path.exists(path), "and takes its socket away")
    process.communicate()


def test_ending_and_starting(tap, program, folder):
    """A server is started each time the former one is about to end: somebody always answers."""
    path = os.path.join(folder, "turns.sock")
    former = start(program, path)
    tap.check(wait_until(lambda: speaks(path)), "a server that is about to end")
    good = True
    for _ in range(5):
        former.terminate()
        later = start(program, path)
        good = good and wait_until(lambda: speaks(path)) and former.wait(WAIT_S) == 0
        # Now it is the later one that answers; a signal while it is still loading would end it.
        good = good and wait_until(lambda: speaks(path)) and later.poll() is None
        former.communicate()
        former = later
    tap.check(good, "one that is started at the same moment takes over, five times")
    finish(former)


def test_request_in_flight(tap, program):
    with support.Server(program) as server:
        photograph = open(support.portrait(), "rb").read()
        rekognition = support.client(server.url)
        answers = []
        thread = threading.Thread(
            target=lambda: answers.append(rekognition.detect_labels(Image={"Bytes": photograph})))
        thread.start()
        time.sleep(0.1)
        tap.equal(server.stop(), 0, "SIGTERM while a request is running")
        thread.join()
        tap.check(answers and answers[0]["Labels"], "the request was answered")


def test_command_line(tap, program, folder):
    occupied = os.path.join(folder, "file")
    with open(occupied, "w") as file:
        file.write("precious")
    rows = [
        ("--help", ["--help"], {}, 0, "Usage:"),
        ("--version", ["--version"], {}, 0, "imgrecog-local "),
        ("unknown option", ["--bogus"], {}, 2, "bogus"),
        ("stray argument", ["x"], {}, 2, "unexpected"),
        ("port out of range", ["--port", "65536"], {}, 2, "65535"),
        ("port is a word", ["--port", "http"], {}, 2, "http"),
        ("idle below 0", ["--idle", "-1"], {}, 2, "--idle"),
        ("socket and port", ["--port", "0", "--socket", "/x"], {}, 2, "exclude"),
        ("ready-fd not open", ["--port", "0", "--ready-fd", "77"], {}, 2, "77"),
        ("socket is a file", ["--socket", occupied], {}, 1, "not a socket"),
        ("no such folder", ["--socket", "/nonexistent/s"], {}, 1, "/nonexistent"),
        ("socket path too long", ["--socket", "/tmp/" + "x" * 120], {}, 1, "longer"),
        ("no cascade", ["--port", "0"], {"IMGRECOG_LOCAL_CASCADE": "/nonexistent.xml"}, 1, "opencv-data"),
        ("cascade is no cascade", ["--port", "0"], {"IMGRECOG_LOCAL_CASCADE": "/etc/passwd"}, 1, "opencv-data"),
        ("unknown language", ["--port", "0", "--languages", "eng+xx"], {}, 1, "tesseract-ocr-xx"),
        ("only an unknown language", ["--port", "0", "--languages", "xx"], {}, 1, "tesseract-ocr-xx"),
    ]
    for name, arguments, environment, status, words in rows:
        done = subprocess.run([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env={**os.environ, **environment}, timeout=WAIT_S)
        tap.check(done.returncode == status and words in done.stdout, f"command line: {name}",
                  f"status {done.returncode}: {done.stdout}")
    tap.equal(open(occupied).read(), "precious", "a file in the socket's place is left alone")


def test_loopback_only(tap, program):
    with support.Server(program) as server:
        port = f"{int(server.place):04X}"
        listening = [line.split()[1] for name in ("tcp", "tcp6") for line in open(f"/proc/net/{name}")
                     if line.split()[3] == "0A" and line.split()[1].endswith(":" + port)]
        tap.equal(listening, ["0100007F:" + port], "a port is opened on 127.0.0.1 and nowhere else")


def main():
    program = sys.argv[1]
    tap = support.Tap()
    with tempfile.TemporaryDirectory() as folder:
        test_socket(tap, program, folder)
        test_two_at_once(tap, program, folder)
        test_killed(tap, program, folder)
        test_idle(tap, program, folder)
        test_replaced(tap, program, folder)
        test_ending_and_starting(tap, program, folder)
        test_request_in_flight(tap, program)
        test_command_line(tap, program, folder)
        test_loopback_only(tap, program)
    tap.end()


if __name__ == "__main__":
    main()
