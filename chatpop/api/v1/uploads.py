"""A member's files: bringing several at once, listing, looking at, deleting."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import UnsupportedMediaType

from chatpop.api.v1 import schemas
from chatpop.api.v1.bearer import present_caller
from chatpop.api.v1.describing import MULTIPART, describe, moment
from chatpop.identity.viewer import Viewer
from chatpop.uploads import listing
from chatpop.uploads.models import Upload
from chatpop.uploads.receiving import Purpose
from chatpop.uploads.views.bodies import open_intake
from chatpop.uploads.views.taking import file_path, take_files, told

bp = Blueprint("uploads", __name__)


@bp.get("/uploads")
@describe(
    "Your files, newest first, 50 a page",
    query={"before": schemas.BEFORE_UPLOAD},
    answers={200: "UploadList"},
    refusals=(404,),
)
def index() -> ResponseReturnValue:
    user, before = present_caller().user, request.args.get("before")
    found = listing.slice_of(user, listing.find_own(user, before) if before is not None else None)
    shown = [_shown(upload) for upload in found.uploads]
    return jsonify(uploads=shown, next=found.uploads[-1].public_id if found.more else None)


@bp.post("/uploads")
@describe(
    "Bring files, up to 50 at once; each has a result of its own, in the order sent",
    body=schemas.NEW_UPLOADS,
    kinds=(MULTIPART,),
    answers={207: "UploadResults"},
    refusals=(400, 413, 415, 422),
)
def create() -> ResponseReturnValue:
    user = present_caller().user
    if request.mimetype != MULTIPART:
        raise UnsupportedMediaType
    open_intake(user)
    outcomes = take_files(Viewer(user, None), Purpose(is_private=bool(request.form.get("private"))))
    return jsonify(results=told(outcomes)), 207


@bp.get("/uploads/<upload_id>")
@describe("One of your files", answers={200: "Upload"}, refusals=(404,))
def show(upload_id: str) -> ResponseReturnValue:
    return jsonify(_shown(listing.find_own(present_caller().user, upload_id)))


@bp.delete("/uploads/<upload_id>")
@describe("Delete one of your files; its address answers 404 at once", answers={204: None}, refusals=(404,))
def destroy(upload_id: str) -> ResponseReturnValue:
    listing.delete(present_caller().user, upload_id)
    return "", 204


def _shown(upload: Upload) -> dict[str, Any]:
    return {
        "id": upload.public_id,
        "url": file_path(upload),
        "name": upload.name,
        "media_type": upload.media_type,
        "size": upload.size,
        "sha256": upload.sha256,
        "width": upload.width,
        "height": upload.height,
        "is_private": upload.is_private,
        "in_room": upload.is_attachment,
        "created_at": moment(upload.created_at),
    }
