"""For auditors: checkpoints of the history, where they went, what is not sealed yet; to look at and take along."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from adapters.checkpoints import KEY_FILE, read_key_file
from engine.errors import CaseNotFound
from engine.ports import Checkpoint
from engine.vocabulary import Role, Text
from service.pages.visiting import Visit, Visiting

router = APIRouter(prefix="/audit/seals", include_in_schema=False)

PAGE: Final = 50
LONGEST: Final = 18
"""Digits of a size; no log has a longer one."""

PLACES: Final[dict[str, Text]] = {
    "folder": Text("mappen för kontrollpunkter", "the checkpoint folder"),
    "mail": Text("mejl till revisorer", "mail to auditors"),
    "webhook": Text("webbadress", "web address"),
}
NO_CHECKPOINT: Final = Text("Kontrollpunkten finns inte.", "There is no such checkpoint.")
NO_KEY: Final = Text(
    "Det finns ingen publik nyckel i mappen för kontrollpunkter.", "There is no public key in the checkpoint folder."
)


@dataclass(frozen=True, slots=True)
class Line:
    """A checkpoint as the list shows it. `sent` names places and instants (UTC microseconds)."""

    size: int
    root: str
    at: int
    sent: tuple[tuple[Text, int], ...]


@router.get("")
def seals(visit: Visiting, below: str | None = None) -> Response:
    """Show the checkpoints, the newest first."""
    visit.must_hold(Role.AUDITOR, Role.ADMIN)
    sealing = visit.house.sealing
    found = sealing.checkpoints(visit.institution, limit=PAGE + 1, below=_size(below))
    shown = found[:PAGE]
    return visit.page(
        "audit_seals.html",
        lines=_lines(visit, shown),
        more=shown[-1].size if len(found) > PAGE else None,
        waiting=sealing.waiting(visit.institution),
        ready=sealing.signer.ready(),
        has_key=read_key_file(visit.house.settings.checkpoint_folder) is not None,
    )


@router.get("/checkpoint-{size}.txt")
def checkpoint(visit: Visiting, size: str) -> Response:
    """Give a checkpoint as the file that auditors keep."""
    visit.must_hold(Role.AUDITOR, Role.ADMIN)
    wanted = _size(size)
    found = visit.house.sealing.at_size(visit.institution, wanted) if wanted is not None else None
    if found is None:
        raise CaseNotFound(NO_CHECKPOINT)
    return _file(found.note, f"checkpoint-{found.size}.txt")


@router.get("/audit-key.pub")
def public_key(visit: Visiting) -> Response:
    """Give the public keys as the file that auditors keep."""
    visit.must_hold(Role.AUDITOR, Role.ADMIN)
    text = read_key_file(visit.house.settings.checkpoint_folder)
    if text is None:
        raise CaseNotFound(NO_KEY)
    return _file(text, KEY_FILE)


def _file(text: str, name: str) -> Response:
    return PlainTextResponse(text, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _size(written: str | None) -> int | None:
    """A size as it stands in an address; None where it is none."""
    given = written or ""
    return int(given) if given.isascii() and given.isdigit() and len(given) <= LONGEST else None


def _lines(visit: Visit, found: tuple[Checkpoint, ...]) -> list[Line]:
    sent = visit.house.sealing.sent(visit.institution, [each.size for each in found])
    return [
        Line(
            each.size,
            b64encode(each.root).decode(),
            each.at or 0,
            tuple((PLACES.get(place, Text(place, place)), at) for place, at in sent.get(each.size, ())),
        )
        for each in found
    ]
