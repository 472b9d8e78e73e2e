"""sweep"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sleeps",
        sa.Column("user_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sleeps_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_sleeps")),
    )
    op.create_index(op.f("ix_sleeps_ends_at"), "sleeps", ["ends_at"])
    op.create_table(
        "sweep_runs",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("admin_id", BIG_ID, nullable=True),
        sa.Column("admin_name", sa.String(length=64), nullable=False),
        sa.Column("is_forced", sa.Boolean(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("began_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("is_held_back", sa.Boolean(), nullable=False),
        sa.Column("guests", sa.Integer(), nullable=False),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("swept", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["admin_id"], ["users.id"], name=op.f("fk_sweep_runs_admin_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweep_runs")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_sweep_runs_asked_at"), "sweep_runs", ["asked_at"])


def downgrade() -> None:
    op.drop_table("sweep_runs")
    op.drop_table("sleeps")
