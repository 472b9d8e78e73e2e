"""A log on a full disk loses lines; nobody ends or fails for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SAY = "from chatpop.running.refusals import say; say('web ended'); print('goes on')"
LOG = "import structlog; from chatpop.core import logging; logging.configure();"
LOG += "structlog.get_logger().warning('database_away'); print('goes on')"


@pytest.mark.parametrize("program", [SAY, LOG], ids=["supervisor", "application"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux only")
def test_a_line_that_cannot_be_written_ends_nothing(program: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=full, check=False)

    assert done.stdout == b"goes on\n"
