"""The site's own key pair (VAPID, RFC 8292): push services know by it that messages come from here."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from chatpop.config import P256_ORDER, Config, is_push_key
from chatpop.core import clock

LIFE = timedelta(hours=12)
"""Of one proof; services refuse more than a day."""
FILE = "vapid_private_key"


def public_key(config: Config) -> str:
    """What browsers subscribe with: an uncompressed point, URL-safe without padding."""
    point = _load(_private_key(config)).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(point).rstrip(b"=").decode()


def proof_for(origin: str, config: Config) -> str:
    """The header ``Authorization`` for messages to one push service."""
    claims = {"aud": origin, "sub": _contact(config), "exp": int((clock.now() + LIFE).timestamp())}
    return str(_load(_private_key(config)).sign(claims)["Authorization"])


def kept_key(config: Config) -> str:
    """The private key that is in use, for a backup; empty where there is none yet, or none that is fit for it."""
    path = config.data_dir / FILE
    key = config.vapid_private_key or (path.read_text(errors="replace").strip() if path.exists() else "")
    return key if is_push_key(key) else ""


def _private_key(config: Config) -> str:
    """VAPID_PRIVATE_KEY, else the one under DATA_DIR, made at first use."""
    return config.vapid_private_key or config.keep_secret(FILE, _make)


def _make() -> str:
    number = 1 + secrets.randbelow(P256_ORDER - 1)
    return urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


@lru_cache(maxsize=4)
def _load(text: str) -> Vapid02:
    return Vapid02.from_raw(text.encode())


def _contact(config: Config) -> str:
    """Whom a push service turns to when something goes wrong with our messages."""
    if config.public_url and config.public_url.startswith("https:"):
        return f"https://{urlsplit(config.public_url).hostname}"
    return "mailto:webmaster@localhost"
