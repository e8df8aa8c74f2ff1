"""The values of facts as people read them: days, yes and no, words for codes, names for ids, lists as lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from engine.naming import Named
from engine.organisation import UnitRow
from engine.vocabulary import Held, Identifier
from service.pages.codes import code_words, title_words
from service.pages.forms import IDENTIFIER
from service.pages.saying import Speech
from service.shapes import is_id


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as a page shows it: words (with an address, where they lead somewhere), or items, or titled parts."""

    words: str = ""
    href: str | None = None
    items: tuple[Shown, ...] = ()
    parts: tuple[tuple[str, Shown], ...] = ()

    @property
    def flat(self) -> bool:
        """Whether it is words, or a list of nothing but words: it can stand on a line with others."""
        return not self.parts and all(not (each.items or each.parts or each.href) for each in self.items)


def ids_in(value: object) -> Iterator[str]:
    """Every id that occurs in a JSON value."""
    if isinstance(value, str) and is_id(value):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from ids_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from ids_in(each)


def declared_in(model: type[BaseModel], name: str) -> Any:
    """What a field was declared as, its bounds with it; text where the model does not know it."""
    if issubclass(model, Held) and name == "case":
        return Identifier  # the engine's own, which nobody types
    field = model.model_fields.get(name)
    declared: Any = field.annotation if field else str
    for bound in field.metadata if field else ():
        declared = Annotated[declared, bound]
    return declared


@dataclass(frozen=True)
class Reader:
    """Reads JSON values by the types they were declared with.

    `names` are what the reader may be told; a text that happens to be an id is a text, whoever typed it.
    """

    speech: Speech
    names: Mapping[str, Named]
    units: Mapping[str, UnitRow]

    def read(self, value: object, declared: Any, name: str = "") -> Shown:
        """Make a value readable. What does not fit its type any more is shown as it is written."""
        kind = _without_none(declared)
        if value is None or value in ("", [], {}):
            return Shown(self.speech.say("inget", "nothing"))
        if isinstance(value, bool):
            return Shown(self.speech.say("ja", "yes") if value else self.speech.say("nej", "no"))
        if isinstance(value, Mapping):
            return Shown(parts=tuple(self._parts(value, kind)))
        if isinstance(value, list | tuple):
            inner = next((each for each in get_args(kind) if each is not Ellipsis), str)
            return Shown(items=tuple(self.read(each, inner, name) for each in value))
        return self._plain(value, declared, name)

    def _parts(self, value: Mapping[str, object], kind: Any) -> Iterator[tuple[str, Shown]]:
        model = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else BaseModel
        for name, each in value.items():
            if each is None or each in ("", []):
                continue
            field = model.model_fields.get(name)
            title = self.speech.text(title_words(name, field.title if field else None))
            yield title, self.read(each, declared_in(model, name), name)

    def _plain(self, value: object, declared: Any, name: str) -> Shown:
        kind = _without_none(declared)
        if isinstance(value, int | float):
            return Shown(self.speech.number(value) if value >= 10_000 else str(value))  # noqa: PLR2004 - a year is no amount
        written = str(value)
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return Shown(self.speech.text(code_words(kind.__name__, written)))
        if kind is date:
            return Shown(self._day(written))
        if name.endswith("unit") and written in self.units:
            unit = self.units[written]
            return Shown(self.speech.say(unit.name_sv, unit.name_en))
        return self.named(written) if is_id(written) and _stands_for_something(declared) else Shown(written)

    def _day(self, written: str) -> str:
        try:
            return self.speech.day(date.fromisoformat(written))
        except ValueError:
            return written

    def named(self, id_: str) -> Shown:
        """What an id stands for; a case leads to its page."""
        found = self.names.get(id_)
        if found is None:
            return Shown(self.speech.say("finns inte längre", "no longer there"))
        if found.words is None:
            return Shown(self.speech.say("raderad person", "erased person"))
        return Shown(found.words, f"/cases/{found.words}" if found.kind == "case" else None)


def _without_none(declared: Any) -> Any:
    """The type behind "or nothing" and bounds."""
    if get_origin(declared) is Annotated:
        return _without_none(get_args(declared)[0])
    if get_origin(declared) in {Union, UnionType}:
        kinds = [each for each in get_args(declared) if each is not NoneType]
        return _without_none(kinds[0]) if kinds else str
    return declared


def _stands_for_something(declared: Any) -> bool:
    """Whether what was declared is the id of a person, partner or case."""
    if get_origin(declared) is Annotated:
        inner, *bounds = get_args(declared)
        return any(getattr(each, "pattern", None) == IDENTIFIER for each in bounds) or _stands_for_something(inner)
    ways = get_args(declared) if get_origin(declared) in {Union, UnionType} else ()
    return any(_stands_for_something(each) for each in ways)
