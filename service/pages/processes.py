"""The processes of the house, each definition as a page of the handbook, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from engine.comparing import Part, differences
from engine.definition import Definition
from engine.insight import DefinitionCount
from engine.vocabulary import Text
from engine.wording import Wording
from service import rehearsing
from service.pages.processes_view import drawn, handbook
from service.pages.visiting import Visit, Visiting
from service.problems import NotHere

router = APIRouter(include_in_schema=False)

LONGEST: Final = 64
"""A version is named by its number, or by its hash of 64 characters."""

PARTS: Final[Mapping[Part, Text]] = {
    Part.STATES: Text("Statusar", "Statuses"),
    Part.STEPS: Text("Steg", "Steps"),
    Part.DEADLINES: Text("Frister", "Deadlines"),
    Part.ROLES: Text("Roller", "Roles"),
    Part.RULES: Text("Regler", "Rules"),
    Part.FACTS: Text("Uppgifter", "Facts"),
    Part.FIGURES: Text("Inställningar", "Settings"),
    Part.REST: Text("Övrigt", "Other"),
}


@dataclass(frozen=True, slots=True)
class Version:
    """A definition as lists name it. `href` is None where its file is no longer kept."""

    number: int | None
    hash: str
    current: bool
    href: str | None
    cases_href: str
    open: int


@dataclass(frozen=True, slots=True)
class Process:
    """A process in the list of all."""

    definition: Definition
    versions: tuple[Version, ...]

    @property
    def open(self) -> int:
        """The open cases under any of its versions."""
        return sum(version.open for version in self.versions)


@router.get("/processes")
def processes(visit: Visiting) -> Response:
    """List every process, with its versions and the open cases the reader may read."""
    catalogue, counted = visit.house.catalogue, _counted(visit)
    listed = [Process(catalogue.current(name), versions_of(visit, name, counted)) for name in catalogue.names]
    return visit.page("processes.html", processes=listed)


@router.get("/processes/{name}")
def process(visit: Visiting, name: str) -> Response:
    """Show the process as it is today."""
    return _page(visit, _find(visit, name, ""))


@router.get("/processes/{name}/compare")
def compare(visit: Visiting, name: str) -> Response:
    """Show what differs between two versions; those not named are the current one and the one before it."""
    known = visit.house.catalogue.versions(_find(visit, name, "").name)
    asked = visit.request.query_params
    after = _find(visit, name, asked.get("to", ""))
    before = _find(visit, name, asked.get("from") or (known[1].hash if len(known) > 1 else ""))
    found = differences(before, after, visit.house.catalogue)
    return visit.page(
        "processes_compare.html",
        definition=after,
        before=before,
        known=known,
        versions=versions_of(visit, name, _counted(visit)),
        parts=[(words, [each for each in found if each.part is part]) for part, words in PARTS.items()],
        count=len(found),
    )


@router.get("/processes/{name}/{version}")
def process_version(visit: Visiting, name: str, version: str) -> Response:
    """Show one version of a process, named by its number or hash."""
    return _page(visit, _find(visit, name, version))


def _page(visit: Visit, definition: Definition) -> Response:
    figures = _figures(visit, definition)
    versions = versions_of(visit, definition.name, _counted(visit))
    return visit.page(
        "processes_page.html",
        definition=definition,
        book=handbook(Wording(definition, visit.house.catalogue, figures)),
        drawn=drawn(definition, visit.language),
        versions=versions,
        version=next(each for each in versions if each.hash == definition.hash),
        may_rehearse=rehearsing.may_rehearse(visit.house, visit.organisation, visit.person, visit.speech.today),
    )


def versions_of(visit: Visit, name: str, counted: Iterable[DefinitionCount]) -> tuple[Version, ...]:
    """The versions of a process that are kept or have open cases, the current one first."""
    return tuple(_version(visit, each) for each in counted if each.name == name and (each.loaded or each.cases.count))


def _version(visit: Visit, each: DefinitionCount) -> Version:
    numbered = [known.version for known in visit.house.catalogue.versions(each.name)].count(each.version or -1)
    own = f"/processes/{each.name}/{each.version if numbered == 1 else each.hash}"
    href = (f"/processes/{each.name}" if each.current else own) if each.loaded else None
    listed = f"/listed?{urlencode(each.cases.selection.pairs())}"
    return Version(each.version, each.hash, each.current, href, listed, each.cases.count)


def _counted(visit: Visit) -> tuple[DefinitionCount, ...]:
    return visit.house.insight.definitions(visit.institution, visit.person)


def _figures(visit: Visit, definition: Definition) -> dict[str, object]:
    """The settings of the whole institution for a process, over the defaults it declares."""
    prefix = f"{definition.name}."
    settings = visit.organisation.settings(visit.institution)
    return {name.removeprefix(prefix): value for name, value in settings.items() if name.startswith(prefix)}


def _find(visit: Visit, name: str, version: str) -> Definition:
    """The definition of this number or hash, else (none named) the current one. Raises NotHere."""
    catalogue = visit.house.catalogue
    if name not in catalogue.names or len(version) > LONGEST:
        raise NotHere
    for definition in catalogue.versions(name):
        if version in {"", str(definition.version), definition.hash}:
            return definition
    raise NotHere
