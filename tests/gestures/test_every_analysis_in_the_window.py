"""Every analysis of the core, run from its panel on recordings that suit it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from acqcore.analysis import analyses
from acqcore.samples import DEMO, write_demo

Key = Qt.Key
WORDS = {
    "radon_velocity": ("Mean", "Range", "Valid", "Variation (CV)"),
    "lspiv_velocity": ("Mean", "Range", "Valid", "Error of a window"),
    "diameter": ("Mean", "Range", "Valid", "Quality"),
    "event": ("Events",),
    "heart_rate": ("Heart rate", "False alarm", "Lomb-Scargle", "Welch"),
    "sum_intensity": ("Events", "F0", "Median height"),
    "calcium_sparks": ("Sparks", "Frequency"),
}
"""Lines that the panel must have after a run."""


@pytest.fixture(scope="module")
def samples(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    write_demo(folder)
    return folder


@pytest.fixture
def panel(window):
    window.docks["Analysis"].raise_()
    return window.panels.analysis


def opened(user, window, samples: Path, name: str) -> None:
    user.open(samples / name)
    window.controller.add_roi()
    QApplication.processEvents()


def choose(panel, name: str) -> None:
    box = panel._choice.analysis_box
    box.setCurrentIndex(box.findData(name))
    box.activated.emit(box.currentIndex())
    QApplication.processEvents()


def numbers(panel) -> dict[str, str]:
    """What stands under "Last run"."""
    cells = [cell.text() for cell in panel._results._cells]
    return dict(zip(cells[::2], cells[1::2], strict=True))


def recording_for(name: str) -> str:
    kinds = {"diameter": 5, "sum_intensity": 4, "calcium_sparks": 4}
    return DEMO[kinds.get(name, 6)].filename


@pytest.mark.parametrize("name", list(WORDS))
def test_run_and_read(user, window, panel, samples, name: str) -> None:
    opened(user, window, samples, recording_for(name))
    choose(panel, name)
    form = panel._parameters
    assert set(form.values()) == set(analyses()[name].schema().field_names())
    user.click(panel._controls.run_button)
    user.wait_until(lambda: bool(user.image.state.records) and not window.jobs.active, 30_000)
    assert panel._notice.isHidden(), panel._notice.text
    shown = numbers(panel)
    assert set(WORDS[name]) <= set(shown), shown
    assert len(shown) <= 14
    for title, value in shown.items():
        assert "_" not in title
        assert not re.search(r"[\[{_]|\d\.\d{7}|um\b|nan|None", value), (title, value)
    shoot(window, f"analysis-{name}")


def test_a_missing_parent_is_run_first(user, window, panel, samples) -> None:
    opened(user, window, samples, DEMO[6].filename)
    choose(panel, "heart_rate")
    controls = panel._controls
    assert controls.needs.isVisible()
    assert controls.needs.text() == (
        "Heart rate reads Velocity (Radon), which has not run on this ROI."
    )
    assert controls.run_button.text() == "Run Velocity (Radon) First"
    user.click(controls.run_button)
    user.wait_until(lambda: len(user.image.state.records) == 2, 30_000)
    assert [one.key.analysis_name for one in user.image.state.records] == [
        "radon_velocity", "heart_rate",
    ]  # fmt: skip
    assert window.controller.selection.analysis_name == "heart_rate"
    assert controls.run_button.text() == "Run"
    assert controls.needs.isHidden()


def test_a_parent_that_fails_is_told_where_the_user_looks(user, window, panel, make_tiff) -> None:
    user.open(make_tiff("short.tif", lines=20))
    window.controller.add_roi()
    choose(panel, "event")
    user.click(panel._controls.run_button)
    user.wait()
    assert "fewer than one window" in panel._notice.text
    assert not user.image.state.records
    assert window.controller.selection.analysis_name == "event"


def test_long_forms_fold(user, window, panel, samples) -> None:
    opened(user, window, samples, DEMO[6].filename)
    choose(panel, "heart_rate")
    form = panel._parameters._form
    assert form.editor("bpm_min").isVisibleTo(form)
    assert not form.editor("lomb_n_freq").isVisibleTo(form)
    form.captions["Methods"].setFocus()
    user.press(Key.Key_Space)
    assert form.editor("lomb_n_freq").isVisibleTo(form)
    choose(panel, "diameter")
    choose(panel, "heart_rate")
    assert panel._parameters._form.captions["Methods"].isChecked()  # stays as the user left it


def test_only_what_applies(user, window, panel, samples) -> None:
    opened(user, window, samples, DEMO[5].filename)
    choose(panel, "diameter")
    form = panel._parameters._form
    assert not form.editor("gradient_sigma").isVisibleTo(form)
    box = form.editor("diameter_method")
    box.setCurrentIndex(box.findData("fwhm"))
    box.activated.emit(box.currentIndex())
    assert form.editor("gradient_sigma").isVisibleTo(form)
    assert not form.editor("threshold_mode").isVisibleTo(form)


def test_no_field_without_a_word_of_help(panel) -> None:
    for analysis in analyses().values():
        for field in analysis.schema().visible_fields():
            assert field.description, (analysis.name, field.name)


def shoot(window, name: str) -> None:
    """A picture for who wants to look: set CLOUDSCOPE_SHOTS to a folder."""
    folder = os.environ.get("CLOUDSCOPE_SHOTS")
    if folder:
        window.grab().save(f"{folder}/{name}.png")
