"""An id that somebody typed into a case tells nobody a name they may not know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.pages.plain import Plain
from tests.pages.serving import Served

Enter = Callable[..., Plain]
SECRET = "Hilda Hemlig"


@pytest.fixture
def stranger(served: Served) -> str:
    """The id of a student of History, whom nobody in Statistics may know of."""
    whole = {
        "workflow": "eligibility_review", "unit": "HIST", "facts": {"course": "Historia A"},
        "subject": {"name": SECRET, "email": "hilda@example.org", "language": "sv"},
    }  # fmt: skip
    answer = served.ask("admissions", "POST", "/cases", whole)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case"]["subject"])


def correct(served: Served, who: str, case: str, **facts: Any) -> None:
    path = f"/cases/{served.office.cases[case]}"
    version = served.ask(who, "GET", path).json()["version"]
    body = {"facts": facts, "reason": "Fel."}
    answer = served.ask(who, "POST", f"{path}/corrections", body, If_Match=f'"{version}"')
    assert answer.status_code == 200, answer.text


def test_an_answer_that_is_an_id_is_checked_as_it_was_typed(served: Served, plainly: Enter, stranger: str) -> None:
    page = plainly("reviewer").go(f"/cases/{served.number('under review')}/steps/propose_ineligible")
    page.press("Granska", **{"f.failed_requirement": stranger, "reason": "Kravet saknas."})
    assert "bekräftar" in page.words
    assert (stranger in page.words, SECRET in page.words) == (True, False)


def test_a_text_that_is_an_id_stays_a_text_in_facts_and_history(served: Served, plainly: Enter, stranger: str) -> None:
    correct(served, "admissions", "under review", course_code=stranger)
    for path in ("", "/history"):
        page = plainly("reviewer").go(f"/cases/{served.number('under review')}{path}")
        assert (stranger in page.words, SECRET in page.words) == (True, False), path


def test_a_person_named_as_the_partner_is_told_to_those_alone_who_may_know_of_them(
    served: Served, plainly: Enter, stranger: str
) -> None:
    correct(served, "officer", "draft", partner=stranger)
    for who, told in (("coordinator", False), ("officer", True)):
        for path in ("", "/history"):
            page = plainly(who).go(f"/cases/{served.number('draft')}{path}")
            assert (SECRET in page.words) == told, (who, path)


def test_what_changed_meanwhile_names_nobody_one_may_not_know(served: Served, plainly: Enter, stranger: str) -> None:
    page = plainly("reviewer").go(f"/cases/{served.number('under review')}/steps/propose_ineligible")
    form = page.page.form(button="Granska")
    correct(served, "admissions", "under review", course_code=stranger)
    filled = {"f.failed_requirement": stranger, "reason": "Kravet saknas."}
    page.send(form.action, form.sent("Granska", **filled))
    assert page.status == 412
    assert (stranger in page.words, SECRET in page.text) == (True, False)
