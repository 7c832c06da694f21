"""Experiment metadata and the editable part of the image header, as schema-driven forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

from acqcore.model.header import STEP_RANGE, Calibration, ImageHeader, calibration, is_step
from acqcore.model.schema import (
    SchemaDefinition,
    coerced,
    described,
    schema_of,
    validate_patch_for_schema,
)

EXPERIMENT = "experiment_metadata"
HEADER = "acq_image_header"


@dataclass(frozen=True, slots=True)
class ExperimentMetadata:
    """What the scientist knows about the animal, the vessel and the day.

    Fields stand in the order of the form; the sidecar stores them by name.
    """

    species: str = described("", group="Animal")
    sex: str = described("", group="Animal")
    genotype: str = described("", group="Animal")
    age: str = described("", group="Animal", help="Age with its unit, such as 14 weeks.")
    region: str = described("", group="Sample")
    cell_type: str = described("", title="Cell type", group="Sample")
    depth: float | None = described(
        None, optional=float, unit="µm", group="Sample", help="Depth below the surface."
    )
    branch_order: int | None = described(
        None, optional=int, title="Branch order", group="Sample", help="0 is the parent vessel."
    )
    direction: str = described("", group="Sample")
    condition: str = described("", group="Experiment")
    condition2: str = described("", title="Condition 2", group="Experiment")
    treatment: str = described("", group="Experiment")
    treatment2: str = described("", title="Treatment 2", group="Experiment")
    date: str = described("", group="Experiment")
    note: str = described("", group="Notes")

    def patched(self, patch: Mapping[str, Any]) -> ExperimentMetadata:
        """All values of the patch, or an error and none of them.

        KeyError for an unknown field, ValueError or TypeError for a bad value.
        """
        schema = experiment_schema()
        validate_patch_for_schema(schema, patch)
        return replace(self, **coerced(schema.fields, patch))

    def values(self) -> dict[str, Any]:
        """Values by field name."""
        return asdict(self)


def experiment_schema() -> SchemaDefinition:
    """Schema of the experiment section."""
    return schema_of(ExperimentMetadata, EXPERIMENT)


@dataclass(frozen=True, slots=True)
class ImageHeaderMetadata:
    """The image header as a form; only the calibration can be edited."""

    shape: str = described("", group="Header", editable=False)
    dims: str = described("", group="Header", editable=False)
    sizes: str = described("", group="Header", editable=False)
    dtype: str = described("", title="DType", group="Header", editable=False)
    num_channels: int = described(1, title="Channels", group="Header", editable=False)
    num_scenes: int = described(1, title="Scenes", group="Header", editable=False)
    date: str = described("", group="Header", editable=False)
    time: str = described("", group="Header", editable=False)
    physical_unit_y: float = described(1.0, title="Physical unit Y", group="Calibration")
    physical_unit_x: float = described(1.0, title="Physical unit X", group="Calibration")
    physical_label_y: str = described("Pixels", title="Physical label Y", group="Calibration")
    physical_label_x: str = described("Pixels", title="Physical label X", group="Calibration")

    CALIBRATION_FIELDS: ClassVar = (
        "physical_unit_y", "physical_unit_x", "physical_label_y", "physical_label_x",
    )  # fmt: skip


def header_schema() -> SchemaDefinition:
    """Schema of the header section."""
    return schema_of(ImageHeaderMetadata, HEADER)


def header_values(header: ImageHeader, steps: Calibration) -> dict[str, Any]:
    """Values of the header section with the calibration in force."""
    shown = ImageHeaderMetadata(
        shape=str(header.shape),
        dims=str(header.dims),
        sizes=str(header.sizes),
        dtype=header.dtype,
        num_channels=header.num_channels,
        num_scenes=header.num_scenes,
        date=header.date,
        time=header.time,
        physical_unit_y=steps.step_y,
        physical_unit_x=steps.step_x,
        physical_label_y=steps.label_y,
        physical_label_x=steps.label_x,
    )
    return asdict(shown)


def patched_calibration(now: Calibration, patch: Mapping[str, Any]) -> Calibration:
    """The calibration after an edit of the header section.

    KeyError for an unknown field, ValueError for one that cannot be edited or a step
    that is not a positive, finite number.
    """
    schema = header_schema()
    validate_patch_for_schema(schema, patch)
    values = coerced(schema.fields, patch)
    step_y = values.get("physical_unit_y", now.step_y)
    step_x = values.get("physical_unit_x", now.step_x)
    for name, step in (("physical_unit_y", step_y), ("physical_unit_x", step_x)):
        if step is None or not is_step(step):
            raise ValueError(f"{name} must be a {STEP_RANGE}, not {patch[name]!r}")
    return calibration(
        step_y,
        values.get("physical_label_y", now.label_y) or "Pixels",
        step_x,
        values.get("physical_label_x", now.label_x) or "Pixels",
        "user",
    )


class MetadataSection:
    """One form of one image: a schema with its values now; a change is an edit of the image.

    `update_values` makes the edit, `is_dirty` compares with what is saved.
    """

    def __init__(
        self,
        section_id: str,
        title: str,
        schema: SchemaDefinition,
        now: Callable[[], dict[str, Any]],
        saved: Callable[[], dict[str, Any]],
        apply: Callable[[str, Mapping[str, Any]], None],
    ) -> None:
        self.metadata_section_id, self.display_section_title = section_id, title
        self.schema = schema
        self._now, self._saved, self._apply = now, saved, apply

    def get_schema(self) -> SchemaDefinition:
        """Fields in display order."""
        return self.schema

    def get_values(self) -> dict[str, Any]:
        """Values by field name."""
        return self._now()

    def update_values(self, patch: Mapping[str, Any]) -> None:
        """Change values, all or none.

        KeyError for an unknown field, ValueError or TypeError for a value that is not taken.
        """
        self._apply(self.metadata_section_id, patch)

    def is_dirty(self) -> bool:
        """Whether a value differs from the saved one."""
        return self._now() != self._saved()


def experiment_section(
    now: Callable[[], ExperimentMetadata],
    saved: Callable[[], ExperimentMetadata],
    apply: Callable[[str, Mapping[str, Any]], None],
) -> MetadataSection:
    """The experiment as a form."""
    return MetadataSection(
        EXPERIMENT,
        "Experiment Metadata",
        experiment_schema(),
        lambda: now().values(),
        lambda: saved().values(),
        apply,
    )


def header_section(
    header: ImageHeader,
    now: Callable[[], Calibration | None],
    saved: Callable[[], Calibration | None],
    apply: Callable[[str, Mapping[str, Any]], None],
) -> MetadataSection:
    """The image header as a form; `now` and `saved` give the user's calibration, if any."""
    return MetadataSection(
        HEADER,
        "Image Header",
        header_schema(),
        lambda: header_values(header, now() or header.calibration),
        lambda: header_values(header, saved() or header.calibration),
        apply,
    )
