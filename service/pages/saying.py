"""How the pages say days, instants, spans and counts, in Swedish and English, in local time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final, Literal

from engine.calendar import Calendar
from engine.pieces import DAYS
from engine.role_words import ROLE_NAMES
from engine.vocabulary import Role, Text

Language = Literal["sv", "en"]

MONTHS: Final = {
    "sv": (
        "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november",
        "december",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
}  # fmt: skip

_SECOND: Final = 1_000_000
_SPANS: Final = (
    (365 * 86_400, ("år", "år"), ("year", "years")),
    (30 * 86_400, ("månad", "månader"), ("month", "months")),
    (86_400, ("dag", "dagar"), ("day", "days")),
    (3_600, ("timme", "timmar"), ("hour", "hours")),
    (60, ("minut", "minuter"), ("minute", "minutes")),
)


@dataclass(frozen=True)
class Speech:
    """Says things in one language, as of one instant, by one calendar.

    `now` is UTC microseconds; days are local. Templates get its methods as functions.
    """

    language: Language
    now: int
    calendar: Calendar
    _dues: dict[date | None, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def today(self) -> date:
        """The local day."""
        return self.calendar.day_at(self.now)

    @property
    def swedish(self) -> bool:
        """Whether this is Swedish."""
        return self.language == "sv"

    def say(self, sv: str, en: str, **words: object) -> str:
        """The Swedish or the English, with `{name}` filled in."""
        said = sv if self.swedish else en
        return said.format(**words) if words else said

    def text(self, text: Text | None) -> str:
        """A text that carries both languages; nothing where there is none."""
        return "" if text is None else text.sv if self.swedish else text.en

    def many(self, count: int, sv: tuple[str, str], en: tuple[str, str]) -> str:
        """A count with its word: one of them, or several."""
        one, several = sv if self.swedish else en
        return f"{self.number(count)} {one if count == 1 else several}"

    def number(self, value: float) -> str:
        """A number as people write it: thousands apart, a decimal comma in Swedish."""
        written = f"{value:,}"
        if not self.swedish:
            return written
        return written.replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")

    def role(self, role: Role | str) -> str:
        """A role in the office's words."""
        return self.text(ROLE_NAMES[Role(role)])

    def roles(self, roles: Iterable[Role | str]) -> str:
        """Several roles: this, that or the other."""
        return self.either([self.role(role) for role in dict.fromkeys(roles)])

    def either(self, words: list[str]) -> str:
        """Words as a choice: a, b or c."""
        if len(words) < 2:  # noqa: PLR2004 - one word needs no "or"
            return "".join(words)
        return f"{', '.join(words[:-1])} {self.say('eller', 'or')} {words[-1]}"

    # Days and instants.

    def day(self, day: date | None) -> str:
        """A day: `4 maj 2027`, `4 May 2027`."""
        return "–" if day is None else f"{day.day} {MONTHS[self.language][day.month - 1]} {day.year}"

    def weekday(self, day: date) -> str:
        """A day with its weekday, and its year where that is another: `mån 4 maj`, `Mon 4 May`."""
        year = "" if day.year == self.today.year else f" {day.year}"
        return f"{DAYS[self.language][day.weekday()]} {day.day} {MONTHS[self.language][day.month - 1]}{year}"

    def local(self, at: int) -> datetime:
        """An instant in the office's own time; near the first and last day there are, as told in UTC."""
        return self.calendar.local(at)

    def moment(self, at: int | None) -> str:
        """An instant: `4 maj 2027 kl. 09.30`, `4 May 2027 at 09:30`."""
        if at is None:
            return "–"
        there = self.local(at)
        return (
            f"{self.day(there.date())} {there:kl. %H.%M}"
            if self.swedish
            else f"{self.day(there.date())} at {there:%H:%M}"
        )

    def iso(self, at: int) -> str:
        """An instant for a machine (RFC 3339, with the local offset)."""
        return self.local(at).isoformat(timespec="seconds")

    def ago(self, at: int) -> str:
        """How long ago: `för 3 dagar sedan`, `3 days ago`."""
        if self.now - at < 60 * _SECOND:
            return self.say("nyss", "just now")
        return self.say("för {span} sedan", "{span} ago", span=self.span(self.now - at))

    def span(self, microseconds: float) -> str:
        """A span in its largest unit: `3 dagar`, `2 hours`."""
        seconds = max(microseconds, 0) / _SECOND
        for size, sv, en in _SPANS:
            if seconds >= size:
                return self.many(int(seconds // size), sv, en)
        return self.say("under en minut", "less than a minute")

    # Deadlines.

    def due(self, day: date | None) -> str:
        """How a last day stands to today: `6 dagar försenad`, `i dag`, `3 arbetsdagar kvar, mån 4 maj`."""
        # Kept by day: a list says a few days many times, and counting working days was an eighth of its page.
        if day not in self._dues:
            self._dues[day] = self._due(day)
        return self._dues[day]

    def _due(self, day: date | None) -> str:
        if day is None:
            return self.say("ingen dag satt", "no date set")
        if day < self.today:
            return self.late(day)
        if day == self.today:
            return self.say("i dag", "today")
        if day == self.today + timedelta(days=1):
            return self.say("i morgon, {day}", "tomorrow, {day}", day=self.weekday(day))
        return f"{self.left(day)}, {self.weekday(day)}"

    def late(self, day: date) -> str:
        """How late something is: `6 dagar försenad`, `6 days overdue`."""
        days = (self.today - day).days
        return self.say("{days} försenad", "{days} overdue", days=self.many(days, ("dag", "dagar"), ("day", "days")))

    def left(self, day: date) -> str:
        """How many working days are left, today not counted; in days where it is far away."""
        far = (day - self.today).days
        if far > 60:  # noqa: PLR2004 - beyond two months nobody counts working days
            days = self.many(far, ("dag", "dagar"), ("day", "days"))
        else:
            working = self.calendar.working_days_between(self.today, day)
            days = self.many(working, ("arbetsdag", "arbetsdagar"), ("working day", "working days"))
        return self.say("{days} kvar", "{days} left", days=days)
