"""What a kind of list is, and the columns that several lists have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.columns import NO_DEMANDS, Column, Demands, Match, Outcome, also, match, read_rows
from adapters.tables_model import Table
from adapters.values import text
from adapters.values_codes import erasmus_code, partner, pic
from engine.vocabulary import Text

code = text(longest=60)
"""The code of a unit, or of another thing an office numbers."""


@dataclass(frozen=True, slots=True)
class ImportKind:
    """A kind of list: its name on the command line, its title, its columns and what holds between them."""

    name: str
    title: Text
    columns: tuple[Column, ...]
    demands: Demands = NO_DEMANDS

    def match(self, table: Table) -> Match:
        """Say under which headers the columns stand, and which headers nobody asks for."""
        return match(table, self.columns, self.demands)

    def read(self, table: Table) -> Iterator[Outcome]:
        """Read the rows; raise ColumnsWrong at once where the headers do not fit."""
        return read_rows(table, self.columns, self.demands)


NAME_COLUMNS = (
    Column("name", also(
        "namn; student; studentens namn; fullständigt namn; full name; student name; name as in passport; "
        "full name as in passport; namn enligt pass; sökande; sökandes namn; applicant; applicant name; name of student"
    ), text()),
    Column("given_name", also(
        "förnamn; first name; given names; first names; förnamn enligt pass; first name as in passport; "
        "given name as in passport; given name(s); first name(s); forename"
    ), text()),
    Column("family_name", also(
        "efternamn; last name; surname; family names; efternamn enligt pass; family name as in passport; "
        "surname as in passport; last name as in passport; family name(s); last name(s)"
    ), text()),
)  # fmt: skip
STUDENT_EMAIL = also(
    "e-post; e-postadress; mail; e-mail; e-mail address; email address; student email; student e-mail; "
    "studentens e-post; studentens e-postadress; e-mail of student; sökandes e-post; applicant email; mejl; "
    "mejladress"
)
HOST_UNIT = also(
    "enhet; enhetskod; unit code; receiving department; receiving unit; host department; host unit; "
    "mottagande institution; mottagande enhet; värdinstitution; orgkod"
)
HOME_UNIT = also(
    "enhet; enhetskod; institution; hemenhet; heminstitution; home department; department; department code; "
    "unit code; orgkod; mottagande institution; receiving department; ansvarig institution; ansvarig enhet"
)
PARTNER_NAME = also(
    "partneruniversitet; lärosäte; partnerlärosäte; partner university; partner institution; institution name; "
    "home university; hemuniversitet; hemlärosäte; sending institution; sending university; home institution"
)
# A list names its partner in one column or in several; whoever reads it takes the surest.
PARTNER_COLUMNS = (
    Column("partner", PARTNER_NAME, partner),
    Column("partner_erasmus_code", also(
        "erasmus code; erasmuskod; erasmus-kod; erasmus id code; partner erasmus code; partner erasmuskod; "
        "sending institution erasmus code; erasmus code of sending institution; institution code; partnerns erasmuskod"
    ), erasmus_code),
    Column("partner_pic", also("pic; pic code; pic-kod; partner pic; pic number"), pic),
)  # fmt: skip
PARTNER_NAMES = ("partner", "partner_erasmus_code", "partner_pic")
LEVELS = also(
    "nivå; utbildningsnivå; studienivå; level; study level; level of study; study levels; levels of study; cycle; "
    "study cycle; cycles; studienivåer; utbildningsnivåer"
)
ISCED = also(
    "isced code; isced-kod; isced-f; iscedf; isced f code; isced-f code; isced-f kod; ämneskod; ämnesområde isced; "
    "subject area code; field of study code; field of education code; isced fields; isced codes; isced-koder"
)
AGREEMENT = also(
    "avtal; avtalsnummer; avtals-id; avtalskod; agreement number; agreement id; agreement code; agreement reference; "
    "iia; iia id; iia code; avtalsreferens; exchange agreement; utbytesavtal"
)
REGISTRATION_NUMBER = also(
    "diarienummer; dnr; registration no; registreringsnummer; reg no; diarienr; record number; registration id"
)
LANGUAGE = also("språk; kontaktspråk; lang; preferred language; communication language; contact language")
ACADEMIC_YEAR = also("läsår; akademiskt år; year; år; academic years; study year")
SEMESTERS = also(
    "semester; termin; terminer; utbytestermin; period; utbytesperiod; exchange period; exchange semester; term; "
    "terms; semester of study; study period; mobility period; semester(s); termin(er); period of study"
)
COURSES = also(
    "kurser; önskade kurser; kursval; kursönskemål; courses wanted; course choice; course choices; desired courses; "
    "requested courses; course list; preliminary courses; preliminärt kursval"
)
ALTERNATIVES = also(
    "alternativ; alternativa kurser; reservkurser; alternative courses; alternative course choices; backup courses; "
    "reserve courses; andrahandsval"
)
