"""Reports for internal audit as JSON and as CSV, alike from a page, the API and the command line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from adapters.exports import Cell, Column, csv_file
from engine.canonical import instant
from engine.organisation import Organisation
from engine.reports.index import Filter, Line, Report
from engine.reports.shape import Code, Moment, Person, UnitOf, Value
from engine.vocabulary import Role, Text
from service.pages.codes import code_words
from service.pages.saying import Speech

NOBODYS: Final[Mapping[str, Text]] = {
    "clock": Text("klockan", "the clock"),
    "import": Text("en inläst fil", "an imported file"),
    "installation": Text("installationen", "the installation"),
}
"""Parties that are no people."""

ERASED: Final = Text("(raderad)", "(erased)")
EVENTS: Final = Text("Händelser", "Events")


# For people.


def said(  # noqa: PLR0911 - one answer a kind
    speech: Speech, organisation: Organisation, value: Value
) -> str:
    """A value in the reader's words; nothing where there is none."""
    match value:
        case None:
            return ""
        case bool():
            return speech.say("ja", "yes") if value else speech.say("nej", "no")
        case int():
            return speech.number(value)
        case Moment(at):
            return speech.moment(at)
        case date():
            return speech.day(value)
        case Role():
            return speech.role(value)
        case tuple():
            return ", ".join(speech.text(each) for each in value)
        case _:
            return str(_cell(speech, organisation, value) or "")


def csv_of(report: Report, lines: Iterable[Line], speech: Speech, organisation: Organisation) -> Iterator[bytes]:
    """A report as CSV, in pieces; its last column names the events of each line as NUMBER/SEQUENCE."""
    columns = [Column(speech.text(column.label)) for column in report.columns]
    rows = (
        [*(_cell(speech, organisation, line.values.get(column.name)) for column in report.columns), _events(line)]
        for line in lines
    )
    return csv_file([*columns, Column(speech.text(EVENTS))], rows)


def _events(line: Line) -> str:
    return ", ".join(f"{event.number}/{event.sequence}" for event in line.events)


def _cell(  # noqa: PLR0911 - one answer a kind
    speech: Speech, organisation: Organisation, value: Value
) -> Cell:
    match value:
        case bool() | Role() | tuple():
            return said(speech, organisation, value)
        case Text():
            return speech.text(value)
        case Moment(at):
            there: datetime = speech.local(at)
            return there.replace(tzinfo=None, microsecond=0)
        case Person(who, name):
            return speech.text(NOBODYS.get(who)) or name or speech.text(ERASED)
        case UnitOf(code):
            row = organisation.units.get(code)
            return code if row is None else speech.text(Text(row.name_sv, row.name_en))
        case Code(kind, name):
            return speech.text(code_words(kind, name))
        case _:
            return value


# For programs.


def line_as_json(line: Line) -> dict[str, Any]:
    """A line for a program: values by column, texts in both languages, the events it rests on."""
    found: dict[str, Any] = {
        "values": {name: _plain(value) for name, value in line.values.items()},
        "events": [{"case": event.case, "number": event.number, "sequence": event.sequence} for event in line.events],
    }
    return found if line.version is None else {**found, "organisation_version": line.version}


def _plain(value: Value) -> Any:  # noqa: PLR0911 - one answer a kind
    match value:
        case Text(sv, en):
            return {"sv": sv, "en": en}
        case tuple():
            return [_plain(each) for each in value]
        case Moment(at):
            return instant(at).isoformat(timespec="seconds")
        case Person(who, name):
            return {"id": who, "name": name}
        case UnitOf(code):
            return code
        case Code(_, name):
            return name
        case date():
            return value.isoformat()
        case _:
            return value


def json_of(report: Report, narrowed: Filter, lines: Iterable[Line]) -> Iterator[bytes]:
    """A report as one JSON object, a line of it a line of text, in pieces."""
    asked = {name: value for name, value in _asked(narrowed).items() if value is not None}
    opening = {"report": report.name, "about": _plain(report.about), "filter": asked}
    yield (json.dumps(opening, ensure_ascii=False)[:-1] + ', "lines": [').encode()
    between = "\n"
    for line in lines:
        yield (between + json.dumps(line_as_json(line), ensure_ascii=False)).encode()
        between = ",\n"
    yield b"\n]}\n"


def _asked(narrowed: Filter) -> dict[str, str | None]:
    return {
        "since": narrowed.since.isoformat() if narrowed.since else None,
        "until": narrowed.until.isoformat() if narrowed.until else None,
        "unit": narrowed.unit,
        "workflow": narrowed.workflow,
        "kind": narrowed.kind,
    }
