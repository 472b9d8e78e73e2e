"""Files at their addresses: who may read them, and the exact headers that keep them harmless."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.identity.models import User
from chatpop.lifecycle.abandoning import abandon
from chatpop.rooms.models import Message, Room
from chatpop.uploads import attaching
from chatpop.uploads.models import Upload
from tests.accounts.acts import PASSWORD
from tests.support.people import Person
from tests.uploads.sending import all_uploads, fetch, keep, picture

POLICY = "sandbox; default-src 'none'"


def test_a_picture_is_shown_in_place_with_exact_headers(gus: Person, oto: Person) -> None:
    answer = fetch(oto, keep(gus))
    assert answer.status_code == 200
    told = {name: answer.headers[name] for name in ("Content-Type", "Content-Disposition", "Cache-Control")}
    assert told == {
        "Content-Type": "image/png",
        "Content-Disposition": "inline; filename=cat.png",
        "Cache-Control": "public, max-age=86400, immutable",
    }
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.data.startswith(b"\x89PNG")
    assert answer.headers["Content-Length"] == str(len(answer.data))


def test_everything_else_is_a_download_that_can_not_run(mia: Person) -> None:
    for name, content in (("page.html", b"<script>alert(1)</script>"), ("x.svg", b"<svg onload='alert(1)'/>")):
        answer = fetch(mia, keep(mia, name, content))
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.data == content


def test_parts_are_served(mia: Person) -> None:
    url = keep(mia, "digits.txt", b"0123456789" * 20_000)
    for wanted, told, content in (
        ("bytes=0-3", "bytes 0-3/200000", b"0123"),
        ("bytes=199998-", "bytes 199998-199999/200000", b"89"),
        ("bytes=-3", "bytes 199997-199999/200000", b"789"),
        ("bytes=65530-65545", "bytes 65530-65545/200000", b"0123456789012345"),
    ):
        answer = fetch(mia, url, Range=wanted)
        assert (answer.status_code, answer.headers["Content-Range"], answer.data) == (206, told, content)
    for wanted in ("bytes=200000-", "bytes=9-1", "bytes=0-1,5-6"):
        answer = fetch(mia, url, Range=wanted)
        assert (answer.status_code, answer.headers["Content-Range"]) == (416, "bytes */200000"), wanted
    tag = fetch(mia, url).headers["ETag"]
    assert fetch(mia, url, Range="bytes=0-3", If_Range='"other"').status_code == 200
    assert fetch(mia, url, Range="bytes=0-3", If_Range=tag).status_code == 206
    assert fetch(mia, url, If_None_Match=tag).status_code == 304
    head = fetch(mia, url, "HEAD")
    assert (head.status_code, head.headers["Content-Length"], head.data) == (200, "200000", b"")


def test_the_id_decides_and_a_wrong_name_leads_to_the_right_one(gus: Person, oto: Person) -> None:
    url = keep(gus, "summer day.png")
    _, _, public_id, _ = url.split("/")
    answer = oto.get(f"/files/{public_id}/other.png?size=thumbnail")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{url}?size=thumbnail")
    for path in (public_id, "", "x/y", f"{public_id}/a/b", f"{public_id[:-1]}/a"):
        assert oto.get(f"/files/{path}").status_code == 404, path
    hidden = keep(gus, "secret.png", private=True)
    assert oto.get(f"/files/{hidden.split('/')[2]}/x.png").status_code == 404, "not even the name is told"


def test_a_private_file_is_its_owners_alone_to_the_end(app: Flask, gus: Person, oto: Person) -> None:
    url, public = keep(gus, private=True), keep(gus, "open.png")
    keep(oto)
    answer = fetch(gus, url)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    for someone in (oto, Person(app)):
        assert fetch(someone, url).status_code == 404
        assert someone.get(f"/attachments/{url.split('/')[2]}").status_code == 404
    with app.app_context():
        owner_id = all_uploads(app)[0].owner_id
        with transaction() as session:
            session.get_one(User, owner_id).last_seen_at = clock.now() - timedelta(days=400)
        assert abandon(owner_id or 0)
    for someone in (gus, oto):
        assert fetch(someone, url).status_code == 404
        assert fetch(someone, public).status_code == 200, "what was left for all stays"


def test_a_deleted_accounts_files_are_gone_at_once(app: Flask, mia: Person, oto: Person) -> None:
    urls = [keep(mia, private=True), keep(mia, "open.png")]
    assert mia.post("/account/deletion", data={"messages": "keep", "password": PASSWORD}).status_code == 303
    for url in urls:
        assert fetch(oto, url).status_code == 404
    assert all_uploads(app) == []


def attach(app: Flask, code: str) -> None:
    """Hang the newest upload on the room's newest message, as the composer does."""
    with app.app_context(), transaction() as session:
        room_id = session.scalars(select(Room.id).where(Room.code == code)).one()
        message_id = session.scalars(select(Message.id).where(Message.room_id == room_id)).one()
        upload = session.scalars(select(Upload).order_by(Upload.id.desc()).limit(1)).one()
        upload.is_attachment, upload.room_id = True, room_id
        session.flush()
        assert attaching.attach(session, message_id, [upload.public_id], upload.owner_id or 0, room_id)


@pytest.mark.parametrize("visibility", ["public", "private"])
def test_an_attachment_is_readable_by_whoever_may_read_its_room(
    app: Flask, hana: Person, gus: Person, oto: Person, visibility: str
) -> None:
    code = hana.open_room("Tea", visibility)
    invite = hana.get(f"/rooms/{code}").text.split("?invite=")[1].split('"')[0] if visibility == "private" else ""
    hana.say(code, "look")
    url = keep(hana)
    attach(app, code)
    is_private = visibility == "private"
    assert fetch(hana, url).headers["Cache-Control"].startswith("private" if is_private else "public")
    assert fetch(oto, url).status_code == (404 if is_private else 200)
    if is_private:
        assert gus.get(f"/rooms/{code}?invite={invite}").status_code == 303
    assert fetch(gus, url).status_code == 200
    with app.app_context(), transaction() as session:
        session.execute(update(Message).values(deleted_at=clock.now()))
    assert fetch(gus, url).status_code == 404, "not even before the job has come by"


def test_a_file_whose_room_has_gone_is_not_everybodys(app: Flask, hana: Person, oto: Person) -> None:
    code = hana.open_room("Tea", "private")
    hana.say(code, "look")
    url = keep(hana)
    attach(app, code)
    with app.app_context(), transaction() as session:
        session.execute(delete(Room).where(Room.code == code))
    assert fetch(oto, url).status_code == 404
    assert all_uploads(app)[0].room_id is None


def test_a_file_for_a_room_is_the_senders_alone_until_it_is_sent(app: Flask, hana: Person, oto: Person) -> None:
    hana.open_room("Tea")
    url = keep(hana, content=picture())
    with app.app_context(), transaction() as session:
        session.execute(update(Upload).values(is_attachment=True, room_id=select(Room.id).scalar_subquery()))
    assert (fetch(hana, url).status_code, fetch(oto, url).status_code) == (200, 404)
