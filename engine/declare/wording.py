"""Rules of the templates, and what broke a rule, in words: Swedish and English.

Steps are said by the one who asks: `quoted` gives some activities as a list of alternatives
in quotation marks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

from engine.declare.automata import FIRST, THEN, sides, template_of
from engine.declare.checking import NEEDING, Fault, How
from engine.vocabulary import Occurs, Relates, Rule, Template, Text, Unit, Within

Quoted: TypeAlias = Callable[[Iterable[str]], Text]

_RULES: Final[Mapping[Template, Text]] = {
    Template.INIT: Text("ett ärende börjar med {a}", "a case begins with {a}"),
    Template.END: Text("ett ärende slutar med {a}", "a case ends with {a}"),
    Template.RESPONSE: Text("efter {a} följer {b}", "{a} is followed by {b}"),
    Template.PRECEDENCE: Text("{a} kommer före {b}", "{a} comes before {b}"),
    Template.SUCCESSION: Text(
        "efter {a} följer {b}, och {b} kommer bara efter {a}", "{a} is followed by {b}, and {b} comes only after {a}"
    ),
    Template.ALTERNATE_RESPONSE: Text(
        "efter {a} följer {b} innan {a} görs igen", "{a} is followed by {b} before {a} happens again"
    ),
    Template.ALTERNATE_PRECEDENCE: Text("före varje {b} kommer ett eget {a}", "before every {b} comes {a} of its own"),
    Template.ALTERNATE_SUCCESSION: Text("{a} och {b} görs turvis, {a} först", "{a} and {b} take turns, {a} first"),
    Template.CHAIN_RESPONSE: Text("direkt efter {a} följer {b}", "{a} is directly followed by {b}"),
    Template.CHAIN_PRECEDENCE: Text("direkt före {b} kommer {a}", "directly before {b} comes {a}"),
    Template.CHAIN_SUCCESSION: Text(
        "{a} och {b} görs alltid direkt efter varandra, {a} först",
        "{a} and {b} always come directly one after the other, {a} first",
    ),
    Template.RESPONDED_EXISTENCE: Text("ett ärende med {a} har också {b}", "a case with {a} has {b} too"),
    Template.CO_EXISTENCE: Text(
        "ett ärende har både {a} och {b}, eller inget av dem", "a case has both {a} and {b}, or neither"
    ),
    Template.NOT_SUCCESSION: Text("efter {a} görs aldrig {b}", "after {a} there is never {b}"),
    Template.NOT_CHAIN_SUCCESSION: Text("direkt efter {a} görs aldrig {b}", "{b} never comes directly after {a}"),
    Template.NOT_CO_EXISTENCE: Text(
        "{a} och {b} görs aldrig i samma ärende", "{a} and {b} never happen in the same case"
    ),
}

_AT_EVENT: Final[Mapping[Template, Text]] = {
    Template.ABSENCE: Text("{last} en gång för mycket", "{last} once too often"),
    Template.EXACTLY: Text("{last} en gång för mycket", "{last} once too often"),
    Template.INIT: Text("ärendet börjar med {last}", "the case begins with {last}"),
    Template.ALTERNATE_RESPONSE: Text("{last} igen, innan {b}", "{last} again, before {b}"),
    Template.ALTERNATE_SUCCESSION: Text("{last} igen, innan {b}", "{last} again, before {b}"),
    Template.CHAIN_RESPONSE: Text("{first} följdes inte direkt av {b}", "{first} was not directly followed by {b}"),
    Template.CHAIN_SUCCESSION: Text("{first} följdes inte direkt av {b}", "{first} was not directly followed by {b}"),
    Template.NOT_SUCCESSION: Text("{last} efter {first}", "{last} after {first}"),
    Template.NOT_CHAIN_SUCCESSION: Text("{last} direkt efter {first}", "{last} directly after {first}"),
    Template.NOT_CO_EXISTENCE: Text("både {first} och {last}", "both {first} and {last}"),
}

_NEEDED: Final[Mapping[Template, Text]] = {
    Template.PRECEDENCE: Text("{last} utan {a} före", "{last} without {a} before it"),
    Template.SUCCESSION: Text("{last} utan {a} före", "{last} without {a} before it"),
    Template.ALTERNATE_PRECEDENCE: Text("{last} utan ett eget {a} före", "{last} without {a} of its own before it"),
    Template.ALTERNATE_SUCCESSION: Text("{last} utan ett eget {a} före", "{last} without {a} of its own before it"),
    Template.CHAIN_PRECEDENCE: Text("{last} inte direkt efter {a}", "{last} not directly after {a}"),
    Template.CHAIN_SUCCESSION: Text("{last} inte direkt efter {a}", "{last} not directly after {a}"),
}
"""What is said of the other side of a rule that needs the first before it."""

_AT_END: Final[Mapping[Template, Text]] = {
    Template.EXISTENCE: Text("{a} för få gånger", "{a} too seldom"),
    Template.EXACTLY: Text("{a} för få gånger", "{a} too seldom"),
    Template.INIT: Text("ärendet har inga händelser", "the case has no events"),
    Template.END: Text("ärendet slutar med något annat än {a}", "the case ends with something else than {a}"),
    Template.RESPONDED_EXISTENCE: Text("{first} men aldrig {b}", "{first} but never {b}"),
    Template.CO_EXISTENCE: Text("{first} men aldrig {missing}", "{first} but never {missing}"),
}

_UNANSWERED: Final = Text("{first} utan {b} efter", "{first} without {b} after it")
_CAME_LATE: Final = Text("{last} kom efter sista dagen, {day}", "{last} came after the last day, {day}")
_STILL_OWED: Final = Text(
    "{first} är utan {b}; sista dagen var {day}", "{first} is without {b}; the last day was {day}"
)
_HOLDS_A_PLACE: Final = Text("ärendet slutade med en plats", "the case ended with a place")


def template_words(rule: Occurs | Relates, quoted: Quoted) -> Text:
    """Say what a rule holds, without the capital and the full stop. One with a limit says where it is checked."""
    if isinstance(rule, Occurs):
        said = _RULES.get(rule.template) or _counted(rule)
        return _filled(said, {"a": quoted(rule.names)})
    said = _filled(_RULES[rule.template], {"a": quoted(rule.first), "b": quoted(rule.then)})
    if rule.within is None:
        return said
    limit = limit_words(rule.within)
    return Text(
        f"{said.sv}, inom {limit.sv} (kontrolleras i historiken)",
        f"{said.en}, within {limit.en} (checked on histories)",
    )


def limit_words(within: Within) -> Text:
    """Say a time limit: "5 arbetsdagar"."""
    count, working = within.count, within.unit is Unit.WORKING_DAYS
    sv = ("arbetsdag" if count == 1 else "arbetsdagar") if working else ("dag" if count == 1 else "dagar")
    en = "day" if count == 1 else "days"
    return Text(f"{count} {sv}", f"{count} working {en}" if working else f"{count} {en}")


def fault_words(rule: Rule, fault: Fault, quoted: Quoted) -> Text:
    """Say what broke a rule, without the capital and the full stop."""
    template = template_of(rule)
    if template is None:
        return _HOLDS_A_PLACE
    first, then = sides(rule)
    names = [event.name for event in fault.events]
    missing = then if names and names[0] in first else first
    day = str(fault.last_on)
    values = {
        "a": quoted(first), "b": quoted(then), "first": quoted(names[:1]), "last": quoted(names[-1:]),
        "missing": quoted(missing), "day": Text(day, day),
    }  # fmt: skip
    return _filled(_fault(template, fault), values)


def _fault(template: Template, fault: Fault) -> Text:
    match fault.how:
        case How.LATE:
            return _CAME_LATE if fault.letter == THEN else _STILL_OWED
        case How.AT_END:
            return _AT_END.get(template, _UNANSWERED)
        case How.AT_EVENT:
            needed = template in NEEDING and fault.letter & THEN and not fault.letter & FIRST
            return _NEEDED[template] if needed or template not in _AT_EVENT else _AT_EVENT[template]


def _counted(rule: Occurs) -> Text:
    """Say how often something happens; with `{a}` for what."""
    count = rule.count
    match rule.template:
        case Template.EXISTENCE:
            return Text(f"{{a}} görs minst {_times(count).sv}", f"{{a}} happens at least {_times(count).en}")
        case Template.ABSENCE if count == 1:
            return Text("{a} görs aldrig", "{a} never happens")
        case Template.ABSENCE:
            return Text(f"{{a}} görs högst {_times(count - 1).sv}", f"{{a}} happens at most {_times(count - 1).en}")
        case _:
            return Text(f"{{a}} görs precis {_times(count).sv}", f"{{a}} happens exactly {_times(count).en}")


def _times(count: int) -> Text:
    return Text("en gång", "once") if count == 1 else Text(f"{count} gånger", f"{count} times")


def _filled(pattern: Text, values: Mapping[str, Text]) -> Text:
    sv = {name: value.sv for name, value in values.items()}
    en = {name: value.en for name, value in values.items()}
    return Text(pattern.sv.format_map(sv), pattern.en.format_map(en))
