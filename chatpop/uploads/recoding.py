"""Pictures written anew from their pixels, so that nothing else of the file is left.

Runs in the decoding process only (``chatpop.uploads.decoding``), under its limits: the libraries
below read hostile files.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from PIL import GifImagePlugin, Image, ImageCms, ImageFile, PngImagePlugin
from PIL import JpegImagePlugin as _jpeg  # noqa: F401  (loaded before the first picture comes)
from PIL import WebPImagePlugin as _webp  # noqa: F401

from chatpop.uploads.frames import Frames, read_frames
from chatpop.uploads.headers import MAX_PIXELS, check_size

FORMATS: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP"}
JPEG_QUALITY: Final = 88
WEBP_QUALITY: Final = 82
THUMBNAIL_QUALITY: Final = 78
_PLAIN_MODES: Final = {
    "image/jpeg": ("L", "RGB"),
    "image/png": ("1", "L", "LA", "RGB", "RGBA", "I;16"),
    "image/gif": ("L", "RGB", "RGBA"),
    "image/webp": ("RGB", "RGBA"),
}
_ORIENTATION: Final = 0x0112
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF 2.3, 4.6.4: how to bring row 0 to the top and column 0 to the left."""
_SRGB: Final = ImageCms.createProfile("sRGB")


def prepare() -> None:
    """Load the decoders and set Pillow up for hostile files; once a process."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    GifImagePlugin.LOADING_STRATEGY = GifImagePlugin.LoadingStrategy.RGB_ALWAYS
    for chunk in ("zTXt", "iTXt", "tEXt"):  # dropped anyway, and small ones unpack to megabytes
        setattr(PngImagePlugin.PngStream, f"chunk_{chunk}", _unread)


def clean(source: Path, target: Path, media_type: str) -> tuple[int, int, bool]:
    """Width and height as shown, and whether it moves. Raises ``Damaged``, ``TooLarge`` and what Pillow raises."""
    with _open(source, media_type) as picture:
        found = read_frames(source, media_type, picture.size)
        if found.count > 1 and media_type == "image/gif":
            _write_gif(picture, target)
        elif found.count > 1:
            _write_webp(picture, target, found)
        else:
            still = _upright(picture, _PLAIN_MODES[media_type])
            still.save(target, FORMATS[media_type], **_options(media_type, found))
            return (*still.size, False)
        return (*picture.size, True)


def shrink(source: Path, target: Path, media_type: str, side: int) -> tuple[int, int, bool]:
    """The first frame as a still WebP of at most ``side`` pixels a side; never larger than the source."""
    with _open(source, media_type) as picture:
        picture.draft("RGB", (side * 2, side * 2))
        small = _upright(picture, _PLAIN_MODES["image/webp"])
        small.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
        small.save(target, "WEBP", quality=THUMBNAIL_QUALITY, method=4)
        return (*small.size, False)


def _open(source: Path, media_type: str) -> Image.Image:
    """Opened as this type and no other; the size is what the decoder itself is going to use."""
    picture = Image.open(source, formats=[FORMATS[media_type]])
    check_size(*picture.size)
    return picture


def _upright(picture: Image.Image, modes: tuple[str, ...]) -> Image.Image:
    """Decoded, turned as EXIF says, its colours those of sRGB, in one of ``modes``, without any extras."""
    profile = picture.info.get("icc_profile")
    picture.load()
    if (turn := _turn(picture)) is not None:
        picture = picture.transpose(turn)
    if profile and picture.mode in ("RGB", "CMYK"):
        picture = _in_srgb(picture, profile)
    if picture.mode not in modes or "transparency" in picture.info:
        picture = _converted(picture, modes)
    picture.info = {}
    return picture


def _turn(picture: Image.Image) -> Image.Transpose | None:
    """What EXIF's orientation asks for; nothing where EXIF is broken, since it is thrown away."""
    try:
        return _TURNS.get(picture.getexif().get(_ORIENTATION, 1))
    except (SyntaxError, ValueError, OSError, TypeError, LookupError, struct.error):
        return None


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """Unchanged where the profile makes no sense."""
    try:
        theirs = ImageCms.getOpenProfile(io.BytesIO(profile))
        shown = ImageCms.profileToProfile(picture, theirs, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return shown or picture


def _converted(picture: Image.Image, modes: tuple[str, ...]) -> Image.Image:
    if picture.mode.startswith("I"):  # 16 bits a channel: a plain conversion would cut them off at 255
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.has_transparency_data and "RGBA" in modes:
        return picture.convert("RGBA")
    return picture if picture.mode in modes else picture.convert("RGB")


def _options(media_type: str, found: Frames) -> dict[str, Any]:
    if media_type == "image/jpeg":
        return {"quality": JPEG_QUALITY}
    if media_type == "image/webp":
        # Without loss, higher figures mean more work only: 12 megapixels took 15 s instead of 1.
        quality = 0 if found.lossless else WEBP_QUALITY
        return {"quality": quality, "lossless": found.lossless, "method": 0 if found.lossless else 3}
    return {"compress_level": 4} if media_type == "image/png" else {}


def _write_gif(picture: Image.Image, target: Path) -> None:
    count, loop = getattr(picture, "n_frames", 1), picture.info.get("loop")
    options: dict[str, Any] = {} if loop is None else {"loop": loop}
    if not all(_is_opaque(frame) for frame in _frames(picture, count)):
        options["disposal"] = 2
    frames = _frames(picture, count)
    next(frames).save(target, "GIF", save_all=True, append_images=frames, **options)


def _frames(picture: Image.Image, count: int) -> Iterator[Image.Image]:
    """Each as a whole picture with nothing but its duration (milliseconds)."""
    for number in range(count):
        picture.seek(number)
        frame = picture.copy()
        frame.info = {"duration": picture.info.get("duration", 0)}
        yield frame


def _is_opaque(frame: Image.Image) -> bool:
    return frame.mode != "RGBA" or frame.getchannel("A").getextrema()[0] == 255


def _write_webp(picture: Image.Image, target: Path, found: Frames) -> None:
    picture.save(
        target,
        "WEBP",
        save_all=True,
        duration=found.durations,
        loop=picture.info.get("loop", 0),
        quality=0 if found.lossless else WEBP_QUALITY,
        lossless=found.lossless,
        method=0,
    )


def _unread(stream: PngImagePlugin.PngStream, _position: int, length: int) -> bytes:
    """A text chunk's raw bytes, for its checksum only."""
    return ImageFile._safe_read(stream.fp, length) if stream.fp else b""
