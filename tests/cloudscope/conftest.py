"""For tests with Qt; they are skipped where Qt cannot be imported."""

from __future__ import annotations

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from collections.abc import Iterator

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication


@pytest.fixture(autouse=True)
def bury(qapp: QApplication) -> Iterator[None]:
    """Delete the widgets of a test now: an event loop that never returns would keep them."""
    yield
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
