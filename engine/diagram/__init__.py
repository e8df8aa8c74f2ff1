"""Shows a definition: as a picture, as Mermaid, and as tables for the handbook."""

from engine.diagram.mermaid import mermaid
from engine.diagram.svg import Drawing, style_sheet, svg
from engine.diagram.tables import table
from engine.diagram.wording import Language

__all__ = ["Drawing", "Language", "mermaid", "style_sheet", "svg", "table"]
