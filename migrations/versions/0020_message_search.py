"""message search"""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"

SIGNS = "!\"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~"
OLD = (
    "INSERT INTO messages_words(messages_words, rowid, room_id, body) VALUES ('delete', old.id, old.room_id, old.body);"
)
NEW = "INSERT INTO messages_words(rowid, room_id, body) VALUES (new.id, new.room_id, new.body);"


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute(
            "CREATE INDEX ix_messages_words ON messages USING gin "
            f"(to_tsvector('simple'::regconfig, translate(body, '{SIGNS}', repeat(' ', 32))))"
        )
        return
    op.execute(
        "CREATE VIRTUAL TABLE messages_words USING fts5"
        "(room_id, body, content='messages', content_rowid='id', tokenize='unicode61 remove_diacritics 0')"
    )
    op.execute("INSERT INTO messages_words(messages_words) VALUES ('rebuild')")
    op.execute(f"CREATE TRIGGER messages_words_new AFTER INSERT ON messages BEGIN {NEW} END")
    op.execute(f"CREATE TRIGGER messages_words_gone AFTER DELETE ON messages BEGIN {OLD} END")
    op.execute(f"CREATE TRIGGER messages_words_changed AFTER UPDATE OF body ON messages BEGIN {OLD} {NEW} END")


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.drop_index("ix_messages_words", "messages")
        return
    for trigger in ("new", "gone", "changed"):
        op.execute(f"DROP TRIGGER messages_words_{trigger}")
    op.execute("DROP TABLE messages_words")
