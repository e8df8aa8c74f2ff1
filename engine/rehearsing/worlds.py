"""The definitions as they would have been, had a file always been in force."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.catalogue import Catalogue
from engine.definition import Definition
from engine.errors import EngineError
from engine.migrating import mapped_state
from engine.model import Case


class NoSuchState(EngineError):
    """The case stood in a state that the file does not have."""


def with_file(catalogue: Catalogue, file: Definition) -> Catalogue:
    """The catalogue with a file in place of the current one of its name, which is then a past one.

    Raises WorkflowInvalid where the file does not go with the others, or behaves otherwise than a
    known one of the same version.
    """
    return Catalogue(*_with(catalogue, file))


def _with(catalogue: Catalogue, file: Definition) -> tuple[tuple[Definition, ...], tuple[Definition, ...]]:
    """The current definitions with the file among them, and the others."""
    now = {name: catalogue.current(name) for name in catalogue.names} | {file.name: file}
    known = (each for name in catalogue.names for each in catalogue.versions(name))
    past = tuple(each for each in known if each.hash not in {one.hash for one in now.values()})
    return tuple(now.values()), past


def for_folding(catalogue: Catalogue, file: Definition) -> Catalogue:
    """The catalogue by which histories are folded: what the file's four-eyes rules watch is remembered too."""

    def widened(definition: Definition) -> Definition:
        if definition.name != file.name:
            return definition
        return replace(definition, watched=definition.watched | file.watched)

    now, past = _with(catalogue, file)
    return Catalogue(tuple(map(widened, now)), tuple(map(widened, past)))


@dataclass(frozen=True)
class World(Catalogue):
    """A catalogue in which every case of one workflow is under its current definition, whatever it is pinned to."""

    workflow: str = ""

    @classmethod
    def under(cls, catalogue: Catalogue, file: Definition) -> World:
        """The world in which a file has always been in force."""
        now, past = _with(catalogue, file)
        return cls(now, past, workflow=file.name)

    def by_hash(self, digest: str) -> Definition:
        """Give the definition a case is treated under. Unknown: KeyError."""
        pinned = super().by_hash(digest)
        return self.current(pinned.name) if pinned.name == self.workflow else pinned

    def state_of(self, digest: str, state: str) -> str | None:
        """Say what the file makes of a state of the definition of that hash; None where it has none for it."""
        pinned = super().by_hash(digest)
        return mapped_state(pinned, self.current(pinned.name), state) if pinned.name == self.workflow else state

    def case(self, was: Case) -> Case:
        """The case as it would have stood. Raises NoSuchState.

        Facts and deadlines the file does not know are left out, as a migration leaves them out.
        """
        if was.workflow != self.workflow:
            return was
        file = self.current(self.workflow)
        state = self.state_of(was.definition, was.state)
        if state is None:
            raise NoSuchState(was.state)
        known = file.workflow.facts.model_fields
        return replace(
            was,
            definition=file.hash,
            state=state,
            facts={name: value for name, value in was.facts.items() if name in known},
            deadlines=tuple(row for row in was.deadlines if row.name in file.deadlines),
        )
