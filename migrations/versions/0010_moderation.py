"""moderation"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "bans",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("room_id", BIG_ID, nullable=True),
        sa.Column("user_id", BIG_ID, nullable=True),
        sa.Column("fingerprint_hash", sa.String(length=64), nullable=True),
        sa.Column("network", sa.String(length=49), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("shown_name", sa.String(length=64), nullable=False),
        sa.Column("placed_by", BIG_ID, nullable=True),
        sa.Column("placed_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("lifted_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_bans_room_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_bans_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["placed_by"], ["users.id"], name=op.f("fk_bans_placed_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bans")),
    )
    op.create_index(op.f("ix_bans_fingerprint_hash"), "bans", ["fingerprint_hash"])
    op.create_index(op.f("ix_bans_network"), "bans", ["network"])
    op.create_index("ix_bans_room", "bans", ["room_id", "placed_at"])
    op.create_index("ix_bans_user", "bans", ["user_id", "room_id"])
    op.create_table(
        "moderators",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("room_id", BIG_ID, nullable=False),
        sa.Column("user_id", BIG_ID, nullable=False),
        sa.Column("shown_name", sa.String(length=64), nullable=False),
        sa.Column("appointed_by", BIG_ID, nullable=True),
        sa.Column("appointed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_moderators_room_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_moderators_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["appointed_by"], ["users.id"], name=op.f("fk_moderators_appointed_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderators")),
        sa.UniqueConstraint("user_id", "room_id", name=op.f("uq_moderators_user_id_room_id")),
    )
    op.create_index(op.f("ix_moderators_room_id"), "moderators", ["room_id"])
    op.create_table(
        "mutes",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("room_id", BIG_ID, nullable=False),
        sa.Column("user_id", BIG_ID, nullable=False),
        sa.Column("shown_name", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("placed_by", BIG_ID, nullable=True),
        sa.Column("placed_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_mutes_room_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mutes_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["placed_by"], ["users.id"], name=op.f("fk_mutes_placed_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mutes")),
        sa.UniqueConstraint("user_id", "room_id", name=op.f("uq_mutes_user_id_room_id")),
    )
    op.create_index(op.f("ix_mutes_room_id"), "mutes", ["room_id"])
    op.add_column("rooms", sa.Column("slow_mode_seconds", sa.Integer(), server_default="0", nullable=False))
    op.add_column("rooms", sa.Column("closed_to_guests_at", MOMENT, nullable=True))
    op.add_column("rooms", sa.Column("pinned_seq", BIG_ID, nullable=True))
    op.add_column("messages", sa.Column("is_removed", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("messages", "is_removed")
    op.drop_column("rooms", "pinned_seq")
    op.drop_column("rooms", "closed_to_guests_at")
    op.drop_column("rooms", "slow_mode_seconds")
    op.drop_table("mutes")
    op.drop_table("moderators")
    op.drop_table("bans")
