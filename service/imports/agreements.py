"""Reads rows of agreements. One long in force is opened as such, with the file as evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.columns import Parsed
from adapters.values import folded
from engine.model import Case
from engine.vocabulary import Direction, Text
from service.imports.matters import Desk, Matter
from service.imports.report import Stopped
from service.imports.running_out import stopped
from service.imports.source import plain

TACIT_MONTHS = 12
"""By how much an agreement goes on that is said to renew itself: lists never say."""

PROGRAMMES = {
    "bilateral": "bilateral", "bilateralt": "bilateral", "exchange": "bilateral", "utbyte": "bilateral",
    "erasmus": "erasmus", "erasmus+": "erasmus", "erasmus plus": "erasmus", "erasmus+ ka131": "erasmus",
    "ka131": "erasmus", "erasmus+ ka171": "erasmus_international", "ka171": "erasmus_international",
    "erasmus international": "erasmus_international", "erasmus+ international": "erasmus_international",
    "international credit mobility": "erasmus_international", "icm": "erasmus_international",
    "nordplus": "nordplus", "north2north": "north2north", "linnaeus-palme": "linnaeus_palme",
    "linnaeus palme": "linnaeus_palme", "linneus palme": "linnaeus_palme", "civis": "civis", "other": "other",
    "annat": "other",
}  # fmt: skip

LANGUAGES = {
    "arabiska": "ar", "arabic": "ar", "danska": "da", "danish": "da", "tyska": "de", "german": "de", "deutsch": "de",
    "engelska": "en", "english": "en", "spanska": "es", "spanish": "es", "español": "es", "finska": "fi",
    "finnish": "fi", "franska": "fr", "french": "fr", "français": "fr", "isländska": "is", "icelandic": "is",
    "italienska": "it", "italian": "it", "italiano": "it", "japanska": "ja", "japanese": "ja", "kinesiska": "zh",
    "chinese": "zh", "mandarin": "zh", "koreanska": "ko", "korean": "ko", "nederländska": "nl", "dutch": "nl",
    "norska": "no", "norwegian": "no", "polska": "pl", "polish": "pl", "portugisiska": "pt", "portuguese": "pt",
    "svenska": "sv", "swedish": "sv", "tjeckiska": "cs", "czech": "cs", "grekiska": "el", "greek": "el",
    "ungerska": "hu", "hungarian": "hu", "estniska": "et", "estonian": "et", "turkiska": "tr", "turkish": "tr",
}  # fmt: skip
BY_FOLD = {folded(name): code for name, code in LANGUAGES.items()}

SAME_NAME = (
    "reference", "study_plan", "valid_from", "valid_to", "review_by", "registration_number", "nomination_autumn",
    "nomination_spring", "notice_months",
)  # fmt: skip


class AgreementReader:
    """Rows of agreements, known again by the agreement's reference."""

    workflow = "agreement"
    judges = True
    columns_of_facts: Mapping[str, str] = {
        "level": "agreement_level",
        "partner_name": "partner",
        "rows": "outgoing_places",
        "tacit_renewal_months": "tacit_renewal",
        "tacit_notice_by": "notice_on",
    }
    without_place = frozenset(
        {"application_autumn", "application_spring", "contact_name", "contact_email", "notes", "subject_area"}
    )

    def key(self, _desk: Desk, row: Parsed) -> str:
        """The reference, compared folded."""
        return folded(str(row.values["reference"]))

    def already(self, desk: Desk, row: Parsed) -> str | None:
        """The newest agreement of this reference that somebody opened by hand."""
        found = desk.agreements.called(str(row.values["reference"]))
        return found[-1].id if found else None

    def judged(self, desk: Desk, case: Case) -> tuple[Stopped, ...]:
        """Which of the next rounds the agreement stops; one that is over stops none any more."""
        return () if case.closed_at else stopped(case, desk.figures(case.unit), desk.today)

    def matter(self, desk: Desk, row: Parsed) -> Matter:
        """An agreement with its partner, its validity and its places."""
        values, warnings = row.values, list[Text]()
        partner = desk.partner(row)
        if partner is None:
            raise desk.source.unfit(row, "partner", "en partner", "a partner")
        facts: dict[str, Any] = {name: values[name] for name in SAME_NAME if values.get(name) is not None}
        facts |= {"partner": partner.id, "partner_name": partner.name}
        if partner.charter_to is not None:
            facts["charter_valid_to"] = partner.charter_to
        if values.get("agreement_level") is not None:
            facts["level"] = values["agreement_level"]
        if values.get("programme") is not None:
            facts["programme"] = _programme(str(values["programme"]), warnings)
        facts |= _tacit(values, warnings)
        facts["rows"] = tuple(_places(values, warnings))
        if not facts["rows"]:
            warnings.append(
                Text(
                    "avtalet anger inga platser; ingen kan nomineras under det.",
                    "the agreement names no places; nobody can be nominated under it.",
                )
            )
        return Matter(str(values["unit"]), facts, str(values["reference"]), warnings=tuple(warnings))


def _programme(said: str, warnings: list[Text]) -> str:
    """The programme; one that is not known is `other`, with a warning."""
    if found := PROGRAMMES.get(folded(said)):
        return found
    warnings.append(
        Text(
            f"programmet ”{said}” är inte känt och blev other.",
            f"the programme “{said}” is not known and became other.",
        )
    )
    return "other"


def _tacit(values: Mapping[str, Any], warnings: list[Text]) -> dict[str, Any]:
    """What the row says of tacit renewal, and of the last day to stop it."""
    facts: dict[str, Any] = {}
    renews = values.get("tacit_renewal")
    if values.get("notice_on") is not None and renews is not False:
        facts["tacit_notice_by"] = values["notice_on"]
    if renews:
        facts["tacit_renewal_months"] = TACIT_MONTHS
        warnings.append(
            Text(
                f"tyst förlängning antas vara {TACIT_MONTHS} månader.",
                f"tacit renewal is taken to be for {TACIT_MONTHS} months.",
            )
        )
    return facts


def _places(values: Mapping[str, Any], warnings: list[Text]) -> Iterator[dict[str, Any]]:
    """One row of places for each direction the file gives a number for."""
    languages = tuple(_languages(values, warnings))
    for direction in Direction:
        places = values.get(f"{direction}_places")
        if places is None:
            continue
        yield {
            "name": direction.value,
            "direction": direction,
            "places": places,
            "levels": tuple(dict.fromkeys(values.get("levels") or ())),
            "fields": values.get("isced") or (),
            "months": values.get(f"{direction}_months") or values.get("months"),
            "languages": languages if direction is Direction.OUTGOING else (),
        }


def _languages(values: Mapping[str, Any], warnings: list[Text]) -> Iterator[dict[str, Any]]:
    """The languages of instruction at the partner, by their ISO 639 codes."""
    for said in values.get("languages") or ():
        code = BY_FOLD.get(folded(said), folded(said))
        if len(code) in {2, 3} and code.isascii() and code.isalpha():
            yield {"language": code, "proficiency": values.get("language_level")}
        else:
            warnings.append(
                Text(
                    f"språket ”{plain(said)}” är inte känt och utelämnades.",
                    f"the language “{plain(said)}” is not known and was left out.",
                )
            )
