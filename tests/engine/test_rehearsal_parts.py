"""The parts of a rehearsal: what is counted is never bounded, what is kept is; every rule for itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model import Case
from engine.rehearsing import collecting
from engine.rehearsing.collecting import Deviation, Groups, Lines
from engine.rehearsing.report import read_report
from engine.rehearsing.seats import Need, needs
from engine.rehearsing.worlds import NoSuchState, World, for_folding, with_file
from engine.vocabulary import Role, Text
from tests.engine.agreements_by_hand import made, real_catalogue

CASES = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), max_size=60)


def deviation(code: str) -> Deviation:
    return Deviation("review", "take", code, Text("Ta", "Take"), Text("Nej.", "No."))


@given(CASES)
def test_groups_count_every_deviation_and_each_case_once(found: list[tuple[str, str]]) -> None:
    found.sort(key=lambda pair: pair[0])
    groups = Groups()
    for case, code in found:
        groups.add(deviation(code), case=case, number=case.upper(), sequence=1, at=0)
    assert groups.times == len(found)
    for finding in groups.findings():
        cases = {case for case, code in found if code == finding.code}
        assert (finding.cases, finding.times) == (len(cases), sum(code == finding.code for _, code in found))
        assert {example.case for example in finding.examples} <= cases


@given(st.integers(min_value=0, max_value=60))
def test_lines_are_counted_without_end_and_kept_up_to_a_bound(count: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(collecting, "MOST_LINES", 20)
        lines: Lines[int] = Lines()
        for nth in range(count):
            lines.add(nth)
    assert (lines.count, lines.kept) == (count, list(range(min(count, 20))))


def test_only_the_first_cases_of_a_finding_are_named() -> None:
    groups = Groups()
    for nth in range(9):
        groups.add(deviation("x"), case=str(nth), number=str(nth), sequence=1, at=0)
    [finding] = groups.findings()
    assert (finding.cases, [example.number for example in finding.examples]) == (9, ["0", "1", "2", "3", "4"])


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"workflow": 1}', "null"])
def test_what_is_no_report_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        read_report(text)


def test_what_students_partners_and_the_clock_do_needs_nobody_there() -> None:
    found = needs(real_catalogue().current("eligibility_review"))
    names = {need.name for need in found}
    assert "step:take:under_review" in names
    assert not names & {"step:reselect:under_review", "step:lapse:ineligible", "state:reselection_requested"}


def test_a_hand_over_needs_one_of_those_it_may_go_to() -> None:
    found = needs(real_catalogue().current("eligibility_review"))
    handed = [need for need in found if need.name == "deadline:answer:hand_over:hand_over"]
    assert [tuple(who.role for who in need.who) for need in handed] == [(Role.REVIEWER, Role.OFFICER)]


def test_the_same_need_is_the_same_in_both_files() -> None:
    file = real_catalogue().current("agreement")
    assert needs(file).keys() == needs(file).keys()
    assert all(isinstance(need, Need) for need in needs(file))


def test_a_case_in_a_world_is_under_the_file_in_force_there() -> None:
    catalogue = real_catalogue()
    world = World.under(catalogue, catalogue.current("eligibility_review"))
    case = made("eligibility_review", "rev", "requested", {"course": "Statistics"})
    assert world.case(case) == case
    with pytest.raises(NoSuchState):
        world.case(made_elsewhere())
    other = made("agreement", "kth", "active", {"partner_name": "KTH", "valid_from": "2024-07-01"})
    assert world.case(other) is other


def made_elsewhere() -> Case:
    """A review in a state that no file has."""
    return replace(made("eligibility_review", "rev", "requested", {"course": "Statistics"}), state="lost")


def test_the_file_in_force_stays_known_beside_the_one_tried() -> None:
    catalogue = real_catalogue()
    file = catalogue.current("agreement")
    for beside in (with_file(catalogue, file), for_folding(catalogue, file)):
        assert (beside.names, beside.current("agreement").hash) == (catalogue.names, file.hash)
