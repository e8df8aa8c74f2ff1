"""Wording: definitions in words, both languages, with nothing of the code in them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from engine.vocabulary import (
    ASSIGNEE,
    MISSED,
    AtOnce,
    Budget,
    Deadline,
    Figure,
    HandOver,
    Link,
    OnDay,
    Role,
    Rung,
    Text,
    Unit,
    Who,
    after,
    answered_by,
    at_most_once,
    before,
    escalate,
    exactly_once,
    fact_day,
    fire,
    holds_no_place,
    never_after,
    not_together,
    precedes,
    remind,
    used,
)
from engine.wording import Wording, declares_no_conflict, joined, sentence, span
from tests.engine.agreements_by_hand import real_catalogue
from tests.engine.house import CATALOGUE

CODE_WORDS = re.compile(r"\b(trigger|guard|rung)s?\b|[a-z]_[a-z]")


def wording(name: str = "stay", **figures: int) -> Wording:
    return Wording(CATALOGUE.current(name), CATALOGUE, figures)


def real(name: str) -> Wording:
    return Wording(real_catalogue().current(name), real_catalogue())


def answer(*rungs: Rung, due: Budget | OnDay | AtOnce | None = None) -> Deadline:
    """A deadline that runs where the coordinator has the case."""
    return Deadline("answer", Text("Svar", "Answer"), ("asked",), due or Budget(3, Unit.WORKING_DAYS), rungs)


def test_a_list_is_joined_as_people_write_it() -> None:
    words = [Text(each, each) for each in "abc"]
    assert joined(words) == Text("a, b eller c", "a, b or c")
    assert joined(words[:2]) == Text("a eller b", "a or b")
    assert joined(words[:1]) == Text("a", "a")
    assert joined(()) == Text("", "")


def test_one_day_is_not_said_as_many() -> None:
    assert [span(count, Unit.WORKING_DAYS).sv for count in (1, 3)] == ["1 arbetsdag", "3 arbetsdagar"]
    assert [span(count, Unit.WEEKS).en for count in (1, 0)] == ["1 week", "0 weeks"]


def test_a_sentence_begins_with_a_capital_and_ends() -> None:
    assert sentence(Text("ja", "yes")) == Text("Ja.", "Yes.")


@pytest.mark.parametrize(
    ("rung", "sv", "en"),
    [
        (remind(used(2), Role.COORDINATOR), "efter 2 arbetsdagar påminns utbyteskoordinatorn",
         "after 2 working days the exchange coordinator is reminded"),
        (remind(before(0)), "på sista dagen påminns den som har ärendet",
         "on the last day whoever has the case is reminded"),
        (remind(before(1, Unit.MONTHS), Role.HEAD), "1 månad före sista dagen får prefekten veta det",
         "1 month before the last day the head of department is told"),
        (escalate(MISSED, Role.HEAD), "när sista dagen har gått får prefekten veta det",
         "when the last day has passed the head of department is told"),
        (remind(after(5), Role.HEAD, Role.STUDENT),
         "5 arbetsdagar efter sista dagen får prefekten och studenten veta det",
         "5 working days after the last day the head of department and the student are told"),
        (fire(MISSED, "withdraw"), "när sista dagen har gått tar klockan steget ”withdraw på svenska”",
         "when the last day has passed the clock takes the step “withdraw in English”"),
        (Rung("hand", used(5), None, (ASSIGNEE,), HandOver((Role.REVIEWER, Role.STUDENT))),
         "efter 5 arbetsdagar lämnas ärendet över till ersättaren, annars till granskaren eller studenten",
         "after 5 working days the case is handed over to the substitute, else to the reviewer or the student"),
    ],
)  # fmt: skip
def test_each_step_of_a_ladder_is_said(rung: Rung, sv: str, en: str) -> None:
    assert wording().rung(answer(rung), rung) == Text(sv, en)


def test_a_deadline_is_one_sentence() -> None:
    said = wording().deadline(answer(remind(used(2), Role.COORDINATOR), escalate(MISSED, Role.HEAD)))
    reminded = "efter 2 arbetsdagar påminns utbyteskoordinatorn"
    assert said.sv == f"3 arbetsdagar; {reminded}; när sista dagen har gått får prefekten veta det."


def test_what_is_due_at_once_says_so_once() -> None:
    said = wording().deadline(answer(fire(MISSED, "withdraw"), due=AtOnce()))
    assert said.en == "At once the clock takes the step “withdraw in English”."


def test_a_figure_is_said_as_the_unit_has_set_it() -> None:
    deadline = answer(due=Budget(Figure("answer_days", 3), Unit.DAYS))
    assert wording().due(deadline).text.en == "3 days"
    assert wording(answer_days=8).due(deadline).text.en == "8 days"


def test_a_day_read_from_the_facts_is_said_by_their_titles() -> None:
    words = real("outgoing_exchange")
    (registration,) = [each for each in words.definition.workflow.deadlines if each.name == "registration"]
    assert words.due(registration).text.sv == "7 dagar före ”Första dag hos värden”"
    either = answer(due=OnDay(fact_day("stay_to", "stay_from", weeks=5)))
    assert words.due(either).text.en == "5 weeks after “Last day at the host” or “First day at the host”"


def test_a_day_that_code_works_out_is_marked_as_english_and_kept_out_of_the_sentence() -> None:
    words = real("outgoing_exchange")
    (application,) = [each for each in words.definition.workflow.deadlines if each.name == "application"]
    assert words.due(application).english_only
    assert words.deadline(application).sv.startswith("En dag som räknas fram ur ärendets uppgifter; ")


def test_where_a_deadline_runs_rests_and_is_met_is_said() -> None:
    words = real("eligibility_review")
    said = words.runs(words.definition.deadlines["answer"]).en
    assert "rests in “Awaiting information”" in said
    assert "is met by “Find eligible”" in said


@pytest.mark.parametrize(
    ("rule", "en"),
    [
        (precedes(("ask", "propose"), "approve"),
         "“ask in English” or “propose in English” comes before “approve in English”."),
        (answered_by("ask", "receive", "withdraw"),
         "“ask in English” is followed by “receive in English” or “withdraw in English”."),
        (never_after("offer", "ask"), "After “offer in English” there is never “ask in English”."),
        (at_most_once("offer"), "“offer in English” happens at most once."),
        (exactly_once("offer"), "“offer in English” happens exactly once."),
        (not_together("offer", "ask"), "“offer in English” and “ask in English” never happen in the same case."),
        (holds_no_place("withdrawn"), "A case that ends in “Withdrawn” holds no place."),
    ],
)  # fmt: skip
def test_each_kind_of_rule_is_said(rule: object, en: str) -> None:
    assert wording().rule(rule).en == en  # type: ignore[arg-type]  # parametrised over all kinds


def test_a_role_elsewhere_is_said_with_its_place() -> None:
    words = real("outgoing_exchange")
    assert words.who(Who(Role.HEAD)).sv == "prefekten"
    assert (
        words.who(Who(Role.HEAD, "agreement")).en == "the head of department in the unit of the linked case (Agreement)"
    )
    lost = replace(words.definition.workflow, links=(Link("agreement", "gone"),))
    unknown = Wording(replace(words.definition, workflow=lost), real_catalogue())
    assert unknown.where(Who(Role.HEAD, "agreement")) == Text(
        "i det kopplade ärendets enhet", "in the linked case’s unit"
    )


def test_who_declares_no_conflict_is_read_off_the_form() -> None:
    declaring = {
        step.trigger
        for name in real_catalogue().names
        for step in real_catalogue().current(name).workflow.transitions
        if declares_no_conflict(step)
    }
    assert {"sign_home", "recognise", "rank"} <= declaring


@pytest.mark.parametrize("name", real_catalogue().names)
def test_no_word_of_the_code_is_said_about_a_real_process(name: str) -> None:
    words = real(name)
    workflow = words.definition.workflow
    said = [words.deadline(each) for each in workflow.deadlines]
    said += [words.runs(each) for each in workflow.deadlines]
    said += [words.rule(each) for each in workflow.rules]
    said += [each.message for step in workflow.transitions for one in words.conditions(step) for each in one.refusals]
    assert [text for each in said for text in (each.sv, each.en) if CODE_WORDS.search(text)] == []


@pytest.mark.parametrize("name", real_catalogue().names)
def test_every_condition_of_a_real_process_has_words_in_both_languages(name: str) -> None:
    words = real(name)
    conditions = [each for step in words.definition.workflow.transitions for each in words.conditions(step)]
    assert [each.name for each in conditions if each.said.english_only] == []
