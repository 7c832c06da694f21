"""The first half of the pool window's settings: which rows there are, and which take part."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from acqcore.analysis import analyses
from cloudscope.theme import Theme
from cloudscope.views.labels import label, restyle
from cloudscope.views.pool_fields import LABEL_WIDTH, check, choose, combo, fill, rows_of_fields
from cloudscope.views.pool_numbers import Keep
from cloudscope.views.pool_rows import ANIMAL_RULES, KINDS, Wish, kinds_for


class PoolRowsForm(QWidget):
    """Shows a wish and what is kept; tells each edit.

    Signals:
        wishEdited: Other rows are wanted.
        keepEdited: Other rows take part.
    """

    wishEdited = Signal(object)
    keepEdited = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label("Rows", "section"))
        fields = (self.analysis, self.rows, self.animal, self.pattern)
        grid, self._labels = rows_of_fields(theme.px(LABEL_WIDTH), fields, (self.pattern,))
        column.addLayout(grid)
        for box in (self.accepted, self.rejected, self.stale, self.flagged):
            column.addWidget(box)
        self._connect()
        self.show_wish(Wish(), ())

    def _make(self) -> None:
        self.analysis = combo("Analysis", "Choose whose results are put together")
        self.rows = combo("One row per", "Choose what a row of the table stands for")
        self.animal = combo("Animal", "Choose what tells which recordings are of one animal")
        fill(self.animal, ANIMAL_RULES.items())
        self.pattern = QLineEdit()
        self.pattern.setPlaceholderText(r"such as ^(m\d+)")
        self.pattern.setAccessibleName("Pattern of the animal")
        self.pattern.setToolTip(
            "Enter a regular expression that finds the animal in the file name; its first group "
            "counts"
        )
        self.accepted = check("Accepted recordings only", "Leave out what nobody has accepted")
        self.rejected = check("With rejected recordings", "Let rejected recordings take part")
        self.stale = check("With out of date results", "Let results that are out of date take part")
        self.flagged = check("With flagged rows", "Let rows take part that are not to be trusted")

    def _connect(self) -> None:
        self.analysis.activated.connect(self._edit_analysis)
        self.rows.activated.connect(self._edit_wish)
        self.animal.activated.connect(self._edit_wish)
        self.pattern.editingFinished.connect(self._edit_wish)
        for box in (self.accepted, self.rejected, self.stale, self.flagged):
            box.toggled.connect(self._edit_keep)

    @property
    def wish(self) -> Wish:
        """Which rows are wanted."""
        return Wish(
            self.analysis.currentData() or "", self.rows.currentData() or "results",
            self.animal.currentData() or "", self.pattern.text().strip(),
        )  # fmt: skip

    @property
    def keep(self) -> Keep:
        """What takes part."""
        boxes = (self.accepted, self.rejected, self.stale, self.flagged)
        return Keep(*(box.isChecked() for box in boxes))

    def show_wish(self, wish: Wish, there: Sequence[str]) -> None:
        """Show which rows are on screen; `there` are analyses that have results."""
        names = dict.fromkeys([*there, *([wish.analysis] if wish.analysis else [])])
        known = analyses()
        order = sorted(names, key=lambda name: (known[name].place if name in known else 999, name))
        titles = [(name, known[name].title if name in known else name) for name in order]
        fill(self.analysis, [("", "All"), *titles], wish.analysis)
        fill(self.rows, [(one, KINDS[one]) for one in kinds_for(wish.analysis)], wish.rows)
        choose(self.animal, wish.animal)
        if not self.pattern.hasFocus():
            self.pattern.setText(wish.pattern)
        self._show_pattern()

    def show_keep(self, keep: Keep) -> None:
        """Show what takes part."""
        boxes = (self.accepted, self.rejected, self.stale, self.flagged)
        values = (keep.accepted_only, keep.rejected, keep.stale, keep.flagged)
        for box, value in zip(boxes, values, strict=True):
            with QSignalBlocker(box):
                box.setChecked(value)
        self.rejected.setEnabled(not keep.accepted_only)

    def _show_pattern(self) -> None:
        wanted = self.animal.currentData() == "pattern"
        for widget in (self.pattern, self._labels[self.pattern]):
            widget.setVisible(wanted)
        try:
            re.compile(self.pattern.text())
            state = ""
        except re.error:
            state = "error"
        if self.pattern.property("state") != state:
            self.pattern.setProperty("state", state)
            restyle(self.pattern)

    @Slot()
    def _edit_analysis(self) -> None:
        """Rows that the analysis has; the kind stays when it has that."""
        now = self.rows.currentData()
        fill(self.rows, [(one, KINDS[one]) for one in kinds_for(self.wish.analysis)], now)
        self._edit_wish()

    @Slot()
    def _edit_wish(self) -> None:
        self._show_pattern()
        self.wishEdited.emit(self.wish)

    @Slot()
    def _edit_keep(self) -> None:
        self.rejected.setEnabled(not self.accepted.isChecked())
        self.keepEdited.emit(self.keep)
