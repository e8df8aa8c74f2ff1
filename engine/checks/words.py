"""Words: everything people read is there in both languages, and every blank can be filled in."""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter
from typing import Final

from engine.house_messages import OF_THE_HOUSE
from engine.vocabulary import MessageText, Text, Workflow

PLACEHOLDERS: Final = frozenset(
    {
        "assignee", "days_late", "due_on", "name", "number", "partner", "reason", "state",
        "title", "unit", "url",
    }
)  # fmt: skip
"""What delivery can fill in. Source: `engine.vocabulary.MessageText`."""


def labels(workflow: Workflow) -> Iterator[str]:
    """Find labels that are missing, or blank in one language."""
    for where, text in _texts(workflow):
        if not isinstance(text, Text):
            yield f"{where}: is not a Text; write Text(Swedish, English)"
            continue
        for language, words in (("Swedish", text.sv), ("English", text.en)):
            if not words.strip():
                yield f"{where}: is blank in {language}; write what people shall read"


def placeholders(workflow: Workflow) -> Iterator[str]:
    """Find placeholders in messages that nothing fills in, and braces that do not match."""
    for message in workflow.messages:
        for language in ("sv", "en"):
            where = f"message {message.name}, {language}"
            try:
                named = sorted(set(_placeholders(message, language)) - PLACEHOLDERS)
            except ValueError as error:
                yield f"{where}: {error}; write {{{{ and }}}} for braces that shall be read"
                continue
            for name in named:
                known = ", ".join(sorted(PLACEHOLDERS))
                yield f"{where}: nothing fills in {{{name}}}; there are {known}"


def messages(workflow: Workflow) -> Iterator[str]:
    """Find messages that are sent but not written, or written under a name of the house's own."""
    written = {message.name for message in workflow.messages}
    for name in sorted(written & OF_THE_HOUSE.keys()):
        yield f"message {name}: bears the name of a message of the house itself; choose another"
    sent = [("tells", tell.message) for tell in workflow.tells]
    for transition in workflow.transitions:
        sent += [(f"transition {transition.trigger}", tell.message) for tell in transition.tells]
    for deadline in workflow.deadlines:
        where = f"deadline {deadline.name}, rung"
        sent += [(f"{where} {each.name}", each.message) for each in deadline.ladder if each.message]
    for where, name in sent:
        if name not in written:
            yield f"{where}: tells {name}, which is not declared; write it in messages"


def _texts(workflow: Workflow) -> Iterator[tuple[str, object]]:
    """Give every text people read, with where it stands."""
    yield "label", workflow.label
    yield "purpose", workflow.purpose
    for state in workflow.states:
        yield f"state {state.name}, label", state.label
        for name in ("subject_label", "waits_because"):
            if getattr(state, name) is not None:
                yield f"state {state.name}, {name}", getattr(state, name)
    yield from ((f"transition {each.trigger}, label", each.label) for each in workflow.transitions)
    yield from ((f"deadline {each.name}, label", each.label) for each in workflow.deadlines)
    yield from ((f"milestone {each.name}, label", each.label) for each in workflow.milestones)
    for paper in workflow.dossier.papers if workflow.dossier else ():
        for name in ("label", "source", "elsewhere"):
            if getattr(paper, name) is not None:
                yield f"paper {paper.name}, {name}", getattr(paper, name)
    for message in workflow.messages:
        yield f"message {message.name}, subject", message.subject
        yield f"message {message.name}, body", message.body


def _placeholders(message: MessageText, language: str) -> Iterator[str]:
    """Give what stands in braces. Raises ValueError where braces do not match."""
    for text in (message.subject, message.body):
        for _, name, _, _ in Formatter().parse(getattr(text, language)):
            if name is not None:
                yield name


WORD_CHECKS: Final = (labels, messages, placeholders)
