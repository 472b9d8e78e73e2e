"""Sending one message to one browser: encrypted for it alone, signed by the site, to an address that was looked at."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec

from chatpop.config import Config
from chatpop.core.keys import derive_key, keyed_tag
from chatpop.push import endpoints, keys
from chatpop.push.endpoints import BadEndpoint, Endpoint, Unreachable
from chatpop.push.models import PushSubscription

SECONDS = 5
"""For connecting, and for each step of the exchange."""
KEPT_SECONDS = 86_400
"""How long the service keeps it for a browser that is off."""
MOST_ANSWER_BYTES = 1024
MOST_ADDRESSES = 2
TOPIC_LENGTH = 32
"""RFC 8030, section 5.4."""
GONE = (404, 410)
LATER = (413, 429)


class Outcome(Enum):
    TOLD = auto()
    GONE = auto()
    """The browser has given the subscription up."""
    LATER = auto()
    """The service is busy or away."""
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """``status`` is None where no service was reached; ``wait`` what it asked for, in seconds."""

    outcome: Outcome
    status: int | None = None
    wait: int | None = None


def send(subscription: PushSubscription, payload: Mapping[str, str], topic: str, config: Config) -> Answer:
    """Post it once. A later message of the same ``topic`` takes the place of one that was not fetched yet."""
    try:
        endpoint = endpoints.parse(subscription.endpoint, config.push_endpoint_hosts)
    except BadEndpoint:
        return Answer(Outcome.REFUSED)  # the operator's list has changed meanwhile
    body = encrypt(json.dumps(payload, ensure_ascii=False).encode(), subscription)
    headers = {
        "Authorization": keys.proof_for(endpoint.origin, config),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEPT_SECONDS),
        "Urgency": "high",
        "Topic": keyed_tag(derive_key(config.secret_key, "push-topic"), topic, length=TOPIC_LENGTH),
    }
    try:
        return _post(endpoint, body, headers)
    except (Unreachable, OSError, http.client.HTTPException):
        return Answer(Outcome.LATER)


def encrypt(content: bytes, subscription: PushSubscription) -> bytes:
    """RFC 8291, with a key pair of its own for each message."""
    encrypted: bytes = http_ece.encrypt(
        content,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=subscription.public_key,
        auth_secret=subscription.auth,
        version="aes128gcm",
    )
    return encrypted


def _post(endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Redirects are not followed. Raises ``Unreachable``, ``OSError``, ``HTTPException``."""
    connection = _connect(endpoint)
    try:
        connection.request("POST", endpoint.target, body, dict(headers))
        response = connection.getresponse()
        response.read(MOST_ANSWER_BYTES)
        return Answer(_outcome(response.status), response.status, _wait(response.headers.get("Retry-After")))
    finally:
        connection.close()


def _connect(endpoint: Endpoint) -> http.client.HTTPSConnection:
    """To an address that was looked at, whatever the name leads to by now; the certificate must be the name's."""
    lost: OSError = OSError()
    for address in endpoints.addresses_of(endpoint)[:MOST_ADDRESSES]:
        try:
            plain = socket.create_connection((address, endpoint.port), SECONDS)
        except OSError as error:
            lost = error
            continue
        connection = http.client.HTTPSConnection(endpoint.host, endpoint.port, timeout=SECONDS)
        try:
            connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=endpoint.host)
        except BaseException:
            plain.close()
            raise
        return connection
    raise lost


def _outcome(status: int) -> Outcome:
    if 200 <= status < 300:
        return Outcome.TOLD
    if status in GONE:
        return Outcome.GONE
    return Outcome.LATER if status in LATER or status >= 500 else Outcome.REFUSED


def _wait(text: str | None) -> int | None:
    """Seconds of a Retry-After; a date counts as none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 6 else None
