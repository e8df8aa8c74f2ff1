"""Rules and what broke them, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.declare.checking import Checker, Fault, How
from engine.declare.wording import fault_words, limit_words, template_words
from engine.eventlog import LogEvent, Trace
from engine.vocabulary import (
    Occurs,
    Relates,
    Template,
    Text,
    Unit,
    Within,
    absence,
    alternate_precedence,
    alternate_response,
    at_most_once,
    chain_response,
    chain_succession,
    co_existence,
    end,
    exactly,
    existence,
    holds_no_place,
    init,
    not_co_existence,
    not_succession,
    precedes,
    response,
    succession,
)
from engine.vocabulary.rules import Rule
from engine.vocabulary.templates import OF_ONE
from engine.wording import Wording
from tests.engine.house import CATALOGUE

DAY = 86_400_000_000


def quoted(names: Iterable[str]) -> Text:
    return Text(" eller ".join(names), " or ".join(names))


def why(rule: Rule, went: str, *, days: bool = False) -> list[str]:
    """What is said of each fault, in English."""
    events = tuple(LogEvent(name, n * 30 * DAY if days else None, n) for n, name in enumerate(went, start=1))
    return [fault_words(rule, fault, quoted).en for fault in Checker(rule).judge(Trace("1", events)).faults]


@pytest.mark.parametrize("template", sorted(Template))
def test_every_template_is_said_in_both_languages(template: Template) -> None:
    rule = Occurs(template, ("a", "d")) if template in OF_ONE else Relates(template, ("a", "d"), ("b",))
    said = template_words(rule, quoted)
    assert "a eller d" in said.sv
    assert "a or d" in said.en
    assert template in OF_ONE or all(re.search(r"\bb\b", words) for words in (said.sv, said.en))
    assert "{" not in said.sv + said.en


@pytest.mark.parametrize(
    ("rule", "sv", "en"),
    [
        (existence("a", 2), "a görs minst 2 gånger", "a happens at least 2 times"),
        (absence("a"), "a görs aldrig", "a never happens"),
        (absence("a", 2), "a görs högst en gång", "a happens at most once"),
        (exactly("a"), "a görs precis en gång", "a happens exactly once"),
        (init("a"), "ett ärende börjar med a", "a case begins with a"),
        (chain_response("a", "b"), "direkt efter a följer b", "a is directly followed by b"),
        (response("a", "b", within=5), "efter a följer b, inom 5 arbetsdagar (kontrolleras i historiken)",
         "a is followed by b, within 5 working days (checked on histories)"),
    ],
    ids=str,
)  # fmt: skip
def test_a_rule_is_one_sentence(rule: Occurs | Relates, sv: str, en: str) -> None:
    assert template_words(rule, quoted) == Text(sv, en)


def test_one_day_is_not_said_as_many() -> None:
    assert limit_words(Within(1)) == Text("1 arbetsdag", "1 working day")
    assert limit_words(Within(2, Unit.DAYS)) == Text("2 dagar", "2 days")


def test_the_handbook_says_a_template_by_its_steps() -> None:
    words = Wording(CATALOGUE.current("stay"), CATALOGUE)
    assert words.rule(response("ask", "receive")).en == "“ask in English” is followed by “receive in English”."


@pytest.mark.parametrize(
    ("rule", "went", "said"),
    [
        (response("a", "b"), "a", ["a without b after it"]),
        (succession("a", "b"), "ba", ["b without a before it", "a without b after it"]),
        (alternate_response("a", "b"), "aab", ["a again, before b"]),
        (alternate_precedence("a", "b"), "abb", ["b without a of its own before it"]),
        (chain_response("a", "b"), "acb", ["a was not directly followed by b"]),
        (chain_succession("a", "b"), "acb", ["a was not directly followed by b", "b not directly after a"]),
        (not_succession("a", "b"), "ab", ["b after a"]),
        (not_co_existence("a", "b"), "ba", ["both b and a"]),
        (co_existence("a", "b"), "b", ["b but never a"]),
        (existence("a", 2), "a", ["a too seldom"]),
        (exactly("a"), "aa", ["a once too often"]),
        (at_most_once("a"), "aa", ["a once too often"]),
        (init("a"), "b", ["the case begins with b"]),
        (init("a"), "", ["the case has no events"]),
        (end("a"), "ab", ["the case ends with something else than a"]),
        (precedes(("a", "c"), "b"), "b", ["b without a or c before it"]),
    ],
    ids=str,
)
def test_what_broke_a_rule_is_said(rule: Rule, went: str, said: list[str]) -> None:
    assert why(rule, went) == said


def test_what_is_late_is_said_with_its_day() -> None:
    assert why(response("a", "b", within=2), "ab", days=True) == ["b came after the last day, 1970-02-03"]


@given(
    st.builds(Relates, st.sampled_from(sorted(set(Template) - OF_ONE)), st.just(("a",)), st.just(("b",))),
    st.text("abc", min_size=1, max_size=7),
)
def test_something_is_said_of_every_fault(rule: Relates, went: str) -> None:
    for each in why(rule, went):
        assert each
        assert "{" not in each


def test_a_place_held_at_the_end_is_said() -> None:
    said = fault_words(holds_no_place("gone"), Fault(How.AT_END, ()), quoted)
    assert said == Text("ärendet slutade med en plats", "the case ended with a place")
