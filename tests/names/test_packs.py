"""The operator's word packs: live at every door, and known in their effect before they are saved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from chatpop.extensions import db
from chatpop.names import dice, pack_drafts, pack_previews, packs, rolling, vocabulary
from chatpop.names.capacity import capacity
from chatpop.names.models import PackKind, WordPack
from chatpop.names.pack_drafts import BadPack, Draft, PackNotFound
from chatpop.names.rules import NameNotAllowed, NameSystem
from tests.conftest import both_databases
from tests.support.people import Person


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    packs.forget()
    yield
    packs.forget()


def save(kind: PackKind, text: str, name: str = "Ours", *, is_enabled: bool = True) -> int:
    return pack_drafts.save(Draft(name, kind, text, is_enabled=is_enabled), changed_by=None)


@both_databases
def test_a_pack_is_in_force_at_once_and_gone_when_deleted(app: Flask, gus: Person) -> None:
    def status(name: str) -> int:
        return gus.get("/api/accounts/check-username/", query_string={"username": name}).status_code

    assert (status("SunnyHill"), status("ILikePineapple")) == (200, 200)
    with app.app_context():
        reserved = save(PackKind.RESERVED, "Sunny-Hill  # our school", "School")
        save(PackKind.BLOCKED, "pineapple, fig", "Fruit")
    assert (status("sunnyhiII9"), status("ILikePineapple"), status("Figaro")) == (400, 400, 200)
    with app.app_context():
        pack_drafts.delete(reserved)
    assert (status("SunnyHill"), status("ILikePineapple")) == (200, 400)


def test_another_process_sees_a_change_within_two_seconds(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    with app.app_context():
        packs.check_chosen("SunnyHill")
        pack_id = save(PackKind.RESERVED, "sunnyhill")
        monkeypatch.setattr(packs, "_looked_at", time.monotonic())  # as a process that has just looked
        packs.check_chosen("SunnyHill")
        later = time.monotonic() + packs.MAX_AGE_SECONDS + 0.1
        assert packs.MAX_AGE_SECONDS <= 2
        with monkeypatch.context() as moved:
            moved.setattr(time, "monotonic", lambda: later)
            with pytest.raises(NameSystem):
                packs.check_chosen("SunnyHill")
        pack_drafts.save(Draft("Ours", PackKind.RESERVED, "otherhill"), changed_by=None, pack_id=pack_id)
        packs.check_chosen("SunnyHill")
        with pytest.raises(NameSystem):
            packs.check_chosen("OtherHill")


def test_a_disabled_pack_changes_nothing(app: Flask) -> None:
    with app.app_context():
        save(PackKind.BLOCKED, "pineapple", is_enabled=False)
        packs.check_chosen("ILikePineapple")


def test_the_dice_throws_added_words_and_no_blocked_ones(app: Flask) -> None:
    with app.app_context():
        common = packs.words().firsts[0]
        save(PackKind.FIRST, "flinke frohe muntere", "Deutsch 1")
        save(PackKind.BLOCKED, f"{common} panda otter", "No animals")
        lists = packs.words()
        assert {"flinke", "frohe", "muntere"} <= set(lists.firsts)
        assert common not in lists.firsts
        assert not {"panda", "otter"} & set(lists.seconds)
        thrown = [rolling.dice.candidate(3) for _ in range(2_000)]
        assert any(name.startswith(("Flinke", "Frohe", "Muntere")) for name in thrown)
        assert not any("panda" in name.lower() or "otter" in name.lower() for name in thrown)


def test_a_word_blocked_across_the_border_of_two_is_not_thrown(app: Flask) -> None:
    with app.app_context():
        lists = packs.words()
        first, second = next(pair for pair in lists.pairs() if len(pair[0]) + len(pair[1]) < 12)
        save(PackKind.BLOCKED, first[-2:] + second[:3])
        assert not packs.words().allows(f"{first.capitalize()}{second.capitalize()}123")


@pytest.mark.parametrize(
    ("kind", "text", "words", "skipped"),
    [
        (PackKind.BLOCKED, "Fig, =quince;\n# a comment\nmüll fig", ["=quince", "fig"], ["müll"]),
        (PackKind.RESERVED, "Sunny-Hill ## -- x", ["sunny-hill"], []),
        (PackKind.FIRST, "flink 3fach x fuck admin", ["flink"], ["3fach", "x", "fuck", "admin"]),
        (PackKind.SECOND, "Dachs cock", ["dachs"], ["cock"]),
    ],
)
def test_a_text_is_read_and_what_cannot_be_used_is_told(
    kind: PackKind, text: str, words: list[str], skipped: list[str]
) -> None:
    reading = pack_drafts.read_words(kind, text)
    assert reading.words == words
    assert [word for word, _ in reading.skipped] == skipped
    assert all(reason for _, reason in reading.skipped)


def test_a_preview_tells_capacity_longest_name_clashes_and_verdicts_and_stores_nothing(app: Flask) -> None:
    with app.app_context():
        draft = Draft("Deutsch", PackKind.FIRST, "flinke frohe happy schlaftrunkene")
        shown = pack_previews.preview(draft, ["ILikePineapple", "admin"])
        assert shown.capacity_then > shown.capacity_now == capacity(3)
        assert len(shown.longest_name) == dice.MAX_GENERATED
        assert [word for word, _ in shown.clashes] == ["happy"]
        assert [(verdict.now is None, verdict.then is None) for verdict in shown.verdicts] == [
            (True, True),
            (False, False),
        ]
        blocked = pack_previews.preview(Draft("Fruit", PackKind.BLOCKED, "pineapple panda"), ["ILikePineapple", "Fig"])
        assert blocked.capacity_then < blocked.capacity_now
        assert ("panda", "the dice would lose this word") in blocked.clashes
        assert isinstance(blocked.verdicts[0].then, NameNotAllowed)
        assert blocked.verdicts[0].now is None
        assert blocked.verdicts[1].then is None
        assert db.session.query(WordPack).count() == 0


def test_a_preview_names_the_people_who_have_a_reserved_name(app: Flask, hana: Person) -> None:
    hana.open_room()
    name = hana.name
    assert name
    with app.app_context():
        shown = pack_previews.preview(Draft("Kept", PackKind.RESERVED, name))
        assert shown.clashes == [(name.lower(), f"somebody has the name {name} and keeps it")]


def test_bad_packs_are_refused_with_a_sentence(app: Flask) -> None:
    with app.app_context():
        save(PackKind.BLOCKED, "pineapple")
        for draft, said in [
            (Draft("Ours", PackKind.BLOCKED, "fig"), "of this name"),
            (Draft("", PackKind.BLOCKED, "fig"), "name has 1 to 60"),
            (Draft("x", PackKind.BLOCKED, "müll"), "at least one usable"),
            (Draft("x", PackKind.BLOCKED, " ".join(f"word{n}" for n in range(2_001))), "at most 2,000"),
        ]:
            with pytest.raises(BadPack, match=said):
                pack_drafts.save(draft, changed_by=None)
        everything = " ".join(f"={word}" for word in vocabulary.words().seconds)
        with pytest.raises(BadPack, match="fewer than"):
            save(PackKind.BLOCKED, everything, "All")
        with pytest.raises(PackNotFound):
            pack_drafts.save(Draft("y", PackKind.BLOCKED, "fig"), changed_by=None, pack_id=99)
        assert [pack.name for pack in pack_drafts.everything()] == ["Ours"]


def test_a_dice_without_words_says_so_instead_of_turning_for_ever() -> None:
    empty = vocabulary.Words((), (), frozenset())
    with pytest.raises(dice.OutOfWords):
        dice.Dice(words=lambda: empty).candidate(3)
    assert capacity(3, empty) == 0
