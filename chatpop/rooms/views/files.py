"""Files at their addresses: readable by whoever may read their room, by their owner alone, or by all."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from chatpop.core.errors import NotFound
from chatpop.extensions import db
from chatpop.identity.recognition import present_viewer
from chatpop.rooms.models import Message, Room
from chatpop.rooms.views.loading import the_room
from chatpop.uploads import serving
from chatpop.uploads.models import Upload
from chatpop.uploads.pictures import THUMBNAIL_TYPE
from chatpop.uploads.refusals import UploadNotFound
from chatpop.uploads.storage import the_store
from chatpop.uploads.views.taking import file_path

bp = Blueprint("files", __name__)

THUMBNAIL = "thumbnail"
FOR_ALL = "public, max-age=86400, immutable"
"""The bytes under an id never change; after a day a copy of one that was deleted is gone."""
FOR_FEW = "private, no-store"
POLICY = "sandbox; default-src 'none'"


@bp.get("/files/<public_id>/<name>")
def show(public_id: str, name: str) -> ResponseReturnValue:
    """The id alone decides; the name is for looks, and a wrong one leads to the right address."""
    upload, is_for_all = _readable(public_id)
    size = THUMBNAIL if request.args.get("size") == THUMBNAIL else None
    if name != upload.name:
        return redirect(file_path(upload, size=size), 302)
    key, media_type, tag = upload.public_id, upload.media_type, upload.sha256
    if size is not None and serving.has_own_thumbnail(upload):
        key, media_type, tag = upload.thumbnail_key or "", THUMBNAIL_TYPE, f"{upload.sha256}-s"
    length = upload.size if key == upload.public_id else the_store().size(key)
    if length is None:
        raise UploadNotFound
    response = Response(serving.StoredFile(the_store(), key), direct_passthrough=True)
    _describe(response, upload, media_type, is_for_all)
    response.set_etag(tag)
    response.content_length = length
    try:
        answer = response.make_conditional(request, accept_ranges=True, complete_length=length)
    except RequestedRangeNotSatisfiable:
        return Response(status=416, headers={"Content-Range": f"bytes */{length}", "Cache-Control": "no-store"})
    return answer


@bp.get("/attachments/<public_id>")
def preview(public_id: str) -> ResponseReturnValue:
    """A file as a message or a list shows it, as a fragment; one without its small picture asks again by itself."""
    upload, _ = _readable(public_id)
    return render_template("uploads/_preview.html", upload=upload)


def _readable(public_id: str) -> tuple[Upload, bool]:
    """The upload, and whether everybody may read it. Raises ``UploadNotFound`` alike for all who may not."""
    upload, user = serving.find(public_id), present_viewer().user
    if serving.is_owners_alone(upload):
        if not serving.is_owner(upload, user):
            raise UploadNotFound
        return upload, False
    if not upload.is_attachment:
        return upload, True
    return upload, not _room_of(upload).is_private


def _room_of(upload: Upload) -> Room:
    """The room, if the viewer may read it and the message still stands."""
    room, message = db.session.get(Room, upload.room_id), db.session.get(Message, upload.message_id)
    if room is None or message is None or message.deleted_at is not None:
        raise UploadNotFound
    try:
        return the_room(room.code)
    except NotFound:
        raise UploadNotFound from None


def _describe(response: Response, upload: Upload, media_type: str, is_for_all: bool) -> None:
    """Only pictures, which we have drawn anew ourselves, are shown in place (SECURITY, rows 57 and 60)."""
    kind = "inline" if upload.is_picture else "attachment"
    response.headers["Content-Type"] = media_type if upload.is_picture else "application/octet-stream"
    response.headers.set("Content-Disposition", kind, **_names(upload.name))
    response.headers["Cache-Control"] = FOR_ALL if is_for_all else FOR_FEW
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"


def _names(name: str) -> dict[str, str]:
    """The name for every browser: plain where it is ASCII, else both forms of RFC 6266."""
    if name.isascii():
        return {"filename": name}
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").strip() or "file"
    return {"filename": plain, "filename*": f"UTF-8''{quote(name, safe='')}"}
