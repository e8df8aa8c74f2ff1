"""The doctor: what was found impossible, and how far the regular look for it has come

Revision: 0008
After: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.create_table(
        "finding",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("check_name", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("promise", sa.String(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("institution", "case_id", "check_name", "about", name=op.f("pk_finding")),
    )
    op.create_table(
        "doctor_round",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_id", sa.String(), nullable=False),
        sa.Column("after_case", sa.String(), nullable=False),
        sa.Column("after_party", sa.String(), nullable=False),
        sa.Column("after_key", sa.String(), nullable=False),
        sa.Column("alive_since", sa.BigInteger(), nullable=True),
        sa.Column("looked_at", sa.BigInteger(), nullable=True),
        sa.Column("whole_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("institution", name=op.f("pk_doctor_round")),
    )


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_table("doctor_round")
    op.drop_table("finding")
