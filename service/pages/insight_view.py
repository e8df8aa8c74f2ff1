"""What the pages of agreements and dashboards share: numbers that lead to their lists, units to choose, words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from engine import rights
from engine.organisation import STAFF
from engine.selecting import Counted, Selection
from engine.vocabulary import Role
from service.pages.filters_view import Option
from service.pages.visiting import Visit
from service.sent import is_text, refuse

READERS: Final = (*STAFF, Role.AUDITOR)
"""Who sees the register of agreements and the dashboards."""

LISTED: Final = "/listed"
LONGEST: Final = 200
"""Characters of one value in an address."""


@dataclass(frozen=True, slots=True)
class Number:
    """How many cases, and the address of the list of exactly these; none where there are none."""

    count: int
    href: str | None


def number_of(counted: Counted) -> Number:
    """A count with the way to its list."""
    return Number(counted.count, list_of(counted.selection) if counted.count else None)


def list_of(selection: Selection) -> str:
    """The address of the list of the cases selected."""
    return f"{LISTED}?{urlencode(selection.pairs())}"


def readable_units(visit: Visit) -> dict[str, str]:
    """The units whose cases the reader may read, with their names, in the order of these."""
    today = visit.speech.today
    found = (
        code for code in visit.organisation.units if rights.reads_in(visit.organisation, visit.person, code, today)
    )
    named = {code: visit.unit_name(code) for code in found}
    return dict(sorted(named.items(), key=lambda pair: pair[1].casefold()))


def process_name(visit: Visit, workflow: str) -> str:
    """A process in the reader's words; its name where it is not known any more."""
    catalogue = visit.house.catalogue
    if workflow not in catalogue.names:
        return workflow
    return visit.speech.text(catalogue.current(workflow).workflow.label)


def options(words: Mapping[str, str], chosen: Iterable[str]) -> tuple[Option, ...]:
    """Choices of a form; `words` is keyed by value."""
    wanted = set(chosen)
    return tuple(Option(value, said, value in wanted) for value, said in words.items())


def asked_text(visit: Visit, name: str) -> str:
    """A value of the address, without spaces around it. Raises BadFields where it is too long or no text."""
    value = visit.request.query_params.get(name, "").strip()
    if len(value) > LONGEST or not is_text(value):
        refuse(
            f"field:{name}",
            f"Ett filter är för långt: skriv högst {LONGEST} tecken text.",
            f"A filter is too long: write at most {LONGEST} characters of text.",
        )
    return value


def must_be_offered(name: str, values: Iterable[str], offered: Iterable[str]) -> None:
    """Raise BadFields for a value that the page does not offer."""
    if set(values) - set(offered):
        refuse(
            f"field:{name}",
            "Ett filter har ett värde som inte finns här. Rensa filtren och välj i listan.",
            "A filter has a value that is not offered here. Clear the filters and choose from the list.",
        )


def begin(words: str) -> str:
    """The words with a capital."""
    return words[:1].upper() + words[1:]
