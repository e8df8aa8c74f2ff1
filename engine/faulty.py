"""A fault in a workflow's file that a step met: what people are told of it, and what an administrator is.

Whoever asked for the step can neither cause it nor mend it, and nothing was changed. What the
fault says itself stays unsaid: its words may quote what somebody wrote.
"""

from __future__ import annotations

import traceback
from typing import Final

from engine.ending import WithoutEnd
from engine.errors import Refused, WorkflowFault
from engine.model import Request, Take
from engine.vocabulary import Reason, Role, Text

WORDS: Final = Text(
    "Steget kunde inte prövas: det är ett fel i processens beskrivning. Inget har ändrats. Meddela en administratör.",
    "The step could not be judged: there is a fault in the declared process. Nothing was changed. "
    "Tell an administrator.",
)
FAULTY: Final = Reason("workflow_fault", WORDS, Role.ADMIN)


class FollowUpRing(RecursionError):
    """Steps in other cases lead on to further ones without coming to an end.

    No refusal: a rung that tries the next case where one refuses must not pass it by.
    """


IN_A_RING: Final = Reason(
    "follow_up_ring",
    Text(
        "Steget drar med sig steg i andra ärenden som i sin tur drar med sig nya, utan slut: det är ett fel i "
        "processens beskrivning. Inget har ändrats, varken här eller i de andra ärendena. Säg till en administratör "
        "vilket ärende och vilket steg det gäller.",
        "The step brings about steps in other cases, which bring about more, without end: there is a fault in the "
        "declared process. Nothing was changed, here or in the other cases. Tell an administrator which case and "
        "which step it was.",
    ),
    Role.ADMIN,
)


ENDLESS: Final = Reason(
    "without_end",
    Text(
        "Steget kunde inte prövas: ett villkor i processens beskrivning blir aldrig färdigt. Inget har ändrats. Försök "
        "inte igen; säg till en administratör vilket ärende och vilket steg det gäller.",
        "The step could not be judged: a condition in the declared process comes to no end. Nothing was changed. Do "
        "not try again; tell an administrator which case and which step it was.",
    ),
    Role.ADMIN,
)


def faulty(request: Request, fault: Exception) -> WorkflowFault:
    """The refusal of a step that a fault stands in the way of; to be raised `from` it."""
    reason = IN_A_RING if isinstance(fault, FollowUpRing) else ENDLESS if isinstance(fault, WithoutEnd) else FAULTY
    trigger = request.ask.trigger if isinstance(request.ask, Take) else None
    return WorkflowFault(reason.message, (reason,), case=request.case, trigger=trigger, party=request.party)


def told(error: Exception) -> str:
    """What is kept of a fault: its kind and where it happened, or the codes of a refusal. No word of its own."""
    if isinstance(error, Refused) and not isinstance(error, WorkflowFault):
        return ", ".join([error.code, *(reason.code for reason in error.reasons if reason.code != error.code)])
    origin = error.__cause__ or error
    frames = traceback.extract_tb(origin.__traceback__)[-1:]
    where = "".join(f" ({frame.filename.rpartition('/')[2]}, line {frame.lineno}, {frame.name})" for frame in frames)
    return type(origin).__name__ + where
