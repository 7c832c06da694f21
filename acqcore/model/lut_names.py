"""Names of colour maps and the usual limits: settings know them before numpy is loaded."""

from __future__ import annotations

LUT_NAMES: tuple[str, ...] = (
    "Gray", "inverted_grays",
    "Viridis", "Cividis", "Magma", "Inferno", "Plasma",
    "Green", "Magenta", "Cyan", "Red", "Blue",
    "Hot", "Cool", "Jet", "Rainbow",
)  # fmt: skip
"""Names as the sidecar stores them, in the order that menus show."""

DEFAULT_PERCENTILES = (1.0, 99.5)
"""Of a plane's pixels, darker and brighter than which the first limits are."""
