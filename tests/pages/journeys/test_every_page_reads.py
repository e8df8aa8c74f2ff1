"""Every page: in one language at a time and in the office's words; light enough; asking the database a few times."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from service.pages.rendering import HERE
from tests.journeys.office import student
from tests.pages.journeys.costs import statements
from tests.pages.journeys.every_page import EVERY, Look
from tests.pages.plain import Plain
from tests.pages.reading import somebody
from tests.pages.serving import Served, on_both_databases

HEAVIEST = 150_000
"""Bytes of a page, as they are before anything is compressed."""

INSIDE = re.compile(r"\b(triggers?|guards?|rungs?|tenants?|payload|undefined|Traceback)\b", re.IGNORECASE)
SWEDISH = re.compile(r"\b(och|att|är|inte|för|som|med|från|ärendet|eller|på)\b", re.IGNORECASE)
ENGLISH = re.compile(r"\b(the|and|is|are|of|to|not|with|from|which|your)\b", re.IGNORECASE)
MOST = 12
MORE = {
    "/tasks": 15,
    "/cases": 18,
    "/waiting": 24,
    "/waiting/chase": 31,
    "/cases/{number}": 26,
    "/cases/{number}/waiting": 18,
    "/cases/{number}/history": 34,
    "/cases/{number}/steps/{trigger}": 25,
    "/cases/{number}/link": 19,
    "/cases/{number}/correct": 22,
    "/cases/{number}/assign": 23,
    "/bulk": 17,
    "/eligibility": 15,
    "/eligibility/applicants/{subject}": 16,
    "/handover": 27,
    "/dashboards": 16,
    "/cases/{number}/dossier": 23,
    "/audit/sample": 16,
}
"""The most a page may ask of the database; those that judge what may be done, as a step does, may ask more."""

MAIN = ("/tasks", "/cases", "/cases/{number}", "/waiting", "/overview", "/eligibility", "/agreements", "/audit")


class Sentences(HTMLParser):
    """What is read of a page in its own language: not what says that it is in another one."""

    BARE = frozenset({"br", "hr", "img", "input", "link", "meta", "rect", "path", "line", "circle", "polygon"})
    SILENT = frozenset({"script", "style", "textarea", "code", "bdi"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.language = ""
        self.said: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "html":
            self.language = has.get("lang") or ""
        silent = tag in self.SILENT or has.get("lang", self.language) != self.language
        if not silent and not self._silent:
            self.said += [
                words for name in ("aria-label", "title", "placeholder", "data-label") if (words := has.get(name))
            ]
        if tag not in self.BARE:
            self._open.append((tag, silent))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        # A unit's own text may hold both languages, one after the other: then it is in neither.
        if data.strip() and not self._silent and " / " not in data:
            self.said.append(" ".join(data.split()))

    @property
    def _silent(self) -> bool:
        return any(silent for _, silent in self._open)


def read(look: Look, plain: Plain, served: Served) -> Sentences:
    page = plain.go(look.filled(served))
    assert page.status == 200, page.path
    return Sentences(page.text)


@pytest.mark.parametrize("who", sorted({look.who for look in EVERY if look.who}), ids=str)
def test_a_page_is_in_one_language_and_in_the_words_of_the_office(served: Served, who: str) -> None:
    with somebody(served, who, "sv") as sv, somebody(served, who, "en") as en:
        for look in (look for look in EVERY if look.who == who):
            swedish, english = read(look, sv, served), read(look, en, served)
            assert (swedish.language, english.language) == ("sv", "en")
            assert [words for words in swedish.said if ENGLISH.search(words)] == [], look.path
            assert [words for words in english.said if SWEDISH.search(words)] == [], look.path
            assert [words for words in (*swedish.said, *english.said) if INSIDE.search(words)] == [], look.path


@pytest.mark.parametrize("who", sorted({look.who for look in EVERY if look.who}), ids=str)
def test_a_page_is_light_and_asks_the_database_a_few_times(served: Served, who: str) -> None:
    with somebody(served, who) as plain:
        cost: dict[str, tuple[int, int]] = {}
        for look in (look for look in EVERY if look.who == who):
            plain.go(look.filled(served))  # whatever is kept in memory is there from now on
            with statements(served) as asked:
                weight = len(plain.go(plain.path).text.encode())
            cost[look.path] = (len(asked), MORE.get(look.route, MOST))
            assert weight < HEAVIEST, look.path
    assert {path: both for path, both in cost.items() if both[0] > both[1]} == {}


@on_both_databases
def test_a_page_asks_no_more_when_there_are_more_cases(served: Served) -> None:
    looks = [look for look in EVERY if look.route in MAIN]
    for n in range(8):
        more_cases(served, f"Nils{n}")  # so that a page shows some whose linked cases it does not show
    before = cost_of(served, looks)
    for n in range(8, 16):
        more_cases(served, f"Nils{n}")
    after = cost_of(served, looks)
    assert {path: (before[path], asked) for path, asked in after.items() if asked > before[path]} == {}


def cost_of(served: Served, looks: list[Look]) -> dict[str, int]:
    """How often the database is asked for each page, by address."""
    found = {}
    for look in looks:
        with somebody(served, look.who or "") as plain:
            plain.go(look.filled(served))
            with statements(served) as asked:
                plain.go(look.filled(served))
            found[look.path] = len(asked)
    return found


def more_cases(served: Served, name: str) -> None:
    """A review, an exchange and a nomination more, and a comment on what there was."""
    review = {"course": "Statistik A", "requirements": [{"name": "Matematik 3c"}]}
    stay = {"stay_from": "2027-08-23", "stay_to": "2028-01-16", "level": "bachelor"}
    exchange = {**stay, "academic_year": "2027/28", "semesters": 1, "call_closes_on": "2027-02-01"}
    agreement = {"agreement": served.office.cases["in force"]}
    for who, workflow, facts, links in (
        ("admissions", "eligibility_review", review, {}),
        ("coordinator", "outgoing_exchange", exchange, agreement),
        ("coordinator", "incoming_nomination", stay, agreement),
    ):
        body = {"workflow": workflow, "unit": "STAT", "subject": student(name), "facts": facts, "links": links}
        answer = served.ask(who, "POST", "/cases", body)
        assert answer.status_code == 201, answer.text
    answer = served.ask(
        "coordinator", "POST", f"/cases/{served.office.cases['nominated out']}/comments", {"text": name}
    )
    assert answer.status_code in {200, 201}, answer.text


def test_what_all_pages_share_is_light_too_and_fetched_once(served: Served) -> None:
    with somebody(served, "reviewer") as plain:
        shared = re.findall(r'(?:href|src)="(/static/[^"]+)"', plain.go("/tasks").text)
        answers = [plain.client.get(path) for path in shared]
    assert all("immutable" in answer.headers["cache-control"] for answer in answers)
    assert sum(len(answer.content) for answer in answers) < HEAVIEST
    assert {path.rpartition("/")[2] for path in shared} <= {file.name for file in (HERE / "static").rglob("*")}
