"""What waits for somebody, described: who stands in for whom, and where somebody is nearest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from engine.canonical import micros
from engine.catalogue import Catalogue
from engine.definition import define
from engine.organisation import Absence, Membership, Organisation, Span, UnitRow
from engine.tasks import Group, Waiting, waiting_for
from engine.vocabulary import Role, at
from tests.engine.house import CATALOGUE
from tests.engine.house_report import report
from tests.engine.house_workflows import CONTRACT, SOURCE, STAY

NOON = micros(datetime(2027, 1, 11, 12, 0, tzinfo=UTC))
TODAY = date(2027, 1, 11)
ALWAYS = Span(None, None)
PARENTS = {"x.se": None, "a": "x.se", "b": "x.se"}
UNITS = {code: UnitRow(code, code, code, parent, None) for code, parent in PARENTS.items()}


def members(*held: tuple[str, Role, str], absences: tuple[Absence, ...] = ()) -> Organisation:
    found = tuple(Membership(person, role, unit, ALWAYS) for person, role, unit in held)
    return Organisation("x.se", 1, UNITS, found, absences=absences)


def groups(organisation: Organisation, person: str, catalogue: Catalogue = CATALOGUE) -> tuple[Group, ...]:
    return waiting_for(organisation, catalogue, person, NOON).groups


def test_a_role_at_the_root_waits_only_where_nobody_below_holds_it() -> None:
    organisation = members(("olle", Role.OFFICER, "x.se"), ("oskar", Role.OFFICER, "a"))
    assert {group.units for group in groups(organisation, "olle")} == {("x.se", "b")}
    assert {group.units for group in groups(organisation, "oskar")} == {("a",)}


def test_the_only_holder_at_the_root_is_nearest_everywhere() -> None:
    found = groups(members(("olle", Role.OFFICER, "x.se")), "olle")
    assert found == (
        Group("contract", ("active",), "case", None),
        Group("stay", ("waiting",), "case", None),
    )


def test_what_the_student_owns_waits_for_nobody_here() -> None:
    organisation = members(("stina", Role.STUDENT, "a"), ("pär", Role.PARTNER, "a"))
    assert groups(organisation, "stina") == groups(organisation, "pär") == ()


def test_whoever_holds_nothing_has_what_is_assigned_to_them() -> None:
    assert waiting_for(members(), CATALOGUE, "ann", NOON) == Waiting("x.se", "ann", ("ann",), ())


def test_a_named_substitute_stands_in_while_somebody_is_on_leave() -> None:
    leave = Absence("ann", Span(TODAY, TODAY), None, "bea")
    organisation = members(("ann", Role.COORDINATOR, "a"), absences=(leave,))
    found = waiting_for(organisation, CATALOGUE, "bea", NOON)
    assert found.people == ("bea", "ann")
    assert found.groups == groups(organisation, "ann")
    assert {group.units for group in found.groups} == {("a",)}


def test_nobody_stands_in_before_after_or_for_a_weekly_pattern() -> None:
    later = Absence("ann", Span(date(2027, 1, 12), None), None, "bea")
    mondays = Absence("arne", ALWAYS, frozenset({0}), "bea")
    organisation = members(("ann", Role.COORDINATOR, "a"), absences=(later, mondays))
    assert waiting_for(organisation, CATALOGUE, "bea", NOON) == Waiting("x.se", "bea", ("bea",), ())


def test_the_owner_may_be_held_in_the_unit_of_a_linked_case() -> None:
    states = tuple(
        replace(state, owner=at("contract", Role.COORDINATOR)) if state.name == "asked" else state
        for state in STAY.states
    )
    newer = define(replace(STAY, version=2, states=states), SOURCE)
    older = CATALOGUE.current("stay")
    catalogue = Catalogue((define(CONTRACT, SOURCE), newer, report()), (older,))
    found = groups(members(("ann", Role.COORDINATOR, "a")), "ann", catalogue)
    # The two versions differ about who is waited for, so each counts for cases under it alone.
    assert [group for group in found if group.workflow == "stay"] == [
        Group("stay", ("asked",), "contract", ("a",), (newer.hash,)),
        Group("stay", ("asked",), "case", ("a",), (older.hash,)),
    ]
