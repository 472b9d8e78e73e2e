"""Settings change while the site runs, in every process, and bad values are refused."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from chatpop.extensions import db
from chatpop.settings import changing, registry
from chatpop.settings.models import SettingChange
from chatpop.settings.registry import BadSetting, UnknownSetting
from tests.conftest import SECRET, both_databases

ROOT = Path(__file__).resolve().parents[2]


@both_databases
def test_a_stored_value_wins_and_the_change_is_written_down(app: Flask) -> None:
    with app.app_context():
        assert registry.MAX_ROOMS_GUEST.get() == 2
        changing.change("max_rooms_guest", "7")
        assert registry.MAX_ROOMS_GUEST.get() == 7
        changing.change("MAX_ROOMS_GUEST", 9)
        changing.reset("MAX_ROOMS_GUEST")
        assert registry.MAX_ROOMS_GUEST.get() == 2
        rows = db.session.scalars(select(SettingChange).order_by(SettingChange.id)).all()
        assert [(row.old, row.new) for row in rows] == [(None, "7"), ("7", "9"), ("9", None)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAX_ROOMS_GUEST", "0"),
        ("MAX_ROOMS_GUEST", "1000001"),
        ("MAX_ROOMS_GUEST", "2.5"),
        ("MAX_ROOMS_GUEST", "many"),
        ("MAX_ROOMS_GUEST", ""),
        ("SWEEP_ENABLED", "perhaps"),
        ("SWEEP_MAX_SHARE", "nan"),
        ("UNREGISTERED_ALLOWED_TYPES", "image"),
    ],
)
def test_a_bad_value_is_refused_with_a_sentence_and_nothing_changes(app: Flask, name: str, value: str) -> None:
    with app.app_context():
        before = registry.find(name).get()
        with pytest.raises(BadSetting, match=name):
            changing.change(name, value)
        assert registry.find(name).get() == before


def test_an_unknown_setting_is_told(app: Flask) -> None:
    with app.app_context(), pytest.raises(UnknownSetting):
        changing.change("MAX_FUN", "1")


def test_a_change_of_another_process_is_in_force_within_two_seconds(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        assert registry.MAX_ROOMS_GUEST.get() == 2
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
            "REDIS_URL": app.config["REDIS_URL"],
            "DATA_DIR": str(tmp_path),
            "SECRET_KEY": SECRET,
        }
        command = [sys.executable, "-m", "chatpop.cli", "settings", "set", "MAX_ROOMS_GUEST", "5"]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
        assert done.stdout == "5\n", "standard output holds the result alone"
        changed, deadline = time.monotonic(), time.monotonic() + 5
        while registry.MAX_ROOMS_GUEST.get() != 5:
            assert time.monotonic() < deadline
        assert time.monotonic() - changed < 2
