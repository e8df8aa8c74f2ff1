"""The log: one JSON line an event, with request and case ids and no personal data.

Queries, bodies, headers, names and addresses are never logged; of an unexpected error
its kind and where it happened, for its message may hold what somebody wrote.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final, TextIO

log: Final = logging.getLogger("fardplan")

REQUEST_ID: Final[ContextVar[str | None]] = ContextVar("request_id", default=None)
"""The id of the request that is being answered; it stands in every line written meanwhile."""

_OWN: Final = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"})
"""What every record has; anything else was given with `extra`."""


class JsonLines(logging.Formatter):
    """A record as one line: the event, what was given with it, and of an exception its kind and place."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the line, its instant in UTC."""
        line: dict[str, object] = {"event": record.getMessage()}
        line.update((name, value) for name, value in vars(record).items() if name not in _OWN)
        if record.exc_info and record.exc_info[1] is not None:
            line.update(of_error(record.exc_info[1]))
        request_id = REQUEST_ID.get()
        if request_id is not None:
            line["request_id"] = request_id
        line["level"] = record.levelname.lower()
        line["timestamp"] = datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z")
        return json.dumps(line, ensure_ascii=False, default=repr)


def configure(level: str = "info", stream: TextIO | None = None) -> None:
    """Write JSON lines to standard error (or `stream`), of ours and of libraries alike."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
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


def of_error(error: BaseException) -> dict[str, object]:
    """What may be said of an error: its kind, and the lines it came through, the innermost last."""
    # Not `extract_tb`, which reads in the files the lines stand in, and keeps them.
    through = [(frame.f_code, line) for frame, line in traceback.walk_tb(error.__traceback__)][-12:]
    return {
        "error": type(error).__name__,
        "where": [f"{code.co_filename.rpartition('/')[2]}:{line} {code.co_name}" for code, line in through],
    }
