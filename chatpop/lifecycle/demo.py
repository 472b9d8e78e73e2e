"""A furnished site to look at: two public rooms with people who talk, answer, edit and react.

Everything is done by the verbs that people's clicks do, so a demo can show nothing that the site would refuse.
"""

from __future__ import annotations

from dataclasses import dataclass

from chatpop.config import Config
from chatpop.core import ids
from chatpop.core.limits import Bucket
from chatpop.identity.fingerprint import Evidence
from chatpop.identity.guests import Newcomer
from chatpop.identity.models import User
from chatpop.identity.viewer import Viewer
from chatpop.names import rolling
from chatpop.rooms import editing, finding, joining, opening, posting, reacting
from chatpop.rooms.models import Participation, Room, Visibility

HOUR = 3600
MOST_DEMO_GUESTS = 1_000


@dataclass(frozen=True, slots=True)
class Line:
    """A message of the demo: who says what (0 is the host), which line it answers, and who reacts how."""

    who: int
    text: str
    answers: int | None = None
    reactions: tuple[tuple[int, str], ...] = ()
    edited_to: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    name: str
    topic: str
    lines: tuple[Line, ...]


SCENES = (
    Scene(
        "Friday pub quiz",
        "Table for six, answers by eight",
        (
            Line(1, "Two taps and I was in!", reactions=((0, "🎉"), (2, "👍"))),
            Line(0, "That was the idea. **Who does geography?**"),
            Line(2, "I knew every capital last week. Every capital but one…", answers=1),
            Line(0, "Which one?", answers=2, reactions=((1, "😂"),)),
            Line(2, "I am not telling", edited_to="I am *not* telling :)"),
        ),
    ),
    Scene(
        "Gardeners",
        "Seeds, weather, and what to do with all the mint",
        (
            Line(0, "My tomatoes are up!", reactions=((1, "❤️"), (2, "❤️"))),
            Line(1, "Does anybody have spare basil?"),
            Line(2, "I can swap it for mint:\n\n- two pots\n- or a bucket", answers=1),
        ),
    ),
)


def seed_demo(config: Config) -> list[Room]:
    """Open the demo's rooms, each with a host and two guests of its own; calling it again opens more.

    Raises ``NoNameFree``, ``ServiceAway``.
    """
    return [_play(scene, config) for scene in SCENES]


def _play(scene: Scene, config: Config) -> Room:
    draft = opening.Draft(name=scene.name, topic=scene.topic, visibility=Visibility.PUBLIC)
    opened = opening.open_room(draft, Viewer(None, None), _newcomer(), config)
    room = opened.room
    host = opened.welcome.user if opened.welcome else None
    if host is None:
        raise AssertionError("a newcomer becomes a guest by opening a room")
    cast = [(host, _place(room, host)), *(_join(room, config) for _ in range(2))]
    seqs: list[int] = []
    for line in scene.lines:
        user, place = cast[line.who]
        reply_to = seqs[line.answers] if line.answers is not None else None
        posted = posting.post(room, user, place, line.text, ids.short_token(), reply_to=reply_to)
        seqs.append(posted.entry.seq)
        if line.edited_to:
            editing.edit(room, user, place, seqs[-1], line.edited_to)
        for who, sign in line.reactions:
            reacting.react(room, *cast[who], seqs[-1], sign)
    return room


def _join(room: Room, config: Config) -> tuple[User, Participation]:
    newcomer = _newcomer()
    viewer = Viewer(None, newcomer.visitor_id)
    name = rolling.fresh_name(f"visitor:{newcomer.visitor_id}")
    joined = joining.join(room, viewer, name, newcomer, config)
    if joined.welcome is None:
        raise AssertionError("a newcomer becomes a guest by joining a room")
    return joined.welcome.user, _place(room, joined.welcome.user)


def _place(room: Room, user: User) -> Participation:
    """With what they may do there, which writing asks for."""
    place = finding.find_participation(room.id, user)
    if place is None:
        raise AssertionError("who has come in has a place")
    return place


def _newcomer() -> Newcomer:
    """Nobody's browser: without headers and address, so that nothing of it is evidence."""
    nobody = Evidence(user_agent="", accept_language="", accept_encoding="", client_ip=None)
    bucket = Bucket("guests", "demo", MOST_DEMO_GUESTS, HOUR)
    return Newcomer(ids.short_token(), None, nobody, None, [bucket], "The demo")
