"""What people, files and the clock ask for: mostly what may be asked of the case as it is, sometimes anything."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from engine.model import (
    IMPORT_PARTY,
    Assign,
    Comment,
    Correct,
    Erase,
    ErasureReason,
    Key,
    Migrate,
    NewPerson,
    Open,
    Recount,
    Request,
    Take,
    Tie,
)
from engine.vocabulary import Role, Transition
from tests.simulation.office import NEW
from tests.simulation.truth import Known, Truth

HOLDERS: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.COORDINATOR: ("ann", "ann", "arne"), Role.HEAD: ("hedda",), Role.OFFICER: ("olle",),
    Role.STUDENT: ("ann",), Role.PARTNER: ("ann",),
}  # fmt: skip
ALONE_IN_B: Final = "bea"
FIELDS: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = {
    "propose": (*({"note": f"note {n}"} for n in range(9)), {}),
    "book": ({"day": "2040-06-01"}, {"day": "2041-06-01"}, {"day": "2020-01-01"}),
    "change": ({"semesters": 2}, {"semesters": 1}, {"semesters": 3}, {"year": "2028/2029"}, {"year": "2031/2032"}),
    "lock": (*({"locked": False} for _ in range(7)), {"locked": True}),
}
ANYBODY: Final = ("ann", "arne", "bea", "hedda", "olle", "ada", "adam", "nobody", IMPORT_PARTY, "clock")
AT_WORK: Final = 20
"""How many cases of an institution are under way before fewer new ones are opened."""

SELDOM: Final[Mapping[str, int]] = {
    "end": 1, "end_quietly": 1, "end_strictly": 1, "carry_over": 6, "withdraw": 4, "lock": 5, "note_companion": 4,
    "send_back": 6, "ask": 8, "take": 8, "release": 8, "decline": 8,
}  # fmt: skip
"""How often a step is drawn, where another is drawn twenty times: what ends all or leads nowhere comes seldom."""

_OFFERED: Final[Mapping[tuple[str, str], tuple[Transition, ...]]] = {
    (definition.hash, state): tuple(each for each in offered if each.who[0].role is not Role.CLOCK)
    for name in NEW.names
    for definition in NEW.versions(name)
    for state, offered in definition.offered.items()
}
"""What somebody may do, by definition and state; what only the clock does is left out."""

_TRIGGERS: Final = tuple(each.trigger for name in NEW.names for each in NEW.current(name).workflow.transitions)


@dataclass
class Asker:
    """Draws requests, each under a key of its own; the keys of one institution are those of the other."""

    dice: random.Random
    truth: Truth
    seen: Counter[str]
    asked: Counter[str] = field(default_factory=Counter)

    def requests(self, institution: str, size: int) -> list[Request]:
        """So many at once: mostly about different cases, for that is what people have in hand."""
        cases = self.truth.under_way(institution)
        if self.dice.random() < 0.1:
            return [self.request(institution) for _ in range(size)]
        drawn = self.dice.sample(cases, min(size, len(cases)))
        few = len(cases) < AT_WORK and size > 1
        new = [self._opening(institution, cases) for _ in range(self.dice.randrange(1 + size // 2) if few else 0)]
        return (new + [self._about(case) for case in drawn])[:size]

    def request(self, institution: str) -> Request:
        """Something about one of the institution's cases, or a new one."""
        cases = self.truth.under_way(institution)
        if not cases or self.dice.random() < (0.3 if len(cases) < AT_WORK else 0.02):
            return self._opening(institution, cases)
        return self._about(self.dice.choice(cases))

    def about(self, case: Known) -> Request:
        """A step that leads on from here, by somebody who may take it."""
        ask, by = self._likely(case)
        return Request(case.institution, ask, by, case=case.id, key=self._key(case.institution))

    def _key(self, institution: str) -> Key:
        self.asked[institution] += 1
        number = self.asked[institution]
        if number > 5 and self.dice.random() < 0.005:
            self.seen["key used for something else"] += 1
            return Key(f"key-{self.dice.randrange(1, number)}", f"other-{number}")
        return Key(f"key-{number}", f"said-{number}")

    def _about(self, case: Known) -> Request:
        drawn = self.dice.random()
        if drawn < 0.9:
            request = self.about(case)
            expected = self.dice.choice((None, None, None, *([case.version] * 8), case.version - 1))
            return Request(case.institution, request.ask, request.party, request.case, expected, request.key)
        ask, about = self._beside(case)
        by = self.dice.choice(ANYBODY) if self.dice.random() < 0.5 else self._fit_for(ask)
        return Request(case.institution, ask, by, case=about, key=self._key(case.institution))

    def _opening(self, institution: str, cases: Sequence[Known]) -> Request:
        contracts = [case for case in cases if case.workflow == "contract"]
        ask: Open
        if len(contracts) < 2 or self.dice.random() < 0.02:
            ask = Open("contract", "a", None, {"places": self.dice.randrange(1, 9), "name": f"C{len(contracts)}"})
            return Request(institution, ask, "olle", key=self._key(institution))
        person = f"p{self.dice.randrange(6)}"
        subject = NewPerson(person.upper(), f"{person}@example.com", "sv")
        links = (("contract", self.dice.choice(contracts).id),) if self.dice.random() < 0.85 else ()
        facts: dict[str, Any] = {"rank": self.dice.randrange(9)}
        unit, by = ("b", ALONE_IN_B) if self.dice.random() < 0.05 else ("a", self.dice.choice(("ann", "ann", "arne")))
        return Request(institution, Open("stay", unit, subject, facts, links), by, key=self._key(institution))

    def _likely(self, case: Known) -> tuple[Take, str]:
        transition = self._towards(case)
        # Where several may, the last may most: to approve, the head, who has proposed nothing.
        role = self.dice.choice((*transition.who, *([transition.who[-1]] * 3))).role
        outside = role if role in {Role.STUDENT, Role.PARTNER} else None
        fields = self.dice.choice(FIELDS.get(transition.trigger, ({},)))
        evidence = "a letter" if outside else None
        ask = Take(transition.trigger, fields, reason="because", on_behalf_of=outside, evidence=evidence)
        return ask, ALONE_IN_B if case.unit == "b" else self.dice.choice(HOLDERS.get(role, ("olle",)))

    def _towards(self, case: Known) -> Transition:
        """A step from here."""
        offered = _OFFERED[case.definition, case.state] or NEW.current(case.workflow).workflow.transitions
        return self.dice.choices(offered, [SELDOM.get(each.trigger, 20) for each in offered])[0]

    def _beside(self, case: Known) -> tuple[Any, str]:
        """What is no step of the process, or one that may not be taken from here; and about which case."""
        cases = self.truth.under_way(case.institution)
        drawn = self.dice.randrange(12)
        closed = self.truth.closed(case.institution)
        if drawn < 2 and closed:
            return Erase(self.dice.choice(tuple(ErasureReason))), self.dice.choice(closed)
        strangers = self.truth.under_way(self.truth.other(case.institution))
        if drawn == 2 and strangers:
            return self._across(case, self.dice.choice(strangers))
        return self.dice.choice(
            (
                Take(self.dice.choice(_TRIGGERS), reason="because"),
                Assign(self.dice.choice(("ann", "arne", None))),
                Comment("words", ("unit:a",)),
                Recount(),
                Migrate(),
                Migrate(),
                Correct({"rank": self.dice.randrange(9)}, "misread"),
                Correct({"places": self.dice.randrange(1, 7)}, "misread"),
                Tie("companion", self.dice.choice(cases).id),
                Tie("successor", self.dice.choice(cases).id),
            )
        ), case.id

    def _across(self, case: Known, other: Known) -> tuple[Any, str]:
        """Something that would bring two institutions together."""
        self.seen["asked across institutions"] += 1
        if self.dice.random() < 0.5:
            return Tie(self.dice.choice(("companion", "successor", "contract")), other.id), case.id
        return self._likely(other)[0], other.id

    def _fit_for(self, ask: Any) -> str:
        """Who may ask for it, if anybody may."""
        return "adam" if isinstance(ask, Erase | Migrate) else self.dice.choice(("ann", "olle"))
