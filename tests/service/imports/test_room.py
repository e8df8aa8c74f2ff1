"""A row whose case would hold too much is told as a fault of that row; the others are taken in."""

from __future__ import annotations

import pytest

from engine import room
from tests.service.imports.test_reviews import ASA, HEADERS
from tests.service.lists import Lists, counts


def test_a_row_with_too_much_is_told_and_stops_no_other(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "ROOM", 1_500)
    heavy = ASA.replace("Fysik 1|", "Fysik 1|" + "|".join(f"Krav {number}" for number in range(20)) + "|")
    report = lists.take("reviews", HEADERS, heavy, ASA.replace("5FY001", "5FY002"))
    assert counts(report) == (1, 0, 0, 1)
    ((row, fault),) = report.faults
    assert (row, fault.expected.sv.split(":")[0]) == (2, "Ärendet skulle få för mycket uppgifter")
