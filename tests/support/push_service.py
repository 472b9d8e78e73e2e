"""A push service on this machine, and a browser that has a subscription there: what it gets, it decrypts."""

from __future__ import annotations

import ssl
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import http_ece
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from chatpop.core import clock


@dataclass(frozen=True)
class Delivery:
    """One request that the service got."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class PushService:
    """``statuses`` are answered in their order, then 201; every answer names ``extra`` headers."""

    port: int
    certificate: Path
    deliveries: list[Delivery] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """As the operator's list names it."""
        return f"localhost:{self.port}"

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.port}"


class Subscriber:
    """What a browser's push manager makes: an address, a key pair and a secret."""

    def __init__(self, origin: str, name: str = "gus") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.auth = b"0123456789abcdef"
        self.endpoint = f"{origin}/push/{name}"

    @property
    def point(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def json(self, **changed: Any) -> dict[str, Any]:
        """As ``PushSubscription.toJSON`` of a browser gives it."""
        keys = {"p256dh": encode(self.point), "auth": encode(self.auth)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys, **changed}

    def read(self, delivery: Delivery) -> bytes:
        """Decrypt as a browser does; fails for anybody else's message."""
        content: bytes = http_ece.decrypt(
            delivery.body, private_key=self._key, auth_secret=self.auth, version="aes128gcm"
        )
        return content


def encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@contextmanager
def running_push_service(folder: Path) -> Iterator[PushService]:
    """With a certificate of its own for localhost, which ``SSL_CERT_FILE`` can name."""
    certificate = _make_certificate(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    service = PushService(server.server_address[1], certificate)
    server.service = service  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        service: PushService = self.server.service  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        service.deliveries.append(Delivery(self.path, dict(self.headers), body))
        self.send_response(service.statuses.pop(0) if service.statuses else 201)
        for name, value in service.extra.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Tests look at the deliveries."""


def _make_certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "push-service.pem"
    private = key.private_bytes(Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return path
