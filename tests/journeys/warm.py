"""For the server that racers are forked from, and for nobody else: reads the processes when imported."""

from __future__ import annotations

from tests.journeys.racers import processes

processes()
