# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands between us and an S3 server: notes every request, and may answer one itself. Requests pass
as they are, with their Host, so that their signatures hold."""
import collections
import http.client
import http.server
import threading
import urllib.parse

HOP = ("connection", "transfer-encoding", "content-length", "keep-alive")

Request = collections.namedtuple("Request", "method path headers body")


def query_of(request):
    text = urllib.parse.urlsplit(request.path).query
    return dict(urllib.parse.parse_qsl(text, keep_blank_values=True))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer waits 40 ms for the client's ACK

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, self.path, self.headers, body)
        with self.server.lock:
            self.server.seen.append(request)
        own = self.server.instead and self.server.instead(request, self.pass_on)
        status, headers, data = own or self.pass_on(request)
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if not any(name.lower() == "content-length" for name, _ in headers):
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def pass_on(self, request):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.target, timeout=60)
        try:
            connection.putrequest(request.method, request.path, skip_host=True,
                                  skip_accept_encoding=True)
            for name, value in request.headers.items():
                if name.lower() not in ("connection", "expect"):
                    connection.putheader(name, value)
            connection.endheaders(request.body)
            answer = connection.getresponse()
            data = answer.read()
            headers = [pair for pair in answer.getheaders() if pair[0].lower() not in HOP]
            if request.method == "HEAD" and answer.getheader("Content-Length"):
                headers.append(("Content-Length", answer.getheader("Content-Length")))
            return answer.status, headers, data
        finally:
            connection.close()

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        pass  # a client that cancels closes its connection: that is what it should do


class Proxy:
    """seen: what passed. instead(request, pass_on): None, or the answer (status, headers, body)
    that is given; pass_on(request) is that of the server behind. A whole fake when `target` is
    None."""

    def __init__(self, target=None, instead=None):
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.target = target
        self.server.instead = instead
        self.server.seen = []
        self.server.lock = threading.Lock()

    def __enter__(self):
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02},
                         daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def forget(self, instead=None):
        with self.server.lock:
            self.server.seen.clear()
        self.server.instead = instead

    def seen(self, method=None, word=None):
        """What passed, of a method, with a word in its query."""
        with self.server.lock:
            return [r for r in self.server.seen if method in (None, r.method)
                    and (word is None or word in query_of(r))]
