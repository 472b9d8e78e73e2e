"""The site with a few views more, for tests of live delivery in server processes of their own."""

from __future__ import annotations

import sys
from pathlib import Path

from flask import Blueprint, Flask, Response, request
from pydantic import BaseModel
from werkzeug.serving import make_server

from chatpop.app import create_app
from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.extensions import redis_store
from chatpop.rooms.history import LogEntry
from chatpop.rooms.live import Subscription, Timing, live
from chatpop.rooms.models import EventKind, Message, RoomEvent
from chatpop.rooms.numbering import next_seq

bp = Blueprint("live_tests", __name__, url_prefix="/t")


class Orders(BaseModel):
    """What a test wants of a server process; read from the file named by the last argument."""

    tick: float = 0.2
    beats: int = 5
    life: float = 600.0
    poll_up: float = 10.0
    typing: float = 6.0
    most: int = 1000


def create(orders_file: str) -> Flask:
    """For ``gunicorn 'tests.rooms.live.site:create("…")'``."""
    orders = Orders.model_validate_json(Path(orders_file).read_text())
    app = create_app()
    app.config["LIVE_TIMING"] = Timing(
        tick=orders.tick,
        beats=orders.beats,
        life=orders.life,
        life_jitter=0.0,
        poll_up=orders.poll_up,
        typing=orders.typing,
    )
    app.config["LIVE_MOST"] = orders.most
    live.init_app(app)
    app.register_blueprint(bp)
    return app


@bp.get("/stream/<int:room_id>")
def stream(room_id: int) -> Response:
    """A reader; ``guard`` names a key in Redis whose being there ends the stream."""
    text = request.headers.get("Last-Event-ID") or request.args.get("after")
    name, guard = request.args.get("name"), request.args.get("guard")
    return live.open(
        Subscription(
            room_id=room_id,
            code="TESTED",
            after=int(text) if text else None,
            person=(f"tag-{name}", name) if name else None,
            network=request.args.get("network", "net"),
            allowed=lambda: not (guard and redis_store.client.exists(guard)),
        )
    )


@bp.post("/say/<int:room_id>")
def say(room_id: int) -> dict[str, int]:
    """Store a message; ``how`` is told with the entry, told by number only, or not told at all."""
    how = request.args.get("how", "entry")
    message = store_message(room_id, request.args["text"])
    entry = LogEntry(message.seq, EventKind.MESSAGE, message)
    if how != "untold":
        live.announce(room_id, entry.seq, entry.kind, entry if how == "entry" else None)
    return {"seq": entry.seq}


@bp.post("/typing/<int:room_id>")
def typing(room_id: int) -> str:
    name = request.args["name"]
    live.tell_typing(room_id, request.args.get("tag", f"tag-{name}"), name)
    return ""


@bp.post("/delete/<int:room_id>/<int:seq>")
def delete(room_id: int, seq: int) -> dict[str, int]:
    entry = store_deletion(room_id, seq)
    live.announce(room_id, entry.seq, entry.kind, entry)
    return {"seq": entry.seq}


@bp.post("/recheck/<int:room_id>")
def recheck(room_id: int) -> str:
    live.recheck(room_id)
    return ""


@bp.get("/people/<int:room_id>")
def people(room_id: int) -> dict[str, object]:
    presence = live.people(room_id)
    count = live.head_counts([room_id])[room_id]
    return {"people": [name for _tag, name in presence.people], "readers": presence.readers, "count": count}


def store_message(room_id: int, text: str) -> Message:
    with transaction() as session:
        message = Message(
            room_id=room_id,
            author_name="gus",
            author_tag="tag",
            body=text,
            client_id="c",
            created_at=clock.now(),
        )
        message.seq = next_seq(session, room_id)
        session.add(message)
    return message


def store_deletion(room_id: int, seq: int) -> LogEntry:
    with transaction() as session:
        message = session.query(Message).filter_by(room_id=room_id, seq=seq).one()
        message.deleted_at, message.body = clock.now(), ""
        event = RoomEvent(
            room_id=room_id,
            seq=next_seq(session, room_id),
            kind=EventKind.DELETE,
            message_id=message.id,
            created_at=clock.now(),
        )
        session.add(event)
    return LogEntry(event.seq, EventKind.DELETE, message)


if __name__ == "__main__":
    make_server("127.0.0.1", 0, create(sys.argv[2]), threaded=True, fd=int(sys.argv[1])).serve_forever()
