"""What an auditor finds in the folder of a mobility that was lived through: all, or what life left out."""

from __future__ import annotations

from engine.auditing import Sight
from engine.dossiers.making import Dossiers
from engine.dossiers.values import Dossier, Standing, Why
from engine.model import Erase, ErasureReason, Request
from engine.scope import scope_of
from service import dossier_files, dossier_words
from tests.journeys import agreements, exchanges
from tests.journeys.office import HIST, STAT, Office


def folder(office: Office, case: str, reader: str | None = None) -> Dossier:
    """The audit folder of a case, as the installation makes it or as somebody may see it."""
    organisation = office.house.directory.organisation("umu.se")
    now = office.house.queries.now()
    scope = scope_of(organisation, office.ids[reader], now) if reader else None
    sight = Sight(scope, scope) if scope else None
    (made,) = Dossiers(office.house.cases, organisation).make([case], sight=sight)
    return made


def standing(made: Dossier, name: str) -> Standing:
    return next(each.standing for each in made.findings if each.paper.name == name)


def home_again(office: Office, case: str) -> None:
    """Home on the last day, the credits recognised, the report filed."""
    office.move("2028-01-17 10:00")
    office.do("stat.coordinator", case, "confirm_return", {"ended_on": "2028-01-16"})
    exchanges.recognised(office, case)
    exchanges.reported(office, case)


def test_the_folder_of_a_stay_that_went_as_it_should_is_complete(office: Office) -> None:
    case = exchanges.abroad(office, agreements.in_force(office))
    home_again(office, case)
    made = folder(office, case)
    assert (made.faults, made.count(Standing.ERASED), made.count(Standing.NOT_YET)) == (0, 0, 0)
    assert {standing(made, name) for name in ("grant", "originals")} == {Standing.ELSEWHERE}
    attendance = next(each for each in made.findings if each.paper.name == "attendance")
    assert attendance.attended_days == attendance.planned_days == 147


def test_who_left_before_the_papers_were_done_leaves_them_missing(desk: Office) -> None:
    case = exchanges.applies(desk, agreements.in_force(desk))
    exchanges.ranked(desk, case)
    exchanges.nominated(desk, case)
    exchanges.accepted_by_host(desk, case)
    desk.move("2027-08-24 10:00")
    left = {"began_on": "2027-08-23", "deviation": "neither"}
    desk.do("officer", case, "depart_with_deviation", left, reason="Visumet kom sent.")
    made = folder(desk, case)
    assert {standing(made, name) for name in ("learning_agreement", "registration", "insurance")} == {Standing.MISSING}
    desk.do("officer", case, "register_late", {"registered_on": "2027-08-25"})
    late = next(each for each in folder(desk, case).findings if each.paper.name == "registration")
    assert (late.standing, set(late.why)) == (Standing.AFTER, {Why.RECORDED, Why.DATED})


def test_criteria_put_in_after_the_ranking_are_found(desk: Office) -> None:
    case = exchanges.applies(desk, agreements.in_force(desk))
    exchanges.ranked(desk, case)
    assert standing(folder(desk, case), "call") is Standing.PRESENT
    version = desk.read(case)["version"]
    body = {"facts": {"credits_required": 30}, "reason": "Fel i utlysningen."}
    answer = desk.ask("officer", "POST", f"/cases/{case}/corrections", body, if_match=f'"{version}"')
    assert answer.status_code == 200, answer.text
    made = folder(desk, case)
    call = next(each for each in made.findings if each.paper.name == "call")
    assert (call.standing, call.why) == (Standing.AFTER, (Why.CHANGED,))
    assert [event.sequence for event in made.corrections] == [version + 1]


def test_all_applications_of_the_call_stand_in_order_and_no_others(office: Office) -> None:
    agreement = agreements.in_force(office)
    anna, bo = (exchanges.applies(office, agreement, name=name) for name in ("Anna", "Bo"))
    exchanges.applies(office, agreement, name="Cia", call_closes_on="2027-03-01")
    exchanges.ranked(office, bo, points=91)
    made = folder(office, anna)
    assert [(each.own, each.ranks["points"]) for each in made.applications] == [(True, None), (False, 91)]
    assert made.applications[1].ranked_at is not None


def test_an_applicant_of_another_department_has_no_number_for_who_may_not_read_it(desk: Office) -> None:
    agreement = agreements.in_force(desk, HIST)
    own = exchanges.applies(desk, agreement, name="Anna")
    exchanges.applies(desk, agreement, home=HIST, name="Bo")
    made = folder(desk, own, "stat.coordinator")
    assert [(each.own, each.number is None) for each in made.applications] == [(True, False), (False, True)]
    assert all(each.number for each in folder(desk, own, "auditor").applications)


def test_a_folder_whose_details_are_erased_says_so_and_goes_on(desk: Office) -> None:
    case = exchanges.abroad(desk, agreements.in_force(desk))
    home_again(desk, case)
    desk.house.cases.step(Request("umu.se", Erase(ErasureReason.RETENTION), "import", case=case))
    made = folder(desk, case)
    assert {standing(made, name) for name in ("ranking", "letter", "insurance", "recognition")} == {Standing.ERASED}
    assert standing(made, "agreement") is Standing.PRESENT
    assert made.faults == 0
    told = dossier_words.tell(desk.house, made, desk.house.directory.organisation("umu.se"), "en")
    page = dossier_files.files_of(told)["index.html"].decode()
    assert "Details erased" in page
    assert "Zeitreihenanalyse" not in page


def test_every_decision_tells_who_when_and_who_was_told(desk: Office) -> None:
    case = exchanges.applies(desk, agreements.in_force(desk))
    exchanges.ranked(desk, case)
    desk.do("stat.coordinator", case, "offer")
    desk.let_things_happen()
    made = folder(desk, case)
    assert [each.event.body["trigger"] for each in made.decisions] == ["check_eligibility", "rank", "offer"]
    told = dossier_words.tell(desk.house, made, desk.house.directory.organisation("umu.se"), "en")
    checked, _, offer = told.decisions
    assert "Declared no conflict of interest" in checked.why
    assert "Anna" in offer.told
    assert "not sent" not in offer.told


def test_the_words_of_a_folder_hang_on_nothing_but_the_case(desk: Office) -> None:
    case = exchanges.applies(desk, agreements.in_force(desk), home=STAT)
    organisation = desk.house.directory.organisation("umu.se")
    first = dossier_files.files_of(dossier_words.tell(desk.house, folder(desk, case), organisation, "sv"))
    desk.move("2027-01-20 10:00")
    again = dossier_files.files_of(dossier_words.tell(desk.house, folder(desk, case), organisation, "sv"))
    assert first == again
