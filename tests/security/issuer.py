"""An issuer of tokens on this machine: it publishes keys over real HTTP and signs what it is asked to, right or wrong."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwk, jwt

AUDIENCE = "blackboard"
_KINDS: dict[str, type[jwk.RSAKey | jwk.ECKey | jwk.OKPKey]] = {"RS256": jwk.RSAKey, "ES256": jwk.ECKey, "Ed25519": jwk.OKPKey}


class LocalIssuer:
    """Its keys can be changed while it runs; `asked` counts how often they were asked for."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked = 0
        self.is_up = True
        self.keys: dict[str, jwk.RSAKey | jwk.ECKey | jwk.OKPKey] = {}
        self.publish("RS256", "first")

    def publish(self, algorithm: str, kid: str) -> None:
        """One more key."""
        self.keys[kid] = _KINDS[algorithm].generate_key(parameters={"kid": kid, "use": "sig", "alg": algorithm})

    def claims(self, **other: Any) -> dict[str, Any]:
        """What a good token says; None leaves one out."""
        now = int(time.time())
        said = {"iss": self.url, "aud": AUDIENCE, "sub": "anna", "iat": now, "exp": now + 300, **other}
        return {name: value for name, value in said.items() if value is not None}

    def token(self, kid: str = "first", header: dict[str, Any] | None = None, **claims: Any) -> str:
        """Signed with a key of its own."""
        key = self.keys[kid]
        algorithm = str(key.as_dict()["alg"])
        return jwt.encode({"alg": algorithm, "kid": kid, **(header or {})}, self.claims(**claims), key, algorithms=[algorithm])

    def answer(self, path: str) -> dict[str, Any] | None:
        """What it says at an address."""
        if not self.is_up:
            return None
        if path.endswith("/openid-configuration"):
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        self.asked += 1
        return {"keys": [key.as_dict(private=False) for key in self.keys.values()]}


@contextmanager
def local_issuer() -> Iterator[LocalIssuer]:
    """For the time of a block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the library's name
            said = issuer.answer(self.path)
            body = json.dumps(said).encode()
            self.send_response(200 if said else 503)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = LocalIssuer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
