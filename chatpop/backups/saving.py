"""Making a backup while the site runs.

The database comes first, as it is at one moment; the files after it. A file is written once and
under a random key, before its row: so every row of the archive has its file, but for those that
were deleted in between, and a file without a row is removed by the next clean-up.
"""

from __future__ import annotations

import tempfile
import tomllib
from datetime import timedelta
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import IO, cast

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from chatpop.backups.archive import Writer
from chatpop.backups.dumping import dump, one_moment
from chatpop.backups.manifest import SECRET, Manifest, Table, file_member, table_member
from chatpop.backups.refusals import BackupFailed
from chatpop.backups.tables import revision_of
from chatpop.config import Config
from chatpop.core import clock
from chatpop.core.errors import NotFound
from chatpop.push import keys
from chatpop.uploads.storage import Store

_PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
_SOON = timedelta(days=1)


def make_backup(config: Config, engine: Engine, store: Store, file: Path | None, *, with_files: bool) -> Path:
    """Write the archive, by default a dated file under ``DATA_DIR/backups``; returns its path.

    :raises BackupFailed: there is such a file already, no room on the disk, or no database.
    """
    target = _target(config, file)
    try:
        with Writer(target) as writer, tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as folder:
            manifest = _manifest(engine, Path(folder), has_files=with_files)
            _add_tables(writer, Path(folder), manifest.tables)
            _add(writer, SECRET, config.secret_key.encode())
            if push_key := keys.kept_key(config):
                _add(writer, keys.FILE, push_key.encode())
            if with_files:
                _add_files(writer, store)
            manifest.members = writer.members
            writer.finish(manifest)
    except OSError as error:
        raise BackupFailed(f"{target} can't be written: {error.strerror or error}.") from None
    except SQLAlchemyError as error:
        raise BackupFailed(f"The database can't be read: {str(error).partition(chr(10))[0]}.") from None
    return target


def _target(config: Config, file: Path | None) -> Path:
    name = f"chatpop-{clock.now():%Y%m%d-%H%M%S}.tar"
    if file is None:
        folder = config.data_dir.absolute() / "backups"
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise BackupFailed(f"{folder} can't be made: {error.strerror}.") from None
        return folder / name
    return file.absolute() / name if file.is_dir() else file.absolute()


def _manifest(engine: Engine, folder: Path, *, has_files: bool) -> Manifest:
    """Dumps the tables into the folder."""
    with one_moment(engine) as connection:
        revision = revision_of(connection)
        if revision is None:
            raise BackupFailed("There is nothing to save yet: the database has no tables.")
        made_at = clock.now()
        return Manifest(
            version=_version(),
            revision=revision,
            made_at=made_at,
            database="sqlite" if connection.dialect.name == "sqlite" else "postgresql",
            has_files=has_files,
            tables=dump(connection, folder),
            members={},
        )


def _version() -> str:
    return str(tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["version"])


def _add_tables(writer: Writer, folder: Path, tables: dict[str, Table]) -> None:
    for name in tables:
        path = folder / f"{name}.jsonl.gz"
        with path.open("rb") as file:
            writer.add(table_member(name), path.stat().st_size, file)
        path.unlink()


def _add(writer: Writer, name: str, text: bytes) -> None:
    writer.add(name, len(text), BytesIO(text))


def _add_files(writer: Writer, store: Store) -> None:
    """A file that goes while we look is one whose row has gone too."""
    for key in store.keys(clock.now() + _SOON):
        size = store.size(key)
        if size is None or file_member(key) in writer.members:
            continue
        try:
            pieces = store.open(key)
        except NotFound:
            continue
        source = cast(IO[bytes], _Joined(pieces))
        writer.add(file_member(key), size, source)


class _Joined(RawIOBase):
    """Pieces of any length as a file, read in the order in which they come."""

    def __init__(self, pieces: object) -> None:
        self._pieces = iter(cast("list[bytes]", pieces))
        self._rest = b""

    def read(self, size: int = -1, /) -> bytes:
        """All of ``size`` but at the end; fewer is the end, as tarfile takes it."""
        parts, missing = [], size
        while missing > 0:
            self._rest = self._rest or next(self._pieces, b"")
            if not self._rest:
                break
            part, self._rest = self._rest[:missing], self._rest[missing:]
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)
