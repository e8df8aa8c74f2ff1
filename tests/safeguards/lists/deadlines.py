"""That a rung fires once, when it is due, whoever looks; and that no clock goes back."""

from __future__ import annotations

from typing import Final

from tests.safeguards.declaring import Promise, Safeguard

_TICKS = "tests/engine/test_ticking.py"
_DECIDED = "tests/engine/test_decide_deadlines.py"
_RECOUNTS = "tests/engine/test_recounting.py"

SAFEGUARDS: Final = (
    Safeguard(
        name="what a change of calendar owes",
        promise=Promise.RUNG,
        protects="deadlines move with the calendar, though whoever changed it dies",
        file="engine/directory.py",
        out="recount_rows.owe(connection, institution, version, change.concerned, at=micros(now))",
        instead="recount_rows.owe(connection, institution, version, (), at=micros(now))",
        noticed_by=(f"{_RECOUNTS}::test_what_is_broken_off_stays_owed_to_the_end",),
    ),
    Safeguard(
        name="what a change of calendar owes, until it is done",
        promise=Promise.RUNG,
        protects="what is broken off is done by another",
        file="engine/recounting.py",
        out="""    moved = _worked_out(cases, organisation, {*owed.values()}, progress)
    recount_rows.settle(cases.store, owed)
""",
        instead="""    recount_rows.settle(cases.store, owed)
    moved = _worked_out(cases, organisation, {*owed.values()}, progress)
""",
        noticed_by=(f"{_RECOUNTS}::test_what_is_broken_off_stays_owed_to_the_end",),
    ),
    Safeguard(
        name="what a change of calendar owes, and nobody is at",
        promise=Promise.RUNG,
        protects="the clock does what whoever changed the calendar did not",
        file="service/scheduler.py",
        out="moved = recount(self._house.cases, organisation, since=OVERDUE)",
        instead="moved = None",
        noticed_by=("tests/service/test_scheduler.py::test_the_clock_works_out_what_a_change_of_calendar_left",),
    ),
    Safeguard(
        name="rung is the next (StaleCase)",
        promise=Promise.RUNG,
        protects="a rung somebody else has fired meanwhile is not fired again",
        file="engine/climbing.py",
        out="row is None or row.next_rung != ask.rung or",
        instead="row is None or",
        noticed_by=(
            "tests/engine/test_climbing.py::test_a_rung_that_has_fired_is_stale_though_the_next_is_due_as_well",
        ),
    ),
    Safeguard(
        name="rung is due",
        promise=Promise.RUNG,
        protects="no rung fires before its instant, whatever the node that asks believes",
        file="engine/climbing.py",
        out="or (row.acts_at or now + 1) > now:",
        instead="or False:",
        noticed_by=(f"{_DECIDED}::test_a_rung_that_is_not_due_is_not_fired",),
    ),
    Safeguard(
        name="note of a fired rung",
        promise=Promise.RUNG,
        protects="the case remembers which rungs have fired",
        file="engine/climbing.py",
        out="note_fired(work, case.id, deadline, row, rung.name)",
        instead="pass",
        noticed_by=(f"{_DECIDED}::test_a_rung_fires_once",),
    ),
    Safeguard(
        name="cases in hand passed by",
        promise=Promise.RUNG,
        protects="a worker takes the cases it fires in hand, and passes by those another has",
        file="engine/store/due_rows.py",
        out='"FOR NO KEY UPDATE OF c SKIP LOCKED) taken"',
        instead='") taken"',
        noticed_by=(f"{_TICKS}::test_a_case_that_somebody_has_in_hand_is_passed_by_and_fired_by_the_next_tick",),
    ),
    Safeguard(
        name="answered deadline ends",
        promise=Promise.RUNG,
        protects="what was answered in time reminds nobody any more",
        file="engine/clockwork.py",
        out="if trigger is not None and trigger in deadline.answers:",
        instead="if False:",
        noticed_by=(f"{_DECIDED}::test_an_answer_meets_it_and_leaving_otherwise_stops_it",),
    ),
    Safeguard(
        name="test clock goes only forward",
        promise=Promise.RUNG,
        protects="the shared clock is not put back once there are cases",
        file="engine/testclock.py",
        out="if to < now or to - now > FARTHEST:",
        instead="if to - now > FARTHEST:",
        noticed_by=("tests/engine/test_testclock.py::test_with_cases_the_clock_goes_only_forward_and_not_too_far",),
    ),
    Safeguard(
        name="ids rise though the clock goes back",
        promise=Promise.LINEAR,
        protects="what one process opens later sorts later, whatever its clock does",
        file="adapters/system.py",
        out="max(self._last + 1, int(now.timestamp() * 1000) << COUNTER_BITS)",
        instead="int(now.timestamp() * 1000) << COUNTER_BITS",
        noticed_by=("tests/adapters/test_system.py::test_ids_go_on_rising_when_the_clock_goes_back",),
    ),
)
