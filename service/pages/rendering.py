"""Renders templates: escaped by default, strict about names, with the speech of one reader at hand."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from service.pages.saying import Speech

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"

_SPOKEN: Final = (
    "say", "text", "many", "number", "role", "roles", "either", "day", "weekday", "moment", "iso", "ago", "span",
    "due", "late", "left",
)  # fmt: skip


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates of the pages, compiled once."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"],
    )
    made.globals["asset"] = asset
    return made


@lru_cache(maxsize=64)
def asset(name: str) -> str:
    """The address of a file under static/, which changes with what it holds, so that it may be kept for good."""
    mark = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{mark}/{name}"


def render(template: str, speech: Speech, context: dict[str, Any]) -> str:
    """A page as text. Raises jinja2.UndefinedError for a name that nobody gave."""
    spoken = {name: getattr(speech, name) for name in _SPOKEN}
    words = {"speech": speech, "language": speech.language, "now": speech.now, "today": speech.today}
    return environment().get_template(template).render({**spoken, **words, **context})
