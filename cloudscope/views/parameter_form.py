"""The parameters of one analysis: presets, fields, and which differ from the last run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from acqcore.analysis.base import Analysis, Column
from acqcore.model.header import Calibration
from acqcore.model.schema import range_fault
from cloudscope.theme import Theme
from cloudscope.views.combo import FocusedCombo
from cloudscope.views.form import Form
from cloudscope.views.form_fields import ChoiceEdit
from cloudscope.views.labels import label
from cloudscope.views.preset_dialog import PresetDialog
from cloudscope.views.preset_menu import PresetMenu

DEFAULT, CUSTOM = "Default", "Custom"
LONG = 16
"""More rows than this do not fit beside the numbers of a run."""


class ParameterForm(QWidget):
    """A form for whichever analysis is shown.

    Signals:
        edited: The values have changed by the user's hand.
        presetSaved: Analysis, name and all values of a set that the user wants to keep.
        presetRenamed: Analysis, the name so far and the one from now on.
        presetDeleted: Analysis and name.
        labelsFitted: Width of the label column, for rows that stand above.
    """

    edited = Signal()
    presetSaved = Signal(str, str, dict)
    presetRenamed = Signal(str, str, str)
    presetDeleted = Signal(str, str)
    labelsFitted = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._analysis: Analysis[Any] | None = None
        self._units: Mapping[str, str] = {}
        self._form: Form | None = None
        self._ran: Mapping[str, Any] | None = None
        self._own: Mapping[str, Mapping[str, Mapping[str, Any]]] = {}
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
        self.preset_menu = PresetMenu()
        self.preset_menu.saveRequested.connect(self._ask_save)
        self.preset_menu.renameRequested.connect(self._ask_rename)
        self.preset_menu.deleteRequested.connect(self._delete_preset)
        row.addWidget(self.preset_menu)
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
        for before, after in pairwise([self.preset, self.preset_menu, *self._form.focus_order()]):
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

    def set_value(self, name: str, value: Any) -> None:
        """Take over a value as if it had been typed; ValueError out of range."""
        if self._analysis is None or self._form is None:
            return
        fault = range_fault(self._analysis.schema().field(name), value)
        if fault:
            raise ValueError(fault)
        if value != self._form.values()[name]:
            self._form.set_values({name: value})
            self._follow_edit(name, value)

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

    def set_own_presets(self, own: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
        """The user's sets, by analysis and name."""
        self._own = own
        if self._analysis is not None:
            self._fill_presets(self._analysis)
            self._mark()

    @property
    def own_presets(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        """The user's sets, by analysis and name."""
        return self._own

    def _fill_presets(self, analysis: Analysis[Any]) -> None:
        own = self._own.get(analysis.name, {})
        self.preset.clear()
        self.preset.addItems([DEFAULT, *analysis.presets])
        if own:
            self.preset.insertSeparator(self.preset.count())
            self.preset.addItems(list(own))
        self.preset.addItem(CUSTOM)

    def _presets(self) -> dict[str, dict[str, Any]]:
        """Every parameter of every preset: what one does not name has its default."""
        if self._analysis is None:
            return {}
        defaults = {one.name: one.default for one in self._analysis.schema().fields}
        named = {name: defaults | dict(values) for name, values in self._analysis.presets.items()}
        own = self._own.get(self._analysis.name, {})
        mine = {name: defaults | dict(values) for name, values in own.items()}
        return {DEFAULT: defaults} | named | mine

    # --- presets of the user -----------------------------------------------------------------

    @Slot()
    def _ask_save(self) -> None:
        self._ask("Save Preset", "", self._save_as)

    @Slot()
    def _ask_rename(self) -> None:
        self._ask("Rename Preset", self.preset.currentText(), self._rename_to)

    def _ask(self, title: str, name: str, then: Callable[[str], None]) -> None:
        if self._analysis is None or not self.commit():
            return
        taken = {DEFAULT, CUSTOM, *self._analysis.presets}
        own = set(self._own.get(self._analysis.name, {})) - {name}
        dialog = PresetDialog(title, name, taken, own, self)
        dialog.named.connect(then)
        dialog.open()

    def _save_as(self, name: str) -> None:
        if self._analysis is not None:
            self.presetSaved.emit(self._analysis.name, name, self.values())
            self._point_to(name)

    def _rename_to(self, name: str) -> None:
        if self._analysis is not None:
            self.presetRenamed.emit(self._analysis.name, self.preset.currentText(), name)
            self._point_to(name)

    def _point_to(self, name: str) -> None:
        self.preset.setCurrentText(name)
        self._mark()

    @Slot()
    def _delete_preset(self) -> None:
        if self._analysis is not None:
            self.presetDeleted.emit(self._analysis.name, self.preset.currentText())

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
        fitting = [name for name, preset in self._presets().items() if preset == values]
        # Of two sets with the same values the one that was chosen stays.
        if self.preset.currentText() not in fitting:
            self.preset.setCurrentText(fitting[0] if fitting else CUSTOM)
        own = self._own.get(self._analysis.name, {})
        self.preset_menu.set_own(self.preset.currentText() in own)
