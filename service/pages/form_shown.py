"""A form as a template shows it: each field with what was typed, what is wrong with it, what was found for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from engine.vocabulary import Reason, Text
from service.pages.form_values import DAY, ROOT, Typed, one, rows_of
from service.pages.forms import FEW, LOOKED_UP, Field, Kind, Option


@dataclass(frozen=True, slots=True)
class Shown:
    """A field on a page. `path` is its place ("rows.0.places"), under which faults name it.

    Of a list, `rows` are its rows. Of what is looked up, `words` were searched for and
    `found` is offered, what is chosen already among it. `suggested` are likely texts.
    """

    field: Field
    name: str
    path: str
    typed: tuple[str, ...] = ()
    fault: Text | None = None
    parts: tuple[Shown, ...] = ()
    rows: tuple[Row, ...] = ()
    words: str = ""
    found: tuple[Option, ...] = ()
    suggested: tuple[str, ...] = ()

    @property
    def first(self) -> str:
        """What is typed in a field of one value."""
        return self.typed[-1] if self.typed else ""

    @property
    def dated(self) -> bool:
        """Whether a browser's own calendar can hold what is typed; else it would silently drop it."""
        try:
            return not self.first or (DAY.fullmatch(self.first) is not None and bool(date.fromisoformat(self.first)))
        except ValueError:
            return False

    @property
    def radio(self) -> bool:
        """Whether the choices stand side by side, rather than in a list."""
        return len(self.field.options) <= FEW

    @property
    def full(self) -> bool:
        """Whether the list takes no more rows."""
        return self.field.high is not None and len(self.rows) >= self.field.high

    @property
    def described_by(self) -> str:
        """The ids of what explains the field."""
        named = (("h", self.field.hint), ("e", self.fault))
        return " ".join(f"{letter}-{self.path}" for letter, words in named if words is not None)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a list; `name` is what its removal names."""

    name: str
    parts: tuple[Shown, ...]


@dataclass(frozen=True)
class Showing:
    """What a form is shown with: what the registers gave, by name of the field, and likely texts, by its path."""

    typed: Typed
    faults: Mapping[str, Text] = field(default_factory=dict)
    found: Mapping[str, tuple[Option, ...]] = field(default_factory=dict)
    suggested: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def all(self, fields: Iterable[Field], at: str = ROOT) -> tuple[Shown, ...]:
        """The fields under a name."""
        return tuple(self.one(each, f"{at}.{each.name}") for each in fields)

    def one(self, field: Field, name: str) -> Shown:
        """One field."""
        path = name.removeprefix(f"{ROOT}.")
        typed, likely = tuple(self.typed.get(name, ())), self.suggested.get(path, ())
        bare = Shown(field, name, path, typed, self.faults.get(path), suggested=likely)
        match field.kind:
            case Kind.PART:
                return replace(bare, parts=self.all(field.parts, name))
            case Kind.PARTS:
                rows = (
                    Row(f"{name}.{row}", self.all(field.parts, f"{name}.{row}")) for row in rows_of(self.typed, name)
                )
                return replace(bare, rows=tuple(rows))
            case kind if kind in LOOKED_UP:
                return replace(bare, words=one(self.typed, f"q.{name}"), found=self.found.get(name, ()))
            case _:
                return bare


def looked_up(fields: Iterable[Field], typed: Typed, at: str = ROOT) -> Iterable[tuple[Field, str]]:
    """Every field that is looked up, with its name, rows and parts included."""
    for each in fields:
        name = f"{at}.{each.name}"
        if each.kind in LOOKED_UP:
            yield each, name
        elif each.kind is Kind.PART:
            yield from looked_up(each.parts, typed, name)
        elif each.kind is Kind.PARTS:
            for row in rows_of(typed, name):
                yield from looked_up(each.parts, typed, f"{name}.{row}")


# Faults.


def faults_of(reasons: Iterable[Reason]) -> dict[str, Text]:
    """What is wrong by the path of the field; the first where there are several."""
    found: dict[str, Text] = {}
    for reason in reasons:
        if reason.code.startswith("field:"):
            found.setdefault(reason.code.removeprefix("field:"), reason.message)
    return found


def spoken(reasons: Iterable[Reason], fields: tuple[Field, ...]) -> tuple[Reason, ...]:
    """The reasons with fields called by their labels, where the engine calls them by their names."""
    return tuple(_spoken(reason, fields) for reason in reasons)


def _spoken(reason: Reason, fields: tuple[Field, ...]) -> Reason:
    path = reason.code.removeprefix("field:")
    if path == reason.code:
        return reason
    label, last = labelled(path, fields)
    if last is None:
        # Of the form as a whole: there is no field to lead to.
        return replace(reason, code="form")
    sv, en = (_called(words, path, called) for words, called in zip(*_pairs(reason.message, label), strict=True))
    if last.kind is Kind.DECLARATION:
        sv, en = f"{label.sv}: kryssa i rutan om det stämmer.", f"{label.en}: tick the box if it is so."
    # Lines and ticks have one field for all of them.
    anchor = path.rpartition(".")[0] if last.kind in {Kind.LINES, Kind.CHOICES} and path[-1].isdigit() else path
    return replace(reason, code=f"field:{anchor}", message=Text(sv, en))


def _pairs(message: Text, label: Text) -> tuple[tuple[str, str], tuple[str, str]]:
    return (message.sv, message.en), (label.sv, label.en)


def _called(words: str, path: str, label: str) -> str:
    """The sentence, beginning with the label in place of the path."""
    begins = f"{path}: "
    return f"{label}: {words.removeprefix(begins)}" if words.startswith(begins) else words


def labelled(path: str, fields: tuple[Field, ...]) -> tuple[Text, Field | None]:
    """The label of a path ("Platser 2, Riktning"), and its field; None where there is none."""
    name, _, rest = path.partition(".")
    found = next((each for each in fields if each.name == name), None)
    if found is None:
        return Text(path, path), None
    label = found.label
    if found.kind in {Kind.PARTS, Kind.LINES, Kind.CHOICES} and rest:
        row, _, rest = rest.partition(".")
        nth = f" {int(row) + 1}" if row.isdigit() else ""
        label = Text(f"{label.sv}{nth}", f"{label.en}{nth}")
    if not rest:
        return label, found
    inner, last = labelled(rest, found.parts)
    return Text(f"{label.sv}, {inner.sv}", f"{label.en}, {inner.en}"), last or found
