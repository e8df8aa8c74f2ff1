"""Messages: in the reader's language, with every blank filled in, and by a way that reaches somebody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from engine.canonical import instant, micros
from engine.catalogue import Catalogue
from engine.checks.words import PLACEHOLDERS
from engine.definition import define
from engine.errors import DeliveryFailed
from engine.model import Correct
from engine.pieces import written_day
from engine.ports import Message
from engine.store.owed_rows import OwedRow
from engine.store.store import Store
from engine.tables import Table
from engine.vocabulary import MessageText, Role, Tell, Text
from engine.writing import Writer
from tests.databases import Databases
from tests.engine.house import CATALOGUE, INSTITUTION, local
from tests.engine.house_workflows import SOURCE, STAY
from tests.engine.posts import Post, open_post
from tests.workflows.fitting import prepare
from tests.workflows.town import CATALOGUE as OFFICE
from tests.workflows.town import Town
from tests.workflows.walking import Walk

EVERYTHING = " | ".join(f"{name}={{{name}}}" for name in sorted(PLACEHOLDERS))
TELLING = replace(
    STAY,
    states=tuple(
        replace(state, subject_label=Text("Svara nu", "Answer now")) if state.name == "offered" else state
        for state in STAY.states
    ),
    transitions=tuple(
        replace(step, tells=(Tell("welcome", Role.COORDINATOR),)) if step.reason_required else step
        for step in STAY.transitions
    ),
    messages=tuple(
        replace(text, body=Text(EVERYTHING, EVERYTHING)) if text.name != "reminder" else text
        for text in STAY.messages
    ),
)
"""The stay, with messages that say all there is to say, and a state that students read otherwise."""
TOLD = Catalogue(tuple(define(TELLING, SOURCE) if each.name == "stay" else each for each in CATALOGUE.now))
PARTNER = "00000000-0000-7000-8000-0000000000aa"


@contextmanager
def telling(url: str) -> Iterator[Post]:
    with open_post(url, catalogue=TOLD) as post:
        yield post


def offered(post: Post, **facts: Any) -> str:
    return post.house.stay_in("offered", post.house.contract(), **facts)


def went_to(post: Post, address: str) -> Message:
    post.outbox.deliver_all()
    return next(m for m in reversed(post.channel.messages) if m.to_address == address)


def said(message: Message) -> dict[str, str]:
    line = next(line for line in message.text.splitlines() if line.casefold().startswith("assignee="))
    found = dict(part.split("=", 1) for part in line.split(" | "))
    return {name.casefold(): value for name, value in found.items()}


def test_every_blank_is_filled_in(sqlite_url: str) -> None:
    with telling(sqlite_url) as post:
        case = offered(post, note="north")
        number = post.house.case(case).number
        assert said(went_to(post, "stina@example.com")) == {
            "assignee": "–",
            "days_late": "0 arbetsdagar",
            "due_on": "–",
            "name": "Stina Student",
            "number": number,
            "partner": "–",
            "reason": "–",
            "state": "Svara nu",
            "title": "Stay 2027/2028 ready",
            "unit": "Enhet",
            "url": f"http://127.0.0.1:8000/cases/{number}",
        }


def test_staff_read_the_offices_label_and_students_and_partners_their_own(sqlite_url: str) -> None:
    with telling(sqlite_url) as post:
        post.put("partner", id=PARTNER, name="Keio", folded_name="keio", email="io@keio.example", language="en")
        offered(post, partner_id=PARTNER)
        assert said(went_to(post, "stina@example.com"))["state"] == "Svara nu"
        assert said(went_to(post, "io@keio.example"))["state"] == "Answer now"
        assert said(went_to(post, "ann@x.se"))["state"] == "offered på svenska"


def test_a_partner_is_named_by_the_register_and_written_to_in_its_language(sqlite_url: str) -> None:
    with telling(sqlite_url) as post:
        post.put("partner", id=PARTNER, name="Keio", folded_name="keio", email="io@keio.example", language="en")
        offered(post, partner_id=PARTNER)
        message = went_to(post, "io@keio.example")
        assert (message.language, message.subject, message.to_name) == ("en", "To the partner", "Keio")
        assert said(message)["partner"] == "Keio"
        assert message.text.startswith("Dear Keio,\n\n")
        assert message.text.endswith("Kind regards\nFärdplan\n")


def test_a_partner_without_address_is_written_to_through_the_units_mailbox(sqlite_url: str) -> None:
    with telling(sqlite_url) as post:
        post.put("partner", id=PARTNER, name="Keio", folded_name="keio", language="en")
        offered(post, partner_id=PARTNER)
        message = went_to(post, "a@x.se")
        assert message.language == "sv"
        assert "Partnern Keio har ingen e-postadress i registret. Skicka gärna detta vidare:" in message.text


def test_a_language_nobody_here_writes_is_answered_in_english(sqlite_url: str) -> None:
    with telling(sqlite_url) as post:
        post.put("partner", id=PARTNER, name="Keio", folded_name="keio", email="io@keio.example", language="ja")
        offered(post, partner_id=PARTNER, starts_on="2027-08-30")
        assert said(went_to(post, "io@keio.example"))["due_on"] == "Mon 30 Aug 2027"


def test_the_days_that_are_late_are_working_days(sqlite_url: str) -> None:
    with telling(sqlite_url) as post:
        post.house.open()
        post.house.clock.at = local("2027-01-04 08:00")
        post.ticker.tick()
        late = said(went_to(post, "hedda@x.se"))
        # Due on Monday 28 December; since then the 29th, the 30th and 4 January.
        assert (late["due_on"], late["days_late"]) == ("mån 28 dec 2026", "3 arbetsdagar")


def test_what_is_told_is_the_case_as_it_is_when_the_mail_goes(sqlite_url: str) -> None:
    with telling(sqlite_url) as post:
        case = offered(post, note="north")
        post.house.ask(Correct({"note": "south"}, "put right"), "olle", case)
        assert said(went_to(post, "stina@example.com"))["title"] == "Stay 2027/2028 south"


def test_a_reason_that_was_written_is_passed_on(sqlite_url: str) -> None:
    with telling(sqlite_url) as post:
        case = post.house.stay_in("proposed")
        post.outbox.deliver_all()
        post.house.take(case, "send_back", by="hedda", reason="more words")
        assert said(went_to(post, "ann@x.se"))["reason"] == "more words"


def test_what_one_person_is_late_with_stands_in_one_mail(sqlite_url: str) -> None:
    with telling(sqlite_url) as post:
        numbers = [post.house.case(post.house.open()).number for _ in range(3)]
        post.house.clock.at = local("2026-12-28 08:00")
        post.ticker.tick()
        message = went_to(post, "ann@x.se")
        assert message.subject == "3 ärenden väntar på dig"
        assert message.text.startswith("Hej Ann!\n\nDet här är försenat eller ska snart vara klart:\n\n1. Påminnelse\n")
        assert all(number in message.text for number in numbers)


def test_a_person_who_was_erased_is_not_written_to(sqlite_url: str) -> None:
    with telling(sqlite_url) as post:
        offered(post)
        person = Table.metadata.tables["person"]
        with post.house.store.writes() as connection:
            gone = {"name": None, "email": None}
            connection.execute(sa.update(person).where(person.c.email == "stina@example.com").values(gone))
        post.outbox.deliver_all()
        states = {row["template"]: row["state"] for row in post.house.rows("outbox", state="dead")}
        assert states == {"offered": "dead"}


def test_the_next_day_is_the_next_the_recipient_works(sqlite_url: str) -> None:
    with open_post(sqlite_url) as post:
        case = post.house.open()
        post.house.away("ann", starts_on=date(2026, 12, 28), ends_on=date(2026, 12, 29))
        writer = post.outbox.renderer
        rows = [owed(case, recipient, "reminder") for recipient in ("person:ann", "person:arne", "unit:a")]
        letters = writer.look_up(rows, local("2026-12-23 08:00"))
        asked = [letters.next_day(row) for row in rows]
        # Christmas lies between.
        assert [instant(at) for at in asked] == [
            local("2026-12-30 07:30"), local("2026-12-28 07:30"), local("2026-12-28 07:30")
        ]  # fmt: skip


def owed(case: str, recipient: str, template: str, institution: str = INSTITUTION) -> OwedRow:
    return OwedRow(institution, "key", case, 1, recipient, template, None, False, 0, 0, 0)


@pytest.mark.parametrize("day", [(date(2027, 3, 1), "mån 1 mars 2027", "Mon 1 Mar 2027")])
def test_days_are_written_as_people_write_them(day: tuple[date, str, str]) -> None:
    assert (written_day(day[0], "sv"), written_day(day[0], "en")) == day[1:]


def test_a_case_or_message_that_is_gone_is_not_written(sqlite_url: str) -> None:
    with open_post(sqlite_url) as post:
        case, writer = post.house.open(), post.outbox.renderer
        now = post.house.clock.at
        gone, old = owed("gone", "person:ann", "reminder"), owed(case, "person:ann", "of_old")
        letters = writer.look_up([gone], now)
        assert letters.write([gone]) is None
        letters = writer.look_up([old], now)
        with pytest.raises(DeliveryFailed, match="no message of_old any more"):
            letters.write([old])


@pytest.fixture(scope="module")
def offices(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Walk]]:
    """One case of every workflow file, in a town each, with somebody who reads English."""
    prepare()
    store = Store(databases.sqlite(tmp_path_factory.mktemp("writing") / "towns.db"))
    walks = {}
    for name in OFFICE.names:
        walk = walks[name] = Walk(Town(store), name)
        walk.begin(Random(1))
        with store.writes() as connection:
            row = {"id": "eve", "name": "Eve", "email": "eve@example.com", "language": "en"}
            insert = sa.insert(Table.metadata.tables["person"])
            connection.execute(insert.values(institution=walk.town.name, created_at=micros(walk.town.clock.at), **row))
    yield walks
    store.close()


@pytest.mark.parametrize(
    ("workflow", "text"),
    [(name, text) for name in OFFICE.names for text in OFFICE.current(name).workflow.messages],
    ids=lambda value: value.name if isinstance(value, MessageText) else value,
)
def test_every_message_of_every_workflow_can_be_written_in_both_languages(
    offices: dict[str, Walk], workflow: str, text: MessageText
) -> None:
    walk = offices[workflow]
    writer = Writer(walk.town.store, OFFICE, "http://127.0.0.1:8000", "fardplan@x.se")
    for person, language in ((walk.town.people[0], "sv"), ("eve", "en")):
        row = owed(walk.focus, f"person:{person}", text.name, walk.town.name)
        message = writer.look_up([row], walk.town.clock.at).write([row])
        assert message is not None
        assert (message.language, "{" in message.subject + message.text) == (language, False)
        assert ("/cases/" in message.text) == ("{url}" in getattr(text.body, language))
