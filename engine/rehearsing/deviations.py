"""What a step taken again made otherwise, in office words: refused, another status, other follow-ups or messages."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from engine.catalogue import Catalogue
from engine.deadlines import ladder
from engine.definition import Definition
from engine.errors import Refused
from engine.model import Climb, Decision, Kind, NewEvent
from engine.rehearsing.collecting import Deviation
from engine.rehearsing.worlds import World
from engine.store.event_rows import Written
from engine.vocabulary import Text
from engine.wording import Wording

KINDS: Final[Mapping[str, Text]] = {
    Kind.OPENED: Text("Ärendet öppnades", "The case was opened"),
    Kind.CORRECTED: Text("Uppgifter rättades", "Facts were corrected"),
    Kind.ASSIGNED: Text("Handläggare sattes", "An assignee was set"),
    Kind.LINKED: Text("Ärendet kopplades", "The case was linked"),
    Kind.RUNG_FIRED: Text("Påminnelse eller eskalering", "A reminder or escalation"),
}
TO_WHOM: Final[Mapping[str, Text]] = {
    "person": Text("en person", "a person"),
    "unit": Text("enhetens brevlåda", "the unit’s mailbox"),
    "partner": Text("partnern", "the partner"),
}


@dataclass(frozen=True)
class Telling:
    """Tells what became of one step: the events it wrote, the first of them in a case of `workflow`."""

    world: World
    then: Catalogue
    workflow: str
    group: list[Written]
    workflow_of: Callable[[Written], str]

    # What was refused.

    def no_state(self, state: str) -> Deviation:
        """Tell that the case stood in a state the file has no place for."""
        label = self._old(self.group[0]).state(state)
        return self._deviation(
            f"no_state:{state}",
            f"Ärendet stod i ”{label.sv}”, som den nya filen inte har.",
            f"The case stood in “{label.en}”, which the new file does not have.",
        )

    def no_step(self, state: str) -> Deviation:
        """Tell that the file does not let the step be taken from a state."""
        label = self._new(self.workflow).state(state)
        return self._deviation(
            f"no_step:{state}",
            f"Steget finns inte från ”{label.sv}” i den nya filen.",
            f"The new file has no such step from “{label.en}”.",
        )

    def refused(self, refused: Refused) -> Iterator[Deviation]:
        """Tell why the file would have refused the step: one line a reason."""
        if not refused.reasons:
            state = f":{refused.state}" if refused.state else ""
            yield self._deviation(f"{refused.code}{state}", refused.message.sv, refused.message.en)
        for reason in refused.reasons:
            yield self._deviation(reason.code, reason.message.sv, reason.message.en)

    def failed(self, error: Exception) -> Deviation:
        """Tell that the file could not treat the case as it then was."""
        if isinstance(error, ValidationError):
            names = ", ".join(dict.fromkeys(str(fault["loc"][0]) for fault in error.errors() if fault["loc"]))
            return self._deviation(
                f"facts:{names}",
                f"Uppgifterna som de då var passar inte i den nya filen ({names}).",
                f"The facts as they then were do not fit the new file ({names}).",
            )
        kind = type(error).__name__
        return self._deviation(
            f"fails:{kind}",
            f"Ett villkor i den nya filen går inte att pröva för ärendet ({kind}).",
            f"A condition in the new file cannot be judged for the case ({kind}).",
        )

    # What came out otherwise.

    def gone(self, ask: Climb) -> Deviation | None:
        """Tell that the clock would not have done what it did; None where the file still has it do so."""
        deadline = self.world.current(ask.workflow).deadlines.get(ask.deadline)
        if deadline is not None and any(rung.name == ask.rung for rung in ladder(deadline)):
            return None
        was = self._old(self.group[0]).definition.deadlines[ask.deadline].label
        return self._deviation(
            f"no_rung:{ask.deadline}:{ask.rung}",
            f"Det som då hände av sig självt (”{was.sv}”) har den nya filen inte.",
            f"What then happened by itself (“{was.en}”) is not in the new file.",
        )

    def compared(self, decision: Decision) -> Iterator[Deviation]:
        """Tell what differs between the events that were written and those the step writes now."""
        made = {event.case: event for event in decision.events}
        for event in self.group:
            now = made.pop(event.case, None)
            if now is None:
                yield self._not_touched(event)
                continue
            body = json.loads(now.body)
            yield from self._state(event, now)
            yield from self._messages(self.workflow_of(event), event.body.get("told", ()), body.get("told", ()))
            yield from self._facts(event, now)
        cases = {case.id: case.workflow for case in decision.cases}
        for now in made.values():
            yield self._touched(cases[now.case], now)

    def _state(self, event: Written, now: NewEvent) -> Iterator[Deviation]:
        then = self.world.state_of(event.body["definition"], event.body["to"])
        if now.to_state == then:
            return
        was, new = self._old(event).state(event.body["to"]), self._new(self.workflow_of(event)).state(now.to_state)
        if then is None:
            yield self._deviation(
                f"state_gone:{event.body['to']}",
                f"Då blev ärendet ”{was.sv}”; den statusen har den nya filen inte.",
                f"The case then became “{was.en}”; the new file has no such status.",
            )
            return
        yield self._deviation(
            f"state:{event.body['to']}>{now.to_state}",
            f"Då blev ärendet ”{was.sv}”, med den nya filen ”{new.sv}”.",
            f"The case then became “{was.en}”, with the new file “{new.en}”.",
        )

    def _messages(self, workflow: str, then: Iterable[list[Any]], now: Iterable[list[Any]]) -> Iterator[Deviation]:
        """Tell which messages would not be sent, or be sent too, by their subjects."""
        before = Counter((each[0], each[1].partition(":")[0], each[1]) for each in then)
        after = Counter((each[0], each[1].partition(":")[0], each[1]) for each in now)
        for name, kind in dict.fromkeys((name, kind) for name, kind, _ in sorted((before - after).elements())):
            subject, whom = self._subject(workflow, name), TO_WHOM[kind]
            yield self._deviation(
                f"not_told:{name}:{kind}",
                f"Meddelandet ”{subject.sv}” till {whom.sv} skulle inte skickas.",
                f"The message “{subject.en}” to {whom.en} would not be sent.",
            )
        for name, kind in dict.fromkeys((name, kind) for name, kind, _ in sorted((after - before).elements())):
            subject, whom = self._subject(workflow, name), TO_WHOM[kind]
            yield self._deviation(
                f"told:{name}:{kind}",
                f"Meddelandet ”{subject.sv}” till {whom.sv} skulle skickas också.",
                f"The message “{subject.en}” to {whom.en} would be sent too.",
            )

    def _facts(self, event: Written, now: NewEvent) -> Iterator[Deviation]:
        """Tell which facts would be noted otherwise; those only one of the two files knows are left out."""
        then = (event.told or {}).get("changes", {})
        again = json.loads(now.detail).get("changes", {}) if now.detail else {}
        known = self.world.current(self.workflow_of(event)).workflow.facts.model_fields
        for name, value in sorted(then.items()):
            if name in known and again.get(name, ...) != value:
                title = self._new(self.workflow_of(event)).fact(name) or Text(name, name)
                yield self._deviation(
                    f"fact:{name}",
                    f"Uppgiften ”{title.sv}” skulle antecknas på annat sätt.",
                    f"The fact “{title.en}” would be noted otherwise.",
                )

    def _not_touched(self, event: Written) -> Deviation:
        label = self.world.current(self.workflow_of(event)).workflow.label
        opened = event.body["kind"] == Kind.OPENED
        sv = "Steget skulle inte öppna något ärende" if opened else "Steget skulle inte röra det kopplade ärendet"
        en = "The step would not open a case" if opened else "The step would not move the linked case"
        code = "not_opened" if opened else "not_followed"
        return self._deviation(f"{code}:{self.workflow_of(event)}", f"{sv} ({label.sv}).", f"{en} ({label.en}).")

    def _touched(self, workflow: str, now: NewEvent) -> Deviation:
        label = self.world.current(workflow).workflow.label
        opened = now.kind is Kind.OPENED
        sv = "Steget skulle också öppna ett ärende" if opened else "Steget skulle också röra ett kopplat ärende"
        en = "The step would also open a case" if opened else "The step would also move a linked case"
        code = "opened" if opened else "followed"
        return self._deviation(f"{code}:{workflow}", f"{sv} ({label.sv}).", f"{en} ({label.en}).")

    # Words.

    def _deviation(self, code: str, sv: str, en: str) -> Deviation:
        first = self.group[0].body
        step = first["trigger"] or first["kind"]
        return Deviation(self.workflow, step, code, self._label(first["trigger"], first["kind"]), Text(sv, en))

    def _label(self, trigger: str | None, kind: str) -> Text:
        if trigger is None:
            return KINDS[kind]
        new = self._new(self.workflow)
        known = new if trigger in new.definition.by_trigger else self._old(self.group[0])
        return known.step(trigger)

    def _subject(self, workflow: str, name: str) -> Text:
        """The subject a message has in the file, else in one of the files before it, else its name."""
        definitions: list[Definition] = [self.world.current(workflow), *self.then.versions(workflow)]
        messages = (message for each in definitions for message in each.workflow.messages)
        return next((message.subject for message in messages if message.name == name), Text(name, name))

    def _old(self, event: Written) -> Wording:
        return Wording(self.then.by_hash(event.body["definition"]), self.then)

    def _new(self, workflow: str) -> Wording:
        return Wording(self.world.current(workflow), self.world)
