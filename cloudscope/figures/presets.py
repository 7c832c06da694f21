"""Page widths by journal, as their guides to authors state them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageWidth:
    """One column width.

    Attributes:
        text_pt: Size of text that the guide asks for; 0 leaves it as it is.
        letters: How the journal counts panels, or empty.
    """

    title: str
    width_mm: float
    text_pt: float = 0.0
    letters: str = ""


PAGE_WIDTHS: tuple[PageWidth, ...] = (
    PageWidth("Single column", 85.0),
    PageWidth("1.5 columns", 120.0),
    PageWidth("Double column", 170.0),
    PageWidth("Nature, single column", 89.0, 7.0, "a"),
    PageWidth("Nature, double column", 183.0, 7.0, "a"),
    PageWidth("Cell Press, single column", 85.0, 7.0, "A"),
    PageWidth("Cell Press, 1.5 columns", 114.0, 7.0, "A"),
    PageWidth("Cell Press, double column", 174.0, 7.0, "A"),
    PageWidth("PNAS, single column", 87.0, 7.0, "A"),
    PageWidth("PNAS, double column", 178.0, 7.0, "A"),
    PageWidth("Elsevier, single column", 90.0, 7.0),
    PageWidth("Elsevier, double column", 190.0, 7.0),
)
"""The first ones suit most journals."""

GENERAL = 3
"""How many of them belong to no journal."""
