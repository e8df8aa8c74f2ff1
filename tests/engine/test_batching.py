"""Many steps at once come to what they come to one by one: to the byte, in every table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.batching import AT_ONCE
from engine.canonical import chain
from engine.errors import BadFields, Busy, CaseNotFound, StaleCase, TransitionNotAllowed, WorkflowFault
from engine.model import Assign, Comment, Erase, ErasureReason, Key, Open, Outcome, Request, Take, Tie
from tests.databases import Databases
from tests.engine.batches import ALREADY_DRAWN, Street, of, street
from tests.engine.house import INSTITUTION, STINA, CountedIds, House, held_by, open_house

INDEPENDENT = 30


@pytest.fixture(scope="module")
def on_sqlite(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with street(databases.sqlite(tmp_path_factory.mktemp("batches") / "batches.db")) as made:
        yield made


@pytest.fixture(scope="module")
def on_postgresql(databases: Databases) -> Iterator[Street]:
    with databases.postgresql() as url, street(url) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def on_both(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(f"on_{request.param}")


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as made:
        yield made


# The law.


def hold(street: Street, requests: list[Request]) -> list[Any]:
    """The two roads come to the same; what each request led to."""
    alone = street.tried(street.one_by_one, requests)
    together = street.tried(street.house.cases.steps_in, requests)
    assert together[0] == alone[0]
    assert together[1] == alone[1]
    return list(together[0])


def lists(street: Street) -> st.SearchStrategy[list[Request]]:
    return st.lists(st.one_of(street.asks(), street.likely()), min_size=6, max_size=30)


@settings(max_examples=50)
@given(data=st.data())
def test_a_batch_is_what_its_steps_are_one_by_one_on_sqlite(on_sqlite: Street, data: st.DataObject) -> None:
    hold(on_sqlite, data.draw(lists(on_sqlite)))


@settings(max_examples=8)
@given(data=st.data())
def test_a_batch_is_what_its_steps_are_one_by_one_on_postgresql(on_postgresql: Street, data: st.DataObject) -> None:
    hold(on_postgresql, data.draw(lists(on_postgresql)))


# What is hard about it.


def test_a_step_that_leads_beyond_what_was_read_is_read_for_anew(on_both: Street) -> None:
    old, lonely = on_both.cases[0], on_both.cases[8]
    asked = [of(lonely, Tie("contract", old), "olle"), of(lonely, Take("propose", {"note": "now"}), "ann")]
    done = hold(on_both, [*asked, of(lonely, Comment("third"), "ann")])
    assert [outcome.sequence for outcome in done] == [2, 3, 4]


def test_the_last_place_is_given_once_in_a_batch(on_both: Street) -> None:
    waiting = on_both.cases[4:6]
    new = on_both.cases[1]
    held = Request(INSTITUTION, Open("stay", "a", STINA, {}, (("contract", new),)), "ann")
    done = hold(on_both, [held, held, *(of(stay, Take("offer"), "olle") for stay in waiting)])
    assert [isinstance(each, Outcome) for each in done[:2]] == [True, True]


def test_a_number_is_known_to_the_step_that_writes_it_down(on_both: Street) -> None:
    """The report that is opened when a stay ends names the stay by its number."""
    nth = CountedIds(ALREADY_DRAWN).new(on_both.house.clock.at)
    opened = Request(INSTITUTION, Open("stay", "a", STINA, {}, (("contract", on_both.cases[1]),)), "ann")
    road = ("propose", "approve", "offer", "accept", "finish")
    done = hold(on_both, [opened, *(on_both.step(nth, trigger) for trigger in road)])
    assert [outcome.sequence for outcome in done] == [1, 2, 3, 4, 5, 6]


def test_what_takes_rows_away_is_the_same_among_other_steps(on_both: Street) -> None:
    old, done = on_both.cases[0], on_both.cases[9]
    report = on_both.cases[10]
    hold(
        on_both,
        [
            of(report, Take("file"), "ann"),
            of(done, Comment("before", ("unit:a",)), "ann"),
            of(old, Take("carry_over"), "olle"),
            of(done, Erase(ErasureReason.REQUEST), "adam"),
            of(done, Comment("after"), "ann"),
            of(report, Erase(ErasureReason.REQUEST), "adam"),
            of(old, Take("carry_over"), "olle"),
        ],
    )


def test_a_case_that_goes_to_and_fro_has_been_in_its_state_since_it_came_back(on_both: Street) -> None:
    stay = on_both.cases[2]
    done = hold(on_both, [of(stay, Take(trigger)) for trigger in ("ask", "receive", "take", "ask")])
    assert [outcome.sequence for outcome in done] == [3, 4, 5, 6]


def test_a_key_used_twice_and_a_person_opened_twice(on_both: Street) -> None:
    opens = Open("stay", "a", STINA, {}, ())
    keyed = Request(INSTITUTION, opens, "ann", key=Key("once", "f"))
    done = hold(on_both, [keyed, keyed, Request(INSTITUTION, opens, "ann")])
    assert [outcome.replayed for outcome in done] == [False, True, False]
    assert done[0].case_id == done[1].case_id != done[2].case_id
    assert done[0].case.subject == done[2].case.subject


# Alone in what fails.


def test_each_is_alone_in_its_failure(house: House) -> None:
    stays = [house.open() for _ in range(4)]
    done = house.cases.steps(
        [
            of(stays[0], Take("take")),
            of(stays[1], Take("receive")),
            of(stays[2], Take("take"), "bea"),
            of(stays[0], Assign("arne"), expected=1),
            Request(INSTITUTION, Open("nothing", "a", None, {}), "ann"),
            of(stays[3], Comment("kept")),
        ]
    )
    assert [type(each) for each in done] == [
        Outcome, TransitionNotAllowed, CaseNotFound, StaleCase, BadFields, Outcome,
    ]  # fmt: skip
    assert [house.case(stay).version for stay in stays] == [2, 1, 1, 2]


def test_a_fault_in_a_file_concerns_the_step_that_meets_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    stays = [house.open() for _ in range(3)]

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("engine.decide.comment", broken)
    done = house.cases.steps([of(stays[0], Take("take")), of(stays[1], Comment("x")), of(stays[2], Take("take"))])
    assert [type(each) for each in done] == [Outcome, WorkflowFault, Outcome]


class Overtaken:
    """Lets something happen just before the first commit."""

    def __init__(self) -> None:
        self.overtake: Any = None

    def pass_by(self, name: str) -> None:
        if name == "before_commit" and self.overtake is not None:
            overtake, self.overtake = self.overtake, None
            overtake()


def test_only_the_step_that_somebody_overtook_is_decided_anew(postgresql_url: str) -> None:
    seams = Overtaken()
    with open_house(postgresql_url, seams=seams) as house:
        stays = [house.open() for _ in range(4)]
        seams.overtake = lambda: house.ask(Comment("meanwhile"), "arne", stays[2])
        done = house.cases.steps([of(stay, Take("take"), expected=1) for stay in stays])
        assert [type(each) for each in done] == [Outcome, Outcome, StaleCase, Outcome]
        assert [house.case(stay).version for stay in stays] == [2, 2, 2, 2]


def test_what_cannot_be_written_stops_itself_alone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    stays = [house.open() for _ in range(3)]
    with house.store.step() as ledger:
        kind = type(ledger)
    together = kind.write_together

    def refusing(self: Any, decisions: Any) -> Any:
        together(self, decisions)
        raise Busy("one of them cannot be written")

    monkeypatch.setattr(kind, "write_together", refusing)
    with house.store.transaction() as ledger:
        done = house.cases.steps_in(ledger, [of(stay, Comment("once")) for stay in stays])
    assert [each.sequence for each in done if isinstance(each, Outcome)] == [2, 2, 2]
    assert [house.kinds(stay) for stay in stays] == [["opened", "commented"]] * 3


# How much it takes.


def test_a_batch_on_sqlite_is_one_commit(sqlite_url: str) -> None:
    with open_house(sqlite_url) as house:
        stays = [house.open() for _ in range(INDEPENDENT)]
        said: list[str] = []
        writer = house.store._writer
        assert writer is not None
        writer.set_trace_callback(said.append)
        done = house.cases.steps([of(stay, Take("take")) for stay in stays])
        assert [outcome.sequence for outcome in done if isinstance(outcome, Outcome)] == [2] * INDEPENDENT
        assert said.count("COMMIT") == 1
        # Each row is written by itself; everything else is asked once for all of them.
        written = [each for each in said if each.startswith(("INSERT", "UPDATE"))]
        assert len(said) - len(written) < 15


def test_a_batch_on_postgresql_is_two_round_trips(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_house(postgresql_url) as house:
        stays = [house.open() for _ in range(INDEPENDENT)]
        with house.store.step() as ledger:
            kind: Any = type(ledger)
        asked: list[str] = []
        row = kind._row

        def counted(*given: Any) -> Any:
            asked.append("asked")
            return row(*given)

        monkeypatch.setattr(kind, "_row", counted)
        done = house.cases.steps([of(stay, Take("take")) for stay in stays])
        assert [outcome.sequence for outcome in done if isinstance(outcome, Outcome)] == [2] * INDEPENDENT
        assert len(asked) == 2


def test_more_steps_than_go_at_once_are_one_chain(sqlite_url: str) -> None:
    with open_house(sqlite_url) as house:
        contract = house.contract()
        asked = [of(contract, Comment(f"number {n}"), "olle") for n in range(AT_ONCE + 20)]
        done = house.cases.steps(asked)
        assert [each.sequence for each in done if isinstance(each, Outcome)] == list(range(2, AT_ONCE + 22))
        events = house.events(contract)
        assert all(chain(event["body"], event["previous"]) == event["hash"] for event in events)
        assert held_by(house, contract) == []
