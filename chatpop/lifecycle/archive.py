"""The file of an export: a zip with one JSON file a subject, written row by row, never as a whole in memory."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.engine import Connection

from chatpop.core import clock, database, ids
from chatpop.core.errors import NotFound
from chatpop.extensions import db
from chatpop.identity.models import Device, Passkey, PersonalAccessToken, Session, User
from chatpop.names.models import Name
from chatpop.push.models import PushSubscription
from chatpop.rooms.mention_models import Mention
from chatpop.rooms.models import Message, Participation, Room
from chatpop.rooms.reaction_models import Reaction
from chatpop.rooms.report_models import Ignore, Report
from chatpop.uploads.models import Upload
from chatpop.uploads.storage import the_store

ROWS_AT_ONCE = 500
STRAY_SECONDS = 2 * 3600
"""A file that no row names, and drafts of killed jobs, go after so long; a job may take one hour."""
MAX_FILE_BYTES, MOST_FILES = 1024 * 1024 * 1024, 10_000
"""Of a person's uploads that are packed, together; those that don't fit are listed with their addresses."""
SUFFIX, DRAFT = ".zip", ".part"


def write(folder: Path, token: str, user_id: int) -> int:
    """Write the whole file beside its place, then put it there at once; returns its bytes."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f"{token}.{ids.short_token()}{DRAFT}"
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                _fill(archive, user_id)
            file.flush()
            os.fsync(file.fileno())
        size = draft.stat().st_size
        draft.replace(path_of(folder, token))
    finally:
        draft.unlink(missing_ok=True)
    return size


def path_of(folder: Path, token: str) -> Path:
    return folder / f"{token}{SUFFIX}"


def remove(folder: Path, tokens: Iterable[str]) -> int:
    """Remove files by the names of their rows; returns how many there were."""
    found = [path for path in (path_of(folder, token) for token in tokens) if path.exists()]
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def remove_strays(folder: Path, known: set[str]) -> int:
    """Remove what lies in the folder for long and is no live export's file; returns how many."""
    if not folder.is_dir():
        return 0
    limit, gone = clock.timestamp() - STRAY_SECONDS, 0
    for path in list(folder.iterdir()):
        is_known = path.suffix == SUFFIX and path.stem in known
        if not is_known and path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _fill(archive: zipfile.ZipFile, user_id: int) -> None:
    with database.reading(), db.engine.connect() as connection:
        for name, statement in _subjects(user_id).items():
            with archive.open(name, "w", force_zip64=True) as file:
                for piece in _json_list(_rows(connection, statement)):
                    file.write(piece.encode())
        uploads = connection.execute(_uploads(user_id)).all()
    _add_files(archive, [(row.public_id, row.name, row.size) for row in uploads])


def _add_files(archive: zipfile.ZipFile, uploads: list[tuple[str, str, int]]) -> None:
    """The newest files that fit; ``files.json`` lists all of them. What has gone meanwhile is left out."""
    store, left = the_store(), MAX_FILE_BYTES
    for key, name, size in uploads:
        if size > left:
            continue
        try:
            pieces = store.open(key)
        except NotFound:
            continue
        left -= size
        place = zipfile.ZipInfo(f"files/{key}-{name}", clock.now().timetuple()[:6])
        place.file_size = size
        with archive.open(place, "w") as file:
            for piece in pieces:
                file.write(piece)


def _uploads(user_id: int) -> Select[str, str, int]:
    own = select(Upload.public_id, Upload.name, Upload.size)
    return own.where(Upload.owner_id == user_id).order_by(Upload.id.desc()).limit(MOST_FILES)


def _subjects(user_id: int) -> dict[str, Select[Any]]:
    """File name -> rows. No hashes, no secrets, and nothing of anybody else."""
    sessions = select(Session.audience, Session.created_at, Session.revoked_at, Device.label.label("device"))
    return {
        "account.json": select(*_account()).where(User.id == user_id),
        "names.json": select(Name.display, Name.kind, Name.state, Name.claimed_at)
        .where(Name.user_id == user_id)
        .order_by(Name.claimed_at),
        "rooms.json": select(Room.code, Room.name, Room.topic, Room.visibility, Room.created_at, Room.active_at)
        .where(Room.host_id == user_id)
        .order_by(Room.created_at),
        "participations.json": select(Room.code, Room.name.label("room"), Participation.name, Participation.joined_at)
        .join(Room, Room.id == Participation.room_id)
        .where(Participation.user_id == user_id)
        .order_by(Participation.joined_at),
        "messages.json": select(
            Room.code,
            Room.name.label("room"),
            Message.seq,
            Message.author_name,
            Message.reply_to_seq.label("reply_to"),
            Message.body,
            Message.created_at,
            Message.edited_at,
            Message.deleted_at,
        )
        .join(Room, Room.id == Message.room_id)
        .where(Message.author_id == user_id)
        .order_by(Message.id),
        "reactions.json": select(
            Room.code, Room.name.label("room"), Message.seq, Reaction.name, Reaction.emoji, Reaction.created_at
        )
        .join(Message, Message.id == Reaction.message_id)
        .join(Room, Room.id == Message.room_id)
        .where(Reaction.user_id == user_id)
        .order_by(Reaction.id),
        "files.json": select(
            Upload.public_id,
            Upload.name,
            Upload.media_type,
            Upload.size,
            Upload.sha256,
            Upload.is_private,
            Room.code.label("room"),
            Upload.created_at,
        )
        .outerjoin(Room, Room.id == Upload.room_id)
        .where(Upload.owner_id == user_id)
        .order_by(Upload.id),
        "mentions.json": select(Room.code, Message.seq, Mention.name, Mention.created_at)
        .join(Message, Message.id == Mention.message_id)
        .join(Room, Room.id == Message.room_id)
        .where(Mention.user_id == user_id)
        .order_by(Mention.id),
        "ignored.json": select(Room.code, Ignore.name, Ignore.created_at)
        .join(Room, Room.id == Ignore.room_id)
        .where(Ignore.user_id == user_id)
        .order_by(Ignore.id),
        "reports.json": select(
            Room.code, Report.name, Report.reason, Report.note, Report.created_at, Report.closed_at, Report.outcome
        )
        .join(Room, Room.id == Report.room_id)
        .where(Report.reporter_id == user_id)
        .order_by(Report.id),
        "devices.json": select(Device.label, Device.created_at, Device.last_seen_at, Device.revoked_at)
        .where(Device.user_id == user_id)
        .order_by(Device.id),
        "sessions.json": sessions.outerjoin(Device, Device.id == Session.device_id)
        .where(Session.user_id == user_id)
        .order_by(Session.id),
        "told_browsers.json": select(PushSubscription.label, PushSubscription.created_at, PushSubscription.told_at)
        .where(PushSubscription.user_id == user_id)
        .order_by(PushSubscription.id),
        "passkeys.json": select(Passkey.label, Passkey.created_at, Passkey.last_used_at)
        .where(Passkey.user_id == user_id)
        .order_by(Passkey.id),
        "access_tokens.json": select(
            PersonalAccessToken.name,
            PersonalAccessToken.created_at,
            PersonalAccessToken.expires_at,
            PersonalAccessToken.last_used_at,
        )
        .where(PersonalAccessToken.user_id == user_id)
        .order_by(PersonalAccessToken.id),
    }


def _account() -> list[ColumnElement[Any]]:
    """The account without its hashes; headers and addresses are the person's own data."""
    return [column for column in User.__table__.columns if not column.name.endswith("_hash") and column.name != "epoch"]


def _rows(connection: Connection, statement: Select[Any]) -> Iterator[dict[str, Any]]:
    streamed = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(statement)
    for row in streamed.mappings():
        yield dict(row)


def _json_list(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    separator = "[\n"
    for row in rows:
        yield separator + json.dumps(row, default=_text, ensure_ascii=False)
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in an export")
