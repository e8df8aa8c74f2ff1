"""Diagrams: a picture that shows everything, for eyes and for screen readers, and tables beside it."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any, Literal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.definition import Definition
from engine.diagram import mermaid, svg, table
from engine.diagram.layers import crossings, depths, downward, ordered, rows_of
from engine.diagram.layout import Layout, lay_out, spread
from engine.diagram.picture import arrows, boxes, is_written
from engine.diagram.wording import width_of, wrapped
from engine.loading import load
from engine.vocabulary import (
    MISSED,
    AtOnce,
    Deadline,
    HandOver,
    OnDay,
    Role,
    Rung,
    State,
    Text,
    Transition,
    after,
    before,
    final,
    remind,
)
from tests.engine.examples import (
    ANSWER,
    STATES,
    TRANSITIONS,
    WORDS,
    defined,
    keys,
    loan,
    with_state,
)

SVG = "{http://www.w3.org/2000/svg}"
FILES = sorted(path for path in (Path(__file__).parents[2] / "workflows").glob("*.py") if path.stem != "__init__")


def drawn(definition: Definition | None = None, **options: Any) -> ET.Element:
    """A picture, read as XML."""
    return ET.fromstring(svg(definition or defined(), **options))


def texts(picture: ET.Element, kind: str) -> list[str]:
    """The texts of a kind in a picture, lines joined."""
    found = picture.iter(f"{SVG}text")
    return [" ".join(t.text or "" for t in text) for text in found if text.get("class") == kind]


def states_drawn(picture: ET.Element) -> dict[str, ET.Element]:
    """The boxes of a picture by state."""
    return {g.get("data-state", ""): g for g in picture.iter(f"{SVG}g") if g.get("data-state")}


# The picture.


def test_every_state_is_a_box_with_its_label() -> None:
    assert set(states_drawn(drawn())) == {state.name for state in STATES}
    assert set(texts(drawn(language="sv"), "title")) == {"Begärd", "Utlånad", "Återlämnad", "Nekad"}


def test_every_step_that_moves_is_an_arrow_with_its_label() -> None:
    labels = " ".join(texts(drawn(), "label"))
    assert all(word in labels for word in ("Lend", "Refuse", "Lapse", "Give back", "Reconsider"))


def test_a_recorded_step_stands_in_the_box_of_its_state() -> None:
    notes = {name: "".join(texts(box, "note")) for name, box in states_drawn(drawn()).items()}
    assert notes == {"asked": "· Note", "lent": "· Note", "returned": "", "refused": ""}


@pytest.mark.parametrize(
    ("language", "heading", "now"),
    [("sv", "Nyckellån", "Ärendet är nu: Utlånad."), ("en", "Loan of a key", "The case is now: Lent.")],
)
def test_a_screen_reader_is_told_the_same(language: Literal["sv", "en"], heading: str, now: str) -> None:
    picture = drawn(language=language, current="lent")
    named = {element.get("id"): element.text or "" for element in picture if element.get("id")}
    said = [named[name] for name in (picture.get("aria-labelledby") or "").split()]
    assert (picture.get("role"), picture.get("lang"), said[0]) == ("img", language, heading)
    assert said[1].endswith(now)


def test_every_step_stands_in_the_description() -> None:
    description = drawn().findtext(f"{SVG}desc") or ""
    assert all(step.label.en in description for step in TRANSITIONS)


def test_the_present_state_is_marked_by_a_word_and_not_by_colour_alone() -> None:
    box = states_drawn(drawn(language="sv", current="lent", done=("asked", "lent")))["lent"]
    assert texts(box, "mark") == ["▸ Nu"]


def test_a_state_left_is_ticked() -> None:
    picture = states_drawn(drawn(current="lent", done=("asked",)))
    assert [texts(picture[name], "mark") for name in ("asked", "refused")] == [["✓"], []]


def test_a_final_state_has_a_double_line() -> None:
    rings = {name: len(box.findall(f"{SVG}rect")) for name, box in states_drawn(drawn()).items()}
    assert rings == {"asked": 1, "lent": 1, "returned": 2, "refused": 2}


def test_only_what_the_clock_alone_does_is_dashed() -> None:
    labels = [(arrow.source, arrow.target, arrow.by_clock) for arrow in arrows(defined(), "en")]
    assert ("asked", "refused", False) in labels
    steps = tuple(step for step in TRANSITIONS if step.trigger != "refuse")
    deadline = replace(ANSWER, answers=("lend",))
    by_clock = defined(loan(transitions=steps, deadlines=(deadline,)))
    assert ("asked", "refused", True) in [(a.source, a.target, a.by_clock) for a in arrows(by_clock, "en")]
    assert 'stroke-dasharray="6 4"' in svg(by_clock)


def test_light_dark_and_paper_have_their_colours() -> None:
    style = drawn().findtext(f"{SVG}style") or ""
    assert "@media (prefers-color-scheme:dark)" in style
    assert "@media print" in style
    assert "var(--diagram-paper,#ffffff)" in style


def test_without_a_style_sheet_there_are_still_colours() -> None:
    for element in drawn().iter():
        if element.tag in {f"{SVG}rect", f"{SVG}text", f"{SVG}circle"}:
            assert element.get("fill")


def test_signs_of_markup_in_labels_are_only_text() -> None:
    picture = drawn(defined(with_state("lent", label=Text("A & <b>", "A & <b>"))))
    assert "A & <b>" in texts(picture, "title")


def test_the_same_workflow_is_always_the_same_picture() -> None:
    assert svg(defined(), "sv", "lent", {"asked", "lent"}) == svg(defined(), "sv", "lent", ["lent", "asked"])


def test_a_workflow_of_two_states_is_drawn() -> None:
    assert set(states_drawn(drawn(defined(keys())))) == {"in_box", "lost"}


def test_what_leads_from_many_states_is_written_and_not_drawn() -> None:
    open_states = tuple(State(f"step_{n}", WORDS, Role.HEAD, waits_because=WORDS) for n in range(4))
    steps = tuple(Transition(f"go_{n}", WORDS, f"step_{n}", f"step_{n + 1}", (Role.HEAD,)) for n in range(3))
    names = tuple(state.name for state in open_states)
    leave = Transition("leave", Text("Lämna", "Leave"), names, "gone", (Role.HEAD,))
    states = (*open_states, final("gone", "Borta", "Gone"))
    definition = defined(keys(states=states, transitions=(*steps, leave), initial="step_0"))
    picture = states_drawn(drawn(definition))
    assert is_written(definition, leave)
    assert texts(picture["gone"], "note") == ["← Leave, from 4 statuses"]
    assert texts(picture["step_2"], "note") == ["→ Leave"]


# Where things go.


def overlaps(layout: Layout, sizes: dict[Any, tuple[float, float]]) -> list[tuple[Any, Any]]:
    """The boxes and labels that cover each other."""
    middles: dict[Any, tuple[float, float]] = {**layout.boxes, **layout.labels}

    def covers(one: Any, other: Any) -> bool:
        return all(
            abs(middles[one][axis] - middles[other][axis]) < (sizes[one][axis] + sizes[other][axis]) / 2 - 0.01
            for axis in (0, 1)
        )

    return [pair for pair in combinations(middles, 2) if covers(*pair)]


NAMES = st.sampled_from("abcdefgh")


@given(
    st.lists(st.tuples(NAMES, NAMES).filter(lambda edge: edge[0] != edge[1]), max_size=18, unique=True),
    st.data(),
)
def test_no_box_or_label_covers_another(edges: list[tuple[str, str]], data: st.DataObject) -> None:
    size = st.tuples(st.integers(20, 200), st.integers(10, 120))
    boxes_of = {name: data.draw(size) for name in "abcdefgh"}
    arrows_of = {edge: data.draw(size) for edge in edges}
    layout = lay_out(boxes_of, arrows_of, "a", aside=edges[::3])
    assert overlaps(layout, {**boxes_of, **arrows_of}) == []
    assert set(layout.strokes) == set(edges)


@given(st.lists(st.tuples(NAMES, NAMES).filter(lambda edge: edge[0] != edge[1]), max_size=18, unique=True))
def test_arrows_lead_down_once_those_back_are_turned(edges: list[tuple[str, str]]) -> None:
    kept = downward("abcdefgh", edges, "a")
    depth = depths("abcdefgh", kept)
    for (source, target), keeps in kept.items():
        assert (depth[source] < depth[target]) is keeps


@given(st.lists(st.tuples(NAMES, NAMES).filter(lambda edge: edge[0] != edge[1]), max_size=18, unique=True))
def test_sorting_never_makes_more_crossings(edges: list[tuple[str, str]]) -> None:
    kept = downward("abcdefgh", edges, "a")
    rows, ties = rows_of("abcdefgh", kept, depths("abcdefgh", kept))
    below = {item: [lower for upper, lower in ties if upper == item] for row in rows for item in row}
    assert crossings(ordered(rows, ties), below) <= crossings(rows, below)


@given(st.lists(st.tuples(st.floats(-500, 500), st.floats(1, 50), st.floats(0.1, 5)), min_size=1, max_size=12))
def test_points_keep_their_order_and_distance(points: list[tuple[float, float, float]]) -> None:
    gaps = [gap for _, gap, _ in points[1:]]
    placed = spread([want for want, _, _ in points], gaps, [weight for _, _, weight in points])
    for left, right, gap in zip(placed, placed[1:], gaps, strict=False):
        assert right - left >= gap - 1e-6


def test_points_with_room_stand_where_they_want() -> None:
    assert spread([0.0, 100.0, 250.0], [50.0, 50.0], [1.0, 1.0, 1.0]) == [0.0, 100.0, 250.0]


def test_text_is_broken_between_words() -> None:
    lines = wrapped("Godkänn preliminärt kursval", 11, 80)
    assert " ".join(lines) == "Godkänn preliminärt kursval"
    assert all(width_of(line, 11) <= 80 or " " not in line for line in lines)


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_every_workflow_of_the_house_is_drawn_without_overlap(path: Path) -> None:
    definition = load(path)
    for language in ("sv", "en"):
        sizes: dict[Any, tuple[float, float]] = {
            name: (box.width, box.height) for name, box in boxes(definition, language).items()
        }
        steps = {(a.source, a.target): (a.width, a.height) for a in arrows(definition, language)}
        layout = lay_out(sizes, steps, definition.workflow.initial)
        assert overlaps(layout, {**sizes, **steps}) == []
        assert set(states_drawn(drawn(definition, language=language))) == set(definition.states)


# Mermaid.


def test_mermaid_names_start_steps_and_ends() -> None:
    assert mermaid(defined(), "sv").splitlines() == [
        "stateDiagram-v2",
        "    asked : Begärd",
        "    asked : · Anteckna",
        "    lent : Utlånad",
        "    lent : · Anteckna",
        "    returned : Återlämnad",
        "    refused : Nekad",
        "    [*] --> asked",
        "    asked --> lent : Låna ut",
        "    asked --> refused : Neka",
        "    asked --> refused : Förfaller",
        "    lent --> returned : Lämna tillbaka",
        "    returned --> lent : Ompröva",
        "    returned --> [*]",
        "    refused --> [*]",
    ]


def test_mermaid_reads_no_sign_of_a_label_as_its_own() -> None:
    workflow = with_state("lent", label=Text("x", 'Lent: "now"; #1'))
    assert "lent : Lent#58; #34;now#34;#59; #35;1" in mermaid(defined(workflow))


def test_a_state_named_like_a_word_of_mermaid_is_told_apart() -> None:
    states = tuple(replace(state, name="end") if state.name == "lost" else state for state in keys().states)
    workflow = keys(states=states, transitions=(replace(keys().transitions[0], to="end"),))
    assert "in_box --> end_ : Lose" in mermaid(defined(workflow))


# Tables.


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the first table under a heading."""
    under = text.split(f"{heading}\n", 1)[1]
    lines = [line for line in re.split(r"\n#+ ", under)[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def test_the_table_holds_every_step_from_every_state() -> None:
    steps = rows(table(defined()), "## Steps")
    assert [row[0].split("`")[1] for row in steps] == ["asked"] * 4 + ["lent"] * 2 + ["returned"]
    assert steps[0] == [
        "Begärd / Asked for `asked`",
        "Låna ut / Lend `lend`",
        "has a purpose; not by who did `note`",
        "Utlånad / Lent `lent`",
        "meets answer",
    ]


def test_the_table_says_what_the_clock_does_and_when() -> None:
    lapse = next(row for row in rows(table(defined()), "## Steps") if "`lapse`" in row[1])
    assert lapse[4] == "by answer, 5 working days after the last day"


def test_the_table_says_who_may_do_what() -> None:
    roles = dict(rows(table(defined()), "## Roles"))
    assert roles["head"] == "`refuse`, `note`, `reconsider`"


def test_a_ladder_is_printed_rung_by_rung() -> None:
    text = table(defined())
    assert "3 (`answer_days`) working days. Runs in `asked`; met by `lend`, `refuse`;" in text
    assert rows(text, "### Svar / Answer `answer`") == [
        ["2 working days used", "tells", "assignee", "reminder"],
        ["missed", "tells", "head", "escalation"],
        ["5 working days after the last day", "takes `lapse`", "", ""],
    ]


@pytest.mark.parametrize(
    ("deadline", "told"),
    [
        (
            replace(ANSWER, due=AtOnce(), ladder=(Rung("next", MISSED, does=HandOver((Role.HEAD, Role.OFFICER))),)),
            "At once",
        ),
        (
            replace(ANSWER, due=OnDay(lambda _: None, "next"), ladder=()),
            "On a day: a condition, on a closed day the next",
        ),
        (replace(ANSWER, ladder=(remind(before(0)),)), "| the last day | tells |"),
        (replace(ANSWER, ladder=(remind(before(2)),)), "| 2 working days before the last day | tells |"),
        (replace(ANSWER, ladder=(remind(after(1)),), applies=lambda _: True), "applies where a condition"),
        (replace(ANSWER, internal=False), "a promise to others"),
    ],
)
def test_every_kind_of_deadline_can_be_printed(deadline: Deadline, told: str) -> None:
    assert told in table(defined(loan(deadlines=(deadline,))))


def test_forms_are_printed_with_their_fields() -> None:
    assert rows(table(defined()), "### LendForm: `lend`") == [
        ["`wanted_until`", "Behövs till / Wanted until", "date", "yes"]
    ]


def test_rules_are_printed() -> None:
    assert "- `answered_by(lend, give_back)`" in table(defined())


def test_both_languages_and_both_purposes_stand_in_the_table() -> None:
    text = table(defined())
    assert text.startswith("# Nyckellån / Loan of a key\n\nAtt låna ut en nyckel.\n\nTo lend a key.\n")


def test_a_bar_in_a_label_does_not_break_the_table() -> None:
    workflow = with_state("lent", label=Text("Ut|lånad", "Le|nt"))
    assert "Ut\\|lånad / Le\\|nt `lent`" in table(defined(workflow))


def test_a_workflow_without_deadlines_and_forms_says_so() -> None:
    assert table(defined(keys())).count("None.") == 3
