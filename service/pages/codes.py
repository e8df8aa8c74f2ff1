"""The words of codes: what the values of the processes' closed sets are called on a page.

Keyed by the name of the set and its value. A value without words is shown as it is written,
its underscores as spaces, so that a new process file works before its words are here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.vocabulary import Text

CODES: Final[Mapping[str, Mapping[str, Text]]] = {
    "Direction": {"outgoing": Text("Utresande", "Outgoing"), "incoming": Text("Inresande", "Incoming")},
    "Level": {
        "bachelor": Text("Grundnivå", "Bachelor’s level"),
        "master": Text("Avancerad nivå", "Master’s level"),
        "doctoral": Text("Forskarnivå", "Doctoral level"),
    },
    "AgreementLevel": {
        "department": Text("Institution", "Department"),
        "faculty": Text("Fakultet", "Faculty"),
        "university": Text("Universitet", "University"),
        "network": Text("Nätverk", "Network"),
    },
    "Programme": {
        "bilateral": Text("Bilateralt", "Bilateral"),
        "erasmus": Text("Erasmus+", "Erasmus+"),
        "erasmus_international": Text("Erasmus+ utanför Europa", "Erasmus+ beyond Europe"),
        "nordplus": Text("Nordplus", "Nordplus"),
        "north2north": Text("north2north", "north2north"),
        "linnaeus_palme": Text("Linnaeus-Palme", "Linnaeus-Palme"),
        "civis": Text("CIVIS", "CIVIS"),
        "other": Text("Annat", "Other"),
    },
    "StudyPlan": {
        "three_party": Text("Learning Agreement med tre underskrifter", "Learning agreement signed by three"),
        "home_approval": Text("Vårt eget godkännande räcker", "Our own approval is enough"),
    },
    "Risk": {
        "acceptable": Text("Godtagbar", "Acceptable"),
        "acceptable_with_conditions": Text("Godtagbar med villkor", "Acceptable with conditions"),
        "not_acceptable": Text("Inte godtagbar", "Not acceptable"),
    },
    "Signed": {
        "by_hand": Text("För hand", "By hand"),
        "electronically": Text("Elektroniskt", "Electronically"),
        "digital_approval": Text("Ömsesidigt digitalt godkännande", "Mutual digital approval"),
    },
    "Assessment": {
        "met": Text("Uppfyllt", "Met"),
        "equivalent": Text("Motsvarande kunskaper", "Equivalent knowledge"),
        "exempted": Text("Undantag", "Exempted"),
        "not_met": Text("Inte uppfyllt", "Not met"),
    },
    "Outcome": {
        "eligible": Text("Behörig", "Eligible"),
        "conditionally_eligible": Text("Behörig med villkor", "Conditionally eligible"),
        "ineligible": Text("Obehörig", "Not eligible"),
    },
    "Signer": {
        "student": Text("Studenten", "The student"),
        "sending": Text("Hemuniversitetet", "The sending university"),
        "receiving": Text("Värduniversitetet", "The receiving university"),
    },
    "Deviation": {
        "below_minimum": Text("Under det lägsta antalet poäng", "Below the lowest number of credits"),
        "review_unanswered": Text("Granskning obesvarad", "Review unanswered"),
        "unsigned_learning_agreement": Text("Learning Agreement ej undertecknat", "Learning agreement not signed"),
        "other": Text("Annat", "Other"),
    },
    "Requirement": {
        "credits": Text("Högskolepoäng", "ECTS credits"),
        "share_passed": Text("Andel avklarade poäng", "Share of credits passed"),
        "language": Text("Språk", "Language"),
        "level": Text("Nivå", "Level"),
        "other": Text("Annat", "Other"),
    },
    "Closed": {
        "no_place_left": Text("Ingen plats kvar", "No place left"),
        "time_ran_out": Text("Tiden gick ut", "Time ran out"),
        "has_another_place": Text("Har en annan plats", "Has another place"),
        "refused_by_host": Text("Ej antagen av värduniversitetet", "Refused by host"),
    },
    "TravelAdvice": {
        "none": Text("Ingen avrådan", "No advice against"),
        "against_non_essential": Text("Avråds från icke nödvändiga resor", "Advice against non-essential travel"),
        "against_all": Text("Avråds från alla resor", "Advice against all travel"),
    },
    "DeviationCode": {
        "learning_agreement_unsigned": Text("Learning Agreement ej undertecknat", "Learning agreement not signed"),
        "not_registered": Text("Inte registrerad i Ladok", "Not registered in Ladok"),
        "neither": Text("Varken undertecknat eller registrerad", "Neither signed nor registered"),
    },
    "Result": {
        "granted": Text("Beviljas", "Granted"),
        "partly": Text("Beviljas delvis", "Granted in part"),
        "refused": Text("Avslås", "Refused"),
    },
}

TITLES: Final[Mapping[str, Text]] = {
    "case": Text("Ärende", "Case"),
    "row": Text("Rad", "Row"),
    "academic_year": Text("Läsår", "Academic year"),
    "semesters": Text("Terminer", "Semesters"),
}
"""What parts of values are called that no process file titles."""


def code_words(kind: str, value: str) -> Text:
    """The words of a value of a closed set, by the set's name."""
    plain = value.replace("_", " ")
    return CODES.get(kind, {}).get(value, Text(plain, plain))


def title_words(name: str, title: str | None) -> Text:
    """A field's title ("svenska / English") in both languages; a field without one by its name."""
    if not title:
        plain = name.replace("_", " ").capitalize()
        return TITLES.get(name, Text(plain, plain))
    sv, slash, en = title.partition(" / ")
    return Text(sv, en if slash else sv)
