"""What was learned from answers, of whichever party, to be used in the requests of any."""

from __future__ import annotations

import html
import json
import random
import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.fuzzing.asgi import Answered, Asked
from tests.fuzzing.universities import MARK

MOST: Final = 300
"""How many of each sort are remembered, the newest."""

KIND_OF: Final[Mapping[str, str]] = {
    "number": "number", "next_cursor": "cursor", "subject": "person", "assignee": "person", "party": "person",
    "workflow": "workflow", "state": "state", "unit": "unit", "code": "unit", "trigger": "trigger",
    "recipient": "recipient", "hash": "hash", "person": "person", "case": "case",
}  # fmt: skip
"""Which sort a member of an answer is of."""

_LINK: Final = re.compile(r'(?:href|action|hx-get|hx-post)="(/[^"#]*)')
_FORM: Final = re.compile(r'<form\b[^>]*?action="(/[^"]*)"[^>]*>(.*?)</form>', re.DOTALL)
_INPUT: Final = re.compile(r'<(?:input|select|textarea|button)\b[^>]*?name="([^"]*)"(?:[^>]*?value="([^"]*)")?')
_SECRET: Final = re.compile(r"/(feeds|in|static)/")


@dataclass(frozen=True)
class Form:
    """A form as it stood on a page: where it leads, and its fields."""

    action: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Chance:
    """A step that a case offered: the case, its version, and the schema of its fields."""

    case: str
    version: int
    trigger: str
    schema: Mapping[str, Any]
    on_behalf_of: str | None


@dataclass
class Memory:
    """Pools of values by sort; `versions` is keyed by case."""

    pools: dict[str, deque[str]] = field(default_factory=dict)
    forms: deque[Form] = field(default_factory=lambda: deque(maxlen=MOST))
    chances: deque[Chance] = field(default_factory=lambda: deque(maxlen=MOST))
    versions: dict[str, int] = field(default_factory=dict)

    def put(self, sort: str, values: Sequence[str]) -> None:
        """Remember values of a sort; marks are taken out, so that no request ever carries one."""
        pool = self.pools.setdefault(sort, deque(maxlen=MOST))
        pool.extend(plain for plain in (MARK.sub("x", value) for value in values) if plain not in pool)

    def one(self, sort: str, chance: random.Random, otherwise: str = "") -> str:
        """Any value of a sort."""
        pool = self.pools.get(sort)
        return pool[chance.randrange(len(pool))] if pool else otherwise

    def learn(self, asked: Asked, answered: Answered) -> None:
        """Take in what an answer tells."""
        if answered.media == "application/json" and answered.body:
            self._told(json.loads(answered.body))
        elif answered.media == "text/html":
            self._shown(answered.body.decode("utf-8", "replace"))
        if key := dict(asked.headers).get("idempotency-key"):
            self.put("key", [key])

    def _told(self, value: Any) -> None:
        if isinstance(value, list):
            for each in value[:50]:
                self._told(each)
        elif isinstance(value, dict):
            for name, each in value.items():
                if isinstance(each, str) and name in KIND_OF:
                    self.put(KIND_OF[name], [each])
                elif isinstance(each, dict | list):
                    self._told(each)
            self._thing(value)

    def _thing(self, value: Mapping[str, Any]) -> None:
        """A case with its version and what it offers; a message owed; a person."""
        own = value.get("id")
        if not isinstance(own, str):
            return
        if "version" in value and "facts" in value:
            self.put("case", [own])
            self.versions[own] = value["version"]
            for action in value.get("actions", ()):
                if action["possible"]:
                    behalf = action["on_behalf_of"]
                    self.chances.append(Chance(own, value["version"], action["trigger"], action["fields"], behalf))
        else:
            self.put("owed" if "template" in value else "person" if "roles" in value else "id", [own])

    def _shown(self, page: str) -> None:
        page = MARK.sub("x", page)
        links = {html.unescape(each) for each in _LINK.findall(page)}
        self.put("path", [each for each in sorted(links) if not _SECRET.match(each)])
        self.put("number", re.findall(r"\b[A-Z]{3}-20[0-9]{2}-[0-9]{4}\b", page))
        for action, inside in _FORM.findall(page):
            fields = tuple((html.unescape(n), html.unescape(v)) for n, v in _INPUT.findall(inside))
            if not _SECRET.match(action):
                self.forms.append(Form(html.unescape(action), fields))
                self.put("csrf", [value for name, value in fields if name == "csrf"])
                self.put("key", [value for name, value in fields if name == "key"])
