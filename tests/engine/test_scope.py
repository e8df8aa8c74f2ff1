"""Which cases somebody may read: the rule for one case and the units for a whole list agree."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from engine import rights
from engine.canonical import micros
from engine.organisation import STAFF, Membership, Organisation, Span, UnitRow
from engine.scope import holds_anywhere, scope_of
from engine.vocabulary import Role

NOON = micros(datetime(2027, 1, 11, 12, 0, tzinfo=UTC))
TODAY = date(2027, 1, 11)
PARENTS = {"umu.se": None, "A": "umu.se", "B": "umu.se", "A1": "A", "A2": "A", "A11": "A1"}
UNITS = {code: UnitRow(code, code, code, parent, None) for code, parent in PARENTS.items()}

spans = st.sampled_from(
    [Span(None, None), Span(TODAY, TODAY), Span(None, date(2027, 1, 10)), Span(date(2027, 1, 12), None)]
)
memberships = st.builds(Membership, st.just("p"), st.sampled_from(list(Role)), st.sampled_from(sorted(UNITS)), spans)


@given(st.lists(memberships, max_size=4))
def test_a_scope_holds_exactly_the_units_one_reads_in(held: list[Membership]) -> None:
    organisation = Organisation("umu.se", 1, UNITS, tuple(held))

    scope = scope_of(organisation, "p", NOON)

    assert set(scope.units) == {code for code in UNITS if rights.reads_in(organisation, "p", code, TODAY)}
    assert scope.everything == (set(scope.units) == set(UNITS))


@given(st.sampled_from([*STAFF, Role.AUDITOR]))
def test_a_role_at_the_root_reaches_everything(role: Role) -> None:
    organisation = Organisation("umu.se", 1, UNITS, (Membership("p", role, "umu.se", Span(None, None)),))
    assert scope_of(organisation, "p", NOON).everything


def test_admins_and_strangers_read_nothing() -> None:
    organisation = Organisation("umu.se", 1, UNITS, (Membership("p", Role.ADMIN, "umu.se", Span(None, None)),))
    assert scope_of(organisation, "p", NOON).units == ()
    assert not scope_of(Organisation("umu.se", 0, {}), "p", NOON).everything
    assert holds_anywhere(organisation, "p", NOON, Role.ADMIN)
    assert not holds_anywhere(organisation, "q", NOON)
