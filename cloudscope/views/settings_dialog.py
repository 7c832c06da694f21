"""What the user wants once and for all: each change is in force at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from acqcore.model.lut_names import LUT_NAMES
from cloudscope.theme import APPEARANCES, Theme
from cloudscope.views.combo import FocusedCombo
from cloudscope.views.labels import indent_number, label, push_button
from cloudscope.views.luts import lut_icon

_LUT_TITLES = {"inverted_grays": "Gray inverted"}
_LABEL_WIDTH, _FIELD_WIDTH = 150, 220
_LEAST_APART = 0.01  # percent, so that black and white are never the same


@dataclass(frozen=True, slots=True)
class Choices:
    """All that the dialog shows.

    Attributes:
        appearance: `system`, `light` or `dark`.
        text_scale: Factor on the system's text size, 0.75..2.
        reopen_last: Open what was open before at a start without paths.
        folder_depth: Levels of folders that are searched, 1..20.
        percentiles: Of the pixels that automatic contrast makes black and white.
        lut: Of a channel that was never touched.
    """

    appearance: str
    text_scale: float
    reopen_last: bool
    folder_depth: int
    percentiles: tuple[float, float]
    lut: str


class SettingsDialog(QDialog):
    """Shows the choices and reports each change; not modal, so that its effect is seen.

    Signals:
        chosen: `Choices` after a change by the user.
        resetRequested: Everything here is to be as it was at first.
    """

    chosen = Signal(object)
    resetRequested = Signal()

    def __init__(self, theme: Theme, choices: Choices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._choices = theme, choices
        self._line = 0
        self.setWindowTitle("Settings")
        self.appearance = _combo("Appearance", "Choose light or dark, or follow the system")
        for name in APPEARANCES:
            self.appearance.addItem("Follow the system" if name == "system" else name.title(), name)
        self.text_size = _spin("Text size", "Make all text larger or smaller", 75, 200, " %", 5)
        self.reopen = QCheckBox("Reopen the last folder at the start")
        self.reopen.setToolTip("Open what was open before when no file is given")
        depth_tip = "Set how deep folders inside folders are searched"
        self.levels = _spin("Folder depth", depth_tip, 1, 20, "", 1)
        self.black = _percent("Black below", "Set the percentile of the pixels that become black")
        self.white = _percent("White above", "Set the percentile of the pixels that become white")
        self.lut = _combo(
            "Default LUT", "Choose the colour map of a channel that was never touched"
        )
        self.lut.setIconSize(QSize(48, 12))
        for name in LUT_NAMES:
            self.lut.addItem(lut_icon(name, 48, 12), _LUT_TITLES.get(name, name), name)
        self._lay_out()
        self.show_choices(choices)
        self._connect()

    def show_choices(self, choices: Choices) -> None:
        """Show these without reporting them."""
        self._choices = choices
        for widget in self._widgets:
            widget.blockSignals(True)
        self.appearance.setCurrentIndex(self.appearance.findData(choices.appearance))
        self.text_size.setValue(round(100 * choices.text_scale))
        self.reopen.setChecked(choices.reopen_last)
        self.levels.setValue(choices.folder_depth)
        low, high = choices.percentiles
        self.black.setMaximum(high - _LEAST_APART)
        self.white.setMinimum(low + _LEAST_APART)
        self.black.setValue(low)
        self.white.setValue(high)
        self.lut.setCurrentIndex(self.lut.findData(choices.lut))
        for widget in self._widgets:
            widget.blockSignals(False)

    @property
    def _widgets(self) -> tuple[QWidget, ...]:
        spins = (self.text_size, self.levels, self.black, self.white)
        return (self.appearance, self.reopen, self.lut, *spins)

    def _connect(self) -> None:
        report = self._report
        self.appearance.activated.connect(lambda: report(appearance=self.appearance.currentData()))
        self.text_size.valueChanged.connect(lambda percent: report(text_scale=percent / 100))
        self.reopen.toggled.connect(lambda on: report(reopen_last=on))
        self.levels.valueChanged.connect(lambda levels: report(folder_depth=levels))
        for spin in (self.black, self.white):
            spin.valueChanged.connect(
                lambda: report(percentiles=(self.black.value(), self.white.value()))
            )
        self.lut.activated.connect(lambda: report(lut=self.lut.currentData()))

    def _report(self, **changed: object) -> None:
        self.show_choices(replace(self._choices, **changed))  # type: ignore[arg-type]
        self.chosen.emit(self._choices)

    # --- layout ------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        form = QGridLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(6)
        form.setColumnMinimumWidth(0, self._theme.px(_LABEL_WIDTH))
        form.setColumnMinimumWidth(1, self._theme.px(_FIELD_WIDTH))
        form.setColumnStretch(1, 1)
        self._add_caption(form, "Look")
        self._add_row(form, "Appearance", self.appearance)
        self._add_row(form, "Text size", self.text_size)
        self._add_caption(form, "Opening")
        self._add_row(form, "", self.reopen)
        self._add_row(form, "Folder depth", self.levels)
        self._add_hint(form, "Levels of folders that are searched for recordings")
        self._add_caption(form, "Pictures")
        self._add_row(form, "Black below", self.black)
        self._add_row(form, "White above", self.white)
        self._add_row(form, "Default LUT", self.lut)
        self._add_hint(form, "For pictures that are shown for the first time, and for Auto")
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 12, 20, 16)
        column.setSpacing(16)
        column.addLayout(form)
        column.addStretch(1)
        column.addLayout(self._made_buttons())

    def _made_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        reset = push_button("Reset Settings", "Put everything here back to what it was at first")
        close = push_button("Close", "Close this page (Esc)")
        reset.clicked.connect(self.resetRequested)
        close.clicked.connect(self.close)
        row.addWidget(reset)
        row.addStretch(1)
        row.addWidget(close)
        return row

    def _add_caption(self, form: QGridLayout, text: str) -> None:
        caption = label(text, "section")
        caption.setContentsMargins(0, 10 if self._line else 4, 0, 2)
        form.addWidget(caption, self._line, 0, 1, 2)
        self._line += 1

    def _add_row(self, form: QGridLayout, text: str, field: QWidget) -> None:
        words: QLabel = label(text, "field")
        words.setBuddy(field)
        form.addWidget(words, self._line, 0)
        form.addWidget(field, self._line, 1)
        self._line += 1

    def _add_hint(self, form: QGridLayout, text: str) -> None:
        hint = label(text, "small")
        hint.setWordWrap(True)
        form.addWidget(hint, self._line, 1, Qt.AlignmentFlag.AlignTop)
        self._line += 1


def _combo(name: str, tip: str) -> FocusedCombo:
    made = FocusedCombo()
    made.setAccessibleName(name)
    made.setToolTip(tip)
    return made


def _spin(name: str, tip: str, low: int, high: int, suffix: str, step: int) -> QSpinBox:
    made = QSpinBox()
    made.setRange(low, high)
    made.setSingleStep(step)
    made.setSuffix(suffix)
    _name(made, name, tip)
    return made


def _percent(name: str, tip: str) -> QDoubleSpinBox:
    made = QDoubleSpinBox()
    made.setRange(0, 100)
    made.setDecimals(2)
    made.setSingleStep(0.1)
    made.setSuffix(" %")
    _name(made, name, tip)
    return made


def _name(spin: QSpinBox | QDoubleSpinBox, name: str, tip: str) -> None:
    spin.setAccessibleName(name)
    spin.setToolTip(tip)
    spin.setKeyboardTracking(False)  # half a number is not meant yet
    indent_number(spin)
