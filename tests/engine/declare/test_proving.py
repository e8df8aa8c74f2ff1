"""The templates proved when a file loads: the automaton that checks histories walks the graph too."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import checks
from engine.diagram import table
from engine.proofs import broken_rules, counterexample, in_words
from engine.vocabulary import (
    Occurs,
    Relates,
    Template,
    Unit,
    Within,
    Workflow,
    absence,
    alternate_succession,
    chain_response,
    end,
    exactly,
    existence,
    init,
    not_chain_succession,
    precedence,
    responded_existence,
    response,
)
from engine.vocabulary.rules import Rule
from engine.vocabulary.templates import OF_ONE
from tests.engine.declare.formulas import formula_of
from tests.engine.examples import defined, loan
from tests.engine.test_proofs import LONGEST, graphs, paths, told

counting = st.builds(
    Occurs, st.sampled_from(sorted(OF_ONE)), st.sampled_from([("x",), ("x", "y")]), st.integers(1, 3)
)  # fmt: skip
relating = st.builds(
    Relates, st.sampled_from(sorted(set(Template) - OF_ONE)), st.just(("x",)), st.sampled_from([("y",), ("y", "z")])
)  # fmt: skip


@settings(max_examples=300)
@given(graphs(), st.one_of(counting, relating))
def test_what_breaks_on_some_path_is_found_and_what_is_found_breaks(workflow: Workflow, rule: Occurs | Relates) -> None:
    holds = formula_of(rule)
    broken = [path for path in paths(workflow) if path and not holds([step.trigger for step in path], 0)]
    found = counterexample(workflow, rule)
    if broken:
        assert found is not None
        assert len(found) <= len(broken[0])
    if found is not None and len(found) <= LONGEST - 3:
        whole = [path for path in paths(workflow) if path[: len(found)] == found]
        assert not any(holds([step.trigger for step in path], 0) for path in whole)


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        (existence("come_home"), None),
        (exactly("come_home"), None),
        (init(("sign", "depart_with_deviation")), None),
        (end("come_home"), None),
        (precedence(("sign", "depart_with_deviation"), "note"), None),
        (alternate_succession("sign", "depart"), None),
        (chain_response("sign", "depart"), None),
        (responded_existence("depart", "sign"), None),
        (absence("note"), "a --depart_with_deviation--> c c --note--> c"),
        (init("sign"), "a --depart_with_deviation--> c"),
        (chain_response("depart", "come_home"), "a --sign--> b b --depart--> c c --note--> c"),
        (not_chain_succession("note", "come_home"),
         "a --depart_with_deviation--> c c --note--> c c --come_home--> d"),
    ],
    ids=str,
)  # fmt: skip
def test_a_template_is_proved_or_has_a_shortest_path(rule: Rule, path: str | None) -> None:
    assert told(rule) == path


def test_a_broken_template_stops_a_file_from_loading() -> None:
    assert checks.problems(loan(rules=(absence("note"),))) == (
        "rule absence(note): is broken on the path asked --note--> asked",
    )


def test_a_template_names_triggers_of_the_workflow() -> None:
    assert checks.problems(loan(rules=(response("lend", "fly"),))) == (
        "rule response: names the trigger fly, which is not declared",
    )


def test_a_rule_with_a_time_limit_is_not_proved_and_the_handbook_says_so() -> None:
    workflow = loan(rules=(response("give_back", "lend", within=5),))
    assert list(broken_rules(workflow)) == []
    written = "- `response(give_back, lend, within 5 working days)` (not proved, for a graph tells no days"
    assert written in table(defined(workflow))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (existence(("a", "b"), 2), "existence(a or b, 2)"),
        (init("a"), "init(a)"),
        (response("a", ("b", "c")), "response(a, b or c)"),
        (precedence("a", "b", within=Within(3, Unit.DAYS)), "precedence(a, b, within 3 days)"),
    ],
)
def test_a_template_is_said_as_it_is_written(rule: Rule, words: str) -> None:
    assert in_words(rule) == words
