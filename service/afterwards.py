"""Of an answer that cannot be made after something was done, it is not said that nothing was changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final

from engine.errors import Busy, DefinitionUnknown, ReadOnly
from engine.store.ready import DatabaseNotReady
from service.tardy import OutcomeUnknown

UNCHANGED: Final = (Busy, ReadOnly, DatabaseNotReady, DefinitionUnknown)
"""What says in its words that nothing was changed, so that whoever reads them asks for the same again."""


@contextmanager
def afterwards(done: Collection[object]) -> Iterator[None]:
    """While an answer is made. `done` is what was done by then; where that is nothing, all is raised as it is.

    Raises OutcomeUnknown, which says how to ask again, in place of what would deny what was done.
    """
    try:
        yield
    except UNCHANGED as error:
        if done:
            raise OutcomeUnknown from error
        raise
