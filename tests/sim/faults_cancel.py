# SPDX-License-Identifier: GPL-3.0-or-later
"""Cancelling in every phase of a call over the real transport: it returns within a second, says
whether the request had been sent, and leaves nothing behind. Also what only time brings about: the
limits on connecting, on a handshake and on a request that is not taken, and slow name servers.

    faults_cancel.py FAULT_CALL
"""
import pathlib
import sys
import tempfile
import threading
import time

from faults_check import CODES, Row, environment, judge, make_picture, peer, show
from faults_server import (Caller, FullBacklog, Server, answer_bytes, body_for, error_bytes,
                           good_bytes, serve_well)
from faults_tls import Authority, Raw, hold, http2, http2_context, stay_silent

MAX_CANCEL_MS = 1000
TIMES = 3
AFTER_MS = 500
LONG = {"timeout_ms": 45000}


def hold_request(line):
    line.request()
    line.hold()


def hold_unread(line):
    line.receive()
    line.hold()


def read_slowly(line):
    while line.sock.recv(1000) and not line.server.ending.wait(0.02):
        pass


def hold_answer(line):
    line.send(good_bytes(line.request())[:-10])
    line.hold()


def drip(line):
    request = line.request()
    line.send(answer_bytes(200, b"", body_for(request)[0], length=100000))
    while not line.server.ending.wait(0.02):
        line.send(b" ")


def back_off(line):
    while line.request():
        line.send(error_bytes(503, "SlowDown", "later", "x-amz-retry-after: 20000"))


def check_cancel(tap, caller, name, server, sent, op="converse", url=None, **parts):
    """`sent`: whether the whole request has left by then; None = may be either."""
    took, wrong = [], []
    with server:
        for _ in range(TIMES):
            got = caller.call(op, endpoint=url or server.url, cancel_ms=AFTER_MS, **LONG, **parts)
            took.append(got["cancel_took_ms"])
            if got["rc"] != CODES["CANCELLED"] or not got["message"].startswith("cancelled"):
                wrong.append(str(got))
            elif sent is not None and got["maybe_served"] != sent:
                wrong.append(f"maybe_served is {got['maybe_served']}")
    wrong += [f"took {ms} ms" for ms in took if ms > MAX_CANCEL_MS]
    tap.check(not wrong, f"cancelled {name}: returns within a second", "\n".join(wrong))
    print(f"#   {took} ms; {got.get('line', '')}")
    return got


def check_phases(tap, caller, large_caller, authority):
    first = check_cancel(tap, caller, "while a request waits", Server(hold_request), 1)
    check_cancel(tap, caller, "while the name is looked up", Server(serve_well), 0,
                 url="http://slow.example:9", resolver_ms=4000)
    check_cancel(tap, caller, "while connecting", FullBacklog(), 0)
    check_cancel(tap, caller, "within the TLS handshake", Raw(hold), 0)
    check_cancel(tap, large_caller, "while sending, nothing is taken",
                 Server(hold_unread, receive_bytes=8192), 0, op="labels")
    check_cancel(tap, large_caller, "while sending slowly", Server(read_slowly, receive_bytes=8192),
                 0, op="labels")
    check_cancel(tap, caller, "within the answer", Server(hold_answer), 1)
    check_cancel(tap, caller, "within an answer that drips", Server(drip), 1)
    check_cancel(tap, caller, "within a stream of events", Server(hold_answer), 1, op="stream")
    check_cancel(tap, caller, "while waiting on HTTP/2",
                 Server(http2(stay_silent), http2_context(authority)), 1)
    check_cancel(tap, caller, "in the back-off", Server(back_off), None)
    last = check_cancel(tap, caller, "while a request waits, at last", Server(hold_request), 1)
    wait_for_threads(tap, caller, first, last)


def wait_for_threads(tap, caller, first, last):
    """A look-up that was left to itself ends with the C library's answer, not before."""
    deadline = time.monotonic() + 30
    while last["threads"] > 1 and time.monotonic() < deadline:
        time.sleep(0.5)
        with Server(serve_well) as server:
            last = caller.call("converse", endpoint=server.url)
    # The first call's own look-up may still have been running when it was counted.
    tap.check(last["threads"] == 1 and last["fds"] <= first["fds"] + 2,
              "no thread and no descriptor is left", f"{first} {last}")


def check_credentials(tap, program, photo, folder):
    """The chain of credentials is on the way too."""
    def ask(name, env, server):
        env = peer.clean_environment(AWS_REGION="eu-west-1", **env)
        with Caller(program, photo, env) as caller:
            check_cancel(tap, caller, f"while {name}", server, 0, url="http://127.0.0.1:9")

    server = Server(hold_request)
    ask("a container is asked for credentials",
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url + "/keys"}, server)
    config = folder / "config"
    config.write_text("[default]\ncredential_process = sleep 30\n")
    ask("credential_process runs", {"AWS_CONFIG_FILE": str(config), "PATH": "/usr/bin:/bin"},
        Server(serve_well))


def check_resolver(tap, caller):
    """A name server that takes its time does not move the deadline."""
    got = caller.call("converse", endpoint="http://slow.example:9", resolver_ms=4000,
                      timeout_ms=1000)
    row = Row("", None, "TIMEOUT", "^no connection to slow.example:9 came about", op="converse",
              parts={"timeout_ms": 1000})
    wrong = judge(row, got, 0, 0)
    tap.check(not wrong, "a slow name server and the deadline", f"{wrong} {got}")
    show(got)


def slow_row(results, program, picture, row, server):
    """In a thread: these take as long as the limits that they are about."""
    with Caller(program, picture, environment()) as caller, server:
        got = caller.call(row.op, endpoint=server.url, **row.parts)
        results[row.name] = (row, got, server.served, server.lines)


def stall_first(line):
    if line.number == 1:
        hold_unread(line)
    else:
        line.serve_well()


def start_slow_rows(program, photo, large):
    rows = [
        (Row("a handshake over 10 s is given up and tried again", None, "NET",
             r"^127\.0\.0\.1:\d+ did not take the connection in time$", op="converse", lines=2,
             retries=1, served=0, parts={**LONG, "attempts": 2}), photo, Raw(hold)),
        (Row("a request not taken for 20 s is given up and sent again", None, lines=2, served=1,
             parts={**LONG, "attempts": 2}), large, Server(stall_first, receive_bytes=8192)),
        (Row("a server that thinks for 25 s is waited for", None, op="converse", lines=1, served=1,
             retries=0, parts=LONG), photo, Server(think)),
    ]
    results = {}
    threads = [threading.Thread(target=slow_row, args=(results, program, picture, row, server))
               for row, picture, server in rows]
    for thread in threads:
        thread.start()
    return threads, results, len(rows)


def think(line):
    request = line.request()
    if not line.server.ending.wait(25):
        line.send(good_bytes(request))


def finish_slow_rows(tap, started):
    threads, results, count = started
    for thread in threads:
        thread.join()
    tap.check(len(results) == count, "the slow rows have run", sorted(results))
    for name, (row, got, served, lines) in results.items():
        wrong = judge(row, got, served, lines)
        tap.check(not wrong, name, "\n".join([*wrong, str(got)]))
        show(got)


def main():
    program, tap = sys.argv[1], peer.Tap()
    with tempfile.TemporaryDirectory() as text:
        folder = pathlib.Path(text)
        authority = Authority(folder, "authority")
        photo, large = make_picture(folder), make_picture(folder, 2600)
        started = start_slow_rows(program, photo, large)
        env = environment(AWS_CA_BUNDLE=str(authority.path))
        with Caller(program, photo, env) as caller, Caller(program, large, env) as large_caller:
            check_phases(tap, caller, large_caller, authority)
            check_resolver(tap, caller)
            for one in (caller, large_caller):
                code, error = one.leave()
                tap.check(code == 0 and not error, "ends well, with nothing to say", error)
        check_credentials(tap, program, photo, folder)
        finish_slow_rows(tap, started)
    tap.leave()


if __name__ == "__main__":
    main()
