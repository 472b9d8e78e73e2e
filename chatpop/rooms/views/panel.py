"""The join panel: the dice, the names held, and the viewer's own name."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chatpop.core.errors import DomainError, ServiceAway
from chatpop.identity.viewer import Viewer
from chatpop.names import holds, rolling
from chatpop.names.rolling import Roll
from chatpop.rooms.doorways import Doorway
from chatpop.rooms.models import Room
from chatpop.web.wants import wants

DICE, ACCOUNT = "dice", "account"


@dataclass(frozen=True, slots=True)
class JoinPanel:
    """What ``rooms/_join_panel.html`` shows.

    ``tray`` is newest first; ``remaining`` is None before the first roll; ``wait_seconds`` is set
    when no rolls are left.
    """

    mode: str
    account_name: str | None
    tray: list[str]
    selected: str | None
    remaining: int | None
    wait_seconds: int | None = None
    error: str | None = None


def present_panel(viewer: Viewer, mode: str | None = None) -> JoinPanel:
    """The panel as it stands for the viewer; without names while Redis is away."""
    chosen = mode or request.args.get("mode")
    if viewer.user is not None and chosen != DICE:
        return JoinPanel(ACCOUNT, viewer.name, [], viewer.name, None)
    try:
        tray = [name for roller in viewer.rollers for name in holds.tray(roller)]
        left = rolling.rolls_left(viewer.rollers[0]) if viewer.rollers else None
    except ServiceAway as away:
        return JoinPanel(DICE, viewer.name, [], None, None, error=away.sentence)
    has_rolled = left is not None and (tray or left.remaining < left.limit)
    return JoinPanel(
        mode=DICE,
        account_name=viewer.name,
        tray=tray,
        selected=tray[0] if tray else None,
        remaining=left.remaining if left is not None and has_rolled else None,
        wait_seconds=left.reset if left is not None and left.remaining == 0 else None,
    )


def rolled_panel(viewer: Viewer, rolled: Roll) -> JoinPanel:
    """The panel after a roll, which has brought all that it shows."""
    others = [name for roller in viewer.rollers[1:] for name in holds.tray(roller)]
    return JoinPanel(
        mode=DICE,
        account_name=viewer.name,
        tray=[*rolled.tray, *others],
        selected=rolled.username,
        remaining=rolled.remaining,
        wait_seconds=rolled.reset if rolled.remaining == 0 else None,
    )


def answer_panel(room: Room | Doorway, panel: JoinPanel, status: int = 200) -> ResponseReturnValue:
    """The panel as a fragment for HTMX, on its own page for everybody else."""
    template = "rooms/_join_panel.html" if wants() == "fragment" else "rooms/join.html"
    return render_template(template, room=room, panel=panel), status


def answer_closed(room: Room, status: int = 200) -> ResponseReturnValue:
    """In place of the panel, in a room that is closed to guests."""
    if wants() == "fragment":
        return render_template("rooms/_barred.html", room=room, mute=None, body="", is_in=False), status
    return render_template("rooms/join.html", room=room, barred=True), status


def refuse(room: Room, viewer: Viewer, refusal: DomainError) -> ResponseReturnValue:
    """The panel with the reason; the names held stay selectable, so nobody is at a dead end."""
    panel = present_panel(viewer, DICE if viewer.user is None else None)
    if isinstance(refusal, rolling.RollsUsedUp):
        panel = replace(present_panel(viewer, DICE), remaining=0, wait_seconds=refusal.retry_after)
    else:
        panel = replace(panel, error=refusal.sentence)
    response = make_response(answer_panel(room, panel, refusal.status))
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def join_path(room: Room) -> str:
    """Where a viewer without scripts sees the panel."""
    return url_for("participations.new", code=room.code)
