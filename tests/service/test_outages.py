"""A database that is away or full: who asks is told so in words, and the same key learns later what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import pytest

from engine.catalogue import Catalogue
from tests.databases import administer, sibling_url
from tests.service import office as offices
from tests.service.office import Office, new_review


@contextmanager
def away(url: str) -> Iterator[None]:
    """Nobody gets to the PostgreSQL database while inside, and whoever was connected is cut off."""
    name, server = urlsplit(url).path.removeprefix("/"), sibling_url(url, "postgres")
    administer(server, "ALTER DATABASE {name} ALLOW_CONNECTIONS false", name=name)
    hang_up = f"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = '{name}'"
    administer(server, hang_up)
    try:
        yield
    finally:
        administer(server, "ALTER DATABASE {name} ALLOW_CONNECTIONS true", name=name)


@contextmanager
def full(office: Office) -> Iterator[None]:
    """SQLite may write not one page more while inside."""
    office.review()
    writer = office.house.store._writer
    assert writer is not None
    (pages,) = writer.execute("PRAGMA page_count").fetchone()
    (most,) = writer.execute("PRAGMA max_page_count").fetchone()
    writer.execute(f"PRAGMA max_page_count = {pages}")
    try:
        yield
    finally:
        writer.execute(f"PRAGMA max_page_count = {most}")


@pytest.fixture
def postgresql_office(postgresql_url: str, processes: Catalogue) -> Iterator[Office]:
    """A small office on PostgreSQL."""
    with offices.open_office(postgresql_url, processes) as made:
        yield made


def test_a_database_that_is_away_is_told_in_words_and_found_again(
    postgresql_office: Office, postgresql_url: str
) -> None:
    office = postgresql_office
    with away(postgresql_url):
        answer = office.post("admissions", "/cases", new_review(), idempotency_key="the-same")
        said = answer.json()
        assert (answer.status_code, said["code"], answer.headers["Retry-After"]) == (503, "database_away", "1")
        assert "Idempotency-Key" in said["detail"]
    again = office.post("admissions", "/cases", new_review(), idempotency_key="the-same")
    assert again.status_code == 201


def test_a_page_says_that_the_database_is_away(postgresql_office: Office, postgresql_url: str) -> None:
    with away(postgresql_url):
        asked = {"Accept": "text/html", "Accept-Language": "sv", "Cookie": "fardplan=anything"}
        answer = postgresql_office.send("GET", "/tasks", headers=asked)
        sent = postgresql_office.send("POST", "/account/language", headers=asked)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert "<h1>Databasen svarar inte</h1>" in answer.text
    assert "Inget har ändrats. Ladda om sidan om en stund." in answer.text
    assert sent.status_code == 503
    assert "Det är inte säkert om det du gjorde hann sparas." in sent.text


def test_a_full_disk_refuses_nothing_for_good_and_leaves_nothing_half_done(desk: Office) -> None:
    def opened(number: int) -> httpx.Response:
        return desk.post("admissions", "/cases", new_review(), idempotency_key=f"key-{number}")

    with full(desk):
        before = len(desk.tables()["case_record"])
        answers = [opened(number) for number in range(20)]
        refused = {(answer.status_code, answer.json()["code"]) for answer in answers if not answer.is_success}
        assert refused == {(503, "database_full")}
        assert len(desk.tables()["case_record"]) == before + sum(answer.is_success for answer in answers)
    again = [opened(number) for number in range(20)]
    assert {answer.status_code for answer in again} == {201}
    told = [(first, second) for first, second in zip(answers, again, strict=True) if first.is_success]
    assert [first.json()["case"]["id"] for first, _ in told] == [second.json()["case"]["id"] for _, second in told]
