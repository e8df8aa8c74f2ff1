"""The JSON Schema of facts and forms, made once for each model: making one is dear.

It is checked, hashed and published. The same value each time, so it is only to be read.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pydantic import BaseModel

# All models of a house and of its replaced files; the bound keeps tests from hoarding theirs.
_MODELS_KEPT = 1024


@lru_cache(maxsize=_MODELS_KEPT)
def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """Give the JSON Schema of a model.

    Raises pydantic.errors.PydanticUserError for a model that holds what JSON does not know.
    """
    return model.model_json_schema()
