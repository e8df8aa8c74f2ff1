"""What must hold of every answer, whatever was asked."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.fuzzing.asgi import PATIENCE, Answered, Asked
from tests.fuzzing.outside import Outside
from tests.fuzzing.universities import LUND, MARK, Universities, institution_of, mark
from tests.journeys.office import INSTITUTION

NOTED: Final = frozenset({"session", "token", "case_reading", "case_presence"})
"""What may be written where nothing was asked to change: who was here, and what they read."""

PROBLEM: Final = "application/problem+json"
FIELDS: Final = ("type", "title", "status", "detail", "code", "current_state", "reasons", "request_id")
ALWAYS: Final = {"x-content-type-options": "nosniff", "x-frame-options": "DENY"}
_BEARS_A_SECRET: Final = re.compile(r"/(feeds|in)/")
PACKED: Final = frozenset({"application/zip", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"})


@dataclass(frozen=True)
class Marks:
    """Whose each mark is: a case, a student, or a whole university."""

    cases: Mapping[str, str]
    students: Mapping[str, tuple[str, str]]
    universities: Mapping[str, str]

    @classmethod
    def of(cls, made: Universities, outside: Outside) -> Marks:
        """Read off the marks, and the people who bear them."""
        named = [name for name in made.cases if not name.startswith("a ")]
        students = {mark(f"student of {name}"): outside.people(mark(f"student of {name}")) for name in named}
        return cls(
            {mark(name): made.cases[name] for name in named},
            {each: people[0] for each, people in students.items() if people},
            {mark(LUND): LUND, mark(INSTITUTION): INSTITUTION},
        )


@dataclass(frozen=True)
class Judge:
    """Judges answers. `admins` may look people up without reading cases."""

    made: Universities
    marks: Marks
    outside: Outside

    def wrongs(self, asked: Asked, answered: Answered) -> list[str]:
        """Everything wrong with one answer; nothing if all holds. To be asked right after it came."""
        touched = self.outside.touched()
        return [
            *_failed(answered),
            *_headers(answered),
            *(_problem(answered) if asked.target.startswith("/api/") else _page(answered)),
            *self._leaks(asked, answered),
            *_changed(asked, answered, touched),
        ]

    def _leaks(self, asked: Asked, answered: Answered) -> Iterator[str]:
        # Who has the secret address of a calendar or a sign-in link is let in by it, whoever they are.
        if _BEARS_A_SECRET.match(asked.path):
            return
        seen = "\n".join((*(f"{name}: {value}" for name, value in answered.headers), text_of(answered)))
        for found in sorted(set(MARK.findall(seen))):
            why = self._not_theirs(asked, found)
            if why:
                yield f"leak: {asked.who} saw the mark {found} of {why}"

    def _not_theirs(self, asked: Asked, found: str) -> str | None:
        """Of what the mark is, where whoever asks may not see it."""
        institution = institution_of(asked.who)
        me = (institution, self.made.people.get(asked.who, ""))
        if asked.door == "none":
            return "something, not being signed in"
        if found in self.marks.universities:
            of = self.marks.universities[found]
            return None if of == institution else of
        readers = self.outside.readers
        if found in self.marks.cases:
            case = self.marks.cases[found]
            # A lent place is called by its host: once tied to another agreement, by that agreement's partner.
            theirs = (case, *self.outside.called(found))
            return None if any(me in readers.get(each, ()) for each in theirs) else f"case {case}"
        of, student = self.marks.students.get(found, ("", ""))
        if of == institution and asked.who in {"admin", "lund.admin"}:
            return None
        about = self.outside.cases_of(student)
        return None if of == institution and any(me in readers.get(case, ()) for case in about) else f"person {student}"


def text_of(answered: Answered) -> str:
    """The body as text; what is packed is unpacked. Of a PDF only what stands in it unpacked."""
    if answered.media in PACKED and answered.body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answered.body)) as package:
            return "\n".join(package.read(name).decode("utf-8", "replace") for name in package.namelist())
    return answered.body.decode("utf-8", "replace")


def _failed(answered: Answered) -> Iterator[str]:
    if answered.status >= 500 or not answered.status:
        yield f"status {answered.status}"
    if answered.seconds > PATIENCE:
        yield f"slow: {answered.seconds:.0f} s"


def _headers(answered: Answered) -> Iterator[str]:
    names = dict(answered.headers)
    if any("\r" in value or "\n" in value for value in names.values()):
        yield "header: a line end in a value"
    for name, value in ALWAYS.items():
        if names.get(name) != value:
            yield f"header: no {name}"
    if not names.get("x-request-id"):
        yield "header: no x-request-id"
    leads = names.get("location", "/")
    if not leads.startswith("/") or leads.startswith(("//", "/\\")):
        yield f"leads away: {leads[:80]}"


def _page(answered: Answered) -> Iterator[str]:
    if answered.media == "text/html":
        if b"<script>alert(1)" in answered.body:
            yield "script: what was sent stands on the page as more than text"
        if not dict(answered.headers).get("content-security-policy"):
            yield "header: no content-security-policy"
    elif answered.status >= 400 and answered.media != PROBLEM:
        yield f"refusal: neither a page nor a problem, but {answered.media or 'nothing'}"


def _problem(answered: Answered) -> Iterator[str]:
    """Whether a refusal is as the contract has it (DESIGN 8, RFC 9457)."""
    if answered.status < 400:
        return
    if answered.media != PROBLEM:
        yield f"problem: the answer is {answered.media or 'nothing'}"
        return
    if not answered.body:
        # HEAD is answered by its head alone (RFC 9110 section 9.3.2).
        return
    told: dict[str, Any] = json.loads(answered.body)
    if list(told) != [name for name in FIELDS if name in told] or not {*FIELDS[:5], "request_id"} <= set(told):
        yield f"problem: its fields are {list(told)}"
        return
    if told["status"] != answered.status or told["type"] != f"urn:fardplan:problem:{told['code']}":
        yield f"problem: {answered.status} says {told['status']}, {told['type']}"
    for reason in told.get("reasons", ()):
        if set(reason) != {"code", "message", "who_can", "from_date"} or set(reason["message"]) != {"sv", "en"}:
            yield f"problem: a reason is {reason}"
    owed = {401: "www-authenticate", 429: "retry-after", 503: "retry-after", 405: "allow"}.get(answered.status)
    if owed and not answered.header(owed):
        yield f"problem: {answered.status} without {owed}"


def _changed(asked: Asked, answered: Answered, touched: frozenset[str]) -> Iterator[str]:
    wrote = sorted(touched - NOTED)
    if wrote and answered.status >= 400:
        yield f"refused ({answered.status}), and wrote {', '.join(wrote)}"
    elif wrote and asked.method in {"GET", "HEAD", "OPTIONS"}:
        yield f"only read, and wrote {', '.join(wrote)}"
