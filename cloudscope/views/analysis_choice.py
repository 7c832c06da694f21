"""Which analysis, and on which ROI."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from acqcore.analysis import analyses
from acqcore.model.roi import ROI
from cloudscope.views.combo import FocusedCombo
from cloudscope.views.labels import label


class AnalysisChoice(QWidget):
    """Two lists; without a ROI the second one names the whole image.

    Signals:
        analysisChosen: Name of the analysis, when it is another one.
        roiChosen: Number of the ROI, when it is another one.
    """

    analysisChosen = Signal(str)
    roiChosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.analysis_box, self.roi_box = FocusedCombo(), FocusedCombo()
        self.whole = label("No ROI yet: the run uses the whole image", "small")
        self.whole.setWordWrap(True)
        self._shown: tuple[str, int | None] = ("", None)
        self._listed: list[tuple[str, int | None]] = []
        self._labels: list[QLabel] = []
        rows = QGridLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setHorizontalSpacing(8)
        rows.setVerticalSpacing(6)
        rows.setColumnStretch(1, 1)
        self._add_row(rows, "Analysis", self.analysis_box, "Choose the analysis")
        self._add_row(rows, "ROI", self.roi_box, "Choose the ROI to analyse")
        rows.addWidget(self.whole, rows.rowCount(), 1)
        for analysis in analyses().values():
            self.analysis_box.addItem(analysis.title, analysis.name)
        self.analysis_box.activated.connect(self._choose_analysis)
        self.roi_box.activated.connect(self._choose_roi)

    def show_choice(self, analysis_name: str, rois: tuple[ROI, ...], roi_id: int | None) -> None:
        """Show without telling."""
        self._shown = (analysis_name, roi_id)
        self.analysis_box.setCurrentIndex(self.analysis_box.findData(analysis_name))
        wanted: list[tuple[str, int | None]] = [(roi.label, roi.id) for roi in rois]
        wanted = wanted or [("Whole image", None)]
        if wanted != self._listed:
            self._listed = wanted
            self.roi_box.clear()
            for text, one in wanted:
                self.roi_box.addItem(text, one)
        self.roi_box.setEnabled(bool(rois))
        self.roi_box.setCurrentIndex(self.roi_box.findData(roi_id))
        self.whole.setVisible(not rois)

    def set_label_width(self, width: int) -> None:
        """Width of the label column, so that it is in line with what stands below."""
        for one in self._labels:
            one.setFixedWidth(width)

    def _add_row(self, rows: QGridLayout, text: str, box: FocusedCombo, tip: str) -> None:
        box.setAccessibleName(text)
        box.setToolTip(tip)
        line = rows.rowCount()
        self._labels.append(label(text, "field"))
        rows.addWidget(self._labels[-1], line, 0)
        rows.addWidget(box, line, 1)

    @Slot(int)
    def _choose_analysis(self, index: int) -> None:
        name = self.analysis_box.itemData(index)
        if name != self._shown[0]:
            self.analysisChosen.emit(name)

    @Slot(int)
    def _choose_roi(self, index: int) -> None:
        roi_id = self.roi_box.itemData(index)
        if roi_id is not None and roi_id != self._shown[1]:
            self.roiChosen.emit(roi_id)
