"""The pages speak both languages everywhere, in the office's words, and load nothing written into them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes

from service.pages.rendering import HERE, environment

TEMPLATES = sorted(path.name for path in (HERE / "templates").rglob("*.html"))
SPOKEN = {"aria-label", "placeholder", "title", "alt", "data-label", "label", "content", "value"}
NAMES = {"Färdplan", "Svenska", "English", "sv", "en"}
SAME_IN_BOTH = {
    "Status", "Person", "Partner", "Version", "Start", "Format", "Land", "Text", "Max", "Min", "Total", "Term", "Typ",
}  # fmt: skip
INSIDE = re.compile(r"\b(triggers?|guards?|rungs?|rung_fired|tenant|payload|null|JSON Schema)\b", re.IGNORECASE)


def source(name: str) -> str:
    return (HERE / "templates" / name).read_text(encoding="utf-8")


def said(name: str) -> list[tuple[str, str]]:
    """Every pair of words a template says: say(sv, en), and the pairs many() is given."""
    found: list[tuple[str, str]] = []
    for call in environment().parse(source(name)).find_all(nodes.Call):
        if not isinstance(call.node, nodes.Name) or call.node.name not in {"say", "many"}:
            continue
        words = [constant(each) for each in call.args if not isinstance(each, nodes.Name)]
        texts = [each for each in words if each is not None]
        found += list(zip(texts[::2], texts[1::2], strict=False))
    return found


def constant(node: nodes.Expr) -> str | None:
    try:
        value = node.as_const()
    except nodes.Impossible:
        return None
    return " ".join(value) if isinstance(value, tuple) else value if isinstance(value, str) else None


class Bare(HTMLParser):
    """Collects words that stand in a template outside of what it says in two languages."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found += re.findall(r"[A-Za-zÅÄÖåäö]{2,}", data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        words = [value or "" for name, value in attrs if name in SPOKEN - {"value", "content"}]
        self.found += [word for value in words for word in re.findall(r"[A-Za-zÅÄÖåäö]{2,}", value)]
        self.found += [f"{name} is not allowed" for name, _ in attrs if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and not any(name == "src" for name, _ in attrs)):
            self.found.append(f"<{tag}> is not allowed")


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_holds_no_word_outside_of_its_two_languages(name: str) -> None:
    plain = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", source(name), flags=re.DOTALL)
    bare = Bare()
    bare.feed(plain)

    assert [word for word in bare.found if word not in NAMES] == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_whatever_a_template_says_it_says_in_two_languages(name: str) -> None:
    missing = [pair for pair in said(name) if not all(part.strip() for part in pair)]
    same = [sv for sv, en in said(name) if sv == en and sv.strip("{}") not in SAME_IN_BOTH and len(sv) > 3]

    assert missing == []
    assert same == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_both_languages_fill_in_the_same_names(name: str) -> None:
    def holes(words: str) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", words))

    assert [pair for pair in said(name) if holes(pair[0]) != holes(pair[1])] == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_office_is_not_spoken_to_in_the_words_of_the_engine(name: str) -> None:
    assert [pair for pair in said(name) if any(INSIDE.search(words) for words in pair)] == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_form_that_changes_something_carries_its_proof(name: str) -> None:
    forms = re.findall(r"<form\b[^>]*method=[\"']post[\"'].*?</form>", source(name), flags=re.DOTALL | re.IGNORECASE)
    unsigned = {"sign_in.html", "invited.html"}  # there is no session yet that could be misused

    assert name in unsigned or [form[:80] for form in forms if "posting(" not in form and "hidden()" not in form] == []


def test_the_check_for_bare_words_sees_one() -> None:
    bare = Bare()
    bare.feed('<p style="x">Hej</p><a title="då">')
    assert bare.found == ["style is not allowed", "Hej", "då"]


def test_a_name_that_nobody_gave_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        environment().from_string("{{ nobody.knows }}").render()


def test_text_from_outside_is_escaped() -> None:
    assert environment().from_string("{{ text }}").render(text="<script>") == "&lt;script&gt;"


def test_there_are_templates_to_look_at() -> None:
    assert {"base.html", "sign_in.html"} <= set(TEMPLATES)
    assert Path(HERE / "static" / "app.css").exists()
