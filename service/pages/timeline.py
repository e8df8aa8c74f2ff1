"""A history as people read it: one sentence an event, what it changed, why, and what became of the deadlines.

The history is folded once, oldest first: what a fact was before an event, and who changed
it last, follow from the events alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from engine.catalogue import Catalogue
from engine.definition import Definition
from engine.model import CLOCK_PARTY, DeadlineRow, Kind
from engine.store.event_rows import Written
from engine.store.ledger import read_deadline
from engine.vocabulary import Role, Text
from service.pages.codes import title_words
from service.pages.sentences import about_deadline, sentence
from service.pages.values import Reader, Shown, declared_in, ids_in

Topic = Literal["people", "system", "facts", "deadlines"]
TOPICS: Final[tuple[Topic, ...]] = ("people", "system", "facts", "deadlines")
SHOWN: Final = 50
"""How many events a page holds."""

MOST_WORDS: Final = 4_000
"""How much of a written text is shown at once; a comment may be longer than a page should be."""

SAID: Final[Mapping[str, Text]] = {
    "reason": Text("Motivering", "Reason"),
    "comment": Text("Kommentar", "Comment"),
    "text": Text("Kommentar", "Comment"),
    "evidence": Text("Underlag", "Evidence"),
}
"""What of a detail is free text."""


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that an event changed."""

    name: str
    title: Text
    before: object
    after: object
    declared: Any


@dataclass(frozen=True, slots=True)
class Turn:
    """What an event did to a deadline: the row before it (None: there was none) and after it."""

    before: DeadlineRow | None
    after: DeadlineRow


@dataclass(frozen=True, slots=True)
class Told:
    """One event, with what it changed; nothing of it is in words yet."""

    event: Written
    definition: Definition
    changes: tuple[Change, ...]
    turns: tuple[Turn, ...]
    erased: bool

    @property
    def system(self) -> bool:
        """Whether no person did it."""
        return self.event.body["party"] == CLOCK_PARTY or bool(self.event.body["kind"] == Kind.DEADLINE_CHANGED)

    def is_about(self, topic: Topic) -> bool:
        """Whether it belongs under one of the filters."""
        match topic:
            case "system":
                return self.system
            case "people":
                return not self.system
            case "facts":
                return bool(self.changes) or self.erased
            case "deadlines":
                return bool(self.turns) or "rung" in self.event.body


@dataclass(frozen=True, slots=True)
class LastChange:
    """Who changed a fact last: the event's sequence, its instant and its party."""

    sequence: int
    at: int
    party: str


@dataclass(frozen=True)
class Folded:
    """A whole history, oldest first, and who changed each fact last."""

    told: tuple[Told, ...]
    last: Mapping[str, LastChange]

    def narrowed(self, topic: Topic | None) -> tuple[Told, ...]:
        """The events of a topic, newest first."""
        return tuple(each for each in reversed(self.told) if topic is None or each.is_about(topic))


def fold_history(events: Sequence[Written], catalogue: Catalogue) -> Folded:
    """Go through a history once, oldest first. An event whose body cannot be read is left out."""
    facts: dict[str, Any] = {}
    rows: dict[tuple[str, int], DeadlineRow] = {}
    last: dict[str, LastChange] = {}
    told: list[Told] = []
    for event in events:
        if not event.body:
            continue
        definition = catalogue.by_hash(event.body["definition"])
        changed = (event.told or {}).get("changes", {})
        told.append(
            Told(
                event,
                definition,
                tuple(_changes(definition, facts, changed)),
                tuple(_turns(rows, event)),
                erased=event.body["detail"] is not None and event.detail is None,
            )
        )
        facts |= changed
        last |= {name: LastChange(event.sequence, event.body["at"], event.body["party"]) for name in changed}
    return Folded(tuple(told), last)


def _changes(definition: Definition, facts: Mapping[str, Any], changed: Mapping[str, Any]) -> Iterator[Change]:
    model = definition.workflow.facts
    for name, after in changed.items():
        before = facts.get(name)
        # Opening writes every fact, also those that nobody knows yet.
        if before == after or (name not in facts and after in (None, [], {}, False)):
            continue
        known = model.model_fields.get(name)
        title = title_words(name, known.title if known else None)
        yield Change(name, title, *_apart(before, after), declared_in(model, name))


def _apart(before: Any, after: Any) -> tuple[object, object]:
    """Of two lists what only one of them holds: an agreement has hundreds of places, and one was taken."""
    if not (isinstance(before, list) and isinstance(after, list)):
        return before, after
    gone, come = [each for each in before if each not in after], [each for each in after if each not in before]
    # The same in another order, or a different number of times.
    return (gone, come) if gone or come else (before, after)


def _turns(rows: dict[tuple[str, int], DeadlineRow], event: Written) -> Iterator[Turn]:
    for written in event.body.get("deadlines", ()):
        row = read_deadline(written)
        yield Turn(rows.get((row.name, row.since)), row)
        rows[row.name, row.since] = row


def ids_of(told: Sequence[Told]) -> set[str]:
    """Every id that the engine wrote into the events, so that all names are read at once."""
    found: set[str] = set()
    for each in told:
        body = each.event.body
        found |= {body["party"], *((body.get("cause") or ())[:1])}
        found |= set(ids_in([body.get("assignee"), body.get("asked"), body.get("places"), body.get("touched")]))
        found |= {to for _, to in (*body.get("linked", ()), *body.get("unlinked", ()))}
        found |= {recipient.partition(":")[2] for recipient in _told_by(each) if not _to_partner(recipient)}
    return found


def typed_ids_of(told: Sequence[Told]) -> set[str]:
    """Every id among what the events changed: somebody typed it. A partner who is told is one of the facts."""
    found: set[str] = set()
    for each in told:
        found |= {recipient.partition(":")[2] for recipient in _told_by(each) if _to_partner(recipient)}
        for change in each.changes:
            found |= {*ids_in(change.before), *ids_in(change.after)}
    return found


def _told_by(each: Told) -> Iterator[str]:
    return (recipient for _, recipient, _ in each.event.body.get("told", ()))


def _to_partner(recipient: str) -> bool:
    return recipient.startswith("partner:")


# In words.


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact before and after, readable."""

    title: str
    before: Shown
    after: Shown


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as a page shows it. `role` and `behalf` are words; `said` are titled texts."""

    sequence: int
    words: str
    at: int
    system: bool
    erased: bool
    role: str = ""
    behalf: str = ""
    state: Text | None = None
    cause: Shown | None = None
    changes: tuple[Difference, ...] = ()
    deadlines: tuple[str, ...] = ()
    said: tuple[tuple[str, str], ...] = ()
    informed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """Events that stand together: one of a person, or several of the system in a row, which are folded."""

    system: bool
    entries: tuple[Entry, ...] = field(default=())


def entry_of(told: Told, reader: Reader) -> Entry:
    """An event in words."""
    body, speech = told.event.body, reader.speech
    detail = dict(told.event.told or {})
    if body["party"] == CLOCK_PARTY:
        detail.pop("reason", None)  # the clock has none but the name the process gives to what it does
    moved = body["from"] is not None and body["from"] != body["to"]
    state = told.definition.states.get(body["to"])
    role = body["role"] if body["role"] and body["party"] != CLOCK_PARTY else None
    return Entry(
        sequence=told.event.sequence,
        words=sentence(told.event, told.definition, reader),
        at=body["at"],
        system=told.system,
        erased=told.erased,
        role=speech.role(role) if role else "",
        behalf=speech.role(Role(body["on_behalf_of"])) if body["on_behalf_of"] else "",
        state=state.label if state and (moved or body["kind"] == Kind.OPENED) else None,
        cause=reader.named(body["cause"][0]) if body.get("cause") else None,
        changes=tuple(
            Difference(speech.text(c.title), _side(reader, c, c.before), _side(reader, c, c.after))
            for c in told.changes
        ),
        deadlines=tuple(about_deadline(t.before, t.after, told.definition, speech) for t in told.turns),
        said=tuple(
            (speech.text(title), str(detail[key])[:MOST_WORDS]) for key, title in SAID.items() if detail.get(key)
        ),
        informed=tuple(_informed(body, reader)),
    )


def _side(reader: Reader, change: Change, value: object) -> Shown:
    if value in (None, "", [], {}):
        return Shown()
    return reader.read(value, change.declared, change.name)


def _informed(body: Mapping[str, Any], reader: Reader) -> Iterator[str]:
    """Who was told because of the event, each once."""
    for recipient in dict.fromkeys(recipient for _, recipient, _ in body.get("told", ())):
        kind, _, id_ = recipient.partition(":")
        unit = reader.units.get(id_)
        if kind == "unit":
            yield reader.speech.say(unit.name_sv, unit.name_en) if unit else id_
        else:
            yield reader.named(id_).words


def stretches(entries: Sequence[Entry]) -> tuple[Stretch, ...]:
    """Put what the system did in a row together; each event of a person stands alone."""
    found: list[Stretch] = []
    for entry in entries:
        if entry.system and found and found[-1].system:
            found[-1] = Stretch(system=True, entries=(*found[-1].entries, entry))
        else:
            found.append(Stretch(entry.system, (entry,)))
    return tuple(found)
