"""What was found about rules and fitness, as lines for people and as JSON for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from engine.canonical import instant
from engine.declare.checking import Fault, Outcome
from engine.declare.tallying import Tallies, Tally
from engine.declare.wording import fault_words
from engine.definition import Definition
from engine.eventlog import LogEvent
from engine.fitness import Departure, Fit, Fitness
from engine.proofs import in_words
from engine.vocabulary import Rule, Text
from service.plain import both, zulu

MANY: Final = 20
"""So many violations of a rule, and departures from a process, are printed; `--json` gives all."""


def quoted(names: Iterable[str]) -> Text:
    """A log's names as alternatives, as they are written."""
    several = [f"“{name}”" for name in names]
    return Text(" eller ".join(several), " or ".join(several))


# Rules.


def rules_lines(found: Mapping[str, Tallies], unknown: Counter[str]) -> Iterator[str]:
    """What to print."""
    for name, tallies in found.items():
        yield f"{name}: {tallies.cases} case(s), {len(tallies.rules)} rule(s), {tallies.broken} violation(s)"
        for tally in tallies.rules:
            yield f"  {in_words(tally.rule)}: {_counts(tally)}"
            yield from _violations(tally)
    yield from _unknown(unknown)


def _counts(tally: Tally) -> str:
    counts = [f"{tally.outcomes[each]} {each}" for each in Outcome if tally.outcomes[each]]
    return ", ".join(counts) or "no case"


def _violations(tally: Tally) -> Iterator[str]:
    for violation in tally.violations[:MANY]:
        for fault in violation.faults:
            events = ", ".join(_event_words(event) for event in fault.events)
            yield f"    {violation.case}: {fault_words(tally.rule, fault, quoted).en} ({events or 'no event'})"
    if tally.broken > MANY:
        yield f"    … and {tally.broken - MANY} more case(s)"


def _event_words(event: LogEvent) -> str:
    at = f" at {instant(event.at):%Y-%m-%d %H:%M}Z" if event.at is not None else ""
    return f"event {event.sequence} {event.name}{at}"


def _unknown(unknown: Counter[str]) -> Iterator[str]:
    for name, count in unknown.most_common():
        yield f"unknown name {name!r}: {count} event(s) passed over; map it or ignore it"


def rules_json(found: Mapping[str, Tallies], unknown: Counter[str]) -> dict[str, Any]:
    """The same for programs."""
    return {
        "ok": not any(tallies.broken for tallies in found.values()),
        "checked": [
            {"name": name, "cases": tallies.cases, "rules": [_rule_json(tally) for tally in tallies.rules]}
            for name, tallies in found.items()
        ],
        "unknown_names": dict(unknown.most_common()),
    }


def _rule_json(tally: Tally) -> dict[str, Any]:
    return {
        "rule": in_words(tally.rule),
        **{each.value: tally.outcomes[each] for each in Outcome},
        "violations": [
            {"case": violation.case, "faults": [_fault_json(tally.rule, fault) for fault in violation.faults]}
            for violation in tally.violations
        ],
    }


def _fault_json(rule: Rule, fault: Fault) -> dict[str, Any]:
    why = fault_words(rule, fault, quoted)
    return {
        "how": fault.how.value,
        "why": both(why),
        "last_on": fault.last_on,
        "events": [_event_json(event) for event in fault.events],
    }


def _event_json(event: LogEvent) -> dict[str, Any]:
    at = zulu(instant(event.at)) if event.at is not None else None
    return {"sequence": event.sequence, "name": event.name, "at": at}


# Fitness.


def fitness_lines(definition: Definition, total: Fitness, fits: list[Fit]) -> Iterator[str]:
    """What to print."""
    yield (
        f"{definition.name}: {total.cases} case(s), {total.steps} step(s), {total.share:.1%} of them as declared; "
        f"{total.fitting_cases} case(s) wholly, {total.finished} came to an end"
    )
    for (state, name), count in total.left_at.most_common(MANY):
        yield f"  {count} time(s) in {state}: {name!r}; expected {_expected(definition, state)}"
    departed = [(fit.case, each) for fit in fits for each in fit.departures if not each.unknown][:MANY]
    for case, each in departed:
        yield f"    {case}: {_event_words(each.event)}, in {each.state}"
    if total.left_at.total() > len(departed):
        yield f"    … and {total.left_at.total() - len(departed)} more"
    for name, count in total.unknown.most_common():
        yield f"unknown name {name!r}: {count} event(s) are no step of the process; map it or ignore it"


def _expected(definition: Definition, state: str) -> str:
    return ", ".join(dict.fromkeys(step.trigger for step in definition.offered[state])) or "nothing, it is an end"


def fitness_json(definition: Definition, total: Fitness, fits: list[Fit]) -> dict[str, Any]:
    """The same for programs, case by case."""
    return {
        "ok": total.fitting_cases == total.cases,
        "workflow": definition.name,
        "definition": {"version": definition.version, "hash": definition.hash},
        "cases": total.cases,
        "fitting_cases": total.fitting_cases,
        "finished": total.finished,
        "steps": total.steps,
        "fitting_steps": total.fitting,
        "fitness": round(total.share, 6),
        "left_at": [
            {"state": state, "name": name, "count": count} for (state, name), count in total.left_at.most_common()
        ],
        "unknown_names": dict(total.unknown.most_common()),
        "traces": [_fit_json(fit) for fit in fits],
    }


def _fit_json(fit: Fit) -> dict[str, Any]:
    return {
        "case": fit.case,
        "fitness": round(fit.share, 6),
        "steps": fit.steps,
        "ended_in": fit.ended_in,
        "finished": fit.finished,
        "departures": [_departure_json(each) for each in fit.departures],
    }


def _departure_json(departure: Departure) -> dict[str, Any]:
    return {
        "event": _event_json(departure.event),
        "state": departure.state,
        "expected": list(departure.expected),
        "unknown": departure.unknown,
    }
