"""The panels of a figure from top to bottom: shown or not, moved, added, removed."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from cloudscope.figures.recipe import FigureRecipe, ImagePanel, TracePanel
from cloudscope.scene import Scene
from cloudscope.theme import Theme
from cloudscope.views.figure_content import offered_curves, panel_title
from cloudscope.views.labels import label, push_button, tool_button

_ROWS = 4


class PanelList(QWidget):
    """Ticked panels are on the page.

    Signals:
        recipeEdited: FigureRecipe.
        panelChosen: Place of a panel in the recipe, -1 for none.
    """

    recipeEdited = Signal(object)
    panelChosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._recipe, self._scene = FigureRecipe(), Scene()
        self._theme = theme
        self.list = QListWidget()
        self.list.setProperty("kind", "framed")
        self.list.setAccessibleName("Panels")
        self.list.setToolTip("Tick the panels that are on the page (Space)")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFixedHeight(_ROWS * theme.px(26) + 2)
        self.add_image = push_button("Add Image", "Add a picture at the bottom")
        self.add_traces = push_button("Add Traces", "Add a plot of curves at the bottom")
        self.up = tool_button(theme, "chevron-up", "Move the panel up")
        self.down = tool_button(theme, "chevron-down", "Move the panel down")
        self.remove = tool_button(theme, "delete", "Remove the panel")
        self._place()
        self._connect()

    def _place(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(6)
        tools.addWidget(self.add_image)
        tools.addWidget(self.add_traces)
        tools.addStretch(1)
        for button in (self.up, self.down, self.remove):
            tools.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label("Panels", "section"))
        column.addWidget(self.list)
        column.addLayout(tools)

    def _connect(self) -> None:
        self.list.currentRowChanged.connect(self._choose)
        self.list.itemChanged.connect(self._ticked)
        self.add_image.clicked.connect(self._add_image)
        self.add_traces.clicked.connect(self._add_traces)
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.remove.clicked.connect(self._remove)

    @property
    def chosen(self) -> int:
        """Place of the chosen panel, -1 for none."""
        return self.list.currentRow()

    def show_recipe(self, recipe: FigureRecipe, scene: Scene) -> None:
        """Show without telling; the chosen place stays chosen."""
        self._recipe, self._scene = recipe, scene
        chosen = min(max(self.chosen, 0), len(recipe.panels) - 1)
        with QSignalBlocker(self.list):
            self.list.clear()
            for index, panel in enumerate(recipe.panels):
                words = f"{recipe.letter(index)}   {panel_title(scene, panel)}".strip()
                item = QListWidgetItem(words, self.list)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setCheckState(
                    Qt.CheckState.Checked if panel.shown else Qt.CheckState.Unchecked
                )
                item.setToolTip(words)
            self.list.setCurrentRow(chosen)
        self._enable()

    def choose(self, index: int) -> None:
        """Make a panel the chosen one."""
        self.list.setCurrentRow(index)

    def _choose(self, index: int) -> None:
        self._enable()
        self.panelChosen.emit(index)

    def _enable(self) -> None:
        last = len(self._recipe.panels) - 1
        self.up.setEnabled(self.chosen > 0)
        self.down.setEnabled(0 <= self.chosen < last)
        self.remove.setEnabled(self.chosen >= 0 and last > 0)

    def _ticked(self, item: QListWidgetItem) -> None:
        index = self.list.row(item)
        shown = item.checkState() is Qt.CheckState.Checked
        panel = replace(self._recipe.panels[index], shown=shown)
        self.recipeEdited.emit(self._recipe.with_panel(index, panel))

    def _add_image(self) -> None:
        panel = ImagePanel(channel=self._scene.selection.channel)
        self._add(replace(self._recipe, panels=(*self._recipe.panels, panel)))

    def _add_traces(self) -> None:
        """The first curve that is not on the page yet."""
        used = {
            curve
            for panel in self._recipe.panels
            if isinstance(panel, TracePanel)
            for curve in panel.curves
        }
        offered = [one.source for one in offered_curves(self._scene)]
        free = [one for one in offered if one not in used] or offered
        panel = TracePanel(curves=tuple(free[:1]))
        self._add(replace(self._recipe, panels=(*self._recipe.panels, panel)))

    def _add(self, recipe: FigureRecipe) -> None:
        self.recipeEdited.emit(recipe)
        self.list.setCurrentRow(len(recipe.panels) - 1)

    def _move(self, by: int) -> None:
        index = self.chosen
        self.recipeEdited.emit(self._recipe.moved(index, by))
        self.list.setCurrentRow(index + by)

    def _remove(self) -> None:
        self.recipeEdited.emit(self._recipe.without(self.chosen))
        self.panelChosen.emit(self.chosen)
