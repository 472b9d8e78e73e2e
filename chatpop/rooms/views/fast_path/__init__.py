"""The fast path of the one request that a busy room is made of: a plain message from a room's page.

It stands before Flask and answers only where every question has its usual answer: a known author with a place
in the room, no ban, no mute, no slow mode, a new message without files, mentions and replies, the limit not
reached. Whatever is otherwise, and whatever fails, goes the long way (``views.messages.create``), which judges
and says so; so no refusal and no sentence is made here. A message that had been stored when something failed
is found there by its ``client_id``.

Both ways answer, store, limit, log and count alike; ``tests/rooms/test_fast_path.py`` holds them together.
"""

from __future__ import annotations

from chatpop.rooms.views.fast_path.middleware import FastPath

__all__ = ["FastPath"]
