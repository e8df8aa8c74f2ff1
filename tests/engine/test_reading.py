"""Reading: what a step asks of other cases is told from the source of its functions."""

from __future__ import annotations

from pathlib import Path

from engine.definition import Definition
from engine.loading import load
from engine.reading import ANY, OPENED, Reads
from tests.engine.examples import SOURCE


def defined_with(folder: Path, *changes: tuple[str, str]) -> Definition:
    """The loan, with some of its text changed."""
    text = SOURCE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "loan.py"
    path.write_text(text, encoding="utf-8")
    return load(path)


def guarded(folder: Path, condition: str, more: str = "") -> Definition:
    """The loan, lent on another condition."""
    return defined_with(
        folder,
        ("if view.facts.purpose is None:", f"if {condition}:"),
        ("def has_a_purpose", f"{more}\n\n\ndef has_a_purpose"),
    )


def test_a_guard_reads_the_relation_it_names(tmp_path: Path) -> None:
    definition = guarded(tmp_path, 'view.linked("key") or view.related("loans")')
    assert definition.reads["lend"] == Reads(frozenset({"key", "loans"}))


def test_other_triggers_do_not_read_it(tmp_path: Path) -> None:
    definition = guarded(tmp_path, 'view.linked("key")')
    assert [definition.reads[name] for name in ("refuse", OPENED)] == [Reads(), Reads()]


def test_a_relation_named_in_a_function_it_calls_counts(tmp_path: Path) -> None:
    more = 'def others(view):\n    return view.related("loans")'
    assert guarded(tmp_path, "others(view)", more).reads["lend"].relations == {"loans"}


def test_a_variable_named_like_a_function_does_not_count(tmp_path: Path) -> None:
    more = 'def others(view):\n    return view.related("loans")'
    definition = guarded(tmp_path, "any(others for others in ())", more)
    assert definition.reads["lend"] == Reads()


def test_a_relation_named_in_a_refusal_counts(tmp_path: Path) -> None:
    words = ('"There is no purpose"', 'str(view.linked("key"))')
    assert defined_with(tmp_path, words).reads["lend"].relations == {"key"}


def test_a_name_that_is_not_written_out_may_be_any(tmp_path: Path) -> None:
    assert guarded(tmp_path, "view.related(view.unit)").reads["lend"].relations == {ANY}


def test_questions_and_figures_are_read_too(tmp_path: Path) -> None:
    definition = guarded(tmp_path, 'view.ask("free", 1) == view.figure("answer_days")')
    assert definition.reads["lend"] == Reads(questions=frozenset({"free"}), figures=frozenset({"answer_days"}))


def test_what_a_deadline_reads_counts_for_every_step(tmp_path: Path) -> None:
    changed = (
        'answers=("lend", "refuse"),',
        'answers=("lend", "refuse"), applies=lambda view: bool(view.related("loans")),',
    )
    definition = defined_with(tmp_path, changed)
    assert {names.relations for names in definition.reads.values()} == {frozenset({"loans"})}


def test_what_a_follow_up_asks_counts_for_its_step(tmp_path: Path) -> None:
    changed = (
        '        not_by=("note",),\n',
        '        not_by=("note",),\n        sets=lambda view: {"purpose": view.linked("key").number},\n',
    )
    assert defined_with(tmp_path, changed).reads["lend"].relations == {"key"}


def test_what_an_answer_reads_stands_under_its_question(tmp_path: Path) -> None:
    changed = (
        "        title=title,\n        rules",
        '        title=title,\n        questions={"free": lambda view, _: view.linked("key")},\n        rules',
    )
    definition = defined_with(tmp_path, changed)
    assert definition.answers["free"].relations == {"key"}
    assert definition.reads["lend"] == Reads()
