"""Pictures of the window in twelve states, light and dark, beside this file.

    python resources/screenshots/make.py [--only NAME ...]

Runs without a screen, with settings and caches of its own, on the sample recordings.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

HERE = Path(__file__).parent
HOME = Path(tempfile.mkdtemp(prefix="cloudscope-pictures-"))
os.environ["QT_QPA_PLATFORM"] = "offscreen"
for _variable in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
    os.environ[_variable] = str(HOME)
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from small_png import no_scale, save_small

from acqcore.samples import DEMO
from cloudscope.app import make_application
from cloudscope.demo import sample_folder
from cloudscope.main_window import MainWindow
from cloudscope.settings import Settings
from cloudscope.theme import Theme
from cloudscope.views.pool_rows import TABLE, Wish
from cloudscope.workbench import Feature

WIDTH, HEIGHT = 1280, 800
MOST_BYTES = 3_000_000
CAPILLARY, STALLED, DIAMETER, VEIN = (DEMO[place].filename for place in (0, 4, 5, 6))


class Missing(Exception):
    """The feature is not there."""


class Stage:
    """The window with the sample recordings, and what a state needs of it."""

    def __init__(self, app: QApplication, folder: Path) -> None:
        self.app = app
        self.theme = Theme(app, HOME / "style")
        self.theme.set_appearance("light")
        settings = Settings(HOME / "settings.ini")
        self.window = MainWindow(self.theme, settings, {"cache": HOME, "logs": HOME / "logs"})
        self.window.furnish()
        self.window.resize(WIDTH, HEIGHT)
        self.window.show()
        self.settle()
        self.folder = folder

    # --- what happens ------------------------------------------------------------------------

    def settle(self, until: Callable[[], bool] = lambda: False, seconds: float = 120) -> None:
        """Until no job runs, or until something is true; then a little for delayed repaints."""
        end = monotonic() + seconds
        while self.window.jobs.active and not until():
            if monotonic() > end:
                raise TimeoutError("the window is still at work")
            self.app.processEvents()
            sleep(0.01)
        self.linger(0.4)

    def linger(self, seconds: float) -> None:
        """Let the event loop run."""
        end = monotonic() + seconds
        while monotonic() < end:
            self.app.processEvents()
            sleep(0.01)

    def open(self) -> None:
        """The sample folder, if it is not open; first recording, whole view, usual docks."""
        if not len(self.window.session.images):
            self.window.commands.open_paths([self.folder], remember=False)
            self.settle()

    def show(self, name: str, analysis: str = "radon_velocity") -> None:
        """One recording with one kind of result, in full view, and its panel in front."""
        self.open()
        controller = self.window.controller
        file_id = self.file_id(name)
        self.window.tree.select(file_id)
        controller.select(file_id)
        controller.choose_analysis(analysis)
        self.settle()
        self.trigger("full_view")
        self.dock("Analysis")

    def file_id(self, name: str) -> str:
        """Of the sample with this file name."""
        return next(one.file_id for one in self.window.session.images if one.name == name)

    def trigger(self, action: str) -> None:
        """A command of the menus; what it starts is waited for."""
        if action not in self.window.actions_by_id:
            raise Missing(f"no command '{action}'")
        self.window.actions_by_id[action].trigger()
        self.settle()

    def feature(self, name: str) -> Feature:
        """By the name of its class."""
        for one in self.window.features:
            if type(one).__name__ == name:
                return one
        raise Missing(f"no feature {name}")

    def dock(self, title: str) -> None:
        """Bring one of the tabbed panels to the front."""
        self.window.docks[title].raise_()
        self.linger(0.1)

    def run(self, analysis: str) -> None:
        """Run an analysis on what is shown, as the button does."""
        self.window.controller.choose_analysis(analysis)
        self.linger(0.1)
        self.trigger("run")

    def select_all(self, names: list[str]) -> None:
        """Several recordings in the list."""
        self.window.tree.select_many([self.file_id(name) for name in names])
        self.linger(0.2)

    def point_at(self, line: float, pixel: float) -> None:
        """Rest the mouse on a place of the picture."""
        plot = self.window.view.kymograph
        at = plot.mapFromScene(plot.view_box.mapViewToScene(QPointF(line, pixel)))
        QTest.mouseMove(plot.viewport(), QPoint(at.x() - 2, at.y()))
        QTest.mouseMove(plot.viewport(), at)
        self.linger(0.2)

    @contextmanager
    def held(self, lane: str) -> Iterator[None]:
        """Nothing of this lane begins meanwhile."""
        gate = threading.Event()
        self.window.jobs.submit(lane, lambda job: gate.wait(60))
        try:
            yield
        finally:
            gate.set()
            self.settle()

    # --- pictures ----------------------------------------------------------------------------

    def shoot(self, name: str, shown: QWidget | None = None) -> list[Path]:
        """Both themes; another window than the main one is shown at the same size."""
        widget = shown or self.window
        if shown is not None:
            shown.resize(WIDTH, HEIGHT)
            shown.show()
            self.settle()
        return [self._shot(name, appearance, widget) for appearance in ("light", "dark")]

    def _shot(self, name: str, appearance: str, widget: QWidget) -> Path:
        self.theme.set_appearance(appearance)
        self.linger(0.3)
        path = HERE / f"{name}-{appearance}.png"
        save_small(no_scale(widget.grab().toImage(), WIDTH, HEIGHT), path)
        return path


def empty(stage: Stage) -> list[Path]:
    """Nothing was ever opened."""
    return stage.shoot("empty")


def loading(stage: Stage) -> list[Path]:
    """Another recording was chosen; its picture is on the way."""
    stage.show(CAPILLARY)
    with stage.held("show"):
        file_id = stage.file_id(VEIN)
        stage.window.tree.select(file_id)
        stage.window.controller.select(file_id)
        return stage.shoot("loading")


def one_file(stage: Stage) -> list[Path]:
    """A recording with a region, not measured yet."""
    stage.show(STALLED)
    stage.dock("Metadata")
    return stage.shoot("one-file")


def roi_drag(stage: Stage) -> list[Path]:
    """A rectangle is being drawn; the read-out tells its numbers."""
    stage.show(VEIN)
    stage.dock("ROIs")
    stage.trigger("tool_roi")
    plot = stage.window.view.kymograph
    surface, left = plot.viewport(), Qt.MouseButton.LeftButton

    def at(line: float, pixel: float) -> QPoint:
        return plot.mapFromScene(plot.view_box.mapViewToScene(QPointF(line, pixel)))

    QTest.mousePress(surface, left, pos=at(1200, 35))
    for step in range(1, 7):
        QTest.mouseMove(surface, at(1200 + 400 * step, 35 + 15 * step))
        stage.linger(0.05)
    made = stage.shoot("roi-drag")
    QTest.mouseRelease(surface, left, pos=at(3600, 125))
    stage.trigger("undo")
    stage.trigger("tool_pan")
    return made


def velocity(stage: Stage) -> list[Path]:
    """The velocity of a capillary with its error band."""
    stage.show(CAPILLARY)
    stage.point_at(1310, 105)
    return stage.shoot("velocity")


def diameter(stage: Stage) -> list[Path]:
    """The walls that were found, over the picture."""
    stage.show(DIAMETER, "diameter")
    stage.run("diameter")
    stage.window.view.kymograph.set_time_range(800, 2000)
    stage.linger(0.3)
    return stage.shoot("diameter")


def events(stage: Stage) -> list[Path]:
    """A stall that was found, waiting for a verdict."""
    stage.show(STALLED)
    stage.run("radon_velocity")
    stage.dock("Events")
    stage.trigger("find_events")
    stage.trigger("next_event")
    stage.trigger("full_view")
    return stage.shoot("events")


def heart_rate(stage: Stage) -> list[Path]:
    """The rate in the velocity of a vein, and the spectrum behind it."""
    stage.show(VEIN)
    stage.run("heart_rate")
    trace = stage.window.view.trace
    trace.curvesChosen.emit("heart_rate", ())  # of four seconds it has one point
    stage.trigger("spectrum")
    made = stage.shoot("heart-rate")
    stage.trigger("spectrum")
    trace.curvesChosen.emit("heart_rate", ("bpm",))
    return made


def pool(stage: Stage) -> list[Path]:
    """The velocities of all windows, by vessel and condition."""
    for place in (1, 4, 6, 7):  # without a result that is up to date
        stage.show(DEMO[place].filename)
        stage.run("radon_velocity")
    stage.trigger("pool")
    window = stage.feature("Pool").window  # type: ignore[attr-defined]
    window.tableWanted.emit(Wish("radon_velocity", TABLE))
    stage.settle()
    choice = replace(
        window.plots.choice, kind="box", y="velocity", group="cell_type", color="condition",
        absolute=True, points=True,
    )  # fmt: skip
    window.plot_form.choiceEdited.emit(choice)
    window.plot_form.show_choice(choice)
    stage.settle()
    return _own_window(stage, "pool", "Pool")


def compare(stage: Stage) -> list[Path]:
    """Four recordings under each other on one time axis."""
    stage.show(CAPILLARY)
    stage.select_all([DEMO[place].filename for place in (0, 1, 4, 6)])
    stage.trigger("compare")
    return _own_window(stage, "compare", "Compare")


def batch(stage: Stage) -> list[Path]:
    """A batch with some recordings done and one at work."""
    stage.show(CAPILLARY)
    stage.trigger("save_all")
    stage.trigger("batch")
    feature = stage.feature("Batch")
    desk = feature.desk  # type: ignore[attr-defined]
    desk.window.resize(WIDTH, HEIGHT)
    settings = desk.window.settings
    settings.workers.setValue(1)
    settings.existing.setCurrentIndex(settings.existing.count() - 1)
    desk.draft.look_now()
    stage.settle()
    desk.window.foot.run_button.click()
    stage.settle(lambda: desk.runs[-1].status.ended >= 3)
    made = [stage._shot("batch", appearance, desk.window) for appearance in ("light", "dark")]
    desk.stop()
    stage.settle()
    desk.close()
    return made


def figure(stage: Stage) -> list[Path]:
    """The composer with image and velocity."""
    stage.show(CAPILLARY)
    stage.trigger("figure")
    window = stage.feature("FigureComposer").window  # type: ignore[attr-defined]
    image, *traces = window.recipe.panels
    image = replace(image, outlines=False, lut_bar=True)
    window.edit(replace(window.recipe, panels=(image, *traces)))
    stage.settle()
    return _own_window(stage, "figure", "FigureComposer")


def _own_window(stage: Stage, name: str, feature: str) -> list[Path]:
    """The window of a feature, which it keeps as `window`."""
    window = stage.feature(feature).window  # type: ignore[attr-defined]
    made = stage.shoot(name, window)
    window.close()
    return made


STATES: dict[str, Callable[[Stage], list[Path]]] = {
    "empty": empty,
    "loading": loading,
    "one-file": one_file,
    "roi-drag": roi_drag,
    "velocity": velocity,
    "diameter": diameter,
    "events": events,
    "heart-rate": heart_rate,
    "pool": pool,
    "compare": compare,
    "figure": figure,
    "batch": batch,
}
"""In the order in which they are made: what one leaves behind, the next ones show."""


def main() -> int:
    """Make the pictures; 1 when one is missing or all are too large."""
    parser = argparse.ArgumentParser(description="Make the pictures of the window.")
    parser.add_argument("--only", nargs="+", choices=tuple(STATES), default=tuple(STATES))
    wanted = parser.parse_args().only
    app = make_application()
    pg.setConfigOption("mouseRateLimit", -1)  # else most of a synthetic drag is swallowed
    folder = sample_folder(HOME)
    stage, missing = Stage(app, folder), 0
    for name in STATES:
        if name not in wanted:
            continue
        try:
            for path in STATES[name](stage):
                print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")
        except Missing as reason:
            print(f"{name}: left out, {reason}")
            missing += 1
        stage.theme.set_appearance("light")
    total = sum(HERE.joinpath(f"{one}-{two}.png").stat().st_size
                for one in STATES for two in ("light", "dark")
                if HERE.joinpath(f"{one}-{two}.png").exists())  # fmt: skip
    print(f"together {total / 1e6:.2f} MB of {MOST_BYTES / 1e6:.0f}")
    stage.window.discard_and_close()
    return int(missing > 0 or total > MOST_BYTES)


if __name__ == "__main__":
    sys.exit(main())
