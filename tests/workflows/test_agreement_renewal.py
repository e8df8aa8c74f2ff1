"""Agreement renewal: the graph, the ladder, what moves the agreement, when it lapses."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as example_of
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.loading import load
from engine.vocabulary import YES, AnyView, OnDay, partner_of_agreement
from tests.workflows.views import (
    TODAY,
    agreed_labels,
    arrows,
    arrows_of,
    deadline_of,
    facts_after,
    ladder_of,
    numbered,
    own_labels,
    refused,
    roles_of,
    told_by,
    transition_of,
    view_of,
)
from workflows import agreement
from workflows import agreement_renewal as renewal

FILE = Path(renewal.__file__)
WORKFLOW = renewal.declare()
AGREEMENT = agreement.declare()
BEFORE_YES = ("due", "evaluating", "decided_renew", "negotiating")
OPEN = (*BEFORE_YES, "partner_agreed", "signing", "decided_not_renew")
DECIDING = {"head", "officer"}

# The table of the process: trigger, from, to, who.
TABLE: tuple[tuple[Any, ...], ...] = (
    ("start_evaluation", "due", "evaluating", {"coordinator"}),
    ("decide_renew", "evaluating", "decided_renew", DECIDING),
    ("decide_not_renew", ("evaluating", "negotiating"), "decided_not_renew", DECIDING),
    ("open_negotiation", "decided_renew", "negotiating", {"coordinator"}),
    ("record_partner_agreement", "negotiating", "partner_agreed", {"coordinator"}),
    ("send_for_signature", "partner_agreed", "signing", {"officer"}),
    ("complete_renewal", "signing", "renewed", {"officer"}),
    ("tell_partner", "decided_not_renew", "not_renewed", {"coordinator"}),
    ("note_renewed", OPEN, "renewed", {"officer", "clock"}),
    ("note_notice", OPEN, "not_renewed", {"officer", "clock"}),
    ("lapse", OPEN, "lapsed", {"clock"}),
)
FAILING = date(2029, 4, 1)
FIGURES: dict[str, Any] = {
    "years": [{"academic_year": "2026/27", "outgoing": 3, "incoming": 4}],
    "balance_semesters": 2,
    "withdrawals": 1,
    "missed_deadlines": 0,
    "refused_nominations": 0,
}
DECISION = {"no_conflict_of_interest": True, "evaluation": FIGURES}


def the_agreement(facts: Any = None, *, number: int = 50, state: str = "expiring", **said: Any) -> AnyView:
    """View an agreement that ends in September 2029."""
    known = {"partner_name": "Bologna", "valid_from": date(2025, 1, 1), "valid_to": date(2029, 9, 30)}
    return view_of(AGREEMENT, {**known, **(facts or {})}, number=number, state=state, **said)


def form(trigger: str, source: str | None = None, /, **fields: Any) -> Any:
    """Fill in the form of a trigger."""
    return transition_of(WORKFLOW, trigger, source).form(**fields)


def seen(facts: Any = None, *, old: AnyView | None = None, new: AnyView | None = None, **said: Any) -> AnyView:
    """View a renewal of that agreement, with a successor where one is given."""
    related = {"agreement": (old or the_agreement(),), "successor": (new,) if new else ()}
    known = {"partner_name": "Bologna", "first_failing": FAILING, **(facts or {})}
    return view_of(WORKFLOW, known, related=related, **said)


def sets(trigger: str, source: str, **fields: Any) -> Any:
    """Give the facts after a step."""
    view = seen(given=form(trigger, **fields), state=source)
    return facts_after(view, transition_of(WORKFLOW, trigger))


# The file.


def test_the_file_loads_and_its_rules_hold() -> None:
    assert load(FILE).name == "agreement_renewal"


def test_the_graph_is_the_table_and_nothing_else() -> None:
    assert arrows_of(WORKFLOW) == arrows(TABLE)


@pytest.mark.parametrize(("trigger", "roles"), [(row[0], row[3]) for row in TABLE])
def test_each_step_is_taken_by_the_roles_of_the_table(trigger: str, roles: set[str]) -> None:
    assert roles_of(transition_of(WORKFLOW, trigger)) == roles


@pytest.mark.parametrize("kind", ["states", "triggers"])
def test_labels_are_the_words_the_offices_use(kind: str) -> None:
    agreed = agreed_labels("agreement_renewal", kind)
    own = own_labels(WORKFLOW, kind)
    assert {name: own[name] for name in agreed} == {name: label[:2] for name, label in agreed.items()}
    assert own.keys() - agreed.keys() == ({"note_renewed", "note_notice"} if kind == "triggers" else set())


def test_every_message_that_is_told_is_written_and_every_one_written_is_told() -> None:
    told = {tell.message for each in WORKFLOW.transitions for tell in each.tells}
    told |= {tell.message for tell in WORKFLOW.tells}
    told |= {rung.message for each in WORKFLOW.deadlines for rung in each.ladder if rung.message}
    assert told == {message.name for message in WORKFLOW.messages}


def test_what_goes_to_the_partner_shows_no_page_of_ours() -> None:
    letters = [each for each in WORKFLOW.messages if each.name in {"shall_we_renew", "will_not_renew"}]
    assert not [each.name for each in letters if "{url}" in each.body.sv + each.body.en]


# Opening.


def test_a_renewal_needs_an_agreement_and_the_partners_name() -> None:
    required = {name for name, field in WORKFLOW.facts.model_fields.items() if field.is_required()}
    assert required == {"partner_name"}
    assert [(each.name, each.workflow, each.required) for each in WORKFLOW.links] == [
        ("agreement", "agreement", True),
        ("successor", "agreement", False),
    ]


@pytest.mark.parametrize(("state", "runs"), [("active", True), ("expiring", True), ("suspended", False)])
def test_only_an_agreement_that_runs_is_renewed(state: str, runs: bool) -> None:
    answer = renewal.agreement_is_running(seen(old=the_agreement(state=state)))
    assert answer == YES if runs else refused(answer, "agreement_not_running")


def test_a_second_renewal_is_refused_and_names_the_first() -> None:
    other = view_of(WORKFLOW, {"partner_name": "Bologna"}, number=7)
    both = the_agreement(related={"renewals": (seen(), other)})
    alone = the_agreement(related={"renewals": (seen(),)})
    assert refused(renewal.is_the_only_renewal(seen(old=both)), "renewal_already_open")
    assert renewal.is_the_only_renewal(seen(old=alone)) == YES


@pytest.mark.parametrize(
    ("today", "told"),
    [
        (date(2028, 1, 1), {"coordinator"}),
        (date(2028, 7, 1), {"coordinator"}),
        (date(2028, 7, 2), {"coordinator", "head"}),
        (date(2028, 10, 2), {"coordinator", "head", "officer"}),
    ],
)
def test_opened_late_it_tells_those_whose_day_has_gone_by(today: date, told: set[str]) -> None:
    view = seen(today=today)
    assert {str(t.to) for t in WORKFLOW.tells if t.when is None or t.when(view)} == told


def test_without_a_day_that_presses_nobody_is_late() -> None:
    view = seen({"first_failing": None})
    assert [t.message for t in WORKFLOW.tells if t.when is None or t.when(view)] == ["due"]


# The ladder.


def test_the_ladder_counts_months_back_from_what_would_fail() -> None:
    due = deadline_of(WORKFLOW, "renewal").due
    assert isinstance(due, OnDay)
    assert due.day(seen()) == FAILING
    assert ladder_of(WORKFLOW, "renewal") == [
        ("remind", "before", 12, "months", ("coordinator",), None),
        ("escalate_to_head", "before", 9, "months", ("head",), None),
        ("escalate_to_officer", "before", 6, "months", ("officer",), None),
        ("too_late", "missed", 0, "working_days", ("officer",), None),
    ]


def test_the_ladder_stops_with_the_decision_not_to_renew() -> None:
    assert "decide_not_renew" in deadline_of(WORKFLOW, "renewal").answers
    assert "decided_not_renew" not in deadline_of(WORKFLOW, "renewal").runs_in


@pytest.mark.parametrize(
    ("failing", "by"),
    [
        (date(2029, 4, 1), date(2029, 1, 31)),
        (date(2029, 10, 1), date(2029, 1, 31)),
        (date(2029, 1, 31), date(2029, 1, 31)),
        (date(2029, 1, 30), date(2028, 1, 31)),
        (date(2028, 10, 15), date(2028, 1, 31)),
        (None, None),
    ],
)
def test_amendments_are_due_by_the_last_end_of_january_before_it(failing: date | None, by: date | None) -> None:
    assert renewal.amendments_day(seen({"first_failing": failing})) == by


@example_of(st.dates() | st.sampled_from([date.min, date.max]))
def test_amendments_are_never_due_after_the_need(failing: date) -> None:
    by = renewal.amendments_day(seen({"first_failing": failing}))
    assert by is not None
    assert by <= failing or by == date(1, 1, 31) or by == date.min


def test_it_lapses_by_the_clock_when_the_agreement_ends() -> None:
    deadline = deadline_of(WORKFLOW, "agreement_end")
    assert renewal.agreement_end(seen()) == date(2029, 9, 30)
    assert (set(deadline.runs_in), deadline.ladder[0].name) == (set(OPEN), "lapse")


@pytest.mark.parametrize(
    ("old", "today", "lapses"),
    [
        (the_agreement(), date(2029, 10, 1), True),
        (the_agreement(), date(2029, 9, 30), False),
        (the_agreement({"valid_to": None}, state="terminated"), TODAY, True),
        (the_agreement(state="expired"), TODAY, True),
        (the_agreement({"valid_to": date(2034, 9, 30)}), date(2029, 10, 1), False),
        (the_agreement({"valid_to": None}), TODAY, False),
    ],
)
def test_it_does_not_lapse_while_the_agreement_runs(old: AnyView, today: date, lapses: bool) -> None:
    answer = renewal.agreement_has_ended(seen(old=old, today=today))
    assert answer == YES if lapses else refused(answer, "agreement_still_runs")


# Evaluation and decision.


def test_the_engine_may_put_in_what_it_counted_but_need_not() -> None:
    assert sets("start_evaluation", "due").evaluation is None
    counted = sets("start_evaluation", "due", evaluation=FIGURES).evaluation
    assert (counted.balance_semesters, counted.years[0].incoming) == (2, 4)


@pytest.mark.parametrize("trigger", ["decide_renew", "decide_not_renew"])
def test_who_decides_confirms_the_figures(trigger: str) -> None:
    with pytest.raises(ValidationError):
        form(trigger, no_conflict_of_interest=True)
    assert sets(trigger, "evaluating", **DECISION).evaluation.withdrawals == 1


def test_a_decision_against_the_partner_has_written_reasons() -> None:
    assert transition_of(WORKFLOW, "decide_not_renew").reason_required
    assert not transition_of(WORKFLOW, "decide_renew").reason_required


def test_the_head_is_asked_to_decide_and_the_coordinator_told() -> None:
    assert told_by(transition_of(WORKFLOW, "start_evaluation")) == {("to_decide", "head")}
    assert told_by(transition_of(WORKFLOW, "decide_renew")) == {("decided_renew", "coordinator")}
    assert told_by(transition_of(WORKFLOW, "decide_not_renew")) == {("decided_not_renew", "coordinator")}


# The partner.


def test_the_partner_is_asked_and_its_yes_is_dated() -> None:
    assert told_by(transition_of(WORKFLOW, "open_negotiation")) == {("shall_we_renew", "partner")}
    after = sets("record_partner_agreement", "negotiating", partner_agreed_on=date(2027, 3, 1))
    assert after.partner_agreed_on == date(2027, 3, 1)


def test_the_partner_is_told_by_this_step_where_nothing_else_is_said() -> None:
    after = sets("tell_partner", "decided_not_renew")
    assert (after.told_on, after.told_how) == (TODAY, "e-post / e-mail")
    by_letter = sets("tell_partner", "decided_not_renew", told_on=date(2027, 3, 1), told_how="brev")
    assert (by_letter.told_on, by_letter.told_how) == (date(2027, 3, 1), "brev")


def test_an_agreement_that_is_not_renewed_does_not_renew_itself() -> None:
    (follow,) = transition_of(WORKFLOW, "tell_partner").follow_ups
    assert (follow.along, follow.trigger, follow.if_open) == ("agreement", "let_run_out", True)


def test_the_partner_is_found_by_the_agreement() -> None:
    assert WORKFLOW.partner is not None
    assert WORKFLOW.partner(seen(old=the_agreement({"partner": numbered(5)}))) == numbered(5)


# Completion.


def complete(new: AnyView | None = None) -> list[tuple[str, dict[str, Any]]]:
    """Give what completing a renewal does to the agreement."""
    given = form("complete_renewal", renewed_to=date(2034, 9, 30))
    view = seen(new=new, given=given, state="signing")
    followed = [f for f in transition_of(WORKFLOW, "complete_renewal").follow_ups if f.when and f.when(view)]
    assert {f.along for f in followed} == {"agreement"}
    return [(f.trigger, dict(f.fields(view))) for f in followed if f.fields]


def test_without_a_successor_the_agreement_is_extended() -> None:
    assert complete() == [("extend", {"lasts_to": date(2034, 9, 30)})]


def test_with_a_successor_the_open_cases_move_to_it() -> None:
    assert complete(the_agreement(number=60)) == [("hand_over_cases", {"successor": numbered(60)})]


@pytest.mark.parametrize("new", [None, the_agreement(number=60)])
def test_what_is_sent_to_the_agreement_fits_its_forms(new: AnyView | None) -> None:
    for trigger, fields in complete(new):
        read = transition_of(AGREEMENT, trigger, "expiring").form.model_validate(fields)
        assert read.model_dump(exclude_unset=True) == fields


def test_it_writes_to_the_agreement_only_what_that_declares() -> None:
    known = {each.trigger for each in AGREEMENT.transitions}
    sent = {f.trigger for each in WORKFLOW.transitions for f in each.follow_ups}
    assert sent == {"extend", "hand_over_cases", "let_run_out"}
    assert sent <= known


def test_the_agreement_moves_a_renewal_only_by_what_this_declares() -> None:
    known = {each.trigger for each in WORKFLOW.transitions}
    sent = {f.trigger for each in AGREEMENT.transitions for f in each.follow_ups if f.along == "renewals"}
    assert sent == {"note_renewed", "note_notice", "lapse"}
    assert sent <= known


def test_the_agreement_opens_a_renewal_with_facts_it_takes() -> None:
    old = the_agreement(state="active")
    (opening,) = agreement.renewal_if_none_is_open(old)
    assert WORKFLOW.facts.model_validate(dict(opening.facts)).first_failing == FAILING  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("state", "number", "code"),
    [
        ("active", 60, None),
        ("notice_given", 60, None),
        ("drafted", 60, "successor_not_in_force"),
        ("active", 50, "successor_not_in_force"),
    ],
)
def test_cases_move_only_to_another_agreement_in_force(state: str, number: int, code: str | None) -> None:
    answer = renewal.successor_is_in_force(seen(new=the_agreement(number=number, state=state)))
    assert answer == YES if code is None else refused(answer, code)


def test_without_a_successor_nothing_is_asked_of_one() -> None:
    assert renewal.successor_is_in_force(seen()) == YES
    assert renewal.successor_has_the_rows(seen()) == YES


def row(name: str) -> dict[str, Any]:
    """Give a row of an agreement."""
    return {"name": name, "direction": "outgoing", "places": 2}


@pytest.mark.parametrize(("rows", "code"), [(["law"], None), (["art"], "successor_lacks_row")])
def test_no_place_moves_to_a_row_that_is_not_there(rows: list[str], code: str | None) -> None:
    place = {"case": numbered(1), "row": "law", "academic_year": "2027/28", "semesters": 1}
    past = {**place, "case": numbered(2), "row": "history"}
    exchange = view_of(WORKFLOW, {"partner_name": "stands for an exchange"}, number=1)
    old = the_agreement({"held": [place, past]}, related={"exchanges": (exchange,)})
    new = the_agreement({"rows": [row(name) for name in rows]}, number=60, state="active")
    answer = renewal.successor_has_the_rows(seen(old=old, new=new))
    assert answer == YES if code is None else refused(answer, code)


def test_a_case_without_its_agreement_is_answered_too() -> None:
    lost = view_of(WORKFLOW, {"partner_name": "Bologna"})
    assert refused(renewal.agreement_is_running(lost), "agreement_not_running")
    assert renewal.is_the_only_renewal(lost) == YES
    assert renewal.agreement_has_ended(lost) == YES
    assert renewal.agreement_end(lost) is None
    assert partner_of_agreement(lost) is None


def test_the_title_says_with_whom_and_by_when() -> None:
    assert WORKFLOW.title(seen()) == "Bologna, 2029-04-01"
    assert WORKFLOW.title(seen({"first_failing": None})) == "Bologna"
