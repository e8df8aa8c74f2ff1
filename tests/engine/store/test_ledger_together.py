"""Many at once on the same cases, and how often PostgreSQL is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from engine.errors import GuardRefused, Refused, StaleCase
from engine.model import Comment, Key, NewPerson, Open, Request, Take, Tie
from engine.store.postgres import PostgresLedger
from tests.engine.house import INSTITUTION, STINA, House, open_house

THREADS = 16


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as made:
        yield made


def all_at_once(*steps: Callable[[], Any]) -> list[Any]:
    """What each gives, or the refusal it ended in; anything else is raised."""

    def one(step: Callable[[], Any]) -> Any:
        try:
            return step()
        except Refused as refusal:
            return refusal

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, steps))


def request(case: str, ask: Any, **more: Any) -> Request:
    return Request(INSTITUTION, ask, "ann", case=case, **more)


def test_no_step_is_lost_and_versions_are_linear(house: House) -> None:
    stay = house.open()
    wanted = [request(stay, Comment(str(number))) for number in range(3 * THREADS)]
    done = all_at_once(*(lambda r=r: house.cases.step(r) for r in wanted))
    assert sorted(each.sequence for each in done) == list(range(2, 2 + len(wanted)))
    assert [row["sequence"] for row in house.events(stay)] == list(range(1, 2 + len(wanted)))
    said = [house.detail(stay, sequence)["text"] for sequence in range(2, 2 + len(wanted))]
    assert sorted(map(int, said)) == list(range(len(wanted)))
    heads = [(row["previous"], row["hash"]) for row in house.events(stay)]
    assert [previous for previous, _ in heads[1:]] == [head for _, head in heads[:-1]]


def test_of_many_who_saw_the_same_version_one_gets_through(house: House) -> None:
    stay = house.open()
    step = request(stay, Take("propose", {"note": "x"}), expected=1)
    done = all_at_once(*[lambda: house.cases.step(step)] * THREADS)
    refused = [each for each in done if isinstance(each, Refused)]
    assert len(refused) == THREADS - 1
    assert {type(each) for each in refused} == {StaleCase}


def test_the_last_places_are_given_once(house: House) -> None:
    contract = house.contract(places=3)
    stays = [house.stay_in("waiting", contract) for _ in range(8)]
    steps = [Request(INSTITUTION, Take("offer"), "olle", case=stay) for stay in stays]
    done = all_at_once(*(lambda r=r: house.cases.step(r) for r in steps))
    refused = [each for each in done if isinstance(each, Refused)]
    assert [type(each) for each in refused] == [GuardRefused] * 5
    held = [each["case"] for each in house.case(contract).facts["held"]]
    assert sorted(held) == sorted(s for s in stays if house.case(s).state == "offered")
    assert len(held) == 3


def test_steps_over_crossed_links_do_not_block_each_other(house: House) -> None:
    one, other = house.open("contract", by="olle"), house.open("contract", by="olle")
    for source, target in ((one, other), (other, one)):
        house.ask(Tie("successor", target), "olle", source)
    for contract in (one, other):
        house.open(links={"contract": contract})
    steps = [
        Request(INSTITUTION, Take("carry_over"), "olle", case=case) for case in (one, other) * THREADS
    ]
    done = all_at_once(*(lambda r=r: house.cases.step(r) for r in steps))
    assert [each for each in done if isinstance(each, Refused)] == []
    for case in (one, other):
        versions = [row["sequence"] for row in house.events(case)]
        assert versions == list(range(1, len(versions) + 1))


def test_numbers_stay_gapless_when_many_open_at_once(house: House) -> None:
    steps = [
        Request(INSTITUTION, Open("stay", "a", NewPerson("P", f"{n % 4}@example.com", "sv"), {}), "ann")
        for n in range(2 * THREADS)
    ]
    done = all_at_once(*(lambda r=r: house.cases.step(r) for r in steps))
    assert sorted(each.case.number for each in done) == [f"STA-2026-{n:04d}" for n in range(1, 2 * THREADS + 1)]
    assert len(house.rows("person")) == 4


def test_one_key_sent_many_times_at_once_is_done_once(house: House) -> None:
    step = Request(INSTITUTION, Open("stay", "a", STINA, {}), "ann", key=Key("k", "f"))
    done = all_at_once(*[lambda: house.cases.step(step)] * THREADS)
    assert {each.case_id for each in done} == {house.rows("case_record")[0]["id"]}
    assert sorted(each.replayed for each in done) == [False] + [True] * (THREADS - 1)


def test_transactions_of_many_steps_collide_without_losing_any(house: House) -> None:
    stays = [house.open() for _ in range(4)]

    def bulk(number: int) -> int:
        # In the order of their ids, as everybody takes cases who takes several: else they block.
        with house.store.transaction() as ledger:
            for stay in sorted(stays):
                house.cases.step_in(ledger, request(stay, Comment(str(number))))
            opened = Open("stay", "a", NewPerson("P", f"{number % 2}@example.com", "sv"), {})
            house.cases.step_in(ledger, Request(INSTITUTION, opened, "ann"))
        return number

    done = all_at_once(*(lambda n=n: bulk(n) for n in range(6)))
    assert done == list(range(6))
    assert [house.case(stay).version for stay in stays] == [7] * 4


class Overtaken:
    """Lets another step pass at every commit, so many times."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.overtake: Callable[[], Any] = lambda: None

    def pass_by(self, name: str) -> None:
        if name == "before_commit" and self.left:
            self.left -= 1
            self.overtake()


@pytest.mark.parametrize("times", [1, 3, 4])
def test_who_is_overtaken_again_and_again_waits_under_locks_and_gets_through(
    postgresql_url: str, times: int
) -> None:
    seams = Overtaken(times=0)
    with open_house(postgresql_url, seams=seams) as house:
        stay = house.open()

        def beside() -> None:
            left, seams.left = seams.left, 0
            house.ask(Comment("meanwhile"), "ann", stay)
            seams.left = left

        seams.left, seams.overtake = times, beside
        done = house.take(stay, "take")
        assert done.sequence == times + 2
        assert house.case(stay).assignee == "ann"


# Round trips.


@pytest.fixture
def warm(postgresql_url: str) -> Iterator[House]:
    with open_house(postgresql_url) as made:
        yield made


def round_trips(house: House, step: Request, trace: Path) -> int:
    """How often the server says it is ready while one step is taken."""
    raw = house.store._steps.raw_connection()
    connection: Any = raw.driver_connection
    with trace.open("w") as file:
        connection.pgconn.trace(file.fileno())
        try:
            house.cases._tried(PostgresLedger(connection), step, 1)
        finally:
            connection.pgconn.untrace()
            raw.close()
    return trace.read_text().count("ReadyForQuery")


def test_a_step_is_two_round_trips(warm: House, tmp_path: Path) -> None:
    stay = warm.open()
    for _ in range(8):
        warm.take(stay, "take")
        warm.take(stay, "release")
    assert round_trips(warm, request(stay, Take("take")), tmp_path / "trace") == 2
    assert warm.case(stay).assignee == "ann"


def test_a_step_with_linked_cases_is_two_round_trips(warm: House, tmp_path: Path) -> None:
    contract = warm.contract(places=50)
    for _ in range(8):
        warm.stay_in("offered", contract)
    stay = warm.stay_in("waiting", contract)
    step = Request(INSTITUTION, Take("offer"), "olle", case=stay)
    assert round_trips(warm, step, tmp_path / "trace") == 2
    assert len(warm.case(contract).facts["held"]) == 9


def test_a_step_that_moves_all_cases_under_it_is_two_round_trips(warm: House, tmp_path: Path) -> None:
    trips, stays = [], []
    for _ in range(8):
        contract = warm.contract()
        stays += [warm.open(links={"contract": contract}) for _ in range(3)]
        step = Request(INSTITUTION, Take("end"), "olle", case=contract)
        trips.append(round_trips(warm, step, tmp_path / "trace"))
    assert trips[-1] == 2
    assert {warm.case(stay).state for stay in stays} == {"withdrawn"}
