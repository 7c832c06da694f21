"""Options of the whole page and of the file that is made of it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from acqcore.model.header import Calibration
from cloudscope.figures.presets import GENERAL, PAGE_WIDTHS, PageWidth
from cloudscope.figures.recipe import (
    FONTS,
    FORMATS,
    HEIGHTS_MM,
    LETTERS,
    LINE_PT,
    RESOLUTIONS,
    TEXT_PT,
    WIDTHS_MM,
    FigureRecipe,
)
from cloudscope.views.figure_fields import CheckField, ChoiceField, NumberField, Rows
from cloudscope.views.labels import push_button

_FORMAT_WORDS = {"SVG": "SVG (editable text)", "PDF": "PDF (editable text)", "PNG": "PNG (pixels)"}
_LETTER_WORDS = {"a": "a, b, c", "A": "A, B, C", "": "None"}


class PageForm(QWidget):
    """Size, text, time range; tells each finished edit as a whole recipe.

    Signals:
        recipeEdited: FigureRecipe.
        viewRangeWanted: The time range of the main window is asked for.
    """

    recipeEdited = Signal(object)
    viewRangeWanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._recipe, self._lines, self._steps = FigureRecipe(), 1, Calibration()
        self._make_fields()
        rows = Rows()
        rows.section("Page")
        rows.field("Size", self.size_choice)
        rows.field("", self.width_mm, self.height_mm, between="×")
        rows.field("Text", self.font_choice, self.text_pt)
        rows.field("Curves", self.line_pt)
        rows.field("Letters", self.letters)
        rows.section("Time range")
        rows.field("Time", self.start, self.stop, between="to")
        rows.beside(self.in_view)
        rows.beside(self.from_zero)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(rows)
        self._connect()

    def _make_fields(self) -> None:
        sizes = [(one.title, one) for one in PAGE_WIDTHS]
        self.size_choice = ChoiceField(
            "Size", "Choose the width of a journal's column", [*sizes, ("Custom", None)]
        )
        self.size_choice.separate(GENERAL)
        self.width_mm = NumberField("Width", "Set the width on paper", WIDTHS_MM, 1, 1, " mm")
        self.height_mm = NumberField("Height", "Set the height on paper", HEIGHTS_MM, 1, 1, " mm")
        self.font_choice = ChoiceField("Font", "Choose the font", [(one, one) for one in FONTS])
        self.text_pt = NumberField("Text size", "Set the size of all text", TEXT_PT, 1, 0.5, " pt")
        self.line_pt = NumberField("Line width", "Set the width of curves", LINE_PT, 2, 0.25, " pt")
        words = [(_LETTER_WORDS[one], one) for one in LETTERS]
        self.letters = ChoiceField("Letters", "Choose how panels are counted", words)
        ends = (0.0, 1.0)
        self.start = NumberField("Start", "Set where the figure starts", ends, 3, 0.1, " s")
        self.stop = NumberField("End", "Set where the figure ends", ends, 3, 0.1, " s")
        self.in_view = push_button("Range in View", "Take the time range of the main window")
        self.from_zero = CheckField(
            "Axis starts at 0", "Count time from the start of the figure or of the recording"
        )

    def _connect(self) -> None:
        self.size_choice.finished.connect(self._choose_size)
        for field in (self.width_mm, self.height_mm, self.text_pt, self.line_pt):
            field.valueChanged.connect(self._edited)
        for choice in (self.font_choice, self.letters):
            choice.finished.connect(self._edited)
        for end in (self.start, self.stop):
            end.valueChanged.connect(self._range_edited)
        self.in_view.clicked.connect(self.viewRangeWanted)
        self.from_zero.toggled.connect(self._edited)

    def show_recipe(self, recipe: FigureRecipe, lines: int, steps: Calibration) -> None:
        """Show without telling; `lines` is the length of the recording."""
        self._recipe, self._lines, self._steps = recipe, lines, steps
        size = next((one for one in PAGE_WIDTHS if one.width_mm == recipe.width_mm), None)
        shown = self.size_choice.value
        if not isinstance(shown, PageWidth) or shown.width_mm != recipe.width_mm:
            self.size_choice.show_value(size)
        self.width_mm.show_value(recipe.width_mm)
        self.height_mm.show_value(recipe.height_mm)
        self.font_choice.show_value(recipe.font)
        self.text_pt.show_value(recipe.text_pt)
        self.line_pt.show_value(recipe.line_pt)
        self.letters.show_value(recipe.letters)
        self.from_zero.show_value(recipe.time_from_zero)
        self._show_range()

    def _show_range(self) -> None:
        known = self._steps.time_known
        step = self._steps.step_y if known else 1.0
        for field, line in zip((self.start, self.stop), self._recipe.lines, strict=True):
            field.blockSignals(True)
            field.setSuffix(" s" if known else "")
            field.setDecimals(3 if known else 0)
            field.setSingleStep(max(round(self._lines * step / 50, 3), step))
            field.setRange(0.0, self._lines * step)
            field.setValue(line * step)
            field.blockSignals(False)

    def _choose_size(self) -> None:
        size = self.size_choice.value
        if isinstance(size, PageWidth):
            recipe = replace(self._recipe, width_mm=size.width_mm)
            if size.text_pt:
                recipe = replace(recipe, text_pt=size.text_pt)
            if size.letters:
                recipe = replace(recipe, letters=size.letters)
            self.recipeEdited.emit(recipe)

    def _edited(self) -> None:
        recipe = replace(
            self._recipe,
            width_mm=self.width_mm.value(),
            height_mm=self.height_mm.value(),
            font=str(self.font_choice.value),
            text_pt=self.text_pt.value(),
            line_pt=self.line_pt.value(),
            letters=str(self.letters.value),
            time_from_zero=self.from_zero.isChecked(),
        )
        self.recipeEdited.emit(recipe)

    def _range_edited(self) -> None:
        step = self._steps.step_y if self._steps.time_known else 1.0
        first = min(max(round(self.start.value() / step), 0), self._lines - 1)
        last = min(max(round(self.stop.value() / step), first + 1), self._lines)
        self.recipeEdited.emit(replace(self._recipe, lines=(first, last)))


class FileForm(QWidget):
    """Format and resolution of the file."""

    recipeEdited = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._recipe = FigureRecipe()
        self.format = ChoiceField(
            "Format", "Choose the kind of file", [(_FORMAT_WORDS[one], one) for one in FORMATS]
        )
        self.dpi = ChoiceField(
            "Resolution",
            "Choose how fine pixels are; vector files keep no more detail than it shows",
            [(f"{dpi} dpi", dpi) for dpi in RESOLUTIONS],
        )
        self.embed = CheckField(
            "Embed caption and recipe", "Write what the figure was made of into the file"
        )
        rows = Rows(self)
        rows.section("Export")
        rows.field("Format", self.format)
        rows.field("Resolution", self.dpi)
        rows.beside(self.embed)
        self.format.finished.connect(self._edited)
        self.dpi.finished.connect(self._edited)
        self.embed.toggled.connect(self._edited)

    def show_recipe(self, recipe: FigureRecipe) -> None:
        """Show without telling."""
        self._recipe = recipe
        self.format.show_value(recipe.format)
        self.dpi.show_value(recipe.dpi)
        self.embed.show_value(recipe.embed)

    def _edited(self) -> None:
        dpi = self.dpi.value
        assert isinstance(dpi, int)
        recipe = replace(
            self._recipe, format=str(self.format.value), dpi=dpi, embed=self.embed.isChecked()
        )
        self.recipeEdited.emit(recipe)
