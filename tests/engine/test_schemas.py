"""JSON Schemas: made once for each model, and not at all for what JSON does not know."""

from __future__ import annotations

import pytest
from pydantic import ConfigDict
from pydantic.errors import PydanticUserError

from engine.schemas import schema_of
from engine.vocabulary import Form


class Named(Form):
    name: str


class Opaque(Form):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    what: memoryview


def test_the_schema_is_the_one_pydantic_makes() -> None:
    assert schema_of(Named) == Named.model_json_schema()


def test_the_schema_of_a_model_is_made_once() -> None:
    assert schema_of(Named) is schema_of(Named)


def test_a_model_that_json_does_not_know_is_told_each_time() -> None:
    for _ in range(2):
        with pytest.raises(PydanticUserError):
            schema_of(Opaque)
