"""Messages of the house itself, which no workflow declares: somebody has written to somebody.

Their placeholders are those of `engine.vocabulary.MessageText`, and besides: sender (who
wrote), text (what was written, never read as placeholders itself), way (to the case, or
for whom has no page of it, where to answer).
"""

from __future__ import annotations

from typing import Final

from engine.vocabulary import MessageText, Text

COMMENT: Final = "comment"
"""The template of a comment that tells somebody: a mention, or a question where something stays away."""

OF_THE_HOUSE: Final = {
    COMMENT: MessageText(
        COMMENT,
        Text("{number}: {sender} skriver till dig", "{number}: {sender} has written to you"),
        Text("{text}\n\n{way}", "{text}\n\n{way}"),
    )
}

REPLY: Final = Text(
    "Svara till {unit}, {mailbox} (ärende {number}).", "Please reply to {unit}, {mailbox} (case {number})."
)
NO_MAILBOX: Final = Text("Ärende {number}, {unit}", "Case {number}, {unit}")
