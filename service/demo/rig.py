"""Puts the stage together, as `service.compose` does the house, on ports of its own."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters.system import NothingStandsThere, SecretNonces
from engine.cases import Cases
from engine.catalogue import Catalogue
from engine.directory import Directory
from engine.outbox import Outbox, Renderer
from engine.ports import Channel
from engine.store.store import Store
from engine.testclock import Mover
from engine.ticking import Ticker
from service.demo.held import HeldClock, LastWeeks, NoJitter, SeededIds
from service.demo.stage import Stage


def build_stage(
    *,
    institution: str,
    store: Store,
    catalogue: Catalogue,
    writer: Renderer,
    channel: Channel,
    figures: Mapping[str, Any],
    seed: int,
    begins: datetime,
    letters_since: datetime,
) -> Stage:
    """Put the parts together. Letters written before `letters_since` go nowhere."""
    clock, ids, nothing = HeldClock(store, begins), SeededIds(seed), NothingStandsThere()
    cases = Cases(store, catalogue, clock, ids, SecretNonces(), nothing)
    outbox = Outbox(store, clock, channel, LastWeeks(writer, letters_since), NoJitter(), nothing)
    return Stage(
        institution=institution,
        store=store,
        clock=clock,
        cases=cases,
        directory=Directory(store, clock, ids, figures),
        mover=Mover(clock, store, Ticker(cases), outbox),
        dice=random.Random(seed),  # noqa: S311 - the year is to be the same every time
    )
