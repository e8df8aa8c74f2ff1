"""Who asks: a bearer token, looked up in the directory."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Path, Request
from fastapi.security import HTTPBearer

from engine.decide import NOT_FOUND
from engine.directory import Caller
from engine.errors import CaseNotFound, EngineError
from service.compose import House
from service.shapes import is_id

BEARER = HTTPBearer(auto_error=False, bearerFormat="opaque", description="A token from `fardplan token EMAIL`.")


READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""The methods that change nothing (RFC 9110 section 9.2.1)."""


class TokenReadsOnly(EngineError):
    """The token lets its holder read, and change nothing."""


class NotSignedIn(EngineError):
    """The request carries no valid token."""


def house_of(request: Request) -> House:
    """The house this application serves."""
    house: House = request.app.state.house
    return house


def authenticate(request: Request) -> Caller:
    """Who the request comes from. Reads the database; raises NotSignedIn, or TokenReadsOnly."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    caller = house_of(request).directory.authenticate(token.strip()) if scheme.lower() == "bearer" else None
    if caller is None:
        raise NotSignedIn
    if caller.reads_only and request.method not in READING:
        raise TokenReadsOnly
    return caller


def signed_in(request: Request, _: Annotated[object, Depends(BEARER)]) -> Caller:
    """Who the request comes from, for routes that read: judged before any parameter."""
    return authenticate(request)


SignedIn = Annotated[Caller, Depends(signed_in)]
TheHouse = Annotated[House, Depends(house_of)]


def case_id(case: Annotated[str, Path(description="The case's id.")]) -> str:
    """A case id as it stands in the path. Anything that can be no id is a case that is not there."""
    if not is_id(case):
        raise CaseNotFound(NOT_FOUND)
    return case


def readable_case(caller: SignedIn, house: TheHouse, case: Annotated[str, Path(description="The case's id.")]) -> str:
    """The id of a case the caller may read, judged before any other parameter."""
    found = case_id(case)
    house.queries.readable(caller.institution, caller.person, found)
    return found


ReadableCase = Annotated[str, Depends(readable_case)]
