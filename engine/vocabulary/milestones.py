"""What a case needs on its way, as an office ticks it off: what is done, what is waited for, what comes later.

Milestones only show. They bear on no decision, and so a definition's hash leaves them out.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.vocabulary.people import Who, as_who
from engine.vocabulary.words import Role, Text


@dataclass(frozen=True, slots=True)
class Milestone:
    """One thing a case needs, and who gives it.

    It is waited for while the case is in one of `waits_in` (left out: where one of
    `deadlines` runs) and it is not there. It is there once `fact` is known; or, with
    `link`, once every case tied by that name stands in one of `given_in`, states of that
    other workflow. In `done_in` it is there, or asked for no more. `by` is who gives it;
    with `link` that is whoever the other case waits for. `deadlines` say by when.
    """

    name: str
    label: Text
    by: Role | Who | None = None
    fact: str | None = None
    link: str | None = None
    deadlines: tuple[str, ...] = ()
    waits_in: tuple[str, ...] = ()
    done_in: tuple[str, ...] = ()
    given_in: tuple[str, ...] = ()

    @property
    def who(self) -> Who | None:
        """Who gives it, as a role and the unit it is held in."""
        return None if self.by is None else as_who(self.by)
