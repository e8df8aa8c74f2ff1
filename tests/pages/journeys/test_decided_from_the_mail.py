"""A head who is here twice a year: from the mail of an escalation to the decision, in three clicks and one reason.

The review is proposed ineligible and nobody has confirmed it by Thursday 14 January; on Friday
morning a mail tells the head. Putting the cursor in a field counts with filling it in.
"""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from playwright.sync_api import Page

from tests.journeys.office import STOCKHOLM
from tests.pages.browsing import Opening, axe, counted, no_sideways_scroll
from tests.pages.journeys.walking import Walk, case_of, happened, with_and_without_javascript
from tests.pages.serving import Served

REASON = "Matematik 3c saknas, och inget i underlaget motsvarar det."


def link_in_the_mail(served: Served, who: str, case: str) -> str:
    """Let Friday morning come; where the mail to somebody says a case is to be decided."""
    mover = served.house.mover
    assert mover is not None
    mover.move(datetime(2027, 1, 15, 9, tzinfo=STOCKHOLM))
    mail = next(mail for mail in served.mails.messages if mail.to_address == f"stat.{who}@example.org")
    found = re.search(rf"{served.number(case)}\b.*?({re.escape(served.url)}/in/\S+)", mail.text, re.DOTALL)
    assert found, mail.text
    return found[1]


def decide(page: Page, served: Served, link: str) -> None:
    """Three clicks and one reason."""
    walk = Walk(page).to(link).stands_at("Fortsätt som Stat.Head").reads(served.number("proposed"))
    walk.press("Bekräfta bedömningen").stands_at("Bekräfta bedömningen")
    walk.page.get_by_label("Motivering").fill(REASON)
    walk.press("Granska").stands_at("Granska innan du bekräftar").reads(REASON)
    walk.press("Jag är inte jävig och bekräftar").at_case(served, "proposed", "Obehörig").reads("Klart: du")


def test_from_the_mail_to_the_decision_in_three_clicks_and_one_reason(served: Served, page_as: Opening) -> None:
    link = link_in_the_mail(served, "head", "proposed")
    before = case_of(served, "proposed")["version"]
    page = page_as(None)
    with counted(page.context) as done:
        decide(page, served, link)

    assert done.clicks == ["Bekräfta bedömningen", "Granska", "Jag är inte jävig och bekräftar"]
    assert (done.fields, done.keys) == (["reason"], [])
    assert happened(served, "proposed", since=before) == ["confirm_ineligible"]


def test_the_same_three_clicks_without_javascript(served: Served, page_as: Opening) -> None:
    decide(page_as(None, javascript=False), served, link_in_the_mail(served, "head", "proposed"))
    assert case_of(served, "proposed")["state"] == "ineligible"


@with_and_without_javascript
def test_opening_the_mail_twice_leads_to_the_case_and_never_in_again(
    served: Served, page_as: Opening, javascript: bool
) -> None:
    link = link_in_the_mail(served, "head", "proposed")
    walk = Walk(page_as(None, javascript=javascript)).to(link).press("Öppna ärendet")
    walk.at_case(served, "proposed", "Förslag: obehörig")
    walk.to(link).at_case(served, "proposed", "Förslag: obehörig")

    another = Walk(page_as(None, javascript=javascript)).to(link)
    another.stands_at("Länken gäller inte längre").follow("Be om en ny länk").stands_at("Logga in")
    assert another.page.url.endswith(f"next=/cases/{served.number('proposed')}")


@pytest.mark.parametrize(("language", "dark"), [("sv", False), ("en", True)])
def test_the_page_the_mail_leads_to_is_sound(served: Served, page_as: Opening, language: str, dark: bool) -> None:
    page = page_as(None, language=language, dark=dark, width=320)
    Walk(page).to(link_in_the_mail(served, "head", "proposed")).stands_at("Stat.Head")
    assert axe(page) == []
    no_sideways_scroll(page)
