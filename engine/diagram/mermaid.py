"""A workflow in Mermaid's words (stateDiagram-v2), for wherever Markdown is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.definition import Definition
from engine.diagram.wording import Language, said

RESERVED: Final = frozenset(
    {"as", "choice", "class", "default", "direction", "end", "fork", "join", "note", "state", "style"}
)
"""Words of Mermaid itself; a state of such a name gets an underscore."""


ENTITIES: Final = {ord(sign): f"#{ord(sign)};" for sign in '#:;"<>'}


def mermaid(definition: Definition, language: Language = "en") -> str:
    """Write a workflow as a Mermaid state diagram. Recorded transitions stand in their states."""
    return "\n".join(("stateDiagram-v2", *(f"    {line}" for line in _lines(definition, language)), ""))


def _lines(definition: Definition, language: Language) -> Iterator[str]:
    """Write the states, then the steps between them."""
    for state in definition.workflow.states:
        yield f"{_id(state.name)} : {_plain(said(state.label, language))}"
        for step in definition.offered[state.name]:
            if step.recorded:
                yield f"{_id(state.name)} : · {_plain(said(step.label, language))}"
    yield f"[*] --> {_id(definition.workflow.initial)}"
    for step in definition.workflow.transitions:
        if not step.recorded:
            for source in step.sources:
                label = _plain(said(step.label, language))
                yield f"{_id(source)} --> {_id(step.to)} : {label}"
    for state in definition.workflow.states:
        if state.final:
            yield f"{_id(state.name)} --> [*]"


def _id(name: str) -> str:
    """Name a state so that Mermaid does not take it for a word of its own."""
    return f"{name}_" if name in RESERVED else name


def _plain(text: str) -> str:
    """Write a text on one line, with the signs Mermaid reads as its own as entities."""
    return " ".join(text.translate(ENTITIES).split())
