"""What can be done with several accounts at once, in the words of the people page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import request

from chatpop.core.texts import forms, text
from chatpop.identity import disabling
from chatpop.identity.models import User
from chatpop.lifecycle import shutting_out


@dataclass(frozen=True, slots=True)
class Change:
    """Something that can be done with accounts; ``can`` says with which."""

    verb: str
    done: tuple[str, str]
    what_happens: str
    can: Callable[[User], bool]
    do: Callable[[int, User], object]


CHANGES = {
    "disable": Change(
        text("Disable"),
        forms("%(num)s account is disabled.", "%(num)s accounts are disabled."),
        text("They are logged out everywhere and can't come back until they are enabled. Everything stays."),
        lambda user: not user.is_disabled and not user.is_admin,
        lambda user_id, by: shutting_out.disable(user_id, by=by, reason=request.form.get("reason", "")),
    ),
    "enable": Change(
        text("Enable"),
        forms("%(num)s account is enabled.", "%(num)s accounts are enabled."),
        text("They can come in again; old log-ins stay dead."),
        lambda user: user.is_disabled,
        lambda user_id, by: disabling.enable(user_id, by=by),
    ),
    "forget": Change(
        text("Abandon now"),
        forms("%(num)s account is abandoned.", "%(num)s accounts are abandoned."),
        text("Guests only. The account ends, private files are deleted, names rest or retire. This can't be undone."),
        lambda user: not user.is_registered and not user.is_abandoned,
        lambda user_id, by: shutting_out.forget(user_id, by=by),
    ),
}
