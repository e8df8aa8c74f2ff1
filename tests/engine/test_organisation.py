"""Units, roles, absences and calendars of an institution at one version."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from engine.calendar import Calendar
from engine.canonical import micros
from engine.organisation import Absence, Mandate, Membership, Organisation, Span, UnitRow
from engine.vocabulary import Role

ALWAYS = Span(None, None)
TODAY = date(2027, 2, 1)
"""A Monday."""


def unit(code: str, parent: str | None, **settings: object) -> UnitRow:
    return UnitRow(code, code, code, parent, None, settings)


UNITS = {
    "x.se": unit("x.se", None, low_season=True, rank=1),
    "law": unit("law", "x.se", rank=2),
    "tax": unit("tax", "law", bridge_days=False),
}


def house(**parts: object) -> Organisation:
    return Organisation("x.se", 1, UNITS, **parts)  # type: ignore[arg-type]  # the parts by name


def held(person: str, where: str, role: Role = Role.HEAD, span: Span = ALWAYS) -> Membership:
    return Membership(person, role, where, span)


def away(person: str, span: Span, substitute: str | None = None, *weekdays: int) -> Absence:
    return Absence(person, span, frozenset(weekdays) if weekdays else None, substitute)


def test_a_span_includes_both_its_days() -> None:
    span = Span(date(2027, 2, 1), date(2027, 2, 3))
    assert [span.covers(date(2027, 2, day)) for day in range(1, 5)] == [True, True, True, False]
    assert Span(None, date(2027, 2, 1)).covers(date.min)
    assert Span(date(2027, 2, 1), None).covers(date.max)
    assert not Span(date(2027, 2, 1), None).covers(date(2027, 1, 31))


def test_upwards_goes_from_a_unit_to_the_root() -> None:
    assert house().upwards("tax") == ("tax", "law", "x.se")
    assert house().upwards("moon") == ()


def test_units_in_a_ring_do_not_run_for_ever() -> None:
    ring = {"a": unit("a", "b"), "b": unit("b", "a")}
    assert Organisation("x.se", 1, ring).upwards("a") == ("a", "b")


@pytest.mark.parametrize(("where", "holds"), [("tax", True), ("law", True), ("x.se", True), ("moon", False)])
def test_a_role_held_in_the_unit_or_above_counts(where: str, holds: bool) -> None:
    assert house(memberships=(held("eva", where),)).holds("eva", Role.HEAD, "tax", TODAY) is holds


def test_a_role_held_below_or_ended_or_of_another_kind_does_not_count() -> None:
    ended = Span(None, date(2027, 1, 31))
    other = held("other", "law", Role.OFFICER)
    found = house(memberships=(held("below", "tax"), held("ended", "law", span=ended), other))
    assert [found.holds(who, Role.HEAD, "law", TODAY) for who in ("below", "ended", "other", "nobody")] == [False] * 4
    assert found.roles_of("ended", TODAY) == ()
    assert [each.unit for each in found.roles_of("below", TODAY)] == ["tax"]


def test_the_nearest_holders_are_those_of_the_first_unit_upwards_that_has_any() -> None:
    past = Span(None, date(2026, 12, 31))
    old = held("old", "tax", span=past)
    found = house(memberships=(held("zoe", "law"), held("eva", "law"), held("rex", "x.se"), old))
    assert found.nearest(Role.HEAD, "tax", TODAY) == ("eva", "zoe")
    assert found.nearest(Role.HEAD, "x.se", TODAY) == ("rex",)
    assert found.nearest(Role.OFFICER, "tax", TODAY) == ()


def test_who_works_tuesdays_is_away_on_the_other_days_but_not_on_leave() -> None:
    found = house(absences=(away("eva", ALWAYS, None, 0, 2, 3, 4),))
    monday, tuesday = TODAY, date(2027, 2, 2)
    assert [found.works_on("eva", day) for day in (monday, tuesday)] == [False, True]
    assert [found.on_leave("eva", day) for day in (monday, tuesday)] == [False, False]


def test_who_is_on_leave_is_away_every_day_of_it() -> None:
    found = house(absences=(away("eva", Span(TODAY, TODAY)),))
    assert [found.on_leave("eva", day) for day in (TODAY, date(2027, 2, 2))] == [True, False]
    assert not found.works_on("eva", TODAY)


def test_the_substitute_of_the_days_own_absence_comes_before_that_of_a_pattern() -> None:
    pattern, leave = away("eva", ALWAYS, "pat", 0, 1), away("eva", Span(TODAY, TODAY), "lea")
    found = house(absences=(pattern, leave))
    days = (TODAY, date(2027, 2, 2), date(2027, 2, 3))
    assert [found.substitute("eva", day) for day in days] == ["lea", "pat", "pat"]


def test_no_absence_or_none_with_a_name_gives_no_substitute() -> None:
    found = house(absences=(away("eva", ALWAYS),))
    assert (found.substitute("eva", TODAY), found.substitute("rex", TODAY)) == (None, None)
    assert found.substitutes("eva") == frozenset()


def test_everybody_ever_named_is_a_substitute_for_four_eyes() -> None:
    found = house(absences=(away("eva", Span(None, date(2020, 1, 1)), "old"), away("eva", ALWAYS, "pat", 1)))
    assert found.substitutes("eva") == {"old", "pat"}


def test_mandates_are_those_of_the_unit_and_above_on_the_day() -> None:
    given = (
        Mandate("eva", "sign", "law", ALWAYS),
        Mandate("eva", "decide", "x.se", ALWAYS),
        Mandate("eva", "spend", "law", Span(None, date(2026, 1, 1))),
        Mandate("eva", "burn", "tax", ALWAYS),
    )
    assert house(mandates=given).mandates_of("eva", "law", TODAY) == ("decide", "sign")


def test_settings_of_units_above_fill_what_a_unit_leaves_open() -> None:
    assert house().settings("tax") == {"low_season": True, "rank": 2, "bridge_days": False}
    assert house().settings("moon") == {}


def test_a_units_calendar_has_its_own_closing_days_and_those_above() -> None:
    one, other, third = (date(2027, 3, day) for day in (1, 2, 3))
    found = house(closing_days={"x.se": frozenset({one}), "tax": frozenset({other}), "law": frozenset({third})})
    expected = Calendar(closing_days=frozenset({one, third}), low_season=True)
    assert found.calendar("law") == expected
    assert found.calendar("tax").closing_days == {one, other, third}
    assert found.calendar("moon") == Calendar()


def test_what_was_worked_out_is_kept_until_the_day_changes_in_one_of_the_zones() -> None:
    abroad = {**UNITS, "oulu": unit("oulu", "x.se", zone="Europe/Helsinki")}
    found, days = Organisation("x.se", 1, abroad), iter(range(9))
    # Midnight comes to Oulu an hour earlier.
    hours = ((20, 0), (21, 59), (22, 0), (23, 0))
    instants = [micros(datetime(2027, 2, 1, hour, minute, tzinfo=UTC)) for hour, minute in hours]

    assert [found.kept("what", at, lambda: next(days)) for at in instants] == [0, 0, 1, 2]
    assert found.kept("other", instants[0], lambda: next(days)) == 3
