"""The newest schema: told without Alembic, and just as Alembic would."""

from __future__ import annotations

from importlib import resources

from alembic.script import ScriptDirectory

from engine.store.migrate import newest


def test_the_newest_revision_is_the_one_alembic_would_go_to() -> None:
    migrations = ScriptDirectory(str(resources.files("engine") / "migrations"))

    assert newest() == migrations.get_current_head()


def test_each_migrations_file_begins_with_its_revision() -> None:
    migrations = ScriptDirectory(str(resources.files("engine") / "migrations"))

    for migration in migrations.walk_revisions():
        assert migration.path.rpartition("/")[2].startswith(f"{migration.revision}_")
