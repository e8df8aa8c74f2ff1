"""Facts and forms: they can be published as JSON Schema, and what is asked for can be kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from inspect import getclosurevars
from typing import Any, Final, TypeAlias

from pydantic import BaseModel
from pydantic.errors import PydanticUserError

from engine.reading import functions_in
from engine.schemas import schema_of
from engine.vocabulary import Form, Workflow, fact_day, has_fact, noting

Schema: TypeAlias = Mapping[str, Any]

LANGUAGES_BETWEEN: Final = " / "
"""Stands between the Swedish and the English title of a field."""


def models(workflow: Workflow) -> Iterator[tuple[str, type[BaseModel]]]:
    """Give the facts and every form once, with where they stand."""
    yield f"facts {workflow.facts.__name__}", workflow.facts
    forms: dict[type[Form], None] = dict.fromkeys(each.form for each in workflow.transitions)
    yield from ((f"form {form.__name__}", form) for form in forms)


def publishable(workflow: Workflow) -> Iterator[str]:
    """Find models without a JSON Schema: page forms and clients are made from it."""
    for where, model in models(workflow):
        try:
            schema_of(model)
        except PydanticUserError as error:
            first = str(error).splitlines()[0]
            yield f"{where}: has no JSON Schema ({first}); use types that JSON knows"


def exact(workflow: Workflow) -> Iterator[str]:
    """Find floats: history hashes what it keeps, and a float has no one way to be written."""
    for where, schema in _schemas(workflow):
        for name, part in _fields(schema):
            if "number" in _kinds(part, schema):
                yield f"{where}, field {name}: is a float; use int, or Decimal"


def titled(workflow: Workflow) -> Iterator[str]:
    """Find fields of forms without a title in both languages."""
    for where, schema in _schemas(workflow):
        for name, part in _fields(schema):
            title = str(part.get("title", ""))
            swedish, _, english = title.partition(LANGUAGES_BETWEEN)
            if where.startswith("form") and not (swedish.strip() and english.strip()):
                what = f"its title is {title!r}; write title='svenska / English'"
                yield f"{where}, field {name}: {what}"


def kept(workflow: Workflow) -> Iterator[str]:
    """Find form fields that bear the name of a fact but may hold what the fact cannot."""
    schemas = list(_schemas(workflow))
    if not schemas or not schemas[0][0].startswith("facts"):
        return
    (_, facts), *forms = schemas
    for where, form in forms:
        for name in form.get("properties", {}).keys() & facts.get("properties", {}).keys():
            asked = _kinds(form["properties"][name], form)
            fact = _kinds(facts["properties"][name], facts)
            strange = sorted(kind for kind in asked if not _fits(kind, fact))
            if strange:
                what = f"may be {', '.join(strange)}, but the fact {name} is"
                can = " or ".join(sorted(fact))
                yield f"{where}, field {name}: {what} {can}; make them agree or rename the field"


def protected(workflow: Workflow) -> Iterator[str]:
    """Find protected facts that do not exist."""
    for name in workflow.protected:
        if name not in workflow.facts.model_fields:
            yield f"protected: {name} is not a fact; name a field of {workflow.facts.__name__}"


def spelt(workflow: Workflow) -> Iterator[str]:
    """Find facts and figures, named by text to the vocabulary, that do not exist: a function would fail on them."""
    declared = workflow.facts.model_fields
    for name in sorted({*_named(workflow, fact_day, "facts"), *_named(workflow, has_fact, "name")} - declared.keys()):
        yield f"functions: {name} is not a fact; name a field of {workflow.facts.__name__}"
    figures = {name.removeprefix("-") for name in _named(workflow, fact_day, "days", "weeks")}
    for name in sorted(figures - workflow.figures.keys()):
        yield f"functions: {name} is not a figure; name one that stands in figures"
    for transition in workflow.transitions:
        for name in sorted({*_named(transition.sets, noting, "on_this_day", "facts")} - declared.keys()):
            what = f"sets {name}, which is not a fact; name a field of {workflow.facts.__name__}"
            yield f"transition {transition.trigger}: {what}"


def _named(value: object, maker: object, *variables: str) -> Iterator[str]:
    """Give what was named to the functions in a value that a function of the vocabulary has made."""
    for function in functions_in(value):
        made_by, _, inner = function.__qualname__.partition(".<locals>")
        if inner and made_by == getattr(maker, "__name__", "") and function.__module__ == maker.__module__:
            inside = getclosurevars(function).nonlocals
            for names in (inside[variable] for variable in variables):
                # A count may be a number or the name of a figure.
                yield from [names] if isinstance(names, str) else () if isinstance(names, int) else names


def _schemas(workflow: Workflow) -> Iterator[tuple[str, Schema]]:
    """Give the JSON Schema of every model that has one, the facts' first."""
    for where, model in models(workflow):
        try:
            yield where, schema_of(model)
        except PydanticUserError:
            continue


def _fields(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Give the fields of a model and of the models inside it."""
    yield from schema.get("properties", {}).items()
    for name, inner in schema.get("$defs", {}).items():
        for field, part in inner.get("properties", {}).items():
            yield f"{name}.{field}", part


def _kinds(part: Schema, whole: Schema) -> set[str]:
    """Name the kinds of value a schema allows: its JSON types, with format, values or items."""
    if "$ref" in part:
        named = part["$ref"].rsplit("/", 1)[-1]
        return _kinds(whole["$defs"][named], whole)
    several = part.get("anyOf") or part.get("oneOf")
    if several:
        return _with_decimals({kind for one in several for kind in _kinds(one, whole)})
    if "const" in part or "enum" in part:
        return {f"the value {value!r}" for value in part.get("enum", [part.get("const")])}
    kind = str(part.get("type", "anything"))
    if kind == "array" and isinstance(part.get("items"), Mapping):
        return {f"array of {inner}" for inner in _kinds(part["items"], whole)}
    # A text of a certain form counts as its own kind: not every text fits it.
    form = part.get("format") or part.get("pattern")
    return {f"{kind} ({form})" if form else kind}


def _with_decimals(kinds: set[str]) -> set[str]:
    """Tell a Decimal, published as a number or the text of one, from a float."""
    written_out = {kind for kind in kinds if kind.startswith("string")}
    if "number" not in kinds or not written_out:
        return kinds
    return kinds - written_out - {"number"} | {"decimal"}


def _fits(kind: str, fact: set[str]) -> bool:
    """Tell whether a fact can hold a kind of value."""
    if kind in fact or "anything" in fact or kind == "anything":
        return True
    if kind.startswith("array of "):
        items = {each.removeprefix("array of ") for each in fact if each.startswith("array of ")}
        return bool(items) and _fits(kind.removeprefix("array of "), items)
    if kind.startswith("the value "):
        return _fits(_type_of(kind.removeprefix("the value ")), fact)
    if kind == "integer":
        return bool({"number", "decimal"} & fact)
    return kind.startswith("string (") and "string" in fact


def _type_of(value: str) -> str:
    """Name the JSON type of a value written out by Python."""
    if value.startswith(("'", '"')):
        return "string"
    return "integer" if value.lstrip("-").isdigit() else "boolean"


FACT_CHECKS: Final = (publishable, exact, titled, kept, protected, spelt)
