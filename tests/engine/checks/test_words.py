"""Words: in both languages, and every blank can be filled in."""

from __future__ import annotations

import pytest

from engine.vocabulary import (
    MessageText,
    Role,
    Tell,
    Text,
    Workflow,
    remind,
    used,
)
from tests.engine.examples import (
    MESSAGES,
    WORDS,
    loan,
    only_fault,
    with_deadline,
    with_rung,
    with_state,
    with_transition,
)


@pytest.mark.parametrize(
    ("workflow", "told"),
    [
        (loan(label=Text("", "Loan")), "label: is blank in Swedish"),
        (loan(purpose=Text("Lån", " ")), "purpose: is blank in English"),
        (with_state("lent", label=Text("", "Lent")), "state lent, label: is blank in Swedish"),
        (with_state("lent", subject_label=Text("Din", "")), "state lent, subject_label: is blank"),
        (with_state("lent", waits_because=Text("", "So")), "state lent, waits_because: is blank"),
        (with_transition("lend", label=Text("Ge", "")), "transition lend, label: is blank in English"),
        (with_deadline(label=Text("", "Answer")), "deadline answer, label: is blank in Swedish"),
        (
            loan(messages=(*MESSAGES, MessageText("bye", Text("", "Bye"), WORDS))),
            "message bye, subject: is blank in Swedish",
        ),
        (with_transition("lend", label="Lend"), "transition lend, label: is not a Text"),
    ],
)
def test_labels_are_there_in_both_languages(workflow: Workflow, told: str) -> None:
    assert only_fault(workflow).startswith(told)


def test_what_is_told_is_written() -> None:
    assert only_fault(with_transition("refuse", tells=(Tell("sorry", Role.HEAD),))) == (
        "transition refuse: tells sorry, which is not declared; write it in messages"
    )


def test_what_a_rung_tells_is_written() -> None:
    assert only_fault(with_rung(remind(used(1), message="nudge"))) == (
        "deadline answer, rung remind: tells nudge, which is not declared; write it in messages"
    )


def test_a_message_leaves_no_unknown_blanks() -> None:
    bye = MessageText("bye", WORDS, Text("Hej {namn}", "Hello {name}"))
    assert only_fault(loan(messages=(*MESSAGES, bye))).startswith(
        "message bye, sv: nothing fills in {namn}; there are assignee, "
    )


def test_braces_in_a_message_match() -> None:
    bye = MessageText("bye", WORDS, Text("Hej", "Hello {name"))
    assert only_fault(loan(messages=(*MESSAGES, bye))).startswith("message bye, en: expected '}'")
