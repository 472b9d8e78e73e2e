"""Merging a guest into a member: previewed, confirmed, never by itself, and undone within seven days."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from freezegun import freeze_time
from sqlalchemy import delete, select

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import Device, User
from chatpop.lifecycle import merging
from chatpop.lifecycle.jobs import forget_merges
from chatpop.lifecycle.models import Merge
from chatpop.names.models import Name
from chatpop.rooms.mention_models import Mention
from chatpop.rooms.models import Message, Participation, Room
from chatpop.rooms.report_models import Ignore
from tests.accounts.acts import log_in, make_member, register, user_called
from tests.conftest import both_databases
from tests.lifecycle.everything import Rows, every_row
from tests.support.people import Answer, Person

LATER = timedelta(days=7, minutes=1)
MEMBER = "Mia-Rivers"


def become_guest(hana: Person) -> tuple[str, str]:
    """hana opens a room and talks; returns the room's code and her name."""
    code = hana.open_room("Harbour")
    assert hana.say(code, "from the guest").status_code == 201
    assert hana.name
    return code, hana.name


def merge(someone: Person, guest: str, **data: str) -> Answer:
    return someone.post("/account/merges", data={"guest": guest, **data})


def undo(app: Flask, someone: Person) -> Answer:
    with app.app_context():
        merge_id = db.session.scalar(select(Merge.id).order_by(Merge.id.desc())) or 0
    return someone.post(f"/account/merges/{merge_id}/reversal")


def owners(app: Flask) -> dict[str, set[int | None]]:
    """Whose the rows are, by table."""
    with app.app_context():
        return {
            "rooms": set(db.session.scalars(select(Room.host_id))),
            "places": set(db.session.scalars(select(Participation.user_id))),
            "messages": set(db.session.scalars(select(Message.author_id))),
            "names": set(db.session.scalars(select(Name.user_id))),
        }


def hana_as_mia(app: Flask, hana: Person) -> tuple[str, str]:
    """hana was a guest here and logs in as the member she is; returns the room's code and the guest's name."""
    register(Person(app))
    code, guest = become_guest(hana)
    assert log_in(hana).status_code == 303
    return code, guest


@both_databases
def test_the_preview_shows_what_would_move_and_moves_nothing(app: Flask, hana: Person, gus: Person) -> None:
    _, guest = hana_as_mia(app, hana)
    elsewhere = gus.open_room("Attic")
    hana.join(elsewhere, MEMBER)
    before = every_row(app)
    page = hana.get("/account/merges/new").text
    for shown in (guest, MEMBER, "Harbour", "1, each under the name it was written with"):
        assert shown in page
    assert "Attic" not in page, "it is the member's already"
    after = every_row(app)
    assert {name: rows for name, rows in before.items() if rows != after[name]} == {}


@both_databases
def test_a_merge_moves_everything_and_renames_nothing(app: Flask, hana: Person, oto: Person) -> None:
    code, guest = hana_as_mia(app, hana)
    member, ghost = user_called(app, MEMBER), user_called(app, guest)
    answer = merge(hana, guest)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert owners(app) == {noun: {member.id} for noun in ("rooms", "places", "messages", "names")}
    assert f"{guest} is part of your account now." in hana.get("/account").text
    assert hana.say(code, "and on it goes").status_code == 201
    page = oto.get(f"/rooms/{code}").text
    assert page.count(guest) > 1
    assert MEMBER not in page, "nothing public links the two names"
    after = user_called(app, guest)
    assert (after.is_abandoned, after.fingerprint_hash, after.epoch) == (True, None, ghost.epoch + 1)


@both_databases
def test_one_person_has_one_tag_in_a_room_before_and_after(app: Flask, hana: Person) -> None:
    code, guest = hana_as_mia(app, hana)

    def tags() -> set[str]:
        with app.app_context():
            return set(db.session.scalars(select(Message.author_tag)))

    first = tags()
    merge(hana, guest)
    hana.say(code, "as the member, under the guest's name")
    assert len(tags()) == 1
    assert tags() != first
    page = hana.get(f"/rooms/{code}").text
    assert f'data-me="{tags().pop()}"' in page or tags().pop() in page


def test_the_merged_guest_can_not_come_back(app: Flask, hana: Person, gus: Person) -> None:
    register(Person(app))
    _, guest = become_guest(hana)
    secret = hana.cookie("device")
    assert secret
    gus.client.set_cookie("chatpop_device", secret)
    assert gus.name == guest, "the same device, from another window"
    log_in(hana)
    merge(hana, guest)
    with app.app_context():
        assert db.session.scalars(select(Device)).all() == [], "not even a device that might wake it"
    assert not gus.name
    hana.post("/logout")
    assert not hana.name


@both_databases
def test_where_both_are_in_one_room_the_members_place_stays(app: Flask, hana: Person, gus: Person) -> None:
    mia = make_member(Person(app))
    here = gus.open_room("Attic")
    mia.join(here, MEMBER)
    mia.say(here, "the member", client_id="1")
    guest = hana.roll(here)
    hana.join(here, guest)
    hana.say(here, "the guest", client_id="1")
    log_in(hana)
    assert "Rooms where you are both" in hana.get("/account/merges/new").text
    before = every_row(app)
    assert merge(hana, guest).status_code == 303
    with app.app_context():
        member = user_called(app, MEMBER).id
        places = db.session.scalars(select(Participation.name).where(Participation.user_id == member)).all()
        assert places == [MEMBER]
        written = db.session.scalars(select(Message.author_name).where(Message.author_id == member)).all()
        assert sorted(written) == sorted([MEMBER, guest])
    assert undo(app, hana).status_code == 303
    assert differences(before, every_row(app)) == {}


def differences(before: dict[str, Rows], after: dict[str, Rows]) -> dict[str, tuple[Rows, Rows]]:
    """What an undo has not put back. Sessions go on; new ids of restored rows and "last seen" say nothing."""
    passing = {"sessions", "refresh_tokens"}
    unsteady = {"users": ("epoch", "last_seen_at", "last_login_ip"), "devices": ("id",), "participations": ("id",)}

    def bare(table: str, rows: Rows) -> Rows:
        gone = unsteady.get(table, ())
        return sorted(({key: value for key, value in row.items() if key not in gone} for row in rows), key=str)

    return {
        table: (bare(table, before[table]), bare(table, after[table]))
        for table in before
        if table not in passing and bare(table, before[table]) != bare(table, after[table])
    }


@both_databases
def test_who_was_ignored_stays_ignored_and_comes_back_so(app: Flask, hana: Person, gus: Person) -> None:
    """An ignored tag follows the person, whose tag is made anew; and whom the guest ignored stays so too."""
    code, guest = hana_as_mia(app, hana)
    gus.join(code)
    gus.say(code, "from gus")
    with app.app_context():
        tags = {row.body: row.author_tag for row in db.session.scalars(select(Message))}
    assert gus.post(f"/rooms/{code}/ignores", data={"tag": tags["from the guest"]}).status_code == 303
    with app.app_context(), transaction() as session:
        of_guest = session.scalars(select(User).where(User.username == guest)).one()
        session.add(
            Ignore(
                user_id=of_guest.id,
                room_id=session.scalars(select(Room.id)).one(),
                tag=tags["from gus"],
                name="gus",
                created_at=clock.now(),
            )
        )
    before = ignored(app)
    assert merge(hana, guest).status_code == 303
    assert "from the guest" not in gus.get(f"/rooms/{code}").text
    assert "from gus" not in hana.get(f"/rooms/{code}").text
    undo(app, hana)
    assert "from the guest" not in gus.get(f"/rooms/{code}").text
    assert ignored(app) == before


@both_databases
def test_who_was_called_stays_called_and_comes_back_so(app: Flask, hana: Person, gus: Person) -> None:
    code, guest = hana_as_mia(app, hana)
    gus.join(code)
    gus.say(code, f"hello @{guest}")
    before = every_row(app)["mentions"]
    assert len(before) == 1
    assert merge(hana, guest).status_code == 303
    with app.app_context():
        tag = db.session.scalars(select(Message.author_tag).where(Message.body == "from the guest")).one()
        row = db.session.scalars(select(Mention)).one()
        assert (row.tag, row.user_id) == (tag, db.session.scalars(select(User.id).where(User.username == MEMBER)).one())
    undo(app, hana)
    assert every_row(app)["mentions"] == before


def ignored(app: Flask) -> set[tuple[int, str]]:
    with app.app_context():
        return {(row.user_id, row.tag) for row in db.session.scalars(select(Ignore))}


@both_databases
def test_an_undo_puts_everything_back(app: Flask, hana: Person, gus: Person) -> None:
    _, guest = hana_as_mia(app, hana)
    secret = hana.cookie("device") or ""
    hana.join(gus.open_room("Attic"), MEMBER)
    before = every_row(app)
    assert merge(hana, guest).status_code == 303
    assert differences(before, every_row(app)) != {}
    with freeze_time(clock.now() + timedelta(days=6, hours=23), tick=True):
        log_in(hana)
        assert 'reversal" method="post"' in hana.get("/account").text
        answer = undo(app, hana)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
        assert f"{guest} is a guest of its own again." in hana.get("/account").text
        assert differences(before, every_row(app)) == {}
        assert undo(app, hana).status_code == 404, "once"
        gus.client.set_cookie("chatpop_device", secret)
        gus.client.delete_cookie("chatpop_access")
        gus.client.delete_cookie("chatpop_refresh")
        assert gus.name == guest, "its browsers know it again"


@both_databases
def test_what_was_written_or_left_since_stays_as_it_is(app: Flask, hana: Person) -> None:
    code, guest = hana_as_mia(app, hana)
    ghost = user_called(app, guest).id
    merge(hana, guest)
    hana.say(code, "written as the member")
    hana.post(f"/rooms/{code}/departure")
    assert undo(app, hana).status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Participation.user_id)).all() == []
        author = {row.body: row.author_id for row in db.session.scalars(select(Message))}
    assert author == {"from the guest": ghost, "written as the member": user_called(app, MEMBER).id}


def test_a_row_that_got_the_id_of_an_older_one_is_not_taken_for_it(app: Flask, hana: Person, gus: Person) -> None:
    code, guest = hana_as_mia(app, hana)
    with app.app_context():
        first = db.session.scalars(select(Participation.id)).one()
    merge(hana, guest)
    hana.post(f"/rooms/{code}/departure")
    with freeze_time(clock.now() + timedelta(seconds=1), tick=True):
        elsewhere = make_member(gus, "Gus-Lake", "gus@example.com").open_room("Attic")
        with app.app_context():
            db.session.execute(delete(Participation))
            db.session.commit()
        hana.join(elsewhere, MEMBER)
        with app.app_context():
            place = db.session.scalars(select(Participation)).one()
            assert (place.id, place.user_id) == (first, user_called(app, MEMBER).id), "SQLite gives it again"
        assert undo(app, hana).status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Participation.user_id)).all() == [user_called(app, MEMBER).id]


def test_a_name_that_the_member_took_since_goes_back_too(app: Flask, hana: Person) -> None:
    _, guest = hana_as_mia(app, hana)
    merge(hana, guest)
    assert hana.post("/account/name", data={"username": guest.upper()}).status_code == 303
    assert hana.name == guest.upper()
    assert undo(app, hana).status_code == 303
    assert hana.name == MEMBER
    with app.app_context():
        rows = {row.display: row.user_id for row in db.session.scalars(select(Name))}
    assert rows == {guest: user_called(app, guest).id, MEMBER: user_called(app, MEMBER).id}


def test_the_merged_names_are_the_members_own(app: Flask, hana: Person, gus: Person) -> None:
    _, guest = hana_as_mia(app, hana)
    merge(hana, guest)
    elsewhere = gus.open_room("Attic")
    assert hana.join(elsewhere, guest).status_code == 201
    assert gus.get(f"/api/accounts/check-username/?username={guest}").json["available"] is False


def test_this_browser_knows_the_guest_again_where_it_had_forgotten_it(app: Flask, hana: Person) -> None:
    _, guest = hana_as_mia(app, hana)
    merge(hana, guest)
    hana.post("/logout")
    log_in(hana)
    assert hana.cookie("device") is None
    assert undo(app, hana).status_code == 303
    assert hana.cookie("device")
    hana.client.delete_cookie("chatpop_access")
    hana.client.delete_cookie("chatpop_refresh")
    assert hana.name == guest


@both_databases
def test_after_seven_days_nothing_is_left_to_undo(app: Flask, hana: Person) -> None:
    _, guest = hana_as_mia(app, hana)
    merge(hana, guest)
    with app.app_context():
        assert forget_merges() == 0
    with freeze_time(clock.now() + LATER, tick=True):
        log_in(hana)
        assert undo(app, hana).status_code == 404
        assert "Undo" not in hana.get("/account").text
        with app.app_context():
            assert forget_merges() == 1
            assert forget_merges() == 0
    rows = every_row(app)
    assert (rows["merges"], rows["merge_items"]) == ([], [])
    after = user_called(app, guest)
    assert (after.is_abandoned, after.fingerprint_data, after.registration_ip, after.last_login_ip) == (
        True,
        None,
        None,
        None,
    )


@both_databases
def test_of_two_merges_at_once_one_wins(app: Flask, hana: Person) -> None:
    _, guest = become_guest(hana)
    members = [("Mia-Rivers", "mia@example.com"), ("Ben-Rivers", "ben@example.com")]
    for name, email in members:
        make_member(Person(app), name, email)
    everybody = [user_called(app, name) for name, _ in members for _ in range(2)]
    start, ends = threading.Barrier(len(everybody)), []

    def race(member: User) -> None:
        with app.app_context():
            ghost = user_called(app, guest)
            start.wait(10)
            try:
                merging.merge(member, ghost)
                ends.append(member.id)
            except merging.NobodyToMerge:
                ends.append(0)

    threads = [threading.Thread(target=race, args=(member,)) for member in everybody]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(ends) == len(everybody)
    winners = {end for end in ends if end}
    assert ends.count(0) == len(everybody) - 1
    assert all(found <= winners | {m.id for m in everybody} for found in [owners(app)["names"]])
    assert owners(app)["messages"] == winners
    with app.app_context():
        assert len(db.session.scalars(select(Merge)).all()) == 1


def test_only_a_member_merges_and_only_what_the_browser_proves(app: Flask, hana: Person, oto: Person) -> None:
    _, guest = become_guest(hana)
    mia = make_member(Person(app))
    before = owners(app)
    assert merge(mia, guest).status_code == 409, "knowing the name is no proof"
    assert "This browser knows no guest." in mia.get("/account/merges/new").text
    assert merge(hana, guest).status_code == 403
    answer = merge(oto, guest)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert oto.post("/account/merges", json={"guest": guest}).status_code == 401
    log_in(hana)
    assert merge(hana, "Somebody-Else").status_code == 409, "another guest than the one that was shown"
    assert merge(hana, guest, csrf_token="wrong").status_code == 400
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert hana.post("/account/merges", data={"guest": guest}, headers=foreign).status_code == 403
    assert hana.get("/account/merges").status_code == 405
    assert owners(app) == before


def test_only_the_member_undoes(app: Flask, hana: Person, gus: Person, oto: Person) -> None:
    _, guest = hana_as_mia(app, hana)
    merge(hana, guest)
    make_member(gus, "Gus-Lake", "gus@example.com")
    assert undo(app, gus).status_code == 404
    answer = undo(app, oto)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    path = "/account/merges/1/reversal"
    assert hana.post(path, data={"csrf_token": "wrong"}).status_code == 400
    assert hana.get(path).status_code == 405
    assert hana.post("/account/merges/99/reversal").status_code == 404
    assert user_called(app, guest).is_abandoned


@pytest.mark.parametrize("column", ["is_disabled", "is_abandoned", "is_registered"])
def test_a_guest_that_is_none_any_more_is_not_merged(app: Flask, hana: Person, column: str) -> None:
    _, guest = hana_as_mia(app, hana)
    with app.app_context():
        ghost = db.session.scalars(select(User).where(User.username == guest)).one()
        setattr(ghost, column, True)
        db.session.commit()
    assert merge(hana, guest).status_code == 409
    assert "merge-offer" not in hana.get("/account").text


def resume_code(app: Flask, guest: str) -> str:
    from chatpop.identity import resume_codes

    with app.app_context():
        return resume_codes.make(user_called(app, guest))


def test_a_guest_of_another_browser_is_proven_by_its_resume_code(app: Flask, hana: Person) -> None:
    _, guest = become_guest(hana)
    code, mia = resume_code(app, guest), make_member(Person(app))
    page = mia.post("/account/merge-previews", data={"code": code.lower()}).text
    assert guest in page
    assert "Harbour" in page
    assert merge(mia, guest, code=code).status_code == 303
    assert owners(app)["rooms"] == {user_called(app, MEMBER).id}
    assert merge(mia, guest, code=code).status_code == 422, "nobody is behind it any more"
    assert undo(app, mia).status_code == 303
    assert mia.post("/account/merge-previews", data={"code": code}).status_code == 200, "the code is back too"


def test_resume_codes_can_not_be_guessed_here_either(app: Flask, hana: Person) -> None:
    _, guest = become_guest(hana)
    code, mia = resume_code(app, guest), make_member(Person(app))
    for _ in range(4):
        assert mia.post("/account/merge-previews", data={"code": "wrong"}).status_code == 422
    mia.post("/account/merges", data={"guest": guest, "code": "wrong"})
    for answer in (merge(mia, guest, code=code), mia.post("/account/merge-previews", data={"code": code})):
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 0
    assert hana.post("/account/merge-previews", data={"code": code}).status_code == 403


def test_the_offer_is_made_after_the_log_in_and_stays_on_the_account_page(app: Flask, hana: Person) -> None:
    _, guest = hana_as_mia(app, hana)
    offer = f"This browser also knows {guest}"
    assert offer in hana.get("/").text
    assert offer in hana.get("/account").text
    with freeze_time(clock.now() + timedelta(hours=2), tick=True):
        assert offer not in hana.get("/").text
        assert offer in hana.get("/account").text
    assert owners(app)["rooms"] == {user_called(app, guest).id}, "never by itself"
    merge(hana, guest)
    assert offer not in hana.get("/").text


def test_nobody_else_is_offered_anything(app: Flask, hana: Person, oto: Person) -> None:
    become_guest(hana)
    mia = make_member(Person(app))
    for somebody in (hana, oto, mia):
        assert "merge-offer" not in somebody.get("/").text


def test_where_browsers_are_not_recognised_an_undo_gives_no_device(make_app: Callable[..., Flask]) -> None:
    app = make_app(GUEST_RECOGNITION="none")
    hana, mia = Person(app), make_member(Person(app))
    _, guest = become_guest(hana)
    assert merge(mia, guest, code=resume_code(app, guest)).status_code == 303
    assert undo(app, mia).status_code == 303
    assert mia.cookie("device") is None
    with app.app_context():
        assert db.session.scalars(select(Device)).all() == []
