"""What may be imported: for each kind of list its columns, and the names offices give them.

Here stand the kind itself, partners, and what describes the institution. The lists
of matters (agreements, applications, nominations, reviews) are in `import_kinds_cases`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.columns import Column, Demands, also
from adapters.import_kinds_cases import AGREEMENTS, APPLICATIONS, NOMINATIONS, REVIEWS
from adapters.import_kinds_shared import NAME_COLUMNS, ImportKind, code
from adapters.values import boolean, email, language, settings, text
from adapters.values_codes import erasmus_code, oid, pic
from adapters.values_countries import country
from adapters.values_dates import day
from adapters.values_exchange import roles_at, weekdays
from engine.vocabulary import Text

__all__ = ["KINDS", "ImportKind", "person_name"]

FROM = also("från; fr.o.m.; från och med; start; startdatum; börjar; starts on; start date; valid from; gäller från")
TO = also("till; t.o.m.; till och med; slut; slutdatum; upphör; ends on; end date; until; valid to; gäller till")
EMAIL = also("e-post; e-postadress; mail; mailadress; e-mail; e-mail address; email address; användare; user")
UNIT = also(
    "enhet; enhetskod; enhetens kod; institution; unit code; department; department code; orgkod; kostnadsställe"
)

PARTNERS = ImportKind(
    "partners",
    Text("Partneruniversitet", "Partner institutions"),
    (
        Column("name", also(
            "legal name; namn; lärosäte; universitet; partneruniversitet; partner; institution; institution name; "
            "name of institution; university; organisation; organisation legal name; hei name; partner institution; "
            "värduniversitet; host university"
        ), text(), required=True),
        Column("erasmus_code", also(
            "erasmus_code_padded; Erasmuskod; Erasmus-kod; Erasmus ID; Erasmus ID code; institution code; ic; "
            "hei code; Erasmus id kod; partner erasmus code"
        ), erasmus_code),
        Column("erasmus_code_published", also("erasmus_code_as_published"), text()),
        Column("pic", also("pic code; pic-kod; pic number; pic-nummer; participant identification code"), pic),
        Column("oid", also("organisation id; oid code; oid-kod; organisations-id; e-nummer"), oid, lenient=True),
        Column("hei_id", also("schac; schac code; ewp id; hei-id; institution schac; home organisation"), text()),
        Column("street", also("gata; gatuadress; adress; address; street address; street and number"), text()),
        Column("post_code", also(
            "post cd; postnummer; postnr; postal code; zip; zip code; postcode"
        ), text(longest=40)),
        Column("city", also("ort; stad; postort; town"), text()),
        Column("country", also(
            "country cd; land; landskod; country code; country iso; värdland; host country"
        ), country),
        Column("website", also(
            "website url; webbplats; hemsida; webb; url; web; www; web site; homepage"
        ), text(longest=500), lenient=True),
        Column("email", also(
            "e-post; e-postadress; e-mail; mail; contact email; kontakt e-post; kontaktadress"
        ), email),
        Column("eche_start", also(
            "erasmus eche start; eche start date; eche från; charter start; eche startdatum"
        ), day),
        Column("eche_end", also("erasmus eche end; eche end date; eche till; charter end; eche slutdatum"), day),
        Column("proposal_number", also("proposal no; eche number; eche-nummer; ansökningsnummer eche"), text()),
        Column("preferred", also("strategisk partner; strategic partner; prioriterad; priority"), boolean),
    ),
    Demands(in_order=(("eche_start", "eche_end"),)),
)  # fmt: skip

UNITS = ImportKind(
    "units",
    Text("Enheter", "Units"),
    (
        Column("code", also(
            "kod; enhetskod; enhetens kod; unit code; department code; orgkod; kostnadsställe; id; nummer"
        ), code, required=True),
        Column("name_sv", also(
            "namn; enhet; institution; namn (svenska); svenskt namn; benämning; name swedish; swedish name; "
            "namn på svenska; enhetsnamn"
        ), text()),
        Column("name_en", also(
            "name; namn (engelska); engelskt namn; name english; english name; namn på engelska; unit name"
        ), text()),
        Column("parent", also(
            "överordnad; överordnad enhet; tillhör; förälder; moderenhet; fakultet; parent unit; parent code; "
            "belongs to; faculty; part of"
        ), code),
        Column("mailbox", also(
            "funktionsbrevlåda; brevlåda; e-post; e-postadress; gemensam e-post; shared mailbox; email; e-mail; "
            "mail; funktionsadress"
        ), email),
        Column("settings", also("inställningar; json; configuration"), settings),
    ),
    Demands(one_of=(("name_sv", "name_en"),)),
)  # fmt: skip

PEOPLE = ImportKind(
    "people",
    Text("Personer och roller", "People and roles"),
    (
        Column("email", EMAIL, email, required=True),
        *NAME_COLUMNS,
        Column("language", also("språk; kontaktspråk; lang; preferred language"), language),
        Column("roles", also("roll; roller; role; behörighet; behörigheter; uppdrag; roll@enhet; role@unit"), roles_at),
        Column("from", FROM, day),
        Column("to", TO, day),
    ),
    Demands(one_of=(("name", "family_name"),), in_order=(("from", "to"),)),
)

ABSENCES = ImportKind(
    "absences",
    Text("Frånvaro och ersättare", "Absences and substitutes"),
    (
        Column("email", EMAIL, email, required=True),
        Column("from", FROM, day),
        Column("to", TO, day),
        Column("weekdays", also(
            "veckodagar; veckodag; dagar; borta på; weekday; days; absent on; days absent"
        ), weekdays),
        Column("substitute", also(
            "ersättare; vikarie; ställföreträdare; ersättarens e-post; substitute email; replacement; stand-in; "
            "deputy"
        ), email),
    ),
    Demands(one_of=(("from", "weekdays"),), in_order=(("from", "to"),)),
)  # fmt: skip

MANDATES = ImportKind(
    "mandates",
    Text("Mandat", "Mandates"),
    (
        Column("email", EMAIL, email, required=True),
        Column("unit", UNIT, code, required=True),
        Column("kind", also("slag; typ; mandat; type; mandate; får; may"), code, required=True),
        Column("from", FROM, day),
        Column("to", TO, day),
    ),
    Demands(in_order=(("from", "to"),)),
)

CLOSING_DAYS = ImportKind(
    "closing_days",
    Text("Stängda dagar", "Closing days"),
    (
        Column("unit", UNIT, code),
        Column("date", also("datum; dag; day; stängd; stängd dag; closed on; closing day"), day, required=True),
        Column("name", also("namn; benämning; orsak; anledning; reason; anmärkning; note; comment"), text()),
    ),
)

KINDS: Mapping[str, ImportKind] = {
    kind.name: kind
    for kind in (
        PARTNERS,
        UNITS,
        PEOPLE,
        ABSENCES,
        MANDATES,
        CLOSING_DAYS,
        AGREEMENTS,
        APPLICATIONS,
        NOMINATIONS,
        REVIEWS,
    )
}
"""Every kind of list, in the order in which an installation is filled."""


def person_name(values: Mapping[str, Any]) -> str:
    """Give the whole name of a row's person, from one column or from given and family name."""
    if name := values.get("name"):
        return str(name)
    return " ".join(str(part) for part in (values.get("given_name"), values.get("family_name")) if part)
