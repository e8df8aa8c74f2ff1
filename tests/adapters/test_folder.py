"""Mail files in a folder."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from adapters.folder import FolderChannel
from adapters.mail import compose
from engine.errors import DeliveryFailed
from engine.ports import Message

REMINDER = Message(
    key="019a2b3c-4d5e-7f60-8123-456789abcdef",
    institution="umu.se",
    to_name="Åsa Öberg",
    to_address="asa.oberg@umu.se",
    from_name="International Office",
    from_address="international@umu.se",
    subject="Svar väntas",
    text="Hej!\n",
    language="sv",
    written_at=datetime(2027, 3, 1, 7, 30, tzinfo=UTC),
)
FILE_NAME = "2027-03-01_019a2b3c-4d5e-7f60-8123-456789abcdef.eml"


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_folder_is_made_on_first_use(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "mail"
    channel = FolderChannel(folder)
    assert not folder.exists()
    channel.deliver(REMINDER)
    assert names_in(folder) == [FILE_NAME]


def test_the_file_is_the_mail_as_it_would_be_sent(tmp_path: Path) -> None:
    FolderChannel(tmp_path).deliver(REMINDER)
    assert (tmp_path / FILE_NAME).read_bytes() == compose(REMINDER).content


def test_a_second_delivery_replaces_the_same_file(tmp_path: Path) -> None:
    channel = FolderChannel(tmp_path)
    rewritten = replace(REMINDER, text="Hej igen!\n")
    channel.deliver(REMINDER)
    channel.deliver(rewritten)
    assert names_in(tmp_path) == [FILE_NAME]
    assert (tmp_path / FILE_NAME).read_bytes() == compose(rewritten).content


def test_another_key_is_another_file(tmp_path: Path) -> None:
    channel = FolderChannel(tmp_path)
    channel.deliver(REMINDER)
    channel.deliver(replace(REMINDER, key="other"))
    assert names_in(tmp_path) == [FILE_NAME, "2027-03-01_other.eml"]


def test_the_day_in_the_name_is_counted_in_utc(tmp_path: Path) -> None:
    past_midnight = datetime(2027, 3, 2, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    FolderChannel(tmp_path).deliver(replace(REMINDER, written_at=past_midnight))
    assert names_in(tmp_path) == [FILE_NAME]


@pytest.mark.parametrize("key", ["../../escaped", "a/b", "..", "", "a\0b", "a\nb"])
def test_a_key_cannot_lead_out_of_the_folder(tmp_path: Path, key: str) -> None:
    folder = tmp_path / "mail"
    with pytest.raises(DeliveryFailed) as refused:
        FolderChannel(folder).deliver(replace(REMINDER, key=key))
    assert refused.value.permanent
    assert names_in(tmp_path) == []


def test_a_file_in_the_place_of_the_folder_fails_for_now(tmp_path: Path) -> None:
    place = tmp_path / "mail"
    place.write_text("in the way")
    with pytest.raises(DeliveryFailed, match="the mail folder cannot be written") as failed:
        FolderChannel(place).deliver(REMINDER)
    assert not failed.value.permanent
    assert place.read_text() == "in the way"


def test_a_failed_rename_leaves_no_draft_behind(tmp_path: Path) -> None:
    # A folder under the mail's own name is what a rename cannot replace.
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(DeliveryFailed) as failed:
        FolderChannel(tmp_path).deliver(REMINDER)
    assert not failed.value.permanent
    assert names_in(tmp_path) == [FILE_NAME]


def test_a_broken_write_leaves_the_earlier_mail_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = FolderChannel(tmp_path)
    channel.deliver(REMINDER)

    def full_disk(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(DeliveryFailed, match="No space left on device"):
        channel.deliver(replace(REMINDER, text="Hej igen!\n"))
    assert names_in(tmp_path) == [FILE_NAME]
    assert (tmp_path / FILE_NAME).read_bytes() == compose(REMINDER).content


def test_only_the_owner_can_read_a_mail(tmp_path: Path) -> None:
    FolderChannel(tmp_path).deliver(REMINDER)
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_the_channel_shows_its_folder(tmp_path: Path) -> None:
    assert repr(FolderChannel(tmp_path)) == f"FolderChannel({str(tmp_path)!r})"
