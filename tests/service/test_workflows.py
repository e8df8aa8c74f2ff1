"""The processes as clients read them."""

from __future__ import annotations

import pytest

from engine.catalogue import Catalogue
from tests.service.office import Office


def test_every_process_is_listed(desk: Office, processes: Catalogue) -> None:
    items = desk.get("nobody", "/workflows").json()["items"]
    assert [item["name"] for item in items] == list(processes.names)


def test_a_process_is_told_whole(desk: Office) -> None:
    read = desk.get("nobody", "/workflows/eligibility_review").json()
    steps = {each["trigger"]: each for each in read["transitions"]}
    assert read["initial"] == "requested"
    assert "course" in read["facts"]["properties"]
    assert {state["name"] for state in read["states"] if state["final"]} >= {"decided", "withdrawn"}
    assert steps["take"]["by"] == [{"role": "reviewer", "where": "case"}]
    assert (steps["take"]["from"], steps["take"]["to"]) == (["requested"], "under_review")
    assert steps["confirm_ineligible"]["not_by"] == ["propose_ineligible"]
    assert (steps["record_assessment"]["recorded"], steps["record_assessment"]["to"]) == (True, None)
    assert {"properties", "required"} <= set(steps["find_ineligible"]["fields"])
    assert next(each for each in read["deadlines"] if each["name"] == "answer")["ladder"]


@pytest.mark.parametrize("name", ["agreement", "agreement_renewal", "incoming_nomination", "outgoing_exchange"])
@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_process_is_drawn_in_both_languages(desk: Office, name: str, language: str) -> None:
    picture = desk.get("nobody", f"/workflows/{name}/diagram.svg?language={language}")
    written = desk.get("nobody", f"/workflows/{name}/diagram.mmd?language={language}")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert "<svg" in picture.text
    assert written.text.startswith("stateDiagram-v2")


@pytest.mark.parametrize(
    ("path", "status"),
    [("pottery", 404), ("%00", 404), ("agreement?version=1", 200), ("agreement?version=99", 404),
     ("agreement?version=x", 422), ("agreement/diagram.svg?language=de", 422), ("pottery/diagram.mmd", 404)],
)  # fmt: skip
def test_what_is_not_declared_is_not_there(desk: Office, path: str, status: int) -> None:
    assert desk.get("nobody", f"/workflows/{path}").status_code == status
