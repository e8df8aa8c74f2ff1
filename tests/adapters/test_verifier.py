"""The verifier: what was sealed holds, what was changed is named, with nothing but export, checkpoint and key."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters import verifier
from adapters.verifier import Fault, body_of, main, whole_body
from engine.canonical import canonical, chain
from engine.exporting import line_of
from engine.model import IMPORT_PARTY, Comment
from tests.databases import Databases
from tests.engine.house import INSTITUTION
from tests.exports import ERASE, Archive, Papers, archived


@pytest.fixture
def archive(sqlite_url: str, tmp_path: Path) -> Iterator[Archive]:
    with archived(sqlite_url, tmp_path, stays=6) as made:
        yield made


@pytest.fixture(scope="module")
def shared(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An archive that no test changes."""
    folder = tmp_path_factory.mktemp("archive")
    with archived(databases.sqlite(folder / "fardplan.db"), folder) as made:
        yield made


@pytest.fixture(scope="module")
def papers(shared: Archive) -> Papers:
    return shared.papers()


def rewritten(papers: Papers, change: Callable[[list[bytes]], None], folder: Path) -> Papers:
    """The papers with an export whose lines were changed."""
    lines = papers.export.read_bytes().splitlines(keepends=True)
    change(lines)
    changed = folder / "changed.jsonl"
    changed.write_bytes(b"".join(lines))
    return Papers(changed, papers.checkpoint, papers.key, papers.older)


def test_an_untouched_export_holds_and_every_older_checkpoint_is_its_beginning(shared: Archive, papers: Papers) -> None:
    found = papers.check()
    events = len(shared.house.rows("event"))
    details = len(shared.house.rows("event_detail"))
    assert (found.events, found.size, found.details, found.scope) == (events, events, details, "all")
    assert (found.older_checkpoints, found.details_erased > 0) == (len(papers.older), True)


@pytest.mark.parametrize("processes", [2, 3, 7])
def test_several_processes_find_what_one_finds(papers: Papers, processes: int) -> None:
    assert papers.check(processes) == papers.check()


def test_some_cases_are_proved_to_be_in_the_tree(shared: Archive) -> None:
    papers = shared.papers("some.jsonl", only=(shared.life.stay, shared.life.report))
    found = papers.check()
    assert (found.scope, found.cases, found.older_checkpoints) == ("cases", 2, len(papers.older))


def test_a_proof_of_another_event_is_not_taken(shared: Archive, tmp_path: Path) -> None:
    papers = shared.papers("some.jsonl", only=(shared.life.stay,))

    def swap(lines: list[bytes]) -> None:
        proofs = [n for n, line in enumerate(lines) if line.startswith(b'{"proof"')]
        lines[proofs[0]], lines[proofs[1]] = lines[proofs[1]], lines[proofs[0]]

    fault = rewritten(papers, swap, tmp_path).fault()
    assert (fault and fault.case, fault and fault.sequence) == (shared.life.stay, 1)


def test_a_changed_byte_is_named_with_case_sequence_and_line(papers: Papers, tmp_path: Path) -> None:
    number = 20
    lines = papers.export.read_bytes().splitlines()
    place = [n for n, line in enumerate(lines) if line.startswith(b'{"hash"')][number]
    body = json.loads(lines[place])["body"]

    def change(all_: list[bytes]) -> None:
        all_[place] = all_[place].replace(b'"at":', b'"at":1')

    changed = rewritten(papers, change, tmp_path)
    for processes in (1, 2):
        fault = changed.fault(processes)
        assert fault is not None
        assert (fault.case, fault.sequence, fault.line) == (body["case"], body["sequence"], place + 1)


@pytest.mark.parametrize("processes", [2, 3])
def test_a_history_put_in_a_second_time_is_named_alike_by_several_processes(
    papers: Papers, processes: int, tmp_path: Path
) -> None:
    def change(lines: list[bytes]) -> None:
        places = [place for place, line in enumerate(lines) if line.startswith(b'{"hash"')]
        lines.insert(places[-1], lines[places[0]])

    changed = rewritten(papers, change, tmp_path)
    one, several = changed.fault(1), changed.fault(processes)

    assert one is not None
    assert several is not None
    assert (several.case, several.sequence, several.line, several.what) == (one.case, one.sequence, one.line, one.what)


def test_a_detail_that_is_gone_without_an_event_that_says_so_is_named(archive: Archive) -> None:
    row = archive.house.rows("event_detail", case_id=archive.life.stay)[2]
    archive.life.drop("event_detail", case_id=row["case_id"], sequence=row["sequence"])
    fault = archive.papers().fault()
    assert fault is not None
    assert (fault.case, fault.sequence) == (row["case_id"], row["sequence"])
    assert fault.what == "its detail is missing, and no event says it was erased"


def test_erased_details_are_counted_and_nothing_is_wrong(archive: Archive) -> None:
    before = archive.papers().check()
    case = archive.house.open(note="private")
    archive.house.ask(Comment("private"), "ann", case)
    archive.house.take(case, "withdraw")
    archive.house.ask(ERASE, IMPORT_PARTY, case)
    assert archive.papers().check().details_erased >= before.details_erased + 2


def test_a_forged_history_that_holds_in_itself_is_found_by_the_checkpoint_kept_before(archive: Archive) -> None:
    """The whole log is made anew and signed with the office's own key; the auditor has an older checkpoint."""
    older = archive.papers().checkpoint
    archive.life.forge(archive.life.stay, 6, party="olle")
    with archive.house.store.writes() as connection:
        for name in ("seal_tile", "seal_run", "checkpoint", "checkpoint_sent"):
            connection.exec_driver_sql(f"DELETE FROM {name}")
    (archive.folder / "kept.txt").write_bytes(older.read_bytes())
    forged = archive.papers("forged.jsonl", older=0)
    assert forged.fault() is None
    fault = Papers(forged.export, forged.checkpoint, forged.key, (archive.folder / "kept.txt",)).fault()
    assert fault is not None
    assert "no beginning of this history" in fault.what


def test_a_step_its_definition_does_not_allow_is_named_although_all_hashes_hold(archive: Archive) -> None:
    """Somebody with database and key lets the student's step be taken by another role, before it is sealed."""
    archive.seal()
    case = archive.house.stay_in("proposed")
    archive.life.forge(case, 2, role="auditor")
    fault = archive.papers().fault()
    assert fault is not None
    assert (fault.case, fault.sequence, fault.what) == (case, 2, "propose is not for a auditor")


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"to": "away"}, "propose does not lead from asked to away"),
        ({"trigger": "fly"}, "fly does not lead from asked to proposed"),
        ({"kind": "commented"}, "commented moves no case (asked to proposed)"),
        ({"kind": "flown"}, "there is no such kind of event: flown by propose"),
        ({"from": "away"}, "it leaves away, but the case was in asked"),
        ({"definition": "0" * 64}, f"its definition {'0' * 64} is not in the export"),
        ({"role": None}, "nobody's role is named, and no rule or import took the step"),
        ({"role": "clock"}, "somebody acted in the role clock"),
        ({"institution": "y.se"}, "it is an event of y.se"),
        ({"kind": "opened"}, "a history begins with `opened`, and has it once"),
    ],
)
def test_what_no_definition_allows_is_said(
    shared: Archive, papers: Papers, tmp_path: Path, changes: dict[str, object], what: str
) -> None:
    """The bytes are chained anew, as whoever seals them could do; so only the step itself is wrong."""

    def forge(lines: list[bytes]) -> None:
        place = next(n for n, line in enumerate(lines) if b'"trigger":"propose"' in line)
        read = json.loads(lines[place])
        raw = canonical(read["body"] | changes)
        digest = chain(raw, read["previous"]).encode()
        lines[place] = b'{"hash":"%s","previous":"%s","body":%s}\n' % (digest, read["previous"].encode(), raw)

    fault = rewritten(papers, forge, tmp_path).fault()
    assert fault is not None
    assert (fault.what, fault.sequence) == (what, 6)


def test_only_a_migration_changes_the_definition_and_it_names_the_one_it_leaves(shared: Archive) -> None:
    rows = {row["name"]: row["hash"] for row in shared.house.rows("definition")}
    behaviours = [line for line in shared.papers().export.read_bytes().splitlines() if b'{"definition"' in line]
    told = {each["definition"].encode(): each["behaviour"] for each in map(json.loads, behaviours)}
    known = {name: verifier.Definition(text) for name, text in told.items()}
    old, new = rows["report"].encode(), rows["stay"].encode()
    carried = (b"migrated", b"open", b"asked", None, b"admin", None, b"", False)
    assert verifier.illegal(known, (b"open", old), new, carried) is None
    assert verifier.illegal(known, (b"open", old), new, (*carried[:2], b"nowhere", *carried[3:])) is not None
    assert verifier.illegal(known, (b"open", old), new, (b"commented", b"open", b"open", *carried[3:])) is not None
    events = verifier.Events(INSTITUTION, known, 0, ())
    events.cases[b"c"] = (b"1" * 64, 1, b"open", old)
    body = verifier.Body(b"x.se", b"c", 2, new, None, carried, {}, (), left=new)
    with pytest.raises(Fault, match="carried over from another definition"):
        events.follow(body, b"1" * 64, b"2" * 64)
    events.follow(body._replace(left=old), b"1" * 64, b"2" * 64)
    assert events.cases[b"c"][2:] == (b"asked", new)


def test_a_checkpoint_of_another_size_is_called_older_or_newer(archive: Archive) -> None:
    early = archive.papers("early.jsonl", older=1)
    archive.house.ask(Comment("more"), "ann", archive.life.stay)
    late = archive.papers("late.jsonl", older=0)
    passed_off = Papers(late.export, early.checkpoint, late.key).fault()
    ahead = Papers(early.export, late.checkpoint, late.key).fault()
    assert passed_off is not None
    assert ahead is not None
    assert ("is an older checkpoint" in passed_off.what, "is a newer checkpoint" in ahead.what) == (True, True)


def test_a_checkpoint_by_a_key_nobody_gave_the_auditor_is_not_taken(archive: Archive, tmp_path: Path) -> None:
    papers = archive.papers()
    (tmp_path / "other").mkdir()
    stranger = tmp_path / "other" / "audit-key.pub"
    made = papers.key.read_text("utf-8")
    with pytest.raises(verifier.Unusable):
        verifier.read_keys(_written(stranger, made.replace("+", "+f", 1)))
    from adapters.signing import new_key  # noqa: PLC0415 - this test alone makes a second key

    line = new_key(tmp_path / "other" / "key.pem", f"{INSTITUTION}/fardplan").line
    fault = Papers(papers.export, papers.checkpoint, _written(stranger, line)).fault()
    assert fault is not None
    assert fault.what.endswith("it bears no signature by a key of the key file")


def _written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_lines_after_the_manifest_and_lines_of_no_kind_are_refused(papers: Papers, tmp_path: Path) -> None:
    after = rewritten(papers, lambda lines: lines.append(lines[-2]), tmp_path).fault()
    strange = rewritten(papers, lambda lines: lines.insert(-1, line_of({"note": "x"})), tmp_path).fault()
    assert (after and after.what) == "lines come after the manifest, which is the last"
    assert strange is not None


def test_both_ways_to_read_a_body_give_the_same(shared: Archive) -> None:
    seen: verifier.Seen = {}
    for row in 2 * shared.house.rows("event"):
        assert body_of(row["body"], seen)[:6] == whole_body(row["body"])[:6]


@pytest.mark.parametrize("name", verifier.ALWAYS)
def test_a_body_that_lacks_a_word_each_event_has_is_none(shared: Archive, name: str) -> None:
    body = json.loads(shared.house.rows("event")[0]["body"])
    with pytest.raises(ValueError, match="not one of an event"):
        body_of(canonical(body | {name: None}), {})


def test_a_name_that_stands_twice_is_read_the_general_way() -> None:
    body = {
        "at": 1, "case": "0" * 36, "cause": None, "definition": "d" * 64, "detail": None, "from": "a",
        "institution": "x.se", "kind": "moved", "on_behalf_of": None, "party": "p",
        "places": [{"taken": {"role": "auditor"}}], "role": "head", "sequence": 2, "to": "b", "trigger": "t",
    }  # fmt: skip
    seen: verifier.Seen = {}
    for _ in range(2):
        assert body_of(canonical(body), seen).step[4] == b"head"
        assert body_of(canonical(body | {"role": "officer"}), seen).step[4] == b"officer"
        assert body_of(canonical(body | {"found": {"to": "x", "case": "y"}}), seen).step[2] == b"b"
        assert (
            body_of(canonical(body | {"touched": ["x"], "linked": [["a", "b"]]}), seen).step
            == body_of(canonical(body), seen).step
        )


# The program.


def test_it_says_what_was_checked_and_what_is_not_proved(papers: Papers, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(papers.words()) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"RIGHT: {papers.check().events} events of ")
    assert "Not proved: " in told


def test_a_program_gets_json_and_the_cases_number(
    papers: Papers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*papers.words(), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    place = next(n for n, line in enumerate(papers.export.read_bytes().splitlines()) if b'"trigger":"propose"' in line)
    changed = rewritten(papers, lambda lines: lines.__delitem__(place), tmp_path)
    assert main([*changed.words(), "--json"]) == 1
    wrong = json.loads(capsys.readouterr().out)["first_wrong"]
    assert (wrong["number"][:5], wrong["sequence"]) == ("STA-2", 6)


def test_without_its_files_it_ends_with_two(papers: Papers, tmp_path: Path) -> None:
    assert main([str(tmp_path / "none"), "--checkpoint", str(papers.checkpoint), "--key", str(papers.key)]) == 2
    assert main([str(papers.export), "--checkpoint", str(papers.checkpoint), "--key", str(papers.export)]) == 2


def test_it_imports_the_standard_library_and_cryptography_alone() -> None:
    tree = ast.parse(Path(verifier.__file__).read_text("utf-8"))
    named = {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    named |= {alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
    strangers = {name.partition(".")[0] for name in named} - set(sys.stdlib_module_names)
    assert strangers == {"cryptography"}


def test_a_copy_runs_alone_in_an_empty_folder(papers: Papers, tmp_path: Path) -> None:
    for file in (Path(verifier.__file__), papers.export, papers.checkpoint, papers.key):
        shutil.copy(file, tmp_path)
    words = ["verifier.py", papers.export.name, "--checkpoint", papers.checkpoint.name, "--key", papers.key.name]
    done = subprocess.run(
        [sys.executable, "-I", *words, "--processes", "2"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("RIGHT: ")


def test_a_fault_keeps_its_words() -> None:
    assert str(Fault("what", 3, "c", 2)) != ""
