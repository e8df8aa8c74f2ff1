"""What each rule means, as a small table: one definition for the proof and for every history.

An automaton reads one activity after the other. To it each is one of four letters: neither
side of the rule, its first side, its other side, or both (which only the rules that were
here before the templates allow). A row of the table is a state, an entry the state after
that letter, or `~state` where the rule is broken there: a proof stops, a check of a history
notes the event and goes on as if in that state, so that every place is found.

Source of the templates: see `engine.vocabulary.templates`. The tests hold each table
against its LTLf formula, evaluated literally.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from engine.vocabulary import (
    AnsweredBy,
    AtMostOnce,
    ExactlyOnce,
    HoldsNoPlace,
    NeverAfter,
    NotTogether,
    Occurs,
    Precedes,
    Relates,
    Rule,
    Template,
)

OTHER, FIRST, THEN = 0, 1, 2
"""The letters; what stands on both sides is FIRST | THEN."""

BROKEN: Final = -1
"""The memory of an automaton once its rule is broken, whatever may follow."""

Table: TypeAlias = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Meaning:
    """A template's table, the states a case may end in, and which letters make it bear on a case.

    Where no such letter comes the rule is kept vacuously. No letters: it bears on every case.
    """

    table: Table
    accepting: frozenset[int]
    activated_by: int = OTHER


@dataclass(frozen=True, slots=True)
class Automaton:
    """A rule as an automaton: its memory begins at 0 and changes with each activity.

    `letters` tells the activities the rule names; all others are OTHER.
    """

    meaning: Meaning
    letters: Mapping[str, int]

    def after(self, memory: int, name: str) -> int:
        """The memory after an activity; BROKEN for good once the rule is broken."""
        if memory == BROKEN:
            return BROKEN
        return max(self.meaning.table[memory][self.letters.get(name, OTHER)], BROKEN)

    def ends_well(self, memory: int) -> bool:
        """Whether a case may come to its end with this memory."""
        return memory in self.meaning.accepting


def automaton_of(rule: Rule) -> Automaton:
    """Make the automaton of a rule. One about places watches nothing."""
    first, then = sides(rule)
    letters = dict.fromkeys(first, FIRST)
    for name in then:
        letters[name] = letters.get(name, OTHER) | THEN
    return Automaton(_meaning(rule), letters)


def sides(rule: Rule) -> tuple[tuple[str, ...], tuple[str, ...]]:  # noqa: PLR0911 - one answer a kind of rule
    """Give the activities on either side of a rule; none on the other where it is about one."""
    match rule:
        case Precedes(first, then):
            return first, (then,)
        case AnsweredBy(first, then):
            return (first,), then
        case NeverAfter(first, then) | NotTogether(first, then):
            return (first,), (then,)
        case AtMostOnce(trigger) | ExactlyOnce(trigger):
            return (trigger,), ()
        case HoldsNoPlace():
            return (), ()
        case Occurs(_, names):
            return names, ()
        case Relates(_, first, then):
            return first, then


def template_of(rule: Rule) -> Template | None:
    """Name the template a rule is an instance of; None for one about places."""
    match rule:
        case Occurs(template) | Relates(template):
            return template
        case HoldsNoPlace():
            return None
        case _:
            return _SAME_AS[type(rule)]


def count_of(rule: Rule) -> int:
    """How often a rule counts to, as its template does."""
    match rule:
        case Occurs():
            return rule.count
        case AtMostOnce():
            return 2
        case _:
            return 1


def _meaning(rule: Rule) -> Meaning:
    template, count = template_of(rule), count_of(rule)
    match template:
        case None:
            return Meaning(((0, 0, 0, 0),), frozenset({0}))
        case Template.EXISTENCE:
            return _counting(count, past_it=count, at_least=count)
        case Template.EXACTLY:
            return _counting(count, past_it=~count, at_least=count)
        case Template.ABSENCE:
            return _counting(count - 1, past_it=~(count - 1), at_least=0)
        case _:
            return _TABLES[template]


def _counting(most: int, *, past_it: int, at_least: int) -> Meaning:
    """Count up to `most`, and go `past_it` with one more; so many must there be at the end."""
    rows = tuple((seen, seen + 1, seen, seen + 1) for seen in range(most))
    return Meaning((*rows, (most, past_it, most, past_it)), frozenset(range(at_least, most + 1)))


_SAME_AS: Final[Mapping[type, Template]] = {
    Precedes: Template.PRECEDENCE,
    AnsweredBy: Template.RESPONSE,
    NeverAfter: Template.NOT_SUCCESSION,
    NotTogether: Template.NOT_CO_EXISTENCE,
    AtMostOnce: Template.ABSENCE,
    ExactlyOnce: Template.EXACTLY,
}
"""The templates that the rules which were here before them are instances of."""

_ANY: Final = FIRST | THEN

# Columns: neither, first, then; and both, where a rule that was here before the templates may name one so.
_TABLES: Final[Mapping[Template, Meaning]] = {
    Template.INIT: Meaning(
        ((~1, 1), (1, 1)),  # at the start; begun
        frozenset({1}),
    ),
    Template.END: Meaning(
        ((0, 1), (0, 1)),  # last was another; last was it
        frozenset({1}),
    ),
    Template.RESPONSE: Meaning(
        ((0, 1, 0, 1), (1, 1, 0, 1)),  # nothing owed; an answer owed
        frozenset({0}), FIRST,
    ),
    Template.PRECEDENCE: Meaning(
        ((0, 1, ~0, ~0), (1, 1, 1, 1)),  # not yet; allowed
        frozenset({0, 1}), THEN,
    ),
    Template.SUCCESSION: Meaning(
        ((0, 1, ~0), (1, 1, 2), (2, 1, 2)),  # not yet; an answer owed; allowed, nothing owed
        frozenset({0, 2}), _ANY,
    ),
    Template.ALTERNATE_RESPONSE: Meaning(
        ((0, 1, 0), (1, ~1, 0)),  # nothing owed; an answer owed
        frozenset({0}), FIRST,
    ),
    Template.ALTERNATE_PRECEDENCE: Meaning(
        ((0, 1, ~0), (1, 1, 0)),  # none of its own; allowed once
        frozenset({0, 1}), THEN,
    ),
    Template.ALTERNATE_SUCCESSION: Meaning(
        ((0, 1, ~0), (1, ~1, 0)),  # the first's turn; the other's turn
        frozenset({0}), _ANY,
    ),
    Template.CHAIN_RESPONSE: Meaning(
        ((0, 1, 0), (~0, ~1, 0)),  # nothing owed; owed at once
        frozenset({0}), FIRST,
    ),
    Template.CHAIN_PRECEDENCE: Meaning(
        ((0, 1, ~0), (0, 1, 0)),  # last was another; last was the first
        frozenset({0, 1}), THEN,
    ),
    Template.CHAIN_SUCCESSION: Meaning(
        ((0, 1, ~0), (~0, ~1, 0)),  # last was another; last was the first
        frozenset({0}), _ANY,
    ),
    Template.RESPONDED_EXISTENCE: Meaning(
        ((0, 1, 2), (1, 1, 2), (2, 2, 2)),  # neither; the first alone; the other is there
        frozenset({0, 2}), FIRST,
    ),
    Template.CO_EXISTENCE: Meaning(
        ((0, 1, 2), (1, 1, 3), (2, 3, 2), (3, 3, 3)),  # neither; the first alone; the other alone; both
        frozenset({0, 3}), _ANY,
    ),
    Template.NOT_SUCCESSION: Meaning(
        ((0, 1, 0, 1), (1, 1, ~1, ~1)),  # not yet; forbidden from here on
        frozenset({0, 1}), FIRST,
    ),
    Template.NOT_CHAIN_SUCCESSION: Meaning(
        ((0, 1, 0), (0, 1, ~0)),  # last was another; last was the first
        frozenset({0, 1}), FIRST,
    ),
    Template.NOT_CO_EXISTENCE: Meaning(
        ((0, 1, 2, ~0), (1, 1, ~1, ~1), (2, ~2, 2, ~2)),  # neither; the first; the other
        frozenset({0, 1, 2}), _ANY,
    ),
}  # fmt: skip
