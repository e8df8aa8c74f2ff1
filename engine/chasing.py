"""The ready question to somebody who is waited for: what, since when, by when, and please.

It is sent as a comment with a recipient (`engine.model.Comment`), as it is or as its
sender rewrites it. It names the case by number and title, which no workflow builds from
a person's name, and what is asked for; nothing else of the case is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.pieces import written_day
from engine.vocabulary import Text
from engine.waiting import Waiting, What

# A person is spoken to as one, a unit or partner as many; English makes no difference.
ONE: Final = {
    "sv": "Vi väntar på följande från dig i ärende {number}, {title}:\n\n{items}\n\n"
    "Gör det gärna så snart du kan, eller svara när vi kan räkna med det. Tack på förhand!",
    "en": "We are waiting for the following from you in case {number}, {title}:\n\n{items}\n\n"
    "Please do it as soon as you can, or let us know when we may expect it. Thank you!",
}
SEVERAL: Final = {
    "sv": "Vi väntar på följande från er i ärende {number}, {title}:\n\n{items}\n\n"
    "Gör det gärna så snart ni kan, eller svara när vi kan räkna med det. Tack på förhand!",
    "en": ONE["en"],
}
SINCE: Final = Text("väntat på sedan {day}", "waited for since {day}")
DUE: Final = Text("ska vara klart senast {day}", "due by {day}")
OVERDUE: Final = Text("skulle ha varit klart {day}", "was due by {day}")


@dataclass(frozen=True, slots=True)
class Chaser:
    """A ready text to a recipient, in their language."""

    recipient: str
    language: str
    text: str


def ready(items: Sequence[Waiting], *, recipient: str, language: str, outside: bool) -> Chaser:
    """Write the text for what a case waits for from one recipient; all items are of that one case.

    `language` is sv or en. `outside`: the recipient is the student or the partner, and
    reads their own words for a state.
    """
    first = items[0]
    told = ONE if recipient.startswith("person:") else SEVERAL
    lines = dict.fromkeys(f"– {_line(item, language, outside=outside)}" for item in items)
    text = told[language].format(number=first.number or "–", title=first.title or "–", items="\n".join(lines))
    return Chaser(recipient, language, text)


def _line(item: Waiting, language: str, *, outside: bool) -> str:
    """What is waited for, since when, and by when."""
    times = [_said(SINCE, language).format(day=written_day(item.since_on, language))]
    if item.due_on is not None:
        by = OVERDUE if item.overdue else DUE
        times.append(_said(by, language).format(day=written_day(item.due_on, language)))
    return f"{_said(_asked(item, outside=outside), language)} ({', '.join(times)})"


def _asked(item: Waiting, *, outside: bool) -> Text:
    """What is asked for. A state says where the case stands; its deadline says what is to be done."""
    if item.what is What.STATE and item.deadline is not None:
        return item.deadline
    return item.outside if outside else item.label


def _said(text: Text, language: str) -> str:
    return text.sv if language == "sv" else text.en
