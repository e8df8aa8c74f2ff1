"""A handover: cases, next deadlines, agreements, partners and whom to ask, as the asker may read them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
import sqlalchemy as sa

from engine.handing import Choices, Handing, Handover
from engine.insight import Insight
from engine.people import PersonCard
from engine.queries import Queries
from engine.tables import Table
from engine.vocabulary import Role
from tests.engine.agreements_by_hand import KTH, Desk, agreement, desk, ending, exchange, renewal
from tests.engine.house import INSTITUTION, MEMBERS, House


@pytest.fixture
def office(database_url: str) -> Iterator[Desk]:
    with desk(database_url) as opened:
        name_everybody(opened.house)
        yield opened


def name_everybody(house: House) -> None:
    """Give the members of the house a card each; their ids are their names."""
    people = Table.metadata.tables["person"]
    with house.store.writes() as connection:
        for person in dict.fromkeys(name for name, _, _ in MEMBERS):
            connection.execute(
                sa.insert(people).values(
                    institution=INSTITUTION,
                    id=person,
                    name=person.title(),
                    email=f"{person}@x.se",
                    language="sv",
                    created_at=0,
                )
            )


def handed(office: Desk, giver: str = "ann", receiver: str | None = None, *, asker: str = "olle") -> Handover:
    handing = Handing(Queries(office.house.cases), Insight(office.house.cases))
    found = handing.handover(INSTITUTION, asker, giver=giver, receiver=receiver)
    assert found is not None
    return found


def test_own_cases_are_told_from_those_that_wait_for_the_role(office: Desk) -> None:
    office.write(
        agreement(), exchange("hers", assignee="ann"), exchange("pool"), exchange("others", assignee="arne"),
        exchange("elsewhere", unit="b"),
    )  # fmt: skip
    found = handed(office)
    assert [case.id for case in found.assigned] == ["hers"]
    assert sorted(case.id for case in found.pooled) == ["kth", "pool"]
    assert not found.more


def test_the_next_deadlines_come_soonest_first_with_their_labels(office: Desk) -> None:
    office.write(
        agreement(state="expiring", deadlines=(ending("end", date(2027, 3, 1)),)),
        exchange("soon", assignee="ann", deadlines=(ending("return", date(2027, 1, 22)),)),
        exchange("undated", assignee="ann", deadlines=()),
    )
    found = handed(office).deadlines
    assert [(each.case.id, each.row.name) for each in found] == [("soon", "return"), ("kth", "end")]
    assert [each.label.en for each in found] == ["Confirm return", "The agreement's last day"]


def test_agreements_and_partners_of_the_giver_s_units_are_there(office: Desk) -> None:
    office.write(agreement(partner=KTH), agreement("again", partner=KTH), agreement("lund", unit="b"), renewal("ren"))
    found = handed(office)
    assert [each.case.id for each in found.agreements] == ["again", "kth"]
    assert [(each.id, each.name) for each in found.partners] == [(KTH, "KTH")]
    assert not found.more_agreements


def test_who_to_ask_are_the_nearest_holders_but_for_giver_and_receiver(office: Desk) -> None:
    contacts = {each.role: [card.name for card in each.people] for each in handed(office, receiver="arne").ask}
    assert contacts == {Role.HEAD: ["Hedda"], Role.OFFICER: ["Olle"]}
    alone = {each.role: [card.name for card in each.people] for each in handed(office).ask}
    assert alone[Role.COORDINATOR] == ["Arne"]


def test_the_substitute_of_the_day_receives_where_nobody_is_named(office: Desk) -> None:
    office.house.away("ann", substitute="bea", starts_on=date(2026, 12, 1), ends_on=date(2027, 1, 6))
    found = handed(office)
    assert found.receiver is not None
    assert (found.receiver.name, found.away_until) == ("Bea", date(2027, 1, 6))


def test_nobody_is_said_to_be_back_while_an_absence_has_no_end(office: Desk) -> None:
    office.house.away("ann", substitute="bea", starts_on=date(2026, 12, 1), ends_on=date(2027, 1, 6))
    office.house.away("ann", starts_on=date(2026, 12, 14))
    assert handed(office).away_until is None


def test_what_the_receiver_cannot_read_or_does_not_hold_is_told(office: Desk) -> None:
    office.write(agreement(), exchange("hers", assignee="ann"))
    colleague, other = handed(office, receiver="arne"), handed(office, receiver="bea")
    assert (colleague.out_of_reach, colleague.missing) == (frozenset(), ())
    assert other.out_of_reach == {"kth", "hers"}
    assert [(each.role, each.unit) for each in other.missing] == [(Role.COORDINATOR, "a")]


def test_without_a_receiver_nothing_is_missing(office: Desk) -> None:
    found = handed(office)
    assert (found.receiver, found.missing, found.away_until) == (None, (), None)


def test_only_what_the_asker_may_read_is_handed_over(office: Desk) -> None:
    office.write(agreement(), exchange("hers", assignee="ann"))
    found = handed(office, asker="bea")
    assert (found.assigned, found.pooled, found.agreements, found.partners) == ((), (), (), ())


def test_somebody_without_any_role_hands_over_only_what_is_theirs(office: Desk) -> None:
    people = Table.metadata.tables["person"]
    with office.house.store.writes() as connection:
        row = {"name": "Nils", "email": "nils@x.se", "language": "sv", "created_at": 0}
        connection.execute(sa.insert(people).values(institution=INSTITUTION, id="nils", **row))
    office.write(agreement(), exchange("his", assignee="nils"))
    found = handed(office, giver="nils")
    assert ([case.id for case in found.assigned], found.agreements, found.ask) == (["his"], (), ())


def test_nobody_of_that_name_hands_over_nothing(office: Desk) -> None:
    handing = Handing(Queries(office.house.cases), office.insight)
    assert handing.handover(INSTITUTION, "olle", giver="nobody") is None


def test_the_number_of_statements_does_not_grow_with_the_cases(office: Desk) -> None:
    office.write(agreement(), *(exchange(f"x{n}", assignee="ann") for n in range(3)))
    handed(office)
    with office.statements() as few:
        handed(office)
    office.write(*(exchange(f"y{n}", assignee="ann") for n in range(9)))
    with office.statements() as many:
        assert len(handed(office).assigned) == 12
    assert len(many) == len(few)


# Whose handover one may see, and who may take over.


def names(cards: tuple[PersonCard, ...]) -> list[str]:
    return [str(card.name) for card in cards]


def choices(office: Desk, person: str, giver: str = "ann") -> Choices:
    return Handing(Queries(office.house.cases), office.insight).choices(INSTITUTION, person, giver=giver)


def test_a_coordinator_sees_their_own_handover_alone(office: Desk) -> None:
    assert names(choices(office, "ann").givers) == ["Ann"]


def test_a_head_sees_those_of_the_unit_and_an_officer_those_of_all_units(office: Desk) -> None:
    led = names(choices(office, "hedda").givers)
    assert {"Ann", "Arne", "Hedda"} <= set(led)
    assert "Bea" not in led
    assert {"Ann", "Bea", "Olle"} <= set(names(choices(office, "olle").givers))


def test_somebody_unknown_sees_no_handover(office: Desk) -> None:
    assert choices(office, "nobody").givers == ()


def test_whoever_holds_a_role_in_the_unit_or_above_may_take_over_and_the_substitute(office: Desk) -> None:
    near = names(choices(office, "ann").receivers)
    assert {"Arne", "Hedda", "Olle"} <= set(near)
    assert not {"Ann", "Bea"} & set(near)
    office.house.away("ann", substitute="bea", starts_on=date(2026, 12, 1), ends_on=date(2027, 1, 6))
    assert "Bea" in names(choices(office, "ann").receivers)


def test_nobody_known_takes_over_from_somebody_without_a_role(office: Desk) -> None:
    assert choices(office, "olle", giver="nobody").receivers == ()
