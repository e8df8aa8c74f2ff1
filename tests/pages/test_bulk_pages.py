"""A step for many cases: tried before it is taken, each case alone in its failure, nothing ever done twice."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from playwright.sync_api import expect

from engine.reasons import Wanted
from tests.journeys.office import student
from tests.pages.browsing import Opening, axe, no_sideways_scroll
from tests.pages.guidance import HEAVIEST, MOST_STATEMENTS, statements
from tests.pages.plain import Plain
from tests.pages.reading import somebody
from tests.pages.serving import Served, on_both_databases

REQUESTED = "workflow=eligibility_review&state=requested"
UNDER_REVIEW = "workflow=eligibility_review&state=under_review"
LIST = f"/cases?{REQUESTED}"
FAILED = {"f.failed_requirement": "Matematik 3c", "reason": "Kurs saknas."}
HOSTILE = "<script>alert(1)</script>\u202e'; DROP TABLE event; --"


def requested(served: Served) -> list[str]:
    """The ids of the reviews that wait to be taken."""
    found = served.ask("reviewer", "GET", f"/cases?{REQUESTED}&limit=50").json()["items"]
    return [case["id"] for case in found]


def case(served: Served, id_: str, who: str = "officer") -> dict[str, object]:
    found: dict[str, object] = served.ask(who, "GET", f"/cases/{id_}").json()
    return found


def ticks(served: Served, ids: Iterable[str]) -> list[str]:
    """The cases as the boxes of a list send them."""
    return [f"{id_}:{case(served, id_)['version']}" for id_ in ids]


def triggers(served: Served, id_: str) -> list[str | None]:
    """The steps a case has taken, in order."""
    return [event.body["trigger"] for event in served.house.history.events("umu.se", id_)]


def take(served: Served, id_: str, who: str = "stat.second") -> None:
    """Somebody else takes a review meanwhile."""
    version = case(served, id_)["version"]
    done = served.ask(who, "POST", f"/cases/{id_}/transitions", {"trigger": "take"}, If_Match=f'"{version}"')
    assert done.status_code == 200, done.text


def begin(page: Plain, served: Served, ids: Iterable[str], trigger: str, path: str = LIST) -> Plain:
    """Tick cases on a list, and go on with a step."""
    return page.go(path).press("Gå vidare", case=ticks(served, ids), trigger=trigger)


# Trying.


def test_what_asks_for_nothing_is_tried_at_once_and_changes_nothing(served: Served) -> None:
    ids = requested(served)
    with somebody(served, "reviewer") as page:
        begin(page, served, ids, "take")
        assert page.status == 200
        assert "Ta ärendet kan göras för alla 2." in page.words
        assert "Varje ärende går till ”Under granskning”." in page.words
        assert [triggers(served, id_)[-1] for id_ in ids] == [None, None]


def test_those_that_cannot_are_told_with_their_reasons(served: Served) -> None:
    ids = requested(served)
    with somebody(served, "reviewer") as page:
        page.go(LIST)
        sent = ticks(served, ids)
        take(served, ids[0])
        page.press("Gå vidare", case=sent, trigger="take")
        assert "Ta ärendet kan göras för 1, men inte för 1." in page.words
        hindered = page.text.partition('id="cannot-title"')[2].partition("</section>")[0]
        assert str(case(served, ids[0])["number"]) in hindered
        assert str(case(served, ids[1])["number"]) not in hindered
        assert "Ärendet har ändrats" in hindered


def test_the_same_page_speaks_english(served: Served) -> None:
    with somebody(served, "reviewer", "en") as page:
        page.go(LIST).press("Continue", case=ticks(served, requested(served)), trigger="take")
        assert "Take can be done for all 2." in page.words
        page.press("Confirm for 2")
        assert "Done for all 2." in page.words


# Doing.


@on_both_databases
def test_each_case_takes_its_own_step(served: Served) -> None:
    ids = requested(served)
    with somebody(served, "reviewer") as page:
        begin(page, served, ids, "take").press("Bekräfta för 2")
        assert page.status == 200
        assert "Klart för alla 2." in page.words
        assert ", Nils" in page.words
        for id_ in ids:
            assert triggers(served, id_) == [None, "take"]
            assert case(served, id_)["assignee"] == served.person("reviewer")
            assert f'href="/cases/{case(served, id_)["number"]}"' in page.text


@on_both_databases
def test_what_has_changed_since_it_was_tried_is_left_alone_and_told(served: Served) -> None:
    ids = requested(served)
    with somebody(served, "reviewer") as page:
        begin(page, served, ids, "take")
        take(served, ids[1])
        page.press("Bekräfta för 2")
        assert "Klart för 1, men inte för 1." in page.words
        assert case(served, ids[0])["assignee"] == served.person("reviewer")
        assert case(served, ids[1])["assignee"] == served.person("stat.second")


@on_both_databases
def test_a_reload_or_a_double_click_does_nothing_twice(served: Served) -> None:
    ids = requested(served)
    with somebody(served, "reviewer") as page:
        begin(page, served, ids, "take")
        form = page.page.form(button="Bekräfta för 2")
        for _ in range(3):
            page.send("/bulk", form.sent("Bekräfta för 2"))
            assert "Klart för alla 2." in page.words
        assert [triggers(served, id_) for id_ in ids] == [[None, "take"]] * 2


def test_only_what_was_shown_is_done(served: Served) -> None:
    ids = requested(served)
    with somebody(served, "reviewer") as page:
        begin(page, served, ids[:1], "take")
        form = page.page.form(button="Bekräfta för 1")
        page.send("/bulk", [*form.sent("Bekräfta för 1"), ("all", "1")])
        assert triggers(served, ids[1]) == [None]


def test_all_that_match_can_be_meant(served: Served) -> None:
    with somebody(served, "reviewer") as page:
        page.go(LIST).press("Gå vidare", all="1", trigger="take")
        assert "kan göras för alla 2" in page.words
        page.press("Bekräfta för 2")
        assert requested(served) == []


def test_coming_back_after_it_was_done_begins_anew(served: Served) -> None:
    ids = requested(served)
    with somebody(served, "reviewer") as page:
        page.go(LIST)
        sent = page.page.form(button="Gå vidare").sent("Gå vidare", case=ticks(served, ids[:1]), trigger="take")
        page.send("/bulk", sent).press("Bekräfta för 1")
        other = [pair for pair in sent if pair[0] != "case"] + [("case", each) for each in ticks(served, ids[1:])]
        page.send("/bulk", other).press("Bekräfta för 1")
        assert "Klart för ärendet." in page.words
        assert triggers(served, ids[1]) == [None, "take"]


# What is asked.


def test_the_form_is_filled_in_once_for_all(served: Served) -> None:
    ids = requested(served)
    with somebody(served, "reviewer") as page:
        begin(page, served, ids, "take").press("Bekräfta för 2")
        begin(page, served, ids, "propose_ineligible", f"/cases?{UNDER_REVIEW}")
        assert "Samma svar för alla" in page.words
        page.press("Granska", **FAILED)
        assert "Dina svar, lika för alla" in page.words
        assert "Kurs saknas." in page.words
        page.press("Jag är inte jävig i något av dem och bekräftar för 2")
        assert "Klart för alla 2." in page.words
        for id_ in ids:
            last = served.house.history.events("umu.se", id_)[-1]
            assert last.told is not None
            assert last.told["reason"] == "Kurs saknas."
            assert last.told["fields"]["no_conflict_of_interest"] is True


def test_what_is_missing_is_said_and_what_was_typed_is_kept(served: Served) -> None:
    case = served.office.cases["under review"]
    with somebody(served, "reviewer") as page:
        begin(page, served, [case], "propose_ineligible", f"/cases?{UNDER_REVIEW}")
        page.press("Granska", **{"f.failed_requirement": HOSTILE, "reason": ""})
        assert page.status == 422
        assert 'role="alert"' in page.text
        assert "skriv varför." in page.words
        form = page.page.form(button="Granska")
        assert form.values["f.failed_requirement"] == [HOSTILE]
        assert form.values["case"] == ticks(served, [case])
        assert "<script>alert" not in page.text


def test_a_text_that_is_too_long_is_refused_with_a_word(served: Served) -> None:
    with somebody(served, "reviewer") as page:
        begin(page, served, requested(served), "take").press("Ändra")
        page.press("Granska", comment="x" * 4001)
        assert page.status == 422
        assert "högst 4000 tecken" in page.words


def test_a_kept_reason_is_inserted(served: Served) -> None:
    with somebody(served, "reviewer") as page:
        page.go("/reasons/new")
        wanted = {"name": "Matematik", "text_sv": "Matematik 3c saknas.", "text_en": "No Mathematics 3c."}
        organisation = served.house.directory.organisation("umu.se")
        kept = served.house.reasons.add(organisation, served.person("reviewer"), Wanted(**wanted, unit=None))
        case = served.office.cases["under review"]
        begin(page, served, [case], "propose_ineligible", f"/cases?{UNDER_REVIEW}")
        page.press("Infoga", bank=f"{kept}:sv", reason="Se betyg.")
        form = page.page.form(button="Granska")
        assert form.values["reason"] == ["Se betyg.\n\nMatematik 3c saknas."]
        assert form.values["case"] == ticks(served, [case])


def test_changing_ones_mind_keeps_cases_and_answers(served: Served) -> None:
    case = served.office.cases["under review"]
    with somebody(served, "reviewer") as page:
        begin(page, served, [case], "propose_ineligible", f"/cases?{UNDER_REVIEW}").press("Granska", **FAILED)
        page.press("Ändra")
        form = page.page.form(button="Granska")
        assert (form.values["reason"], form.values["case"]) == (["Kurs saknas."], ticks(served, [case]))


def test_the_requirements_the_cases_know_stand_ready_to_be_assessed(served: Served) -> None:
    case = served.office.cases["under review"]
    with somebody(served, "reviewer") as page:
        begin(page, served, [case], "record_assessment", f"/cases?{UNDER_REVIEW}")
        assert page.page.form(button="Granska").values["f.assessed.0.name"] == ["Matematik 3c"]
        page.press("Granska", **{"f.assessed.0.assessment": "met", "f.transcript_seen": "true"})
        page.press("Bekräfta för 1")
        assert triggers(served, case)[-1] == "record_assessment"


def test_what_is_entered_for_a_student_needs_its_evidence(served: Served) -> None:
    number = served.office.cases["nominated in"]
    version = case(served, number)["version"]
    accept = {"trigger": "accept_nomination"}
    served.ask("coordinator", "POST", f"/cases/{number}/transitions", accept, If_Match=f'"{version}"')
    asked = {"f.courses.0.course": "Statistik B", "f.courses.0.ects": "15"}
    with somebody(served, "coordinator") as page:
        page.go("/bulk?workflow=incoming_nomination&state=accepted&trigger=submit_application")
        page.press("Granska", case=ticks(served, [number]), **asked)
        assert page.status == 422
        assert "Underlag" in page.words
        page.press("Granska", case=ticks(served, [number]), evidence="mejl 2027-01-11", **asked)
        page.press("Bekräfta för 1")
        last = served.house.history.events("umu.se", number)[-1]
        assert (last.body["trigger"], last.body["on_behalf_of"]) == ("submit_application", "student")


# Choosing.


def test_the_page_of_the_overview_lists_what_can_be_chosen(served: Served) -> None:
    with somebody(served, "reviewer") as page:
        page.go(f"/bulk?{REQUESTED}&trigger=take")
        assert page.status == 200
        assert "<title>Ta ärendet: välj ärenden (2)" in page.text
        assert "case" not in page.page.form(button="Granska").values
        page.press("Granska", all="1")
        assert "kan göras för alla 2" in page.words


def test_choosing_none_says_so(served: Served) -> None:
    with somebody(served, "reviewer") as page:
        for way in (f"/bulk?{REQUESTED}&trigger=take", LIST):
            page.go(way).press("Granska" if "bulk" in way else "Gå vidare")
            assert page.status == 422
            assert "Välj minst ett ärende." in page.words


def test_too_many_are_refused_with_how_to_narrow(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.bulk.MOST", 1)
    with somebody(served, "reviewer") as page:
        for chosen in ({"all": "1"}, {"case": ticks(served, requested(served))}):
            page.go(LIST).press("Gå vidare", trigger="take", **chosen)
            assert page.status == 422
            assert "högst 1 ärenden åt gången" in page.words
            assert "välj en enhet" in page.words
            assert 'href="/cases?workflow=eligibility_review&amp;state=requested"' in page.text


# What must not be.


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (f"{REQUESTED}&trigger=nothing", 404),
        (f"{REQUESTED}&trigger=lapse", 403),
        (f"{REQUESTED}&trigger=record_decision", 403),
        (f"workflow=agreement&{REQUESTED}&trigger=take", 422),
        ("trigger=take", 422),
        (REQUESTED, 422),
    ],
)
def test_a_step_that_is_none_or_not_ones_own_is_refused(served: Served, query: str, status: int) -> None:
    with somebody(served, "reviewer") as page:
        assert page.go(f"/bulk?{query}").status == status


def test_the_auditor_changes_nothing(served: Served) -> None:
    with somebody(served, "auditor") as page:
        assert page.go(f"/bulk?{REQUESTED}&trigger=take").status == 403
        key = page.go("/account").page.form(button="Logga ut").values["csrf"][0]
        sent = [("csrf", key), ("key", "k"), ("trigger", "take"), ("query", REQUESTED), ("all", "1"), ("do", "confirm")]
        sent += [("case", each) for each in ticks(served, requested(served))]
        assert page.send("/bulk", sent).status == 403
        assert len(requested(served)) == 2


def test_a_case_of_another_department_tells_nothing_of_itself(served: Served) -> None:
    own, facts = requested(served)[0], {"course": "Hemlig kurs"}
    opened = {"workflow": "eligibility_review", "unit": "HIST", "facts": facts, "subject": student("Sven")}
    hidden = served.ask("admissions", "POST", "/cases", opened).json()["case"]
    with somebody(served, "reviewer") as page:
        page.go(LIST)
        sent = [*ticks(served, [own]), f"{hidden['id']}:1", "nonsense", f"{own}:x" * 3]
        page.press("Gå vidare", case=sent, trigger="take")
        assert page.status == 200
        assert "inte är ditt" in page.words
        assert "Hemlig kurs" not in page.text
        assert hidden["number"] not in page.text


def test_a_form_of_somebody_else_is_refused(served: Served) -> None:
    with somebody(served, "reviewer") as page:
        sent = [("csrf", "x"), ("key", "k"), ("trigger", "take"), ("query", REQUESTED), ("all", "1")]
        assert page.send("/bulk", sent).status == 403


def test_the_way_back_never_leads_elsewhere(served: Served) -> None:
    with somebody(served, "reviewer") as page:
        page.go(f"/bulk?{REQUESTED}&trigger=take&back=https://elsewhere.example/")
        assert page.page.form(button="Granska").values["back"] == [f"/cases?{REQUESTED}"]
        assert 'href="https://elsewhere' not in page.text


# For everybody.


def test_the_form_costs_few_statements_and_little_room(served: Served) -> None:
    with somebody(served, "reviewer") as page, statements(served) as asked:
        page.go(f"/bulk?{REQUESTED}&trigger=take")
        # Only a trial office asks the database what time it is.
        said = [each for each in asked if "test_clock" not in each]
        assert len(said) <= MOST_STATEMENTS, "\n\n".join(said)
        assert len(page.text.encode()) < HEAVIEST


@pytest.mark.parametrize(("language", "dark"), [("sv", False), ("en", True)])
def test_every_page_of_it_is_for_everybody(page_as: Opening, served: Served, language: str, dark: bool) -> None:
    words = {"sv": ("Granska", "Jag är inte jävig"), "en": ("Review", "I have no conflict")}[language]
    page = page_as("reviewer", language=language, dark=dark)
    page.goto(f"/bulk?{UNDER_REVIEW}&trigger=propose_ineligible")

    def sound() -> None:
        page.set_viewport_size({"width": 1280, "height": 900})
        assert axe(page) == []
        page.set_viewport_size({"width": 320, "height": 900})
        no_sideways_scroll(page)

    def press(name: str) -> None:
        with page.expect_navigation():
            page.get_by_role("button", name=name).click()
        sound()

    sound()
    page.locator("input[name=case]").first.check()
    press(words[0])
    page.locator("[name='f.failed_requirement']").fill("Matematik 3c")
    page.locator("[name=reason]").fill("Kurs saknas.")
    press(words[0])
    press(words[1])
    expect(page.locator("[role=status]")).to_have_count(1)
