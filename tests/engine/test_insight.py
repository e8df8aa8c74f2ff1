"""The register of agreements and the balance: everybody sees theirs, and each number lists its cases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from engine.balances import Terms
from engine.errors import BadFields, CaseNotFound
from engine.insight import Counted, Selection
from engine.vocabulary import Direction, Level
from tests.engine.agreements_by_hand import (
    KTH,
    Desk,
    agreement,
    desk,
    ending,
    exchange,
    held,
    nomination,
    real_catalogue,
    renewal,
    row,
)
from tests.engine.house import INSTITUTION


@pytest.fixture
def office(database_url: str) -> Iterator[Desk]:
    with desk(database_url) as opened:
        yield opened


def listed(office: Desk, counted: Counted, person: str = "olle") -> list[str]:
    """The ids of the cases a number counts, as an address with its selection would list them."""
    selection = Selection.read(counted.selection.pairs())
    found = [case.id for case in office.insight.listed(INSTITUTION, person, selection, limit=500).items]
    assert len(found) == counted.count
    return sorted(found)


def titles(office: Desk, person: str = "olle", **narrowed: object) -> list[str]:
    page = office.insight.agreements(INSTITUTION, person, **narrowed)  # type: ignore[arg-type]  # each test gives what fits
    return [each.case.title for each in page.items]


def test_what_the_register_reads_are_facts_that_agreements_declare() -> None:
    declared = real_catalogue().current("agreement").workflow.facts.model_fields
    assert set(Terms.model_fields) <= set(declared)


def test_a_row_of_the_register_tells_terms_places_and_renewal(office: Desk) -> None:
    known = agreement(
        partner=KTH, valid_to=date(2027, 6, 30), held=[held("out1", semesters=2), held("out2", year="2027/2028")]
    )
    office.write(known, exchange("out1"), exchange("out2"), renewal("ren"))
    (found,) = office.insight.agreements(INSTITUTION, "ann").items
    out, incoming = found.conditions
    assert (found.partner, found.partner_name, found.valid_from) == (KTH, "KTH", date(2024, 7, 1))
    assert (found.ends_on, found.expiring, found.year) == (date(2027, 6, 30), True, 2026)
    assert (out.direction, out.places, out.taken, out.left) == (Direction.OUTGOING, 4, 2, 2)
    assert (incoming.taken, incoming.left, incoming.cases.count) == (0, 2, 0)
    assert found.renewal is not None
    assert (found.renewal.id, found.renewal.label.en) == ("ren", "Due")
    assert listed(office, out.cases) == ["out1"]


def test_another_year_has_other_places_left(office: Desk) -> None:
    office.write(agreement(held=[held("out1"), held("out2", year="2027/2028")]), exchange("out1"), exchange("out2"))
    found = office.insight.agreement(INSTITUTION, "olle", "kth", year=2027)
    assert (found.conditions[0].taken, found.conditions[0].left) == (1, 3)
    assert listed(office, found.conditions[0].cases) == ["out2"]


def test_only_those_who_may_read_an_agreement_find_it(office: Desk) -> None:
    office.write(agreement(), agreement("lund", unit="b"))
    assert titles(office, "ann") == ["kth"]
    assert titles(office, "bea") == ["lund"]
    assert titles(office, "ada") == ["kth", "lund"]
    assert titles(office, "stranger") == []
    with pytest.raises(CaseNotFound):
        office.insight.agreement(INSTITUTION, "bea", "kth")


def test_the_register_is_searched_and_narrowed(office: Desk) -> None:
    office.write(agreement("kth", partner=KTH), agreement("lund", unit="b"), agreement("oslo", state="drafted"))
    assert titles(office, q="LUN") == ["lund"]
    assert titles(office, q="lund oslo") == []
    assert titles(office, partner=KTH) == ["kth"]
    assert titles(office, unit=("b",)) == ["lund"]
    assert titles(office, state=("drafted",)) == ["oslo"]


def test_what_ends_within_twelve_months_is_told_from_the_rest(office: Desk) -> None:
    office.write(
        agreement("last_day", valid_to=date(2027, 12, 21)),
        agreement("a_day_later", valid_to=date(2027, 12, 22)),
        agreement("no_end"),
        agreement("notice", state="notice_given", deadlines=(ending("notice", date(2027, 5, 1)),)),
        agreement("ended", state="expired", valid_to=date(2026, 6, 30)),
    )
    assert titles(office, expiring=True) == ["last_day", "notice"]
    assert titles(office, expiring=False) == ["a_day_later", "ended", "no_end"]
    told = {each.case.title: each.expiring for each in office.insight.agreements(INSTITUTION, "olle").items}
    assert sorted(title for title, near in told.items() if near) == ["last_day", "notice"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("title", ["alpha", "Beta", "gamma"]),
        ("number", ["alpha", "Beta", "gamma"]),
        ("ends", ["gamma", "alpha", "Beta"]),
        ("-ends", ["Beta", "alpha", "gamma"]),
    ],
)
def test_pages_of_the_register_go_on_where_the_last_one_ended(office: Desk, sort: str, order: list[str]) -> None:
    office.write(
        agreement("c1", title="gamma", valid_to=date(2027, 1, 1)),
        agreement("b2", title="alpha", valid_to=date(2029, 1, 1)),
        agreement("b3", title="Beta"),
    )
    shown, cursor = [], None
    for _ in range(3):
        page = office.insight.agreements(INSTITUTION, "olle", sort=sort, cursor=cursor, limit=1)
        shown += [each.case.title for each in page.items]
        cursor = page.next_cursor
    assert (shown, cursor) == (order, None)


def test_a_page_is_only_good_in_the_order_it_was_cut_in(office: Desk) -> None:
    office.write(agreement("one"), agreement("two"))
    page = office.insight.agreements(INSTITUTION, "olle", limit=1)
    with pytest.raises(BadFields):
        office.insight.agreements(INSTITUTION, "olle", sort="ends", cursor=page.next_cursor)
    with pytest.raises(BadFields):
        office.insight.agreements(INSTITUTION, "olle", sort="colour")


def test_an_open_renewal_goes_before_a_later_closed_one(office: Desk) -> None:
    office.write(agreement(), renewal("open1"), renewal("shut", "renewed"))
    (found,) = office.insight.agreements(INSTITUTION, "olle").items
    assert found.renewal is not None
    assert found.renewal.id == "open1"


def test_the_register_asks_the_same_few_statements_however_long_it_is(office: Desk) -> None:
    office.write(*(agreement(f"a{n}") for n in range(12)))
    with office.statements() as asked:
        assert len(office.insight.agreements(INSTITUTION, "olle").items) == 12
    # The version of the organisation, the page, links, renewals; deadlines are asked of the driver itself, unheard.
    assert len(asked) == 4


def students(office: Desk) -> None:
    """Two bachelors and a master out, one bachelor in; somebody else goes out from the other unit."""
    places = [held("out1"), held("out2", semesters=2), held("out3"), held("in1", "in")]
    office.write(
        agreement(held=places),
        exchange("out1"),
        exchange("out2"),
        exchange("out3", level="master"),
        nomination("in1"),
        agreement("lund", unit="b", held=[held("out4")]),
        exchange("out4", under="lund"),
    )


def test_the_balance_counts_students_out_and_in_by_year_and_level(office: Desk) -> None:
    students(office)
    found = office.insight.balance(INSTITUTION, "ann")
    bachelor, master, every = found.rows
    assert found.years == (2026,)
    assert [each.level for each in found.rows] == [Level.BACHELOR, Level.MASTER, None]
    assert (bachelor.outgoing.students.count, bachelor.incoming.students.count, bachelor.imbalance) == (2, 1, 1)
    assert (bachelor.outgoing.semesters, bachelor.semesters) == (3, 2)
    assert (master.imbalance, every.imbalance) == (1, 2)
    assert [each.imbalance for each in found.totals] == [1, 1, 2]


def test_each_number_of_the_balance_lists_its_students(office: Desk) -> None:
    students(office)
    found = office.insight.balance(INSTITUTION, "olle")
    (kth,) = [each for each in found.rows if each.agreement and each.agreement.id == "kth" and each.level is None]
    assert listed(office, kth.outgoing.students) == ["out1", "out2", "out3"]
    assert listed(office, kth.incoming.students) == ["in1"]
    assert listed(office, found.totals[-1].outgoing.students) == ["out1", "out2", "out3", "out4"]
    for line in (*found.rows, *found.totals):
        listed(office, line.outgoing.students)
        listed(office, line.incoming.students)


def test_the_balance_of_others_agreements_is_not_there(office: Desk) -> None:
    students(office)
    found = office.insight.balance(INSTITUTION, "bea")
    assert [each.outgoing.students.count for each in found.totals] == [1, 1]
    assert office.insight.balance(INSTITUTION, "stranger").rows == ()


def test_the_balance_is_narrowed_to_years_and_agreements(office: Desk) -> None:
    students(office)
    assert office.insight.balance(INSTITUTION, "olle", years=(2030,)).years == ()
    found = office.insight.balance(INSTITUTION, "olle", agreements=("lund",))
    assert {each.agreement.id for each in found.rows if each.agreement} == {"lund"}


def test_the_balance_asks_three_statements_however_many_students_there_are(office: Desk) -> None:
    students(office)
    with office.statements() as asked:
        office.insight.balance(INSTITUTION, "olle")
    # The version of the organisation, the agreements, who holds places under them.
    assert len(asked) == 3


def test_a_holder_whose_facts_were_erased_is_counted_without_a_level(office: Desk) -> None:
    office.write(agreement(held=[held("gone")]), exchange("gone"))
    with office.house.store.writes() as connection:
        connection.exec_driver_sql("UPDATE case_record SET facts = '{}' WHERE id = 'gone'")
    (every,) = office.insight.balance(INSTITUTION, "olle").totals
    assert (every.level, every.outgoing.students.count) == (None, 1)


def test_an_agreement_says_as_many_conditions_as_it_has(office: Desk) -> None:
    rows = [row("out", levels=["master"], fields=["0613"], months=5), row("in", "incoming", 0)]
    office.write(agreement(rows=rows))
    out, _ = office.insight.agreement(INSTITUTION, "olle", "kth").conditions
    assert (out.levels, out.fields, out.months) == ((Level.MASTER,), ("0613",), 5)
