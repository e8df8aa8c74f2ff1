"""Makes a failing request as small as it fails still, and keeps it: every later run of the tests sends it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from tests.fuzzing.asgi import Asked
from tests.fuzzing.playing import Finding, Stage
from tests.fuzzing.universities import Universities

KEPT: Final = Path(__file__).with_name("found.json")
MOST_TRIES: Final = 60

Fails = Callable[[Asked], Awaitable[bool]]


async def reduced(set_up: Stage, finding: Finding) -> Asked | None:
    """The smallest request found that goes wrong alike on a fresh copy; None where it needs what went before."""

    async def fails(asked: Asked) -> bool:
        _, wrongs = await set_up.ask(filled(asked, set_up))
        return any(Finding(asked, wrong).kind == finding.kind for wrong in wrongs)

    asked = portable(finding.asked, set_up)
    if not await fails(asked):
        return None
    tries = 0
    while tries < MOST_TRIES:
        for smaller in _smaller(asked):
            tries += 1
            if await fails(smaller):
                asked = smaller
                break
        else:
            break
    return asked


def _smaller(asked: Asked) -> Iterator[Asked]:
    """The request without one of its parts."""
    for place in range(len(asked.headers)):
        yield asked.having(headers=asked.headers[:place] + asked.headers[place + 1 :])
    path, _, query = asked.target.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    if query:
        yield asked.having(target=path)
    for place in range(len(pairs)):
        yield asked.having(target=f"{path}?{urlencode(pairs[:place] + pairs[place + 1 :])}")
    fields = asked.body.split("&") if "=" in asked.body and not asked.body.startswith(("{", "[")) else []
    for place, pair in enumerate(fields):
        if not pair.startswith("csrf="):
            yield asked.having(body="&".join(fields[:place] + fields[place + 1 :]))
    try:
        told = json.loads(asked.body)
    except ValueError:
        return
    for name in told if isinstance(told, dict) else ():
        yield asked.having(body=json.dumps({key: value for key, value in told.items() if key != name}))


def _names(set_up: Stage, who: str) -> Mapping[str, str]:
    """What stands for what differs from one copy of the universities to the next."""
    made: Universities = set_up.made
    cases = {f"<case {name}>": case for name, case in made.cases.items()}
    people = {f"<person {name}>": person for name, person in made.people.items()}
    return {**cases, **people, "<csrf>": set_up.session(who)[1]}


def portable(asked: Asked, set_up: Stage) -> Asked:
    """The request with names in place of ids; its proof is that of the form it stood on, or none."""
    return _replaced(asked, {value: name for name, value in _names(set_up, asked.who).items() if value})


def filled(asked: Asked, set_up: Stage) -> Asked:
    """The request with the ids of this copy in place of names."""
    return _replaced(asked, _names(set_up, asked.who))


def _replaced(asked: Asked, words: Mapping[str, str]) -> Asked:
    target, body = asked.target, asked.body
    for word, other in words.items():
        target, body = target.replace(word, other), body.replace(word, other)
    return asked.having(target=target, body=body)


def kept() -> list[dict[str, Any]]:
    """The requests that failed once: what was wrong, and how to ask again."""
    read: list[dict[str, Any]] = json.loads(KEPT.read_text("utf-8"))
    return read


def read(told: Mapping[str, Any]) -> Asked:
    """A kept request."""
    asked = dict(told["asked"])
    return Asked(**{**asked, "headers": tuple((name, value) for name, value in asked["headers"])})


def keep(asked: Asked, wrong: str) -> None:
    """Keep a request among those that failed, unless the same stands there."""
    told, every = json.loads(json.dumps(asdict(asked))), kept()
    if told not in [each["asked"] for each in every]:
        every.append({"found": wrong, "asked": told})
        KEPT.write_text(json.dumps(every, indent=1, ensure_ascii=False) + "\n", "utf-8")
