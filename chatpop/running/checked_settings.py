"""Which values of the environment for operator settings have been found good: a start with the same ones need not load
the application to check them, which takes as long as loading the web."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

REGISTRY = Path(__file__).resolve().parents[1] / "settings" / "registry.py"
NAME = "settings.checked"


def are_known(data_dir: Path, environ: Mapping[str, str]) -> bool:
    """True where the environment names no setting, or the same as at a start that found them good."""
    mark = _mark(environ)
    try:
        return not mark or (data_dir / NAME).read_text(encoding="ascii") == mark
    except (OSError, ValueError):
        return False


def note(data_dir: Path, environ: Mapping[str, str]) -> None:
    """That these have been found good. A disk that is full forgets it, and the next start checks again."""
    with suppress(OSError):
        (data_dir / NAME).write_text(_mark(environ), encoding="ascii")


def _mark(environ: Mapping[str, str]) -> str:
    """Of the settings' values and of the rules for them; empty where there are none."""
    declared = REGISTRY.read_text(encoding="utf-8")
    named = sorted((name, value) for name, value in environ.items() if f'"{name}"' in declared)
    return hashlib.sha256(f"{named} {declared}".encode()).hexdigest() if named else ""
