"""Finding a file for a reader, and reading it from any place. Who may read a room is the rooms' to say."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.uploads.models import Thumbnail, Upload
from chatpop.uploads.refusals import UploadNotFound
from chatpop.uploads.storage import Store


def find(public_id: str) -> Upload:
    """The upload, for whomever. Raises :class:`UploadNotFound`."""
    upload: Upload | None = db.session.scalar(select(Upload).where(Upload.public_id == public_id))
    if upload is None:
        raise UploadNotFound
    return upload


def is_owners_alone(upload: Upload) -> bool:
    """Private, or brought for a room and not sent there (yet, or any more)."""
    return upload.is_private or (upload.is_attachment and (upload.room_id is None or upload.message_id is None))


def is_owner(upload: Upload, user: User | None) -> bool:
    return user is not None and upload.owner_id == user.id


def has_own_thumbnail(upload: Upload) -> bool:
    """Whether the small version is a file of its own."""
    return upload.thumbnail == Thumbnail.READY and upload.thumbnail_key is not None


class StoredFile(Iterator[bytes]):
    """The bytes of a stored file from where it was sought to; opened with the first piece that is wanted."""

    def __init__(self, store: Store, key: str) -> None:
        self._store, self._key = store, key
        self._start = 0
        self._pieces: Iterator[bytes] | None = None

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int) -> None:
        self._start = offset

    def tell(self) -> int:
        return self._start

    def __next__(self) -> bytes:
        if self._pieces is None:
            self._pieces = self._store.open(self._key, self._start)
        return next(self._pieces)

    def close(self) -> None:
        """Called by the server, also when the reader goes away half-way."""
        close = getattr(self._pieces, "close", None)
        if close is not None:
            close()
