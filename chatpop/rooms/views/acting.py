"""Pages and dialogs of one message or one person: what may be done, and what has just been done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from chatpop.identity.recognition import present_viewer
from chatpop.rooms import editing, finding, history, reactions
from chatpop.rooms.history import LogEntry
from chatpop.rooms.models import Message, Participation, Room
from chatpop.rooms.moderation import muting, roles, speaking
from chatpop.rooms.moderation.persons import Person
from chatpop.rooms.moderation.roles import Role
from chatpop.rooms.reactions import Reactors
from chatpop.rooms.rendering import message_view
from chatpop.rooms.tags import author_tag
from chatpop.web.saying import flash
from chatpop.web.wants import wants


@dataclass(frozen=True, slots=True)
class MessageActs:
    """What the viewer may do with a message."""

    reply: bool
    edit: bool
    delete: bool
    pin: bool
    unpin: bool
    own_signs: frozenset[str] = frozenset()
    """With which the viewer has reacted."""
    reactors: Sequence[Reactors] = ()


@dataclass(frozen=True, slots=True)
class PersonActs:
    """What the viewer may do to a person."""

    moderate: bool
    promote: bool
    demote: bool
    hand_over: bool


def message_page(room: Room, message: Message, done: str = "") -> ResponseReturnValue:
    """The message with its actions; ``done`` is what has just happened."""
    template = "rooms/_message_actions.html" if wants() == "fragment" else "rooms/message.html"
    entry = history.entry_of(message, room.code)
    acts = _message_acts(room, entry)
    return render_template(template, room=room, message=message, m=message_view(entry), acts=acts, done=done)


def person_page(room: Room, person: Person, done: str = "", status: int = 200) -> ResponseReturnValue:
    """The person with what may be done; ``done`` is what has just happened."""
    template = "rooms/_person_actions.html" if wants() == "fragment" else "rooms/person.html"
    acts = _person_acts(room, person)
    page = render_template(template, room=room, person=person, acts=acts, lengths=muting.LENGTHS, done=done)
    return page, status


def done(sentence: str, path: str, fragment: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """The answer to an act: the dialog anew, a sentence for a program, else the page at ``path``."""
    form = wants()
    if form == "json":
        return jsonify(done=sentence)
    if form == "fragment":
        return fragment()
    flash(sentence)
    return redirect(path, 303)


def settings_path(room: Room) -> str:
    return url_for("room_settings.show", code=room.code)


def _message_acts(room: Room, entry: LogEntry) -> MessageActs:
    user, message = present_viewer().user, entry.message
    role = roles.role_of(room, user)
    who = reactions.reactors_of(message)
    if user is None or message.deleted_at is not None:
        return MessageActs(reply=False, edit=False, delete=False, pin=False, unpin=False, reactors=who)
    is_pinned = room.pinned_seq == message.seq
    place = finding.find_participation(room.id, user)
    may_write = place is not None and speaking.may_write(room, user, place)
    return MessageActs(
        reply=may_write,
        edit=may_write and editing.is_open(message, user),
        delete=message.author_id == user.id or roles.may_act_on(room, role, user, message.author_id),
        pin=role.looks_after and not is_pinned,
        unpin=role.looks_after and is_pinned,
        own_signs=_own_signs(room, place, entry),
        reactors=who,
    )


def _own_signs(room: Room, place: Participation | None, entry: LogEntry) -> frozenset[str]:
    tag = author_tag(room, place) if place is not None else None
    return frozenset(tally.emoji for tally in entry.tallies if tag in tally.tags)


def _person_acts(room: Room, person: Person) -> PersonActs:
    user = present_viewer().user
    role = roles.role_of(room, user) if user is not None else Role.NOBODY
    if user is None or not roles.may_act_on(room, role, user, person.user.id):
        return PersonActs(moderate=False, promote=False, demote=False, hand_over=False)
    is_moderator = person.moderator is not None
    return PersonActs(
        moderate=True,
        promote=role.leads and person.is_here and not is_moderator,
        demote=role.leads and is_moderator,
        hand_over=role.leads and is_moderator,
    )
