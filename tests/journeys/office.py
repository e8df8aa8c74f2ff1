"""The office of the journeys: everybody who has a part in them, spoken to over HTTP alone.

Two departments under one university: STAT owns agreements, HIST sends students on its
places. Everybody in a department is named by unit and role ("stat.coordinator"), whoever
serves the whole university by role alone ("officer"). Only the cast and the partner are
put in place beforehand; whatever happens afterwards is asked for as a client would.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from adapters.memory import MemoryChannel
from engine.catalogue import Catalogue
from service.app import create_app
from service.compose import build
from service.settings import Environment, Settings
from tests.service import office as offices
from tests.service.office import INSTITUTION

__all__ = ["HIST", "INSTITUTION", "STAT", "Office", "Words", "at", "in_one_unit", "open_office", "student"]

STAT, HIST = "STAT", "HIST"
STOCKHOLM = ZoneInfo("Europe/Stockholm")
BEGINS = "2027-01-11 09:00"
"""A Monday, in Stockholm's wall time; every story begins then, or moves on from it."""

IN_EACH_UNIT: dict[str, str | None] = {
    "coordinator": "coordinator",
    "deputy": None,
    "reviewer": "reviewer",
    "second": "reviewer",
    "head": "head",
    "recogniser": "recogniser",
    "signatory": "signatory",
}
"""Who works in a department, and in which role; the deputy holds none until a story gives one."""

FOR_ALL = ("officer", "admissions", "auditor", "admin")
PARTNER = {"name": "Universität Musterstadt", "email": "partner@example.org", "language": "en"}
EVIDENCE = "mejl / mail"

Words = tuple[str, str]
"""Who was told, and by which message."""


def local(text: str) -> datetime:
    """An instant, written in Stockholm's wall time."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


def at(instant: str) -> str:
    """An instant the API gave, as Stockholm's wall time to the minute."""
    return datetime.fromisoformat(instant).astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M")


def in_one_unit(unit: str, role: str) -> str:
    """The name of whoever holds a role in a department."""
    return f"{unit.lower()}.{role}"


def student(name: str) -> dict[str, str]:
    """A student, whose address is the name in small letters; the office knows nobody yet."""
    return {"name": name, "email": f"{name.lower()}@example.org", "language": "sv"}


@dataclass
class Office(offices.Office):
    """The house with its cast. Every method but `tables` speaks HTTP."""

    partner: str = ""
    read_so_far: int = field(default=0)

    # The clock and the mail.

    def move(self, to: str) -> int:
        """Put the clock there (Stockholm's wall time); the number of rungs that fired on the way."""
        return self._put_clock(local(to).isoformat())

    def let_things_happen(self) -> int:
        """Fire what is due now and deliver what is owed, the clock standing still; the rungs fired."""
        return self._put_clock(str(self.get("admin", "/clock").json()["now"]))

    def _put_clock(self, now: str) -> int:
        answer = self.ask("admin", "PUT", "/clock", {"now": now})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["fired"])

    def mails(self) -> list[str]:
        """To whom mails went since this was asked before, as "NAME: SUBJECT", in order of names."""
        channel = self.house.outbox.channel
        assert isinstance(channel, MemoryChannel)
        new = channel.messages[self.read_so_far :]
        self.read_so_far = len(channel.messages)
        return sorted(f"{mail.to_address.partition('@')[0]}: {mail.subject}" for mail in new)

    # Cases.

    def open(
        self, who: str, workflow: str, unit: str, facts: Mapping[str, Any], *, subject: Any = None, **links: str
    ) -> str:
        """Open a case; its id."""
        body = {"workflow": workflow, "unit": unit, "subject": subject, "facts": facts, "links": links}
        answer = self.post(who, "/cases", body)
        assert answer.status_code == 201, answer.text
        assert answer.headers["ETag"] == '"1"'
        return str(answer.json()["case"]["id"])

    def read(self, case: str, who: str = "officer") -> dict[str, Any]:
        """The case as somebody sees it now."""
        answer = self.get(who, f"/cases/{case}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def do(
        self,
        who: str,
        case: str,
        trigger: str,
        fields: Mapping[str, Any] | None = None,
        *,
        reason: str | None = None,
        on_behalf_of: str | None = None,
    ) -> dict[str, Any]:
        """Take a step in the version that was just read; its event."""
        answer = self.try_to(who, case, trigger, fields, reason=reason, on_behalf_of=on_behalf_of)
        assert answer[0] == 200, answer
        event: dict[str, Any] = answer[2]["event"]
        return event

    def refused(
        self,
        who: str,
        case: str,
        trigger: str,
        fields: Mapping[str, Any] | None = None,
        *,
        reason: str | None = None,
        on_behalf_of: str | None = None,
    ) -> tuple[int, list[str]]:
        """Try a step that is refused: the status, and the codes of the reasons."""
        status, codes, _ = self.try_to(who, case, trigger, fields, reason=reason, on_behalf_of=on_behalf_of)
        assert status >= 400, f"{trigger} was not refused"
        return status, codes

    def try_to(
        self,
        who: str,
        case: str,
        trigger: str,
        fields: Mapping[str, Any] | None = None,
        *,
        reason: str | None = None,
        on_behalf_of: str | None = None,
    ) -> tuple[int, list[str], dict[str, Any]]:
        """Ask for a step: the status, the codes of what is said against it, and the whole answer."""
        body = {"trigger": trigger, "fields": fields or {}, "reason": reason}
        if on_behalf_of:
            body |= {"on_behalf_of": on_behalf_of, "evidence": EVIDENCE}
        match = f'"{self.read(case)["version"]}"'
        answer = self.post(who, f"/cases/{case}/transitions", body, if_match=match)
        said: dict[str, Any] = answer.json()
        return answer.status_code, [reason["code"] for reason in said.get("reasons", ())], said

    # What became of them.

    def state(self, case: str) -> str:
        """Where the case stands."""
        return str(self.read(case)["state"])

    def facts(self, case: str, *names: str) -> Any:
        """The facts of these names, in order; one alone by itself."""
        known = self.read(case)["facts"]
        values = tuple(known[name] for name in names)
        return values[0] if len(values) == 1 else values

    def due(self, case: str) -> dict[str, str | None]:
        """The last day of each deadline that is still to come, by name; None while it rests."""
        coming = [each for each in self.read(case)["deadlines"] if each["status"] in {"running", "paused"}]
        return {each["name"]: each["due_on"] for each in coming}

    def deadline(self, case: str, name: str) -> dict[str, Any]:
        """One deadline of the case."""
        found: dict[str, Any] = next(each for each in self.read(case)["deadlines"] if each["name"] == name)
        return found

    def events(self, case: str) -> list[dict[str, Any]]:
        """The history, oldest first."""
        items: list[dict[str, Any]] = self.get("officer", f"/cases/{case}/events").json()["items"]
        return items

    def last(self, case: str) -> dict[str, Any]:
        """What happened last."""
        return self.events(case)[-1]

    def path(self, case: str) -> list[str]:
        """The states the case went through, from the first."""
        return [each["to"] for each in self.events(case) if each["from"] != each["to"]]

    def rungs(self, case: str) -> list[tuple[str, str, str]]:
        """Every rung that fired: deadline, rung, and the instant it was due at."""
        return [(e["deadline"], e["rung"], at(e["due_at"])) for e in self.events(case) if e["rung"]]

    def told(self, case: str, sequence: int | None = None) -> list[Words]:
        """Whom an event of the case (the last, if none is named) owed a message, in order of names."""
        wanted = sequence or self.read(case)["version"]
        subject = self.read(case)["subject"]
        rows = [row for row in self._outbox() if (row["case"], row["sequence"]) == (case, wanted)]
        return sorted((self._called(row["recipient"], subject), row["template"]) for row in rows)

    def _outbox(self) -> Iterator[dict[str, Any]]:
        path: str | None = "/outbox?limit=200"
        while path:
            page = self.get("officer", path).json()
            yield from page["items"]
            path = page["next_cursor"] and f"/outbox?limit=200&cursor={page['next_cursor']}"

    def _called(self, recipient: str, subject: str | None) -> str:
        kind, _, key = recipient.partition(":")
        if kind != "person":
            return kind
        names = {person: name for name, person in self.ids.items()}
        return "student" if key == subject else names[key]

    def verify(self, *cases: str) -> None:
        """Replay each history: it says nothing but the truth."""
        for case in cases:
            said = self.get("auditor", f"/cases/{case}/verification").json()
            assert said["ok"], said


@contextmanager
def open_office(url: str, processes: Catalogue) -> Iterator[Office]:
    """Build the house over a migrated database under its test clock, and bring in the cast."""
    settings = Settings(database_url=url, institution=INSTITUTION, environment=Environment.TEST, test_clock=True)
    house = build(settings, catalogue=processes, channel=MemoryChannel())
    try:
        app = create_app(house)
        office = Office(house, app, offices.Still())
        _bring_in(office)
        office.move(BEGINS)
        yield office
        app.state.committer.close()
    finally:
        house.close()


def _bring_in(office: Office) -> None:
    directory = office.house.directory
    with directory.change(INSTITUTION, by="installation", what="cast") as change:
        change.unit(INSTITUTION, name_sv="Umeå universitet", name_en="Umeå University", mailbox="io@example.org")
        for role in FOR_ALL:
            office.ids[role] = change.person(email=f"{role}@example.org", name=role.title(), language="en").id
            change.member(office.ids[role], role, INSTITUTION)
        for unit, sv, en in ((STAT, "Statistik", "Statistics"), (HIST, "Historia", "History")):
            change.unit(unit, name_sv=sv, name_en=en, parent=INSTITUTION, mailbox=f"{unit.lower()}@example.org")
            for part, held in IN_EACH_UNIT.items():
                name = in_one_unit(unit, part)
                office.ids[name] = change.person(email=f"{name}@example.org", name=name.title(), language="en").id
                if held is not None:
                    change.member(office.ids[name], held, unit)
            change.mandate(office.ids[in_one_unit(unit, "signatory")], "sign_agreement", unit)
        office.partner = change.partner(**PARTNER)[0].id
    for name, person in office.ids.items():
        office.tokens[name] = directory.issue_token(INSTITUTION, person)
