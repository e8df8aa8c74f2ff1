"""What an auditor looks for in a case when it has been gone through, and what shows it.

The declaration only shows: it bears on no decision, and so a definition's hash leaves it
out, as it does milestones.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.vocabulary.words import Text


@dataclass(frozen=True, slots=True)
class Where:
    """Holds where a fact of the case linked under `link` has this value."""

    link: str
    fact: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One thing that belongs in the audit folder, and what of the case shows it.

    It is there once all of `needs` and one of each group of `either` are known and, if
    named, one of `steps` has been taken; `shows` are facts put beside it. With `link` the
    facts are those of the case linked under that name. `signed_by` names a list of
    signatures and the part of each that says who signed: all three parties must be in it.
    `informed` asks that the step told somebody.

    It is asked for once the case has been in one of `asked_in` (left out: always; never
    where it is `optional`), and only where `only` holds and `unless` does not.

    `dated` are facts with the days the document itself bears. It should precede the first
    of `before_steps`, or the first known of the days `before_days`, `grace_days` added.
    `of_call` takes the first such step of any application of the call. `settled`: its facts
    may not change after that either. `renewed`: what was there before it was replaced counts.
    `attended` and `planned` are first and last days to be compared. `elsewhere` says where
    lies what is not held here.
    """

    name: str
    label: Text
    source: Text
    needs: tuple[str, ...] = ()
    either: tuple[tuple[str, ...], ...] = ()
    shows: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    link: str | None = None
    signed_by: tuple[str, str] | None = None
    informed: bool = False
    asked_in: tuple[str, ...] = ()
    optional: bool = False
    only: Where | None = None
    unless: Where | None = None
    dated: tuple[str, ...] = ()
    before_steps: tuple[str, ...] = ()
    before_days: tuple[str, ...] = ()
    grace_days: int = 0
    of_call: bool = False
    settled: bool = False
    renewed: bool = False
    attended: tuple[str, str] | None = None
    planned: tuple[str, str] | None = None
    elsewhere: Text | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """Which cases are applications of one call: those linked alike under `link` with the same `facts`.

    `ranks` are the facts that show their order, `ranked_by` the step that gave it.
    """

    link: str
    facts: tuple[str, ...]
    ranks: tuple[str, ...] = ()
    ranked_by: str | None = None


@dataclass(frozen=True, slots=True)
class AuditFolder:
    """What belongs in the audit folder of a case: its papers in order, its decisions, the call it came by."""

    papers: tuple[Paper, ...]
    decisions: tuple[str, ...] = ()
    call: Call | None = None
