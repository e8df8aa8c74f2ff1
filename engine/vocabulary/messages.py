"""Messages in the three voices the office has: to itself, to one person, to a partner."""

from __future__ import annotations

from engine.vocabulary.words import Text
from engine.vocabulary.workflow import MessageText


def message(name: str, subject_sv: str, subject_en: str, sv: str, en: str) -> MessageText:
    """Write a message to staff, with the way to the case at its end."""
    return MessageText(name, Text(subject_sv, subject_en), Text(f"{sv}\n\n{{url}}", f"{en}\n\n{{url}}"))


def letter(name: str, subject_sv: str, subject_en: str, sv: str, en: str) -> MessageText:
    """Write to somebody by name who has no page of the case to go to; the text begins in lower case."""
    body = Text(f"Hej {{name}},\n\n{sv}\n\nÄrende {{number}}", f"Dear {{name}},\n\n{en}\n\nCase {{number}}")
    return MessageText(name, Text(subject_sv, subject_en), body)


def partner_letter(name: str, subject_sv: str, subject_en: str, sv: str, en: str) -> MessageText:
    """Write to colleagues at a partner; the text begins in lower case."""
    body = Text(f"Hej,\n\n{sv}\n\nÄrende {{number}}", f"Dear colleagues,\n\n{en}\n\nCase {{number}}")
    return MessageText(name, Text(subject_sv, subject_en), body)
