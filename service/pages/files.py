"""Style, script and vendored files, under addresses that change with what they hold."""

from __future__ import annotations

from mimetypes import guess_type

from fastapi import APIRouter
from starlette.responses import Response

from service.pages.rendering import STATIC, asset
from service.problems import NotHere

router = APIRouter(include_in_schema=False)


@router.get("/static/{mark}/{name:path}")
def static(mark: str, name: str) -> Response:
    """A file. Its address holds a mark of its content, so it may be kept for a year."""
    files = {str(path.relative_to(STATIC)): path for path in STATIC.rglob("*") if path.is_file()}
    found = files.get(name)
    if found is None or asset(name) != f"/static/{mark}/{name}":
        raise NotHere
    kind = guess_type(found.name)[0] or "application/octet-stream"
    # Sent whole, whatever part is asked for: all are small.
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(found.read_bytes(), media_type=kind, headers=kept)


@router.get("/favicon.ico")
def favicon() -> Response:
    """The sign in the browser's tab."""
    return Response((STATIC / "mark.svg").read_bytes(), media_type="image/svg+xml")
