"""Histories and values in words: every step of the house has its deed, every value its words, in both languages."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.calendar import Calendar
from engine.canonical import micros
from engine.catalogue import Catalogue
from engine.diagram import svg
from engine.model import DeadlineRow, Status
from engine.naming import Named
from engine.organisation import UnitRow
from engine.store.event_rows import Written
from engine.vocabulary import Held, Identifier, Level, Signer, Text
from service.pages.codes import CODES, code_words, title_words
from service.pages.deeds import DEEDS, deed
from service.pages.saying import Language, Speech
from service.pages.sentences import about_deadline, sentence
from service.pages.timeline import Entry, fold_history, stretches
from service.pages.values import Reader, Shown, declared_in, ids_in

KARIN = "01900000-0000-7000-8000-000000000001"
CASE = "01900000-0000-7000-8000-000000000002"
GONE = "01900000-0000-7000-8000-000000000003"
UNKNOWN = "01900000-0000-7000-8000-000000000004"
NAMES = {KARIN: Named("person", "Karin Påhittad"), CASE: Named("case", "OUT-2027-0001"), GONE: Named("person", None)}
UNITS = {"STAT": UnitRow("STAT", "Statistik", "Statistics", None, None, {})}
NOW = micros(datetime(2027, 1, 11, 9, tzinfo=UTC))


def reader(language: Language = "sv") -> Reader:
    return Reader(Speech(language, NOW, Calendar()), NAMES, UNITS)


def event(processes: Catalogue, told: dict[str, Any] | None = None, **body: Any) -> Written:
    """An event of a review; `body` over what every event has."""
    whole = {
        "kind": "moved", "trigger": "find_eligible", "from": "under_review", "to": "eligible", "party": KARIN,
        "role": "reviewer", "on_behalf_of": None, "at": NOW, "cause": None, "detail": "x" if told else None,
        "definition": processes.current("eligibility_review").hash, **body,
    }  # fmt: skip
    detail = json.dumps(told).encode() if told else None
    return Written(CASE, whole.pop("sequence", 1), {}, b"", whole, "", "", detail, b"")


def said(processes: Catalogue, language: Language = "sv", told: dict[str, Any] | None = None, **body: Any) -> str:
    return sentence(event(processes, told, **body), processes.current("eligibility_review"), reader(language))


def test_every_step_of_the_house_has_its_deed(processes: Catalogue) -> None:
    labels = {step.label.sv for name in processes.names for step in processes.current(name).workflow.transitions}
    assert labels - set(DEEDS) == set()
    assert set(DEEDS) - labels == set()


def test_a_step_of_one_s_own_is_told_by_its_label() -> None:
    assert deed(Text("Dansa", "Dance")) == Text("tog steget ”Dansa”", "took the step “Dance”")


@pytest.mark.parametrize(
    ("body", "sv", "en"),
    [
        ({}, "Karin Påhittad bedömde behörig", "Karin Påhittad found the applicant eligible"),
        ({"kind": "opened", "trigger": None}, "Karin Påhittad öppnade ärendet", "Karin Påhittad opened the case"),
        (
            {"kind": "opened", "trigger": None, "party": "import"},
            "Ärendet lästes in från en fil",
            "The case was read in from a file",
        ),
        (
            {"kind": "opened", "trigger": None, "cause": [CASE, 3]},
            "Ärendet öppnades av ett steg i ett annat ärende",
            "A step in another case opened this one",
        ),
        ({"kind": "commented"}, "Karin Påhittad skrev en kommentar", "Karin Påhittad wrote a comment"),
        ({"kind": "assigned", "asked": KARIN}, "Karin Påhittad tog ärendet", "Karin Påhittad took the case"),
        (
            {"kind": "assigned", "asked": None},
            "Karin Påhittad lämnade tillbaka ärendet",
            "Karin Påhittad released the case",
        ),
        (
            {"kind": "assigned", "asked": GONE},
            "Karin Påhittad gav ärendet till raderad person",
            "Karin Påhittad assigned the case to erased person",
        ),
        (
            {"kind": "linked", "linked": [["agreement", CASE]]},
            "Karin Påhittad kopplade ärendet till OUT-2027-0001",
            "Karin Påhittad linked the case to OUT-2027-0001",
        ),
        (
            {"kind": "place_taken", "places": [{"taken": {"case": CASE}}]},
            "OUT-2027-0001 tog en plats",
            "OUT-2027-0001 took a place",
        ),
        (
            {"kind": "place_freed", "places": [{"freed": {"case": CASE}}]},
            "OUT-2027-0001 lämnade en plats",
            "OUT-2027-0001 gave up a place",
        ),
        (
            {"trigger": "reselect", "on_behalf_of": "student"},
            "Karin Påhittad registrerade omvalet, å studentens vägnar",
            "Karin Påhittad recorded the new choice, on behalf of the student",
        ),
        (
            {"kind": "deadline_changed", "party": "clock"},
            "Fristerna räknades om efter en ändring i kalendern",
            "The deadlines were worked out anew: the calendar changed",
        ),
        (
            {"kind": "erased"},
            "Karin Påhittad raderade ärendets uppgifter",
            "Karin Påhittad erased the details of the case",
        ),
    ],
)
def test_what_happened_is_one_sentence(processes: Catalogue, body: dict[str, Any], sv: str, en: str) -> None:
    assert (said(processes, "sv", **body), said(processes, "en", **body)) == (sv, en)


@pytest.mark.parametrize(
    ("rung", "status", "words"),
    [
        ("remind", "running", "Klockan påminde den som har ärendet: Svar till antagningen"),
        ("escalate_to_head", "missed", "Klockan eskalerade till prefekten: Svar till antagningen är försenat"),
        ("escalate_to_head", "running", "Klockan sade till prefekten: Svar till antagningen"),
        ("hand_over", "missed", "Klockan lämnade över ärendet till Karin Påhittad: Svar till antagningen är försenat"),
        ("missed", "missed", "Sista dagen gick: Svar till antagningen"),
    ],
)
def test_what_the_clock_did_names_whom_and_why(processes: Catalogue, rung: str, status: str, words: str) -> None:
    body: dict[str, Any] = {
        "rung": {"deadline": "answer", "rung": rung},
        "deadlines": [{"name": "answer", "status": status}],
    }
    assert said(processes, kind="rung_fired", party="clock", assignee=KARIN, **body) == words


def test_a_correction_names_what_was_put_right(processes: Catalogue) -> None:
    told = {"changes": {"course": "B", "term": "HT", "round": "R", "answer_by": None}}
    words = said(processes, told=told, kind="corrected", trigger=None)
    assert words == "Karin Påhittad rättade Kurs, Termin, Antagningsomgång med mera"


def test_a_history_is_folded_into_before_and_after(processes: Catalogue) -> None:
    first = event(processes, {"changes": {"course": "A", "term": None}}, kind="opened", sequence=1)
    second = event(processes, {"changes": {"course": "B"}}, kind="corrected", sequence=2)
    folded = fold_history([first, second], processes)
    assert [[(c.name, c.before, c.after) for c in each.changes] for each in folded.told] == [
        [("course", None, "A")], [("course", "A", "B")],
    ]  # fmt: skip
    assert folded.last["course"].sequence == 2


def test_of_a_list_only_what_came_and_went_is_told(processes: Catalogue) -> None:
    first = event(processes, {"changes": {"requirements": ["A", "B"]}}, kind="opened", sequence=1)
    second = event(processes, {"changes": {"requirements": ["B", "C"]}}, kind="corrected", sequence=2)
    (change,) = fold_history([first, second], processes).told[1].changes
    assert (change.before, change.after) == (["A"], ["C"])


def test_a_detail_that_is_gone_is_known_to_be_erased(processes: Catalogue) -> None:
    (told,) = fold_history([event(processes, detail="commitment")], processes).told
    assert told.erased
    assert told.is_about("facts")


def test_what_the_system_did_in_a_row_stands_together() -> None:
    entries = [Entry(n, "", NOW, system, erased=False) for n, system in ((5, True), (4, True), (3, False), (2, True))]
    assert [[each.sequence for each in stretch.entries] for stretch in stretches(entries)] == [[5, 4], [3], [2]]


def row(status: Status, **more: Any) -> DeadlineRow:
    return DeadlineRow("answer", 1, status, NOW, **{"due_on": date(2027, 1, 14), **more})


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (None, row(Status.RUNNING), "började, sista dag tors 14 januari"),
        (None, row(Status.RUNNING, due_on=None), "började"),
        (row(Status.RUNNING), row(Status.MET, ended_at=NOW), "klart"),
        (row(Status.RUNNING), row(Status.STOPPED, ended_at=NOW), "upphörde"),
        (row(Status.RUNNING), row(Status.PAUSED, ledger=((NOW, None),), due_on=None), "vilar"),
        (row(Status.PAUSED, ledger=((NOW, None),)), row(Status.RUNNING), "löper igen, sista dag tors 14 januari"),
        (row(Status.RUNNING), row(Status.RUNNING, due_on=date(2027, 1, 15)), "ny sista dag fre 15 januari"),
        (row(Status.RUNNING), row(Status.MISSED), "försenat"),
        (row(Status.RUNNING), row(Status.RUNNING), "löper vidare"),
    ],
)
def test_what_became_of_a_deadline_is_told(
    processes: Catalogue, before: DeadlineRow | None, after: DeadlineRow, words: str
) -> None:
    told = about_deadline(before, after, processes.current("eligibility_review"), reader().speech)
    assert told == f"Svar till antagningen: {words}"


# Values.


@pytest.mark.parametrize(
    ("value", "declared", "sv"),
    [
        (None, str, "inget"),
        (True, bool, "ja"),
        (False, bool | None, "nej"),
        ("2027-05-04", date | None, "4 maj 2027"),
        ("no day", date, "no day"),
        ("bachelor", Level, "Grundnivå"),
        ("unheard_of", Level, "unheard of"),
        (12000, int, "12\N{NO-BREAK SPACE}000"),
        (2027, int, "2027"),
        ("7.5", str, "7.5"),
        (KARIN, Identifier, "Karin Påhittad"),
        (GONE, Identifier, "raderad person"),
        (UNKNOWN, Identifier, "finns inte längre"),
    ],
)
def test_a_value_is_read_by_its_type(value: object, declared: Any, sv: str) -> None:
    assert reader().read(value, declared) == Shown(sv)


def test_a_case_leads_to_its_page_and_a_unit_has_its_name() -> None:
    assert reader().read(CASE, Identifier) == Shown("OUT-2027-0001", "/cases/OUT-2027-0001")
    assert reader("en").read("STAT", str, "unit") == Shown("Statistics")


def test_a_text_that_looks_like_an_id_is_a_text(processes: Catalogue) -> None:
    review = processes.current("eligibility_review").workflow.facts
    assert reader().read(KARIN, declared_in(review, "course"), "course") == Shown(KARIN)
    assert reader().read([{"name": KARIN}], declared_in(review, "requirements")).items[0].parts[0][1] == Shown(KARIN)
    assert reader().read(KARIN, declared_in(review, "of another version")) == Shown(KARIN)


def test_an_id_is_known_by_its_declaration_whether_it_must_be_given_or_not(processes: Catalogue) -> None:
    agreement = processes.current("agreement")
    handed = agreement.by_trigger["hand_over_cases"][0].form
    for model, name in ((agreement.workflow.facts, "partner"), (handed, "successor"), (Held, "case")):
        assert reader().read(CASE, declared_in(model, name), name).href == "/cases/OUT-2027-0001", name


def test_a_list_is_a_list_and_parts_have_their_titles(processes: Catalogue) -> None:
    assert reader().read(["student", "sending"], tuple[Signer, ...]).items == (
        Shown("Studenten"), Shown("Hemuniversitetet"),
    )  # fmt: skip
    fields = processes.current("eligibility_review").workflow.facts.model_fields
    shown = reader("en").read([{"name": "Maths", "reason": None}], fields["requirements"].annotation)
    assert shown.items == (Shown(parts=(("Requirement", Shown("Maths")),)),)


def test_ids_are_found_however_deep() -> None:
    assert set(ids_in({"a": [{"b": CASE}, "x"], "c": KARIN})) == {CASE, KARIN}


def test_every_closed_set_of_the_processes_has_words(processes: Catalogue) -> None:
    for name in processes.names:
        schema = processes.current(name).workflow.facts.model_json_schema()
        for kind, part in schema.get("$defs", {}).items():
            codes = [code for code in part.get("enum", ()) if not code.isupper() and not code[:1].isupper()]
            assert {code for code in codes if code not in CODES.get(kind, {})} == set(), kind


def test_a_code_and_a_title_without_words_are_shown_as_written() -> None:
    assert code_words("Nothing", "by_hand") == Text("by hand", "by hand")
    assert title_words("second_try", None) == Text("Second try", "Second try")
    assert title_words("x", "Kurs / Course") == Text("Kurs", "Course")


# The drawing.


def test_a_drawing_without_style_says_what_is_possible_by_its_strokes(processes: Catalogue) -> None:
    review = processes.current("eligibility_review")
    plain = svg(review, "sv", "requested", (), styled=False)
    drawn = svg(review, "sv", "requested", (), possible={"under_review"}, styled=False)
    assert "<style" not in plain
    assert "style=" not in plain
    assert "stroke possible" not in plain
    assert 'class="stroke possible"' in drawn
    assert 'stroke-width="3.5"' in drawn


def test_a_restore_says_from_when_and_what_may_have_gone_out_already(processes: Catalogue) -> None:
    put_back: dict[str, Any] = {"kind": "restored", "trigger": None, "party": "import", "role": None, "backup_at": NOW}
    rung = {"deadline": "answer", "since": 1, "rung": "remind", "due_at": NOW}
    label = processes.current("eligibility_review").deadlines["answer"].label
    assert said(processes, **put_back) == "Ärendet återställdes från säkerhetskopian 11 januari 2027 kl. 10.00"
    assert said(processes, "en", **put_back, passed_by=[rung]) == (
        "The case was put back from the backup of 11 January 2027 at 10:00; these reminders may have gone out already "
        f"and are not sent again: {label.en} (11 January 2027 at 10:00)"
    )
