"""Screening in both directions: what must be refused, and what must not."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatpop.names.rules import check_shape, is_system_name
from chatpop.names.screening import chosen_refusal, clean_digit_groups, digits_are_clean, generated_is_clean
from chatpop.names.wordlists import DIRECTORY

INNOCENT = """
Scunthorpe Cassandra assassin Dickens Niger Nigeria Cockburn shiitake Penistone therapist
Fish17 Iguana21 MobyDick Tilt Flick Panda88
"""
BAD = """
Nigger ScunthorpeCunt shiitakeshit f_u_c_k FUCK fu123ck n1gg3r niiiggger Sh17 Sh1T BigDick
MobyDickAnal DickMobyFan
"""
CORPORA = Path(__file__).parent / "corpora"


def corpus(title: str) -> list[str]:
    lines = (CORPORA / f"{title}.txt").read_text("ascii").splitlines()
    return [name for line in lines if not line.startswith("#") for name in line.split()]


@pytest.mark.parametrize(("title", "least"), [("bad", 300), ("innocent", 500)])
def test_the_corpora_are_large_free_of_repeats_and_of_good_shape(title: str, least: int) -> None:
    names = corpus(title)
    assert len(names) >= least
    assert len(set(names)) == len(names)
    for name in names:
        check_shape(name)


def test_at_least_95_percent_of_the_bad_names_are_refused() -> None:
    names = corpus("bad")
    passed = [name for name in names if chosen_refusal(name) is None]
    assert len(passed) <= 0.05 * len(names), passed


def test_at_most_1_percent_of_the_innocent_names_are_refused() -> None:
    names = corpus("innocent")
    refused = [name for name in names if chosen_refusal(name) or is_system_name(name)]
    assert len(refused) <= 0.01 * len(names), refused


@pytest.mark.parametrize(
    "name",
    INNOCENT.split(),
)
def test_the_best_known_innocent_names_pass(name: str) -> None:
    assert chosen_refusal(name) is None
    assert chosen_refusal(f"Happy{name}") is None
    assert chosen_refusal(f"{name.lower()}_x") is None


@pytest.mark.parametrize(
    "name",
    BAD.split(),
)
def test_an_innocent_word_or_a_spelling_hides_no_bad_word(name: str) -> None:
    assert chosen_refusal(name) is not None


def test_no_reason_echoes_a_bad_name() -> None:
    for name in corpus("bad"):
        reason = chosen_refusal(name)
        assert reason is None or name.lower() not in reason.lower()


@pytest.mark.parametrize(
    ("first", "second", "digits"),
    [
        ("happy", "booby", "123"),  # a word
        ("sexy", "panda", "123"),
        ("huge", "whale", "123"),  # two words
        ("pink", "snail", "123"),
        ("khaki", "kestrel", "123"),  # across the border
        ("banana", "lion", "123"),
        ("happy", "panda", "1488"),  # digits
        ("happy", "panda", "188"),
        ("happy", "panda", "69"),
        ("happy", "panda", "18"),
        ("happy", "panda", "3666"),
        ("happy", "panda", "420"),
        ("fucking", "panda", "123"),  # what nobody may choose either
    ],
)
def test_the_strict_screen_refuses_a_generated_name(first: str, second: str, digits: str) -> None:
    assert not generated_is_clean(first, second, digits)
    assert generated_is_clean("happy", "panda", "123")


@pytest.mark.parametrize("digits", ["", "7", "123", "0042", "181", "90210"])
def test_ordinary_digits_are_clean(digits: str) -> None:
    assert digits_are_clean(digits)


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 5])
def test_clean_groups_of_digits_are_counted_rightly(length: int) -> None:
    groups = (f"{number:0{length}d}" for number in range(10**length)) if length else iter([""])
    assert clean_digit_groups(length) == sum(1 for group in groups if digits_are_clean(group))


def test_every_word_list_tells_its_version_and_source() -> None:
    lists = [*(Path(str(DIRECTORY)).glob("*.txt")), *CORPORA.glob("*.txt")]
    assert len(lists) >= 7
    for path in lists:
        version, source = path.read_text("ascii").splitlines()[:2]
        assert version.startswith("# version: ")
        assert source.startswith("# source: ")
