"""People: who they are, which roles and mandates they hold with dates, when they are away, their keys and sessions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from engine.administration import (
    administers_person,
    may_administer_person,
    must_administer,
    must_administer_person,
)
from engine.changing import HELD, Change
from engine.people import PersonCard, wrong
from engine.store.store import Session
from engine.tokens import Caller
from engine.vocabulary import Reason, Role
from service.pages.administering import change, colleagues, day, must_be_there
from service.pages.posting import Posted, Posting
from service.pages.visiting import Visit, Visiting
from service.problems import NotHere
from service.shapes import is_id

router = APIRouter(prefix="/admin/people", include_in_schema=False)

PAGE: Final = 100
LONGEST_LABEL: Final = 100


@router.get("")
def people(visit: Visiting, cursor: str | None = None) -> Response:
    """List everybody who holds a role today, with what they hold."""
    return _people(visit, (), {}, cursor)


def _people(visit: Visit, reasons: tuple[Reason, ...], typed: dict[str, str], cursor: str | None = None) -> Response:
    visit.must_hold(Role.ADMIN)
    found = visit.house.queries.list_people(visit.institution, cursor=cursor, limit=PAGE)
    held = {each.id: visit.organisation.roles_of(each.id, visit.speech.today) for each in found.items}
    return visit.page(
        "admin_people.html",
        422 if reasons else 200,
        people=found.items,
        held=held,
        cursor=found.next_cursor,
        reasons=reasons,
        typed=typed,
    )


@router.post("")
async def add(form: Posting) -> Response:
    """Add a person, or find the one who has that address."""
    added: list[PersonCard] = []

    def work(visit: Visit, made: Change) -> None:
        known = visit.house.directory.person_by_email(visit.institution, form.one("email"))
        if known is not None and not administers_person(made, visit.person, known.id):
            # Found, and left as they are: they are somebody else's to put right.
            must_be_there(visit, known.id)
            added.append(known)
            return
        language = form.one("language", "sv")
        added.append(made.person(email=form.one("email"), name=form.one("name"), language=language))

    return await change(
        form,
        "person",
        work,
        back=lambda _: f"/admin/people/{added[0].id}",
        again=_people,
    )


@router.get("/{person}")
def person(visit: Visiting, person: str) -> Response:
    """Show a person with everything they hold."""
    return _person(visit, person, (), {})


def _person(
    visit: Visit,
    person: str,
    reasons: tuple[Reason, ...],
    typed: dict[str, str],
    *,
    weekdays: Collection[str] = (),
    token: str | None = None,
) -> Response:
    visit.must_hold(Role.ADMIN)
    card = visit.house.directory.person(visit.institution, person) if is_id(person) else None
    if card is None:
        raise NotHere
    must_be_there(visit, person)
    organisation, caller = visit.organisation, Caller(visit.institution, person)
    theirs = may_administer_person(organisation, visit.person, person, visit.speech.today)
    absences = [each for each in organisation.absences if each.person == person] if theirs else []
    substitutes = visit.house.directory.people(visit.institution, {a.substitute for a in absences if a.substitute})
    return visit.page(
        "admin_person.html",
        422 if reasons else 200,
        card=card,
        roles=[each for each in organisation.memberships if each.person == person],
        mandates=[each for each in organisation.mandates if each.person == person],
        absences=absences,
        substitutes=substitutes,
        theirs=theirs,
        colleagues=colleagues(visit, person) if theirs else [],
        tokens=visit.house.directory.tokens(visit.institution, person) if theirs else [],
        sessions=visit.house.sessions.of(caller) if theirs else [],
        every_role=HELD,
        units=sorted(organisation.units.values(), key=lambda unit: unit.name_sv),
        reasons=reasons,
        typed=typed,
        weekdays=weekdays,
        token=token,
    )


async def _changed(
    form: Posted, person: str, what: str, work: Callable[[Change], Any], *, unit: str | None = None
) -> Response:
    """Change something about a person, and show them again.

    Only by an admin of the `unit` it is about, or, without one, of all units the person works in.
    """

    def judged(visit: Visit, made: Change) -> None:
        if unit is None:
            must_administer_person(made, visit.person, person)
        else:
            must_administer(made, visit.person, unit)
            must_be_there(visit, person)
        work(made)

    return await change(
        form,
        what,
        judged,
        back=lambda _: f"/admin/people/{person}",
        again=lambda visit, reasons, typed: _person(visit, person, reasons, typed, weekdays=form.many("weekdays")),
    )


@router.post("/{person}/card")
async def put_right(form: Posting, person: str) -> Response:
    """Put name and language right."""

    def work(made: Change) -> None:
        known = made.known_person(person)
        made.write_person(known, email=known.email or "", name=form.one("name"), language=form.one("language"))

    return await _changed(form, person, "person", work)


@router.post("/{person}/roles")
async def give_role(form: Posting, person: str) -> Response:
    """Give a role in a unit, from a day to a day."""
    return await _changed(
        form,
        person,
        "roles",
        lambda made: made.member(
            person, form.one("role"), form.one("unit"), starts_on=day(form, "starts_on"), ends_on=day(form, "ends_on")
        ),
        unit=form.one("unit"),
    )


@router.post("/{person}/roles/end")
async def end_role(form: Posting, person: str) -> Response:
    """End a role, after a day or as if it had never been held."""
    return await _changed(
        form,
        person,
        "roles",
        lambda made: made.leave(person, form.one("role"), form.one("unit"), ends_on=day(form, "ends_on")),
        unit=form.one("unit"),
    )


@router.post("/{person}/mandates")
async def give_mandate(form: Posting, person: str) -> Response:
    """Give leave to sign or decide for a unit, from a day to a day."""
    return await _changed(
        form,
        person,
        "mandates",
        lambda made: made.mandate(
            person, form.one("kind"), form.one("unit"), starts_on=day(form, "starts_on"), ends_on=day(form, "ends_on")
        ),
        unit=form.one("unit"),
    )


@router.post("/{person}/mandates/end")
async def end_mandate(form: Posting, person: str) -> Response:
    """End a mandate, after a day or as if it had never been given."""
    return await _changed(
        form,
        person,
        "mandates",
        lambda made: made.withdraw_mandate(person, form.one("kind"), form.one("unit"), ends_on=day(form, "ends_on")),
        unit=form.one("unit"),
    )


@router.post("/{person}/absences")
async def away(form: Posting, person: str) -> Response:
    """Note an absence with who stands in."""

    def work(made: Change) -> None:
        weekdays = [int(each) for each in form.many("weekdays") if each in {"0", "1", "2", "3", "4"}]
        if not weekdays and not form.one("starts_on"):
            raise wrong("starts_on", "ange första dagen.", "give the first day.")
        made.absence(
            person,
            starts_on=day(form, "starts_on"),
            ends_on=day(form, "ends_on"),
            weekdays=weekdays or None,
            substitute=form.one("substitute") or None,
        )

    return await _changed(form, person, "absences", work)


@router.post("/{person}/absences/end")
async def back_again(form: Posting, person: str) -> Response:
    """Take an absence back."""
    return await _changed(
        form, person, "absences", lambda made: made.end_absence(person, starts_on=day(form, "starts_on"))
    )


@router.post("/{person}/tokens")
async def issue_token(form: Posting, person: str) -> Response:
    """Make an access key for programs; it is shown once, here. Who made it is noted, for it acts as its owner."""

    def work(visit: Visit) -> Response:
        visit.must_hold(Role.ADMIN)
        label = " ".join(form.one("label").split())[:LONGEST_LABEL]
        last, reads_only = day(form, "expires_on"), form.one("may") != "write"
        with _noted(visit, person, "keys") as within:
            token = visit.house.directory.issue_token(
                visit.institution, person, label, last, reads_only=reads_only, within=within
            )
        return _person(visit, person, (), {}, token=token)

    return await form.run(work)


@contextmanager
def _noted(visit: Visit, person: str, what: str) -> Iterator[Session]:
    """A transaction in which the visitor changes what lets a person in, and which notes that they did.

    Raises NotYourTurn where they may not.
    """
    with visit.house.directory.change(visit.institution, by=visit.person, what=what) as made:
        made.must_hold(visit.person, Role.ADMIN)
        must_administer_person(made, visit.person, person)
        made.note()
        yield made.connection


@router.post("/{person}/tokens/revoke")
async def revoke_token(form: Posting, person: str) -> Response:
    """Revoke an access key; programs that use it stop at once."""

    def work(visit: Visit) -> Response:
        visit.must_hold(Role.ADMIN)
        token = form.one("token")
        if token:
            with _noted(visit, person, "keys") as within:
                visit.house.directory.revoke(visit.institution, person, token, within=within)
        return visit.go(f"/admin/people/{person}")

    return await form.run(work)


@router.post("/{person}/sign-out")
async def sign_out(form: Posting, person: str) -> Response:
    """Sign a person out everywhere."""

    def work(visit: Visit) -> Response:
        visit.must_hold(Role.ADMIN)
        with _noted(visit, person, "sessions") as within:
            visit.house.sessions.end(Caller(visit.institution, person), within=within)
        return visit.go(f"/admin/people/{person}")

    return await form.run(work)
