"""Which columns the file tree shows, how wide, and by which one it is sorted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, Qt, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHeaderView, QMenu

from cloudscope.item_models.file_tree import FileTreeModel
from cloudscope.item_models.file_tree_cells import (
    CONDITION,
    LEADING,
    NAME,
    ROIS,
    STATE,
    VERDICT,
)
from cloudscope.theme import Theme
from cloudscope.views.recording_tree import RecordingTree
from cloudscope.views.tree_delegate import PADDING

# Drawn for 12-pixel text. Names of recordings need 150 px: below that the ROI count goes.
_WIDTHS = {STATE: 20, VERDICT: 22, CONDITION: 46, ROIS: 38}
_OTHER, _NARROWEST_NAME, _ROOM_FOR_ROIS = 80, 90, 320
_WIDE_CONDITION, _SHORT_NAME = 88, 112  # where there is not enough room for both
_SAMPLE = 100
_WIDE = {"extra_recorded": 132, "note": 160, "path": 200}
_AS_NEEDED, _NEVER = (
    Qt.ScrollBarPolicy.ScrollBarAsNeeded,
    Qt.ScrollBarPolicy.ScrollBarAlwaysOff,
)


class TreeColumns(QObject):
    """Lets the name have what the other columns leave, until its edge is dragged."""

    def __init__(self, theme: Theme, tree: RecordingTree, model: FileTreeModel) -> None:
        super().__init__(tree)
        self._theme, self._tree, self._model = theme, tree, model
        self._header: QHeaderView = tree.header()
        self._text_size = theme.px(100)
        self._depth = 0
        self._name_is_fixed = False
        self._is_chosen = False  # by the user: columns no longer come and go by themselves
        self._header.setStretchLastSection(False)
        for column in (STATE, VERDICT):
            self._header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        self._header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        tree.setSortingEnabled(True)
        self.reset()
        self._connect()

    def _connect(self) -> None:
        header = self._header
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._show_menu)
        header.sectionResized.connect(self._note_resize)
        header.sectionMoved.connect(self._note_choice)
        header.sortIndicatorChanged.connect(self._note_choice)
        self._tree.viewport().installEventFilter(self)
        self._model.rowsInserted.connect(self._fit_first_rows)
        self._theme.changed.connect(self._follow_text_size)

    # --- for the window's settings ----------------------------------------------------------

    def saved(self) -> QByteArray:
        """Widths, order, columns and sort; empty while all of it is as it was made."""
        return self._mark() + self._header.saveState() if self._is_chosen else QByteArray()

    def restore(self, state: QByteArray) -> None:
        """Take back what `saved` gave; anything else changes nothing."""
        known = state.startsWith(self._mark())
        with self._fitting():
            chosen = known and self._header.restoreState(state.mid(self._mark().size()))
        self._is_chosen = chosen
        self._fit()

    def _mark(self) -> QByteArray:
        """How many columns there are: a header would put the state of others in disorder."""
        return QByteArray(b"%d columns " % len(self._model.columns))

    @Slot()
    def reset(self) -> None:
        """Go back to the columns, order and widths of the first start; the sort stays."""
        with self._fitting():
            for column in range(len(self._model.columns)):
                self._header.moveSection(self._header.visualIndex(column), column)
                self._header.setSectionHidden(column, column >= len(LEADING))
        self._is_chosen = self._name_is_fixed = False
        self._reset_widths()

    @Slot()
    def _follow_text_size(self) -> None:
        if self._text_size != self._theme.px(100):
            self._text_size = self._theme.px(100)
            self._reset_widths()

    def _reset_widths(self) -> None:
        with self._fitting():
            for column in range(1, len(self._model.columns)):
                usual = _WIDE.get(self._model.columns[column].name, _OTHER)
                width = self._theme.px(_WIDTHS.get(column, usual))
                self._header.resizeSection(column, width)
        self._fit()

    def menu(self) -> QMenu:
        """One tick per column; the name cannot be hidden."""
        menu = QMenu(self._tree)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for column, field in enumerate(self._model.columns):
            if column == NAME:
                continue
            words = self._model.headerData(
                column, Qt.Orientation.Horizontal, Qt.ItemDataRole.AccessibleTextRole
            )
            action = menu.addAction(words)
            action.setObjectName(field.name)
            action.setCheckable(True)
            action.setChecked(not self._header.isSectionHidden(column))
            action.toggled.connect(lambda shown, column=column: self._show(column, shown))
        menu.addSeparator()
        menu.addAction("Reset Columns").triggered.connect(self.reset)
        return menu

    @Slot()
    def refit(self) -> None:
        """The words in the columns have changed."""
        self._fit()

    # --- keeping the widths -------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the width of the panel."""
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)

    @contextmanager
    def _fitting(self) -> Iterator[None]:
        """What happens inside is not the user's doing; it may resize the viewport and nest."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    @Slot()
    def _fit_first_rows(self) -> None:
        if self._model.rowCount() <= _SAMPLE:
            self._fit()

    def _fit(self) -> None:
        room = self._tree.viewport().width()
        with self._fitting():
            if not self._is_chosen:
                self._header.setSectionHidden(ROIS, room < self._theme.px(_ROOM_FOR_ROIS))
                self._fit_condition(room)
            if not self._name_is_fixed:
                others = self._header.length() - self._header.sectionSize(NAME)
                narrowest = self._theme.px(_NARROWEST_NAME)
                self._header.resizeSection(NAME, max(room - others, narrowest))
            # As needed, but told at once: Qt would leave a bar without range for a while.
            needed = self._header.length() > room
            self._tree.setHorizontalScrollBarPolicy(_AS_NEEDED if needed else _NEVER)

    def _fit_condition(self, room: int) -> None:
        """As wide as the lab's words for it need: a name still says enough without its middle.

        Very long words are cut before they take more of the name than that.
        """
        name, condition = self._needed(NAME), self._needed(CONDITION)
        others = self._header.length() - sum(map(self._header.sectionSize, (NAME, CONDITION)))
        spare = room - others - name - self._tree.indentation()
        without_name = room - others - self._theme.px(_SHORT_NAME)
        most = max(spare, min(self._theme.px(_WIDE_CONDITION), without_name))
        narrowest = self._theme.px(_WIDTHS[CONDITION])
        self._header.resizeSection(CONDITION, max(min(condition, most), narrowest))

    def _needed(self, column: int) -> int:
        """Width of the longest text among the first rows."""
        metrics = QFontMetrics(self._tree.font())
        rows = range(min(self._model.rowCount(), _SAMPLE))
        texts = (self._model.index(row, column).data() or "" for row in rows)
        return max(map(metrics.horizontalAdvance, texts), default=0) + 3 * PADDING

    @Slot(int, int, int)
    def _note_resize(self, column: int, old: int, fresh: int) -> None:
        if not self._depth:
            self._is_chosen = True
            self._name_is_fixed |= column == NAME
            self._fit()

    @Slot()
    def _note_choice(self) -> None:
        self._is_chosen = True

    def _show(self, column: int, shown: bool) -> None:
        self._is_chosen = True
        self._header.setSectionHidden(column, not shown)
        self._fit()

    @Slot(QPoint)
    def _show_menu(self, at: QPoint) -> None:
        self.menu().popup(self._header.mapToGlobal(at))
