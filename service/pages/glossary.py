"""The words of the field and of this house, explained in a line each (docs/glossary.md; the offices' role pages)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from engine.vocabulary import Text
from service.pages.saying import Language


@dataclass(frozen=True, slots=True)
class Word:
    """A word and what it means; `mark` is its place on the page."""

    mark: str
    word: Text
    means: Text


def _word(mark: str, sv: str, en: str, means_sv: str, means_en: str) -> Word:
    return Word(mark, Text(sv, en), Text(means_sv, means_en))


WORDS: Final = (
    _word("case", "ärende", "case",
        "En sak som handläggs från början till slut: ett utbyte, en granskning, ett avtal. Har ett nummer, till exempel"
        " REV-2027-0012.",
        "One matter from beginning to end: an exchange, a review, an agreement. It has a number, such as"
        " REV-2027-0012."),
    _word("process", "process", "process",
        "Hur en sorts ärenden går till: vilka statusar, steg, frister och regler som finns.",
        "How one kind of case works: which statuses, steps, deadlines and rules there are."),
    _word("status", "status", "status",
        "Var ett ärende står, till exempel ”Under granskning”. I varje status som inte är den sista väntar ärendet på"
        " någon.",
        "Where a case stands, such as “Under review”. In every status but the last the case waits for somebody."),
    _word("step", "steg", "step",
        "Det man gör för att föra ett ärende vidare, eller för att anteckna något i det.",
        "What one does to move a case on, or to note something in it."),
    _word("condition", "villkor", "condition",
        "Det som måste vara uppfyllt innan ett steg går att ta. Är det inte uppfyllt står det varför, och vem som kan"
        " hjälpa.",
        "What must hold before a step can be taken. Where it does not, the page says why, and who can help."),
    _word("deadline", "frist", "deadline",
        "När något senast ska vara gjort. Den kan vila, till exempel medan en komplettering inväntas; då räknas inga"
        " dagar.",
        "By when something is owed. It may rest, for instance while information is awaited; no days are counted then."),
    _word("overdue", "försenat", "overdue",
        "Ärendet har en frist vars sista dag har gått utan svar.",
        "The case has a deadline whose last day has passed without an answer."),
    _word("escalation", "eskalering", "escalation",
        "När något är försenat får fler veta det: först den som har ärendet, sedan prefekten, sedan International"
        " Office.",
        "When something is overdue others are told: first whoever has the case, then the head of department, then the"
        " International Office."),
    _word("reminder", "påminnelse", "reminder",
        "Ber den man väntar på om det som saknas. Systemet påminner före en frists sista dag; en kollega kan också"
        " skicka en påminnelse, färdigskriven på mottagarens språk. Den sparas i ärendet som en kommentar.",
        "Asks whoever one waits for to do what is missing. The system reminds before the last day of a deadline; a"
        " colleague may send a reminder too, ready in the recipient’s language. It is kept in the case as a comment."),
    _word("follow-up", "bevakning", "follow-up",
        "En dag då du själv vill titta på ett ärende igen. Bara för dig; ärendets frister ändras inte.",
        "A day on which you yourself want to look at a case again. For you alone; the deadlines of the case stay."),
    _word("comment", "kommentar", "comment",
        "Något man skriver i ett ärende till kollegor, studenten eller partnern. Den ändrar inte ärendet.",
        "Something one writes in a case to colleagues, the student or the partner. It does not change the case."),
    _word("draft", "utkast", "draft",
        "Det du har börjat skriva i ett formulär. Det kan bara läsas av dig och finns kvar i 30 dagar.",
        "What you have begun to write in a form. Only you can read it, and it is kept for 30 days."),
    _word("saved-view", "sparad vy", "saved view",
        "En lista med sina filter under ett namn, för dig själv eller för en enhet.",
        "A list with its filters under a name, for yourself or for a unit."),
    _word("assignee", "handläggare", "assignee",
        "Den som har ärendet. Har ingen det, väntar det på alla i enheten med rätt roll.",
        "Whoever has the case. Where nobody has it, it waits for everybody of the unit with the right role."),
    _word("substitute", "ersättare", "substitute",
        "Den som gör arbetet under någons frånvaro.", "Whoever does the work while somebody is away."),
    _word("four-eyes", "fyra ögon", "four eyes",
        "Den som tog ett steg får inte själv ta nästa: någon annan ska bekräfta. Gäller även ersättaren.",
        "Whoever took one step may not take the next one: somebody else must confirm. It holds for substitutes too."),
    _word("conflict", "jäv", "conflict of interest",
        "När ens opartiskhet kan ifrågasättas (förvaltningslagen 16 §). Den som bedömer, rangordnar, beslutar eller"
        " undertecknar försäkrar att den inte är jävig.",
        "When one’s impartiality can be questioned (Administrative Procedure Act, section 16). Whoever assesses, ranks,"
        " decides or signs declares to have none."),
    _word("mandate", "delegation", "mandate",
        "Rätt att underteckna eller besluta för en enhet, mellan två datum.",
        "Leave to sign or decide for a unit, between two dates."),
    _word("role", "roll", "role",
        "Vad man får göra, och i vilken enhet: till exempel granskare vid Statistik.",
        "What one may do, and in which unit: for instance reviewer at Statistics."),
    _word("history", "historik", "history",
        "Allt som har hänt i ett ärende, i ordning. Inget tas bort; fel rättas med en rättelse som syns.",
        "All that has happened in a case, in order. Nothing is removed; mistakes are put right by a visible"
        " correction."),
    _word("ikp", "IKP, internationell kontaktperson", "IKP, departmental contact person",
        "Institutionens kontaktperson för utbyten; här utbyteskoordinator.",
        "The department’s contact person for exchanges; here an exchange coordinator."),
    _word("io", "International Office", "International Office",
        "Lärosätets centrala kontor för utbyten och avtal.",
        "The university’s central office for exchanges and agreements."),
    _word("antagningen", "Antagningen", "Admissions (Antagningen)",
        "De som beslutar om behörighet och antar i NyA.", "Those who decide on eligibility and admit in NyA."),
    _word("nya", "NyA", "NyA",
        "Det nationella antagningssystemet, där beslut om behörighet och antagning förs in.",
        "The national admissions system, into which decisions on eligibility and admission are entered."),
    _word("ladok", "Ladok", "Ladok",
        "Det nationella studieregistret: antagning, registrering och resultat.",
        "The national student register: admission, registration and results."),
    _word("admission", "antagning", "admission",
        "Beslut att en student får en plats på en kurs eller ett program.",
        "A decision that a student gets a place on a course or programme."),
    _word("eligibility", "behörighet", "eligibility",
        "Att den sökande uppfyller kraven för att få läsa: grundläggande (för högskolan) och särskild (för kursen).",
        "That the applicant meets the entry requirements: general (for higher education) and special (for the"
        " course)."),
    _word("special-eligibility", "särskild behörighet", "special entry requirements",
        "Förkunskaper som en viss kurs kräver, till exempel 30 hp statistik. Institutionen bedömer, Antagningen"
        " beslutar.",
        "What a given course requires, such as 30 ECTS in statistics. The department assesses, admissions decides."),
    _word("conditional", "behörig med villkor", "conditionally eligible",
        "Behörig om något hinner bli klart före en viss dag, till exempel en pågående kurs.",
        "Eligible if something is settled by a given day, for instance a course that is under way."),
    _word("completion", "komplettering", "information asked for",
        "Handlingar eller uppgifter som saknas och som den sökande ombeds skicka.",
        "Documents or facts that are missing and that the applicant is asked to send."),
    _word("omval", "omval", "new choice (omval)",
        "Den sökande väljer en annan kurs, när den första inte går. Det tar tid, så svar behövs fort.",
        "The applicant chooses another course when the first cannot be had. That takes time, so answer soon."),
    _word("nomination", "nominering", "nomination",
        "Hemuniversitetet föreslår en student för värduniversitetet, som sedan antar eller inte.",
        "The sending university proposes a student to the host, who then admits or does not."),
    _word("la", "LA, Learning Agreement", "LA, learning agreement",
        "Studieplanen för utbytet, undertecknad av student, hemuniversitet och värduniversitet före avresan.",
        "The study plan of the exchange, signed by student, sending and receiving university before departure."),
    _word("tor", "betygsutdrag (ToR)", "transcript of records (ToR)",
        "Värduniversitetets intyg över studentens resultat.", "The host’s record of the student’s results."),
    _word("recognition", "tillgodoräknande", "recognition",
        "Beslut att studier på annan ort räknas in i utbildningen hemma.",
        "A decision that studies elsewhere count towards the degree at home."),
    _word("agreement", "avtal", "agreement (IIA)",
        "Samarbetsavtal mellan två lärosäten: hur många studenter, på vilken nivå, i vilka ämnen och hur länge.",
        "An agreement between two universities: how many students, at which level, in which fields and for how long."),
    _word("balance", "balans", "balance",
        "Skillnaden mellan hur många som reser ut och hur många som kommer in under ett avtal.",
        "The difference between how many go out and how many come in under an agreement."),
    _word("place", "plats", "place",
        "En termin som ett avtal ger åt en student. Den sista platsen ges bara en gång.",
        "One semester that an agreement gives to a student. The last place is given once only."),
    _word("borrowed", "lånad plats", "borrowed place",
        "En plats i en annan institutions avtal. Avbryter studenten, får den institutionen veta det.",
        "A place under another department’s agreement. If the student breaks off, that department is told."),
    _word("reserve", "reservlista", "reserve list",
        "De som får en plats om någon annan tackar nej, i ordning.",
        "Those who get a place if somebody else declines, in order."),
    _word("withdrawal", "återbud", "withdrawal",
        "Studenten avstår innan vistelsen har börjat.", "The student withdraws before the stay has begun."),
    _word("interruption", "avbrott", "interruption",
        "Studenten slutar när vistelsen har börjat.", "The student breaks off after the stay has begun."),
    _word("certificate", "närvarointyg", "certificate of attendance",
        "Intyg om första och sista dagen vid värduniversitetet.", "States the first and last day at the host."),
    _word("student-ut", "Student UT och Student IN", "Student UT and Student IN",
        "Statens försäkringar (Kammarkollegiet) för utresande och inresande utbytesstudenter. De kräver avtal och"
        " registrering i Ladok.",
        "The state’s insurances (Kammarkollegiet) for outgoing and incoming exchange students. They require an"
        " agreement and registration in Ladok."),
    _word("erasmus", "Erasmuskod", "Erasmus code",
        "Lärosätets beteckning i Erasmus+, till exempel S UMEA01.",
        "What a university is called in Erasmus+, such as S UMEA01."),
    _word("ewp", "EWP", "EWP",
        "Erasmus Without Paper: nätverket där lärosäten utbyter avtal, nomineringar och Learning Agreements.",
        "Erasmus Without Paper: the network in which universities exchange agreements, nominations and learning"
        " agreements."),
    _word("ects", "hp, högskolepoäng", "ECTS credits",
        "Mått på studiernas omfattning; 30 hp motsvarar en termin.",
        "A measure of how much study there is; 30 credits make a semester."),
    _word("working-day", "arbetsdag", "working day",
        "Måndag till fredag utom helgdagar, klämdagar och dagar då lärosätet är stängt.",
        "Monday to Friday, but for public holidays, bridge days and days on which the university is closed."),
    _word("klamdag", "klämdag", "bridge day",
        "En ensam arbetsdag mellan två lediga dagar; räknas inte, om lärosätet har valt det.",
        "A single working day between two free ones; not counted, where the university has chosen so."),
    _word("registration-number", "diarienummer", "registration number",
        "Registratorns nummer på saken. Det är inte ärendets nummer här.",
        "The registrar’s number of the matter. It is not the number of the case here."),
)  # fmt: skip
"""All of them; the page puts them in the order of the reader's alphabet."""

_AFTER_Z: Final = {"å": "{", "ä": "|", "ö": "}"}
"""The last three letters of the Swedish alphabet, as signs that come after z."""


def in_order(language: Language) -> tuple[Word, ...]:
    """The words in the order of the reader's alphabet."""
    return tuple(sorted(WORDS, key=lambda each: _key(each.word, language)))


def _key(word: Text, language: Language) -> str:
    written = (word.sv if language == "sv" else word.en).casefold()
    kept = "".join(_AFTER_Z.get(letter, letter) for letter in unicodedata.normalize("NFC", written))
    return unicodedata.normalize("NFKD", kept)
