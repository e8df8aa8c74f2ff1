"""Rules written in a file, for logs of other systems: the templates by name, over the log's own names.

A TOML file is a table of lists, one list a template:

    response = [["Declaration SUBMITTED", "Payment Handled"], ["A", "B", {within = 5}]]
    existence = ["Payment Handled", ["Reminder", 2]]
    precedence = [[["Approved by A", "Approved by B"], "Payment Handled"]]

About one activity: a name, or a name and a count. About two: both, and a time limit where one
is kept (`within` days; `unit` "working_days" where not said, or "days"). A list in place of a
name means any of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine.errors import EngineError
from engine.vocabulary import Occurs, Relates, Rule, Template, Unit, Within
from engine.vocabulary.templates import COUNTED, OF_ONE

MOST: Final = 1000
"""Rules in one file."""


class RulebookWrong(EngineError):
    """The file of rules cannot be read as rules."""


def rules_of(written: Mapping[str, Any]) -> tuple[Rule, ...]:
    """Read rules. Raises RulebookWrong, naming the first that is wrong."""
    rules = tuple(_rules(written))
    if not rules:
        raise RulebookWrong("the file holds no rule")
    if len(rules) > MOST:
        raise RulebookWrong(f"the file holds {len(rules)} rules; {MOST} is the most")
    return rules


def _rules(written: Mapping[str, Any]) -> Iterator[Rule]:
    for name, several in written.items():
        if name not in set(Template):
            raise RulebookWrong(f"there is no template {name}; there are {', '.join(sorted(Template))}")
        if not isinstance(several, list):
            raise RulebookWrong(f"{name}: write a list of rules")
        for place, one in enumerate(several, start=1):
            try:
                yield _occurs(Template(name), one) if name in OF_ONE else _relates(Template(name), one)
            except (ValueError, TypeError) as error:
                raise RulebookWrong(f"{name}, rule {place}: {error}") from error


def _occurs(template: Template, one: Any) -> Occurs:
    parts = one if isinstance(one, list) else [one]
    if len(parts) == 2 and type(parts[1]) is int:  # noqa: PLR2004 - a name and a count
        if template not in COUNTED:
            raise ValueError("nothing is counted here")
        return Occurs(template, _names(parts[0]), parts[1])
    if len(parts) == 1:
        return Occurs(template, _names(parts[0]))
    raise ValueError("write a name, or a name and a count")


def _relates(template: Template, one: Any) -> Relates:
    if not isinstance(one, list) or len(one) not in {2, 3}:
        raise ValueError("write two names, and a time limit where there is one")
    within = _within(one[2]) if len(one) > 2 else None  # noqa: PLR2004 - what stands behind the two names
    return Relates(template, _names(one[0]), _names(one[1]), within)


def _within(one: Any) -> Within:
    if not isinstance(one, dict) or set(one) - {"within", "unit"} or type(one.get("within")) is not int:
        raise ValueError('write a time limit as {within = 5} or {within = 5, unit = "days"}')
    return Within(one["within"], Unit(one.get("unit", Unit.WORKING_DAYS)))


def _names(one: Any) -> tuple[str, ...]:
    names = one if isinstance(one, list) else [one]
    if not names or not all(isinstance(name, str) and name for name in names):
        raise ValueError("write names as text")
    return tuple(names)
