"""All routers of the HTTP API, in the order of the contract (DESIGN 8)."""

from __future__ import annotations

from service.api import bulk, cases, clock, deadlines, events, health, notes, outbox, people, steps, waiting, workflows

ROUTERS = (
    workflows.router,
    cases.router,
    steps.router,
    notes.router,
    waiting.router,
    bulk.router,
    events.router,
    deadlines.router,
    outbox.router,
    people.router,
    clock.router,
    health.router,
)
