"""What a description cannot say: which workflows, facts, steps and versions fit the house."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from tests.fuzzing.memory import Chance, Memory
from tests.fuzzing.universities import LUND, Universities, institution_of
from tests.fuzzing.values import Maker
from tests.journeys.agreements import TERMS
from tests.journeys.crowded import STAY
from tests.journeys.exchanges import AUTUMN

FITTED: Final = 0.8
"""How often what fits the description is made to fit the house."""

KEPT: Final = 0.15
"""How often an optional parameter stays that was drawn, and not taken from an earlier answer."""

TIES: Final = tuple(
    (f"{unit} {case}", name, f"{unit} {other}")
    for unit in ("stat", "hist")
    for case, name, other in (("exchange", "agreement", "agreement"), ("review", "parent", "nomination"))
)
"""A case, the name of a link it may have, and the case it may lead to."""

INSTANTS: Final = ("2027-01-12T09:00:00+01:00", "2027-04-16T09:00:00+02:00", "2027-12-01T09:00:00+01:00")
MOVED: Final = 0.15
"""How often the clock is told an instant: what is due by then happens before the answer."""


class Fitting:
    """Makes bodies for an operation by its name, out of what both parties have learned."""

    def __init__(
        self, made: Universities, memory: Memory, chance: random.Random, described: Mapping[str, Any]
    ) -> None:
        self._made, self._memory, self._chance = made, memory, chance
        self._maker = Maker(chance, memory, described["components"]["schemas"])

    def body(self, operation: str, schema: Mapping[str, Any], *, who: str, case: str) -> Any:
        """A body for an operation; `case` is the id in the path."""
        chance, made = self._chance, None
        match operation:
            case "open_case":
                made = self._opening(who)
            case "open_cases":
                made = {"cases": [self._opening(who) for _ in range(chance.randint(1, 3))], "dry_run": self._seldom()}
            case "take_step":
                made = self._step([each for each in self._memory.chances if each.case == case])
            case "take_steps":
                made = self._steps()
            case "link_case":
                made = self._tie(case)
            case "move_clock" if chance.random() < MOVED:
                made = {"now": chance.choice(INSTANTS)}
        return self._maker.made(schema) if made is None else made

    def place(self, operation: str, name: str) -> str | None:
        """A value for a parameter of the path: of what is known, whosever it is."""
        match operation, name:
            case "take_step", "case" if self._memory.chances:
                return self._chance.choice(self._memory.chances).case
            case "link_case", "case":
                return self._made.cases[self._chance.choice(TIES)[0]]
            case _, "name":
                return self._memory.one("workflow", self._chance)
        return self._memory.one(name, self._chance) or None

    def version(self, case: str) -> str | None:
        """The version of a case as it was last seen, as If-Match takes it."""
        known = self._memory.versions.get(case)
        return None if known is None else f'"{known}"'

    def kept(self, names: Iterable[str], linked: frozenset[str]) -> list[str]:
        """Of the optional parameters that were drawn, those to be sent."""
        return [name for name in names if name in linked or self._chance.random() < KEPT]

    def wanted(self) -> bool:
        return self._chance.random() < FITTED

    def _seldom(self) -> bool:
        return self._chance.random() < 0.3

    def _step(self, offered: Sequence[Chance]) -> dict[str, Any] | None:
        """The body of a step that was offered."""
        if not offered:
            return None
        one = self._chance.choice(offered)
        body = {"trigger": one.trigger, "fields": self._maker.made(one.schema), "reason": "Skäl."}
        return body | ({"on_behalf_of": one.on_behalf_of, "evidence": "mejl"} if one.on_behalf_of else {})

    def _steps(self) -> dict[str, Any] | None:
        """The same step of one case or two, in the versions last seen."""
        step = self._step(self._memory.chances)
        if step is None:
            return None
        offered = [each.case for each in self._memory.chances if each.trigger == step["trigger"]]
        chosen = sorted({self._chance.choice(offered) for _ in range(2)})
        versions = [{"id": each, "version": self._memory.versions.get(each)} for each in chosen]
        return {**step, "cases": versions, "dry_run": self._seldom()}

    def _tie(self, case: str) -> dict[str, Any]:
        fitting = [(name, other) for of, name, other in TIES if self._made.cases[of] == case]
        name, other = self._chance.choice(fitting or [(name, other) for _, name, other in TIES])
        return {"name": name, "case": self._made.cases[other]}

    def _opening(self, who: str) -> dict[str, Any]:
        """A case as one is opened at the university of whoever asks, and now and then at the other."""
        own = institution_of(who) == LUND
        at_lund = own if self._chance.random() < 0.9 else not own
        unit = "STAT" if at_lund else self._chance.choice(("STAT", "HIST"))
        agreement = self._made.cases["lund agreement" if at_lund else f"{unit.lower()} agreement"]
        student = {"name": "Kim Student", "email": f"kim{self._chance.randrange(50)}@example.org", "language": "sv"}
        tied = {"unit": unit, "subject": student, "links": {"agreement": agreement}}
        partner = {"partner": self._made.people["lund.partner"]} if at_lund else {}
        return self._chance.choice((
            {"workflow": "eligibility_review", "unit": unit, "subject": student, "facts": {"course": "Statistik A"}},
            {"workflow": "agreement", "unit": unit, "facts": {**TERMS, **partner}},
            {"workflow": "outgoing_exchange", "facts": AUTUMN, **tied},
            {"workflow": "incoming_nomination", "facts": STAY, **tied},
        ))  # fmt: skip
