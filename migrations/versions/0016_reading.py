"""how far one has read"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("participations", sa.Column("read_seq", BIG_ID, server_default="0", nullable=False))
    # Whoever is in a room already has nothing new there.
    op.execute(
        "UPDATE participations SET read_seq = (SELECT last_seq FROM rooms WHERE rooms.id = participations.room_id)"
    )


def downgrade() -> None:
    op.drop_column("participations", "read_seq")
