"""Names that nobody can take for real ones: "example" in many languages, at example.org (RFC 2606)."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator

from engine.model import NewPerson

FIRST = {
    "SE": ("Testa", "Ida", "Nils", "Saga", "Elis", "Maja", "Viggo", "Tyra", "Melker", "Ebba"),
    "DE": ("Max", "Erika", "Lena", "Jonas", "Greta"), "AT": ("Max", "Sissi", "Franz"),
    "FR": ("Jean", "Camille", "Léa", "Hugo", "Zoé"), "BE": ("Lotte", "Bram", "Manon"),
    "NO": ("Ola", "Kari", "Ingrid", "Lars"), "DK": ("Freja", "Mads"), "FI": ("Aino", "Eero"),
    "IT": ("Mario", "Giulia", "Luca"), "ES": ("Juan", "Lucía", "Carmen"), "PT": ("João", "Inês"),
    "CZ": ("Jan", "Eliška", "Tomáš"), "NL": ("Piet", "Sanne", "Daan"), "TR": ("Ayşe", "Mehmet", "Elif"),
    "LT": ("Jonas", "Ona"), "GB": ("Jane", "Joe", "Fiona"), "IE": ("Aoife", "Sean"), "SI": ("Janez", "Maja"),
}  # fmt: skip

LAST = {
    "SE": ("Testsson", "Exempelsson", "Påhittad", "Låtsasson", "Provdotter", "Fiktivberg"),
    "DE": ("Mustermann-Beispiel", "Musterfrau"), "AT": ("Musterfrau", "Beispielhuber"),
    "FR": ("Exemple", "Fictif"), "BE": ("Voorbeeld", "Exemple"), "NO": ("Eksempel", "Oppdiktet"),
    "DK": ("Eksempel", "Prøvesen"), "FI": ("Esimerkki", "Keksitty"), "IT": ("Esempio", "Prova"),
    "ES": ("Ejemplo", "Prueba"), "PT": ("Exemplo",), "CZ": ("Příklad", "Vzorová"), "NL": ("Voorbeeld", "Verzonnen"),
    "TR": ("Örnek", "Deneme"), "LT": ("Pavyzdys",), "GB": ("Sample", "Madeup"), "IE": ("Sample", "Specimen"),
    "SI": ("Primer", "Izmišljen"),
}  # fmt: skip


def students(country: str) -> Iterator[NewPerson]:
    """Endless students of a country, each with an address of their own."""
    pairs = [(first, last) for last in LAST[country] for first in FIRST[country]]
    language = "sv" if country == "SE" else "en"
    for count, (first, last) in enumerate(itertools.cycle(pairs)):
        name = f"{first} {last}"
        place = "umu-student" if country == "SE" else f"student.{country.lower()}"
        yield NewPerson(name, f"{address(name)}{count + 1}@{place}.example.org", language)


def address(name: str) -> str:
    """The name as it can stand before the @ of a mail address."""
    return bare(name).replace(" ", ".")


def bare(words: str) -> str:
    """The words in small plain letters."""
    plain = unicodedata.normalize("NFKD", words.casefold().replace("ı", "i").replace("ø", "o").replace("ß", "ss"))
    return "".join(letter for letter in plain if letter.isascii() and (letter.isalnum() or letter in " -")).strip()
