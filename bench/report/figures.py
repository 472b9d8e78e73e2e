"""One figure: the samples of several runs, and how their median stands to the goal."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """``samples`` in the order they were taken; ``goal`` is the most that the median may be."""

    name: str
    unit: str
    samples: tuple[float, ...]
    goal: float | None = None

    @property
    def least(self) -> float:
        return min(self.samples)

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    @property
    def most(self) -> float:
        return max(self.samples)

    @property
    def holds(self) -> bool | None:
        """Whether the goal is kept; None where there is none."""
        return None if self.goal is None else self.median <= self.goal

    def as_json(self) -> dict[str, Any]:
        told = {"min": self.least, "median": self.median, "max": self.most}
        return {"name": self.name, "unit": self.unit, "goal": self.goal, **told, "samples": list(self.samples)}


def from_json(row: dict[str, Any]) -> Figure:
    return Figure(row["name"], row["unit"], tuple(row["samples"]), row["goal"])


def paired(samples: Sequence[float], base: Sequence[float]) -> tuple[float, ...]:
    """The ratio of each round; the two of one round were taken side by side."""
    return tuple(one / other for one, other in zip(samples, base, strict=True))


def short(number: float) -> str:
    """Three digits that count: 1.63, 41.2, 1,204; a count as it is."""
    size = abs(number)
    if size >= 100 or isinstance(number, int):
        return f"{number:,.0f}"
    return f"{number:.1f}" if size >= 10 else f"{number:.2f}"
