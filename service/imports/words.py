"""Writes the report of an import for a person, in Swedish or English."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from adapters.tables_model import Fault
from engine.vocabulary import Text
from service.imports.report import Difference, Report, Stopped

MOST_SHOWN = 50
"""Lines of each sort that are written out; the whole is in the report for programs."""

HEAD = Text(
    "{kind} ur {file}: {rows} rader. Nya {new}, oförändrade {unchanged}, avvikande {differing}, felaktiga {bad}.",
    "{kind} from {file}: {rows} rows. New {new}, unchanged {unchanged}, differing {differing}, bad {bad}.",
)
DRY = Text("Provkörning: ingenting har skrivits.", "Dry run: nothing has been written.")
BAD = Text("Felaktiga rader (de hindrar inte de andra)", "Bad rows (they do not stop the others)")
WRITTEN = Text("Ändrat i registret", "Changed in the register")
NOT_WRITTEN = Text(
    "Avvikande rader: ingenting ändrades. Har filen rätt, rätta i ärendet eller registret",
    "Differing rows: nothing was changed. Where the file is right, correct the case or the register",
)
STOPPED = Text(
    "Avtal som stoppar nästa utlysning eller nominering",
    "Agreements that stop the next call or nomination",
)
WARNINGS = Text("Att tänka på", "Warnings")
MORE = Text("… och {count} till; --json ger alla", "… and {count} more; --json gives all")


def language_here() -> str:
    """The language the machine is set to: sv where LC_ALL, LC_MESSAGES or LANG says so, else en."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "sv" if value.startswith("sv") else "en"
    return "en"


def written(report: Report, language: str | None = None) -> str:
    """The report as text of several lines."""
    said = _Said(language or language_here())
    counts = {result.value: count for result, count in report.counts.items()}
    head = said(HEAD).format(kind=report.kind, file=report.file, rows=report.rows, **counts)
    parts = [head, *([said(DRY)] if report.dry_run else [])]
    for title, lines in said.sections(report):
        if lines:
            parts += ["", f"{said(title)}:", *said.shortened(lines)]
    return "\n".join(parts)


class _Said:
    """Words in one language."""

    def __init__(self, language: str) -> None:
        self.swedish = language == "sv"

    def __call__(self, text: Text) -> str:
        return text.sv if self.swedish else text.en

    def sections(self, report: Report) -> Iterator[tuple[Text, list[str]]]:
        """The parts of the report, what needs somebody first."""
        yield STOPPED, [self.stopped(each) for _, each in report.stopped]
        yield BAD, [self.fault(row, each) for row, each in report.faults]
        for title, was_written in ((NOT_WRITTEN, False), (WRITTEN, True)):
            yield title, [self.difference(row, each) for row, each in report.differences if each.written is was_written]
        yield WARNINGS, [self.warning(row, each) for row, each in report.warnings]

    def shortened(self, lines: list[str]) -> Iterable[str]:
        """The first lines, and how many more there are."""
        yield from (f"  {line}" for line in lines[:MOST_SHOWN])
        if len(lines) > MOST_SHOWN:
            yield f"  {self(MORE).format(count=len(lines) - MOST_SHOWN)}"

    def at(self, row: int | None) -> str:
        """Where in the file."""
        if row is None:
            return ""
        return f"rad {row}, " if self.swedish else f"row {row}, "

    def fault(self, row: int, fault: Fault) -> str:
        """What is wrong in a row, and what was expected."""
        column = f"{fault.column}: " if fault.column else ""
        value = f"”{fault.value}” – " if fault.value else ""
        expected = "väntade " if self.swedish else "expected "
        return f"{self.at(row)}{column}{value}{expected}{self(fault.expected)}"

    def difference(self, row: int, found: Difference) -> str:
        """What was known, and what the file says."""
        said = "{was}, i filen {now}" if self.swedish else "{was}, in the file {now}"
        words = said.format(was=found.was or "–", now=found.now or "–")
        return f"{self.at(row)}{found.key}, {found.field}: {words}"

    def stopped(self, found: Stopped) -> str:
        """Which agreement, until when, and what that stops."""
        called = f" ({found.reference})" if found.reference else ""
        until = "gäller till" if self.swedish else "holds until"
        return f"{found.number}{called}, {found.partner}: {until} {found.holds_until}; {self(found.stops)}"

    def warning(self, row: int | None, text: Text) -> str:
        """A warning, with its row where it has one."""
        return f"{self.at(row)}{self(text)}"
