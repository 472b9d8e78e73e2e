"""The decoding process: has Pillow loaded and forks a child with limits for each picture.

Started by ``chatpop.uploads.pictures`` with an empty environment. One line of JSON in (``task``,
``source``, ``target``, ``media_type``, ``side``), one out: ``done`` (width, height, whether it
moves), ``refused`` with a reason, or ``killed`` with a signal. Ends with its standard input.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import struct
import sys
import warnings
import zlib
from pathlib import Path
from typing import Any, Final

from PIL import Image

from chatpop.uploads import recoding
from chatpop.uploads.headers import Damaged, TooLarge

MEMORY_BYTES: Final = 640 * 2**20
"""Address space, of which about 100 MiB are libraries. 24 megapixels being turned take 300."""
CPU_SECONDS: Final = 15
WALL_SECONDS: Final = 20
OUTPUT_BYTES: Final = 256 * 2**20
_OPEN_FILES: Final = 16
_DAMAGE: Final = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError)
"""What Pillow's readers raise for broken files; SyntaxError is Pillow's own use."""


def serve() -> None:
    """Answer until the other side goes away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the site, which then closes our input
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    recoding.prepare()
    gc.freeze()
    _say({"ready": True})
    for line in sys.stdin.buffer:
        child = os.fork()
        if not child:
            _child(json.loads(line))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status:
            _say({"killed": -status})


def _child(order: dict[str, Any]) -> None:
    """Never returns; an exit status other than 0 means that nothing was said."""
    status = 1
    try:
        _limit()
        _say(_answer(order))
        status = 0
    finally:
        os._exit(status)


def _limit() -> None:
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, OUTPUT_BYTES),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    signal.setitimer(signal.ITIMER_REAL, WALL_SECONDS)  # SIGALRM ends the process, also inside a decoder


def _answer(order: dict[str, Any]) -> dict[str, Any]:
    source, target, media_type = Path(order["source"]), Path(order["target"]), order["media_type"]
    try:
        if order["task"] == "shrink":
            return {"done": recoding.shrink(source, target, media_type, order["side"])}
        return {"done": recoding.clean(source, target, media_type)}
    except TooLarge as error:
        return {"refused": "too_large", "reason": str(error)}
    except (MemoryError, Image.DecompressionBombWarning, Image.DecompressionBombError):
        return {"refused": "too_large", "reason": "takes more memory to decode than a picture may"}
    except (Damaged, zlib.error, struct.error, *_DAMAGE):
        return {"refused": "damaged"}


def _say(answer: dict[str, Any]) -> None:
    os.write(1, json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    serve()
