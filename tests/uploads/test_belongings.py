"""Files follow their person: into a merge and back, into the export, out with the account."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO

from flask import Flask
from sqlalchemy import select

from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.lifecycle import archive, figures
from chatpop.lifecycle.jobs import exports_folder
from chatpop.lifecycle.models import Merge
from chatpop.rooms.models import Message
from chatpop.uploads.models import Upload
from tests.accounts.acts import PASSWORD, log_in, make_member, register, user_called
from tests.conftest import both_databases
from tests.lifecycle.working import work
from tests.support.people import Person
from tests.uploads.sending import all_uploads, counts, fetch, keep, picture


@both_databases
def test_a_merge_takes_the_guests_files_along_and_an_undo_brings_them_back(app: Flask, hana: Person) -> None:
    mia = make_member(Person(app))
    keep(mia, "mias.txt", b"words")
    secret = keep(hana, "secret.png", private=True)
    keep(hana, "open.png")
    guest = hana.name or ""
    assert log_in(hana).status_code == 303
    assert hana.post("/account/merges", data={"guest": guest}).status_code == 303
    member, ghost = user_called(app, "Mia-Rivers"), user_called(app, guest)
    assert (member.items_count, ghost.items_count) == (3, 0)
    assert {upload.owner_id for upload in all_uploads(app)} == {member.id}
    assert fetch(mia, secret).status_code == 200
    keep(mia, "later.txt", b"more words")
    with app.app_context():
        merge_id = db.session.scalars(select(Merge.id)).one()
    assert hana.post(f"/account/merges/{merge_id}/reversal").status_code == 303
    member, ghost = user_called(app, "Mia-Rivers"), user_called(app, guest)
    assert (member.items_count, ghost.items_count) == (2, 2)
    assert fetch(mia, secret).status_code == 404
    owned = {upload.name: upload.owner_id for upload in all_uploads(app)}
    assert owned == {"mias.txt": member.id, "later.txt": member.id, "secret.png": ghost.id, "open.png": ghost.id}


def test_an_upgrade_keeps_files_and_count(app: Flask, gus: Person) -> None:
    url = keep(gus, private=True)
    assert register(gus, "Gus-Waters", "gus@example.com").status_code == 303
    assert user_called(app, "Gus-Waters").items_count == 1
    assert fetch(gus, url).status_code == 200


def test_the_copy_of_ones_data_holds_the_files(app: Flask, mia: Person, oto: Person) -> None:
    content = picture()
    url = keep(mia, "secret.txt", b"my own words", private=True)
    keep(oto, "others.png", content)
    with app.app_context():
        archive.write(exports_folder(), "token", user_called(app, "Mia-Rivers").id)
        packed = zipfile.ZipFile(BytesIO(archive.path_of(exports_folder(), "token").read_bytes()))
    [listed] = json.loads(packed.read("files.json"))
    assert (listed["name"], listed["is_private"], listed["size"]) == ("secret.txt", True, 12)
    names = [name for name in packed.namelist() if name.startswith("files/")]
    assert names == [f"files/{url.split('/')[2]}-secret.txt"]
    assert packed.read(names[0]) == b"my own words"


def test_what_is_too_much_for_a_copy_is_listed_only(app: Flask, mia: Person, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    for name, content in (("old.txt", b"four"), ("large.txt", b"a" * 50), ("new.txt", b"four")):
        keep(mia, name, content)
    monkeypatch.setattr(archive, "MAX_FILE_BYTES", 9)
    with app.app_context():
        archive.write(exports_folder(), "token", user_called(app, "Mia-Rivers").id)
        packed = zipfile.ZipFile(BytesIO(archive.path_of(exports_folder(), "token").read_bytes()))
    assert len(json.loads(packed.read("files.json"))) == 3
    kept = {name.partition("-")[0] for name in packed.namelist() if name.startswith("files/")}
    assert len(kept) == 2


def test_a_deleted_account_takes_its_files_along_but_for_those_of_messages_that_stay(app: Flask, mia: Person) -> None:
    for fate, left in (("keep", 1), ("remove", 0)):
        someone = make_member(Person(app), f"Mia-{fate}", f"{fate}@example.com")
        code = someone.open_room()
        someone.say(code, "look")
        keep(someone, "own.txt", b"words")
        keep(someone, "sent.txt", b"words")
        user = user_called(app, f"Mia-{fate}")
        with app.app_context(), transaction() as session:
            message_id = session.scalars(select(Message.id).where(Message.author_id == user.id)).one()
            sent = session.scalars(select(Upload).where(Upload.name == "sent.txt", Upload.owner_id == user.id)).one()
            sent.is_attachment, sent.message_id = True, message_id
        answer = someone.post("/account/deletion", data={"messages": fate, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        work(app)
        assert len(all_uploads(app)) == left, fate
        for upload in all_uploads(app):
            assert upload.owner_id is None
            with app.app_context(), transaction() as session:
                session.delete(session.get_one(Upload, upload.id))


def test_the_figures_count_uploads(app: Flask, gus: Person) -> None:
    keep(gus)
    with app.app_context():
        assert figures.count_everything()["uploads"] == 1
    assert counts(app) == [1]
