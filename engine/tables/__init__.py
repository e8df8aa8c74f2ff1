"""The tables, declared. `institution` (the tenant) leads every key, unique rule and hot index.

Instants are UTC microseconds in a BIGINT, days are dates, JSON is text in the
database's own JSON type. Alembic migrates them (`engine/migrations`); a test compares
the migrated schema with this one, partial indexes included.
"""

from __future__ import annotations

from engine.tables.base import Table, table_of
from engine.tables.cases import (
    CaseRecord,
    DeadlineRecord,
    DefinitionRecord,
    Event,
    EventDetail,
    IdempotencyRecord,
    LinkRecord,
    NumberSeries,
    OutboxRecord,
)
from engine.tables.findings import DoctorRound, FindingRecord
from engine.tables.installation import Heartbeat, TestClockRecord
from engine.tables.organisation import (
    AbsenceRecord,
    ClosingDayRecord,
    MandateRecord,
    MembershipRecord,
    OrganisationChange,
    OrganisationRecord,
    UnitRecord,
    Versioned,
)
from engine.tables.pages import (
    CalendarFeed,
    CasePresence,
    CaseReading,
    FollowUpDay,
    FormDraft,
    ReasonText,
    SavedView,
    SessionRecord,
    SignInLink,
)
from engine.tables.registers import NaturalKey, PartnerRecord, PersonRecord, TokenRecord
from engine.tables.seals import CheckpointRecord, CheckpointSent, SealRun, SealTile
from engine.tables.stuck import StuckRung

__all__ = [
    "Table", "table_of", "CaseRecord", "Event", "EventDetail", "DeadlineRecord",
    "OutboxRecord", "DefinitionRecord", "LinkRecord", "OrganisationRecord",
    "OrganisationChange", "Versioned", "UnitRecord", "MembershipRecord", "MandateRecord",
    "AbsenceRecord", "ClosingDayRecord", "PersonRecord", "PartnerRecord", "TokenRecord",
    "IdempotencyRecord", "NaturalKey", "NumberSeries", "TestClockRecord", "Heartbeat",
    "SessionRecord", "SignInLink", "SavedView", "FormDraft", "CaseReading", "CasePresence", "ReasonText",
    "FollowUpDay", "CalendarFeed", "SealTile", "SealRun", "CheckpointRecord", "CheckpointSent",
    "StuckRung", "FindingRecord", "DoctorRound",
]  # fmt: skip
