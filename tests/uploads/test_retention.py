"""Files go when nobody wants them any more, by jobs that may die at any point."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from freezegun import freeze_time
from sqlalchemy import select, update

from chatpop import cli
from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.rooms.models import Message, Room
from chatpop.uploads import jobs, quota, removals, retention
from chatpop.uploads.models import FileRemoval, Upload
from chatpop.uploads.storage import the_store
from tests.conftest import both_databases
from tests.support.people import Person
from tests.uploads.sending import all_uploads, counts, keep, picture, stored

LATER = timedelta(hours=2)


class PowerCut(BaseException):
    """The process dies here."""


def waiting(app: Flask) -> set[str]:
    """What the outbox holds."""
    with app.app_context():
        return set(db.session.scalars(select(FileRemoval.key)))


def _end_and_die(user_id: int) -> None:
    with transaction() as session:
        retention.delete_private_of(session, user_id)
        raise PowerCut


@both_databases
def test_a_deleted_file_leaves_the_store_with_the_next_job(app: Flask, gus: Person) -> None:
    key = keep(gus).split("/")[2]
    other = keep(gus).split("/")[2]
    gus.post(f"/uploads/{key}/deletion")
    assert (waiting(app), stored(app)) == ({key}, {key, other})
    with app.app_context():
        assert jobs.remove_files() == 1
        assert jobs.remove_files() == 0
    assert (waiting(app), stored(app)) == (set(), {other})


def test_a_job_that_dies_between_file_and_row_is_done_by_the_next(
    app: Flask, gus: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {keep(gus).split("/")[2] for _ in range(3)}
    for key in keys:
        gus.post(f"/uploads/{key}/deletion")
    gone: list[str] = []

    class Dying:
        def delete(self, key: str) -> None:
            if len(gone) == 2:
                raise PowerCut
            gone.append(key)
            the_store().delete(key)

    with app.app_context():
        with pytest.raises(PowerCut):
            removals.remove_files(Dying())  # type: ignore[arg-type]
        assert waiting(app) == keys
        jobs.remove_files()
    assert (waiting(app), stored(app)) == (set(), set())


def test_private_files_of_an_account_go_and_public_ones_stay(app: Flask, gus: Person) -> None:
    keep(gus, "secret.png", private=True)
    open_key = keep(gus, "open.png").split("/")[2]
    with app.app_context():
        user_id = db.session.scalars(select(User.id)).one()
        with transaction() as session:
            assert retention.has_public(session, user_id)
            assert retention.delete_private_of(session, user_id) == 1
            assert retention.delete_private_of(session, user_id) == 0
        jobs.remove_files()
    assert counts(app) == [1]
    assert stored(app) == {open_key}


def test_who_keeps_private_files_alone_has_not_spoken(app: Flask, gus: Person) -> None:
    keep(gus, private=True)
    with app.app_context(), transaction() as session:
        assert not retention.has_public(session, session.scalars(select(User.id)).one())


def test_the_ending_of_files_is_undone_with_the_callers_transaction(app: Flask, gus: Person) -> None:
    keep(gus, private=True)
    with app.app_context():
        user_id = db.session.scalars(select(User.id)).one()
        with pytest.raises(PowerCut):
            _end_and_die(user_id)
    assert (counts(app), len(all_uploads(app)), waiting(app)) == ([1], 1, set())


def test_files_of_a_deleted_message_go(app: Flask, hana: Person) -> None:
    code = hana.open_room()
    hana.say(code, "look")
    keep(hana)
    with app.app_context(), transaction() as session:
        message_id = session.scalars(select(Message.id)).one()
        values: dict[str, Any] = {"is_attachment": True, "message_id": message_id}
        session.execute(update(Upload).values(**values))
        assert retention.delete_of_message(session, message_id) == 1
        assert retention.delete_of_message(session, message_id) == 0
    assert (counts(app), all_uploads(app)) == ([0], [])


def test_what_was_brought_for_a_room_and_never_sent_goes_after_an_hour(app: Flask, hana: Person) -> None:
    hana.open_room()
    keep(hana)
    stays = keep(hana, "own.png").split("/")[2]
    with app.app_context():
        with transaction() as session:
            first = select(Upload.id).order_by(Upload.id).limit(1).scalar_subquery()
            room = select(Room.id).scalar_subquery()
            session.execute(update(Upload).where(Upload.id == first).values(is_attachment=True, room_id=room))
        assert removals.remove_forgotten() == 0
        with freeze_time(clock.now() + timedelta(hours=1, minutes=1)):
            assert removals.remove_forgotten() == 1
    assert [upload.public_id for upload in all_uploads(app)] == [stays]
    assert counts(app) == [1]


def test_an_upload_that_dies_before_its_row_leaves_a_file_that_goes_after_an_hour(
    app: Flask, gus: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = keep(gus).split("/")[2]

    def die(*_: object) -> None:
        raise PowerCut

    with monkeypatch.context() as broken:
        broken.setattr(quota, "book", die)
        with pytest.raises(PowerCut):
            keep(gus, "lost.png")
    assert counts(app) == [1]
    [lost] = stored(app) - {kept}
    with app.app_context():
        assert removals.find_orphans(the_store()).files == [], "its row might be on the way"
        with freeze_time(clock.now() + LATER):
            assert removals.find_orphans(the_store()).files == [lost]
            assert jobs.remove_orphans() == 1
    assert stored(app) == {kept}


def test_a_row_without_its_file_goes_and_gives_its_room_back(app: Flask, gus: Person) -> None:
    keys = [keep(gus).split("/")[2] for _ in range(2)]
    with app.app_context():
        the_store().delete(keys[0])
        found = removals.remove_orphans(the_store())
        assert [key for _, key in found.rows] == [keys[0]]
    assert [upload.public_id for upload in all_uploads(app)] == [keys[1]]
    assert counts(app) == [1]


def test_a_store_that_is_not_there_takes_no_row_with_it(app: Flask, gus: Person, tmp_path: Path) -> None:
    keep(gus)
    with app.app_context():
        with transaction() as session:
            some = all_uploads(app)[0]
            for number in range(removals.FEW):
                fields = {column.name: getattr(some, column.name) for column in Upload.__table__.columns}
                session.add(Upload(**{**fields, "id": None, "public_id": f"{number:022}"}))
        os.rename(tmp_path / "uploads", tmp_path / "elsewhere")
        with pytest.raises(removals.StoreLooksEmpty):
            jobs.remove_orphans()
        assert len(all_uploads(app)) == 11
        removals.remove_orphans(the_store(), force=True)
    assert all_uploads(app) == []


def test_folders_of_requests_that_died_go(app: Flask, tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / "incoming" / name).mkdir(parents=True)
        (tmp_path / "incoming" / name / "0").write_bytes(b"half")
    long_ago = clock.timestamp() - 7200
    for path in (tmp_path / "incoming" / "old" / "0", tmp_path / "incoming" / "old"):
        os.utime(path, (long_ago, long_ago))
    with app.app_context():
        assert jobs.remove_orphans() == 1
    assert [path.name for path in (tmp_path / "incoming").iterdir()] == ["new"]


def test_the_command_lists_what_would_go_and_then_removes_it(
    app: Flask, gus: Person, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lost, kept = (keep(gus).split("/")[2] for _ in range(2))
    source = tmp_path / "stray"
    source.write_bytes(picture())
    stray = "s" * 22
    with app.app_context():
        the_store().delete(lost)
        the_store().put(stray, source, "image/png")
    monkeypatch.setattr(cli, "create_app", lambda: app)
    with freeze_time(clock.now() + LATER):
        for arguments in (["uploads", "orphans", "--dry-run"], ["uploads", "orphans"]):
            assert cli.main(arguments) == 0
            assert capsys.readouterr().out == f"file\t{stray}\nrow\t{lost}\n2\n"
        assert cli.main(["uploads", "orphans"]) == 0
        assert capsys.readouterr().out == "0\n"
    assert stored(app) == {kept}
