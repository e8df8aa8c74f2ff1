"""Tokens that only read: a token may be issued for reading alone; those there are may change things as before

Revision: 0010
After: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.add_column("token", sa.Column("reads_only", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Go back to the schema before. A token that only read could change things there, so it is revoked first."""
    op.execute("UPDATE token SET revoked_at = created_at WHERE reads_only AND revoked_at IS NULL")
    op.drop_column("token", "reads_only")
