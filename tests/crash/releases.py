"""Makes a newer release of a tree, and judges what is seen of two that meet at one database.

The newer one is a copy with one migration more, and so with a schema of its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.crash.verdict import Wrong

VERSIONS: Final = "engine/migrations/versions"
AMID: Final = "amid the upgrade"
"""What the migration says where it is held up."""

PLACES: Final = ("one table", "both tables")
"""What it has changed by then."""

_HOLD: Final = "hold"

_MIGRATION: Final = '''"""A table and a column that nobody asks for yet. It waits where a file says so."""

import time
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "{schema}"
down_revision = "{before}"
branch_labels = None
depends_on = None
hold = Path("{hold}")


def waits(place):
    while hold.exists() and hold.read_text() == place:
        print("{amid}", flush=True)
        time.sleep(0.1)


def upgrade() -> None:
    op.create_table("newer_{schema}", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("INSERT INTO newer_{schema} (id) VALUES (1)")
    waits("{one}")
    op.add_column("case_record", sa.Column("newer_{schema}", sa.String(), nullable=True))
    op.execute("UPDATE case_record SET newer_{schema} = id")
    waits("{both}")
'''


@dataclass(frozen=True, slots=True)
class Release:
    """A tree of files, and the schema it works with."""

    tree: Path
    schema: str

    @classmethod
    def at(cls, tree: Path) -> Release:
        """The release that lies there."""
        schema = max(path.name.partition("_")[0] for path in (tree / VERSIONS).glob("[0-9]*.py"))
        return cls(tree, schema)

    def newer(self, tree: Path) -> Release:
        """Make the next release in `tree`, a folder that is not there yet."""
        # Without what is no part of a release: what tools keep is hidden, or lies in `build`.
        shutil.copytree(self.tree, tree, ignore=shutil.ignore_patterns(".*", "build", "mailbox", "*.db"))
        made = Release(tree, f"{int(self.schema) + 1:04}")
        words = _MIGRATION.format(
            schema=made.schema, before=self.schema, amid=AMID, hold=tree / _HOLD, one=PLACES[0], both=PLACES[1]
        )
        (tree / VERSIONS / f"{made.schema}_newer.py").write_text(words, encoding="utf-8")
        return made

    @contextmanager
    def held_up(self, place: str) -> Iterator[None]:
        """Whoever upgrades to this release meanwhile waits at one of the places, until it is killed."""
        hold = self.tree / _HOLD
        hold.write_text(place, encoding="utf-8")
        try:
            yield
        finally:
            hold.unlink()


def half_there(schema: str | None, release: Release, tables: Container[str], columns: Container[str]) -> str | None:
    """What is wrong where a release's upgrade has left a part of what it does; None where all or nothing is there."""
    added = f"newer_{release.schema}"
    there = (schema == release.schema, added in tables, added in columns)
    if len({*there}) == 1:
        return None
    return f"half an upgrade: schema {schema}, table {added} {there[1]}, column {there[2]}"


def misled(command: Sequence[str], ended: int | None, said: str, code: int, words: Sequence[str]) -> Iterator[Wrong]:
    """What is wrong with how a command ended (None: it runs on) and what it said."""
    if ended != code:
        yield "releases", f"{' '.join(command)} ended with {ended}, not {code}: {said[-500:]}"
    missing = [each for each in words if each not in said]
    if missing:
        yield "releases", f"{' '.join(command)} does not say {missing}: {said[-500:]}"


def changes(before: dict[str, list[str]], after: dict[str, list[str]]) -> Iterator[Wrong]:
    """What was written between two looks at all tables, where nothing may be."""
    for name in sorted({*before, *after}):
        were, are = before.get(name, []), after.get(name, [])
        if were != are:
            some = [row[:120] for row in are if row not in were][:2] or "rows are gone"
            yield "releases", f"the older release wrote after the upgrade, in {name}: {some}"
