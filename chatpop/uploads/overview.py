"""Files as the people who run the site see them: all of them, what they take, deleting one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from chatpop.core.errors import NotFound
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity import audit
from chatpop.identity.models import User
from chatpop.uploads import retention
from chatpop.uploads.models import FileRemoval, Upload

PAGE_SIZE = 50


class FileNotFound(NotFound):
    code, sentence = "file_not_found", "There is no such file."


@dataclass(frozen=True, slots=True)
class Total:
    """Number and bytes of the files of one kind of media: the first part of the type."""

    kind: str
    files: int
    size: int


@dataclass(frozen=True, slots=True)
class Page:
    """Files, newest first, each with its owner; ``following`` is the id to go on below, None at the end."""

    files: list[tuple[Upload, User | None]]
    following: int | None


def page(owner_id: int | None = None, below: int | None = None) -> Page:
    """Up to 50 files, of one account or of all."""
    statement = select(Upload, User).outerjoin(User, User.id == Upload.owner_id)
    if owner_id is not None:
        statement = statement.where(Upload.owner_id == owner_id)
    if below is not None:
        statement = statement.where(Upload.id < below)
    rows = db.session.execute(statement.order_by(Upload.id.desc()).limit(PAGE_SIZE + 1)).all()
    shown: list[tuple[Upload, User | None]] = [(row[0], row[1]) for row in rows[:PAGE_SIZE]]
    return Page(shown, shown[-1][0].id if len(rows) > PAGE_SIZE else None)


def totals() -> list[Total]:
    """By kind, the largest first."""
    rows = db.session.execute(
        select(Upload.media_type, func.count(), func.coalesce(func.sum(Upload.size), 0)).group_by(Upload.media_type)
    )
    files: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for media_type, count, size in rows:
        kind = media_type.partition("/")[0]
        files[kind] = files.get(kind, 0) + count
        sizes[kind] = sizes.get(kind, 0) + int(size)
    return sorted((Total(kind, files[kind], sizes[kind]) for kind in files), key=lambda total: -total.size)


def count_leaving() -> int:
    """How many files of ended uploads still wait to be removed from the store."""
    return db.session.scalar(select(func.count()).select_from(FileRemoval)) or 0


def remove(upload_id: int, *, by: User | None) -> str:
    """Delete somebody's file; returns its name. The store follows by job. Raises :class:`FileNotFound`."""
    with transaction() as session:
        upload = session.get(Upload, upload_id)
        if upload is None:
            raise FileNotFound
        name, size, room_id = upload.name, upload.size, upload.room_id
        owner = session.get(User, upload.owner_id) if upload.owner_id is not None else None
        if not retention.delete_one(session, upload_id):
            raise FileNotFound
        audit.record(session, "file_deleted", actor=by, subject=owner, room_id=room_id, file=name[:100], bytes=size)
    return name
