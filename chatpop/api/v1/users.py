"""One's own account."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from chatpop.api.v1.bearer import present_caller
from chatpop.api.v1.describing import describe, moment
from chatpop.settings import registry

bp = Blueprint("users", __name__)


@bp.get("/users/me/")
@describe("Your account and its limits", answers={200: "Me"})
def show() -> ResponseReturnValue:
    user = present_caller().user
    return jsonify(
        id=user.id,
        username=user.username,
        email=user.email,
        tier=user.tier,
        created_at=moment(user.created_at),
        registered_at=moment(user.registered_at),
        last_seen_at=moment(user.last_seen_at),
        limits={
            "messages_per_minute": registry.MAX_MESSAGES_PER_MINUTE_MEMBER.get(),
            "rooms_hosted": registry.MAX_ROOMS_MEMBER.get(),
        },
    )
