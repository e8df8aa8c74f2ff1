"""Corrections, links, assignees and comments through HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.service.office import Office


def test_a_correction_puts_facts_right_and_says_why(office: Office) -> None:
    case = office.review()
    body = {"facts": {"course": "Statistik B", "ects": 7.5}, "reason": "Fel kurs."}

    answer = office.post("officer", f"/cases/{case['id']}/corrections", body, if_match='"1"')

    assert answer.status_code == 200, answer.text
    assert answer.json()["case"]["facts"]["course"] == "Statistik B"
    assert answer.json()["case"]["facts"]["ects"] == "7.5"
    assert answer.json()["event"]["kind"] == "corrected"
    assert answer.json()["event"]["detail"]["reason"] == "Fel kurs."
    assert office.get("officer", f"/cases/{case['id']}/verification").json()["ok"]


def test_an_assignee_is_named_and_the_case_given_back(office: Office) -> None:
    case, person = office.review(), office.ids["second"]
    path = f"/cases/{case['id']}/assignee"

    given = office.ask("reviewer", "PUT", path, {"person": person}, if_match='"1"')
    back = office.ask("reviewer", "PUT", path, {"person": None}, if_match='"2"')

    assert (given.status_code, given.json()["case"]["assignee"]) == (200, person)
    assert (back.json()["event"]["kind"], back.json()["case"]["assignee"]) == ("assigned", None)


def test_a_comment_needs_no_version(office: Office) -> None:
    case = office.review()
    answer = office.post("coordinator", f"/cases/{case['id']}/comments", {"text": "Ringt studenten."})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert answer.json()["event"]["detail"] == {"text": "Ringt studenten."}


def test_a_comment_tells_whom_it_names(office: Office) -> None:
    case = office.review()
    office.house.outbox.deliver_all()
    body = {"text": "Kan du titta?", "to": [f"person:{office.ids['reviewer']}", f"person:{case['subject']}"]}

    answer = office.post("coordinator", f"/cases/{case['id']}/comments", body)

    assert answer.status_code == 200, answer.text
    owed = office.get("officer", "/outbox?state=waiting").json()["items"]
    assert sorted(row["recipient"] for row in owed) == sorted(body["to"])
    assert {(row["template"], row["sequence"]) for row in owed} == {("comment", 2)}
    assert office.get("officer", f"/cases/{case['id']}/verification").json()["ok"]


def test_a_key_sent_with_other_recipients_is_another_request(office: Office) -> None:
    case = office.review()
    told = {"text": "Hej", "to": ["unit:STAT"]}
    path = f"/cases/{case['id']}/comments"

    first = office.post("coordinator", path, told, idempotency_key="k")
    again = office.post("coordinator", path, told, idempotency_key="k")
    other = office.post("coordinator", path, {"text": "Hej", "to": []}, idempotency_key="k")

    assert [first.status_code, again.status_code, other.status_code] == [200, 200, 422]
    assert first.json()["event"] == again.json()["event"]
    owed = office.get("officer", "/outbox").json()["items"]
    assert [row["recipient"] for row in owed if row["template"] == "comment"] == ["unit:STAT"]


def test_who_may_not_see_the_case_is_refused_by_name_of_the_field(office: Office) -> None:
    case = office.review()
    body = {"text": "Hej", "to": [f"person:{office.ids['reviewer']}", f"person:{office.ids['stranger']}"]}
    answer = office.post("coordinator", f"/cases/{case['id']}/comments", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_fields")
    assert [reason["code"] for reason in answer.json()["reasons"]] == ["field:to.1"]


def test_a_link_ties_two_cases_and_lets_the_other_unit_read(office: Office) -> None:
    earlier = office.review(unit="HIST")
    case = office.review()
    body = {"name": "reselected_from", "case": earlier["id"]}

    answer = office.post("officer", f"/cases/{case['id']}/links", body, if_match='"1"')

    assert answer.json()["case"]["links"] == {"reselected_from": [earlier["id"]]}
    assert office.get("stranger", f"/cases/{case['id']}").status_code == 200
    assert {each["id"] for each in office.get("stranger", "/cases").json()["items"]} == {earlier["id"], case["id"]}


@pytest.mark.parametrize(
    ("who", "method", "path", "body", "if_match", "status"),
    [
        (None, "POST", "corrections", {}, None, 401),
        ("stranger", "POST", "corrections", {}, None, 404),
        ("officer", "POST", "corrections", {"facts": {}, "reason": "x"}, None, 428),
        ("officer", "POST", "corrections", {"facts": {"course": "X"}, "reason": "x"}, '"4"', 412),
        ("reviewer", "POST", "corrections", {"facts": {"course": "X"}, "reason": "x"}, '"1"', 403),
        ("officer", "POST", "corrections", {"facts": {"course": "X"}}, '"1"', 422),
        ("officer", "POST", "corrections", {"facts": {}, "reason": "x"}, '"1"', 422),
        ("officer", "POST", "corrections", {"facts": {"course": "X"}, "reason": " "}, '"1"', 422),
        ("officer", "POST", "corrections", {"facts": {"outcome": "eligible"}, "reason": "x"}, '"1"', 422),
        ("officer", "POST", "corrections", {"facts": {"colour": "red"}, "reason": "x"}, '"1"', 422),
        ("reviewer", "PUT", "assignee", {}, '"1"', 422),
        ("reviewer", "PUT", "assignee", {"person": "nobody"}, '"1"', 422),
        ("auditor", "PUT", "assignee", {"person": None}, '"1"', 403),
        ("reviewer", "PUT", "assignee", {"person": None}, None, 428),
        ("auditor", "POST", "comments", {"text": "x"}, None, 403),
        ("reviewer", "POST", "comments", {"text": ""}, None, 422),
        ("reviewer", "POST", "comments", {"text": "x" * 4001}, None, 422),
        ("reviewer", "POST", "comments", {"text": "x", "to": "unit:STAT"}, None, 422),
        ("reviewer", "POST", "comments", {"text": "x", "to": ["unit:HIST"]}, None, 422),
        ("reviewer", "POST", "comments", {"text": "x", "to": ["x@example.org"]}, None, 422),
        ("reviewer", "POST", "comments", {"text": "x", "to": ["unit:STAT"] * 21}, None, 422),
        ("reviewer", "POST", "comments", {"text": "x", "to": ["unit:" + "x" * 200]}, None, 422),
        ("auditor", "POST", "comments", {"text": "x", "to": ["unit:STAT"]}, None, 403),
        ("reviewer", "POST", "links", {"name": "parent", "case": "nothing"}, '"1"', 422),
        ("reviewer", "POST", "links", {"name": "friend", "case": "nothing"}, None, 428),
        ("auditor", "POST", "links", {"name": "parent", "case": "nothing"}, '"1"', 403),
    ],
)
def test_a_refused_note_leaves_everything_as_it_was(  # noqa: PLR0917 - one row of the table
    desk: Office, who: str | None, method: str, path: str, body: dict[str, Any], if_match: str | None, status: int
) -> None:
    case = desk.review()
    before = desk.tables()
    answer = desk.ask(who, method, f"/cases/{case['id']}/{path}", body, if_match=if_match)
    assert answer.status_code == status, answer.text
    assert desk.tables() == before
