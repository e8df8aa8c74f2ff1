"""A coordinator: a host says no, the place goes to the next student, who is nominated; a colleague and a partner hear.

Bo is ranked and waits for the only place, which Anna holds. It begins and ends in My tasks.
"""

from __future__ import annotations

from playwright.sync_api import expect

from tests.pages.browsing import Opening
from tests.pages.journeys.walking import Walk, case_of, events, happened, mailed, with_and_without_javascript
from tests.pages.serving import Served


@with_and_without_javascript
def test_the_place_a_host_refused_is_offered_accepted_and_nominated(
    served: Served, page_as: Opening, javascript: bool
) -> None:
    before = case_of(served, "ranked")["version"]
    walk = Walk(page_as("coordinator", javascript=javascript)).to("/").stands_at("Mina uppgifter")

    walk.open(served, "ranked").at_case(served, "ranked", "Rangordnad")
    expect(walk.page.get_by_role("button", name="Erbjud plats")).to_be_disabled()
    walk.reads("Det finns ingen plats kvar på avtalsraden det läsåret.")

    walk.write("Sök ärende: nummer, namn eller partner", "Anna").press("Sök")
    walk.open(served, "nominated out").at_case(served, "nominated out", "Nominerad")
    walk.follow("Avslag hos värd inkommet").write("Värdens skäl (frivilligt)", "Fullt").press(
        "Avslag hos värd inkommet"
    )
    walk.at_case(served, "nominated out", "Ej antagen av värduniversitetet")

    walk.follow("Mina uppgifter").open(served, "ranked").at_case(served, "ranked", "Rangordnad")
    walk.follow("Erbjud plats").press("Erbjud plats").at_case(served, "ranked", "Erbjuden plats")
    walk.follow("Tacka ja").press("Tacka ja").reads("Rätta detta och skicka igen")
    walk.write("Underlag", "Mejl 11 januari").press("Tacka ja").at_case(served, "ranked", "Tackat ja")
    walk.follow("Nominera").press("Nominera").at_case(served, "ranked", "Nominerad").reads("Klart: du nominerade")

    assert happened(served, "ranked", since=before) == ["offer", "accept_place", "nominate"]
    assert {mail.partition(":")[0] for mail in mailed(served)} >= {"partner", "bo", "anna"}


@with_and_without_javascript
def test_a_comment_goes_to_the_colleague_it_names(served: Served, page_as: Opening, javascript: bool) -> None:
    walk = Walk(page_as("coordinator", javascript=javascript)).to(served.case_url("ranked"))

    walk.write("Kommentar", "Kan du ringa värden?").unfold("Säg till någon").tick("Stat.Deputy")
    walk.press("Spara kommentaren").reads("Kan du ringa värden?", "Fick veta det: Stat.Deputy")

    assert events(served, "ranked")[-1]["detail"]["text"] == "Kan du ringa värden?"
    assert [mail.partition(":")[0] for mail in mailed(served)] == ["stat.deputy"]


@with_and_without_javascript
def test_a_partner_is_reminded_of_one_of_two_things(served: Served, page_as: Opening, javascript: bool) -> None:
    walk = Walk(page_as("coordinator", javascript=javascript)).to("/tasks")

    walk.follow("Vem väntar vi på?").stands_at("Vem väntar vi på?")
    walk.follow("Påminn om alla", "Universität Musterstadt").stands_at("Påminn Universität Musterstadt")
    walk.untick(f"Skicka för {served.number('to be signed')}").press("Skicka de kryssade")
    walk.reads(served.number("nominated out")).follow("Vem väntar vi på?").stands_at("Vem väntar vi på?")

    assert (happened(served, "nominated out")[-1], "commented" in happened(served, "to be signed")) == (
        "commented",
        False,
    )
    assert [mail.partition(":")[0] for mail in mailed(served)] == ["partner"]
    assert "the host's answer" in served.mails.messages[0].text.lower()
