"""Rules and names written in files: read as they are meant, or refused with what is wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

import pytest

from engine.declare.naming import Naming, NamingWrong, Renamed, naming_of
from engine.declare.rulebook import RulebookWrong, rules_of
from engine.eventlog import LogEvent, Trace
from engine.vocabulary import Unit, Within, absence, chain_response, existence, init, precedence, response
from engine.vocabulary.templates import Template
from tests.engine.examples import defined


def test_a_file_of_rules_is_read_by_template() -> None:
    written = tomllib.loads("""
        response = [["A", "B"], ["A", "B", {within = 5}], ["A", "C", {within = 3, unit = "days"}]]
        existence = ["A", ["B", 2]]
        init = ["A"]
        absence = [[["X", "Y"], 3]]
        precedence = [[["A", "B"], "C"]]
        chain_response = [["A", ["B", "C"]]]
    """)
    assert set(rules_of(written)) == {
        response("A", "B"),
        response("A", "B", within=5),
        response("A", "C", within=Within(3, Unit.DAYS)),
        existence("A"),
        existence("B", 2),
        init("A"),
        absence(("X", "Y"), 3),
        precedence(("A", "B"), "C"),
        chain_response("A", ("B", "C")),
    }


def test_every_template_can_be_written() -> None:
    for template in Template:
        one: Any = "A" if template in {"existence", "absence", "exactly", "init", "end"} else ["A", "B"]
        (rule,) = rules_of({template.value: [one]})
        assert getattr(rule, "template", None) is template


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({}, "holds no rule"),
        ({"answer": [["A", "B"]]}, "there is no template answer"),
        ({"response": "A"}, "response: write a list of rules"),
        ({"response": [["A"]]}, "response, rule 1: write two names"),
        ({"response": [["A", "B"], ["A", "A"]]}, "response, rule 2: response names A on both sides"),
        ({"response": [["A", "B", 5]]}, "write a time limit as"),
        ({"response": [["A", "B", {"within": 5, "unit": "months"}]]}, "in working_days or days, not in months"),
        ({"response": [["A", "B", {"within": True}]]}, "write a time limit as"),
        ({"co_existence": [["A", "B", {"within": 5}]]}, "co_existence knows no time limit"),
        ({"init": [["A", 2]]}, "init, rule 1: nothing is counted here"),
        ({"existence": [["A", 0]]}, "counts from 1 to 1000"),
        ({"existence": [[1]]}, "write names as text"),
        ({"existence": [[]]}, "write a name"),
        ({"existence": ["A"] * 1001}, "1000 is the most"),
    ],
)
def test_what_is_no_rule_is_refused(written: Mapping[str, Any], said: str) -> None:
    with pytest.raises(RulebookWrong, match=said):
        rules_of(written)


def test_names_are_mapped_ignored_or_counted_as_unknown() -> None:
    naming = naming_of(
        {"triggers": {"Key out": "lend"}, "states": {"Key in": "returned"}, "ignore": ["Mail"]}, defined()
    )
    events = ("Key out", "Mail", "note", "Rain", "Key in", "Rain")
    renamed = Renamed(naming, defined())
    (found,) = renamed.read([Trace("1", tuple(LogEvent(name, None, n) for n, name in enumerate(events, 1)))])
    assert [(event.name, event.sequence) for event in found.events] == [("lend", 1), ("note", 3)]
    assert renamed.unknown == {"Rain": 2}


def test_without_a_file_names_are_triggers() -> None:
    assert naming_of({}, defined()) == Naming()
    assert Naming().trigger("lend") == "lend"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"steps": {}}, "steps is none of triggers, states and ignore"),
        ({"triggers": {"A": "fly"}}, "'A': the workflow loan has no trigger 'fly'"),
        ({"states": {"A": "gone"}}, "'A': the workflow loan has no state 'gone'"),
        ({"triggers": {"A": "lend"}, "ignore": ["A"]}, "'A' is mapped in two ways"),
        ({"triggers": {"A": 1}}, "triggers: write a table of names"),
        ({"ignore": "A"}, "ignore: write a list of names"),
    ],
)
def test_what_maps_to_nothing_is_refused(written: Mapping[str, Any], said: str) -> None:
    with pytest.raises(NamingWrong, match=said):
        naming_of(written, defined())
