"""The catalogue: all workflows together, loaded from files and checked against each other."""

from __future__ import annotations

import inspect
import pickle
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.catalogue import Catalogue
from engine.definition import Definition, define
from engine.errors import WorkflowInvalid
from engine.reading import OPENED
from engine.vocabulary import (
    RECORDED,
    YES,
    Answer,
    AnyView,
    FollowUp,
    Holds,
    Offers,
    Opens,
    Related,
    Relinks,
    Role,
    Transition,
    Workflow,
    no,
)
from tests.engine.examples import (
    KEY_LINK,
    LOAN,
    SOURCE,
    STATES,
    WORDS,
    GivingFacts,
    defined,
    keys,
    loan,
    with_transition,
)

LOANS = Related("loans", "loan", link="key")


def written(folder: Path, name: str, text: str) -> Path:
    """A file with this text."""
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    return path


def together(*workflows: Workflow) -> Catalogue:
    """A catalogue of workflows declared in these tests."""
    return Catalogue(tuple(defined(workflow) for workflow in workflows))


def faults(*workflows: Workflow) -> tuple[str, ...]:
    """What is wrong with workflows taken together."""
    with pytest.raises(WorkflowInvalid) as caught:
        together(*workflows)
    return caught.value.problems


def following(along: str, trigger: str, **changes: Any) -> Workflow:
    """A loan that moves another case when it is lent."""
    workflow = with_transition("lend", follow_ups=(FollowUp(along, trigger),))
    return replace(workflow, links=(KEY_LINK,), **changes)


def notice(trigger: str, *follow_ups: FollowUp) -> Transition:
    """A recorded transition of a key."""
    return Transition(trigger, WORDS, "in_box", RECORDED, (Role.HEAD,), follow_ups=follow_ups)


# Found by name and by hash.


def test_names_are_sorted() -> None:
    assert together(LOAN, keys()).names == ("key", "loan")


def test_a_definition_is_found_by_name_and_by_hash() -> None:
    catalogue = together(LOAN, keys())
    definition = catalogue.current("loan")
    assert catalogue.by_hash(definition.hash) is definition


def test_a_replaced_definition_is_found_by_hash_only() -> None:
    old, new = defined(), defined(replace(with_transition("refuse", by=(Role.HEAD,)), version=2))
    catalogue = Catalogue((new,), (old,))
    assert catalogue.current("loan") is new
    assert catalogue.by_hash(old.hash) is old


def test_under_one_hash_the_current_words_count() -> None:
    old, new = defined(), defined(loan(version=2, label=WORDS))
    assert Catalogue((new,), (old,)).by_hash(old.hash) is new


def test_versions_come_with_the_current_one_first() -> None:
    roles = (Role.HEAD, Role.OFFICER, Role.ADMISSIONS)
    made = [defined(replace(with_transition("refuse", by=(role,)), version=n)) for n, role in enumerate(roles, start=1)]
    versions = Catalogue((made[1],), (made[0], made[2])).versions("loan")
    assert [each.version for each in versions] == [2, 3, 1]


def test_unknown_names_and_hashes_are_key_errors() -> None:
    catalogue = together(LOAN)
    for ask in (catalogue.current, catalogue.by_hash):
        with pytest.raises(KeyError):
            ask("nothing")


def test_one_name_belongs_to_one_file() -> None:
    assert faults(LOAN, loan(prefix="OTHER"))[0].startswith("name: 2 files declare this workflow")


def test_one_prefix_belongs_to_one_workflow() -> None:
    assert faults(LOAN, keys(prefix="LOAN"))[0].startswith("prefix: LOAN is used by 2 workflows")


def test_changed_behaviour_needs_a_new_version() -> None:
    changed = defined(with_transition("refuse", by=(Role.HEAD,)))
    with pytest.raises(WorkflowInvalid, match="version 1: two files of this version behave diff"):
        Catalogue((changed,), (defined(),))


# Loaded from files.


def test_files_are_loaded(tmp_path: Path) -> None:
    catalogue = Catalogue.of([written(tmp_path, "loan", SOURCE)])
    assert catalogue.current("loan").hash == defined().hash


def test_a_past_file_keeps_its_own_behaviour(tmp_path: Path) -> None:
    newer = SOURCE.replace("version=1", "version=2").replace('"no_purpose"', '"purpose_missing"')
    now, past = written(tmp_path, "loan", newer), written(tmp_path, "loan_1", SOURCE)
    catalogue = Catalogue.of([now], [past])
    assert [each.version for each in catalogue.versions("loan")] == [2, 1]
    assert catalogue.by_hash(defined().hash).version == 1


def test_an_init_file_is_passed_over(tmp_path: Path) -> None:
    files = [written(tmp_path, "__init__", ""), written(tmp_path, "loan", SOURCE)]
    assert Catalogue.of(files).names == ("loan",)


def test_a_change_within_the_same_second_is_seen(tmp_path: Path) -> None:
    before = Catalogue.of([written(tmp_path, "loan", SOURCE)]).current("loan")
    changed = SOURCE.replace('Figure("answer_days", 3)', 'Figure("answer_days", 5)')
    after = Catalogue.of([written(tmp_path, "loan", changed)]).current("loan")
    assert (before.figures["answer_days"], after.figures["answer_days"]) == (3, 5)


def test_source_and_pickle_work_for_what_a_file_defines(tmp_path: Path) -> None:
    facts = Catalogue.of([written(tmp_path, "loan", SOURCE)]).current("loan").workflow.facts
    assert "What a loan knows" in inspect.getsource(facts)
    assert pickle.loads(pickle.dumps(facts(purpose="work"))) == facts(purpose="work")  # type: ignore[call-arg]  # facts of a file made here


def test_a_file_in_a_package_keeps_its_dotted_name(tmp_path: Path) -> None:
    package = tmp_path / "house_of_keys"
    package.mkdir()
    written(package, "__init__", "")
    facts = Catalogue.of([written(package, "loan", SOURCE)]).current("loan").workflow.facts
    assert facts.__module__ == "house_of_keys.loan"


def test_a_module_somebody_imported_is_not_made_twice() -> None:
    here = sys.modules["tests.engine.examples"]
    loaded = Catalogue.of([Path(str(here.__file__))]).current("loan")
    assert loaded.hash == defined().hash


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def declare(:\n", r"loan\.py:1: is not Python: "),
        ("x = 1\n\nimport no_such_thing\n", r"loan\.py:3: does not import: No module named"),
        ("x = 1\n\ny = x / 0\n", r"loan\.py:3: ZeroDivisionError: division by zero"),
        ("x = 1\n", r"loan\.py:1: has no function declare\(\)"),
        ("def declare():\n    return 3\n", r"loan\.py:1: declare\(\) gives a int"),
        ("def declare():\n\n    return [][1]\n", r"loan\.py:3: IndexError"),
    ],
)
def test_a_broken_file_is_told_with_its_line(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(WorkflowInvalid) as caught:
        Catalogue.of([written(tmp_path, "loan", text)])
    assert re.search(told, caught.value.problems[0])


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(WorkflowInvalid, match=r"gone\.py:1: cannot be read"):
        Catalogue.of([tmp_path / "gone.py"])


def test_a_file_that_fails_leaves_no_half_made_module(tmp_path: Path) -> None:
    before = set(sys.modules)
    with pytest.raises(WorkflowInvalid):
        Catalogue.of([written(tmp_path, "loan", "1 / 0")])
    assert set(sys.modules) == before


def test_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    files = [written(tmp_path, "one", "1 / 0"), written(tmp_path, "two", "def f(:")]
    with pytest.raises(WorkflowInvalid) as caught:
        Catalogue.of(files)
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["one", "two"]


# From one workflow to another.


def test_a_link_leads_to_a_workflow() -> None:
    assert faults(loan(links=(KEY_LINK,))) == ("link key: there is no workflow key; there are loan",)


def test_a_relation_leads_to_a_workflow() -> None:
    assert faults(keys(related=(LOANS,)))[0].startswith("related loans: there is no workflow loan")


def test_a_relation_follows_a_link_of_the_other_workflow() -> None:
    assert faults(keys(related=(LOANS,)), LOAN) == (
        "related loans: loan has no link key; declare it there or name another",
    )


def test_a_relation_follows_a_link_that_leads_here() -> None:
    linked = loan(links=(replace(KEY_LINK, workflow="loan"),))
    assert faults(keys(related=(LOANS,)), linked) == (
        "related loans: the link key of loan leads to loan, not to this workflow",
    )


def test_a_relation_names_states_of_the_other_workflow() -> None:
    related = replace(LOANS, states=("lent", "sold"))
    assert faults(keys(related=(related,)), loan(links=(KEY_LINK,))) == (
        "related loans: loan has no state sold; name one it declares",
    )


def test_a_follow_up_fires_a_trigger_of_the_other_workflow() -> None:
    assert faults(following("key", "melt"), keys()) == (
        "transition lend, follow-up along key: key has no trigger melt; name one it declares",
    )


def test_opening_needs_a_workflow_and_a_link_back() -> None:
    opens = Opens("key", "loan", lambda _: ())
    opening = with_transition("lend", opens=(opens,))
    assert faults(opening)[0].startswith("transition lend, opens: there is no workflow key")
    assert faults(opening, keys())[0].startswith("transition lend, opens: key has no link loan")


def test_relinking_needs_a_link_of_the_cases_moved() -> None:
    relinks = Relinks("loans", "door", lambda _: None)
    lose = replace(keys().transitions[0], relinks=(relinks,))
    workflow = keys(related=(LOANS,), transitions=(lose,))
    assert faults(workflow, loan(links=(KEY_LINK,))) == (
        "transition lose, relinks: loan has no link door; declare it there or name another",
    )


def test_places_are_held_under_who_gives_them() -> None:
    states = tuple(replace(each, holds_place=each.name == "lent") for each in STATES)
    holding = loan(states=states, links=(KEY_LINK,), holds=Holds("key", lambda _: None))
    assert faults(holding, keys())[0].startswith("holds: key offers no places")
    giving = keys(offers=Offers(lambda *_: None, lambda *_: 0), facts=GivingFacts)
    assert together(holding, giving).names == ("key", "loan")


def asks_for_what_is_not_there(view: AnyView) -> Answer:
    """Ask for what nobody declares."""
    return view.ask("colour", view.linked("drawer") or view.figure("size"))


def test_functions_ask_only_for_what_some_workflow_declares() -> None:
    source = "\n".join((SOURCE, inspect.getsource(asks_for_what_is_not_there)))
    definition = define(with_transition("refuse", guards=(asks_for_what_is_not_there,)), source)
    with pytest.raises(WorkflowInvalid) as caught:
        Catalogue((definition,))
    asked = [re.findall(r"asks for (\w+), .* under its (\w+)", each)[0] for each in caught.value.problems]
    assert asked == [("drawer", "relations"), ("colour", "questions"), ("size", "figures")]


def test_follow_ups_do_not_run_in_a_ring() -> None:
    lose = replace(keys().transitions[0], follow_ups=(FollowUp("loans", "lend"),))
    workflow = keys(related=(LOANS,), transitions=(lose,))
    (told,) = faults(following("key", "lose"), workflow)
    assert told.startswith("transition lend: its follow-ups run in a ring: ")
    assert "loan.lend → key.lose → loan.lend" in told


def chain(length: int) -> Workflow:
    """A key whose recorded steps follow each other through other keys."""
    others = Related("others", "key")
    steps = [
        notice(f"step_{n}", *([FollowUp("others", f"step_{n + 1}")] if n < length else [])) for n in range(length + 1)
    ]
    return keys(related=(others,), transitions=(*keys().transitions, *steps))


def test_follow_ups_run_through_four_cases() -> None:
    assert together(chain(4)).reach("key", "step_0") == {("key", Related("others", "key"))}


def test_follow_ups_run_no_further() -> None:
    assert "follow-ups run through more than 4 cases" in faults(chain(5))[0]


# What a step may read.


def test_a_step_reads_the_relation_its_follow_up_goes_along() -> None:
    lose = replace(keys().transitions[0], follow_ups=(FollowUp("loans", "note"),))
    catalogue = together(loan(links=(KEY_LINK,)), keys(related=(LOANS,), transitions=(lose,)))
    assert catalogue.reach("key", "lose") == {("key", LOANS)}


def test_a_step_reads_what_its_follow_ups_read() -> None:
    lose = replace(keys().transitions[0], follow_ups=(FollowUp("loans", "note"),))
    workflow = keys(related=(LOANS,), transitions=(lose,))
    catalogue = together(following("key", "lose"), workflow)
    assert catalogue.reach("loan", "lend") == {("key", LOANS)}
    assert catalogue.reach("loan", "refuse") == frozenset()


def test_without_a_trigger_all_that_any_step_reads_is_told() -> None:
    note = notice("tell", FollowUp("loans", "note"))
    workflow = keys(related=(LOANS,), transitions=(*keys().transitions, note))
    catalogue = together(loan(links=(KEY_LINK,)), workflow)
    assert catalogue.reach("key", None) == {("key", LOANS)}
    assert catalogue.reach("key", "lose") == frozenset()


def counts_loans(view: AnyView) -> Answer:
    """Look at the loans of a key."""
    return YES if len(view.related("loans")) < 3 else no("many", "Många", "Many")


def asks_the_key(view: AnyView) -> Answer:
    """Ask the key itself."""
    key = view.linked("key")
    return key.ask("free", 1) if key else YES


def reading(workflow: Workflow) -> Definition:
    """A definition whose source is this very file."""
    return define(workflow, Path(__file__).read_text(encoding="utf-8"))


def test_a_step_reads_what_its_guards_ask_for() -> None:
    lose = replace(keys().transitions[0], guards=(counts_loans,))
    key = reading(keys(related=(LOANS,), transitions=(lose,)))
    catalogue = Catalogue((key, defined(loan(links=(KEY_LINK,)))))
    assert catalogue.reach("key", "lose") == {("key", LOANS)}


def test_a_step_reads_what_the_answer_to_its_question_reads() -> None:
    key = reading(keys(related=(LOANS,), questions={"free": lambda view, _: counts_loans(view)}))
    asking = with_transition("refuse", guards=(asks_the_key,))
    catalogue = Catalogue((key, reading(replace(asking, links=(KEY_LINK,)))))
    assert catalogue.reach("loan", "refuse") == {("key", LOANS)}
    assert catalogue.reach("loan", "note") == frozenset()


def test_opening_reads_what_its_guards_ask_for() -> None:
    key = reading(keys(related=(LOANS,), guards=(counts_loans,)))
    catalogue = Catalogue((key, defined(loan(links=(KEY_LINK,)))))
    assert catalogue.reach("key", OPENED) == {("key", LOANS)}
    assert catalogue.reach("key", "lose") == frozenset()


def test_a_step_of_either_version_may_be_meant() -> None:
    new = defined(replace(loan(links=(KEY_LINK,)), version=2))
    old = reading(keys(related=(LOANS,), transitions=(replace(keys().transitions[0], guards=(counts_loans,)),)))
    now = defined(keys(version=2, related=(LOANS,)))
    assert Catalogue((new, now), (old,)).reach("key", "lose") == {("key", LOANS)}


def test_an_unknown_trigger_reads_nothing_and_an_unknown_workflow_is_an_error() -> None:
    catalogue = together(LOAN)
    assert catalogue.reach("loan", "fly") == frozenset()
    with pytest.raises(KeyError):
        catalogue.reach("door", None)
