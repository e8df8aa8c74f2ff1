"""A short walk along the links of the description, as each role of two universities."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from adapters.memory import MemoryChannel
from engine.catalogue import Catalogue
from service.app import create_app
from service.compose import build
from service.settings import Environment, Settings
from tests.fuzzing.asgi import Asked
from tests.fuzzing.described import PAIRS, Opened, Walking, by_operation, hidden_or_open, never_well, walk
from tests.fuzzing.judging import Judge, Marks
from tests.fuzzing.playing import Stage, name_of
from tests.fuzzing.universities import AT_LUND, AT_UMEA, LUND, READABLE, Universities, mark
from tests.fuzzing.wire import fits
from tests.journeys.office import INSTITUTION


def test_the_pairs_are_of_every_role_there_is() -> None:
    hist = {who for who in READABLE if who.startswith("hist.")} - {"hist.coordinator", "hist.reviewer"}
    assert {who for pair in PAIRS for who in pair} | hist == set(READABLE)


@pytest.mark.parametrize("pair", PAIRS, ids=name_of)
def test_whoever_follows_the_links_is_answered_as_described_and_sees_what_is_theirs(
    walking: Walking, opened: Opened, pair: tuple[str, str]
) -> None:
    walked = walk(walking, opened, pair, seed="1", scenarios=3, steps=6)
    assert [(finding.wrong, finding.asked) for finding in walked.tally.findings] == []
    assert walked.tally.requests > 6
    assert walked.links


# On PostgreSQL it is seen from outside only what crosses universities: whose each mark is, is known beforehand.


@asynccontextmanager
async def on_postgresql(made: Universities, url: str, processes: Catalogue, folder: Path) -> AsyncIterator[Stage]:
    settings = Settings(
        database_url=url, institution=INSTITUTION, environment=Environment.TEST, test_clock=True,
        base_url="http://office.test", secret_key=SecretStr("a secret of the tests"), mailbox=folder,
    )  # fmt: skip
    names = {f"{of}{name}": name for of in ("", "student of ") for name in AT_UMEA | AT_LUND}
    whose = {mark(of): LUND if name in AT_LUND else INSTITUTION for of, name in names.items()}
    blind: Any = SimpleNamespace(touched=frozenset, readers={}, gaps=list)
    house = build(settings, catalogue=processes, channel=MemoryChannel())
    try:
        app = create_app(house)
        async with app.router.lifespan_context(app):
            judge = Judge(made, Marks({}, {}, whose | {mark(each): each for each in (LUND, INSTITUTION)}), blind)
            yield Stage(made, house, app, blind, judge, dict(made.tokens))
    finally:
        house.close()


def test_on_postgresql_nothing_crosses_universities_either(
    walking: Walking, postgresql_url: str, processes: Catalogue, tmp_path: Path
) -> None:
    made = Universities.make(postgresql_url, tmp_path / "none", processes)
    opened = partial(on_postgresql, made, postgresql_url, processes, tmp_path)
    walked = walk(walking, opened, ("officer", "lund.officer"), seed="1", scenarios=3, steps=8)
    assert [(finding.wrong, finding.asked) for finding in walked.tally.findings] == []


def test_what_was_never_answered_well_is_told(walking: Walking, opened: Opened) -> None:
    walked = walk(walking, opened, ("nobody", "officer"), seed="2", scenarios=1, steps=3)
    counts = by_operation(walked, walking)
    assert sum(sum(seen.values()) for seen in counts.values()) == walked.tally.requests
    assert {"GET /livez", "GET /readyz", "GET /metrics"} <= set(never_well(counts))


def test_a_case_shown_to_a_stranger_or_hidden_from_its_reader_is_noticed(opened: Opened) -> None:
    async def seen() -> None:
        async with opened() as set_up:
            asked = Asked("hist.reviewer", "token", "GET", f"/api/v1/cases/{set_up.made.cases['hist review']}/events")
            good, _ = await set_up.ask(asked)
            assert good is not None
            stranger = asked.having(who="lund.reviewer")
            assert list(hidden_or_open(set_up, asked, good)) == []
            assert [each.split(":")[0] for each in hidden_or_open(set_up, stranger, good)] == ["open"]
            gone = replace(good, status=404)
            assert [each.split(":")[0] for each in hidden_or_open(set_up, asked, gone)] == ["hidden"]
            assert list(hidden_or_open(set_up, stranger, gone)) == []

    asyncio.run(seen())


def test_a_parameter_is_judged_as_it_was_sent() -> None:
    words, truth = {"type": "array", "items": {"type": "string"}}, {"anyOf": [{"type": "boolean"}, {"type": "null"}]}
    day, many = {"type": "string", "format": "date"}, {"type": "integer", "minimum": 1, "maximum": 200}
    for schema, value in ((words, "true"), (truth, "false"), (day, "2027-01-11"), (many, "200")):
        assert fits(schema, [value])
    for schema, value in ((truth, "maybe"), (day, "2027-02-30"), (many, "201"), (many, "true")):
        assert not fits(schema, [value])
