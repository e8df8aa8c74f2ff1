"""Reads countries by code or by name, in Swedish or English.

The names are those of countries with which Swedish universities exchange students;
any other country is read by its code.
"""

from __future__ import annotations

import re

from adapters.tables_model import Cell
from adapters.values import INVISIBLE, SPACES, ValueFault, folded, text, written
from engine.vocabulary import Text

COUNTRY = Text("ett land eller en landskod, som SE", "a country or a country code, such as SE")
NAMES = """
AE Förenade Arabemiraten, United Arab Emirates
AL Albanien, Albania
AR Argentina
AT Österrike, Austria
AU Australien, Australia
BA Bosnien och Hercegovina, Bosnia and Herzegovina
BD Bangladesh
BE Belgien, Belgium
BG Bulgarien, Bulgaria
BR Brasilien, Brazil
BW Botswana
CA Kanada, Canada
CH Schweiz, Switzerland
CL Chile
CN Kina, China
CO Colombia
CR Costa Rica
CU Kuba, Cuba
CY Cypern, Cyprus
CZ Tjeckien, Czech Republic, Czechia
DE Tyskland, Germany
DK Danmark, Denmark
EC Ecuador
EE Estland, Estonia
EG Egypten, Egypt
ES Spanien, Spain
ET Etiopien, Ethiopia
FI Finland
FO Färöarna, Faroe Islands
FR Frankrike, France
GB Storbritannien, United Kingdom, Great Britain, England, Skottland, Scotland, Wales, Nordirland, Northern Ireland, UK
GE Georgien, Georgia
GH Ghana
GL Grönland, Greenland
GR Grekland, Greece, EL
HK Hongkong, Hong Kong
HR Kroatien, Croatia
HU Ungern, Hungary
ID Indonesien, Indonesia
IE Irland, Ireland
IL Israel
IN Indien, India
IR Iran
IS Island, Iceland
IT Italien, Italy
JO Jordanien, Jordan
JP Japan
KE Kenya
KR Sydkorea, South Korea, Republic of Korea, Korea
KZ Kazakstan, Kazakhstan
LB Libanon, Lebanon
LI Liechtenstein
LT Litauen, Lithuania
LU Luxemburg, Luxembourg
LV Lettland, Latvia
MA Marocko, Morocco
MD Moldavien, Moldova
ME Montenegro
MK Nordmakedonien, North Macedonia
MT Malta
MX Mexiko, Mexico
MY Malaysia
NA Namibia
NL Nederländerna, Netherlands, The Netherlands, Holland
NO Norge, Norway
NP Nepal
NZ Nya Zeeland, New Zealand
PE Peru
PH Filippinerna, Philippines
PK Pakistan
PL Polen, Poland
PT Portugal
RO Rumänien, Romania
RS Serbien, Serbia
RU Ryssland, Russia
RW Rwanda
SE Sverige, Sweden
SG Singapore
SI Slovenien, Slovenia
SK Slovakien, Slovakia
TH Thailand
TN Tunisien, Tunisia
TR Turkiet, Turkey, Türkiye
TW Taiwan
TZ Tanzania
UA Ukraina, Ukraine
UG Uganda
US USA, United States, United States of America
UY Uruguay
VN Vietnam
XK Kosovo
ZA Sydafrika, South Africa
ZM Zambia
ZW Zimbabwe
"""
# The Commission's own EL and UK stand among the names, so that they become GR and GB.
CODES = {folded(name): line[:2] for line in NAMES.strip().splitlines() for name in line[3:].split(", ")}
LINE = text(longest=60)


def country(cell: Cell) -> str:
    """Read a country as ISO 3166 alpha-2."""
    value = SPACES.sub(" ", INVISIBLE.sub("", written(cell))).strip()
    if code := CODES.get(folded(value)):
        return code
    if not re.fullmatch(r"[A-Za-z]{2}", value):
        raise ValueFault(COUNTRY)
    return value.upper()


def nationality(cell: Cell) -> str:
    """Read a nationality: the country's code where it is named by country, otherwise as written."""
    try:
        return country(cell)
    except ValueFault:
        return LINE(cell)
