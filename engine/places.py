"""Places under an agreement: taken on entering a state that holds one, freed on leaving.

Taking and freeing is an event on the agreement, whose version guards the count: the
last place is given once.
"""

from __future__ import annotations

from engine.clockwork import start_at_once
from engine.drafts import Work
from engine.errors import GuardRefused
from engine.model import Case, Kind
from engine.views import Lens
from engine.vocabulary import Actor, AnyView, Held, Reason, Role, Stay, Text

NO_PLACE = Reason(
    "no_place_left",
    Text(
        "Det finns ingen plats kvar på avtalsraden det läsåret.",
        "No place is left on that row of the agreement that academic year.",
    ),
    who_can=Role.OFFICER,
)
NO_ROW = Reason(
    "no_row_for_stay",
    Text(
        "Avtalet har ingen rad som tillåter vistelsen (riktning, nivå, ämne).",
        "The agreement has no row that allows the stay (direction, level, field).",
    ),
    who_can=Role.OFFICER,
)
NO_STAY = Reason(
    "stay_not_known",
    Text(
        "Vistelsens datum, läsår eller nivå saknas, så ingen plats kan tas.",
        "The stay's dates, academic year or level are missing, so no place can be taken.",
    ),
)
NO_AGREEMENT = Reason(
    "no_agreement",
    Text("Ärendet är inte kopplat till något avtal.", "The case is linked to no agreement."),
)


def holds_place(lens: Lens, case: Case, state: str) -> bool:
    """Whether a case of this workflow holds a place in that state."""
    definition = lens.definition(case)
    return definition.workflow.holds is not None and definition.states[state].holds_place


def claim(lens: Lens, view: AnyView, stay: Stay | None) -> Held | Reason:
    """The place the case would take, or why there is none."""
    holds = lens.definition(lens.cases[view.id]).workflow.holds
    if holds is None or stay is None:
        return NO_STAY
    giver = view.linked(holds.link)
    if giver is None:
        return NO_AGREEMENT
    offers = lens.definition(lens.cases[giver.id]).workflow.offers
    row = offers.row_for(giver, stay) if offers else None
    if offers is None or row is None:
        return NO_ROW
    if offers.left(giver, row, stay.academic_year) < stay.semesters:
        return NO_PLACE
    return Held(case=view.id, row=row, academic_year=stay.academic_year, semesters=stay.semesters)


def refusal(lens: Lens, view: AnyView, source: str, target: str) -> Reason | None:
    """Why the step cannot be taken for want of a place; None where it takes none or gets one."""
    case = lens.cases[view.id]
    if holds_place(lens, case, source) or not holds_place(lens, case, target):
        return None
    holds = lens.definition(case).workflow.holds
    found = claim(lens, view, holds.stay(view) if holds else None)
    return found if isinstance(found, Reason) else None


def settle_place(work: Work, case_id: str, source: str | None, actor: Actor) -> None:
    """Take, free or exchange the case's place after it has moved from `source`."""
    case = work.cases[case_id]
    holds = work.definition(case).workflow.holds
    if holds is None:
        return
    had = source is not None and holds_place(work, case, source)
    has = holds_place(work, case, case.state)
    if had and has and not _stay_changed(work, case_id):
        return
    if had:
        _free(work, case_id, case.link(holds.link), actor)
    if has:
        view = work.view(work.cases[case_id])
        place = claim(work, view, holds.stay(view))
        if isinstance(place, Reason):
            raise GuardRefused(place.message, (place,), case=case_id, state=source)
        _take(work, case.link(holds.link), place, actor)


def carry_place(work: Work, case_id: str, before: Case, actor: Actor) -> None:
    """Take or free the case's place where only one of its definitions, old and new, holds one; else it stays."""
    case = work.cases[case_id]
    had, has = holds_place(work, before, before.state), holds_place(work, case, case.state)
    if has and not had:
        settle_place(work, case_id, None, actor)
    holds = work.definition(before).workflow.holds
    if had and not has and holds is not None:
        _free(work, case_id, before.link(holds.link), actor)


def _stay_changed(work: Work, case_id: str) -> bool:
    holds = work.definition(work.cases[case_id]).workflow.holds
    if holds is None or case_id not in work.snapshot.cases:
        return False
    before = holds.stay(work.view(work.snapshot.cases[case_id]))
    after = holds.stay(work.view(work.cases[case_id]))
    keys = ("academic_year", "semesters", "level", "field", "direction")
    return any(getattr(before, k, None) != getattr(after, k, None) for k in keys)


def _held(case: Case) -> list[dict[str, object]]:
    return list(case.facts.get("held", ()))


def _take(work: Work, giver_id: str | None, place: Held, actor: Actor) -> None:
    if giver_id is None:
        return
    giver = work.cases[giver_id]
    draft = work.draft(giver, Kind.PLACE_TAKEN, Actor(actor.person, None), caused=True)
    taken = place.model_dump(mode="json")
    draft.extra.setdefault("places", []).append({"taken": taken})
    work.change_facts(giver_id, {"held": [*_held(giver), taken]})


def _free(work: Work, case_id: str, giver_id: str | None, actor: Actor) -> None:
    if giver_id is None:
        return
    giver = work.cases[giver_id]
    freed = [held for held in _held(giver) if held["case"] == case_id]
    if not freed:
        return
    draft = work.draft(giver, Kind.PLACE_FREED, Actor(actor.person, None), caused=True)
    draft.extra.setdefault("places", []).extend({"freed": held} for held in freed)
    work.change_facts(giver_id, {"held": [h for h in _held(giver) if h["case"] != case_id]})
    offers = work.definition(giver).workflow.offers
    if offers is not None and offers.when_freed is not None:
        start_at_once(work, giver_id, offers.when_freed)


def move_places(work: Work, case_id: str, *, source: str, target: str, actor: Actor) -> None:
    """Carry the places a case holds from one agreement to another, as they are."""
    moved = [held for held in _held(work.cases[source]) if held["case"] == case_id]
    if not moved:
        return
    left = [held for held in _held(work.cases[source]) if held["case"] != case_id]
    giver = work.draft(work.cases[source], Kind.PLACE_FREED, actor, caused=True)
    giver.extra.setdefault("places", []).extend({"freed": held} for held in moved)
    work.change_facts(source, {"held": left})
    taker = work.draft(work.cases[target], Kind.PLACE_TAKEN, actor, caused=True)
    taker.extra.setdefault("places", []).extend({"taken": held} for held in moved)
    work.change_facts(target, {"held": [*_held(work.cases[target]), *moved]})
