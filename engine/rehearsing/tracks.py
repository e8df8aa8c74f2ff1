"""Rules a file adds, held against histories as they were.

A rule that was in force already is no news, and a history that an import began in the middle does
not tell what came before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from engine.archive import Kept
from engine.catalogue import Catalogue
from engine.declare.checking import Fault
from engine.declare.histories import HistoryCheck
from engine.declare.wording import fault_words
from engine.definition import Definition
from engine.eventlog import LogEvent, Trace
from engine.organisation import Organisation
from engine.proofs import in_words
from engine.rehearsing.collecting import Deviation
from engine.store.event_rows import Written
from engine.vocabulary import Rule, Text
from engine.wording import Wording, joined, sentence


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a history does not keep, the first place at which it does not, and the event of that place."""

    rule: Rule
    fault: Fault
    sequence: int
    at: int


@dataclass(frozen=True)
class Tracks:
    """Checks histories of the file's workflow. `catalogue` knows the definitions they were under."""

    file: Definition
    catalogue: Catalogue
    organisation: Organisation
    today: date

    def broken(self, kept: Kept) -> Iterator[Broken]:
        """The rules the case's history breaks, each once."""
        if not kept.events or not self._from_the_start(kept.events[0]):
            return
        before = self.catalogue.by_hash(kept.events[-1].body["definition"])
        rules = tuple(rule for rule in self.file.workflow.rules if rule not in before.workflow.rules)
        checking = HistoryCheck(self.catalogue, self.organisation, self.today, rules)
        for _, judged in checking.judge([_trace(kept)] if rules else []):
            for each in judged:
                for fault in each.faults[:1]:
                    last = fault.events[-1]
                    yield Broken(each.rule, fault, last.sequence, last.at or 0)

    def told(self, broken: Broken) -> Deviation:
        """Say which rule is broken, and by what."""
        words = Wording(self.file, self.catalogue)
        old = Wording(self.catalogue.versions(self.file.name)[0], self.catalogue)

        def quoted(triggers: Iterable[str]) -> Text:
            steps = [(words if each in self.file.by_trigger else old).step(each) for each in triggers]
            return joined(Text(f"”{step.sv}”", f"“{step.en}”") for step in steps)

        return Deviation(
            workflow=self.file.name,
            step=in_words(broken.rule),
            code="rule",
            label=words.rule(broken.rule),
            words=sentence(fault_words(broken.rule, broken.fault, quoted)),
        )

    def _from_the_start(self, first: Written) -> bool:
        return bool(first.body["to"] == self.catalogue.by_hash(first.body["definition"]).workflow.initial)


def _trace(kept: Kept) -> Trace:
    """The history as an event log has it."""
    first, last = kept.events[0].body, kept.events[-1].body
    about = {"unit": first["unit"], "definition": last["definition"]}
    return Trace(kept.id, tuple(map(_event, kept.events)), about)


def _event(event: Written) -> LogEvent:
    body = event.body
    told = {"kind": body["kind"], "to": body["to"]} | ({"from": body["from"]} if body["from"] is not None else {})
    return LogEvent(body["trigger"] or body["kind"], body["at"], event.sequence, body["party"], told)
