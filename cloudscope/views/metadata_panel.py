"""What the scientist knows about a recording, and what its file says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from PySide6.QtCore import QDate, QLocale, Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from acqcore.model.header import UNCALIBRATED, Calibration, ImageHeader
from acqcore.model.metadata import (
    EXPERIMENT,
    HEADER,
    experiment_schema,
    header_schema,
    header_values,
)
from acqcore.model.schema import SchemaDefinition
from cloudscope.blind import HIDDEN
from cloudscope.scene import Scene
from cloudscope.theme import Theme
from cloudscope.views.form import Form
from cloudscope.views.labels import label
from cloudscope.views.mixed_values import Placeholder, merged
from cloudscope.views.notice import empty_page
from cloudscope.views.quantities import number

SMALLEST_STEP = 1e-9

_TITLES = {
    "shape": "Size",
    "dtype": "Sample type",
    "physical_unit_y": "Line time",
    "physical_label_y": "Line time unit",
    "physical_unit_x": "Pixel size",
    "physical_label_x": "Pixel size unit",
}
_ORDER = (
    "shape", "dtype", "num_channels", "num_scenes", "date", "time",
    "physical_unit_y", "physical_label_y", "physical_unit_x", "physical_label_x",
)  # fmt: skip

# A step that is typed where the unit is unknown is meant in the unit of line scans.
_LABEL_OF_STEP = {
    "physical_unit_y": ("physical_label_y", "seconds"),
    "physical_unit_x": ("physical_label_x", "um"),
}


@dataclass(frozen=True, slots=True)
class Described:
    """What the panel shows of one of several recordings."""

    file_id: str
    experiment: Mapping[str, Any]
    header: ImageHeader
    calibration: Calibration


class MetadataPanel(QStackedWidget):
    """Two forms; every finished field is one patch.

    Signals:
        patchEdited: Section id (`EXPERIMENT` or `HEADER`) and the changed values by name.
        manyPatched: The same while several recordings are described: it is meant for all.
    """

    patchEdited = Signal(str, dict)
    manyPatched = Signal(str, dict)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = Scene()
        self._company: tuple[str, ...] = ()
        self._values: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
        self._shown: tuple[str, ...] = ()
        self._experiment = Form(experiment_schema(), theme)
        self._header = Form(_shown_header_schema(), theme)
        self._source = label("", "small")
        self._source.setWordWrap(True)
        self._several = label("", "strong")
        self._several.setWordWrap(True)
        self._experiment.valueEdited.connect(
            lambda name, value: self._report(EXPERIMENT, {name: value})
        )
        self._header.valueEdited.connect(self._report_header)
        self._header.set_suggestions("physical_label_y", ["seconds", UNCALIBRATED])
        self._header.set_suggestions("physical_label_x", ["um", UNCALIBRATED])
        for form in (self._experiment, self._header):
            form.labelsFitted.connect(self._align_labels)
        self._align_labels()
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(10, 10, 10, 10)
        column.setSpacing(6)
        column.addWidget(self._several)
        column.addWidget(self._experiment)
        column.addSpacing(10)
        column.addWidget(self._header)
        column.addWidget(self._source)
        column.addStretch(1)
        self.addWidget(empty_page("Select a recording to describe it"))
        self.addWidget(page)

    @Slot(object)
    def show_scene(self, scene: Scene) -> None:
        """Follow the scene; a field that is being typed in keeps its text."""
        self._scene = scene
        self._show()

    def set_company(self, described: Sequence[Described]) -> None:
        """Describe these recordings together; of fewer than two, the one of the scene alone."""
        several = len(described) > 1
        self._company = tuple(one.file_id for one in described) if several else ()
        self._values = _values(described) if several else ({}, {})
        self._show()

    def _show(self) -> None:
        scene, company = self._scene, self._company
        self.setCurrentIndex(1 if scene.header is not None else 0)
        if scene.header is None:
            return
        file_id = scene.selection.file_id
        alone = Described(file_id, dict(scene.experiment), scene.header, scene.calibration)
        experiment, header = self._values if company else _values([alone])
        if scene.blinded:
            experiment, header = _hidden(experiment), _hidden(header)
        ids = company or (file_id,)
        other, self._shown = ids != self._shown, ids
        self._experiment.set_values(experiment, afresh=other)
        self._header.set_values(header, afresh=other)
        for form in (self._experiment, self._header):
            form.set_enabled_fields(not scene.blinded)
        tell = not company and not scene.blinded
        self._source.setText(_source_text(scene.calibration) if tell else "")
        self._several.setText(f"{len(ids)} recordings, edited together")
        self._several.setVisible(bool(company) and not scene.blinded)

    @Slot()
    def _align_labels(self) -> None:
        """One label column in both forms."""
        forms = self._experiment, self._header
        width = max(form.label_width() for form in forms)
        for form in forms:
            form.set_least_label_width(width)

    def set_suggestions(self, name: str, values: Sequence[str]) -> None:
        """Offer what other recordings have in an experiment field; KeyError for no field."""
        self._experiment.set_suggestions(name, list(values))

    def go_to_calibration(self) -> None:
        """Put the keyboard into the line time."""
        self._header.editor("physical_unit_y").setFocus()

    @Slot()
    def commit(self) -> None:
        """Finish a field that is being typed in: before saving and before another recording."""
        self._experiment.commit()
        self._header.commit()

    @Slot(str, object)
    def _report_header(self, name: str, value: object) -> None:
        patch = {name: value}
        label_name, unit = _LABEL_OF_STEP.get(name, ("", ""))
        known = self._header.values()[label_name] if label_name else "known"
        if known in ("", UNCALIBRATED) or isinstance(known, Placeholder):
            patch[label_name] = unit
        self._report(HEADER, patch)

    def _report(self, section: str, patch: dict[str, Any]) -> None:
        (self.manyPatched if self._company else self.patchEdited).emit(section, patch)


def _values(described: Sequence[Described]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the two forms show of all of them."""
    shown = [_shown_header(one.header, one.calibration) for one in described]
    return merged([one.experiment for one in described]), merged(shown)


def _hidden(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is hidden is no value."""
    return dict.fromkeys(values, Placeholder(HIDDEN))


def _shown_header_schema() -> SchemaDefinition:
    """The header section in the words of line scans; a step cannot be zero."""
    schema = header_schema()
    fields = []
    for name in _ORDER:
        one = schema.field(name)
        smallest = SMALLEST_STEP if name in _LABEL_OF_STEP else one.minimum
        title = _TITLES.get(name, one.display_name)
        fields.append(replace(one, display_name=title, minimum=smallest))
    return SchemaDefinition(schema.schema_id, schema.version, tuple(fields))


def _shown_header(header: ImageHeader, steps: Calibration) -> dict[str, Any]:
    values = header_values(header, steps)
    lines, pixels = (number(header.size(axis), 0) for axis in "YX")
    shown = {name: values[name] for name in _ORDER}
    return shown | {"shape": f"{lines} lines × {pixels} px", "date": _date(header.date)}


def _date(text: str) -> str:
    """`20240514` as the locale writes it; anything else as it is."""
    try:
        day = datetime.strptime(text, "%Y%m%d")
    except ValueError:
        return text
    return QLocale().toString(QDate(day.year, day.month, day.day), "d MMM yyyy")


def _source_text(steps: Calibration) -> str:
    if not steps.time_known and not steps.distance_known:
        return "Not calibrated: the file does not say how long a line or how large a pixel is"
    by_hand = steps.source == "user"
    text = "Calibration set by hand" if by_hand else f"Calibration from {steps.source}"
    if not steps.time_known:
        return f"{text}; the line time is not known"
    if not steps.distance_known:
        return f"{text}; the pixel size is not known"
    return text
