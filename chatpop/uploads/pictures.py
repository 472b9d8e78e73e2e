"""Pictures decoded and written anew by another process, two at a time.

The web process never decodes: it asks a decoding process (``chatpop.uploads.decoding``), which
knows nothing of the site and works under limits of time and memory. Waiting yields to the others.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from chatpop.core.errors import DomainError, ServiceAway
from chatpop.core.texts import text
from chatpop.uploads import headers

THUMBNAIL_TYPE: Final = "image/webp"
WALL_SECONDS: Final = 22.0
"""The decoding process gives up after 20."""
_START_SECONDS: Final = 10.0
_ROOT: Final = Path(__file__).resolve().parents[2]


class DamagedPicture(DomainError):
    status, code = 422, "damaged_picture"
    sentence = "This picture is damaged or incomplete, so it can't be shown."


class PictureTooLarge(DomainError):
    status, code = 413, "picture_too_large"
    sentence = "This picture has too many pixels."


class Busy(ServiceAway):
    code = "busy"
    sentence = "Many pictures are being uploaded right now. Please try again in a few seconds."


class DecoderAway(ServiceAway):
    sentence = "Pictures can't be looked at right now. Please try again in a few seconds."


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels as shown; ``is_animated`` where there is more than one frame."""

    width: int
    height: int
    is_animated: bool


class _Decoder:
    """One decoding process; used by one at a time."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-s", "-m", "chatpop.uploads.decoding"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            cwd="/",
            env={"PYTHONPATH": str(_ROOT)},
            start_new_session=True,
        )
        self._in, self._out = _pipes(self._process)
        self._answer(_START_SECONDS)

    def ask(self, order: dict[str, Any]) -> dict[str, Any]:
        """Its answer. Raises :class:`DecoderAway`; it must then be closed."""
        try:
            self._in.write(json.dumps(order).encode() + b"\n")
        except OSError:
            raise DecoderAway from None
        return self._answer(WALL_SECONDS)

    def _answer(self, seconds: float) -> dict[str, Any]:
        said, descriptor = b"", self._out.fileno()
        while not said.endswith(b"\n"):
            if not select.select([descriptor], [], [], seconds)[0]:
                raise DecoderAway
            piece = os.read(descriptor, 65_536)
            if not piece:
                raise DecoderAway
            said += piece
        answer: dict[str, Any] = json.loads(said)
        return answer

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        """End it, and the child it may be waiting for."""
        self._in.close()
        self._out.close()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise DecoderAway
    return process.stdin, process.stdout


class Decoders:
    """Two decodings at a time; who waits longer than ten seconds is asked to come back."""

    AT_ONCE = 2
    PATIENCE_SECONDS = 10.0

    def __init__(self) -> None:
        self._slots = threading.BoundedSemaphore(self.AT_ONCE)
        self._idle: list[_Decoder] = []

    def run(self, **order: Any) -> dict[str, Any]:
        """Raises :class:`Busy`, :class:`DecoderAway`."""
        if not self._slots.acquire(timeout=self.PATIENCE_SECONDS):
            raise Busy
        try:
            return self._run(order)
        finally:
            self._slots.release()

    def _run(self, order: dict[str, Any]) -> dict[str, Any]:
        decoder = self._take()
        try:
            answer = decoder.ask(order)
        except BaseException:  # also when the request is given up: an unread answer must not reach the next one
            decoder.close()
            raise
        self._idle.append(decoder)
        return answer

    def _take(self) -> _Decoder:
        """An idle one of our own that still lives; after a fork the pipes belong to the parent."""
        while self._idle:
            decoder = self._idle.pop()
            if decoder.owner != os.getpid():
                continue
            if decoder.is_alive():
                return decoder
            decoder.close()
        return _Decoder()

    def close(self) -> None:
        """End those that are idle."""
        while self._idle:
            decoder = self._idle.pop()
            if decoder.owner == os.getpid():
                decoder.close()


decoders = Decoders()
atexit.register(decoders.close)


def clean(source: Path, target: Path, media_type: str, called: str) -> Picture:
    """Write the picture's pixels, and nothing else of it, to ``target``.

    ``called`` begins the sentence of a refusal. Raises :class:`DamagedPicture`,
    :class:`PictureTooLarge`, :class:`Busy`, :class:`DecoderAway`.
    """
    try:
        headers.read_size(source, media_type)
    except headers.TooLarge as error:
        raise PictureTooLarge(text("%(called)s %(error)s.", called=called, error=error)) from None
    except headers.Damaged:
        raise _damaged(called, media_type) from None
    return _ask(called, task="clean", source=source, target=target, media_type=media_type)


def make_thumbnail(source: Path, target: Path, max_side: int = 480) -> tuple[int, int]:
    """Write a still of type :data:`THUMBNAIL_TYPE`, at most ``max_side`` pixels a side; its width and height.

    ``source`` is a picture that :func:`clean` wrote. Raises what :func:`clean` raises.
    """
    with source.open("rb") as file:
        media_type = headers.type_by_signature(file.read(32))
    if media_type is None:
        raise DamagedPicture
    done = _ask(text("This picture"), task="shrink", source=source, target=target, media_type=media_type, side=max_side)
    return done.width, done.height


def _ask(called: str, *, source: Path, target: Path, media_type: str, **order: Any) -> Picture:
    answer = decoders.run(source=str(source.absolute()), target=str(target.absolute()), media_type=media_type, **order)
    if "done" in answer:
        return Picture(*answer["done"])
    target.unlink(missing_ok=True)
    if answer.get("refused") == "too_large":
        raise PictureTooLarge(text("%(called)s %(value)s.", called=called, value=answer["reason"]))
    if "killed" in answer:
        raise PictureTooLarge(text("%(called)s takes too long to decode, or too much memory.", called=called))
    raise _damaged(called, media_type)


def _damaged(called: str, media_type: str) -> DamagedPicture:
    return DamagedPicture(
        text(
            "%(called)s begins like %(media_type)s, but is damaged or incomplete.", called=called, media_type=media_type
        )
    )
