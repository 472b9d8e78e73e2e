"""The text of a message: how it is stored, and which texts are none."""

from __future__ import annotations

from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.rooms.models import BODY_LIMIT


class EmptyMessage(DomainError):
    status, code, sentence = 422, "empty_message", "A message needs some text."


class MessageTooLong(DomainError):
    status, code = 422, "message_too_long"
    sentence = text(
        "A message can have at most %(body_limit)s characters. Yours is kept below; please shorten it.",
        body_limit=f"{BODY_LIMIT:,}",
    )


def clean_body(body: str, *, may_be_empty: bool = False) -> str:
    """The text as it is stored: LF line ends, no control characters, no blank edges. Raises refusals."""
    text = body.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(char for char in text if char in "\n\t" or (char >= " " and char != "\x7f")).strip()
    if not text and not may_be_empty:
        raise EmptyMessage
    if len(text) > BODY_LIMIT:
        raise MessageTooLong
    return text
