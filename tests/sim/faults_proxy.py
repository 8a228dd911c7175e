# SPDX-License-Identifier: GPL-3.0-or-later
"""The real transport behind a proxy: which variables name it, which hosts go without, what the
proxy gets to see, how its refusals are told; and that no message ever holds its password.

    faults_proxy.py FAULT_CALL
"""
import base64
import json
import pathlib
import socket
import sys
import tempfile
import threading

from cryptography import x509

from faults_check import Row, environment, judge, make_picture, peer, show
from faults_server import Caller, Server, answer_bytes, error_bytes, serve_well
from faults_tls import Authority

PASSWORD = "hush@/hush:hush"
LOGIN = "visitor:hush%40%2Fhush%3Ahush"
SHORT = {"timeout_ms": 1200}


class Proxy(Server):
    """Takes CONNECT and requests with a whole URL, and writes down their heads."""

    def __init__(self, login=None, refusal=None):
        super().__init__(self.relay)
        self.login, self.refusal, self.heads = login, refusal, []

    def relay(self, line):
        data = b""
        while b"\r\n\r\n" not in data:
            more = line.receive()
            if not more:
                return
            data += more
        head, _, rest = data.partition(b"\r\n\r\n")
        text = head.decode("latin-1")
        self.heads.append(text)
        wanted = self.login and "Basic " + base64.b64encode(self.login.encode()).decode()
        if wanted and f"\r\nProxy-Authorization: {wanted}" not in text:
            line.send(answer_bytes(407, b"who are you", "text/plain",
                                   'Proxy-Authenticate: Basic realm="x"', "Connection: close"))
        elif self.refusal:
            self.refusal(line)
        else:
            self.forward(line, text, head, rest)

    def forward(self, line, text, head, rest):
        method, target, _ = text.split("\r\n")[0].split(" ")
        address = target if method == "CONNECT" else target.split("/")[2]
        port = int(address.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as server:
            if method == "CONNECT":
                line.send(b"HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\n")
            else:
                path = "/" + target.split("/", 3)[3]
                server.sendall(head.replace(target.encode(), path.encode(), 1) + b"\r\n\r\n")
            server.sendall(rest)
            back = threading.Thread(target=self.copy, args=(server, line.sock), daemon=True)
            back.start()
            self.copy(line.sock, server)
            back.join()

    @staticmethod
    def copy(source, target):
        try:
            while data := source.recv(1 << 16):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the other half has ended


class UnixServer(Server):
    """The same on a Unix socket."""

    def __init__(self, script, path):
        super().__init__(script)
        self.listener.close()
        self.listener, self.path = socket.socket(socket.AF_UNIX), path
        self.listener.bind(path)

    @property
    def url(self):
        return f"unix:{self.path}"


class Far(Server):
    """A server with a name that is not this machine's: one that a proxy may stand before."""

    @property
    def url(self):
        return super().url.replace("127.0.0.1", "service.example")


def used(tap, name, caller, server, proxy, through):
    """Calls and checks whether the proxy was on the way."""
    before = len(proxy.heads)
    got = caller.call("labels", endpoint=server.url)
    seen = proxy.heads[before:]
    tap.check(got["rc"] == 0 and bool(seen) == through and server.served, name,
              f"{got} {seen}")
    return seen


def check_variables(tap, run, authority):
    """Which variable counts for which endpoint, and NO_PROXY."""
    rows = [
        # name, environment with the proxy's URL as PROXY, whether the endpoint has TLS, proxied
        ("HTTPS_PROXY", {"HTTPS_PROXY": "PROXY"}, True, True),
        ("https_proxy", {"https_proxy": "PROXY"}, True, True),
        ("https_proxy before HTTPS_PROXY",
         {"https_proxy": "PROXY", "HTTPS_PROXY": "http://127.0.0.1:1"}, True, True),
        ("HTTPS_PROXY without a scheme", {"HTTPS_PROXY": "BARE"}, True, True),
        ("HTTPS_PROXY set to nothing", {"HTTPS_PROXY": ""}, True, False),
        ("HTTPS_PROXY is not for http", {"HTTPS_PROXY": "PROXY"}, False, False),
        ("HTTP_PROXY", {"HTTP_PROXY": "PROXY"}, False, True),
        ("http_proxy", {"http_proxy": "PROXY"}, False, True),
        ("HTTP_PROXY is not for https", {"HTTP_PROXY": "PROXY"}, True, False),
        ("HTTP_PROXY in a CGI program", {"HTTP_PROXY": "PROXY", "REQUEST_METHOD": "GET"}, False,
         False),
        ("ALL_PROXY", {"ALL_PROXY": "PROXY"}, True, True),
        ("NO_PROXY with the host",
         {"HTTPS_PROXY": "PROXY", "NO_PROXY": "a.example, service.example"}, True, False),
        ("no_proxy with the host", {"HTTP_PROXY": "PROXY", "no_proxy": ".example"}, False, False),
        ("NO_PROXY with every host", {"HTTPS_PROXY": "PROXY", "NO_PROXY": "*"}, True, False),
        ("NO_PROXY with another host", {"HTTPS_PROXY": "PROXY", "NO_PROXY": "example.org"}, True,
         True),
    ]
    tls = authority.context([x509.DNSName("service.example")])
    for name, variables, has_tls, through in rows:
        with Proxy() as proxy, Far(serve_well, tls if has_tls else None) as server:
            env = {key: value.replace("PROXY", proxy.url).replace("BARE", proxy.url[7:])
                   for key, value in variables.items()}
            with run(env) as caller:
                seen = used(tap, name, caller, server, proxy, through)
            if name == "HTTPS_PROXY":
                head = "".join(seen)
                tap.check(head.startswith(f"CONNECT service.example:{server.port} ") and
                          "uthorization" not in head and "amz" not in head.lower(),
                          "the proxy of a TLS endpoint sees the host and nothing of the request",
                          head)


def check_login(tap, run, authority):
    tls = authority.context([x509.DNSName("service.example")])
    with Proxy(login=f"visitor:{PASSWORD}") as proxy, Far(serve_well, tls) as server:
        address = f"127.0.0.1:{proxy.port}"
        with run({"HTTPS_PROXY": f"http://{LOGIN}@{address}"}) as caller:
            used(tap, "user name and password of the setting", caller, server, proxy, True)
        for name, setting in (("a wrong password", f"http://visitor:hush-wrong@{address}"),
                              ("no password", f"http://{address}")):
            check_refusal(tap, run, server, name, setting,
                          f"^the proxy {address} wants another user name and password$", lines=0)


def check_refusal(tap, run, server, name, setting, says, lines=0, retries=0, code="NET", **parts):
    """A proxy that is no help: what is told, and never the password."""
    with run({"HTTPS_PROXY": setting}) as caller:
        before = server.lines
        got = caller.call("converse", endpoint=server.url, **parts)
        row = Row(name, None, code, says, "PROXY", op="converse", retries=retries, parts=parts)
        wrong = judge(row, got, 0, 0)
        exit_code, error = caller.leave()
    if "hush" in json.dumps(got) or "hush" in error:
        wrong.append("the proxy's password is told")
    if got.get("maybe_served") or server.lines - before != lines or exit_code:
        wrong.append(f"maybe_served, {server.lines - before} connections or exit code {exit_code}")
    tap.check(not wrong, f"proxy: {name}", "\n".join([*wrong, got.get("line", ""), error]))
    show(got)


def check_refusals(tap, run, authority):
    with Far(serve_well, authority.context([x509.DNSName("service.example")])) as server:
        for name, refusal, says, more in (
                ("403", lambda line: line.send(error_bytes(403, None)), "does not let", {}),
                ("502", lambda line: line.send(error_bytes(502, None)), "does not let", {}),
                ("closes at once", lambda line: None, "^the proxy .* does not answer$",
                 {"retries": 2}),
                ("garbage", lambda line: line.send(b"\x00garbage\r\n\r\n" * 9),
                 "^the proxy .* does not answer$", {"retries": 2}),
                ("silent", lambda line: line.hold(), "came about within the time limit",
                 {"code": "TIMEOUT", **SHORT})):
            with Proxy(refusal=refusal) as proxy:
                check_refusal(tap, run, server, name, f"http://visitor:hush@127.0.0.1:{proxy.port}",
                              says, **more)
        with Proxy() as gone:
            port = gone.port
        rows = [
            ("nobody there", f"http://visitor:hush@127.0.0.1:{port}",
             f"^the proxy 127.0.0.1:{port} cannot be reached or does not answer$", 2),
            ("a name without address", "http://visitor:hush@proxy.invalid:3128",
             "^the proxy proxy.invalid:3128 is no address", 0),
            ("no lawful address", "http://visitor:hush hush@[::bad", "^the proxy", None),
            ("an unknown scheme", "nonsense://visitor:hush@127.0.0.1:9", "^the proxy", None),
            ("a port that is none", "http://visitor:hush@127.0.0.1:hush", "^the proxy", None),
            ("no host at all", "http://visitor:hush", "^the proxy", None),
        ]
        for name, setting, says, retries in rows:
            check_refusal(tap, run, server, name, setting, says, retries=retries)


def check_never(tap, program, photo, folder):
    """A Unix socket and the addresses that hand out credentials never go through a proxy."""
    def container(line):
        while request := line.request():
            paths.append(request.path)
            line.send(answer_bytes(200, json.dumps(
                {"AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "s", "Token": "t",
                 "Expiration": "2099-01-01T00:00:00Z"}).encode(), "application/json"))
    paths = []
    with Proxy() as proxy, Server(container) as keys, Far(serve_well) as far, \
            Server(serve_well) as near, \
            UnixServer(serve_well, str(folder / "socket")) as local:
        env = peer.clean_environment(
            AWS_REGION="eu-west-1", ALL_PROXY=proxy.url, HTTP_PROXY=proxy.url,
            HTTPS_PROXY=proxy.url,
            AWS_CONTAINER_CREDENTIALS_FULL_URI=keys.url + "/keys")
        with Caller(program, photo, env) as caller:
            used(tap, "a Unix socket is never proxied", caller, local, proxy, False)
            tap.check(paths == ["/keys"] and not proxy.heads,
                      "a container's credentials are never fetched through a proxy",
                      f"{paths} {proxy.heads}")
            used(tap, "nor is an address of this machine", caller, near, proxy, False)
            used(tap, "the service itself is", caller, far, proxy, True)


def main():
    program, tap = sys.argv[1], peer.Tap()
    with tempfile.TemporaryDirectory() as text:
        folder = pathlib.Path(text)
        authority, photo = Authority(folder, "authority"), make_picture(folder)

        def run(variables):
            env = environment(AWS_CA_BUNDLE=str(authority.path), **variables)
            return Caller(program, photo, env)
        check_variables(tap, run, authority)
        check_login(tap, run, authority)
        check_refusals(tap, run, authority)
        check_never(tap, program, photo, folder)
    tap.leave()


if __name__ == "__main__":
    main()
