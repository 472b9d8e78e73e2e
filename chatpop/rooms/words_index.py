"""What makes the words of messages findable: made by the migration ``message_search``, kept by the database itself."""

from __future__ import annotations

from sqlalchemy import Index, column, func, table, text

from chatpop.rooms.models import Message

TABLE = table("messages_words", column("rowid"), column("messages_words"))
"""SQLite: an FTS5 table over ``room_id`` and ``body`` of the messages, with their ids as row ids."""
CONFIGURATION = text("'simple'::regconfig")
SIGNS = "!\"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~"
"""Told apart from words on PostgreSQL as on SQLite: its own parser would take an address for one word."""
WORDS = func.to_tsvector(
    CONFIGURATION, func.translate(Message.__table__.c.body, text(f"'{SIGNS}'"), text("repeat(' ', 32)"))
)
"""PostgreSQL: what the index is of; a query must say the same to be answered by it."""

Index("ix_messages_words", WORDS, postgresql_using="gin").ddl_if(dialect="postgresql")
