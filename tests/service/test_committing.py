"""The committer: SQLite has one writer, and two people at once lose nothing."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from engine.model import Outcome, Recount, Request
from service.committing import Committer
from tests.service.office import Office


def test_on_sqlite_one_thread_writes(desk: Office) -> None:
    committer = Committer(desk.house.store, desk.house.cases.steps)

    async def names() -> set[str]:
        return set(await asyncio.gather(*(committer.run(lambda: threading.current_thread().name) for _ in range(20))))

    assert len(asyncio.run(names())) == 1
    committer.close()


def slowly(requests: Sequence[Request]) -> list[Outcome | Exception]:
    """Takes what is asked for after a while, so that others come meanwhile; a request of nobody's fails."""
    time.sleep(0.01)
    return [
        ValueError(each.case) if each.party == "nobody" else Outcome(str(each.case), 1, None, None) for each in requests
    ]


def asked(number: int, by: str = "ann") -> Request:
    return Request("x.se", Recount(), by, case=str(number))


def test_each_is_told_on_the_loop_they_wait_on_however_many_loops_there_are(desk: Office) -> None:
    committer = Committer(desk.house.store, slowly)

    def alone(number: int) -> str:
        return asyncio.run(committer.step(lambda: asked(number), lambda outcome: outcome.case_id))

    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(alone, range(64), timeout=30)) == [str(number) for number in range(64)]
    committer.close()


def test_whoever_no_longer_waits_holds_up_nobody(desk: Office) -> None:
    committer = Committer(desk.house.store, slowly)

    async def some_give_up() -> list[str | BaseException]:
        steps = [asyncio.create_task(committer.step(partial(asked, n), lambda each: each.case_id)) for n in range(9)]
        await asyncio.sleep(0)
        for given_up in steps[::2]:
            given_up.cancel()
        return await asyncio.gather(*steps, return_exceptions=True)

    told = asyncio.run(some_give_up())
    assert [each for each in told if isinstance(each, str)] == ["1", "3", "5", "7"]
    committer.close()


def test_one_that_fails_is_told_so_and_the_others_of_its_group_are_not(desk: Office) -> None:
    committer = Committer(desk.house.store, slowly)

    async def together() -> list[str | BaseException]:
        steps = (
            committer.step(partial(asked, n, "nobody" if n == 2 else "ann"), lambda e: e.case_id) for n in range(4)
        )
        return await asyncio.gather(*steps, return_exceptions=True)

    told = asyncio.run(together())
    assert [str(each) for each in told] == ["0", "1", "2", "3"]
    assert [type(each) for each in told] == [str, str, ValueError, str]
    committer.close()


def test_a_commit_that_fails_is_told_to_all_it_was_for(desk: Office) -> None:
    def breaks(_: Sequence[Request]) -> list[Outcome | Exception]:
        raise OSError("no space left")

    committer = Committer(desk.house.store, breaks)

    async def together() -> list[str | BaseException]:
        steps = (committer.step(partial(asked, n), lambda each: each.case_id) for n in range(4))
        return await asyncio.gather(*steps, return_exceptions=True)

    assert [str(each) for each in asyncio.run(together())] == ["no space left"] * 4
    committer.close()


def test_of_many_at_once_one_takes_the_case_and_the_others_are_told(office: Office) -> None:
    case = office.review()

    async def all_at_once() -> list[int]:
        headers = {"Authorization": f"Bearer {office.tokens['reviewer']}", "Content-Type": "application/json"}
        path, body = f"/api/v1/cases/{case['id']}/transitions", b'{"trigger": "take"}'
        asked = (office.send_now("POST", path, body, {**headers, "If-Match": '"1"'}) for _ in range(12))
        return [answer.status_code for answer in await asyncio.gather(*asked)]

    assert Counter(asyncio.run(all_at_once())) == {200: 1, 412: 11}


def test_comments_of_many_at_once_are_all_kept_in_one_chain(office: Office) -> None:
    case = office.review()

    async def all_at_once() -> list[int]:
        headers = {"Authorization": f"Bearer {office.tokens['reviewer']}", "Content-Type": "application/json"}
        path = f"/api/v1/cases/{case['id']}/comments"
        asked = (office.send_now("POST", path, b'{"text": "%d"}' % n, headers) for n in range(12))
        return [answer.status_code for answer in await asyncio.gather(*asked)]

    assert asyncio.run(all_at_once()) == [200] * 12
    events = office.get("reviewer", f"/cases/{case['id']}/events").json()["items"]
    assert [event["sequence"] for event in events] == list(range(1, 14))
    assert sorted(int(event["detail"]["text"]) for event in events[1:]) == list(range(12))
