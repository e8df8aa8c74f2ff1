"""Audit folders and samples: for the roles that open them where the case lies, and not for those held elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from zipfile import ZipFile

import pytest

from tests.pages.plain import Plain
from tests.pages.serving import Served

Enter = Callable[..., Plain]


def also(served: Served, who: str, role: str, unit: str) -> None:
    """Give somebody one more role."""
    with served.house.directory.change("umu.se", by="installation", what="roles") as change:
        change.member(served.person(who), role, unit)


@pytest.mark.parametrize("role", ["coordinator", "officer", "head", "auditor", "admin"])
def test_a_role_in_another_department_opens_no_folder_where_one_only_reads(
    served: Served, plainly: Enter, role: str
) -> None:
    also(served, "reviewer", role, "HIST")
    reader, page = plainly("reviewer"), f"/cases/{served.number('ranked')}"
    assert f"{page}/dossier" not in reader.go(page).text
    for ending in ("", ".zip", ".pdf"):
        assert reader.go(f"{page}/dossier{ending}").status == 403


@pytest.mark.parametrize("who", ["stat.coordinator", "head", "officer", "auditor"])
def test_who_holds_the_role_where_the_case_lies_or_above_opens_it(served: Served, plainly: Enter, who: str) -> None:
    reader, page = plainly(who), f"/cases/{served.number('ranked')}"
    assert f'href="{page}/dossier"' in reader.go(page).text
    assert reader.go(f"{page}/dossier").status == 200


def test_a_folder_tells_others_readings_to_auditors_alone(served: Served, plainly: Enter) -> None:
    page = f"/cases/{served.number('ranked')}"
    everybody = {who: served.person(who) for who in ("head", "officer", "auditor")}
    for who in everybody:
        plainly(who).go(page)
    for who, person in everybody.items():
        audits = who == "auditor"
        reader = plainly(who, "en")
        with ZipFile(BytesIO(reader.client.get(f"{page}/dossier.zip").content)) as folder:
            made = json.loads(folder.read("dossier.json"))
        assert made["readings_of"] == ("all" if audits else person)
        assert {each["person"] for each in made["readings"]} == ({*everybody.values()} if audits else {person})
        assert ("Your own readings alone" in reader.go(f"{page}/dossier").words) != audits


def test_an_auditor_of_another_department_is_told_of_their_own_readings_alone(served: Served, plainly: Enter) -> None:
    also(served, "stat.coordinator", "auditor", "HIST")
    page = f"/cases/{served.number('ranked')}"
    plainly("head").go(page)
    assert "Your own readings alone" in plainly("stat.coordinator", "en").go(f"{page}/dossier").words


def test_a_sample_is_drawn_where_one_may_draw(served: Served, plainly: Enter) -> None:
    asked = "/audit/sample?workflow=outgoing_exchange&seed=2027&number=50"
    everywhere = plainly("officer", "en").go(asked)
    also(served, "reviewer", "officer", "HIST")
    drawn = plainly("reviewer", "en").go(asked)
    assert (everywhere.status, drawn.status) == (200, 200)
    closed = [number for number in served.office.numbers.values() if number in everywhere.words]
    assert closed
    assert not [number for number in closed if number in drawn.words]
