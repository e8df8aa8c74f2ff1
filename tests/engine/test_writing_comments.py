"""The mail of a comment: in the reader's language, just as it was written, with a way to the case or to an answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from engine.model import Comment
from engine.ports import Message
from engine.tables import Table
from tests.engine.posts import Post, open_post

PARTNER = "00000000-0000-7000-8000-0000000000aa"


@pytest.fixture
def post(sqlite_url: str) -> Iterator[Post]:
    with open_post(sqlite_url) as made:
        made.put("partner", id=PARTNER, name="Keio", folded_name="keio", email="io@keio.example", language="en")
        yield made


def written(post: Post, text: str, *to: str) -> tuple[Message, ...]:
    """What goes out to whom the comment names; `student` is the case's."""
    case = post.house.open(partner_id=PARTNER)
    post.outbox.deliver_all()
    post.channel.messages.clear()
    student = f"person:{post.house.case(case).subject}"
    post.house.ask(Comment(text, tuple(student if who == "student" else who for who in to)), "ann", case)
    post.outbox.deliver_all()
    return tuple(post.channel.messages)


def test_staff_read_who_wrote_what_and_the_way_to_the_case(post: Post) -> None:
    (message,) = written(post, "kan du titta?", "person:hedda")
    number = message.subject.partition(":")[0]
    assert (message.to_address, message.subject) == ("hedda@x.se", f"{number}: Ann skriver till dig")
    assert message.text == (
        f"Hej Hedda!\n\nkan du titta?\n\nhttp://127.0.0.1:8000/cases/{number}\n\nHälsningar\nFärdplan\n"
    )


def test_who_reads_english_is_told_in_english(post: Post) -> None:
    (message,) = written(post, "please look", "person:olle")
    assert (message.language, message.subject.partition(": ")[2]) == ("en", "Ann has written to you")


def test_the_student_has_no_page_and_is_told_where_to_answer(post: Post) -> None:
    (message,) = written(post, "vi väntar på dig", "student")
    number = message.subject.partition(":")[0]
    assert "/cases/" not in message.text
    assert f"vi väntar på dig\n\nSvara till Enhet, a@x.se (ärende {number})." in message.text


def test_the_partner_has_no_page_and_is_told_where_to_answer(post: Post) -> None:
    (message,) = written(post, "we wait for your answer", f"partner:{PARTNER}")
    assert (message.to_address, "/cases/" in message.text) == ("io@keio.example", False)
    assert "Please reply to Unit, a@x.se (case " in message.text


def test_a_unit_is_written_to_at_its_mailbox(post: Post) -> None:
    (message,) = written(post, "till er alla", "unit:a")
    assert (message.to_address, "/cases/" in message.text) == ("a@x.se", True)


def test_each_comment_is_a_mail_of_its_own(post: Post) -> None:
    case = post.house.open()
    for text in ("one", "two"):
        post.house.ask(Comment(text, ("person:hedda",)), "ann", case)
    post.outbox.deliver_all()
    told = [message.text for message in post.channel.messages if message.to_address == "hedda@x.se"]
    assert sorted(("one" in text, "two" in text) for text in told) == [(False, True), (True, False)]


@pytest.mark.parametrize(
    "text",
    ["{url} {reason} {0} {", "<script>alert(1)</script>", "%s %(name)s", "\u200fevil", "rad\nrad", "a" * 4000],
)
def test_what_was_written_is_passed_on_letter_by_letter(post: Post, text: str) -> None:
    (message,) = written(post, text, "person:hedda")
    assert f"\n\n{text}\n\n" in message.text


def erase(post: Post, table: str, column: str, value: str) -> None:
    chosen = Table.metadata.tables[table]
    with post.house.store.writes() as connection:
        connection.execute(sa.delete(chosen).where(chosen.c[column] == value))


def test_what_was_erased_before_it_went_out_is_not_sent_and_not_tried_again(post: Post) -> None:
    case = post.house.open()
    post.outbox.deliver_all()
    post.channel.messages.clear()
    post.house.ask(Comment("a secret", ("person:hedda",)), "ann", case)
    erase(post, "event_detail", "case_id", case)
    post.outbox.deliver_all()
    row = next(row for row in post.house.rows("outbox", case_id=case) if row["template"] == "comment")
    assert (post.sent(), row["state"]) == ([], "sent")


def test_a_sender_who_was_erased_writes_in_the_name_of_the_house(post: Post) -> None:
    case = post.house.open()
    post.house.ask(Comment("see", ("person:hedda",)), "ann", case)
    erase(post, "person", "id", "ann")
    post.outbox.deliver_all()
    subjects = [message.subject for message in post.channel.messages if message.to_address == "hedda@x.se"]
    assert [subject.partition(": ")[2] for subject in subjects] == ["Färdplan skriver till dig"]
