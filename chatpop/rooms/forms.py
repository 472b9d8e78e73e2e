"""The shapes of what people send about rooms."""

from __future__ import annotations

from wtforms import Form, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import DataRequired, Length

from chatpop.core.texts import text
from chatpop.rooms.models import NAME_LIMIT, TOPIC_LIMIT, Visibility


def _squeezed(value: str | None) -> str:
    """Blanks folded, control characters gone."""
    return " ".join("".join(char for char in value or "" if char.isprintable() or char.isspace()).split())


class RoomForm(Form):
    """Opening a room."""

    name = StringField(
        text("Name"),
        filters=[_squeezed],
        validators=[
            DataRequired(text("Give the room a name.")),
            Length(1, NAME_LIMIT, text("A room's name has 1 to %(name_limit)s characters.", name_limit=NAME_LIMIT)),
        ],
    )
    topic = StringField(
        text("Topic"),
        filters=[_squeezed],
        validators=[
            Length(
                max=TOPIC_LIMIT,
                message=text("A topic has at most %(topic_limit)s characters.", topic_limit=TOPIC_LIMIT),
            )
        ],
    )
    visibility = RadioField(
        text("Who can find it"),
        choices=[
            SelectChoice(Visibility.PUBLIC.value, text("Public")),
            SelectChoice(Visibility.PRIVATE.value, text("Private")),
        ],
        default=Visibility.PUBLIC.value,
        validate_choice=True,
    )
