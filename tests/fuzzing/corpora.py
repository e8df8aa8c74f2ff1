"""Valid examples of everything that is read from outside: what the mutator starts from."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from adapters.eventlogs.csv_log import write_csv
from adapters.eventlogs.ocel_json import write_ocel_json
from adapters.eventlogs.ocel_sqlite import write_ocel_sqlite
from adapters.eventlogs.ocel_xml import write_ocel_xml
from adapters.eventlogs.xes import write_xes
from engine.eventlog import Held, LogEvent, LogHead, LogObject, LogType, Nested, ObjectEvent, ObjectLog, Relation, Trace
from tests.adapters.eventlogs.made import fixed
from tests.exports import archived, fresh
from tests.spreadsheets import row_of, workbook_parts, write_package

AT: Final = 1_800_000_000_000_000

LISTS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "partners": (
        ("name", "erasmus code", "pic", "oid", "ort", "land", "webb", "e-post", "eche start", "eche end", "priority"),
        ("Universität Wien", "A  WIEN01", "999866966", "E10209041", "Wien", "AT", "https://u.at", "m@u.at",
         "2021-03-01", "31.12.2029", "ja"),
    ),
    "units": (
        ("kod", "namn", "name", "överordnad", "e-post", "inställningar"),
        ("77", "Juridik", "Law", "umu.se", "law@example.org", '{"outgoing_exchange.low_season": true}'),
    ),
    "people": (
        ("e-post", "namn", "språk", "roller", "från", "till"),
        ("a@example.org", "Åsa Öberg", "svenska", "coordinator@STAT; reviewer@HIST", "2026-01-01", ""),
    ),
    "absences": (
        ("e-post", "från", "till", "veckodagar", "ersättare"),
        ("stat.reviewer@example.org", "11 januari 2027", "2027-02-01", "mån–ons", "stat.second@example.org"),
    ),
    "mandates": (
        ("e-post", "enhet", "slag", "från", "till"),
        ("stat.head@example.org", "STAT", "sign_agreement", "20270101", ""),
    ),
    "closing_days": (("enhet", "datum", "namn"), ("STAT", "2027-05-07", "Klämdag")),
    "agreements": (
        ("avtalsnummer", "enhet", "partner", "gäller från", "gäller till", "platser ut", "platser in", "nivå", "ämne"),
        ("W-1", "STAT", "Universität Musterstadt", "2021-01-01", "2031-12-31", "4", "4", "grundnivå, master", "0542"),
    ),
    "applications": (
        ("e-post", "namn", "enhet", "avtal", "läsår", "termin", "nivå", "poäng", "önskemål"),
        ("s@example.org", "Stina S", "STAT", "W-1", "2027/28", "HT2027", "bachelor", "90,5", "Wien; Oulu"),
    ),
    "nominations": (
        ("e-post", "namn", "enhet", "partner", "avtal", "termin", "nivå", "födelsedatum", "kön", "nationalitet"),
        ("n@example.org", "Lena N", "STAT", "Universität Musterstadt", "W-1", "autumn 2027", "master", "2001-02-03",
         "F", "DE"),
    ),
    "reviews": (
        ("e-post", "namn", "enhet", "kurs", "termin", "anmälningskod", "krav"),
        ("r@example.org", "Rut R", "STAT", "Statistik A", "HT2027", "UMU-12345", "Matematik 3c"),
    ),
}  # fmt: skip
"""A header and a row of each kind of list."""


def csv_of(kind: str) -> bytes:
    return "".join(f"{';'.join(row)}\n" for row in LISTS[kind]).encode()


def xlsx_of(kind: str) -> bytes:
    sheet = "".join(row_of(number, *row) for number, row in enumerate(LISTS[kind], start=1))
    strings = "<si><t>Delad</t></si>"
    cells = '<c r="A9" t="s"><v>0</v></c><c r="B9" s="1"><v>45000</v></c><c r="C9"><f>1+1</f><v>2</v></c>'
    parts = workbook_parts(f'{sheet}<row r="9">{cells}</row>', strings=strings, date_formats=[14])
    return _written(lambda path: write_package(path, parts), "a.xlsx")


def _written(write: Callable[[Path], Any], name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()


def tables() -> list[bytes]:
    """Every list as CSV, some of them in other spellings, and as workbooks."""
    plain = [csv_of(kind) for kind in LISTS]
    latin = [raw.decode().encode("cp1252") for raw in plain]
    wide = [raw.decode().encode("utf-16") for raw in plain[:2]]
    return [*plain, *latin, *wide, *(raw.replace(b";", b"\t") for raw in plain), b"\xef\xbb\xbf" + plain[0]]


def workbooks() -> list[bytes]:
    return [xlsx_of(kind) for kind in LISTS]


# Event logs.


def _traces() -> list[Trace]:
    nested: dict[str, Any] = {"unit": Nested("STAT", {"level": 2}), "list": (("a", 1), ("b", 2.5)), "yes": True}
    events = tuple(LogEvent(f"step {n}", AT + n, n, "ann", {"cost": n, "note": "å"}) for n in range(3))
    return [Trace("case 1", events, nested), Trace("case 2", (), {})]


def _objects() -> ObjectLog:
    types = (LogType("stay", (("note", "string"), ("places", "integer"), ("at", "time"))),)
    happened = (LogType("taken", (("cost", "float"), ("ok", "boolean"))),)
    objects = (LogObject("o0", "stay", (Held("note", 0, "å"), Held("places", AT, 3)), (Relation("o1", "of"),)),
               LogObject("o1", "stay", (), ()))  # fmt: skip
    events = (ObjectEvent("e0", "taken", AT, {"cost": 1.5, "ok": True}, (Relation("o0", "about"),)),)
    return fixed(types, happened, objects, events)


def xes_logs() -> list[bytes]:
    concept = ("Concept", "concept", "http://x/c")
    head = LogHead(attributes={"origin": "here"}, extensions=(concept,), classifiers={"name": ("concept:name",)})
    return [_written(lambda path: write_xes(path, head, _traces()), name) for name in ("a.xes", "a.xes.gz")]


def csv_logs() -> list[bytes]:
    def write(path: Path) -> None:
        write_csv(path, _traces()[:1], case_attributes=["yes"], event_attributes=["cost", "note"])

    other = b"case:concept:name;concept:name;time:timestamp\n1;a;2027-01-11 09:00\n2;b;2027-01-11T09:00:00Z\n"
    return [_written(write, "a.csv"), other]


def ocel_json_logs() -> list[bytes]:
    return [_written(lambda path: write_ocel_json(path, _objects()), "a.jsonocel")]


def ocel_xml_logs() -> list[bytes]:
    return [_written(lambda path: write_ocel_xml(path, _objects()), "a.xmlocel")]


def ocel_sqlite_logs() -> list[bytes]:
    return [_written(lambda path: write_ocel_sqlite(path, _objects()), "a.sqlite")]


# What auditors hold.


def papers() -> dict[str, bytes]:
    """A whole export, one of a few cases, their checkpoint and the key."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with archived(fresh(folder), folder, stays=3) as archive:
            whole = archive.papers()
            some = archive.papers("some.jsonl", only=_few(whole.export))
            return {
                "export": whole.export.read_bytes(), "some": some.export.read_bytes(),
                "checkpoint": some.checkpoint.read_bytes(), "key": whole.key.read_bytes(),
            }  # fmt: skip


def _few(export: Path) -> tuple[str, ...]:
    heads = (line for line in export.read_bytes().splitlines() if line.startswith(b'{"head":'))
    return tuple(sorted(json.loads(line)["head"]["case"] for line in heads)[:2])


# What browsers and programs send.


def queries() -> list[bytes]:
    told = [
        {"workflow": "agreement", "state": "drafted", "unit": "STAT", "q": "å ä", "sort": "-updated", "open": "open"},
        {"assignee": "me", "due": "overdue", "due_before": "2027-02-01", "waits": "me", "opened_from": "2026-01-01"},
        {"partner": "01900000-0000-7000-8000-000000000000", "link": "agreement", "pool": "1", "overdue": "1"},
    ]
    return [urlencode(each).encode() for each in told]


def bodies() -> list[bytes]:
    told: list[Any] = [
        {"workflow": "eligibility_review", "unit": "STAT", "subject": {"name": "Å", "email": "a@b.se"},
         "facts": {"course": "A", "requirements": [{"name": "B"}]}, "links": {"agreement": "x"}},
        {"trigger": "take", "fields": {"points": 1}, "reason": None, "on_behalf_of": "student", "evidence": "mejl"},
        {"cases": [{"id": "x", "version": 1}], "filter": None, "trigger": "take", "dry_run": True},
        {"filter": {"workflow": ["a", "b"], "overdue": True, "due_before": "2027-01-01"}, "trigger": "take"},
        {"text": "Hej", "to": ["person:1", "unit:STAT"]}, {"person": None}, {"now": "2027-01-11T09:00:00+01:00"},
    ]  # fmt: skip
    return [json.dumps(each).encode() for each in told]


def rulebooks() -> list[bytes]:
    return [
        b'response = [["A", "B"], ["A", "C", {within = 5, unit = "days"}]]\nexistence = ["A", ["B", 2]]\n',
        b'precedence = [[["A", "B"], "C"]]\n',
        b'{"response": [["A", "B"]], "existence": ["A", ["B", 2]], "absence": [["C", 3]]}',
    ]


def namings() -> list[bytes]:
    return [
        b'ignore = ["Reminder"]\n[triggers]\n"Step 1" = "take"\n[states]\n"Step 2" = "requested"\n',
        b'{"ignore": ["x"], "triggers": {"a": "take"}, "states": {}}',
    ]
