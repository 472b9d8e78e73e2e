"""The frames of a GIF or WebP, counted by their blocks, without decoding one.

Runs in the decoding process only: a large file takes long to walk through.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chatpop.uploads.headers import MAX_FRAMES, Damaged, check_frames, check_size


@dataclass(frozen=True, slots=True)
class Frames:
    """``durations`` are milliseconds, for WebP only; ``lossless`` likewise."""

    count: int
    durations: list[int]
    lossless: bool


def read_frames(path: Path, media_type: str, size: tuple[int, int]) -> Frames:
    """Raises :class:`TooLarge` at the first frame too many, :class:`Damaged` without one."""
    if media_type not in ("image/gif", "image/webp"):
        return Frames(1, [], False)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = _webp(data) if media_type == "image/webp" else _gif(data)
    if not found.count:
        raise Damaged
    check_frames(found.count, *size)
    return found


def _gif(data: mmap.mmap) -> Frames:
    count = 0
    for width, height in _gif_frames(data):
        check_size(width, height)
        count += 1
        if count > MAX_FRAMES:
            break
    return Frames(count, [], False)


def _gif_frames(data: mmap.mmap) -> Iterator[tuple[int, int]]:
    """How far each frame reaches to the right and down: Pillow grows the picture to hold it."""
    at, end = 13 + _table(data[10]), len(data)
    while at < end:
        kind = data[at]
        if kind == 0x3B:
            return
        if kind == 0x2C and at + 10 < end:
            left, top, width, height = (int.from_bytes(data[at + i : at + i + 2], "little") for i in (1, 3, 5, 7))
            yield left + width, top + height
            at = _skip(data, at + 11 + _table(data[at + 9]))
        elif kind == 0x21:
            at = _skip(data, at + 2)
        else:
            at += 1


def _table(flags: int) -> int:
    """Bytes of the colour table that the flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _skip(data: mmap.mmap, at: int) -> int:
    """The place after a row of sub-blocks, which ends with an empty one."""
    end = len(data)
    while at < end and data[at]:
        at += data[at] + 1
    return at + 1


def _webp(data: mmap.mmap) -> Frames:
    """Frames are ANMF chunks; a still picture is one VP8 or VP8L chunk."""
    at, stills, durations, lossless = 12, 0, list[int](), False
    while at + 8 <= len(data) and len(durations) <= MAX_FRAMES:
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if kind == b"ANMF":
            durations.append(int.from_bytes(data[at + 20 : at + 23], "little"))
            kind = data[at + 24 : at + 28]
        else:
            stills += kind in (b"VP8 ", b"VP8L")
        lossless = lossless or kind == b"VP8L"
        at += 8 + length + (length & 1)
    return Frames(len(durations) or min(stills, 1), durations, lossless)
