"""The shape of what people send to end their account."""

from __future__ import annotations

from wtforms import Form, PasswordField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired

from chatpop.core.texts import text
from chatpop.lifecycle.models import MessageFate

FATES = (
    (
        MessageFate.KEEP.value,
        text("Leave them"),
        text("under the name you wrote them with, which nobody can take again"),
    ),
    (MessageFate.RELABEL.value, text("Take my name off"), text("they stay, written by “Somebody who left”")),
    (MessageFate.REMOVE.value, text("Remove them"), text("everywhere, also for people who are reading right now")),
)
"""Value, label, and what it means."""


class DeletionForm(Form):
    """Deleting one's account. Members type the password, everybody else the name."""

    messages = RadioField(
        choices=[SelectChoice(value, label) for value, label, _ in FATES],
        validators=[InputRequired(text("Choose what becomes of your messages."))],
        validate_choice=True,
    )
    password = PasswordField()
    username = StringField()
