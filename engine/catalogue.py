"""All workflows of the house, by name and by hash, checked against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from engine.crossings import crossing_problems
from engine.definition import Definition
from engine.errors import DefinitionUnknown, WorkflowInvalid
from engine.loading import load
from engine.reach import Reach
from engine.ties import versions_of
from engine.vocabulary import Related


@dataclass(frozen=True)
class Catalogue:
    """The definitions a service runs: the current one of each workflow, and those replaced.

    Raises WorkflowInvalid, with all faults found, where two definitions get in each other's
    way or one names what another does not have.
    """

    now: tuple[Definition, ...]
    past: tuple[Definition, ...] = ()
    _by_name: Mapping[str, Definition] = field(init=False, repr=False, compare=False)
    _by_hash: Mapping[str, Definition] = field(init=False, repr=False, compare=False)
    _reach: Reach = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _raise_if_any(_clashes(self.now, self.past))
        by_name = {definition.name: definition for definition in self.now}
        # The current file wins: its words are the newest for every case under that hash.
        by_hash = {definition.hash: definition for definition in (*self.past, *self.now)}
        versions = versions_of(by_hash.values())
        _raise_if_any(crossing_problems(versions))
        object.__setattr__(self, "_by_name", MappingProxyType(by_name))
        object.__setattr__(self, "_by_hash", MappingProxyType(by_hash))
        object.__setattr__(self, "_reach", Reach(versions))

    @classmethod
    def of(cls, files: Iterable[Path], past: Iterable[Path] = ()) -> Catalogue:
        """Load all files. `past` are the replaced ones that open cases may still be under.

        Files of the same names in other folders do not matter; an `__init__.py` is passed
        over. Raises WorkflowInvalid with the faults of all files, not only of the first.
        """
        faults: list[WorkflowInvalid] = []
        now = _load_all(files, faults)
        before = _load_all(past, faults)
        if len(faults) == 1:
            raise faults[0]
        _raise_if_any((fault.workflow, problem) for fault in faults for problem in fault.problems)
        return cls(now, before)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all workflows, sorted."""
        return tuple(sorted(self._by_name))

    def current(self, name: str) -> Definition:
        """Give the definition new cases of a workflow are opened under. Unknown: KeyError."""
        return self._by_name[name]

    def by_hash(self, digest: str) -> Definition:
        """Give the definition a case is pinned to, replaced ones too. Raises DefinitionUnknown."""
        try:
            return self._by_hash[digest]
        except KeyError:
            raise DefinitionUnknown from None

    def versions(self, name: str) -> tuple[Definition, ...]:
        """Give all definitions of a workflow, the current one first, then the newest."""
        of_name = [each for each in self._by_hash.values() if each.name == name]
        current = self._by_name.get(name)
        return tuple(sorted(of_name, key=lambda each: (each is not current, -each.version)))

    def reach(self, workflow: str, trigger: str | None) -> frozenset[tuple[str, Related]]:
        """Tell which relations a step may read, its follow-ups in other cases included.

        Each comes with the workflow it is declared in. Without a trigger: of all triggers,
        as when actions are listed. An unknown trigger reads nothing; an unknown workflow
        is a KeyError.
        """
        return self._reach.of(workflow, trigger)


def _load_all(files: Iterable[Path], faults: list[WorkflowInvalid]) -> tuple[Definition, ...]:
    """Load files in the order of their names; what fails goes to `faults`."""
    loaded = []
    for path in sorted(path for path in files if path.name != "__init__.py"):
        try:
            loaded.append(load(path))
        except WorkflowInvalid as fault:
            faults.append(fault)
    return tuple(loaded)


def _clashes(now: tuple[Definition, ...], past: tuple[Definition, ...]) -> Iterable[tuple[str, str]]:
    """Find definitions that cannot be told apart."""
    for name, count in Counter(definition.name for definition in now).items():
        if count > 1:
            yield name, f"name: {count} files declare this workflow; keep one of them"
    for prefix, count in Counter(definition.workflow.prefix for definition in now).items():
        if count > 1:
            owner = next(each.name for each in now if each.workflow.prefix == prefix)
            yield owner, f"prefix: {prefix} is used by {count} workflows; give each its own"
    hashes: dict[tuple[str, int], str] = {}
    for each in (*now, *past):
        if hashes.setdefault((each.name, each.version), each.hash) != each.hash:
            what = "two files of this version behave differently; raise the version of the newer"
            yield each.name, f"version {each.version}: {what}"


def _raise_if_any(found: Iterable[tuple[str, str]]) -> None:
    """Raise what was found, as (workflow, problem) pairs, in one WorkflowInvalid."""
    pairs = tuple(found)
    names = tuple(dict.fromkeys(name for name, _ in pairs))
    if len(names) == 1:
        raise WorkflowInvalid(names[0], tuple(problem for _, problem in pairs))
    if names:
        raise WorkflowInvalid(", ".join(names), tuple(f"{name}: {what}" for name, what in pairs))
