"""replies"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("messages", sa.Column("reply_to_seq", BIG_ID, nullable=True))


def downgrade() -> None:
    op.drop_column("messages", "reply_to_seq")
