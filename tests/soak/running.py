"""One run: an office opened on a real database, measured, and compared with what clients were told."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adapters.signing import new_key
from engine.store.migrate import upgrade
from engine.testclock import TestClock
from tests.crash.office import INSTITUTION, people_the_office
from tests.crash.processes import SERVICE, Processes
from tests.crash.running import START, Tally, compare, house_of
from tests.soak.faults import Dealer, Stranger, of_the_mail
from tests.soak.grounds import GROUNDS, Ground
from tests.soak.mail import FailingMailServer
from tests.soak.measuring import Crowd, Measured, Plan, measure
from tests.soak.sampling import Watcher
from tests.soak.voice import Office


@dataclass
class Nodes(Processes):
    """Service and worker, with mail, a key to seal with, and limits that count; `mail` is a server's URL."""

    mail: str = ""

    def _environment(self) -> dict[str, str]:
        ours: Mapping[str, str] = {
            "SMTP_URL": self.mail,
            "SECRET_KEY": "only for the soak, and nowhere else",
            "AUDIT_KEY": str(self.folder / "audit-key.pem"),
            "CHECKPOINT_FOLDER": str(self.folder / "audit"),
            "SEAL_SECONDS": "10",
            # Small, so that the pools are full before anything is measured, whatever the machine.
            "POOL_SIZE": "8",
            # Nobody reaches these, but everybody is counted.
            "API_PER_MINUTE": "1000000",
            "SEARCH_PER_MINUTE": "1000000",
        }
        return super()._environment() | {f"FARDPLAN_{name}": value for name, value in ours.items()}


def run(kind: str, folder: Path, *, plan: Plan, chance: random.Random) -> tuple[Measured, Tally]:
    """Soak one kind of database."""
    with GROUNDS[kind](folder, chance) as ground:
        mail = FailingMailServer(folder / "mailbox")
        try:
            return _soaked(ground, mail, plan, chance)
        finally:
            mail.stop()


def _soaked(ground: Ground, mail: FailingMailServer, plan: Plan, chance: random.Random) -> tuple[Measured, Tally]:
    nodes, tally = Nodes(ground.node_url, ground.folder, INSTITUTION, mail=mail.url), Tally()
    upgrade(ground.url)
    new_key(ground.folder / "audit-key.pem", INSTITUTION)
    house = house_of(nodes, ground.url)
    try:
        TestClock(house.store).stand_at(START)
        tokens = people_the_office(house)
        office = Office.of(house, tokens, lies=plan.lies)
        nodes.start(SERVICE, *ground.workers)
        stranger = Stranger(nodes.port, tokens["officer"], office, chance)
        gentle = Dealer((*stranger.faults(), *of_the_mail(mail, chance)), chance, plan.gentle)
        hard = Dealer(ground.faults, chance, plan.hard)
        crowd = Crowd(house, nodes, office, tokens, chance)
        watcher = Watcher(ground.url, {name: each.pid for name, each in nodes.running.items()}, ground.server)
        measured = measure(crowd, (gentle, hard), watcher, plan)
        tally.wrong += [*stranger.wrong, *(("recovery", f"{name} has ended by itself") for name in nodes.ended())]
        nodes.stop()
    finally:
        nodes.kill()
    crowd.leave()
    compare(house, ground, crowd.askers, tally)
    tally.struck += gentle.struck + hard.struck
    return measured, tally
