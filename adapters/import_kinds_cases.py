"""The lists of matters: agreements, applications, nominations, requests for review.

What they ask for follows the forms of the offices: nominations ask for the name as
in the passport, birth date, nationality, gender, address, field, cycle and semester.
"""

from __future__ import annotations

from adapters.columns import Column, Demands, also
from adapters.import_kinds_shared import (
    ACADEMIC_YEAR,
    AGREEMENT,
    ALTERNATIVES,
    COURSES,
    HOME_UNIT,
    HOST_UNIT,
    ISCED,
    LANGUAGE,
    LEVELS,
    NAME_COLUMNS,
    PARTNER_COLUMNS,
    PARTNER_NAMES,
    REGISTRATION_NUMBER,
    SEMESTERS,
    STUDENT_EMAIL,
    ImportKind,
    code,
)
from adapters.values import boolean, decimal, email, integer, language, listed, percent, prose, text
from adapters.values_codes import isced
from adapters.values_countries import nationality
from adapters.values_dates import day, month_day
from adapters.values_exchange import agreement_level, cefr, gender, level, levels, study_plan
from adapters.values_terms import academic_year, semester, semesters
from engine.vocabulary import Text

# Titles of courses hold commas, so that only semicolons and lines part them.
lines = listed(text(), separators=r"[;|\n]")
places = integer(highest=999)
months = integer(lowest=1, highest=12)

AGREEMENTS = ImportKind(
    "agreements",
    Text("Avtal", "Agreements"),
    (
        Column("reference", (*AGREEMENT, *also(
            "nummer; number; id; ref; referens; agreement; avtalsnr"
        )), code, required=True),
        Column("unit", HOME_UNIT, code, required=True),
        *PARTNER_COLUMNS,
        Column("agreement_level", also(
            "avtalsnivå; nivå på avtalet; level of agreement; avtalets nivå; type of agreement; avtalstyp; scope"
        ), agreement_level),
        Column("programme", also(
            "program; utbytesprogram; exchange programme; programme type; mobility programme; nätverk; network"
        ), text()),
        Column("study_plan", also(
            "studieplan; typ av studieplan; study plan type; learning agreement; la"
        ), study_plan),
        Column("valid_from", also(
            "gäller från; giltigt från; från; start; startdatum; from; start date; avtalsstart; valid since; "
            "giltig fr.o.m.; gäller fr.o.m."
        ), day, required=True),
        Column("valid_to", also(
            "gäller till; giltigt till; till; slut; slutdatum; to; end date; expires; utgår; upphör; valid until; "
            "avtalsslut; expiry date; giltig t.o.m.; gäller t.o.m."
        ), day),
        Column("review_by", also("ses över senast; översyn; review date; utvärderas senast; review before"), day),
        Column("registration_number", REGISTRATION_NUMBER, text()),
        Column("outgoing_places", also(
            "platser ut; utresande; utresande platser; antal ut; outgoing; places out; out; out places; "
            "students out; outgoing students; studenter ut; outbound"
        ), places),
        Column("incoming_places", also(
            "platser in; inresande; inkommande; inresande platser; antal in; incoming; places in; in; in places; "
            "students in; incoming students; studenter in; inkommande platser; inbound"
        ), places),
        Column("outgoing_months", also(
            "månader ut; months out; months per student out; månader per student ut"
        ), months),
        Column("incoming_months", also(
            "månader in; months in; months per student in; månader per student in"
        ), months),
        Column("months", also("månader; månader per student; months per student; duration in months"), months),
        Column("levels", LEVELS, levels),
        Column("isced", ISCED, listed(isced)),
        Column("subject_area", also(
            "ämnesområde; ämne; subject; field; field of study; ämnen; subjects; field of education; ämnesområden"
        ), text()),
        Column("language_level", also(
            "språknivå; språkkrav; language requirement; required language level; cefr"
        ), cefr),
        Column("languages", also(
            "undervisningsspråk; språk; language; language of instruction; languages of instruction"
        ), listed(text(longest=60))),
        Column("nomination_autumn", also(
            "nominering höst; nomineringsdatum höst; nominering ht; nomination deadline autumn; "
            "nomination autumn semester; nomination fall; sista nomineringsdag höst"
        ), month_day),
        Column("nomination_spring", also(
            "nominering vår; nomineringsdatum vår; nominering vt; nomination deadline spring; "
            "nomination spring semester; sista nomineringsdag vår"
        ), month_day),
        Column("application_autumn", also(
            "ansökan höst; ansökningsdatum höst; ansökan ht; application deadline autumn; application fall; "
            "sista ansökningsdag höst"
        ), month_day),
        Column("application_spring", also(
            "ansökan vår; ansökningsdatum vår; ansökan vt; application deadline spring; sista ansökningsdag vår"
        ), month_day),
        Column("tacit_renewal", also(
            "tyst förlängning; förlängs automatiskt; automatisk förlängning; automatic renewal; auto renewal; "
            "renews automatically"
        ), boolean),
        Column("notice_on", also(
            "uppsägning senast; uppsägningsdatum; sista uppsägningsdag; notice date; notice by; "
            "notice of termination by"
        ), day),
        Column("notice_months", also(
            "uppsägningstid; uppsägningstid månader; notice period; notice period months; notice"
        ), integer(highest=60)),
        Column("contact_name", also(
            "kontaktperson; kontakt; contact; contact person; partner contact; partnerns kontaktperson"
        ), text()),
        Column("contact_email", also(
            "kontaktpersonens e-post; kontakt e-post; contact e-mail; contact person email; partner email; e-post; "
            "email"
        ), email),
        Column("notes", also(
            "anmärkning; anmärkningar; kommentar; kommentarer; note; comment; comments; övrigt; remarks"
        ), prose()),
    ),
    Demands(one_of=(PARTNER_NAMES,), in_order=(("valid_from", "valid_to"),)),
)  # fmt: skip

APPLICATIONS = ImportKind(
    "applications",
    Text("Ansökningar om utbyte", "Applications for exchange"),
    (
        *NAME_COLUMNS,
        Column("email", STUDENT_EMAIL, email, required=True),
        Column("language", LANGUAGE, language),
        Column("unit", HOME_UNIT, code, required=True),
        Column("agreement", AGREEMENT, code, required=True),
        Column("semesters", SEMESTERS, semesters, required=True),
        Column("academic_year", ACADEMIC_YEAR, academic_year),
        Column("level", LEVELS, level),
        Column("isced", ISCED, isced),
        Column("programme", also(
            "program; utbildningsprogram; utbildning; degree programme; study programme; home programme"
        ), text()),
        Column("credits", also(
            "högskolepoäng; hp; poäng; avklarade poäng; ects; ects credits; credits completed; completed credits; "
            "avklarade hp; tagna poäng"
        ), decimal),
        Column("share_passed", also(
            "andel avklarat; andel godkänt; andel avklarade poäng; share of credits; percentage passed; "
            "share passed %; andel; prestationsgrad"
        ), percent),
        Column("study_language", also(
            "undervisningsspråk; language of instruction; teaching language; språk för studierna"
        ), text(longest=60)),
        Column("language_level", also(
            "språknivå; språkkunskaper; language proficiency; cefr; language skills"
        ), cefr),
        Column("wish_number", also(
            "val; valnummer; prioritet; önskemål; önskemål nr; wish; wish no; choice; choice number; priority; "
            "rank of wish; prioritering"
        ), integer(lowest=1, highest=99)),
        Column("points", also(
            "meritpoäng; urvalspoäng; points; selection points; merit; score; totalpoäng"
        ), decimal),
        Column("call", also(
            "utlysning; utlysningsomgång; ansökningsomgång; application round; round; application period; omgång"
        ), code),
        Column("motivation", also(
            "motivering; motiveringsbrev; personligt brev; motivation letter; statement of purpose; "
            "letter of motivation"
        ), prose()),
        Column("courses", COURSES, lines),
        Column("alternatives", ALTERNATIVES, lines),
        Column("applied_on", also(
            "ansökt; ansökningsdatum; inkommen; inkom; application date; date of application; submitted; submitted on"
        ), day),
        Column("application_number", also(
            "ansökningsnummer; anmälningsnummer; application id; application no; ärendenummer"
        ), code),
        Column("registration_number", REGISTRATION_NUMBER, text()),
    ),
    Demands(one_of=(("name", "family_name"),)),
)  # fmt: skip

NOMINATIONS = ImportKind(
    "nominations",
    Text("Inkommande nomineringar", "Incoming nominations"),
    (
        *NAME_COLUMNS,
        Column("email", STUDENT_EMAIL, email, required=True),
        Column("language", LANGUAGE, language),
        Column("birth_date", also(
            "födelsedatum; född; date of birth; born; dob; birthday; birthdate; födelsedag"
        ), day),
        Column("nationality", also(
            "medborgarskap; nationalitet; citizenship; country of citizenship; medborgare i"
        ), nationality),
        Column("gender", also("kön; sex; juridiskt kön; legal gender"), gender),
        Column("esi", also(
            "european student identifier; europeiskt student-id; student identifier"
        ), text(longest=255)),
        Column("unit", HOST_UNIT, code),
        *PARTNER_COLUMNS,
        Column("agreement", AGREEMENT, code),
        Column("level", LEVELS, level),
        Column("eqf_level", also("eqf; eqf-nivå; eqf code"), level),
        Column("isced", ISCED, isced),
        Column("subject_area", also(
            "ämnesområde; ämne; subject; field; field of study; subject area; field of education; studieinriktning; "
            "major"
        ), text()),
        Column("programme", also("program; utbytesprogram; exchange programme; mobility programme"), text()),
        Column("semesters", SEMESTERS, semesters),
        Column("academic_year", ACADEMIC_YEAR, academic_year),
        Column("starts_on", also(
            "ankomst; startdatum; start; start date; arrival; arrival date; from; från; stay from; planned arrival"
        ), day),
        Column("ends_on", also(
            "avresa; slutdatum; slut; end date; departure; departure date; to; till; stay to; planned departure"
        ), day),
        Column("courses", COURSES, lines),
        Column("alternatives", ALTERNATIVES, lines),
        Column("credits", also(
            "högskolepoäng; hp; ects; ects credits; credits completed; completed credits; avklarade poäng"
        ), decimal),
        Column("language_level", also(
            "språknivå; språkkunskaper; english level; language proficiency; cefr; level of english"
        ), cefr),
        Column("housing", also(
            "bostad; önskar bostad; bostadsönskemål; housing wish; housing wanted; accommodation; needs housing; "
            "boende"
        ), boolean),
        Column("residence_permit", also(
            "uppehållstillstånd; behöver uppehållstillstånd; needs residence permit; visa; "
            "requires residence permit; visum"
        ), boolean),
        Column("nominated_on", also(
            "nominerad; nomineringsdatum; nomination date; date of nomination; nominated"
        ), day),
        Column("contact_name", also(
            "kontaktperson; nominerad av; contact person; nominated by; coordinator; coordinator name; koordinator"
        ), text()),
        Column("contact_email", also(
            "kontaktpersonens e-post; contact person email; contact e-mail; coordinator email; coordinator e-mail; "
            "koordinatorns e-post"
        ), email),
        Column("registration_number", REGISTRATION_NUMBER, text()),
    ),
    Demands(
        one_of=(
            ("name", "family_name"),
            (*PARTNER_NAMES, "agreement"),
            ("unit", "agreement"),
            ("semesters", "starts_on"),
        ),
        in_order=(("starts_on", "ends_on"),),
    ),
)  # fmt: skip

REVIEWS = ImportKind(
    "reviews",
    Text("Begäran om granskning", "Requests for review"),
    (
        *NAME_COLUMNS,
        Column("email", STUDENT_EMAIL, email, required=True),
        Column("language", LANGUAGE, language),
        Column("unit", HOME_UNIT, code, required=True),
        Column("course", also(
            "kurs; kursnamn; kursens namn; course name; course title; kursbenämning; sökt kurs; course applied for"
        ), text(), required=True),
        Column("course_code", also("kurskod; kod; code; course id"), code),
        Column("ects", also("högskolepoäng; hp; poäng; credits; ects credits; omfattning"), decimal),
        Column("term", also("termin; semester; kurstermin; period; start term; starttermin"), semester),
        Column("round", also(
            "antagningsomgång; omgång; admission round; ansökningsomgång; application round"
        ), text()),
        Column("application_number", also(
            "anmälningsnummer; anmälningsnr; ansökningsnummer; application no; application id; anmälan; nya-nummer"
        ), code),
        Column("requirements", also(
            "förkunskapskrav; krav; särskild behörighet; behörighetskrav; requirement; entry requirements; "
            "special entry requirements; prerequisites; förkunskaper"
        ), lines),
        Column("answer_by", also(
            "svar senast; svarsdatum; besvaras senast; sista svarsdag; answer before; deadline; reply by; due date; "
            "svara senast"
        ), day),
        Column("registration_on", also(
            "registrering; registreringen börjar; registreringsdatum; registration; registration date; "
            "registration begins"
        ), day),
        Column("alternatives", ALTERNATIVES, lines),
        Column("registration_number", REGISTRATION_NUMBER, text()),
    ),
    Demands(one_of=(("name", "family_name"),)),
)  # fmt: skip
