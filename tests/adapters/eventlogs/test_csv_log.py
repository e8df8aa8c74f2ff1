"""Logs as CSV: the real list, columns by other names, rows in any order, and what is not read."""

from __future__ import annotations

import tempfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.eventlogs import Columns, LogUnreadable, read_traces
from adapters.eventlogs.csv_log import write_csv
from engine.eventlog import LogEvent, Trace
from tests.adapters.eventlogs.made import LATEST, many, words
from tests.adapters.eventlogs.real import real

HEAD = "case:concept:name,concept:name,time:timestamp,org:resource"
filled = words.filter(bool)


def listed(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "log.csv"
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


def refused(path: Path, columns: Columns | None = None) -> str:
    with pytest.raises(LogUnreadable) as caught:
        list(read_traces(path, columns=columns or Columns()))
    return caught.value.message.en


def test_the_real_list_has_the_cases_and_events_of_the_same_log_as_xes() -> None:
    listed_, xes = (list(read_traces(real(f"wabo_receipt.{kind}.gz"))) for kind in ("csv", "xes"))
    assert (len(listed_), sum(len(trace.events) for trace in listed_)) == (1_434, 8_577)
    found = {trace.case: [(e.name, e.at, e.resource) for e in trace.events] for trace in listed_}
    assert found == {trace.case: [(e.name, e.at, e.resource) for e in trace.events] for trace in xes}


@given(
    st.lists(st.tuples(filled, st.lists(st.tuples(filled, filled | st.none()), min_size=1, max_size=3)), max_size=3,
             unique_by=lambda case: case[0]),
    st.integers(0, LATEST),
)  # fmt: skip
def test_any_log_of_texts_written_and_read_again_is_the_same(
    cases: list[tuple[str, list[tuple[str, str | None]]]], at: int
) -> None:
    log = [
        Trace(
            case,
            tuple(LogEvent(name, at + n, n, by, {"note": by} if by else {}) for n, (name, by) in enumerate(events, 1)),
            {"unit": "å;ä"},
        )
        for case, events in cases
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv.gz"
        write_csv(path, log, case_attributes=("unit",), event_attributes=("note",))
        assert list(read_traces(path)) == log


def test_columns_may_bear_other_names_and_times_may_be_local(tmp_path: Path) -> None:
    path = listed(tmp_path, "Ärende;Händelse;När", "1;öppnad;2027-01-11 09:30", encoding="cp1252")
    columns = Columns(case="Ärende", event="Händelse", at="När", resource=None)
    (trace,) = read_traces(path, columns=columns)
    assert trace == Trace("1", (LogEvent("öppnad", 1_799_656_200_000_000, 1),), {})


def test_mixed_rows_come_by_case_and_in_order_of_time(tmp_path: Path) -> None:
    rows = ["b,late,2027-01-02,", "a,only,2027-01-01,", "b,early,2027-01-01,"]
    assert [(trace.case, trace.names) for trace in read_traces(listed(tmp_path, HEAD, *rows))] == [
        ("b", ("early", "late")),
        ("a", ("only",)),
    ]


def test_where_a_time_is_missing_the_order_of_the_list_counts(tmp_path: Path) -> None:
    (trace,) = read_traces(listed(tmp_path, HEAD, "a,late,2027-01-02,", "a,when,,", "", "a,early,2027-01-01,"))
    assert trace.names == ("late", "when", "early")


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        ([HEAD, "a,b,soon,"], "Line 2: 'soon' is no instant"),
        ([HEAD, ",b,2027-01-01,"], "Line 2: the case or the event is missing"),
        ([HEAD, "a,b,,,,"], "Line 2: more cells than headers"),
        (["one,two", "a,b"], "The column case:concept:name is missing. The file has: one, two"),
        ([HEAD + ",x,x"], "two with the same header"),
        ([HEAD, 'a,"b'], "damaged"),
        ([""], "is missing"),
    ],
)
def test_a_list_that_is_no_log_is_refused_with_the_line(tmp_path: Path, lines: list[str], word: str) -> None:
    assert word in refused(listed(tmp_path, *lines))


def test_letters_in_no_known_writing_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"case,\x00\x81\x8d")
    assert refused(path)


def test_ten_times_the_cases_take_no_more_memory(tmp_path: Path) -> None:
    def both(cases: int) -> int:
        tracemalloc.start()
        try:
            path = tmp_path / f"{cases}.csv"
            write_csv(path, many(cases), case_attributes=("unit",), event_attributes=("lifecycle:transition",))
            assert sum(1 for _ in read_traces(path)) == cases
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    both(10)
    few = both(100)
    assert both(1000) < few * 1.3 + 3_000_000
