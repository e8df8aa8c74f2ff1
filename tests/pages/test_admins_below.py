"""An administrator of a department: theirs to change is what lies there and below, and who works there alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import httpx
import pytest

from engine.vocabulary import Role
from tests.pages.serving import Served, on_both_databases
from tests.pages.test_administration import organisation, send, today
from tests.pages.test_signing_in import browser, enter

INSTITUTION = "umu.se"


@pytest.fixture
def below(served: Served) -> str:
    """The id of somebody who administers Statistics, and nothing else."""
    directory = served.house.directory
    person = directory.put_person(INSTITUTION, email="below@example.org", name="Nedan Testsson").id
    with directory.change(INSTITUTION, by="installation", what="roles") as made:
        made.member(person, "admin", "STAT")
    return person


@pytest.fixture
def client(served: Served, below: str) -> Iterator[httpx.Client]:
    with browser(served) as made:
        made.post("/enter", data={"person": below})
        yield made


@on_both_databases
def test_they_give_roles_where_they_are_administrator_and_nowhere_else(
    served: Served, client: httpx.Client, below: str
) -> None:
    page = f"/admin/people/{below}"
    for unit, status in ((INSTITUTION, 403), ("HIST", 403), ("STAT", 303)):
        given = send(client, f"{page}/roles", role="officer", unit=unit, starts_on="", ends_on="")
        assert given.status_code == status
        assert organisation(served).holds(below, Role.OFFICER, unit, today(served)) == (status == 303)
        mandate = send(client, f"{page}/mandates", kind="sign_agreement", unit=unit, starts_on="", ends_on="")
        assert mandate.status_code == status


def test_they_end_no_role_that_was_given_elsewhere(served: Served, client: httpx.Client) -> None:
    before = organisation(served).version
    for who, unit, role in (("officer", INSTITUTION, "officer"), ("hist.reviewer", "HIST", "reviewer")):
        ended = send(client, f"/admin/people/{served.person(who)}/roles/end", role=role, unit=unit, ends_on="")
        assert ended.status_code == 403
    assert organisation(served).version == before


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("tokens", {"label": "mine now", "may": "write"}),
        ("tokens/revoke", {"token": "0" * 16}),
        ("sign-out", {}),
        ("card", {"name": "Somebody Else", "language": "en"}),
        ("absences", {"starts_on": "2027-07-01", "ends_on": "2027-07-31", "substitute": ""}),
        ("absences/end", {"starts_on": "2027-07-01"}),
    ],
)
def test_somebody_who_works_elsewhere_too_is_not_theirs_to_be_or_to_change(
    served: Served, client: httpx.Client, path: str, fields: dict[str, str]
) -> None:
    officer, reviewer = served.person("officer"), served.person("reviewer")
    known = served.house.directory.tokens(INSTITUTION, officer)
    answer = send(client, f"/admin/people/{officer}/{path}", **fields)
    assert answer.status_code == 403
    assert "fp_" not in answer.text
    assert served.house.directory.tokens(INSTITUTION, officer) == known
    assert send(client, f"/admin/people/{reviewer}/{path}", **fields).status_code in {200, 303}


def test_who_will_work_elsewhere_is_not_theirs_either(served: Served, client: httpx.Client, below: str) -> None:
    later = date(today(served).year + 1, 1, 1)
    with served.house.directory.change(INSTITUTION, by="installation", what="roles") as made:
        made.member(below, "officer", INSTITUTION, starts_on=later)
    assert send(client, f"/admin/people/{below}/tokens", label="for later", may="write").status_code == 403


def test_an_address_that_is_known_leads_to_its_person_and_renames_nobody(served: Served, client: httpx.Client) -> None:
    officer = served.house.directory.person(INSTITUTION, served.person("officer"))
    assert officer is not None
    found = send(client, "/admin/people", name="Renamed", email=str(officer.email), language="en")
    assert found.headers["location"] == f"/admin/people/{officer.id}"
    assert served.house.directory.person(INSTITUTION, officer.id) == officer
    added = send(client, "/admin/people", name="Siv Ny", email="siv@example.org", language="en")
    assert added.status_code == 303


def test_units_are_theirs_to_settle_to_found_and_to_move_within_their_own(
    served: Served, client: httpx.Client
) -> None:
    assert send(client, "/admin/units/HIST/closing-days", day="2027-06-01", name="Nej").status_code == 403
    assert send(client, "/admin/units", code="NEW", name_sv="Ny", name_en="New", parent="").status_code == 403
    named = {"name_sv": "Statistik", "name_en": "Statistics"}
    assert send(client, "/admin/units", code="NEW", parent="STAT", **named).status_code == 303
    where = organisation(served).units["STAT"].parent or ""
    assert send(client, "/admin/units/STAT", parent=where, **named).status_code == 303
    assert send(client, "/admin/units/STAT", parent="HIST", **named).status_code == 403
    assert organisation(served).units["STAT"].parent == where


@on_both_databases
def test_a_key_that_is_made_for_somebody_is_noted_with_who_made_it(served: Served) -> None:
    with browser(served) as client:
        enter(client, served, "admin")
        page = f"/admin/people/{served.person('officer')}"
        made = re.search(r"fp_[\w-]{43}", send(client, f"{page}/tokens", label="x", may="write").text)
        assert made
        change = served.house.directory.changes(INSTITUTION, limit=1)[0]
        assert (change.by, change.what) == (served.person("admin"), "keys")
        words = client.get("/audit/organisation").text
        assert "åtkomstnycklar" in words or "access keys" in words
        assert served.house.directory.authenticate(made[0]) is not None


def test_a_key_that_is_refused_is_not_noted(served: Served, client: httpx.Client, below: str) -> None:
    version = organisation(served).version
    answer = send(client, f"/admin/people/{below}/tokens", label="x", expires_on="2000-01-01")
    assert (answer.status_code, organisation(served).version) == (422, version)


def test_messages_are_seen_to_by_the_administrator_of_their_unit(served: Served, below: str) -> None:
    """Another department's are not told of."""
    queries, directory = served.house.queries, served.house.directory
    historian = directory.put_person(INSTITUTION, email="historian@example.org", name="Hist Testsson").id
    with directory.change(INSTITUTION, by="installation", what="roles") as made:
        made.member(historian, "admin", "HIST")

    def told(person: str) -> set[str]:
        return {row["id"] for row in queries.list_outbox(INSTITUTION, person, state=None, cursor=None, limit=200).items}

    mine, every = told(below), told(served.person("admin"))
    assert mine <= every
    assert told(historian) < mine
    assert queries.owed(INSTITUTION, historian, min(mine - told(historian))) is None
    assert queries.owed(INSTITUTION, below, min(mine)) is not None


def test_how_many_messages_wait_is_counted_in_ones_own_university_alone(served: Served) -> None:
    queries = served.house.queries
    case = served.ask("officer", "GET", f"/cases?q={served.number('under review')}").json()["items"][0]["id"]
    owing = {"text": "See here.", "to": [f"person:{served.person('reviewer')}"]}
    assert served.ask("officer", "POST", f"/cases/{case}/comments", owing).status_code == 200
    assert sum(queries.outbox_counts().values()) == 1
    assert queries.outbox_counts_for("umu.se", served.person("admin")) == queries.outbox_counts()
    assert queries.outbox_counts_for("other.se", served.person("admin")) == {"waiting": 0, "dead": 0}
