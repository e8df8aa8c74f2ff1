"""A new secret key ends the proofs in forms and the links in notifications, and no session; on both databases.

So security.md says of `FARDPLAN_SECRET_KEY`, and whoever has lost the old one relies on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.sessions import LINK_LASTS, LinkSpent, Sessions
from engine.tokens import Caller
from tests.engine.registry import UMU, Registry, registry


@pytest.fixture
def people(database_url: str) -> Iterator[Registry]:
    with registry(database_url) as made:
        yield made


def keyed(people: Registry, key: bytes) -> Sessions:
    return Sessions(people.cases.store, people.clock, key)


def test_a_session_goes_on_and_its_forms_want_a_new_proof(people: Registry) -> None:
    before, after = keyed(people, b"old"), keyed(people, b"new")
    secret = before.begin(Caller(UMU, people.anna))
    was, now = before.visitor(secret), after.visitor(secret)
    assert was is not None
    assert now is not None
    assert (now.caller, now.card, now.id) == (was.caller, was.card, was.id)
    assert not after.is_csrf(now, was.csrf)
    assert after.is_csrf(now, now.csrf)


def test_a_link_in_a_notification_lets_nobody_in_and_leads_nowhere(people: Registry) -> None:
    before, after = keyed(people, b"old"), keyed(people, b"new")
    link = before.mailed(Caller(UMU, people.anna), "/tasks", about="k1", lasts=timedelta(days=7))
    assert before.invitation(link) is not None
    assert (after.invitation(link), after.leads_to(link)) == (None, None)
    with pytest.raises(LinkSpent):
        after.enter(link)
    # It was not used up: who has the old key back has the link back.
    assert before.enter(link)[1].path == "/tasks"


def test_a_link_that_was_asked_for_is_stored_and_goes_on(people: Registry) -> None:
    link = keyed(people, b"old").link(UMU, people.anna, "/tasks", lasts=LINK_LASTS)
    entered, invitation = keyed(people, b"new").enter(link)
    assert invitation.caller == Caller(UMU, people.anna)
    assert keyed(people, b"new").visitor(entered) is not None


def test_two_sessions_of_one_person_have_proofs_of_their_own(people: Registry) -> None:
    sessions = keyed(people, b"one")
    here, there = (sessions.visitor(sessions.begin(Caller(UMU, people.anna))) for _ in range(2))
    assert here is not None
    assert there is not None
    assert (sessions.is_csrf(here, there.csrf), replace(here, csrf=there.csrf) == here) == (False, False)
