"""Experiment and header as two forms."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication

from acqcore.model.header import Calibration, ImageHeader
from acqcore.model.metadata import EXPERIMENT, HEADER, ExperimentMetadata, patched_calibration
from cloudscope.scene import Scene, Selection
from cloudscope.theme import Theme
from cloudscope.views.metadata_panel import MetadataPanel

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen
STEPS = Calibration(0.00117, 0.284, "seconds", "um", "Olympus text file")


@pytest.fixture
def theme(qapp, tmp_path):
    yield Theme(qapp, tmp_path)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def panel(theme, qtbot):
    panel = MetadataPanel(theme)
    qtbot.addWidget(panel)
    panel.resize(280, 900)
    panel.show()
    panel.patches = []
    panel.patchEdited.connect(lambda section, patch: panel.patches.append((section, patch)))
    panel.show_scene(scene())
    return panel


def scene(experiment=ExperimentMetadata(species="Mouse", depth=120.0), **changes):  # noqa: B008
    header = ImageHeader("a", (30_000, 38), ("Y", "X"), "uint16", STEPS, date="20240514")
    given = {
        "selection": Selection("a.tif"),
        "header": header,
        "calibration": STEPS,
        "experiment": tuple(experiment.values().items()),
    }
    return Scene(**(given | changes))


def type_into(qtbot, form, name, words, *, finish=True):
    editor = form.editor(name)
    line = editor.lineEdit()
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, words)
    if finish:
        qtbot.keyClick(line, Qt.Key.Key_Return)


def test_values_are_shown(panel):
    assert panel._experiment.values()["species"] == "Mouse"
    assert panel._experiment.editor("depth").typed() == 120
    assert panel._header.editor("shape").text() == "30\u2009000 lines × 38 px"
    assert panel._header.editor("date").text() == "14 May 2024"
    assert panel._source.text() == "Calibration from Olympus text file"


def test_a_finished_field_is_one_patch(panel, qtbot):
    type_into(qtbot, panel._experiment, "genotype", "WT")
    assert panel.patches == [(EXPERIMENT, {"genotype": "WT"})]


def test_a_step_is_a_patch_of_the_header(panel, qtbot):
    type_into(qtbot, panel._header, "physical_unit_x", "0.3")
    assert panel.patches == [(HEADER, {"physical_unit_x": 0.3})]


def test_a_first_step_brings_its_unit(panel, qtbot):
    panel.show_scene(scene(calibration=Calibration()))
    assert panel._source.text().startswith("Not calibrated")
    type_into(qtbot, panel._header, "physical_unit_y", "0.002")
    section, patch = panel.patches[0]
    assert section == HEADER
    after = patched_calibration(Calibration(), patch)
    assert after.time_known
    assert after.step_y == 0.002


@pytest.mark.parametrize("words", ["0", "-1", "much"])
def test_a_step_must_be_positive(panel, qtbot, words):
    type_into(qtbot, panel._header, "physical_unit_x", words)
    assert panel.patches == []
    assert panel._header.fault("physical_unit_x").startswith("Enter a number")


def test_where_the_calibration_comes_from(panel):
    panel.show_scene(scene(calibration=replace(STEPS, source="user")))
    assert panel._source.text() == "Calibration set by hand"
    panel.show_scene(scene(calibration=Calibration(0.001, 1.0, "seconds", source="ImageJ")))
    assert panel._source.text() == "Calibration from ImageJ; the pixel size is not known"


def test_suggestions(panel):
    panel.set_suggestions("condition", ["Control", "Hypercapnia"])
    box = panel._experiment.editor("condition")
    assert [box.itemText(i) for i in range(box.count())] == ["Control", "Hypercapnia"]


def test_typing_is_not_overwritten(panel, qtbot):
    type_into(qtbot, panel._experiment, "region", "cor", finish=False)
    panel.show_scene(scene(dirty=True))
    assert panel._experiment.editor("region").typed() == "cor"
    panel.commit()
    assert panel.patches == [(EXPERIMENT, {"region": "cor"})]


def test_half_typed_text_does_not_reach_another_recording(panel, qtbot):
    type_into(qtbot, panel._experiment, "region", "cor", finish=False)
    panel.show_scene(scene(ExperimentMetadata(), selection=Selection("b.tif")))
    panel.commit()
    assert panel.patches == []
    assert panel._experiment.editor("region").typed() == ""


def test_nothing_selected(panel):
    panel.show_scene(Scene())
    assert panel.currentIndex() == 0
