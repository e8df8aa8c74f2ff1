"""Pages at size: indexes in the order of the lists that people read

Revision: 0005
After: 0004

Two follow the orders of a list within one process; the third that of what is owed, and holds
open cases only. Without them such a list is put in order anew for each page: 2 s for one
process among a million cases.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.migrations.figures import expect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OPEN = sa.text("closed_at IS NULL")
EXPECTED = {
    "ix_case_record_workflow_opened": "100000 100000 20000 2 1",
    "ix_case_record_workflow_updated": "100000 100000 20000 2 1",
    "ix_case_record_due": "15000 15000 100 1",
}
"""What SQLite is told to expect of them, as of the others (0003)."""


def upgrade() -> None:
    """Go to this schema."""
    op.create_index("ix_case_record_workflow_opened", "case_record", ["institution", "workflow", "opened_at", "id"])
    op.create_index("ix_case_record_workflow_updated", "case_record", ["institution", "workflow", "updated_at", "id"])
    op.create_index(
        "ix_case_record_due", "case_record", ["institution", "due_at", "id"], sqlite_where=OPEN, postgresql_where=OPEN
    )
    if op.get_bind().dialect.name == "sqlite":
        expect("case_record", EXPECTED)


def downgrade() -> None:
    """Go back to the schema before."""
    for index in EXPECTED:
        op.drop_index(index, table_name="case_record")
