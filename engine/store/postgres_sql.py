"""The two statements of a step on PostgreSQL, put together of the parts a plan or a decision needs.

Rows go in as JSON, one parameter a table, so that a statement has few shapes and each
is prepared once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from engine.store.ledger import CASE_FIELDS, DEADLINE_FIELDS, EVENT_FIELDS, OUTBOX_FIELDS
from engine.store.rows import DERIVED_FIELDS, NOBODYS_CONCERN

_LINKS = "SELECT to_case AS id FROM link WHERE institution = %(institution)s AND from_case = r.id"
_FORWARD = f"""
WITH RECURSIVE reach(id, depth) AS (
  SELECT id, 0 FROM json_array_elements_text(%(cases)s::json) AS start(id)
  UNION
  SELECT n.id, r.depth + 1 FROM reach r CROSS JOIN LATERAL ({_LINKS}) n WHERE r.depth < 2
), found AS (SELECT DISTINCT id FROM reach)
"""
# Of each relation wanted, and of each case where reading starts, `g` tells to which plan it
# belongs: one statement reads for plans that follow different relations.
_BOTH_WAYS = f"""
WITH RECURSIVE wanted AS (
  SELECT * FROM json_to_recordset(%(reverse)s::json)
    AS w(g int, owner text, workflow text, link text, states json)
), reach(id, g, depth) AS (
  SELECT id, g, 0 FROM {{starts}} AS start{{columns}}
  UNION
  SELECT n.id, r.g, r.depth + 1 FROM reach r CROSS JOIN LATERAL (
    {_LINKS}
    UNION ALL
    SELECT c.id FROM case_record p
      JOIN wanted w ON w.owner = p.workflow AND w.g = r.g
      JOIN link l ON l.institution = p.institution AND l.to_case = p.id AND l.name = w.link
      JOIN case_record c ON c.institution = l.institution AND c.id = l.from_case
    WHERE p.institution = %(institution)s AND p.id = r.id AND c.workflow = w.workflow
      AND CASE WHEN json_array_length(w.states) = 0 THEN c.closed_at IS NULL
          ELSE c.state IN (SELECT json_array_elements_text(w.states)) END
    UNION ALL
    SELECT c.id FROM case_record p
      JOIN wanted w ON w.owner = p.workflow AND w.link IS NULL AND w.g = r.g
      JOIN case_record c ON c.institution = p.institution AND c.subject = p.subject
    WHERE p.institution = %(institution)s AND p.id = r.id AND c.workflow = w.workflow
      AND c.id <> p.id
      AND CASE WHEN json_array_length(w.states) = 0 THEN c.closed_at IS NULL
          ELSE c.state IN (SELECT json_array_elements_text(w.states)) END
  ) n WHERE r.depth < 3
), found AS (SELECT DISTINCT id FROM reach)
"""
_ONE_START = "(SELECT id, 0 FROM json_array_elements_text(%(cases)s::json) AS one(id))"
_MANY_STARTS = "json_to_recordset(%(cases)s::json)"
_READ = """
SELECT
  (SELECT version FROM organisation WHERE institution = %(institution)s),
  (SELECT json_agg(c) FROM case_record c
    WHERE c.institution = %(institution)s AND c.id IN (SELECT id FROM found)),
  (SELECT json_agg(json_build_array(l.from_case, l.name, l.to_case)
      ORDER BY l.sequence, l.name, l.to_case) FROM link l
    WHERE l.institution = %(institution)s AND l.from_case IN (SELECT id FROM found)),
  (SELECT json_agg(d) FROM deadline d
    WHERE d.institution = %(institution)s AND d.case_id IN (SELECT id FROM found)
      AND d.ended_at IS NULL)
"""
_DONE = """, (SELECT json_build_array(fingerprint, case_id, sequence) FROM idempotency
    WHERE institution = %(institution)s AND party = %(party)s AND key = %(key)s)"""
_PEOPLE = """,
  (SELECT id FROM person WHERE institution = %(institution)s AND email = %(email)s),
  (SELECT count(*) FROM person WHERE institution = %(institution)s AND id = %(subject)s)"""
_WORKLOAD = """,
  (SELECT json_object_agg(assignee, open) FROM (
     SELECT assignee, count(*) AS open FROM case_record
     WHERE institution = %(institution)s AND workflow = %(workload)s
       AND assignee IS NOT NULL AND closed_at IS NULL GROUP BY assignee) AS load)"""
_DETAILED = """,
  (SELECT json_agg(sequence ORDER BY sequence) FROM event_detail
     WHERE institution = %(institution)s AND case_id = %(detailed)s)"""


_TOGETHER = """,
  (SELECT json_agg(json_build_array(i.party, i.key, i.fingerprint, i.case_id, i.sequence))
     FROM json_to_recordset(%(keys)s::json) AS k(party text, key text)
     JOIN idempotency i ON i.institution = %(institution)s AND i.party = k.party AND i.key = k.key),
  (SELECT json_object_agg(email, id) FROM person
     WHERE institution = %(institution)s
       AND email IN (SELECT json_array_elements_text(%(emails)s::json))),
  (SELECT json_agg(id) FROM person
     WHERE institution = %(institution)s
       AND id IN (SELECT json_array_elements_text(%(subjects)s::json))),
  (SELECT json_object_agg(w.workflow, (SELECT json_object_agg(assignee, open) FROM (
       SELECT assignee, count(*) AS open FROM case_record c
       WHERE c.institution = %(institution)s AND c.workflow = w.workflow
         AND assignee IS NOT NULL AND closed_at IS NULL GROUP BY assignee) AS load))
     FROM json_array_elements_text(%(workloads)s::json) AS w(workflow)),
  (SELECT json_object_agg(d.id, (SELECT json_agg(e.sequence ORDER BY e.sequence) FROM event_detail e
       WHERE e.institution = %(institution)s AND e.case_id = d.id))
     FROM json_array_elements_text(%(detailed)s::json) AS d(id))"""


class Statement(NamedTuple):
    """A statement as the server reads it, and the names of what `$1`, `$2` … are to be bound to."""

    text: str
    names: tuple[str, ...]

    def bound(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order of the statement's marks."""
        return [values[name] for name in self.names]


_NAMED = re.compile(r"%\((\w+)\)s")


def statement(text: str) -> Statement:
    """Number the names in a text once and for all.

    The driver would take a statement as long as ours apart anew at each call, which took 60 µs.
    """
    names = tuple(dict.fromkeys(_NAMED.findall(text)))
    return Statement(_NAMED.sub(lambda found: f"${names.index(found[1]) + 1}", text), names)


READ_TOGETHER = statement(_BOTH_WAYS.format(starts=_MANY_STARTS, columns="(id text, g int)") + _READ + _TOGETHER)
"""The reading statement for many plans of one institution: one shape, whatever they ask."""


@lru_cache
def reading(*, both_ways: bool, key: bool, people: bool, workload: bool, detailed: bool = False) -> Statement:
    """The reading statement for what a plan asks; few shapes, so that each is prepared once."""
    return statement("".join(
        (
            _BOTH_WAYS.format(starts=_ONE_START, columns="(id, g)") if both_ways else _FORWARD,
            _READ,
            _DONE if key else ", NULL",
            _PEOPLE if people else ", NULL, 0",
            _WORKLOAD if workload else ", NULL",
            _DETAILED if detailed else ", NULL",
        )
    ))


_TYPES: Mapping[str, str] = {
    "version": "bigint", "opened_at": "bigint", "updated_at": "bigint", "closed_at": "bigint",
    "facts": "json", "acts": "json", "sequence": "bigint", "at": "bigint",
    "cause_sequence": "bigint", "since": "bigint", "started_at": "bigint", "ledger": "json",
    "fired": "json", "due_on": "date", "due_at": "bigint", "acts_at": "bigint",
    "ended_at": "bigint", "grouped": "boolean", "not_before": "bigint", "attempts": "integer",
    "next_try": "bigint", "created_at": "bigint", "entered_at": "bigint", "missed_at": "bigint",
}  # fmt: skip


def _columns(fields: Sequence[str], **others: str) -> str:
    return ", ".join(f'"{f}" {others.get(f, _TYPES.get(f, "text"))}' for f in fields)


def _names(fields: Sequence[str]) -> str:
    return ", ".join(f'"{field}"' for field in fields)


_HELD = """
WITH seen AS MATERIALIZED (
  SELECT key AS id, value::bigint AS version FROM json_each_text(%(seen)s::json)
), held AS (
  SELECT c.id FROM case_record c JOIN seen s ON c.id = s.id AND c.version = s.version
  WHERE c.institution = %(institution)s ORDER BY c.id FOR NO KEY UPDATE OF c
), ok AS MATERIALIZED (
  SELECT (SELECT count(*) FROM held) = (SELECT count(*) FROM seen)
    AND coalesce((SELECT version FROM organisation WHERE institution = %(institution)s), 0)
      = %(organisation)s AS ok
)"""
_NUMBER = "w.number || '-' || lpad(n::text, greatest(4, length(n::text)), '0')"
_IF_OK = "WHERE (SELECT ok FROM ok)"
CHANGED = (
    "definition", "state", "unit", "assignee", "subject", "title", "search", "facts", "acts",
    "version", "head", "updated_at", "closed_at", *DERIVED_FIELDS,
)  # fmt: skip
_NEW = {f: f"n.{f}" for f in CHANGED} | {
    # A case that stays in its state is given no new instant.
    "entered_at": "coalesce(n.entered_at, c.entered_at)"
}
PERSON_FIELDS = ("id", "name", "email", "language", "created_at")
KEY_FIELDS = ("party", "key", "fingerprint", "case_id", "sequence", "at")
_WHOLE_CASE = (*CASE_FIELDS, *DERIVED_FIELDS)
_DELETED = ",\n".join(
    f"""no_{table} AS (
  DELETE FROM {table} t USING gone g WHERE t.institution = %(institution)s AND t.case_id = g.case_id
)"""
    for table in ("event_detail", "form_draft", "follow_up_day", "case_reading", "case_presence")
)
# The statement does not see the event it writes itself, so its own cases are left out by name.
_LAST_CONCERN = NOBODYS_CONCERN.replace(
    "o.subject = person.id", "o.subject = person.id AND o.id NOT IN (SELECT case_id FROM gone)"
)
_PARTS: Mapping[str, str] = {
    "changed": f"""changed AS (
  UPDATE case_record c SET {", ".join(f"{f} = {new}" for f, new in _NEW.items())}
  FROM json_to_recordset(%(changed)s::json) AS n({_columns(("id", *CHANGED))})
  WHERE c.institution = %(institution)s AND c.id = n.id AND (SELECT ok FROM ok) RETURNING c.id
)""",
    "opened": f"""wanted AS (
  SELECT * FROM json_to_recordset(%(opened)s::json) AS n({_columns(_WHOLE_CASE)}, nth bigint)
), numbered AS (
  INSERT INTO number_series (institution, series, last)
  SELECT institution, number, count(*) FROM wanted {_IF_OK} GROUP BY institution, number
  ON CONFLICT (institution, series) DO UPDATE SET last = number_series.last + excluded.last
  RETURNING series, last
), born AS (
  INSERT INTO case_record ({_names(_WHOLE_CASE)})
  SELECT {", ".join(_NUMBER if f == "number" else f'w."{f}"' for f in _WHOLE_CASE)}
  FROM (SELECT w.*, s.last - count(*) OVER (PARTITION BY w.number) + w.nth AS n
        FROM wanted w JOIN numbered s ON s.series = w.number) w
  RETURNING id, number
)""",
    "events": f"""events AS (
  INSERT INTO event ({_names(EVENT_FIELDS)})
  SELECT {", ".join("convert_to(body, 'UTF8')" if f == "body" else f'"{f}"' for f in EVENT_FIELDS)}
  FROM json_to_recordset(%(events)s::json) AS n({_columns(EVENT_FIELDS)}) {_IF_OK}
)""",
    "details": f"""details AS (
  INSERT INTO event_detail (institution, case_id, sequence, detail, nonce)
  SELECT %(institution)s, case_id, sequence, convert_to(detail, 'UTF8'), decode(nonce, 'hex')
  FROM json_to_recordset(%(details)s::json)
    AS n(case_id text, sequence bigint, detail text, nonce text) {_IF_OK}
)""",
    "deadlines": f"""deadlines AS (
  INSERT INTO deadline ({_names(DEADLINE_FIELDS)})
  SELECT {_names(DEADLINE_FIELDS)}
  FROM json_to_recordset(%(deadlines)s::json) AS n({_columns(DEADLINE_FIELDS)}) {_IF_OK}
  ON CONFLICT (institution, case_id, name, since) DO UPDATE SET
    {", ".join(f"{f} = excluded.{f}" for f in DEADLINE_FIELDS if f not in ("institution", "case_id", "name", "since"))}
)""",
    "owed": f"""owed AS (
  INSERT INTO outbox ({_names(OUTBOX_FIELDS)})
  SELECT {_names(OUTBOX_FIELDS)}
  FROM json_to_recordset(%(owed)s::json) AS n({_columns(OUTBOX_FIELDS)}) {_IF_OK}
)""",
    "erased": f"""gone AS (
  SELECT case_id FROM json_to_recordset(%(erased)s::json) AS n(case_id text) {_IF_OK}
), {_DELETED},
unsent AS (
  DELETE FROM outbox t USING gone g WHERE t.institution = %(institution)s AND t.case_id = g.case_id
    AND t.state <> 'sent'
), untold AS (
  UPDATE outbox t SET last_error = NULL FROM gone g WHERE t.institution = %(institution)s
    AND t.case_id = g.case_id AND t.state = 'sent' AND t.last_error IS NOT NULL
), nameless AS (
  UPDATE person SET name = NULL, email = NULL FROM gone g
    JOIN case_record c ON c.institution = %(institution)s AND c.id = g.case_id
  WHERE person.institution = %(institution)s AND person.id = c.subject AND {_LAST_CONCERN}
)""",
    "unlinked": """untied AS (
  DELETE FROM link l USING json_to_recordset(%(unlinked)s::json)
    AS n(from_case text, name text, to_case text)
  WHERE l.institution = %(institution)s AND l.from_case = n.from_case AND l.name = n.name
    AND l.to_case = n.to_case AND (SELECT ok FROM ok)
)""",
    "linked": f"""tied AS (
  INSERT INTO link (institution, from_case, name, to_case, sequence)
  SELECT %(institution)s, from_case, name, to_case, sequence
  FROM json_to_recordset(%(linked)s::json)
    AS n(from_case text, name text, to_case text, sequence bigint) {_IF_OK}
)""",
    "person": f"""people AS (
  INSERT INTO person (institution, id, name, email, language, created_at)
  SELECT %(institution)s, id, name, email, language, created_at
  FROM json_to_recordset(%(person)s::json) AS n({_columns(PERSON_FIELDS)})
  {_IF_OK}
)""",
    "key": f"""keyed AS (
  INSERT INTO idempotency (institution, party, key, fingerprint, case_id, sequence, at)
  SELECT %(institution)s, party, key, fingerprint, case_id, sequence, at
  FROM json_to_recordset(%(key)s::json) AS n({_columns(KEY_FIELDS)}) {_IF_OK}
)""",
}


@lru_cache
def writing(parts: tuple[str, ...]) -> Statement:
    """The writing statement for the parts a decision has; few shapes, each prepared once."""
    numbers = "(SELECT json_object_agg(id, number) FROM born)" if "opened" in parts else "NULL"
    return statement(",\n".join((_HELD, *(_PARTS[p] for p in parts))) + f"\nSELECT ok, {numbers} FROM ok")
