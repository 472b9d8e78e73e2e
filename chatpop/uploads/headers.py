"""How large a picture says it is, read from its first bytes without decoding anything.

Runs in the web process, so it reads a bounded number of bytes, whatever the file says.
Layouts: PNG (ISO/IEC 15948, 11.2.1), GIF89a (section 18), JPEG (ITU-T T.81, annex B), WebP (RFC 9649).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO, Final

MAX_PIXELS: Final = 24_000_000
MAX_SIDE: Final = 16_383
"""Pixels; also the longest side a WebP can have."""
MAX_FRAMES: Final = 500
MAX_ANIMATED_PIXELS: Final = 60_000_000
"""Of all frames together."""
_MOST_SEGMENTS: Final = 1_000
_HEAD: Final = 32


class Damaged(Exception):
    """The bytes are not a picture of the type that they begin like."""


class TooLarge(Exception):
    """More pixels, longer sides or more frames than a picture may have; the text says which."""


def type_by_signature(head: bytes) -> str | None:
    """The type of a picture that begins with these bytes, or None.

    libmagic calls some of them otherwise (an animated PNG, for one), a browser does not.
    """
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return next((media_type for start, media_type in _SIGNATURES if head.startswith(start)), None)


def read_size(path: Path, media_type: str) -> tuple[int, int]:
    """Width and height in pixels as stored (before any turning). Raises :class:`Damaged`, :class:`TooLarge`."""
    with path.open("rb") as file:
        width, height = _READERS[media_type](file)
    check_size(width, height)
    return width, height


def check_size(width: int, height: int) -> None:
    """Raises :class:`Damaged` without a pixel, :class:`TooLarge` above the limits."""
    if width < 1 or height < 1:
        raise Damaged
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise TooLarge(
            f"has {width} × {height} pixels; "
            f"at most {MAX_PIXELS // 1_000_000} million pixels and {MAX_SIDE} a side are allowed"
        )


def check_frames(frames: int, width: int, height: int) -> None:
    """Raises :class:`TooLarge` where an animation is too long, or too long for its size."""
    if frames > MAX_FRAMES:
        raise TooLarge(f"has more than {MAX_FRAMES} frames")
    if frames > 1 and frames * width * height > MAX_ANIMATED_PIXELS:
        raise TooLarge(f"has more than {MAX_ANIMATED_PIXELS // 1_000_000} million pixels in all its frames")


def _png(file: BinaryIO) -> tuple[int, int]:
    head = _take(file, _HEAD)
    if head[12:16] != b"IHDR":
        raise Damaged
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


def _gif(file: BinaryIO) -> tuple[int, int]:
    head = _take(file, 13)
    return int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")


def _webp(file: BinaryIO) -> tuple[int, int]:
    head = _take(file, 30)
    kind = head[12:16]
    if kind == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if kind == b"VP8L" and head[20] == 0x2F:
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF
    raise Damaged


def _jpeg(file: BinaryIO) -> tuple[int, int]:
    """Goes from segment to segment up to the frame header (SOF), which holds the size."""
    _take(file, 2)
    for _ in range(_MOST_SEGMENTS):
        marker = _take(file, 2)
        while marker[1] == 0xFF and marker[0] == 0xFF and file.tell() < 2**20:
            marker = marker[1:] + _take(file, 1)
        if marker[0] != 0xFF or marker[1] in (0x00, 0xD9, 0xDA):
            raise Damaged
        if marker[1] == 0x01 or 0xD0 <= marker[1] <= 0xD8:
            continue
        length = int.from_bytes(_take(file, 2), "big")
        if 0xC0 <= marker[1] <= 0xCF and marker[1] not in (0xC4, 0xC8, 0xCC):
            frame = _take(file, 5)
            return int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big")
        if length < 2:
            raise Damaged
        file.seek(length - 2, 1)
    raise Damaged


def _take(file: BinaryIO, count: int) -> bytes:
    piece = file.read(count)
    if len(piece) < count:
        raise Damaged
    return piece


_SIGNATURES: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_READERS: Final[Mapping[str, Callable[[BinaryIO], tuple[int, int]]]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/gif": _gif,
    "image/webp": _webp,
}
PICTURE_TYPES: Final = frozenset(_READERS)
