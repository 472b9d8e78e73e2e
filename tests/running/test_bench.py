"""``bin/bench`` says what it measures, and tells it as tables, JSON and a plot."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.fanout.readers import LoopWriter, Readers
from bench.fanout.servers import running_loop
from bench.report import Report, page, report

BENCH = Path(__file__).resolve().parents[2] / "bin" / "bench"


def test_an_unknown_measurement_ends_with_a_sentence_that_names_the_known_ones() -> None:
    done = subprocess.run([BENCH, "luck"], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    folder = BENCH.parents[1] / "bench"
    names = {path.stem for path in folder.glob("*.py")} | {path.parent.name for path in folder.glob("*/__main__.py")}
    for name in names - {path.name for path in BENCH.parent.iterdir()}:  # some have a command of their own
        assert name in done.stderr, "a measurement that the command does not know"


@pytest.fixture
def finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """The folder of a measurement that keeps one goal and misses another; what it printed is captured."""
    monkeypatch.setenv("BENCH_RESULTS", str(tmp_path / "results"))
    told = Report("luck", "Luck & <chance>", "Thrown twice.")
    table = told.table("A throw", "µs")
    table.add("null", [100, 102, 104])
    table.add("roll", [150, 153, 208])
    table.ratio("roll / null", [150, 153, 208], [100, 102, 104], goal=1.6)
    table.add("held", [9.0], unit="ms", goal=8.0)
    assert not told.finish()
    return report.results_folder()


def test_figures_are_printed_with_least_median_most_and_goal(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["roll", "/", "null", "times", "1.50", "1.50", "2.00", "≤", "1.60", "kept"] in rows
    assert ["held", "ms", "9.00", "9.00", "9.00", "≤", "8.00", "MISSED"] in rows


def test_figures_are_read_back_as_they_were_written(finished: Path) -> None:
    kept, begun = report.read(finished / "luck.json")
    assert [figure.samples for figure in kept.tables[0].figures][1] == (150, 153, 208)
    assert {"when", "commit", "machine", "versions", "load"} == begun.keys()


def test_the_plot_is_well_formed_and_names_every_row(finished: Path) -> None:
    words = {part.text for part in ElementTree.parse(finished / "luck.svg").iter()}
    assert {"Luck & <chance>", "A throw", "null", "roll", "roll / null", "held", "1.50 ×"} <= words


def test_the_page_of_figures_gets_the_latest_and_keeps_its_text(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "performance.md"
    file.write_text(f"Before.\n{page.BEGIN}old{page.END}After.\n")
    monkeypatch.setattr(page, "PAGE", file)
    monkeypatch.setattr(page, "PICTURES", tmp_path)
    monkeypatch.setattr(page, "ROOT", tmp_path)
    for _ in range(2):
        page.main()
    text = file.read_text()
    assert text.startswith("Before.\n")
    assert text.endswith("After.\n")
    assert "old" not in text
    assert text.count("| roll / null | times | 1.50 | 1.50 | 2.00 | ≤ 1.60 kept |") == 1
    assert (tmp_path / "bench-luck.svg").exists()


@pytest.mark.skipif(shutil.which("cc") is None, reason="the loop is built on the spot")
@pytest.mark.parametrize("way", ["plain", "joined"])
def test_the_loop_in_c_sends_every_message_to_each_reader(way: str) -> None:
    with running_loop(way) as loop:
        readers = Readers(loop.port, "/")
        readers.come(20)
        writer = LoopWriter(loop, b"id: 1\nevent: message\ndata: hello\n\n")
        for _ in range(30):
            writer.ask()
            writer.answered()
        readers.wait_for(30)
        assert (readers.received, readers.complete, len(readers)) == (600, 30, 20)
        writer.close()
        readers.go()


def test_without_a_compiler_the_measurement_ends_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit, match="no C compiler"), running_loop("plain"):
        pass
