"""The parameters of one analysis: presets, fields, and which differ from the last run."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from acqcore.analysis.base import Analysis, Column
from acqcore.model.header import Calibration
from cloudscope.theme import Theme
from cloudscope.views.combo import FocusedCombo
from cloudscope.views.form import Form
from cloudscope.views.form_fields import ChoiceEdit
from cloudscope.views.labels import label

DEFAULT, CUSTOM = "Default", "Custom"
LONG = 16
"""More rows than this do not fit beside the numbers of a run."""


class ParameterForm(QWidget):
    """A form for whichever analysis is shown.

    Signals:
        edited: The values have changed by the user's hand.
        labelsFitted: Width of the label column, for rows that stand above.
    """

    edited = Signal()
    labelsFitted = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._analysis: Analysis[Any] | None = None
        self._units: Mapping[str, str] = {}
        self._form: Form | None = None
        self._ran: Mapping[str, Any] | None = None
        self._open: dict[tuple[str, str], bool] = {}
        self.preset = FocusedCombo()
        self.preset.setAccessibleName("Preset")
        self.preset.setToolTip("Choose a set of parameters")
        self.preset.activated.connect(self._take_preset)
        self._preset_label = label("Preset", "field")
        self._preset_row = QWidget()
        row = QHBoxLayout(self._preset_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._preset_label)
        row.addWidget(self.preset, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._caption = label("Parameters", "section")
        self._column.addWidget(self._caption)
        self._column.addWidget(self._preset_row)

    def show_analysis(self, analysis: Analysis[Any], calibration: Calibration) -> None:
        """Build the form, unless this analysis is on screen in these units already."""
        schema = analysis.schema()
        units = {
            one.name: analysis.unit_of(Column(one.name, one.unit, ""), calibration).replace(
                "um", "µm"
            )
            for one in schema.visible_fields()
            if one.unit
        }
        if analysis is self._analysis and units == self._units:
            return
        self._analysis, self._units = analysis, units
        if self._form is not None:
            self._column.removeWidget(self._form)
            self._form.hide()
            self._form.deleteLater()
        self._form = Form(schema, self._theme, units=units)
        self._form.valueEdited.connect(self._follow_edit)
        self._form.labelsFitted.connect(self._fit_labels)
        self._fit_labels(self._form.label_width())
        self._column.addWidget(self._form)
        self._caption.setVisible(not any(one.group for one in schema.visible_fields()))
        self._name_columns(analysis)
        self._fold(analysis.name)
        self._fill_presets(analysis)
        for before, after in pairwise([self.preset, *self._form.focus_order()]):
            QWidget.setTabOrder(before, after)

    def _name_columns(self, analysis: Analysis[Any]) -> None:
        """A choice between columns of the result offers their titles."""
        titles = {one.name: one.title for one in analysis.columns}
        for field in analysis.schema().visible_fields():
            editor = self._form.editor(field.name) if self._form is not None else None
            if isinstance(editor, ChoiceEdit) and titles.keys() >= set(field.choices or ()):
                for place in range(editor.count()):
                    editor.setItemText(place, titles[editor.itemData(place)])

    def _fold(self, name: str) -> None:
        """Of a long form only the first group is open, until the user opens others."""
        assert self._form is not None
        is_long = self._form.row_count() > LONG
        for place, (group, caption) in enumerate(self._form.captions.items()):
            key = (name, group)
            caption.make_foldable()
            caption.setChecked(self._open.get(key, place == 0 or not is_long))
            caption.toggled.connect(lambda is_open, key=key: self._open.update({key: is_open}))

    def show_values(self, values: Mapping[str, Any], ran: Mapping[str, Any] | None) -> None:
        """Show parameters; fields that differ from `ran` (None: no run yet) get a dot."""
        if self._form is not None:
            known = self._form.values().keys() & values.keys()
            self._form.set_values({name: values[name] for name in known})
        self.show_ran(ran)

    def show_ran(self, ran: Mapping[str, Any] | None) -> None:
        """Compare with another run; the values stay."""
        self._ran = ran
        self._mark()

    def values(self) -> dict[str, Any]:
        """Last good value of every parameter."""
        return self._form.values() if self._form is not None else {}

    def changed(self) -> set[str]:
        """Names whose value is not the one that ran; a parameter the run did not know counts
        as its default."""
        if self._ran is None or self._analysis is None:
            return set()
        ran = {one.name: one.default for one in self._analysis.schema().fields} | dict(self._ran)
        return {name for name, value in self.values().items() if value != ran[name]}

    def commit(self) -> bool:
        """Finish typing; False, with the field in focus, while something typed is not valid."""
        if self._form is None or self._analysis is None:
            return True
        self._form.commit()
        for field in self._analysis.schema().visible_fields():
            if self._form.fault(field.name):
                if field.group:
                    self._form.captions[field.group].setChecked(True)
                self._form.editor(field.name).setFocus()
                return False
        return True

    @Slot(int)
    def _fit_labels(self, width: int) -> None:
        """The same label column above the form as in it."""
        self._preset_label.setFixedWidth(width)
        self.labelsFitted.emit(width)

    def _fill_presets(self, analysis: Analysis[Any]) -> None:
        self.preset.clear()
        self.preset.addItems([*self._presets(), CUSTOM])
        self._preset_row.setVisible(bool(analysis.presets))

    def _presets(self) -> dict[str, dict[str, Any]]:
        """Every parameter of every preset: what one does not name has its default."""
        if self._analysis is None:
            return {}
        defaults = {one.name: one.default for one in self._analysis.schema().fields}
        named = {name: defaults | dict(values) for name, values in self._analysis.presets.items()}
        return {DEFAULT: defaults} | named

    @Slot(int)
    def _take_preset(self, _index: int) -> None:
        values = self._presets().get(self.preset.currentText())
        if values is not None and self._form is not None:
            self._form.set_values(values)
            self.edited.emit()
        self._mark()

    @Slot(str, object)
    def _follow_edit(self, _name: str, _value: object) -> None:
        self._mark()
        self.edited.emit()

    def _mark(self) -> None:
        """Dots, and the preset that the values amount to."""
        if self._form is None or self._analysis is None:
            return
        values = self.values()
        self._form.set_changed(self.changed())
        fitting = (name for name, preset in self._presets().items() if preset == values)
        self.preset.setCurrentText(next(fitting, CUSTOM))
