# SPDX-License-Identifier: GPL-3.0-or-later
"""The real transport against a broken line and broken HTTP: for each fault the code, the message,
how often a connection was made and a request served, the time it took. Each client lives through
many faults; its descriptors and threads are counted at the end.

    faults_line.py FAULT_CALL
"""
import base64
import gzip
import json
import sys
import tempfile
import time
import zlib

from faults_check import (CODES, FOUND, Lanes, Row, call_row, environment, judge, judge_row,
                          make_picture, peer, show)
from faults_server import (OBJECT, Caller, FullBacklog, Server, answer_bytes, body_for, error_bytes,
                           event, frame, good_bytes, serve_well, stream_events)

SHORT = {"timeout_ms": 1200}
BIG = 33 << 20
LARGE_RESENDS = 8
ROUNDS = 8
THROTTLING = [
    "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException",
    "RequestThrottled", "TooManyRequestsException", "ProvisionedThroughputExceededException",
    "TransactionInProgressException", "RequestLimitExceeded", "BandwidthLimitExceeded",
    "LimitExceededException", "SlowDown", "EC2ThrottledException"]
HTML = b"<html><body>Sign in to the hotel's network</body></html>"


# ---- scripts: what a server does with one connection -------------------------------------------

def close_at_once(_line):
    pass


def reset_before_body(line):
    line.receive()
    line.reset()


def close_after_request(line):
    line.request()


def reset_after_request(line):
    line.request()
    line.reset()


def reset_within_answer(line):
    data = good_bytes(line.request())
    line.send(data[:len(data) // 2])
    time.sleep(0.02)
    line.reset()


def say(data, then_hold=False):
    """Answers with these bytes, or what a function makes of the request, and closes."""
    def script(line):
        request = line.request()
        if request:
            line.send(data(request) if callable(data) else data)
        if then_hold:
            line.hold()
    return script


def hold_before_answer(line):
    line.request()
    line.hold()


def hold_without_reading(line):
    line.receive()
    line.hold()


def byte_by_byte(line):
    for byte in good_bytes(line.request()):
        line.send(bytes([byte]))
        time.sleep(0.0005)


def endless(start, piece):
    def script(line):
        line.request()
        line.send(start)
        for _ in range(BIG // len(piece)):
            line.send(piece)
    return script


def answer_early(line):
    line.receive()
    line.send(error_bytes(413, "RequestEntityTooLargeException", "too much", "Connection: close"))
    time.sleep(0.05)


def then_good(script, times=1):
    return lambda line: script(line) if line.number <= times else line.serve_well()


def chunked(request, end=b"0\r\n\r\n", spoil=b""):
    content_type, body = body_for(request)
    half = len(body) // 2
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head.encode() + b"%x\r\n%s\r\n" % (half, body[:half]) + spoil + \
        b"%x\r\n%s\r\n" % (len(body) - half, body[half:]) + end


def zipped(request):
    content_type, body = body_for(request)
    return answer_bytes(200, gzip.compress(body), content_type, "Content-Encoding: gzip")


def chatter(request):
    return b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" \
        b"HTTP/1.1 100 Continue\r\n\r\n" + good_bytes(request)


def events(change):
    """A stream's answer after `change` has had its way with the list of events."""
    def make(_request):
        return answer_bytes(200, b"".join(change(stream_events())),
                            "application/vnd.amazon.eventstream")
    return say(make)


def exception(kind, text):
    return frame({"message": text}, message_type="exception", exception_type=kind,
                 content_type="application/json")


def checksum(data):
    crc = base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()
    return f"x-amz-checksum-crc32: {crc}"


def stored(data):
    return answer_bytes(200, b"", "application/xml", 'ETag: "x"', checksum(data))


def unbounded(_request):
    """An answer that ends with the connection."""
    return f'HTTP/1.1 200 OK\r\nETag: "x"\r\n{checksum(OBJECT)}\r\n\r\n'.encode() + OBJECT


# ---- rows --------------------------------------------------------------------------------------

SENT = "; the request had been sent and may have been done, and charged$"
BROKEN = [
    Row("good", serve_well, lines=1, served=1),
    Row("accepted and closed at once", close_at_once, "NET", "without an answer", lines=3),
    Row("reset before the body was read", reset_before_body, "NET", "without an answer|broke",
        lines=3, served=0),
    Row("closed after the request, no answer", close_after_request, "NET",
        "closed the connection without an answer" + SENT, lines=3, served=3),
    Row("reset after the request, no answer", reset_after_request, "NET", SENT, lines=3, served=3),
    Row("reset within the answer", reset_within_answer, "NET",
        "answer of .* broke off or was damaged" + SENT, lines=3, served=3),
    Row("reset once, then good", then_good(reset_after_request), lines=2, served=2),
    Row("silent before the answer", hold_before_answer, "TIMEOUT",
        r"127\.0\.0\.1:\d+ did not answer within the time limit" + SENT, "raise the time limit",
        lines=1, served=1, parts=SHORT),
    Row("silent within the headers", say(b"HTTP/1.1 200 OK\r\nContent-", True), "TIMEOUT",
        "within the time limit" + SENT, lines=1, served=1, parts=SHORT),
    Row("silent within the answer", say(lambda r: good_bytes(r)[:-20], True), "TIMEOUT",
        "the answer of .* did not end within the time limit" + SENT, lines=1, served=1,
        parts=SHORT),
    Row("one byte at a time", byte_by_byte, lines=1, served=1, retries=0),
    Row("fewer bytes than Content-Length", say(lambda r: good_bytes(r, length=9999)), "NET",
        "broke off or was damaged", lines=3, served=3),
    Row("two values of Content-Length", say(lambda r: good_bytes(r, "Content-Length: 3")),
        "RESPONSE", lines=1, served=1),
    Row("negative Content-Length", say(lambda r: good_bytes(r, length=-5)), "RESPONSE", lines=1),
    Row("chunks", say(chunked), lines=1),
    Row("chunks without their end", say(lambda r: chunked(r, b"")), "NET", "broke off", lines=3),
    Row("chunks with a size that is none", say(lambda r: chunked(r, spoil=b"xyz\r\n")), "NET",
        "was damaged", lines=3),
    Row("more body than may be", endless(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 65536), "TOO_LARGE",
        r"the answer is larger than \d+ bytes", lines=1),
    Row("more headers than may be", endless(
        b"HTTP/1.1 200 OK\r\n", b"X-Same: " + b"y" * 990 + b"\r\n"), "TOO_LARGE",
        r"headers are larger than 65536 bytes", lines=1),
    Row("one header without an end", endless(b"HTTP/1.1 200 OK\r\nX-Long: ", b"y" * 1000),
        "TOO_LARGE", lines=1),
    Row("headers that end with the line", say(b"HTTP/1.1 200 OK\r\nX-A: b\r\n"), "NET", lines=3),
    Row("1xx answers that never end", endless(b"", b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n"),
        "TOO_LARGE", "headers", lines=1),
    Row("1xx answers before the good one", say(chatter), lines=1),
    Row("compressed, which was not asked for", say(zipped), "RESPONSE", lines=1, served=1),
    Row("an answer before the body has come", answer_early, "SERVICE", "too much", lines=1,
        aws_code="RequestEntityTooLargeException"),
    Row("answers nobody asked for behind the good one",
        say(lambda r: good_bytes(r) + error_bytes(400, "InvalidParameterException")), lines=1),
]
FOREIGN = [Row(f"status line {line!r}", say(line.encode() + b"\r\nContent-Length: 2\r\n\r\n{}"),
               "RESPONSE", "is not HTTP|has no list", lines=1)
           for line in ("HTTP/9.9 200 OK", "HTTP/1.1 abc OK", "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK",
                        "HTTP/1.1", "ICY 200 OK", "hello", "SSH-2.0-OpenSSH_9")] + [
    Row("bytes by chance", say(bytes(range(128, 256)) * 20), "RESPONSE", "is not HTTP",
        "endpoint's address", lines=1),
]
NOT_AWS = [
    Row("200 with another service's error in XML", say(answer_bytes(
        200, b"<Error><Code>InternalError</Code></Error>", "application/xml")), "RESPONSE"),
    Row("200 with an error in JSON", say(error_bytes(200, "InternalServerError")), "RESPONSE"),
    Row("200 with a page of HTML", say(answer_bytes(200, HTML, "text/html")), "RESPONSE"),
    Row("200 with nothing", say(answer_bytes(200, b"", "application/json")), "RESPONSE"),
    Row("204", say(b"HTTP/1.1 204 No Content\r\n\r\n"), "RESPONSE"),
    Row("JSON that breaks off", say(lambda r: answer_bytes(200, body_for(r)[1][:-9], "x/json")),
        "RESPONSE"),
    Row("HTML with 502", say(answer_bytes(502, HTML, "text/html")), "SERVICE",
        r"not one of AWS \(text/html\)", "proxy", lines=3),
    Row("HTML with 403", say(answer_bytes(403, HTML, "text/html")), "AUTH", "not one of AWS",
        "proxy", lines=1),
]
for _row in NOT_AWS[:6]:
    _row.lines, _row.says = 1, _row.says or "DetectLabels|answer"
MODEL = [
    Row("a model: good", serve_well, op="converse", served=1),
    Row("a model: closed after the request", close_after_request, "NET", SENT, op="converse",
        lines=1, served=1, retries=0),
    Row("a model: reset after the request", reset_after_request, "NET", SENT, op="converse",
        lines=1, served=1, retries=0),
    Row("a model: reset within the answer", reset_within_answer, "NET", SENT, op="converse",
        lines=1, served=1, retries=0),
    Row("a model: the answer is cut", say(lambda r: good_bytes(r, length=9999)), "NET", SENT,
        op="converse", lines=1, served=1, retries=0),
    Row("a model: silent", hold_before_answer, "TIMEOUT", SENT, op="converse", lines=1, served=1,
        parts=SHORT),
    Row("a model: 500, then good", then_good(say(error_bytes(500, "InternalServerException"))),
        op="converse", lines=2, served=2, retries=1),
    Row("a model: 408 is not asked again", say(error_bytes(408, "ModelTimeoutException")),
        "SERVICE", op="converse", lines=1, served=1, aws_code="ModelTimeoutException"),
    Row("a stream: good", serve_well, op="stream", served=1),
    Row("a stream: one byte at a time", byte_by_byte, op="stream", served=1),
    Row("a stream: wrong CRC of a message", events(lambda e: [*e[:1], event(
        "contentBlockDelta", {"delta": {"text": "x"}}, spoil=True), *e[1:]]), "RESPONSE",
        "checksum", op="stream", served=1, lines=1),
    Row("a stream: wrong CRC of a prelude", events(lambda e: [
        e[0], e[1][:8] + bytes([e[1][8] ^ 1]) + e[1][9:], *e[2:]]), "RESPONSE", "checksum",
        op="stream", served=1, lines=1),
    Row("a stream: a length beyond all bounds", events(lambda e: [b"\xff" * 12, *e]), "RESPONSE",
        op="stream", served=1, lines=1),
    Row("a stream: exception after 200", events(lambda e: [*e[:2], exception(
        "modelStreamErrorException", "it broke")]), "SERVICE", "it broke", op="stream", served=1,
        lines=1, aws_code="ModelStreamErrorException"),
    Row("a stream: throttled after 200", events(lambda e: [exception(
        "throttlingException", "slow down")]), "THROTTLED", "slow down", op="stream", served=1,
        lines=1, aws_code="ThrottlingException"),
    Row("a stream: failed after 200", events(lambda e: [*e[:2], exception(
        "internalServerException", "oh")]), "SERVICE", "oh", op="stream", served=1, lines=1,
        aws_code="InternalServerException"),
    Row("a stream: ends before its end", events(lambda e: e[:2]), "RESPONSE", op="stream", served=1,
        lines=1),
    Row("a stream: cut within a message", events(lambda e: [*e[:1], e[1][:-5]]), "RESPONSE",
        op="stream", served=1, lines=1),
    Row("a stream: the line breaks", say(lambda r: good_bytes(r, length=99999)), "NET|RESPONSE",
        op="stream", served=1, lines=1),
    Row("a stream: silent within it", say(lambda r: good_bytes(r)[:-20], True), "TIMEOUT", SENT,
        op="stream", served=1, lines=1, parts=SHORT),
    Row("an object that costs nothing: reset once, then good", then_good(reset_after_request),
        op="get", lines=2, retries=1),
]
for _row in MODEL:
    if _row.code == "NET|RESPONSE":
        _row.code = "NET"


STORED = [
    Row("an object: good", say(lambda r: good_bytes(r, 'ETag: "x"', checksum(OBJECT))), op="object",
        lines=1, served=1),
    Row("an object: another checksum", say(lambda r: good_bytes(r, 'ETag: "x"', checksum(b"x"))),
        "RESPONSE", "checksum", op="object", lines=1, served=1),
    Row("an object: fewer bytes than stated", say(lambda r: good_bytes(
        r, 'ETag: "x"', checksum(OBJECT), length=9999)), "NET", "broke off", op="object", lines=3,
        retries=2),
    Row("an object: cut, and no length", say(lambda r: unbounded(r)[:-100]), "RESPONSE", "checksum",
        op="object", lines=1, served=1),
    Row("put: good", say(stored(b"words")), op="put", lines=1, served=1),
    Row("put: another checksum is stored", say(stored(b"other")), "RESPONSE", "checksum", op="put",
        lines=1, served=1),
    Row("put: the line ends within the headers", say(b"HTTP/1.1 200 OK\r\nETag: \"x\"\r\n"), "NET",
        "broke off", op="put", lines=3, retries=2),
    Row("put: no answer, then good", lambda line: close_after_request(line) if line.number == 1 else
        say(stored(b"words"))(line), op="put", lines=2, served=2, retries=1),
    Row("put: the log-in page of a network", say(answer_bytes(200, HTML, "text/html")), "RESPONSE",
        op="put", lines=1, served=1),
]


# ---- what is more than a row -------------------------------------------------------------------

def check_refused(tap, caller):
    with Server(serve_well) as server:
        url = server.url
    for op in ("labels", "converse"):
        got = caller.call(op, endpoint=url)
        wrong = judge(Row("", None, "NET", "^nobody answers at 127.0.0.1:", "server runs", op=op),
                      got, 0, 0)
        if got["maybe_served"] or not got["retryable"] or (op != "labels" and got["retries"] != 2):
            wrong.append("retries, maybe_served or retryable")
        tap.check(not wrong, f"connection refused: {op}", "\n".join([*wrong, got["line"]]))
        show(got)


def check_statuses(tap, caller):
    """All of 400 to 599 on one connection: tried again where the algorithm says so, never a
    success. A gateway's 502 and 504 leave open whether a paid request was served."""
    now = {}

    def script(line):
        while line.request():
            now["seen"] += 1
            line.send(error_bytes(now["status"], None))

    for op, tried_again in (("get", (500, 502, 503, 504)), ("converse", (500, 503))):
        wrong = []
        with Server(script) as server:
            for status in range(400, 600):
                now.update(status=status, seen=0)
                got = caller.call(op, endpoint=server.url, attempts=2)
                again = status in tried_again
                code = "AUTH" if status in (401, 403) else "SERVICE"
                if (got["rc"], got["http_status"], now["seen"], got["retries"]) != \
                        (CODES[code], status, 1 + again, again) or not got["message"]:
                    wrong.append(f"{status}: {got}, {now['seen']} requests")
            lines = server.lines
        tap.check(not wrong, f"every status from 400 to 599, again where it may help: {op}",
                  "\n".join(wrong))
        tap.check(lines == 1, f"error answers leave the connection standing: {op}",
                  f"{lines} connections")


def throttle(caller, code):
    """(the end of a call that is throttled with this code, requests)"""
    def script(line):
        while line.request():
            line.send(error_bytes(400, code, "slower"))
    with Server(script) as server:
        return caller.call("converse", endpoint=server.url, attempts=2), server.served


def check_throttling(tap, lanes):
    wrong = []
    for code, future in [(code, lanes.start(throttle, code)) for code in THROTTLING]:
        got, seen = future.result()
        end = (got["rc"], got["aws_code"], got["retries"], seen)
        if end != (CODES["THROTTLED"], code, 1, 2) or \
                "fewer" not in got["hint"] or not got["retryable"]:
            wrong.append(f"{code}: {got}, {seen} requests")
    tap.check(not wrong, f"each of {len(THROTTLING)} throttling codes: again, then THROTTLED",
              "\n".join(wrong))


def check_redirects(tap, caller):
    """The other host never hears of it: a signature is for one host."""
    wrong = []
    with Server(serve_well) as other:
        for status in (300, 301, 302, 303, 307, 308):
            for op in ("labels", "converse"):
                data = answer_bytes(status, b"", "text/plain", f"Location: {other.url}/")
                with Server(say(data)) as server:
                    got = caller.call(op, endpoint=server.url)
                    if got["rc"] != CODES["SERVICE"] or "redirect" not in got["message"] or \
                            got["http_status"] != status or server.served != 1:
                        wrong.append(f"{status} {op}: {got}")
        tap.check(not wrong, "a redirect is told, not followed", "\n".join(wrong))
        tap.check(not other.lines, "nothing reaches the other host")


def check_kept_connection(tap, caller):
    """A connection that stood from the call before breaks: a new one is made in silence as long as
    the request cannot have been served, else the caller hears of it."""
    def one_then(end):
        def script(line):
            if line.number > 1:
                line.serve_well()
                return
            line.send(good_bytes(line.request()))
            end(line)
        return script

    def close_soon(line):
        time.sleep(0.02)

    def reset_soon(line):
        time.sleep(0.02)
        line.reset()

    for op in ("labels", "converse"):
        for name, end in (("closed", close_soon), ("reset", reset_soon)):
            with Server(one_then(end)) as server:
                first = caller.call(op, endpoint=server.url)
                time.sleep(0.1)
                second = caller.call(op, endpoint=server.url)
                seen = (first["rc"], second["rc"], second["retries"], server.lines, server.served)
            tap.check(seen == (0, 0, 0, 2, 2), f"kept connection {name} between calls: {op}", seen)
        for name, end in (("closed", close_after_request), ("reset", reset_after_request)):
            with Server(one_then(end)) as server:
                caller.call(op, endpoint=server.url)
                got = caller.call(op, endpoint=server.url)
                requests = server.served
            if op == "labels":
                tap.check((got["rc"], requests) == (0, 3),
                          f"kept connection {name} after the request: asked again", got)
            else:
                tap.check((got["rc"], got.get("maybe_served"), got["retries"], requests) ==
                          (CODES["NET"], 1, 0, 2),
                          f"kept connection {name} after a paid request: not sent twice in silence",
                          f"{got} {requests}")
                show(got)


def check_large_resend(tap, caller):
    """A kept connection breaks while megabytes are sent. libcurl may send them again in silence,
    since half a request cannot have been served, or end there: whether it does hangs on which of
    its calls meets the reset first. Either way what is said must be what happened: the second
    server took the whole and gave no answer, so it may have been done; without one it was not."""
    def script(line):
        if line.number > 1:
            close_after_request(line)
            return
        line.send(good_bytes(line.request()))
        line.receive()
        line.reset()

    sent_again, wrong = 0, []
    for _ in range(LARGE_RESENDS):
        with Server(script) as server:
            first = caller.call("labels", endpoint=server.url)
            got = caller.call("labels", endpoint=server.url, attempts=1)
            seen = (first["rc"], got["rc"], got.get("maybe_served"), server.lines, server.served)
        sent_again += server.lines > 1
        if seen not in ((0, CODES["NET"], 1, 2, 2), (0, CODES["NET"], 0, 1, 1)):
            wrong.append(f"{seen} {got}")
    tap.check(not wrong, "kept connection reset within megabytes: what is said is what happened",
              wrong)
    show(got)
    print(f"# sent again in silence: {sent_again} of {LARGE_RESENDS}")


def check_reuse(tap, caller):
    with Server(serve_well) as server:
        got = caller.call("converse", endpoint=server.url, repeat=50)
        tap.check((got["rc"], got["calls_done"], server.lines) == (0, 50, 1),
                  "50 calls on one connection", f"{got}, {server.lines}")
        before = server.lines
        got = caller.call("labels", endpoint=server.url, repeat=10, threads=8)
        tap.check((got["rc"], got["calls_done"]) == (0, 80) and server.lines - before <= 8,
                  "80 calls of 8 threads on at most 8 more connections", server.lines)


def check_stale_answer(tap, caller):
    """What a server sends unasked must not become the answer of the next call."""
    def script(line):
        first = line.number == 1
        while request := line.request():
            line.send(good_bytes(request))
            if first:
                time.sleep(0.03)
                line.send(error_bytes(400, "InvalidParameterException"))
    with Server(script) as server:
        caller.call("converse", endpoint=server.url)
        time.sleep(0.1)
        got = caller.call("labels", endpoint=server.url)
        tap.check(got["rc"] == 0 and got["found"] == FOUND["labels"],
                  "an unasked answer is not taken for the next call's", got)


def check_resources(tap, caller, before):
    with Server(serve_well) as server:
        after = caller.call("labels", endpoint=server.url)
    tap.check(after["threads"] == before["threads"], "no thread is left",
              f"{before['threads']} -> {after['threads']}")
    # Idle connections are kept, but no more than threads were at work at once, and a closed one
    # gives way to the next.
    tap.check(after["fds"] <= before["fds"] + 8 * 4, "no descriptor is left",
              f"{before['fds']} -> {after['fds']}")
    print(f"# descriptors: {before['fds']} -> {after['fds']}")


def count_rounds(caller):
    """The descriptors of a client behind each round of faults."""
    counts = []
    for _ in range(ROUNDS):
        for row in (*BROKEN[1:6], *FOREIGN[:3], *MODEL[1:4]):
            call_row(caller, row, Server(row.script))
        with Server(serve_well) as server:
            counts.append(caller.call("labels", endpoint=server.url)["fds"])
    return counts


def check_growth(tap, counts):
    """Up to four connections are kept, broken ones among them; a round must not cost one more."""
    tap.check(len(counts) > 5 and counts[-1] <= counts[1] + 4,
              "descriptors after each round of faults", counts)
    print(f"# descriptors: {counts}")


def check_one_client(tap, program, photo):
    """What is counted on one client, or asks for one call after another."""
    caller = Caller(program, photo, environment())
    with Server(serve_well) as server:
        before = caller.call("labels", endpoint=server.url)
    check_refused(tap, caller)
    check_statuses(tap, caller)
    check_redirects(tap, caller)
    check_kept_connection(tap, caller)
    check_stale_answer(tap, caller)
    check_reuse(tap, caller)
    check_resources(tap, caller, before)
    code, error = caller.leave()
    tap.check(code == 0 and not error, "ends well, with nothing to say", error)


def main():
    program, tap = sys.argv[1], peer.Tap()
    unread = Row("a request that nobody reads", hold_without_reading, "TIMEOUT",
                 "did not take the request within the time limit$", lines=1, served=0,
                 parts={"timeout_ms": 4000})
    untaken = Row("a connection that nobody takes", None, "TIMEOUT",
                  r"no connection to 127\.0\.0\.1:\d+ came about within the time limit$", op="converse",
                  parts=SHORT)
    with tempfile.TemporaryDirectory() as folder:
        photo, large = make_picture(folder), make_picture(folder, 2600)
        megabytes = Lanes(program, large, environment(), 2)
        late = megabytes.start(call_row, unread, Server(hold_without_reading, receive_bytes=8192))
        lanes = Lanes(program, photo, environment())
        rounds = lanes.start(count_rounds)
        lanes.run_rows(tap, (*BROKEN, *FOREIGN, *NOT_AWS, *MODEL, *STORED))
        check_throttling(tap, lanes)
        got, served, lines = lanes.start(call_row, untaken, FullBacklog()).result()
        judge_row(tap, untaken, got, served, lines)
        tap.check(not got["maybe_served"], "nothing of it was sent", got)
        check_growth(tap, rounds.result())
        lanes.leave(tap)
        check_one_client(tap, program, photo)
        judge_row(tap, unread, *late.result())
        megabytes.run_rows(tap, [
            Row("megabytes, good", serve_well, lines=1, served=1),
            Row("megabytes, reset before they were read", reset_before_body, "NET", lines=3,
                served=0)])
        megabytes.start(lambda caller: check_large_resend(tap, caller)).result()
        megabytes.leave(tap)
    tap.leave()


if __name__ == "__main__":
    main()
