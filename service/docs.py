"""Writes what the code knows of itself into docs/: the workflows' tables and pictures, the settings.

`python -m service.docs` writes them; `--check` says which are old, and exits with 1.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic.fields import FieldInfo

from engine.catalogue import Catalogue
from engine.definition import Definition
from engine.diagram import svg, table
from service.compose import load_catalogue
from service.settings import PREFIX, Settings

DOCS = Path(__file__).parents[1] / "docs"


def pages(catalogue: Catalogue) -> Mapping[str, str]:
    """Every page made from the code: its text by its path below docs/."""
    definitions = [catalogue.current(name) for name in catalogue.names]
    return dict(_pages(definitions))


def _pages(definitions: list[Definition]) -> Iterator[tuple[str, str]]:
    yield "settings.md", settings_page()
    for each in definitions:
        yield f"workflows/{each.name}.md", _ended(table(each))
        yield f"workflows/{each.name}.svg", _ended(svg(each, "en"))
        yield f"workflows/{each.name}.sv.svg", _ended(svg(each, "sv"))


def settings_page() -> str:
    """All settings, with what they are for."""
    lines = [
        "# Settings",
        "",
        "Set in the environment, or in the file `.env` where the service starts (the environment stands first).",
        "This page is made from `service/settings.py` by `make docs`.",
        "",
        "| setting | without it | what it is for |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        lines.append(f"| `{PREFIX}{name.upper()}` | {_default(field)} | {_in_a_cell(field.description or '')} |")
    return _ended("\n".join(lines))


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None:
        return "not set"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _in_a_cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _ended(text: str) -> str:
    """The text with one line end at its end."""
    return text.rstrip("\n") + "\n"


def stale(found: Mapping[str, str], folder: Path) -> list[str]:
    """The pages that are missing, old, or of a workflow that is no more; sorted."""
    old = {name for name, text in found.items() if _read(folder / name) != text}
    made = {path.relative_to(folder).as_posix() for path in (folder / "workflows").glob("*.*")}
    return sorted(old | {name for name in made - set(found) if not name.endswith("README.md")})


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def write(found: Mapping[str, str], folder: Path) -> None:
    """Write the pages that are not as they should be, and remove those of no workflow."""
    for name in stale(found, folder):
        path = folder / name
        if name in found:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(found[name], encoding="utf-8")
        else:
            path.unlink()


def main(arguments: list[str] | None = None) -> int:
    """Write or check; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m service.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, only say what is old")
    options = parser.parse_args(arguments)
    # Only the files that come along are documented, whatever the environment adds.
    found = pages(load_catalogue(Settings.model_construct(workflows=None)))
    old = stale(found, DOCS)
    if not options.check:
        write(found, DOCS)
    for name in old:
        sys.stderr.write(f"docs/{name} {'is old; run `make docs`' if options.check else 'written'}\n")
    return 1 if options.check and old else 0


if __name__ == "__main__":
    raise SystemExit(main())
