"""Whether rows that belong together are together: links, what lists and searches read, rows without their case."""

from __future__ import annotations

from collections.abc import Iterator

from engine.doctor.shape import CaseFile, Fault, Round
from engine.store.doctor_rows import Reached


def leading_somewhere(file: CaseFile, _round: Round) -> Iterator[Fault]:
    """A link leads to a case, and to one of this institution."""
    for name, to in file.row.links:
        if to not in file.targets:
            yield Fault(f"{name} {to}", "it crosses institutions" if to in file.abroad else "it leads nowhere")


def reached(file: CaseFile, _round: Round) -> Iterator[Fault]:
    """The units through which the case is read are those of the cases it is tied to."""
    ended = "" if file.row.closed_at is None else file.row.state
    units = {file.targets[to] for _, to in file.row.links if to in file.targets}
    told = {Reached(unit, file.row.unit, file.row.workflow, ended) for unit in units}
    for unit in sorted({each.unit for each in told ^ file.reached}):
        stored = next((each for each in file.reached if each.unit == unit), None)
        yield Fault(unit, "stored=none" if stored is None else f"own={stored.own} ended={stored.ended}")


def spoken(file: CaseFile, _round: Round) -> Iterator[Fault]:
    """The words searches find the case by are its own."""
    if file.unspoken:
        yield Fault("", "")


def at_home(file: CaseFile, _round: Round) -> Iterator[Fault]:
    """No row tells of a case that is not there."""
    yield from (Fault(table, "") for table in file.strays)
