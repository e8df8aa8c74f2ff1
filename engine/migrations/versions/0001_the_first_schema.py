"""The first schema

Revision: 0001
After: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.create_table(
        "absence",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("since_version", sa.BigInteger(), nullable=False),
        sa.Column("until_version", sa.BigInteger(), nullable=True),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("weekdays", sa.String(), nullable=True),
        sa.Column("substitute", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("institution", "id", name=op.f("pk_absence")),
    )
    op.create_table(
        "case_record",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("workflow", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("assignee", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("acts", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("institution", "id", name=op.f("pk_case_record")),
    )
    with op.batch_alter_table("case_record", schema=None) as batch_op:
        batch_op.create_index(
            "ix_case_record_assignee", ["institution", "assignee", "workflow"], unique=False
        )
        batch_op.create_index(
            "ix_case_record_opened", ["institution", "opened_at", "id"], unique=False
        )
        batch_op.create_index("ix_case_record_subject", ["institution", "subject"], unique=False)
        batch_op.create_index("ix_case_record_unit", ["institution", "unit"], unique=False)
        batch_op.create_index(
            "ix_case_record_updated", ["institution", "updated_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_case_record_worklist", ["institution", "workflow", "state", "unit"], unique=False
        )
        batch_op.create_index("uq_case_record_number", ["institution", "number"], unique=True)

    op.create_table(
        "closing_day",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("since_version", sa.BigInteger(), nullable=False),
        sa.Column("until_version", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "id", name=op.f("pk_closing_day")),
    )
    op.create_table(
        "deadline",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ledger", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("fired", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("next_rung", sa.String(), nullable=True),
        sa.Column("acts_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint(
            "institution", "case_id", "name", "since", name=op.f("pk_deadline")
        ),
    )
    with op.batch_alter_table("deadline", schema=None) as batch_op:
        batch_op.create_index(
            "ix_deadline_acts",
            ["acts_at", "institution", "case_id"],
            unique=False,
            sqlite_where=sa.text("acts_at IS NOT NULL"),
            postgresql_where=sa.text("acts_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_deadline_open",
            ["institution", "due_on", "case_id"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "definition",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("first_used_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "hash", name=op.f("pk_definition")),
    )
    op.create_table(
        "event",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("trigger", sa.String(), nullable=True),
        sa.Column("from_state", sa.String(), nullable=True),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("on_behalf_of", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("definition", sa.String(), nullable=False),
        sa.Column("cause_case", sa.String(), nullable=True),
        sa.Column("cause_sequence", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "case_id", "sequence", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_at", ["institution", "at"], unique=False)

    op.create_table(
        "event_detail",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "case_id", "sequence", name=op.f("pk_event_detail")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "idempotency",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "party", "key", name=op.f("pk_idempotency")),
    )
    op.create_table(
        "link",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("from_case", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("to_case", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "institution", "from_case", "name", "to_case", name=op.f("pk_link")
        ),
    )
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.create_index("ix_link_to", ["institution", "to_case", "name"], unique=False)

    op.create_table(
        "mandate",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("since_version", sa.BigInteger(), nullable=False),
        sa.Column("until_version", sa.BigInteger(), nullable=True),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("institution", "id", name=op.f("pk_mandate")),
    )
    op.create_table(
        "membership",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("since_version", sa.BigInteger(), nullable=False),
        sa.Column("until_version", sa.BigInteger(), nullable=True),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("institution", "id", name=op.f("pk_membership")),
    )
    op.create_table(
        "natural_key",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "kind", "key", name=op.f("pk_natural_key")),
    )
    op.create_table(
        "number_series",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "series", name=op.f("pk_number_series")),
    )
    op.create_table(
        "organisation",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("institution", name=op.f("pk_organisation")),
    )
    op.create_table(
        "organisation_change",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "version", name=op.f("pk_organisation_change")),
    )
    op.create_table(
        "outbox",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("deadline", sa.String(), nullable=True),
        sa.Column("grouped", sa.Boolean(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("sent_with", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("institution", "id", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_case", ["institution", "case_id"], unique=False)
        batch_op.create_index(
            "ix_outbox_recipient", ["institution", "recipient", "sent_at"], unique=False
        )
        batch_op.create_index(
            "ix_outbox_waiting",
            ["next_try", "institution", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.create_table(
        "partner",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded_name", sa.Text(), nullable=False),
        sa.Column("erasmus_code", sa.String(), nullable=True),
        sa.Column("pic", sa.String(), nullable=True),
        sa.Column("oid", sa.String(), nullable=True),
        sa.Column("city", sa.String(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("charter_from", sa.Date(), nullable=True),
        sa.Column("charter_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("institution", "id", name=op.f("pk_partner")),
    )
    with op.batch_alter_table("partner", schema=None) as batch_op:
        batch_op.create_index(
            "ix_partner_erasmus_code", ["institution", "erasmus_code"], unique=False
        )
        batch_op.create_index("ix_partner_name", ["institution", "folded_name"], unique=False)
        batch_op.create_index("ix_partner_pic", ["institution", "pic"], unique=False)

    op.create_table(
        "person",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "id", name=op.f("pk_person")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index("uq_person_email", ["institution", "email"], unique=True)

    op.create_table(
        "test_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("now", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test_clock")),
    )
    op.create_table(
        "token",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_token")),
    )
    op.create_table(
        "unit",
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("since_version", sa.BigInteger(), nullable=False),
        sa.Column("until_version", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name_sv", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("parent", sa.String(), nullable=True),
        sa.Column("mailbox", sa.String(), nullable=True),
        sa.Column("settings", sa.JSON(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("institution", "id", name=op.f("pk_unit")),
    )


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_table("unit")
    op.drop_table("token")
    op.drop_table("test_clock")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index("uq_person_email")

    op.drop_table("person")
    with op.batch_alter_table("partner", schema=None) as batch_op:
        batch_op.drop_index("ix_partner_pic")
        batch_op.drop_index("ix_partner_name")
        batch_op.drop_index("ix_partner_erasmus_code")

    op.drop_table("partner")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_waiting",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index("ix_outbox_recipient")
        batch_op.drop_index("ix_outbox_case")

    op.drop_table("outbox")
    op.drop_table("organisation_change")
    op.drop_table("organisation")
    op.drop_table("number_series")
    op.drop_table("natural_key")
    op.drop_table("membership")
    op.drop_table("mandate")
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.drop_index("ix_link_to")

    op.drop_table("link")
    op.drop_table("idempotency")
    op.drop_table("heartbeat")
    op.drop_table("event_detail")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_at")

    op.drop_table("event")
    op.drop_table("definition")
    with op.batch_alter_table("deadline", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_deadline_open",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_deadline_acts",
            sqlite_where=sa.text("acts_at IS NOT NULL"),
            postgresql_where=sa.text("acts_at IS NOT NULL"),
        )

    op.drop_table("deadline")
    op.drop_table("closing_day")
    with op.batch_alter_table("case_record", schema=None) as batch_op:
        batch_op.drop_index("uq_case_record_number")
        batch_op.drop_index("ix_case_record_worklist")
        batch_op.drop_index("ix_case_record_updated")
        batch_op.drop_index("ix_case_record_unit")
        batch_op.drop_index("ix_case_record_subject")
        batch_op.drop_index("ix_case_record_opened")
        batch_op.drop_index("ix_case_record_assignee")

    op.drop_table("case_record")
    op.drop_table("absence")
