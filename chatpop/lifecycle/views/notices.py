"""What the next page tells a person about their account, once."""

from __future__ import annotations

from flask_login import current_user

from chatpop.identity import notices


def waiting_notices() -> list[tuple[str, str]]:
    """Category and sentence, as flashed messages have them; they are gone afterwards."""
    if not current_user.is_authenticated:
        return []
    return [("message", sentence) for sentence in notices.take(current_user.id)]
