"""reactions"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("messages", sa.Column("is_reacted_to", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "reactions",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("message_id", BIG_ID, nullable=False),
        sa.Column("user_id", BIG_ID, nullable=False),
        sa.Column("emoji", sa.String(length=8), nullable=False),
        sa.Column("tag", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_reactions_message_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_reactions_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reactions")),
        sa.UniqueConstraint("message_id", "user_id", "emoji", name=op.f("uq_reactions_message_id_user_id_emoji")),
    )
    op.create_index(op.f("ix_reactions_user_id"), "reactions", ["user_id"])


def downgrade() -> None:
    op.drop_table("reactions")
    op.drop_column("messages", "is_reacted_to")
