"""A form that changes a case, as it came: which button, made at which version, and what was typed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from engine.model import Key
from engine.vocabulary import Reason, Text
from service.pages.form_values import ROOT, one, settled, with_row, without_row
from service.pages.form_values import field_at as find_field
from service.pages.forms import Field, Kind
from service.pages.posting import CSRF, KEY, Posted

LONGEST_TEXT: Final = 4000
"""How long a written reason, comment or evidence may be, as over the API."""

GO: Final = "go"
CONFIRM: Final = "confirm"
CHANGE: Final = "change"
SAVE: Final = "save"
DISCARD: Final = "discard"
INSERT: Final = "insert"

_OURS: Final = frozenset({CSRF, KEY, "do", "version"})
_LONGEST_VERSION: Final = 18


@dataclass(frozen=True)
class Sent:
    """What was sent. `do` is the button's value, `version` what the form was made at (None: it says none)."""

    do: str
    version: int | None
    typed: dict[str, list[str]]
    key: Key | None

    def text(self, name: str) -> str:
        """A text beside the fields, without blanks around it."""
        return one(self.typed, name).strip()

    def button(self, name: str) -> str | None:
        """What a button of several names ("add:f.rows"), or None where it was another."""
        kind, _, of = self.do.partition(":")
        return of if kind == name else None

    @property
    def sends(self) -> bool:
        """Whether the form is sent in earnest, rather than to go on filling it in."""
        return self.do in {GO, CONFIRM}


def read(form: Posted, fields: tuple[Field, ...] | None = None) -> Sent:
    """Read a form. Where its fields are given, blank rows are left out of one that is sent.

    In a draft they stay: the copy on the person's computer is of the rows as they were numbered.
    Its key stands for what was typed alone: so the page to check the answers on, and the form
    before it, are one and the same to it.
    """
    typed = {name: values for name, values in form.values.items() if name not in _OURS}
    version = form.one("version")
    known = int(version) if version.isascii() and version.isdigit() and len(version) <= _LONGEST_VERSION else None
    sent = Sent(form.one("do", GO), known, typed, None)
    if fields is not None and (sent.sends or sent.do == CHANGE):
        beside = {name: values for name, values in typed.items() if not name.startswith((f"{ROOT}.", f"q.{ROOT}."))}
        typed = {**settled(fields, typed), **beside}
    return Sent(sent.do, known, typed, _key(form, typed, known))


def _key(form: Posted, typed: Mapping[str, list[str]], version: int | None) -> Key | None:
    sent = json.dumps([form.request.url.path, version, typed], ensure_ascii=False, sort_keys=True)
    key = form.key
    return Key(key.key, hashlib.sha256(sent.encode()).hexdigest()) if key else None


def rows_changed(sent: Sent, fields: tuple[Field, ...]) -> dict[str, list[str]]:
    """What was typed, with the row added or removed that the button asks for."""
    add, remove = sent.button("add"), sent.button("remove")
    if add is not None and add.startswith(f"{ROOT}."):
        field = find_field(fields, add.removeprefix(f"{ROOT}."))
        return with_row(field, sent.typed, add) if field is not None and field.kind is Kind.PARTS else sent.typed
    if remove is not None and remove.startswith(f"{ROOT}."):
        return without_row(sent.typed, remove)
    return sent.typed


def too_long(sent: Sent, names: Iterable[tuple[str, Text]]) -> list[Reason]:
    """One reason for each of these texts that is too long."""
    return [
        Reason(
            f"field:{name}",
            Text(
                f"{label.sv}: är för lång, högst {LONGEST_TEXT} tecken.",
                f"{label.en}: is too long, at most {LONGEST_TEXT} characters.",
            ),
        )
        for name, label in names
        if len(sent.text(name)) > LONGEST_TEXT
    ]
