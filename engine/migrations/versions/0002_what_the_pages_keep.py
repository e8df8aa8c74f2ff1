"""What the staff pages keep: sessions, sign-in links, saved views, drafts, readings, reasons, feeds

Revision: 0002
After: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.create_table(
        "calendar_feed",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_calendar_feed")),
    )
    with op.batch_alter_table("calendar_feed", schema=None) as batch_op:
        batch_op.create_index("ix_calendar_feed_person", ["institution", "person"], unique=False)

    op.create_table(
        "case_presence",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("beat_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "case_id", "person", name=op.f("pk_case_presence")),
    )
    op.create_table(
        "case_reading",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "case_id", "person", "day", name=op.f("pk_case_reading")),
    )
    with op.batch_alter_table("case_reading", schema=None) as batch_op:
        batch_op.create_index("ix_case_reading_last", ["institution", "last_at"], unique=False)
        batch_op.create_index("ix_case_reading_person", ["institution", "person", "day"], unique=False)

    op.create_table(
        "follow_up_day",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "person", "case_id", name=op.f("pk_follow_up_day")),
    )
    with op.batch_alter_table("follow_up_day", schema=None) as batch_op:
        batch_op.create_index("ix_follow_up_day_due", ["institution", "person", "on_day"], unique=False)

    op.create_table(
        "form_draft",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("given", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "person", "case_id", "form", name=op.f("pk_form_draft")),
    )
    with op.batch_alter_table("form_draft", schema=None) as batch_op:
        batch_op.create_index("ix_form_draft_case", ["institution", "case_id"], unique=False)

    op.create_table(
        "reason_text",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text_sv", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "id", name=op.f("pk_reason_text")),
    )
    with op.batch_alter_table("reason_text", schema=None) as batch_op:
        batch_op.create_index("ix_reason_text_owner", ["institution", "owner"], unique=False)

    op.create_table(
        "saved_view",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "id", name=op.f("pk_saved_view")),
    )
    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.create_index("ix_saved_view_owner", ["institution", "owner"], unique=False)

    op.create_table(
        "session",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_session")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index("ix_session_person", ["institution", "person"], unique=False)

    op.create_table(
        "sign_in_link",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sign_in_link")),
    )
    with op.batch_alter_table("sign_in_link", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_link_address", ["institution", "address", "made_at"], unique=False)
        batch_op.create_index("ix_sign_in_link_origin", ["institution", "origin", "made_at"], unique=False)


def downgrade() -> None:
    """Go back to the schema before."""
    with op.batch_alter_table("sign_in_link", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_link_origin")
        batch_op.drop_index("ix_sign_in_link_address")

    op.drop_table("sign_in_link")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index("ix_session_person")

    op.drop_table("session")
    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.drop_index("ix_saved_view_owner")

    op.drop_table("saved_view")
    with op.batch_alter_table("reason_text", schema=None) as batch_op:
        batch_op.drop_index("ix_reason_text_owner")

    op.drop_table("reason_text")
    with op.batch_alter_table("form_draft", schema=None) as batch_op:
        batch_op.drop_index("ix_form_draft_case")

    op.drop_table("form_draft")
    with op.batch_alter_table("follow_up_day", schema=None) as batch_op:
        batch_op.drop_index("ix_follow_up_day_due")

    op.drop_table("follow_up_day")
    with op.batch_alter_table("case_reading", schema=None) as batch_op:
        batch_op.drop_index("ix_case_reading_person")
        batch_op.drop_index("ix_case_reading_last")

    op.drop_table("case_reading")
    op.drop_table("case_presence")
    with op.batch_alter_table("calendar_feed", schema=None) as batch_op:
        batch_op.drop_index("ix_calendar_feed_person")

    op.drop_table("calendar_feed")
