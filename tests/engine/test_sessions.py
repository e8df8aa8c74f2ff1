"""Sessions and sign-in links: good once, good for a while, kept as hashes, ended everywhere at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.sessions import LINK_LASTS, LINKS_AN_ADDRESS, LINKS_AN_ORIGIN, LinkSpent, Sessions, TooMany, hashed
from engine.tokens import Caller
from tests.engine.registry import UMU, Registry, StandingClock, registry


@dataclass(frozen=True)
class Desk:
    registry: Registry
    sessions: Sessions

    @property
    def anna(self) -> Caller:
        return Caller(UMU, self.registry.anna)

    @property
    def clock(self) -> StandingClock:
        return self.registry.clock

    def wait(self, **span: float) -> None:
        self.clock.at += timedelta(**span)

    def link(self, path: str = "/tasks") -> str:
        return self.sessions.link(UMU, self.registry.anna, path, lasts=LINK_LASTS)

    def ask(self, email: str = "anna@umu.se", origin: str = "192.0.2.1") -> str | None:
        person = self.registry.anna if email == "anna@umu.se" else None
        return self.sessions.ask(UMU, email=email, person=person, path="/", origin=origin)


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    with registry(database_url) as made:
        yield Desk(made, Sessions(made.cases.store, made.clock, b"secret"))


def test_a_session_says_who_is_signed_in(desk: Desk) -> None:
    visitor = desk.sessions.visitor(desk.sessions.begin(desk.anna))
    assert visitor is not None
    assert visitor.caller == desk.anna
    assert visitor.card.name == "Anna Berg"


@pytest.mark.parametrize("wrong", ["", "x", "å" * 43, "x" * 10_000, "\0"])
def test_what_was_never_handed_out_is_nobodys_session(desk: Desk, wrong: str) -> None:
    assert desk.sessions.visitor(wrong) is None
    assert desk.sessions.invitation(wrong) is None


def test_neither_a_session_nor_a_link_is_kept_as_it_was_handed_out(desk: Desk) -> None:
    secrets = {desk.sessions.begin(desk.anna), desk.link(), desk.ask()}
    with desk.registry.cases.store.reads() as connection:
        kept = str(connection.execute(sa.text("SELECT * FROM session")).all())
        kept += str(connection.execute(sa.text("SELECT * FROM sign_in_link")).all())
    assert not [secret for secret in secrets if str(secret) in kept]
    assert all(hashed(str(secret)) in kept for secret in secrets)
    assert "anna@umu.se" not in kept


def test_a_session_ends_when_it_has_not_been_used_for_twelve_hours(desk: Desk) -> None:
    secret = desk.sessions.begin(desk.anna)
    desk.wait(hours=12)
    assert desk.sessions.visitor(secret) is None


def test_a_session_that_is_used_goes_on(desk: Desk) -> None:
    secret = desk.sessions.begin(desk.anna)
    for _ in range(4):
        desk.wait(hours=11)
        assert desk.sessions.visitor(secret) is not None


def test_signing_out_ends_that_session_and_no_other(desk: Desk) -> None:
    first, second = desk.sessions.begin(desk.anna), desk.sessions.begin(desk.anna)
    seen = desk.sessions.visitor(first)
    assert seen is not None
    assert desk.sessions.end(desk.anna, seen.id) == 1
    assert desk.sessions.visitor(first) is None
    assert desk.sessions.visitor(second) is not None


def test_signing_out_everywhere_ends_all_of_ones_own(desk: Desk) -> None:
    mine = [desk.sessions.begin(desk.anna), desk.sessions.begin(desk.anna)]
    others = desk.sessions.begin(Caller(UMU, desk.registry.bo))
    assert desk.sessions.end(desk.anna) == 2
    assert [desk.sessions.visitor(secret) for secret in mine] == [None, None]
    assert desk.sessions.visitor(others) is not None


def test_ones_open_sessions_are_listed_the_last_used_first(desk: Desk) -> None:
    desk.sessions.begin(desk.anna, agent="Firefox")
    desk.wait(hours=1)
    desk.sessions.begin(desk.anna, agent="Chromium")
    assert [each.agent for each in desk.sessions.of(desk.anna)] == ["Chromium", "Firefox"]


def test_a_form_is_proved_by_its_own_session_alone(desk: Desk) -> None:
    mine = desk.sessions.visitor(desk.sessions.begin(desk.anna))
    other = desk.sessions.visitor(desk.sessions.begin(desk.anna))
    assert mine is not None
    assert other is not None
    assert desk.sessions.is_csrf(mine, mine.csrf)
    assert not desk.sessions.is_csrf(mine, other.csrf)
    assert not desk.sessions.is_csrf(mine, "")
    assert not desk.sessions.is_csrf(mine, "å")


def test_a_link_signs_in_once(desk: Desk) -> None:
    link = desk.link("/cases/REV-2027-0001")
    secret, found = desk.sessions.enter(link)
    assert found.path == "/cases/REV-2027-0001"
    assert desk.sessions.visitor(secret) is not None
    with pytest.raises(LinkSpent):
        desk.sessions.enter(link)


def test_looking_at_a_link_does_not_use_it(desk: Desk) -> None:
    link = desk.link()
    assert desk.sessions.invitation(link) is not None
    assert desk.sessions.invitation(link) is not None
    desk.sessions.enter(link)
    assert desk.sessions.invitation(link) is None


def test_a_link_is_good_for_twenty_minutes(desk: Desk) -> None:
    link = desk.link()
    desk.wait(minutes=20)
    with pytest.raises(LinkSpent):
        desk.sessions.enter(link)


def test_of_many_who_use_a_link_at_once_one_is_let_in(desk: Desk) -> None:
    link = desk.link()

    def enter() -> bool:
        try:
            desk.sessions.enter(link)
        except LinkSpent:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(lambda _: enter(), range(8))) == 1


def test_an_address_gets_so_many_links_an_hour(desk: Desk) -> None:
    for _ in range(LINKS_AN_ADDRESS):
        assert desk.ask() is not None
    with pytest.raises(TooMany):
        desk.ask(origin="192.0.2.2")
    desk.wait(hours=1, seconds=1)
    assert desk.ask() is not None


def test_a_network_address_may_not_try_many_mail_addresses(desk: Desk) -> None:
    for number in range(LINKS_AN_ORIGIN):
        assert desk.ask(f"nobody{number}@umu.se") is None
    with pytest.raises(TooMany):
        desk.ask()
    assert desk.ask(origin="192.0.2.2") is not None


def test_an_address_of_nobodys_counts_like_any_other(desk: Desk) -> None:
    for _ in range(LINKS_AN_ADDRESS):
        assert desk.ask("nobody@umu.se") is None
    with pytest.raises(TooMany):
        desk.ask("nobody@umu.se")


def mailed(desk: Desk, about: str = "row-1") -> str:
    return desk.sessions.mailed(desk.anna, "/cases/REV-2027-0001", about=about, lasts=timedelta(days=7))


def test_the_link_of_a_notification_signs_in_once(desk: Desk) -> None:
    link = mailed(desk)
    secret, found = desk.sessions.enter(link)
    assert found.path == "/cases/REV-2027-0001"
    assert desk.sessions.visitor(secret) is not None
    assert desk.sessions.invitation(link) is None
    with pytest.raises(LinkSpent):
        desk.sessions.enter(link)


def test_a_notification_that_goes_out_twice_carries_one_link(desk: Desk) -> None:
    desk.sessions.enter(mailed(desk))
    with pytest.raises(LinkSpent):
        desk.sessions.enter(mailed(desk))
    desk.sessions.enter(mailed(desk, about="row-2"))


def test_a_mailed_link_is_good_for_its_days(desk: Desk) -> None:
    link = mailed(desk)
    desk.wait(days=6, hours=23)
    assert desk.sessions.invitation(link) is not None
    desk.wait(hours=1)
    assert desk.sessions.invitation(link) is None


def test_a_mailed_link_cannot_be_made_or_changed_by_anybody_else(desk: Desk) -> None:
    link = mailed(desk)
    body, _, mac = link.removeprefix("m.").partition(".")
    other = Sessions(desk.sessions.store, desk.clock, b"guessed").mailed(
        Caller(UMU, desk.registry.bo), "/", about="x", lasts=timedelta(days=7)
    )
    for wrong in (other, f"m.{body}x.{mac}", f"m.{body}.{mac[:-1]}", "m..", "m.", f"m.{mac}.{body}", f"m.{body}.å"):
        assert desk.sessions.invitation(wrong) is None


def test_a_link_that_is_spent_still_tells_which_page_it_was_about(desk: Desk) -> None:
    link = mailed(desk)
    desk.sessions.enter(link)
    desk.wait(days=8)
    assert (desk.sessions.invitation(link), desk.sessions.leads_to(link)) == (None, "/cases/REV-2027-0001")
    assert desk.sessions.leads_to(f"{link}x") is None


def test_nothing_is_stored_for_a_mailed_link_until_it_is_used(desk: Desk) -> None:
    link = mailed(desk)
    with desk.registry.cases.store.reads() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM sign_in_link")).scalar() == 0
    desk.sessions.enter(link)
    with desk.registry.cases.store.reads() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM sign_in_link")).scalar() == 1


def test_of_many_who_use_a_mailed_link_at_once_one_is_let_in(desk: Desk) -> None:
    link = mailed(desk)

    def enter() -> bool:
        try:
            desk.sessions.enter(link)
        except LinkSpent:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(lambda _: enter(), range(8))) == 1


def test_what_has_long_been_over_is_forgotten_and_what_is_good_stays(desk: Desk) -> None:
    desk.sessions.begin(desk.anna)
    desk.link()
    desk.wait(days=20)
    secret = desk.sessions.begin(desk.anna)
    assert desk.sessions.forget() == 0
    desk.wait(days=12)
    assert desk.sessions.forget() == 2
    assert desk.sessions.visitor(secret) is None
    assert desk.sessions.forget() == 0
