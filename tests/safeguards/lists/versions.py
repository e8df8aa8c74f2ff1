"""That nothing is written which was decided over something else than what is there."""

from __future__ import annotations

from typing import Final

from tests.safeguards.declaring import Promise, Safeguard

_SQLITE = "engine/store/sqlite.py"
_POSTGRESQL = "engine/store/postgres_writing.py"
_REPLAY = "tests/engine/test_replay.py"
_DECIDED_OVER_SOMETHING_ELSE = (
    "tests/engine/store/test_ledger_transactions.py::test_what_was_decided_over_something_else_writes_nothing"
)

SAFEGUARDS: Final = (
    Safeguard(
        name="version of the case, SQLite",
        promise=Promise.LINEAR,
        protects="a step decided over an older version of its case is not written",
        file=_SQLITE,
        out="return found == together.seen",
        instead="return all(found.get(each) == seen for each, seen in together.seen.items() "
        "if each not in together.changed)",
        noticed_by=(_DECIDED_OVER_SOMETHING_ELSE,),
    ),
    Safeguard(
        name="versions of linked cases, SQLite",
        promise=Promise.PARENTS,
        protects="a step decided over an older version of a case it looked at is not written",
        file=_SQLITE,
        out="return found == together.seen",
        instead="return all(found.get(each) == seen for each, seen in together.seen.items() "
        "if each in together.changed)",
        noticed_by=(_DECIDED_OVER_SOMETHING_ELSE,),
    ),
    Safeguard(
        name="version of the organisation, SQLite",
        promise=Promise.RIGHTS,
        protects="a step decided over rights that have changed is not written",
        file=_SQLITE,
        out="if self._version_now(together.institution) != together.organisation_version:",
        instead="if False:",
        noticed_by=(_DECIDED_OVER_SOMETHING_ELSE,),
    ),
    Safeguard(
        name="version of the case, PostgreSQL",
        promise=Promise.LINEAR,
        protects="a step that looked at its own case alone is not written over a newer version of it",
        file=_POSTGRESQL,
        out="AND c.version = n.seen AND",
        instead="AND",
        noticed_by=(
            "tests/engine/store/test_versions_seen.py::test_a_step_that_saw_its_case_alone_is_not_written_late",
        ),
    ),
    Safeguard(
        name="versions of linked cases, PostgreSQL",
        promise=Promise.PARENTS,
        protects="a step decided over an older version of a case it looked at is not written",
        file=_POSTGRESQL,
        out="AND c.id = n.id AND c.version = n.version",
        instead="AND c.id = n.id",
        noticed_by=(_DECIDED_OVER_SOMETHING_ELSE,),
    ),
    Safeguard(
        name="version of the organisation, PostgreSQL",
        promise=Promise.RIGHTS,
        protects="a step decided over rights that have changed is not written",
        file=_POSTGRESQL,
        out="institution = $1), 0) = $2::bigint",
        instead="institution = $1), 0) >= least($2::bigint, 0)",
        noticed_by=(_DECIDED_OVER_SOMETHING_ELSE,),
    ),
    Safeguard(
        name="what a step looked at",
        promise=Promise.PARENTS,
        protects="a decision names every case it looked at, and not only those it changes",
        file="engine/drafts.py",
        out="if i in self.seen}",
        instead="if i in self.drafts}",
        noticed_by=(f"{_REPLAY}::test_a_step_that_rests_on_a_damaged_case_names_it",),
    ),
    Safeguard(
        name="order of locks in a step",
        promise=Promise.LINEAR,
        protects="a step takes the rows of its cases in the order of their ids, so that two do not wait for each other",
        file=_POSTGRESQL,
        out="{{rows}} ORDER BY n.id)",
        instead="{{rows}})",
        noticed_by=(
            "tests/engine/store/test_order_of_locks.py::test_a_step_takes_its_cases_in_the_order_of_their_ids",
        ),
    ),
    Safeguard(
        name="order of locks for who was overtaken",
        promise=Promise.LINEAR,
        protects="so does one that waits for its cases under locks",
        file="engine/store/postgres.py",
        out='"ORDER BY id FOR NO KEY UPDATE"',
        instead='"ORDER BY id DESC FOR NO KEY UPDATE"',
        noticed_by=(
            "tests/engine/store/test_order_of_locks.py::test_whoever_waits_for_cases_takes_them_in_that_order",
        ),
    ),
    Safeguard(
        name="version read by whoever asks (If-Match)",
        promise=Promise.LINEAR,
        protects="of two who read the same version the second is told that the case has changed",
        file="engine/decide.py",
        out="if request.expected is not None and request.expected != case.version:",
        instead="if False:",
        noticed_by=("tests/engine/test_decide.py::test_a_stale_version_comes_before_role_and_trigger",),
    ),
    Safeguard(
        name="If-Match demanded",
        promise=Promise.LINEAR,
        protects="nobody changes a case without saying which version they have read",
        file="engine/decide.py",
        out="if request.must_expect and request.expected is None:",
        instead="if False:",
        noticed_by=("tests/service/test_steps.py::test_what_is_wrong_first_is_answered_and_nothing_changes",),
    ),
)
