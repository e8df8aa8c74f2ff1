"""The files an audit folder is made of: the same list as a page to read, as PDF, as JSON, and the history as lines.

The same case with the same readings gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from adapters.dossier_document import Block, Document, Heading, Line, Mood, Pairs, Table
from adapters.dossier_html import html_file
from adapters.dossier_zip import zip_file
from engine.canonical import instant
from engine.dossiers.drawing import Sample
from engine.dossiers.values import Evidence, Finding, Limit, Standing
from service.dossier_words import Told
from service.pages.case_view import written
from service.pages.saying import Speech
from service.plain import both, zulu


@dataclass(frozen=True, slots=True)
class Draw:
    """How a case came to be looked at: the sample, of which workflow, of cases that ended on which days."""

    sample: Sample
    workflow: str
    since: date | None
    until: date | None


# One folder.


def document_of(told: Told, draw: Draw | None = None) -> Document:
    """The folder as a document."""
    say, number = told.speech.say, told.dossier.case.number
    blocks = [
        *_head(told),
        *_completeness(told),
        *_papers(told),
        *_applications(told),
        *_decisions(told),
        *_corrections(told),
        *_history(told),
        *_readings(told),
        *(_drawn(told.speech, draw) if draw is not None else ()),
    ]
    return Document(
        title=say("Granskningsmapp {number}", "Audit folder {number}", number=number),
        language=told.speech.language,
        author=told.dossier.case.institution,
        blocks=tuple(blocks),
        page=say("Sida {page}", "Page {page}", page="{page}"),
        lost=say(
            "Några tecken finns inte i den här filens typsnitt och är skrivna annorlunda; index.html visar dem rätt.",
            "Some characters are not in this file's font and are written otherwise; index.html shows them as they are.",
        ),
    )


def files_of(told: Told, draw: Draw | None = None) -> dict[str, bytes]:
    """The folder's files, by name."""
    document = document_of(told, draw)
    lines = (json.dumps(written(event), ensure_ascii=False) + "\n" for event in told.dossier.subject.events)
    return {
        "index.pdf": _pdf(document),
        "index.html": html_file(document),
        "dossier.json": _json(as_json(told, draw)),
        "history.jsonl": "".join(lines).encode(),
    }


def folder_pdf(told: Told, draw: Draw | None = None) -> bytes:
    """One folder as PDF alone."""
    return _pdf(document_of(told, draw))


def _pdf(document: Document) -> bytes:
    # Read in when the first one is asked for: it takes a tenth of a start, and holds 12 MiB.
    from adapters.dossier_pdf import pdf_file  # noqa: PLC0415

    return pdf_file(document)


def folder_zip(told: Told, draw: Draw | None = None) -> bytes:
    """One folder as a ZIP."""
    return zip_file(files_of(told, draw))


def sample_zip(folders: Sequence[Told], draw: Draw, speech: Speech) -> bytes:
    """A sample as one ZIP: a folder a case, and the draw beside them."""
    files = {
        f"{told.dossier.case.number}/{name}": content
        for told in folders
        for name, content in files_of(told, draw).items()
    }
    return zip_file({**files, **sample_files(folders, draw, speech)})


def sample_files(folders: Sequence[Told], draw: Draw, speech: Speech) -> dict[str, bytes]:
    """The draw itself, to read and for programs."""
    counted = {told.dossier.case.id: told for told in folders}
    say = speech.say
    rows = []
    for place, drawn in enumerate(draw.sample.drawn, start=1):
        told = counted.get(drawn.id)
        missing, after = (told.dossier.count(each) if told else 0 for each in (Standing.MISSING, Standing.AFTER))
        rows.append((str(place), drawn.number, str(missing), str(after), drawn.value))
    headings = ("", say("Ärende", "Case"), say("Saknas", "Missing"), say("I efterhand", "After the fact"), "SHA-256")
    table = Table(say("Draget urval", "The sample drawn"), headings, tuple(rows), (1, 3, 2, 2, 6))
    title = say("Urval för granskning", "Sample for audit")
    document = Document(title, speech.language, "Färdplan", (*_drawn(speech, draw), table), "{page}", "")
    return {"sample.html": html_file(document), "sample.json": _json(sample_json(draw))}


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n").encode()


# The parts of the document.


def _head(told: Told) -> list[Block]:
    case, say, speech = told.dossier.case, told.speech.say, told.speech
    unit = told.reader.units.get(case.unit)
    agreement = told.dossier.linked.get("agreement")
    hidden = say("(du har inte tillgång)", "(not yours to see)")
    pairs = [
        (say("Ärende", "Case"), case.number),
        (say("Process", "Process"), told.label),
        (say("Mobilitet", "Mobility"), case.title or "–"),
        (say("Student", "Student"), told.person(case.subject)),
        (say("Enhet", "Unit"), say(unit.name_sv, unit.name_en) if unit else case.unit),
        (say("Diarienummer", "Registration number"), told.registration),
        (say("Status", "Status"), told.state(case.definition, case.state)),
        (say("Öppnat", "Opened"), speech.moment(case.opened_at)),
        (say("Avslutat", "Closed"), speech.moment(case.closed_at)),
        (say("Avtal", "Agreement"), f"{agreement.number} {agreement.title or hidden}" if agreement else "–"),
        (say("Mappen gäller till och med", "The folder is as of"),
         say("händelse {n}, hash {hash}", "event {n}, hash {hash}", n=case.version, hash=case.head)),
    ]  # fmt: skip
    return [Pairs(tuple(pairs))]


def _completeness(told: Told) -> list[Block]:
    say, dossier = told.speech.say, told.dossier
    counts = say(
        "{present} finns, {missing} saknas, {after} kom i efterhand.",
        "{present} present, {missing} missing, {after} after the fact.",
        present=dossier.count(Standing.PRESENT), missing=dossier.count(Standing.MISSING),
        after=dossier.count(Standing.AFTER),
    )  # fmt: skip
    headings = (
        say("Finns det?", "Is it there?"), say("Vad", "What"), say("Vilar på händelse", "Rests on event"),
        say("Anmärkning", "Remark"), say("Källa", "Source"),
    )  # fmt: skip
    lines = told.findings
    rows = tuple(
        (line.words, line.label, "\n".join(_rests(told, each) for each in line.rests) or "–", line.remark or "–",
         line.source)
        for line in lines
    )  # fmt: skip
    table = Table(say("Fullständighet", "Completeness"), headings, rows, (3, 4, 5, 5, 4), tuple(map(_mood, lines)))
    return [Heading(say("Fullständighet", "Completeness")), Line(counts), table]


def _mood(line: Any) -> Mood:
    return "bad" if line.fault else "good" if line.standing is Standing.PRESENT else ""


def _rests(told: Told, evidence: Evidence) -> str:
    case = "" if evidence.case == told.dossier.case.number else f"{evidence.case} · "
    return f"{case}{evidence.sequence} · {told.speech.moment(evidence.at)}"


def _papers(told: Told) -> list[Block]:
    blocks: list[Block] = [Heading(told.speech.say("Vad handlingarna säger", "What the papers say"))]
    for line in told.findings:
        if line.shown:
            blocks += [Heading(line.label, 3), Pairs(line.facts)]
    return blocks


def _applications(told: Told) -> list[Block]:
    say = told.speech.say
    if told.dossier.folder.call is None:
        return []
    title = say("Alla ansökningar i samma utlysning", "All applications of the same call")
    headings = ("", say("Ärende", "Case"), say("Sökande", "Applicant"), *told.rank_titles, say("Rangordnad", "Ranked"),
                say("Utfall", "Outcome"))  # fmt: skip
    rows = tuple(
        (str(each.place), each.number, each.who, *each.ranks, each.ranked, each.state) for each in told.applications
    )
    widths = (1, 4, 4, *(3 for _ in told.rank_titles), 4, 4)
    moods: tuple[Mood, ...] = tuple("good" if each.own else "" for each in told.dossier.applications)
    return [Heading(title), Table(title, headings, rows, widths, moods)]


def _decisions(told: Told) -> list[Block]:
    say = told.speech.say
    title = say("Beslut", "Decisions")
    headings = (say("Händelse", "Event"), say("Vad", "What"), say("Vem", "Who"), say("När", "When"),
                say("Skäl", "Reasons"), say("Underrättade", "Told"))  # fmt: skip
    rows = tuple((str(each.sequence), each.what, each.who, each.at, each.why, each.told) for each in told.decisions)
    if not rows:
        return [Heading(title), Line(say("Inga beslut är fattade.", "No decisions have been made."))]
    return [Heading(title), Table(title, headings, rows, (3, 5, 4, 4, 5, 5))]


def _corrections(told: Told) -> list[Block]:
    say = told.speech.say
    title = say("Rättelser", "Corrections")
    rows = tuple(
        (str(event.sequence), told.speech.moment(event.body["at"]), told.about(event.sequence))
        for event in told.dossier.corrections
    )
    if not rows:
        return [Heading(title), Line(say("Inget har rättats.", "Nothing has been corrected."))]
    headings = (say("Händelse", "Event"), say("När", "When"), say("Vad", "What"))
    return [Heading(title), Table(title, headings, rows, (3, 4, 14))]


def _history(told: Told) -> list[Block]:
    say = told.speech.say
    title = say("Hela historiken", "The whole history")
    headings = (say("Nr", "No."), say("När", "When"), say("Vad som hände", "What happened"), "SHA-256")
    rows = tuple(
        (str(event.sequence), told.speech.moment(event.body["at"]), told.about(event.sequence), event.hash)
        for event in told.dossier.subject.events
        if event.body
    )
    return [Heading(title), Table(title, headings, rows, (1, 4, 10, 5))]


def _readings(told: Told) -> list[Block]:
    say = told.speech.say
    title = say("Vem har läst ärendet", "Who has read the case")
    rows = tuple((told.speech.day(each.day), told.person(each.person)) for each in told.dossier.readings)
    whose = [Line(told.about_readings)] if told.about_readings else []
    if not rows:
        return [Heading(title), Line(say("Ingen läsning är antecknad.", "No reading is noted.")), *whose]
    return [Heading(title), Table(title, (say("Dag", "Day"), say("Vem", "Who")), rows, (1, 3)), *whose]


def _drawn(speech: Speech, draw: Draw) -> list[Block]:
    say, sample = speech.say, draw.sample
    how = say(
        "Varje avslutat ärende får värdet SHA-256 av slumpfröet (UTF-8) följt av ärendets id. De {n} lägsta värdena"
        " är urvalet.",
        "Each ended case is given SHA-256 of the seed (UTF-8) followed by the case's id. The {n} lowest values"
        " are the sample.",
        n=len(sample.drawn),
    )
    pairs = (
        (say("Slumpfrö", "Seed"), sample.seed),
        (say("Process", "Process"), draw.workflow),
        (say("Avslutade", "Ended"), f"{draw.since or '…'} – {draw.until or '…'}"),
        (say("Ärenden att dra ur", "Cases to draw from"), str(sample.size)),
        (say("SHA-256 av deras sorterade id, ett per rad", "SHA-256 of their sorted ids, a line each"),
         sample.population),
    )  # fmt: skip
    return [Heading(say("Hur urvalet drogs", "How the sample was drawn")), Line(how), Pairs(pairs)]


# For programs.


def as_json(told: Told, draw: Draw | None = None) -> dict[str, Any]:
    """The folder as JSON values. Instants are RFC 3339 in UTC."""
    dossier, case = told.dossier, told.dossier.case
    agreement = dossier.linked.get("agreement")
    return {
        "fardplan": "dossier/1",
        "institution": case.institution,
        "case": case.id,
        "number": case.number,
        "registration_number": case.facts.get("registration_number"),
        "workflow": case.workflow,
        "definition": case.definition,
        "state": case.state,
        "unit": case.unit,
        "agreement": agreement.number if agreement else None,
        "version": case.version,
        "head": case.head,
        "opened_at": _instant(case.opened_at),
        "closed_at": _instant(case.closed_at),
        "counts": {standing.value: dossier.count(standing) for standing in Standing},
        "papers": [_paper(told, each) for each in dossier.findings],
        "applications": [
            {"place": each.place, "number": each.number, "own": each.own, "state": each.state, **each.ranks,
             "ranked_at": _instant(each.ranked_at)}
            for each in dossier.applications
        ],
        "decisions": [
            {"sequence": each.event.sequence, "trigger": each.event.body["trigger"], "party": each.event.body["party"],
             "role": each.event.body["role"], "at": _instant(each.event.body["at"]),
             "told": [{"recipient": sent.recipient, "sent_at": _instant(sent.sent_at)} for sent in each.sent]}
            for each in dossier.decisions
        ],
        "corrections": [event.sequence for event in dossier.corrections],
        "readings_of": "all" if dossier.read_by.alone is None else dossier.read_by.alone,
        "readings": [{"person": each.person, "day": each.day.isoformat()} for each in dossier.readings],
        "events": len(dossier.subject.events),
        "sample": sample_json(draw) if draw is not None else None,
    }  # fmt: skip


def _paper(told: Told, finding: Finding) -> dict[str, Any]:
    paper = finding.paper
    return {
        "name": paper.name,
        "label": both(paper.label),
        "source": both(paper.source),
        "standing": finding.standing.value,
        "why": [why.value for why in finding.why],
        "lacks": list(finding.lacks),
        "before": _before(finding.limit),
        "evidence": [
            {"case": each.case, "sequence": each.sequence, "at": _instant(each.at), "hash": each.hash}
            for each in finding.evidence
        ],
        "facts": dict(finding.shown or {}),
        "of": finding.of or told.dossier.case.number,
        "attended_days": finding.attended_days,
        "planned_days": finding.planned_days,
        "elsewhere": both(paper.elsewhere) if paper.elsewhere else None,
    }


def _before(limit: Limit | None) -> dict[str, Any] | None:
    if limit is None:
        return None
    day = limit.day.isoformat() if limit.day else None
    return {"day": day, "at": _instant(limit.at), "case": limit.case, "sequence": limit.sequence}


def sample_json(draw: Draw) -> dict[str, Any]:
    """The draw, with all that is needed to check it."""
    sample = draw.sample
    return {
        "algorithm": "SHA-256(seed in UTF-8, then the case's id); the lowest values are the sample",
        "seed": sample.seed,
        "workflow": draw.workflow,
        "closed_since": draw.since.isoformat() if draw.since else None,
        "closed_until": draw.until.isoformat() if draw.until else None,
        "population": {"size": sample.size, "sha256_of_sorted_ids": sample.population},
        "drawn": [{"place": place, "case": each.id, "number": each.number, "value": each.value}
                  for place, each in enumerate(sample.drawn, start=1)],
    }  # fmt: skip


def _instant(at: int | None) -> str | None:
    return None if at is None else zulu(instant(at))
