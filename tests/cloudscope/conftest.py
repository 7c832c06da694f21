"""For tests with Qt; they are skipped where Qt cannot be imported."""

from __future__ import annotations

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
