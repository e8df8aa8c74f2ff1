"""XES: real logs, a log written and read again, small memory, and what is not read."""

from __future__ import annotations

import gzip
import tempfile
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from adapters.eventlogs import LogUnreadable, read_traces
from adapters.eventlogs.xes import XesLog, write_xes
from adapters.eventlogs.xml import DEEPEST
from engine.eventlog import LogEvent, LogHead, Nested, Trace
from tests.adapters.eventlogs.made import many, same, traces
from tests.adapters.eventlogs.real import real

SIZES = {
    "bpic2020_DomesticDeclarations.xes.gz": (10_500, 56_437, 17),
    "wabo_receipt.xes.gz": (1_434, 8_577, 27),
    "roadtraffic100traces.xes": (100, 390, None),
    "running-example.xes": (6, 42, None),
}


def written(folder: Path, text: str) -> Path:
    path = folder / "log.xes"
    path.write_text(text, encoding="utf-8")
    return path


def again(head: LogHead, log: Iterable[Trace], name: str = "log.xes") -> tuple[LogHead, list[Trace]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write_xes(path, head, log)
        return XesLog(path).head, list(XesLog(path).traces())


def refused(path: Path) -> str:
    with pytest.raises(LogUnreadable) as caught:
        list(read_traces(path))
    return caught.value.message.en


@pytest.mark.parametrize("name", SIZES)
def test_real_logs_have_the_cases_and_events_that_were_counted(name: str) -> None:
    cases, events, activities = SIZES[name]
    log = list(read_traces(real(name)))
    assert (len(log), sum(len(trace.events) for trace in log)) == (cases, events)
    if activities is not None:
        assert len({activity for trace in log for activity in trace.names}) == activities


def test_a_real_log_keeps_times_with_their_offset_and_numbers_as_numbers() -> None:
    first = next(read_traces(real("bpic2020_DomesticDeclarations.xes.gz")))
    assert first.case == "declaration 86791"
    assert first.attributes["Amount"] == 26.85120450862128
    told = {"id": "st_step 86794_0", "org:role": "EMPLOYEE"}
    assert first.events[0] == LogEvent(
        "Declaration SUBMITTED by EMPLOYEE", 1_483_951_790_000_000, 1, "STAFF MEMBER", told
    )


def test_a_real_log_tells_its_classifiers_globals_and_nested_attributes() -> None:
    head = XesLog(real("wabo_receipt.xes.gz")).head
    assert head.classifiers["Activity classifier"] == ("concept:name", "lifecycle:transition")
    assert head.event_globals["org:group"] == "UNKNOWN"
    assert ("Concept", "concept", "http://www.xes-standard.org/concept.xesext") in head.extensions
    nested = head.attributes["meta_org:resource_events_standard_deviation"]
    assert isinstance(nested, Nested)
    assert (nested.value, nested.within["Resource14"]) == (2.167, 1.004)


@pytest.mark.parametrize("name", SIZES)
def test_a_real_log_written_and_read_again_is_the_same(name: str) -> None:
    log = XesLog(real(name))
    first = [trace for trace, _ in zip(log.traces(), range(200), strict=False)]
    assert again(log.head, first) == (log.head, first)


@given(traces())
def test_any_log_written_and_read_again_is_the_same(log: list[Trace]) -> None:
    _, found = again(LogHead(), log)
    assert same(found, log)


def test_a_packed_log_is_the_same_and_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    one, other = tmp_path / "a.xes.gz", tmp_path / "b.xes.gz"
    for path in (one, other):
        write_xes(path, LogHead(), many(3))
    assert one.read_bytes() == other.read_bytes()
    assert list(read_traces(one)) == list(many(3))


def test_a_classifier_whose_key_holds_a_space_comes_back() -> None:
    head = LogHead(classifiers={"By both": ("concept:name", "who did it")})
    assert again(head, []) == (head, [])


def test_what_xml_cannot_hold_becomes_a_replacement_mark() -> None:
    _, (trace,) = again(LogHead(), [Trace("a\x00b\ud800", (), {"x": "\x1b"})])
    assert (trace.case, trace.attributes["x"]) == ("a\ufffdb\ufffd", "\ufffd")


def test_an_attribute_of_some_megabytes_comes_back() -> None:
    log = [Trace("1", (LogEvent("a", None, 1, None, {"text": "å" * 3_000_000}),), {})]
    assert again(LogHead(), log)[1] == log


def test_a_list_as_written_before_2016_is_read(tmp_path: Path) -> None:
    inside = '<list key="l"><string key="a" value="1"/><int key="a" value="2"/></list>'
    path = written(tmp_path, f"<log><trace>{inside}</trace></log>")
    assert list(read_traces(path)) == [Trace("1", (), {"l": (("a", "1"), ("a", 2))})]


def test_an_event_without_a_time_has_none_and_a_case_without_a_name_its_place(tmp_path: Path) -> None:
    path = written(tmp_path, '<log><trace><event><string key="concept:name" value="a"/></event></trace></log>')
    assert list(read_traces(path)) == [Trace("1", (LogEvent("a", None, 1),), {})]


def bomb() -> str:
    entities = "".join(f'<!ENTITY b{n} "&b{n - 1};&b{n - 1};">' for n in range(1, 30))
    return f'<!DOCTYPE log [<!ENTITY b0 "ha">{entities}]><log><trace><string key="x" value="&b29;"/></trace></log>'


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (bomb(), "no event log has"),
        ('<!DOCTYPE log SYSTEM "file:///etc/passwd"><log/>', "no event log has"),
        ("<log>" + '<container key="c">' * (DEEPEST + 2), "no event log has"),
        (f'<log><trace><string key="{"k" * 9_000_000}"', "no event log has"),
        ("<svg/>", "no XES log"),
        ("<log><trace>", "damaged"),
        ("", "damaged"),
        ("<log><event/></log>", "outside of all cases"),
        ('<log><trace><int key="n" value="many"/></trace></log>', "'many' is no int"),
        (f'<log><trace><int key="n" value="{"9" * 5000}"/></trace></log>', "is no int"),
        ('<log><trace><date key="d" value="0000-99-99"/></trace></log>', "no instant"),
        ('<log><trace><date key="d" value="0001-01-01T00:00:00+14:00"/></trace></log>', "no instant"),
    ],
    ids=[
        "bomb",
        "other file",
        "deep",
        "long",
        "other xml",
        "cut",
        "empty",
        "loose",
        "int",
        "long int",
        "date",
        "year 0",
    ],
)
def test_what_no_system_writes_is_refused_with_words(tmp_path: Path, text: str, word: str) -> None:
    assert word in refused(written(tmp_path, text))


def test_a_case_heavier_than_any_is_refused_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.eventlogs.xes_reading.HEAVIEST", 100_000)
    path = tmp_path / "log.xes"
    write_xes(path, LogHead(), many(1, events=1000))
    assert "unreasonably large" in refused(path)
    write_xes(path, LogHead(), many(100))
    assert len(list(read_traces(path))) == 100


def test_a_packed_file_that_never_ends_or_is_cut_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log.xes.gz"
    path.write_bytes(gzip.compress(b"<log>" + b" " * 10_000_000))
    monkeypatch.setattr("adapters.eventlogs.files.LARGEST", 1_000_000)
    assert "unreasonably large" in refused(path)
    path.write_bytes(path.read_bytes()[:-20])
    monkeypatch.undo()
    assert "damaged" in refused(path)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    assert "cannot be opened" in refused(tmp_path / "nowhere.xes")


def test_a_log_that_fails_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    path = written(tmp_path, "what was there")

    def failing() -> Iterable[Trace]:
        yield from many(3)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_xes(path, LogHead(), failing())
    assert [each.read_text() for each in tmp_path.iterdir()] == ["what was there"]


def peak(work: Callable[[], Any]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_writing_and_reading_take_no_more_memory_for_ten_times_the_cases(tmp_path: Path) -> None:
    path = tmp_path / "log.xes.gz"

    def both(cases: int) -> None:
        write_xes(path, LogHead(), many(cases))
        assert sum(1 for _ in read_traces(path)) == cases

    both(10)  # what is imported and cached once is not counted
    few, lots = peak(lambda: both(300)), peak(lambda: both(1500))
    assert lots < few * 1.3 + 500_000
