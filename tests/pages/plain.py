"""A browser without JavaScript, in a few lines: it reads the forms of a page and sends them as browsers do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from typing import Any

import httpx

from tests.pages.serving import Served


@dataclass
class PlainForm:
    """A form as it stands on a page: every field with its values, and the buttons as name, value and words."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)

    def sent(self, button: str | None = None, **filled: Any) -> list[tuple[str, str]]:
        """What is sent: the fields, those filled in over them, and the button of these words (else none)."""
        values = {**self.values, **{name: _several(value) for name, value in filled.items()}}
        pressed = [(name, value) for name, value, words in self.buttons if words == button]
        assert button is None or pressed, f"no button {button}; there are {[words for *_, words in self.buttons]}"
        pairs = [(name, value) for name, several in values.items() for value in several]
        return [*pairs, *(pair for pair in pressed[-1:] if pair[0])]


def _several(value: Any) -> list[str]:
    return list(value) if isinstance(value, list | tuple) else [str(value)]


class PlainPage(HTMLParser):
    """Reads the forms and the words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[PlainForm] = []
        self.words = ""
        self._form: PlainForm | None = None
        self._select: tuple[str, list[tuple[str, bool]]] | None = None
        self._area: str | None = None
        self._button: tuple[str, str] | None = None
        self._text = ""
        self.feed(text)
        self.words = " ".join(self.words.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        name = has.get("name", "")
        if tag == "form":
            self._form = PlainForm(has.get("action", ""), has.get("method", "get"))
            self.forms.append(self._form)
        elif tag == "input":
            self._input(name, has)
        elif tag == "select":
            self._select = (name, [])
        elif tag == "option" and self._select:
            self._select[1].append((has.get("value", ""), "selected" in has))
        elif tag == "textarea":
            self._area, self._text = name, ""
        elif tag == "button":
            self._button, self._text = (name, has.get("value", "")), ""

    def _input(self, name: str, has: dict[str, str]) -> None:
        kind, value = has.get("type", "text"), has.get("value", "")
        if kind in {"checkbox", "radio"} and "checked" not in has:
            return
        if kind == "date" and value:
            date.fromisoformat(value)  # a browser would drop what is no day, and what was typed with it
        if kind in {"text", "search"}:
            value = value.replace("\n", "").replace("\r", "")
        self._put(name, value)

    def _put(self, name: str, value: str) -> None:
        if self._form is not None and name:
            self._form.values.setdefault(name, []).append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select" and self._select:
            name, options = self._select
            chosen = [value for value, selected in options if selected] or [options[0][0]]
            self._put(name, chosen[-1])
            self._select = None
        elif tag == "textarea" and self._area is not None:
            # The first line end after the tag is no part of the text (HTML 13.1.2.5).
            self._put(self._area, self._text.removeprefix("\n"))
            self._area = None
        elif tag == "button" and self._button is not None:
            if self._form is not None:
                self._form.buttons.append((*self._button, " ".join(self._text.split())))
            self._button = None

    def handle_data(self, data: str) -> None:
        self._text += data
        if self._area is None:
            self.words += data

    def form(self, *, button: str) -> PlainForm:
        """The last form with a button of these words; the first is often the search in the head of the page."""
        found = [form for form in self.forms if any(words == button for *_, words in form.buttons)]
        assert found, f"no form has the button {button}; there are {[b for f in self.forms for *_, b in f.buttons]}"
        return found[-1]


@dataclass
class Plain:
    """Somebody at a browser without JavaScript."""

    client: httpx.Client
    status: int = 0
    path: str = ""
    text: str = ""

    @classmethod
    def enter(cls, served: Served, who: str, language: str = "sv") -> Plain:
        """Sign somebody in."""
        client = httpx.Client(base_url=served.url, timeout=30, headers={"accept": "text/html"})
        client.cookies.set("fardplan_language", language)
        answer = client.post("/enter", data={"person": served.person(who)})
        assert answer.status_code == 303, answer.text
        return cls(client)

    def close(self) -> None:
        """Leave."""
        self.client.close()

    @property
    def page(self) -> PlainPage:
        """The page it is at."""
        return PlainPage(self.text)

    @property
    def words(self) -> str:
        """The words of the page."""
        return self.page.words

    def go(self, path: str) -> Plain:
        """Open a page, following where it leads."""
        return self._at(self.client.get(path, follow_redirects=True))

    def press(self, button: str, **filled: Any) -> Plain:
        """Fill in fields of the form that has the button, and press it."""
        form = self.page.form(button=button)
        return self.send(form.action or self.path, form.sent(button, **filled))

    def send(self, path: str, pairs: list[tuple[str, str]]) -> Plain:
        """Send a form, whatever stands in it."""
        data: dict[str, list[str]] = {}
        for name, value in pairs:
            data.setdefault(name, []).append(value)
        return self._at(self.client.post(path, data=data, follow_redirects=True))

    def _at(self, answer: httpx.Response) -> Plain:
        self.status, self.path, self.text = answer.status_code, answer.url.raw_path.decode(), answer.text
        return self
