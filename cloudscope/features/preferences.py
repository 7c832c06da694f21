"""The settings page: whatever is changed there is in force and stored at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import Slot

from cloudscope.views.settings_dialog import Choices, SettingsDialog
from cloudscope.workbench import Feature, Workbench


class Preferences(Feature):
    """Carries choices between page, settings and window."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._dialog: SettingsDialog | None = None
        bench.panels.contrast.percentiles = bench.settings.auto_contrast_percentiles

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """What its action calls."""
        return {"settings": self._open}

    def _open(self) -> None:
        if self._dialog is None:
            self._dialog = SettingsDialog(self.bench.theme, self._now(), self.bench.window)
            self._dialog.chosen.connect(self._put)
            self._dialog.resetRequested.connect(self._reset)
            self.bench.theme.changed.connect(self._follow)
        self._follow()
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    def _now(self) -> Choices:
        settings = self.bench.settings
        return Choices(
            settings.appearance,
            settings.text_scale,
            settings.reopen_last,
            settings.folder_depth,
            settings.auto_contrast_percentiles,
            settings.default_lut,
        )

    @Slot()
    def _follow(self) -> None:
        """Text size and appearance have menus and keys of their own."""
        if self._dialog is not None:
            theme = self.bench.theme
            look = {"appearance": theme.appearance, "text_scale": theme.text_scale}
            self._dialog.show_choices(replace(self._now(), **look))  # type: ignore[arg-type]

    @Slot(object)
    def _put(self, choices: Choices) -> None:
        """Store first: what hears of the change may ask the settings."""
        settings = self.bench.settings
        settings.appearance, settings.text_scale = choices.appearance, choices.text_scale
        settings.reopen_last, settings.folder_depth = choices.reopen_last, choices.folder_depth
        settings.auto_contrast_percentiles = choices.percentiles
        settings.default_lut = choices.lut
        self._apply(choices)

    @Slot()
    def _reset(self) -> None:
        """What was opened, presets and the place of the window stay."""
        self.bench.settings.reset_choices()
        self._apply(self._now())
        self._follow()

    def _apply(self, choices: Choices) -> None:
        theme = self.bench.theme
        if theme.appearance != choices.appearance:
            theme.set_appearance(choices.appearance)
        theme.set_text_scale(choices.text_scale)
        self.bench.panels.contrast.percentiles = choices.percentiles
