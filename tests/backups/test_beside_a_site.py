"""``bin/chatpop backup`` beside a running site, and a second site made of it by ``bin/chatpop restore``."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.running.waiting import until
from tests.site.people import Caller
from tests.site.process import ROOT, running_site
from tests.site.reader import LiveReader

# One after the other, like all that start whole sites.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("site")]


def command(data_dir: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "bin" / "chatpop", *arguments],
        env={**os.environ, "DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_people_go_on_in_the_restored_site_where_they_were_in_the_saved_one(tmp_path: Path) -> None:
    first, second, archive = tmp_path / "first", tmp_path / "second", tmp_path / "saved.tar"
    first.mkdir()
    second.mkdir()
    with running_site(first) as site:
        hana = Caller(site.address)
        code = hana.open_room("Tea")
        hana.say(code, "before")

        saved = command(first / "var", "backup", archive)
        assert (saved.returncode, saved.stdout) == (0, f"{archive}\n"), saved.stderr
        hana.say(code, "after")
        refused = command(first / "var", "restore", archive, "--force")
        assert refused.returncode == 1
        assert refused.stdout == ""
        assert "already running" in refused.stderr.splitlines()[-1]

    restored = command(second / "var", "restore", archive)
    assert restored.returncode == 0, restored.stderr
    assert restored.stdout.splitlines()[-6:] == [
        "users: 1",
        "names: 1",
        "rooms: 1",
        "messages: 1",
        "uploads: 0",
        "files: 0",
    ]
    with running_site(second) as site:
        hana.address = site.address
        assert hana.say(code, "again") == 2
        with LiveReader(site.port, code, hana.cookies()) as reader:
            hana.say(code, "live")
            hana.say(code, "end")
            until(lambda: len(reader.heard) == 4)
        assert reader.bodies == ["before", "again", "live", "end"]
