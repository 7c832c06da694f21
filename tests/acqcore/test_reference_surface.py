"""The public surface, row by row: sections 1.2, 2, 3, 4.11, 5 and 6.0 of the reference.

Each check is one row; its id names the section and the member. What we leave out on
purpose stands in `LEFT_OUT`, with the reason in CONTEXT.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import acqcore
from acqcore.acq_image import AcqImage, parent_grandparent_folder_names
from acqcore.acq_image_list import (
    AcqImageList,
    LoadErrorType,
    LoadResult,
    LoadWarning,
    PathKind,
    SaveProgress,
)
from acqcore.analysis import analyses, analysis
from acqcore.analysis.base import Overlay, RunContext
from acqcore.analysis_set import (
    AcqAnalysisSet,
    AnalysisOverlayTraceData,
    AnalysisPlotData,
)
from acqcore.discovery import get_supported_import_extensions
from acqcore.errors import Cancelled, InvalidROI, MissingDependency, SidecarError
from acqcore.model import tree_rows
from acqcore.model.contrast import LUT_NAMES, ImageContrast, contrast_clip_min_max
from acqcore.model.header import ImageHeader, default_physical_for_dims
from acqcore.model.metadata import experiment_schema, header_schema
from acqcore.model.record import AnalysisKey, AnalysisRecord
from acqcore.model.roi import (
    ImageBounds,
    LineEndpoints,
    LineROI,
    RectROI,
    RectRoiBounds,
    RoiType,
    clamp_line_endpoints_to_image,
    clamp_rect_bounds_to_image,
    roi_from_dict,
)
from acqcore.model.schema import (
    FieldSchema,
    SchemaDefinition,
    ValueType,
    card_groups,
    validate_patch_for_schema,
    validate_values_for_schema,
)
from acqcore.roi_set import RoiSet

PLANE = ImageBounds(width=32, height=400)
VELOCITY = AnalysisKey("radon_velocity", 0, 1)
HEADER = ImageHeader("/a.tif", (400, 32), ("Y", "X"), "uint16", date="20250722", time="12:13:14")
ROWS: dict[str, Callable[[AcqImage], None]] = {}


def row(name: str) -> Callable[[Callable[[AcqImage], None]], None]:
    """Add a check under the name of its row."""

    def keep(check: Callable[[AcqImage], None]) -> None:
        assert name not in ROWS
        ROWS[name] = check

    return keep


@pytest.fixture
def image(make_tiff) -> AcqImage:
    return AcqImage(str(make_tiff()))


def with_run(image: AcqImage):
    """A finished velocity on ROI 1."""
    image.rois.create_rect_roi()
    return image.analysis_set.create_and_run("radon_velocity", channel=0, roi_id=1)


# 1.2 AcqImage


@row("1.2 file_id")
def _(image: AcqImage) -> None:
    assert image.file_id == image.path == str(Path(image.path).resolve())


@row("1.2 name")
def _(image: AcqImage) -> None:
    assert image.name == "a.tif"


@row("1.2 is_dirty")
def _(image: AcqImage) -> None:
    parts = image.rois, image.analysis_set
    section = image.get_metadata_section("experiment_metadata")
    assert not image.is_dirty
    image.rois.create_rect_roi()
    assert image.is_dirty
    assert [part.is_dirty for part in parts] == [True, False]
    image.analysis_set.create("radon_velocity", channel=0, roi_id=1)
    section.update_values({"note": "x"})
    assert all(part.is_dirty for part in parts)
    assert section.is_dirty()
    image.save()
    assert not any(part.is_dirty for part in (*parts, image))
    assert not section.is_dirty()


@row("1.2 images")
def _(image: AcqImage) -> None:
    assert image.images.header is image.header
    assert image.images.get_slice_data(0).shape == (400, 32)


@row("1.2 rois")
def _(image: AcqImage) -> None:
    assert isinstance(image.rois, RoiSet)
    assert image.rois.image_bounds == PLANE


@row("1.2 analysis_set")
def _(image: AcqImage) -> None:
    assert isinstance(image.analysis_set, AcqAnalysisSet)


@row("1.2 save")
def _(image: AcqImage) -> None:
    with_run(image)
    pixels = Path(image.path).read_bytes()
    image.save()
    assert not image.is_dirty
    assert Path(f"{image.path}.json").is_file()
    assert Path(f"{image.path}.radon_velocity.csv").is_file()
    assert Path(image.path).read_bytes() == pixels


@row("1.2 get_sidecar_json_path")
def _(image: AcqImage) -> None:
    assert image.get_sidecar_json_path() == f"{image.path}.json"


@row("1.2 save_sidecar_json and load_sidecar_json")
def _(image: AcqImage) -> None:
    image.rois.create_rect_roi(name="kept")
    image.save_sidecar_json()
    image.rois.create_rect_roi(name="dropped")
    image.load_sidecar_json()
    assert [roi.name for roi in image.rois] == ["kept"]
    Path(image.get_sidecar_json_path()).write_text("{ not json")
    image.load_sidecar_json()
    assert image.problems


@row("1.2 get_image_contrast and set_image_contrast")
def _(image: AcqImage) -> None:
    assert image.get_image_contrast(0) is None
    image.set_image_contrast(0, ImageContrast("Green", 1, 2, 0, 3))
    assert image.get_image_contrast(0) == ImageContrast("Green", 1, 2, 0, 3)
    assert image.is_dirty


@row("1.2 ensure_image_contrast_from_plane")
def _(image: AcqImage) -> None:
    options = {"default_color_lut": "Red", "percentile_low": 0, "percentile_high": 100}
    plane = np.arange(6).reshape(2, 3)
    seeded = image.ensure_image_contrast_from_plane(0, plane, **options)
    assert seeded == ImageContrast("Red", 0, 5, 0, 5)
    assert image.ensure_image_contrast_from_plane(0, plane[:0], **options) is seeded
    assert not image.is_dirty
    with pytest.raises(ValueError, match="empty"):
        image.ensure_image_contrast_from_plane(1, plane[:0], **options)


@row("1.2 get_metadata_sections and get_metadata_section")
def _(image: AcqImage) -> None:
    sections = image.get_metadata_sections()
    ids = [section.metadata_section_id for section in sections]
    assert ids[:2] == ["experiment_metadata", "acq_image_header"]
    for section in sections:
        again = image.get_metadata_section(section.metadata_section_id)
        assert again.get_values() == section.get_values()
    with pytest.raises(ValueError, match="no metadata section"):
        image.get_metadata_section("weather")


@row("1.2 apply_metadata_patch")
def _(image: AcqImage) -> None:
    image.apply_metadata_patch("experiment_metadata", {"species": "mouse"})
    assert image.state.experiment.species == "mouse"
    with pytest.raises(ValueError, match="no metadata section"):
        image.apply_metadata_patch("weather", {})


@row("1.2 get_schema and get_schema_row")
def _(image: AcqImage) -> None:
    assert tuple(image.get_schema_row()) == image.get_schema().field_names()


@row("1.2 get_tree_rows")
def _(image: AcqImage) -> None:
    assert [one["tree_row_type"] for one in image.get_tree_rows()] == ["file"]


@row("1.2 get_default_channel and get_default_roi")
def _(image: AcqImage) -> None:
    assert (image.get_default_channel(), image.get_default_roi()) == (0, None)
    image.rois.create_rect_roi()
    assert image.get_default_roi() == 1


@row("1.2 get_roi_image")
def _(image: AcqImage) -> None:
    image.rois.create_rect_roi(RectRoiBounds(10, 20, 0, 99))
    image.rois.create_line_roi(LineEndpoints(0, 0, 3, 3))
    crop = image.get_roi_image(0, 1)
    np.testing.assert_array_equal(crop, image.images.get_slice_data(0)[10:20])
    with pytest.raises(ValueError, match="no ROI"):
        image.get_roi_image(0, 9)
    with pytest.raises(TypeError):
        image.get_roi_image(0, 2)


@row("1.2 get_image_physical_units")
def _(image: AcqImage) -> None:
    assert image.get_image_physical_units() == pytest.approx((0.002, 0.25))


@row("1.2 parent_grandparent_folder_names")
def _(image: AcqImage) -> None:
    folder = Path(image.path).parent
    names = parent_grandparent_folder_names(image.path)
    assert names == (folder.name, folder.parent.name)
    assert parent_grandparent_folder_names(image.path, loaded_from_stream=True) == ("", "")
    assert parent_grandparent_folder_names(" ") == ("", "")
    assert parent_grandparent_folder_names("/no/such/folder/a.tif") == ("", "")


@row("1.2 accepted")
def _(image: AcqImage) -> None:
    assert image.accepted is True
    image.accepted = False
    assert image.is_dirty
    assert image.get_schema_row()["accept"] is False


# 2 ROI model


@row("2.1 ImageBounds")
def _(image: AcqImage) -> None:
    assert ImageBounds(3, 4).num_slices == 1
    for wrong in ((0, 4), (3, 0), (3, 4, 0)):
        with pytest.raises(ValueError, match="at least one"):
            ImageBounds(*wrong)


@row("2.1 RectRoiBounds")
def _(image: AcqImage) -> None:
    assert RectRoiBounds.from_image_bounds(PLANE) == RectRoiBounds(0, 400, 0, 32)
    assert RectRoiBounds(500, -1, 9, 3).clamped_to(PLANE) == RectRoiBounds(0, 400, 3, 9)


@row("2.1 LineEndpoints")
def _(image: AcqImage) -> None:
    assert LineEndpoints(500, 40, -1, 0).clamped_to(PLANE) == LineEndpoints(399, 31, 0, 0)


@row("2.1 RoiType")
def _(image: AcqImage) -> None:
    assert [kind.value for kind in RoiType] == ["rectroi", "linesegmentroi"]
    assert RoiType("RectROI") is RoiType.RECTROI


@row("2.2 RectROI")
def _(image: AcqImage) -> None:
    roi = RectROI(1, 0, 10, 0, 99)
    assert (roi.roi_id, roi.name, roi.note, roi.version) == (1, "", "", "1.0")
    assert roi.roi_type is RoiType.RECTROI
    assert roi.clamp_to_bounds(PLANE).bounds == RectRoiBounds(0, 10, 0, 32)
    assert roi.clamp_to_image(np.zeros((5, 5))).bounds == RectRoiBounds(0, 5, 0, 5)
    with pytest.raises(ValueError, match="two axes"):
        roi.clamp_to_image(np.zeros(5))
    assert RectROI.from_dict(roi.to_dict()) == roi


@row("2.2 LineROI")
def _(image: AcqImage) -> None:
    roi = LineROI(1, 0, 0, 500, 99)
    assert (roi.roi_id, roi.name, roi.note, roi.version) == (1, "", "", "1.0")
    assert roi.roi_type is RoiType.LINESEGMENTROI
    assert roi.clamp_to_bounds(PLANE).endpoints == LineEndpoints(0, 0, 399, 31)
    assert roi.clamp_to_image(np.zeros((5, 5))).endpoints == LineEndpoints(0, 0, 4, 4)
    assert LineROI.from_dict(roi.to_dict()) == roi


@row("2.2 RectROI.get_time_bounds")
def _(image: AcqImage) -> None:
    assert RectROI(1, 10, 20, 0, 5).get_time_bounds((0.5, 0.1)) == (5, 10)
    assert RectROI(1, 10, 20, 0, 5).get_time_bounds(None) is None


@row("2.3 RoiSet of its own")
def _(image: AcqImage) -> None:
    rois = RoiSet(PLANE)
    assert not rois.is_dirty
    assert rois.create_rect_roi().bounds == RectRoiBounds(0, 400, 0, 32)
    assert rois.is_dirty


@row("2.3 create_rect_roi and create_line_roi")
def _(image: AcqImage) -> None:
    rois = image.rois
    assert rois.create_rect_roi(RectRoiBounds(9, 3, 0, 99), "cap", "left").name == "cap"
    assert rois.create_line_roi(LineEndpoints(0, 0, 999, 5)).endpoints.row1 == 399
    assert rois.get_roi_ids() == [1, 2]
    with pytest.raises(InvalidROI):
        rois.create_rect_roi(RectRoiBounds(500, 600, 0, 9))


@row("2.3 edit_rect_roi and edit_line_roi")
def _(image: AcqImage) -> None:
    rois = RoiSet(PLANE)
    rois.create_rect_roi(name="cap")
    rois.create_line_roi(LineEndpoints(0, 0, 5, 5))
    assert rois.edit_rect_roi(1, note="left").name == "cap"
    assert rois.edit_line_roi(2, endpoints=LineEndpoints(1, 1, 2, 2)).geometry == (1, 1, 2, 2)
    for edit, wrong in ((rois.edit_rect_roi, 2), (rois.edit_line_roi, 1)):
        with pytest.raises(TypeError):
            edit(wrong)
        with pytest.raises(ValueError, match="no ROI 9"):
            edit(9)


@row("2.3 an edit without a change is none")
def _(image: AcqImage) -> None:
    image.rois.create_rect_roi()
    image.save()
    image.rois.edit_rect_roi(1, bounds=RectRoiBounds(0, 999, 0, 32), name="")
    assert not image.rois.is_dirty


@row("2.3 delete")
def _(image: AcqImage) -> None:
    image.rois.create_rect_roi()
    image.rois.delete(1)
    with pytest.raises(ValueError, match="no ROI 1"):
        image.rois.delete(1)


@row("2.3 clear")
def _(image: AcqImage) -> None:
    assert image.rois.clear() == 0
    assert not image.is_dirty
    image.rois.create_rect_roi()
    image.rois.create_rect_roi()
    assert image.rois.clear() == 2
    assert image.rois.create_rect_roi().id == 3  # never given again


@row("2.3 get, has_roi, get_roi_ids, num_rois, as_list, iteration")
def _(image: AcqImage) -> None:
    rois = image.rois
    for name in "abc":
        rois.create_rect_roi(name=name)
    rois.delete(2)
    rois.edit_rect_roi(1, name="z")
    assert rois.get(1).name == "z"
    assert rois.get(2) is None
    assert [rois.has_roi(number) for number in (1, 2, 3)] == [True, False, True]
    assert rois.get_roi_ids() == [roi.id for roi in rois] == [1, 3]
    assert rois.as_list() == list(rois)
    assert rois.num_rois == len(rois) == 2


@row("2.3 to_list and from_list")
def _(image: AcqImage) -> None:
    blocks = [RectROI(4, 0, 999, 0, 5, "b").to_dict(), LineROI(2, 0, 0, 1, 1).to_dict()]
    image.rois.create_rect_roi()
    image.analysis_set.create("radon_velocity", channel=0, roi_id=1)
    assert image.rois.from_list(blocks) is image.rois
    assert [roi.geometry for roi in image.rois] == [(0, 400, 0, 5), (0, 0, 1, 1)]
    assert image.rois.to_list()[1] == blocks[1]
    assert len(image.analysis_set) == 0
    assert image.rois.create_rect_roi().id == 5
    before = image.state
    for wrong in ([blocks[0], blocks[0]], [blocks[0] | {"extra": 1}]):
        with pytest.raises(ValueError, match=r"twice|exactly"):
            image.rois.from_list(wrong)
    assert image.state == before


@row("2.3 roi_from_dict")
def _(image: AcqImage) -> None:
    for roi in (RectROI(1, 0, 1, 0, 1), LineROI(2, 0, 0, 0, 0)):
        assert roi_from_dict(roi.to_dict()) == roi


@row("2.3 clamp_rect_bounds_to_image and clamp_line_endpoints_to_image")
def _(image: AcqImage) -> None:
    bounds, ends = RectRoiBounds(-5, 9, 3, 99), LineEndpoints(-5, 0, 0, 99)
    assert clamp_rect_bounds_to_image(bounds, PLANE) == RectRoiBounds(0, 9, 3, 32)
    assert clamp_line_endpoints_to_image(ends, PLANE) == LineEndpoints(0, 0, 0, 31)


@row("2.4 stored form")
def _(image: AcqImage) -> None:
    block = RectROI(1, 2, 3, 4, 5, "n", "t").to_dict()
    assert block == {
        "roi_id": 1,
        "roi_type": "rectroi",
        "version": "1.0",
        "name": "n",
        "note": "t",
        "data": {"row_start": 2, "row_stop": 3, "col_start": 4, "col_stop": 5},
    }
    line = LineROI(1, 2, 3, 4, 5).to_dict()
    assert line["data"] == {"row0": 2, "col0": 3, "row1": 4, "col1": 5}
    for change in ({"extra": 1}, {"version": "2.0"}, {"roi_type": "circle"}):
        with pytest.raises(ValueError):  # noqa: PT011
            roi_from_dict(block | change)


@row("2.5 invalidation: an edit makes results stale, a delete deletes them")
def _(image: AcqImage) -> None:
    one = with_run(image)
    image.rois.edit_rect_roi(1, bounds=RectRoiBounds(0, 200, 0, 32))
    assert one.is_stale
    assert one.has_table
    image.rois.delete(1)
    assert len(image.analysis_set) == 0


# 3 Metadata and schema


@row("3.1 ValueType")
def _(image: AcqImage) -> None:
    assert [kind.value for kind in ValueType] == ["str", "int", "float", "bool", "path", "enum"]


@row("3.1 FieldSchema")
def _(image: AcqImage) -> None:
    field = FieldSchema("a", "A")
    assert (field.value_type, field.unit, field.required) == (ValueType.STR, None, False)
    assert (field.visible, field.editable, field.group) == (True, False, None)
    with pytest.raises(ValueError, match="name"):
        FieldSchema("", "A")
    with pytest.raises(ValueError, match="choices"):
        FieldSchema("a", "A", ValueType.ENUM)
    for kind in (ValueType.INT, ValueType.FLOAT):
        with pytest.raises(TypeError):
            FieldSchema("a", "A", kind, default_value=True)
    with pytest.raises(ValueError, match="one of"):
        FieldSchema("a", "A", ValueType.ENUM, default_value="z", choices=("x", "y"))


@row("3.1 FieldSchema.to_dict and from_dict")
def _(image: AcqImage) -> None:
    field = FieldSchema("a", "A", ValueType.ENUM, default_value="x", choices=("x", "y"))
    assert field.default == "x"
    stored = json.loads(json.dumps(field.to_dict()))
    assert FieldSchema.from_dict(stored | {"unknown": 1}) == field
    old = {"name": "n", "display_name": "N", "value_type": "int", "default": 3}
    assert FieldSchema.from_dict(old).default_value == 3


@row("3.1 SchemaDefinition")
def _(image: AcqImage) -> None:
    fields = FieldSchema("a", "A", group="G"), FieldSchema("b", "B", visible=False, group="H")
    schema = SchemaDefinition("s", 1, fields)
    assert schema.field_names() == ("a", "b")
    assert schema.visible_fields() == fields[:1]
    assert SchemaDefinition.from_dict(json.loads(json.dumps(schema.to_dict()))) == schema
    assert card_groups(schema) == ("G",)
    with pytest.raises(ValueError, match="two fields"):
        SchemaDefinition("s", 1, fields[:1] * 2)
    with pytest.raises(ValueError, match="version"):
        SchemaDefinition("s", 0, fields)


@row("3.1 validate_values_for_schema")
def _(image: AcqImage) -> None:
    schema = SchemaDefinition("s", 1, (FieldSchema("a", "A"), FieldSchema("b", "B", visible=False)))
    validate_values_for_schema(schema, {"a": 1})
    with pytest.raises(KeyError):
        validate_values_for_schema(schema, {})
    with pytest.raises(KeyError):
        validate_values_for_schema(schema, {"a": 1}, require_visible_fields=False)
    with pytest.raises(ValueError, match="unknown"):
        validate_values_for_schema(schema, {"a": 1, "z": 1})
    validate_values_for_schema(schema, {"a": 1, "z": 1}, allow_extra_values=True)


@row("3.1 validate_patch_for_schema")
def _(image: AcqImage) -> None:
    schema = header_schema()
    validate_patch_for_schema(schema, {"physical_unit_x": 1})
    with pytest.raises(KeyError):
        validate_patch_for_schema(schema, {"weather": 1})
    with pytest.raises(ValueError, match="cannot be edited"):
        validate_patch_for_schema(schema, {"shape": ""})


@row("3.1 section: id, title, schema, values, update_values, is_dirty")
def _(image: AcqImage) -> None:
    section = image.get_metadata_section("acq_image_header")
    assert section.display_section_title == "Image Header"
    assert tuple(section.get_values()) == section.get_schema().field_names()
    section.update_values({"physical_unit_x": 0.5})
    assert section.get_values()["physical_unit_x"] == 0.5
    assert section.is_dirty()
    assert image.is_dirty


@row("3.2 experiment metadata")
def _(image: AcqImage) -> None:
    schema = experiment_schema()
    assert (schema.schema_id, schema.version) == ("experiment_metadata", 1)
    assert card_groups(schema) == ("Animal", "Sample", "Experiment", "Notes")
    assert all(field.editable for field in schema.fields)
    assert schema.field("cell_type").display_name == "Cell type"
    assert schema.field_names() == (
        "species", "sex", "genotype", "age", "region", "cell_type", "depth", "branch_order",
        "direction", "condition", "condition2", "treatment", "treatment2", "date", "note",
    )  # fmt: skip


@row("3.2 coercion, all or nothing")
def _(image: AcqImage) -> None:
    section = image.get_metadata_section("experiment_metadata")
    section.update_values({"note": None, "depth": "120.5", "branch_order": "3", "sex": " f "})
    values = section.get_values()
    assert [values[name] for name in ("note", "depth", "branch_order")] == ["", 120.5, 3]
    assert values["sex"] == "f"
    section.update_values({"depth": "", "branch_order": None})
    assert section.get_values()["depth"] is section.get_values()["branch_order"] is None
    before = image.state
    for patch in ({"note": "x", "branch_order": 3.7}, {"note": "x", "depth": "deep"}):
        with pytest.raises(ValueError):  # noqa: PT011
            section.update_values(patch)
    with pytest.raises(KeyError):
        section.update_values({"weather": "rain"})
    section.update_values({"sex": "f"})
    assert image.state == before


@row("3.3 header metadata")
def _(image: AcqImage) -> None:
    schema = header_schema()
    assert (schema.schema_id, schema.version) == ("acq_image_header", 1)
    editable = [field.name for field in schema.fields if field.editable]
    assert editable == [
        "physical_unit_y", "physical_unit_x", "physical_label_y", "physical_label_x",
    ]  # fmt: skip
    section = image.get_metadata_section("acq_image_header")
    assert section.get_values()["shape"] == "(400, 32)"
    for wrong in (0, -1, "x", float("nan"), float("inf"), None):
        with pytest.raises(ValueError):  # noqa: PT011
            section.update_values({"physical_unit_y": wrong})
    section.update_values({"physical_label_y": None})
    assert section.get_values()["physical_label_y"] == "Pixels"
    image.save()
    assert AcqImage(image.path).state == image.state


@row("3.3 ImageHeader.as_dict and as_json_dict")
def _(image: AcqImage) -> None:
    plain = HEADER.as_json_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert "num_scenes" not in plain
    full = HEADER.as_dict()
    assert (full["shape"], full["dims"], full["num_scenes"]) == ((400, 32), ("Y", "X"), 1)
    assert set(full) == {
        "path", "shape", "dims", "sizes", "dtype", "num_channels", "num_scenes",
        "physical_units", "physical_units_labels", "date", "time",
    }  # fmt: skip


@row("3.3 default_physical_for_dims")
def _(image: AcqImage) -> None:
    assert default_physical_for_dims("CYX") == ((1.0,) * 3, ("Pixels",) * 3)


@row("3.3 with_coerced_physical_calibration")
def _(image: AcqImage) -> None:
    header = ImageHeader("/a.tif", (2, 400, 32), ("C", "Y", "X"), "uint16")
    steps = header.with_coerced_physical_calibration((9, 0.002, 0.25), ("", "s", "µm"))
    assert steps.physical_units == (1.0, 0.002, 0.25)
    assert steps.physical_units_labels == ("Pixels", "seconds", "um")
    for wrong in ((), (1, float("nan"), 0), (1, "2", -1), (1, None, True)):
        bad = header.with_coerced_physical_calibration(wrong, ("", "s", "um"))
        assert bad.physical_units == (1.0, 1.0, 1.0)
        assert bad.physical_units_labels == ("Pixels",) * 3


@row("3.4 file list schema")
def _(image: AcqImage) -> None:
    schema = image.get_schema()
    assert (schema.schema_id, schema.version) == ("acq_file_list", 1)
    listed = [(f.name, f.display_name, f.value_type.value, f.group) for f in schema.fields]
    assert listed == [
        ("name", "Name", "str", "File"),
        ("saved", "Saved", "bool", "File"),
        ("path", "Path", "path", "File"),
        ("parent", "Parent", "str", "File"),
        ("grandparent", "Grandparent", "str", "File"),
        ("condition", "Condition", "str", "Experiment"),
        ("genotype", "Genotype", "str", "Experiment"),
        ("num_channels", "Channels", "int", "Image"),
        ("num_rois", "ROIs", "int", "ROI"),
        ("accept", "Accept", "bool", "File"),
    ]
    hidden = [field.name for field in schema.fields if not field.visible]
    assert hidden == ["path", "condition", "genotype"]
    assert not any(field.editable or field.choices for field in schema.fields)


# 4 Lists


@row("4.1 get_supported_import_extensions")
def _(image: AcqImage) -> None:
    extensions = get_supported_import_extensions()
    assert {"tif", "tiff"} <= set(extensions)
    assert list(extensions) == sorted(extensions)


@row("4.1 a choice of extensions per call")
def _(image: AcqImage) -> None:
    folder = Path(image.path).parent
    assert len(AcqImageList(folder, extensions=["TIF"])) == 1
    with pytest.raises(ValueError, match="choose extensions"):
        AcqImageList(folder, extensions=[])


@row("4.11 AcqImageList is strict")
def _(image: AcqImage) -> None:
    folder = Path(image.path).parent
    assert [one.name for one in AcqImageList(folder, folder_depth=1, path_kind="folder")] == [
        "a.tif"
    ]
    (folder / "b.tif").write_bytes(b"")
    with pytest.raises(acqcore.AcqError, match=r"b\.tif"):
        AcqImageList(folder)
    with pytest.raises(ValueError, match="depth"):
        AcqImageList(folder, folder_depth=0)


@row("4.11 PathKind")
def _(image: AcqImage) -> None:
    assert [kind.value for kind in PathKind] == ["file", "folder", "csv"]
    assert PathKind.of(Path(image.path)) is PathKind.FILE
    assert PathKind.of(Path(image.path).parent) is PathKind.FOLDER
    assert PathKind.of(Path("list.CSV")) is PathKind.CSV


@row("4.11 load_safe and LoadResult")
def _(image: AcqImage) -> None:
    folder = Path(image.path).parent
    (folder / "b.tif").write_bytes(b"")
    calls = []
    result = AcqImageList.load_safe(
        folder, kind="folder", progress_callback=lambda *call: calls.append(call)
    )
    assert isinstance(result, LoadResult)
    assert len(result.acq_image_list) == len(result.warnings) == 1
    assert result.discovered_count == 2
    assert [call[:2] for call in calls] == [(0, 2), (1, 2), (2, 2)]
    assert AcqImageList.load_safe(folder, kind="zip").warnings
    assert AcqImageList.load_safe(folder / "no").warnings
    with pytest.raises(Cancelled):
        AcqImageList.load_safe(folder, should_cancel=lambda: True)


@row("4.11 LoadWarning and LoadErrorType")
def _(image: AcqImage) -> None:
    assert {kind.value for kind in LoadErrorType} == {
        "missing_file", "unsupported_file_type", "loader_error", "csv_error",
    }  # fmt: skip
    warning = LoadWarning("why")
    assert (warning.path, warning.row_index, warning.error_type) == (None, None, None)
    assert (warning.rel_path, warning.resolved_path) == (None, None)


@row("4.11 CSV manifest")
def _(image: AcqImage) -> None:
    manifest = Path(image.path).with_name("list.csv")
    for column in ("rel_path", "_rel_path"):
        manifest.write_text(f"{column}\na.tif\nno.tif\n")
        result = AcqImageList.load_safe(manifest)
        assert len(result.acq_image_list) == 1
        assert result.warnings[0].row_index == 3
        with pytest.raises(ValueError, match="row 3"):
            AcqImageList(manifest)


@row("4.11 access")
def _(image: AcqImage) -> None:
    images = AcqImageList(Path(image.path).parent)
    first = images.get_file_by_index(0)
    assert (first,) == images.get_files() == tuple(images)
    assert len(images) == 1
    assert images.get_file_by_id(first.file_id) is first
    assert images.get_file_by_id("no") is None
    assert images.has_file_id(first.file_id)
    assert images.get_default_file_id() == first.file_id
    assert images.get_default_selection() == (first.file_id, 0, None)
    assert AcqImageList().get_default_selection() == (None, None, None)
    with pytest.raises(IndexError):
        images.get_file_by_index(5)


@row("4.11 get_dirty_files, has_dirty_files, iter_save_all, save_all")
def _(image: AcqImage) -> None:
    images = AcqImageList(Path(image.path).parent)
    assert not images.has_dirty_files()
    (first,) = images
    first.rois.create_rect_roi()
    assert images.get_dirty_files() == (first,)
    stopped = list(images.iter_save_all(lambda: True))
    assert stopped == [SaveProgress("cancelled", 0, 1, first.file_id)]
    steps = list(images.iter_save_all())
    assert [(step.event, step.completed) for step in steps] == [("saving", 0), ("saved", 1)]
    assert images.save_all().saved == ()


@row("4.11 get_schema, get_schema_rows, get_tree_rows")
def _(image: AcqImage) -> None:
    images = AcqImageList(Path(image.path).parent)
    assert images.get_schema() == image.get_schema()
    assert images.get_schema_rows() == [image.get_schema_row()]
    assert images.get_tree_rows() == image.get_tree_rows()
    assert AcqImageList().get_tree_rows() == []


@row("4.11 get_unique_metadata_values")
def _(image: AcqImage) -> None:
    image.apply_metadata_patch("experiment_metadata", {"condition": " saline "})
    images = AcqImageList()
    images.add(image)
    assert images.get_unique_metadata_values("condition") == ["saline"]
    assert images.get_unique_metadata_values("sex") == []
    for wrong in ("depth", "weather"):
        with pytest.raises(ValueError, match="text field"):
            images.get_unique_metadata_values(wrong)


@row("4.11 to_manifest_csv")
def _(image: AcqImage) -> None:
    folder = Path(image.path).parent
    AcqImageList(folder).to_manifest_csv(folder / "list.csv")
    assert (folder / "list.csv").read_text() == "_rel_path\na.tif\n"


# 5 Tree rows


@row("5 constants")
def _(image: AcqImage) -> None:
    names = [
        tree_rows.TREE_ROW_ID, tree_rows.HIERARCHY_PATH, tree_rows.TREE_ROW_TYPE,
        tree_rows.ANALYSIS_NAME, tree_rows.CHANNEL, tree_rows.ROI_ID,
    ]  # fmt: skip
    assert names == [
        "tree_row_id", "hierarchy_path", "tree_row_type", "analysis_name", "channel", "roi_id",
    ]  # fmt: skip
    assert (tree_rows.FILE_ROW, tree_rows.ANALYSIS_ROW) == ("file", "analysis")
    assert list(image.get_tree_rows()[0])[:6] == names


@row("5 file row")
def _(image: AcqImage) -> None:
    (file,) = image.get_tree_rows()
    assert (file["tree_row_id"], file["hierarchy_path"]) == (image.file_id, [image.file_id])
    assert [file[name] for name in ("analysis_name", "channel", "roi_id")] == [None] * 3
    assert {name: file[name] for name in image.get_schema_row()} == image.get_schema_row()


@row("5 analysis row")
def _(image: AcqImage) -> None:
    image.rois.create_rect_roi()
    image.analysis_set.create("radon_velocity", channel=0, roi_id=1)
    file, child = image.get_tree_rows()
    assert child["tree_row_id"] == f"{image.file_id}::analysis::radon_velocity::ch_0::roi_1"
    assert child["hierarchy_path"] == [image.file_id, child["tree_row_id"]]
    assert [child[name] for name in ("analysis_name", "channel", "roi_id")] == [*VELOCITY_TEXT]
    assert [child[name] for name in ("name", "num_channels", "num_rois")] == [*VELOCITY_TEXT]
    others = set(image.get_schema_row()) - {"name", "num_channels", "num_rois"}
    assert {child[name] for name in others} == {None}
    assert set(child) == set(file)


VELOCITY_TEXT = ("radon_velocity", 0, 1)


@row("5 order")
def _(image: AcqImage) -> None:
    image.rois.create_rect_roi()
    image.rois.create_rect_roi()
    for roi_id in (2, 1):
        image.analysis_set.create("radon_velocity", channel=0, roi_id=roi_id)
    assert [one["roi_id"] for one in image.get_tree_rows()] == [None, 2, 1]


# 6.0 Analyses


@row("6.0 AnalysisKey")
def _(image: AcqImage) -> None:
    assert VELOCITY.csv_filename("a.tif") == "a.tif.radon_velocity.csv"
    assert {VELOCITY: 1}[AnalysisKey(*VELOCITY_TEXT)] == 1


@row("6.0 detection parameters: schema")
def _(image: AcqImage) -> None:
    image.rois.create_rect_roi()
    one = image.analysis_set.create("radon_velocity", channel=0, roi_id=1)
    window = one.get_detection_schema().field("window_width")
    assert (window.value_type, window.default, window.methods) == (ValueType.INT, 64, None)
    dependent = FieldSchema("a", "A", applies_when=("method", ("x", "y")))
    assert dependent.methods == ("x", "y")


@row("6.0 validate_detection_params")
def _(image: AcqImage) -> None:
    image.rois.create_rect_roi()
    one = image.analysis_set.create("radon_velocity", channel=0, roi_id=1)
    one.validate_detection_params({})
    one.validate_detection_params({"window_width": 16})
    with pytest.raises(KeyError):
        one.validate_detection_params({"nonsense": 1})
    for wrong in ({"window_width": True}, {"window_width": 64.0}, {"estimator": 1}, "text"):
        with pytest.raises(TypeError):
            one.validate_detection_params(wrong)
    with pytest.raises(ValueError, match="one of"):
        one.validate_detection_params({"estimator": "best"})


@row("6.0 analysis: key, parameters, result, defaults")
def _(image: AcqImage) -> None:
    image.rois.create_rect_roi()
    one = image.analysis_set.create(
        "radon_velocity", channel=0, roi_id=1, detection_params={"window_width": 32}
    )
    assert one.key == VELOCITY
    assert one.get_default_detection_params()["window_width"] == 64
    assert one.detection_params["window_width"] == 32
    assert (one.result.summary, one.result.table) == ({}, None)
    assert one.is_dirty
    image.save()
    assert not one.is_dirty


@row("6.0 analysis: plot data")
def _(image: AcqImage) -> None:
    plot = with_run(image).get_plot_data()
    assert len(plot.x) == len(plot.y) == 22
    assert plot.x_label == "Time (s)"
    with pytest.raises(ValueError, match="length"):
        AnalysisPlotData((1.0,), (), "x", "y")
    assert AnalysisPlotData((), (), "x", "y").series_name == "analysis"


@row("6.0 analysis: overlay traces")
def _(image: AcqImage) -> None:
    one = with_run(image)
    assert one.get_overlay_traces() == ()
    method = type(analysis("radon_velocity"))
    overlay = Overlay("edge", "time_s", "velocity", "cyan", "Edge")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(method, "overlays", (overlay,))
        (trace,) = one.get_overlay_traces()
    assert isinstance(trace, AnalysisOverlayTraceData)
    assert (trace.trace_id, trace.color, trace.name, trace.visible) == (
        "edge", "cyan", "Edge", True,
    )  # fmt: skip
    assert len(trace.x) == len(trace.y) > 0


@row("6.0 analysis: table")
def _(image: AcqImage) -> None:
    one = with_run(image)
    assert one.has_table
    first = ["time_s", "time_index", "theta_deg", "velocity"]
    assert one.get_table_columns()[:4] == first
    assert len(one.get_column("velocity")) == 22
    with pytest.raises(KeyError):
        one.get_column("nonsense")
    frame = one.table_with_bookkeeping()
    assert list(frame)[:6] == ["channel", "roi_id", *first]
    image.rois.create_rect_roi()
    bare = image.analysis_set.create("radon_velocity", channel=0, roi_id=2)
    for ask in (bare.get_table_columns, bare.table_with_bookkeeping):
        with pytest.raises(ValueError, match="no table"):
            ask()


@row("6.0 analysis: to_json_dict")
def _(image: AcqImage) -> None:
    block = with_run(image).to_json_dict()
    assert list(block) == ["analysis_name", "channel", "roi_id", "detection_params", "summary"]
    assert json.loads(json.dumps(block, allow_nan=False)) == block
    assert AnalysisRecord.from_dict(block | {"extra": 1}).to_dict() == block


@row("6.0 run context")
def _(image: AcqImage) -> None:
    image.rois.create_rect_roi()
    told = []
    context = RunContext(on_progress=lambda fraction, text: told.append(fraction))
    image.analysis_set.create_and_run("radon_velocity", channel=0, roi_id=1, context=context)
    assert told[0] == 0.0
    assert told == sorted(told)
    before = image.state
    with pytest.raises(Cancelled):
        image.analysis_set.run_analysis(VELOCITY, context=RunContext(is_cancelled=lambda: True))
    assert image.state == before


@row("6.0 registry")
def _(image: AcqImage) -> None:
    assert "radon_velocity" in analyses()
    assert analysis("radon_velocity").name == "radon_velocity"
    with pytest.raises(KeyError):
        analysis("nonsense")


@row("6.0 set: create, add, get_or_create, get, get_required, remove, as_list")
def _(image: AcqImage) -> None:
    image.rois.create_rect_roi()
    analysis_set = image.analysis_set
    one = analysis_set.create("radon_velocity", channel=0, roi_id=1)
    assert analysis_set.get(VELOCITY).key == one.key
    again = analysis_set.get_or_create(
        "radon_velocity", channel=0, roi_id=1, detection_params={"window_width": 16}
    )
    assert again.detection_params["window_width"] == 64
    with pytest.raises(ValueError, match="exists"):
        analysis_set.add(AnalysisRecord(VELOCITY))
    assert analysis_set.remove(VELOCITY) is True
    assert analysis_set.remove(VELOCITY) is False
    assert analysis_set.get(VELOCITY) is None
    with pytest.raises(KeyError):
        analysis_set.get_required(VELOCITY)
    analysis_set.add(AnalysisRecord(VELOCITY))
    assert [found.key for found in analysis_set.as_list()] == [VELOCITY]


@row("6.0 set: dependencies")
def _(image: AcqImage) -> None:
    image.rois.create_rect_roi()
    one = image.analysis_set.create("radon_velocity", channel=0, roi_id=1)
    assert image.analysis_set.require_dependencies(one) == {}
    method = type(analysis("radon_velocity"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(method, "depends_on", ("radon_velocity",))
        needed = image.analysis_set.require_dependencies(one)
        assert needed["radon_velocity"].key == VELOCITY
        image.analysis_set.remove(VELOCITY)
        with pytest.raises(MissingDependency):
            image.analysis_set.create("radon_velocity", channel=0, roi_id=1)
    assert issubclass(MissingDependency, ValueError)


@row("6.0 set: create_and_run")
def _(image: AcqImage) -> None:
    image.rois.create_rect_roi()
    run = image.analysis_set.create_and_run
    before = image.state
    for wrong, error in (({"window_width": 63}, ValueError), ({"nonsense": 1}, KeyError)):
        with pytest.raises(error):
            run("radon_velocity", channel=0, roi_id=1, detection_params=wrong)
    with pytest.raises(IndexError):
        run("radon_velocity", channel=7, roi_id=1)
    assert image.state == before
    assert run("radon_velocity", channel=0, roi_id=1).has_table
    with pytest.raises(ValueError, match="exists"):
        run("radon_velocity", channel=0, roi_id=1)
    wide = {"window_width": 128}
    one = run("radon_velocity", channel=0, roi_id=1, detection_params=wide, replace_existing=True)
    assert one.detection_params["window_width"] == 128


@row("6.0 set: run_analysis")
def _(image: AcqImage) -> None:
    image.rois.create_rect_roi()
    key = image.analysis_set.create("radon_velocity", channel=0, roi_id=1).key
    image.save()
    assert image.analysis_set.run_analysis(key).has_table
    assert image.analysis_set.is_dirty


@row("6.0 set: delete_roi and edit_roi")
def _(image: AcqImage) -> None:
    with_run(image)
    assert image.analysis_set.edit_roi(1) == 0
    image.rois.edit_rect_roi(1, bounds=RectRoiBounds(0, 200, 0, 32))
    assert image.analysis_set.edit_roi(1) == 1
    assert len(image.analysis_set) == 1
    assert image.analysis_set.delete_roi(9) == 0
    assert image.analysis_set.delete_roi(1) == 1
    assert image.rois.has_roi(1)


@row("6.0 set: primary kymograph analysis and exclusive group")
def _(image: AcqImage) -> None:
    analysis_set = image.analysis_set
    assert analysis_set.get_primary_kymograph_analysis(channel=0, roi_id=1) is None
    with_run(image)
    found = analysis_set.get_primary_kymograph_analysis(channel=0, roi_id=1)
    assert found.key == VELOCITY
    options = {"channel": 0, "roi_id": 1}
    same = analysis_set.get_exclusive_group_analysis(group="primary_kymograph", **options)
    assert same.key == VELOCITY
    assert analysis_set.get_exclusive_group_analysis(group="others", **options) is None


@row("6.0 set: serialize_json_analysis and load_json_analysis")
def _(image: AcqImage) -> None:
    with_run(image)
    stored = image.analysis_set.serialize_json_analysis()
    unknown = {"analysis_name": "future", "channel": 0, "roi_id": 1, "summary": {"n": 1}}
    whole = image.analysis_set.get(VELOCITY).record
    image.analysis_set.load_json_analysis([unknown, *stored])
    assert image.analysis_set.get(VELOCITY).record == whole
    assert [one.key.analysis_name for one in image.analysis_set] == ["future", "radon_velocity"]
    assert image.analysis_set.get(VELOCITY).record.has_result
    before = image.state
    for wrong in ([stored[0]] * 2, [{}], [stored[0] | {"channel": "0"}]):
        with pytest.raises((ValueError, KeyError, TypeError)):
            image.analysis_set.load_json_analysis(wrong)
    assert image.state == before


@row("6.0 set: results tables and CSV")
def _(image: AcqImage) -> None:
    one = with_run(image)
    velocity = one.get_column("velocity")
    tables = image.analysis_set.results_tables_by_name()
    assert list(tables) == ["radon_velocity"]
    assert len(tables["radon_velocity"]) == 22
    image.save()
    path = AcqAnalysisSet.analysis_csv_path(image.path, "radon_velocity")
    assert path == Path(f"{image.path}.radon_velocity.csv")
    before = image.state
    image.analysis_set.load_all_results_dfs_from_csv(image.path)
    assert image.state == before  # what ran here knows its own table
    stored = image.analysis_set.serialize_json_analysis()
    image.analysis_set.remove(VELOCITY)
    image.analysis_set.load_json_analysis(stored)
    assert not one.has_table
    image.analysis_set.load_all_results_dfs_from_csv(image.path)
    np.testing.assert_array_equal(one.get_column("velocity"), velocity)
    path.write_text("a,b\n1,2\n")
    with pytest.raises(SidecarError):
        image.analysis_set.load_all_results_dfs_from_csv(image.path)


@row("6.0 set: numbers of another program are put right")
def _(image: AcqImage) -> None:
    one = with_run(image)
    stored = one.to_json_dict() | {"detection_params": {"window_width": 64}}
    image.analysis_set.load_json_analysis([stored])
    assert one.detection_params["estimator"] == "classic"
    rows = ["channel,roi_id,time_s,time_index,theta_deg,velocity"]
    for index, theta in enumerate((20.0, 35.0, 70.0)):
        inverted = 0.25 / 0.002 / np.tan(np.deg2rad(theta))
        rows.append(f"0,1,{index},{index},{theta},{inverted}")
    path = AcqAnalysisSet.analysis_csv_path(image.path, "radon_velocity")
    path.write_text("\n".join(rows) + "\n")
    image.analysis_set.load_all_results_dfs_from_csv(image.path)
    right = 0.25 / 0.002 * np.tan(np.deg2rad([20.0, 35.0, 70.0]))
    np.testing.assert_allclose(one.get_column("velocity"), right)
    assert one.record.provenance.note


# 7.1 Contrast


@row("7.1 ImageContrast, limits and LUT names")
def _(image: AcqImage) -> None:
    assert contrast_clip_min_max(np.arange(100)) == (0, 98)
    reference = {
        "Gray", "inverted_grays", "Viridis", "Plasma", "Hot", "Jet", "Cool", "Rainbow", "Red",
        "Green", "Blue",
    }  # fmt: skip
    assert reference <= set(LUT_NAMES)
    contrast = ImageContrast("Gray", 1, 2, 0, 3)
    assert contrast.copy() == contrast


@pytest.mark.parametrize("name", ROWS)
def test_row(name: str, image: AcqImage) -> None:
    ROWS[name](image)


LEFT_OUT = (
    "set_allowed_import_extensions",
    "set_clean",
    "AnalysisExclusionError",
    "DetectionParamSchema",
    "AnalysisRunContext",
    "AnalysisDataProvider",
    "get_analysis_class",
    "clear_analysis_registry",
    "load_json_dict",
    "save_results_df",
)


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_is_left_out_is_explained(name: str) -> None:
    context = Path(__file__).parents[2] / "CONTEXT.md"
    assert f"`{name}`" in context.read_text(encoding="utf-8")
