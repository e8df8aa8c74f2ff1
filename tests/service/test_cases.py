"""Opening, finding and reading cases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.service.office import ANNA, INSTITUTION, MONDAY, Office, new_review


def test_opening_answers_201_with_the_address_and_the_version(office: Office) -> None:
    answer = office.post("admissions", "/cases", new_review())

    case = answer.json()["case"]
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/cases/{case['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert (case["number"], case["state"], case["unit"]) == ("REV-2027-0001", "requested", "STAT")
    assert case["label"] == {"sv": "Inkommen för granskning", "en": "Received for review"}
    assert answer.json()["event"]["kind"] == "opened"


def test_a_repeated_key_opens_no_second_case(office: Office) -> None:
    first = office.post("admissions", "/cases", new_review(), idempotency_key="a")
    again = office.post("admissions", "/cases", new_review(), idempotency_key="a")
    other = office.post("admissions", "/cases", new_review(unit="HIST"), idempotency_key="a")

    assert (again.status_code, again.headers["Location"]) == (201, first.headers["Location"])
    assert again.json() == first.json() | {"case": first.json()["case"] | {"actions": again.json()["case"]["actions"]}}
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(office.get("officer", "/cases").json()["items"]) == 1


def test_the_same_subject_is_the_same_person_in_any_writing(desk: Office) -> None:
    one = desk.review()
    other = desk.review(subject={**ANNA, "email": " ASA@example.org"})
    third = desk.review(subject=one["subject"])
    assert one["subject"] == other["subject"] == third["subject"]


@pytest.mark.parametrize(
    ("who", "changes", "status", "code"),
    [
        (None, {}, 401, "not_signed_in"),
        ("reviewer", {}, 403, "not_your_role"),
        ("nobody", {}, 403, "not_your_role"),
        ("admissions", {"workflow": "pottery"}, 422, "bad_fields"),
        ("admissions", {"unit": "NOWHERE"}, 422, "bad_fields"),
        ("admissions", {"subject": None}, 422, "bad_fields"),
        ("admissions", {"subject": {"name": "A", "email": "no address"}}, 422, "bad_fields"),
        ("admissions", {"subject": "01900000-0000-7000-8000-000000000000"}, 422, "bad_fields"),
        ("admissions", {"facts": {"course": ""}}, 422, "bad_fields"),
        ("admissions", {"facts": {"outcome": "eligible"}}, 422, "bad_fields"),
        ("admissions", {"links": {"friend": "x"}}, 422, "bad_fields"),
        ("admissions", {"colour": "red"}, 422, "bad_fields"),
    ],
)
def test_a_case_that_cannot_be_opened_is_refused_and_leaves_no_trace(
    desk: Office, who: str | None, changes: dict[str, Any], status: int, code: str
) -> None:
    before = desk.tables()
    answer = desk.post(who, "/cases", {**new_review(), **changes})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert desk.tables() == before


def test_a_case_is_read_as_the_contract_says(office: Office) -> None:
    case = office.review()

    answer = office.get("reviewer", f"/cases/{case['id']}")

    read = answer.json()
    assert list(read) == [
        "id", "number", "registration_number", "workflow", "definition", "state", "label", "final", "unit",
        "assignee", "subject", "title", "facts", "links", "version", "opened_at", "updated_at", "deadlines", "actions",
    ]  # fmt: skip
    assert answer.headers["ETag"] == '"1"'
    assert read["definition"]["version"] == 1
    assert read["opened_at"] == "2027-01-11T09:00:00Z"
    (owed,) = read["deadlines"]
    assert (owed["name"], owed["status"], owed["due_on"]) == ("answer", "running", "2027-01-14")
    assert owed["next_rung"]["at"] < owed["due_at"] == "2027-01-14T23:00:00Z"


def test_actions_say_what_can_be_done_by_whom_and_with_which_fields(office: Office) -> None:
    case = office.review()

    def actions(who: str) -> dict[str, dict[str, Any]]:
        return {a["trigger"]: a for a in office.get(who, f"/cases/{case['id']}").json()["actions"]}

    mine, theirs = actions("reviewer"), actions("admissions")
    assert (mine["take"]["possible"], mine["take"]["reasons"]) == (True, [])
    assert not theirs["take"]["possible"]
    assert theirs["take"]["reasons"][0]["code"] == "not_your_role"
    assert theirs["take"]["reasons"][0]["who_can"] == "reviewer"
    assert theirs["withdraw"]["possible"]
    assert mine["take"]["fields"]["type"] == "object"
    assert mine["take"]["href"] == f"/api/v1/cases/{case['id']}/transitions"
    assert list(mine) == list(theirs)


@pytest.mark.parametrize(
    ("who", "reads"),
    [
        ("reviewer", True), ("coordinator", True), ("officer", True), ("auditor", True),
        ("stranger", False), ("admin", False), ("nobody", False),
    ],
)  # fmt: skip
def test_staff_read_the_cases_of_their_units_and_lists_agree(office: Office, who: str, reads: bool) -> None:
    case = office.review()
    assert office.get(who, f"/cases/{case['id']}").status_code == (200 if reads else 404)
    assert [c["id"] for c in office.get(who, "/cases").json()["items"]] == [case["id"]] * reads


def test_a_case_is_read_as_it_was_after_an_event_and_at_an_instant(office: Office) -> None:
    case = office.review()
    office.clock.at = MONDAY + timedelta(hours=1)
    office.step("reviewer", case, "take")

    def state(at: str) -> tuple[str, str, list[Any]]:
        answer = office.get("reviewer", f"/cases/{case['id']}?at={at}")
        return answer.json()["state"], answer.headers["ETag"], answer.json()["actions"]

    assert state("1") == state("2027-01-11T09:30:00Z") == state("2027-01-11T10:30:00+01:00") == ("requested", '"1"', [])
    assert state("2")[:2] == ("under_review", '"2"')


@pytest.mark.parametrize(
    ("at", "status"),
    [("0", 404), ("7", 404), ("2020-01-01T00:00:00Z", 404), ("9" * 15, 404),
     ("yesterday", 422), ("2027-01-11T09:30:00", 422), ("-1", 422), ("%00", 422), ("9" * 300, 422)],
)  # fmt: skip
def test_a_moment_that_is_none_is_told_apart_from_one_before_the_case(desk: Office, at: str, status: int) -> None:
    case = desk.review()
    assert desk.get("reviewer", f"/cases/{case['id']}?at={at}").status_code == status


def test_a_stranger_learns_nothing_from_a_bad_parameter(desk: Office) -> None:
    case = desk.review()
    assert desk.get("stranger", f"/cases/{case['id']}?at=yesterday").status_code == 404
    assert desk.get(None, "/cases?limit=many").status_code == 401


def _found(office: Office, query: str, who: str = "officer") -> list[str]:
    answer = office.get(who, f"/cases?{query}")
    assert answer.status_code == 200, answer.text
    return [case["title"] for case in answer.json()["items"]]


def test_a_list_is_narrowed_by_each_filter_and_by_several_at_once(office: Office) -> None:
    taken = office.step("reviewer", office.review(facts={"course": "Alfa"}), "take")
    office.review(facts={"course": "Beta", "registration_number": "FS 1.2-3"}, unit="HIST")

    assert _found(office, "state=under_review") == ["Alfa"]
    assert sorted(_found(office, "state=under_review&state=requested")) == ["Alfa", "Beta"]
    assert _found(office, "unit=HIST") == ["Beta"]
    assert _found(office, f"unit={INSTITUTION}") == []
    assert _found(office, f"assignee={taken['assignee']}") == ["Alfa"]
    assert _found(office, "workflow=agreement") == []
    assert _found(office, "q=fs+1.2") == ["Beta"]
    assert _found(office, "unit=HIST&state=under_review") == []
    assert _found(office, "surprise=1&unit=HIST") == ["Beta"]


@pytest.mark.parametrize("q", ["alfa", "ALFA", "rev-2027-0001", "åsa", "Åsa", "ÖBERG asa alf"])
def test_a_search_looks_in_number_title_and_the_subjects_name(office: Office, q: str) -> None:
    office.review(facts={"course": "Alfa"})
    office.review(facts={"course": "Gamma"}, subject={"name": "Bo Ek", "email": "bo@example.org"})
    expected = [] if "asa" in q else ["Alfa"]
    assert _found(office, f"q={q}") == expected


@pytest.mark.parametrize("q", ["%25", "_", "\\", "'", '"', "a' OR 1=1 --"])
def test_signs_of_the_database_are_ordinary_signs_in_a_search(office: Office, q: str) -> None:
    office.review(facts={"course": "Alfa"})
    assert _found(office, f"q={q}") == []


def test_what_is_overdue_and_what_will_be_is_found(office: Office) -> None:
    late = office.review(facts={"course": "Alfa"})
    office.clock.at = MONDAY + timedelta(days=7)
    office.house.ticker.tick()
    office.review(facts={"course": "Beta"})

    assert _found(office, "overdue=true") == ["Alfa"]
    assert _found(office, "overdue=false") == ["Beta"]
    assert _found(office, "due_before=2027-01-14") == ["Alfa"]
    assert _found(office, "due_before=2027-01-21&sort=due") == ["Alfa", "Beta"]
    assert office.get("officer", f"/cases/{late['id']}").json()["deadlines"][0]["status"] == "missed"


@pytest.mark.parametrize("sort", ["due", "-due", "opened", "-opened", "updated", "-updated", "number"])
def test_pages_show_each_case_once_in_order(office: Office, sort: str) -> None:
    for count in range(7):
        office.clock.at = MONDAY + timedelta(days=count // 2)
        office.review(facts={"course": f"Kurs {count}"})
    whole = [case["id"] for case in office.get("officer", f"/cases?sort={sort}").json()["items"]]

    paged, path = [], f"/cases?sort={sort}&limit=2"
    while path:
        answer = office.get("officer", path)
        paged += [case["id"] for case in answer.json()["items"]]
        link = answer.headers.get("Link")
        assert (link is None) == (answer.json()["next_cursor"] is None)
        path = link.removeprefix("</api/v1").removesuffix('>; rel="next"') if link else ""

    assert paged == whole
    assert len(set(whole)) == 7


def test_a_cursor_is_only_good_for_the_order_it_was_made_in(desk: Office) -> None:
    for _ in range(3):
        desk.review()
    cursor = desk.get("officer", "/cases?sort=opened&limit=1").json()["next_cursor"]
    assert desk.get("officer", f"/cases?sort=-opened&limit=1&cursor={cursor}").status_code == 422


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=x", "sort=colour", "due_before=soon", "overdue=maybe", "q=%00", "state=a%00",
     "cursor=x", "cursor=W10", "cursor=%F0%9F", "cursor=bnVsbA", "q=" + "x" * 201, "limit=" + "9" * 400],
)  # fmt: skip
def test_a_query_that_does_not_fit_is_refused_with_a_reason(desk: Office, query: str) -> None:
    answer = desk.get("officer", f"/cases?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_fields")
    assert answer.json()["reasons"][0]["message"]["sv"]
