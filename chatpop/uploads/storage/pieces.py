"""A stored file, read piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

PIECE_BYTES: Final = 64 * 1024


class Readable(Protocol):
    def read(self, amount: int, /) -> bytes: ...

    def close(self) -> None: ...


class Pieces(Iterator[bytes]):
    """At most ``length`` bytes (None: all), 64 KiB at a time; closes the file at its end or when told to."""

    def __init__(self, file: Readable, length: int | None) -> None:
        self._file = file
        self._left = length

    def __next__(self) -> bytes:
        wanted = PIECE_BYTES if self._left is None else min(PIECE_BYTES, self._left)
        piece = self._read(wanted) if wanted else b""
        if not piece:
            self.close()
            raise StopIteration
        if self._left is not None:
            self._left -= len(piece)
        return piece

    def _read(self, amount: int) -> bytes:
        return self._file.read(amount)

    def close(self) -> None:
        """Called by the server, also when the reader goes away half-way."""
        self._file.close()

    def __del__(self) -> None:
        self._file.close()
