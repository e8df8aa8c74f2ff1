"""Memory resident: the service at rest, under load, and an import of many rows; in MiB, against the aims.

`against` names the aim (issue 5); a ratio above 1 is beyond it. Read from /proc, so on Linux only.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

from tests.bench.engine_step import INSTITUTION, office
from tests.bench.http import office_voices
from tests.bench.measuring import Line
from tests.bench.serving import ROOT, fardplan
from tests.bench.speaking import talk

AT_REST, UNDER_LOAD, IMPORTING = 150, 300, 300
ROWS = 100_000
LOAD_SECONDS = 30.0

IMPORT = """
import resource, sys
from service.cli import app
try:
    app(["import", "partners", sys.argv[1]])
except SystemExit as ended:
    assert not ended.code, ended.code
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def memory(folder: Path, *, rounds: int, seconds: float) -> list[Line]:
    """One run of each."""
    url = f"sqlite:///{folder / 'memory.db'}"
    voices = office_voices(url)
    with fardplan(folder, url) as server:
        at_rest = server.resident()
        talk(server.port, voices, LOAD_SECONDS)
        loaded = server.resident()
    return [
        _line("the service at rest", at_rest, AT_REST),
        _line(f"the service after {LOAD_SECONDS:g} s of steps on {len(voices)} connections", loaded, UNDER_LOAD),
        _line(f"import of {ROWS:,} partners, at most", _imported(folder), IMPORTING),
    ]


def _line(measure: str, mib: float, aim: int) -> Line:
    ratio = round(mib / aim, 3)
    return Line(f"memory, {measure}", f"aim of {aim} MiB", ratio, ratio, ratio, round(mib, 1), "MiB")


def _imported(folder: Path) -> float:
    """The most that the import had resident, in MiB."""
    url, file = f"sqlite:///{folder / 'imported.db'}", folder / "partners.csv"
    office(url).store.close()
    with file.open("w", newline="", encoding="utf-8") as written:
        rows = csv.writer(written)
        rows.writerow(("schac", "name", "country"))
        rows.writerows((f"u{number}.example.org", f"University {number}", "DE") for number in range(ROWS))
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "FARDPLAN_DATABASE_URL": url, "FARDPLAN_INSTITUTION": INSTITUTION,
    }  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-c", IMPORT, str(file)],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(ran.stdout.split()[-1])
