"""Every list goes the same road: looked through first, row by row, told as it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.columns import Parsed
from adapters.tables import TableUnreadable
from engine.catalogue import Catalogue
from engine.errors import Busy
from engine.store import natural_keys
from service import importing
from service.importing import KINDS, READERS, REGISTERS, run
from service.imports.report import Result, Taken
from tests.service.lists import UMU, Lists, counts, open_lists

AGREEMENTS = (
    "avtalsnummer;enhet;partner;gäller från;gäller till;platser ut;platser in;nivå",
    "A-1;12;A WIEN01;2021-01-01;2027-06-30;4;4;grundnivå",
    "A-1;12;A WIEN01;2021-01-01;2028-06-30;4;4;grundnivå",
    "X-1;99;A WIEN01;2021-01-01;;1;1;",
    "X-2;12;Wien Univ;2021-01-01;;1;1;",
)
LISTS = {
    "partners": ("namn;pic", "Ett;111111111", "Två;12", "Ett;222222222"),
    "units": ("kod;namn;överordnad", "21;A;SAM", "SAM;B;", "22;C;XX"),
    "people": ("e-post;namn;roll", "a@umu.se;A;head@12", "a@umu.se;B;", "b@umu.se;B;head@99"),
    "absences": ("e-post;från", "eva@umu.se;2026-12-01", "x@umu.se;2026-12-01"),
    "mandates": ("e-post;enhet;slag", "eva@umu.se;12;sign", "eva@umu.se;99;sign"),
    "closing_days": ("enhet;datum", "12;2026-12-28", "99;2026-12-28"),
    "agreements": AGREEMENTS,
    "applications": (
        "namn;e-post;enhet;avtal;termin;nivå", "S;s@x.se;12;O-1;HT2027;master", "S;s@x.se;12;O-1;HT2027;",
        "T;t@x.se;12;O-1;HT2027;",
    ),
    "nominations": (
        "namn;e-post;enhet;partner;termin;nivå", "J;j@x.fr;13;SF OULU01;HT2027;master", "K;k@x.fr;13;Oulo;HT2027;",
        "J;j@x.fr;13;SF OULU01;HT2027;bachelor",
    ),
    "reviews": ("namn;e-post;enhet;kurs", "S;s@x.se;12;Optik", "s;s@x.se;12;Optik", "T;t@x.se;99;Optik"),
}  # fmt: skip


@pytest.fixture
def lists(database_url: str, processes: Catalogue, tmp_path: Path) -> Iterator[Lists]:
    with open_lists(database_url, processes, tmp_path) as made:
        yield made


@pytest.fixture
def light(sqlite_url: str, processes: Catalogue, tmp_path: Path) -> Iterator[Lists]:
    with open_lists(sqlite_url, processes, tmp_path) as made:
        yield made


def ready(lists: Lists) -> Lists:
    """With an agreement and a person for the lists that need one."""
    lists.agreements()
    lists.house.directory.put_person(UMU, email="eva@umu.se", name="Eva")
    return lists


def told(report: importing.Report) -> dict[str, object]:
    return {name: value for name, value in report.as_json().items() if name != "dry_run"}


def test_every_kind_of_list_has_somebody_who_takes_it_in() -> None:
    assert {*REGISTERS, *READERS} == set(KINDS) == set(LISTS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_dry_run_changes_nothing_and_tells_the_same(lists: Lists, kind: str) -> None:
    ready(lists)
    before = lists.dump()
    tried = lists.take(kind, *LISTS[kind], dry_run=True)
    assert lists.dump() == before
    done = lists.take(kind, *LISTS[kind])
    assert told(tried) == told(done)
    assert done.counts[Result.NEW]
    assert done.counts[Result.BAD]
    assert "Dry run: nothing has been written." in tried.as_text("en")
    again = lists.take(kind, *LISTS[kind], dry_run=True)
    assert told(again) == told(lists.take(kind, *LISTS[kind]))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_file_twice_changes_nothing(light: Lists, kind: str) -> None:
    ready(light).take(kind, *LISTS[kind])
    before = light.dump()
    again = light.take(kind, *LISTS[kind])
    assert again.counts[Result.NEW] == 0
    assert light.dump() == before


def test_everything_imported_replays(light: Lists) -> None:
    ready(light)
    for kind in KINDS:
        light.take(kind, *LISTS[kind])
    assert light.replayed() == []


def test_rows_in_many_batches_are_one_import(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "ROWS_AT_ONCE", 2)
    rows = [f"S{n};s{n}@x.se;{'99' if n == 3 else '12'};Kurs {n % 2}" for n in range(7)]
    assert counts(lists.take("reviews", "namn;e-post;enhet;kurs", *rows, rows[0])) == (6, 1, 0, 1)
    assert len(lists.cases("eligibility_review")) == 6
    tried = lists.take("reviews", "namn;e-post;enhet;kurs", *rows, dry_run=True)
    assert counts(tried) == (0, 6, 0, 1)


def test_progress_goes_from_nothing_to_the_whole(light: Lists) -> None:
    steps: list[tuple[int, int]] = []
    rows = [f"P{n}" for n in range(450)]
    run(light.house, "partners", light.file("namn", *rows), progress=lambda done, total: steps.append((done, total)))
    assert steps == [(0, 450), (200, 450), (400, 450), (450, 450)]


def test_the_report_for_programs_is_json_with_both_languages(light: Lists) -> None:
    report = json.loads(json.dumps(light.take("agreements", *AGREEMENTS).as_json()))
    assert {name: report[name] for name in ("ok", "kind", "file", "rows", "new", "unchanged", "differing", "bad")} == {
        "ok": False, "kind": "agreements", "file": "lista.csv", "rows": 4,
        "new": 1, "unchanged": 0, "differing": 1, "bad": 2,
    }  # fmt: skip
    assert report["bad_rows"][0] == {
        "row": 4, "column": "enhet", "value": "99",
        "expected": {
            "sv": "enheten 99 finns inte; ange enhetens kod.", "en": "there is no unit 99; give the unit's code.",
        },
    }  # fmt: skip
    assert report["differing_rows"] == [
        {"row": 3, "key": "A-1", "field": "valid_to", "was": "2027-06-30", "now": "2028-06-30", "written": False}
    ]
    assert report["stopped_agreements"][0]["holds_until"] == "2027-06-30"


@pytest.mark.parametrize(
    ("lang", "begins"), [("sv_SE.UTF-8", "partners ur lista.csv"), ("en_GB", "partners from"), ("", "partners from")]
)
def test_the_report_speaks_the_language_of_the_machine(
    light: Lists, monkeypatch: pytest.MonkeyPatch, lang: str, begins: str
) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LANG", lang)
    assert light.take("partners", "namn", "Ett").as_text().startswith(begins)


def test_a_file_with_headers_alone_is_told(light: Lists) -> None:
    report = light.take("partners", "namn;pic")
    assert report.ok
    assert "the file has no rows below its headers." in report.as_text("en")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty (0 bytes)."),
        (b"%PDF-1.7 ...", "The file is a PDF, not a table."),
        (b"\x00\x01\x02\xff" * 500, ""),
        (b"PK\x03\x04 no archive at all", ""),
        (b"e-post;mail;namn\na@x.se;b@x.se;A\n", "Several headers mean email"),
        (b"namn\nA\n", "The column email"),
    ],
)
def test_what_is_no_such_list_is_refused_in_words_before_any_row(light: Lists, content: bytes, words: str) -> None:
    path = light.folder / "people.csv"
    path.write_bytes(content)
    before = light.dump()
    with pytest.raises(TableUnreadable) as caught:
        run(light.house, "people", path)
    assert words in str(caught.value)
    assert "Traceback" not in str(caught.value)
    assert light.dump() == before


def test_a_file_broken_in_the_middle_leaves_nothing_half_done(light: Lists) -> None:
    path = light.workbook(("namn",), *((f"Partner {n}",) for n in range(500)))
    path.write_bytes(path.read_bytes()[:-4000])
    before = light.dump()
    with pytest.raises(TableUnreadable):
        run(light.house, "partners", path)
    assert light.dump() == before


def test_an_old_encoding_is_read_and_mended_letters_are_told(light: Lists) -> None:
    old = light.file("namn", "Åbo Akademi", encoding="latin-1", name="old.csv")
    assert counts(run(light.house, "partners", old)) == (1, 0, 0, 0)
    garbled = light.file("namn", "Ã…bo Akademi")
    report = run(light.house, "partners", garbled)
    assert "broken letters" in report.faults[0][1].expected.en


def test_formulas_and_markup_are_only_text(light: Lists) -> None:
    names = {"=1+1", "<script>alert(1)</script>", "Robert'); DROP TABLE partner;--", "100 % _ \\ {}"}
    light.take("partners", "namn", *(f'"{name}"' for name in sorted(names)))
    assert names <= {each.name for each in light.house.directory.search_partners(UMU)}


def test_two_imports_cannot_open_one_matter_twice(lists: Lists) -> None:
    with lists.house.store.writes() as connection:
        natural_keys.remember(connection, UMU, kind="reviews", opened={"k": natural_keys.Known("a", "f")})
        both = {"j": natural_keys.Known("b", "f"), "k": natural_keys.Known("c", "f")}
        with pytest.raises(Busy):
            natural_keys.remember(connection, UMU, kind="reviews", opened=both)
        found = natural_keys.known(connection, UMU, kind="reviews", keys=["k", "never heard of"])
        assert found == {"k": natural_keys.Known("a", "f")}


class Jammed:
    """Takes rows in from the n-th try on."""

    def __init__(self, busy: int) -> None:
        self.busy, self.tries = busy, 0

    def look(self, rows: Collection[Parsed]) -> None:
        """Nothing to look at."""

    @contextmanager
    def within(self, *, undo: bool) -> Iterator[Callable[[Collection[Parsed]], Iterator[Taken]]]:
        self.tries += 1
        yield lambda rows: (Taken(Result.NEW) for _ in rows)
        if self.tries <= self.busy:
            raise Busy


def test_a_batch_the_database_was_too_busy_for_is_begun_anew() -> None:
    assert importing._committed(Jammed(2), [Parsed(2, {})]) == [(2, Taken(Result.NEW))]
    with pytest.raises(Busy):
        importing._committed(Jammed(3), [Parsed(2, {})])
