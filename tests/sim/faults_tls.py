# SPDX-License-Identifier: GPL-3.0-or-later
"""The real transport over TLS and HTTP/2: certificates that must not be trusted, handshakes that
stall, authorities by AWS_CA_BUNDLE, streams that a server ends. A request must never reach a server
that could not prove its name.

    faults_tls.py FAULT_CALL
"""
import datetime
import ipaddress
import pathlib
import ssl
import sys
import tempfile
import threading
import time
import warnings

import h2.config
import h2.connection
import h2.errors
import h2.events
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from faults_check import CODES, Row, environment, judge, make_picture, peer, run_row, show
from faults_server import Caller, Request, Server, body_for, good_bytes, serve_well

SHORT = {"timeout_ms": 1200}
DAY = datetime.timedelta(days=1)
SENT = "; the request had been sent and may have been done, and charged$"


# ---- certificates ------------------------------------------------------------------------------

class Authority:
    """A certificate authority of this run, in PEM files of a folder."""

    def __init__(self, folder, name):
        self.folder, self.name, self.count = pathlib.Path(folder), name, 0
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self.sign(self.key, name, [], (-DAY, DAY), is_authority=True)
        self.path = self.folder / f"{name}.pem"
        self.path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def sign(self, key, name, alternatives, when, is_authority=False):
        now = datetime.datetime.now(datetime.timezone.utc)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now + when[0]).not_valid_after(now + when[1])
        builder = builder.add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        if alternatives:
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), False)
        return builder.sign(self.key, hashes.SHA256())

    def context(self, alternatives=None, when=(-DAY, DAY)):
        """A server's side of TLS with a certificate for 127.0.0.1, or for these names."""
        self.count += 1
        key = ec.generate_private_key(ec.SECP256R1())
        if alternatives is None:
            alternatives = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
                            x509.DNSName("localhost")]
        certificate = self.sign(key, "server", alternatives, when)
        path = self.folder / f"{self.name}-{self.count}.pem"
        path.write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()) + certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def old_context(authority, version):
    context = authority.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that they are deprecated is why they stand here
        context.minimum_version = context.maximum_version = version
    return context


# ---- HTTP/2 ------------------------------------------------------------------------------------

class Http2:
    """One connection's HTTP/2, by python3-h2. `fault` says what becomes of a request's stream."""

    def __init__(self, line, fault):
        self.line, self.fault, self.requests, self.ended = line, fault, {}, False
        self.machine = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))

    def flush(self):
        self.line.send(self.machine.data_to_send())

    def run(self):
        if self.line.sock.selected_alpn_protocol() != "h2":
            raise RuntimeError("the client did not choose HTTP/2")
        self.machine.initiate_connection()
        self.flush()
        while not self.ended:
            data = self.line.receive()
            if not data:
                return
            for what in self.machine.receive_data(data):
                self.take(what)
            self.flush()

    def take(self, what):
        if isinstance(what, h2.events.RequestReceived):
            self.begin(what)
        elif isinstance(what, h2.events.DataReceived):
            self.requests[what.stream_id].body += what.data
            self.machine.acknowledge_received_data(what.flow_controlled_length, what.stream_id)
        elif isinstance(what, h2.events.StreamEnded):
            self.fault(self, what.stream_id, self.requests[what.stream_id])

    def begin(self, what):
        headers = {name.decode(): value.decode() for name, value in what.headers}
        request = Request(b"", int(headers.get("content-length", 0)))
        request.method, request.path = headers[":method"], headers[":path"]
        self.requests[what.stream_id] = request
        self.line.server.requests.append(request)

    def answer(self, stream, request, cut=0):
        content_type, body = body_for(request)
        self.machine.send_headers(stream, [(":status", "200"), ("content-type", content_type),
                                           ("content-length", str(len(body)))])
        self.machine.send_data(stream, body[:len(body) - cut], end_stream=not cut)


def http2(fault=Http2.answer):
    return lambda line: Http2(line, fault).run()


def reset_stream(code):
    def fault(self, stream, _request):
        self.machine.reset_stream(stream, code)
    return fault


def refuse_first(self, stream, request):
    if self.line.number == 1 and stream == 1:
        self.machine.reset_stream(stream, h2.errors.ErrorCodes.REFUSED_STREAM)
    else:
        self.answer(stream, request)


def go_away(self, _stream, _request):
    self.machine.close_connection(h2.errors.ErrorCodes.ENHANCE_YOUR_CALM)
    self.flush()
    self.ended = True


def leave(self, _stream, _request):
    self.ended = True


def stay_silent(_self, _stream, _request):
    pass


def cut_answer(self, stream, request):
    self.answer(stream, request, cut=5)
    self.flush()
    self.ended = True


def garbage(self, stream, request):
    self.answer(stream, request, cut=5)
    self.flush()
    self.line.send(b"\xff" * 64)


def stall_answer(self, stream, request):
    self.answer(stream, request, cut=5)


def http2_context(authority):
    context = authority.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


HTTP2 = [
    Row("HTTP/2", http2(), lines=1, served=1, retries=0),
    Row("HTTP/2: a model", http2(), op="converse", lines=1, served=1),
    Row("HTTP/2: a stream of events", http2(), op="stream", lines=1, served=1),
    Row("HTTP/2: ten calls on one connection", http2(), op="converse", lines=1, served=10,
        parts={"repeat": 10}),
    Row("HTTP/2: stream ended with an error", http2(reset_stream(
        h2.errors.ErrorCodes.INTERNAL_ERROR)), "NET", "without an answer" + SENT, op="converse",
        served=1, retries=0),
    Row("HTTP/2: stream refused, then good", http2(refuse_first), served=2),
    Row("HTTP/2: server goes away", http2(go_away), "NET", SENT, op="converse", served=1,
        retries=0),
    Row("HTTP/2: closed after the request", http2(leave), "NET", SENT, op="converse", served=1,
        retries=0),
    Row("HTTP/2: silent before the answer", http2(stay_silent), "TIMEOUT",
        "did not answer .*" + SENT, op="converse", served=1, parts=SHORT),
    Row("HTTP/2: silent within the answer", http2(stall_answer), "TIMEOUT", "did not end .*" + SENT,
        op="converse", served=1, parts=SHORT),
    Row("HTTP/2: cut within the answer", http2(cut_answer), "NET", "broke off .*" + SENT,
        op="converse", served=1, retries=0),
    Row("HTTP/2: garbage within the answer", http2(garbage), "NET", SENT, op="converse", served=1,
        retries=0),
]


# ---- TLS ---------------------------------------------------------------------------------------

def close_at_once(_line):
    pass


def hold(line):
    line.hold()


def reset_in_handshake(line):
    line.receive()
    line.reset()


def cut_without_goodbye(line):
    data = good_bytes(line.request())
    line.send(data[:-30])
    time.sleep(0.05)
    line.reset()


def tls_rows(authority, other):
    """(row, server's TLS, URL's scheme)."""
    example = [x509.DNSName("rekognition.example.org")]
    never = {"op": "converse", "retries": 0, "served": 0}
    return [
        (Row("TLS", serve_well, lines=1, served=1), authority.context()),
        (Row("TLS: 20 calls, one handshake", serve_well, op="converse", lines=1, served=20,
             parts={"repeat": 20}), authority.context()),
        (Row("TLS: a certificate for another name", serve_well, "NET",
             r"^the certificate of 127\.0\.0\.1:\d+ is for another name$", "endpoint's address",
             lines=1, **never), authority.context(example)),
        (Row("TLS: an expired certificate", serve_well, "NET", "has expired$", "clock", lines=1,
             **never), authority.context(when=(-3 * DAY, -2 * DAY))),
        (Row("TLS: a certificate of the future", serve_well, "NET", "is not valid yet$", "clock",
             lines=1, **never), authority.context(when=(2 * DAY, 3 * DAY))),
        (Row("TLS: an unknown authority", serve_well, "NET", "authority that is not known here$",
             "AWS_CA_BUNDLE", lines=1, **never), other.context()),
        (Row("TLS 1.0 only", serve_well, "NET", "no version of TLS that is still safe$", "TLS 1.2",
             lines=1, **never), old_context(authority, ssl.TLSVersion.TLSv1)),
        (Row("TLS 1.1 only", serve_well, "NET", "no version of TLS that is still safe$", "TLS 1.2",
             lines=1, **never), old_context(authority, ssl.TLSVersion.TLSv1_1)),
        (Row("TLS 1.2 only", serve_well, op="converse", served=1),
         old_context(authority, ssl.TLSVersion.TLSv1_2)),
        (Row("TLS: cut within the answer", cut_without_goodbye, "NET", "broke off .*" + SENT,
             op="converse", served=1, retries=0, lines=1), authority.context()),
    ]


class Raw(Server):
    """Does not speak TLS, whatever its URL says."""

    @property
    def url(self):
        return super().url.replace("http:", "https:")


PLAIN = [
    Row("TLS: plain HTTP on its port", lambda line: line.send(b"HTTP/1.1 400 Bad\r\n\r\n"), "NET",
        "does not speak TLS there$", "http://", op="converse", lines=1, retries=0, served=0),
    Row("TLS: handshake closed at once", close_at_once, "NET", "handshake .* failed",
        op="converse", lines=3, retries=2),
    Row("TLS: handshake reset", reset_in_handshake, "NET", "handshake .* failed", op="converse",
        lines=3, retries=2),
    Row("TLS: handshake silent", hold, "TIMEOUT",
        r"^no connection to 127\.0\.0\.1:\d+ came about within the time limit$",
        op="converse", lines=1, retries=0, parts=SHORT),
]


def check_authorities(tap, program, photo, folder, authorities):
    """AWS_CA_BUNDLE right, of another authority, missing, no certificates, a folder; and none."""
    authority, other = authorities
    (folder / "words.pem").write_text("these are no certificates\n")
    (folder / "empty.pem").write_text("")
    rows = [("right", authority.path, "OK", ""),
            ("of another authority", other.path, "NET", "not known"),
            ("a missing file", folder / "no.pem", "ARG", "no.pem"),
            ("a file of words", folder / "words.pem", "ARG", "words.pem"),
            ("an empty file", folder / "empty.pem", "ARG", "empty.pem"),
            ("a folder", folder, "ARG", str(folder)),
            ("not set", None, "NET", "not known")]
    for name, path, code, says in rows:
        env = environment(**({"AWS_CA_BUNDLE": str(path)} if path else {}))
        with Caller(program, photo, env) as caller, \
                Server(serve_well, authority.context()) as server:
            got = caller.call("converse", endpoint=server.url)
            row = Row("", None, code, says, "" if code == "OK" else "AWS_CA_BUNDLE", op="converse",
                      retries=0)
            wrong = judge(row, got, 0, server.lines)
            if server.served != (code == "OK"):
                wrong.append(f"{server.served} requests served")
        tap.check(not wrong, f"AWS_CA_BUNDLE {name}", "\n".join([*wrong, got.get("line", "")]))
        show(got)


def check_policy(tap, program, photo, folder, authority):
    """A machine whose OpenSSL still allows TLS 1.0: not for us."""
    config = folder / "openssl.cnf"
    config.write_text("openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\n"
                      "system_default = all\n[all]\nMinProtocol = TLSv1\n"
                      "CipherString = ALL:@SECLEVEL=0\n")
    env = environment(AWS_CA_BUNDLE=str(authority.path), OPENSSL_CONF=str(config))
    with Caller(program, photo, env) as caller:
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            row = Row(f"{version.name} only, on a machine that allows it", serve_well, "NET",
                      "no version of TLS that is still safe$", "TLS 1.2", op="converse", served=0)
            run_row(tap, caller, row, Server(row.script, old_context(authority, version)))


def check_plain_to_tls(tap, caller, authority):
    with Server(serve_well, authority.context()) as server:
        got = caller.call("converse", endpoint=server.url.replace("https:", "http:"))
    failed = got["rc"] in (CODES["NET"], CODES["RESPONSE"])
    tap.check(failed and not server.requests and "https://" in got["hint"],
              "plain HTTP to a port that speaks TLS", got)
    show(got)


def check_http2_at_once(tap, program, picture, env, authority):
    """Two calls at once, more than a megabyte each, over HTTP/2; the bodies come whole."""
    barrier = threading.Barrier(2, timeout=20)

    def both(self, stream, request):
        barrier.wait()  # neither answer comes before both requests are whole
        self.answer(stream, request)

    with Caller(program, picture, env) as caller, \
            Server(http2(both), http2_context(authority)) as server:
        got = caller.call("labels", endpoint=server.url, threads=2)
        sizes = [len(request.body) for request in server.requests]
        whole = server.served
        code, error = caller.leave()
    tap.check((got["rc"], got["calls_done"], whole) == (0, 2, 2) and min(sizes) > 1 << 20,
              "HTTP/2: two calls at once of more than a megabyte", f"{got} {sizes}")
    tap.check(code == 0 and not error, "ends well, with megabytes too", error)
    print(f"#   {sizes} bytes, {got['elapsed_ms']} ms")


def main():
    program, tap = sys.argv[1], peer.Tap()
    with tempfile.TemporaryDirectory() as text:
        folder = pathlib.Path(text)
        authority, other = Authority(folder, "authority"), Authority(folder, "other")
        photo, large = make_picture(folder), make_picture(folder, 1400)
        env = environment(AWS_CA_BUNDLE=str(authority.path))
        caller = Caller(program, photo, env)
        with Server(serve_well, authority.context()) as server:
            before = caller.call("labels", endpoint=server.url)
        for row, context in tls_rows(authority, other):
            run_row(tap, caller, row, Server(row.script, context))
        for row in PLAIN:
            run_row(tap, caller, row, Raw(row.script))
        check_plain_to_tls(tap, caller, authority)
        for row in HTTP2:
            run_row(tap, caller, row, Server(row.script, http2_context(authority)))
        with Server(serve_well, authority.context()) as server:
            after = caller.call("labels", endpoint=server.url)
        tap.check(after["threads"] == before["threads"] and after["fds"] <= before["fds"] + 4,
                  "no thread and no descriptor is left", f"{before} {after}")
        code, error = caller.leave()
        tap.check(code == 0 and not error, "ends well, with nothing to say", error)
        check_authorities(tap, program, photo, folder, (authority, other))
        check_policy(tap, program, photo, folder, authority)
        check_http2_at_once(tap, program, large, env, authority)
    tap.leave()


if __name__ == "__main__":
    main()
