"""What the window can do beside showing, editing, running and saving: one file each."""

from __future__ import annotations

from cloudscope.workbench import Feature

FEATURES: tuple[type[Feature], ...] = ()
"""Made in this order, right after the window."""
