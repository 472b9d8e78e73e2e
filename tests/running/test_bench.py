"""``bin/bench`` says what it measures."""

from __future__ import annotations

import subprocess
from pathlib import Path

BENCH = Path(__file__).resolve().parents[2] / "bin" / "bench"


def test_an_unknown_measurement_ends_with_a_sentence_that_names_the_known_ones() -> None:
    done = subprocess.run([BENCH, "luck"], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    for path in sorted((BENCH.parents[1] / "bench").glob("*.py")):
        assert path.stem in done.stderr, "a measurement that the command does not know"
