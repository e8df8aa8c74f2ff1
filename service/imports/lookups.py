"""Finds what a row names: a partner in the register, an agreement by reference, number or partner."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches

from adapters.columns import Parsed
from adapters.values import folded
from adapters.values_codes import PartnerKey, PartnerRef
from engine.organisation import Organisation
from engine.partners import Partner, folded_name
from engine.store import natural_keys, partner_rows
from engine.store.natural_keys import Agreed
from engine.store.store import Session
from service.imports.source import Source

WORKFLOW = "agreement"
IN_FORCE = ("active", "expiring", "notice_given")
"""States in which an agreement is in force (PROCESSES 0)."""

MOST_SEARCHES = 200
"""How many unknown names are looked for among similar ones: 0.1 s each among 6,000 partners, on 2.1 GHz.

A list with more is another list.
"""

EVERYTHING = 1_000_000
LIKE_ENOUGH = 0.6


@dataclass
class Partners:
    """The register, as rows name what is in it."""

    institution: str
    source: Source
    _found: dict[tuple[str | None, ...], Partner | None] = field(default_factory=dict)
    _similar: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _register: list[Partner] | None = None

    def named(self, connection: Session, row: Parsed) -> Partner | None:
        """The partner a row names in one or several columns, the surest first; None if it names none.

        Raises Unfit, with near matches, where the one it names is not in the register.
        """
        keys = _keys(row)
        if not any(keys.values()):
            return None
        asked = tuple(keys.values())
        if asked not in self._found:
            self._found[asked] = partner_rows.find(connection, self.institution, **keys)
        found = self._found[asked]
        if found is None:
            raise self._unknown(connection, row, keys)
        return found

    def _unknown(self, connection: Session, row: Parsed, keys: dict[str, str | None]) -> Exception:
        columns = ("partner_erasmus_code", "partner_pic", "partner")
        column = next(each for each in columns if row.values.get(each) is not None)
        said = next(value for value in keys.values() if value)
        near = self._near(connection, said)
        sv = "ett lärosäte i partnerregistret (Erasmuskod, PIC eller namn)"
        en = "an institution in the register of partners (Erasmus code, PIC or name)"
        if self._register == []:
            sv, en = f"{sv}; det är tomt, importera partners först", f"{en}; it is empty, import the partners first"
        elif near:
            sv, en = f"{sv}; liknande: {'; '.join(near)}", f"{en}; similar: {'; '.join(near)}"
        shown = Parsed(row.number, {**row.values, column: said})
        return self.source.unfit(shown, column, sv, en)

    def _near(self, connection: Session, said: str) -> tuple[str, ...]:
        """The most similar names and codes in the register."""
        if self._register is None:
            self._register = partner_rows.search(connection, self.institution, "", limit=EVERYTHING)
        if said not in self._similar and len(self._similar) < MOST_SEARCHES:
            self._similar[said] = tuple(_similar(said, self._register))
        return self._similar.get(said, ())


def _keys(row: Parsed) -> dict[str, str | None]:
    ref = row.values.get("partner")
    keys: dict[str, str | None] = dict.fromkeys(PartnerKey)
    if isinstance(ref, PartnerRef):
        keys[ref.by] = ref.value
    for column, name in (("partner_erasmus_code", PartnerKey.ERASMUS_CODE), ("partner_pic", PartnerKey.PIC)):
        if row.values.get(column) is not None:
            keys[name] = str(row.values[column])
    return {str(name): keys[name] for name in (PartnerKey.ERASMUS_CODE, PartnerKey.PIC, PartnerKey.NAME)}


def _similar(said: str, register: Sequence[Partner]) -> Iterable[str]:
    wanted = folded_name(said)
    by_text: dict[str, Partner] = {}
    for each in register:
        by_text.setdefault(folded_name(each.name), each)
        if each.erasmus_code:
            by_text.setdefault(folded_name(each.erasmus_code), each)
    within = [text for text in by_text if len(wanted) > 3 and wanted in text]  # noqa: PLR2004 - a word, not a syllable
    found = [*within[:3], *get_close_matches(wanted, by_text, n=3, cutoff=LIKE_ENOUGH)]
    for partner in list(dict.fromkeys(by_text[text] for text in found))[:3]:
        yield partner.name + (f" ({partner.erasmus_code})" if partner.erasmus_code else "")


@dataclass
class Agreements:
    """The agreements of the institution, as lists name them. Read once a run."""

    source: Source
    organisation: Organisation
    _by_name: dict[str, list[Agreed]] = field(default_factory=dict)
    _by_partner: dict[str, list[Agreed]] = field(default_factory=dict)
    _similar: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def read(self, connection: Session, institution: str) -> None:
        """Read them anew."""
        self._by_name.clear()
        self._by_partner.clear()
        for each in natural_keys.agreements(connection, institution, WORKFLOW):
            for name in {folded(each.number), folded(each.reference or "")} - {""}:
                self._by_name.setdefault(name, []).append(each)
            if each.partner:
                self._by_partner.setdefault(each.partner, []).append(each)

    def called(self, name: str) -> list[Agreed]:
        """All agreements of this reference or number."""
        return self._by_name.get(folded(name), [])

    def by_reference(self, row: Parsed, column: str, *, starts_on: date, ends_on: date) -> Agreed:
        """The one agreement a column names; raises Unfit where it is none, or not one."""
        said = str(row.values[column])
        found = self.called(said)
        if not found:
            sv = "ett avtal som finns (avtalsnummer eller ärendenummer)"
            en = "an agreement that is here (its reference or case number)"
            if near := ", ".join(self._near(folded(said))):
                sv, en = f"{sv}; liknande: {near}", f"{en}; similar: {near}"
            raise self.source.unfit(row, column, sv, en)
        return self._one(row, column, narrowed(found, starts_on, ends_on))

    def _near(self, said: str) -> tuple[str, ...]:
        """How the agreements of the most similar references and numbers are called."""
        if said not in self._similar and len(self._similar) < MOST_SEARCHES:
            names = get_close_matches(said, self._by_name, n=3, cutoff=LIKE_ENOUGH)
            found = [self._by_name[name][0] for name in names]
            self._similar[said] = tuple(each.reference or each.number for each in found)
        return self._similar.get(said, ())

    def of_partner(
        self, row: Parsed, column: str, partner: Partner, *, unit: str | None, starts_on: date, ends_on: date
    ) -> Agreed:
        """The one agreement with a partner that a stay in a unit can be under; raises Unfit."""
        found = [each for each in self._by_partner.get(partner.id, ()) if each.state in IN_FORCE]
        near = [each for each in found if self._meets(each.unit, unit)]
        if not near:
            raise self.source.unfit(
                row,
                column,
                f"ett gällande avtal med {partner.name}; importera avtalen (agreements) först",
                f"an agreement in force with {partner.name}; import the agreements first",
            )
        return self._one(row, column, narrowed(near, starts_on, ends_on))

    def _meets(self, unit: str, wanted: str | None) -> bool:
        """Whether a unit is the one wanted, or lies above or below it."""
        if wanted is None:
            return True
        return wanted in self.organisation.upwards(unit) or unit in self.organisation.upwards(wanted)

    def _one(self, row: Parsed, column: str, found: Sequence[Agreed]) -> Agreed:
        if len(found) == 1:
            return found[0]
        numbers = ", ".join(each.number for each in found[:5])
        raise self.source.unfit(
            row,
            column,
            f"ett enda avtal; flera passar ({numbers}), ange ärendenumret i kolumnen agreement",
            f"one agreement; several fit ({numbers}), give the case number in the column agreement",
        )


def narrowed(found: Sequence[Agreed], starts_on: date, ends_on: date) -> Sequence[Agreed]:
    """Of several agreements those that fit best: still open, in force, over the stay."""
    for test in (_is_open, _is_in_force, lambda each: _covers(each, starts_on, ends_on)):
        # A test that nobody passes says nothing about which of them is meant.
        found = [each for each in found if test(each)] or found
    return found


def _is_open(agreed: Agreed) -> bool:
    return agreed.open


def _is_in_force(agreed: Agreed) -> bool:
    return agreed.state in IN_FORCE


def _covers(agreed: Agreed, starts_on: date, ends_on: date) -> bool:
    return (agreed.valid_from or date.min) <= starts_on and ends_on < (agreed.valid_to or date.max)
