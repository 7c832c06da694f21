"""The axis below a pool plot: numbers, or groups with how many there are of each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics

from cloudscope.views.axes import ScaledAxis
from cloudscope.views.pool_numbers import Counts

_GAP, _TITLE = 10, 22
_LINES = 3


class GroupAxis(ScaledAxis):
    """Groups stand at 0, 1, 2 ..., each with its name and its n as far as there is room."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self._groups: tuple[tuple[str, Counts], ...] = ()
        self._metrics = QFontMetrics(QFont())

    def set_groups(self, names: Sequence[str], counts: Sequence[Counts], font: QFont) -> None:
        """Count from now on; no names: a scale."""
        self._groups = tuple(zip(names, counts, strict=True))
        self._metrics = QFontMetrics(font)
        lines = _LINES if names else 1
        self.setHeight(self._metrics.height() * lines + _TITLE)
        self.picture = None
        self.update()

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """One tick per group."""
        if not self._groups:
            return super().tickValues(low, high, size)  # type: ignore[no-any-return]
        return [(1.0, [float(at) for at in range(len(self._groups)) if low <= at <= high])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Name, n, and what n lies in."""
        if not self._groups:
            return super().tickStrings(values, scale, spacing)
        low, high = sorted(self.range)
        room = self.size().width() / max(high - low, 1e-9) - _GAP
        return [self._label(*self._groups[round(value)], room) for value in values]

    def _label(self, name: str, counts: Counts, room: float) -> str:
        elide, metrics = Qt.TextElideMode.ElideMiddle, self._metrics
        first, *rest = counts.text.split(" · ")
        lines = [metrics.elidedText(name, elide, max(int(room), 12))]
        if metrics.horizontalAdvance(first) > room:
            first = first.removeprefix("n = ")
        lines.append(first if metrics.horizontalAdvance(first) <= room else "")
        within = ", ".join(rest)
        lines.append(within if metrics.horizontalAdvance(within) <= room else "")
        return "\n".join(lines)
