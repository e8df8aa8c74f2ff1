"""What a list is narrowed to, as its address says it: read, checked, and made into what the engine is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, NoReturn
from urllib.parse import parse_qsl, urlencode

from engine.catalogue import Catalogue
from engine.errors import BadFields
from engine.store.narrowing import CaseFilter
from engine.store.waiting import GROUPS
from engine.vocabulary import Reason, Text
from service.sent import is_text
from service.shapes import MOST_WORDS, is_id

LONGEST: Final = 200
"""Characters of one value in an address."""

ME: Final = "me"
NOBODY: Final = "none"

SEVERAL: Final = ("workflow", "state", "unit")
ONCE: Final = (
    "q", "assignee", "due", "overdue", "due_before", "open", "waits", "opened_from", "opened_to", "partner", "subject",
    "linked_to", "link",
)  # fmt: skip
SORT: Final = "sort"
SORTS: Final = ("due", "-updated", "-opened", "number")

NAMES: Final[Mapping[str, Text]] = {
    "workflow": Text("Process", "Process"),
    "state": Text("Status", "Status"),
    "unit": Text("Enhet", "Unit"),
    "q": Text("Sökord", "Search words"),
    "assignee": Text("Handläggare", "Assignee"),
    "due": Text("Förfaller", "Due"),
    "overdue": Text("Försenat", "Overdue"),
    "due_before": Text("Förfaller senast", "Due by"),
    "open": Text("Öppna eller avslutade", "Open or closed"),
    "waits": Text("Väntar på", "Waiting for"),
    "opened_from": Text("Öppnat från och med", "Opened from"),
    "opened_to": Text("Öppnat till och med", "Opened until"),
    "partner": Text("Partner", "Partner"),
    "subject": Text("Student", "Student"),
    "linked_to": Text("Kopplat till", "Linked to"),
    "link": Text("Koppling", "Link"),
    SORT: Text("Ordning", "Order"),
}
"""What each filter is called."""

_ONE_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "due": GROUPS, "overdue": ("1",), "open": ("open", "closed"), "waits": (ME,), SORT: SORTS,
}  # fmt: skip
_IDS: Final = frozenset({"partner", "subject", "linked_to"})
_DAYS: Final = frozenset({"due_before", "opened_from", "opened_to"})


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters somebody chose, as (name, value) pairs in a fixed order; nothing in it is empty."""

    pairs: tuple[tuple[str, str], ...]

    def one(self, name: str) -> str:
        """The value of a filter that has one; empty where it is not chosen."""
        return next((value for key, value in self.pairs if key == name), "")

    def many(self, name: str) -> tuple[str, ...]:
        """All values of a filter."""
        return tuple(value for key, value in self.pairs if key == name)

    def day(self, name: str) -> date | None:
        """The day a filter names."""
        value = self.one(name)
        return date.fromisoformat(value) if value else None

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """The pairs that narrow the list, without its order."""
        return tuple(pair for pair in self.pairs if pair[0] != SORT)

    @property
    def query(self) -> str:
        """The query string, without a question mark."""
        return urlencode(self.pairs)

    def without(self, name: str, value: str) -> Chosen:
        """The same but for one of them."""
        return Chosen(tuple(pair for pair in self.pairs if pair != (name, value)))

    def having(self, **more: str) -> Chosen:
        """The same with these in place of what they had; an empty one is left out."""
        kept = tuple(pair for pair in self.pairs if pair[0] not in more)
        return Chosen(_in_order([*kept, *((name, value) for name, value in more.items() if value)]))

    def narrowed(self, person: str) -> CaseFilter:
        """What the engine is asked, for the person who reads."""
        whose = self.one("assignee")
        return CaseFilter(
            workflow=self.many("workflow"),
            state=self.many("state"),
            unit=self.many("unit"),
            assignee=person if whose == ME else whose if whose not in {"", NOBODY} else None,
            unassigned=True if whose == NOBODY else None,
            overdue=True if self.one("overdue") else None,
            due_before=self.day("due_before"),
            q=self.one("q") or None,
            waits_for=person if self.one("waits") else None,
            closed={"open": False, "closed": True}.get(self.one("open")),
            opened_from=self.day("opened_from"),
            opened_to=self.day("opened_to"),
            due=next((group for group in GROUPS if group == self.one("due")), None),
            partner=self.one("partner") or None,
            subject=self.one("subject") or None,
            linked_to=self.one("linked_to") or None,
            link=self.one("link") or None,
        )


def read(catalogue: Catalogue, items: Iterable[tuple[str, str]]) -> Chosen:
    """Read the filters out of a query; what is none of them is passed over. Raises BadFields.

    A state that none of the chosen processes has is dropped: it was ticked before the
    process was changed, and would leave nothing.
    """
    found: list[tuple[str, str]] = []
    for name, value in dict.fromkeys((name, value.strip()) for name, value in items if name in NAMES):
        if value:
            _check(name, value)
            found.append((name, value))
    chosen = Chosen(_in_order(found))
    for name in SEVERAL:
        if len(chosen.many(name)) > MOST_WORDS:
            _wrong(name, f"välj högst {MOST_WORDS}.", f"choose at most {MOST_WORDS}.")
    return _without_stale_states(catalogue, chosen)


def read_query(catalogue: Catalogue, query: str) -> Chosen:
    """Read the filters out of a query string, as a saved view or a form carries it. Raises BadFields."""
    try:
        pairs = parse_qsl(query, max_num_fields=4 * MOST_WORDS)
    except ValueError:
        _wrong("q", "för många filter.", "too many filters.")
    return read(catalogue, pairs)


def _in_order(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """In the order of the names; the last one counts where only one can."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    found = [(name, value) for name in SEVERAL for value in values.get(name, ())]
    found += [(name, values[name][-1]) for name in (*ONCE, SORT) if name in values]
    return tuple(found)


def _without_stale_states(catalogue: Catalogue, chosen: Chosen) -> Chosen:
    workflows = [name for name in chosen.many("workflow") if name in catalogue.names]
    if not workflows:
        return chosen
    here = {state for name in workflows for state in states_of(catalogue, name)}
    known = {state for name in catalogue.names for state in states_of(catalogue, name)}
    return Chosen(tuple((n, v) for n, v in chosen.pairs if n != "state" or v in here or v not in known))


def states_of(catalogue: Catalogue, workflow: str) -> dict[str, Text]:
    """The states of a process with the newest words, in the order declared, those of replaced versions last."""
    found: dict[str, Text] = {}
    for version in catalogue.versions(workflow):
        for name, state in version.states.items():
            found.setdefault(name, state.label)
    return found


def _check(name: str, value: str) -> None:
    """Raise BadFields for a value that the filter cannot have."""
    if len(value) > LONGEST or not is_text(value):
        _wrong(name, f"högst {LONGEST} tecken text.", f"at most {LONGEST} characters of text.")
    fits: Callable[[str], bool] = _shape(name)
    if not fits(value):
        _wrong(name, "värdet finns inte; välj i listan.", "there is no such value; choose from the list.")


def _shape(name: str) -> Callable[[str], bool]:
    if name in _ONE_OF:
        return lambda value: value in _ONE_OF[name]
    if name in _IDS:
        return is_id
    if name == "assignee":
        return lambda value: value in {ME, NOBODY} or is_id(value)
    return _is_day if name in _DAYS else lambda _: True


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _wrong(name: str, sv: str, en: str) -> NoReturn:
    text = Text(f"{NAMES[name].sv}: {sv}", f"{NAMES[name].en}: {en}")
    raise BadFields(text, (Reason(f"field:{name}", text),))
