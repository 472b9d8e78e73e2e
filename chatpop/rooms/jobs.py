"""Jobs whose outcome shows in a room, or that tell somebody of it."""

from __future__ import annotations

from flask import current_app

from chatpop.push import delivering
from chatpop.rooms import notifying, showing
from chatpop.uploads import jobs


def make_thumbnail(upload_id: int) -> None:
    """The small version of a picture; everybody who looks at its message sees it come."""
    jobs.make_thumbnail(upload_id)
    showing.files_changed(upload_id)


def tell_of_message(message_id: int) -> int:
    """Send a job for each browser that is to be told; returns how many. Twice is no harm: each is told once."""
    found = notifying.browsers_to_tell(message_id)
    for subscription_id in found:
        delivering.send_job(message_id, subscription_id)
    return len(found)


def push_message(message_id: int, subscription_id: int, attempt: int) -> str:
    """Tell one browser, if it is still to be told; returns what came of it."""
    if delivering.is_told(message_id, subscription_id):
        return "told before"
    note = notifying.note_for(message_id, subscription_id)
    if note is None:
        return "not wanted"
    return delivering.deliver(note, message_id, attempt, current_app.config["CHATPOP"])
