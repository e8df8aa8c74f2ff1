"""Who is who, through HTTP."""

from __future__ import annotations

from datetime import date

import pytest

from tests.service.office import INSTITUTION, PEOPLE, Office


def test_the_caller_learns_who_they_are(office: Office) -> None:
    me = office.get("reviewer", "/me").json()
    assert me == {
        "id": office.ids["reviewer"],
        "name": "Rut Granskare",
        "email": "reviewer@example.org",
        "roles": [{"role": "reviewer", "unit": "STAT", "starts_on": None, "ends_on": None}],
        "language": "en",
    }


def test_units_come_each_after_its_parent(office: Office) -> None:
    units = office.get("nobody", "/units").json()["items"]
    assert [(unit["code"], unit["parent"]) for unit in units] == [
        (INSTITUTION, None), ("HIST", INSTITUTION), ("STAT", INSTITUTION),
    ]  # fmt: skip
    assert units[2]["name"] == {"sv": "Statistik", "en": "Statistics"}
    assert units[2]["mailbox"] == "stat@example.org"


def test_people_with_roles_are_listed_by_name_and_students_are_not(office: Office) -> None:
    office.review()
    names, path = [], "/people?limit=3"
    while path:
        page = office.get("reviewer", path).json()
        names += [person["name"] for person in page["items"]]
        path = f"/people?limit=3&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert names == sorted(name for name, role, _ in PEOPLE.values() if role)


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("nobody", 403), ("admin", 200), ("auditor", 200)])
def test_people_are_shown_to_those_with_a_role(desk: Office, who: str | None, status: int) -> None:
    assert desk.get(who, "/people").status_code == status


def test_a_role_that_has_ended_opens_nothing(desk: Office) -> None:
    case = desk.review()
    with desk.house.directory.change(INSTITUTION, by="installation", what="membership") as change:
        change.leave(desk.ids["reviewer"], "reviewer", "STAT", ends_on=date(2027, 1, 10))
    assert desk.get("reviewer", "/me").json()["roles"] == []
    assert desk.get("reviewer", f"/cases/{case['id']}").status_code == 404
    assert desk.get("reviewer", "/cases").json()["items"] == []
    assert desk.get("reviewer", "/people").status_code == 403


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer fp_no", "Basic abc", "bearer é", "Bearer " + "x" * 5000]
)
def test_a_token_that_is_none_signs_nobody_in(desk: Office, header: str) -> None:
    answer = desk.send("GET", "/api/v1/me", headers={"Authorization": header.encode("latin-1")})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_revoked_token_is_none(desk: Office) -> None:
    assert desk.get("reviewer", "/me").status_code == 200
    desk.house.directory.revoke(INSTITUTION, desk.ids["reviewer"])
    assert desk.get("reviewer", "/me").status_code == 401
