"""Puts the latest tables and plots into docs/performance.md: ``bin/bench docs``."""

from __future__ import annotations

import shutil
from pathlib import Path

from bench.report.report import COLUMNS, ROOT, Report, read, results_folder

PAGE, PICTURES = ROOT / "docs" / "performance.md", ROOT / "docs" / "pictures"
BEGIN, END = "<!-- figures: written by bin/bench docs -->\n", "<!-- end of figures -->\n"


def main() -> None:
    """Every report in the results' folder, in the order of their names; the text around them stays."""
    files = sorted(results_folder().glob("*.json"))
    before, rest = PAGE.read_text().split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(before + BEGIN + "\n" + "\n".join(_section(file) for file in files) + "\n" + END + after)
    for file in files:
        shutil.copy(file.with_suffix(".svg"), PICTURES / f"bench-{file.stem}.svg")
    print(f"{PAGE.relative_to(ROOT)} tells {', '.join(file.stem for file in files)}")


def _section(file: Path) -> str:
    report, begun = read(file)
    lines = [
        f"## {report.title}\n",
        f"`bin/bench {report.part}` at {begun['commit']}, {begun['when']}, on {begun['machine']}; load {begun['load']} "
        f"when it began. {begun['versions']}.\n",
    ]
    if report.note:
        lines.append(f"{report.note}\n")
    lines.append(f"![{report.title}](pictures/bench-{report.part}.svg)\n")
    return "\n".join(lines) + "\n" + "\n".join(_tables(report))


def _tables(report: Report) -> list[str]:
    told = []
    for table in report.tables:
        rows = [(table.title, *COLUMNS[1:]), ("---",) * len(COLUMNS), *table.cells()]
        told.append("\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n")
    return told


if __name__ == "__main__":
    main()
