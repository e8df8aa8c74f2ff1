"""The ready question: in the recipient's language, with what, since when, by when, and nothing they may not know."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from engine.chasing import ready
from engine.model import Comment
from engine.queries import Queries
from engine.vocabulary import Role, Text
from engine.waiting import Awaited, Waiting, What
from tests.engine.house import INSTITUTION, House, local
from tests.engine.posts import open_post
from tests.engine.test_waiting import WITH_MILESTONES

PARTNER = "00000000-0000-7000-8000-0000000000aa"
NOMINATION = Waiting(
    what=What.MILESTONE,
    name="nomination",
    label=Text("Nominering", "Nomination"),
    outside=Text("Nominering", "Nomination"),
    state=Text("Tackat ja", "Accepted"),
    whom=Awaited(Role.COORDINATOR, ("ann",)),
    case="case",
    number="OUT-2027-0012",
    title="Keio, 2027/28",
    deadline=Text("Nominera till partnern", "Nominate to the partner"),
    since=0,
    since_on=date(2027, 5, 4),
    due_on=date(2027, 5, 7),
    overdue=False,
    chased_at=None,
)
PROPOSED = replace(
    NOMINATION,
    what=What.STATE,
    label=Text("Förslag: obehörig", "Proposed ineligible"),
    outside=Text("Under granskning", "Under review"),
    deadline=None,
    due_on=None,
)


def text(item: Waiting, language: str, *, recipient: str = "person:ann", outside: bool = False) -> str:
    return ready([item], recipient=recipient, language=language, outside=outside).text


def test_it_asks_one_person_in_swedish() -> None:
    assert text(NOMINATION, "sv") == (
        "Vi väntar på följande från dig i ärende OUT-2027-0012, Keio, 2027/28:\n\n"
        "– Nominering (väntat på sedan tis 4 maj 2027, ska vara klart senast fre 7 maj 2027)\n\n"
        "Gör det gärna så snart du kan, eller svara när vi kan räkna med det. Tack på förhand!"
    )


def test_it_asks_in_english() -> None:
    assert text(NOMINATION, "en") == (
        "We are waiting for the following from you in case OUT-2027-0012, Keio, 2027/28:\n\n"
        "– Nomination (waited for since Tue 4 May 2027, due by Fri 7 May 2027)\n\n"
        "Please do it as soon as you can, or let us know when we may expect it. Thank you!"
    )


@pytest.mark.parametrize("recipient", ["unit:a", "partner:keio"])
def test_a_unit_or_partner_is_spoken_to_as_several(recipient: str) -> None:
    assert "från er" in text(NOMINATION, "sv", recipient=recipient)
    assert "så snart ni kan" in text(NOMINATION, "sv", recipient=recipient)


def test_what_is_late_is_said_to_be_late() -> None:
    late = replace(NOMINATION, overdue=True)
    assert "skulle ha varit klart fre 7 maj 2027" in text(late, "sv")
    assert "was due by Fri 7 May 2027" in text(late, "en")


def test_without_a_day_none_is_named() -> None:
    assert "– Proposed ineligible (waited for since Tue 4 May 2027)" in text(PROPOSED, "en")


def test_the_student_reads_their_own_words_for_a_state() -> None:
    assert "Under granskning" in text(PROPOSED, "sv", outside=True)
    assert "obehörig" not in text(PROPOSED, "sv", outside=True)


def test_a_state_with_a_deadline_asks_for_what_the_deadline_asks() -> None:
    assert "– Nominera till partnern (" in text(replace(NOMINATION, what=What.STATE), "sv")


def test_several_things_from_one_are_asked_in_one_text() -> None:
    other = replace(NOMINATION, label=Text("Registrering", "Registration"))
    both = ready([NOMINATION, other, other], recipient="person:ann", language="en", outside=False).text
    assert [line.partition(" (")[0] for line in both.splitlines() if line.startswith("–")] == [
        "– Nomination",
        "– Registration",
    ]


def test_a_title_with_braces_is_written_as_it_is() -> None:
    assert "{items}{0}" in text(replace(NOMINATION, title="{items}{0}"), "en")


# For a case that is there.


def chased(house: House, case: str, recipient: str) -> tuple[str, str] | None:
    found = Queries(house.cases).chaser(INSTITUTION, "olle", case, recipient)
    return (found.language, found.text) if found else None


def test_it_is_written_in_the_language_of_whom_the_case_waits_for(sqlite_url: str) -> None:
    with open_post(sqlite_url) as post:
        case = post.house.stay_in("waiting")
        language, told = chased(post.house, case, "person:olle") or ("", "")
        assert language == "en"
        assert post.house.case(case).number in told
        assert "Stina" not in told


def test_the_student_is_asked_in_the_students_language(sqlite_url: str) -> None:
    with open_post(sqlite_url) as post:
        case = post.house.stay_in("offered", post.house.contract())
        language, told = chased(post.house, case, f"person:{post.house.case(case).subject}") or ("", "")
        assert (language, "från dig" in told) == ("sv", True)


@pytest.mark.parametrize(("known", "written"), [("sv", "sv"), ("en", "en"), ("ja", "en")])
def test_the_partner_is_asked_in_its_own_language_or_in_english(sqlite_url: str, known: str, written: str) -> None:
    with open_post(sqlite_url, catalogue=WITH_MILESTONES) as post:
        post.put("partner", id=PARTNER, name="Keio", folded_name="keio", email="io@keio.example", language=known)
        case = post.house.open(partner_id=PARTNER)
        post.house.take(case, "ask")
        language, told = chased(post.house, case, f"partner:{PARTNER}") or ("", "")
        assert (language, ("Vi väntar på" in told)) == (written, written == "sv")


def test_a_unit_is_asked_in_the_language_of_its_mailbox(sqlite_url: str) -> None:
    with open_post(sqlite_url) as post:
        case = post.house.open(by="bea", unit="b")
        post.house.take(case, "propose", by="bea", note="ready")
        post.house.settings("x.se", language="en")
        # Nobody is head in b, whose mailbox is that of the unit above.
        assert (chased(post.house, case, "unit:b") or ("", ""))[0] == "en"


def test_who_is_not_waited_for_is_asked_nothing(sqlite_url: str) -> None:
    with open_post(sqlite_url) as post:
        case = post.house.stay_in("waiting")
        assert chased(post.house, case, "person:hedda") is None
        assert chased(post.house, case, f"partner:{PARTNER}") is None


def test_sent_as_it_is_it_comes_to_whom_it_is_for_and_leaves_its_trace(sqlite_url: str) -> None:
    with open_post(sqlite_url) as post:
        case = post.house.stay_in("waiting")
        ready_text = chased(post.house, case, "person:olle")
        assert ready_text is not None
        post.outbox.deliver_all()
        post.house.ask(Comment(ready_text[1], ("person:olle",)), "ann", case)
        post.outbox.deliver_all()
        assert ready_text[1] in post.channel.messages[-1].text
        (item,) = Queries(post.house.cases).case_waits(INSTITUTION, "ann", case).items
        assert item.chased_at is not None
        assert local("2026-12-21 10:00") == post.house.clock.at
