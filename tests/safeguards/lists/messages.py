"""That every message owed goes out, or becomes a dead letter, and goes to nobody twice."""

from __future__ import annotations

from typing import Final

from tests.safeguards.declaring import Promise, Safeguard

_ROWS = "engine/store/owed_rows.py"
_OUTBOX = "tests/engine/test_outbox.py"
_BATCHES = "tests/engine/test_outbox_batches.py"

SAFEGUARDS: Final = (
    Safeguard(
        name="message written with its step, SQLite",
        promise=Promise.OWED,
        protects="what a step owes is written in its transaction",
        file="engine/store/sqlite.py",
        out="self._each(INSERT_OUTBOX, [outbox_values(institution, owed, now) for owed, now in together.owed])",
        instead="pass",
        noticed_by=("tests/engine/store/test_ledger.py::test_what_is_owed_is_stored_waiting",),
    ),
    Safeguard(
        name="message written with its step, PostgreSQL",
        promise=Promise.OWED,
        protects="what a step owes is written in its transaction",
        file="engine/store/postgres.py",
        out='"owed": [outbox_values(institution, owed, now) for owed, now in together.owed],',
        instead='"owed": [],',
        noticed_by=("tests/engine/store/test_ledger.py::test_what_is_owed_is_stored_waiting",),
    ),
    Safeguard(
        name="lease of the outbox",
        promise=Promise.OWED,
        protects="what one node has in hand no other sends",
        file=_ROWS,
        out="sa.or_(table.c.lease_until.is_(None), table.c.lease_until <= now),",
        instead="sa.true(),",
        noticed_by=(f"{_BATCHES}::test_no_other_node_sends_what_is_in_hand",),
    ),
    Safeguard(
        name="lease that ends",
        promise=Promise.OWED,
        protects="what a node that died had in hand is sent by another",
        file=_ROWS,
        out="sa.or_(table.c.lease_until.is_(None), table.c.lease_until <= now),",
        instead="table.c.lease_until.is_(None),",
        noticed_by=(f"{_OUTBOX}::test_after_a_crash_the_message_goes_again_under_the_same_key",),
    ),
    Safeguard(
        name="mark of the lease's holder alone",
        promise=Promise.OWED,
        protects="a node whose lease has ended does not give back what another has in hand",
        file=_ROWS,
        out="AND state = 'waiting' AND lease_until = :lease\"",
        instead="AND state = 'waiting' AND :lease > 0\"",
        noticed_by=(f"{_BATCHES}::test_what_another_node_has_in_hand_is_not_given_back",),
    ),
    Safeguard(
        name="sent stays sent",
        promise=Promise.OWED,
        protects="a late failure takes back nothing that another node has sent",
        file=_ROWS,
        out="AND state = 'waiting' AND lease_until = :lease\"",
        instead='AND :lease > 0"',
        noticed_by=(f"{_BATCHES}::test_what_another_node_has_sent_is_not_taken_back_by_a_late_failure",),
    ),
    Safeguard(
        name="row that is being marked passed over",
        promise=Promise.OWED,
        protects="a node that marks late is not overtaken by one that leases what is sent already",
        file=_ROWS,
        out=".with_for_update(skip_locked=True, of=_waiting)",
        instead="",
        noticed_by=(f"{_BATCHES}::test_a_row_that_is_being_marked_is_passed_over",),
    ),
    Safeguard(
        name="one node leases at a time",
        promise=Promise.OWED,
        protects="two nodes that lease at once do not part what one person gets in one mail",
        file=_ROWS,
        out="sa.select(sa.func.pg_advisory_xact_lock(LEASING), *_BY_KEY)",
        instead="sa.select(*_BY_KEY)",
        noticed_by=("tests/engine/store/test_leasing.py::test_one_node_leases_at_a_time",),
    ),
    Safeguard(
        name="person's mail in hand",
        promise=Promise.OWED,
        protects="while one mail to a person is on its way no second is begun that day",
        file=_ROWS,
        out="sa.or_(_waiting.c.grouped.is_(False), in_hand.is_(None))",
        instead="sa.true()",
        noticed_by=(f"{_OUTBOX}::test_while_one_node_has_a_persons_mail_in_hand_no_other_writes_to_that_person",),
    ),
    Safeguard(
        name="one mail of reminders a day",
        promise=Promise.OWED,
        protects="whoever has had their mail of today gets the next tomorrow",
        file="engine/outbox.py",
        out="if first.grouped and (first.institution, first.recipient) in self.told:",
        instead="if False:",
        noticed_by=(f"{_OUTBOX}::test_a_second_grouped_mail_waits_for_the_next_day",),
    ),
    Safeguard(
        name="dead letter after so many attempts",
        promise=Promise.OWED,
        protects="what cannot be sent ends where somebody sees it, and is not tried for ever",
        file="engine/outbox.py",
        out="dead = failure.permanent or attempts >= ATTEMPTS",
        instead="dead = failure.permanent",
        noticed_by=(f"{_OUTBOX}::test_pauses_grow_until_six_hours_and_then_the_letter_is_dead",),
    ),
    Safeguard(
        name="note of a sent message",
        promise=Promise.OWED,
        protects="what went out is not sent again",
        file="engine/outbox.py",
        out="self._sent += [Sent(row, first.id) for row in rows]",
        instead="pass",
        noticed_by=(f"{_OUTBOX}::test_what_is_owed_goes_out_once",),
    ),
    Safeguard(
        name="failed message waits to be tried again",
        promise=Promise.OWED,
        protects="a message the channel refused is owed still",
        file="engine/outbox.py",
        out="        except DeliveryFailed as failure:\n            self._failed(rows, failure)\n",
        instead="        except DeliveryFailed as failure:\n"
        "            self._sent += [Sent(row, rows[0].id) for row in rows if failure]\n",
        noticed_by=(f"{_OUTBOX}::test_a_failed_message_is_not_tried_before_its_pause_is_over",),
    ),
    Safeguard(
        name="message that cannot be written stops itself alone",
        promise=Promise.OWED,
        protects="a fault in one text holds up no other message",
        file="engine/outbox.py",
        out="        except Exception as error:\n            raise _unwritten(rows, error) from error\n",
        instead="        except ZeroDivisionError:\n            raise\n",
        noticed_by=(f"{_OUTBOX}::test_a_message_that_cannot_be_written_holds_up_no_other",),
    ),
)
