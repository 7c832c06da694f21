"""The figure composer: opened on what is shown, filled and written off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QByteArray, QMimeData, Slot
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog

from acqcore.acq_image import AcqImage
from acqcore.errors import AcqError, Cancelled
from acqcore.storage.atomic import write_files
from cloudscope.figures.content import FigureContent
from cloudscope.figures.export import as_image, as_pdf, as_svg, write_figure
from cloudscope.figures.recipe import FORMATS, FigureRecipe, UnreadableRecipe, read_recipe
from cloudscope.jobs import Job
from cloudscope.scene import Scene
from cloudscope.views.figure_content import first_recipe, gather
from cloudscope.views.figure_source import FigureSource
from cloudscope.views.figure_window import FigureWindow
from cloudscope.workbench import Feature, Workbench

LANE, BLOCK = "figure", "figure"
_PREVIEW_DPI = 300
_RECIPES = "Figure recipes (*.json);;All files (*)"


def told_name(scene: Scene) -> str:
    """The name of a recording in figures, captions and file names; a number while blinded."""
    return scene.name


class FigureComposer(Feature):
    """One window; it stays with the recording that it was opened for."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._window: FigureWindow | None = None
        self._image: AcqImage | None = None
        self._scene = Scene()
        self._filling: Job | None = None
        bench.controller.sceneChanged.connect(self._follow)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """The action."""
        return {"figure": self.open}

    @property
    def window(self) -> FigureWindow | None:
        """The composer, None before it was first wanted."""
        return self._window

    def open(self) -> None:
        """Compose a figure of what the main window shows, in the style of the last one."""
        image = self.bench.controller.image
        if image is None:
            return
        if self._window is None:
            self._window = self._made()
        self._image, self._scene = image, self.bench.panels.scene
        recipe = first_recipe(self._scene, self._view_range())
        recipe = replace(recipe, recording=told_name(self._scene))
        with suppress(UnreadableRecipe):  # there is none yet
            recipe = recipe.styled_like(FigureRecipe.from_json(self._remembered()))
        self._window.show_scene(self._scene)
        self._window.edit(recipe)
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()

    def _made(self) -> FigureWindow:
        window = FigureWindow(self.bench.theme, self.bench.window)
        window.contentWanted.connect(self._fill)
        window.viewRangeWanted.connect(self._take_range)
        window.exportRequested.connect(self._export)
        window.copyRequested.connect(self._copy)
        window.saveRequested.connect(self._save_recipe)
        window.openRequested.connect(self._open_recipe)
        window.closed.connect(self._remember)
        return window

    def _view_range(self) -> tuple[float, float]:
        return self.bench.panels.view.kymograph.visible[:2]

    # Content

    @Slot(object)
    def _follow(self, scene: Scene) -> None:
        """Results and contrast of the recording in the figure changed."""
        window = self._window
        if window is None or not window.isVisible() or scene.plane is None:
            return
        if scene.selection.file_id == self._scene.selection.file_id:
            self._scene = scene
            window.show_scene(scene)
            window.edit(replace(window.recipe, recording=told_name(scene)))

    @Slot(object)
    def _fill(self, recipe: FigureRecipe) -> None:
        """Get what the recipe asks for; only the latest wish is shown."""
        if self._filling is not None:
            self._filling.cancel()
        source = self._source()
        self._filling = self.bench.jobs.submit(
            LANE,
            lambda job: gather(source, recipe, _PREVIEW_DPI),
            on_done=lambda content: self._filled(recipe, content),
            on_failed=self._failed,
        )

    def _source(self) -> FigureSource:
        image, session = self._image, self.bench.session
        assert image is not None
        channels = range(image.header.num_channels)
        kept = {one: session.plane(image.file_id, one) for one in channels}
        contrasts = {one: image.get_image_contrast(one) for one in channels}
        there = {one: plane.pixels for one, plane in kept.items() if plane is not None}
        return FigureSource(
            self._scene,
            told_name(self._scene),
            lambda channel: (
                there[channel] if channel in there else image.images.read_plane(channel)
            ),
            contrasts.get,
        )

    def _filled(self, recipe: FigureRecipe, content: FigureContent) -> None:
        if self._window is not None:
            self._window.show_content(recipe, content)

    def _failed(self, error: AcqError) -> None:
        if self._window is not None and not isinstance(error, Cancelled):
            self._window.tell(str(error))

    @Slot()
    def _take_range(self) -> None:
        window = self._window
        if window is not None and window.scene.header is not None:
            lines = first_recipe(self._scene, self._view_range()).lines
            window.edit(replace(window.recipe, lines=lines))

    # Files

    @Slot()
    def _export(self) -> None:
        """Ask where, then write; what the name ends with decides the format."""
        window = self._window
        if window is None:
            return
        recipe = window.recipe
        suffix = recipe.format.lower()
        start = self._folder() / f"{Path(told_name(self._scene)).stem} figure.{suffix}"
        kinds = ";;".join(f"{one} (*.{one.lower()})" for one in _first(recipe.format))
        chosen, _ = QFileDialog.getSaveFileName(window, "Export Figure", str(start), kinds)
        if chosen:
            self.export(Path(chosen), recipe)

    def export(self, path: Path, recipe: FigureRecipe) -> None:
        """Write a file off the GUI thread."""
        ending = path.suffix[1:].upper()
        if ending in FORMATS:
            recipe = replace(recipe, format=ending)
        else:
            path = path.with_name(f"{path.name}.{recipe.format.lower()}")
        source = self._source()

        def work(job: Job) -> Path:
            job.context.progress(0.1)
            content = gather(source, recipe, recipe.dpi)
            job.context.progress(0.5)
            write_figure(path, recipe, content)
            return path

        self._remember()
        self._start(work, "Exporting the figure", lambda written: f"Exported {written.name}")

    def _start(self, work: Callable[[Job], Path], text: str, told: Callable[[Path], str]) -> None:
        def done(path: Path) -> None:
            if self._window is not None:
                self._window.tell(told(path))

        self.bench.jobs.submit(LANE, work, text=text, on_done=done, on_failed=self._failed)

    @Slot()
    def _copy(self) -> None:
        """The clipboard gets pixels and vectors: each program takes what it can."""
        window = self._window
        if window is None:
            return
        recipe, source = window.recipe, self._source()

        def work(job: Job) -> tuple[QImage, bytes, bytes]:
            content = gather(source, recipe, recipe.dpi)
            job.context.progress(0.3)
            return as_image(recipe, content), as_svg(recipe, content), as_pdf(recipe, content)

        self.bench.jobs.submit(
            LANE, work, text="Copying the figure", on_done=self._copied, on_failed=self._failed
        )

    def _copied(self, made: tuple[QImage, bytes, bytes]) -> None:
        image, svg, pdf = made
        mime = QMimeData()
        mime.setImageData(image)
        mime.setData("image/svg+xml", QByteArray(svg))
        mime.setData("application/pdf", QByteArray(pdf))
        QGuiApplication.clipboard().setMimeData(mime)
        if self._window is not None:
            self._window.tell("Figure copied")

    # Recipes

    def _remembered(self) -> str:
        return str(self.bench.settings.block(BLOCK).get("recipe", ""))

    @Slot()
    def _remember(self) -> None:
        if self._window is not None:
            self.bench.settings.set_block(BLOCK, {"recipe": self._window.recipe.to_json()})

    @Slot()
    def _save_recipe(self) -> None:
        window = self._window
        if window is None:
            return
        start = self._folder() / f"{Path(told_name(self._scene)).stem} figure.json"
        chosen, _ = QFileDialog.getSaveFileName(window, "Save Recipe", str(start), _RECIPES)
        if not chosen:
            return
        path, text = Path(chosen), window.recipe.to_json()
        path = path if path.suffix else path.with_suffix(".json")

        def work(job: Job) -> Path:
            write_files([(path, text.encode())])
            return path

        self._start(work, "", lambda written: f"Recipe saved as {written.name}")

    @Slot()
    def _open_recipe(self) -> None:
        window = self._window
        if window is None:
            return
        chosen, _ = QFileDialog.getOpenFileName(
            window, "Open Recipe", str(self._folder()), _RECIPES
        )
        if not chosen:
            return
        path = Path(chosen)
        self.bench.jobs.submit(
            LANE,
            lambda job: read_recipe(path),
            on_done=self._use_recipe,
            on_failed=self._failed,
        )

    def _use_recipe(self, recipe: FigureRecipe) -> None:
        window = self._window
        if window is not None:
            lines = window.scene.header.size("Y") if window.scene.header is not None else 1
            if recipe.lines[1] > lines:  # of a longer recording
                first = recipe.lines[0] if recipe.lines[0] < lines else 0
                recipe = replace(recipe, lines=(first, lines))
            window.edit(replace(recipe, recording=told_name(self._scene)))
            if recipe.recording != told_name(self._scene) and not self._scene.blinded:
                window.tell(f"This recipe was made for {recipe.recording}")

    def _folder(self) -> Path:
        """Where dialogs begin; in blinded mode not where the names are."""
        return (None if self._scene.blinded else self.bench.settings.last_folder) or Path.home()


def _first(wanted: str) -> list[str]:
    """All formats, the wanted one on top."""
    return [wanted, *(one for one in FORMATS if one != wanted)]
