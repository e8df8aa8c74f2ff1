"""After something was done no page says that nothing was changed, whatever stands in the way of showing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
import sqlalchemy as sa

from engine.batching import Result
from engine.errors import Busy
from engine.model import Request
from service import bulk
from service.committing import Committer
from service.pages.drafting import Drafting
from tests.pages.plain import Plain
from tests.pages.serving import Served
from tests.pages.test_bulk_pages import begin, requested, triggers

Enter = Callable[..., Plain]


def full(*_: object) -> None:
    raise Busy


def test_what_was_done_for_many_is_shown_however_full_the_line_is(
    served: Served, plainly: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids, taking = requested(served), Committer.steps

    async def and_then_it_is_full(line: Committer, requests: Sequence[Request], *, bounded: bool) -> Sequence[Result]:
        found = await taking(line, requests, bounded=bounded)
        monkeypatch.setattr(Committer, "_have_room", full)
        return found

    page = begin(plainly("reviewer"), served, ids, "take")
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    monkeypatch.setattr(Committer, "steps", and_then_it_is_full)
    page.press("Bekräfta för 2")
    assert (page.status, "Klart för alla 2." in page.words) == (200, True), page.words


def test_where_the_database_goes_away_halfway_the_page_tells_what_is_done_and_that_the_rest_is_not_certain(
    served: Served, plainly: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids, taking = requested(served), Committer.steps
    taken: list[Sequence[Request]] = []

    async def away(line: Committer, requests: Sequence[Request], *, bounded: bool) -> Sequence[Result]:
        if taken:
            raise sa.exc.TimeoutError
        taken.append(requests)
        return await taking(line, requests, bounded=bounded)

    page = begin(plainly("reviewer"), served, ids, "take")
    form = page.page.form(button="Bekräfta för 2")
    with monkeypatch.context() as then:
        then.setattr(bulk, "AT_ONCE", 1)
        then.setattr(Committer, "steps", away)
        page.send("/bulk", form.sent("Bekräfta för 2"))
    assert "Klart för 1, men inte för 1." in page.words
    assert "Det är inte säkert att alla dessa ärenden är som de var." in page.words
    page.send("/bulk", form.sent("Bekräfta för 2"))
    assert "Klart för alla 2." in page.words
    assert [triggers(served, each) for each in ids] == [[None, "take"]] * 2


def test_of_a_step_after_which_something_is_in_the_way_the_page_says_how_to_make_sure(
    served: Served, plainly: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = requested(served)[0]
    number = served.ask("reviewer", "GET", f"/cases/{case}").json()["number"]
    page = plainly("reviewer").go(f"/cases/{number}/steps/take")
    form = page.page.form(button="Ta ärendet")
    with monkeypatch.context() as then:
        then.setattr(Drafting, "discard", full)
        page.send(form.action, form.sent("Ta ärendet"))
    assert (page.status, "Det är inte säkert om steget togs." in page.words) == (503, True), page.words
    assert "Inget har ändrats" not in page.words
    assert page.send(form.action, form.sent("Ta ärendet")).status == 200
    assert triggers(served, case) == [None, "take"]
