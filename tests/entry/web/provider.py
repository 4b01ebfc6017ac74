"""An OpenID Connect provider on loopback that signs everybody in at once, and answers as wrongly as a test wants."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "bugbridge", "only-the-provider-and-we-know"
ADDRESS = "ada@acme.example"


class Provider:
    """What it knows, what it was asked, and in which way it errs."""

    def __init__(self, now: datetime) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "1", "alg": "RS256", "use": "sig"})
        self.signs_with: RSAKey | OctKey = self.key
        self.header = {"alg": "RS256", "kid": "1"}
        self.person: dict[str, Any] = {"sub": "7", "email": ADDRESS, "email_verified": True}
        self.claims: dict[str, Any] = {}
        self.about: dict[str, Any] = {}
        self.info: Mapping[str, Any] | None = None
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.now = now
        self.issuer = ""

    def answer(self, method: str, path: str, fields: Mapping[str, str], authorization: str) -> tuple[int, Any]:
        """Answer one request: a status with facts, or 303 with an address."""
        self.asked.append(f"{method} {path}")
        if path == "/.well-known/openid-configuration":
            return 200, {**self._described(), **self.about}
        if path == "/authorize":
            self.codes["code-1"] = dict(fields)
            return 303, f"{fields['redirect_uri']}?{urlencode({'code': 'code-1', 'state': fields['state']})}"
        if path == "/token":
            return self._token(fields, authorization)
        if path == "/jwks":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        return (200, self.info) if path == "/info" and authorization == "Bearer access-1" else (404, {})

    def _described(self) -> dict[str, Any]:
        endpoints = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/jwks"}
        more = {"userinfo_endpoint": f"{self.issuer}/info"} if self.info is not None else {}
        return {"issuer": self.issuer, **{name: self.issuer + path for name, path in endpoints.items()}, **more}

    def _token(self, fields: Mapping[str, str], authorization: str) -> tuple[int, Any]:
        """Give what a code stands for, once, to the client that proves to be the one that began (RFC 7636)."""
        begun = self.codes.pop(fields.get("code", ""), {})
        own = "Basic " + base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        digest = hashlib.sha256(fields.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        proved = begun.get("code_challenge") == challenge and begun.get("code_challenge_method") == "S256"
        if authorization != own or not proved or fields.get("redirect_uri") != begun["redirect_uri"]:
            return 400, {"error": "invalid_grant", "error_description": "a secret word"}
        at = int(self.now.timestamp())
        times = {"iat": at, "exp": at + 300}
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "nonce": begun["nonce"], **times, **self.person, **self.claims}
        kept = {name: value for name, value in claims.items() if value is not None}
        signed = jwt.encode(self.header, kept, self.signs_with, algorithms=["RS256", "HS256", "none"])
        return 200, {"token_type": "Bearer", "access_token": "access-1", "id_token": signed}


@contextmanager
def serving(provider: Provider) -> Iterator[Provider]:
    """Have it answer over a real socket of this computer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("GET", urlsplit(self.path).query)

        def do_POST(self) -> None:
            self._answer("POST", self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _answer(self, method: str, text: str) -> None:
            path, fields = urlsplit(self.path).path, dict(parse_qsl(text))
            status, facts = provider.answer(method, path, fields, self.headers.get("Authorization", ""))
            body = b"" if status == 303 else json.dumps(facts).encode()
            self.send_response(status)
            if status == 303:
                self.send_header("Location", facts)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
