"""The pool: results of all recordings together, one selection with the main window."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from acqcore.acq_image import AcqImage
from acqcore.model.metadata import EXPERIMENT
from acqcore.model.roi import RectRoiBounds
from cloudscope.features.pool import Pool

Key, Keys = Qt.Key, Qt.KeyboardModifier
VELOCITY = "radon_velocity"
HALVES = (RectRoiBounds(0, 200, 0, 32), RectRoiBounds(200, 400, 0, 32))


@pytest.fixture(scope="module")
def measured(make_tiff_in, tmp_path_factory) -> Path:
    """What `analysed` copies, measured once for all."""
    folder = tmp_path_factory.mktemp("measured")
    for seed, name in enumerate("abc"):
        make_tiff_in(folder, f"{name}.tif", seed=seed)
    for name, condition in (("a.tif", "control"), ("b.tif", "drug")):
        image = AcqImage(folder / name)
        image.apply_metadata_patch(EXPERIMENT, {"condition": condition})
        for bounds in HALVES:
            roi = image.rois.create_rect_roi(bounds)
            one = image.analysis_set.create(VELOCITY, channel=0, roi_id=roi.id)
            image.analysis_set.run_analysis(one.key)
        image.save()
    return folder


@pytest.fixture
def analysed(measured: Path, tmp_path: Path) -> Path:
    """a.tif and b.tif: two ROIs with results each; c.tif has none."""
    return shutil.copytree(measured, tmp_path, dirs_exist_ok=True)


class Desk:
    """The pool window as a person uses it."""

    def __init__(self, user, main) -> None:
        self.user, self.main = user, main
        self.feature = next(one for one in main.features if isinstance(one, Pool))
        main.activateWindow()
        main.tree.tree.setFocus()
        user.press(Key.Key_P, Keys.ControlModifier | Keys.AltModifier)
        self.window = self.feature.window
        user.qtbot.waitExposed(self.window)
        user.wait()

    @property
    def plot(self):
        return self.window.plots.plots[0]

    @property
    def names(self) -> list[str]:
        model = self.window.pane.model
        return [model.index(row, 0).data() for row in range(model.rowCount())]

    def point(self, place: int) -> QPoint:
        """Where a point is on screen."""
        x, y = self.plot.places
        at = self.plot.box.mapViewToScene(QPointF(x[place], y[place]))
        return self.plot.mapFromScene(at)

    def corner(self, x: float, y: float) -> QPoint:
        """A part of the plot's box, 0..1 from the left and from the top."""
        shape = self.plot.box.sceneBoundingRect()
        at = QPointF(shape.left() + x * shape.width(), shape.top() + y * shape.height())
        return self.plot.mapFromScene(at)

    def pick(self, box, value: str) -> None:
        """Choose with the keyboard, as in a closed combo box."""
        box.setFocus()
        steps = box.findData(value) - box.currentIndex()
        for _ in range(abs(steps)):
            self.user.key(box, Key.Key_Down if steps > 0 else Key.Key_Up)
        box.activated.emit(box.currentIndex())
        self.user.wait()

    def place(self) -> tuple[str, int | None]:
        here = self.main.controller.selection
        return Path(here.file_id).name, here.roi_id


@pytest.fixture
def desk(user, window, analysed: Path) -> Desk:
    user.open(analysed)
    return Desk(user, window)


def test_opens_with_all_results(desk) -> None:
    assert desk.names == ["a.tif", "a.tif", "b.tif", "b.tif"]
    assert desk.plot.numbers.groups == ("control", "drug")
    assert "n = 4 · 2 recordings" in desk.plot.accessibleName()
    assert desk.window.summary.model.rowCount() == 2
    assert not desk.window.isModal()


def test_group_and_kind(desk) -> None:
    form = desk.window.plot_form
    desk.pick(form.group, "roi_id")
    assert desk.plot.numbers.groups == ("1", "2")
    desk.pick(form.kind, "box")
    desk.pick(form.per, "file")
    assert desk.plot.numbers.y.size == 4  # a recording has a value in each group
    desk.pick(form.group, "")
    assert desk.plot.numbers.y.size == 2
    desk.pick(form.value, "num_windows")
    assert desk.plot.numbers.y_title == "Num windows"


def test_rows_of_the_tables(desk) -> None:
    desk.pick(desk.window.rows_form.rows, "table")
    assert len(desk.names) > 20
    assert desk.plot.numbers.y_title == "Velocity (mm/s)"


def test_a_click_on_a_point_goes_to_its_roi(desk, user) -> None:
    for place, where in ((3, ("b.tif", 2)), (0, ("a.tif", 1))):
        user.click(desk.plot.viewport(), desk.point(place))
        user.wait()
        assert desk.window.pane.selected.tolist() == [place]
        assert desk.place() == where
        assert desk.main.tree.selected_file_ids() == [desk.main.controller.selection.file_id]


def test_a_click_beside_the_points_lets_go(desk, user) -> None:
    user.click(desk.plot.viewport(), desk.point(1))
    user.click(desk.plot.viewport(), desk.corner(0.99, 0.02))
    assert desk.window.pane.selected.size == 0


def test_brush_and_shift(desk, user) -> None:
    view = desk.plot.viewport()
    user.drag(view, desk.corner(0.01, 0.01), desk.corner(0.5, 0.99))
    user.wait()
    assert desk.window.pane.selected.tolist() == [0, 1]
    assert desk.place()[0] == "a.tif"
    user.drag(
        view, desk.corner(0.52, 0.01), desk.corner(0.99, 0.99), stateKey=Keys.ShiftModifier
    )  # fmt: skip
    user.wait()
    assert desk.window.pane.selected.tolist() == [0, 1, 2, 3]
    assert len(desk.window.pane.view.selectionModel().selectedRows()) == 4


def test_a_row_by_keyboard(desk, user) -> None:
    view = desk.window.pane.view
    view.setFocus()
    view.selectRow(0)
    user.press(Key.Key_Down)
    user.press(Key.Key_Down)
    user.wait()
    assert desk.place() == ("b.tif", 1)
    assert desk.plot._marked.tolist() == [2]
    user.press(Key.Key_Down, Keys.ShiftModifier)
    assert desk.plot._marked.tolist() == [2, 3]


def test_the_tree_highlights_points(desk, user) -> None:
    tree = desk.main.tree
    ids = [image.file_id for image in desk.main.session.images]
    user.click(tree.tree.viewport(), tree.tree.visualRect(tree.model.index_of(ids[1])).center())
    user.wait()
    assert set(desk.window.pane.selected) <= {2, 3}
    assert desk.window.pane.selected.size


def test_a_new_result_arrives_by_itself(desk, user) -> None:
    user.click(desk.plot.viewport(), desk.point(3))
    user.wait()
    image = list(desk.main.session.images)[2]
    desk.main.tree.select(image.file_id)
    desk.main.controller.select(image.file_id)
    user.wait()
    desk.main.controller.add_roi()
    desk.window.highlight(np.array([3]))
    desk.main.panels.analysis.request_run()
    user.wait()
    user.wait_until(lambda: len(desk.names) == 5)
    assert desk.window.pane.selected.tolist() == [3]
    desk.main.controller.undo_stack.undo()
    user.wait_until(lambda: len(desk.names) == 4)


def test_rejected_recordings_leave_the_plot(desk, user) -> None:
    desk.main.activateWindow()
    image = next(iter(desk.main.session.images))
    desk.main.controller.select(image.file_id)
    user.wait()
    desk.main.actions_by_id["reject"].trigger()
    user.wait_until(lambda: desk.names == ["b.tif", "b.tif"])
    assert desk.window.foot.message.text() == "2 rows left out: 2 rejected"
    desk.window.rows_form.rejected.click()
    assert len(desk.names) == 4


def test_animals(desk, user) -> None:
    desk.pick(desk.window.rows_form.animal, "pattern")
    field = desk.window.rows_form.pattern
    field.setFocus()
    user.type(r"^(\w)\.tif")
    user.press(Key.Key_Return)
    user.wait()
    assert "2 animals" in desk.plot.accessibleName()
    user.type("(")
    user.press(Key.Key_Return)
    user.wait()
    assert field.property("state") == "error"


def test_names_stay_hidden(desk, user) -> None:
    desk.main.actions_by_id["blind"].trigger()
    user.wait_until(lambda: all(name.startswith("File ") for name in desk.names))
    assert desk.plot.numbers.groups == ("Blinded",)
    desk.main.actions_by_id["blind"].trigger()
    user.wait_until(lambda: desk.names[0] == "a.tif")


def test_closing_the_folder_empties_it(desk, user, tmp_path) -> None:
    other = tmp_path / "nothing"
    other.mkdir()
    user.open(other)
    user.wait_until(lambda: desk.names == [])
    user.wait()
    assert "No recording is open" in desk.plot.sentence


def test_keys(desk, user) -> None:
    desk.window.activateWindow()
    user.key(desk.window, Key.Key_F, Keys.ControlModifier)
    assert QApplication.focusWidget() is desk.window.pane.filter
    user.type("drug")
    assert desk.names == ["b.tif", "b.tif"]
    assert desk.plot.numbers.y.size == 2
    desk.window.highlight(np.array([2]))
    user.key(desk.window, Key.Key_Escape)
    assert desk.window.pane.selected.size == 0
    user.key(desk.window, Key.Key_Escape)
    assert not desk.window.isVisible()


def test_export(desk, user, monkeypatch, tmp_path: Path) -> None:
    asked: list[str] = []

    def answer(parent, title, start, kinds):
        asked.append(title)
        kind = next(one for one in kinds.split(";;") if "csv" in one or "PNG, 600" in one)
        return str(tmp_path / ("out.png" if "png" in kind else f"{len(asked)}")), kind

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    for name in ("points", "summary", "shown", "plot"):
        desk.window.foot.exportRequested.emit(name)
        user.wait()
    assert asked == [
        "Export Numbers Behind the Plot", "Export Summary", "Export Shown Rows", "Export Plot",
    ]  # fmt: skip
    points = list(csv.reader(io.StringIO((tmp_path / "1.csv").read_text())))
    assert points[0][2] == desk.plot.numbers.y_title
    assert len(points) == 5
    assert len((tmp_path / "2.csv").read_text().splitlines()) == 3
    assert len((tmp_path / "3.csv").read_text().splitlines()) == 6
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")
    assert desk.window.foot.message.text() == "Exported out.png"
    for ending in ("svg", "pdf"):
        desk.feature._files.export("plot", tmp_path / f"a.{ending}")
        user.wait()
        assert (tmp_path / f"a.{ending}").stat().st_size > 1000


def test_it_comes_back_as_it_was(desk, user) -> None:
    desk.pick(desk.window.plot_form.kind, "violin")
    desk.window.rows_form.flagged.click()
    desk.window.setGeometry(40, 50, 900, 600)
    desk.window.close()
    stored = desk.main.settings.block("pool")
    assert stored["geometry"] == [40, 50, 900, 600]
    assert stored["plots"][0]["kind"] == "violin"
    desk.feature.window.deleteLater()
    desk.feature.window = None
    desk.main.actions_by_id["pool"].trigger()
    user.wait()
    again = desk.feature
    assert again.window.plots.choice.kind == "violin"
    assert again.window.rows_form.keep.flagged
    assert again.window.width() == 900


def test_gathering_can_be_stopped(desk, user) -> None:
    desk.window.refresh()
    assert desk.window.foot.bar.isVisibleTo(desk.window)
    QTest.mouseClick(desk.window.foot.cancel_button, Qt.MouseButton.LeftButton)
    user.wait()
    assert not desk.window.foot.bar.isVisibleTo(desk.window)
    assert len(desk.names) == 4


def test_the_last_wish_counts(desk, user, monkeypatch) -> None:
    """An answer that was on its way must not turn the form back."""
    form, shown = desk.window.rows_form, []
    monkeypatch.setattr(desk.window, "show_table", lambda table, *rest: shown.append(table.wish))
    for name in ("parent", "note", "grandparent"):
        form.animal.setCurrentIndex(form.animal.findData(name))
        form.animal.activated.emit(form.animal.currentIndex())
        job = next(one for one in desk.main.jobs.active if one.text == "Gathering results")
        end = monotonic() + 5
        while name != "grandparent" and job.outcome is None and monotonic() < end:
            sleep(0.001)  # without events: the answer is there and not yet taken
    user.wait()
    assert [wish.animal for wish in shown] == ["grandparent"]
