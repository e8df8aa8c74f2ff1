"""A workflow as Markdown, as it stands in docs/workflows: what the office reads and checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from engine.definition import Definition
from engine.proofs import in_words, provable
from engine.schemas import schema_of
from engine.vocabulary import (
    CASE,
    AtOnce,
    Budget,
    Deadline,
    Figure,
    Fire,
    Form,
    HandOver,
    Moment,
    OnDay,
    Person,
    Rung,
    Side,
    State,
    Text,
    Transition,
    Who,
)


def table(definition: Definition) -> str:
    """Write a workflow as Markdown: states, steps, roles, deadlines, forms, rules."""
    workflow = definition.workflow
    sections = (
        (f"# {_both(workflow.label)}", (workflow.purpose.sv, "", workflow.purpose.en)),
        ("## States", _states(definition)),
        ("## Steps", _steps(definition)),
        ("## Roles", _roles(definition)),
        ("## Deadlines", _deadlines(definition)),
        ("## Forms", _forms(definition)),
        ("## Rules, proved on every path", _rules(definition)),
    )
    written = ["\n".join((heading, "", *lines)) for heading, lines in sections]
    return "\n\n".join(written) + "\n"


def _states(definition: Definition) -> Iterator[str]:
    """Write where a case can stand, who is waited for there, and what runs or rests."""
    return _rows(
        ("State", "Waits for", "Runs", "Rests", "Remarks"),
        (
            (
                _state(state),
                _who(state.owner_role) if state.owner_role else "",
                ", ".join(d.name for d in definition.workflow.deadlines if state.name in d.runs_in),
                ", ".join(state.pauses),
                "; ".join(_remarks(state)),
            )
            for state in definition.workflow.states
        ),
    )


def _remarks(state: State) -> Iterator[str]:
    """Say what else holds in a state."""
    if state.final:
        yield "final"
    if state.reopens_to:
        yield f"reopens to `{state.reopens_to}`"
    if state.holds_place:
        yield "holds a place"
    if state.subject_label:
        yield f"the student or partner reads: {_both(state.subject_label)}"
    if state.waits_because:
        yield f"may wait: {_both(state.waits_because)}"


def _steps(definition: Definition) -> Iterator[str]:
    """Write every step from every state."""
    return _rows(
        ("State", "Trigger", "Guard", "Next", "Deadline"),
        (
            (
                _state(state),
                f"{_both(step.label)} `{step.trigger}`",
                "; ".join(_conditions(step)),
                "recorded" if step.recorded else _state(definition.states[step.to]),
                "; ".join(_timely(definition, state, step)),
            )
            for state in definition.workflow.states
            for step in definition.offered[state.name]
        ),
    )


def _conditions(step: Transition) -> Iterator[str]:
    """Say what a step asks for before it is taken."""
    yield from (_said(guard) for guard in (*step.guards, *step.field_guards))
    if step.not_by:
        yield f"not by who did {', '.join(f'`{name}`' for name in step.not_by)}"
    if step.reason_required:
        yield "with a reason"


def _timely(definition: Definition, state: State, step: Transition) -> Iterator[str]:
    """Say which deadlines a step meets, and which of them take it."""
    for deadline in definition.workflow.deadlines:
        if state.name not in deadline.runs_in and deadline.name not in state.pauses:
            continue
        if step.trigger in deadline.answers:
            yield f"meets {deadline.name}"
        for rung in deadline.ladder:
            if isinstance(rung.does, Fire) and rung.does.trigger == step.trigger:
                yield f"by {deadline.name}, {_moment(rung.at, deadline)}"


def _roles(definition: Definition) -> Iterator[str]:
    """Write what each role may do."""
    may: dict[str, dict[str, None]] = {}
    for who in definition.workflow.openers:
        may.setdefault(_who(who), {})["(opens)"] = None
    for step in definition.workflow.transitions:
        for who in step.who:
            may.setdefault(_who(who), {})[f"`{step.trigger}`"] = None
    return _rows(("Role", "May"), ((role, ", ".join(triggers)) for role, triggers in may.items()))


def _deadlines(definition: Definition) -> Iterator[str]:
    """Write each deadline with its ladder."""
    if not definition.workflow.deadlines:
        yield "None."
    for number, deadline in enumerate(definition.workflow.deadlines):
        if number:
            yield ""
        yield f"### {_both(deadline.label)} `{deadline.name}`"
        yield ""
        yield f"{_due(deadline)}. {'; '.join(_course(deadline))}."
        if deadline.ladder:
            yield ""
            yield from _rows(
                ("When", "What", "To", "Message"),
                (
                    (
                        _moment(rung.at, deadline),
                        _deed(rung),
                        ", ".join(_whom(whom) for whom in rung.whom),
                        rung.message or "",
                    )
                    for rung in deadline.ladder
                ),
            )


def _course(deadline: Deadline) -> Iterator[str]:
    """Say where a deadline runs, what meets it, and on whose clock."""
    yield f"Runs in {', '.join(f'`{name}`' for name in deadline.runs_in)}"
    if deadline.applies is not None:
        yield f"applies where {_said(deadline.applies)}"
    if deadline.answers:
        yield f"met by {', '.join(f'`{name}`' for name in deadline.answers)}"
    yield "an internal clock" if deadline.internal else "a promise to others"


def _due(deadline: Deadline) -> str:
    """Say when a deadline is due."""
    match deadline.due:
        case Budget(count, unit):
            return f"{_count(count)} {unit.value.replace('_', ' ')}"
        case OnDay(day, on_closed_day):
            closed = "" if on_closed_day == "keep" else f", on a closed day the {on_closed_day}"
            return f"On a day: {_said(day)}{closed}"
        case AtOnce():
            return "At once"


def _moment(moment: Moment, deadline: Deadline) -> str:
    """Say when a rung fires."""
    count, unit = _count(moment.count), moment.unit.value.replace("_", " ")
    if moment.side is Side.USED:
        own = deadline.due.unit if isinstance(deadline.due, Budget) else moment.unit
        return f"{count} {own.value.replace('_', ' ')} used"
    if moment.side is Side.BEFORE:
        return f"{count} {unit} before the last day" if moment.count else "the last day"
    return f"{count} {unit} after the last day" if moment.side is Side.AFTER else "missed"


def _deed(rung: Rung) -> str:
    """Say what a rung does."""
    if isinstance(rung.does, Fire):
        return f"takes `{rung.does.trigger}`"
    if isinstance(rung.does, HandOver):
        return f"hands over to {', or '.join(rung.does.to)}"
    return "tells"


def _forms(definition: Definition) -> Iterator[str]:
    """Write each form once, with the steps that ask for it."""
    asked: dict[type[Form], dict[str, None]] = {}
    for step in definition.workflow.transitions:
        if step.form.model_fields:
            asked.setdefault(step.form, {})[f"`{step.trigger}`"] = None
    if not asked:
        yield "None."
    for number, (form, triggers) in enumerate(asked.items()):
        if number:
            yield ""
        yield f"### {form.__name__}: {', '.join(triggers)}"
        yield ""
        schema = schema_of(form)
        required = schema.get("required", ())
        yield from _rows(
            ("Field", "Title", "Kind", "Required"),
            (
                (f"`{name}`", str(part.get("title", "")), _kind(part), "yes" * (name in required))
                for name, part in schema["properties"].items()
            ),
        )


def _kind(part: Mapping[str, Any]) -> str:
    """Say in a word or two what a field takes."""
    if "$ref" in part:
        return str(part["$ref"]).rsplit("/", maxsplit=1)[-1]
    if "anyOf" in part:
        kinds = [_kind(each) for each in part["anyOf"] if each.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "enum" in part or "const" in part:
        return " or ".join(str(value) for value in part.get("enum", [part.get("const")]))
    if part.get("type") == "array":
        return f"list of {_kind(part.get('items', {}))}"
    return str(part.get("format", part.get("type", "anything")))


def _rules(definition: Definition) -> Iterator[str]:
    """Write the rules."""
    if not definition.workflow.rules:
        yield "None."
    for rule in definition.workflow.rules:
        beside = "" if provable(rule) else " (not proved, for a graph tells no days: checked on histories)"
        yield f"- `{in_words(rule)}`{beside}"


def _rows(heading: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Write a Markdown table."""
    yield f"| {' | '.join(heading)} |"
    yield f"|{'---|' * len(heading)}"
    for row in rows:
        yield f"| {' | '.join(_cell(text) for text in row)} |"


def _cell(text: str) -> str:
    """Write a text so that it stays in its cell."""
    return " ".join(text.replace("|", "\\|").split())


def _both(text: Text) -> str:
    return f"{text.sv} / {text.en}"


def _state(state: State) -> str:
    return f"{_both(state.label)} `{state.name}`"


def _who(who: Who) -> str:
    return who.role.value if who.where == CASE else f"{who.role.value} at {who.where}"


def _whom(whom: Who | Person) -> str:
    return whom.value if isinstance(whom, Person) else _who(whom)


def _count(count: int | Figure) -> str:
    """Write a number, with the name of the setting where the office may choose it."""
    return f"{count.default} (`{count.name}`)" if isinstance(count, Figure) else str(count)


def _said(function: Callable[..., Any]) -> str:
    """Say a function's name in words; one without a name is judged by a condition."""
    name = str(getattr(function, "__name__", type(function).__name__))
    return "a condition" if name == "<lambda>" else name.replace("_", " ")
