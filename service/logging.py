"""The log: one JSON line an event, with request and case ids and no personal data.

Queries, bodies, headers, names and addresses are never logged; of an unexpected error
its kind and where it happened, for its message may hold what somebody wrote.
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Final, TextIO

import structlog

log: Final = structlog.get_logger("fardplan")


def configure(level: str = "info", stream: TextIO | None = None) -> None:
    """Write JSON lines to standard error (or `stream`), from structlog and from the standard library alike."""
    shared = (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(), _without_message],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # The service logs each request itself, by its route; uvicorn's own line holds the query.
    logging.getLogger("uvicorn.access").disabled = True
    # A file being tried is loaded while we serve, and the machine would tell of every state it walks through.
    logging.getLogger("transitions").setLevel(logging.WARNING)


def quieten() -> None:
    """Let libraries be silent whose records repeat ours, or tell of nothing unusual."""
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _without_message(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Leave the kind and the place of an exception, not its words."""
    info = event.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event.update(of_error(error))
    return event


def of_error(error: BaseException) -> dict[str, object]:
    """What may be said of an error: its kind, and the lines it came through, the innermost last."""
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    return {
        "error": type(error).__name__,
        "where": [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames],
    }
