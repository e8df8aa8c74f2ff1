"""Audit folders as ZIP: the same bytes again, and sums that anybody can check."""

from __future__ import annotations

import hashlib
import io
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from adapters.dossier_zip import MANIFEST, manifest_of, zip_file

NAMES = st.from_regex(r"[A-Za-z0-9åäö_-]{1,12}(/[a-z]{1,8}\.(pdf|json))?", fullmatch=True)
FILES = st.dictionaries(NAMES.filter(lambda name: name != MANIFEST), st.binary(max_size=200), max_size=6)


def opened(made: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(made))


@given(FILES)
def test_what_goes_in_comes_out(files: dict[str, bytes]) -> None:
    with opened(zip_file(files)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist() if name != MANIFEST} == files


@given(FILES)
def test_the_bytes_hang_on_the_files_alone(files: dict[str, bytes]) -> None:
    assert zip_file(files) == zip_file(dict(reversed(files.items())))


def test_every_file_bears_the_same_time_and_can_be_read() -> None:
    with opened(zip_file({"a.pdf": b"x", "b/c.json": b"y"})) as archive:
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {each.external_attr >> 16 for each in archive.infolist()} == {0o100644}


def test_the_sums_are_those_of_the_files() -> None:
    files = {"b": b"2", "a": b"1"}
    lines = manifest_of(files).decode().splitlines()
    assert lines == [f"{hashlib.sha256(files[name]).hexdigest()}  {name}" for name in ("a", "b")]
    with opened(zip_file(files)) as archive:
        assert archive.read(MANIFEST) == manifest_of(files)
