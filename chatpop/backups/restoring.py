"""Restoring a backup, also into the other kind of database: the way from SQLite to PostgreSQL.

Nothing is changed before every byte of the archive has been checked. Files come first: until the
database names them they are not in use. The database changes in one step; the keys follow.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from chatpop.backups import migrating, targets
from chatpop.backups.archive import Reader, opened
from chatpop.backups.loading import check_columns, load_table
from chatpop.backups.manifest import SECRET, Manifest, table_member
from chatpop.backups.refusals import BackupFailed, BadArchive, SiteIsRunning
from chatpop.backups.tables import tables_of
from chatpop.config import MIN_SECRET_LENGTH, Config, is_push_key
from chatpop.push.keys import FILE as PUSH_KEY
from chatpop.running.folder import Instance
from chatpop.running.refusals import CannotStart
from chatpop.uploads.storage import Store

_UPLOADS = "uploads/"
_LONGEST_SECRET = 4096


def restore_backup(config: Config, engine: Engine, store: Store, file: Path, *, force: bool) -> Manifest:
    """Replace the site's database, files and keys by those of the archive; returns its manifest.

    :raises BadArchive: it is damaged, cut, no backup of chatpop, or of a newer version.
    :raises SiteIsRunning: a site or another program is at work on the folder or the database.
    :raises NotEmpty: the database has rows, and ``force`` is not given.
    """
    with opened(file) as archive, _site_alone(config):
        manifest = archive.manifest
        if not migrating.is_known(manifest.revision):
            raise BadArchive("The backup was made by a newer version of chatpop; update this one first.")
        secret, push_key = _secret(archive), _push_key(archive)
        if not force:
            targets.refuse_what_is_there(engine)
        engine.dispose()
        with _sentences():
            with targets.new_content(engine.url) as connection:
                _fill(connection, archive)
                _put_files(config, archive, store)
            _keep(config, SECRET, secret)
            if push_key:
                _keep(config, PUSH_KEY, push_key)
    return manifest


@contextmanager
def _site_alone(config: Config) -> Iterator[None]:
    """No site can start on the folder meanwhile."""
    instance = Instance(config.data_dir.absolute())
    try:
        instance.begin()
    except CannotStart as error:
        raise SiteIsRunning(str(error)) from None
    try:
        yield
    finally:
        instance.end()


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, psycopg.Error) as error:
        cause = getattr(error, "orig", None) or error
        line = str(cause).strip().partition("\n")[0].rstrip(".")
        raise BadArchive(f"Nothing was restored: the database refuses it: {line}.") from error
    except OSError as error:
        raise BackupFailed(f"Nothing was restored: {error.strerror or error}.") from None


def _fill(connection: Connection, archive: Reader) -> None:
    """Tables as they were, then what migrations have been added since."""
    manifest = archive.manifest
    migrating.up(connection, manifest.revision)
    found = tables_of(connection)
    check_columns(manifest.tables, found)
    with targets.without_foreign_keys(connection):
        for name, wanted in manifest.tables.items():
            with archive.open(table_member(name)) as packed:
                load_table(connection, name, found[name], wanted, packed)
    migrating.up(connection, migrating.newest())


def _put_files(config: Config, archive: Reader, store: Store) -> None:
    names = [name for name in archive.manifest.members if name.startswith(_UPLOADS)]
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=config.data_dir) as folder:
        draft = Path(folder) / "file"
        for name in names:
            with archive.open(name) as source, draft.open("wb") as copy:
                shutil.copyfileobj(source, copy)
            store.put(name.removeprefix(_UPLOADS), draft, "application/octet-stream")


def _secret(archive: Reader) -> str:
    secret = _ascii(archive, SECRET)
    if not MIN_SECRET_LENGTH <= len(secret) <= _LONGEST_SECRET or not secret.isprintable():
        raise BadArchive("The archive's secret key is none.")
    return secret


def _push_key(archive: Reader) -> str:
    """Empty where the site had none, or the backup is from before they held it."""
    if PUSH_KEY not in archive.manifest.members:
        return ""
    key = _ascii(archive, PUSH_KEY)
    if not is_push_key(key):
        raise BadArchive("The archive's key for notifications is none.")
    return key


def _ascii(archive: Reader, name: str) -> str:
    """A member's text; empty where it is none."""
    with archive.open(name) as file:
        text = file.read(_LONGEST_SECRET + 1)
    try:
        return text.decode("ascii")
    except UnicodeDecodeError:
        return ""


def has_another_push_key(config: Config, manifest: Manifest) -> bool:
    """Whether VAPID_PRIVATE_KEY is set, which wins over the file, and is not the restored one."""
    if not config.vapid_private_key or PUSH_KEY not in manifest.members:
        return False
    restored = (config.data_dir / PUSH_KEY).read_text(encoding="utf-8")
    return config.vapid_private_key.rstrip("=") != restored.rstrip("=")


def has_another_key(config: Config) -> bool:
    """Whether SECRET_KEY is set in the environment, which wins over the file, and is not the restored one."""
    restored = (config.data_dir / SECRET).read_text(encoding="utf-8")
    return "SECRET_KEY" in config.setting_defaults and config.secret_key != restored


def _keep(config: Config, name: str, secret: str) -> None:
    """In a file under DATA_DIR, closed to others, at once or not at all."""
    path = config.data_dir / name
    draft = path.with_name(f"{name}.restoring")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
