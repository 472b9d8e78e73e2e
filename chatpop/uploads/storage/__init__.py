"""The one door to stored files: a folder under ``DATA_DIR``, or an object storage (``STORAGE_URL``)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol

from flask import current_app

from chatpop.config import Config
from chatpop.uploads.storage.local import LocalStore

_EXTENSION = "chatpop-store"


class Store(Protocol):
    """Files by key (22 url-safe characters, else ``keys.BadKey``); two stores keep this contract."""

    def put(self, key: str, source: Path, media_type: str) -> None:
        """Keep a copy of ``source``: all of it, or nothing and an exception."""

    def open(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes from ``start``, at most ``length``, in pieces of 64 KiB; nothing past the end.

        Has ``close()`` where there is something to close. Raises ``NotFound`` at once.
        """

    def size(self, key: str) -> int | None:
        """In bytes; None where there is no such file."""

    def delete(self, key: str) -> None:
        """A missing file is success."""

    def keys(self, older_than: datetime) -> Iterator[str]:
        """The keys of files written before that moment, in no order."""


def the_store() -> Store:
    """The present application's store; made at the first call."""
    extensions = current_app.extensions
    if _EXTENSION not in extensions:
        extensions[_EXTENSION] = make_store(current_app.config["CHATPOP"])
    store: Store = extensions[_EXTENSION]
    return store


def make_store(config: Config) -> Store:
    """The store that the configuration names; the S3 library is loaded only where it is used."""
    if config.bucket is None:
        return LocalStore(config.data_dir / "uploads")
    from chatpop.uploads.storage.s3 import S3Store

    return S3Store(config.bucket)
