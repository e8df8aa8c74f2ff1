"""The reading statement of a step on PostgreSQL, put together of the parts a plan needs.

It has few shapes, so that each is prepared once: a case to start from is bound as it is,
several go in as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

# Each case, and what belongs to it, is found by its key: OFFSET 0 keeps LATERAL parts from being joined
# in another way. Of a plan made while there were few cases, that would read all the institution has at
# each step, and what once stood in those rows.
_LINKS = "SELECT to_case AS id FROM link WHERE institution = %(institution)s AND from_case = r.id"
_FORWARD = f"""
WITH RECURSIVE reach(id, depth) AS (
  SELECT id, 0 FROM {{starts}}
  UNION
  SELECT n.id, r.depth + 1 FROM reach r CROSS JOIN LATERAL ({_LINKS} OFFSET 0) n WHERE r.depth < 2
), found AS (SELECT DISTINCT id FROM reach)
"""
# Of each relation wanted, and of each case where reading starts, `g` tells to which plan it
# belongs: one statement reads for plans that follow different relations.
_BOTH_WAYS = f"""
WITH RECURSIVE wanted AS (
  SELECT * FROM json_to_recordset(%(reverse)s::json)
    AS w(g int, owner text, workflow text, link text, states json)
), reach(id, g, depth) AS (
  SELECT id, g, 0 FROM {{starts}}
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
    OFFSET 0
  ) n WHERE r.depth < 3
), found AS (SELECT DISTINCT id FROM reach)
"""
_ONE_START = "(SELECT %(cases)s::text AS id, 0 AS g) AS start"
_SOME_STARTS = "(SELECT id, 0 AS g FROM json_array_elements_text(%(cases)s::json) AS given(id)) AS start"
_MANY_STARTS = "json_to_recordset(%(cases)s::json) AS start(id text, g int)"
_READ = """
SELECT
  (SELECT version FROM organisation WHERE institution = %(institution)s),
  (SELECT json_agg(c) FROM found f CROSS JOIN LATERAL (
      SELECT * FROM case_record c WHERE c.institution = %(institution)s AND c.id = f.id OFFSET 0) c),
  (SELECT json_agg(json_build_array(l.from_case, l.name, l.to_case) ORDER BY l.sequence, l.name, l.to_case)
    FROM found f CROSS JOIN LATERAL (
      SELECT * FROM link l WHERE l.institution = %(institution)s AND l.from_case = f.id OFFSET 0) l),
  (SELECT json_agg(d) FROM found f CROSS JOIN LATERAL (
      SELECT * FROM deadline d WHERE d.institution = %(institution)s AND d.case_id = f.id
        AND d.ended_at IS NULL OFFSET 0) d)
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


READ_TOGETHER = statement(_BOTH_WAYS.format(starts=_MANY_STARTS) + _READ + _TOGETHER)
"""The reading statement for many plans of one institution: one shape, whatever they ask."""


@lru_cache
def reading(
    *, single: bool, both_ways: bool, key: bool, people: bool, workload: bool, detailed: bool = False
) -> Statement:
    """The reading statement for what a plan asks; few shapes, so that each is prepared once.

    A `single` case to start from is bound as it is, several or none as JSON.
    """
    return statement("".join(
        (
            (_BOTH_WAYS if both_ways else _FORWARD).format(starts=_ONE_START if single else _SOME_STARTS),
            _READ,
            _DONE if key else ", NULL",
            _PEOPLE if people else ", NULL, 0",
            _WORKLOAD if workload else ", NULL",
            _DETAILED if detailed else ", NULL",
        )
    ))
