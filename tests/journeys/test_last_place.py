"""One place is left, and sixteen students are offered it in the same moment: one gets it.

On PostgreSQL by sixteen processes, each with a house of its own; on SQLite by sixteen threads.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from engine.catalogue import Catalogue
from tests.journeys import agreements, exchanges, racers
from tests.journeys.agreements import IN, OUT
from tests.journeys.office import Office, open_office
from tests.journeys.racers import Answer, Turn

EVERYBODY = 16
REFUSED: Answer = (409, ("no_place_left",))


def test_sixteen_processes_offer_the_last_place_and_one_succeeds(postgresql_url: str, processes: Catalogue) -> None:
    with open_office(postgresql_url, processes) as office:
        agreement, cases = one_place_and_everybody_ranked(office)

        answers = racers.together(offers(office, cases))

        the_last_place_was_given_once(office, agreement, cases, answers)
        the_next_in_line_is_offered_it_once(office, agreement, cases)


def test_sixteen_threads_offer_the_last_place_and_one_succeeds(desk: Office) -> None:
    agreement, cases = one_place_and_everybody_ranked(desk)
    line = threading.Barrier(EVERYBODY, timeout=racers.LONGEST_WAIT)

    def ask(turn: Turn) -> Answer:
        line.wait()
        return racers.ask(desk, "stat.coordinator", turn)

    with ThreadPoolExecutor(EVERYBODY) as threads:
        answers = list(threads.map(ask, offers(desk, cases)))

    the_last_place_was_given_once(desk, agreement, cases, answers)
    the_next_in_line_is_offered_it_once(desk, agreement, cases)


def one_place_and_everybody_ranked(office: Office) -> tuple[str, list[str]]:
    """An agreement with a single place out, and sixteen students ranked for it."""
    agreement = agreements.in_force(office, rows=[{**OUT, "places": 1}, IN])
    cases = [exchanges.applies(office, agreement, name=f"Student{number}") for number in range(EVERYBODY)]
    for case in cases:
        exchanges.ranked(office, case)
    return agreement, cases


def offers(office: Office, cases: list[str]) -> list[Turn]:
    """An offer to each, in the version it now has."""
    url, token = office.house.settings.database_url, office.tokens["stat.coordinator"]
    return [Turn(url, token, case, office.read(case)["version"], "offer") for case in cases]


def the_last_place_was_given_once(office: Office, agreement: str, cases: list[str], answers: list[Answer]) -> None:
    """One is offered the place; the others are told that none is left, and stay as they were."""
    assert sorted(answers) == [(200, ()), *[REFUSED] * (EVERYBODY - 1)]
    winner = cases[answers.index((200, ()))]
    assert agreements.holders(office, agreement) == [winner]
    assert [e["kind"] for e in office.events(agreement)].count("place_taken") == 1
    for case in cases:
        assert office.state(case) == ("offered" if case == winner else "ranked")
        assert office.last(case)["trigger"] == ("offer" if case == winner else "rank")
    office.verify(agreement, *cases)


def the_next_in_line_is_offered_it_once(office: Office, agreement: str, cases: list[str]) -> None:
    """The winner withdraws; three workers look at the reserve list at once, and its first is offered it."""
    winner = agreements.holders(office, agreement)[0]
    waiting = [case for case in cases if case != winner][:4]
    for number, case in enumerate(reversed(waiting), 1):
        exchanges.on_reserve(office, case, number)
    office.do("stat.coordinator", winner, "withdraw", on_behalf_of="student")
    assert agreements.holders(office, agreement) == []

    workers = [threading.Thread(target=office.house.ticker.tick) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    office.let_things_happen()

    first = waiting[-1]
    assert agreements.holders(office, agreement) == [first]
    assert [e["party"] for e in office.events(first) if e["trigger"] == "offer"] == ["clock"]
    assert [office.state(case) for case in waiting[:-1]] == ["reserve"] * 3
    office.verify(agreement, *waiting)
