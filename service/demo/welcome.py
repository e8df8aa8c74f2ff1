"""The demo office as a stranger finds it: who one may be, what there is to see, and a first step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from engine.vocabulary import Role
from service.demo.partners import SOURCE
from service.demo.script import Fault


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody of the office as whom a visitor may act."""

    id: str
    name: str
    email: str
    roles: tuple[Role, ...]
    unit: str
    token: str


@dataclass(frozen=True, slots=True)
class Sight:
    """A case worth a look; `name` is what the demo itself calls it."""

    name: str
    case: str
    number: str
    words: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step that can be taken at once: in which case, read at which version."""

    case: str
    number: str
    version: int
    trigger: str


@dataclass(frozen=True, slots=True)
class Office:
    """The demo office of an institution, open.

    `cases` counts them by workflow. `first_step` may be taken by `visitors[0]`. `faults` are
    steps that were refused though the year's script meant them to succeed; there should be
    none. The tokens are shown here and kept nowhere.
    """

    institution: str
    today: date
    cases: dict[str, int]
    visitors: tuple[Visitor, ...]
    sights: tuple[Sight, ...]
    first_step: Step
    base_url: str
    faults: tuple[Fault, ...] = ()

    def at(self, base_url: str) -> Self:
        """The same office, reached at another address."""
        return replace(self, base_url=base_url.rstrip("/"))

    @property
    def urls(self) -> dict[str, str]:
        """What can be opened in a browser, by what it is."""
        return {
            "the pages: choose whom to be": f"{self.base_url}/",
            "every call, described": f"{self.base_url}/openapi.json",
            "whether all is well": f"{self.base_url}/readyz",
        }

    @property
    def curl(self) -> str:
        """One call that takes the first step, as it can be typed into a shell."""
        step = self.first_step
        return (
            f"curl -X POST {self.base_url}/api/v1/cases/{step.case}/transitions \\\n"
            f"  -H 'Authorization: Bearer {self.visitors[0].token}' \\\n"
            f"  -H 'If-Match: \"{step.version}\"' -H 'Content-Type: application/json' \\\n"
            f'  -d \'{{"trigger": "{step.trigger}"}}\''
        )

    @property
    def words(self) -> str:
        """All of it, as it is printed once the office is open."""
        return f"{self._opening()}\n\n{people_to_be(self.visitors)}\n\n{self._sights()}\n\n{self._trying()}"

    def _opening(self) -> str:
        kinds = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted(self.cases.items()))
        opens = "\n".join(f"  {url:<45} {what}" for what, url in self.urls.items())
        return (
            f"The demo office is open: {sum(self.cases.values())} cases of Umeå University"
            f" ({kinds}).\nIt is {self.today:%A %-d %B %Y} there, and the clock stands still"
            " until an administrator moves it.\nPeople, students and what happens are invented; the partners and"
            f" how many come and go are real:\n{SOURCE}.\n\nOpen\n{opens}"
        )

    def _sights(self) -> str:
        lines = (f"  {each.number:<14} {each.words}" for each in self.sights)
        return "Worth a look\n" + "\n".join(lines)

    def _trying(self) -> str:
        who = self.visitors[0]
        return f"Take {self.first_step.number} as {who.name}, {', '.join(who.roles)}\n\n{self.curl}"


def people_to_be(visitors: Sequence[Visitor]) -> str:
    """Who a visitor may be: role, unit, name and token, a line each."""
    lines = (f"  {', '.join(each.roles):<18} {each.unit:<16} {each.name:<22} {each.token}" for each in visitors)
    return "Be one of these (in the pages by name; tokens for the API are shown only now)\n" + "\n".join(lines)
