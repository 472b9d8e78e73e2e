"""A site that is killed while files come in: no row without its file, no file without a row in the end."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from tests.running.waiting import until
from tests.site.people import Caller
from tests.site.process import ROOT, RunningSite, running_site
from tests.uploads.sending import KIND, body, picture

pytestmark = [pytest.mark.xdist_group("site"), pytest.mark.slow, pytest.mark.timeout(600)]
FILES, PEOPLE = 50, 5
MANY = "1000"


class Sender:
    """A guest who sends pictures until enough are acknowledged, through whatever happens to the site."""

    def __init__(self, address: str) -> None:
        self.caller = Caller(address)
        self.acknowledged: list[str] = []

    def send(self) -> None:
        while len(self.acknowledged) < FILES // PEOPLE:
            try:
                self.acknowledged += self._send_one()
            except (OSError, ValueError):
                time.sleep(0.05)  # a client's pause before the next attempt

    def _send_one(self) -> list[str]:
        number = len(self.acknowledged)
        sent = body(((f"{number}.png", picture(490, 8, shade=number)),))
        headers = {"Content-Type": KIND, "Accept": "application/json", "Origin": self.caller.address}
        request = urllib.request.Request(f"{self.caller.address}/uploads", sent, headers)
        with self.caller._opener.open(request, timeout=15) as answer:
            results = json.loads(answer.read())["results"]
        return [result["url"] for result in results if result["status"] == "success"]


def rows(folder: Path, statement: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(folder / "var" / "chatpop.sqlite3", timeout=20)) as connection:
        return connection.execute(statement).fetchall()


def stored(folder: Path) -> set[str]:
    """What lies in the store, halves included."""
    return {path.name for path in (folder / "var" / "uploads").glob("*/*")}


def run(site: RunningSite, *arguments: str) -> str:
    command = [sys.executable, "-P", "-m", "chatpop.cli", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=site.environ, capture_output=True, text=True, check=True)
    return done.stdout


def power_cut(site: RunningSite) -> None:
    """Web, worker, scheduler and Valkey at once."""
    site.kill_everything()
    site.start()


DISASTERS = ((8, RunningSite.kill_web_worker), (18, RunningSite.kill_web), (28, power_cut), (38, RunningSite.kill_web))


def test_uploads_through_every_disaster_leave_rows_files_and_counts_that_agree(tmp_path: Path) -> None:
    with running_site(tmp_path, UNREGISTERED_MAX_UPLOADS=MANY, MAX_GUESTS_PER_NETWORK=MANY) as site:
        people = [Sender(site.address) for _ in range(PEOPLE)]
        threads = [threading.Thread(target=person.send) for person in people]
        for thread in threads:
            thread.start()
        for enough, disaster in DISASTERS:
            until(lambda enough=enough: sum(len(one.acknowledged) for one in people) >= enough, seconds=120)  # type: ignore[misc]
            disaster(site)
        for thread in threads:
            thread.join(240)
        acknowledged = {url.split("/")[2] for one in people for url in one.acknowledged}
        assert len(acknowledged) == FILES

        kept = {row[0] for row in rows(tmp_path, "select public_id from uploads")}
        assert acknowledged <= kept, "what was acknowledged is there"
        assert kept <= stored(tmp_path), "no row is without its file"
        wrong = "select id from users where items_count != (select count(*) from uploads where owner_id = users.id)"
        assert rows(tmp_path, wrong) == []
        for one in people:
            for url in one.acknowledged:
                with one.caller._opener.open(f"{site.address}{url}", timeout=15) as answer:
                    assert answer.read().startswith(b"\x89PNG")

        long_ago = time.time() - 2 * 3600
        for path in (tmp_path / "var" / "uploads").glob("*/*"):
            os.utime(path, (long_ago, long_ago))
        run(site, "uploads", "orphans")
        keys = rows(tmp_path, "select public_id from uploads union select thumbnail_key from uploads")
        assert stored(tmp_path) <= {row[0] for row in keys}
        assert run(site, "uploads", "orphans", "--dry-run") == "0\n"
