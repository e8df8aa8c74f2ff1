"""The pages of a step as values: what it does, what it asks for, what stands in its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from engine.cases import Action
from engine.definition import Definition
from engine.form_drafts import Draft
from engine.model import Case, Take
from engine.naming import named
from engine.queries import Seen
from engine.reasons import ReasonCard
from engine.vocabulary import Reason, Role, Text, Transition
from engine.wording import AND, Wording, joined
from service.pages.case_steps import Holders, Step, people_in, steps_of
from service.pages.changed_since import Since
from service.pages.form_sent import Sent, too_long
from service.pages.form_shown import Showing, Shown, faults_of, spoken
from service.pages.form_values import fresh, typed_of, values_of
from service.pages.forms import NO_CONFLICT, Field, Kind, asked_of, declares, fields_of
from service.pages.lookups import Lookups, undecided
from service.pages.naming import names_for
from service.pages.values import Reader, declared_in, ids_in
from service.pages.values import Shown as Said
from service.pages.visiting import Visit

REASON: Final = Text("Motivering", "Reason")
COMMENT: Final = Text("Kommentar", "Comment")
EVIDENCE: Final = Text("Underlag", "Evidence")
BESIDE: Final = (("reason", REASON), ("comment", COMMENT), ("evidence", EVIDENCE))
"""The texts a step takes beside its fields, in the order they are asked for."""


@dataclass(frozen=True)
class Asked:
    """One step of one case, asked for by somebody."""

    visit: Visit
    seen: Seen
    action: Action

    @property
    def case(self) -> Case:
        """The case as it now is."""
        return self.seen.case

    @property
    def transition(self) -> Transition:
        """The step as it is declared."""
        return self.action.transition

    @cached_property
    def definition(self) -> Definition:
        """The definition the case is under."""
        return self.visit.house.catalogue.by_hash(self.case.definition)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """What the page asks for."""
        return asked_of(self.transition.form)

    @property
    def declares(self) -> bool:
        """Whether confirming the step is a declaration of no conflict of interest."""
        return declares(self.transition.form)

    @property
    def behalf(self) -> Role | None:
        """For whom the step would be entered, where it is somebody else's."""
        return self.action.actor.on_behalf_of if self.action.actor else None

    @property
    def decides(self) -> bool:
        """Whether it is a decision, whose answers are checked before it is made."""
        ends = self.definition.states[self.action.to].final and not self.transition.recorded
        return self.transition.reason_required or self.declares or ends

    # What it says.

    @property
    def source(self) -> Text:
        """The state the case is in."""
        return self.definition.states[self.case.state].label

    @property
    def target(self) -> Text | None:
        """The state the case will be in; None where nothing moves."""
        return None if self.transition.recorded else self.definition.states[self.action.to].label

    @property
    def told(self) -> Text:
        """Whom it tells; blank where nobody."""
        return told_by(self.visit, self.definition, self.transition)

    @property
    def opens(self) -> tuple[Text, ...]:
        """Of which processes it opens cases."""
        catalogue = self.visit.house.catalogue
        return tuple(catalogue.current(each.workflow).workflow.label for each in self.transition.opens)

    @cached_property
    def way(self) -> Step:
        """The step as the case page shows it: who can take it, and why not now."""
        holders = Holders(self.seen.lens, self.case)
        names = named(self.visit.house.store, self.visit.institution, people_in((self.action,), holders))
        reader = Reader(self.visit.speech, names, self.visit.organisation.units)
        states = {name: state.label for name, state in self.definition.states.items()}
        steps = steps_of((self.action,), states, frozenset(), holders, reader)
        return next(step for step in (*steps.others, *(step for group in steps.mine for step in group.steps)))

    # What it asks for.

    @cached_property
    def before(self) -> dict[str, Any]:
        """What the case says already of what is asked: the fields begin with it."""
        known = {each.name: self.case.facts.get(each.name) for each in self.fields}
        return {name: value for name, value in known.items() if value not in (None, [], "")}

    @cached_property
    def untouched(self) -> dict[str, list[str]]:
        """The form as nobody has touched it: defaults, what the case says, a line for each line it knows."""
        begun = fresh(self.fields)
        likely = {name: lines[0] for name, lines in self.suggested.items() if len(lines) == 1}
        known = {**self._lines(), **likely, **self.before}
        return {**begun, **typed_of((each for each in self.fields if each.name in known), known)}

    def _lines(self) -> dict[str, Any]:
        """Of each list that must be filled in: the lines of the list among the facts that is most like it."""
        return {
            each.name: found
            for each in self.fields
            if each.kind is Kind.PARTS and each.required and each.name not in self.before
            for found in (self._like(each),)
            if found
        }

    @cached_property
    def suggested(self) -> dict[str, tuple[str, ...]]:
        """Likely texts, by field: one that names a line of a list is offered the names of all lines.

        So `failed_requirement` is offered those of `requirements`.
        """
        lists = {each.name: self.case.facts.get(each.name) for each in fields_of(self.definition.workflow.facts)}
        return {
            each.name: tuple(line["name"] for line in lines)
            for each in self.fields
            if each.kind is Kind.TEXT
            for name, lines in lists.items()
            if each.name.endswith(f"_{name.removesuffix('s')}") and isinstance(lines, list)
            if lines and all(isinstance(line, dict) and "name" in line for line in lines)
        }

    def _like(self, asked: Field) -> list[dict[str, Any]]:
        """Lines of facts that have a name, as far as they answer what is asked of each."""
        parts = {part.name for part in asked.parts}
        lists = [
            (len(parts & {part.name for part in each.parts}), place, each.name)
            for place, each in enumerate(fields_of(self.definition.workflow.facts))
            if each.kind is Kind.PARTS and "name" in parts and "name" in {part.name for part in each.parts}
            and self.case.facts.get(each.name)
        ]  # fmt: skip
        if not lists:
            return []
        lines = self.case.facts[max(lists)[2]][: int(asked.high or 0)]
        return [{name: value for name, value in line.items() if name in parts} for line in lines]

    def values(self, sent: Sent) -> dict[str, Any]:
        """What was typed, as values."""
        return values_of(self.fields, sent.typed, before=self.before)

    def take(self, sent: Sent) -> Take:
        """The step as it is confirmed, or tried before that: whoever confirms makes the declaration."""
        fields = self.values(sent)
        if self.declares:
            fields[NO_CONFLICT] = True
        return Take(
            self.transition.trigger,
            fields=fields,
            reason=sent.text("reason") or None,
            comment=sent.text("comment") or None,
            on_behalf_of=self.behalf,
            evidence=sent.text("evidence") or None,
        )

    def own_faults(self, sent: Sent) -> list[Reason]:
        """What is wrong that the engine does not see: texts too long, a search that led to no choice."""
        return [*too_long(sent, BESIDE), *undecided(self.fields, sent.typed)]

    def said(self, reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
        """The engine's reasons in the words of the page."""
        return in_words(reasons, self.fields)

    def shown(self, typed: Mapping[str, list[str]], reasons: tuple[Reason, ...] = ()) -> tuple[Shown, ...]:
        """The fields with what was typed, and what is wrong."""
        found = Lookups(self.visit).for_form(self.fields, typed)
        return Showing(typed, faults_of(reasons), found, self.suggested).all(self.fields)

    def answers(self, sent: Sent) -> list[tuple[str, Said]]:
        """What was answered, in words: label and value of each field that says something."""
        return answers_in(self.visit, self.transition, self.values(sent), sent)

    def bank(self) -> tuple[ReasonCard, ...]:
        """The reasons that can be inserted."""
        return self.visit.house.reasons.of(self.visit.organisation, self.visit.person)


def told_by(visit: Visit, definition: Definition, step: Transition) -> Text:
    """Whom a step tells; blank where nobody."""
    wording = Wording(definition, visit.house.catalogue)
    return joined(dict.fromkeys(wording.whom(tell.whom) for tell in step.tells), AND)


def answers_in(visit: Visit, step: Transition, values: Mapping[str, Any], sent: Sent) -> list[tuple[str, Said]]:
    """What was answered to a step's form, in words: label and value of each field that says something."""
    text = visit.speech.text
    names = names_for(visit, (), set(ids_in(dict(values))))
    reader = Reader(visit.speech, names, visit.organisation.units)
    fields = [
        (text(each.label), reader.read(values[each.name], declared_in(step.form, each.name), each.name))
        for each in asked_of(step.form)
        if each.name in values
    ]
    return fields + [(text(label), Said(sent.text(name))) for name, label in BESIDE if sent.text(name)]


def inserted(sent: Sent, bank: tuple[ReasonCard, ...]) -> str:
    """The reason with the text of the bank after it that was chosen."""
    id_, _, language = sent.text("bank").rpartition(":")
    card = next((card for card in bank if card.id == id_), None)
    text = "" if card is None else card.text_sv if language == "sv" else card.text_en
    return "\n\n".join(filter(None, (sent.text("reason"), text)))


_TEXTS: Final = tuple(Field(name, label, Kind.PROSE, required=False) for name, label in BESIDE)
_NEEDED: Final[Mapping[str, Text]] = {
    "reason_required": Text("Motivering: skriv varför.", "Reason: write why."),
    "field:evidence": Text(
        "Underlag: ange till exempel mejl eller dokumentnummer.",
        "Evidence: name an e-mail or the number of a document.",
    ),
}


def in_words(reasons: tuple[Reason, ...], fields: tuple[Field, ...]) -> tuple[Reason, ...]:
    """The engine's reasons in the words of a page that asks for these fields and texts."""
    return tuple(_of_page(reason) for reason in spoken(reasons, (*fields, *_TEXTS)))


def _of_page(reason: Reason) -> Reason:
    """What is missing beside the fields, in the words of the page."""
    if reason.code == "reason_required":
        return Reason("field:reason", _NEEDED[reason.code])
    return Reason(reason.code, _NEEDED[reason.code]) if reason.code in _NEEDED else reason


@dataclass(frozen=True)
class Form:
    """A step's form as it is shown once."""

    asked: Asked
    typed: Mapping[str, list[str]]
    reasons: tuple[Reason, ...] = ()
    refused: tuple[Reason, ...] = ()
    since: Since | None = None
    draft: Draft | None = None
    key: str | None = None

    @cached_property
    def fields(self) -> tuple[Shown, ...]:
        """The fields."""
        return self.asked.shown(self.typed, self.reasons)

    def beside(self, name: str) -> str:
        """A text beside the fields as it was typed."""
        return (self.typed.get(name) or [""])[-1]

    def fault(self, name: str) -> Text | None:
        """What is wrong with a text beside the fields."""
        return faults_of(self.reasons).get(name)
