"""The canonical key: names that look alike are one name."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatpop.names.key import FOLDS, canonical_key

ALPHABET = string.ascii_letters + string.digits + "_-"
NAMES = st.text(alphabet=ALPHABET, max_size=64)
# Mostly the characters that fold or make digraphs, so that short runs meet all of them.
TRICKY = st.text(alphabet="rnRNmMvVwWiIlL10oO5sS2zZ8bB-_", max_size=24)

UTS39_ASCII = [("l", "1"), ("l", "I"), ("1", "I"), ("O", "0"), ("m", "rn")]
"""All confusables of Unicode UTS 39 whose both sides are ASCII letters or digits."""


@given(NAMES | TRICKY)
def test_the_key_of_a_key_is_the_key(name: str) -> None:
    assert canonical_key(canonical_key(name)) == canonical_key(name)


@given(NAMES | TRICKY)
def test_letter_case_never_makes_another_name(name: str) -> None:
    assert canonical_key(name.upper()) == canonical_key(name.lower()) == canonical_key(name)


@given(TRICKY, TRICKY, st.sampled_from([*FOLDS, *UTS39_ASCII]))
def test_every_pair_of_the_fold_table_and_of_uts_39_is_one_name_wherever_it_stands(
    before: str, after: str, pair: tuple[str, str]
) -> None:
    first, second = pair
    assert canonical_key(before + first + after) == canonical_key(before + second + after)


@given(NAMES)
def test_a_key_is_made_of_characters_that_fold_no_further(name: str) -> None:
    key = canonical_key(name)
    assert not set(key) & set("ABCDEFGHIJKLMNOPQRSTUVWXYZ-_i10528")
    assert "rn" not in key
    assert "vv" not in key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HappyPanda10", "happypandaIO"),
        ("HappyPanda", "happy_panda"),
        ("Modern", "rnodem"),
        ("Willow", "VViIIovv"),
        ("r-n", "m"),
        ("v_v", "w"),
        ("vw", "wv"),
        ("S0S_2B8", "5osz8b"),
        ("paypal", "paypaI"),
    ],
)
def test_look_alikes_are_one_name(one: str, other: str) -> None:
    assert canonical_key(one) == canonical_key(other)


@pytest.mark.parametrize(("one", "other"), [("panda", "pander"), ("clan", "dan"), ("Niger", "Nigger"), ("v", "w")])
def test_names_that_differ_to_the_eye_stay_two(one: str, other: str) -> None:
    assert canonical_key(one) != canonical_key(other)


@pytest.mark.parametrize("name", ["paſs", "İris", "\u0430dmin", "\uff41dmin", "ad\u200bmin", "\u212aelvin"])
def test_what_is_not_ascii_is_refused_not_folded(name: str) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        canonical_key(name)
