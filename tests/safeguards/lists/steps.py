"""That a step happens once, wholly or not at all, and is told of when it is kept."""

from __future__ import annotations

from typing import Final

from tests.safeguards.declaring import Promise, Safeguard

_SQLITE = "engine/store/sqlite.py"
_TRANSACTIONS = "tests/engine/store/test_ledger_transactions.py"
_GROUPS = "tests/engine/test_group_commit.py"
_BATCHES = "tests/engine/test_batching.py"
_KEY_IS_REMEMBERED = f"{_TRANSACTIONS}::test_a_key_is_remembered_with_what_it_led_to"

SAFEGUARDS: Final = (
    Safeguard(
        name="idempotency key looked up",
        promise=Promise.ONCE,
        protects="a request that comes again under its key is answered and not done again",
        file="engine/decide.py",
        out="if snapshot.done is not None and request.key is not None:",
        instead="if False:",
        noticed_by=("tests/engine/test_decide.py::test_a_key_is_replayed_before_the_version_is_looked_at",),
    ),
    Safeguard(
        name="idempotency key's fingerprint",
        promise=Promise.ONCE,
        protects="a key used for another request is refused, and nothing else is answered under it",
        file="engine/decide.py",
        out="if done.fingerprint != key.fingerprint:",
        instead="if False:",
        noticed_by=("tests/engine/test_decide.py::test_a_key_with_another_request_is_refused_before_the_version",),
    ),
    Safeguard(
        name="idempotency key kept, SQLite",
        promise=Promise.ONCE,
        protects="a key is written with the step it led to",
        file=_SQLITE,
        out="self._each(INSERT_KEY, [(institution, *key) for key in together.keys])",
        instead="pass",
        noticed_by=(_KEY_IS_REMEMBERED,),
    ),
    Safeguard(
        name="idempotency key kept, PostgreSQL",
        promise=Promise.ONCE,
        protects="a key is written with the step it led to",
        file="engine/store/postgres.py",
        out='"key": together.keys,',
        instead='"key": [],',
        noticed_by=(_KEY_IS_REMEMBERED,),
    ),
    Safeguard(
        name="idempotency key within a batch",
        promise=Promise.ONCE,
        protects="of two steps with one key in one commit the second is a repetition",
        file="engine/board.py",
        out="self._done[decision.by, decision.key.key] = done",
        instead="pass",
        noticed_by=(f"{_BATCHES}::test_a_key_used_twice_and_a_person_opened_twice",),
    ),
    Safeguard(
        name="collision answered by deciding again",
        promise=Promise.ONCE,
        protects="two who open, key or number the same at one instant both get through, the second after the first",
        file="engine/store/postgres.py",
        out="except (errors.UniqueViolation, errors.DeadlockDetected, errors.SerializationFailure) as error:",
        instead="except errors.DeadlockDetected as error:",
        noticed_by=(
            "tests/engine/store/test_collisions.py::test_who_comes_second_with_a_key_is_answered_with_the_first",
        ),
    ),
    Safeguard(
        name="savepoint of a group commit",
        promise=Promise.REFUSED,
        protects="what is written together and cannot be leaves nothing behind before each is taken alone",
        file="engine/batching.py",
        out="with self.batch.apart():",
        instead="if True:",
        noticed_by=(f"{_BATCHES}::test_what_cannot_be_written_stops_itself_alone",),
    ),
    Safeguard(
        name="savepoint of a step in a handed transaction",
        promise=Promise.REFUSED,
        protects="a step that fails in a transaction of many takes nothing of the others with it",
        file="engine/cases.py",
        out="with ledger.savepoint():",
        instead="if True:",
        noticed_by=(
            "tests/engine/test_alone_in_failure.py::test_of_several_in_a_transaction_the_one_that_fails_is_undone",
        ),
    ),
    Safeguard(
        name="going back to a savepoint, SQLite",
        promise=Promise.REFUSED,
        protects="what was done after a savepoint is undone where it fails",
        file=_SQLITE,
        out='self._run("ROLLBACK TO step")',
        instead="pass",
        noticed_by=(f"{_TRANSACTIONS}::test_a_savepoint_fails_alone",),
    ),
    Safeguard(
        name="going back to a savepoint, PostgreSQL",
        promise=Promise.REFUSED,
        protects="what was done after a savepoint is undone where it fails",
        file="engine/store/postgres.py",
        out='self._connection.execute("ROLLBACK TO step")',
        instead="pass",
        noticed_by=(f"{_TRANSACTIONS}::test_a_savepoint_fails_alone",),
    ),
    Safeguard(
        name="transaction rolled back",
        promise=Promise.REFUSED,
        protects="of a transaction that fails nothing is kept",
        file="engine/store/store.py",
        out='connection.execute("ROLLBACK")',
        instead='connection.execute("COMMIT")',
        noticed_by=(f"{_TRANSACTIONS}::test_a_savepoint_that_succeeds_is_undone_with_its_transaction",),
    ),
    Safeguard(
        name="attempt that leaves no trace",
        promise=Promise.REFUSED,
        protects="what a step only tried, for another case or for a rung, is gone when it is refused",
        file="engine/drafts.py",
        out="self.cases, self.drafts, self.opened, self.depth = kept",
        instead="pass",
        noticed_by=(
            "tests/engine/test_decide_places.py::test_an_offer_passes_over_those_whose_own_follow_up_is_refused",
        ),
    ),
    Safeguard(
        name="commit that fails is told",
        promise=Promise.DURABLE,
        protects="no step of a group is acknowledged where their commit fails",
        file="engine/cases.py",
        out="            with self.store.transaction() as ledger:\n"
        "                return self.steps_in(ledger, requests)\n",
        instead="            results: list[Result] = []\n            try:\n"
        "                with self.store.transaction() as ledger:\n"
        "                    results += self.steps_in(ledger, requests)\n"
        "            except Exception:\n                pass\n            return results\n",
        noticed_by=(f"{_GROUPS}::test_a_commit_that_fails_is_told_to_all_and_nothing_of_it_is_done",),
    ),
    Safeguard(
        name="told after the commit, SQLite",
        promise=Promise.DURABLE,
        protects="a step is acknowledged only when another connection finds it",
        file="engine/store/store.py",
        out='connection.execute("COMMIT")',
        instead='timer = threading.Timer(0.2, connection.execute, ("COMMIT",))\n'
        "                timer.daemon = True\n                timer.start()",
        noticed_by=(
            "tests/engine/store/test_told_when_kept.py::test_what_was_acknowledged_is_found_by_others_at_once",
        ),
    ),
    Safeguard(
        name="commit waits for the disk, SQLite",
        promise=Promise.DURABLE,
        protects="what was acknowledged is on the disk, and not only on its way there",
        file="engine/store/store.py",
        out="{'FULL' if self._durable else 'OFF'}",
        instead="OFF",
        noticed_by=("tests/engine/store/test_told_when_kept.py::test_a_commit_waits_for_the_disk",),
    ),
    Safeguard(
        name="commit waits for the disk, PostgreSQL",
        promise=Promise.DURABLE,
        protects="what was acknowledged is on the disk, and not only on its way there",
        file="engine/store/store.py",
        out='[] if self._durable else ["-c synchronous_commit=off"]',
        instead='["-c synchronous_commit=off"]',
        noticed_by=("tests/engine/store/test_told_when_kept.py::test_a_commit_waits_for_the_disk",),
    ),
    Safeguard(
        name="places counted",
        promise=Promise.PLACES,
        protects="no place is given that the agreement has not got left",
        file="engine/places.py",
        out="if offers.left(giver, row, stay.academic_year) < stay.semesters:",
        instead="if False:",
        noticed_by=("tests/engine/test_decide_places.py::test_the_last_place_is_given_once",),
    ),
    Safeguard(
        name="places counted under the agreement's version",
        promise=Promise.PLACES,
        protects="a place taken is an event of the agreement, so that of two who count at once one counts again",
        file="engine/store/merged.py",
        out="together.seen.setdefault(case_id, version)",
        instead="_ = case_id == decision.case and together.seen.setdefault(case_id, version)",
        noticed_by=(f"{_TRANSACTIONS}::test_what_was_decided_over_something_else_writes_nothing",),
    ),
    Safeguard(
        name="text that cannot be stored",
        promise=Promise.REFUSED,
        protects="a text no database can keep is refused before anything is decided",
        file="engine/texts.py",
        out="if _unwritable(request):",
        instead="if False:",
        noticed_by=("tests/engine/test_texts.py::test_it_changes_nothing",),
    ),
    Safeguard(
        name="hidden characters in texts",
        promise=Promise.OUTSIDE,
        protects="a text gives no orders to a terminal and shows as what it is",
        file="engine/texts.py",
        out=r"[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]",
        instead=r"[\0\ud800-\udfff]",
        noticed_by=("tests/engine/test_texts.py::test_text_that_cannot_be_stored_is_refused_wherever_it_stands",),
    ),
)
