"""Options of the chosen panel: a picture's or a plot's."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QListWidget, QListWidgetItem, QWidget

from acqcore.model.contrast import LUT_NAMES
from cloudscope.figures.content import PanelContent, Picture, TracePlot
from cloudscope.figures.recipe import PARTS, SCALES, ImagePanel, TracePanel
from cloudscope.figures.traces import value_limits
from cloudscope.scene import Scene
from cloudscope.theme import Theme
from cloudscope.views.figure_content import OfferedCurve, offered_curves
from cloudscope.views.figure_fields import CheckField, ChoiceField, NumberField, Rows, TickRow
from cloudscope.views.luts import lut_icon

_WIDE = (-1e9, 1e9)
_SCALE_WORDS = {"bars": "Scale bars", "axes": "Axes"}


def _parts() -> NumberField:
    tip = "Set the height relative to the other panels"
    return NumberField("Panel height", tip, PARTS, 0, 1, " parts")


class ImageForm(QWidget):
    """A picture: channel, colours, scale, what is drawn on it.

    Signals:
        panelEdited: ImagePanel.
    """

    panelEdited = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._panel = ImagePanel()
        self.channel = ChoiceField("Channel", "Choose the channel", [("", 0)])
        names = [("As on screen", ""), *((_lut_words(one), one) for one in LUT_NAMES)]
        self.lut = ChoiceField("LUT", "Choose the colours", names)
        for place, name in enumerate(LUT_NAMES, start=1):
            self.lut.setItemIcon(place, lut_icon(name, 32, 10))
        self.as_on_screen = CheckField("Limits as on screen", "Follow the contrast panel")
        self.low = NumberField("Lower limit", "Set what is dark", _WIDE, 1, 10, "")
        self.high = NumberField("Upper limit", "Set what is bright", _WIDE, 1, 10, "")
        self.scale = ChoiceField(
            "Scale", "Choose bars on the picture or axes beside it",
            [(_SCALE_WORDS[one], one) for one in SCALES],
        )  # fmt: skip
        self.time_bar = NumberField("Time bar", "Set its length", (0, 1e6), 3, 0.1, " s")
        self.distance_bar = NumberField("Distance bar", "Set its length", (0, 1e6), 1, 5, " µm")
        for bar in (self.time_bar, self.distance_bar):
            bar.setSpecialValueText("Auto")
        self.lut_bar = CheckField("LUT bar", "Show the colours with their values")
        self.outlines = CheckField("ROI outlines", "Draw the ROIs with their names")
        self.also = TickRow("Add")
        self.overlays = CheckField("Edges", "Draw the edges that analyses found")
        self.streaks = CheckField("Streak angles", "Draw the slopes that were measured")
        self.events = CheckField("Events", "Mark the events, but for rejected ones")
        self.sparks = CheckField("Sparks", "Frame calcium sparks and waves")
        self.parts = _parts()
        self._place()
        self._connect()

    def _place(self) -> None:
        rows = Rows(self)
        rows.field("Channel", self.channel)
        rows.beside(self.also)
        rows.field("LUT", self.lut)
        rows.beside(self.as_on_screen)
        rows.field("Limits", self.low, self.high, between="to")
        rows.field("Scale", self.scale)
        rows.field("Bars", self.time_bar, self.distance_bar)
        rows.beside(self.lut_bar)
        rows.beside(self.outlines)
        rows.field("Results", _two_columns(self.overlays, self.streaks, self.events, self.sparks))
        rows.field("Height", self.parts)

    def _connect(self) -> None:
        for choice in (self.channel, self.lut, self.scale):
            choice.finished.connect(self._edited)
        for field in (self.low, self.high, self.time_bar, self.distance_bar, self.parts):
            field.valueChanged.connect(self._edited)
        for check in (
            self.as_on_screen, self.lut_bar, self.outlines, self.overlays, self.streaks,
            self.events, self.sparks,
        ):  # fmt: skip
            check.toggled.connect(self._edited)
        self.also.ticked.connect(self._edited)

    def show_panel(self, panel: ImagePanel, scene: Scene, content: PanelContent | None) -> None:
        """Show without telling; `content` tells the limits on screen."""
        self._panel = panel
        header, steps = scene.header, scene.calibration
        count = header.num_channels if header is not None else 1
        names = [header.channel_name(one) if header is not None else "" for one in range(count)]
        self.channel.set_choices(list(zip(names, range(count), strict=True)))
        self.channel.show_value(panel.channel)
        others = {one: words for one, words in enumerate(names) if one != panel.channel}
        self.also.show_ticks(others, panel.also)
        self.lut.show_value(panel.lut)
        self.as_on_screen.show_value(panel.limits is None)
        shown = panel.limits or (content.limits if isinstance(content, Picture) else (0.0, 1.0))
        for field, value in zip((self.low, self.high), shown, strict=True):
            field.show_value(value)
            field.setEnabled(panel.limits is not None)
        self.scale.show_value(panel.scale)
        self.time_bar.setSuffix(" s" if steps.time_known else " lines")
        self.distance_bar.setSuffix(" µm" if steps.distance_known else " px")
        self.time_bar.show_value(panel.time_bar)
        self.distance_bar.show_value(panel.distance_bar)
        for bar in (self.time_bar, self.distance_bar):
            bar.setEnabled(panel.scale == "bars")
        self.lut_bar.show_value(panel.lut_bar)
        self.outlines.show_value(panel.outlines)
        self.overlays.show_value(panel.overlays)
        self.streaks.show_value(panel.streaks)
        self.events.show_value(panel.events)
        self.sparks.show_value(panel.sparks)
        self.parts.show_value(panel.parts)

    def _edited(self) -> None:
        channel = self.channel.value
        assert isinstance(channel, int)
        limits = None
        if not self.as_on_screen.isChecked() and self.low.value() < self.high.value():
            limits = (self.low.value(), self.high.value())
        panel = replace(
            self._panel,
            channel=channel,
            lut=str(self.lut.value),
            limits=limits,
            scale=str(self.scale.value),
            time_bar=self.time_bar.value(),
            distance_bar=self.distance_bar.value(),
            lut_bar=self.lut_bar.isChecked(),
            outlines=self.outlines.isChecked(),
            overlays=self.overlays.isChecked(),
            streaks=self.streaks.isChecked(),
            events=self.events.isChecked(),
            sparks=self.sparks.isChecked(),
            also=tuple(one for one in self.also.ticks if one != channel),
            parts=round(self.parts.value()),
        )
        self.panelEdited.emit(panel)


def _two_columns(*boxes: QWidget) -> QWidget:
    """Check boxes under each other, two in a row."""
    inner = QWidget()
    grid = QGridLayout(inner)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(4)
    for place, box in enumerate(boxes):
        grid.addWidget(box, place // 2, place % 2)
        grid.setColumnStretch(place % 2, 1)
    return inner


def _lut_words(name: str) -> str:
    return "Gray inverted" if name == "inverted_grays" else name


class TraceForm(QWidget):
    """A plot: which curves, and what is drawn with them.

    Signals:
        panelEdited: TracePanel.
    """

    panelEdited = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._panel = TracePanel()
        self._offered: list[OfferedCurve] = []
        self.curves = QListWidget()
        self.curves.setProperty("kind", "framed")
        self.curves.setAccessibleName("Curves")
        self.curves.setToolTip("Tick curves of one quantity (Space)")
        self.curves.setFixedHeight(4 * theme.px(26) + 2)
        self.curves.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.band = CheckField("Error band", "Shade the 95 % interval")
        self.events = CheckField("Events", "Mark the events of these ROIs")
        self.automatic = CheckField("Axis as needed", "Let the value axis fit the curves")
        self.low = NumberField("Lower end", "Set the lower end of the axis", _WIDE, 3, 0.1, "")
        self.high = NumberField("Upper end", "Set the upper end of the axis", _WIDE, 3, 0.1, "")
        self.parts = _parts()
        rows = Rows(self)
        rows.whole(self.curves)
        rows.beside(self.band)
        rows.beside(self.events)
        rows.beside(self.automatic)
        rows.field("Axis", self.low, self.high, between="to")
        rows.field("Height", self.parts)
        self.curves.itemChanged.connect(self._edited)
        for check in (self.band, self.events, self.automatic):
            check.toggled.connect(self._edited)
        for field in (self.low, self.high, self.parts):
            field.valueChanged.connect(self._edited)

    def show_panel(self, panel: TracePanel, scene: Scene, content: PanelContent | None) -> None:
        """Show without telling."""
        self._panel = panel
        offered = offered_curves(scene)
        quantity = next((one.quantity for one in offered if one.source in panel.curves), None)
        with QSignalBlocker(self.curves):
            if [one.title for one in offered] != [one.title for one in self._offered]:
                self.curves.clear()
                for one in offered:
                    QListWidgetItem(one.title, self.curves).setToolTip(one.title)
            self._offered = offered
            for place, one in enumerate(offered):
                self._show_curve(self.curves.item(place), one, quantity)
        self.band.show_value(panel.band)
        self.events.show_value(panel.events)
        self.automatic.show_value(panel.limits is None)
        shown = panel.limits or (
            value_limits(content) if isinstance(content, TracePlot) else (0, 1)
        )
        for field, value in zip((self.low, self.high), shown, strict=True):
            field.show_value(value)
            field.setEnabled(panel.limits is not None)
        self.parts.show_value(panel.parts)

    def _show_curve(
        self, item: QListWidgetItem, one: OfferedCurve, quantity: tuple[str, str] | None
    ) -> None:
        """Curves of another quantity would need another axis."""
        ticked = one.source in self._panel.curves
        item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        flags = Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable
        usable = ticked or quantity is None or one.quantity == quantity
        item.setFlags(flags | Qt.ItemFlag.ItemIsEnabled if usable else flags)

    def _edited(self) -> None:
        checked = Qt.CheckState.Checked
        curves = tuple(
            one.source
            for place, one in enumerate(self._offered)
            if self.curves.item(place).checkState() is checked
        )
        limits = None
        if not self.automatic.isChecked() and self.low.value() < self.high.value():
            limits = (self.low.value(), self.high.value())
        panel = replace(
            self._panel,
            curves=curves,
            band=self.band.isChecked(),
            events=self.events.isChecked(),
            limits=limits,
            parts=round(self.parts.value()),
        )
        self.panelEdited.emit(panel)
