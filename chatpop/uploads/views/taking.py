"""Taking the files of the present request, for every door: pages, the composer, programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app, url_for

from chatpop.core.errors import DomainError
from chatpop.identity.models import User
from chatpop.identity.newcomers import check_site_ban, present_newcomer, settle
from chatpop.identity.viewer import Viewer
from chatpop.uploads import arriving
from chatpop.uploads.models import Upload
from chatpop.uploads.receiving import Outcome, Purpose, receive
from chatpop.uploads.storage import the_store
from chatpop.uploads.views.bodies import arrived_files, present_intake


def take_files(viewer: Viewer, purpose: Purpose) -> list[Outcome]:
    """Keep the files of this request, in order; a visitor becomes a guest with the first good one.

    Raises ``NoFile``, ``BodyTooLarge``, ``Banned``, and what making a guest raises.
    """
    check_site_ban(viewer)
    files = arrived_files()

    def newcomer() -> User:
        welcome = arriving.become_guest(present_newcomer(viewer), current_app.config["CHATPOP"])
        settle(welcome)
        return welcome.user

    return receive(files, viewer.user, purpose, the_store(), present_intake().folder, newcomer)


def told(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """What programs and scripts are told, a result for each file."""
    return [_told(outcome) for outcome in outcomes]


def file_path(upload: Upload, *, size: str | None = None) -> str:
    """The address of a file, on this site."""
    return url_for("files.show", public_id=upload.public_id, name=upload.name, size=size)


def _told(outcome: Outcome) -> dict[str, Any]:
    result = outcome.result
    if isinstance(result, DomainError):
        return {"filename": outcome.filename, "status": "error", "error": result.sentence}
    return {"filename": outcome.filename, "status": "success", "id": result.public_id, "url": file_path(result)}
