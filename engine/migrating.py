"""Carries an open case over from the definition it is pinned to, to the current one of its workflow.

The new file says where states go that have another name in it (`Migration.states`); the
others keep theirs. Facts are read anew by the new model, deadlines of the same name keep
what they have used, who did what is kept. What does not fit is refused and stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from engine.clockwork import carry_deadlines
from engine.definition import Definition
from engine.drafts import Work, titled
from engine.erasing import keeper
from engine.errors import GuardRefused, StaleCase
from engine.faults import words_for
from engine.model import Case, Kind
from engine.places import carry_place
from engine.vocabulary import Reason, Text

DONE = Reason(
    "migration_done",
    Text("Ärendet följer redan den nya versionen.", "The case is under the new version already."),
)
CLOSED = Reason(
    "final",
    Text(
        "Ärendet är avslutat; avslutade ärenden stannar i sin version.",
        "The case is closed; closed cases stay in their version.",
    ),
)


def mapped_state(old: Definition, new: Definition, state: str) -> str | None:
    """Where a state of the old definition goes in the new one; None where the file does not say."""
    declared = next((each for each in new.workflow.migrations if each.from_version == old.version), None)
    target = declared.states.get(state, state) if declared else state
    return target if target in new.states else None


def migrate(work: Work, case: Case) -> None:
    """Carry the case over on the working paper. Raises Refused where it does not fit."""
    actor = keeper(work, case)
    old, new = work.definition(case), work.catalogue.current(case.workflow)
    if old.hash == new.hash:
        raise StaleCase(DONE.message, (DONE,), case=case.id, state=case.state)
    if old.states[case.state].final:
        raise GuardRefused(CLOSED.message, (CLOSED,), case=case.id, state=case.state)
    state, facts = _state(old, new, case), _facts(new, case)
    draft = work.draft(case, Kind.MIGRATED, actor, caused=False)
    draft.extra["from_definition"] = old.hash
    draft.detail.update(_noted(case.facts, facts))
    work.put(case.but(definition=new.hash, state=state, facts=facts))
    carry_place(work, case.id, case, actor)
    carry_deadlines(work, case.id, case)
    titled(work, case.id)


def _state(old: Definition, new: Definition, case: Case) -> str:
    state = mapped_state(old, new, case.state)
    if state is not None:
        return state
    label = old.states[case.state].label
    text = Text(
        f"Version {new.version} har inte statusen ”{label.sv}” ({case.state}) och säger inte vart den ska föras.",
        f"Version {new.version} has no status “{label.en}” ({case.state}) and does not say where it goes.",
    )
    raise GuardRefused(text, (Reason("migration_no_state", text),), case=case.id, state=case.state)


def _facts(new: Definition, case: Case) -> Mapping[str, Any]:
    """The facts as the new model reads them. Those it does not know are left behind."""
    model = new.workflow.facts
    known = {name: value for name, value in case.facts.items() if name in model.model_fields}
    try:
        return model.model_validate(known).model_dump(mode="json")
    except ValidationError as error:
        text = Text(
            f"Uppgifterna passar inte i version {new.version}; rätta dem först.",
            f"The facts do not fit version {new.version}; put them right first.",
        )
        reasons = (Reason("migration_facts", text), *words_for(error))
        raise GuardRefused(text, reasons, case=case.id, state=case.state) from error


def _noted(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What a detail keeps of it: values that are new or read otherwise, and those left behind."""
    changes = {name: value for name, value in after.items() if before.get(name, ...) != value}
    dropped = {name: value for name, value in before.items() if name not in after}
    return {name: noted for name, noted in (("changes", changes), ("dropped", dropped)) if noted}
