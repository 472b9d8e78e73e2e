"""One site a folder, and a sentence where the folder can't be used."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatpop.running.folder import Instance, has_instance, make_writable
from chatpop.running.refusals import CannotStart

HOLDER = """
import sys, time
from pathlib import Path
from chatpop.running.folder import Instance
instance = Instance(Path(sys.argv[1]))
instance.begin()
print("held", flush=True)
time.sleep(600)
"""


def test_a_folder_that_cannot_be_written_is_named_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(CannotStart, match=r"^DATA_DIR is .*/file/var, and that folder can't be written: .*\.$"):
        make_writable(tmp_path / "file" / "var")


def test_a_second_site_on_the_folder_is_told_which_process_runs_the_first(tmp_path: Path) -> None:
    with _holding(tmp_path) as first:
        assert has_instance(tmp_path)
        with pytest.raises(CannotStart, match=rf"already running on DATA_DIR .*process {first.pid}\)"):
            Instance(tmp_path).begin()


def test_a_killed_site_leaves_the_folder_free_and_its_end_is_noticed(tmp_path: Path) -> None:
    with _holding(tmp_path):
        pass

    second = Instance(tmp_path)
    second.begin()
    assert second.was_killed
    second.end()

    third = Instance(tmp_path)
    third.begin()
    assert not third.was_killed
    third.end()
    assert not has_instance(tmp_path)


@contextmanager
def _holding(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the folder, and is killed."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()
