"""django-viewflow: a flow's step and Django's ORM, on SQLite with WAL and FULL.

The case is read, viewflow's state machine judges and moves it, and case (with a check of its version),
history, deadline and message are written in one transaction.
"""

# These models are shown nowhere, and Django reads their Meta as it stands.
# ruff: noqa: DJ008, RUF012

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import django  # type: ignore[import-not-found,unused-ignore]  # stands in an environment of its own
from django.conf import settings  # type: ignore[import-not-found,unused-ignore]

PAYLOAD = "x" * 200
CASES = 20


def set_up(path: Path) -> None:
    """Tell Django of the database and nothing else."""
    pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"
    options = {"init_command": pragmas, "transaction_mode": "IMMEDIATE"}
    settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": options}},
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )
    django.setup()


def office() -> tuple[Any, Any]:
    """The models, made in the database, and a function that takes one step of one case."""
    from django.db import connection, models, transaction  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415 - after set_up
    from viewflow import fsm  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415 - after set_up

    class State(models.TextChoices):
        A = "a"
        B = "b"

    class Case(models.Model):
        state = models.CharField(max_length=9, default=State.A)
        version = models.BigIntegerField(default=1)
        facts = models.TextField(default=PAYLOAD)

        class Meta:
            app_label = "peer"

    class Event(models.Model):
        case = models.ForeignKey(Case, on_delete=models.PROTECT)
        seq = models.BigIntegerField()
        body = models.TextField()

        class Meta:
            app_label = "peer"
            unique_together = [("case", "seq")]

    class Deadline(models.Model):
        case = models.ForeignKey(Case, on_delete=models.PROTECT)
        due = models.BigIntegerField()
        status = models.CharField(max_length=9, default="open")

        class Meta:
            app_label = "peer"
            indexes = [models.Index(fields=["due"], condition=models.Q(status="open"), name="peer_open")]

    class Owed(models.Model):
        case = models.ForeignKey(Case, on_delete=models.PROTECT)
        body = models.TextField()
        sent = models.BigIntegerField(null=True)

        class Meta:
            app_label = "peer"
            indexes = [models.Index(fields=["id"], condition=models.Q(sent=None), name="peer_unsent")]

    class Flow:
        state = fsm.State(State, default=State.A)

        def __init__(self, case: Any) -> None:
            self.case = case

        @state.setter()
        def _set(self, value: str) -> None:
            self.case.state = value

        @state.getter()
        def _get(self) -> str:
            return str(self.case.state)

        @state.transition(source=State.A, target=State.B)
        def go(self) -> None:
            """Onward."""

        @state.transition(source=State.B, target=State.A)
        def back(self) -> None:
            """Back again."""

    def step(number: int) -> None:
        with transaction.atomic():
            case = Case.objects.get(pk=number % CASES + 1)
            flow = Flow(case)
            (flow.go if case.state == State.A else flow.back)()
            if not Case.objects.filter(pk=case.pk, version=case.version).update(
                state=case.state, version=case.version + 1, facts=case.facts
            ):
                raise AssertionError("somebody was faster")
            Event.objects.create(case=case, seq=case.version + 1, body=PAYLOAD)
            Deadline.objects.create(case=case, due=number)
            Owed.objects.create(case=case, body=PAYLOAD)

    with connection.schema_editor() as editor:
        for model in (Case, Event, Deadline, Owed):
            editor.create_model(model)
    Case.objects.bulk_create([Case() for _ in range(CASES)])
    return connection, step


def main() -> None:
    """Take steps for so many seconds."""
    seconds, folder = float(sys.argv[1]), Path(sys.argv[2])
    set_up(folder / "viewflow.db")
    connection, step = office()
    for number in range(CASES):
        step(number)
    number, start = CASES, time.perf_counter()
    while (passed := time.perf_counter() - start) < seconds:
        step(number)
        number += 1
    connection.close()
    told = {
        "peer": "viewflow",
        "measure": "viewflow.fsm and Django's ORM, SQLite",
        "rate": (number - CASES) / passed,
        "versions": {"django-viewflow": version("django-viewflow"), "django": version("django")},
        "notes": "with history, deadline and message as rows; no role, no chain, no working days",
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
