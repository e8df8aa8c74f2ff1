"""Replays many cases, in this process or spread over several, from the store or from an export."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from multiprocessing import get_context
from typing import Any, Final

from engine.canonical import micros
from engine.catalogue import Catalogue
from engine.history import History
from engine.model import Case
from engine.parts import in_parts
from engine.replay import Replay, Verdict
from engine.store import case_rows, registers, walk_rows
from engine.store.store import Store
from engine.walking import Misstep, Walked, graphs, walk
from service import compose
from service.settings import Settings

AT_ONCE: Final = 64
"""How many cases a process is given at a time: enough to be read together, few enough that none idles at the end."""

Limit = int | datetime | None
"""Up to where: a sequence, an instant, or the end."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where histories are read: a database, whose they are, and whether rows stand beside them."""

    url: str
    institution: str
    rows: bool = True


class Reader:
    """Replays cases of one source, in one process."""

    def __init__(self, source: Source, catalogue: Catalogue) -> None:
        self.source = source
        self.store = Store(source.url)
        self._catalogue = catalogue
        self._history = History(self.store, catalogue)
        self._replay = Replay(self.store, catalogue, partial(registers.as_of, self.store), rows=source.rows)

    def ids(self) -> list[str]:
        """The ids of all cases."""
        return list(self._replay.cases(self.source.institution))

    def verdicts(self, ids: Sequence[str], limit: Limit = None) -> Iterator[Verdict]:
        """Replay some cases, in their order."""
        if not isinstance(limit, datetime):
            yield from self._replay.these(self.source.institution, ids, limit)
            return
        for case in ids:
            yield self._replay.case(self.source.institution, case, self._last(case, limit))

    def facts(self, case: str, limit: Limit = None) -> Case | None:
        """The case as it was after the limit; None where it was not yet."""
        if isinstance(limit, datetime):
            return self._history.case_at(self.source.institution, case, at=micros(limit))
        return self._history.case_at(self.source.institution, case, sequence=limit)

    def walk(self, told: Callable[[int], None]) -> tuple[Walked, list[Misstep]]:
        """Walk every history along the graph of its definition; those that leave it."""
        walked = Walked()
        rows = walk_rows.steps(self.store, self.source.institution)
        return walked, list(walk(rows, graphs(self._catalogue), walked, told))

    def number(self, case: str) -> str:
        """By what a case is known: its number, or its id where no row tells one."""
        words = case_rows.words(self.store, self.source.institution, case)
        return words[0] if words else case

    def close(self) -> None:
        """Give the connections back."""
        self.store.close()

    def _last(self, case: str, limit: datetime) -> int:
        """The sequence of the last event up to an instant."""
        events = self._history.events(self.source.institution, case)
        return sum(1 for event in events if event.body.get("at", 0) <= micros(limit))


def spread(source: Source, settings: Settings, ids: Sequence[str], limit: Limit, processes: int) -> Iterator[Verdict]:
    """Replay cases over several processes; the verdicts come in the order of `ids`."""
    with ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=_begin, initargs=(source, settings)
    ) as pool:
        for verdicts in pool.map(partial(_part, limit=limit), in_parts(ids, AT_ONCE)):
            yield from verdicts


_readers: list[Any] = []
"""The reader of this process, where it is one of several."""


def _begin(source: Source, settings: Settings) -> None:
    _readers[:] = [Reader(source, compose.load_catalogue(settings))]


def _part(ids: Sequence[str], limit: Limit) -> list[Verdict]:
    return list(_readers[0].verdicts(ids, limit))
