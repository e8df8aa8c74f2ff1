"""Writes a document as one HTML file that needs nothing else: no script, no picture, no net."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from adapters.dossier_document import Block, Document, Heading, Line, Pairs, Table

STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 0 auto; padding: 1rem; color: #1b1b1b;
  background: #fff; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2rem; } h3 { font-size: 1.05rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 1rem; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { border: 1px solid #767676; padding: 0.35rem 0.5rem; text-align: left; vertical-align: top; }
td { white-space: pre-line; min-width: 5rem; } th { background: #f0f0f0; }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: 0.25rem 1rem; } dd { margin: 0;
  white-space: pre-line; }
dt { font-weight: 600; } .faint { color: #595959; } td.good { border-left: 6px solid #1a7f37; }
td.bad { border-left: 6px solid #b3261e; font-weight: 600; }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #161616; } th { background: #2a2a2a; }
  .faint { color: #b5b5b5; } }
@media print { body { font-size: 10pt; } tr { break-inside: avoid; } }
"""


def html_file(document: Document) -> bytes:
    """The document as UTF-8."""
    body = "".join(_block(block) for block in document.blocks)
    return (
        f'<!DOCTYPE html>\n<html lang="{document.language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="author" content="{escape(document.author)}">\n'
        f"<title>{escape(document.title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{escape(document.title)}</h1>\n{body}</main>\n</body>\n</html>\n"
    ).encode()


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{escape(text)}</h{level}>\n"
        case Line(text, faint):
            return f'<p class="faint">{escape(text)}</p>\n' if faint else f"<p>{escape(text)}</p>\n"
        case Pairs(pairs):
            inner = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>\n" for name, value in pairs)
            return f"<dl>\n{inner}</dl>\n"
        case Table():
            return "".join(_table(block))


def _table(table: Table) -> Iterator[str]:
    label = escape(table.caption)
    yield f'<div class="scroll" tabindex="0" role="region" aria-label="{label}"><table>\n<caption>{label}</caption>\n'
    yield "<thead><tr>" + "".join(f'<th scope="col">{escape(each)}</th>' for each in table.headings) + "</tr></thead>\n"
    yield "<tbody>\n"
    for place, row in enumerate(table.rows):
        mood = table.moods[place] if place < len(table.moods) else ""
        opened = f'<td class="{mood}">' if mood else "<td>"
        first, *others = (escape(cell) for cell in row)
        yield f"<tr>{opened}{first}</td>" + "".join(f"<td>{cell}</td>" for cell in others) + "</tr>\n"
    yield "</tbody></table></div>\n"
