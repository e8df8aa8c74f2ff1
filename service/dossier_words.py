"""An audit folder in words: how each paper stands, what it rests on, what is not right with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from engine.dossiers.trail import is_erased
from engine.dossiers.values import FAULTS, Application, Decided, Dossier, Evidence, Finding, Standing, Why
from engine.model import CLOCK_PARTY
from engine.naming import Named, named
from engine.organisation import Organisation
from engine.store.event_rows import Written
from engine.vocabulary import Facts, Text
from service.compose import House
from service.pages.codes import title_words
from service.pages.saying import Language, Speech
from service.pages.sentences import party
from service.pages.timeline import Entry, Folded, entry_of, fold_history, ids_of, typed_ids_of
from service.pages.values import Reader, Shown, declared_in, ids_in

STANDINGS: Final[Mapping[Standing, Text]] = {
    Standing.PRESENT: Text("Finns", "Present"),
    Standing.AFTER: Text("I efterhand", "After the fact"),
    Standing.MISSING: Text("Saknas", "Missing"),
    Standing.ERASED: Text("Uppgifterna raderade", "Details erased"),
    Standing.ELSEWHERE: Text("Finns på annat håll", "Held elsewhere"),
    Standing.NOT_YET: Text("Inte aktuellt än", "Not due yet"),
    Standing.NEVER: Text("Blev aldrig aktuellt", "Never came up"),
    Standing.NOT_ASKED: Text("Krävs inte här", "Not asked for here"),
}
"""How a paper stands."""

WHYS: Final[Mapping[Why, Text]] = {
    Why.RECORDED: Text("infördes i efterhand", "entered afterwards"),
    Why.DATED: Text("är daterat senare", "bears a later date"),
    Why.CHANGED: Text("ändrades efteråt", "was changed afterwards"),
}

LACKING: Final[Mapping[str, Text]] = {
    "step": Text("steget är inte taget", "the step has not been taken"),
    "notice": Text("ingen har underrättats", "nobody was told"),
    "student": Text("studentens underskrift", "the student's signature"),
    "sending": Text("det sändande universitetets underskrift", "the sending institution's signature"),
    "receiving": Text("det mottagande universitetets underskrift", "the receiving institution's signature"),
}


@dataclass(frozen=True, slots=True)
class FindingLine:
    """How a paper stands, in words. `facts` are titled values."""

    name: str
    label: str
    source: str
    standing: Standing
    words: str
    remark: str
    rests: tuple[Evidence, ...]
    facts: tuple[tuple[str, str], ...]

    @property
    def fault(self) -> bool:
        """Whether an auditor will ask about it."""
        return self.standing in FAULTS

    @property
    def shown(self) -> bool:
        """Whether anything more is to be shown of it."""
        return bool(self.facts)


@dataclass(frozen=True, slots=True)
class ApplicationLine:
    """Another application of the call: nobody's name stands in it."""

    place: int
    number: str
    who: str
    ranks: tuple[str, ...]
    ranked: str
    state: str


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision: what, by whom in which role, when, why, and who was told when."""

    sequence: int
    what: str
    who: str
    at: str
    why: str
    told: str


@dataclass(frozen=True)
class Told:
    """One folder, said in one language. Nothing in it depends on when it is said."""

    dossier: Dossier
    house: House
    speech: Speech
    reader: Reader
    entries: tuple[Entry, ...]

    # The papers.

    @property
    def findings(self) -> tuple[FindingLine, ...]:
        """The completeness list."""
        return tuple(self._finding(each) for each in self.dossier.findings)

    def _finding(self, finding: Finding) -> FindingLine:
        return FindingLine(
            name=finding.paper.name,
            label=self.speech.text(finding.paper.label),
            source=self.speech.text(finding.paper.source),
            standing=finding.standing,
            words=self.speech.text(STANDINGS[finding.standing]),
            remark=" ".join(self._remarks(finding)),
            rests=finding.evidence,
            facts=tuple(self._facts(finding)),
        )

    def _remarks(self, finding: Finding) -> Iterator[str]:
        say, standing = self.speech.say, finding.standing
        if finding.lacks and standing is not Standing.ERASED:
            lacking = ", ".join(self._lacking(finding, each) for each in finding.lacks)
            yield say("Det som saknas: {what}.", "What is not there: {what}.", what=lacking)
        if standing is Standing.AFTER:
            how = ", ".join(self.speech.text(WHYS[why]) for why in finding.why)
            before = self._limit(finding)
            yield say("Skulle ha föregått {limit}; {how}.", "Was to precede {limit}; {how}.", limit=before, how=how)
        if standing is Standing.ERASED:
            yield say("Att det gjordes står i historiken; vad som stod där är raderat.",
                      "That it was done stands in the history; what it said is erased.")  # fmt: skip
        if standing is Standing.ELSEWHERE and finding.paper.elsewhere is not None:
            yield say("{where}; diarienummer {number}.", "{where}; registration number {number}.",
                      where=self.speech.text(finding.paper.elsewhere), number=self.registration)  # fmt: skip
        if finding.attended_days is not None and finding.planned_days is not None:
            yield self._days(finding.attended_days, finding.planned_days)

    def _lacking(self, finding: Finding, what: str) -> str:
        if what in LACKING:
            return self.speech.text(LACKING[what])
        return self._title(finding, what).lower()

    def _limit(self, finding: Finding) -> str:
        limit = finding.limit
        if limit is None:
            return "–"
        if limit.day is not None:
            return self.speech.day(limit.day)
        where = f" ({limit.case} · {limit.sequence})" if limit.case else ""
        return f"{self.speech.moment(limit.at)}{where}"

    def _days(self, attended: int, planned: int) -> str:
        many, unit = self.speech.many, (("dag", "dagar"), ("day", "days"))
        apart = attended - planned
        said = self.speech.say(
            "Närvaro {attended}, avtalat {planned}", "Attended {attended}, agreed {planned}",
            attended=many(attended, *unit), planned=many(planned, *unit),
        )  # fmt: skip
        return said + (f" ({apart:+d})." if apart else ".")

    def _facts(self, finding: Finding) -> Iterator[tuple[str, str]]:
        model = self._model(finding)
        for name, value in (finding.shown or {}).items():
            yield self._title(finding, name), flat(self.reader.read(value, declared_in(model, name), name))

    def _model(self, finding: Finding) -> type[Facts]:
        link = finding.paper.link
        case = self.dossier.linked.get(link, self.dossier.case) if link else self.dossier.case
        return self.house.catalogue.by_hash(case.definition).workflow.facts

    def _title(self, finding: Finding, name: str) -> str:
        field = self._model(finding).model_fields.get(name)
        return self.speech.text(title_words(name, field.title if field else None))

    # The case.

    @property
    def registration(self) -> str:
        """By which number the papers are found: the case's, else its agreement's; or that there is none."""
        own = self.dossier.case.facts.get("registration_number")
        agreements = (linked.facts.get("registration_number") for linked in self.dossier.linked.values())
        of_agreement = next((each for each in agreements if each), None)
        if own or of_agreement is None:
            return str(own) if own else self.speech.say("saknas i ärendet", "not in the case")
        return self.speech.say("{number} (avtalets)", "{number} (the agreement's)", number=of_agreement)

    @property
    def about_readings(self) -> str:
        """Whose readings are told; nothing where everybody's are."""
        if self.dossier.read_by.alone is None:
            return ""
        return self.speech.say(
            "Här står bara dina egna läsningar. Allas läsningar visas för den som är revisor där ärendet ligger.",
            "Your own readings alone stand here. Everybody’s are shown to whoever audits where the case lies.",
        )

    @property
    def label(self) -> str:
        """The process."""
        return self.speech.text(self.house.catalogue.current(self.dossier.case.workflow).workflow.label)

    def state(self, definition: str, name: str) -> str:
        """The label of a state."""
        return self.speech.text(self.house.catalogue.by_hash(definition).states[name].label)

    def person(self, id_: str | None) -> str:
        """Somebody's name."""
        return self.reader.named(id_).words if id_ else "–"

    # The call and the decisions.

    @property
    def rank_titles(self) -> tuple[str, ...]:
        """What the order of the applications is told by."""
        call = self.dossier.folder.call
        fields = self.house.catalogue.current(self.dossier.case.workflow).workflow.facts.model_fields
        return tuple(self.speech.text(title_words(name, fields[name].title)) for name in (call.ranks if call else ()))

    @property
    def applications(self) -> tuple[ApplicationLine, ...]:
        """All applications of the call."""
        return tuple(self._application(each) for each in self.dossier.applications)

    def _application(self, each: Application) -> ApplicationLine:
        say = self.speech.say
        return ApplicationLine(
            place=each.place,
            number=each.number or say("ej läsbart för dig", "not yours to read"),
            who=say("Denna ansökan", "This application")
            if each.own
            else say("Sökande {n}", "Applicant {n}", n=each.place),
            ranks=tuple("–" if value is None else str(value) for value in each.ranks.values()),
            ranked=self.speech.moment(each.ranked_at),
            state=self.state(each.definition, each.state),
        )

    @property
    def decisions(self) -> tuple[DecisionLine, ...]:
        """The decisions, oldest first."""
        return tuple(self._decision(each) for each in self.dossier.decisions)

    def _decision(self, decided: Decided) -> DecisionLine:
        event, body = decided.event, decided.event.body
        entry = next(each for each in self.entries if each.sequence == event.sequence)
        return DecisionLine(
            sequence=event.sequence,
            what=entry.words,
            who=", ".join(filter(None, (party(body["party"], self.reader), entry.role))),
            at=self.speech.moment(body["at"]),
            why=self._why(event),
            told="\n".join(self._sent(decided)) or self.speech.say("ingen", "nobody"),
        )

    def _why(self, event: Written) -> str:
        if is_erased(event):
            return self.speech.text(STANDINGS[Standing.ERASED])
        told = dict(event.told or {})
        fields = told.get("fields") or {}
        parts = [] if event.body["party"] == CLOCK_PARTY else [str(told["reason"])] if told.get("reason") else []
        if fields.get("reasons"):
            parts.append(str(fields["reasons"]))
        if fields.get("presented_by"):
            parts.append(self.speech.say("Föredragande: {who}", "Presented by: {who}", who=fields["presented_by"]))
        if fields.get("no_conflict_of_interest"):
            parts.append(self.speech.say("Har intygat att jäv inte finns", "Declared no conflict of interest"))
        return "\n".join(parts) or "–"

    def _sent(self, decided: Decided) -> Iterator[str]:
        for each in decided.sent:
            kind, _, id_ = each.recipient.partition(":")
            unit = self.reader.units.get(id_)
            name = self.speech.say(unit.name_sv, unit.name_en) if kind == "unit" and unit else None
            when = self.speech.moment(each.sent_at) if each.sent_at else self.speech.say("inte sänt", "not sent")
            yield f"{name or self.person(id_)}: {when}"
        told = (decided.event.told or {}).get("fields") or {}
        if told.get("told_on"):
            how = told.get("told_how") or "–"
            yield self.speech.say("Meddelat {day}, {how}", "Told on {day}, {how}", day=told["told_on"], how=how)

    def about(self, sequence: int) -> str:
        """Everything an event of the history says, a line each."""
        entry = next(each for each in self.entries if each.sequence == sequence)
        said = [entry.words, *(f"{title}: {text}" for title, text in entry.said)]
        said += [
            f"{change.title}: {flat(change.before) or '–'} → {flat(change.after) or '–'}" for change in entry.changes
        ]
        said += entry.deadlines
        if entry.erased:
            said.append(self.speech.text(STANDINGS[Standing.ERASED]))
        return "\n".join(said)


def flat(shown: Shown) -> str:
    """A value as running text: parts and items a line each."""
    if shown.parts:
        return "; ".join(f"{title}: {flat(part)}" for title, part in shown.parts)
    return "\n".join(flat(each) for each in shown.items) if shown.items else shown.words


def tell(house: House, dossier: Dossier, organisation: Organisation, language: Language) -> Told:
    """Put a folder into words. Reads the names in it; days are told as of the case's last event."""
    case = dossier.case
    speech = Speech(language, case.updated_at, organisation.calendar(organisation.institution))
    folded = fold_history(dossier.subject.events, house.catalogue)
    reader = Reader(speech, _names(house, dossier, organisation, folded), organisation.units)
    return Told(dossier, house, speech, reader, tuple(entry_of(each, reader) for each in folded.told))


def _names(house: House, dossier: Dossier, organisation: Organisation, folded: Folded) -> Mapping[str, Named]:
    """What ids stand for. A person's id that was typed into a fact is named where it is one of the staff's."""
    here = ids_of(folded.told) | {dossier.case.subject or "", *(each.person for each in dossier.readings)}
    here |= {case.id for case in (dossier.case, *dossier.linked.values())}
    typed = typed_ids_of(folded.told)
    for kind, _, id_ in (sent.recipient.partition(":") for decided in dossier.decisions for sent in decided.sent):
        (typed if kind == "partner" else here).add(id_)
    for finding in dossier.findings:
        typed |= set(ids_in(finding.shown or {}))
    known = here | {held.person for held in organisation.memberships}
    found = named(house.store, organisation.institution, (here | typed) - {""})
    return {id_: each for id_, each in found.items() if each.kind != "person" or id_ in known}
