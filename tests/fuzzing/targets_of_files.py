"""Parsers of files from outside: lists, event logs, and what auditors hold."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from adapters import signing, verifier
from adapters.checkpoints import FolderPlace
from adapters.columns import read_rows
from adapters.eventlogs import LogUnreadable, read_objects, read_traces
from adapters.import_kinds import KINDS
from adapters.tables import Table, open_table
from adapters.tables_model import TableUnreadable
from adapters.tables_sheet import LONGEST_CELL
from adapters.values import ValueFault
from engine.errors import Busy, DeliveryFailed
from engine.store.migrate import upgrade
from engine.store.store import Store
from engine.unpacking import NoExport, unpack
from service import importing
from tests.fuzzing import corpora
from tests.fuzzing.oddities import mutated, rejsoned, repacked
from tests.fuzzing.target import Surroundings, Target, typed

PARSERS: Final = tuple({column.parse for kind in KINDS.values() for column in kind.columns})
"""How cells are read, each way once."""


# Lists.


def _all_of(table: Table) -> None:
    """Read all rows of a table, plainly and as every kind of list whose columns it has."""
    for _ in table.rows:
        pass
    for kind in KINDS.values():
        try:
            rows = read_rows(table, kind.columns, kind.demands)
        except TableUnreadable:
            continue
        for _ in rows:
            pass


def _cells(raw: bytes) -> None:
    # As long as a cell may be, for one input is read by forty parsers.
    text = typed(raw)[:LONGEST_CELL]
    for cell in {text, *text.split(";")[:20]}:
        for parse in PARSERS:
            try:
                parse(cell)
            except ValueFault:
                continue


def _kind_of(raw: bytes) -> str:
    """The kind of list whose headers the first line is nearest to having."""
    first = set(typed(raw).partition("\n")[0].split(";"))
    return max(corpora.LISTS, key=lambda kind: len(first & set(corpora.LISTS[kind][0])))


def of_lists(around: Surroundings) -> list[Target]:
    """Imports: the file as a table, its columns, the values in its cells, and the whole of it tried out."""

    def taken_in(raw: bytes) -> None:
        report = importing.run(around.house, _kind_of(raw), around.file(raw, "lista.csv"), dry_run=True)
        report.as_text("sv")
        json.dumps(report.as_json())

    no, plain = (TableUnreadable,), [corpora.csv_of(kind) for kind in corpora.LISTS]
    cells = [";".join(rows[1]).encode() for rows in corpora.LISTS.values()]
    return [
        Target("lists as CSV", lambda raw: _all_of(open_table(around.file(raw, "a.csv"))), corpora.tables(), no),
        Target("lists as XLSX", lambda raw: _all_of(open_table(around.file(raw, "a.xlsx"))), corpora.workbooks(), no,
               repacked, 0.5),
        Target("values in cells", _cells, cells),
        Target("imports, tried out", taken_in, plain, (*no, Busy), share=0.2),
    ]  # fmt: skip


# Event logs.


def of_logs(around: Surroundings) -> list[Target]:
    def traces(name: str) -> Callable[[bytes], None]:
        def read(raw: bytes) -> None:
            for _ in read_traces(around.file(raw, name)):
                pass

        return read

    def objects(name: str) -> Callable[[bytes], None]:
        def read(raw: bytes) -> None:
            log = read_objects(around.file(raw, name))
            for _ in (*log.objects(), *log.events()):
                pass

        return read

    no = (LogUnreadable,)
    return [
        Target("event logs: XES", traces("a.xes"), corpora.xes_logs(), no),
        Target("event logs: CSV", traces("b.csv"), corpora.csv_logs(), no),
        Target("event logs: OCEL, JSON", objects("a.jsonocel"), corpora.ocel_json_logs(), no, rejsoned),
        Target("event logs: OCEL, JSON as bytes", objects("a.jsonocel"), corpora.ocel_json_logs(), no),
        Target("event logs: OCEL, XML", objects("a.xmlocel"), corpora.ocel_xml_logs(), no),
        Target("event logs: OCEL, SQLite", objects("a.sqlite"), corpora.ocel_sqlite_logs(), no, share=0.5),
    ]


# What auditors hold.


def resealed(chance: random.Random, example: bytes, others: Sequence[bytes]) -> bytes:
    """An export with one event or definition altered and its hash made anew, as a forger would; else as `rejsoned`."""
    lines = example.split(b"\n")
    places = [place for place, line in enumerate(lines) if line.startswith((b'{"hash":', b'{"definition":'))]
    if not places or chance.random() < 0.3:
        return rejsoned(chance, example, others)
    place = chance.choice(places)
    line = lines[place]
    if line.startswith(b'{"hash":'):
        # The places of hash, previous hash and body are fixed (`adapters.verifier`).
        body, change = line[160:-1], chance.choice((mutated, rejsoned))
        raw = change(chance, body, (body,)).replace(b"\n", b" ")
        digest = sha256(b"\0" + raw + bytes.fromhex(line[87:151].decode())).hexdigest().encode()
        lines[place] = b'{"hash":"' + digest + line[73:160] + raw + b"}"
    else:
        told = json.loads(line)
        behaviour = rejsoned(chance, told["behaviour"].encode(), (b"{}",))
        told |= {"behaviour": behaviour.decode("utf-8", "replace"), "definition": sha256(behaviour).hexdigest()}
        lines[place] = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return b"\n".join(lines)


def of_papers(around: Surroundings) -> list[Target]:
    papers = around.papers
    key = around.file(papers["key"], "audit-key.pub")
    checkpoint = around.file(papers["checkpoint"], "checkpoint.txt")
    keys = verifier.read_keys(key)
    head = verifier.read_checkpoint(checkpoint, keys)

    def export(raw: bytes) -> None:
        verifier.verify(around.file(raw, "export.jsonl"), head, [], keys)

    def notes(raw: bytes) -> None:
        verifier.read_checkpoint(around.file(raw, "note.txt"), keys)

    def own_notes(raw: bytes) -> None:
        signing.open_checkpoint(typed(raw), signing.read_keys(papers["key"].decode()))

    def newest(raw: bytes) -> None:
        place = around.folder / "checkpoints"
        place.mkdir(exist_ok=True)
        (place / "checkpoint-7.txt").write_bytes(raw)
        FolderPlace(place, lambda: "").newest()

    def taken_back(raw: bytes) -> None:
        store = _empty(around)
        try:
            unpack(raw.splitlines(keepends=True), store)
        finally:
            store.close()

    exports = [papers["export"], papers["some"]]
    return [
        Target("verifier: exports", export, exports, (verifier.Fault,), resealed),
        Target("verifier: exports, as bytes", export, exports, (verifier.Fault,), share=0.5),
        Target("verifier: checkpoints", notes, [papers["checkpoint"]], (verifier.Fault,)),
        Target("verifier: keys", lambda raw: verifier.read_keys(around.file(raw, "k.pub")), [papers["key"]],
               (verifier.Unusable,)),
        Target("own notes and keys", own_notes, [papers["checkpoint"]], (signing.NoteWrong,)),
        Target("own keys", lambda raw: signing.read_keys(typed(raw)), [papers["key"]], (signing.NoteWrong,)),
        Target("checkpoints in the folder", newest, [papers["checkpoint"]], (DeliveryFailed,)),
        Target("exports taken back for a replay", taken_back, exports, (NoExport,), rejsoned, 0.1),
    ]  # fmt: skip


def _empty(around: Surroundings) -> Store:
    """A migrated store that holds nothing."""
    template, used = around.folder / "empty.db", around.folder / "used.db"
    if not template.exists():
        upgrade(f"sqlite:///{template}")
    for leftover in around.folder.glob("used.db*"):
        leftover.unlink()
    used.write_bytes(template.read_bytes())
    return Store(f"sqlite:///{used}", durable=False)
