"""The file an import reads: its name, its columns, and how a fault in a row is told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.columns import Parsed
from adapters.tables_model import Fault, shown
from adapters.values import folded
from engine.errors import EngineError, Refused
from engine.vocabulary import Reason, Text


class Unfit(EngineError):
    """A row was read, but what it says cannot be taken in; `faults` say why."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("; ".join(fault.expected.en for fault in faults))


@dataclass(frozen=True, slots=True)
class Source:
    """The file and what its columns are called.

    `header_of` maps a column to its header in the file; `columns` are all that the list may
    have; `columns_of_facts` maps a fact to the column it comes from, where that has another name.
    """

    kind: str
    file: str
    header_of: Mapping[str, str]
    columns: frozenset[str]
    columns_of_facts: Mapping[str, str] = field(default_factory=dict)

    def evidence(self, row: int) -> str:
        """How the history names the row a case came from."""
        return f"{self.file}, row {row}"

    def unfit(self, row: Parsed, column: str, sv: str, en: str) -> Unfit:
        """What is wrong with the value of a column; the words stand after 'expected'."""
        return Unfit(self.fault(row, column, Text(sv, en)))

    def fault(self, row: Parsed, column: str, expected: Text) -> Fault:
        """A fault under the header the file has for the column; under the column's own name if it has none."""
        header = self.header_of.get(column, column if column in self.columns else "")
        return Fault(header, shown(plain(row.values.get(column))), expected)

    def refused(self, row: Parsed, refused: Refused) -> Unfit:
        """The engine's refusal, each reason at the column it is about."""
        reasons = refused.reasons or (Reason(refused.code, refused.message),)
        return Unfit(*(self._reason(row, reason) for reason in reasons))

    def _reason(self, row: Parsed, reason: Reason) -> Fault:
        """A reason such as `field:facts.stay_from` at its column, without the field's name before its words."""
        where = reason.code.removeprefix("field:")
        named = where.removeprefix("facts.").partition(".")[0]
        words = Text(reason.message.sv.removeprefix(f"{where}: "), reason.message.en.removeprefix(f"{where}: "))
        return self.fault(row, self.columns_of_facts.get(named, named), words)


def plain(value: Any) -> str:
    """A value as the report writes it: lists with commas, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, (tuple, list)):
        return ", ".join(plain(each) for each in value)
    if isinstance(value, Mapping):
        return " ".join(plain(each) for each in value.values() if each not in (None, "", [], ()))
    return str(getattr(value, "value", value))


def fingerprint(row: Parsed) -> str:
    """What a row says, as a hash. Blank columns say nothing, so adding one changes nothing."""
    said = {name: plain(value) for name, value in row.values.items() if value is not None}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def key_of(*parts: str) -> str:
    """The key of what these parts name, compared folded. A hash, since they may name a person."""
    return hashlib.sha256("\x1f".join(folded(part) for part in parts).encode()).hexdigest()[:40]


def not_kept(header_of: Mapping[str, str], without_place: Collection[str]) -> list[str]:
    """The headers of the file whose columns are understood but have no place in the house."""
    return [header for column, header in header_of.items() if column in without_place]
