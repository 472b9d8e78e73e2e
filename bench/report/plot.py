"""Tables as one SVG: a bar to the median, a line from the least to the most, a mark at the goal."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from bench.report.figures import Figure, short

if TYPE_CHECKING:
    from bench.report.report import Table

WIDTH, LABELS, NUMBERS, ROW, HEAD = 860, 330, 110, 22, 40
SPAN = WIDTH - LABELS - NUMBERS
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #26202f; }
.title { font-weight: 600; font-size: 15px; } .head { font-weight: 600; }
.bar { fill: #7b57d1; } .missed { fill: #c2410c; } .range { stroke: #26202f; } .goal { stroke: #15803d; stroke-width: 2; }
@media (prefers-color-scheme: dark) {
text { fill: #ece8f4; } .bar { fill: #a98bf0; } .missed { fill: #fb923c; } .range { stroke: #ece8f4; } .goal { stroke: #4ade80; }
}
"""  # noqa: E501


def drawn(title: str, tables: Sequence[Table]) -> str:
    """The picture as text. Rows of one unit in one table share a scale from nought."""
    parts, y = [f'<text class="title" x="0" y="18">{escape(title)}</text>'], HEAD
    for table in tables:
        parts.append(f'<text class="head" x="0" y="{y}">{escape(table.title)}</text>')
        y += 8
        for row in table.figures:
            like = [other for other in table.figures if other.unit == row.unit]
            parts += _row(row, y, max(max(other.most, other.goal or 0.0) for other in like) or 1.0)
            y += ROW
        y += ROW
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def _row(row: Figure, y: int, most: float) -> list[str]:
    def x(number: float) -> str:
        return f"{LABELS + SPAN * number / most:.1f}"

    middle, kind = y + ROW // 2, "bar missed" if row.holds is False else "bar"
    parts = [
        f'<text x="{LABELS - 8}" y="{middle + 4}" text-anchor="end">{escape(row.name)}</text>',
        f'<rect class="{kind}" x="{LABELS}" y="{y + 4}" width="{SPAN * row.median / most:.1f}" height="{ROW - 8}"/>',
        f'<line class="range" x1="{x(row.least)}" x2="{x(row.most)}" y1="{middle}" y2="{middle}"/>',
        f'<text x="{LABELS + SPAN + 8}" y="{middle + 4}">{short(row.median)} {escape(_shown(row.unit))}</text>',
    ]
    if row.goal is not None:
        parts.append(f'<line class="goal" x1="{x(row.goal)}" x2="{x(row.goal)}" y1="{y + 1}" y2="{y + ROW - 1}"/>')
    return parts


def _shown(unit: str) -> str:
    """A long unit is told in the table."""
    return "×" if unit == "times" else unit.split(" ")[0]
