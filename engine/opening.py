"""Opens a case on the working paper: by hand, by an import, or by another case's step."""

from __future__ import annotations

from pydantic import ValidationError

from engine import judging, rights
from engine.canonical import GENESIS
from engine.clockwork import settle_deadlines
from engine.definition import Definition
from engine.drafts import Work, titled
from engine.errors import BadFields, GuardRefused
from engine.faults import words_for
from engine.model import IMPORT_PARTY, Case, Kind
from engine.places import settle_place
from engine.telling import tell
from engine.vocabulary import Actor, Opening, Reason, Text


def bad_opening(code: str, sv: str, en: str) -> BadFields:
    """Say what is wrong with a request to open a case."""
    text = Text(sv, en)
    return BadFields(text, (Reason(code, text),))


def open_case(
    work: Work,
    *,
    workflow: str,
    opening: Opening,
    links: tuple[tuple[str, str], ...],
    actor: Actor,
    caused: bool,
    state: str | None = None,
    evidence: str | None = None,
) -> str:
    """Write a new case and its first event on the working paper; its id. Raises Refused."""
    definition = work.catalogue.current(workflow)
    _check_unit(work, opening.unit)
    ties = (*links, *opening.links.items())
    # What a rule of another case opens is tied as the rule says, whoever took the step.
    _check_links(work, definition, ties, reader=None if caused else work.request.person)
    if definition.workflow.needs_subject and opening.subject is None:
        raise bad_opening("field:subject", "subject: måste fyllas i.", "subject: must be given.")
    facts = _facts(definition, opening)
    case = Case(
        institution=work.request.institution,
        id=work.draws.id(),
        number=_series(work, definition, opening.unit),
        workflow=workflow,
        definition=definition.hash,
        state=_entry(definition, state),
        unit=opening.unit,
        assignee=None,
        subject=opening.subject if definition.workflow.needs_subject else None,
        title="",
        search="",
        facts=facts,
        acts={},
        version=0,
        head=GENESIS,
        opened_at=work.now,
        updated_at=work.now,
        closed_at=None,
        links=ties,
    )
    given = {name: facts[name] for name in opening.facts if name in facts}
    _begin(work, case, definition, actor, caused=caused, given=given, evidence=evidence)
    return case.id


def _begin(
    work: Work,
    case: Case,
    definition: Definition,
    actor: Actor,
    *,
    caused: bool,
    given: dict[str, object],
    evidence: str | None,
) -> None:
    work.opened.add(case.id)
    work.put(case)
    draft = work.draft(case, Kind.OPENED, actor, caused=caused)
    draft.extra.update(workflow=case.workflow, unit=case.unit, subject=case.subject)
    draft.linked.extend(case.links)
    draft.detail.update(fields=given, changes=dict(case.facts))
    if evidence:
        draft.detail["evidence"] = evidence
    view = work.view(case, actor)
    reasons = tuple(judging.answers(definition.workflow.guards, view))
    # What a rule of another case opens is not refused for a person's sake; what is asked for is.
    if reasons and (work.request.person is not None or work.request.party == IMPORT_PARTY):
        raise GuardRefused(reasons[0].message, reasons, state=case.state)
    settle_place(work, case.id, None, actor)
    settle_deadlines(work, case.id, None, None)
    titled(work, case.id)
    tell(work, case.id, definition.workflow.tells, view)


def _series(work: Work, definition: Definition, unit: str) -> str:
    """The series the case is numbered in (`REV-2027`); the store gives the number at the commit."""
    day = work.organisation.calendar(unit).day_at(work.now)
    return f"{definition.workflow.prefix}-{day.year}"


def _entry(definition: Definition, state: str | None) -> str:
    if state is None or state == definition.workflow.initial:
        return definition.workflow.initial
    if state not in definition.workflow.registers_in:
        raise bad_opening(
            "field:state",
            f"state: ett ärende kan inte registreras med status {state}.",
            f"state: a case cannot be registered with the status {state}.",
        )
    return state


def _facts(definition: Definition, opening: Opening) -> dict[str, object]:
    model = definition.workflow.facts
    protected = [name for name in definition.workflow.protected if name in opening.facts]
    if protected:
        raise bad_opening(
            f"field:facts.{protected[0]}",
            f"facts.{protected[0]}: skrivs bara av systemet.",
            f"facts.{protected[0]}: is written by the system only.",
        )
    try:
        return model.model_validate(dict(opening.facts)).model_dump(mode="json")
    except ValidationError as error:
        raise BadFields(
            Text(
                "Uppgifterna i facts går inte att använda som de är.",
                "What was sent in facts cannot be used as it is.",
            ),
            tuple(words_for(error)),
        ) from error


def _check_unit(work: Work, unit: str) -> None:
    if unit not in work.organisation.units:
        raise bad_opening(
            "field:unit",
            f"unit: enheten {unit} finns inte; ange enhetens kod.",
            f"unit: there is no unit {unit}; give the unit's code.",
        )


def _check_links(
    work: Work, definition: Definition, ties: tuple[tuple[str, str], ...], *, reader: str | None
) -> None:
    declared = {link.name: link for link in definition.workflow.links}
    holds = definition.workflow.holds
    for name, to in ties:
        # A place may be borrowed: of the agreement of another unit, which need not be theirs to read.
        borrowed = holds is not None and holds.link == name
        check_link(work, definition, name, to, reader=None if borrowed else reader)
    for link in declared.values():
        if link.required and link.name not in dict(ties):
            raise bad_opening(
                f"field:links.{link.name}",
                f"links.{link.name}: måste anges.",
                f"links.{link.name}: must be given.",
            )


def check_link(work: Work, definition: Definition, name: str, to: str, *, reader: str | None = None) -> None:
    """Refuse a link the workflow does not declare, or to a case of another workflow.

    A case that the `reader` may not read is none: whoever ties a case to another moves that one by the steps of theirs.
    """
    link = next((link for link in definition.workflow.links if link.name == name), None)
    if link is None:
        raise bad_opening(
            f"field:links.{name}",
            f"links.{name}: finns inte för detta ärende.",
            f"links.{name}: does not exist for this case.",
        )
    target = work.cases.get(to)
    if target is not None and reader is not None and not rights.may_read(work, reader, target):
        target = None
    if target is not None and target.erased:
        raise bad_opening(
            f"field:links.{name}",
            f"links.{name}: uppgifterna i det ärendet är raderade.",
            f"links.{name}: the details of that case have been erased.",
        )
    if target is None or target.workflow != link.workflow:
        raise bad_opening(
            f"field:links.{name}",
            f"links.{name}: ska vara ett ärende av slaget {link.workflow}.",
            f"links.{name}: must be a case of the workflow {link.workflow}.",
        )
    work.seen.add(to)
