"""The agreements of the demo year: those in force when it begins, and those that are drafted in it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from engine.vocabulary import Role
from service.demo.partners import CHARTERS_RUN_TO, RealPartner
from service.demo.stage import Life, Stage

SIGNED_LONG_AGO = date(2021, 12, 1)
VALID_FROM = date(2022, 1, 1)

Drafted: TypeAlias = Generator[int | date, None, str]
"""The life of a new agreement; gives the case's id."""


@dataclass(frozen=True, slots=True)
class Concluded:
    """An agreement in force: the case, and with whom."""

    case: str
    real: RealPartner
    valid_to: date | None

    def lasts_beyond(self, day: date) -> bool:
        """Whether it is in force on the day after."""
        return self.valid_to is None or self.valid_to > day


@dataclass(frozen=True, slots=True)
class Fate:
    """What the year has in store for an agreement: its end, and what is done about it.

    `carries` tells whether students go and come under it.
    """

    valid_to: date | None
    what: str = "runs"
    carries: bool = True


# By Erasmus code; partners with few students, so that the busy agreements stay open.
FATES = {
    "SI LJUBLJA01": Fate(date(2026, 6, 30), "lapses", carries=False),
    "P  PORTO02": Fate(date(2027, 1, 31), "is renewed", carries=False),
    "A  WIEN02": Fate(date(2027, 1, 31), "lapses later", carries=False),
    "CZ PRAHA07": Fate(date(2027, 12, 31), "renews itself", carries=False),
    "NL ENSCHED01": Fate(date(2029, 9, 30), "rests", carries=False),
    "D  DORTMUN01": Fate(date(2029, 9, 30), "rested", carries=False),
    "D  FULDA01": Fate(date(2029, 9, 30), "notice", carries=False),
    "A  GRAZ09": Fate(date(2026, 12, 31), "notice that takes effect", carries=False),
    "E  SEVILLA01": Fate(date(2028, 6, 30), "runs", carries=False),
    "NL GRONING01": Fate(date(2027, 6, 30), "is replaced"),
}

ENDS = (date(2029, 9, 30), date(2028, 6, 30), None, date(2028, 7, 31), date(2029, 9, 30), date(2027, 12, 31))
"""The ends of the others, in turn; None: until further notice."""

NOMINATIONS = (("04-20", "11-05"), ("05-01", "11-15"), ("05-15", "11-10"), ("04-30", "11-20"))
"""The partners' days for autumn and spring, in turn."""


def fate_of(real: RealPartner, number: int) -> Fate:
    """What becomes of the agreement with the partner that is `number` in the list."""
    return FATES.get(real.code) or Fate(ENDS[number % len(ENDS)])


def terms(real: RealPartner, partner: str, fate: Fate, number: int) -> dict[str, Any]:
    """The facts of an agreement, with as many places as students went and came in the real year."""
    autumn, spring = NOMINATIONS[number % len(NOMINATIONS)]
    level = ("bachelor", "master")
    facts: dict[str, Any] = {
        "partner": partner,
        "partner_name": real.name,
        "reference": f"IO_{1000 + number}",
        "programme": "erasmus" if real.in_programme else "bilateral",
        "study_plan": "three_party" if real.in_programme else "home_approval",
        "valid_from": VALID_FROM,
        "valid_to": fate.valid_to,
        "nomination_autumn": autumn,
        "nomination_spring": spring,
        "rows": [
            {"name": "ut / out", "direction": "outgoing", "places": max(1, real.sent), "levels": level},
            {"name": "in", "direction": "incoming", "places": max(1, real.received), "levels": level},
        ],
    }
    if fate.valid_to is None:
        facts["review_by"] = date(2030, 6, 30)
    if real.in_programme:
        facts["charter_valid_to"] = CHARTERS_RUN_TO
    if fate.what == "renews itself":
        facts |= {"tacit_renewal_months": 12, "tacit_notice_by": date(2026, 12, 31)}
    return facts


def in_force(stage: Stage, real: RealPartner, facts: dict[str, Any], number: int) -> Concluded:
    """Read an agreement in that was concluded before the house stood."""
    signed = {
        "home_signed": "by_hand",
        "partner_signed": "by_hand",
        "partner_agreed_on": SIGNED_LONG_AGO,
        "registration_number": f"FS 1.6.2-{2000 + number}-21",
    }
    case = stage.register("agreement", real.unit, facts | signed, "active")
    return Concluded(case.id, real, facts["valid_to"])


def rests(stage: Stage, case: str, *, resumed: bool) -> Life:
    """A pause in the exchange, and perhaps its end."""
    yield date(2026, 9, 14) if resumed else date(2027, 1, 25)
    yield from stage.do(case, "suspend", reason="Påhittat: partnern flyttar och tar inte emot studenter på ett tag.")
    if resumed:
        yield date(2026, 11, 16)
        yield from stage.do(case, "resume")


def gives_notice(stage: Stage, case: str, told_on: date) -> Life:
    """Notice to the partner, for reasons that are made up."""
    yield told_on
    why = "Påhittat: utbytet samlas i ett gemensamt fakultetsavtal."
    yield from stage.do(case, "terminate", reason=why, told_on=told_on)


def grows(stage: Stage, case: str) -> Life:
    """One more place with the partner's consent, and a change of the places for all years."""
    yield date(2026, 3, 10)
    yield from stage.do(
        case, "grant_extra_place", reason="Två studenter på en plats; partnern sa ja.",
        row="ut / out", academic_year="2026/27", semesters=1, partner_consented_on=stage.today,
    )  # fmt: skip
    yield date(2026, 11, 3)
    yield from stage.do(case, "amend", partner_consented_on=stage.today, call_opens="02-01")


STOPS = (
    "signed", "changes", "draft", "review", "partner", "signature", "abandoned", "abandoned late", "digital",
    "comments",
)  # fmt: skip
"""How far the new agreements come."""


def is_drafted(stage: Stage, facts: dict[str, Any], unit: str, stop: str) -> Drafted:
    """A new agreement, from the draft to force, or to where it stops; gives the case's id."""
    by = stage.someone(Role.COORDINATOR, unit)
    while by is None:
        yield 1
        by = stage.someone(Role.COORDINATOR, unit)
    case = stage.open("agreement", unit, facts, by=by).id
    yield 2
    if stop in {"draft", "abandoned"}:
        yield 20
        if stop == "abandoned":
            yield from stage.do(case, "abandon")
        return case
    yield from stage.do(case, "revise_draft", home_signatory="Prefekten")
    yield from stage.do(case, "submit_for_review")
    yield 6
    if stop == "review":
        return case
    if stop == "changes":
        yield from stage.do(case, "request_changes", reason="Skriv in kontaktpersonen hos partnern.")
        yield 3
        yield from stage.do(case, "revise_draft", partner_signatory="The Vice-Rector")
        yield from stage.do(case, "submit_for_review")
        yield 4
    yield from _to_partner(stage, case, stop)
    return case


def _to_partner(stage: Stage, case: str, stop: str) -> Life:
    checked: dict[str, Any] = {"risk": "acceptable", "no_duplicate_in_force": True}
    yield from stage.do(case, "send_to_partner", risk_check_on=stage.today, **checked)
    yield 12
    if stop == "partner":
        return
    if stop == "abandoned late":
        yield 70
        yield from stage.do(case, "abandon")
        return
    if stop == "comments":
        yield from stage.do(case, "partner_comments", comments="Please add a row for master students.")
        yield 5
        yield from stage.do(case, "submit_for_review")
        yield 5
        yield from stage.do(case, "send_to_partner", risk_check_on=stage.today, **checked)
        yield 8
    yield from stage.do(case, "partner_agrees", partner_agreed_on=stage.today)
    yield from _signed(stage, case, stop)


def _signed(stage: Stage, case: str, stop: str) -> Life:
    how = "digital_approval" if stop == "digital" else "by_hand"
    yield 3
    yield from stage.do(
        case, "sign_home", role=Role.SIGNATORY, no_conflict_of_interest=True, home_signed_on=stage.today,
        home_signed=how,
    )  # fmt: skip
    if stop == "signature":
        return
    yield 7
    yield from stage.do(case, "sign_partner", partner_signed_on=stage.today, partner_signed=how)
    yield 2
    yield from stage.do(case, "activate", registration_number=f"FS 1.6.2-{stage.dice.randint(300, 999)}-26")
    stage.show("new_agreement", case)
