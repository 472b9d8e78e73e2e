"""The operator of a running site: made at the command line, logged in by the page."""

from __future__ import annotations

import os
import subprocess
import sys

from playwright.sync_api import expect

from chatpop.running import valkey
from chatpop.running.surroundings import surroundings
from tests.browser.profile import Profile
from tests.site.process import ROOT, RunningSite

PASSWORD = "maple-otter-kettle-42"


def make_admin(site: RunningSite, name: str) -> None:
    """As the operator does, at the command line; nothing happens to one who is there already."""
    own = {"DATA_DIR": str(site.data_dir), "REDIS_URL": valkey.url(site.data_dir)}
    command = [sys.executable, "-P", "-m", "chatpop.cli", "create-admin", "--username", name]
    subprocess.run(
        [*command, "--email", f"{name}@example.com"],
        input=PASSWORD,
        text=True,
        cwd=ROOT,
        env=surroundings(ROOT, {**os.environ, **own}, dotenv=False),
        capture_output=True,
    )


def log_in(person: Profile, name: str) -> None:
    """On the log-in page that they are at."""
    person.page.get_by_label("Name or e-mail").fill(name)
    person.page.get_by_label("Password").fill(PASSWORD)
    person.page.get_by_role("button", name="Log in").click()
    expect(person.chip).to_have_text(name)
