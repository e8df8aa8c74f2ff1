"""Keeps every definition ever used, and looks for cases whose file has gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.catalogue import Catalogue
from engine.definition import Definition
from engine.errors import EngineError
from engine.store import definition_rows
from engine.store.store import Store


@dataclass(frozen=True, slots=True)
class Orphans:
    """Cases under a definition that no file declares any more."""

    workflow: str
    hash: str
    version: int | None
    cases: int

    @property
    def words(self) -> str:
        """What is missing, and where it belongs."""
        known = self.version or "VERSION"
        return (
            f"{self.cases} case(s) of {self.workflow} are or were under the definition {self.hash}, which no "
            f"file declares; put the replaced file back as past/{self.workflow}_{known}.py "
            "and give the newer one a higher version; where a newer release has brought it, start that one"
        )


class DefinitionMissing(EngineError):
    """Cases stand under definitions whose files are gone; nothing is started."""

    def __init__(self, orphans: tuple[Orphans, ...]) -> None:
        self.orphans = orphans
        super().__init__("\n".join(each.words for each in orphans))


def record(
    store: Store,
    institution: str,
    catalogue: Catalogue,
    source_of: Callable[[Definition], str],
    *,
    now: int,
) -> int:
    """Keep the definitions in use, each with the text of its file; how many were new.

    `source_of` is asked for the new ones only.
    """
    known = definition_rows.known(store, institution)
    found = [each for name in catalogue.names for each in catalogue.versions(name)]
    new = [each for each in found if each.hash not in known]
    if new:
        rows = [
            {
                "institution": institution,
                "hash": each.hash,
                "name": each.name,
                "version": each.version,
                "source": source_of(each),
                "now": now,
            }
            for each in new
        ]
        definition_rows.keep(store, rows)
    return len(new)


def orphans(store: Store, catalogue: Catalogue) -> tuple[Orphans, ...]:
    """The definitions that cases of any institution stand under, and no file declares.

    Finished cases count: they are shown, corrected and reopened under their definition. So do
    cases that have gone over to another: their histories are read under the one they left.
    """
    declared = frozenset(each.hash for name in catalogue.names for each in catalogue.versions(name))
    in_use, versions = definition_rows.in_use(store)
    standing = {hash_ for _, hash_, _ in in_use}
    in_use += [row for row in definition_rows.only_in_histories(store, declared) if row[1] not in standing]
    return tuple(
        Orphans(workflow, hash_, versions.get(hash_), count)
        for workflow, hash_, count in in_use
        if hash_ not in declared
    )


def refuse_orphans(store: Store, catalogue: Catalogue) -> None:
    """Raise DefinitionMissing where any case stands under a definition without its file."""
    found = orphans(store, catalogue)
    if found:
        raise DefinitionMissing(found)
