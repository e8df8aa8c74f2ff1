"""When rungs fire: the issue's own examples, pauses, units, dates, low season, and the end."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from engine.calendar import Calendar
from engine.canonical import instant, micros
from engine.deadlines import Measure, arrange, begin, end, fired, ladder, pause, resume
from engine.model import DeadlineRow, Status
from engine.vocabulary import (
    MISSED,
    AtOnce,
    Budget,
    Deadline,
    Figure,
    Moment,
    OnDay,
    Role,
    Rung,
    Text,
    Unit,
    after,
    before,
    used,
)
from tests.engine.house import STOCKHOLM, local

OFFICE = Measure(Calendar(), {"answer_days": 3})
RESTING = Measure(Calendar(low_season=True), {"answer_days": 3})
REQUESTED = local("2026-12-21 10:00")
WORDS = Text("Svar", "Answer")


def rung(name: str, moment: Moment) -> Rung:
    return Rung(name, moment, "reminder", (Role.HEAD,))


LADDER = (rung("two", used(2)), rung("three", MISSED), rung("five", used(5)), rung("seven", used(7)))
ANSWER = Deadline(
    "answer", WORDS, ("asked",), Budget(Figure("answer_days", 3), Unit.WORKING_DAYS), LADDER, answers=("answer",)
)


def deadline(due: Any, *rungs: tuple[str, Moment], internal: bool = True) -> Deadline:
    made = tuple(rung(name, moment) for name, moment in rungs)
    return Deadline("some", WORDS, ("asked",), due, made, internal=internal)


def begun(
    what: Deadline, at: datetime = REQUESTED, *, measure: Measure = OFFICE, day: date | None = None
) -> DeadlineRow:
    return begin(what, measure=measure, since=1, now=micros(at), day=day)


def rested(row: DeadlineRow, start: str, stop: str, *, what: Deadline = ANSWER) -> DeadlineRow:
    """The row after a pause."""
    paused = pause(row, micros(local(start)))
    return resume(what, paused, measure=OFFICE, now=micros(local(stop)), day=None)


def climbed(
    what: Deadline, row: DeadlineRow, *, measure: Measure = OFFICE, day: date | None = None
) -> list[tuple[str, str]]:
    """Fire every rung at its instant; their names and local wall times."""
    found = []
    while row.next_rung is not None and row.acts_at is not None:
        step = next(each for each in ladder(what) if each.name == row.next_rung)
        found.append((step.name, wall(row.acts_at)))
        row = fired(what, row, step, measure=measure, day=day)
    return found


def wall(at: int | None) -> str:
    assert at is not None
    return instant(at).astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M")





# The issue's own examples.


def test_rungs_of_a_request_before_christmas() -> None:
    row = begun(ANSWER)
    assert row.due_on == date(2026, 12, 28)
    assert climbed(ANSWER, row) == [
        ("two", "2026-12-24 00:00"),
        ("three", "2026-12-29 00:00"),
        ("five", "2026-12-31 00:00"),
        ("seven", "2027-01-06 00:00"),
    ]


def test_due_at_is_the_local_midnight_that_follows_the_last_day() -> None:
    assert begun(ANSWER).due_at == micros(local("2026-12-29 00:00"))


def test_a_pause_over_christmas_moves_the_due_day() -> None:
    row = rested(begun(ANSWER), "2026-12-22 14:00", "2026-12-28 09:00")
    assert (row.due_on, row.status) == (date(2026, 12, 30), Status.RUNNING)
    assert climbed(ANSWER, row) == [
        ("two", "2026-12-30 00:00"),
        ("three", "2026-12-31 00:00"),
        ("five", "2027-01-06 00:00"),
        ("seven", "2027-01-09 00:00"),
    ]


# Pauses.


@pytest.mark.parametrize("day", ["2026-12-21", "2026-12-22", "2026-12-23", "2026-12-28"])
def test_pausing_and_resuming_on_one_day_loses_nothing(day: str) -> None:
    row = rested(begun(ANSWER), f"{day} 11:00", f"{day} 16:00")
    assert row.due_on == date(2026, 12, 28)


def test_many_pauses_within_one_day_lose_nothing() -> None:
    row = begun(ANSWER)
    for hour in (10, 12, 14):
        row = rested(row, f"2026-12-22 {hour}:00", f"2026-12-22 {hour + 1}:00")
    assert row.due_on == date(2026, 12, 28)


def test_a_day_that_ends_in_a_pause_is_not_used() -> None:
    row = rested(begun(ANSWER), "2026-12-22 23:59", "2026-12-23 00:01")
    assert row.due_on == date(2026, 12, 29)


def test_the_day_of_resuming_counts() -> None:
    row = rested(begun(ANSWER), "2026-12-21 11:00", "2026-12-22 16:00")
    assert row.due_on == date(2026, 12, 28)


def test_several_pauses_add_up() -> None:
    row = rested(begun(ANSWER), "2026-12-22 14:00", "2026-12-23 09:00")
    row = rested(row, "2026-12-28 10:00", "2026-12-30 10:00")
    assert row.due_on == date(2027, 1, 4)


def test_a_second_pause_on_the_day_of_resuming_is_one_with_the_first() -> None:
    twice = rested(begun(ANSWER), "2026-12-22 14:00", "2026-12-28 09:00")
    twice = rested(twice, "2026-12-28 10:00", "2026-12-29 09:00")
    once = rested(begun(ANSWER), "2026-12-22 14:00", "2026-12-29 09:00")
    assert twice.due_on == once.due_on == date(2027, 1, 4)


def test_a_pause_over_free_days_only_loses_nothing() -> None:
    row = rested(begun(ANSWER), "2026-12-24 08:00", "2026-12-27 20:00")
    assert row.due_on == date(2026, 12, 28)


def test_while_it_rests_nothing_is_due() -> None:
    row = pause(begun(ANSWER), micros(local("2026-12-22 14:00")))
    assert (row.status, row.due_on, row.due_at, row.next_rung, row.acts_at) == (Status.PAUSED, None, None, None, None)
    assert row.resting
    assert row.open


def test_a_rung_that_has_fired_does_not_fire_again_after_a_pause() -> None:
    row = begun(ANSWER)
    row = fired(ANSWER, row, LADDER[0], measure=OFFICE, day=None)
    row = rested(row, "2026-12-28 08:00", "2027-01-04 08:00")
    assert [name for name, _ in climbed(ANSWER, row)] == ["three", "five", "seven"]


def test_the_rungs_after_the_end_leave_pauses_out_as_well() -> None:
    what = deadline(Budget(3, Unit.WORKING_DAYS), ("missed", MISSED), ("later", after(2)), ("same", used(5)))
    row = begun(what)
    row = fired(what, row, what.ladder[0], measure=OFFICE, day=None)
    row = rested(row, "2026-12-29 08:00", "2027-01-07 08:00", what=what)
    assert climbed(what, row) == [("later", "2027-01-09 00:00"), ("same", "2027-01-09 00:00")]


# Being missed, met, stopped.


def missed_row() -> DeadlineRow:
    row = begun(ANSWER)
    for step in LADDER[:2]:
        row = fired(ANSWER, row, step, measure=OFFICE, day=None)
    return row


def test_when_the_end_passes_it_is_missed_and_keeps_climbing() -> None:
    row = missed_row()
    assert (row.status, row.next_rung, row.open) == (Status.MISSED, "five", True)


def test_a_missed_one_stays_missed_while_it_rests_and_its_rungs_wait() -> None:
    row = pause(missed_row(), micros(local("2026-12-29 10:00")))
    assert (row.status, row.due_on, row.next_rung, row.acts_at) == (Status.MISSED, date(2026, 12, 28), None, None)
    woken = resume(ANSWER, row, measure=OFFICE, now=micros(local("2027-01-04 10:00")), day=None)
    assert (woken.status, woken.due_on, woken.next_rung) == (Status.MISSED, date(2026, 12, 28), "five")
    assert wall(woken.acts_at) == "2027-01-06 00:00"


def test_a_missed_one_answered_late_stays_missed_and_its_ladder_stops() -> None:
    row = end(missed_row(), 7, answered=True)
    assert (row.status, row.next_rung, row.acts_at, row.ended_at) == (Status.MISSED, None, None, 7)
    assert not row.open


@pytest.mark.parametrize(("answered", "status"), [(True, Status.MET), (False, Status.STOPPED)])
def test_one_in_time_is_met_by_an_answer_and_stopped_otherwise(answered: bool, status: Status) -> None:
    assert end(begun(ANSWER), 7, answered=answered).status is status


def test_the_end_is_a_rung_even_where_none_is_declared() -> None:
    what = deadline(Budget(1, Unit.WORKING_DAYS))
    row = begun(what)
    assert climbed(what, row) == [("missed", "2026-12-23 00:00")]
    silent = ladder(what)[-1]
    assert (silent.message, silent.does) == (None, None)


# Units.


@pytest.mark.parametrize(
    ("count", "unit", "start", "due_on"),
    [
        (0, Unit.WORKING_DAYS, "2026-12-21 10:00", "2026-12-21"),
        (1, Unit.WORKING_DAYS, "2026-12-25 10:00", "2026-12-28"),
        (10, Unit.DAYS, "2026-12-21 10:00", "2026-12-31"),
        (5, Unit.WEEKS, "2026-12-21 10:00", "2027-01-25"),
        (1, Unit.MONTHS, "2027-01-31 10:00", "2027-02-28"),
        (1, Unit.MONTHS, "2028-01-31 10:00", "2028-02-29"),
        (12, Unit.MONTHS, "2028-02-29 10:00", "2029-02-28"),
        (3, Unit.DAYS, "2027-03-27 23:30", "2027-03-30"),
        (3, Unit.DAYS, "2027-10-30 00:30", "2027-11-02"),
    ],
)
def test_budgets_in_every_unit(count: int, unit: Unit, start: str, due_on: str) -> None:
    row = begun(deadline(Budget(count, unit)), local(start))
    assert row.due_on == date.fromisoformat(due_on)
    following = date.fromisoformat(due_on) + timedelta(days=1)
    assert wall(row.due_at) == f"{following} 00:00"


def test_the_local_day_of_the_start_is_meant_and_not_the_day_in_utc() -> None:
    assert begun(deadline(Budget(1, Unit.DAYS)), local("2027-07-01 00:30")).due_on == date(2027, 7, 2)


def test_days_used_are_counted_in_the_budgets_own_unit() -> None:
    what = deadline(Budget(4, Unit.WEEKS), ("chase", used(2)))
    assert climbed(what, begun(what)) == [("chase", "2027-01-05 00:00"), ("missed", "2027-01-19 00:00")]


def test_rungs_before_the_end_begin_with_their_day() -> None:
    what = deadline(
        Budget(3, Unit.MONTHS),
        ("month", before(1, Unit.MONTHS)),
        ("week", before(1, Unit.WEEKS)),
        ("days", before(2, Unit.DAYS)),
        ("working", before(1)),
        ("itself", before(0)),
    )
    assert climbed(what, begun(what, local("2026-10-04 10:00"))) == [
        ("month", "2026-12-04 00:00"),
        ("week", "2026-12-28 00:00"),
        ("working", "2026-12-30 00:00"),
        ("days", "2027-01-02 00:00"),
        ("itself", "2027-01-04 00:00"),
        ("missed", "2027-01-05 00:00"),
    ]


def test_rungs_after_the_end_fire_when_their_day_has_ended() -> None:
    what = deadline(
        Budget(1, Unit.WORKING_DAYS),
        ("missed", MISSED),
        ("at", after(0)),
        ("days", after(2, Unit.DAYS)),
        ("working", after(2)),
        ("week", after(1, Unit.WEEKS)),
        ("month", after(1, Unit.MONTHS)),
    )
    assert climbed(what, begun(what)) == [
        ("missed", "2026-12-23 00:00"),
        ("at", "2026-12-23 00:00"),
        ("days", "2026-12-25 00:00"),
        ("working", "2026-12-29 00:00"),
        ("week", "2026-12-30 00:00"),
        ("month", "2027-01-23 00:00"),
    ]


# On a day.


@pytest.mark.parametrize(
    ("rule", "due_on"), [("keep", "2026-12-26"), ("next", "2026-12-28"), ("previous", "2026-12-23")]
)
def test_a_closed_day_is_kept_or_moved_as_declared(rule: Any, due_on: str) -> None:
    row = begun(deadline(OnDay(lambda view: None, rule)), day=date(2026, 12, 26))
    assert row.due_on == date.fromisoformat(due_on)


def test_a_reminder_already_past_at_the_start_is_passed_by() -> None:
    what = deadline(OnDay(lambda view: None), ("early", before(5)), ("late", before(1)))
    row = begun(what, day=date(2026, 12, 28))
    assert (row.fired, row.next_rung) == (("early",), "late")


def test_the_end_is_never_passed_by_even_if_its_day_is_long_gone() -> None:
    what = deadline(OnDay(lambda view: None), ("early", before(5)), ("late", after(1)))
    row = begun(what, day=date(2026, 6, 1))
    assert (row.next_rung, wall(row.acts_at)) == ("missed", "2026-06-02 00:00")
    assert climbed(what, row, day=date(2026, 6, 1)) == [("missed", "2026-06-02 00:00"), ("late", "2026-06-03 00:00")]


def test_a_corrected_date_recomputes_rungs_not_yet_fired() -> None:
    what = deadline(OnDay(lambda view: None), ("month", before(1, Unit.MONTHS)), ("day", before(1)))
    row = begun(what, day=date(2027, 2, 15))
    row = fired(what, row, what.ladder[0], measure=OFFICE, day=date(2027, 2, 15))
    moved = arrange(what, row, measure=OFFICE, day=date(2027, 3, 15))
    assert climbed(what, moved, day=date(2027, 3, 15)) == [("day", "2027-03-12 00:00"), ("missed", "2027-03-16 00:00")]


def test_a_date_corrected_to_an_earlier_one_fires_late_what_now_lies_behind() -> None:
    what = deadline(OnDay(lambda view: None), ("month", before(1, Unit.MONTHS)), ("day", before(1)))
    row = begun(what, day=date(2027, 6, 15))
    moved = arrange(what, row, measure=OFFICE, day=date(2027, 1, 29))
    assert (moved.fired, moved.next_rung, wall(moved.acts_at)) == ((), "month", "2026-12-29 00:00")


def test_until_further_notice_does_not_run_over_the_end_of_time() -> None:
    what = deadline(OnDay(lambda view: None), ("week", before(1, Unit.WEEKS)), ("later", after(3, Unit.MONTHS)))
    row = begun(what, day=date.max)
    assert (row.due_on, row.next_rung) == (date.max, "week")


# Low season.


def test_an_internal_clock_rests_in_low_season() -> None:
    assert begun(ANSWER, measure=RESTING).due_on == date(2027, 1, 8)


def test_a_promise_runs_through_low_season_and_its_reminders_come_before() -> None:
    what = deadline(Budget(5, Unit.WEEKS), ("week", before(1, Unit.WEEKS)), internal=False)
    row = begun(what, local("2026-12-01 10:00"), measure=RESTING)
    assert row.due_on == date(2027, 1, 5)
    assert climbed(what, row, measure=RESTING) == [("week", "2026-12-22 00:00"), ("missed", "2027-01-06 00:00")]


def test_nothing_that_follows_the_last_day_is_moved_before_it() -> None:
    what = deadline(
        Budget(1, Unit.WEEKS), ("missed", MISSED), ("later", after(1, Unit.DAYS)), internal=False
    )
    row = begun(what, local("2026-12-18 10:00"), measure=RESTING)
    assert climbed(what, row, measure=RESTING) == [("missed", "2026-12-26 00:00"), ("later", "2026-12-27 00:00")]


def test_a_promise_given_in_low_season_is_reminded_of_in_low_season() -> None:
    what = deadline(Budget(2, Unit.WEEKS), ("one", used(1)), ("day", before(2, Unit.DAYS)), internal=False)
    row = begun(what, local("2026-12-23 10:00"), measure=RESTING)
    assert climbed(what, row, measure=RESTING) == [
        ("one", "2026-12-31 00:00"),
        ("day", "2027-01-04 00:00"),
        ("missed", "2027-01-07 00:00"),
    ]


# At once.


def test_at_once_is_due_the_very_instant_it_begins() -> None:
    what = deadline(AtOnce(), ("search", after(0)))
    row = begun(what)
    assert (row.next_rung, row.acts_at, row.due_at) == ("search", row.started_at, row.started_at)
    assert [name for name, _ in climbed(what, row)] == ["search"]


def test_figures_are_those_of_the_unit() -> None:
    measure = Measure(Calendar(), {"answer_days": 1})
    assert begun(ANSWER, measure=measure).due_on == date(2026, 12, 22)
