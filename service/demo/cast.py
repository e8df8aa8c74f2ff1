"""The people of the demo office, all invented, and what each of them does where."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from engine.directory import Change, Directory
from engine.vocabulary import Role
from service.demo.names import address, bare
from service.demo.partners import CHARTERS_RUN_TO, RealPartner
from service.demo.units import DEPARTMENTS, FOUR_EYES, ROOT_EN, ROOT_SV
from service.demo.year import LONG_LEAVE_FROM, LONG_LEAVE_TO

FIRST = (
    "Karin", "Olof", "Ulrika", "Anton", "Sara", "Petter", "Maria", "Erik", "Linnéa", "Johan", "Helena", "Per",
    "Birgitta", "Gunnar", "Elsa", "Hanna", "Tove", "Kalle", "Anja", "Mikael", "Sofia", "David", "Malin", "Oskar",
)  # fmt: skip
LAST = ("Påhittad", "Exempelsson", "Testberg", "Låtsasson", "Provlund", "Fiktivsson", "Demodotter")

MANDATE = "sign_agreement"
TUESDAYS_ONLY = (0, 2, 3, 4)
"""Weekdays (Monday is 0) off for somebody who works on Tuesdays."""


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody holds: roles in a unit. `note` says what is special about them."""

    roles: tuple[Role, ...]
    unit: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody of the cast, known to the house by `id`."""

    id: str
    name: str
    email: str
    post: Post


def posts(root: str) -> Iterator[Post]:
    """Everybody's work: the central offices first, then each department."""
    yield from (Post((Role.OFFICER,), root) for _ in range(3))
    yield from (Post((Role.ADMISSIONS,), root) for _ in range(2))
    yield Post((Role.AUDITOR,), root)
    yield Post((Role.ADMIN,), root)
    for department in DEPARTMENTS:
        unit = department.code
        yield from (Post((Role.COORDINATOR,), unit) for _ in range(2))
        yield Post((Role.REVIEWER,), unit)
        if unit == "cs.umu.se":
            yield Post((Role.REVIEWER,), unit, "on leave")
        yield Post((Role.REVIEWER,), unit, "works on Tuesdays" if unit == "physics.umu.se" else "")
        yield Post((Role.HEAD, Role.SIGNATORY), unit)
        yield Post((Role.RECOGNISER,), unit)


def hire(directory: Directory, institution: str) -> tuple[Player, ...]:
    """Write units, people, roles, mandates and absences as one change of the organisation."""
    with directory.change(institution, by="installation", what="demo office") as change:
        _units(change, institution)
        company = tuple(_hired(change, name, post) for name, post in zip(_names(), posts(institution), strict=False))
        _absences(change, company)
    return company


def register(directory: Directory, institution: str, real: RealPartner) -> str:
    """Write a partner into the register; its id. Its mail goes nowhere (RFC 2606)."""
    place = bare(real.city).replace(" ", "-")
    partner = directory.put_partner(
        institution,
        name=real.name,
        erasmus_code=real.code,
        city=real.city,
        country=real.country,
        email=f"international.{bare(real.code).replace(' ', '')}@{place}.example.org",
        charter_to=CHARTERS_RUN_TO if real.in_programme else None,
    )
    return partner.id


def _names() -> Iterator[str]:
    """First and last names in turn; their numbers share no divisor with those of the last names."""
    for number in itertools.count():
        yield f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]}"


def _units(change: Change, root: str) -> None:
    change.unit(root, name_sv=ROOT_SV, name_en=ROOT_EN, mailbox="international@umu.example.org")
    for department in DEPARTMENTS:
        settings = {"eligibility_review.four_eyes": True} if department.code == FOUR_EYES else {}
        change.unit(
            department.code,
            name_sv=department.sv,
            name_en=department.en,
            mailbox=f"utbyte.{department.code.partition('.')[0]}@umu.example.org",
            settings=settings,
        )


def _hired(change: Change, name: str, post: Post) -> Player:
    card = change.person(email=f"{address(name)}@umu.example.org", name=name, language="sv")
    for role in post.roles:
        change.member(card.id, role, post.unit)
        if role is Role.SIGNATORY:
            change.mandate(card.id, MANDATE, post.unit)
    return Player(card.id, name, card.email or "", post)


def _absences(change: Change, company: tuple[Player, ...]) -> None:
    for player in company:
        if not player.post.note:
            continue
        substitute = next(
            other.id
            for other in company
            if other.post.unit == player.post.unit and other.post.roles == player.post.roles and not other.post.note
        )
        if player.post.note == "on leave":
            change.absence(player.id, starts_on=LONG_LEAVE_FROM, ends_on=LONG_LEAVE_TO, substitute=substitute)
        else:
            change.absence(player.id, weekdays=TUESDAYS_ONLY, substitute=substitute)
