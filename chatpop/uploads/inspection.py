"""What a received file really is: its type from its bytes, and whether its owner may bring that.

Pictures come back written anew from their pixels; everything else stays as it is, for download only.
Names and headers say nothing about a type (OWASP ASVS 5.2.2).
"""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

from chatpop.core import ids
from chatpop.core.errors import DomainError
from chatpop.core.hub import off_the_hub
from chatpop.core.texts import text
from chatpop.uploads import headers, pictures

_HEAD_BYTES: Final = 64 * 1024
_WHITE_RUN: Final = re.compile(rb"([ \t-\r])[ \t-\r]{7,}")
"""libmagic takes quadratic time for them: 64 KiB of line ends kept it busy for a second."""
_PIECE: Final = 2**20
_SHOWN_NAME: Final = 80
_FALLBACK: Final = "application/octet-stream"


class EmptyFile(DomainError):
    status, code, sentence = 422, "empty_file", "This file is empty."


class TypeNotAllowed(DomainError):
    status, code, sentence = 415, "type_not_allowed", "Files of this type are not allowed."


@dataclass(frozen=True, slots=True)
class Inspected:
    """The file to keep. ``size`` in bytes, ``width`` and ``height`` in pixels as shown, for pictures only."""

    media_type: str
    path: Path
    size: int
    sha256: str
    width: int | None
    height: int | None
    is_picture: bool
    is_animated: bool


def inspect(path: Path, name: str, *, allowed_types: str, work_dir: Path) -> Inspected:
    """Look at the received file ``path``, which its owner called ``name``.

    ``allowed_types`` is ``*`` or a comma-separated list of media types (RFC 6838), ``image/*`` included.
    A picture is written anew to a file of its own in ``work_dir``; ``path`` is left alone.
    Raises :class:`EmptyFile`, :class:`TypeNotAllowed` and what ``pictures.clean`` raises.
    """
    called = f"“{shown(name)}”"
    if not path.stat().st_size:
        raise EmptyFile(text("%(called)s is empty.", called=called))
    media_type = find_type(path)
    if not is_allowed(media_type, allowed_types):
        raise TypeNotAllowed(
            text(
                "%(called)s is of the type %(media_type)s. Allowed here: %(join)s.",
                called=called,
                media_type=media_type,
                join=", ".join(_patterns(allowed_types)),
            ),
            found=media_type,
        )
    if media_type not in headers.PICTURE_TYPES:
        return Inspected(media_type, path, *_measure(path), None, None, is_picture=False, is_animated=False)
    target = work_dir / ids.short_token()
    picture = pictures.clean(path, target, media_type, called)
    return Inspected(
        media_type,
        target,
        *_measure(target),
        picture.width,
        picture.height,
        is_picture=True,
        is_animated=picture.is_animated,
    )


def find_type(path: Path) -> str:
    """The media type by content: what a browser would take for a picture is one, else what libmagic says."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    by_signature = headers.type_by_signature(head)
    if by_signature:
        return by_signature
    magic = _libmagic()
    found = off_the_hub(lambda: _ask(magic, head))
    # What only begins like a picture for libmagic is not decoded, so it must not be called one.
    return found if "/" in found and found not in headers.PICTURE_TYPES else _FALLBACK


def _libmagic() -> ModuleType:
    """Loaded at the first upload, since a site that starts has nothing to look at; never in a thread off the hub."""
    import pylibmagic  # noqa: F401  (first: it makes the libmagic that it brings findable)

    # isort: split
    import magic

    return magic


def _ask(magic: ModuleType, head: bytes) -> str:
    """With an instance of its own (0.1 ms): a shared one has a lock, and the threads here are real ones."""
    return str(magic.Magic(mime=True).from_buffer(_WHITE_RUN.sub(rb"\1\1\1\1", head)))


def is_allowed(media_type: str, allowed_types: str) -> bool:
    """Whether the list names the type, its family (``image/*``) or everything (``*``)."""
    family = f"{media_type.partition('/')[0]}/*"
    return bool({"*", "*/*", family, media_type} & set(_patterns(allowed_types)))


def shown(name: str) -> str:
    """A file's name fit for a sentence: no control or direction characters, at most 80 characters."""
    plain = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in name)
    return plain if len(plain) <= _SHOWN_NAME else f"{plain[:50]}…{plain[-25:]}"


def _patterns(allowed_types: str) -> list[str]:
    return [part.strip().lower() for part in allowed_types.split(",") if part.strip()]


def _measure(path: Path) -> tuple[int, str]:
    """Size in bytes and SHA-256 in hexadecimal digits."""
    size, digest = 0, hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            size += len(piece)
            digest.update(piece)
            time.sleep(0)  # under gevent: let the others go on
    return size, digest.hexdigest()
