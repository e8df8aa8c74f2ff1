"""People, units, roles, absences and closing days: written once, kept version by version."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.directory import Change, Written, folded_email
from engine.errors import BadFields
from engine.vocabulary import Role
from tests.engine.registry import UMU, Registry, registry

MAY = date(2027, 5, 1)


@pytest.fixture
def office(database_url: str) -> Iterator[Registry]:
    with registry(database_url) as made:
        yield made


@pytest.fixture
def small_office(sqlite_url: str) -> Iterator[Registry]:
    """For what is decided before any statement is written."""
    with registry(sqlite_url) as made:
        yield made


def changed(office: Registry, act: Callable[[Change], object]) -> Change:
    with office.directory.change(UMU, by=office.anna, what="test") as change:
        act(change)
    return change


# Versions.


def test_several_changes_become_one_version_with_one_note(office: Registry) -> None:
    made = changed(office, lambda c: (c.member(office.anna, "head", "math"), c.closing_day("math", MAY)))
    newest, first = office.directory.changes(UMU)
    assert (made.version, newest.version, first.version) == (2, 2, 1)
    assert (newest.by, newest.what) == (office.anna, "test")


def test_the_organisation_can_be_read_as_it_was_at_each_version(office: Registry) -> None:
    changed(office, lambda c: c.member(office.anna, "head", "math"))
    changed(office, lambda c: c.leave(office.anna, "head", "math"))
    held = [office.directory.as_of(UMU, version).memberships for version in (0, 1, 2, 3)]
    assert [len(each) for each in held] == [0, 0, 1, 0]
    assert office.directory.as_of(UMU, 0).units == {}


def test_the_present_organisation_is_the_newest_version(office: Registry) -> None:
    before = office.directory.organisation(UMU)
    changed(office, lambda c: c.unit("law", name_sv="Juridik", name_en="Law"))
    now = office.directory.organisation(UMU)
    assert (before.version, now.version) == (1, 2)
    assert now == office.directory.as_of(UMU, 2)
    assert set(now.units) - set(before.units) == {"law"}


def test_what_stands_so_already_makes_no_version(office: Registry) -> None:
    changed(office, lambda c: c.member(office.anna, "head", "math"))
    again = changed(office, lambda c: c.member(office.anna, "head", "math"))
    assert again.version is None
    assert office.directory.organisation(UMU).version == 2


def test_a_row_changed_twice_in_one_change_is_kept_as_it_was_last(office: Registry) -> None:
    def twice(change: Change) -> None:
        change.unit("law", name_sv="Jur", name_en="Law")
        change.unit("law", name_sv="Juridik", name_en="Law")

    changed(office, twice)
    assert office.directory.as_of(UMU, 2).units["law"].name_sv == "Juridik"


def test_an_error_undoes_the_whole_change(office: Registry) -> None:
    def half(change: Change) -> None:
        change.unit("law", name_sv="Juridik", name_en="Law")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        changed(office, half)
    assert "law" not in office.directory.organisation(UMU).units
    assert len(office.directory.changes(UMU)) == 1


def test_a_refused_row_lets_the_next_one_be_written(office: Registry) -> None:
    def some(change: Change) -> None:
        with pytest.raises(BadFields):
            change.member(office.anna, "head", "nowhere")
        change.member(office.anna, "head", "math")

    assert changed(office, some).touched == 1


def test_a_dry_run_tells_what_would_be_and_keeps_nothing(office: Registry) -> None:
    with office.directory.change(UMU, by="import", what="test", dry_run=True) as change:
        done = change.unit("law", name_sv="Juridik", name_en="Law")
    assert (done, change.version) == (Written.NEW, 2)
    assert office.directory.organisation(UMU).version == 1


def test_institutions_do_not_see_each_other(office: Registry) -> None:
    with office.directory.change("lu.se", by="installation", what="start") as change:
        change.root()
    assert office.directory.organisation("lu.se").version == 1
    assert set(office.directory.organisation("lu.se").units) == {"lu.se"}
    assert office.directory.people("lu.se", [office.anna]) == {}


def test_the_ledger_of_a_step_reads_the_very_same_organisation(office: Registry) -> None:
    changed(office, lambda c: c.absence(office.anna, weekdays=[4, 0], substitute=office.bo))
    with office.cases.store.step() as ledger:
        seen = office.cases.organisation(ledger, UMU, 2)
    assert seen == office.directory.as_of(UMU, 2)


# People.


def test_a_person_is_known_again_in_any_writing_of_the_address(office: Registry) -> None:
    again = office.directory.put_person(UMU, email=" Anna@UMU.se ", name="Anna  Lind")
    assert (again.id, again.name, again.email) == (office.anna, "Anna Lind", "anna@umu.se")
    assert office.directory.person_by_email(UMU, "ANNA@umu.se") == again


def test_what_is_not_said_of_a_known_person_stays(office: Registry) -> None:
    again = office.directory.put_person(UMU, email="bo@umu.se", name="Bo Alm")
    assert (again.name, again.language) == ("Bo Alm", "en")


def test_people_make_no_version(office: Registry) -> None:
    office.directory.put_person(UMU, email="cia@umu.se", name="Cia")
    assert office.directory.organisation(UMU).version == 1


def test_no_name_or_address_stands_in_a_versioned_row_or_a_note(office: Registry) -> None:
    changed(office, lambda c: c.absence(office.anna, starts_on=MAY, substitute=office.bo))
    told = repr(office.directory.organisation(UMU)) + repr(office.directory.changes(UMU))
    assert not any(word in told for word in ("Anna", "anna@", "Bo Ek", "bo@"))


@pytest.mark.parametrize(
    "bad", ["", "anna", "anna@umu", "a b@umu.se", "a@b@umu.se", "a..b@umu.se", "x" * 250 + "@u.se"]
)
def test_what_is_no_address_is_refused(bad: str) -> None:
    with pytest.raises(BadFields) as refused:
        folded_email(bad)
    assert refused.value.reasons[0].code == "field:email"


@given(st.text(max_size=40))
def test_folding_an_address_twice_changes_nothing_more(written: str) -> None:
    try:
        folded = folded_email(written)
    except BadFields:
        return
    assert folded_email(folded) == folded == folded.lower()


# Refusals, in both languages.


REFUSED: dict[str, tuple[Callable[[Change, str], object], str]] = {
    "parent unknown": (lambda c, a: c.unit("law", name_sv="J", name_en="L", parent="nowhere"), "parent"),
    "parent below it": (lambda c, a: c.unit("math", name_sv="M", name_en="M", parent="math.stat"), "parent"),
    "parent itself": (lambda c, a: c.unit("math", name_sv="M", name_en="M", parent="math"), "parent"),
    "root below another": (lambda c, a: c.unit(UMU, name_sv="U", name_en="U", parent="math"), "parent"),
    "code with a space": (lambda c, a: c.unit("a b", name_sv="U", name_en="U"), "code"),
    "name blank": (lambda c, a: c.unit("law", name_sv=" ", name_en="Law"), "name_sv"),
    "mailbox no address": (lambda c, a: c.unit("law", name_sv="J", name_en="L", mailbox="law"), "mailbox"),
    "zone unknown": (lambda c, a: c.unit("law", name_sv="J", name_en="L", settings={"zone": "Mars"}), "settings"),
    "bridge days a number": (
        lambda c, a: c.unit("law", name_sv="J", name_en="L", settings={"bridge_days": 1}),
        "settings",
    ),
    "figure misspelt": (
        lambda c, a: c.unit("law", name_sv="J", name_en="L", settings={"loan.answer_dys": 4}),
        "settings",
    ),
    "figure a text": (
        lambda c, a: c.unit("law", name_sv="J", name_en="L", settings={"loan.answer_days": "4"}),
        "settings",
    ),
    "figure negative": (
        lambda c, a: c.unit("law", name_sv="J", name_en="L", settings={"loan.answer_days": -1}),
        "settings",
    ),
    "role student": (lambda c, a: c.member(a, "student", "math"), "role"),
    "role partner": (lambda c, a: c.member(a, "partner", "math"), "role"),
    "role clock": (lambda c, a: c.member(a, "clock", "math"), "role"),
    "role unknown": (lambda c, a: c.member(a, "dean", "math"), "role"),
    "unit unknown": (lambda c, a: c.member(a, "head", "nowhere"), "unit"),
    "person unknown": (lambda c, a: c.member("nobody", "head", "math"), "person"),
    "dates upside down": (
        lambda c, a: c.member(a, "head", "math", starts_on=MAY, ends_on=date(2027, 4, 30)),
        "ends_on",
    ),
    "mandate of two words": (lambda c, a: c.mandate(a, "sign agreement", "math"), "kind"),
    "substitute oneself": (lambda c, a: c.absence(a, starts_on=MAY, substitute=a), "substitute"),
    "substitute unknown": (lambda c, a: c.absence(a, starts_on=MAY, substitute="nobody"), "substitute"),
    "absence without a day": (lambda c, a: c.absence(a), "starts_on"),
    "weekday eight": (lambda c, a: c.absence(a, weekdays=[7]), "weekdays"),
    "closing day nowhere": (lambda c, a: c.closing_day("nowhere", MAY), "unit"),
    "new person without name": (lambda c, a: c.person(email="new@umu.se"), "name"),
    "language unknown": (lambda c, a: c.person(email="new@umu.se", name="N", language="de"), "language"),
}


@pytest.mark.parametrize(("act", "field"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused_and_writes_nothing(
    small_office: Registry, act: Callable[[Change, str], object], field: str
) -> None:
    with pytest.raises(BadFields) as refused:
        changed(small_office, lambda change: act(change, small_office.anna))
    assert refused.value.reasons[0].code == f"field:{field}"
    assert refused.value.message.sv != refused.value.message.en
    assert small_office.directory.organisation(UMU).version == 1


def test_a_unit_needs_the_institution_above_it(small_office: Registry) -> None:
    with (
        pytest.raises(BadFields, match=r"there is no unit lu\.se"),
        small_office.directory.change("lu.se", by="installation", what="test") as change,
    ):
        change.unit("law", name_sv="Juridik", name_en="Law")


def test_a_wrong_setting_of_a_workflow_nobody_knows_is_let_be(small_office: Registry) -> None:
    settings_ = {"other.answer_days": 9, "greeting": "Hej"}
    changed(small_office, lambda c: c.unit("math", name_sv="M", name_en="M", settings=settings_))
    assert small_office.directory.organisation(UMU).settings("math.stat") == settings_


# Roles, mandates, absences.


def test_the_same_role_on_shared_days_is_replaced_and_on_others_kept(office: Registry) -> None:
    def spans(change: Change) -> None:
        change.member(office.anna, "head", "math", ends_on=date(2026, 12, 31))
        change.member(office.anna, "head", "math", starts_on=date(2027, 6, 1))
        change.member(office.anna, "head", "math", starts_on=date(2027, 7, 1), ends_on=date(2027, 7, 31))

    changed(office, spans)
    held = [m.span for m in office.directory.organisation(UMU).memberships]
    assert sorted((s.starts_on, s.ends_on) for s in held if s.starts_on) == [(date(2027, 7, 1), date(2027, 7, 31))]
    assert [s.ends_on for s in held if s.starts_on is None] == [date(2026, 12, 31)]


def test_leaving_on_a_day_keeps_the_role_through_that_day(office: Registry) -> None:
    changed(office, lambda c: c.member(office.anna, "head", "math"))
    changed(office, lambda c: c.leave(office.anna, "head", "math", ends_on=MAY))
    now = office.directory.organisation(UMU)
    assert now.holds(office.anna, Role.HEAD, "math.stat", MAY)
    assert not now.holds(office.anna, Role.HEAD, "math.stat", date(2027, 5, 2))


def test_a_mandate_is_given_and_withdrawn(office: Registry) -> None:
    changed(office, lambda c: c.mandate(office.anna, "sign_agreement", "math"))
    assert office.directory.organisation(UMU).mandates_of(office.anna, "math.stat", MAY) == ("sign_agreement",)
    changed(office, lambda c: c.withdraw_mandate(office.anna, "sign_agreement", "math"))
    assert office.directory.organisation(UMU).mandates == ()


def test_a_leave_and_a_weekly_pattern_stand_side_by_side(office: Registry) -> None:
    def away(change: Change) -> None:
        change.absence(office.anna, weekdays=[0, 2, 3, 4])
        change.absence(office.anna, starts_on=MAY, ends_on=date(2027, 5, 31), substitute=office.bo)
        change.absence(office.anna, starts_on=MAY, ends_on=date(2027, 6, 30), substitute=office.bo)

    changed(office, away)
    pattern, leave = sorted(office.directory.organisation(UMU).absences, key=lambda a: a.weekdays is None)
    assert pattern.weekdays == frozenset({0, 2, 3, 4})
    assert (leave.span.ends_on, leave.substitute) == (date(2027, 6, 30), office.bo)


def test_an_absence_is_taken_back(office: Registry) -> None:
    changed(office, lambda c: c.absence(office.anna, starts_on=MAY))
    assert changed(office, lambda c: c.end_absence(office.anna, starts_on=MAY)).touched == 1
    assert office.directory.organisation(UMU).absences == ()


# Whose deadlines must be worked out anew.


def test_only_calendar_figures_and_a_new_parent_concern_deadlines(office: Registry) -> None:
    def unit(**settings_: object) -> Callable[[Change], object]:
        return lambda c: c.unit("math", name_sv="M", name_en="M", settings=settings_)

    acts: list[tuple[Callable[[Change], object], set[str]]] = [
        (unit(greeting="Hej"), set()),
        (unit(low_season=True), {"math"}),
        (unit(**{"loan.answer_days": 4}), {"math"}),
        (lambda c: c.closing_day("math.stat", MAY), {"math.stat"}),
        (lambda c: c.closing_day("math.stat", MAY, "Utflykt"), set()),
        (lambda c: c.reopen_day("math.stat", MAY), {"math.stat"}),
        (lambda c: c.unit("math.stat", name_sv="S", name_en="S"), {"math.stat"}),
        (lambda c: c.member(office.anna, "head", "math"), set()),
    ]
    assert [changed(office, act).concerned for act, _ in acts] == [concerned for _, concerned in acts]


# A law over many changes.

ROLES = st.sampled_from(["head", "officer"])
DAYS = st.one_of(st.none(), st.dates(date(2027, 1, 1), date(2027, 1, 20)))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(ROLES, DAYS, DAYS), min_size=1, max_size=6))
def test_nobody_holds_a_role_twice_on_one_day_and_versions_do_not_change(
    small_office: Registry, spans: list[tuple[str, date | None, date | None]]
) -> None:
    was = {}
    for role, starts_on, ends_on in spans:
        with (
            suppress(BadFields),
            small_office.directory.change(UMU, by="installation", what="test") as change,
        ):
            change.member(small_office.bo, role, "math", starts_on=starts_on, ends_on=ends_on)
        now = small_office.directory.organisation(UMU)
        was[now.version] = now
    for version, organisation in was.items():
        assert small_office.directory.as_of(UMU, version) == organisation
        for day in (date(2027, 1, number) for number in range(1, 21)):
            held = [m.role for m in organisation.roles_of(small_office.bo, day)]
            assert len(held) == len(set(held))
