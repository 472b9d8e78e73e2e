"""Operator settings in the environment are checked once, and again when they or their rules change."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatpop.running import checked_settings

LIMITS = {"MAX_ROOMS_GUEST": "5", "PATH": "/bin"}


def test_an_environment_without_settings_needs_no_check(tmp_path: Path) -> None:
    assert checked_settings.are_known(tmp_path, {"PATH": "/bin"})
    assert not checked_settings.are_known(tmp_path, LIMITS)


def test_the_same_settings_are_known_whatever_else_is_set(tmp_path: Path) -> None:
    checked_settings.note(tmp_path, LIMITS)

    assert checked_settings.are_known(tmp_path, {**LIMITS, "PATH": "/usr/bin"})
    assert not checked_settings.are_known(tmp_path, {**LIMITS, "MAX_ROOMS_GUEST": "-7"})
    assert not checked_settings.are_known(tmp_path, {**LIMITS, "MAX_GUESTS_PER_NETWORK": "1"})


def test_new_rules_are_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checked_settings.note(tmp_path, LIMITS)
    newer = tmp_path / "registry.py"
    newer.write_text(checked_settings.REGISTRY.read_text() + "# stricter")
    monkeypatch.setattr(checked_settings, "REGISTRY", newer)

    assert not checked_settings.are_known(tmp_path, LIMITS)


def test_a_damaged_or_missing_note_means_to_check(tmp_path: Path) -> None:
    (tmp_path / checked_settings.NAME).write_bytes(b"\xff")
    assert not checked_settings.are_known(tmp_path, LIMITS)

    (tmp_path / checked_settings.NAME).unlink()
    checked_settings.note(tmp_path / "gone", LIMITS)
    assert not checked_settings.are_known(tmp_path, LIMITS)
