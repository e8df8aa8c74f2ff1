"""Where there is one of something, the page says so as people do."""

from __future__ import annotations

import pytest

from tests.pages.guidance import title
from tests.pages.plain import Plain
from tests.pages.reading import somebody
from tests.pages.serving import Served

LATE = {"now": "2027-01-18T09:00:00+01:00"}
REQUESTED = "workflow=eligibility_review&state=requested"


def all_but_one(served: Served) -> None:
    """Somebody takes the reviews that wait to be taken, but for one."""
    for case in served.ask("reviewer", "GET", f"/cases?{REQUESTED}").json()["items"][1:]:
        path, version = f"/cases/{case['id']}/transitions", f'"{case["version"]}"'
        done = served.ask("stat.second", "POST", path, {"trigger": "take"}, If_Match=version)
        assert done.status_code == 200, done.text


def begin(page: Plain) -> Plain:
    """Go on from the list of reviews to be taken with all of them."""
    return page.go(f"/cases?{REQUESTED}").press("Gå vidare", all="1", trigger="take")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("sv", "1 ärende väntar på att någon tar det."),
        ("en", "1 case waits for somebody to take it."),
    ],
)
def test_one_task_to_take(served: Served, language: str, said: str) -> None:
    all_but_one(served)
    with somebody(served, "reviewer", language) as page:
        assert said in page.go(f"/tasks?pool=1&{REQUESTED}").words


def test_one_case_that_matches(served: Served) -> None:
    with somebody(served, "coordinator", "en") as page:
        assert "1 case that you may read matches the filters." in page.go("/cases?q=cia").words


def test_one_case_that_is_late(served: Served) -> None:
    all_but_one(served)
    assert served.ask("admin", "PUT", "/clock", LATE).status_code == 200
    with somebody(served, "officer") as page:
        assert "1 ärende, 1 försenat, längst sedan" in page.go(f"/waiting?{REQUESTED}").words


def test_one_late_case_of_a_process(served: Served) -> None:
    assert served.ask("admin", "PUT", "/clock", {"now": "2027-02-10T09:00:00+01:00"}).status_code == 200
    with somebody(served, "officer") as page:
        assert "öppna ärenden, varav 1 försenat." in page.go("/overview/outgoing_exchange").words.replace("; ", ".")


def test_one_case_of_many_a_step_is_taken_for(served: Served) -> None:
    all_but_one(served)
    with somebody(served, "reviewer") as page:
        begin(page)
        assert title(page.text).startswith("Granska: Ta ärendet för 1 ärende ")
        assert "Ta ärendet kan göras för ärendet." in page.words
        page.press("Bekräfta för 1")
        assert title(page.text).startswith("Ta ärendet: klart för 1 ")
        assert "Klart för ärendet." in page.words


def test_one_event_that_was_checked(served: Served) -> None:
    with somebody(served, "reviewer", "en") as page:
        page.go(f"/cases/{served.number('received')}/history?verify=1")
    assert "Yes. 1 event checked: the chain is whole and every step gives the same again." in page.words


def test_one_applicant_of_one_course(served: Served) -> None:
    course = served.ask("reviewer", "GET", f"/cases/{served.office.cases['received']}").json()["facts"]["course"]
    with somebody(served, "reviewer", "en") as page:
        page.go(f"/eligibility?course={course}&state=requested")
    assert ", 1 course " in title(page.text)
