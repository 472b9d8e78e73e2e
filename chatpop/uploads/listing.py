"""One's own files: page by page, sorted, found, deleted, made private or public."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.uploads import retention
from chatpop.uploads.models import Upload
from chatpop.uploads.refusals import KeptByMessage, UploadNotFound

PAGE = 24
MAX_PAGE = 100_000
SORTS: dict[str, tuple[str, tuple[ColumnElement[Any], ...]]] = {
    "newest": (text("Newest first"), (Upload.id.desc(),)),
    "oldest": (text("Oldest first"), (Upload.id.asc(),)),
    "largest": (text("Largest first"), (Upload.size.desc(), Upload.id.desc())),
    "name": (text("By name"), (func.lower(Upload.name).asc(), Upload.id.asc())),
}
NEWEST = "newest"
after_end: list[Callable[[Upload], None]] = []
"""Called after an owner has ended a file; filled by who shows it elsewhere."""


@dataclass(frozen=True, slots=True)
class Page:
    """``number`` counts from 1; ``bytes`` and ``total`` are of all one's files."""

    uploads: Sequence[Upload]
    number: int
    last: int
    total: int
    bytes: int
    sort: str


@dataclass(frozen=True, slots=True)
class Slice:
    """A piece of the list for programs; ``more`` tells whether there is another."""

    uploads: Sequence[Upload]
    more: bool


def page_of(user: User | None, number: int = 1, sort: str = NEWEST) -> Page:
    """The page with this number, the last one where there are fewer; an unknown sort is the usual one."""
    sort = sort if sort in SORTS else NEWEST
    if user is None:
        return Page([], 1, 1, 0, 0, sort)
    counted = select(func.count(Upload.id), func.coalesce(func.sum(Upload.size), 0)).where(Upload.owner_id == user.id)
    total, size = db.session.execute(counted).one()
    last = max(1, -(-total // PAGE))
    number = min(max(1, number), last)
    found = _of(user).order_by(*SORTS[sort][1]).limit(PAGE).offset((number - 1) * PAGE)
    return Page(db.session.scalars(found).all(), number, last, total, int(size), sort)


def slice_of(user: User, before: Upload | None, limit: int = 50) -> Slice:
    """The newest, or those older than ``before``."""
    statement = _of(user).order_by(Upload.id.desc()).limit(limit + 1)
    if before is not None:
        statement = statement.where(Upload.id < before.id)
    found = db.session.scalars(statement).all()
    return Slice(found[:limit], len(found) > limit)


def find_own(user: User, public_id: str) -> Upload:
    """One of one's own. Raises :class:`UploadNotFound`."""
    upload: Upload | None = db.session.scalar(_of(user).where(Upload.public_id == public_id))
    if upload is None:
        raise UploadNotFound
    return upload


def delete(user: User, public_id: str) -> None:
    """End one of one's own files, whatever it hangs on. Raises :class:`UploadNotFound`."""
    with transaction() as session:
        upload = session.scalar(_of(user).where(Upload.public_id == public_id))
        if upload is None or not retention.delete_one(session, upload.id):
            raise UploadNotFound
    for act in after_end:
        act(upload)


def set_private(user: User, public_id: str, is_private: bool) -> Upload:
    """Say who may read it. Raises :class:`UploadNotFound`, :class:`KeptByMessage`."""
    with transaction() as session:
        upload: Upload | None = session.scalar(_of(user).where(Upload.public_id == public_id).with_for_update())
        if upload is None:
            raise UploadNotFound
        if upload.is_attachment:
            raise KeptByMessage
        upload.is_private = is_private
        return upload


def _of(user: User) -> Select[Upload]:
    return select(Upload).where(Upload.owner_id == user.id)
