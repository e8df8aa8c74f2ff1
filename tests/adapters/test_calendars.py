"""Days as a calendar that any program reads."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import icalendar

from adapters.calendars import Day, calendar

DAY = Day(
    uid="case.answer.3@umu.se",
    day=date(2027, 12, 31),
    words="REV-2027-0001: Svar; nu, tack",
    url="https://example.org/cases/REV-2027-0001",
    version=5,
    changed_at=datetime(2027, 1, 11, 8, tzinfo=UTC),
)


def read(*days: Day) -> icalendar.Calendar:
    made = icalendar.Calendar.from_ical(calendar("Mina, våra", days, language="sv"))
    assert isinstance(made, icalendar.Calendar)
    return made


def test_a_day_is_a_whole_day_that_blocks_nobodys_time() -> None:
    event = read(DAY).walk("VEVENT")[0]

    assert event.decoded("DTSTART") == date(2027, 12, 31)
    assert event.decoded("DTEND") == date(2028, 1, 1)
    assert event["TRANSP"] == "TRANSPARENT"


def test_what_tells_one_entry_from_another_is_kept() -> None:
    event = read(DAY).walk("VEVENT")[0]

    assert (str(event["UID"]), event.decoded("SEQUENCE"), str(event["URL"])) == (DAY.uid, 5, DAY.url)
    assert event.decoded("DTSTAMP") == DAY.changed_at


def test_words_come_back_as_they_were_written() -> None:
    made = read(DAY)

    assert str(made.walk("VEVENT")[0]["SUMMARY"]) == DAY.words


def test_a_comma_in_the_calendars_name_does_not_make_it_two() -> None:
    lines = calendar("Mina, våra", [], language="sv").decode().split("\r\n")

    assert r"NAME;LANGUAGE=sv:Mina\, våra" in lines
    assert r"X-WR-CALNAME:Mina\, våra" in lines


def test_a_calendar_without_days_is_still_one() -> None:
    made = read()

    assert made.walk("VEVENT") == []
    assert made.decoded("REFRESH-INTERVAL") == timedelta(hours=4)


def test_lines_end_as_the_standard_has_it_and_none_is_too_long() -> None:
    lines = calendar("x", [DAY], language="sv").split(b"\r\n")

    assert all(b"\n" not in line and len(line) <= 75 for line in lines)
