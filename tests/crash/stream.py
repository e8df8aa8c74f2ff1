"""Clients that advance reviews over HTTP: each its own, and some that all of them want at once."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from tests.crash.asking import Asker, Call

STEPS: Final[dict[str, tuple[tuple[str, dict[str, Any]], ...]]] = {
    "requested": (("take", {}), ("set_answer_by", {"answer_by": "2035-01-08"})),
    "under_review": (
        ("ask_for_information", {"missing_information": "intyg"}),
        ("release", {}),
        ("find_eligible", {"no_conflict_of_interest": True}),
    ),
    "awaiting_information": (("receive_information", {}),),
    "eligible": (("withdraw", {}),),
}
BY: Final = {
    "set_answer_by": "admissions",
    "withdraw": "admissions",
    "take": "reviewer",
    "ask_for_information": "reviewer",
    "release": "reviewer",
    "find_eligible": "reviewer",
    "receive_information": "reviewer",
}
OWN: Final = 3
"""How many open cases of its own a client keeps."""

WANTED: Final = 3
"""How many of the newest shared cases all clients want at once."""


@dataclass
class Client:
    """One client. `shared` are the ids of cases that every client of the run may take steps of."""

    asker: Asker
    tokens: dict[str, str]
    unit: str
    chance: random.Random
    shared: list[str]
    _own: dict[str, tuple[str, int]] = field(default_factory=dict)

    def run(self) -> None:
        """Work until told to stop."""
        while not self.asker.stop.is_set():
            if self.chance.random() < 0.4 and self.shared:
                self._hurry(self.chance.choice(self.shared[-WANTED:]))
                continue
            case = self._one_of_its_own()
            if case is None:
                self._open()
            else:
                self._step(case, *self._own[case])
        self.asker.close()

    def _one_of_its_own(self) -> str | None:
        open_cases = [case for case, (state, _) in self._own.items() if state in STEPS]
        return self.chance.choice(open_cases) if len(open_cases) >= OWN else None

    def _hurry(self, case: str) -> None:
        """Read a case that others want too, and take a step of it in the version read."""
        seen = self._read(case)
        if seen is None:
            return
        if seen[0] in STEPS:
            self._step(case, *seen)
        else:
            self._strike_off(case)

    def _strike_off(self, case: str) -> None:
        """A case that has come to its end is wanted no more."""
        if case in self.shared:
            self.shared.remove(case)

    def _read(self, case: str) -> tuple[str, int] | None:
        answer, began, ended = self.asker.ask(self._request("GET", f"/cases/{case}", "officer"))
        if answer is None or not answer.is_success:
            self._wrong(answer)
            return None
        said = answer.json()
        self.asker.calls.append(Call(case, "read", began, ended, version=said["version"]))
        return said["state"], said["version"]

    def _open(self) -> None:
        number = self.chance.randrange(10**9)
        subject = {"name": f"Testa Testsson {number}", "email": f"testa{number}@example.org", "language": "sv"}
        body = {
            "workflow": "eligibility_review",
            "unit": self.unit,
            "subject": subject,
            "facts": {"course": f"Kurs {number}"},
            "links": {},
        }
        request = self._request("POST", "/cases", "admissions", body)
        answer, began, ended = self.asker.ask(request)
        if answer is None or not answer.is_success:
            self._wrong(answer)
            return
        case = answer.json()["case"]
        key = request["headers"]["Idempotency-Key"]
        self.asker.calls.append(Call(case["id"], "wrote", began, ended, version=1, expected=0, key=key))
        if self.chance.random() < 0.3:
            self.shared.append(case["id"])
        else:
            self._own[case["id"]] = (case["state"], case["version"])

    def _step(self, case: str, state: str, version: int) -> None:
        """Take a step in that version; whoever is refused it reads the case anew, as a person would."""
        trigger, fields = self.chance.choice(STEPS[state])
        body = {"trigger": trigger, "fields": fields, "reason": "stream"}
        request = self._request("POST", f"/cases/{case}/transitions", BY[trigger], body, version)
        answer, began, ended = self.asker.ask(request)
        told = Call(case, "unknown", began, ended, None, version, trigger, request["headers"]["Idempotency-Key"])
        self.asker.calls.append(self._noted(told, answer))

    def _noted(self, call: Call, answer: httpx.Response | None) -> Call:
        mine, what, version = call.case in self._own, "unknown", None
        if answer is not None and answer.is_success:
            said = answer.json()
            what, version = "wrote", said["event"]["sequence"]
            if mine:
                self._own[call.case] = (said["case"]["state"], said["case"]["version"])
        elif answer is not None and answer.status_code == httpx.codes.PRECONDITION_FAILED:
            what = "stale"
            seen = self._read(call.case) if mine else None
            if seen is not None:
                self._own[call.case] = seen
        elif answer is not None and answer.status_code == httpx.codes.CONFLICT:
            what = "refused"
            self._own.pop(call.case, None)
        else:
            self._wrong(answer)
        return Call(
            call.case, what, call.began, call.ended, version, call.expected, call.trigger, call.key
        )  # fmt: skip

    def _wrong(self, answer: httpx.Response | None) -> None:
        """Note an answer nobody reckoned with; what is 5xx has been noted where it came in."""
        if answer is not None and answer.status_code < 500:
            self.asker.faults.append(f"{answer.request.url.path}: {answer.status_code} {answer.text[:300]}")

    def _request(
        self, method: str, url: str, role: str, body: dict[str, Any] | None = None, version: int | None = None
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.tokens[role]}"}
        if body is not None:
            headers["Idempotency-Key"] = str(uuid.UUID(int=self.chance.getrandbits(128)))
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return {"method": method, "url": url, "headers": headers, **({"json": body} if body is not None else {})}
