"""Reads the words of student exchange: levels, roles, weekdays, gender, study plans."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from adapters.tables_model import Cell
from adapters.values import SPACES, ValueFault, folded, listed, one_of, words, written
from engine.vocabulary import Level, Role, Text

LEVEL = Text("grundnivå, avancerad nivå eller forskarnivå", "bachelor, master or doctoral")
WEEKDAYS = Text("veckodagar, som mån, tis eller mån–ons", "weekdays, such as Mon, Tue or Mon–Wed")
ROLES = Text("roller, som coordinator@12; reviewer@12", "roles, such as coordinator@12; reviewer@12")
GENDER = Text("kvinna, man, annat eller uppges ej", "female, male, other or not stated")
CEFR = Text("en språknivå från A1 till C2", "a language level from A1 to C2")
AGREEMENT_LEVEL = Text("institution, fakultet, universitet eller nätverk", "department, faculty, university or network")
STUDY_PLAN = Text("three_party eller home_approval", "three_party or home_approval")


@dataclass(frozen=True, slots=True)
class RoleAt:
    """A role, and the code of the unit it is held in."""

    role: Role
    unit: str


LEVEL_NOISE = words("level levels niva degree studies study programme program s eqf examen utbildning student")
LEVEL_WORDS = {
    Level.BACHELOR: words(
        "bachelor bachelors b ba bsc b_a b_sc kandidat kandidatniva grundniva grund g undergraduate ug "
        "first first_cycle 1st 1st_cycle cycle_1 1 6"
    ),
    Level.MASTER: words(
        "master masters m ma msc m_a m_sc magister masterniva avancerad avanceradniva a graduate postgraduate pg "
        "second second_cycle 2nd 2nd_cycle cycle_2 2 7"
    ),
    Level.DOCTORAL: words(
        "doctoral doctorate doctor d phd ph_d doktor doktorand forskarniva forskar forskarutbildning "
        "third third_cycle 3rd 3rd_cycle cycle_3 3 8"
    ),
}


def level(cell: Cell) -> Level:
    """Read a cycle of study, by its name, its number (1 to 3) or its EQF level (6 to 8)."""
    value = re.sub(r"\([^)]*\)", " ", folded(written(cell)))
    kept = [word for word in re.findall(r"[a-z]+|\d+(?:st|nd|rd)?", value) if word not in LEVEL_NOISE]
    for found, named in LEVEL_WORDS.items():
        if "_".join(kept) in named:
            return found
    raise ValueFault(LEVEL)


levels = listed(level, separators=r"[;,|\n/+&]|\b(?:and|och)\b")
"""Several cycles of study in one cell."""


gender = one_of(
    {
        "kvinna": "female", "k": "female", "female": "female", "f": "female", "woman": "female",
        "man": "male", "m": "male", "male": "male",
        "annat": "other", "annan": "other", "other": "other", "x": "other", "icke-binär": "other",
        "non-binary": "other", "diverse": "other",
        "uppges ej": "unstated", "vill ej uppge": "unstated", "okänt": "unstated", "unknown": "unstated",
        "not stated": "unstated", "prefer not to say": "unstated",
    },
    GENDER,
)  # fmt: skip
"""Gender as nominations name it: female, male, other, unstated."""

cefr = one_of(
    {
        **{name: name for name in ("A1", "A2", "B1", "B2", "C1", "C2")},
        "modersmål": "C2", "native": "C2", "native speaker": "C2", "mother tongue": "C2",
    },
    CEFR,
)  # fmt: skip
"""A language level of the Common European Framework of Reference; a mother tongue counts as its highest."""

agreement_level = one_of(
    {
        "department": "department", "departmental": "department", "institution": "department",
        "institutionsavtal": "department", "faculty": "faculty", "fakultet": "faculty", "fakultetsavtal": "faculty",
        "university": "university", "university-wide": "university", "central": "university", "centralt": "university",
        "universitetsövergripande": "university", "universitet": "university", "network": "network",
        "nätverk": "network", "nätverksavtal": "network",
    },
    AGREEMENT_LEVEL,
)  # fmt: skip
"""Who the agreement is made for (PROCESSES, agreement)."""

study_plan = one_of(
    {
        "three_party": "three_party", "three party": "three_party", "trepart": "three_party",
        "learning agreement": "three_party", "la": "three_party", "ola": "three_party", "erasmus": "three_party",
        "home_approval": "home_approval", "home approval": "home_approval", "studieplan": "home_approval",
        "study plan": "home_approval", "hemgodkännande": "home_approval", "godkänns hemma": "home_approval",
    },
    STUDY_PLAN,
)  # fmt: skip
"""How the study plan is agreed: signed by three, or approved at home (PROCESSES, agreement)."""

# Roles held in a unit; student, partner and clock are held nowhere.
ROLE_WORDS = {
    "coordinator": Role.COORDINATOR, "koordinator": Role.COORDINATOR, "utbyteskoordinator": Role.COORDINATOR,
    "ikp": Role.COORDINATOR, "reviewer": Role.REVIEWER, "granskare": Role.REVIEWER, "head": Role.HEAD,
    "prefekt": Role.HEAD, "officer": Role.OFFICER, "handläggare": Role.OFFICER, "admissions": Role.ADMISSIONS,
    "antagning": Role.ADMISSIONS, "antagningen": Role.ADMISSIONS, "recogniser": Role.RECOGNISER,
    "tillgodoräknare": Role.RECOGNISER, "signatory": Role.SIGNATORY, "undertecknare": Role.SIGNATORY,
    "firmatecknare": Role.SIGNATORY, "auditor": Role.AUDITOR, "revisor": Role.AUDITOR, "admin": Role.ADMIN,
    "administratör": Role.ADMIN, "administrator": Role.ADMIN,
}  # fmt: skip
_role = one_of(ROLE_WORDS, ROLES)


def _role_at(cell: Cell) -> RoleAt:
    role, at, unit = SPACES.sub(" ", written(cell)).partition("@")
    if not at or not re.fullmatch(r"[^\s@](?:[^@]{0,58}[^\s@])?", unit.strip()):
        raise ValueFault(ROLES)
    return RoleAt(_role(role), unit.strip())


roles_at = listed(_role_at)
"""Roles as ROLE@UNIT;ROLE@UNIT."""

DAY_WORDS = (
    words("1 m man mandag mandagar mon monday mondays"),
    words("2 ti tis tisdag tisdagar tu tue tues tuesday tuesdays"),
    words("3 o ons onsdag onsdagar we wed wednesday wednesdays"),
    words("4 to tor tors torsdag torsdagar th thu thur thurs thursday thursdays"),
    words("5 fr fre fredag fredagar fri friday fridays"),
    words("6 lo lor lordag lordagar sa sat saturday saturdays"),
    words("7 so son sondag sondagar su sun sunday sundays"),
)
DAYS = {word: number for number, names in enumerate(DAY_WORDS) for word in names}
WORKING_DAYS = words("vardag vardagar weekday weekdays")


def weekdays(cell: Cell) -> tuple[int, ...]:
    """Read days of the week as 0 (Monday) to 6 (Sunday), in order; mån–ons is three of them, as is 1-3."""
    value = re.sub(r"\s*[-–]\s*", "-", folded(written(cell)).replace(".", ""))
    parts = [part for part in re.split(r"[\s;,|/+&]+|\b(?:and|och)\b", value) if part]
    found = {number for part in parts for number in _days_in(part)}
    if not found:
        raise ValueFault(WEEKDAYS)
    return tuple(sorted(found))


def _days_in(part: str) -> Iterator[int]:
    first, _, last = part.partition("-")
    if part in WORKING_DAYS:
        first, last = "1", "5"
    start, end = DAYS.get(first), DAYS.get(last or first)
    if start is None or end is None or end < start:
        raise ValueFault(WEEKDAYS)
    yield from range(start, end + 1)
