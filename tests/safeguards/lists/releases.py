"""That nobody works with a database of a schema they do not know, or changes what may only be read."""

from __future__ import annotations

from typing import Final

from tests.safeguards.declaring import Promise, Safeguard

_STORE = "engine/store/store.py"
_ADMISSION = "engine/store/admission.py"
_ADMITTED = "tests/engine/store/test_admission.py"
_RECOVERY = "tests/engine/test_recovery.py"

SAFEGUARDS: Final = (
    Safeguard(
        name="schema known, SQLite",
        promise=Promise.DURABLE,
        protects="an old release writes nothing into a database that was upgraded under it",
        file=_STORE,
        out="        admission.must_know(found.schema)\n",
        instead="",
        noticed_by=(f"{_ADMITTED}::test_an_old_process_takes_no_step_in_a_database_that_was_upgraded",),
    ),
    Safeguard(
        name="schema known, PostgreSQL",
        promise=Promise.DURABLE,
        protects="nor is it let in again on PostgreSQL",
        file=_ADMISSION,
        out="    must_know(found.schema)\n",
        instead="",
        noticed_by=(f"{_ADMITTED}::test_an_old_process_is_not_let_in_again_on_postgresql",),
    ),
    Safeguard(
        name="schema newer than known",
        promise=Promise.DURABLE,
        protects="no process starts on a schema that it does not know, newer ones among them",
        file=_ADMISSION,
        out="if schema == known():",
        instead="if schema is not None and schema >= known():",
        noticed_by=(f"{_ADMITTED}::test_nothing_starts_on_a_schema_it_does_not_know",),
    ),
    Safeguard(
        name="in use, said by each connection",
        promise=Promise.DURABLE,
        protects="no schema changes under a process that works",
        file=_ADMISSION,
        out='"SELECT pg_try_advisory_lock_shared(%s)"',
        instead='"SELECT %s > 0"',
        noticed_by=(f"{_ADMITTED}::test_whoever_works_with_a_database_says_so_as_long_as_it_does",),
    ),
    Safeguard(
        name="nobody let in during an upgrade",
        promise=Promise.DURABLE,
        protects="who comes while tables are changed waits outside",
        file=_ADMISSION,
        out="if not free:",
        instead="if False:",
        noticed_by=(f"{_ADMITTED}::test_nobody_comes_in_while_tables_are_changed",),
    ),
    Safeguard(
        name="an upgrade is alone",
        promise=Promise.DURABLE,
        protects="an upgrade is refused while anybody works",
        file="engine/migrations/env.py",
        out='if connection.dialect.name == "postgresql":',
        instead="if False:",
        noticed_by=(f"{_ADMITTED}::test_tables_are_not_changed_under_a_process_on_postgresql",),
    ),
    Safeguard(
        name="an upgrade is one transaction, SQLite",
        promise=Promise.DURABLE,
        protects="an upgrade that fails half way leaves nothing behind",
        file="engine/migrations/env.py",
        out='    sa.event.listen(engine, "begin", _at_once)\n',
        instead="    pass\n",
        noticed_by=(f"{_ADMITTED}::test_an_upgrade_that_fails_half_way_leaves_nothing_behind",),
    ),
    Safeguard(
        name="read only",
        promise=Promise.REFUSED,
        protects="a process that only reads changes no case and nothing about people",
        file=_STORE,
        out="if self._read_only and not beside:",
        instead="if False:",
        noticed_by=(f"{_ADMITTED}::test_a_store_that_only_reads_changes_nothing_but_what_is_noted_beside",),
    ),
    Safeguard(
        name="read only, transaction on SQLite",
        promise=Promise.REFUSED,
        protects="no step is taken there either",
        file=_STORE,
        out="                self._must_be_open(connection)\n",
        instead="",
        noticed_by=(f"{_ADMITTED}::test_a_store_that_only_reads_changes_nothing_but_what_is_noted_beside",),
    ),
    Safeguard(
        name="read only, what is no case on SQLite",
        promise=Promise.REFUSED,
        protects="nor is anything else written",
        file=_STORE,
        out=(
            "                self._must_be_open(connection.connection.driver_connection, beside=beside or undo)\n"
            "                yield"
        ),
        instead="                yield",
        noticed_by=(f"{_ADMITTED}::test_a_store_that_only_reads_changes_nothing_but_what_is_noted_beside",),
    ),
    Safeguard(
        name="read only, step on PostgreSQL",
        promise=Promise.REFUSED,
        protects="the same for one step on PostgreSQL",
        file=_STORE,
        out="            self._must_be_open(driver)\n",
        instead="",
        noticed_by=(f"{_ADMITTED}::test_a_store_that_only_reads_changes_nothing_but_what_is_noted_beside",),
    ),
    Safeguard(
        name="read only, transaction on PostgreSQL",
        promise=Promise.REFUSED,
        protects="for many steps there",
        file=_STORE,
        out="            self._must_be_open(connection.connection.driver_connection)\n",
        instead="",
        noticed_by=(f"{_ADMITTED}::test_a_store_that_only_reads_changes_nothing_but_what_is_noted_beside",),
    ),
    Safeguard(
        name="read only, what is no case on PostgreSQL",
        promise=Promise.REFUSED,
        protects="and for what is no case",
        file=_STORE,
        out=("\n            self._must_be_open(connection.connection.driver_connection, beside=beside or undo)\n"),
        instead="\n",
        noticed_by=(f"{_ADMITTED}::test_a_store_that_only_reads_changes_nothing_but_what_is_noted_beside",),
    ),
    Safeguard(
        name="read only while a backup is put back",
        promise=Promise.REFUSED,
        protects="everybody else only reads until a restore is done",
        file=_STORE,
        out="if found.restoring and not (beside or self._restoring):",
        instead="if False:",
        noticed_by=(f"{_RECOVERY}::test_everybody_else_only_reads_until_it_is_done",),
    ),
    Safeguard(
        name="restore seen by each connection, PostgreSQL",
        promise=Promise.REFUSED,
        protects="a process that comes in while a backup is put back knows it",
        file=_STORE,
        out="self._being_put_back |= admission.enter(connection).restoring",
        instead="admission.enter(connection)",
        noticed_by=(f"{_RECOVERY}::test_everybody_else_only_reads_until_it_is_done",),
    ),
    Safeguard(
        name="ticks rest while all is read only",
        promise=Promise.REFUSED,
        protects="clock and mail rest, and are made good afterwards",
        file="service/scheduler.py",
        out="return 0 if ticks.rest() else job(ticks)",
        instead="return job(ticks)",
        noticed_by=("tests/service/test_read_only.py::test_clock_and_mail_rest_and_all_is_made_good_afterwards",),
    ),
)
