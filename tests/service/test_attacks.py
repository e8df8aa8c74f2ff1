"""What somebody with ill intent, or with the contract in hand, might send (DESIGN 8)."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.mail import compose
from engine.paging import seal
from engine.ports import Message
from service.logging import configure
from tests.service.office import ANNA, INSTITUTION, MONDAY, Office, new_review

OTHER = "other.se"
ROLES = ("officer", "admissions", "reviewer", "coordinator", "auditor", "admin")


@pytest.fixture
def two(office: Office) -> Office:
    """The office, and a second institution in which `foreigner` holds every role."""
    directory = office.house.directory
    with directory.change(OTHER, by="installation", what="another university") as change:
        change.root()
        change.unit("STAT", name_sv="Statistik", name_en="Statistics", parent=OTHER)
        office.ids["foreigner"] = change.person(email="boss@other.example", name="Fia Främling").id
        for role in ROLES:
            change.member(office.ids["foreigner"], role, OTHER)
    office.tokens["foreigner"] = directory.issue_token(OTHER, office.ids["foreigner"])
    return office


def _answered(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


# Another institution.


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("GET", "?at=1", None),
        ("GET", "/events", None),
        ("GET", "/verification", None),
        ("POST", "/transitions", {"trigger": "take"}),
        ("POST", "/corrections", {"facts": {"course": "X"}, "reason": "x"}),
        ("POST", "/links", {"name": "parent", "case": "x"}),
        ("PUT", "/assignee", {"person": None}),
        ("POST", "/comments", {"text": "x"}),
    ],
)
def test_a_case_of_another_institution_is_not_there(two: Office, method: str, path: str, body: Any) -> None:
    case = two.review()
    before = two.tables()
    answer = two.ask("foreigner", method, f"/cases/{case['id']}{path}", body, if_match='"1"', idempotency_key="k")
    assert _answered(answer) == (404, "case_not_found")
    assert two.tables() == before


def test_lists_show_nothing_of_another_institution_whatever_is_asked(two: Office) -> None:
    case = two.review()
    asked = [
        "/cases", "/cases?q=REV-2027-0001", "/cases?q=Åsa", f"/cases?assignee={two.ids['reviewer']}",
        "/cases?unit=STAT", "/deadlines", "/deadlines?unit=STAT", "/outbox",
        f"/cases?cursor={seal('-opened', 2**62, case['id'])}", f"/deadlines?cursor={seal(0, case['id'], 'a', 0)}",
        f"/outbox?cursor={seal(2**62, '')}",
    ]  # fmt: skip
    assert [two.get("foreigner", path).json()["items"] for path in asked] == [[]] * len(asked)
    people = two.get("foreigner", f"/people?cursor={two.ids['officer']}&limit=200")
    assert people.status_code == 422
    assert two.get("foreigner", f"/people?cursor={seal(two.ids['officer'])}").json()["items"] == []
    assert [each["name"] for each in two.get("foreigner", "/people").json()["items"]] == ["Fia Främling"]
    assert {each["code"] for each in two.get("foreigner", "/units").json()["items"]} == {OTHER, "STAT"}


def test_ids_of_another_institution_are_nobody_and_nothing_here(two: Office) -> None:
    theirs, own = two.review(), two.post("foreigner", "/cases", new_review()).json()["case"]
    message = two.get("officer", "/outbox").json()["items"][0]["id"]
    before = two.tables()

    def refused(method: str, path: str, body: Any) -> tuple[int, str]:
        return _answered(two.ask("foreigner", method, path, body, if_match='"1"'))

    assert refused("POST", "/cases", new_review(subject=theirs["subject"])) == (422, "bad_fields")
    assert refused("POST", "/cases", new_review(links={"reselected_from": theirs["id"]})) == (422, "bad_fields")
    link = {"name": "reselected_from", "case": theirs["id"]}
    assert refused("POST", f"/cases/{own['id']}/links", link) == (422, "bad_fields")
    someone = {"person": two.ids["reviewer"]}
    assert refused("PUT", f"/cases/{own['id']}/assignee", someone) == (422, "bad_fields")
    assert refused("POST", f"/outbox/{message}/retry", None) == (404, "not_found")
    assert two.tables() == before


def test_a_bulk_step_reaches_no_other_institution_by_id_or_filter(two: Office) -> None:
    case = two.review()
    listed = {"trigger": "take", "cases": [{"id": case["id"], "version": 1}]}
    found = {"trigger": "take", "filter": {"q": case["number"], "state": "requested"}}
    (outcome,) = two.post("foreigner", "/bulk/transitions", listed).json()["outcomes"]
    assert (outcome["status"], outcome["event"]) == (404, None)
    assert two.post("foreigner", "/bulk/transitions", found).json()["outcomes"] == []
    assert two.get("officer", f"/cases/{case['id']}").json()["version"] == 1


def test_the_same_person_and_the_same_key_are_others_in_another_institution(two: Office) -> None:
    here = two.post("admissions", "/cases", new_review(), idempotency_key="k").json()["case"]
    there = two.post("foreigner", "/cases", new_review(), idempotency_key="k").json()["case"]
    assert here["id"] != there["id"]
    assert here["subject"] != there["subject"]
    assert here["number"] == there["number"] == "REV-2027-0001"


# Rights.


@pytest.mark.parametrize("who", ["auditor", "admin", "nobody", "stranger"])
def test_who_does_no_casework_changes_nothing(desk: Office, who: str) -> None:
    case = desk.review()
    before, status = desk.tables(), 403 if who == "auditor" else 404
    asked: list[tuple[str, str, Any]] = [
        ("POST", "transitions", {"trigger": "take"}),
        ("POST", "transitions", {"trigger": "withdraw"}),
        ("POST", "corrections", {"facts": {"course": "X"}, "reason": "x"}),
        ("POST", "links", {"name": "reselected_from", "case": case["id"]}),
        ("PUT", "assignee", {"person": desk.ids["reviewer"]}),
        ("POST", "comments", {"text": "x"}),
    ]
    for method, path, body in asked:
        answer = desk.ask(who, method, f"/cases/{case['id']}/{path}", body, if_match='"1"')
        assert answer.status_code == status, path
    assert desk.post(who, "/cases", new_review()).status_code == 403
    assert desk.tables() == before


def test_a_role_below_a_case_or_beside_it_opens_nothing(desk: Office) -> None:
    above = desk.review(unit=INSTITUTION)
    for who in ("reviewer", "coordinator", "stranger"):
        assert desk.get(who, f"/cases/{above['id']}").status_code == 404
    assert desk.get("officer", f"/cases/{above['id']}").status_code == 200


@pytest.mark.parametrize(("ends_on", "reads"), [(date(2027, 1, 10), False), (date(2027, 1, 11), True)])
def test_a_role_ends_with_its_last_day(desk: Office, ends_on: date, reads: bool) -> None:
    case = desk.review()
    with desk.house.directory.change(INSTITUTION, by="installation", what="leaving") as change:
        change.leave(desk.ids["reviewer"], "reviewer", "STAT", ends_on=ends_on)
    answer = desk.post("reviewer", f"/cases/{case['id']}/transitions", {"trigger": "take"}, if_match='"1"')
    assert answer.status_code == (200 if reads else 404)
    body = {"trigger": "take", "cases": [{"id": case["id"], "version": answer.json().get("case", case)["version"]}]}
    (outcome,) = desk.post("reviewer", "/bulk/transitions", body).json()["outcomes"]
    assert outcome["status"] == (409 if reads else 404)


def test_a_key_answers_nobody_who_may_no_longer_read_the_case(desk: Office) -> None:
    case = desk.review()
    path, body = f"/cases/{case['id']}/transitions", {"trigger": "take"}
    assert desk.post("reviewer", path, body, if_match='"1"', idempotency_key="k").status_code == 200
    opened = desk.post("admissions", "/cases", new_review(), idempotency_key="k")
    with desk.house.directory.change(INSTITUTION, by="installation", what="leaving") as change:
        change.leave(desk.ids["reviewer"], "reviewer", "STAT")
        change.leave(desk.ids["admissions"], "admissions", INSTITUTION)
    assert desk.post("reviewer", path, body, if_match='"1"', idempotency_key="k").status_code == 404
    again = desk.post("admissions", "/cases", new_review(), idempotency_key="k")
    assert (opened.status_code, again.status_code) == (201, 404)


def test_an_expired_token_signs_nobody_in(desk: Office) -> None:
    soon = (MONDAY + timedelta(hours=1)).timestamp() * 1_000_000
    with desk.house.store.writes() as connection:
        connection.execute(sa.text("UPDATE token SET expires_at = :soon"), {"soon": int(soon)})
    assert desk.get("officer", "/me").status_code == 200
    desk.clock.at = MONDAY + timedelta(hours=1)
    assert desk.get("officer", "/me").status_code == 401


@pytest.mark.parametrize("whom", ["student", "partner"])
def test_what_is_ones_own_step_cannot_be_entered_for_others(desk: Office, whom: str) -> None:
    case = desk.review()
    body = {"trigger": "take", "on_behalf_of": whom, "evidence": "mejl"}
    answer = desk.post("reviewer", f"/cases/{case['id']}/transitions", body, if_match='"1"')
    assert (answer.status_code, answer.json()["reasons"][0]["code"]) == (422, "field:on_behalf_of")


def test_four_eyes_are_four_in_bulk_and_for_a_substitute(desk: Office) -> None:
    with desk.house.directory.change(INSTITUTION, by="installation", what="leave") as change:
        change.absence(desk.ids["reviewer"], starts_on=date(2028, 1, 1), substitute=desk.ids["second"])
    case = desk.step("reviewer", desk.review(), "take")
    failed = {"no_conflict_of_interest": True, "failed_requirement": "Matematik 3c"}
    case = desk.step("reviewer", case, "propose_ineligible", fields=failed, reason="Kravet saknas.")
    body = {"cases": [{"id": case["id"], "version": 3}], "trigger": "confirm_ineligible"}
    for who in ("reviewer", "second"):
        sent = {**body, "fields": {"no_conflict_of_interest": True}}
        (outcome,) = desk.post(who, "/bulk/transitions", sent).json()["outcomes"]
        assert [each["code"] for each in outcome["problem"]["reasons"]] == ["four_eyes"]


def test_a_link_to_a_case_one_may_not_read_is_refused_like_one_to_nothing(desk: Office) -> None:
    hidden, own = desk.review(unit="HIST"), desk.review()
    gone = "01900000-0000-7000-8000-000000000000"

    def refusal(to: str) -> tuple[int, str]:
        body = {"name": "reselected_from", "case": to}
        answer = desk.post("reviewer", f"/cases/{own['id']}/links", body, if_match='"1"')
        return answer.status_code, answer.text.replace(to, "").replace(answer.headers["x-request-id"], "")

    assert refusal(hidden["id"]) == refusal(gone)


def test_a_case_is_not_opened_under_one_its_opener_may_not_read(desk: Office) -> None:
    """Else whoever knows an id moves that case, by the steps of their own that the process ties to it."""
    with desk.house.directory.change(INSTITUTION, by="installation", what="an officer of one unit") as change:
        local = change.person(email="local@example.org", name="Lo Lokal").id
        change.member(local, "officer", "STAT")
    desk.tokens["local"] = desk.house.directory.issue_token(INSTITUTION, local)
    hidden, gone = desk.review(unit="HIST"), "01900000-0000-7000-8000-000000000000"

    def refusal(to: str) -> tuple[int, str]:
        answer = desk.post("local", "/cases", new_review(links={"reselected_from": to}))
        return answer.status_code, answer.text.replace(to, "").replace(answer.headers["x-request-id"], "")

    assert refusal(hidden["id"]) == refusal(gone)
    assert refusal(gone)[0] == 422
    assert refusal(desk.review()["id"])[0] == 201


@pytest.mark.parametrize("fact", ["outcome", "special_decision", "reselection_lapsed", "can_be_appealed"])
@pytest.mark.parametrize("value", [None, True, "eligible"])
def test_what_the_system_writes_is_neither_opened_with_nor_corrected(desk: Office, fact: str, value: Any) -> None:
    case = desk.review()
    correction = {"facts": {"course": "X", fact: value}, "reason": "x"}
    assert desk.post("admissions", "/cases", new_review(facts={fact: value})).status_code == 422
    answer = desk.post("officer", f"/cases/{case['id']}/corrections", correction, if_match='"1"')
    assert _answered(answer) == (422, "bad_fields")


# The order of judgement, with bodies that cannot be read.


@pytest.mark.parametrize(
    ("who", "method", "path", "body", "status", "code"),
    [
        ("auditor", "POST", "transitions", {"trigger": "take", "fields": []}, 403, "not_your_role"),
        ("auditor", "POST", "transitions", {"trigger": "fly", "surprise": 1}, 422, "unknown_trigger"),
        ("reviewer", "POST", "transitions", {"trigger": "release", "reason": 7}, 409, "transition_not_allowed"),
        ("reviewer", "POST", "transitions", {"trigger": "take", "reason": 7}, 422, "bad_fields"),
        ("auditor", "POST", "transitions", {"fields": {}}, 422, "bad_fields"),
        ("reviewer", "POST", "corrections", {"facts": {}}, 403, "not_your_role"),
        ("auditor", "POST", "comments", {}, 403, "not_your_role"),
        ("auditor", "PUT", "assignee", {}, 403, "not_your_role"),
        ("auditor", "POST", "links", {"name": 1}, 403, "not_your_role"),
        ("reviewer", "POST", "links", {"name": 1}, 422, "bad_fields"),
    ],
)
def test_a_body_that_does_not_fit_hides_no_refusal_that_comes_before(  # noqa: PLR0917 - one row of the table
    desk: Office, who: str, method: str, path: str, body: Any, status: int, code: str
) -> None:
    case = desk.review()
    answer = desk.ask(who, method, f"/cases/{case['id']}/{path}", body, if_match='"1"')
    assert _answered(answer) == (status, code)


def test_a_finished_case_says_so_before_it_reads_who_is_to_have_it(desk: Office) -> None:
    case = desk.step("admissions", desk.review(), "withdraw", reason="Återbud.")
    for method, path in (("PUT", "assignee"), ("POST", "links")):
        answer = desk.ask("officer", method, f"/cases/{case['id']}/{path}", {}, if_match='"2"')
        assert (answer.status_code, answer.json()["current_state"]) == (409, "withdrawn")


@pytest.mark.parametrize("tag", ['W/"1"', '"abc"', '""', '"-1"', '"9999999999999999999"', 'W/"2"'])
def test_a_tag_that_is_of_no_version_is_stale_and_not_missing(desk: Office, tag: str) -> None:
    case = desk.review()
    answer = desk.post("reviewer", f"/cases/{case['id']}/transitions", {"trigger": "take"}, if_match=tag)
    assert _answered(answer) == (412, "stale_case")


# Keys.


def test_a_key_of_one_bulk_call_is_refused_to_another(office: Office) -> None:
    first, second = office.review(), office.review()

    def take(case: dict[str, Any], **headers: Any) -> Any:
        body = {"trigger": "take", "cases": [{"id": case["id"], "version": 1}]}
        return office.post("reviewer", "/bulk/transitions", body, **headers)

    assert take(first, idempotency_key="k").status_code == 200
    assert _answered(take(second, idempotency_key="k")) == (422, "idempotency_key_reused")
    opened = office.post("reviewer", "/bulk/cases", {"cases": []}, idempotency_key="k")
    assert _answered(opened) == (422, "idempotency_key_reused")
    assert office.get("officer", f"/cases/{second['id']}").json()["version"] == 1
    assert take(second, idempotency_key="k2").json()["outcomes"][0]["status"] == 200


def test_a_key_of_a_single_step_is_refused_to_a_bulk_call(desk: Office) -> None:
    case = desk.review()
    desk.post("reviewer", f"/cases/{case['id']}/comments", {"text": "hej"}, idempotency_key="k")
    body = {"trigger": "take", "filter": {}}
    answer = desk.post("reviewer", "/bulk/transitions", body, idempotency_key="k")
    assert _answered(answer) == (422, "idempotency_key_reused")


def test_a_repeated_bulk_call_by_filter_answers_the_events_again(office: Office) -> None:
    case, body = office.review(), {"trigger": "take", "filter": {"state": "requested"}}
    first = office.post("reviewer", "/bulk/transitions", body, idempotency_key="k").json()
    again = office.post("reviewer", "/bulk/transitions", body, idempotency_key="k").json()
    assert again == first
    assert [(each["case"], each["status"]) for each in first["outcomes"]] == [(case["id"], 200)]


def test_a_case_listed_twice_under_a_key_is_judged_twice(desk: Office) -> None:
    case = desk.review()
    body = {"trigger": "take", "cases": [{"id": case["id"], "version": 1}] * 2}
    answer = desk.post("reviewer", "/bulk/transitions", body, idempotency_key="k")
    assert [each["status"] for each in answer.json()["outcomes"]] == [200, 412]


# Too much of everything.


def test_a_filter_of_too_many_words_is_refused_and_breaks_no_database(office: Office) -> None:
    body = {"trigger": "take", "filter": {"state": [f"s{n}" for n in range(70_000)]}}
    assert _answered(office.post("officer", "/bulk/transitions", body)) == (422, "bad_fields")
    for path in ("cases", "deadlines"):
        answer = office.get("officer", f"/{path}?{'&'.join(['unit=STAT'] * 101)}")
        assert _answered(answer) == (422, "bad_fields")
        assert answer.json()["reasons"][0]["code"] == "field:unit"
        assert office.get("officer", f"/{path}?{'&'.join(['unit=STAT'] * 100)}").status_code == 200


def test_too_many_links_are_refused_before_any_is_looked_up(office: Office) -> None:
    body = new_review(links={f"{n:x}": f"{n:x}" for n in range(40_000)})
    answer = office.post("admissions", "/cases", body)
    assert (answer.status_code, answer.json()["reasons"][0]["code"]) == (422, "field:links")


def test_a_body_of_faults_is_answered_with_the_first_of_them(desk: Office) -> None:
    answer = desk.post("admissions", "/cases", new_review(facts={f"f{n}": 1 for n in range(50_000)}))
    assert (answer.status_code, len(answer.json()["reasons"])) == (422, 100)


def test_people_with_long_names_are_paged(office: Office) -> None:
    with office.house.directory.change(INSTITUTION, by="installation", what="a long name") as change:
        for count in range(3):
            person = change.person(email=f"long{count}@example.org", name="å" * 199 + str(count))
            change.member(person.id, "reviewer", "STAT")
    seen, path = [], "/people?limit=1"
    while path:
        page = office.get("officer", path).json()
        seen += [person["id"] for person in page["items"]]
        path = f"/people?limit=1&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert len(seen) == len(set(seen)) == 8 + 3


@pytest.mark.parametrize("query", ["due_before=0", "due_before=86400", "due_before=2027-01-11T00:00:00", "due_before="])
@pytest.mark.parametrize("path", ["cases", "deadlines"])
def test_a_day_is_written_as_a_day(desk: Office, path: str, query: str) -> None:
    assert _answered(desk.get("officer", f"/{path}?{query}")) == (422, "bad_fields")


@pytest.mark.parametrize(("day", "status"), [("2027-01-11", 200), ("1799625600", 422), (0, 422), ("", 422)])
def test_a_day_in_a_bulk_filter_is_written_as_a_day(desk: Office, day: Any, status: int) -> None:
    body = {"trigger": "take", "filter": {"due_before": day}}
    assert desk.post("reviewer", "/bulk/transitions", body).status_code == status


@pytest.mark.parametrize("text", [" ", "\n\t", "\u2003"])
def test_a_comment_that_says_nothing_is_none(desk: Office, text: str) -> None:
    case = desk.review()
    answer = desk.post("reviewer", f"/cases/{case['id']}/comments", {"text": text})
    assert _answered(answer) == (422, "bad_fields")


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_first_and_the_last_day_there_are_do_no_harm(office: Office, day: str) -> None:
    facts = {"answer_by": day, "registration_on": day, "settle_by": day}
    case = office.review(facts=facts)
    assert office.get("officer", f"/cases?due_before={day}&sort=-due").status_code == 200
    assert office.get("officer", f"/deadlines?due_before={day}").status_code == 200
    assert office.get("officer", f"/cases/{case['id']}/verification").json()["ok"]
    office.house.ticker.tick()
    assert office.get("officer", f"/cases/{case['id']}").status_code == 200


STRANGE = [
    "{0.__class__}{number}{}", "%s%n%(x)s", "<script>alert(1)</script>", "X\r\nBcc: evil@example.org",
    "\u200f\u2028\x85",
]  # fmt: skip


@pytest.mark.parametrize("text", [*STRANGE, "Robert'); DROP TABLE case_record;--", "😀" * 200])
def test_a_strange_text_is_kept_as_it_is_and_found_again(office: Office, text: str) -> None:
    case = office.review(facts={"course": text})
    office.post("reviewer", f"/cases/{case['id']}/comments", {"text": text})
    assert office.get("officer", f"/cases/{case['id']}").json()["facts"]["course"] == case["facts"]["course"]
    (_, comment) = office.get("officer", f"/cases/{case['id']}/events").json()["items"]
    assert comment["detail"] == {"text": text}
    assert office.get("officer", f"/cases/{case['id']}/verification").json()["ok"]


# Mails.


@pytest.mark.parametrize("text", STRANGE)
def test_nothing_written_by_people_steers_a_mail(desk: Office, text: str) -> None:
    subject = {"name": "{0.__class__} Bcc: x", "email": "a@example.org", "language": "en"}
    case = desk.step("reviewer", desk.review(facts={"course": f"A{text}B"}, subject=subject), "take")
    fields = {"no_conflict_of_interest": True, "failed_requirement": f"A{text}B"}
    desk.step("reviewer", case, "find_ineligible", fields=fields, reason=f"A{text}B")
    desk.house.outbox.deliver_all()

    sent: list[Message] = desk.house.outbox.channel.messages  # type: ignore[attr-defined]  # the memory channel

    assert len(sent) == len(desk.get("admin", "/outbox?state=sent").json()["items"]) > 0
    for message in sent:
        head, _, _ = compose(message).content.partition(b"\r\n\r\n")
        names = [line.partition(b":")[0] for line in head.split(b"\r\n") if not line.startswith(b" ")]
        assert len(names) == len(set(names)) == 10
        assert b"Bcc" not in names
        assert "<class" not in message.subject + message.text


@pytest.mark.parametrize(
    "subject",
    [
        {"name": "A\r\nBcc: x@example.org\x00", "email": "a@example.org"},
        {"name": "A\x07", "email": "a@example.org"},
        {"name": "A", "email": "a@example.org\r\nBcc: b@example.org"},
        {"name": "A", "email": "a@example.org,b@example.org"},
        {"name": "A", "email": "<a@example.org>"},
        {"name": "A", "email": "a@example.org", "language": "tlh"},
        {"name": "A", "email": "a@" + "x" * 260 + ".org"},
        {"name": "A" * 201, "email": "a@example.org"},
        {"name": "A", "email": "a@example.org", "id": "x"},
        ["A"],
        7,
    ],
)
def test_a_person_who_could_steer_a_mail_is_nobody(desk: Office, subject: Any) -> None:
    before = desk.tables()
    assert _answered(desk.post("admissions", "/cases", new_review(subject=subject))) == (422, "bad_fields")
    assert desk.tables() == before


# What the contract says of answers.


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("sv; q=0.9, en; q=0.1", "sv"), ("en;q=0.1,sv;q=0.2", "sv"), ("sv;q=0", "en"), ("en;q=0, sv;q=0.1", "sv"),
        ("sv-FI", "sv"), ("sv;Q=1", "sv"), ("sv;q=nan, en", "en"), ("sv;q=inf, en", "en"), ("", "en"), ("*", "en"),
        (";;q=,,", "en"), ("de, sv;q=0.3", "sv"),
    ],
)  # fmt: skip
def test_a_problem_is_told_in_the_language_asked_for(desk: Office, header: str, language: str) -> None:
    answer = desk.get("officer", "/cases/none", accept_language=header)
    assert answer.headers["content-language"] == language
    assert answer.json()["title"] == {"sv": "Ärendet finns inte", "en": "No such case"}[language]


def test_a_problem_has_the_fields_of_the_contract_and_no_others(desk: Office) -> None:
    case = desk.review()
    plain = desk.get("officer", "/nowhere").json()
    refused = desk.post("reviewer", f"/cases/{case['id']}/transitions", {"trigger": "release"}, if_match='"1"').json()
    assert list(plain) == ["type", "title", "status", "detail", "code", "request_id"]
    assert list(refused) == ["type", "title", "status", "detail", "code", "current_state", "request_id"]
    assert refused["current_state"] == "requested"


def test_an_action_has_the_fields_of_the_contract(desk: Office) -> None:
    case = desk.review()
    actions = desk.get("auditor", f"/cases/{case['id']}").json()["actions"]
    assert len(actions) > 1
    for action in actions:
        assert {"trigger", "label", "to", "possible", "reasons", "fields", "href"} <= set(action)
        assert set(action["label"]) == {"sv", "en"}
        assert not action["possible"]
        for reason in action["reasons"]:
            assert set(reason) == {"code", "message", "who_can", "from_date"}


def test_a_method_that_is_none_names_all_that_are(desk: Office) -> None:
    answer = desk.ask("officer", "PATCH", "/cases", {})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


def test_what_was_later_is_not_told_of_the_case_as_it_was(office: Office) -> None:
    case = office.review()
    correction = {"facts": {"course": "Hemlig kurs", "registration_number": "FS 1"}, "reason": "x"}
    office.post("officer", f"/cases/{case['id']}/corrections", correction, if_match='"1"')
    was = office.get("officer", f"/cases/{case['id']}?at=1").json()
    assert (was["facts"]["course"], was["registration_number"], was["version"]) == ("Statistik A", None, 1)


def test_keys_sent_twice_in_one_body_count_once_and_the_same_everywhere(desk: Office) -> None:
    case = desk.review()
    raw = '{"trigger": "withdraw", "trigger": "take", "fields": {}}'
    answer = desk.post("reviewer", f"/cases/{case['id']}/transitions", raw=raw, if_match='"1"',
                       content_type="application/json", idempotency_key="k")  # fmt: skip
    again = desk.post("reviewer", f"/cases/{case['id']}/transitions", {"trigger": "take", "fields": {}},
                      if_match='"1"', idempotency_key="k")  # fmt: skip
    assert (answer.status_code, answer.json()["event"]["trigger"]) == (200, "take")
    assert (again.status_code, again.json()["event"]) == (200, answer.json()["event"])


# What is written down.


@contextmanager
def _log() -> Iterator[list[str]]:
    """All the process logs meanwhile, at its most talkative."""
    lines: list[str] = []

    class Lines:
        def write(self, text: str) -> int:
            lines.append(text)
            return len(text)

        def flush(self) -> None:
            """Nothing waits."""

    logging.getLogger("httpx").setLevel(logging.WARNING)  # the client, which is no part of the service
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure("debug", Lines())  # type: ignore[arg-type]  # all of a stream that logging uses
    try:
        yield lines
    finally:
        logging.getLogger("httpx").setLevel(logging.NOTSET)
        root.handlers[:] = handlers
        root.setLevel(level)


def test_neither_log_nor_metrics_hold_what_people_sent(desk: Office) -> None:
    secret = "hemligt-ord"
    with _log() as lines:
        case = desk.review(facts={"course": secret}, subject={**ANNA, "name": secret})
        desk.get("reviewer", f"/cases/{secret}")
        desk.get("reviewer", f"/cases/{secret}/events?cursor={secret}")
        desk.get("reviewer", f"/workflows/{secret}")
        desk.get("reviewer", f"/cases?q={secret}&sort={secret}")
        desk.send("GET", f"/{secret}", None, {"Authorization": f"Bearer fp_{secret}"})
        desk.send(secret, f"/api/v1/cases/{case['id']}")
        desk.post("reviewer", f"/cases/{secret}/transitions", {"trigger": secret}, if_match=secret)
        path = f"/cases/{case['id']}/transitions"
        desk.post("reviewer", path, {"trigger": secret}, if_match='"1"', idempotency_key=secret)
        desk.post("reviewer", f"/cases/{case['id']}/comments", {"text": secret})
        desk.house.outbox.deliver_all()
    written = "".join(lines) + desk.send("GET", "/metrics").text
    assert '"event": "request"' in written
    assert secret not in written
    assert not any(token in written for token in desk.tokens.values())
    assert "example.org" not in written


def test_a_client_that_hangs_up_is_no_fault_of_ours(desk: Office) -> None:
    case = desk.review()
    sent: list[Any] = []

    async def hung_up() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": f"/api/v1/cases/{case['id']}/comments", "query_string": b"",
        "headers": [(b"content-length", b"500")],
    }  # fmt: skip
    with _log() as lines:
        asyncio.run(desk.app(scope, hung_up, send))
    assert sent == []
    assert '"status": 499' in "".join(lines)
    assert '"level": "error"' not in "".join(lines)


def test_an_error_body_never_holds_a_token(desk: Office) -> None:
    token = desk.tokens["officer"]
    bodies = [
        desk.send("GET", "/api/v1/me", None, {"Authorization": f"Basic {token}"}).text,
        desk.send("GET", "/api/v1/cases?sort=x", None, {"Authorization": f"Bearer {token}"}).text,
        desk.get("officer", "/cases/none").text,
    ]
    assert not any(token in body for body in bodies)


def test_a_test_clock_that_is_off_is_off_whatever_is_sent(desk: Office) -> None:
    for body in ({"now": "2027-01-11T09:00:00Z"}, {}, {"now": 1}):
        assert _answered(desk.ask("admin", "PUT", "/clock", body)) == (404, "not_found")
    assert desk.get("admin", "/clock").status_code == 404
    assert json.loads(desk.send("GET", "/readyz").text)["database"]
