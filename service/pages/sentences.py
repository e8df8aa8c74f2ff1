"""One human sentence for each kind of event, and for what became of a deadline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.definition import Definition
from engine.model import CLOCK_PARTY, IMPORT_PARTY, DeadlineRow, Kind, Status
from engine.rights import OUTSIDERS
from engine.role_words import ROLES
from engine.store.event_rows import Written
from engine.vocabulary import Deadline, Fire, HandOver, Role, Rung, Text, Who
from engine.wording import AND, WHOEVER_HAS_IT, joined
from service.pages.codes import title_words
from service.pages.deeds import deed
from service.pages.saying import Speech
from service.pages.values import Reader

Body = Mapping[str, Any]


def sentence(event: Written, definition: Definition, reader: Reader) -> str:  # noqa: PLR0911 - one answer a kind
    """What happened, as one sentence without its full stop."""
    body, speech = event.body, reader.speech
    who = party(body["party"], reader)
    match Kind(body["kind"]):
        case Kind.OPENED:
            return _opened(body, who, speech)
        case Kind.MOVED | Kind.RECORDED | Kind.REOPENED:
            return _stepped(body, definition, who, speech)
        case Kind.CORRECTED:
            return _corrected(event, definition, who, speech)
        case Kind.COMMENTED:
            return speech.say("{who} skrev en kommentar", "{who} wrote a comment", who=who)
        case Kind.ASSIGNED:
            return _assigned(body, who, reader)
        case Kind.LINKED:
            return _linked(body, who, reader)
        case Kind.RUNG_FIRED:
            return _climbed(body, definition, reader)
        case Kind.PLACE_TAKEN | Kind.PLACE_FREED:
            return _placed(body, reader)
        case Kind.RESTORED:
            return _restored(body, definition, speech)
        case _:
            return _of_the_house(Kind(body["kind"]), who, speech)


def party(id_: str, reader: Reader) -> str:
    """Who did it: a name, the clock, or a file that was read in."""
    if id_ == CLOCK_PARTY:
        return reader.speech.say("Klockan", "The clock")
    if id_ == IMPORT_PARTY:
        return reader.speech.say("En inläst fil", "An imported file")
    return reader.named(id_).words[:1].upper() + reader.named(id_).words[1:]


def _opened(body: Body, who: str, speech: Speech) -> str:
    if body["party"] == IMPORT_PARTY:
        return speech.say("Ärendet lästes in från en fil", "The case was read in from a file")
    if body.get("cause"):
        return speech.say("Ärendet öppnades av ett steg i ett annat ärende", "A step in another case opened this one")
    return speech.say("{who} öppnade ärendet", "{who} opened the case", who=who)


def _stepped(body: Body, definition: Definition, who: str, speech: Speech) -> str:
    steps = definition.by_trigger.get(body["trigger"] or "", ())
    fitting = sorted(steps, key=lambda step: (body["from"] or "") not in step.sources)
    label = fitting[0].label if fitting else Text(body["trigger"] or "–", body["trigger"] or "–")
    done = speech.text(deed(label))
    if body["on_behalf_of"]:
        whose = ROLES[Role(body["on_behalf_of"])]
        return speech.say(
            "{who} {done}, å {whose} vägnar", "{who} {done}, on behalf of {whose}",
            who=who, done=done, whose=_genitive(whose.sv) if speech.swedish else whose.en,
        )  # fmt: skip
    return f"{who} {done}"


def _genitive(word: str) -> str:
    return word if word.endswith("s") else f"{word}s"


def _corrected(event: Written, definition: Definition, who: str, speech: Speech) -> str:
    names = list((event.told or {}).get("changes", {}))
    declared = definition.workflow.facts.model_fields
    titles = [title_words(name, declared[name].title if name in declared else None) for name in names[:3]]
    what = ", ".join(speech.text(title) for title in titles)
    if not what:
        return speech.say("{who} rättade uppgifter", "{who} corrected the facts", who=who)
    if len(names) > len(titles):
        return speech.say("{who} rättade {what} med mera", "{who} corrected {what} and more", who=who, what=what)
    return speech.say("{who} rättade {what}", "{who} corrected {what}", who=who, what=what)


def _assigned(body: Body, who: str, reader: Reader) -> str:
    speech, asked = reader.speech, body.get("asked")
    if asked is None:
        return speech.say("{who} lämnade tillbaka ärendet", "{who} released the case", who=who)
    if asked == body["party"]:
        return speech.say("{who} tog ärendet", "{who} took the case", who=who)
    return speech.say(
        "{who} gav ärendet till {to}", "{who} assigned the case to {to}", who=who, to=reader.named(asked).words
    )


def _linked(body: Body, who: str, reader: Reader) -> str:
    to = ", ".join(reader.named(case).words for _, case in body.get("linked", ()))
    return reader.speech.say("{who} kopplade ärendet till {to}", "{who} linked the case to {to}", who=who, to=to)


def _placed(body: Body, reader: Reader) -> str:
    """A place taken, freed, or exchanged, and by which case."""
    speech = reader.speech
    taken = [place["taken"]["case"] for place in body.get("places", ()) if "taken" in place]
    freed = [place["freed"]["case"] for place in body.get("places", ()) if "freed" in place]
    if set(taken) & set(freed):
        number = reader.named(taken[0]).words
        return speech.say("{number} bytte sin plats", "{number} exchanged its place", number=number)
    numbers = ", ".join(reader.named(case).words for case in dict.fromkeys(taken or freed))
    if taken:
        return speech.say("{numbers} tog en plats", "{numbers} took a place", numbers=numbers)
    return speech.say("{numbers} lämnade en plats", "{numbers} gave up a place", numbers=numbers)


def _of_the_house(kind: Kind, who: str, speech: Speech) -> str:
    match kind:
        case Kind.DEADLINE_CHANGED:
            return speech.say(
                "Fristerna räknades om efter en ändring i kalendern",
                "The deadlines were worked out anew: the calendar changed",
            )
        case Kind.MIGRATED:
            return speech.say(
                "Ärendet flyttades till en ny version av processen",
                "The case was moved to a new version of the process",
            )
        case _:
            return speech.say("{who} raderade ärendets uppgifter", "{who} erased the details of the case", who=who)


def _restored(body: Body, definition: Definition, speech: Speech) -> str:
    """From when the case was put back, and which reminders may have gone out before that."""
    words = speech.say(
        "Ärendet återställdes från säkerhetskopian {at}", "The case was put back from the backup of {at}",
        at=speech.moment(body["backup_at"]),
    )  # fmt: skip
    passed_by = dict.fromkeys(_reminder(rung, definition, speech) for rung in body.get("passed_by", ()))
    if not passed_by:
        return words
    return words + speech.say(
        "; dessa påminnelser kan redan ha gått ut och skickas inte igen: {which}",
        "; these reminders may have gone out already and are not sent again: {which}",
        which=", ".join(passed_by),
    )


def _reminder(rung: Mapping[str, Any], definition: Definition, speech: Speech) -> str:
    deadline = definition.deadlines.get(rung["deadline"])
    what = speech.text(deadline.label) if deadline else rung["deadline"]
    return f"{what} ({speech.moment(rung['due_at'])})"


# The clock.


def _climbed(body: Body, definition: Definition, reader: Reader) -> str:
    """A reminder, an escalation, a handing over; or a last day that passed in silence."""
    speech, told = reader.speech, body["rung"]
    deadline = definition.deadlines.get(told["deadline"])
    what = speech.text(deadline.label) if deadline else told["deadline"]
    rung = next((each for each in deadline.ladder if each.name == told["rung"]), None) if deadline else None
    if rung is not None and isinstance(rung.does, HandOver):
        return _handed_over(body, what, reader)
    if rung is not None and isinstance(rung.does, Fire):
        return speech.say(
            "Tiden gick ut, men steget kunde inte tas: {what}",
            "Time ran out, but the step could not be taken: {what}",
            what=what,
        )
    whom = speech.text(_whom(rung)) if rung else ""
    if not whom or rung is None or deadline is None:
        return speech.say("Sista dagen gick: {what}", "The last day passed: {what}", what=what)
    if _owes(definition, deadline, rung):
        return speech.say("Klockan påminde {whom}: {what}", "The clock reminded {whom}: {what}", whom=whom, what=what)
    if not _is_late(body, deadline):
        return speech.say("Klockan sade till {whom}: {what}", "The clock told {whom}: {what}", whom=whom, what=what)
    return speech.say(
        "Klockan eskalerade till {whom}: {what} är försenat", "The clock escalated to {whom}: {what} is overdue",
        whom=whom, what=what,
    )  # fmt: skip


def _handed_over(body: Body, what: str, reader: Reader) -> str:
    speech, to = reader.speech, body.get("assignee")
    if to is None:
        return speech.say(
            "Klockan fann ingen att lämna över ärendet till: {what}",
            "The clock found nobody to hand the case over to: {what}",
            what=what,
        )
    return speech.say(
        "Klockan lämnade över ärendet till {to}: {what} är försenat",
        "The clock handed the case over to {to}: {what} is overdue",
        to=reader.named(to).words, what=what,
    )  # fmt: skip


def _owes(definition: Definition, deadline: Deadline, rung: Rung) -> bool:
    """Whether anybody who is told has the work: they are reminded. Others are told of a delay."""
    owners = {definition.states[name].owner_role for name in deadline.runs_in}
    roles = {owner.role for owner in owners if owner} | {*OUTSIDERS}
    return any(not isinstance(whom, Who) or whom.role in roles for whom in rung.whom)


def _is_late(body: Body, deadline: Deadline) -> bool:
    rows = [row for row in body.get("deadlines", ()) if row["name"] == deadline.name]
    return any(row["status"] == Status.MISSED for row in rows)


def _whom(rung: Rung) -> Text:
    whom = dict.fromkeys(ROLES[whom.role] if isinstance(whom, Who) else WHOEVER_HAS_IT for whom in rung.whom)
    return joined(whom, AND)


def about_deadline(before: DeadlineRow | None, after: DeadlineRow, definition: Definition, speech: Speech) -> str:
    """What an event did to a deadline, with its label and last day."""
    deadline = definition.deadlines.get(after.name)
    what = speech.text(deadline.label) if deadline else after.name
    return f"{what}: {_turned(before, after, speech)}"


def _turned(before: DeadlineRow | None, after: DeadlineRow, speech: Speech) -> str:  # noqa: PLR0911 - one answer a case
    day = speech.weekday(after.due_on) if after.due_on else ""
    if after.status is Status.MET:
        return speech.say("klart", "met")
    if after.status is Status.STOPPED or after.ended_at is not None:
        return speech.say("upphörde", "stopped")
    if before is None:
        if not day:
            return speech.say("började", "began")
        return speech.say("började, sista dag {day}", "began, last day {day}", day=day)
    if after.resting and not before.resting:
        return speech.say("vilar", "rests")
    if before.resting and not after.resting:
        return speech.say("löper igen, sista dag {day}", "runs again, last day {day}", day=day)
    if before.due_on != after.due_on and day:
        return speech.say("ny sista dag {day}", "new last day {day}", day=day)
    if after.status is Status.MISSED and before.status is not Status.MISSED:
        return speech.say("försenat", "overdue")
    return speech.say("löper vidare", "goes on")
