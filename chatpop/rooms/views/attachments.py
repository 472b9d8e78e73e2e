"""Files on messages: bringing them before the message is sent, and showing them once it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from chatpop.core.errors import DomainError
from chatpop.core.texts import Text, text
from chatpop.identity.models import User
from chatpop.identity.recognition import present_viewer
from chatpop.rooms import history
from chatpop.rooms.models import Participation, Room
from chatpop.rooms.moderation import persons, speaking
from chatpop.rooms.rendering import FIRST_WAIT, LONGEST_WAIT, render_files
from chatpop.rooms.views.loading import parse_number, the_place_to_write, the_room
from chatpop.uploads import attaching, tiers
from chatpop.uploads.models import Upload
from chatpop.uploads.receiving import Outcome, Purpose
from chatpop.uploads.refusals import FileTooLarge
from chatpop.uploads.views.bodies import brings_files, takes_files
from chatpop.uploads.views.taking import take_files, told

bp = Blueprint("attachments", __name__)


@dataclass(frozen=True, slots=True)
class FileLimits:
    """What the composer knows beforehand. ``max_size`` is bytes, ``accept`` the types or empty for all."""

    max_size: int
    too_large: str
    most: int
    too_many: str
    accept: str


class SomeFilesRefused(DomainError):
    """``errors`` names each file with its reason; the status is the files' own where they agree."""

    status, code = 422, "some_files_refused"

    def __init__(self, refused: Sequence[Outcome]) -> None:
        errors = [(outcome.filename, outcome.refusal) for outcome in refused if outcome.refusal is not None]
        super().__init__(
            _listed(errors),
            errors=[{"filename": name, "error": refusal.sentence} for name, refusal in errors],
        )
        statuses = {refusal.status for _, refusal in errors}
        if len(statuses) == 1:
            self.status = statuses.pop()


def _listed(errors: list[tuple[str, DomainError]]) -> Text:
    """All reasons, each after the name of its file."""
    said = [text("“%(name)s”: %(sentence)s", name=name, sentence=refusal.sentence) for name, refusal in errors]
    whole, *others = said
    for other in others:
        whole = text("%(first)s %(next)s", first=whole, next=other)
    return whole


@bp.get("/rooms/<code>/messages/<seq>/attachments")
def index(code: str, seq: str) -> ResponseReturnValue:
    """The files of a message, as a fragment; it asks again, less and less often, while a picture is on its way."""
    room = the_room(code)
    message = persons.message(room, parse_number(seq))
    wait = min(max(request.args.get("wait", default=FIRST_WAIT, type=int), FIRST_WAIT), LONGEST_WAIT)
    return render_files(history.entry_of(message, room.code), wait)


@bp.post("/rooms/<code>/attachments")
@takes_files
def create(code: str) -> ResponseReturnValue:
    """Bring files for a message that is still to be sent; the answer is a script's, a result for each."""
    room, user, place = the_place_to_write(code)
    return jsonify(results=told(_bring(room, user, place))), 207


def file_limits() -> FileLimits:
    """For the viewer; a sentence says what registering would add."""
    tier = tiers.tier_of(present_viewer().user)
    return FileLimits(
        max_size=tier.max_size,
        too_large=FileTooLarge(tier, tier.max_size).sentence,
        most=attaching.MOST,
        too_many=attaching.TOO_MANY,
        accept="" if tier.allowed_types == "*" else tier.allowed_types,
    )


def bring_with_message(room: Room, user: User, place: Participation) -> list[Outcome]:
    """Keep the files that came with the message of this request, if any did. Raises what refuses all of them."""
    return _bring(room, user, place) if brings_files() else []


def kept(outcomes: Sequence[Outcome]) -> list[Upload]:
    return [outcome.upload for outcome in outcomes if outcome.upload is not None]


def check_all_kept(outcomes: Sequence[Outcome]) -> None:
    """Raises :class:`SomeFilesRefused`."""
    refused = [outcome for outcome in outcomes if outcome.refusal is not None]
    if refused:
        raise SomeFilesRefused(refused)


def _bring(room: Room, user: User, place: Participation) -> list[Outcome]:
    """Raises ``Muted``, ``ClosedToGuests``, ``NoFile``, ``BodyTooLarge``."""
    speaking.check_may_write(room, user, place)
    return take_files(present_viewer(), Purpose(room_id=room.id))
