"""Exports: every sealed event in the order of the tree, byte for byte, in lines spelled in one way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.signing import open_note, read_keys
from engine.errors import SealFailed
from engine.exporting import NoSuchDefinition, line_of, prepare
from engine.model import Comment
from engine.sealing import Sealing
from tests.engine.house import CATALOGUE, INSTITUTION
from tests.exports import Archive, archived


@pytest.fixture
def archive(sqlite_url: str, tmp_path: Path) -> Iterator[Archive]:
    with archived(sqlite_url, tmp_path, stays=4) as made:
        yield made


def lines(archive: Archive, only: tuple[str, ...] | None = None) -> list[bytes]:
    return archive.papers(only=only).export.read_bytes().splitlines(keepends=True)


def read(found: list[bytes], name: str) -> list[Any]:
    """The values of the lines that begin with a name."""
    return [json.loads(line) for line in found if line.startswith(f'{{"{name}":'.encode())]


def test_every_event_stands_in_the_order_of_the_tree_as_its_bytes_are_stored(archive: Archive) -> None:
    found = [line for line in lines(archive) if line.startswith(b'{"hash":')]
    stored = {(row["case_id"], row["sequence"]): row for row in archive.house.rows("event")}
    runs = archive.sealing.runs(INSTITUTION, size=len(stored))
    order = [(run.case, n) for run in runs for n in range(run.first_sequence, run.last_sequence + 1)]
    assert [line[160:-2] for line in found] == [stored[place]["body"] for place in order]
    assert [line[9:73].decode() for line in found] == [stored[place]["hash"] for place in order]


def test_each_detail_follows_its_event_with_the_nonce_that_binds_it(archive: Archive) -> None:
    found = lines(archive)
    for place, line in enumerate(found):
        if line.startswith(b'{"nonce":'):
            owed = json.loads(found[place - 1])["body"]["detail"]
            assert hashlib.sha256(bytes.fromhex(line[10:42].decode()) + line[53:-2]).hexdigest() == owed
    assert len(read(found, "nonce")) == len(archive.house.rows("event_detail"))


def test_it_holds_the_behaviour_of_every_definition_and_the_organisation(archive: Archive) -> None:
    found = lines(archive)
    definitions = {each["definition"]: each["behaviour"] for each in read(found, "definition")}
    assert definitions.keys() == {row["definition"] for row in archive.house.rows("event")}
    assert all(hashlib.sha256(text.encode()).hexdigest() == name for name, text in definitions.items())
    tables = {each["organisation"]["table"] for each in read(found, "organisation")}
    assert {"unit", "membership"} <= tables


def test_the_heads_are_those_of_the_case_rows(archive: Archive) -> None:
    heads = [each["head"] for each in read(lines(archive), "head")]
    rows = archive.house.rows("case_record")
    assert heads == [
        {"case": row["id"], "number": row["number"], "sequence": row["version"], "hash": row["head"]} for row in rows
    ]


def test_the_manifest_is_signed_over_all_lines_beside_the_events(archive: Archive) -> None:
    found = lines(archive)
    keys = read_keys((archive.folder / "audit-key.pub").read_text("utf-8"))
    told = open_note(json.loads(found[-1])["manifest"], keys).split("\n")
    events, cases = len(archive.house.rows("event")), len(archive.house.rows("case_record"))
    assert (told[0], told[1]) == ("x.se/fardplan/manifest", str(events))
    assert told[3:5] == [f"events {events}", f"cases {cases}"]


def test_some_cases_come_with_proofs_and_with_what_older_checkpoints_need(archive: Archive) -> None:
    found = lines(archive, only=(archive.life.stay,))
    events = len(archive.house.events(archive.life.stay))
    assert (len(read(found, "hash")), len(read(found, "proof")), len(read(found, "head"))) == (events, events, 1)
    older = [each["consistency"]["old"] for each in read(found, "consistency")]
    sizes = [each.size for each in archive.sealing.checkpoints(INSTITUTION)]
    assert older == sizes[1:]


def test_what_happens_after_the_seal_is_not_in_it(archive: Archive) -> None:
    archive.seal()
    export = prepare(archive.sealing, CATALOGUE, INSTITUTION)
    archive.house.ask(Comment("later"), "ann", archive.life.stay)
    found = list(export.lines())
    assert (export.events, export.checkpoint.size) == (len(read(found, "hash")), len(archive.house.rows("event")) - 1)


def test_both_databases_give_the_same_export(database_url: str, tmp_path: Path) -> None:
    with archived(database_url, tmp_path, stays=2) as archive:
        found = lines(archive)
        assert archive.papers().check().events == len(read(found, "hash")) == len(archive.house.rows("event"))


def test_without_seal_or_key_there_is_no_export(archive: Archive, tmp_path: Path) -> None:
    archive.seal()
    with pytest.raises(SealFailed, match="nothing was sealed yet"):
        prepare(archive.sealing, CATALOGUE, "y.se")
    archive.sealing.signer.path.unlink()  # type: ignore[attr-defined]  # the signer of these tests signs with a file
    assert isinstance(archive.sealing, Sealing)
    with pytest.raises(SealFailed, match="no key to sign"):
        prepare(archive.sealing, CATALOGUE, INSTITUTION)


def test_a_definition_whose_kept_text_was_changed_is_refused(archive: Archive) -> None:
    archive.seal()
    row = archive.house.rows("definition", name="stay")[0]
    archive.life.change("definition", {"source": row["source"].replace("return YES", "return None")}, hash=row["hash"])
    with pytest.raises(NoSuchDefinition, match="does not give"):
        list(prepare(archive.sealing, CATALOGUE, INSTITUTION).lines())


def test_a_line_has_one_spelling() -> None:
    assert line_of({"b": "å", "a": [1, None]}) == '{"b":"å","a":[1,null]}\n'.encode()
