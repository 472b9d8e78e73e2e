"""The files of one request as they arrive: written to a folder of their own, counted, dropped when too large."""

from __future__ import annotations

import io
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatpop.core import clock, ids
from chatpop.uploads.tiers import FILES_AT_ONCE, Tier

LARGE = 32 * 1024
PAUSE = 0.001
"""Seconds after each piece of ``LARGE`` bytes or more: at most about 60 MB a second for one sender."""
STRAY_SECONDS = 3600
"""A folder in which nothing was written for so long belongs to a process that has died."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that has arrived as a whole; ``path`` holds it unless it was dropped."""

    name: str
    path: Path
    size: int
    is_too_large: bool
    is_one_too_many: bool
    is_lost: bool
    """The disk did not take it."""


class IncomingFile(io.RawIOBase):
    """Where the form's parser writes one file to.

    The disk is touched at its first byte: a form whose file field is left empty sends an empty part.
    """

    def __init__(self, path: Path, limit: int, is_one_too_many: bool) -> None:
        self.path, self.size = path, 0
        self.is_too_large, self.is_one_too_many, self.is_lost = False, is_one_too_many, False
        self._limit, self._is_kept = limit, not is_one_too_many
        self._file: io.BufferedWriter | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        length = memoryview(data).nbytes
        self.size += length
        if self.size > self._limit:
            self.is_too_large = True
            self._drop()
        elif self._is_kept and length:
            self._write(data)
        time.sleep(PAUSE if length >= LARGE else 0)  # a fast sender must not keep the process from the others
        return length

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """The parser rewinds a file at its end: it is complete."""
        if self._file is not None:
            self._write(b"", is_end=True)
        return 0

    def close(self) -> None:
        if not self.closed and self._file is not None:
            self._file.close()
        super().close()

    def arrived(self, name: str) -> Arrived:
        if self._is_kept and self._file is None:
            self._write(b"", is_end=True)
        return Arrived(name, self.path, self.size, self.is_too_large, self.is_one_too_many, self.is_lost)

    def _write(self, data: Any, *, is_end: bool = False) -> None:
        """A full disk ends this file, not the request."""
        try:
            self._put(data, is_end)
        except OSError:
            self.is_lost = True
            self._drop()

    def _put(self, data: Any, is_end: bool) -> None:
        if self._file is None:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = self.path.open("wb")
        self._file.write(data)
        if is_end:
            self._file.close()

    def _drop(self) -> None:
        self._is_kept = False
        if self._file is not None:
            file, self._file = self._file, None
            with suppress(OSError):  # what was still to be written is not wanted
                file.close()
            self.path.unlink(missing_ok=True)


class Intake:
    """The folder of one request; made with the first byte of its first file, gone with :meth:`close`."""

    def __init__(self, incoming: Path, tier: Tier) -> None:
        self.folder = incoming / ids.short_token()
        self.tier = tier
        self._files: list[IncomingFile] = []

    def open(self) -> IncomingFile:
        """The next file of the request."""
        number = len(self._files)
        file = IncomingFile(self.folder / str(number), self.tier.max_size, number >= FILES_AT_ONCE)
        self._files.append(file)
        return file

    def close(self) -> None:
        for file in self._files:
            file.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def remove_strays(incoming: Path) -> int:
    """Remove the folders of requests whose process has died; returns how many."""
    limit, gone = clock.timestamp() - STRAY_SECONDS, 0
    for folder in list(incoming.iterdir()) if incoming.is_dir() else []:
        touched = max((path.stat().st_mtime for path in [folder, *folder.rglob("*")]), default=0.0)
        if touched < limit:
            shutil.rmtree(folder, ignore_errors=True)
            gone += 1
    return gone
