"""Word lists: how the data files beside this module are read, and the operator's own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

DIRECTORY: Final = files("chatpop.names") / "data"


@dataclass(frozen=True)
class ExtraWords:
    """The operator's own lists, in addition to ours; matched by key, so spelling and case do not matter."""

    reserved: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()


NO_EXTRA: Final = ExtraWords()


@cache
def sections(list_name: str) -> Mapping[str, tuple[str, ...]]:
    """The words of ``data/<list_name>.txt`` by section.

    ``#`` starts a comment, ``[section]`` a section; words stand apart by white space.
    """
    found: dict[str, list[str]] = {}
    section = ""
    for line in (DIRECTORY / f"{list_name}.txt").read_text("ascii").splitlines():
        text = line.partition("#")[0].strip()
        if text.startswith("["):
            section = text.strip("[]")
        elif text:
            found.setdefault(section, []).extend(text.split())
    return {name: tuple(words) for name, words in found.items()}
