"""The demo office: played once a run on SQLite (the processes of a run share it), a smaller one on PostgreSQL."""

from __future__ import annotations

import asyncio
import collections
import csv
import gzip
import itertools
import json
import os
import pickle
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from engine.catalogue import Catalogue
from engine.errors import BadFields
from engine.fitness import replay_own
from engine.logs import Logs, Span
from engine.model import Case
from engine.ruling import Ruling
from engine.store.event_rows import Written
from engine.store.narrowing import CaseFilter
from engine.vocabulary import Role, Text
from service.app import create_app
from service.compose import House, build
from service.demo import NotEmpty, NoTestClock, Office, is_empty, open_office, welcome_back
from service.demo import office as demo_office
from service.demo.again import VISITED
from service.demo.cast import hire
from service.demo.held import SeededIds
from service.demo.names import students
from service.demo.partners import PARTNERS
from service.demo.script import Script
from service.demo.stage import Life, Overtaken, Stage
from service.demo.year import FIRST_DAY, STANDS_AT, TODAY
from service.settings import Environment, Settings
from tests.databases import Databases

UMU = "umu.se"
SMALL = 60
FLOWS = Path(__file__).parents[3] / "shared" / "data" / "erasmus" / "hei_flows_2018_sweden.csv.gz"


def settings(url: str, folder: Path, *, test_clock: bool = True) -> Settings:
    return Settings(database_url=url, environment=Environment.DEMO, test_clock=test_clock, mailbox=folder / "mailbox")


@contextmanager
def a_house(url: str, folder: Path, catalogue: Catalogue, *, test_clock: bool = True) -> Iterator[House]:
    house = build(settings(url, folder, test_clock=test_clock), catalogue=catalogue)
    try:
        yield house
    finally:
        house.close()


@dataclass
class Demo:
    """A demo office that has been opened, and its house. Tests read it; who writes takes a copy."""

    house: House
    office: Office
    folder: Path
    _histories: dict[str, list[Written]] = field(default_factory=dict)

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        with self.house.store.reads() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query), values)]

    def cases(self, **narrowed: Any) -> list[Case]:
        officer = self.as_role(Role.OFFICER)
        found: list[Case] = []
        cursor = None
        while True:
            page = self.house.queries.list_cases(
                UMU, officer, narrowed=CaseFilter(**narrowed), sort="number", cursor=cursor, limit=200
            )
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                return found

    def history(self, case: str) -> list[Written]:
        if case not in self._histories:
            self._histories[case] = self.house.history.events(UMU, case)
        return self._histories[case]

    def as_role(self, role: Role) -> str:
        return next(visitor.id for visitor in self.office.visitors if role in visitor.roles)

    def sight(self, name: str) -> str:
        return next(sight.case for sight in self.office.sights if sight.name == name)


@pytest.fixture(scope="session")
def played(databases: Databases, processes: Catalogue) -> Path:
    """The folder of the one big demo office; whichever process of the run comes first plays it."""
    folder = databases.folder / "demo"
    with databases._once("demo") as first:
        if first:
            folder.mkdir()
            with a_house(databases.sqlite(folder / "demo.db"), folder, processes) as house:
                (folder / "office").write_bytes(pickle.dumps(open_office(house)))
    return folder


@pytest.fixture(scope="session")
def demo(played: Path, processes: Catalogue) -> Iterator[Demo]:
    office: Office = pickle.loads((played / "office").read_bytes())
    with a_house(f"sqlite:///{played / 'demo.db'}", played, processes) as house:
        yield Demo(house, office, played)


@pytest.fixture
def copy(played: Path, tmp_path: Path, processes: Catalogue) -> Iterator[Demo]:
    """The demo office for a test that changes it."""
    # By SQLite itself: another process of tests may have it open, and put its log into the file at any time.
    with closing(sqlite3.connect(played / "demo.db")) as whole, closing(sqlite3.connect(tmp_path / "demo.db")) as own:
        whole.backup(own)
    office: Office = pickle.loads((played / "office").read_bytes())
    with a_house(f"sqlite:///{tmp_path / 'demo.db'}", tmp_path, processes) as house:
        yield Demo(house, office, tmp_path)


# What there is.


def test_about_five_hundred_cases_in_all_five_workflows_went_as_they_were_meant_to(demo: Demo) -> None:
    assert demo.office.faults == ()
    assert set(demo.office.cases) == set(demo.house.catalogue.names)
    assert len(demo.house.catalogue.names) == 5
    assert 450 <= sum(demo.office.cases.values()) <= 560
    assert sum(demo.office.cases.values()) == len(demo.cases())


def test_every_rule_holds_on_every_history_and_every_step_fits_its_process(demo: Demo) -> None:
    house = demo.house
    ruling, organisation = Ruling(house.cases), house.directory.organisation(UMU)
    for name in house.catalogue.names:
        tallies = ruling.all(UMU, organisation, name)
        assert (tallies.cases, tallies.broken) == (demo.office.cases[name], 0)
        definition, traces = house.catalogue.current(name), Logs(house.store).traces(UMU, Span(workflow=(name,)))
        assert [each.case for each in traces if replay_own(definition, each).departures] == []


def test_at_least_four_fifths_of_each_workflows_states_have_been_visited(demo: Demo) -> None:
    seen = collections.defaultdict[str, set[str]](set)
    for case in demo.cases():
        seen[case.workflow] |= {event.body["to"] for event in demo.history(case.id)}
    for name in demo.house.catalogue.names:
        states = set(demo.house.catalogue.current(name).states)
        assert len(seen[name]) >= 0.8 * len(states), sorted(states - seen[name])


def test_nearly_every_trigger_has_been_taken_by_somebody(demo: Demo) -> None:
    taken = {(event.body["trigger"]) for case in demo.cases() for event in demo.history(case.id)}
    triggers = {t for name in demo.house.catalogue.names for t in demo.house.catalogue.current(name).by_trigger}
    assert len(taken & triggers) >= 0.95 * len(triggers), sorted(triggers - taken)


def test_people_stand_in_every_role_and_their_tokens_are_good(demo: Demo) -> None:
    for visitor in demo.office.visitors:
        caller = demo.house.directory.authenticate(visitor.token)
        assert caller is not None
        assert (caller.institution, caller.person) == (UMU, visitor.id)
    staff = set(Role) - {Role.STUDENT, Role.PARTNER, Role.CLOCK}
    assert {role for visitor in demo.office.visitors for role in visitor.roles} == staff


def test_the_clock_stands_on_the_demos_own_day(demo: Demo) -> None:
    calendar = demo.house.directory.organisation(UMU).calendar(UMU)
    assert demo.house.clock.now() == calendar.at(TODAY, STANDS_AT)
    assert TODAY.isoweekday() == 1
    assert (TODAY - FIRST_DAY).days <= 400


# What is to be seen.


def test_some_reviews_are_overdue(demo: Demo) -> None:
    overdue = demo.cases(workflow=("eligibility_review",), overdue=True)
    assert len(overdue) >= 3
    assert {case.state for case in overdue} <= {"requested", "under_review", "ineligible_proposed", "eligible"}


def test_expiring_agreements_have_renewals_at_every_stage(demo: Demo) -> None:
    expiring = {case.id for case in demo.cases(workflow=("agreement",), state=("expiring",))}
    renewals = demo.cases(workflow=("agreement_renewal",))
    assert len(expiring) >= 5
    assert expiring & {case.link("agreement") for case in renewals if case.closed_at is None}
    assert len({case.state for case in renewals}) >= 5


def test_when_a_borrowed_place_was_given_up_both_units_were_told_at_once(demo: Demo) -> None:
    case = next(case for case in demo.cases(state=("withdrawn",)) if case.id == demo.sight("borrowed_withdrawn"))
    owner = next(each for each in demo.cases(workflow=("agreement",)) if each.id == case.link("agreement"))
    event = next(event for event in demo.history(case.id) if event.body["trigger"] == "withdraw")
    told = {recipient for _, recipient, _ in event.body["told"]}
    assert owner.unit != case.unit
    organisation = demo.house.directory.organisation(UMU)
    for unit in (owner.unit, case.unit):
        assert told & {f"person:{person}" for person in organisation.nearest(Role.COORDINATOR, unit, TODAY)}


def test_the_clock_gave_a_freed_place_to_the_first_on_the_reserve_list(demo: Demo) -> None:
    triggers = [event.body["trigger"] for event in demo.history(demo.sight("offered_from_reserve"))]
    offer = next(e for e in demo.history(demo.sight("offered_from_reserve")) if e.body["trigger"] == "offer")
    assert triggers[triggers.index("place_on_reserve") + 1] == "offer"
    assert (offer.body["party"], offer.body["cause"] is not None) == ("clock", True)


def test_a_deviation_and_reopened_decisions_stand_in_the_histories(demo: Demo) -> None:
    kinds = {event.body["kind"] for event in demo.history(demo.sight("recognised_anew"))}
    triggers = {event.body["trigger"] for event in demo.history(demo.sight("deviation"))}
    assert "reopened" in kinds
    assert "depart_with_deviation" in triggers
    assert "reopened" in {event.body["kind"] for event in demo.history(demo.sight("reconsidered"))}


def test_somebody_works_part_time_and_somebody_is_on_leave(demo: Demo) -> None:
    absences = demo.house.directory.organisation(UMU).absences
    part_time = [each for each in absences if each.weekdays]
    on_leave = [each for each in absences if each.weekdays is None and each.takes(TODAY)]
    assert (len(part_time), len(on_leave)) == (1, 1)
    assert all(each.substitute for each in absences)


def test_the_substitute_of_who_is_on_leave_was_handed_the_review(demo: Demo) -> None:
    away = next(each for each in demo.house.directory.organisation(UMU).absences if each.weekdays is None)
    handed = [event for event in demo.history(demo.sight("handed_over")) if "hand_over" in str(event.body.get("rung"))]
    assert [event.body["assignee"] for event in handed] == [away.substitute]
    assert handed[0].body["party"] == "clock"


# That it is real.


def test_every_history_replays_to_the_case_that_is_stored(demo: Demo) -> None:
    replay = demo.house.replay()
    wrong = [verdict for case in replay.cases(UMU) if not (verdict := replay.case(UMU, case)).ok]
    assert wrong == []


def test_the_doctor_finds_nothing_impossible_in_it(demo: Demo) -> None:
    assert demo.house.doctor.all(UMU).found == []


def test_only_people_and_the_clock_acted_but_for_agreements_that_were_in_force_before(demo: Demo) -> None:
    for case in demo.cases():
        for event in demo.history(case.id):
            body = event.body
            if body["party"] == "import":
                assert (case.workflow, body["kind"], body["to"]) == ("agreement", "opened", "active")
            elif body["party"] == "clock":
                assert body["role"] in {"clock", None}


def test_what_students_and_partners_did_was_entered_with_evidence(demo: Demo) -> None:
    events = [event for case in demo.cases() for event in demo.history(case.id) if event.body["cause"] is None]
    entered = [event for event in events if event.body["on_behalf_of"]]
    assert {event.body["on_behalf_of"] for event in entered} == {"student", "partner"}
    for event in entered:
        assert event.detail is not None
        assert json.loads(event.detail)["evidence"].startswith("e-post")


def test_nobody_acted_while_away(demo: Demo) -> None:
    organisation = demo.house.directory.organisation(UMU)
    calendar = organisation.calendar(UMU)
    for case in demo.cases(workflow=("eligibility_review",)):
        for event in demo.history(case.id):
            day = calendar.day_at(event.body["at"])
            assert organisation.works_on(event.body["party"], day)


def test_every_address_in_the_office_is_one_that_leads_nowhere(demo: Demo) -> None:
    found = demo.rows("SELECT email FROM person UNION ALL SELECT email FROM partner UNION ALL SELECT mailbox FROM unit")
    assert len(found) > 300
    assert all(address is None or address.endswith(".example.org") for (address,) in found)


def test_letters_of_the_last_weeks_lie_in_the_mailbox_and_none_is_dead(demo: Demo) -> None:
    letters = [path.name[:10] for path in (demo.folder / "mailbox").glob("*.eml")]
    assert letters
    assert min(letters) >= (TODAY - timedelta(days=40)).isoformat()
    assert demo.rows("SELECT count(*) FROM outbox WHERE state = 'dead'") == [(0,)]


# What a visitor is told.


def test_the_words_name_every_visitor_and_every_sight(demo: Demo) -> None:
    words = demo.office.words
    assert "Monday 8 March 2027" in words
    for visitor in demo.office.visitors:
        assert visitor.token in words
    for sight in demo.office.sights:
        assert f"{sight.number} " in words
    assert len(demo.office.sights) == 10


def test_the_curl_line_can_be_taken_to_another_address(demo: Demo) -> None:
    assert "http://127.0.0.1:9000/api/v1/cases/" in demo.office.at("http://127.0.0.1:9000/").curl


def test_the_curl_line_really_advances_the_case(copy: Demo) -> None:
    before = next(case for case in copy.cases() if case.id == copy.office.first_step.case)
    answer = _sent(copy.house, copy.office.curl)
    assert answer.status_code == 200, answer.text
    assert (before.state, answer.json()["case"]["state"]) == ("requested", "under_review")
    assert answer.json()["case"]["assignee"] == copy.office.visitors[0].id


def test_who_comes_back_gets_tokens_that_are_good(copy: Demo) -> None:
    words = welcome_back(copy.house)

    tokens = [word for word in words.split() if word.startswith("fp_")]
    callers = [copy.house.directory.authenticate(token) for token in tokens]
    assert len(callers) == len(VISITED)
    assert all(callers)


def test_an_office_of_ones_own_is_given_no_tokens(sqlite_url: str, tmp_path: Path, processes: Catalogue) -> None:
    with a_house(sqlite_url, tmp_path, processes) as house:
        with house.directory.change(UMU, by="installation", what="people") as change:
            change.root()
            person = change.person(email="anna.ek@umu.se", name="Anna Ek", language="sv")
            change.member(person.id, "officer", UMU)

        assert "fp_" not in welcome_back(house)


def test_the_addresses_given_are_answered(copy: Demo) -> None:
    copy.house.ticker.tick()
    for url in copy.office.urls.values():
        # The pages' own address leads to where one chooses whom to be.
        assert asyncio.run(_call(copy.house, "GET", url, {}, None)).status_code in {200, 303, 503}


def _sent(house: House, curl: str) -> httpx.Response:
    """Send what a shell would make of the line."""
    words = shlex.split(curl.replace("\\\n", " "))
    assert words[:2] == ["curl", "-X"]
    headers = dict(word.split(": ", 1) for flag, word in itertools.pairwise(words) if flag == "-H")
    return asyncio.run(_call(house, words[2], words[3], headers, words[words.index("-d") + 1]))


async def _call(house: House, method: str, url: str, headers: dict[str, str], body: str | None) -> httpx.Response:
    transport = httpx.ASGITransport(create_app(house))
    async with httpx.AsyncClient(transport=transport) as client:
        return await client.request(method, url, content=body, headers=headers)


# That it is the same every time, anywhere.


def _told(demo: Demo) -> list[tuple[Any, ...]]:
    """Everything that happened, without what is drawn anew for secrecy."""
    return [
        (case.id, case.number, case.state, case.title, case.assignee, case.version, case.updated_at,
         [(e.body["kind"], e.body["trigger"], e.body["party"], e.body["at"]) for e in demo.history(case.id)])
        for case in demo.cases()
    ]  # fmt: skip


@pytest.fixture(scope="module")
def small(databases: Databases, processes: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("small")
    with a_house(databases.sqlite(folder / "one.db"), folder, processes) as house:
        yield Demo(house, open_office(house, cases=SMALL), folder)


def test_the_same_year_happens_on_both_databases(
    small: Demo, postgresql_url: str, tmp_path: Path, processes: Catalogue
) -> None:
    with a_house(postgresql_url, tmp_path, processes) as house:
        other = Demo(house, open_office(house, cases=SMALL), tmp_path)
        assert other.office.faults == ()
        replay = house.replay()
        assert _told(other) == _told(small)
        assert all(replay.case(UMU, case).ok for case in replay.cases(UMU))
        assert house.doctor.all(UMU).found == []


def test_a_small_office_still_shows_every_workflow(small: Demo) -> None:
    assert len(small.office.cases) == 5
    assert {"borrowed_withdrawn", "handed_over", "deviation"} <= {sight.name for sight in small.office.sights}


# When it is not to be opened.


def test_an_office_that_has_cases_is_not_opened_anew(small: Demo) -> None:
    assert not is_empty(small.house)
    with pytest.raises(NotEmpty):
        open_office(small.house)


def test_without_a_test_clock_nothing_is_opened(sqlite_url: str, tmp_path: Path, processes: Catalogue) -> None:
    with a_house(sqlite_url, tmp_path, processes, test_clock=False) as house:
        assert is_empty(house)
        with pytest.raises(NoTestClock):
            open_office(house)


def test_more_cases_than_there_are_places_for_are_refused(
    sqlite_url: str, tmp_path: Path, processes: Catalogue
) -> None:
    with a_house(sqlite_url, tmp_path, processes) as house, pytest.raises(ValueError, match="at most 800"):
        open_office(house, cases=801)


# The parts.


@pytest.mark.skipif(
    not FLOWS.exists() and os.environ.get("CI") != "true", reason="the real numbers are not beside this tree"
)
def test_the_partners_numbers_are_the_commissions_own() -> None:
    sent, received = collections.Counter[str](), collections.Counter[str]()
    with gzip.open(FLOWS, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["sending_erasmus_code"] == "S  UMEA01":
                sent[row["receiving_erasmus_code"]] += int(row["mobility_rows"])
            if row["receiving_erasmus_code"] == "S  UMEA01":
                received[row["sending_erasmus_code"]] += int(row["mobility_rows"])
    assert [(each.code, each.sent, each.received) for each in PARTNERS] == [
        (each.code, sent[each.code], received[each.code]) for each in PARTNERS
    ]
    assert len({each.code for each in PARTNERS}) == len(PARTNERS) == 46


def test_ids_from_one_seed_are_alike_and_of_version_seven(demo: Demo) -> None:
    now = demo.house.clock.now()
    one, other = SeededIds(7), SeededIds(7)
    drawn = [one.new(now) for _ in range(3)]
    assert drawn == [other.new(now) for _ in range(3)]
    assert len(set(drawn)) == 3
    assert all(len(each) == 36 and each[14] == "7" and each[19] in "89ab" for each in drawn)


def test_students_have_plainly_invented_names_and_addresses_of_their_own() -> None:
    some = [next(german) for german in [students("DE")] for _ in range(30)]
    assert len({each.email for each in some}) == 30
    assert {each.name.split()[-1] for each in some} == {"Mustermann-Beispiel", "Musterfrau"}


def test_a_refused_step_is_noted_and_ends_its_life_alone(sqlite_url: str, tmp_path: Path, processes: Catalogue) -> None:
    went_on: list[date] = []

    def refused() -> Life:
        yield 0
        raise BadFields(Text("nej", "no"))

    def goes_on(stage: Stage) -> Life:
        yield 1
        went_on.append(stage.today)

    with a_house(sqlite_url, tmp_path, processes) as house:
        stage = demo_office._stage(house, house.store)
        hire(stage.directory, UMU)
        script = Script(stage)
        stage.start(refused())
        stage.start(goes_on(stage))
        script.play(FIRST_DAY + timedelta(days=3), lambda _done, _whole: None)
    assert [fault.day for fault in script.faults] == [FIRST_DAY + timedelta(days=1)]
    assert went_on == [FIRST_DAY + timedelta(days=1)]


def test_a_step_that_is_not_offered_is_overtaken_and_nothing_happens(small: Demo) -> None:
    stage = demo_office._stage(small.house, small.house.store)
    closed = next(case for case in small.cases(workflow=("eligibility_review",)) if case.closed_at is not None)
    with small.house.store.transaction() as ledger:
        stage.at_work(ledger)
        with pytest.raises(Overtaken):
            stage.doer(closed.id, "take")


def test_between_the_sittings_nobody_acts(small: Demo) -> None:
    with pytest.raises(RuntimeError, match="between the sittings"):
        demo_office._stage(small.house, small.house.store).read(small.office.first_step.case)
