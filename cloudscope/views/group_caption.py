"""The head of a group of fields, which opens and closes it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from acqcore.model.schema import FieldSchema, SchemaDefinition, card_groups
from cloudscope.theme import Theme


def in_groups(schema: SchemaDefinition) -> list[FieldSchema]:
    """Visible fields, those of one group together; without a group first, as declared."""
    groups = ("", *card_groups(schema))
    return sorted(schema.visible_fields(), key=lambda one: groups.index(one.group or ""))


class GroupCaption(QToolButton):
    """Plain text at first. A foldable one is checked while its group is open.

    A closed one counts what was changed inside.
    """

    def __init__(self, group: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group, self._theme, self._changed = group, theme, 0
        self._foldable = False
        self.setCheckable(True)
        self.setChecked(True)
        self.setAutoRaise(True)
        self.setProperty("kind", "group")
        self.setProperty("role", "section")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.toggled.connect(self._show)
        theme.changed.connect(self._show)
        self._show()

    def make_foldable(self) -> None:
        """From now on the user may open and close the group, by mouse and by keyboard."""
        self._foldable = True
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, False)
        self._show()

    def set_changed(self, count: int) -> None:
        """How many of its fields differ from the last run."""
        self._changed = count
        self._show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Without an icon a tool button centres its text; a caption stands over its labels."""
        if self._foldable:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setPen(self._theme.color("text2"))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), flags, self.text())

    @Slot()
    def _show(self) -> None:
        is_open, size = self.isChecked(), self._theme.px(12)
        self.setFixedHeight(self._theme.px(24))
        if self._foldable:
            self.setIcon(self._theme.icon("chevron-down" if is_open else "chevron-right", "text2"))
            self.setIconSize(QSize(size, size))
        act = "Close" if is_open else "Open"
        self.setToolTip(f"{act} this group (Space)" if self._foldable else self._group)
        hidden = f" · {self._changed} changed" if self._changed and not is_open else ""
        self.setText(f"{self._group}{hidden}")
        self.setAccessibleName(f"{self._group}{hidden}")
