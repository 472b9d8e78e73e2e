"""The page about people: found by any name, looked at, disabled, forgotten, made an admin."""

from __future__ import annotations

import re
import threading

import pytest
from flask import Flask
from sqlalchemy import update

from chatpop.core import clock
from chatpop.extensions import db
from chatpop.identity import disabling, listing
from chatpop.identity.models import User
from tests.accounts.acts import log_in, make_member, user_called
from tests.admin.acts import account, audit_actions, change, id_of
from tests.conftest import both_databases
from tests.support.people import Person
from tests.support.rows import row_counts


def listed(admin: Person, **query: str) -> list[str]:
    """The account names on the page."""
    page = admin.get("/admin/people", query_string=query).text
    return re.findall(r'record-title"><a href="/admin/people/\d+">([^<]+)<', page)


def test_people_are_found_by_any_of_their_names(app: Flask, ada: Person, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    gus.open_room("Other")
    rolled = gus.roll(code)
    gus.join(code, rolled)
    assert listed(ada, q=rolled) == [gus.name], "by a room name"
    assert listed(ada, q=rolled.upper()[:-1]) == [gus.name], "its beginning, in any case"
    assert listed(ada, q="ada@example.com") == ["Ada"], "by e-mail"
    assert listed(ada, q=f"#{id_of(app, gus)}") == [gus.name]
    assert listed(ada, q="NobodyAtAll") == listed(ada, q="%%%") == listed(ada, q="Ωmega") == []


def test_the_list_is_filtered_and_sorted(app: Flask, ada: Person, hana: Person, gus: Person, mia: Person) -> None:
    hana.open_room()
    gus.open_room()
    hana_id, gus_id = id_of(app, hana), id_of(app, gus)
    change(ada, "disable", gus_id)
    names = {hana_id: account(app, hana_id).username, gus_id: account(app, gus_id).username}
    assert set(listed(ada, tier="member")) == {"Ada", "Mia-Rivers"}
    assert listed(ada, tier="guest", state="active") == [names[hana_id]]
    assert listed(ada, state="disabled") == [names[gus_id]]
    assert listed(ada, state="admin") == ["Ada"]
    assert listed(ada, state="abandoned") == []
    assert listed(ada)[0] == names[gus_id], "the newest account first"
    with app.app_context():
        db.session.execute(update(User).where(User.id == hana_id).values(last_seen_at=clock.now().replace(year=2100)))
        db.session.commit()
    assert listed(ada, sort="seen")[0] == names[hana_id]


@pytest.mark.parametrize("sort", ["created", "seen"])
def test_pages_hold_everybody_once(app: Flask, ada: Person, sort: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    guests = [Person(app) for _ in range(4)]
    for guest in guests:
        guest.open_room()
    with app.app_context():
        moment = clock.now()
        db.session.execute(update(User).values(last_seen_at=moment))  # all in one moment: the number decides
        db.session.commit()
    path, found = f"/admin/people?sort={sort}", []
    for _ in range(3):
        page = ada.get(path).text
        found += re.findall(r'record-title"><a href="/admin/people/(\d+)">', page)
        following = re.search(r'href="([^"]+)">Next page', page)
        path = following.group(1).replace("&amp;", "&") if following else ""
    assert not path
    assert len(found) == len(set(found)) == 5
    assert ada.get("/admin/people?after=nonsense&sort=seen").status_code == 200


def test_one_persons_page_tells_everything(app: Flask, ada: Person, hana: Person) -> None:
    code = hana.open_room("Blue room")
    hana.say(code, "hello")
    page = ada.get(f"/admin/people/{id_of(app, hana)}").text
    for said in (str(hana.name), "Blue room", "127.0.0.1", "Firefox/140.0", "Browsers", "no other living"):
        assert said in page, said
    assert str(account(app, id_of(app, hana)).fingerprint_hash) not in page
    assert ada.get("/admin/people/999999").status_code == 404


def test_nothing_is_done_before_it_is_confirmed(app: Flask, ada: Person, hana: Person, mia: Person) -> None:
    hana.open_room()
    hana_id, mia_id = id_of(app, hana), user_called(app, "Mia-Rivers").id
    before = row_counts(app)
    sent = {"change": "forget", "ids": [str(hana_id), str(mia_id)]}
    page = ada.post("/admin/people/changes", data=sent)
    assert page.status_code == 200
    able, unable = page.text.split('id="unable"')
    assert str(hana.name) in able
    assert "Mia-Rivers" in unable, "members are never forgotten"
    assert row_counts(app) == before
    assert account(app, hana_id).is_abandoned is False


def test_a_disabled_account_is_told_so_at_every_door(app: Flask, ada: Person, hana: Person, mia: Person) -> None:
    code = hana.open_room()
    hana_id, mia_id = id_of(app, hana), id_of(app, mia)
    epoch = account(app, mia_id).epoch
    assert change(ada, "disable", hana_id, mia_id, reason="spam") == 303
    assert account(app, mia_id).epoch > epoch
    for someone in (hana, mia):
        refused = someone.get("/account")
        assert (refused.status_code, "has been disabled" in refused.text) == (403, True)
        assert someone.say(code, "still here").status_code == 403
        assert someone.post("/rooms", data={"name": "New", "visibility": "public"}).status_code == 403
    assert log_in(mia).status_code == 422
    assert audit_actions(app) == ["account_disabled", "account_disabled"]


@pytest.mark.parametrize("kept", ["access", "refresh"])
def test_each_cookie_of_a_disabled_member_is_told_why(app: Flask, ada: Person, mia: Person, kept: str) -> None:
    change(ada, "disable", id_of(app, mia))
    mia.client.delete_cookie("chatpop_refresh" if kept == "access" else "chatpop_access")
    assert mia.get("/account").status_code == 403
    assert mia.post("/rooms", data={"name": "New", "visibility": "public"}).status_code == 403


def test_an_enabled_account_starts_with_a_fresh_log_in(app: Flask, ada: Person, hana: Person, mia: Person) -> None:
    hana.open_room()
    name, hana_id, mia_id = hana.name, id_of(app, hana), id_of(app, mia)
    change(ada, "disable", hana_id, mia_id)
    assert change(ada, "enable", hana_id, mia_id) == 303
    assert hana.name == name, "a guest is recognised by the browser"
    assert mia.name is None, "old log-ins stay dead"
    assert log_in(mia).status_code == 303
    assert audit_actions(app).count("account_enabled") == 2


def test_a_guest_is_forgotten_at_once_and_a_member_never(app: Flask, ada: Person, hana: Person, mia: Person) -> None:
    hana.open_room()
    hana_id, mia_id = id_of(app, hana), id_of(app, mia)
    assert change(ada, "forget", hana_id, mia_id) == 303
    assert (account(app, hana_id).is_abandoned, account(app, mia_id).is_abandoned) == (True, False)
    assert account(app, hana_id).fingerprint_hash is None
    assert hana.name is None
    assert audit_actions(app) == ["guest_forgotten"]


def test_bad_choices_change_nothing(app: Flask, ada: Person, hana: Person) -> None:
    hana.open_room()
    hana_id = id_of(app, hana)
    assert change(ada, "explode", hana_id) == 422
    assert change(ada, "disable") == 422
    assert change(ada, "disable", *range(1, 102)) == 422, "more than fit on a page"
    wrong = {"change": "disable", "ids": str(hana_id), "confirmed": "1", "csrf_token": "wrong"}
    assert ada.post("/admin/people/changes", data=wrong).status_code == 400
    assert account(app, hana_id).is_disabled is False


def test_a_member_is_made_an_admin_and_unmade(app: Flask, ada: Person, mia: Person, hana: Person) -> None:
    hana.open_room()
    mia_id = id_of(app, mia)
    assert ada.post(f"/admin/people/{id_of(app, hana)}/admin").status_code == 422, "a guest"
    assert mia.get("/admin").status_code == 403
    assert ada.post(f"/admin/people/{mia_id}/admin").status_code == 303
    assert mia.get("/admin").status_code == 200
    assert change(ada, "disable", mia_id) == 303
    assert account(app, mia_id).is_disabled is False, "an admin is not disabled"
    assert ada.post(f"/admin/people/{mia_id}/admin/end").status_code == 303
    assert mia.get("/admin").status_code == 403
    assert audit_actions(app) == ["admin_made", "admin_unmade"]
    assert ada.post("/admin/people/999999/admin").status_code == 404


def test_the_last_admin_stays(app: Flask, ada: Person) -> None:
    ada_id = id_of(app, ada)
    refused = ada.post(f"/admin/people/{ada_id}/admin/end")
    assert (refused.status_code, "only admin" in refused.text) == (409, True)
    assert account(app, ada_id).is_admin


@both_databases
def test_of_two_admins_who_unmake_each_other_one_stays(app: Flask, ada: Person) -> None:
    second = make_member(Person(app), "Bea-Lake", "bea@example.com")
    ids = [id_of(app, ada), id_of(app, second)]
    ada.post(f"/admin/people/{ids[1]}/admin")
    refused: list[str] = []

    def unmake(user_id: int) -> None:
        with app.app_context():
            try:
                disabling.unmake_admin(user_id, by=None)
            except disabling.LastAdmin as refusal:
                refused.append(refusal.code)

    threads = [threading.Thread(target=unmake, args=(user_id,)) for user_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["last_admin"]
    assert sum(account(app, user_id).is_admin for user_id in ids) == 1
