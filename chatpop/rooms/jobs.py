"""Jobs whose outcome shows in a room."""

from __future__ import annotations

from chatpop.rooms import showing
from chatpop.uploads import jobs


def make_thumbnail(upload_id: int) -> None:
    """The small version of a picture; everybody who looks at its message sees it come."""
    jobs.make_thumbnail(upload_id)
    showing.files_changed(upload_id)
