"""The words of the dice: coolname's adjectives and animals without our drop lists, and an operator's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from chatpop.names import rules, screening
from chatpop.names.wordlists import NO_EXTRA, ExtraWords, sections


@dataclass(frozen=True)
class Words:
    """The words the dice throws, in lower case, and the pairs of them that must not meet.

    ``added`` are an operator's words among them, whose pairs nobody has checked beforehand; ``local`` are the
    operator's reserved and blocked words.
    """

    firsts: tuple[str, ...]
    seconds: tuple[str, ...]
    dropped_pairs: frozenset[str]
    added: frozenset[str] = frozenset()
    local: ExtraWords = NO_EXTRA

    def meet(self, first: str, second: str) -> bool:
        """Whether our own lists let the two stand side by side; coolname's rule: their first four letters differ."""
        return first[:4] != second[:4] and f"{first}+{second}" not in self.dropped_pairs

    def fits(self, first: str, second: str) -> bool:
        """Whether the two may stand side by side. Our own pairs have all been screened by a test."""
        if self.added and (first in self.added or second in self.added):
            return self.meet(first, second) and screening.generated_is_clean(first, second, "")
        return self.meet(first, second)

    @property
    def is_ours_alone(self) -> bool:
        """Whether no operator has added anything."""
        return not self.added and self.local == NO_EXTRA

    def allows(self, name: str) -> bool:
        """Whether the thrown name passes the rules, the operator's words included."""
        return self.is_ours_alone or rules.refusal(name, self.local) is None

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every pair that can come up."""
        return ((a, b) for a in self.firsts for b in self.seconds if self.fits(a, b))


@cache
def words() -> Words:
    """coolname's adjectives and animals without those on our drop lists; read at the first roll."""
    # coolname builds its default generator when imported: not before somebody rolls.
    from coolname.data import config

    dropped = sections("generated_words")
    return Words(
        firsts=_without(_words_of(config, "adj_any"), dropped["first"]),
        seconds=_without(_words_of(config, "subj"), dropped["second"]),
        dropped_pairs=frozenset(sections("generated_pairs")["pairs"]),
    )


def _words_of(config: Mapping[str, object], key: str) -> Iterator[str]:
    """The words under a key of coolname's configuration, its nested lists followed."""
    entry = config[key]
    if not isinstance(entry, dict):
        raise TypeError(f"coolname's list {key} is no dictionary")
    for nested in _strings(entry.get("lists")):
        yield from _words_of(config, nested)
    yield from _strings(entry.get("words"))


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _without(found: Iterator[str], dropped: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(found).difference(dropped)))
