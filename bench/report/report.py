"""The tables of one measurement: printed, and written as ``<part>.json`` and ``<part>.svg``."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.report import machine, plot
from bench.report.figures import Figure, from_json, paired, short

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = ("", "unit", "min", "median", "max", "goal")


@dataclass
class Table:
    """Figures that are read together; ``unit`` is that of the rows that name no other one."""

    title: str
    unit: str
    figures: list[Figure] = field(default_factory=list)

    def add(self, name: str, samples: Sequence[float], *, unit: str = "", goal: float | None = None) -> Figure:
        """A row: one sample a run."""
        self.figures.append(Figure(name, unit or self.unit, tuple(samples), goal))
        return self.figures[-1]

    def ratio(self, name: str, samples: Sequence[float], base: Sequence[float], *, goal: float | None = None) -> Figure:
        """A row of the ratios of the runs, each to the one taken beside it."""
        return self.add(name, paired(samples, base), unit="times", goal=goal)

    def cells(self) -> list[tuple[str, ...]]:
        """The table in words, without its head."""
        return [
            (row.name, row.unit, short(row.least), short(row.median), short(row.most), _goal(row))
            for row in self.figures
        ]


class Report:
    """``part`` is the name of the measurement; ``rounds`` of it are told beside its title."""

    def __init__(self, part: str, title: str, note: str = "") -> None:
        self.part, self.title, self.note = part, title, note
        self.tables: list[Table] = []
        self.begun = machine.described()

    def table(self, title: str, unit: str = "") -> Table:
        self.tables.append(Table(title, unit))
        return self.tables[-1]

    def finish(self) -> bool:
        """Print and write everything; whether every goal is kept."""
        for table in self.tables:
            print(f"\n{table.title}")
            print(_printed(table), flush=True)
        folder = results_folder()
        (folder / f"{self.part}.json").write_text(json.dumps(self._as_json(), indent=1, ensure_ascii=False) + "\n")
        (folder / f"{self.part}.svg").write_text(plot.drawn(self.title, self.tables))
        print(f"\nWritten: {folder / self.part}.json and .svg")
        return all(row.holds is not False for table in self.tables for row in table.figures)

    def _as_json(self) -> dict[str, object]:
        tables = [{"title": table.title, "rows": [row.as_json() for row in table.figures]} for table in self.tables]
        own = {"part": self.part, "title": self.title, "note": self.note}
        return {**own, "begun": self.begun, "load_at_the_end": machine.load(), "tables": tables}


def read(file: Path) -> tuple[Report, dict[str, str]]:
    """A report as it was written, and what it was run on."""
    kept = json.loads(file.read_text())
    report = Report(kept["part"], kept["title"], kept["note"])
    for table in kept["tables"]:
        report.table(table["title"]).figures += [from_json(row) for row in table["rows"]]
    return report, kept["begun"]


def results_folder() -> Path:
    """``BENCH_RESULTS``, else ``var/bench``; made if it is missing."""
    folder = Path(os.environ.get("BENCH_RESULTS") or ROOT / "var" / "bench")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _printed(table: Table) -> str:
    rows = [COLUMNS, *table.cells()]
    widths = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) if place < 2 else cell.rjust(width) for place, (cell, width) in enumerate(pairs))
        for pairs in (list(zip(row, widths, strict=True)) for row in rows)
    )


def _goal(row: Figure) -> str:
    if row.goal is None:
        return ""
    return f"≤ {short(row.goal)} {'kept' if row.holds else 'MISSED'}"
