"""The shapes of what people send about their accounts."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import EmailField, Form, PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo

from chatpop.accounts.emails import BadEmail
from chatpop.core.texts import text


def _stripped(value: str | None) -> str:
    return (value or "").strip()


class RegistrationForm(Form):
    """Registering and upgrading."""

    username = StringField(filters=[_stripped], validators=[DataRequired(text("Username is required"))])
    email = EmailField(filters=[_stripped], validators=[DataRequired(BadEmail.sentence)])
    password = PasswordField()
    confirm_password = PasswordField(validators=[EqualTo("password", text("Passwords do not match"))])


class LoginForm(Form):
    """Logging in by name or e-mail."""

    username = StringField(filters=[_stripped], validators=[DataRequired(text("Enter your name or e-mail address."))])
    password = PasswordField(validators=[DataRequired(text("Enter your password."))])


class RenameForm(Form):
    """Taking another name."""

    username = StringField(filters=[_stripped], validators=[DataRequired(text("Username is required"))])


def add_errors(form: Form, wrong: Mapping[str, str]) -> None:
    """Put what a verb refused beside the fields it is about."""
    for name, sentence in wrong.items():
        form[name].errors = [*form[name].errors, sentence]


def point_at_error(form: Form) -> None:
    """The first field that is wrong takes the focus when the form is shown again."""
    for control in form:
        if control.errors:
            control.render_kw = {**(control.render_kw or {}), "autofocus": True}
            return
