"""Restoring: told in every open case, nobody told anything twice, gone on with where it was broken off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from adapters.system import NothingStandsThere
from engine import backups
from engine import recovery as recovering
from engine.backups import note_of
from engine.canonical import micros
from engine.errors import Busy, NotYourTurn, ReadOnly, StaleCase
from engine.model import IMPORT_PARTY, Restore
from engine.recovery import NothingToFinish
from engine.store import restore_rows
from engine.store.backup_rows import BackupFailed, NotEmpty
from tests.engine.house import INSTITUTION, MONDAY, House, local, open_house, refused
from tests.engine.lives import Life, lived
from tests.engine.posts import Post, open_post
from tests.engine.recovered import over, put_back, recovery, saved, tools_first
from tests.engine.store.test_derived import unmigrated
from tests.engine.test_ticking import HAND_OVER, MISSED, REMIND, rungs
from tests.engine.versions import replay_of
from tests.exports import archive_of

LATER = MISSED + timedelta(hours=9)
"""After the reminder and the last day, before the handing over."""


@pytest.fixture
def lost(database_url: str) -> Iterator[Post]:
    """The house that will be lost."""
    with open_post(database_url) as post:
        yield post


@pytest.fixture
def empty(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty database of the same kind, without tables."""
    tools_first(monkeypatch)
    with unmigrated(database_url, tmp_path) as url:
        yield url


def replays(house: House) -> bool:
    return all(verdict.ok for verdict in replay_of(house).all(INSTITUTION))


# What is told, and what is not told again.


def test_a_reminder_of_the_time_between_is_passed_by_listed_and_never_sent(
    lost: Post, empty: str, tmp_path: Path
) -> None:
    case = lost.house.open()
    saved(lost, tmp_path / "b")
    done = put_back(empty, tmp_path / "b", LATER)
    assert (done.finished, done.noted, done.passed_by, done.steps) == (True, 1, 2, 0)
    with over(empty, LATER) as post:
        assert (post.ticker.tick(), post.outbox.deliver(), rungs(post.house, case)) == (0, 0, [])
        body = post.house.bodies(case)[-1]
        assert (body["kind"], body["backup_at"]) == ("restored", micros(MONDAY))
        assert [rung["rung"] for rung in body["passed_by"]] == ["remind", "escalate_to_head"]
        listed = [(each.rung, each.due_at) for each in recovery(post).passed_by()]
        assert listed == [("remind", micros(REMIND)), ("escalate_to_head", micros(MISSED))]
        assert replays(post.house)


def test_a_deadline_that_was_missed_meanwhile_is_missed_and_its_ladder_goes_on(
    lost: Post, empty: str, tmp_path: Path
) -> None:
    case = lost.house.open()
    saved(lost, tmp_path / "b")
    put_back(empty, tmp_path / "b", LATER)
    with over(empty, HAND_OVER) as post:
        (row,) = post.house.case(case).deadlines
        assert (row.status, row.next_rung) == ("missed", "hand_over")
        assert (post.ticker.tick(), rungs(post.house, case)) == (1, ["hand_over"])
        assert replays(post.house)


def test_what_the_clock_does_to_a_case_is_done_again_and_tells_nobody(
    lost: Post, empty: str, tmp_path: Path
) -> None:
    case = lost.house.open()
    saved(lost, tmp_path / "b")
    done = put_back(empty, tmp_path / "b", HAND_OVER + timedelta(hours=9))
    assert done.steps == 1
    with over(empty, HAND_OVER + timedelta(days=9)) as post:
        assert (rungs(post.house, case), post.outbox.deliver_all()) == (["hand_over"], 0)
        assert {row["state"] for row in post.house.rows("outbox")} == {"dead"}
        assert replays(post.house)


def test_messages_owed_at_the_backup_are_set_aside_and_can_be_sent_again(
    lost: Post, empty: str, tmp_path: Path
) -> None:
    lost.house.stay_in("offered", lost.house.contract())
    owed = [row for row in lost.house.rows("outbox") if row["state"] == "waiting"]
    assert owed
    saved(lost, tmp_path / "b")
    done = put_back(empty, tmp_path / "b", MONDAY + timedelta(hours=1))
    assert done.set_aside == len(owed)
    with over(empty, MONDAY + timedelta(days=1)) as post:
        assert post.outbox.deliver_all() == 0
        assert {row["last_error"] for row in post.house.rows("outbox")} == {restore_rows.MAY_HAVE_GONE}
        assert restore_rows.count_set_aside(post.house.store) == len(owed)
        assert post.outbox.retry(INSTITUTION, owed[0]["id"])
        assert post.outbox.deliver_all() == 1


def test_a_message_that_is_due_later_still_goes_out(lost: Post, empty: str, tmp_path: Path) -> None:
    lost.house.open()
    lost.house.clock.at = REMIND
    lost.ticker.tick()
    lost.outbox.deliver_all()
    later = [row for row in lost.house.rows("outbox") if row["state"] == "waiting"]
    assert min(row["not_before"] for row in later) > micros(REMIND)
    saved(lost, tmp_path / "b")
    assert put_back(empty, tmp_path / "b", REMIND + timedelta(minutes=1)).set_aside == 0
    with over(empty, REMIND + timedelta(days=9)) as post:
        assert post.outbox.deliver_all() == len(later)


def test_a_rung_that_had_fired_at_the_backup_fires_no_more(lost: Post, empty: str, tmp_path: Path) -> None:
    case = lost.house.open()
    lost.house.clock.at = REMIND
    lost.ticker.tick()
    saved(lost, tmp_path / "b")
    put_back(empty, tmp_path / "b", REMIND + timedelta(hours=1))
    with over(empty, REMIND + timedelta(hours=2)) as post:
        assert (post.ticker.tick(), rungs(post.house, case)) == (0, ["remind"])
        assert "passed_by" not in post.house.bodies(case)[-1]


def test_a_whole_life_put_back_replays_and_verifies(database_url: str, empty: str, tmp_path: Path) -> None:
    with lived(database_url) as life:
        resting = life.house.open()
        life.house.take(resting, "ask")
        saved(life.post, tmp_path / "b")
        at = life.house.clock.at + timedelta(days=3)
        left = [row["id"] for row in life.house.rows("case_record", closed_at=None)]
    assert put_back(empty, tmp_path / "b", at).noted == len(left)
    with over(empty, at) as post:
        assert [post.house.kinds(case).count("restored") for case in left] == [1] * len(left)
        assert replays(post.house)
        folder = tmp_path / "audit"
        folder.mkdir()
        archive = archive_of(Life(post, life.contract, life.stay, life.report), folder)
        assert archive.papers().fault() is None


# Broken off.


class _CutOff(Exception):
    """The process ends here."""


def test_a_restore_that_was_broken_off_goes_on_where_it_was(
    lost: Post, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [lost.house.open() for _ in range(5)]
    saved(lost, tmp_path / "b")
    backups.put_back(empty, tmp_path / "b", now=LATER)
    monkeypatch.setattr(recovering, "AT_ONCE", 2)

    class Cuts(NothingStandsThere):
        passed = 0

        def pass_by(self, name: str) -> None:
            self.passed += name == "after_commit"
            if self.passed == 2:
                raise _CutOff

    with over(empty, LATER, restoring=True) as post:
        post.house.cases.seams = Cuts()
        with pytest.raises(_CutOff):
            recovery(post).finish()
    with over(empty, LATER + timedelta(hours=1), restoring=True) as post:
        assert recovery(post).finish().noted == 1
        assert [post.house.kinds(case).count("restored") for case in cases] == [1] * 5
        assert replays(post.house)
        with pytest.raises(NothingToFinish):
            recovery(post).finish()


def test_everybody_else_only_reads_until_it_is_done(lost: Post, empty: str, tmp_path: Path) -> None:
    case = lost.house.open()
    saved(lost, tmp_path / "b")
    backups.put_back(empty, tmp_path / "b", now=LATER)
    with over(empty, LATER) as other:
        assert other.house.store.rests()
        assert other.house.rows("case_record", id=case)
        with pytest.raises(ReadOnly):
            other.house.take(case, "propose", note="ready")
        with pytest.raises(ReadOnly):
            other.ticker.tick()
        with over(empty, LATER, restoring=True) as post:
            recovery(post).finish()
        assert not other.house.store.rests()
        other.house.take(case, "propose", note="ready")


def test_whoever_comes_right_after_it_is_let_in(
    lost: Post, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(lost, tmp_path / "b")
    lingering: list[psycopg.Connection[Any]] = []

    def end(connection: psycopg.Connection[Any]) -> None:
        """As to a server, which lets go of a connection that has ended when it comes to it."""
        lingering.append(connection)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(psycopg.Connection, "close", end)
        backups.put_back(empty, tmp_path / "b", now=LATER)
    with over(empty, LATER) as other:
        assert other.house.store.rests()
    for each in lingering:
        each.close()


def test_a_case_that_cannot_note_it_is_named_and_all_stay_read_only_unless_it_is_left(
    lost: Post, empty: str, tmp_path: Path
) -> None:
    good, bad = lost.house.open(), lost.house.open()
    lost.poison(bad)
    saved(lost, tmp_path / "b")
    done = put_back(empty, tmp_path / "b", MONDAY)
    assert (done.finished, done.noted, [each.case for each in done.broken]) == (False, 1, [bad])
    with over(empty, MONDAY, restoring=True) as post:
        assert recovery(post).finish(leave_broken=True).finished
        assert post.house.kinds(good).count("restored") == 1


@pytest.mark.parametrize("failure", [Busy(), psycopg.OperationalError("the server closed the connection")])
def test_a_database_that_fails_meanwhile_makes_no_case_a_broken_one(
    lost: Post, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    case = lost.house.open()
    saved(lost, tmp_path / "b")
    backups.put_back(empty, tmp_path / "b", now=MONDAY)
    with over(empty, MONDAY, restoring=True) as post:
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(post.house.cases, "steps", lambda requests: [failure] * len(requests))
            with pytest.raises(type(failure)):
                recovery(post).finish(leave_broken=True)
        assert recovery(post).finish(leave_broken=True).noted == 1
        assert post.house.kinds(case).count("restored") == 1


# The step itself.


def test_nobody_but_whoever_runs_the_installation_notes_a_restore(sqlite_url: str) -> None:
    with open_house(sqlite_url) as house:
        case = house.open()
        with refused(house, NotYourTurn, "not_your_role"):
            house.ask(Restore(1), "ann", case)


def test_a_closed_case_notes_nothing(sqlite_url: str) -> None:
    with open_house(sqlite_url) as house:
        case = house.open()
        house.take(case, "withdraw")
        with refused(house, StaleCase, "final"):
            house.ask(Restore(1), IMPORT_PARTY, case)


def test_a_deadline_that_rests_is_left_alone(sqlite_url: str) -> None:
    with open_house(sqlite_url) as house:
        case = house.open()
        house.take(case, "ask")
        house.clock.at = local("2027-02-01 09:00")
        house.ask(Restore(1), IMPORT_PARTY, case)
        assert "deadlines" not in house.bodies(case)[-1]
        assert replays(house)


# The backup itself.


def test_a_backup_tells_what_it_holds(lost: Post, empty: str, tmp_path: Path) -> None:
    lost.house.open()
    note = saved(lost, tmp_path / "b")
    written = json.loads(note_of(tmp_path / "b").read_text("utf-8"))
    assert written["taken_at"] == "2026-12-21T09:00:00.000000Z"
    assert (note.cases, note.events, note.newest_event, written["events"]) == (1, 1, note.taken_at, 1)
    assert sorted(path.name for path in tmp_path.glob("b*")) == ["b", "b.json"]


def test_a_backup_is_of_one_instant_while_others_write(lost: Post, empty: str, tmp_path: Path) -> None:
    lost.house.open()
    with lost.house.store.transaction() as ledger:
        ledger.organisation_rows(INSTITUTION)
        note = saved(lost, tmp_path / "b")
    lost.house.open()
    assert note.cases == 1
    assert put_back(empty, tmp_path / "b", MONDAY).noted == 1


def test_nothing_is_put_where_something_is(lost: Post, empty: str, tmp_path: Path) -> None:
    lost.house.open()
    saved(lost, tmp_path / "b")
    before = lost.house.dump()
    url = lost.house.store.url.render_as_string(hide_password=False)
    lost.house.store.close()
    with pytest.raises(NotEmpty, match="empty"):
        backups.put_back(url, tmp_path / "b", now=MONDAY)
    assert lost.house.dump() == before


def test_a_backup_is_put_over_tables_that_are_empty(
    lost: Post, empty: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    from engine.store.migrate import upgrade  # noqa: PLC0415 - what an administrator may well have typed first

    lost.house.open()
    saved(lost, tmp_path / "b")
    upgrade(empty)
    assert put_back(empty, tmp_path / "b", MONDAY).noted == 1


@pytest.mark.parametrize("spoil", ["cut", "changed", "none of ours"])
def test_a_spoilt_backup_is_refused(lost: Post, empty: str, tmp_path: Path, spoil: str) -> None:
    lost.house.open()
    saved(lost, tmp_path / "b")
    raw = (tmp_path / "b").read_bytes()
    spoilt = {"cut": raw[: len(raw) // 2], "changed": raw[:-99] + b"x" + raw[-98:], "none of ours": b"PK" + raw}[spoil]
    (tmp_path / "b").write_bytes(spoilt)
    with pytest.raises(BackupFailed):
        backups.put_back(empty, tmp_path / "b", now=MONDAY)


def test_nothing_is_written_over(lost: Post, empty: str, tmp_path: Path) -> None:
    (tmp_path / "b").write_text("mine")
    with pytest.raises(BackupFailed, match="already"):
        saved(lost, tmp_path / "b")
    assert (tmp_path / "b").read_text() == "mine"
