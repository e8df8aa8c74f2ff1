"""Rungs that could not be fired are kept, tried ever more seldom, and shown

Revision: 0009
After: 0008

A rung whose case is poisoned was tried at each tick, for ever, and seen in the log alone.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.create_table(
        "stuck_rung",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("deadline", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("rung", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("next_try", sa.BigInteger(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "case_id", name="pk_stuck_rung"),
    )


def downgrade() -> None:
    """Go back to the schema before. What was stuck is tried at each tick again."""
    op.drop_table("stuck_rung")
