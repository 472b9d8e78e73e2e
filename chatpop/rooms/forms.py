"""The shapes of what people send about rooms."""

from __future__ import annotations

from wtforms import Form, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import DataRequired, Length

from chatpop.rooms.models import NAME_LIMIT, TOPIC_LIMIT, Visibility


def _squeezed(value: str | None) -> str:
    """Blanks folded, control characters gone."""
    return " ".join("".join(char for char in value or "" if char.isprintable() or char.isspace()).split())


class RoomForm(Form):
    """Opening a room."""

    name = StringField(
        "Name",
        filters=[_squeezed],
        validators=[
            DataRequired("Give the room a name."),
            Length(1, NAME_LIMIT, f"A room's name has 1 to {NAME_LIMIT} characters."),
        ],
    )
    topic = StringField(
        "Topic",
        filters=[_squeezed],
        validators=[Length(max=TOPIC_LIMIT, message=f"A topic has at most {TOPIC_LIMIT} characters.")],
    )
    visibility = RadioField(
        "Who can find it",
        choices=[SelectChoice(Visibility.PUBLIC.value, "Public"), SelectChoice(Visibility.PRIVATE.value, "Private")],
        default=Visibility.PUBLIC.value,
        validate_choice=True,
    )
