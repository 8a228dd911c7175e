# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers on 127.0.0.1 that answer like AWS except for the fault that a test asks for, the
certificates that they show, and the program that calls them. Every server writes down what came."""
import json
import re
import socket
import ssl
import struct
import subprocess
import threading
import time
import zlib

CODES = {"OK": 0, "ARG": -1, "TOO_LARGE": -3, "CANCELLED": -4, "NET": -6, "TIMEOUT": -7, "AUTH": -8,
         "THROTTLED": -9, "SERVICE": -10, "RESPONSE": -11}
MAX_HOLD_SECONDS = 60  # no connection of a test lives longer
LABELS = {"LabelModelVersion": "3.0", "Labels": [
    {"Name": name, "Confidence": 95.5, "Instances": [], "Parents": [], "Aliases": [],
     "Categories": [{"Name": "Sky and Space"}]} for name in ("Moon", "Astronaut", "Rocket")]}
WORDS = "A rocket."
CONVERSE = {"output": {"message": {"role": "assistant", "content": [{"text": WORDS}]}},
            "stopReason": "end_turn", "metrics": {"latencyMs": 1},
            "usage": {"inputTokens": 5, "outputTokens": 3, "totalTokens": 8}}
OBJECT = bytes(range(256)) * 8


# ---- answers -----------------------------------------------------------------------------------

def frame(payload, spoil=False, **headers):
    """One message of AWS's event stream: CRCs by zlib, header values as strings (type 7)."""
    head = b""
    for name, value in headers.items():
        name, value = ":" + name.replace("_", "-"), value.encode()
        head += bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value
    data = json.dumps(payload).encode()
    prelude = struct.pack(">II", len(head) + len(data) + 16, len(head))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + head + data
    return message + struct.pack(">I", zlib.crc32(message) ^ spoil)


def event(kind, payload, spoil=False):
    return frame(payload, spoil, message_type="event", event_type=kind,
                 content_type="application/json")


def stream_events():
    return [event("messageStart", {"role": "assistant"}),
            event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": WORDS}}),
            event("contentBlockStop", {"contentBlockIndex": 0}),
            event("messageStop", {"stopReason": "end_turn"}),
            event("metadata", {"usage": {"inputTokens": 5, "outputTokens": 3, "totalTokens": 8}})]


def body_for(request):
    """(content type, body) of a good answer."""
    if request.path.endswith("/converse-stream"):
        return "application/vnd.amazon.eventstream", b"".join(stream_events())
    if request.path.endswith("/converse"):
        return "application/json", json.dumps(CONVERSE).encode()
    if request.method == "GET":
        return "application/octet-stream", OBJECT
    return "application/x-amz-json-1.1", json.dumps(LABELS).encode()


def answer_bytes(status, body, content_type, *more, length=None, reason="Some"):
    lines = [f"HTTP/1.1 {status} {reason}", f"Content-Type: {content_type}",
             f"Content-Length: {len(body) if length is None else length}",
             "x-amzn-RequestId: 11111111-2222-3333-4444-555555555555", *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def good_bytes(request, *more, length=None):
    content_type, body = body_for(request)
    return answer_bytes(200, body, content_type, *more, length=length)


def error_bytes(status, code, message="no", *more):
    body = json.dumps({"__type": code, "message": message} if code else {}).encode()
    return answer_bytes(status, body, "application/x-amz-json-1.1", *more)


# ---- servers -----------------------------------------------------------------------------------

class Request:
    """What came of a request: all of it, or what there was when the line ended."""

    def __init__(self, head, expected):
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.path, _ = (lines[0] + "  ").split(" ", 2)
        self.headers = {name.strip().lower(): value.strip() for name, _, value in
                        (line.partition(":") for line in lines[1:])}
        self.expected, self.body, self.tls_version = expected, b"", None

    @property
    def whole(self):
        return len(self.body) == self.expected


class Line:
    """One connection, as a script of a test uses it."""

    def __init__(self, server, sock, number):
        self.server, self.sock, self.number, self.rest = server, sock, number, b""

    def receive(self):
        data = self.sock.recv(1 << 16)
        return data

    def request(self):
        """The next request with its body; None when the client has left before its head ended."""
        while b"\r\n\r\n" not in self.rest:
            data = self.receive()
            if not data:
                return None
            self.rest += data
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        request = Request(head, int(length[1]) if length else 0)
        self.server.requests.append(request)
        while len(self.rest) < request.expected:
            data = self.receive()
            if not data:
                break
            self.rest += data
        request.body, self.rest = self.rest[:request.expected], self.rest[request.expected:]
        return request if request.whole else None

    def send(self, data):
        self.sock.sendall(data)

    def reset(self):
        """Closes with RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def hold(self):
        """Says nothing until the client leaves; what it sends is not read."""
        deadline = time.monotonic() + MAX_HOLD_SECONDS
        while time.monotonic() < deadline and not self.server.ending.is_set():
            if self.peer_left():
                return
            self.server.ending.wait(0.05)

    def peer_left(self):
        state = self.raw().getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
        return state not in (1, 3)  # ESTABLISHED, SYN_RECV

    def raw(self):
        return self.sock

    def serve_well(self):
        while request := self.request():
            self.send(good_bytes(request))


class Server:
    """Runs `script(line)` for every connection, in a thread of its own. With `tls`, the handshake
    comes first; a failed one is counted in `refused`."""

    def __init__(self, script, tls=None, backlog=64, receive_bytes=None):
        self.script, self.tls, self.backlog = script, tls, backlog
        self.requests, self.lines, self.faults, self.socks = [], 0, [], []
        self.refused, self.ending, self.threads = [], threading.Event(), []
        self.listener = socket.socket()
        if receive_bytes:  # what the kernel takes for a script that does not read
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.listener.bind(("127.0.0.1", 0))

    def __enter__(self):
        self.listener.listen(self.backlog)
        self.listener.settimeout(0.1)
        self.start(self.accept)
        return self

    def start(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    @property
    def port(self):
        return self.listener.getsockname()[1]

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def served(self):
        """How many requests came whole: what a service could have done, and charged."""
        return sum(request.whole for request in self.requests)

    def accept(self):
        while not self.ending.is_set():
            try:
                sock, _ = self.listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            self.lines += 1
            self.socks.append(sock)
            sock.settimeout(MAX_HOLD_SECONDS)
            self.start(self.talk, sock, self.lines)

    def talk(self, sock, number):
        try:
            with self.wrap(sock) as wrapped:
                self.socks.append(wrapped)
                self.script(Line(self, wrapped, number))
        except ssl.SSLError as error:
            self.refused.append(str(error))
        except OSError:
            pass  # the client left: the test says whether it should have
        except Exception as error:  # pylint: disable=broad-except
            self.faults.append(repr(error))
        finally:
            sock.close()

    def wrap(self, sock):
        if not self.tls:
            return sock
        return self.tls.wrap_socket(sock, server_side=True)

    def __exit__(self, *_):
        self.ending.set()
        try:
            self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept, which a close does not
        except OSError:
            pass  # it does not listen
        self.listener.close()
        for sock in self.socks:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has ended already
        for thread in self.threads:
            thread.join(MAX_HOLD_SECONDS)
        if self.faults:
            raise RuntimeError(f"a script of the test is wrong: {self.faults}")


def serve_well(line):
    line.serve_well()


class FullBacklog(Server):
    """Takes no connection and lets the kernel's queue run full: connecting to it hangs."""

    def __init__(self):
        super().__init__(serve_well, backlog=0)
        self.fillers = []

    def accept(self):
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self.fillers.append(filler)
        time.sleep(0.05)

    def __enter__(self):
        self.listener.listen(0)
        self.accept()
        return self

    def __exit__(self, *_):
        for filler in self.fillers:
            filler.close()
        super().__exit__()


# ---- the program under test --------------------------------------------------------------------

class Caller:
    """fault_call with one client, asked again and again."""

    def __init__(self, program, picture, env):
        self.process = subprocess.Popen([program, picture], env=env, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def call(self, op="labels", **parts):
        words = {"op": op, **parts}
        self.process.stdin.write("\t".join(f"{k}={v}" for k, v in words.items()) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"fault_call ended: {self.process.stderr.read()}")
        return json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.leave()

    def leave(self):
        """(exit code, standard error): a sanitizer's finding is in them."""
        if self.process.stdin.closed:
            return self.process.returncode, ""
        self.process.stdin.close()
        error = self.process.stderr.read()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()
        return self.process.returncode, error
