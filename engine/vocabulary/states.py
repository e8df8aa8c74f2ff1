"""Where a case can stand."""

from __future__ import annotations

from dataclasses import dataclass

from engine.vocabulary.people import Who, as_who
from engine.vocabulary.words import Role, Text


@dataclass(frozen=True, slots=True)
class State:
    """A condition a case can be in.

    `owner` is who is waited for (none in a final state). `subject_label` is what the
    student or partner reads, where it differs. `pauses` names the deadlines that rest
    here. `waits_because` is the written reason why a state may wait without a deadline.
    `holds_place` says that a case in this state holds a place under its linked
    agreement. A final state with `reopens_to` may be left by `reconsider` alone.
    """

    name: str
    label: Text
    owner: Who | Role | None = None
    final: bool = False
    reopens_to: str | None = None
    pauses: tuple[str, ...] = ()
    holds_place: bool = False
    waits_because: Text | None = None
    subject_label: Text | None = None

    @property
    def owner_role(self) -> Who | None:
        """The owner as a role and the unit it is held in."""
        return None if self.owner is None else as_who(self.owner)


def final(
    name: str, sv: str, en: str, *, reopens_to: str | None = None, holds_place: bool = False
) -> State:
    """Declare a state in which a case ends."""
    return State(name, Text(sv, en), final=True, reopens_to=reopens_to, holds_place=holds_place)
