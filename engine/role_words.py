"""What the office calls a role: one table, with the two forms that the two languages need.

A role's *name* stands by itself: in a list, in a column, after "as" ("granskare", "reviewer").
In a sentence it is *definite* ("påminns granskaren", "the reviewer is reminded"). Names of
offices, and parties there is one of, are the same in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.vocabulary import Role, Text


@dataclass(frozen=True, slots=True)
class RoleWords:
    """The two forms of a role's name."""

    name: Text
    definite: Text


def _alone(sv: str, en: str) -> RoleWords:
    """Give a role whose name is the same by itself and in a sentence."""
    return RoleWords(Text(sv, en), Text(sv, en))


ROLE_WORDS: Final[Mapping[Role, RoleWords]] = {
    Role.COORDINATOR: RoleWords(
        Text("utbyteskoordinator", "exchange coordinator"), Text("utbyteskoordinatorn", "the exchange coordinator")
    ),
    Role.REVIEWER: RoleWords(Text("granskare", "reviewer"), Text("granskaren", "the reviewer")),
    Role.HEAD: RoleWords(Text("prefekt", "head of department"), Text("prefekten", "the head of department")),
    Role.OFFICER: RoleWords(
        Text("International Office", "International Office"), Text("International Office", "the International Office")
    ),
    Role.ADMISSIONS: _alone("Antagningen", "Admissions"),
    Role.RECOGNISER: RoleWords(
        Text("den som beslutar om tillgodoräknande", "recognition decision-maker"),
        Text("den som beslutar om tillgodoräknande", "the recognition decision-maker"),
    ),
    Role.SIGNATORY: RoleWords(
        Text("den som har rätt att underteckna", "signatory"), Text("den som har rätt att underteckna", "the signatory")
    ),
    Role.STUDENT: _alone("studenten", "the student"),
    Role.PARTNER: _alone("partnern", "the partner"),
    Role.AUDITOR: RoleWords(Text("revisor", "auditor"), Text("revisorn", "the auditor")),
    Role.ADMIN: RoleWords(Text("administratör", "administrator"), Text("administratören", "the administrator")),
    Role.CLOCK: _alone("klockan", "the clock"),
}

ROLE_NAMES: Final[Mapping[Role, Text]] = {role: words.name for role, words in ROLE_WORDS.items()}
"""Each role by itself."""

ROLES: Final[Mapping[Role, Text]] = {role: words.definite for role, words in ROLE_WORDS.items()}
"""Each role in a sentence."""
