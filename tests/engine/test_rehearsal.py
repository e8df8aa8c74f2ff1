"""Rehearsal: each kind of harm is planted alone and found alone; a file that behaves as before finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.errors import WorkflowInvalid
from engine.loading import load
from engine.rehearsal import concerned
from engine.rehearsing import shelf
from engine.rehearsing.report import Finding, Moved, Report, Shift, read_report
from engine.rehearsing.worlds import with_file
from engine.tables import Table
from engine.vocabulary import Migration
from tests.databases import Databases
from tests.engine.agreements_by_hand import WORKFLOWS, real_catalogue
from tests.engine.house import local
from tests.engine.rehearsed import REVIEWS, Lived, changed, lived

FOUND_ELIGIBLE = 'tells=(Tell("found_eligible", Role.ADMISSIONS),), follow_ups=(noted_on_parent(Outcome.ELIGIBLE),)),'
TO_ELIGIBLE = '"under_review", "eligible", by=(Role.REVIEWER,),\n            form=FindingForm, '
FOUND = f"{TO_ELIGIBLE}guards=(every_requirement_is_fulfilled,), sets=found_eligible,\n            "
RENAMED = ("awaiting_information", "awaiting_documents")
HARMLESS = ("stuck", "refused", "changed", "deadlines", "roles", "rules")


def kinds(report: Report) -> set[str]:
    """The kinds of harm found."""
    return {kind for kind in HARMLESS if getattr(report.counts, kind)}


def only(findings: tuple[Finding, ...]) -> Finding:
    """The one finding there is."""
    assert [finding.code for finding in findings] == [findings[0].code]
    return findings[0]


@pytest.fixture(scope="module")
def life(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """The cases, lived once: trying a file writes nothing."""
    with lived(databases.sqlite(tmp_path_factory.mktemp("rehearsal") / "lived.db")) as made:
        yield made


# Nothing.


@pytest.mark.parametrize("workflow", real_catalogue().names)
def test_an_unchanged_file_finds_nothing(life: Lived, workflow: str) -> None:
    report = life.rehearse(WORKFLOWS / f"{workflow}.py")
    assert (kinds(report), report.differences, report.not_judged) == (set(), (), 0)
    assert report.ok


def test_other_words_find_nothing_but_the_words(database_url: str, tmp_path: Path) -> None:
    with lived(database_url) as life:
        report = life.rehearse(changed(tmp_path, REVIEWS, ('"Ta ärendet", "Take"', '"Ta granskningen", "Take it"')))
        assert kinds(report) == set()
        assert [(each.part, each.name) for each in report.differences] == [("steps", "take")]


def test_nothing_is_written(life: Lived, tmp_path: Path) -> None:
    before = life.house.dump()
    assert not life.rehearse(changed(tmp_path, REVIEWS, RENAMED)).ok
    assert life.house.dump() == before


def test_a_file_of_a_known_version_that_behaves_otherwise_does_not_go_with_the_others(
    life: Lived, tmp_path: Path
) -> None:
    path = changed(tmp_path, REVIEWS, RENAMED)
    path.write_text(path.read_text(encoding="utf-8").replace("version=2,", "version=1,"), encoding="utf-8")
    with pytest.raises(WorkflowInvalid, match="raise the version"):
        life.rehearse(path)


def test_a_file_with_a_state_from_which_no_end_is_reached_does_not_load(life: Lived, tmp_path: Path) -> None:
    path = changed(tmp_path, REVIEWS, ('OPEN, "withdrawn", by=', '"requested", "withdrawn", by='),
        ('"awaiting_information", "under_review", by=(Role.REVIEWER,)',
         '"awaiting_information", RECORDED, by=(Role.REVIEWER,)'),
        ('"awaiting_information", "under_review", by=(Role.CLOCK,)',
         '"awaiting_information", RECORDED, by=(Role.CLOCK,)'))  # fmt: skip
    with pytest.raises(WorkflowInvalid, match="awaiting_information"):
        life.rehearse(path)


# Stuck.


def test_open_cases_in_a_state_the_file_does_not_have_are_stuck(life: Lived, tmp_path: Path) -> None:
    report = life.rehearse(changed(tmp_path, REVIEWS, RENAMED), years=0)
    assert kinds(report) == {"stuck"}
    [stuck] = report.stuck
    assert (stuck.number, stuck.state) == (life.number("awaiting"), "awaiting_information")
    assert (stuck.code, stuck.label.en) == ("migration_no_state", "Awaiting information")
    assert "migration" in stuck.do.en


def test_past_steps_in_a_state_the_file_does_not_have_are_told(life: Lived, tmp_path: Path) -> None:
    report = life.rehearse(changed(tmp_path, REVIEWS, RENAMED))
    assert kinds(report) == {"stuck", "refused", "changed"}
    assert (only(report.refused).step, only(report.refused).code) == (
        "receive_information", "no_state:awaiting_information",
    )  # fmt: skip
    assert life.named(only(report.refused)) == {"answered"}
    assert only(report.changed).code == "state_gone:awaiting_information"
    assert life.named(only(report.changed)) == {"answered", "awaiting"}


def test_with_a_migration_for_the_state_nothing_is_found(life: Lived, tmp_path: Path) -> None:
    migration = Migration(1, {"awaiting_information": "awaiting_documents"})
    report = life.rehearse(changed(tmp_path, REVIEWS, RENAMED, migration=migration))
    assert kinds(report) == set()


def test_open_cases_whose_facts_do_not_fit_are_stuck(life: Lived, tmp_path: Path) -> None:
    needed = ('term: Line | None = known("Termin / Term")', 'term: Line = Field(title="Termin / Term")')
    report = life.rehearse(changed(tmp_path, REVIEWS, needed), years=0)
    assert {each.code for each in report.stuck} == {"migration_facts"}
    assert [each.number for each in report.stuck] == [
        life.number(name) for name in ("opened", "awaiting", "overdue", "new")
    ]
    past = life.rehearse(changed(tmp_path, REVIEWS, needed)).refused
    assert "facts:term" in {finding.code for finding in past}


# Refused.


def test_past_steps_that_a_condition_would_have_refused_are_told(life: Lived, tmp_path: Path) -> None:
    stricter = ("yes_if(not open_ones,", "yes_if(bool(view.facts.requirements),")
    report = life.rehearse(changed(tmp_path, REVIEWS, stricter))
    assert kinds(report) == {"refused"}
    found = only(report.refused)
    assert (found.step, found.code, found.cases) == ("find_eligible", "requirement_not_fulfilled", 2)
    assert found.words.en.startswith("Not assessed as fulfilled")
    assert life.named(found) == {"decided", "answered"}


def test_past_steps_that_another_role_would_have_taken_are_told(life: Lived, tmp_path: Path) -> None:
    other = (TO_ELIGIBLE, TO_ELIGIBLE.replace("REVIEWER", "HEAD"))
    report = life.rehearse(changed(tmp_path, REVIEWS, other))
    assert kinds(report) == {"refused", "roles"}
    assert (only(report.refused).step, only(report.refused).code) == ("find_eligible", "not_your_role")
    # Unit a has a head; b, where a review was opened, has none.
    assert [(each.roles, each.unit, each.need) for each in report.roles] == [
        (("head",), "b", "step:find_eligible:eligible")
    ]


def test_past_steps_the_file_no_longer_has_are_told(life: Lived, tmp_path: Path) -> None:
    report = life.rehearse(changed(tmp_path, REVIEWS, ('"receive_information"', '"enter_information"')))
    assert (only(report.refused).step, only(report.refused).code[:15]) == ("receive_information", "unknown_trigger")
    assert life.named(only(report.refused)) == {"answered"}


def test_four_eyes_that_were_not_asked_for_then_are_judged(life: Lived, tmp_path: Path) -> None:
    report = life.rehearse(changed(tmp_path, REVIEWS, (TO_ELIGIBLE, f'{TO_ELIGIBLE}not_by=("take",), ')))
    assert kinds(report) == {"refused"}
    assert only(report.refused).code == "four_eyes"
    assert life.named(only(report.refused)) == {"decided", "answered"}


def test_steps_of_other_processes_that_the_file_would_refuse_are_told(life: Lived, tmp_path: Path) -> None:
    path = changed(tmp_path, "incoming_nomination")
    text = path.read_text(encoding="utf-8")
    at = text.index('Transition("note_review"')
    text = text[:at] + text[at:].replace("form=ReviewOutcome,", "form=ReviewOutcome, guards=(never,),", 1)
    path.write_text(
        f"{text}\n\ndef never(view):\n    return yes_if(False, 'never', 'Aldrig.', 'Never.')\n", encoding="utf-8"
    )
    report = life.rehearse(path)
    assert kinds(report) == {"refused"}
    assert (only(report.refused).workflow, only(report.refused).code) == (REVIEWS, "never")
    assert life.named(only(report.refused)) == {"decided"}


# Come out otherwise.


def test_steps_that_would_have_led_elsewhere_are_told(life: Lived, tmp_path: Path) -> None:
    other = (TO_ELIGIBLE, TO_ELIGIBLE.replace('"eligible"', '"conditionally_eligible"'))
    report = life.rehearse(changed(tmp_path, REVIEWS, other))
    assert kinds(report) == {"changed"}
    assert only(report.changed).code == "state:eligible>conditionally_eligible"
    assert only(report.changed).words.en == (
        "The case then became “Eligible”, with the new file “Conditionally eligible”."
    )


def test_messages_that_would_not_be_sent_are_told(life: Lived, tmp_path: Path) -> None:
    silent = (f"{FOUND}{FOUND_ELIGIBLE}", FOUND + FOUND_ELIGIBLE.partition("), ")[2])
    report = life.rehearse(changed(tmp_path, REVIEWS, silent))
    assert kinds(report) == {"changed"}
    assert (only(report.changed).code, only(report.changed).cases) == ("not_told:found_eligible:person", 2)


def test_linked_cases_that_would_not_be_moved_are_told(life: Lived, tmp_path: Path) -> None:
    alone = (FOUND_ELIGIBLE, FOUND_ELIGIBLE.replace(", follow_ups=(noted_on_parent(Outcome.ELIGIBLE),)", ""))
    report = life.rehearse(changed(tmp_path, REVIEWS, alone))
    assert kinds(report) == {"changed"}
    assert only(report.changed).code == "not_followed:incoming_nomination"
    assert life.named(only(report.changed)) == {"decided"}


def test_cases_that_would_not_be_opened_are_told(life: Lived, tmp_path: Path) -> None:
    none = ('opens=(Opens("eligibility_review", "reselected_from", review_elsewhere),)', "opens=()")
    report = life.rehearse(changed(tmp_path, REVIEWS, none))
    assert (kinds(report), only(report.changed).code) == ({"changed"}, f"not_opened:{REVIEWS}")
    assert life.named(only(report.changed)) == {"elsewhere"}


def test_facts_that_would_be_noted_otherwise_are_told(life: Lived, tmp_path: Path) -> None:
    other = ('return {"outcome": Outcome.ELIGIBLE, ', 'return {"outcome": Outcome.CONDITIONALLY_ELIGIBLE, ')
    report = life.rehearse(changed(tmp_path, REVIEWS, other))
    assert (kinds(report), only(report.changed).code) == ({"changed"}, "fact:outcome")


def test_a_step_the_clock_would_have_taken_first_is_told(life: Lived, tmp_path: Path) -> None:
    report = life.rehearse(changed(tmp_path, REVIEWS, ('"information_days", 10', '"information_days", 2')))
    assert kinds(report) == {"changed", "deadlines"}
    found = only(report.changed)
    assert (found.step, found.code) == ("proceed_without", "clock:information:proceed_without")
    assert life.named(found) == {"answered"}
    assert "2027-01-14" in found.words.en


def test_a_step_the_clock_did_not_take_at_all_before_is_told(life: Lived, tmp_path: Path) -> None:
    late = 'fire(MISSED, "proceed_without")'
    early = f'fire(used(2), "proceed_without", name="early"), {late}'
    used = ("from engine.vocabulary import (", "from engine.vocabulary import (\n    used,")
    report = life.rehearse(changed(tmp_path, REVIEWS, (late, early), used))
    found = only(report.changed)
    assert (found.step, found.code) == ("proceed_without", "clock:information:early")
    assert life.named(found) == {"answered"}
    assert "2027-01-14" in found.words.en


def test_a_step_of_the_clock_under_another_name_is_no_news(sqlite_url: str, tmp_path: Path) -> None:
    rung = 'fire(MISSED, "proceed_without")'
    with lived(sqlite_url) as other:
        other.house.climb(other.cases["awaiting"], at=local("2027-02-10 09:00"))
        assert other.house.case(other.cases["awaiting"]).state == "under_review"
        report = other.rehearse(changed(tmp_path, REVIEWS, (rung, f'{rung[:-1]}, name="time_is_up")')))
    assert {each.code for each in report.changed} == {"no_rung:information:proceed_without"}


def test_a_reminder_the_file_does_not_have_is_told(life: Lived, tmp_path: Path) -> None:
    without = ('remind(used(Figure("answer_remind_days", 2))),', "")
    report = life.rehearse(changed(tmp_path, REVIEWS, without))
    assert (kinds(report), only(report.changed).code) == ({"changed"}, "no_rung:answer:remind")
    assert life.named(only(report.changed)) == {"opened", "overdue"}


# Deadlines, rules.


def test_deadlines_that_would_move_are_told_day_by_day(life: Lived, tmp_path: Path) -> None:
    report = life.rehearse(changed(tmp_path, REVIEWS, ('"answer_days", 3', '"answer_days", 4')))
    assert kinds(report) == {"deadlines"}
    assert [days(each) for each in report.deadlines] == [
        (life.number("opened"), Shift.MOVED, date(2027, 1, 14), date(2027, 1, 15)),
        (life.number("overdue"), Shift.MOVED, date(2027, 1, 25), date(2027, 1, 26)),
        (life.number("new"), Shift.MOVED, date(2027, 1, 29), date(2027, 2, 1)),
    ]


def test_deadlines_that_would_stop_or_start_are_told(life: Lived, tmp_path: Path) -> None:
    answer = (
        'runs_in=("requested", "under_review", "ineligible_proposed"),\n            due=Budget(Figure("answer_days"'
    )
    taken = answer.replace('"requested", ', "")
    report = life.rehearse(changed(tmp_path, REVIEWS, (answer, taken)), years=0)
    assert [days(each)[1:] for each in report.deadlines] == [
        (Shift.STOPPED, date(2027, 1, 14), None),
        (Shift.STOPPED, date(2027, 1, 29), None),
    ]


def days(moved: Moved) -> tuple[str, Shift, date | None, date | None]:
    return moved.number, moved.shift, moved.before, moved.after


def test_rules_that_past_histories_break_are_told(life: Lived, tmp_path: Path) -> None:
    """The new file has no way to receive what was asked for, and holds that by a rule."""
    text = (WORKFLOWS / f"{REVIEWS}.py").read_text(encoding="utf-8")
    at = text.index('        Transition("receive_information"')
    gone = text[at : text.index("        Transition(", at + 10)]
    report = life.rehearse(
        changed(tmp_path, REVIEWS, (gone, ""), ('answers=("receive_information",),', ""),
                ('"receive_information", "proceed_without"', '"proceed_without"'))
    )  # fmt: skip
    assert kinds(report) == {"refused", "rules"}
    broken = only(report.rules)
    assert broken.step == "answered_by(ask_for_information, proceed_without or withdraw)"
    assert life.named(broken) == {"answered"}
    assert broken.label.en.startswith("“Ask for information” is followed by “Decide on file”")


def test_time_limits_that_past_histories_did_not_keep_are_told(life: Lived, tmp_path: Path) -> None:
    rules = "RULES: tuple[Rule, ...] = ("
    limit = f'{rules}\n    response("ask_for_information", ("receive_information", "withdraw"), within=5),'
    report = life.rehearse(changed(tmp_path, REVIEWS, (rules, limit), ("told, used,", "response, told, used,")))
    assert kinds(report) == {"rules"}
    assert life.named(only(report.rules)) == {"answered"}


# How it is counted and kept.


def test_what_the_file_in_force_would_have_made_otherwise_too_is_no_news(life: Lived, tmp_path: Path) -> None:
    path = changed(tmp_path, REVIEWS, ("yes_if(not open_ones,", "yes_if(bool(view.facts.requirements),"))
    in_force = with_file(real_catalogue(), load(path))
    assert kinds(life.rehearse(path, catalogue=in_force)) == set()


def test_without_details_steps_are_held_against_the_graph(sqlite_url: str, tmp_path: Path) -> None:
    with lived(sqlite_url) as life:
        erase_all(life)
        report = life.rehearse(changed(tmp_path, REVIEWS, ('"receive_information"', '"enter_information"')))
        assert report.without_detail > 0
        assert only(report.refused).code == "no_step:awaiting_information"


def erase_all(life: Lived) -> None:
    """Take the details of a case away, as an erasure would."""
    table = Table.metadata.tables["event_detail"]
    with life.house.store.writes() as connection:
        connection.execute(sa.delete(table).where(table.c.case_id == life.cases["answered"]))


def test_the_report_reads_back_as_it_was_written(life: Lived, tmp_path: Path) -> None:
    report = life.rehearse(changed(tmp_path, REVIEWS, RENAMED, ('"answer_days", 3', '"answer_days", 4')))
    assert read_report(report.to_json()) == report
    assert report.as_json()["ok"] is False


def test_batches_and_repetition_change_nothing(life: Lived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = changed(tmp_path, REVIEWS, RENAMED)
    once = life.rehearse(path)
    monkeypatch.setattr(shelf, "AT_ONCE", 1)
    monkeypatch.setattr("engine.rehearsal.AT_ONCE", 1)
    assert life.rehearse(path) == once


def test_progress_is_told_case_by_case(life: Lived) -> None:
    told: list[tuple[int, int]] = []
    life.rehearsal().run(WORKFLOWS / f"{REVIEWS}.py", told=lambda done, total: told.append((done, total)))
    cases = life.rehearsal().size(REVIEWS)
    assert told == [(n, cases) for n in range(1, cases + 1)]


def test_only_processes_that_can_meet_the_workflow_are_looked_at() -> None:
    assert REVIEWS in concerned(real_catalogue(), "incoming_nomination")
    assert "outgoing_exchange" in concerned(real_catalogue(), "agreement")
    assert "nowhere" in concerned(real_catalogue(), "nowhere")


def test_places_that_would_not_have_been_given_are_told(life: Lived, tmp_path: Path) -> None:
    counts = "    facts, year = view.facts, first_year(academic_year)\n\n    def counted("
    report = life.rehearse(changed(tmp_path, "agreement", (counts, f'    if row == "in":\n        return 0\n{counts}')))
    assert kinds(report) == {"refused"}
    assert (only(report.refused).step, only(report.refused).code) == ("accept_nomination", "no_place_left")
    assert life.named(only(report.refused)) == {"nomination"}
