"""Decisions: who, when, why, how long it took, how the person was told, and how to appeal.

A decision is a step whose form asks who presented it, and when and how the person was told
(Förvaltningslagen (2017:900), 31-33 §§). When the message went out is read from the outbox, whatever the form says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from engine.paging import Page
from engine.reports import steps
from engine.reports.shape import DETAIL_ERASED, Column, Line, Moment, Question, Report, Value
from engine.reports.steps import BY, HEAD
from engine.store import report_rows
from engine.store.report_rows import Notice, Told, Wanted
from engine.vocabulary import Text

NOT_SENT: Final = Text("inte skickat", "not sent")


def lines(question: Question, cursor: str | None, limit: int) -> Page[Line]:
    """A page of the report."""
    wanted = question.wanted(steps=steps.named(question.cases.catalogue, steps.is_decision))

    def judge(rows: Sequence[Told]) -> list[Line | None]:
        found = [(row, _decides(question, row)) for row in rows]
        keys = {(row.case, row.sequence) for row, decides in found if decides}
        sent = report_rows.notices(question.asked.connection, question.asked.scope.institution, keys)
        rests_on = Findings(question, [row for row, decides in found if decides])
        return [
            _line(question, row, sent.get((row.case, row.sequence), ()), rests_on) if decides else None
            for row, decides in found
        ]

    return steps.walk(question, wanted, judge, cursor, limit)


def _decides(question: Question, row: Told) -> bool:
    step = steps.step_of(question.cases.catalogue, row)
    return step is not None and steps.is_decision(step)


def _line(question: Question, row: Told, notices: Sequence[Notice], rests_on: Findings) -> Line:
    own = _reason(row)
    finding = None if own else rests_on.before(row)
    definition = steps.definition_of(question.cases.catalogue, row)
    calendar = question.asked.organisation.calendar(row.unit)
    opened = steps.local_day(question, row.unit, row.opened_at)
    values = steps.head(question, row) | steps.by(row)
    values |= {
        "outcome": definition.states[row.to_state].label if definition and row.to_state in definition.states else None,
        "reason": steps.detail_value(finding, "reason") if finding else own,
        "presented_by": _told(row, "presented_by"),
        "told_on": _told(row, "told_on"),
        "told_how": _told(row, "told_how"),
        "sent_at": _sent(row, notices),
        "working_days": calendar.working_days_between(opened, steps.local_day(question, row.unit, row.at)),
        "appealable": _appealable(row),
        "appeal": _appeal(question, row),
    }
    return Line(values, (steps.ref(row), *((steps.ref(finding),) if finding else ())))


class Findings:
    """What decisions without a reason of their own rest on: the finding before them in their case.

    A finding is a step for which nobody may be biased. One that confirms another's (four eyes,
    `not_by`) gives that one's reason.
    """

    def __init__(self, question: Question, rows: Sequence[Told]) -> None:
        self._catalogue = question.cases.catalogue
        cases = tuple(sorted({row.case for row in rows if not _reason(row)}))
        wanted = Wanted(steps=steps.named(self._catalogue, steps.declares))
        reader = (question.asked.connection, question.asked.scope)
        found = report_rows.told_of(*reader, wanted, cases=cases, limit=steps.MOST) if cases else ()
        self._by_case: dict[str, list[Told]] = {}
        for each in found:
            self._by_case.setdefault(each.case, []).append(each)

    def before(self, row: Told) -> Told | None:
        """The finding with the reason a decision rests on; None where there is none, or it needed none."""
        earlier = sorted(self._by_case.get(row.case, ()), key=lambda each: -each.sequence)
        earlier = [each for each in earlier if each.sequence < row.sequence]
        last = next(iter(earlier), None)
        if last is None or _has_reason(last):
            return last
        step = steps.step_of(self._catalogue, last)
        confirmed = set(step.not_by) if step else set()
        return next((each for each in earlier if each.trigger in confirmed and _has_reason(each)), None)


def _has_reason(row: Told) -> bool:
    return row.erased or bool(steps.detail_value(row, "reason"))


def _told(row: Told, name: str) -> Value:
    """What the decision says of how it was made and told: as it came to stand, else as it was sent."""
    if row.erased:
        return DETAIL_ERASED
    places = (_listed(row), steps.changes_of(row), steps.fields_of(row))
    value = next((place[name] for place in places if place.get(name)), None)
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value) if name.endswith("_on") else value
    except ValueError:
        return value


def _listed(row: Told) -> Mapping[str, Any]:
    """The decision as the case lists it, where the step added one."""
    added = steps.changes_of(row).get("decisions")
    return added[-1] if isinstance(added, list) and added and isinstance(added[-1], dict) else {}


def _reason(row: Told) -> Value:
    """The written reason: the step's, else the decision's, else what is said of each of its parts."""
    if row.erased:
        return DETAIL_ERASED
    given = steps.detail_value(row, "reason") or _listed(row).get("reasons")
    return given or "; ".join(_reasons(steps.fields_of(row))) or None


def _reasons(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        said = value.get("reasons")
        if isinstance(said, str):
            yield said
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _reasons(each)


def _to_whom(row: Told) -> tuple[str, ...]:
    """Whom a decision is told: the case's student; of a case without one, everybody it was told."""
    return (f"person:{row.subject}",) if row.subject else ()


def _sent(row: Told, notices: Sequence[Notice]) -> Value:
    """When the first message about the decision went out."""
    meant = [each for each in notices if not _to_whom(row) or each.recipient in _to_whom(row)]
    if not meant:
        return None
    return next((Moment(each.sent_at) for each in meant if each.sent_at is not None), NOT_SENT)


def _appealable(row: Told) -> Value:
    if row.erased:
        return DETAIL_ERASED
    given = _listed(row).get("appealable", steps.changes_of(row).get("can_be_appealed"))
    return given if isinstance(given, bool) else None


def _appeal(question: Question, row: Told) -> Value:
    """How to appeal, in the decision's own words, else in those of the letter that told of it."""
    if row.erased:
        return DETAIL_ERASED
    given = _listed(row).get("appeal_text")
    if isinstance(given, str):
        sv, slash, en = given.partition(" / ")
        return Text(sv, en if slash else sv)
    definition = steps.definition_of(question.cases.catalogue, row)
    told = {entry[0] for entry in row.body.get("told", ()) if not _to_whom(row) or entry[1] in _to_whom(row)}
    letters = definition.workflow.messages if definition else ()
    found = [words for each in letters if each.name in told for words in _about_appeal(each.body)]
    return found[0] if found else None


def _about_appeal(letter: Text) -> Iterator[Text]:
    """The paragraphs of a letter that speak of appeal."""
    for sv, en in zip(letter.sv.split("\n\n"), letter.en.split("\n\n"), strict=False):
        if "överklaga" in sv.casefold():
            yield Text(sv, en)


REPORT: Final = Report(
    name="decisions",
    label=Text("Beslut med skäl och underrättelse", "Decisions with reasons and notification"),
    about=Text(
        "Steg vars formulär frågar vem som föredrog, och när och hur den enskilde underrättades. Handläggningstiden är"
        " arbetsdagar från att ärendet öppnades; ”meddelandet skickat” är när brevet gick ut.",
        "Steps whose form asks who presented the matter, and when and how the person was told. The handling time is"
        " working days from when the case was opened; “message sent” is when the letter went out.",
    ),
    columns=(
        *HEAD,
        Column("outcome", Text("Utfall", "Outcome")),
        *BY,
        Column("presented_by", Text("Föredragande", "Presented by"), under="by"),
        Column("reason", Text("Skäl", "Reason")),
        Column("told_on", Text("Meddelat den", "Told on")),
        Column("told_how", Text("Meddelat genom", "Told by"), under="told_on"),
        Column("sent_at", Text("Meddelandet skickat", "Message sent"), under="told_on"),
        Column("working_days", Text("Handläggningstid, arbetsdagar", "Handling time, working days")),
        Column("appealable", Text("Kan överklagas", "Can be appealed")),
        Column("appeal", Text("Hur man överklagar", "How to appeal"), under="appealable"),
    ),
    lines=lines,
)
