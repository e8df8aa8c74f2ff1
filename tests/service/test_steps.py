"""Taking steps: what they answer, and in which order a request is judged (DESIGN 8)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.service.office import Office

GONE = "01900000-0000-7000-8000-000000000000"

#: Who asks, what of the request is wrong (and all that is judged later as well), and what is answered.
ORDER: list[tuple[str, dict[str, Any], int, str]] = [
    ("no token at all", {"who": None, "case": GONE, "if_match": None, "body": "{"}, 401, "not_signed_in"),
    ("a case that is not there", {"case": GONE, "if_match": None, "body": "{"}, 404, "case_not_found"),
    ("an id that is none", {"case": "%00", "if_match": None, "body": "{"}, 404, "case_not_found"),
    ("a case of others", {"who": "stranger", "if_match": None, "body": "{"}, 404, "case_not_found"),
    ("an admin reads no case", {"who": "admin", "if_match": None, "body": "{"}, 404, "case_not_found"),
    ("a key used for something else", {"key": "used", "if_match": None}, 422, "idempotency_key_reused"),
    ("no If-Match", {"if_match": None, "body": "{"}, 428, "version_needed"),
    ("any version", {"if_match": "*", "body": "{"}, 428, "version_needed"),
    ("a version that is none", {"if_match": "seven", "body": "{"}, 428, "version_needed"),
    ("a stale version", {"if_match": '"9"', "who": "auditor", "body": "{"}, 412, "stale_case"),
    ("a role that may not", {"who": "auditor", "trigger": "record_assessment"}, 403, "not_your_role"),
    ("an unknown trigger", {"who": "auditor", "trigger": "fly"}, 422, "unknown_trigger"),
    ("not from this state", {"trigger": "release", "fields": {"no": 1}}, 409, "transition_not_allowed"),
    ("fields that do not fit", {"trigger": "take", "fields": {"no": 1}}, 422, "bad_fields"),
    ("a body that is no JSON", {"body": "{"}, 422, "bad_fields"),
]


@pytest.mark.parametrize(("wrong", "status", "code"), [row[1:] for row in ORDER], ids=[row[0] for row in ORDER])
def test_what_is_wrong_first_is_answered_and_nothing_changes(
    desk: Office, wrong: dict[str, Any], status: int, code: str
) -> None:
    case = desk.review()
    desk.post("reviewer", f"/cases/{case['id']}/comments", {"text": "hej"}, idempotency_key="used")
    before = desk.tables()

    body = {"trigger": wrong.get("trigger", "take"), "fields": wrong.get("fields", {})}
    answer = desk.post(
        wrong.get("who", "reviewer"),
        f"/cases/{wrong.get('case', case['id'])}/transitions",
        body if "body" not in wrong else None,
        if_match=wrong.get("if_match", '"2"'),
        idempotency_key=wrong.get("key"),
        content_type="application/json",
        raw=wrong.get("body"),
    )

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert desk.tables() == before


def test_a_step_answers_the_case_after_it_and_its_event(office: Office) -> None:
    case = office.review()

    answer = office.post("reviewer", f"/cases/{case['id']}/transitions", {"trigger": "take"}, if_match='"1"')

    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"2"'
    assert answer.json()["case"]["state"] == "under_review"
    assert answer.json()["case"]["assignee"] == office.ids["reviewer"]
    assert answer.json()["event"]["trigger"] == "take"
    assert (answer.json()["event"]["from"], answer.json()["event"]["to"]) == ("requested", "under_review")


def test_a_guard_that_says_no_says_why_in_both_languages_and_in_which_state(office: Office) -> None:
    case = office.step("reviewer", office.review(), "take")
    failed = {"no_conflict_of_interest": True, "failed_requirement": "Matematik 3c"}
    case = office.step("reviewer", case, "propose_ineligible", fields=failed, reason="Kravet saknas.")
    before = office.tables()

    body = {"trigger": "confirm_ineligible", "fields": {"no_conflict_of_interest": True}}
    answer = office.post("reviewer", f"/cases/{case['id']}/transitions", body, if_match='"3"', accept_language="sv")

    problem = answer.json()
    assert (problem["status"], problem["code"]) == (409, "guard_refused")
    assert problem["current_state"] == "ineligible_proposed"
    assert problem["reasons"][0]["code"] == "four_eyes"
    assert problem["detail"] == problem["reasons"][0]["message"]["sv"]
    assert answer.headers["content-language"] == "sv"
    assert office.tables() == before


def test_a_repeated_key_answers_the_event_again_and_the_case_as_of_it(office: Office) -> None:
    case = office.review()
    path, body = f"/cases/{case['id']}/transitions", {"trigger": "take", "fields": {}}
    first = office.post("reviewer", path, body, if_match='"1"', idempotency_key='"once"')
    office.step("reviewer", first.json()["case"], "release")
    before = office.tables()

    again = office.post("reviewer", path, {"fields": {}, "trigger": "take"}, if_match='"1"', idempotency_key="once")

    assert (again.status_code, again.headers["ETag"]) == (200, '"2"')
    assert again.json()["event"] == first.json()["event"]
    assert again.json()["case"]["state"] == "under_review"
    assert office.tables() == before


def test_a_key_belongs_to_who_sent_it(desk: Office) -> None:
    case = desk.review()
    path = f"/cases/{case['id']}/comments"
    for who in ("reviewer", "second"):
        assert desk.post(who, path, {"text": f"from {who}"}, idempotency_key="mine").status_code == 200
    assert len(desk.get("officer", f"/cases/{case['id']}/events").json()["items"]) == 3


def test_a_refusal_is_not_stored_under_its_key(desk: Office) -> None:
    case = desk.review()
    path = f"/cases/{case['id']}/transitions"
    refused = desk.post("reviewer", path, {"trigger": "take"}, if_match='"9"', idempotency_key="k")
    taken = desk.post("reviewer", path, {"trigger": "take"}, if_match='"1"', idempotency_key="k")
    assert (refused.status_code, taken.status_code) == (412, 200)


def test_what_a_student_did_is_entered_with_evidence(desk: Office) -> None:
    case = _reselection(desk)
    path, fields = f"/cases/{case['id']}/transitions", {"choice": 1}
    match = f'"{case["version"]}"'
    actions = desk.get("coordinator", f"/cases/{case['id']}").json()["actions"]
    action = next(each for each in actions if each["trigger"] == "reselect")

    bare = desk.post("coordinator", path, {"trigger": "reselect", "fields": fields}, if_match=match)
    said = {"on_behalf_of": "student", "evidence": "mejl 2027-01-12"}
    entered = desk.post("coordinator", path, {"trigger": "reselect", "fields": fields, **said}, if_match=match)

    assert action["on_behalf_of"] == "student"
    assert bare.status_code == 422
    assert {reason["code"] for reason in bare.json()["reasons"]} == {"field:on_behalf_of", "field:evidence"}
    assert entered.status_code == 200, entered.text
    assert entered.json()["event"]["on_behalf_of"] == "student"


def _reselection(office: Office) -> dict[str, Any]:
    case = office.step("reviewer", office.review(), "take")
    failed = {"no_conflict_of_interest": True, "failed_requirement": "Matematik 3c"}
    case = office.step("reviewer", case, "find_ineligible", fields=failed, reason="Kravet saknas.")
    return office.step("admissions", case, "request_reselection", fields={"alternatives": [{"course": "Statistik B"}]})


def test_the_other_who_read_the_same_version_is_told_so(office: Office) -> None:
    case = office.review()
    office.step("reviewer", case, "take")

    late = office.post("second", f"/cases/{case['id']}/transitions", {"trigger": "take"}, if_match='"1"')

    assert (late.status_code, late.json()["current_state"]) == (412, "under_review")


@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        ("text/plain", b"{}", 415),
        ("", b"{}", 415),
        ("application/json", b'{"trigger": "' + b"x" * 1_100_000 + b'"}', 413),
        ("application/json; charset=utf-8", b'{"trigger": "take\\u0000"}', 422),
        ("application/json", b'{"trigger": "take", "reason": "\\ud800"}', 422),
        ("application/json", b'{"\\u0000": 1}', 422),
        ("application/json", b'{"trigger": "take", "fields": {"n": 1' + b"0" * 5000 + b"}}", 422),
        ("application/json", b'{"trigger": "take", "fields": {"n": 1e999}}', 422),
        ("application/json", b'{"trigger": "take", "fields": {"n": NaN}}', 422),
        ("application/json", b"[" * 200_000, 422),
        ("application/json", b'{"fields":' * 60 + b"1" + b"}" * 60, 422),
        ("application/json", b"\xff\xfe", 422),
        ("application/json", b"", 422),
        ("application/json", b"null", 422),
        ("application/json", b'{"trigger": "take", "surprise": 1}', 422),
    ],
)
def test_no_body_is_too_strange_to_be_answered(desk: Office, kind: str, content: bytes, status: int) -> None:
    case = desk.review()
    headers = {"Authorization": f"Bearer {desk.tokens['reviewer']}", "If-Match": '"1"', "Content-Type": kind}

    answer = desk.send("POST", f"/api/v1/cases/{case['id']}/transitions", content, headers)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("key", ["", "with space", "ä", "x" * 300])
def test_a_key_that_is_none_is_refused(desk: Office, key: str) -> None:
    case = desk.review()
    headers = {"Authorization": f"Bearer {desk.tokens['reviewer']}", "Content-Type": "application/json"}
    raw = {**headers, "Idempotency-Key": key.encode("latin-1")}
    answer = desk.send("POST", f"/api/v1/cases/{case['id']}/comments", b'{"text": "hej"}', raw)
    assert (answer.status_code, answer.json()["reasons"][0]["code"]) == (422, "header:Idempotency-Key")
