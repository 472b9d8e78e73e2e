"""A Chromium for the browser tests: the system's, else Debian's package, else Playwright's own download."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from chatpop.running.refusals import CannotStart, say

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_ASK_PLAYWRIGHT = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


def find_or_install(python: Path) -> str | None:
    """Path of the browser, or None where there is none and none can be had.

    :raises CannotStart: there is none and CI is true, where a test left out would go unseen.
    """
    found = os.environ.get("CHATPOP_CHROMIUM") or _system() or _playwrights(python)
    if not found:
        say("getting a Chromium for the browser tests …")
        found = (_from_debian() and _system()) or (_from_playwright(python) and _playwrights(python)) or None
    if not found and os.environ.get("CI", "").lower() == "true":
        raise CannotStart("There is no Chromium, and with CI=true no test may be left out; install chromium.")
    if not found:
        say("no Chromium could be had: the browser tests are left out.")
    return found


def _system() -> str | None:
    return next((path for path in map(shutil.which, NAMES) if path), None)


def _playwrights(python: Path) -> str | None:
    asked = subprocess.run([python, "-c", _ASK_PLAYWRIGHT], check=False, capture_output=True, text=True)
    path = asked.stdout.strip()
    return path if path and Path(path).exists() else None


def _from_debian() -> bool:
    """As root on Debian alone: Ubuntu's package of that name is a pointer to a snap."""
    if os.getuid() != 0 or not shutil.which("apt-get") or not _is_debian():
        return False
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    steps = (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"])
    return all(
        subprocess.run(["apt-get", *step], check=False, stdout=sys.stderr, env=environ).returncode == 0
        for step in steps
    )


def _is_debian() -> bool:
    try:
        return "ID=debian" in Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return False


def _from_playwright(python: Path) -> bool:
    command = [str(python), "-m", "playwright", "install", "chromium"]
    return subprocess.run(command, check=False, stdout=sys.stderr).returncode == 0
