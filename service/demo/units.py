"""The units of the demo office: departments of Umeå University, with courses to apply for.

A unit's code is the short address the department has (had) on the web, which staff know it by.
"""

from __future__ import annotations

from dataclasses import dataclass

ROOT_SV, ROOT_EN = "Umeå universitet", "Umeå University"


@dataclass(frozen=True, slots=True)
class Department:
    """A department: code, names, and courses an exchange student may want, as (name, course code)."""

    code: str
    sv: str
    en: str
    courses: tuple[tuple[str, str], ...]


DEPARTMENTS = (
    Department(
        "usbe.umu.se", "Handelshögskolan", "Umeå School of Business, Economics and Statistics",
        (("International Marketing", "DEMO-FE1"), ("Corporate Finance", "DEMO-FE2"), ("Statistics A", "DEMO-ST1")),
    ),
    Department(
        "jus.umu.se", "Juridiska institutionen", "Department of Law",
        (("European Union Law", "DEMO-JU1"), ("Public International Law", "DEMO-JU2")),
    ),
    Department(
        "cs.umu.se", "Institutionen för datavetenskap", "Department of Computing Science",
        (("Artificial Intelligence", "DEMO-DV1"), ("Computer Security", "DEMO-DV2"), ("Software Design", "DEMO-DV3")),
    ),
    Department(
        "physics.umu.se", "Institutionen för fysik", "Department of Physics",
        (("Quantum Physics", "DEMO-FY1"), ("Space Physics", "DEMO-FY2")),
    ),
    Department(
        "sprak.umu.se", "Institutionen för språkstudier", "Department of Language Studies",
        (("Swedish for Exchange Students", "DEMO-SV1"), ("English Literature", "DEMO-EN1")),
    ),
    Department(
        "psy.umu.se", "Institutionen för psykologi", "Department of Psychology",
        (("Cognitive Psychology", "DEMO-PS1"), ("Work Psychology", "DEMO-PS2")),
    ),
    Department(
        "soc.umu.se", "Sociologiska institutionen", "Department of Sociology",
        (("Scandinavian Welfare Systems", "DEMO-SO1"), ("Gender and Society", "DEMO-SO2")),
    ),
    Department(
        "arch.umu.se", "Arkitekthögskolan", "Umeå School of Architecture",
        (("Architecture Studio", "DEMO-AR1"), ("Urban Design", "DEMO-AR2")),
    ),
    Department(
        "dh.umu.se", "Designhögskolan", "Umeå Institute of Design",
        (("Interaction Design", "DEMO-DH1"), ("Product Design", "DEMO-DH2")),
    ),
)  # fmt: skip

FOUR_EYES = "jus.umu.se"
"""This department lets a second person confirm that somebody is not eligible."""
