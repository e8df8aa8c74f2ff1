"""Partners of Umeå University, with the study mobilities of one real year.

Source: EU open data on Erasmus+ mobilities (data.europa.eu, European Commission, CC BY 4.0),
academic year 2017/18, rows with Umeå University (S  UMEA01) on one side, reduced to counts a
pair of institutions. Erasmus codes as in the Commission's list of charter holders. Which
department keeps the contact, its field, and all that happens in the demo year, is made up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

SOURCE = "EU open data on Erasmus+ mobilities, European Commission, CC BY 4.0, academic year 2017/18"

CHARTERS_RUN_TO = date(2029, 12, 31)
"""To this day the charters of the programme 2021-27 are valid, in the Commission's list."""


@dataclass(frozen=True, slots=True)
class RealPartner:
    """A partner, and how many students went there and came from there in the year.

    `unit` and `field` (ISCED-F 2013) are the demo's own: who here keeps the agreement.
    """

    code: str
    name: str
    city: str
    country: str
    sent: int
    received: int
    unit: str
    field: str

    @property
    def in_programme(self) -> bool:
        """Whether it is in an Erasmus+ programme country; the United Kingdom left in 2021."""
        return self.country != "GB"


def _row(line: str) -> RealPartner:
    code, name, city, country, sent, received, unit, field = (part.strip() for part in line.split("|"))
    return RealPartner(code, name, city, country, int(sent), int(received), f"{unit}.umu.se", field)


# Code | name | city | country | sent | received | department | field. The most students first.
_TABLE = """
D  WURZBUR01 | Julius-Maximilians-Universität Würzburg | Würzburg | DE | 3 | 31 | jus | 0421
F  BORDEAU57 | KEDGE Business School | Talence | FR | 10 | 12 | usbe | 0413
N  STAVANG01 | Universitetet i Stavanger | Stavanger | NO | 0 | 18 | soc | 0923
B  LEUVEN01 | Katholieke Universiteit Leuven | Leuven | BE | 3 | 13 | psy | 0313
I  TORINO01 | Università degli Studi di Torino | Torino | IT | 5 | 7 | sprak | 0231
F  LA-ROCH08 | La Rochelle Université | La Rochelle | FR | 0 | 11 | sprak | 0231
F  DIJON11 | Burgundy School of Business | Dijon | FR | 1 | 9 | usbe | 0413
D  GIESSEN01 | Justus-Liebig-Universität Gießen | Gießen | DE | 0 | 10 | psy | 0313
D  MUNCHEN01 | Ludwig-Maximilians-Universität München | München | DE | 2 | 8 | physics | 0533
D  MANNHEI01 | Universität Mannheim | Mannheim | DE | 4 | 6 | usbe | 0311
D  POTSDAM01 | Universität Potsdam | Potsdam | DE | 2 | 8 | cs | 0613
CZ PRAHA09 | Vysoká škola ekonomická v Praze | Praha | CZ | 6 | 4 | usbe | 0311
F  GRENOBL21 | Grenoble École de Management | Grenoble | FR | 6 | 3 | usbe | 0413
F  NANCY43 | Université de Lorraine | Nancy | FR | 0 | 9 | physics | 0533
DK ARHUS04 | Arkitektskolen Aarhus | Aarhus | DK | 6 | 2 | arch | 0731
TR ISTANBU07 | Yıldız Teknik Üniversitesi | İstanbul | TR | 0 | 8 | arch | 0731
UK DUNDEE01 | University of Dundee | Dundee | GB | 0 | 8 | dh | 0212
NL GRONING01 | Rijksuniversiteit Groningen | Groningen | NL | 2 | 5 | jus | 0421
NL ARNHEM27 | Hogeschool van Arnhem en Nijmegen | Arnhem | NL | 1 | 6 | cs | 0613
UK CHELMSF01 | Anglia Ruskin University | Chelmsford | GB | 7 | 0 | sprak | 0232
E  ALCAL-H01 | Universidad de Alcalá | Alcalá de Henares | ES | 1 | 6 | sprak | 0231
TR ISTANBU04 | İstanbul Teknik Üniversitesi | İstanbul | TR | 0 | 6 | cs | 0613
F  REIMS25 | NEOMA Business School | Mont-Saint-Aignan | FR | 2 | 4 | usbe | 0413
P  LISBOA03 | Universidade Nova de Lisboa | Lisboa | PT | 4 | 2 | usbe | 0311
LT VILNIUS01 | Vilniaus universitetas | Vilnius | LT | 0 | 6 | psy | 0313
I  BOLOGNA01 | Alma Mater Studiorum – Università di Bologna | Bologna | IT | 4 | 1 | jus | 0421
CZ PRAHA30 | CEVRO Institut | Praha | CZ | 3 | 2 | soc | 0312
SF OULU01 | Oulun yliopisto | Oulu | FI | 1 | 4 | physics | 0533
NL AMSTERD05 | Hogeschool van Amsterdam | Amsterdam | NL | 3 | 2 | cs | 0613
UK BELFAST04 | Stranmillis University College | Belfast | GB | 1 | 4 | sprak | 0232
E  SEVILLA01 | Universidad de Sevilla | Sevilla | ES | 2 | 3 | sprak | 0231
D  KONSTAN01 | Universität Konstanz | Konstanz | DE | 1 | 4 | psy | 0313
IRLLIMERIC01 | University of Limerick | Limerick | IE | 5 | 0 | cs | 0613
UK NEWCAST02 | Northumbria University | Newcastle upon Tyne | GB | 5 | 0 | dh | 0212
F  LILLE103 | Université de Lille | Lille | FR | 0 | 5 | jus | 0421
A  GRAZ09 | FH Joanneum | Graz | AT | 0 | 4 | dh | 0212
D  FULDA01 | Hochschule Fulda | Fulda | DE | 0 | 4 | soc | 0923
D  DORTMUN01 | Technische Universität Dortmund | Dortmund | DE | 0 | 4 | physics | 0533
F  ISSY-MO02 | Strate École de Design | Sèvres | FR | 2 | 2 | dh | 0212
P  LISBOA109 | Universidade de Lisboa | Lisboa | PT | 3 | 1 | arch | 0731
E  BARCELO03 | Universitat Politècnica de Catalunya | Barcelona | ES | 2 | 2 | arch | 0731
NL ENSCHED01 | Universiteit Twente | Enschede | NL | 1 | 3 | cs | 0613
CZ PRAHA07 | Univerzita Karlova | Praha | CZ | 1 | 3 | soc | 0312
A  WIEN02 | Technische Universität Wien | Wien | AT | 2 | 1 | arch | 0731
P  PORTO02 | Universidade do Porto | Porto | PT | 2 | 1 | psy | 0313
SI LJUBLJA01 | Univerza v Ljubljani | Ljubljana | SI | 2 | 1 | soc | 0312
"""

PARTNERS = tuple(_row(line) for line in _TABLE.strip().splitlines())
