"""Making the environment: once, again when the lock changes, and with a sentence where it can't be made."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from chatpop.running import environment
from chatpop.running.refusals import CannotStart


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a lock that names nothing."""
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    return tmp_path


def _fake_python(folder: Path, log: str, has: str) -> str:
    """A Python that notes how it is called and knows only the modules in ``has``."""
    script = folder / "python-without"
    script.write_text(
        f"""#!/bin/sh
echo "$*" >> {folder}/{log}
case "$*" in *"find_spec({has})"*) exit 0 ;; *find_spec*) exit 1 ;; *) exec {sys.executable} "$@" ;; esac
"""
    )
    script.chmod(0o755)
    return str(script)


def test_a_half_made_one_is_made_anew_once_and_a_changed_lock_is_installed_only_with_checksums(
    checkout: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to("/nowhere/python3")

    python = environment.ensure(checkout)
    assert python.exists()
    assert "setting up" in capfd.readouterr().err

    assert environment.ensure(checkout, python="/nowhere/python") == python
    assert capfd.readouterr() == ("", "")

    (checkout / "requirements.txt").write_text("six==1.17.0\n")
    with pytest.raises(CannotStart, match="pip's message is above"):
        environment.ensure(checkout)


def test_without_ensurepip_the_systems_pip_fills_the_environment(checkout: Path, tmp_path: Path) -> None:
    python = _fake_python(tmp_path, "calls", has="'pip'")

    environment.ensure(checkout, python=python)

    calls = (tmp_path / "calls").read_text()
    assert "-m venv --without-pip" in calls
    assert f"-m pip --python {checkout}/.venv/bin/python install --require-hashes --no-deps" in calls


def test_without_pip_one_sentence_names_the_package(checkout: Path, tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"apt install python3-venv$"):
        environment.ensure(checkout, python=_fake_python(tmp_path, "calls", has="'nothing'"))
