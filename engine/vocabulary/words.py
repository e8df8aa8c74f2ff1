"""The smallest words: a text in both languages, a reason, an answer, a role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar


@dataclass(frozen=True, slots=True)
class Text:
    """A text people read, in Swedish and English."""

    sv: str
    en: str


class Role(StrEnum):
    """What a party may do. A role is held in a unit; STUDENT, PARTNER and CLOCK by nobody in a unit."""

    COORDINATOR = "coordinator"
    REVIEWER = "reviewer"
    HEAD = "head"
    OFFICER = "officer"
    ADMISSIONS = "admissions"
    RECOGNISER = "recogniser"
    SIGNATORY = "signatory"
    STUDENT = "student"
    PARTNER = "partner"
    AUDITOR = "auditor"
    ADMIN = "admin"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something cannot be done: a stable code, words to show, who can help, and from when.

    `who_can` names a role, or is None where nobody can. `from_date` is a local day.
    """

    code: str
    message: Text
    who_can: Role | None = None
    from_date: date | None = None


@dataclass(frozen=True, slots=True)
class Yes:
    """The guard lets the step through."""


@dataclass(frozen=True, slots=True)
class No:
    """The guard says no, because."""

    reason: Reason


YES = Yes()
Answer: TypeAlias = Yes | No


def no(
    code: str, sv: str, en: str, *, who_can: Role | None = None, from_date: date | None = None
) -> No:
    """Say no with a stable code and the words in both languages."""
    return No(Reason(code, Text(sv, en), who_can, from_date))


CallableT = TypeVar("CallableT", bound=Callable[..., Any])


def called(name: str, function: CallableT) -> CallableT:
    """Give a function made by another the name under which the tables of a workflow print it."""
    function.__name__ = name
    return function
