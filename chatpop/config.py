"""Every environment variable, typed and checked. Nothing else reads the environment."""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from chatpop.running import valkey
from chatpop.running.bucket import Bucket

ACCEPT_HEADERS_POLICY = "strangers-may-share-accounts"
MIN_SECRET_LENGTH = 32
MIN_SECRET_LETTERS = 8
"""Different ones."""
LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
_MAY_HOLD_PASSWORDS = ("SECRET_KEY", "VAPID_PRIVATE_KEY", "DATABASE_URL", "REDIS_URL", "STORAGE_URL")
_WEAK_SECRETS = ("change-me", "changeme", "secret", "example", "password")

_HOST = re.compile(r"(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?")
P256_ORDER = int("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)
_VAPID_KEY = re.compile(r"[A-Za-z0-9_-]{43}=?")

Networks = Annotated[list[ipaddress.IPv4Network | ipaddress.IPv6Network], Field(default_factory=list)]


class ConfigError(Exception):
    """A wrong value in the environment; the text is one sentence that names the variable."""


class Config(BaseModel):
    """The process's configuration; field names are the variables' names in lower case."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    data_dir: Path = Path("var")
    database_url: str = ""
    redis_url: str | None = None
    storage_url: str | None = None
    secret_key: str = ""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    public_url: str | None = None
    trusted_hosts: list[str] = Field(default_factory=list)
    trusted_proxies: Annotated[int, Field(ge=0, le=10)] = 0
    trusted_proxy_cidrs: Networks
    guest_recognition: Literal["none", "device", "headers"] = "device"
    guest_recognition_accept: str | None = None
    fingerprint_include_ip: bool = False
    vapid_private_key: str = ""
    push_endpoint_hosts: list[str] = Field(default_factory=list)
    metrics_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    metrics_host: str = "127.0.0.1"
    setting_defaults: dict[str, str] = Field(default_factory=dict)
    """Values of the environment for operator settings; checked by ``chatpop.settings``."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read and check; raises :class:`ConfigError`.

        An empty variable counts as not set. A missing SECRET_KEY is made once and kept in
        ``DATA_DIR/secret_key`` (mode 0600).
        """
        source = os.environ if environ is None else environ
        values: dict[str, Any] = {
            name: source[name.upper()]
            for name in cls.model_fields
            if name != "setting_defaults" and source.get(name.upper(), "").strip()
        }
        values["setting_defaults"] = {name: value for name, value in source.items() if name.isupper() and value.strip()}
        try:
            config = cls(**values)
        except ValidationError as error:
            raise ConfigError(_sentence(error)) from None
        return config._with_secret()._with_database()

    @field_validator("trusted_hosts", "trusted_proxy_cidrs", "push_endpoint_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:", "postgresql:", "postgresql+psycopg:", "postgres:")):
            raise ValueError("must start with sqlite:/// or postgresql://")
        return value.replace("postgres:", "postgresql:", 1) if value.startswith("postgres:") else value

    @field_validator("redis_url")
    @classmethod
    def _known_redis(cls, value: str | None) -> str | None:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must start with redis://, rediss:// or unix://")
        return value

    @field_validator("storage_url")
    @classmethod
    def _known_storage(cls, value: str | None) -> str | None:
        if value:
            Bucket.parse(value)
        return value

    @field_validator("public_url")
    @classmethod
    def _whole_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
            raise ValueError("must look like https://chat.example.org, without a path")
        return value.rstrip("/")

    @field_validator("secret_key")
    @classmethod
    def _strong_secret(cls, value: str) -> str:
        if value and len(value) < MIN_SECRET_LENGTH:
            raise ValueError(f"must have at least {MIN_SECRET_LENGTH} characters")
        if value and (len(set(value)) < MIN_SECRET_LETTERS or any(weak in value.lower() for weak in _WEAK_SECRETS)):
            raise ValueError("looks like an example; use a random value")
        return value

    @field_validator("push_endpoint_hosts")
    @classmethod
    def _host_names(cls, value: list[str]) -> list[str]:
        names = [name.lower() for name in value]
        if not all(_HOST.fullmatch(name) for name in names):
            raise ValueError("must be host names like fcm.googleapis.com, *.push.apple.com or push.lan:8443")
        return names

    @field_validator("vapid_private_key")
    @classmethod
    def _private_number(cls, value: str) -> str:
        if value and not is_push_key(value):
            raise ValueError("must be the 32 bytes of a P-256 key in URL-safe base64, 43 characters")
        return value

    @model_validator(mode="after")
    def _headers_policy_is_meant(self) -> Self:
        if self.guest_recognition == "headers" and self.guest_recognition_accept != ACCEPT_HEADERS_POLICY:
            raise ValueError(
                "GUEST_RECOGNITION=headers lets strangers with equal browsers into each other's accounts; "
                f"if that is meant, set GUEST_RECOGNITION_ACCEPT={ACCEPT_HEADERS_POLICY}."
            )
        return self

    @model_validator(mode="after")
    def _metrics_stand_apart(self) -> Self:
        if self.metrics_port == self.port:
            raise ValueError("METRICS_PORT must not be PORT: the figures are never shown on the site's own port.")
        return self

    @property
    def hosts(self) -> list[str]:
        """The host names the site answers to: TRUSTED_HOSTS, else PUBLIC_URL's, else loopback and HOST."""
        if self.trusted_hosts:
            return self.trusted_hosts
        if self.public_url:
            return [urlsplit(self.public_url).hostname or "localhost"]
        own = [] if self.host in ("0.0.0.0", "::", *LOOPBACK_HOSTS) else [self.host]  # noqa: S104
        return [*LOOPBACK_HOSTS, *own]

    @property
    def redis_address(self) -> str:
        """REDIS_URL, else the embedded Valkey's."""
        return self.redis_url or valkey.url(self.data_dir)

    @property
    def bucket(self) -> Bucket | None:
        """STORAGE_URL's parts; None where files are kept under DATA_DIR."""
        return Bucket.parse(self.storage_url) if self.storage_url else None

    def keep_secret(self, name: str, make: Callable[[], str]) -> str:
        """The text kept in ``DATA_DIR/<name>`` (mode 0600); made at first use, once for all processes."""
        path = self.data_dir / name
        if not path.exists():
            _write_once(path, make())
        return path.read_text().strip()

    def _with_secret(self) -> Self:
        if self.secret_key:
            return self
        path = self.data_dir / "secret_key"
        try:
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not path.exists():
                _write_once(path, secrets.token_urlsafe(48))
            return self.model_copy(update={"secret_key": _kept_secret(path)})
        except OSError as error:
            raise ConfigError(
                f"DATA_DIR is {self.data_dir}, and that folder can't be written: {error.strerror}."
            ) from None

    def _with_database(self) -> Self:
        if self.database_url:
            return self
        path = (self.data_dir / "chatpop.sqlite3").absolute()
        return self.model_copy(update={"database_url": f"sqlite:///{path}"})


def is_push_key(text: str) -> bool:
    """Whether it is a number below P-256's order, as py_vapid reads it."""
    if not _VAPID_KEY.fullmatch(text):
        return False
    return 0 < int.from_bytes(urlsafe_b64decode(f"{text.rstrip('=')}="), "big") < P256_ORDER


def _kept_secret(path: Path) -> str:
    """What the file holds. Raises :class:`ConfigError` where anybody could guess it."""
    text = path.read_text().strip()
    if len(text) < MIN_SECRET_LENGTH or len(set(text)) < MIN_SECRET_LETTERS:
        raise ConfigError(
            f"SECRET_KEY, kept in {path}, is empty or too weak; restore the file from a backup, or delete it."
        )
    return text


def _write_once(path: Path, text: str) -> None:
    """Create ``path`` with ``text`` and mode 0600; two processes at once leave one value."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _sentence(error: ValidationError) -> str:
    """The first problem as one sentence that names the variable and what would be right."""
    problem = error.errors()[0]
    text = problem["msg"].removeprefix("Value error, ").rstrip(".")
    if not problem["loc"]:
        return f"{text}."
    name = str(problem["loc"][0]).upper()
    shown = "" if name in _MAY_HOLD_PASSWORDS else f" ({problem['input']!r})"
    return f"{name} has a wrong value{shown}: {text[0].lower()}{text[1:]}."
