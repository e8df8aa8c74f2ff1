"""How large the facts of a case may grow: what a step leaves is measured before it is written.

Each step reads the facts of its case and of those tied to it, reads them through the workflow's
model and writes them whole; a batch does so for hundreds of cases at once. A list that grows with
each step would make one case slow, then all that are taken together with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.canonical import size_of
from engine.decide import Replayed
from engine.definition import Definition
from engine.errors import FactsTooLarge
from engine.model import Case, Decision, Snapshot
from engine.views import Definitions
from engine.vocabulary import Reason, Role, Text

ROOM: Final = 250_000
"""Bytes of a case's facts as JSON (`size_of`).

The largest of a played year are an exchange's 3 kB. An agreement under which a thousand places are held
at once comes to 115 kB; an exchange of sixty courses, each refused with a page of reasons, to 200 kB. A whole
batch of cases as large as may be, two hundred, is 50 MB of JSON: what a small machine still bears.
"""
KILO: Final = 1000


def within_room(catalogue: Definitions, snapshot: Snapshot, decided: Decision | Replayed) -> Decision | Replayed:
    """What was decided; or FactsTooLarge where it would leave a case with more facts than there is room for.

    A case that had too many already may lose some, and may take every step that leaves them as they are.
    """
    for case in () if isinstance(decided, Replayed) else decided.cases:
        before = snapshot.cases.get(case.id)
        if before is not None and before.facts is case.facts:
            continue
        size = size_of(case.facts)
        if size > ROOM and (before is None or size > size_of(before.facts)):
            raise _too_large(catalogue.by_hash(case.definition), case, before, size)
    return decided


def _too_large(definition: Definition, case: Case, before: Case | None, size: int) -> FactsTooLarge:
    name, largest = _largest(case.facts)
    # A new case has no number yet; it may be any of those that a step touches, so the others are named by theirs.
    which = Text(f"Ärendet {before.number}", f"Case {before.number}") if before else Text("Ärendet", "The case")
    told = _titled(definition, name)
    todo, who = _what_to_do(definition, name)
    text = Text(
        f"{which.sv} skulle få för mycket uppgifter: {_kilo(size)} kB, och det får vara högst {_kilo(ROOM)} kB. "
        f"Mest är ”{told.sv}” ({name}): {_kilo(largest)} kB. {todo.sv} Inget har ändrats.",
        f"{which.en} would hold too much: {_kilo(size)} kB of facts, and there may be {_kilo(ROOM)} kB at most. "
        f"Most of it is “{told.en}” ({name}): {_kilo(largest)} kB. {todo.en} Nothing was changed.",
    )
    state = before.state if before else None
    return FactsTooLarge(text, (Reason("facts_too_large", text, who),), case=case.id, state=state)


def _largest(facts: Mapping[str, Any]) -> tuple[str, int]:
    """The name of the fact that takes most, and its bytes."""
    sizes = {name: size_of(value) for name, value in facts.items()}
    name = max(sizes, key=sizes.__getitem__)
    return name, sizes[name]


def _titled(definition: Definition, name: str) -> Text:
    title = definition.workflow.facts.model_fields[name].title or name
    sv, _, en = title.partition(" / ")
    return Text(sv, en or sv)


def _what_to_do(definition: Definition, name: str) -> tuple[Text, Role | None]:
    """What helps against a fact that is too large, and who can do it where not everybody can."""
    if name in definition.workflow.protected:
        text = Text(
            "Fältet skrivs av systemet: lägg det som tillkommer i ett nytt ärende, eller fråga en administratör.",
            "The system writes that field: put what is to come into a new case, or ask an administrator.",
        )
        return text, Role.ADMIN
    text = Text(
        "Korta där eller ta bort det som inte behövs (rätta uppgifterna), eller fördela det på flera ärenden.",
        "Shorten it or take out what is not needed (correct the facts), or spread it over several cases.",
    )
    return text, None


def _kilo(size: int) -> int:
    """Kilobytes, rounded up: what is too large must not look as if it fitted."""
    return -(-size // KILO)
