"""Files under ``DATA_DIR/uploads``, in folders of two letters.

A file appears under its key only when all of it is on the disk; a half one is called ``<key>.part``
and counts as a file of that key for :meth:`keys` and :meth:`delete`, so that no remains stay.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from chatpop.core.errors import NotFound
from chatpop.core.hub import off_the_hub
from chatpop.uploads.storage.keys import checked, is_key
from chatpop.uploads.storage.pieces import Pieces
from chatpop.uploads.storage.refusals import StorageAway

log = logging.getLogger(__name__)

_PART = ".part"


class LocalStore:
    """``root`` is made when the first file comes."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    def put(self, key: str, source: Path, media_type: str) -> None:
        """Copy ``source``. Raises :class:`StorageAway` where the disk is full or can't be written."""
        target = self._path(key)
        try:
            off_the_hub(lambda: _copy(source, target))
        except OSError as error:
            log.error("a file can't be stored: %s", error.strerror)
            raise StorageAway from None

    def open(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Raises ``NotFound``."""
        try:
            file = self._path(key).open("rb")
        except FileNotFoundError:
            raise NotFound from None
        file.seek(start)
        return Pieces(file, length)

    def size(self, key: str) -> int | None:
        """In bytes; None where there is no such file."""
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError:
            return None

    def delete(self, key: str) -> None:
        """A missing file is success."""
        path = self._path(key)
        path.unlink(missing_ok=True)
        path.with_name(key + _PART).unlink(missing_ok=True)

    def keys(self, older_than: datetime) -> Iterator[str]:
        """Those last written before ``older_than``, in no order; what is not ours is left out."""
        limit = older_than.timestamp()
        for folder in _entries(self.root):
            for entry in _entries(Path(folder.path)) if folder.is_dir(follow_symlinks=False) else []:
                key = entry.name.removesuffix(_PART)
                if is_key(key) and key[:2] == folder.name and _written(entry) < limit:
                    yield key

    def _path(self, key: str) -> Path:
        return self.root / checked(key)[:2] / key


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_name(target.name + _PART)
    try:
        with source.open("rb") as reading, open(part, "wb", opener=_private) as writing:
            shutil.copyfileobj(reading, writing, 2**20)
            writing.flush()
            os.fsync(writing.fileno())
        part.replace(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    _sync(target.parent)
    _sync(target.parent.parent)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync(folder: Path) -> None:
    """Make the new name last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except FileNotFoundError:
        return []


def _written(entry: os.DirEntry[str]) -> float:
    """Seconds since 1970; a file that has just gone is as new as can be."""
    try:
        return entry.stat(follow_symlinks=False).st_mtime
    except FileNotFoundError:
        return float("inf")
