"""A restored site is the one that was saved."""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import downgrade
from sqlalchemy import create_engine, text

from chatpop.backups.refusals import BackupFailed, BadArchive, NotEmpty, SiteIsRunning
from chatpop.backups.restoring import has_another_push_key
from chatpop.backups.tables import last_ids, set_last_id
from chatpop.core.errors import DomainError
from chatpop.extensions import db
from chatpop.running.folder import Instance
from chatpop.uploads.storage import the_store
from tests.backups.conftest import CONTENT, KEY, NewSite, last_user, restore, save
from tests.conftest import SECRET, both_databases
from tests.lifecycle.everything import every_row
from tests.support.people import Person

PUSH_KEY = "A" * 42 + "E"
both_targets = pytest.mark.parametrize("target", ["sqlite", "postgres"])


def person_with_the_cookies_of(someone: Person, app: Flask) -> Person:
    again = Person(app)
    again.client._cookies = someone.client._cookies
    return again


@both_databases
@both_targets
def test_every_row_and_file_is_there_again_on_either_database(filled: Flask, new_site: NewSite, target: str) -> None:
    archive = save(filled)
    other = new_site(target)

    restore(other, archive)

    assert every_row(other) == every_row(filled)
    with other.app_context():
        assert b"".join(the_store().open(KEY)) == CONTENT
        if db.engine.dialect.name == "sqlite":
            file = Path(str(db.engine.url.database))
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, "nobody else reads a restored site"


@both_databases
@both_targets
def test_browsers_that_are_told_are_told_by_the_restored_site_too(
    filled: Flask, gus: Person, new_site: NewSite, target: str, make_app: Callable[..., Flask]
) -> None:
    key = gus.get("/push/key").json["key"]
    other = new_site(target)
    restore(other, save(filled))
    config = other.config["CHATPOP"]
    assert stat.S_IMODE((config.data_dir / "vapid_private_key").stat().st_mode) == 0o600

    site = make_app(DATABASE_URL=config.database_url, DATA_DIR=str(config.data_dir), SECRET_KEY="")
    assert person_with_the_cookies_of(gus, site).get("/push/key").json["key"] == key


def test_a_key_of_notifications_that_comes_by_a_variable_is_saved_too(
    filled: Flask, new_site: NewSite, make_app: Callable[..., Flask]
) -> None:
    config = filled.config["CHATPOP"]
    hosts_of_one = make_app(DATABASE_URL=config.database_url, DATA_DIR=str(config.data_dir), VAPID_PRIVATE_KEY=PUSH_KEY)
    other = new_site()
    manifest = restore(other, save(hosts_of_one))
    assert (other.config["CHATPOP"].data_dir / "vapid_private_key").read_text() == PUSH_KEY
    assert not has_another_push_key(other.config["CHATPOP"], manifest)
    another = other.config["CHATPOP"].model_copy(update={"vapid_private_key": "B" * 43})
    assert has_another_push_key(another, manifest)


@pytest.mark.parametrize("kept", [None, "", "no key"])
def test_without_a_fit_key_of_notifications_the_site_that_is_restored_into_keeps_its_own(
    filled: Flask, new_site: NewSite, kept: str | None
) -> None:
    if kept is not None:
        (filled.config["CHATPOP"].data_dir / "vapid_private_key").write_text(kept)
    other = new_site()
    own = other.config["CHATPOP"].data_dir / "vapid_private_key"
    own.write_text("its own")
    restore(other, save(filled))
    assert own.read_text() == "its own"


def test_people_are_recognised_and_new_ones_can_come(
    filled: Flask, gus: Person, new_site: NewSite, make_app: Callable[..., Flask]
) -> None:
    other = new_site("postgres")
    before = gus.name
    restore(other, save(filled))
    config = other.config["CHATPOP"]
    assert (config.data_dir / "secret_key").read_text() == SECRET
    assert stat.S_IMODE((config.data_dir / "secret_key").stat().st_mode) == 0o600

    site = make_app(DATABASE_URL=config.database_url, DATA_DIR=str(config.data_dir), SECRET_KEY="")

    assert person_with_the_cookies_of(gus, site).name == before
    newcomer = Person(site)
    code = newcomer.open_room()
    assert newcomer.say(code, "first").status_code == 201


@pytest.mark.parametrize(
    ("database_kind", "target"),
    [("sqlite", "postgres"), pytest.param("postgres", "sqlite", marks=pytest.mark.slow)],
    indirect=["database_kind"],
)
def test_the_number_of_a_user_who_is_gone_is_not_given_again(
    filled: Flask, new_site: NewSite, target: str, make_app: Callable[..., Flask]
) -> None:
    oto = Person(filled)
    oto.open_room()
    gone = last_user(filled)
    with filled.app_context():
        db.session.execute(text("DELETE FROM rooms WHERE host_id = :id"), {"id": gone})
        db.session.execute(text("DELETE FROM users WHERE id = :id"), {"id": gone})
        db.session.commit()
    other = new_site(target)
    restore(other, save(filled))

    Person(other).open_room()

    assert last_user(other) > gone


def test_a_number_is_not_given_again_even_where_no_row_is_left() -> None:
    with create_engine("sqlite://").begin() as connection:
        connection.execute(text("CREATE TABLE one (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)"))
        connection.execute(text("CREATE TABLE two (id INTEGER PRIMARY KEY, a TEXT)"))
        for table in ("one", "two"):
            set_last_id(connection, table, 7)
        assert last_ids(connection) == {"one": 7}


@both_databases
def test_what_was_acknowledged_before_is_there_without_a_gap_while_people_write(
    make_app: Callable[..., Flask], new_site: NewSite
) -> None:
    app = make_app(MAX_MESSAGES_PER_MINUTE_GUEST="100000")
    people = [Person(app), Person(app)]
    codes = [person.open_room() for person in people]
    acknowledged: dict[str, list[int]] = {code: [] for code in codes}
    ended = threading.Event()

    def write(person: Person, code: str) -> None:
        while not ended.is_set():
            answer = person.say(code, "on and on")
            if answer.status_code == 201:
                acknowledged[code].append(answer.json["seq"])

    writers = [threading.Thread(target=write, args=one) for one in zip(people, codes, strict=True)]
    for writer in writers:
        writer.start()
    while any(len(seqs) < 10 for seqs in acknowledged.values()):
        ended.wait(0.01)
    before = {code: max(seqs) for code, seqs in acknowledged.items()}
    archive = save(app)
    ended.set()
    for writer in writers:
        writer.join()

    other = new_site()
    restore(other, archive)
    for code in codes:
        log, last = log_of(other, code)
        assert log == list(range(1, last + 1))
        assert last >= before[code]


def log_of(app: Flask, code: str) -> tuple[list[int], int]:
    with app.app_context():
        room, last = db.session.execute(text("SELECT id, last_seq FROM rooms WHERE code = :code"), {"code": code}).one()
        seqs = db.session.scalars(text("SELECT seq FROM messages WHERE room_id = :room ORDER BY seq"), {"room": room})
        return list(seqs), last


@pytest.mark.parametrize("target", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def test_a_backup_of_an_older_version_is_brought_up_to_date(filled: Flask, new_site: NewSite, target: str) -> None:
    with filled.app_context():
        downgrade(revision="0004")
        db.engine.dispose()
    old = save(filled)
    other = new_site(target)

    restore(other, old)

    with other.app_context():
        revision = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    assert revision > "0004"
    Person(other).open_room()


@pytest.mark.parametrize("target", [pytest.param("sqlite", marks=pytest.mark.slow), "postgres"])
def test_a_database_with_rows_is_replaced_by_force_alone(filled: Flask, new_site: NewSite, target: str) -> None:
    archive = save(filled)
    other = new_site(target)
    restore(other, archive)
    oto = Person(other)
    oto.open_room("New")
    before = every_row(other)

    with pytest.raises(NotEmpty, match="with --force"):
        restore(other, archive)
    assert every_row(other) == before

    restore(other, archive, force=True)
    assert every_row(other) == every_row(filled)


def test_a_running_site_is_left_alone(filled: Flask, new_site: NewSite) -> None:
    archive = save(filled)
    other = new_site()
    running = Instance(other.config["CHATPOP"].data_dir)
    running.begin()
    with pytest.raises(SiteIsRunning, match="already running"):
        restore(other, archive, force=True)
    running.end()
    restore(other, archive)


@both_targets
def test_a_database_that_another_process_uses_is_left_alone(
    filled: Flask, new_site: NewSite, target: str, make_app: Callable[..., Flask]
) -> None:
    archive = save(filled)
    other = new_site(target)
    restore(other, archive)
    process = make_app(
        DATABASE_URL=other.config["CHATPOP"].database_url, DATA_DIR=str(filled.config["CHATPOP"].data_dir)
    )
    before = every_row(process)
    with process.app_context(), db.engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM users"))

        with pytest.raises(SiteIsRunning, match="stop the site first"):
            restore(other, archive, force=True)
        connection.rollback()
    assert every_row(process) == before


def test_the_archive_is_the_owners_alone_and_nothing_is_overwritten(filled: Flask, tmp_path: Path) -> None:
    archive = save(filled, tmp_path / "one.tar")
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    with pytest.raises(BackupFailed, match="nothing is overwritten"):
        save(filled, archive)
    default = save(filled)
    assert stat.S_IMODE(default.parent.stat().st_mode) == 0o700
    assert [path.name for path in default.parent.iterdir()] == [default.name]


@pytest.mark.parametrize("place", ["missing/one.tar", "file/one.tar"])
def test_a_place_that_cannot_be_written_is_told_in_a_sentence(filled: Flask, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BackupFailed, match="can't be written"):
        save(filled, tmp_path / place)


def test_files_may_be_left_out(filled: Flask, new_site: NewSite) -> None:
    other = new_site()
    manifest = restore(other, save(filled, with_files=False))
    assert not manifest.has_files
    with other.app_context():
        assert the_store().size(KEY) is None


def test_a_database_without_tables_cannot_be_saved(new_site: NewSite) -> None:
    with pytest.raises(DomainError, match="nothing to save"):
        save(new_site())


def test_a_backup_of_a_newer_version_is_refused(filled: Flask, new_site: NewSite) -> None:
    with filled.app_context():
        db.session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        db.session.commit()
    archive = save(filled)
    other = new_site()
    with pytest.raises(BadArchive, match="newer version"):
        restore(other, archive)
