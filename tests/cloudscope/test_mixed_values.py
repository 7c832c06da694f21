"""Fields that describe several recordings."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from acqcore.model.header import UNCALIBRATED, Calibration, ImageHeader
from acqcore.model.metadata import HEADER, ExperimentMetadata, experiment_schema
from cloudscope.scene import Scene, Selection
from cloudscope.theme import Theme
from cloudscope.views.form import Form
from cloudscope.views.metadata_panel import Described, MetadataPanel
from cloudscope.views.mixed_values import Placeholder, merged

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen
STEPS = Calibration(0.001, 0.25, "seconds", "um", "ImageJ")
BARE = Calibration()


@pytest.fixture
def theme(qapp, tmp_path):
    return Theme(qapp, tmp_path)


@pytest.fixture
def form(theme, qtbot):
    form = Form(experiment_schema(), theme)
    qtbot.addWidget(form)
    form.show()
    form.edits = []
    form.valueEdited.connect(lambda name, value: form.edits.append((name, value)))
    return form


def test_merged_keeps_what_all_agree_on():
    both = [{"a": 1, "b": "x", "c": None}, {"a": 1, "b": "y", "c": 2.0}]
    assert merged(both) == {"a": 1, "b": Placeholder("2 values"), "c": Placeholder("2 values")}
    assert merged(both[:1]) == both[0]
    assert merged([]) == {}


def test_a_field_that_is_only_visited_stays_mixed(form, qtbot):
    form.set_values({"depth": Placeholder("2 values"), "species": Placeholder("3 values")})
    for name in ("depth", "species"):
        line = form.editor(name).lineEdit()
        line.setFocus()
        qtbot.keyClick(line, Qt.Key.Key_Return)
        form.commit()
        assert form.fault(name) == ""
    assert form.edits == []


def test_one_value_takes_the_place_of_all(form, qtbot):
    form.set_values({"depth": Placeholder("2 values")})
    line = form.editor("depth").lineEdit()
    qtbot.keyClicks(line, "12")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert form.edits == [("depth", 12.0)]
    assert line.placeholderText() == ""


def test_a_typed_value_can_be_taken_back(form, qtbot):
    form.set_values({"region": Placeholder("2 values")})
    line = form.editor("region").lineEdit()
    line.setFocus()
    qtbot.keyClicks(line, "cortex")
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert line.text() == ""
    assert line.placeholderText() == "2 values"
    form.commit()
    assert form.edits == []


# --- the panel ---------------------------------------


def described(name: str, steps: Calibration, **values) -> Described:
    header = ImageHeader(name, (100, 20), ("Y", "X"), "uint16", steps)
    return Described(name, ExperimentMetadata(**values).values(), header, steps)


@pytest.fixture
def panel(theme, qtbot):
    panel = MetadataPanel(theme)
    qtbot.addWidget(panel)
    panel.resize(280, 900)
    panel.show()
    panel.patches, panel.alone = [], []
    panel.manyPatched.connect(lambda section, patch: panel.patches.append((section, patch)))
    panel.patchEdited.connect(lambda section, patch: panel.alone.append((section, patch)))
    one = described("a", STEPS, species="Mouse")
    panel.show_scene(
        Scene(
            Selection("a"),
            "a",
            header=one.header,
            calibration=STEPS,
            experiment=tuple(one.experiment.items()),
        )
    )
    return panel


def test_the_company_comes_and_goes(panel):
    panel.set_company([described("a", STEPS, species="Mouse"), described("b", BARE)])
    assert panel._experiment.values()["species"] == Placeholder("2 values")
    assert panel._several.text() == "2 recordings, edited together"
    assert panel._header.editor("shape").text() == "100 lines × 20 px"
    panel.set_company([])
    assert panel._experiment.values()["species"] == "Mouse"
    assert panel._several.isHidden()
    assert panel._source.text() == "Calibration from ImageJ"


def test_a_step_for_all_brings_its_unit_where_it_is_not_known(panel, qtbot):
    panel.set_company([described("a", STEPS), described("b", BARE)])
    assert panel._header.values()["physical_label_x"] == Placeholder("2 values")
    assert BARE.label_x == UNCALIBRATED
    line = panel._header.editor("physical_unit_x").lineEdit()
    qtbot.keyClicks(line, "0.5")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert panel.patches == [(HEADER, {"physical_unit_x": 0.5, "physical_label_x": "um"})]
    assert panel.alone == []
