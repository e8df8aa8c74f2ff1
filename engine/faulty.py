"""A fault in a workflow's file that a step met: what people are told of it, and what an administrator is.

Whoever asked for the step can neither cause it nor mend it, and nothing was changed. What the
fault says itself stays unsaid: its words may quote what somebody wrote.
"""

from __future__ import annotations

import traceback
from typing import Final

from engine.errors import Refused, WorkflowFault
from engine.model import Request, Take
from engine.vocabulary import Reason, Role, Text

WORDS: Final = Text(
    "Steget kunde inte prövas: det är ett fel i processens beskrivning. Inget har ändrats. Meddela en administratör.",
    "The step could not be judged: there is a fault in the declared process. Nothing was changed. "
    "Tell an administrator.",
)
FAULTY: Final = Reason("workflow_fault", WORDS, Role.ADMIN)


def faulty(request: Request) -> WorkflowFault:
    """The refusal of a step that a fault stands in the way of; to be raised `from` it."""
    trigger = request.ask.trigger if isinstance(request.ask, Take) else None
    return WorkflowFault(WORDS, (FAULTY,), case=request.case, trigger=trigger, party=request.party)


def told(error: Exception) -> str:
    """What is kept of a fault: its kind and where it happened, or the codes of a refusal. No word of its own."""
    if isinstance(error, Refused) and not isinstance(error, WorkflowFault):
        return ", ".join([error.code, *(reason.code for reason in error.reasons if reason.code != error.code)])
    origin = error.__cause__ or error
    frames = traceback.extract_tb(origin.__traceback__)[-1:]
    where = "".join(f" ({frame.filename.rpartition('/')[2]}, line {frame.lineno}, {frame.name})" for frame in frames)
    return type(origin).__name__ + where
