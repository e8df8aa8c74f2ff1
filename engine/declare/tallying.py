"""What a check of many cases comes to: for each rule how many keep it, and the cases that do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from engine.declare.checking import Fault, Judged, Outcome
from engine.vocabulary import Rule

MOST_LISTED: Final = 10_000
"""Cases listed for one rule; more are only counted, so that a log of any length fits in memory."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A case that broke a rule: where, each time. `case` is its number, or its name in the log."""

    case: str
    faults: tuple[Fault, ...]


@dataclass
class Tally:
    """One rule over all cases."""

    rule: Rule
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)

    @property
    def broken(self) -> int:
        """How many cases broke it."""
        return self.outcomes[Outcome.BROKEN]

    @property
    def kept(self) -> int:
        """How many cases keep it, those included in which what it is about never happened."""
        return self.outcomes[Outcome.KEPT] + self.outcomes[Outcome.VACUOUS]


@dataclass
class Tallies:
    """All rules over all cases, in the order in which they were met."""

    cases: int = 0
    _by_rule: dict[Rule, Tally] = field(default_factory=dict)

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> Tallies:
        """Begin with rules that are told of even where there is no case."""
        return cls(_by_rule={rule: Tally(rule) for rule in rules})

    def add(self, case: str, judged: Iterable[Judged]) -> None:
        """Count a case."""
        self.cases += 1
        for each in judged:
            tally = self._by_rule.setdefault(each.rule, Tally(each.rule))
            tally.outcomes[each.outcome] += 1
            if each.outcome is Outcome.BROKEN and len(tally.violations) < MOST_LISTED:
                tally.violations.append(Violation(case, each.faults))

    @property
    def rules(self) -> tuple[Tally, ...]:
        """The tallies, a rule each."""
        return tuple(self._by_rule.values())

    @property
    def broken(self) -> int:
        """How often a case broke a rule."""
        return sum(tally.broken for tally in self.rules)
