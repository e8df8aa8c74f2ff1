"""Every model a page makes a form from: the facts and the forms of every process, by a name of its own."""

from __future__ import annotations

from pydantic import BaseModel

from tests.service import office

CATALOGUE = office.catalogue()

MODELS: dict[str, type[BaseModel]] = {
    f"{workflow.name}.{model.__name__}": model
    for workflow in (CATALOGUE.current(name).workflow for name in CATALOGUE.names)
    for model in (workflow.facts, *(transition.form for transition in workflow.transitions))
}
