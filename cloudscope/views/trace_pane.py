"""One trace with its caption above it and, while it is empty, a sentence in it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cloudscope.theme import Theme
from cloudscope.views.labels import ElidedLabel, label, push_button, tool_button
from cloudscope.views.time_plot import LEFT_AXIS, RIGHT_MARGIN, TIME_AXIS
from cloudscope.views.trace_content import TraceContent
from cloudscope.views.trace_item import RING
from cloudscope.views.trace_plot import TracePlot
from cloudscope.views.trace_samples import TraceSamples
from cloudscope.views.transient_marks import TransientMarks

CAPTION_HEIGHT = 24


class Caption(QWidget):
    """Colour sample, quantity and ROI, legend words, warning; never over the data."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._token = "velocity"
        self._sample, self._ring = QLabel(), QLabel()
        self._title = label("", "plotcap")
        self._band = label("band: 95 % interval", "plotcap")
        self._rejected = label("rejected", "plotcap")
        self._state = ElidedLabel("", "warnText")
        self._live = ElidedLabel("", "plotcap")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, RIGHT_MARGIN, 0)
        row.setSpacing(3)
        self._row = row
        row.addWidget(self._sample)
        row.addWidget(self._title)
        row.addSpacing(6)
        row.addWidget(self._band)
        row.addSpacing(6)
        row.addWidget(self._ring)
        row.addWidget(self._rejected)
        row.addSpacing(6)
        row.addWidget(self._live, 1)
        row.addWidget(self._state, 1)
        self._remark = ElidedLabel("", "plotcap")
        self.dismiss = tool_button(theme, "close", "Dismiss the earlier trace", 12)
        row.addWidget(self._remark, 8)
        row.addWidget(self.dismiss)
        self.show_remark("")
        theme.changed.connect(self._recolor)

    def show_content(self, content: TraceContent) -> None:
        """Only the words for what is drawn."""
        self._token = content.shown.token
        samples = content.samples
        self._title.setText(content.caption)
        self._sample.setVisible(samples is not None)
        self._title.setVisible(samples is not None)
        alone = samples is not None and samples.only is not None
        self._band.setText(f"{'bar' if alone else 'band'}: 95 % interval")
        self._band.setVisible(samples is not None and samples.has_band)
        rejected = samples is not None and samples.has_rejected
        self._ring.setVisible(rejected)
        self._rejected.setVisible(rejected)
        self._state.setText(content.state_words)
        self.show_live("")
        self._recolor()

    def show_live(self, text: str) -> None:
        """Numbers of what is being dragged, in the place of warnings; empty at its end."""
        self._live.setText(text)
        self._live.setVisible(bool(text))
        self._state.setVisible(not text)

    def show_remark(self, text: str) -> None:
        """What differs from the dashed trace of the run before, until it is dismissed."""
        self._remark.setText(text)
        self._remark.setToolTip("The grey dashed trace is the run before")
        self._remark.setVisible(bool(text))
        self.dismiss.setVisible(bool(text))

    def hold(self, button: QWidget) -> None:
        """Take a button in at the right end; it leaves the caption that held it before."""
        self._row.addWidget(button)
        button.show()

    @property
    def words(self) -> str:
        """Everything that is shown, for tests and screen readers."""
        shown = (self._title, self._band, self._rejected, self._live, self._state, self._remark)
        return "  ".join(one.text() for one in shown if not one.isHidden() and one.text())

    @Slot()
    def _recolor(self) -> None:
        theme = self._theme
        self.setFixedHeight(theme.px(CAPTION_HEIGHT))
        self._row.setContentsMargins(theme.px(LEFT_AXIS) + 1, 0, RIGHT_MARGIN, 0)
        self._state.setFont(theme.font("small"))
        self._live.setFont(theme.font("small"))
        self._remark.setFont(theme.font("small"))
        color = theme.color(self._token)
        ratio = self.devicePixelRatioF()
        self._sample.setPixmap(_line_sample(color, ratio))
        self._ring.setPixmap(_ring_sample(theme.color("text2"), ratio))


class TracePane(QWidget):
    """Shows one `TraceContent`.

    Signals:
        hovered: Line under the mouse as a float, None when the mouse leaves.
        runRequested: The button beside the empty sentence.
    """

    hovered = Signal(object)
    runRequested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.caption, self.plot = Caption(theme), TracePlot(theme)
        self.transients = TransientMarks()
        self.plot.plot_item.addItem(self.transients, ignoreBounds=True)
        self._sentence = label("", "field")
        self._run = push_button("Run", "Run the analysis with the parameters of its panel", "quiet")
        self._overlay = QWidget(self.plot)
        row = QHBoxLayout(self._overlay)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(8)
        row.addWidget(self._sentence)
        row.addWidget(self._run)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.caption)
        column.addWidget(self.plot, 1)
        self.set_room(1)
        self.plot.hovered.connect(self.hovered)
        self._run.clicked.connect(self.runRequested)
        theme.changed.connect(self._recolor)
        self._recolor()

    def show_content(self, content: TraceContent) -> None:
        """Trace or sentence."""
        self.content = content
        self.plot.setAccessibleName(content.caption)
        self.caption.show_content(content)
        self.plot.show_content(content)
        self.transients.show_content(content, self._theme)
        self._sentence.setText(content.sentence)
        self._run.setVisible(content.offers_run)
        self._overlay.setVisible(bool(content.sentence) and not self.plot.extras.samples)
        self._centre_sentence()

    def show_extra(self, kind: str, samples: TraceSamples | None) -> None:
        """A thin line; where there is no result it takes the place of the sentence."""
        if not self.plot.extras.show(kind, samples, self._theme):
            return
        self._overlay.setVisible(bool(self.content.sentence) and not self.plot.extras.samples)
        self.plot.show_extra_scale()

    def set_room(self, panes: int, *, lowest: bool = True) -> None:
        """Many of them may be lower, so that the picture keeps its place."""
        least = 90 if panes < 3 else 56 + TIME_AXIS * lowest
        self.setMinimumHeight(self._theme.px(CAPTION_HEIGHT + least))

    @property
    def sentence(self) -> str:
        """What stands in the middle, or empty."""
        return self._sentence.text()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The sentence stays in the middle of the plot."""
        super().resizeEvent(event)
        self._centre_sentence()

    def _centre_sentence(self) -> None:
        self._overlay.adjustSize()
        size, left = self._overlay.size(), self._theme.px(LEFT_AXIS)
        x = left + (self.plot.width() - left - RIGHT_MARGIN - size.width()) // 2
        axis = self._theme.px(TIME_AXIS) if self.plot.time_axis.isVisible() else 0
        height = self.plot.height() - axis
        self._overlay.move(max(x, left), max((height - size.height()) // 2, 0))

    @Slot()
    def _recolor(self) -> None:
        self.transients.recolor(self._theme)
        for part in (self, self._overlay):
            palette = part.palette()
            palette.setColor(part.backgroundRole(), self._theme.color("canvas"))
            part.setAutoFillBackground(True)
            part.setPalette(palette)


def _blank(size: QSize, ratio: float) -> QPixmap:
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap


def _line_sample(color: QColor, ratio: float) -> QPixmap:
    pixmap = _blank(QSize(7, 10), ratio)
    painter = QPainter(pixmap)
    painter.fillRect(0, 4, 7, 2, color)
    painter.end()
    return pixmap


def _ring_sample(color: QColor, ratio: float) -> QPixmap:
    pixmap = _blank(QSize(RING + 2, RING + 2), ratio)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 1.25))
    painter.drawEllipse(1, 1, RING, RING)
    painter.end()
    return pixmap
