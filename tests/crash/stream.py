"""Clients that advance reviews over HTTP, and write down what they were told.

A request whose answer never came is sent again with the same idempotency key, as a
careful client does; so each must have happened exactly once in the end.
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx

STEPS: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "requested": (("take", {}), ("set_answer_by", {"answer_by": "2035-01-08"})),
    "under_review": (
        ("ask_for_information", {"missing_information": "intyg"}),
        ("release", {}),
        ("find_eligible", {"no_conflict_of_interest": True}),
    ),
    "awaiting_information": (("receive_information", {}),),
    "eligible": (("withdraw", {}),),
}
BY = {
    "set_answer_by": "admissions",
    "withdraw": "admissions",
    "take": "reviewer",
    "ask_for_information": "reviewer",
    "release": "reviewer",
    "find_eligible": "reviewer",
    "receive_information": "reviewer",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a client was told had happened."""

    case: str
    sequence: int
    trigger: str | None
    state: str
    key: str


@dataclass
class Client:
    """One client, with cases of its own. `unanswered` is what it must send again."""

    base: str
    tokens: dict[str, str]
    unit: str
    chance: random.Random
    told: list[Told] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    _cases: dict[str, tuple[str, int]] = field(default_factory=dict)
    _unanswered: dict[str, Any] | None = None

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop, or until the service is gone."""
        with httpx.Client(base_url=f"{self.base}/api/v1", timeout=20) as http:
            while not stop.is_set():
                request = self._unanswered or self._next()
                self._unanswered = request
                try:
                    answer = http.post(**request)
                except httpx.HTTPError:
                    return
                if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                    # The service asks to be asked again, as it may while it comes up or is busy.
                    time.sleep(0.1)
                    continue
                self._unanswered = None
                self._note(request, answer)

    def _next(self) -> dict[str, Any]:
        open_cases = [(i, at) for i, at in self._cases.items() if at[0] in STEPS]
        if len(open_cases) < 3:
            return self._open()
        case, (state, version) = self.chance.choice(open_cases)
        trigger, fields = self.chance.choice(STEPS[state])
        body = {"trigger": trigger, "fields": fields, "reason": "stream"}
        return self._request(f"/cases/{case}/transitions", BY[trigger], body, version)

    def _open(self) -> dict[str, Any]:
        number = self.chance.randrange(10**9)
        body = {
            "workflow": "eligibility_review",
            "unit": self.unit,
            "subject": {
                "name": f"Testa Testsson {number}",
                "email": f"testa{number}@example.org",
                "language": "sv",
            },
            "facts": {"course": f"Kurs {number}"},
            "links": {},
        }
        return self._request("/cases", "admissions", body, None)

    def _request(
        self, url: str, role: str, body: dict[str, Any], version: int | None
    ) -> dict[str, Any]:
        headers = {
            "Authorization": f"Bearer {self.tokens[role]}",
            "Idempotency-Key": str(uuid.UUID(int=self.chance.getrandbits(128))),
        }
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return {"url": url, "json": body, "headers": headers}

    def _note(self, request: dict[str, Any], answer: httpx.Response) -> None:
        if answer.status_code >= 500:
            self.faults.append(f"{request['url']}: {answer.status_code} {answer.text[:200]}")
            return
        if answer.status_code == 412:
            # A rung has fired on the case meanwhile: read it again, as a person would.
            case = request["url"].split("/")[2]
            state, version = self._cases[case]
            self._cases[case] = (state, version + 1)
            return
        if answer.is_success:
            said = answer.json()
            case = said.get("case", said)
            sequence = said["event"]["sequence"] if "event" in said else 1
            trigger = request["json"].get("trigger")
            key = request["headers"]["Idempotency-Key"]
            self.told.append(Told(case["id"], sequence, trigger, case["state"], key))
            self._cases[case["id"]] = (case["state"], case["version"])
        elif answer.status_code != 409:
            self.faults.append(f"{request['url']}: {answer.status_code} {answer.text[:300]}")
