"""The environment variables that the commands in bin/ hand to every process they start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_NOT_OURS = ("PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")


def surroundings(root: Path, environ: Mapping[str, str], *, dotenv: bool = True) -> dict[str, str]:
    """``environ`` over ``root/.env``, with an absolute DATA_DIR, the checkout importable, and UTC.

    Cron strings follow the process's time zone, so every process has the same one. Bytecode is
    written whatever the caller prefers: without it each start compiles everything anew.
    """
    given = read_dotenv(root / ".env") if dotenv else {}
    given.update({name: value for name, value in environ.items() if value})
    data_dir = Path(given.get("DATA_DIR", "").strip() or root / "var")
    ours = {name: value for name, value in given.items() if name not in _NOT_OURS}
    return {**ours, "DATA_DIR": str(data_dir.absolute()), "PYTHONPATH": str(root), "TZ": "UTC"}


def read_dotenv(path: Path) -> dict[str, str]:
    """``NAME=value`` lines, without blank ones and comments; quotes around a value are taken off."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    values = {}
    for line in lines:
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            value = value.strip()
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
            values[name.strip()] = value[1:-1] if quoted else value
    return {name: value for name, value in values.items() if value}
