"""The dice: every name it can throw is fit for everybody, and there are enough of them."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import groupby
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatpop.names import dice, screening
from chatpop.names.capacity import capacity, longest_name
from chatpop.names.dice import MAX_GENERATED, Dice
from chatpop.names.key import canonical_key
from chatpop.names.rules import check_chosen, is_system_name
from chatpop.names.vocabulary import words
from chatpop.names.wordlists import sections


@given(st.integers(min_value=0, max_value=2**32), st.integers(min_value=0, max_value=9))
def test_a_thrown_name_passes_every_rule_of_names(seed: int, digits: int) -> None:
    name = Dice(Random(seed)).candidate(digits)
    assert re.fullmatch(rf"[A-Z][a-z]+[A-Z][a-z]+[0-9]{{{digits}}}", name)
    assert len(name) <= MAX_GENERATED
    check_chosen(name)
    first, second, group = re.findall(r"[A-Z][a-z]+|[0-9]+$|$", name)[:3]
    assert screening.generated_is_clean(first, second, group)


def test_every_pair_the_dice_can_throw_is_clean_and_no_system_name() -> None:
    pairs = list(words().pairs())
    assert len(pairs) > 250_000
    bad = [pair for pair in pairs if not screening.generated_is_clean(*pair, "")]
    assert bad == []


def test_the_list_of_dropped_pairs_holds_only_pairs_the_screen_refuses() -> None:
    pairs = [pair.split("+") for pair in sections("generated_pairs")["pairs"]]
    assert [pair for pair in pairs if screening.generated_is_clean(pair[0], pair[1], "")] == []
    assert all(first in words().firsts and second in words().seconds for first, second in pairs)


def test_no_word_is_a_system_name_when_it_stands_in_a_pair() -> None:
    both = [f"Zx{word.capitalize()}" for word in (*words().firsts, *words().seconds)]
    assert [name for name in both if is_system_name(name)] == []


def test_digits_after_a_word_never_finish_a_bad_one() -> None:
    """Digits pass for letters (Sh17); they could do harm only after the beginning of a refused word."""
    lists = sections("blocked_words")
    refused = [*lists["anywhere"], *lists["word"], *lists["ending"], *sections("system_names")["roles"]]
    single = ["".join(letter for letter, _ in groupby(word)) for word in refused]
    for animal in words().seconds:
        beginning = "".join(letter for letter, _ in groupby(animal))
        rests = [word.removeprefix(beginning) for word in single if word.startswith(beginning)]
        assert not any(set(rest) <= set("oilzeasgtb") for rest in rests), animal


def test_a_batch_holds_no_two_names_of_one_key() -> None:
    names = Dice(Random(7)).candidates(3, 500)
    assert len({canonical_key(name) for name in names}) == 500


def test_the_default_dice_does_not_repeat_itself() -> None:
    assert set(Dice().candidates(5, 50)).isdisjoint(Dice().candidates(5, 50))


@given(st.sampled_from(["HappyPanda", "SilverRobin", "Savv", "Learn", "Bur"]), st.from_regex(r"\A[0-9]{1,6}\Z"))
def test_keys_of_words_and_digits_simply_join_so_that_capacity_may_multiply(pair: str, digits: str) -> None:
    assert canonical_key(pair + digits) == canonical_key(pair) + canonical_key(digits)


def test_capacity_is_the_number_of_distinct_keys() -> None:
    pairs = {canonical_key(a + b) for a, b in words().pairs() if len(a) + len(b) <= MAX_GENERATED - 3}
    groups = {f"{number:03d}" for number in range(1000)}
    keys_of_groups = {canonical_key(group) for group in groups if screening.digits_are_clean(group)}
    assert capacity(3) == len(pairs) * len(keys_of_groups)
    assert capacity(3) > 2 * 10**8
    assert capacity(3) < capacity(4) < capacity(5)


@pytest.mark.parametrize("digits", [3, 4, 5, 9])
def test_the_longest_name_fits(digits: int) -> None:
    name = longest_name(digits)
    assert len(name) <= MAX_GENERATED
    assert len(Dice(Random(1)).candidate(digits)) <= len(name)
    check_chosen(name)


@pytest.mark.parametrize("digits", [-1, 10])
def test_a_number_of_digits_that_leaves_no_room_is_refused(digits: int) -> None:
    with pytest.raises(ValueError, match="digits"):
        Dice().candidate(digits)


def test_importing_the_dice_reads_no_word_lists() -> None:
    code = f"import sys, {dice.__name__}; sys.exit('coolname' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
