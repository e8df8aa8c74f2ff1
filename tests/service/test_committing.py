"""The committer: SQLite has one writer, and two people at once lose nothing."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter

from service.committing import Committer
from tests.service.office import Office


def test_on_sqlite_one_thread_writes(desk: Office) -> None:
    committer = Committer(desk.house.store, desk.house.cases.steps)

    async def names() -> set[str]:
        return set(await asyncio.gather(*(committer.run(lambda: threading.current_thread().name) for _ in range(20))))

    assert len(asyncio.run(names())) == 1
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
