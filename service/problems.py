"""The one table from errors to HTTP: status, title, and what `application/problem+json` says (RFC 9457)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from engine import errors
from engine.faults import reason_for
from engine.sessions import LinkSpent, TooMany
from engine.store.ready import DatabaseNotReady
from engine.testclock import ClockRefused
from engine.vocabulary import Reason, Text
from service.auth import NotSignedIn, TokenReadsOnly
from service.limits import TooManyRequests
from service.logging import log, of_error
from service.models import Problem, reason_read
from service.sent import TooLarge, WrongMediaType
from service.tardy import BodyTooSlow, OutcomeUnknown, TookTooLong

MEDIA_TYPE: Final = "application/problem+json"
TYPE: Final = "urn:fardplan:problem:"


class NotHere(errors.EngineError):
    """There is nothing here."""


class NotAllowed(errors.EngineError):
    """None of your roles lets you see this."""


class NotOurs(errors.EngineError):
    """The form did not come from one of our pages, or the page is from another session."""


@dataclass(frozen=True, slots=True)
class Row:
    """How one kind of error is answered."""

    status: int
    code: str
    title: Text


_NOT_READY: Final = Row(503, "not_ready", Text("Tjänsten behöver startas om", "The service must be restarted"))

TABLE: Final[Mapping[type[Exception], Row]] = {
    NotSignedIn: Row(401, "not_signed_in", Text("Inte inloggad", "Not signed in")),
    errors.CaseNotFound: Row(404, "case_not_found", Text("Ärendet finns inte", "No such case")),
    NotHere: Row(404, "not_found", Text("Finns inte", "Not found")),
    errors.KeyReused: Row(422, "idempotency_key_reused", Text("Nyckeln är redan använd", "Key used before")),
    errors.VersionNeeded: Row(428, "version_needed", Text("Versionen saknas", "Version missing")),
    errors.StaleCase: Row(412, "stale_case", Text("Ärendet har ändrats", "The case has changed")),
    errors.NotYourTurn: Row(403, "not_your_role", Text("Inte din roll", "Not your role")),
    NotAllowed: Row(403, "not_your_role", Text("Inte din roll", "Not your role")),
    TokenReadsOnly: Row(403, "token_reads_only", Text("Nyckeln får bara läsa", "The token may only read")),
    errors.UnknownTrigger: Row(422, "unknown_trigger", Text("Okänt steg", "Unknown step")),
    errors.TransitionNotAllowed: Row(409, "transition_not_allowed", Text("Inte möjligt nu", "Not possible now")),
    errors.BadFields: Row(422, "bad_fields", Text("Uppgifter saknas eller är fel", "Fields missing or wrong")),
    errors.GuardRefused: Row(409, "guard_refused", Text("Ett villkor är inte uppfyllt", "A condition is not met")),
    errors.FactsTooLarge: Row(409, "facts_too_large", Text("Ärendet rymmer inte mer", "The case has no room for more")),
    errors.WorkflowFault: Row(409, "workflow_fault", Text("Processen har ett fel", "The process has a fault")),
    errors.Busy: Row(503, "busy", Text("Försök igen strax", "Try again in a moment")),
    TookTooLong: Row(503, "took_too_long", Text("Det tog för lång tid", "It took too long")),
    OutcomeUnknown: Row(503, "outcome_unknown", Text("Det tog för lång tid", "It took too long")),
    BodyTooSlow: Row(408, "body_too_slow", Text("Det kom för långsamt", "It came too slowly")),
    TooManyRequests: Row(429, "too_many_requests", Text("För många gånger på kort tid", "Too many in a short time")),
    errors.Full: Row(503, "database_full", Text("Databasen har inget utrymme kvar", "The database has no room left")),
    errors.Away: Row(503, "database_away", Text("Databasen svarar inte", "The database does not answer")),
    errors.ReadOnly: Row(503, "read_only", Text("Bara läsning just nu", "Read only for now")),
    DatabaseNotReady: _NOT_READY,
    errors.DefinitionUnknown: _NOT_READY,
    NotOurs: Row(403, "not_our_form", Text("Formuläret gick inte att ta emot", "The form could not be accepted")),
    TooMany: Row(429, "too_many_links", Text("För många länkar på kort tid", "Too many links in a short time")),
    LinkSpent: Row(410, "link_spent", Text("Länken gäller inte längre", "The link is no longer valid")),
    TooLarge: Row(413, "too_large", Text("För stort", "Too large")),
    WrongMediaType: Row(415, "wrong_media_type", Text("Fel innehållstyp", "Wrong content type")),
    ClockRefused: Row(422, "clock_refused", Text("Klockan kan inte ställas så", "The clock cannot be set so")),
    OverflowError: Row(422, "bad_fields", Text("Uppgifter saknas eller är fel", "Fields missing or wrong")),
}
_HTTP: Final[Mapping[int, Row]] = {
    404: TABLE[NotHere],
    405: Row(405, "method_not_allowed", Text("Metoden finns inte här", "Method not allowed")),
}
_LATER: Final[Mapping[str, str]] = {"read_only": "60", "not_ready": "60"}
"""After how many seconds to try again what takes longer than a moment."""
_WEIGHT: Final = re.compile(r"[qQ]=([01](?:\.[0-9]{0,3})?)")
UNEXPECTED: Final = Row(500, "unexpected", Text("Något gick fel hos oss", "Something went wrong on our side"))

_DETAIL: Final[Mapping[type[Exception], Text]] = {
    NotSignedIn: Text(
        "Skicka Authorization: Bearer följt av en giltig åtkomstnyckel.",
        "Send Authorization: Bearer and a valid token.",
    ),
    NotHere: Text("Det finns inget här.", "There is nothing here."),
    TokenReadsOnly: Text(
        "Åtkomstnyckeln är utfärdad för att läsa. Be om en som får ändra.",
        "The token was issued for reading. Ask for one that may change things.",
    ),
    NotAllowed: Text("Ingen av dina roller får se detta.", "None of your roles may see this."),
    errors.Busy: Text(
        "Det är mycket att göra just nu. Inget har ändrats; försök igen om en liten stund.",
        "There is much to do at once. Nothing was changed; try again in a moment.",
    ),
    TookTooLong: Text(
        "Det tog för lång tid att få fram svaret. Inget har ändrats; försök igen, gärna med ett snävare urval.",
        "It took too long to make the answer. Nothing was changed; try again, best with a narrower selection.",
    ),
    OutcomeUnknown: Text(
        "Det är inte säkert om steget togs. Skicka igen med samma Idempotency-Key: det tas bara en gång, och svaret "
        "säger vad det blev.",
        "The step may or may not have been taken. Send it again with the same Idempotency-Key: it is taken once only, "
        "and the answer says what became of it.",
    ),
    BodyTooSlow: Text(
        "Det som skickades kom inte fram i tid. Inget har ändrats; skicka igen.",
        "What was sent did not arrive in time. Nothing was changed; send it again.",
    ),
    TooManyRequests: Text(
        "Vänta en stund och försök igen; Retry-After säger hur många sekunder. Inget har ändrats.",
        "Wait a while and try again; Retry-After says how many seconds. Nothing was changed.",
    ),
    errors.Full: Text(
        "Det går inte att spara just nu; den som driver tjänsten behöver ge plats. Skicka igen senare med samma "
        "Idempotency-Key.",
        "Nothing can be saved at present; whoever runs the service must make room. Send it again later with the same "
        "Idempotency-Key.",
    ),
    errors.Away: Text(
        "Det är inte säkert om steget togs. Skicka igen om en stund med samma Idempotency-Key: det tas bara en gång, "
        "och svaret säger vad det blev.",
        "Whether the step was taken is not known. Send it again in a moment with the same Idempotency-Key: it is "
        "taken once only, and the answer says what became of it.",
    ),
    errors.ReadOnly: Text(
        "Allt går att läsa men inget att ändra en stund, medan systemet underhålls eller återställs. Inget har "
        "ändrats; försök igen senare.",
        "Everything can be read and nothing changed for a while, as the system is being looked after or put back. "
        "Nothing was changed; try again later.",
    ),
    DatabaseNotReady: Text(
        "Databasen hör till en annan version av Färdplan än den som svarar här. Inget har ändrats; den som driver "
        "tjänsten behöver starta om den i rätt version.",
        "The database belongs to another version of Färdplan than the one that answers here. Nothing was changed; "
        "whoever runs the service must restart it in the right version.",
    ),
    errors.DefinitionUnknown: Text(
        "Ärendet följer en version av sin process som inte är känd här: en nyare version av Färdplan arbetar med samma "
        "databas. Inget har ändrats; försök igen om en stund. Den som driver tjänsten behöver starta om den i rätt "
        "version.",
        "The case follows a version of its process that is not known here: a newer version of Färdplan works with the "
        "same database. Nothing was changed; try again in a while. Whoever runs the service must restart it in the "
        "right version.",
    ),
    NotOurs: Text(
        "Sidan hörde till en annan inloggning. Gå tillbaka, ladda om sidan och skicka igen.",
        "The page belonged to another session. Go back, reload the page and send it again.",
    ),
    TooMany: Text("Vänta en timme och be sedan om en ny länk.", "Wait an hour, then ask for a new link."),
    LinkSpent: Text(
        "En länk kan användas en gång och under en begränsad tid. Be om en ny.",
        "A link works once and for a limited time. Ask for a new one.",
    ),
    TooLarge: Text("Högst 1 MiB åt gången.", "At most 1 MiB at a time."),
    WrongMediaType: Text("Skicka JSON: Content-Type: application/json.", "Send JSON: Content-Type: application/json."),
    OverflowError: Text("Ett tal eller en dag ligger för långt bort.", "A number or a day lies too far away."),
}


def row_for(error: Exception) -> Row:
    """The row of an error; one that stands in no row is a fault of ours."""
    return next((TABLE[kind] for kind in type(error).__mro__ if kind in TABLE), UNEXPECTED)


def language_of(request: Request) -> str:
    """The reader's language, "sv" or "en": what a page found out, else Accept-Language (RFC 9110 section 12.5.4)."""
    found: str | None = getattr(request.state, "language", None)
    if found is not None:
        return found
    ranked = []
    for place, part in enumerate(request.headers.get("accept-language", "").split(",")):
        tag, _, parameter = part.partition(";")
        name, weight = tag.strip().lower().partition("-")[0], _weight(parameter)
        if name in {"sv", "en"} and weight > 0:
            ranked.append((-weight, place, name))
    return min(ranked)[2] if ranked else "en"


def _weight(parameter: str) -> float:
    """The weight in `q=0.7`, blanks around it or not; 1 without one, 0 (not wanted) for what is none."""
    if not parameter.strip():
        return 1.0
    found = _WEIGHT.fullmatch(parameter.strip())
    return float(found[1]) if found else 0.0


def problem_of(error: Exception, *, language: str, request_id: str | None = None) -> Problem:
    """What the table says of an error, in the reader's language."""
    row = row_for(error)
    detail, reasons = _words(error)
    return _problem(
        row, language, detail=detail, reasons=reasons, state=getattr(error, "state", None), request_id=request_id
    )


def _words(error: Exception) -> tuple[Text, tuple[Reason, ...]]:
    if isinstance(error, errors.Refused):
        return error.message, error.reasons
    if isinstance(error, ClockRefused):
        return error.text, (Reason("clock_refused", error.text),)
    return _DETAIL.get(type(error), UNEXPECTED.title), ()


def _problem(
    row: Row,
    language: str,
    *,
    detail: Text,
    reasons: tuple[Reason, ...] = (),
    state: str | None = None,
    request_id: str | None = None,
) -> Problem:
    swedish = language == "sv"
    return Problem(
        type=TYPE + row.code,
        title=row.title.sv if swedish else row.title.en,
        status=row.status,
        detail=detail.sv if swedish else detail.en,
        code=row.code,
        current_state=state,
        reasons=[reason_read(reason) for reason in reasons] or None,
        request_id=request_id,
    )


def answer(request: Request, problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The problem as a response."""
    every: dict[str, str] = {"Content-Language": language_of(request), **(headers or {})}
    if problem.status == 401:  # noqa: PLR2004 - the status is the word for it
        every["WWW-Authenticate"] = 'Bearer realm="fardplan"'
    if problem.status == 503:  # noqa: PLR2004 - the status is the word for it
        every["Retry-After"] = _LATER.get(problem.code, "1")
    if problem.status == 408:  # noqa: PLR2004 - the status is the word for it
        # What still comes on this connection would be taken for the next request (RFC 9110 section 15.5.9).
        every["Connection"] = "close"
    request.state.refusal = problem.code
    absent = {name for name, value in problem if value is None}
    return Response(problem.model_dump_json(exclude=absent), problem.status, every, MEDIA_TYPE)


async def on_error(request: Request, error: Exception) -> Response:
    """Answer an error of the engine or of this edge."""
    request_id = getattr(request.state, "request_id", None)
    if isinstance(error, errors.WorkflowFault):
        about = {"case": error.case, "trigger": error.trigger, **of_error(error.__cause__ or error)}
        log.error("workflow_fault", extra=about)
    return answer(request, problem_of(error, language=language_of(request), request_id=request_id))


async def on_bad_parameters(request: Request, error: Exception) -> Response:
    """Answer what FastAPI found wrong in a query or path."""
    if not isinstance(error, RequestValidationError):
        raise error
    # The place begins with "query" or "path", which is no field of anybody's.
    faults = [{**fault, "loc": fault["loc"][1:] or fault["loc"]} for fault in error.errors()]
    reasons = tuple(reason_for(fault) for fault in faults)
    return await on_error(request, errors.BadFields(reasons[0].message, reasons))


async def on_http(request: Request, error: Exception) -> Response:
    """Answer what the router found: no such path, no such method."""
    if not isinstance(error, HTTPException):
        raise error
    request_id = getattr(request.state, "request_id", None)
    row = _HTTP.get(error.status_code) or Row(error.status_code, "http_error", Text(error.detail, error.detail))
    problem = _problem(row, language_of(request), detail=row.title, request_id=request_id)
    return answer(request, problem, {**(error.headers or {}), **_allowed(request, error.status_code)})


def _allowed(request: Request, status: int) -> Mapping[str, str]:
    """All methods of the path, where one was wrong; the router names only those of the first route it finds."""
    path = getattr(request.scope.get("route"), "path", "")
    methods = request.app.openapi()["paths"].get(path) if status == 405 else None  # noqa: PLR2004 - as above
    return {"Allow": ", ".join(sorted(methods)).upper()} if methods else {}


def unexpected(request: Request) -> Response:
    """Answer a fault of ours, telling nothing of its inside."""
    request_id = getattr(request.state, "request_id", None)
    detail = Text("Felet är noterat. Ange request_id om du hör av dig.", "It is noted. Quote request_id when you ask.")
    return answer(request, _problem(UNEXPECTED, language_of(request), detail=detail, request_id=request_id))
