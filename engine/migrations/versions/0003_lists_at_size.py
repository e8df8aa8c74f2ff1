"""Lists at size: what a list shows of a case stands in its row, and words are found by their parts

Revision: 0003
After: 0002

Beside the declared tables this makes what each database needs to find cases by a part of
a word: the table `case_words`, which holds number, searchable text and the subject's name
of every case in one line, an index over every three letters of it, and the triggers that
keep both in step. They work only where such a word changes, and in the same transaction,
so that an erased name is found no more from that instant.

A later migration that rebuilds `case_record` or `person` on SQLite (as Alembic's batches
do) loses the triggers on it and must make them anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OPEN_WORK = [
    "institution", "workflow", "state", "unit", "assignee", "due_at", "missed_at", "entered_at",
    "opened_at", "id", "closed_at",
]  # fmt: skip
EXPECTED = {
    "case_record": {
        "sqlite_autoindex_case_record_1": "100000 100000 1",
        "uq_case_record_number": "100000 100000 1",
        "ix_case_record_worklist": "100000 100000 20000 1500 40",
        "ix_case_record_open": "15000 15000 3000 300 10 5 3 3 1 1 1 1",
        "ix_case_record_assignee": "50000 50000 400 150",
        "ix_case_record_unit": "100000 100000 2000 1",
        "ix_case_record_subject": "100000 100000 3",
        "ix_case_record_opened": "100000 100000 2 1",
        "ix_case_record_updated": "100000 100000 2 1",
        "ix_case_record_partner": "3000 3000 10",
    },
    "case_words": {"sqlite_autoindex_case_words_1": "100000 100000 1"},
    "event": {"sqlite_autoindex_event_1": "1000000 1000000 10 1", "ix_event_at": "1000000 1000000 5"},
    "deadline": {
        "sqlite_autoindex_deadline_1": "200000 200000 2 1 1",
        "ix_deadline_acts": "20000 5 5 1",
        "ix_deadline_open": "20000 20000 100 1",
    },
    "link": {"sqlite_autoindex_link_1": "100000 100000 2 1 1", "ix_link_to": "100000 100000 20 15"},
    "person": {"sqlite_autoindex_person_1": "50000 50000 1", "uq_person_email": "50000 50000 1"},
}
RESTING = {
    "sqlite": "json_array_length(d.ledger) > 0 AND json_extract(d.ledger, '$[#-1][1]') IS NULL",
    "postgresql": "json_array_length(d.ledger) > 0 AND (d.ledger -> -1 ->> 1) IS NULL",
}
PARTNER = {
    "sqlite": "CASE WHEN json_type(facts, '$.partner') = 'text' THEN json_extract(facts, '$.partner') END",
    "postgresql": "CASE WHEN json_typeof(facts -> 'partner') = 'string' THEN facts ->> 'partner' END",
}
OPEN_DEADLINES = (
    "SELECT min(d.due_at) FROM deadline d WHERE d.institution = case_record.institution "
    "AND d.case_id = case_record.id AND d.ended_at IS NULL"
)
ENTERED = (
    "SELECT e.at FROM event e WHERE e.institution = case_record.institution "
    "AND e.case_id = case_record.id AND (e.from_state IS NULL OR e.from_state <> e.to_state) "
    "ORDER BY e.sequence DESC LIMIT 1"
)

# On SQLite. The text of a line has two blanks before every word: a word of one or two letters
# then makes three with the blanks before it, and is found where a word begins. The index
# folds case in all of Unicode, and keeps no text of its own.
SQLITE_LINE = "'  ' || replace({c}.number || ' ' || {c}.search || ' ' || coalesce({name}, ''), ' ', '  ')"
SQLITE_NAME = "(SELECT p.name FROM person p WHERE p.institution = {c}.institution AND p.id = {c}.subject)"
SQLITE_OF_PERSON = (
    "UPDATE case_words SET words = (SELECT {line} FROM case_record c "
    "WHERE c.institution = case_words.institution AND c.id = case_words.case_id) "
    "WHERE institution = {p}.institution AND case_id IN (SELECT id FROM case_record "
    "WHERE institution = {p}.institution AND subject = {p}.id);"
)
SQLITE_INDEX_OUT = "INSERT INTO case_words_index(case_words_index, rowid, words) VALUES ('delete', OLD.doc, OLD.words);"
SQLITE_INDEX_IN = "INSERT INTO case_words_index(rowid, words) VALUES (NEW.doc, NEW.words);"

# On PostgreSQL. A name is folded here, because the row of a person holds it as it is written.
POSTGRESQL_LINE = "' ' || lower({c}.number || ' ' || {c}.search || ' ' || coalesce({name}, ''))"
POSTGRESQL_NAME = "(SELECT p.name FROM person p WHERE p.institution = {c}.institution AND p.id = {c}.subject)"


def upgrade() -> None:
    """Go to this schema."""
    dialect = op.get_bind().dialect.name
    with op.batch_alter_table("case_record", schema=None) as batch_op:
        batch_op.add_column(sa.Column("entered_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("due_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("missed_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("partner", sa.String(), nullable=True))
    op.execute(
        f"UPDATE case_record SET entered_at = coalesce(({ENTERED}), opened_at), "  # noqa: S608 - written of this file's own words
        f"due_at = ({OPEN_DEADLINES} AND NOT ({RESTING[dialect]})), "
        f"missed_at = ({OPEN_DEADLINES} AND d.status = 'missed'), partner = {PARTNER[dialect]}"
    )
    with op.batch_alter_table("case_record", schema=None) as batch_op:
        batch_op.alter_column("entered_at", existing_type=sa.BigInteger(), nullable=False)
        batch_op.drop_index("ix_case_record_assignee")
        batch_op.create_index(
            "ix_case_record_assignee",
            ["institution", "assignee", "workflow"],
            unique=False,
            sqlite_where=sa.text("assignee IS NOT NULL"),
            postgresql_where=sa.text("assignee IS NOT NULL"),
        )
        batch_op.drop_index("ix_case_record_unit")
        batch_op.create_index("ix_case_record_unit", ["institution", "unit", "id"], unique=False)
        batch_op.create_index(
            "ix_case_record_open",
            OPEN_WORK,
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_case_record_partner",
            ["institution", "partner"],
            unique=False,
            sqlite_where=sa.text("partner IS NOT NULL"),
            postgresql_where=sa.text("partner IS NOT NULL"),
        )
    if dialect == "sqlite":
        _words_on_sqlite()
    else:
        _words_on_postgresql()


def _words_on_sqlite() -> None:
    op.execute(
        # A key of its own, because SQLite may number rows anew that have none when it tidies its file.
        # It rises as cases are written, and is never less than the second in which one was opened:
        # what is found by its words was opened no later than the greatest key among it says.
        "CREATE TABLE case_words (doc INTEGER PRIMARY KEY, institution VARCHAR NOT NULL, "
        "case_id VARCHAR NOT NULL, words TEXT NOT NULL, "
        "CONSTRAINT uq_case_words UNIQUE (institution, case_id))"
    )
    op.execute(
        "CREATE VIRTUAL TABLE case_words_index USING fts5"
        "(words, content='case_words', content_rowid='doc', tokenize='trigram', columnsize=0)"
    )
    for name, when, done in (
        ("added", "INSERT", SQLITE_INDEX_IN),
        ("changed", "UPDATE OF words", SQLITE_INDEX_OUT + SQLITE_INDEX_IN),
        ("removed", "DELETE", SQLITE_INDEX_OUT),
    ):
        op.execute(f"CREATE TRIGGER case_words_{name} AFTER {when} ON case_words BEGIN {done} END")
    line = SQLITE_LINE.format(c="NEW", name=SQLITE_NAME.format(c="NEW"))
    known = "institution = NEW.institution AND case_id = NEW.id"
    op.execute(
        "CREATE TRIGGER case_record_worded AFTER INSERT ON case_record BEGIN "  # noqa: S608 - written of this file's own words
        "INSERT INTO case_words (doc, institution, case_id, words) VALUES (max(NEW.opened_at / 1000000, "
        f"coalesce((SELECT max(doc) FROM case_words), 0) + 1), NEW.institution, NEW.id, {line}); END"
    )
    op.execute(
        "CREATE TRIGGER case_record_reworded AFTER UPDATE ON case_record "  # noqa: S608 - written of this file's own words
        "WHEN OLD.number IS NOT NEW.number OR OLD.search IS NOT NEW.search OR OLD.subject IS NOT NEW.subject "
        f"BEGIN UPDATE case_words SET words = {line} WHERE {known}; END"
    )
    op.execute(
        "CREATE TRIGGER case_record_unworded AFTER DELETE ON case_record BEGIN "
        "DELETE FROM case_words WHERE institution = OLD.institution AND case_id = OLD.id; END"
    )
    of_case = SQLITE_LINE.format(c="c", name=SQLITE_NAME.format(c="c"))
    for name, when, row in (
        ("named", "INSERT", "NEW"),
        ("renamed", "UPDATE OF name", "NEW"),
        ("unnamed", "DELETE", "OLD"),
    ):
        op.execute(
            f"CREATE TRIGGER person_{name} AFTER {when} ON person "
            f"BEGIN {SQLITE_OF_PERSON.format(line=of_case, p=row)} END"
        )
    op.execute(
        # The same keys as if the cases were written now one after another: the place of each, and
        # the most by which a second of opening was ahead of a place up to there.
        "INSERT INTO case_words (doc, institution, case_id, words) "  # noqa: S608 - written of this file's own words
        "SELECT c.place + max(c.opened_at / 1000000 - c.place) OVER (ORDER BY c.place), "
        f"c.institution, c.id, {of_case} FROM (SELECT *, row_number() OVER (ORDER BY opened_at, id) AS place "
        "FROM case_record) c ORDER BY c.place"
    )
    _assume_a_large_office()


def _assume_a_large_office() -> None:
    """Tell SQLite what to expect of the tables that grow, so that it chooses alike in every office.

    Without figures it takes an institution, which leads every index, for some ten rows, and
    reads all of it. ANALYZE would count a small office and be as wrong; these are the figures
    of one with 100,000 cases: rows, then how many share the first column, the first two…
    """
    op.execute("ANALYZE sqlite_schema")
    for table, expected in EXPECTED.items():
        op.execute(f"DELETE FROM sqlite_stat1 WHERE tbl = '{table}'")  # noqa: S608 - written of this file's own words
        for index, figures in expected.items():
            op.execute(f"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('{table}', '{index}', '{figures}')")  # noqa: S608 - written of this file's own words


def _words_on_postgresql() -> None:
    op.execute(
        "CREATE TABLE case_words (institution VARCHAR NOT NULL, case_id VARCHAR NOT NULL, "
        "words TEXT NOT NULL, CONSTRAINT pk_case_words PRIMARY KEY (institution, case_id))"
    )
    line = POSTGRESQL_LINE.format(c="c", name=POSTGRESQL_NAME.format(c="c"))
    op.execute(
        "INSERT INTO case_words (institution, case_id, words) "  # noqa: S608 - written of this file's own words
        f"SELECT c.institution, c.id, {line} FROM case_record c"
    )
    _index_by_three_letters()
    op.execute(
        f"""CREATE FUNCTION case_record_worded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO case_words (institution, case_id, words)
  SELECT NEW.institution, NEW.id, {POSTGRESQL_LINE.format(c="NEW", name=POSTGRESQL_NAME.format(c="NEW"))}
  ON CONFLICT (institution, case_id) DO UPDATE SET words = excluded.words;
  RETURN NULL;
END $$"""
    )
    op.execute(
        """CREATE FUNCTION case_record_unworded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM case_words WHERE institution = OLD.institution AND case_id = OLD.id;
  RETURN NULL;
END $$"""
    )
    op.execute(
        f"""CREATE FUNCTION person_named() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE who person%ROWTYPE := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  UPDATE case_words w SET words = {line} FROM case_record c
  WHERE c.institution = who.institution AND c.subject = who.id
    AND w.institution = c.institution AND w.case_id = c.id;
  RETURN NULL;
END $$"""  # noqa: S608 - written of this file's own words
    )
    op.execute(
        "CREATE TRIGGER case_record_worded AFTER INSERT ON case_record "
        "FOR EACH ROW EXECUTE FUNCTION case_record_worded()"
    )
    op.execute(
        "CREATE TRIGGER case_record_reworded AFTER UPDATE ON case_record FOR EACH ROW WHEN "
        "(OLD.number IS DISTINCT FROM NEW.number OR OLD.search IS DISTINCT FROM NEW.search "
        "OR OLD.subject IS DISTINCT FROM NEW.subject) EXECUTE FUNCTION case_record_worded()"
    )
    op.execute(
        "CREATE TRIGGER case_record_unworded AFTER DELETE ON case_record "
        "FOR EACH ROW EXECUTE FUNCTION case_record_unworded()"
    )
    op.execute(
        "CREATE TRIGGER person_named AFTER INSERT OR DELETE ON person FOR EACH ROW EXECUTE FUNCTION person_named()"
    )
    op.execute(
        "CREATE TRIGGER person_renamed AFTER UPDATE ON person FOR EACH ROW "
        "WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION person_named()"
    )


def _index_by_three_letters() -> None:
    """Index the lines where the extension pg_trgm can be had; it belongs to PostgreSQL's own set.

    Where it is not installed, or this account may not create it, there is no such index and a
    search reads all lines of `case_words` (some hundred bytes a case) from end to end: right,
    but slower the more cases there are. CREATE EXTENSION and CREATE INDEX mend that later.
    """
    connection = op.get_bind()
    try:
        with connection.begin_nested():
            connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
            connection.execute(
                sa.text("CREATE INDEX ix_case_words_letters ON case_words USING gin (words gin_trgm_ops)")
            )
    except sa.exc.DBAPIError as refused:
        _passes(refused)


def _passes(refused: sa.exc.DBAPIError) -> None:
    """Let by what means that the extension cannot be had; anything else is a fault."""
    cannot_be_had = {"0A000", "42501", "58P01", "42704"}
    if getattr(refused.orig, "sqlstate", None) not in cannot_be_had:
        raise refused
