"""Whatever is written into any field of any form is shown as text or refused with a word; nothing breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import pytest

from tests.pages.plain import Plain, PlainForm
from tests.pages.serving import Served, on_both_databases

Enter = Callable[..., Plain]

SCRIPT: Final = "<script>alert(1)</script><img src=x onerror=alert(1)>"
TEXTS: Final = (
    SCRIPT,
    '" autofocus onfocus="alert(1)" x=\'',
    "{{ 7*7 }}{% raw %}${7*7}#{7*7}",
    "'; DROP TABLE case_record; -- ' OR '1'='1",
    "före\0efter",
    "\u202etxet\u202c\u200f\u2066a\u2069",
    "\ufeff\uffff\U0001f468\u200d\U0001f469Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞A\ud7ff\U0010ffff",
)
HOSTILE: Final = {"texts": " ".join(TEXTS), "short": TEXTS[-1], "numbers": "9" * 400, "days": "0000-00-00"}
OURS: Final = {"csrf", "key", "version"}
SEND: Final = ("Spara utkast", "Granska", "Rätta", "Koppla", "Lämna över", "Öppna ärendet", "Lägg till")
PEOPLE: Final = ("officer", "reviewer", "coordinator", "admissions", "head", "recogniser")


def forms_of_steps(served: Served, who: str, seen: set[str]) -> Iterator[str]:
    """The address of a form of every step the person could take now, but for those seen already."""
    for case in served.office.cases.values():
        answer = served.ask(who, "GET", f"/cases/{case}")
        actions = answer.json()["actions"] if answer.status_code == 200 else ()
        for trigger in [action["trigger"] for action in actions if action["possible"]]:
            if trigger not in seen:
                seen.add(trigger)
                yield f"/cases/{answer.json()['number']}/steps/{trigger}"


def other_forms(served: Served) -> tuple[str, ...]:
    facts = "&".join(
        f"fact={name}" for name in ("host", "wishes", "course_choice", "credits", "call_closes_on", "level")
    )
    number = served.number("applied")
    return (
        f"/cases/{number}/correct?{facts}", f"/cases/{number}/link", f"/cases/{number}/assign",
        "/new/outgoing_exchange", "/new/agreement", "/new/eligibility_review", "/new/incoming_nomination", "/reasons",
    )  # fmt: skip


def filled(form: PlainForm, hostile: str) -> list[tuple[str, str]]:
    """The form with this in every field but those that prove it is ours, and the button that sends it."""
    fields = {name: hostile for name in form.values if name not in OURS}
    buttons = [words for *_, words in form.buttons if words in SEND or words not in {"Sök", "Infoga"}]
    sends = [words for words in buttons if not words.startswith(("Lägg till:", "Ta bort", "Spara utkast", "Kasta"))]
    return form.sent(sends[-1], **fields)


def holds_fast(plain: Plain) -> None:
    """Fail where anything broke, or stands on the page as more than text."""
    assert plain.status in {200, 403, 404, 405, 409, 412, 413, 422}, (plain.path, plain.status)
    assert "<script>alert" not in plain.text
    assert "<img src=x" not in plain.text
    assert '" autofocus onfocus="' not in plain.text
    assert "$49" not in plain.text
    assert "\0" not in plain.text


@pytest.mark.parametrize("kind", HOSTILE)
def test_every_field_of_every_step_takes_whatever_is_written_into_it(served: Served, plainly: Enter, kind: str) -> None:
    seen: set[str] = set()
    for who in PEOPLE:
        plain = plainly(who)
        for path in forms_of_steps(served, who, seen):
            mains = [form for form in plain.go(path).page.forms if form.action == path]
            if mains:
                plain.send(path, filled(mains[-1], HOSTILE[kind]))
                holds_fast(plain)
    assert len(seen) > 25
    assert served.ask("auditor", "GET", "/cases").status_code == 200


@on_both_databases
@pytest.mark.parametrize("kind", HOSTILE)
def test_every_other_form_that_changes_a_case_takes_whatever_is_written_into_it(
    served: Served, plainly: Enter, kind: str
) -> None:
    plain = plainly("officer")
    for path in other_forms(served):
        plain.go(path)
        assert plain.status == 200, path
        address = path.partition("?")[0]
        plain.send(address, filled([form for form in plain.page.forms if form.action == address][-1], HOSTILE[kind]))
        holds_fast(plain)


@pytest.mark.parametrize("sign", ["x", "å"])
def test_a_million_characters_are_refused_with_a_word(served: Served, plainly: Enter, sign: str) -> None:
    plain = plainly("reviewer")
    path = f"/cases/{served.number('under review')}/steps/find_ineligible"
    for name in ("reason", "comment", "f.failed_requirement"):
        plain.go(path)
        form = next(form for form in plain.page.forms if form.action == path)
        plain.send(path, form.sent("Granska", **{name: sign * 1_000_000}))
        # Over a mebibyte is too much for any form; below it the form says which field is too long.
        assert plain.status == (422 if sign == "x" else 413)
        assert ("är för lång" if sign == "x" else "Högst 1 MiB") in plain.words[:4000]


def test_a_million_characters_in_a_new_case_or_a_reason_are_refused_with_a_word(served: Served, plainly: Enter) -> None:
    plain = plainly("officer").go("/new/eligibility_review")
    plain.press("Öppna ärendet", **{"f.course": "x" * 1_000_000, "f._about.unit": "STAT"})
    assert (plain.status, "Kurs: är för lång." in plain.words[:4000]) == (422, True)
    plain.go("/reasons").press("Lägg till", name="x" * 1_000_000, text_sv="a")
    assert (plain.status, "För långt" in plain.words[:4000]) == (422, True)


@pytest.mark.parametrize("version", ["", "-1", "x", "9" * 30, "٣", "0"])
def test_a_made_up_version_is_a_stale_one(served: Served, plainly: Enter, version: str) -> None:
    plain = plainly("reviewer")
    path = f"/cases/{served.number('received')}/steps/take"
    plain.go(path).press("Ta ärendet", version=version)
    assert plain.status == 412
    assert served.ask("auditor", "GET", f"/cases/{served.office.cases['received']}").json()["version"] == 1


@pytest.mark.parametrize(
    "button",
    [
        "add:f.rows.999999.languages",
        "add:f.nothing",
        "add:reason",
        "remove:f",
        "remove:",
        "add:",
        "search:x",
        "\0",
        "x" * 5000,
    ],
)
def test_a_made_up_button_changes_nothing(served: Served, plainly: Enter, button: str) -> None:
    plain = plainly("coordinator")
    path = f"/cases/{served.number('draft')}/steps/revise_draft"
    form = next(form for form in plain.go(path).page.forms if form.action == path)
    plain.send(path, [*form.sent(), ("do", button)])
    assert plain.status == 200
    assert plain.page.form(button="Ändra utkastet").values["f.rows"] == ["0", "1"]
