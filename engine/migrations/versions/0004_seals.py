"""Seals: the tree over all events, the checkpoints signed of it, and where they went

Revision: 0004
After: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.create_table(
        "checkpoint",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("previous", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("through", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "size", name=op.f("pk_checkpoint")),
    )
    with op.batch_alter_table("checkpoint", schema=None) as batch_op:
        batch_op.create_index("uq_checkpoint_previous", ["institution", "previous"], unique=True)

    op.create_table(
        "checkpoint_sent",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "place", "size", name=op.f("pk_checkpoint_sent")),
    )
    op.create_table(
        "seal_run",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("first_sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("first_leaf", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "case_id", "first_sequence", name=op.f("pk_seal_run")),
    )
    with op.batch_alter_table("seal_run", schema=None) as batch_op:
        batch_op.create_index("ix_seal_run_leaf", ["institution", "first_leaf"], unique=False)

    op.create_table(
        "seal_tile",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("level", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "level", "number", name=op.f("pk_seal_tile")),
    )


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_table("seal_tile")
    with op.batch_alter_table("seal_run", schema=None) as batch_op:
        batch_op.drop_index("ix_seal_run_leaf")

    op.drop_table("seal_run")
    op.drop_table("checkpoint_sent")
    with op.batch_alter_table("checkpoint", schema=None) as batch_op:
        batch_op.drop_index("uq_checkpoint_previous")

    op.drop_table("checkpoint")
