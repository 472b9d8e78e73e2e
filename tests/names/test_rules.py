"""The rules of a name: shape, the names of the system, and what the operator adds."""

from __future__ import annotations

import string
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatpop.core.errors import DomainError
from chatpop.names.rules import (
    ExtraWords,
    NameCharacters,
    NameNotAllowed,
    NameSystem,
    NameTooLong,
    NameTooShort,
    check_chosen,
    check_shape,
    is_system_name,
)
from chatpop.names.wordlists import sections

ALLOWED = set(string.ascii_letters + string.digits + "_-")
SYSTEM_NAMES = """
admin ADMIN adm1n AdmIn adrnin 4dmin aclmin ad_min a-d-m-i-n admin99 007admin AdminPanda
panda_support Panda-Moderator TheRealAdmin Adm1nPanda adminpanda pandaadmin siteadministrator H0st
h0st m0derator mod rnod M0D5 root r00t r-o-o-t st4ff Syst3m security 5ecurity Official_Panda
PandaBot b0t owner 0wner everyone here aIl channel room roorn null nuII undefined anonymous guest
Gue5t guest42 deleted postmaster webmaster noc noreply rooms api ap1 static files fi1es login LogIn
1ogin logout register account uploads healthz readyz help HelpDesk chatpop ChatPop chatp0p
ChatpopNews the_chat_pop moderador soporte_1
"""
ORDINARY_NAMES = """
Badminton Modern ModernArt Modest Botany Steam Abbot Helpful Systematic Admiral Admire Allison Ali
ali_7 Alina Roomba Teammate Rooted Supportive Hostel Ghost Nullarbor Everywhere Guesthouse
HappyPanda123 Mia Gus Hana Oto Ben Ada
"""


@pytest.mark.parametrize("name", ["abc", "a" * 64, "a_b", "x-9", "007bond", "_a_", "HappyPanda123"])
def test_a_name_of_good_shape_is_accepted(name: str) -> None:
    check_shape(name)


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("", NameTooShort),
        ("ab", NameTooShort),
        ("a" * 65, NameTooLong),
        ("1" * 10_000, NameTooLong),
        ("12345", NameCharacters),
        ("12_34", NameCharacters),
        ("___", NameCharacters),
        ("panda\n", NameCharacters),
        ("happy panda", NameCharacters),
        (" panda", NameCharacters),
        ("panda.bear", NameCharacters),
        ("panda@example.org", NameCharacters),
        ("pand\u00e4", NameCharacters),
        ("p\u0430nda", NameCharacters),
        ("\uff50anda", NameCharacters),
        ("pan\u200bda", NameCharacters),
        ("\u0663\u0664\u0665abc", NameCharacters),
        ("panda\x00", NameCharacters),
        ("<b>panda</b>", NameCharacters),
    ],
)
def test_a_name_of_bad_shape_is_refused_by_kind(name: str, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        check_shape(name)


def test_each_refusal_has_its_own_code_and_says_what_to_do() -> None:
    kinds = (NameTooShort, NameTooLong, NameCharacters, NameSystem, NameNotAllowed)
    assert [kind.code for kind in kinds] == [
        "too_short",
        "too_long",
        "characters",
        "system_name",
        "not_allowed",
    ]
    assert all(kind.status == 400 for kind in kinds)
    assert len({kind.sentence for kind in kinds}) == len(kinds)
    assert all("Use " in kind.sentence or "choose" in kind.sentence for kind in kinds)


@given(st.text(max_size=80) | st.text(alphabet=[*sorted(ALLOWED), *"\n\u200bſİ\uff11"], max_size=70))
def test_no_accepted_name_contains_anything_outside_the_set(name: str) -> None:
    try:
        check_shape(name)
    except DomainError:
        return
    assert set(name) <= ALLOWED
    assert 3 <= len(name) <= 64
    assert set(name) & set(string.ascii_letters)


@given(st.text(alphabet=sorted(ALLOWED), min_size=3, max_size=64))
def test_no_name_of_good_shape_breaks_the_rules_themselves(name: str) -> None:
    with suppress(NameCharacters, NameSystem, NameNotAllowed):
        check_chosen(name)


@pytest.mark.parametrize(
    "name",
    SYSTEM_NAMES.split(),
)
def test_names_of_the_system_are_refused_in_any_look(name: str) -> None:
    with pytest.raises(NameSystem):
        check_chosen(name)


@pytest.mark.parametrize(
    "name",
    ORDINARY_NAMES.split(),
)
def test_words_that_only_contain_a_system_word_pass(name: str) -> None:
    check_chosen(name)


def test_every_word_of_the_list_is_refused_as_a_name() -> None:
    lists = sections("system_names")
    words = [word for kind in ("roles", "whole", "inside") for word in lists[kind]]
    assert [word for word in words if not is_system_name(word)] == []
    assert [word for word in words if word.isalpha() and not is_system_name(f"{word}7")] == []


def test_the_paths_of_the_site_can_be_kept_too() -> None:
    assert not is_system_name("zebracrossing")
    assert is_system_name("Zebra-Crossing", paths=["zebracrossing"])
    assert is_system_name("zebracr0ssing9", paths=["zebracrossing"])
    assert not is_system_name("zebra", paths=["zebracrossing"])


def test_the_operator_reserves_names() -> None:
    extra = ExtraWords(reserved=frozenset({"Sunny-Hill", "grüne"}))
    check_chosen("SunnyHill")
    for name in ("SunnyHill", "sunnyhiII", "sunny_hill99"):
        with pytest.raises(NameSystem):
            check_chosen(name, extra)
    check_chosen("SunnyHills", extra)


def test_the_operator_blocks_words() -> None:
    extra = ExtraWords(blocked=frozenset({"Pineapple", "fig", "=quince", "müll", ""}))
    for name in ("ILikePineapple", "xxp1neappleXx", "pine_apple", "BigFig", "fig7", "Quince_9"):
        check_chosen(name)
        with pytest.raises(NameNotAllowed, match="this site does not allow"):
            check_chosen(name, extra)
    for name in ("Figaro", "Quincey", "Pine", "Mull"):
        check_chosen(name, extra)


def test_a_refusal_never_echoes_the_word() -> None:
    with pytest.raises(NameNotAllowed) as caught:
        check_chosen("HappyFuck12")
    assert "fuck" not in str(caught.value).lower()
    assert "rude" in str(caught.value)


def test_a_sign_of_hate_made_of_digits_has_its_own_reason() -> None:
    with pytest.raises(NameNotAllowed, match="number"):
        check_chosen("Panda_1488")
    check_chosen("Panda1988")
