"""People: students and staff. Their names and addresses stand here and nowhere else.

A person is known by mail address, which is unique in an institution and folded to lower
case; everything else names people by id, so that a person can be erased.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from engine.errors import BadFields
from engine.vocabulary import Reason, Text

LANGUAGES = ("sv", "en")
LONGEST_NAME = 200
LONGEST_EMAIL = 254

_EMAIL = re.compile(r"[^\s@,;:<>()\[\]\"\\\x00-\x1f\x7f]{1,64}@[\w-]+(\.[\w-]+)+")


@dataclass(frozen=True, slots=True)
class PersonCard:
    """Who somebody is. Name and address are None once the person has been erased."""

    id: str
    name: str | None
    email: str | None
    language: str


def wrong(field: str, sv: str, en: str) -> BadFields:
    """A refusal that names the field, in both languages."""
    message = Text(f"{field}: {sv}", f"{field}: {en}")
    return BadFields(message, (Reason(f"field:{field}", message),))


def folded_email(written: str, field: str = "email") -> str:
    """The address as it is kept: lower case, composed, without spaces around it. Raises BadFields."""
    folded = unicodedata.normalize("NFC", written).strip().lower()
    if len(folded) > LONGEST_EMAIL or ".." in folded or not _EMAIL.fullmatch(folded):
        raise wrong(field, "det är ingen e-postadress.", "this is no mail address.")
    return folded


def clean_name(written: str, field: str = "name") -> str:
    """The name on one line, composed. Raises BadFields where nothing is left, or too much."""
    name = " ".join(unicodedata.normalize("NFC", written).split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise wrong(
            field,
            f"skriv ett namn med högst {LONGEST_NAME} tecken.",
            f"write a name of at most {LONGEST_NAME} characters.",
        )
    return name


def known_language(written: str) -> str:
    """The language a person is written to in. Raises BadFields."""
    if written not in LANGUAGES:
        raise wrong("language", "ange sv eller en.", "give sv or en.")
    return written
