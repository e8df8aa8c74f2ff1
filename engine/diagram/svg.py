"""A workflow as a picture: SVG that reads on a screen, light or dark, and on paper.

Colours stand as attributes for whoever knows no style sheets (and where a page forbids
them), and as CSS variables that a page may set: --diagram-paper, -ink, -quiet, -line, -box,
-done and -now. Nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Final

from engine.definition import Definition
from engine.diagram.layout import Layout, Point, Stroke, lay_out
from engine.diagram.picture import (
    INDENT,
    LINE,
    NOTE_SIZE,
    PADDING,
    TITLE_SIZE,
    Arrow,
    Box,
    arrows,
    boxes,
)
from engine.diagram.wording import Language, said, width_of

MARGIN: Final = 24.0
HEADING_SIZE: Final = 17.0
TOP: Final = 84.0
"""Above the first row: the heading and the mark where a case begins."""

LEGEND: Final = 40.0
STRAIGHT_ENOUGH: Final = 0.5
INDENTED: Final = 9.0
LIGHT: Final = {
    "paper": "#ffffff",
    "ink": "#1b2430",
    "quiet": "#4a5563",
    "line": "#5b6776",
    "box": "#f3f6fa",
    "done": "#e2efe4",
    "now": "#fff1c9",
}
DARK: Final = {
    "paper": "#14181e",
    "ink": "#eef2f6",
    "quiet": "#b9c3cf",
    "line": "#93a0b0",
    "box": "#222a34",
    "done": "#20382a",
    "now": "#4d3d0c",
}
FONT: Final = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"


def svg(
    definition: Definition,
    language: Language = "en",
    current: str | None = None,
    done: Collection[str] = (),
    *,
    possible: Collection[str] = (),
    styled: bool = True,
) -> str:
    """Draw a workflow. `current` is the state a case stands in, `done` those it has left.

    `possible` are states a step leads to now: their arrows from `current` are drawn thick.
    Without `styled` it carries no style sheet: a page that allows none gives the rules itself.
    The same definition and states always give the same text.
    """
    return Drawing.of(definition, language).svg(current, done, possible=possible, styled=styled)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A workflow laid out in one language, to be drawn many times: laying out takes most of the time."""

    definition: Definition
    language: Language
    states: Mapping[str, Box]
    steps: Mapping[tuple[str, str], Arrow]
    layout: Layout

    @classmethod
    def of(cls, definition: Definition, language: Language) -> Drawing:
        """Lay a workflow out."""
        states = boxes(definition, language)
        steps = {(arrow.source, arrow.target): arrow for arrow in arrows(definition, language)}
        finals = {state.name for state in definition.workflow.states if state.final}
        layout = lay_out(
            {name: (box.width, box.height) for name, box in states.items()},
            {edge: (arrow.width, arrow.height) for edge, arrow in steps.items()},
            definition.workflow.initial,
            aside={edge for edge in steps if edge[1] in finals or steps[edge].reopens},
        )
        return cls(definition, language, states, steps, layout)

    def svg(
        self,
        current: str | None = None,
        done: Collection[str] = (),
        *,
        possible: Collection[str] = (),
        styled: bool = True,
    ) -> str:
        """Draw it, as `svg` does."""
        definition, language, layout = self.definition, self.language, self.layout
        heading = said(definition.workflow.label, language)
        legend, legend_width = _legend((MARGIN, TOP + layout.height + LEGEND), language)
        widest = max(layout.width, width_of(heading, HEADING_SIZE), legend_width)
        size = (widest + 2 * MARGIN, TOP + layout.height + LEGEND + MARGIN)
        shift = f"translate({_n(MARGIN + (widest - layout.width) / 2)} {_n(TOP)})"
        return "\n".join(
            (
                *_opening(definition, language, current, size, styled=styled),
                _text((MARGIN, MARGIN + 10), (heading,), HEADING_SIZE, "heading", anchor="start"),
                f'<g transform="{shift}">',
                *self._drawn(current, done, possible),
                "</g>",
                legend,
                "</svg>",
                "",
            )
        )

    def _drawn(self, current: str | None, done: Collection[str], possible: Collection[str]) -> Iterator[str]:
        """Draw arrows, what they are called, boxes, and where a case begins."""
        steps, layout, name = self.steps, self.layout, self.definition.name
        for edge, stroke in layout.strokes.items():
            yield _stroke(steps[edge], stroke, name, now=edge[0] == current and edge[1] in possible)
        yield from (_label(steps[edge], at) for edge, at in layout.labels.items())
        yield from (_box(self.states[each], at, current, done, self.language) for each, at in layout.boxes.items())
        yield _beginning(layout, self.states[self.definition.workflow.initial], name)


def _opening(
    definition: Definition,
    language: Language,
    current: str | None,
    size: tuple[float, float],
    *,
    styled: bool,
) -> Iterator[str]:
    """Open the picture: its size, what a screen reader says, its colours."""
    name = definition.name
    width, height = (_n(each) for each in size)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" class="fardplan-diagram" role="img" lang="{language}" '
        f'aria-labelledby="{name}-title {name}-description" font-family="{FONT}">'
    )
    yield f'<title id="{name}-title">{escape(said(definition.workflow.label, language))}</title>'
    described = escape(_description(definition, language, current))
    yield f'<desc id="{name}-description">{described}</desc>'
    if styled:
        yield f"<style>{style_sheet()}</style>"
    yield (
        f'<defs><marker id="{name}-tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" '
        f'markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">'
        f'<path d="M0 0.8 10 5 0 9.2 2.4 5Z" class="tip" fill="{LIGHT["line"]}"/></marker></defs>'
    )
    yield f'<rect width="100%" height="100%" class="paper" fill="{LIGHT["paper"]}"/>'


def _description(definition: Definition, language: Language, current: str | None) -> str:
    """Say the picture in words: its purpose, every step, and where the case stands."""
    labels = {name: said(state.label, language) for name, state in definition.states.items()}
    steps = "; ".join(
        f"{labels[source]} – {said(step.label, language)} → {labels[step.target(source)]}"
        for step in definition.workflow.transitions
        for source in step.sources
    )
    now = "Ärendet är nu" if language == "sv" else "The case is now"
    stands = f" {now}: {labels[current]}." if current is not None else ""
    return f"{said(definition.workflow.purpose, language)} {steps}.{stands}"


def style_sheet() -> str:
    """Write the colours as variables: light, dark where the reader's screen is, light on paper.

    Whoever serves a picture by itself must let just this sheet through (CSP Level 3, section 2.3.1: by its hash).
    """

    def colours(palette: dict[str, str]) -> str:
        return "".join(f"--d-{name}:var(--diagram-{name},{value});" for name, value in palette.items())

    scope = ".fardplan-diagram"
    uses = {
        ".paper": "fill:var(--d-paper)",
        ".box": "fill:var(--d-box);stroke:var(--d-line)",
        ".box.done": "fill:var(--d-done)",
        ".box.now": "fill:var(--d-now);stroke:var(--d-ink)",
        ".ring": "stroke:var(--d-line)",
        ".stroke": "stroke:var(--d-line)",
        ".tip,.begin": "fill:var(--d-line)",
        "text": "fill:var(--d-ink)",
        ".label,.note,.legend": "fill:var(--d-quiet)",
        ".mark": "stroke:var(--d-paper)",
    }
    rules = "".join(
        f"{','.join(f'{scope} {each}' for each in names.split(','))}{{{rule}}}" for names, rule in uses.items()
    )
    return (
        # The paper goes on beyond the drawing where a window shows nothing else.
        f"{scope}{{{colours(LIGHT)}background:var(--d-paper);max-width:100%;height:auto}}"
        f"@media (prefers-color-scheme:dark){{{scope}{{{colours(DARK)}}}}}"
        f"@media print{{{scope}{{{colours(LIGHT)}}}}}{rules}"
    )


def _box(box: Box, at: Point, current: str | None, done: Collection[str], language: Language) -> str:
    """Draw a state: a final one with a double line, one left with a tick, the present one named."""
    state = box.state
    here, left = state.name == current, state.name in done and state.name != current
    kind = "now" if here else "done" if left else ""
    x, y = at[0] - box.width / 2, at[1] - box.height / 2
    fill = LIGHT[kind or "box"]
    parts = [_rect((x, y), (box.width, box.height), f"box {kind}".strip(), fill, 2.5 if here else 1.2)]
    if state.final:
        inner = (box.width - 6, box.height - 6)
        parts.append(_rect((x + 3, y + 3), inner, "ring", "none", 1.0))
    top = y + PADDING * 0.8
    parts.append(_text((at[0], top + TITLE_SIZE), box.title, TITLE_SIZE, "title"))
    if box.notes:
        notes_top = top + len(box.title) * TITLE_SIZE * LINE + PADDING / 2 + NOTE_SIZE
        parts.append(_text((x + PADDING, notes_top), box.notes, NOTE_SIZE, "note", anchor="start"))
    if here or left:
        word = MARKS[language, here]
        parts.append(_text((x + 2, y - 5), (word,), NOTE_SIZE, "mark", anchor="start"))
    return f'<g data-state="{state.name}">{"".join(parts)}</g>'


MARKS: Final = {
    ("sv", True): "▸ Nu",
    ("en", True): "▸ Now",
    ("sv", False): "✓",
    ("en", False): "✓",
}
"""What stands over the present state, and over those left."""


def _stroke(arrow: Arrow, stroke: Stroke, name: str, *, now: bool) -> str:
    """Draw an arrow: dashed if the clock takes it, dotted if it reopens a finished case, thick if possible now."""
    dashes = ' stroke-dasharray="6 4"' if arrow.by_clock else ""
    dashes = ' stroke-dasharray="1.5 4"' if arrow.reopens else dashes
    kind, line = ("stroke possible", "3.5") if now else ("stroke", "1.3")
    attributes = f'class="{kind}" fill="none" stroke="{LIGHT["line"]}" stroke-width="{line}"{dashes}'
    tip = f' marker-end="url(#{name}-tip)"'
    return f'<path d="{_curve(stroke.before)}" {attributes}/><path d="{_curve(stroke.after)}" {attributes}{tip}/>'


def _curve(points: tuple[Point, ...]) -> str:
    """Write bends as a path: straight where they stand above each other, else an even swing."""
    (x, y), *others = points
    drawn = [f"M{_n(x)} {_n(y)}"]
    for end_x, end_y in others:
        if (end_x, end_y) == (x, y):
            continue  # Some browsers turn the tip of an arrow by such a stroke of no length.
        middle = _n((y + end_y) / 2)
        if abs(end_x - x) < STRAIGHT_ENOUGH:
            drawn.append(f"L{_n(end_x)} {_n(end_y)}")
        else:
            drawn.append(f"C{_n(x)} {middle} {_n(end_x)} {middle} {_n(end_x)} {_n(end_y)}")
        x, y = end_x, end_y
    return "".join(drawn)


def _label(arrow: Arrow, at: Point) -> str:
    """Write what an arrow is called, in the gap of its stroke."""
    top = at[1] - arrow.height / 2 + NOTE_SIZE
    return _text((at[0], top), arrow.lines, NOTE_SIZE, "label")


def _beginning(layout: Layout, box: Box, name: str) -> str:
    """Mark where a case begins."""
    x, y = layout.boxes[box.state.name]
    top = y - box.height / 2
    return (
        f'<circle cx="{_n(x)}" cy="{_n(top - 22)}" r="5" class="begin" fill="{LIGHT["line"]}"/>'
        f'<path d="M{_n(x)} {_n(top - 17)}L{_n(x)} {_n(top)}" class="stroke" fill="none" '
        f'stroke="{LIGHT["line"]}" stroke-width="1.3" marker-end="url(#{name}-tip)"/>'
    )


LEGEND_WORDS: Final = {
    "sv": ("av sig självt när tiden är ute", "· antecknas, statusen ändras inte", "ärendet är avslutat"),
    "en": ("by itself when time is up", "· noted, the status stays the same", "the case is closed"),
}
"""What a dashed stroke, a dot and a double line mean."""


def _legend(at: Point, language: Language) -> tuple[str, float]:
    """Draw the legend, and tell how wide it is."""
    x, y = at
    by_clock, noted, finished = LEGEND_WORDS[language]
    dashed = (
        f'<path d="M{_n(x)} {_n(y - 4)}h34" class="stroke" fill="none" '
        f'stroke="{LIGHT["line"]}" stroke-width="1.3" stroke-dasharray="6 4"/>'
    )
    second = x + 42 + width_of(by_clock, NOTE_SIZE) + 18
    third = second + width_of(noted, NOTE_SIZE) + 18
    end = third + 28 + width_of(finished, NOTE_SIZE)
    drawn = (
        dashed,
        _text((x + 42, y), (by_clock,), NOTE_SIZE, "legend", anchor="start"),
        _text((second, y), (noted,), NOTE_SIZE, "legend", anchor="start"),
        _rect((third, y - 10), (22, 13), "box", LIGHT["box"], 1.2),
        _rect((third + 2, y - 8), (18, 9), "ring", "none", 1.0),
        _text((third + 28, y), (finished,), NOTE_SIZE, "legend", anchor="start"),
    )
    return "\n".join(drawn), end - x


def _rect(at: Point, size: Point, kind: str, fill: str, line: float) -> str:
    """Draw a rounded rectangle."""
    (x, y), (width, height) = at, size
    return (
        f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" rx="7" '
        f'class="{kind}" fill="{fill}" stroke="{LIGHT["line"]}" stroke-width="{line}"/>'
    )


def _text(at: Point, lines: tuple[str, ...], size: float, kind: str, *, anchor: str = "middle") -> str:
    """Write lines of text below each other."""
    x, y = at
    weight = ' font-weight="600"' if kind in {"title", "heading", "mark"} else ""
    # A mark may stand over an arrow, so it keeps a rim of paper around it.
    rim = f' stroke="{LIGHT["paper"]}" stroke-width="4" paint-order="stroke"' if kind == "mark" else ""
    colour = LIGHT["quiet"] if kind in {"label", "note", "legend"} else LIGHT["ink"]
    spans = "".join(
        f'<tspan x="{_n(x + INDENTED * line.startswith(INDENT))}" '
        f'y="{_n(y + number * size * LINE)}">{escape(line.removeprefix(INDENT))}</tspan>'
        for number, line in enumerate(lines)
    )
    return (
        f'<text class="{kind}" font-size="{_n(size)}" text-anchor="{anchor}" '
        f'fill="{colour}"{weight}{rim}>{spans}</text>'
    )


def _n(number: float) -> str:
    """Write a number short, the same on every machine."""
    return f"{round(number, 1) + 0.0:.1f}".removesuffix(".0")
