"""Shows a definition: as a picture, as Mermaid, and as tables for the handbook."""

from engine.diagram.mermaid import mermaid
from engine.diagram.svg import svg
from engine.diagram.tables import table
from engine.diagram.wording import Language

__all__ = ["Language", "mermaid", "svg", "table"]
