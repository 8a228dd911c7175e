# SPDX-License-Identifier: GPL-3.0-or-later
"""Services on the way to credentials, on one loopback port: instance metadata, a container's
endpoint, STS, IAM Identity Center (portal and OIDC), sign-in. Each writes down what it was asked."""
import base64
import hashlib
import http.server
import json
import threading
import time
import urllib.parse

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature


def stamp(seconds_from_now):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds_from_now))


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def judge_proof(proof, url, seen_ids):
    """None when the DPoP proof (RFC 9449) is right for a POST to url, else what is wrong."""
    head, claims, signature = proof.split(".")
    header, body, raw = json.loads(decode(head)), json.loads(decode(claims)), decode(signature)
    jwk = header.get("jwk", {})
    if (header.get("typ"), header.get("alg")) != ("dpop+jwt", "ES256"):
        return f"header {header}"
    if set(jwk) != {"kty", "crv", "x", "y"} or (jwk["kty"], jwk["crv"]) != ("EC", "P-256"):
        return f"jwk {sorted(jwk)}"
    if len(decode(jwk["x"])) != 32 or len(decode(jwk["y"])) != 32 or len(raw) != 64:
        return "lengths"
    numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(decode(jwk["x"]), "big"),
                                            int.from_bytes(decode(jwk["y"]), "big"),
                                            ec.SECP256R1())
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    try:
        numbers.public_key().verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return "signature"
    if body["htm"] != "POST" or body["htu"] != url or abs(body["iat"] - time.time()) > 60:
        return f"claims {body}"
    if body["jti"] in seen_ids:
        return "the same proof twice"
    seen_ids.add(body["jti"])
    return None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer waits 40 ms for the client's ACK

    def log_message(self, *_):
        pass

    def answer(self, status, body, content_type="application/json"):
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def keys(self, name):
        return {"AccessKeyId": "AKIA" + name, "SecretAccessKey": "secret-" + name,
                "Token": "token-" + name, "Expiration": stamp(6 * 3600)}

    def note(self, *what):
        self.server.services.requests.append(what)

    def do_PUT(self):
        self.note("PUT", self.path, self.headers["x-aws-ec2-metadata-token-ttl-seconds"])
        if not self.server.services.imds_v2:
            self.answer(403, "", "text/plain")
        else:
            self.answer(200, "imds-token==", "text/plain")

    def do_GET(self):
        services = self.server.services
        path, _, query = self.path.partition("?")
        folder = "/latest/meta-data/iam/security-credentials/"
        if path.startswith(folder):
            token = self.headers["x-aws-ec2-metadata-token"]
            self.note("GET", self.path, token)
            if token != ("imds-token==" if services.imds_v2 else None):
                self.answer(401, "", "text/plain")
            elif path == folder:
                self.answer(200, "web-role", "text/plain")
            else:
                self.answer(200, {"Code": "Success", **self.keys("EC2")})
        elif path == "/container":
            self.note("GET", self.path, self.headers["Authorization"])
            self.answer(200, self.keys("ECS"))
        elif path == "/federation/credentials":
            token = self.headers["x-amz-sso_bearer_token"]
            self.note("GET", path, tuple(sorted(urllib.parse.parse_qsl(query))), token)
            if token not in ("sso-old", "sso-new"):
                self.answer(401, {"__type": "UnauthorizedException", "message": "no session"})
                return
            self.answer(200, {"roleCredentials": {
                "accessKeyId": "AKIASSO", "secretAccessKey": "secret-SSO",
                "sessionToken": "token-SSO", "expiration": int(time.time() + 6 * 3600) * 1000}})
        else:
            self.answer(404, "", "text/plain")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        if self.path == "/token":
            self.note("POST", self.path, tuple(sorted(json.loads(body).items())))
            self.answer(200, {"accessToken": "sso-new", "expiresIn": 28800, "tokenType": "Bearer",
                              "refreshToken": "refresh-new"})
        elif self.path == "/v1/token":
            self.sign_in(body)
        else:
            self.take_role(dict(urllib.parse.parse_qsl(body)))

    def take_role(self, form):
        authorization = self.headers["Authorization"] or ""
        source = authorization.partition("Credential=")[2].partition("/")[0]
        form["RoleSessionName"] = form["RoleSessionName"].rpartition("-")[2].isdigit() or \
            form["RoleSessionName"]
        self.note("POST", source, self.headers["X-Amz-Security-Token"], tuple(sorted(form.items())))
        name = hashlib.sha256(f"{source} {form['RoleArn']}".encode()).hexdigest()[:12].upper()
        keys = self.keys(name)
        keys["SessionToken"] = keys.pop("Token")
        values = "".join(f"<{key}>{value}</{key}>" for key, value in keys.items())
        action = form["Action"]
        self.answer(200, f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
                    f"<{action}Result><Credentials>{values}</Credentials><AssumedRoleUser>"
                    f"<AssumedRoleId>A:b</AssumedRoleId><Arn>arn:aws:sts::1:assumed-role/r/s</Arn>"
                    f"</AssumedRoleUser></{action}Result></{action}Response>", "text/xml")

    def sign_in(self, body):
        services = self.server.services
        wrong = judge_proof(self.headers["DPoP"], services.url + "/v1/token", services.proof_ids)
        self.note("POST", self.path, tuple(sorted(json.loads(body).items())), wrong)
        if wrong:
            self.answer(403, {"error": "INVALID_REQUEST", "message": wrong})
            return
        self.answer(200, {"accessToken": {"accessKeyId": "AKIALOGIN",
                                          "secretAccessKey": "secret-LOGIN",
                                          "sessionToken": "token-LOGIN"},
                          "tokenType": "aws_sigv4", "expiresIn": 900,
                          "refreshToken": "refresh-new"})


class Services:
    """The port is open within the `with` block."""

    def __init__(self, imds_v2=True):
        self.imds_v2 = imds_v2
        self.requests = []
        self.proof_ids = set()

    def __enter__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.services = self
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def take_requests(self):
        requests, self.requests = self.requests, []
        return requests
