"""class passes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "class_passes",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("room_id", BIG_ID, nullable=False),
        sa.Column("made_by", BIG_ID, nullable=True),
        sa.Column("secret", sa.String(length=16), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_class_passes_made_by"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_class_passes_room_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_passes")),
    )
    with op.batch_alter_table("class_passes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_class_passes_room_id"), ["room_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("class_passes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_class_passes_room_id"))

    op.drop_table("class_passes")
