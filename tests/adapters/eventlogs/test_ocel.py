"""OCEL 2.0 in its three forms: the standard's example, logs written and read again, and what is not read."""

from __future__ import annotations

import sqlite3
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given

from adapters.eventlogs import LogUnreadable, LogUnwritable, read_objects, read_traces
from adapters.eventlogs.ocel_json import write_ocel_json
from adapters.eventlogs.ocel_sqlite import write_ocel_sqlite
from adapters.eventlogs.ocel_xml import write_ocel_xml
from engine.eventlog import Held, LogObject, LogType, ObjectEvent, ObjectLog, Relation
from tests.adapters.eventlogs.made import fixed, object_logs, same, told
from tests.adapters.eventlogs.real import real

EXAMPLE = ("ocel20_example.jsonocel", "ocel20_example.xmlocel", "ocel20_example.sqlite")
WRITE: dict[str, Callable[[Path, ObjectLog], None]] = {
    ".jsonocel": write_ocel_json,
    ".xmlocel": write_ocel_xml,
    ".sqlite": write_ocel_sqlite,
}
EMPTY = fixed((), (), (), ())


def refused(path: Path, text: str | bytes) -> str:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(LogUnreadable) as caught:
        told(read_objects(path))
    return caught.value.message.en


@pytest.mark.parametrize("name", EXAMPLE)
def test_the_standards_example_has_the_events_objects_and_types_that_were_counted(name: str) -> None:
    log = read_objects(real(name))
    counts = [len(list(log.events())), len(list(log.objects())), len(log.object_types), len(log.event_types)]
    assert counts == [13, 9, 4, 8]


def test_the_three_forms_of_the_example_say_the_same() -> None:
    json_, xml, sqlite = (told(read_objects(real(name))) for name in EXAMPLE)
    assert json_ == xml == sqlite


def test_the_example_tells_relations_and_values_that_change() -> None:
    objects = {each.id: each for each in read_objects(real(EXAMPLE[0])).objects()}
    changed = int(datetime(2022, 1, 13, 11, tzinfo=UTC).timestamp()) * 1_000_000
    assert objects["PO1"].held[1:] == (Held("po_quantity", 0, "500"), Held("po_quantity", changed, "600"))
    assert objects["PO1"].relations == (Relation("R1", "Invoice from PO"), Relation("R2", "Invoice from PO"))


@pytest.mark.parametrize("name", EXAMPLE)
def test_the_example_flattened_by_order_gives_a_case_for_each_order(name: str) -> None:
    first, second = read_traces(real(name), object_type="Purchase Order")
    assert (first.case, first.attributes["po_quantity"]) == ("PO1", "600")
    assert first.names == ("Create Purchase Order", "Change PO Quantity", "Insert Invoice", "Insert Invoice")
    assert (second.case, len(second.events)) == ("PO2", 1)


def test_flattening_by_no_type_or_an_unknown_one_names_those_there_are() -> None:
    for wrong in (None, "Order"):
        with pytest.raises(LogUnreadable, match="Invoice, Payment, Purchase Order, Purchase Requisition"):
            read_traces(real(EXAMPLE[0]), object_type=wrong)


@pytest.mark.parametrize("ending", WRITE)
@given(log=object_logs())
def test_any_log_written_and_read_again_is_the_same(ending: str, log: ObjectLog) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"log{ending}"
        WRITE[ending](path, log)
        assert same(told(read_objects(path)), told(log))


@pytest.mark.parametrize("ending", WRITE)
def test_a_log_of_nothing_is_a_log(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"log{ending}"
    WRITE[ending](path, EMPTY)
    assert told(read_objects(path)) == ([], [], [], [])


@pytest.mark.parametrize("ending", WRITE)
def test_a_text_of_some_megabytes_comes_back(tmp_path: Path, ending: str) -> None:
    long = LogObject("o", "letter", (Held("text", 0, 'å"\n<' * 500_000),))
    log = fixed((LogType("letter", (("text", "string"),)),), (), (long,), ())
    path = tmp_path / f"log{ending}"
    WRITE[ending](path, log)
    assert list(read_objects(path).objects()) == [long]


def test_packed_json_and_xml_are_read(tmp_path: Path) -> None:
    log = read_objects(real(EXAMPLE[0]))
    for name in ("log.jsonocel.gz", "log.xmlocel.gz"):
        WRITE[Path(name[:-3]).suffix](tmp_path / name, log)
        assert told(read_objects(tmp_path / name)) == told(log)


def test_types_whose_names_are_one_table_to_sqlite_get_tables_of_their_own(tmp_path: Path) -> None:
    types = tuple(LogType(name) for name in ("Order", "order", "Or der", "å", "ä"))
    log = fixed(types, (), tuple(LogObject(str(n), each.name) for n, each in enumerate(types)), ())
    write_ocel_sqlite(tmp_path / "log.sqlite", log)
    assert told(read_objects(tmp_path / "log.sqlite")) == told(log)


def test_a_value_that_does_not_fit_its_kind_stays_as_it_was_written(tmp_path: Path) -> None:
    types = (LogType("a", (("n", "integer"), ("b", "boolean"), ("t", "time"))),)
    event = ObjectEvent("e", "a", 0, {"n": "many", "b": "perhaps", "t": "soon"}, ())
    write_ocel_xml(tmp_path / "log.xmlocel", fixed((), types, (), (event,)))
    assert list(read_objects(tmp_path / "log.xmlocel").events()) == [event]


# What is not read, and not written.


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "ends too soon"),
        ("[]", "{ was expected"),
        ('{"events": [', "ends too soon"),
        ('{"events": [{"id": "e1"}]}', "no OCEL 2.0 log"),
        ('{"events": [7]}', "no OCEL 2.0 log"),
        ('{"events": [{"id":"e","type":"a","time":"soon"}]}', "'soon' is no instant"),
        ('{"events": [' + "[" * 200_000, "damaged"),
        ('{"events" []}', ": was expected"),
        ("{7: []}", "a name was expected"),
        ('{"objects": [] "events": []}', "a comma or } was expected"),
        (b'{"events": ["\xff"]}', "damaged"),
        ('{"events": [' + "9" * 5000 + "]}", "a number is unreasonably long"),
    ],
)
def test_json_that_is_no_log_is_refused_with_words(tmp_path: Path, text: str | bytes, word: str) -> None:
    assert word in refused(tmp_path / "log.jsonocel", text)


def test_one_item_larger_than_any_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.eventlogs.json_items.LONGEST", 1_000_000)
    assert "unreasonably large" in refused(tmp_path / "log.json", '{"events": ["' + "x" * 5_000_000)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('<!DOCTYPE log [<!ENTITY a "b">]><log/>', "no event log has"),
        ("<log>" + "<objects>" * 200, "no event log has"),
        ("<html/>", "no OCEL 2.0 log"),
        ("<log><events><event/></events></log>", "lacks the attribute type"),
        ('<log><events><event type="a" id="e" time="soon"/></events></log>', "no instant"),
        ("<log><events>", "damaged"),
    ],
)
def test_xml_that_is_no_log_is_refused_with_words(tmp_path: Path, text: str, word: str) -> None:
    assert word in refused(tmp_path / "log.xmlocel", text)


def test_an_object_heavier_than_any_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.eventlogs.ocel_xml.HEAVIEST", 100_000)
    ties = '<relationship object-id="o" qualifier="q"/>' * 10_000
    text = f'<log><objects><object id="o" type="t"><objects>{ties}</objects></object></objects></log>'
    assert "unreasonably large" in refused(tmp_path / "log.xmlocel", text)


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ("DROP TABLE event_object", "the table event_object is missing"),
        ("DROP TABLE event_a", "The table event_a is missing"),
        ("DROP TABLE event_a; CREATE VIEW event_a AS SELECT 1 AS ocel_id", "views or virtual tables"),
        ("CREATE VIRTUAL TABLE x USING fts5(y)", "views or virtual tables"),
        ("DELETE FROM event_a", "The event e has no time"),
        ("UPDATE event_a SET ocel_time = 'soon'", "no instant"),
        ("UPDATE event SET ocel_type = 'b'", "e is of the type b, which is not in the file"),
        ("INSERT INTO object (ocel_id) VALUES ('o')", "o is of the type None, which is not in the file"),
        ("PRAGMA writable_schema = ON; UPDATE sqlite_master SET name = CAST(x'ac' AS TEXT), sql = 'CREATE'", "damaged"),
    ],
)
def test_sqlite_that_is_no_log_is_refused_with_words(tmp_path: Path, statement: str, word: str) -> None:
    path = tmp_path / "log.sqlite"
    write_ocel_sqlite(path, fixed((), (LogType("a"),), (), (ObjectEvent("e", "a", 0),)))
    with closing(sqlite3.connect(path)) as store:
        store.executescript(statement)
    assert word in refused(path, path.read_bytes())


def test_a_file_that_is_no_sqlite_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    assert "no SQLite file" in refused(path, "hello")
    assert "damaged" in refused(path, b"SQLite format 3\0" + b"\xff" * 4096)


def test_a_name_that_tells_no_format_is_refused_with_those_there_are(tmp_path: Path) -> None:
    assert ".xes, .csv, .jsonocel" in refused(tmp_path / "log.txt", "")


@pytest.mark.parametrize(
    ("types", "objects", "word"),
    [
        ((LogType("a"),), (LogObject("o", "a"), LogObject("o", "a")), "UNIQUE"),
        ((LogType("a", (("x", "string"), ("X", "string"))),), (), "duplicate column"),
        ((LogType("a"),), (LogObject("o", "a", (Held("x", 0, 1),)),), "'x'"),
        ((), (LogObject("o", "a"),), "'a'"),
    ],
)
def test_what_no_table_can_hold_is_not_written_and_leaves_no_file(
    tmp_path: Path, types: tuple[LogType, ...], objects: tuple[LogObject, ...], word: str
) -> None:
    with pytest.raises(LogUnwritable, match=word):
        write_ocel_sqlite(tmp_path / "log.sqlite", fixed(types, (), objects, ()))
    assert list(tmp_path.iterdir()) == []


def test_json_has_no_word_for_an_infinite_number(tmp_path: Path) -> None:
    endless = LogObject("o", "a", (Held("x", 0, float("inf")),))
    with pytest.raises(LogUnwritable):
        write_ocel_json(tmp_path / "log.json", fixed((LogType("a", (("x", "float"),)),), (), (endless,), ()))


# Memory.


def large(count: int) -> ObjectLog:
    type_ = LogType("case", (("state", "string"),))
    ties = (Relation("o1", "case"),)

    def objects() -> Iterator[LogObject]:
        return (LogObject(f"o{n}", "case", (Held("state", 0, "x" * 50),)) for n in range(count))

    def events() -> Iterator[ObjectEvent]:
        return (ObjectEvent(f"e{n}", "case", n, {"state": "y" * 50}, ties) for n in range(count))

    return ObjectLog(object_types=(type_,), event_types=(type_,), objects=objects, events=events)


@pytest.mark.parametrize("ending", WRITE)
def test_ten_times_the_log_takes_no_more_memory(tmp_path: Path, ending: str) -> None:
    def both(count: int) -> int:
        tracemalloc.start()
        try:
            path = tmp_path / f"log{count}{ending}"
            WRITE[ending](path, large(count))
            log = read_objects(path)
            assert (sum(1 for _ in log.objects()), sum(1 for _ in log.events())) == (count, count)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    both(10)
    few = both(400)
    assert both(4000) < few * 1.3 + 3_000_000
