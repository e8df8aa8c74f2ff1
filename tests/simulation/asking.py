"""What people, files and the clock ask for: mostly what may be asked of the case as it is, sometimes anything."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.model import Assign, Case, Comment, Correct, Key, Migrate, NewPerson, Open, Recount, Request, Take, Tie
from engine.vocabulary import Role, Transition
from tests.engine.house import CATALOGUE, INSTITUTION

HOLDERS: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.COORDINATOR: ("ann", "arne"), Role.HEAD: ("hedda",), Role.OFFICER: ("olle",),
    Role.STUDENT: ("ann",), Role.PARTNER: ("ann",), Role.CLOCK: ("clock",),
}  # fmt: skip
FIELDS: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = {
    "propose": ({"note": "ready"}, {"note": "again"}, {}),
    "book": ({"day": "2027-06-01"}, {"day": "2020-01-01"}),
    "change": ({"semesters": 2}, {"semesters": 1}, {"year": "2028/2029"}, {"year": "2031/2032"}),
    "lock": ({"locked": False}, {"locked": True}),
}
ANYBODY: Final = ("ann", "arne", "bea", "hedda", "olle", "ada", "adam", "nobody", "import", "clock")


def _transitions(name: str) -> tuple[Transition, ...]:
    return CATALOGUE.current(name).workflow.transitions


@dataclass
class Asker:
    """Draws requests, each under a key of its own."""

    dice: random.Random
    asked: int = 0

    def request(self, cases: Sequence[Case]) -> Request:
        """Something about one of the cases, or a new one."""
        self.asked += 1
        key = Key(f"key-{self.asked}", f"said-{self.asked}")
        drawn = self.dice.random()
        if drawn < 0.08:
            return self._opening(cases, key)
        case = self.dice.choice(cases)
        if drawn < 0.75:
            ask, by = self._likely(case)
        else:
            ask, by = self._beside(case, cases), self.dice.choice(ANYBODY)
        expected = self.dice.choice((None, None, case.version, case.version, case.version - 1))
        return Request(INSTITUTION, ask, by, case=case.id, key=key, expected=expected)

    def _opening(self, cases: Sequence[Case], key: Key) -> Request:
        contracts = [case for case in cases if case.workflow == "contract"]
        person = f"p{self.dice.randrange(6)}"
        subject = NewPerson(person.upper(), f"{person}@example.com", "sv")
        links = (("contract", self.dice.choice(contracts).id),) if contracts and self.dice.random() < 0.8 else ()
        facts: dict[str, Any] = {"rank": self.dice.randrange(9)}
        ask = Open("stay", "a", subject, facts, links)
        return Request(INSTITUTION, ask, self.dice.choice(("ann", "olle")), key=key)

    def _likely(self, case: Case) -> tuple[Take, str]:
        """A step that leads on from here, by somebody who may take it."""
        offered = CATALOGUE.by_hash(case.definition).offered[case.state]
        transition = self.dice.choice(offered or _transitions(case.workflow))
        role = self.dice.choice(transition.who).role
        outside = role if role in {Role.STUDENT, Role.PARTNER} else None
        fields = self.dice.choice(FIELDS.get(transition.trigger, ({},)))
        evidence = "a letter" if outside else None
        ask = Take(transition.trigger, fields, reason="because", on_behalf_of=outside, evidence=evidence)
        return ask, self.dice.choice(HOLDERS.get(role, ("olle",)))

    def _beside(self, case: Case, cases: Sequence[Case]) -> Any:
        """What is no step of the process, or one that may not be taken from here."""
        everything = [each.trigger for name in CATALOGUE.names for each in _transitions(name)]
        return self.dice.choice(
            (
                Take(self.dice.choice(everything), reason="because"),
                Assign(self.dice.choice(("ann", "arne", None))),
                Comment("words", ("unit:a",)),
                Recount(),
                Migrate(),
                Correct({"rank": self.dice.randrange(9)}, "misread"),
                Correct({"places": self.dice.randrange(1, 4)}, "misread"),
                Tie("companion", self.dice.choice(cases).id),
            )
        )
