"""A student breaks off the stay abroad and gets credit for what was done: avbrott, not återbud."""

from __future__ import annotations

from tests.journeys import agreements, exchanges
from tests.journeys.office import HIST, Office

WHY = "Sjukdom i familjen."
BROKEN_OFF = {"ended_on": "2027-11-05", "force_majeure": True}


def test_an_interrupted_stay_is_recognised_in_part(office: Office) -> None:
    agreement = agreements.in_force(office)
    case = exchanges.abroad(office, agreement, home=HIST)
    interruption(office, case)
    # Before the stay it had been a withdrawal and the place free; now the place is used.
    assert agreements.holders(office, agreement) == [case]

    office.move("2028-02-01 10:00")
    why = "Bara den första delkursen är avslutad."
    exchanges.recognised(office, case, home=HIST, result="partly", ects=7.5, reasons=why)
    exchanges.reported(office, case, home=HIST)

    assert office.path(case)[-5:] == [
        "returned", "transcript_received", "recognition_pending", "recognised", "completed",
    ]  # fmt: skip
    assert office.facts(case, "interrupted", "ended_on") == (True, "2027-11-05")
    outcome = office.facts(case, "outcomes")[0]
    assert (outcome["result"], outcome["ects"], outcome["reasons"]) == ("partly", "7.5", why)
    assert agreements.holders(office, agreement) == [case]
    office.verify(case, agreement)


def interruption(office: Office, case: str) -> None:
    """Last day and reason are written down; both units and the partner are told in the same event."""
    office.move("2027-11-08 10:00")
    assert office.refused("hist.coordinator", case, "withdraw", on_behalf_of="student") == (409, [])
    assert office.refused("hist.coordinator", case, "interrupt", BROKEN_OFF) == (422, ["reason_required"])

    event = office.do("stat.coordinator", case, "interrupt", BROKEN_OFF, reason=WHY)

    assert (event["from"], event["to"], event["detail"]["reason"]) == ("abroad", "returned", WHY)
    assert office.told(case) == [
        ("hist.coordinator", "interrupted"),
        ("partner", "interrupted_partner"),
        ("stat.coordinator", "interrupted"),
    ]
    # The host still has its assessment period: the transcript is chased from then on.
    assert office.due(case) == {"transcript": "2028-02-18"}


def test_no_part_of_a_refusal_stands_without_reasons(desk: Office) -> None:
    case = exchanges.abroad(desk, agreements.in_force(desk))
    desk.move("2027-11-08 10:00")
    desk.do("stat.coordinator", case, "interrupt", BROKEN_OFF, reason=WHY)
    desk.do("stat.coordinator", case, "receive_transcript")
    bare = {**exchanges.VOUCHED, "outcomes": [{"name": "Zeitreihenanalyse", "result": "refused"}]}

    status, codes = desk.refused("stat.recogniser", case, "recognise", bare)

    assert (status, codes) == (422, ["field:outcomes.0"])
