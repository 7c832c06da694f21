"""The figure composer: the page at the left, its options at the right, what to do below."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from cloudscope.figures.caption import caption
from cloudscope.figures.content import FigureContent, PanelContent
from cloudscope.figures.recipe import FigureRecipe, ImagePanel, Panel
from cloudscope.scene import Scene
from cloudscope.theme import Theme
from cloudscope.views.figure_page import Desk, Ground
from cloudscope.views.figure_page_form import FileForm, PageForm
from cloudscope.views.figure_panel_form import ImageForm, TraceForm
from cloudscope.views.figure_panel_list import PanelList
from cloudscope.views.labels import ElidedLabel, label, push_button, rule

_FORM_WIDTH = 328


class FigureWindow(QWidget):
    """Shows one recipe with its content and reports what is wanted.

    Signals:
        contentWanted: FigureRecipe whose content is not there yet.
        viewRangeWanted: The time range of the main window.
        exportRequested, copyRequested, saveRequested, openRequested: The buttons.
        closed: The window went away.
    """

    contentWanted = Signal(object)
    viewRangeWanted = Signal()
    exportRequested = Signal()
    copyRequested = Signal()
    saveRequested = Signal()
    openRequested = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("Figure")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("figure")
        self._theme = theme
        self.recipe, self.content, self.scene = FigureRecipe(), FigureContent(), Scene()
        self.desk = Desk(theme)
        self.page_form, self.file_form = PageForm(), FileForm()
        self.panels = PanelList(theme)
        self.image_form, self.trace_form = ImageForm(theme), TraceForm(theme)
        self.caption = QPlainTextEdit()
        self._make_buttons()
        self._place()
        self._connect()
        self.resize(theme.px(1000), theme.px(720))

    def _make_buttons(self) -> None:
        self.save_button = push_button("Save Recipe…", "Store how this figure is made (Ctrl+S)")
        self.open_button = push_button(
            "Open Recipe…", "Make this figure like a stored one (Ctrl+O)"
        )
        self.copy_button = push_button("Copy", "Copy the figure to the clipboard (Ctrl+C)")
        self.close_button = push_button("Close", "Close the composer (Esc)")
        self.export_button = push_button(
            "Export…", "Write the figure into a file (Ctrl+E)", "primary"
        )
        self.fit_button = push_button("Fit", "Show the whole page (Ctrl+0)", "quiet")
        self.true_button = push_button("True Size", "Show the page as on paper (Ctrl+1)", "quiet")
        self.copy_caption = push_button("Copy Caption", "Copy the caption as text (Ctrl+Shift+C)")
        self.message = ElidedLabel("", "small")
        self.caption.setReadOnly(True)
        self.caption.setTabChangesFocus(True)
        self.caption.setAccessibleName("Caption")
        self.caption.setToolTip("Read and copy the caption")
        self.caption.setFixedHeight(self._theme.px(68))

    def _place(self) -> None:
        zoom = QHBoxLayout()
        zoom.setContentsMargins(10, 4, 10, 6)
        zoom.addStretch(1)
        zoom.addWidget(self.desk.words)
        zoom.addSpacing(8)
        zoom.addWidget(self.fit_button)
        zoom.addWidget(self.true_button)
        zoom.addStretch(1)
        words = QHBoxLayout()
        words.setContentsMargins(24, 0, 24, 16)
        words.setSpacing(8)
        words.addWidget(self.caption, 1)
        words.addWidget(self.copy_caption, 0, Qt.AlignmentFlag.AlignTop)
        ground = Ground(self._theme)
        left = QVBoxLayout(ground)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addWidget(self.desk, 1)
        left.addLayout(zoom)
        left.addLayout(words)
        upper = QHBoxLayout()
        upper.setSpacing(0)
        upper.addWidget(ground, 1)
        upper.addWidget(self._options())
        lower = QHBoxLayout()
        lower.setContentsMargins(16, 8, 16, 10)
        lower.setSpacing(8)
        for one in (self.open_button, self.save_button, self.copy_button):
            lower.addWidget(one)
        lower.addSpacing(8)
        lower.addWidget(self.message, 1)
        lower.addWidget(self.close_button)
        lower.addWidget(self.export_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(upper, 1)
        column.addWidget(rule())
        column.addLayout(lower)

    def _options(self) -> QWidget:
        """All options, under each other; they scroll."""
        inner = QWidget()
        inner.setObjectName("scrolled")
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(12)
        self._chosen_words = label("", "section")
        chosen = QVBoxLayout()
        chosen.setSpacing(6)
        chosen.addWidget(self._chosen_words)
        for form in (self.image_form, self.trace_form):
            chosen.addWidget(form)
        column.addWidget(self.page_form)
        column.addWidget(self.panels)
        column.addLayout(chosen)
        column.addWidget(self.file_form)
        column.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFixedWidth(self._theme.px(_FORM_WIDTH))
        area.setWidget(inner)
        return area

    def _connect(self) -> None:
        for form in (self.page_form, self.file_form, self.panels):
            form.recipeEdited.connect(self.edit)
        self.page_form.viewRangeWanted.connect(self.viewRangeWanted)
        for panel_form in (self.image_form, self.trace_form):
            panel_form.panelEdited.connect(self._edit_panel)
        self.panels.panelChosen.connect(self._choose)
        self.desk.sheet.panelChosen.connect(self.panels.choose)
        self.fit_button.clicked.connect(self.desk.fit)
        self.true_button.clicked.connect(lambda: self.desk.set_zoom(1.0))
        self.copy_caption.clicked.connect(self._copy_caption)
        self.save_button.clicked.connect(self.saveRequested)
        self.open_button.clicked.connect(self.openRequested)
        self.copy_button.clicked.connect(self.copyRequested)
        self.export_button.clicked.connect(self.exportRequested)
        self.close_button.clicked.connect(self.close)
        for keys, slot in (
            ("Ctrl+S", self.save_button.click), ("Ctrl+O", self.open_button.click),
            ("Ctrl+C", self.copy_button.click), ("Ctrl+E", self.export_button.click),
            ("Ctrl+Shift+C", self._copy_caption), ("Esc", self.close),
            ("Ctrl+0", self.desk.fit), ("Ctrl+1", self.true_button.click),
            ("Ctrl++", self.desk.zoom_in), ("Ctrl+=", self.desk.zoom_in),
            ("Ctrl+-", self.desk.zoom_out),
        ):  # fmt: skip
            QShortcut(QKeySequence(keys), self).activated.connect(slot)

    # What is shown

    def show_scene(self, scene: Scene) -> None:
        """The recording behind the figure changed."""
        self.scene = scene
        self.setWindowTitle(f"Figure — {scene.name}")

    @Slot(object)
    def edit(self, recipe: FigureRecipe) -> None:
        """Show a recipe: at once as far as its content is there, then with all of it."""
        same = _content_of(recipe) == _content_of(self.recipe)
        self.recipe = recipe
        self._show_forms()
        if same and len(self.content.panels) == len(recipe.panels):
            self._show_figure()
        self.contentWanted.emit(recipe)

    def show_content(self, recipe: FigureRecipe, content: FigureContent) -> None:
        """What was asked for is there; an answer to an older question is not shown."""
        if _content_of(recipe) == _content_of(self.recipe):
            self.content = content
            self.tell(content.fault)
            self._show_forms()
            self._show_figure()

    def tell(self, sentence: str) -> None:
        """One sentence beside the buttons."""
        self.message.setText(sentence)

    def _show_figure(self) -> None:
        self.desk.show_figure(self.recipe, self.content)
        self.desk.sheet.choose(self.panels.chosen)
        self.caption.setPlainText(caption(self.recipe, self.content))

    def _show_forms(self) -> None:
        header = self.scene.header
        lines = header.size("Y") if header is not None else 1
        self.page_form.show_recipe(self.recipe, lines, self.scene.calibration)
        self.file_form.show_recipe(self.recipe)
        self.panels.show_recipe(self.recipe, self.scene)
        self._show_chosen()

    @Slot(int)
    def _choose(self, index: int) -> None:
        self.desk.sheet.choose(index)
        self._show_chosen()

    def _show_chosen(self) -> None:
        index = self.panels.chosen
        if not 0 <= index < len(self.recipe.panels):
            return
        panel = self.recipe.panels[index]
        self._chosen_words.setText(f"Selected: {self.panels.list.item(index).text()}")
        content = self._content_at(index)
        self.image_form.setVisible(isinstance(panel, ImagePanel))
        self.trace_form.setVisible(not isinstance(panel, ImagePanel))
        if isinstance(panel, ImagePanel):
            self.image_form.show_panel(panel, self.scene, content)
        else:
            self.trace_form.show_panel(panel, self.scene, content)

    def _content_at(self, index: int) -> PanelContent | None:
        return self.content.panels[index] if index < len(self.content.panels) else None

    @Slot(object)
    def _edit_panel(self, panel: Panel) -> None:
        self.edit(self.recipe.with_panel(self.panels.chosen, panel))

    def _copy_caption(self) -> None:
        QGuiApplication.clipboard().setText(self.caption.toPlainText())
        self.tell("Caption copied")

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell that it goes."""
        self.closed.emit()
        super().closeEvent(event)


def _content_of(recipe: FigureRecipe) -> tuple[object, ...]:
    """What decides which content a recipe needs; two alike share it."""
    return recipe.lines, tuple((type(one), one) for one in recipe.panels)
