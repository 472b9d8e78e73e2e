"""The hostile corpus: files that lie, burst or carry something, built in code.

Each maker returns bytes. ``MARKER`` stands for the foreign part that must never be served.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from PIL import Image

MARKER: Final = b"CHATPOP-FOREIGN-PART"
SCRIPT: Final = b"<script>alert('" + MARKER + b"')</script>"
PHP: Final = b"<?php system('" + MARKER + b"'); ?>"


def picture(kind: str, size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: Any) -> bytes:
    """An honest picture whose left half differs from its right."""
    image = Image.new(mode, size, "navy" if mode == "RGB" else 0)
    image.paste(Image.new(mode, (size[0] // 2, size[1]), "orange" if mode == "RGB" else 0), (0, 0))
    return saved(image, kind, **options)


def animation(kind: str, frames: int = 4, size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    """Each frame in another colour, 70 ms long, for ever."""
    images = [Image.new("RGB", size, (number * 50 % 256, 90, 200 - number)) for number in range(frames)]
    return saved(images[0], kind, save_all=True, append_images=images[1:], duration=70, loop=0, **options)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    """A PNG chunk."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *extra: bytes, rows: bytes | None = None) -> bytes:
    """A one-bit grey PNG with ``extra`` chunks before its pixels; ``rows`` are compressed pixels."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = zlib.compress((b"\0" + b"\0" * ((width + 7) // 8)) * height, 9) if rows is None else rows
    return b"".join((b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), *extra, chunk(b"IDAT", pixels), chunk(b"IEND", b"")))


def gif_and_script() -> bytes:
    """A GIF that is a JavaScript, too: its width begins a comment."""
    gif = bytearray(animation("GIF", frames=2, size=(20, 4)))
    gif[6:8] = b"/*"
    return bytes(gif[:-1]) + b"\x21\xfe" + bytes([len(MARKER)]) + MARKER + b"\0;*/=1;" + SCRIPT


def gif_with_comment() -> bytes:
    return animation("GIF", comment=SCRIPT) + b"*/=1;" + SCRIPT


def jpeg_and_html() -> bytes:
    return picture("JPEG", comment=SCRIPT) + b"<html><body>" + SCRIPT


def jpeg_and_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("evil.html", SCRIPT)
    return picture("JPEG") + out.getvalue()


def png_and_php() -> bytes:
    return png(64, 48, chunk(b"tEXt", b"Comment\0" + PHP), chunk(b"prVt", PHP)) + PHP


def webp_and_html() -> bytes:
    return picture("WEBP", exif=b"Exif\0\0" + SCRIPT, xmp=SCRIPT) + SCRIPT


def png_with_palette() -> bytes:
    """The foreign part is the palette of colours that no pixel uses."""
    image = Image.new("P", (16, 16), 0)
    image.putpalette(bytes(3) + SCRIPT.ljust(765, b"\0"))
    return saved(image, "PNG")


def jpeg_with_place() -> bytes:
    """EXIF with a place (GPS), a camera, and the order to turn the picture by 90 degrees."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = MARKER.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 22.0, 1.0), 3: "E", 4: (8.0, 33.0, 0.0)})
    return picture("JPEG", exif=exif.tobytes(), icc_profile=MARKER * 20)


@cache
def bomb_900_megapixels() -> bytes:
    """30,000 × 30,000 in about 110 KB."""
    squeezer = zlib.compressobj(9)
    row = b"\0" * (1 + 3_750)
    rows = b"".join(squeezer.compress(row * 1_000) for _ in range(30)) + squeezer.flush()
    return png(30_000, 30_000, rows=rows)


@cache
def bomb_of_text(kind: bytes, count: int = 40) -> bytes:
    """Chunks of 1 KB which unpack to 1 MB each; nested: the text of one is packed once more."""
    packed = zlib.compress(b"A" * 1_000_000, 9)
    body = b"k\0\0" + packed if kind == b"zTXt" else b"k\0\1\0\0\0" + packed
    nested = b"n\0\0" + zlib.compress(zlib.compress(bytes(50_000_000), 9), 9)
    return png(64, 48, chunk(b"zTXt", nested), *[chunk(kind, body)] * count)


@cache
def bomb_of_profile() -> bytes:
    return png(64, 48, chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(100_000_000), 9)))


def gif_of_many_frames(count: int = 100_000) -> bytes:
    """One pixel each."""
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\0"
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return head + frame * count + b";"


def gif_of_large_screen() -> bytes:
    gif = bytearray(gif_of_many_frames(1))
    gif[6:10] = b"\xff\xff\xff\xff"
    return bytes(gif)


def gif_that_grows() -> bytes:
    """A small screen, and a second frame far outside of it."""
    gif = gif_of_many_frames(1)[:-1]
    return gif + b"\x2c" + struct.pack("<HHHHB", 65_000, 65_000, 500, 500, 0) + b"\x02\x02\x44\x01\0;"


def gif_of_large_frames() -> bytes:
    """300 frames of 16 megapixels."""
    gif = bytearray(gif_of_many_frames(300))
    gif[6:10] = struct.pack("<HH", 4_000, 4_000)
    return bytes(gif)


def webp_chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) & 1)


def webp_animation(width: int, height: int, count: int, frame: bytes | None = None) -> bytes:
    """A canvas of any size with ``count`` frames of 16 × 16."""
    still = frame or saved(Image.new("RGB", (16, 16)), "WEBP")[12:]
    extended = b"\x02\0\0\0" + struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    place = bytes(6) + struct.pack("<I", 15)[:3] * 2 + struct.pack("<I", 40)[:3] + b"\0"
    body = webp_chunk(b"VP8X", extended) + webp_chunk(b"ANIM", bytes(6))
    body += webp_chunk(b"ANMF", place + still) * count
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def jpeg_of_empty_segments() -> bytes:
    return b"\xff\xd8" + b"\xff\xe1\0\x02" * 500_000


def jpeg_of_large_size() -> bytes:
    """The size in the header is changed to 65,535 × 65,535."""
    data = bytearray(picture("JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = b"\xff\xff\xff\xff"
    return bytes(data)


def svg() -> bytes:
    return b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>"


def html() -> bytes:
    return b"<!doctype html><html><body>" + SCRIPT + b"</body></html>"


NEUTRALISED: Final[dict[str, Callable[[], bytes]]] = {
    "picture.gif.js": gif_and_script,
    "comment.gif": gif_with_comment,
    "page.jpg.html": jpeg_and_html,
    "archive.jpg": jpeg_and_zip,
    "shell.php.png": png_and_php,
    "page.webp": webp_and_html,
    "palette.png": png_with_palette,
    "holiday.jpg": jpeg_with_place,
    "ztxt.png": lambda: bomb_of_text(b"zTXt"),
    "itxt.png": lambda: bomb_of_text(b"iTXt"),
    "lie.png": lambda: picture("JPEG"),
}
"""Accepted, but only the pixels come out."""

REFUSED: Final[dict[str, tuple[Callable[[], bytes], int]]] = {
    "900mp.png": (bomb_900_megapixels, 413),
    "profile.png": (bomb_of_profile, 422),
    "frames.gif": (gif_of_many_frames, 413),
    "screen.gif": (gif_of_large_screen, 413),
    "growing.gif": (gif_that_grows, 413),
    "large-frames.gif": (gif_of_large_frames, 413),
    "canvas.webp": (lambda: webp_animation(16_384, 16_384, 3), 413),
    "frames.webp": (lambda: webp_animation(16, 16, 5_000), 413),
    "large-frames.webp": (lambda: webp_animation(4_000, 4_000, 300), 413),
    "large.jpg": (jpeg_of_large_size, 413),
    "segments.jpg": (jpeg_of_empty_segments, 422),
    "cut.jpg": (lambda: picture("JPEG", (400, 300))[:-600], 422),
    "cut.png": (lambda: png(640, 480)[:-40], 422),
    "cut.webp": (lambda: picture("WEBP")[:-30], 422),
    "only-a-head.png": (lambda: b"\x89PNG\r\n\x1a\n", 422),
    "only-a-head.gif": (lambda: b"GIF89a", 422),
    "drawing.svg": (svg, 415),
    "page.png": (html, 415),
    "double.jpg.svg": (svg, 415),
    "empty.png": (lambda: b"", 422),
    "one-byte.gif": (lambda: b"G", 415),
    "program.jpg": (lambda: b"MZ\x90\0" + bytes(200), 415),
}
"""With the status of the refusal, for a guest."""
