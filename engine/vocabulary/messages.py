"""Messages in the two voices the office has: to itself, and to others.

Whoever is written to is greeted by name when the message is delivered, in their language.
"""

from __future__ import annotations

from engine.vocabulary.words import Text
from engine.vocabulary.workflow import MessageText


def message(name: str, subject_sv: str, subject_en: str, sv: str, en: str) -> MessageText:
    """Write a message to staff, with the way to the case at its end."""
    return MessageText(name, Text(subject_sv, subject_en), Text(f"{sv}\n\n{{url}}", f"{en}\n\n{{url}}"))


def letter(name: str, subject_sv: str, subject_en: str, sv: str, en: str) -> MessageText:
    """Write to somebody who has no page of the case to go to: a student, an applicant, a partner."""
    body = Text(f"{sv}\n\nÄrende {{number}}", f"{en}\n\nCase {{number}}")
    return MessageText(name, Text(subject_sv, subject_en), body)
