"""All channels of a recording in one picture, and the way from channel to channel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QToolButton

from acqcore.acq_image import AcqImage
from acqcore.errors import AcqError, Cancelled
from acqcore.pyramid import BRIGHTEST, KINDS, Pyramid
from cloudscope.jobs import Job
from cloudscope.pictures import FirstContrast, read_picture
from cloudscope.scene import Plane, Scene
from cloudscope.views.channel_legend import ChannelLegend, Entry
from cloudscope.views.luts import ADDITIVE, Table, lut, tint
from cloudscope.views.viewport_item import Added
from cloudscope.workbench import Feature, Workbench

_BLOCK, _ON = "composite", "on"
_ICON = 16
_Place = tuple[str, int, int, int, str]
"""File id, channel, z, t and what pixels are reduced to."""


class Composite(Feature):
    """Adds the light of the other channels to that of the selected one.

    One channel stays the selected one: contrast, read-out and analyses are of it. A channel
    whose map is no single colour gets one; maps and limits are those of each channel.
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.on = bench.settings.block(_BLOCK).get(_ON) is True
        self.legend = ChannelLegend()
        self._held: dict[_Place, tuple[Plane, Pyramid]] = {}
        self._job: Job | None = None
        self._reading: tuple[_Place, ...] = ()
        self._failed: tuple[_Place, ...] = ()
        bench.panels.view.kymograph.plot_item.addItem(self.legend, ignoreBounds=True)
        bench.actions["composite"].setChecked(self.on)
        self._button = self._added_button()
        self._keep_keys_at_the_picture()
        bench.controller.sceneChanged.connect(self._follow)
        bench.theme.changed.connect(self._recolor)
        for kind in KINDS:
            bench.actions[f"show_{kind}"].triggered.connect(self._again)

    def _added_button(self) -> QToolButton:
        button, size = QToolButton(), self.bench.theme.px(_ICON)
        button.setDefaultAction(self.bench.actions["composite"])
        button.setAccessibleName("Composite")
        button.setIconSize(QSize(size, size))
        self.bench.panels.view.head.add_channel_tool(button)
        return button

    @Slot()
    def _recolor(self) -> None:
        """Names follow the text size, and so does the button."""
        size = self.bench.theme.px(_ICON)
        self._button.setIconSize(QSize(size, size))
        self._again()

    def _keep_keys_at_the_picture(self) -> None:
        """In lists and fields the same keys turn pages."""
        for name in ("next_channel", "previous_channel"):
            action = self.bench.actions[name]
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self.bench.panels.view.addAction(action)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """Switch it, or go to another channel."""
        return {
            "composite": self.toggle,
            "next_channel": lambda: self._step(1),
            "previous_channel": lambda: self._step(-1),
        }

    def usable(self, scene: Scene) -> Mapping[str, bool]:
        """Whether there is more than one channel."""
        return {"channels": scene.header is not None and scene.header.num_channels > 1}

    def toggle(self) -> None:
        """Show all channels, or the selected one alone."""
        self.on = not self.on
        self.bench.settings.set_block(_BLOCK, {_ON: self.on})
        self.bench.actions["composite"].setChecked(self.on)
        self._again()

    def _step(self, by: int) -> None:
        """After the last channel comes the first."""
        scene = self.bench.panels.scene
        if scene.header is not None:
            channel = (scene.selection.channel + by) % scene.header.num_channels
            self.bench.controller.choose_channel(channel)

    # --- what is on screen ------------------------------------------------------------------

    @Slot()
    def _again(self) -> None:
        self._follow(self.bench.panels.scene)

    @Slot(object)
    def _follow(self, scene: Scene) -> None:
        """While the selected channel loads, the picture of before stays as it is."""
        if scene.loading:
            return
        image, header = self.bench.session.image(scene.selection.file_id), scene.header
        several = header is not None and header.num_channels > 1
        if not self.on or not several or image is None or scene.plane is None:
            self._end()
            return
        places = [self._place(scene.plane, channel) for channel in range(image.images.num_channels)]
        self._held = {place: held for place, held in self._held.items() if place in places}
        self._take_from_memory(places)
        others = [place for place in places if place[1] != scene.plane.channel]
        self._read(image, [place for place in others if place not in self._held])
        self._paint(scene, image, [place for place in others if place in self._held])

    def _place(self, plane: Plane, channel: int) -> _Place:
        checked = (one for one in KINDS if self.bench.actions[f"show_{one}"].isChecked())
        kind = next(checked, BRIGHTEST)
        return plane.file_id, channel, plane.z, plane.t, kind

    def _take_from_memory(self, places: Iterable[_Place]) -> None:
        for place in places:
            plane = self.bench.session.plane(*place[:4])
            if plane is not None and place[4] == BRIGHTEST:
                self._held[place] = plane, plane.pyramid

    def _end(self) -> None:
        self._cancel()
        self._held.clear()
        self.legend.show_entries((), self.bench.theme.font("small"))
        self.bench.panels.view.kymograph.picture.set_composite(None)

    def _paint(self, scene: Scene, image: AcqImage, others: Iterable[_Place]) -> None:
        selected = scene.selection.channel
        added = []
        for place in others:
            contrast, (plane, pyramid) = image.get_image_contrast(place[1]), self._held[place]
            if contrast is not None:
                own = plane.limits if self.bench.controller.limits_of_plane else None
                limits = own or (contrast.value_min, contrast.value_max)
                added.append(Added(pyramid, limits, self._table(image, place[1])))
        picture = self.bench.panels.view.kymograph.picture
        picture.set_composite(self._table(image, selected), added)
        entries = [
            Entry(
                image.header.channel_name(channel),
                self._color(image, channel),
                channel == selected,
            )
            for channel in range(image.header.num_channels)
        ]
        self.legend.show_entries(entries, self.bench.theme.font("small"))

    def _table(self, image: AcqImage, channel: int) -> Table:
        contrast = image.get_image_contrast(channel)
        if contrast is not None and contrast.color_lut in ADDITIVE:
            return lut(contrast.color_lut)
        return tint(self.bench.theme.channel_color(channel).name())

    def _color(self, image: AcqImage, channel: int) -> str:
        """What stands for the channel in the legend: bright, but never white."""
        red, green, blue = self._table(image, channel)[160]
        most = max(red, green, blue, 1)
        return "#" + "".join(f"{int(part) * 255 // int(most):02x}" for part in (red, green, blue))

    # --- reading ----------------------------------------------------------------------------

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job, self._reading = None, ()

    def _read(self, image: AcqImage, missing: Iterable[_Place]) -> None:
        """Once each, off the GUI thread; what cannot be read is not tried again and again."""
        wanted = tuple(place for place in missing if place not in self._failed)
        if wanted == self._reading:
            return
        self._cancel()
        if not wanted:
            return
        first = FirstContrast.from_settings(self.bench.settings)
        kept = {place: self.bench.session.plane(*place[:4]) for place in wanted}

        def work(job: Job) -> dict[_Place, tuple[Plane, Pyramid]]:
            found = {}
            for place in wanted:
                _, channel, z, t, kind = place
                plane = kept[place] or read_picture(job, image, channel, z, t, first)
                same = kind == BRIGHTEST
                pyramid = (
                    plane.pyramid if same else Pyramid.build(plane.pixels, job.is_cancelled, kind)
                )
                found[place] = plane, pyramid
            return found

        self._reading = wanted
        self._job = self.bench.jobs.submit(
            "composite",
            work,
            on_done=lambda found: self._done(wanted, found),
            on_failed=lambda error: self._cannot(wanted, error),
        )

    def _done(self, wanted: tuple[_Place, ...], found: dict[_Place, tuple[Plane, Pyramid]]) -> None:
        if wanted == self._reading:
            self._job, self._reading = None, ()
            self._held |= found
            for plane, _ in found.values():
                self.bench.session.keep(plane)
            self._again()

    def _cannot(self, wanted: tuple[_Place, ...], error: AcqError) -> None:
        if wanted == self._reading and not isinstance(error, Cancelled):
            self._job, self._reading, self._failed = None, (), wanted
            told = self.bench.session.blind.mask(str(error))
            self.bench.panels.view.messages.show_message("err", told)
