"""The public API that everything starts from, member by member."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile

from acqcore.acq_image import AcqImage
from acqcore.analysis.base import RunContext
from acqcore.errors import Cancelled, InvalidParameter, InvalidROI
from acqcore.model.contrast import ImageContrast
from acqcore.model.record import AnalysisKey
from acqcore.model.roi import LineEndpoints, RectRoiBounds
from acqcore.model.state import Review

SCHEMA = [
    "name", "saved", "path", "parent", "grandparent", "condition", "genotype", "num_channels",
    "num_rois", "accept",
]  # fmt: skip


@pytest.fixture
def image(make_tiff) -> AcqImage:
    return AcqImage(str(make_tiff()))


def test_the_page_as_written(make_tiff) -> None:
    path = make_tiff("example.tif")
    acq = AcqImage(str(path))
    acq.rois.create_rect_roi()
    channel, roi_id = acq.get_default_channel(), acq.get_default_roi()
    roi_image = acq.get_roi_image(channel, roi_id)
    assert roi_image.shape == (400, 32)
    step_y, step_x = acq.get_image_physical_units()
    assert (step_y, step_x) == pytest.approx((0.002, 0.25))
    key = acq.analysis_set.create(
        "radon_velocity", channel=0, roi_id=1, detection_params={"window_width": 64}
    ).key
    acq.analysis_set.run_analysis(key)
    plot = acq.analysis_set.get(key).get_plot_data()
    assert len(plot.x) == len(plot.y) == 400 // 16 - 3
    assert plot.x_label == "Time (s)"
    # 0.7 px per line, 0.25 um per px, 2 ms per line
    assert np.nanmedian(plot.y) == pytest.approx(0.7 * 0.25 / 0.002, rel=0.03)
    acq.save()
    assert (path.parent / "example.tif.json").is_file()
    assert (path.parent / "example.tif.radon_velocity.csv").is_file()


def test_unsupported_extension(tmp_path: Path) -> None:
    path = tmp_path / "notes.docx"
    path.write_text("hello")
    with pytest.raises(ValueError, match="not supported"):
        AcqImage(str(path))


def test_opening_runs_nothing_and_reads_no_pixel(make_tiff, monkeypatch) -> None:
    path = make_tiff()
    AcqImage(path).save()
    monkeypatch.setattr(tifffile.TiffPage, "asarray", lambda *a, **k: pytest.fail("pixels read"))
    assert len(AcqImage(path).analysis_set) == 0


def test_file_id_and_name(image: AcqImage) -> None:
    assert image.file_id == str(Path(image.path).resolve())
    assert image.name == "a.tif"


def test_every_kind_of_edit_marks_dirty_and_save_cleans(image: AcqImage) -> None:
    edits = [
        lambda: image.rois.create_rect_roi(),
        lambda: image.analysis_set.create("radon_velocity", channel=0, roi_id=1),
        lambda: image.set_image_contrast(0, ImageContrast("Gray", 1, 2, 0, 3)),
        lambda: image.apply_metadata_patch("experiment_metadata", {"note": "x"}),
        lambda: image.apply_metadata_patch("acq_image_header", {"physical_unit_x": 0.5}),
        lambda: setattr(image, "accepted", False),
    ]
    for edit in edits:
        assert not image.is_dirty
        edit()
        assert image.is_dirty
        image.save()
    again = AcqImage(image.path)
    assert again.state == image.state
    assert not again.is_dirty
    assert again.calibration.step_x == 0.5
    assert again.accepted is False


def test_undoing_by_hand_is_clean_again(image: AcqImage) -> None:
    before = image.state
    image.rois.create_rect_roi()
    image.state = before
    assert not image.is_dirty


def test_source_pixels_are_never_modified(image: AcqImage) -> None:
    content = Path(image.path).read_bytes()
    image.rois.create_rect_roi()
    image.save()
    assert Path(image.path).read_bytes() == content


def test_sidecar_path(image: AcqImage) -> None:
    assert image.get_sidecar_json_path() == f"{image.path}.json"


def test_bad_sidecar_never_stops_the_image(make_tiff) -> None:
    path = make_tiff()
    Path(f"{path}.json").write_text("{ not json")
    image = AcqImage(path)
    assert image.problems
    image.rois.create_rect_roi()
    assert image.get_roi_image(0, 1).shape == (400, 32)
    image.state = image.stored.state
    assert not image.is_dirty


def test_contrast(image: AcqImage) -> None:
    assert image.get_image_contrast(0) is None
    plane = np.arange(100, dtype=np.uint16).reshape(10, 10)
    options = {"default_color_lut": "Green", "percentile_low": 1.0, "percentile_high": 99.5}
    seeded = image.ensure_image_contrast_from_plane(0, plane, **options)
    assert (seeded.color_lut, seeded.img_min, seeded.img_max) == ("Green", 0, 99)
    assert (seeded.value_min, seeded.value_max) == (0, 98)
    assert not image.is_dirty
    assert image.ensure_image_contrast_from_plane(0, plane * 2, **options) is seeded
    with pytest.raises(ValueError, match="empty"):
        image.ensure_image_contrast_from_plane(1, plane[:0], **options)
    chosen = ImageContrast("Gray", 5, 50, 0, 99)
    image.set_image_contrast(0, chosen)
    assert image.get_image_contrast(0) == chosen
    assert image.is_dirty


def test_float_contrast_keeps_its_fraction(image: AcqImage) -> None:
    plane = np.linspace(0, 1, 100, dtype=np.float32).reshape(10, 10)
    seeded = image.ensure_image_contrast_from_plane(
        0, plane, default_color_lut="Gray", percentile_low=1, percentile_high=99
    )
    assert 0 < seeded.value_min < seeded.value_max < 1
    image.set_image_contrast(0, seeded)
    image.save()
    assert AcqImage(image.path).get_image_contrast(0) == seeded


def test_metadata_sections(image: AcqImage) -> None:
    ids = [section.metadata_section_id for section in image.get_metadata_sections()]
    assert ids == ["experiment_metadata", "acq_image_header"]
    image.apply_metadata_patch("experiment_metadata", {"depth": "120.5", "branch_order": 3.0})
    values = image.get_metadata_section("experiment_metadata").get_values()
    assert (values["depth"], values["branch_order"]) == (120.5, 3)
    with pytest.raises(ValueError, match="no metadata section"):
        image.get_metadata_section("nothing")
    with pytest.raises(ValueError, match="no metadata section"):
        image.apply_metadata_patch("nothing", {})


@pytest.mark.parametrize(
    ("section", "patch", "error"),
    [
        ("experiment_metadata", {"weather": "rain"}, KeyError),
        ("experiment_metadata", {"note": "kept?", "branch_order": 3.7}, ValueError),
        ("acq_image_header", {"shape": "(1, 1)"}, ValueError),
        ("acq_image_header", {"physical_unit_x": 0}, ValueError),
        ("acq_image_header", {"physical_unit_x": float("nan")}, ValueError),
        ("acq_image_header", {"physical_unit_y": "inf"}, ValueError),
    ],
)
def test_bad_patch_changes_nothing(image: AcqImage, section, patch, error) -> None:
    before = image.state
    with pytest.raises(error):
        image.apply_metadata_patch(section, patch)
    assert image.state == before


def test_schema_and_row(image: AcqImage) -> None:
    assert list(image.get_schema().field_names()) == SCHEMA
    row = image.get_schema_row()
    assert list(row) == SCHEMA
    assert row["parent"] == Path(image.path).parent.name
    assert (row["saved"], row["num_channels"], row["num_rois"], row["accept"]) == (True, 1, 0, True)


def test_tree_rows(image: AcqImage) -> None:
    image.rois.create_rect_roi()
    image.analysis_set.create("radon_velocity", channel=0, roi_id=1)
    file, child = image.get_tree_rows()
    assert file["hierarchy_path"] == [image.file_id]
    assert file["tree_row_type"] == "file"
    assert child["tree_row_id"] == f"{image.file_id}::analysis::radon_velocity::ch_0::roi_1"
    assert child["hierarchy_path"] == [image.file_id, child["tree_row_id"]]
    shown = (child["name"], child["num_channels"], child["num_rois"])
    assert shown == ("radon_velocity", 0, 1)
    blank = [name for name in SCHEMA if name not in ("name", "num_channels", "num_rois")]
    assert all(child[name] is None for name in blank)
    assert set(file) == set(child)


def test_defaults(image: AcqImage) -> None:
    assert image.get_default_channel() == 0
    assert image.get_default_roi() is None
    image.rois.create_rect_roi()
    image.rois.create_rect_roi()
    image.rois.delete(1)
    assert image.get_default_roi() == 2


def test_roi_image_is_clamped_and_checked(image: AcqImage) -> None:
    image.rois.create_rect_roi(RectRoiBounds(390, 9000, -5, 8))
    image.rois.create_line_roi(LineEndpoints(0, 0, 5, 5))
    crop = image.get_roi_image(0, 1)
    np.testing.assert_array_equal(crop, tifffile.imread(image.path)[390:, :8])
    with pytest.raises(ValueError, match="no ROI 7"):
        image.get_roi_image(0, 7)
    with pytest.raises(TypeError):
        image.get_roi_image(0, 2)


def test_roi_set(image: AcqImage) -> None:
    rois = image.rois
    first = rois.create_rect_roi(RectRoiBounds(50, 10, 20, 4), name="cap")
    assert first.geometry == (10, 50, 4, 20)
    assert rois.edit_rect_roi(1, bounds=RectRoiBounds(0, 10, 0, 10)).name == "cap"
    with pytest.raises(InvalidROI):
        rois.create_rect_roi(RectRoiBounds(1000, 2000, 0, 5))
    with pytest.raises(ValueError, match="no ROI 5"):
        rois.edit_rect_roi(5)
    with pytest.raises(TypeError):
        rois.edit_line_roi(1)
    assert rois.create_rect_roi().id == 2
    rois.delete(2)
    assert rois.create_rect_roi().id == 3  # numbers are never given again
    assert rois.get_roi_ids() == [1, 3]
    assert rois.clear() == 2
    assert rois.create_rect_roi().id == 4


def test_editing_a_roi_keeps_results_and_marks_them_stale(image: AcqImage) -> None:
    image.rois.create_rect_roi()
    key = image.analysis_set.create("radon_velocity", channel=0, roi_id=1).key
    analysis = image.analysis_set.run_analysis(key)
    assert not analysis.is_stale
    image.rois.edit_rect_roi(1, bounds=RectRoiBounds(0, 300, 0, 32))
    assert analysis.is_stale
    assert analysis.has_table
    assert "moved" in analysis.stale_reason
    image.rois.edit_rect_roi(1, bounds=RectRoiBounds(0, 400, 0, 32))
    assert not analysis.is_stale
    image.analysis_set.set_parameters(key, {"window_width": 32})
    assert "Parameters" in analysis.stale_reason
    image.rois.delete(1)
    assert len(image.analysis_set) == 0


def test_failed_or_cancelled_run_keeps_the_old_result(image: AcqImage) -> None:
    image.rois.create_rect_roi()
    key = image.analysis_set.create("radon_velocity", channel=0, roi_id=1).key
    image.analysis_set.run_analysis(key)
    before = image.state
    with pytest.raises(Cancelled):
        image.analysis_set.run_analysis(key, context=RunContext(is_cancelled=lambda: True))
    assert image.state == before


def test_analysis_set_refuses(image: AcqImage) -> None:
    image.rois.create_rect_roi()
    create = image.analysis_set.create
    with pytest.raises(KeyError):
        create("nonsense", channel=0, roi_id=1)
    with pytest.raises(KeyError):
        create("radon_velocity", channel=0, roi_id=1, detection_params={"nonsense": 1})
    with pytest.raises(TypeError):
        create("radon_velocity", channel=0, roi_id=1, detection_params={"window_width": True})
    with pytest.raises(InvalidParameter):
        create("radon_velocity", channel=0, roi_id=1, detection_params={"window_width": 63})
    with pytest.raises(ValueError, match="no ROI"):
        create("radon_velocity", channel=0, roi_id=9)
    create("radon_velocity", channel=0, roi_id=1)
    with pytest.raises(ValueError, match="exists"):
        create("radon_velocity", channel=0, roi_id=1)
    assert image.analysis_set.get(AnalysisKey("radon_velocity", 1, 1)) is None
    assert image.analysis_set.remove(AnalysisKey("radon_velocity", 0, 1)) is True
    assert image.analysis_set.remove(AnalysisKey("radon_velocity", 0, 1)) is False


def test_record_tells_where_it_comes_from_and_can_be_verified(image: AcqImage) -> None:
    image.rois.create_rect_roi()
    key = image.analysis_set.create("radon_velocity", channel=0, roi_id=1).key
    ran = image.analysis_set.run_analysis(key).record.provenance
    assert ran.parameters["window_width"] == 64
    assert ran.parameters["estimator"] == "unbiased"
    assert ran.geometry == (0, 400, 0, 32)
    assert ran.steps == pytest.approx((0.002, 0.25))
    assert ran.pixels["shape"] == [400, 32]
    assert len(ran.pixels["sha256"]) == 64
    assert image.analysis_set.verify(key)
    image.save()
    again = AcqImage(image.path)
    assert again.state == image.state
    assert again.analysis_set.verify(key)


def test_review(image: AcqImage) -> None:
    image.state = image.state.with_review(Review.ACCEPTED)
    image.save()
    assert AcqImage(image.path).state.review is Review.ACCEPTED
    with pytest.raises(TypeError):
        image.accepted = "false"


def test_without_a_plane_units_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "plain.tif"
    tifffile.imwrite(path, np.zeros((8, 9), np.uint16))
    assert AcqImage(path).get_image_physical_units() == (1.0, 1.0)
    assert not AcqImage(path).calibration.time_known


def test_import_is_light() -> None:
    code = (
        "import sys, time; t = time.perf_counter(); import acqcore; "
        "heavy = [m for m in ('pandas', 'scipy', 'tifffile', 'PySide6', 'pyqtgraph', 'imagecodecs')"
        " if m in sys.modules]; print(heavy)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
