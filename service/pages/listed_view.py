"""What a list behind a number holds, in the reader's words, part by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from engine.balances import year_name
from engine.definition import Definition
from engine.selecting import Selection
from engine.vocabulary import Text
from engine.wording import Wording
from service.pages.codes import code_words
from service.pages.filters import states_of
from service.pages.insight_view import begin, process_name
from service.pages.visiting import Visit

_FLAGS: Final[Mapping[str, Mapping[bool, Text]]] = {
    "open": {True: Text("öppna", "open"), False: Text("avslutade", "closed")},
    "overdue": {True: Text("försenade", "overdue"), False: Text("inte försenade", "not overdue")},
    "unassigned": {True: Text("utan handläggare", "without an assignee")},
}


def phrases(visit: Visit, selection: Selection, names: Mapping[str, str]) -> tuple[str, ...]:
    """What must hold for a case to stand in the list. `names` holds that of the assignee.

    Raises CaseNotFound where it names an agreement that the reader may not read.
    """
    found = (*_of_case(visit, selection, names), *_of_place(visit, selection))
    return found or (visit.say("alla som du får läsa", "all that you may read"),)


def _of_case(visit: Visit, selection: Selection, names: Mapping[str, str]) -> Iterator[str]:
    text = visit.speech.text
    yield from (process_name(visit, each) for each in selection.workflow)
    if selection.state:
        yield visit.speech.either([_state(visit, selection, each) for each in selection.state])
    yield from (text(words[chosen]) for name, words in _FLAGS.items() if (chosen := getattr(selection, name)) in words)
    if selection.entered_from or selection.entered_to:
        yield _entered(visit, selection.entered_from, selection.entered_to)
    if selection.assignee:
        who = names.get(selection.assignee, visit.say("någon som inte finns kvar", "somebody who is gone"))
        yield visit.say("handläggare {who}", "assignee {who}", who=who)
    if selection.unit:
        yield visit.speech.either([visit.unit_name(each) for each in selection.unit])
    if selection.linked_unit:
        unit = visit.unit_name(selection.linked_unit)
        yield visit.say("väntar på {unit}", "waiting for {unit}", unit=unit)
    if selection.definition:
        yield visit.say("en viss version av processen", "one version of the process")
    if selection.blocked_by:
        said = _reason(visit, selection)
        yield visit.say("hindras av villkoret ”{said}”", "held up by the condition “{said}”", said=said)


def _state(visit: Visit, selection: Selection, state: str) -> str:
    catalogue = visit.house.catalogue
    workflows = [name for name in selection.workflow if name in catalogue.names] or catalogue.names
    said = (states_of(catalogue, name).get(state) for name in workflows)
    return " / ".join(dict.fromkeys(visit.speech.text(label) for label in said if label)) or state


def _entered(visit: Visit, first: date | None, last: date | None) -> str:
    day = visit.speech.day
    if first is None:
        return visit.say(
            "i sin status sedan {last} eller längre", "in their status since {last} or longer", last=day(last)
        )
    if last is None:
        return visit.say(
            "i sin status sedan tidigast {first}", "in their status since {first} at the earliest", first=day(first)
        )
    return visit.say(
        "kom till sin status {first} – {last}",
        "came to their status {first} – {last}",
        first=day(first),
        last=day(last),
    )  # fmt: skip


def _reason(visit: Visit, selection: Selection) -> str:
    """The words of the condition that has this code, in the newest definition that knows it."""
    catalogue, code = visit.house.catalogue, str(selection.blocked_by)
    known = (each for name in selection.workflow if name in catalogue.names for each in catalogue.versions(name))
    said = (words for definition in known for words in _with_code(Wording(definition, catalogue), definition, code))
    return visit.speech.text(next(said, None)).rstrip(".") or code.replace("_", " ")


def _with_code(wording: Wording, definition: Definition, code: str) -> Iterator[Text]:
    for step in definition.workflow.transitions:
        for condition in wording.conditions(step):
            yield from (refusal.message for refusal in condition.refusals if refusal.code == code)


def _of_place(visit: Visit, selection: Selection) -> Iterator[str]:
    text = visit.speech.text
    if selection.of_places:
        yield visit.say("har plats under ett avtal", "hold a place under an agreement")
    if selection.held_under:
        found = visit.house.insight.agreement(visit.institution, visit.person, selection.held_under)
        yield f"{found.case.number} {found.case.title}"
    if selection.academic_year is not None:
        year = year_name(selection.academic_year)
        yield visit.say("läsåret {year}", "academic year {year}", year=year)
    if selection.direction:
        yield text(code_words("Direction", selection.direction))
    if selection.level:
        yield text(code_words("Level", selection.level))
    if selection.row:
        yield visit.say("villkoret {row}", "condition {row}", row=selection.row)


def title(visit: Visit, said: tuple[str, ...]) -> str:
    """What is listed, in one line."""
    return f"{visit.say('Ärenden', 'Cases')}: {begin(', '.join(said))}"
