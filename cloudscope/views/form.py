"""A form made from a schema: labels, editors, ranges, one signal per finished edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from acqcore.model.schema import FieldSchema, SchemaDefinition, ValueType, range_fault
from cloudscope.theme import Theme
from cloudscope.views.form_fields import FieldEditor, ShownText, TextEdit, make_editor
from cloudscope.views.form_numbers import NumberCombo
from cloudscope.views.group_caption import GroupCaption, in_groups
from cloudscope.views.labels import label, restyle
from cloudscope.views.mixed_values import is_left_blank, show_good

LABEL_WIDTHS = (84, 96)
"""Narrowest and widest label column, in pixels at normal text size; longer labels wrap."""

_DOT = 6


class FieldLabel(QLabel):
    """The name of a field, with a dot while its value is not the one that last ran."""

    def __init__(self, text: str, theme: Theme) -> None:
        super().__init__(text)
        self._theme = theme
        self._changed = False
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "field")
        self.setWordWrap(True)

    @property
    def changed(self) -> bool:
        """Whether the dot is drawn."""
        return self._changed

    def set_changed(self, changed: bool) -> None:
        """Draw the dot or not."""
        self._changed = changed
        self.setAccessibleDescription("Changed since the last run" if changed else "")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The dot stands behind the text, at the edge when there is no room."""
        super().paintEvent(event)
        if not self._changed:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent"))
        behind = self.fontMetrics().horizontalAdvance(self.text()) + 5
        left = min(behind, self.width() - _DOT)
        painter.drawEllipse(QRectF(left, (self.height() - _DOT) / 2, _DOT, _DOT))

    def sizeHint(self) -> QSize:
        """Room for the dot even where there is no text."""
        hint = super().sizeHint()
        return QSize(max(hint.width(), _DOT + 5), hint.height())


@dataclass(slots=True)
class _Row:
    """One field on screen."""

    field: FieldSchema
    label: FieldLabel
    editor: FieldEditor
    fault: QLabel

    def set_fault(self, sentence: str) -> None:
        """Frame the field and say why, or neither."""
        self.fault.setText(sentence)
        self.fault.setVisible(bool(sentence) and not self.editor.isHidden())
        state = "error" if sentence else ""
        if self.editor.property("state") != state:
            self.editor.setProperty("state", state)
            restyle(self.editor)

    def set_visible(self, visible: bool) -> None:
        """Show or hide all of it."""
        self.label.setVisible(visible)
        self.editor.setVisible(visible)
        self.fault.setVisible(visible and bool(self.fault.text()))


class Form(QWidget):
    """The visible fields of a schema, one row each, groups under captions.

    Keeps the last good value of every field: what is typed replaces it only when it is
    in range. Call `commit` before you save or show another recording; a field that has
    the focus may hold text that was not finished.

    Signals:
        valueEdited: Field name and value, once per finished edit that changed something.
        labelsFitted: Width of the label column, for rows that stand above or below.
    """

    valueEdited = Signal(str, object)
    labelsFitted = Signal(int)

    def __init__(
        self,
        schema: SchemaDefinition,
        theme: Theme,
        parent: QWidget | None = None,
        units: Mapping[str, str] | None = None,
    ) -> None:
        """`units` replaces the unit of a field, such as lines where seconds are unknown."""
        super().__init__(parent)
        self._schema, self._theme = schema, theme
        self._good: dict[str, Any] = {one.name: one.default_value for one in schema.fields}
        self._rows: dict[str, _Row] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self._captions: dict[str, GroupCaption] = {}
        self._least_label_width = 0
        for field in in_groups(schema):
            self._add_row(field, (units or {}).get(field.name, field.unit or ""))
        self._fit_labels()
        self._hide_what_does_not_apply()
        theme.changed.connect(self._fit_labels)

    # --- values -----------------------------------------------------------------------

    def values(self) -> dict[str, Any]:
        """Last good value of every field of the schema, invisible ones as well."""
        return dict(self._good)

    def set_values(self, values: Mapping[str, Any], *, afresh: bool = False) -> None:
        """Show values without emitting; KeyError for a name that is no field.

        Unless `afresh`, what is being typed stays in a field whose value is the same.
        """
        for name, value in values.items():
            self._schema.field(name)
            same = self._good[name] == value
            self._good[name] = value
            row = self._rows.get(name)
            if row is not None and (afresh or not (same and row.editor.hasFocus())):
                self._show(row)
        self._hide_what_does_not_apply()

    def commit(self) -> None:
        """Finish the edit in the field that has the focus, if any."""
        for row in self._rows.values():
            if row.editor.hasFocus():
                self._finish(row)

    def fault(self, name: str) -> str:
        """The sentence under a field, or empty."""
        return self._rows[name].fault.text()

    # --- looks ------------------------------------------------------------------------

    def set_suggestions(self, name: str, values: list[str]) -> None:
        """Offer values in a field of text or in a number that has a list."""
        editor = self._rows[name].editor
        if not isinstance(editor, TextEdit | NumberCombo):
            raise ValueError(f"{name} takes no suggestions")
        editor.set_suggestions(values)

    def label_width(self) -> int:
        """Width that the labels need by themselves, between two limits."""
        narrow, wide = (self._theme.px(width) for width in LABEL_WIDTHS)
        labels = [row.label for row in self._rows.values() if row.label.text()]
        needed = [one.fontMetrics().horizontalAdvance(one.text()) + _DOT + 6 for one in labels]
        return min(max([narrow, *needed]), wide)

    def set_least_label_width(self, width: int) -> None:
        """Give the labels at least this, to be in line with another form."""
        if width != self._least_label_width:
            self._least_label_width = width
            self._fit_labels()

    def set_changed(self, names: set[str]) -> None:
        """Mark the fields whose value is not the one that last ran."""
        for name, row in self._rows.items():
            row.label.set_changed(name in names)
        for group, caption in self._captions.items():
            inside = [row.field.name for row in self._rows.values() if row.field.group == group]
            caption.set_changed(len(names.intersection(inside)))

    @property
    def captions(self) -> Mapping[str, GroupCaption]:
        """The heads of the groups, which open and close them."""
        return self._captions

    def focus_order(self) -> list[QWidget]:
        """Heads and fields from top to bottom."""
        order: list[QWidget] = []
        for row in self._rows.values():
            caption = self._captions.get(row.field.group or "")
            order += [caption] if caption is not None and caption not in order else []
            order.append(row.editor)
        return order

    def row_count(self) -> int:
        """How many fields apply now, in open and closed groups."""
        return sum(self._applies(row.field) for row in self._rows.values())

    def set_enabled_fields(self, enabled: bool, names: Iterable[str] | None = None) -> None:
        """Let the user edit or not: the named fields, or all."""
        for name in self._rows if names is None else names:
            self._rows[name].label.setEnabled(enabled)
            self._rows[name].editor.setEnabled(enabled)

    def editor(self, name: str) -> FieldEditor:
        """The widget of a field, to give it the focus or a shortcut."""
        return self._rows[name].editor

    # --- building ---------------------------------------------------------------------

    def _add_row(self, field: FieldSchema, unit: str) -> None:
        if field.group and field.group not in self._captions:
            self._add_caption(field.group)
        editor = make_editor(field, unit)
        is_check = field.value_type is ValueType.BOOL and field.editable
        name = FieldLabel("" if is_check else field.display_name, self._theme)
        row = _Row(field, name, editor, label("", "errText"))
        row.fault.setWordWrap(True)
        row.fault.setContentsMargins(0, 2, 0, 0)
        row.fault.hide()
        self._describe(row, unit)
        self._place(row, is_check)
        self._rows[field.name] = row
        self._show(row)
        editor.finished.connect(lambda: self._finish(row))

    def _add_caption(self, group: str) -> None:
        caption = GroupCaption(group, self._theme)
        self._captions[group] = caption
        caption.toggled.connect(self._hide_what_does_not_apply)
        if self._grid.count():
            self._grid.setRowMinimumHeight(self._grid.rowCount(), self._theme.px(4))
        self._grid.addWidget(caption, self._grid.rowCount(), 0, 1, 2)

    def _describe(self, row: _Row, unit: str) -> None:
        name = f"{row.field.display_name} ({unit})" if unit else row.field.display_name
        row.editor.setAccessibleName(name)
        row.editor.setToolTip(row.field.description)
        row.label.setToolTip(row.field.description)
        row.label.setBuddy(row.editor)

    def _place(self, row: _Row, is_check: bool) -> None:
        line = self._grid.rowCount()
        cell = QVBoxLayout()
        cell.setSpacing(0)
        if is_check:
            # The box carries its own text; the empty label behind it holds the dot.
            beside = QHBoxLayout()
            beside.setSpacing(0)
            beside.addWidget(row.editor)
            beside.addWidget(row.label, 1)
            cell.addLayout(beside)
        else:
            self._grid.addWidget(row.label, line, 0, Qt.AlignmentFlag.AlignTop)
            cell.addWidget(row.editor)
        cell.addWidget(row.fault)
        cell.addStretch(1)
        first, columns = (0, 2) if is_check else (1, 1)
        self._grid.addLayout(cell, line, first, 1, columns)

    def _fit_labels(self) -> None:
        """One width for the label column; read-only values in line with their labels."""
        width, height = max(self.label_width(), self._least_label_width), self._theme.px(24)
        for row in self._rows.values():
            if row.label.text():
                row.label.setFixedWidth(width)
                row.label.setMinimumHeight(height)
            if isinstance(row.editor, ShownText):
                row.editor.set_row_height(height)
        self.labelsFitted.emit(width)

    # --- editing ----------------------------------------------------------------------

    def _finish(self, row: _Row) -> None:
        """Take over what was typed, or say why not and keep the last good value."""
        if is_left_blank(row.editor, self._good[row.field.name]):
            row.set_fault("")
            return
        try:
            value = row.editor.typed()
        except ValueError as error:
            row.set_fault(str(error))
            return
        if fault := range_fault(row.field, value):
            row.set_fault(fault)
            return
        changed = value != self._good[row.field.name]
        self._good[row.field.name] = value
        self._show(row)
        if changed:
            self._hide_what_does_not_apply()
            self.valueEdited.emit(row.field.name, value)

    def _show(self, row: _Row) -> None:
        show_good(row.editor, self._good[row.field.name])
        row.set_fault("")

    def _hide_what_does_not_apply(self) -> None:
        for row in self._rows.values():
            caption = self._captions.get(row.field.group or "")
            is_open = caption is None or caption.isChecked()
            row.set_visible(is_open and self._applies(row.field))

    def _applies(self, field: FieldSchema) -> bool:
        if field.applies_when is None:
            return True
        other, wanted = field.applies_when
        return str(self._good[other]) in wanted and self._applies(self._schema.field(other))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape puts the last good value back, when something else is in the field."""
        pending = [row for row in self._rows.values() if row.editor.hasFocus()]
        if event.key() == Qt.Key.Key_Escape and pending and self._is_pending(pending[0]):
            self._show(pending[0])
            event.accept()
        else:
            super().keyPressEvent(event)

    def _is_pending(self, row: _Row) -> bool:
        good = self._good[row.field.name]
        try:
            return not is_left_blank(row.editor, good) and bool(row.editor.typed() != good)
        except ValueError:
            return True

    def changeEvent(self, event: QEvent) -> None:
        """Labels take the width that the font in force needs."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_labels()
