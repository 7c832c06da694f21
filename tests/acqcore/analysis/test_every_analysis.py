"""What holds for each analysis there is: the contract that forms, CSVs and batches rely on.

An analysis is in here by being registered; what it depends on is run first.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from acqcore.acq_image import AcqImage
from acqcore.analysis import analyses, analysis
from acqcore.analysis.base import Analysis, Inputs, Result, RunContext
from acqcore.errors import AcqError, Cancelled, CannotRun, InvalidParameter
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance, ResultTable
from acqcore.model.schema import FieldSchema, ValueType, range_fault
from acqcore.run import plain

CALIBRATED = Calibration(0.002, 0.25, "seconds", "um", "test")
NAMES = sorted(analyses())
every = pytest.mark.parametrize("name", NAMES)
Pixels = NDArray[Any]


@cache
def streaks(lines: int = 1200, width: int = 48) -> Pixels:
    """A lit vessel with cells that speed up and slow down, and some noise."""
    rng = np.random.default_rng(0)
    line, pixel = np.mgrid[:lines, :width]
    path = 0.7 * line + 4 * np.sin(line / 25)
    vessel = np.exp(-(((pixel - width / 2) / (width / 3)) ** 4))
    wave = 300 + vessel * (800 + 300 * np.sin((pixel - path) / 2.5))
    return (wave + rng.normal(0, 30, wave.shape)).clip(0).astype(np.uint16)


@cache
def pixels_of(kind: str) -> Pixels:
    pixels = (ODD | INFINITE)[kind]() if kind != "good" else streaks()
    pixels.flags.writeable = False
    return pixels


def inputs_of(name: str, kind: str, scale: Calibration = CALIBRATED) -> Inputs:
    """What `run` would give an analysis; CannotRun when a parent has no result."""
    parents = {parent: record_of(parent, kind, scale) for parent in analysis(name).depends_on}
    return Inputs(pixels_of(kind), scale, parents=parents)


@cache
def record_of(name: str, kind: str, scale: Calibration) -> AnalysisRecord:
    """The result of a parent."""
    method, result, (lines, width) = analysis(name), ran(name, kind, scale), pixels_of(kind).shape
    times = (scale.steps, "2026-01-01T00:00:00+00:00")
    provenance = Provenance(asdict(method.parse({})), (0, lines, 0, width), *times)
    table = ResultTable(result.table) if method.columns else None
    return AnalysisRecord(AnalysisKey(name, 0, 1), {}, plain(result.summary), table, provenance)


def ran(name: str, kind: str = "good", scale: Calibration = CALIBRATED) -> Result:
    inputs = inputs_of(name, kind, scale)
    return analysis(name).run(inputs, analysis(name).parse({}), RunContext())


def attempt(name: str, kind: str, scale: Calibration = CALIBRATED) -> Result | None:
    """The result, or None when the analysis says in one sentence why there is none."""
    try:
        result = ran(name, kind, scale)
    except (CannotRun, InvalidParameter) as refused:
        text = str(refused)
    else:
        check(analysis(name), result)
        return result
    assert text.endswith(".")
    assert text[0].isupper()
    return None


def check(method: Analysis[Any], result: Result) -> None:
    """Declared columns of one length, and a summary that JSON can hold."""
    assert tuple(result.table) == tuple(column.name for column in method.columns)
    assert len({np.asarray(values).shape for values in result.table.values()}) <= 1
    assert all(np.asarray(values).ndim == 1 for values in result.table.values())
    assert all(np.asarray(values).dtype.kind in "fiubU" for values in result.table.values())
    json.dumps(plain(result.summary), allow_nan=False)


# --- what it says of itself --------------------------------------------------------------------


@every
def test_names_and_texts(name: str) -> None:
    method = analysis(name)
    assert method.name == name
    assert name.isidentifier()
    assert name == name.lower()
    assert method.title
    assert method.title[0].isupper()
    assert method.version >= 1
    assert set(method.depends_on) <= set(NAMES) - {name}


@every
def test_columns_curves_and_overlays_fit_together(name: str) -> None:
    method = analysis(name)
    columns = [one.name for one in method.columns]
    assert len(set(columns)) == len(columns)
    assert not {"channel", "roi_id"} & set(columns)  # the CSV puts these in front
    assert all(one.title for one in method.columns)
    for curve in method.curves:
        assert {curve.x, curve.y, curve.error or curve.x, curve.flag or curve.x} <= set(columns)
        assert curve.quantity
    for overlay in method.overlays:
        assert {overlay.x, overlay.y} <= set(columns)
    for column in method.columns:
        assert isinstance(method.unit_of(column, Calibration()), str)


@every
def test_defaults_are_what_the_form_allows(name: str) -> None:
    method = analysis(name)
    given = method.parse({})
    assert given == method.Parameters()
    assert method.parse(asdict(given)) == given
    assert json.loads(json.dumps(asdict(given), allow_nan=False)) == asdict(given)
    assert {one.name for one in fields(method.Parameters)} == set(method.schema().field_names())


@every
def test_every_parameter_explains_itself(name: str) -> None:
    for field in analysis(name).schema().fields:
        assert field.display_name[0].isupper() or not field.display_name[0].isalpha(), field.name
        assert len(field.description) > 5, field.name
        assert field.default is None or not range_fault(field, field.default), field.name


@every
def test_wrong_parameters_are_refused(name: str) -> None:
    method = analysis(name)
    with pytest.raises(KeyError):
        method.parse({"no_such_parameter": 1})
    for field in method.schema().fields:
        with pytest.raises((TypeError, InvalidParameter)):
            method.parse({field.name: object()})
        for outside in _outside(field):
            with pytest.raises(InvalidParameter):
                method.parse({field.name: outside})


def _outside(field: FieldSchema) -> list[Any]:
    kind = float if field.value_type is ValueType.FLOAT else int
    if field.value_type is ValueType.ENUM:
        return ["no such choice"]
    low = [] if field.minimum is None else [kind(field.minimum - 1)]
    return low if field.maximum is None else [*low, kind(field.maximum + 1)]


@every
def test_presets_and_unstated_parameters_are_valid(name: str) -> None:
    method = analysis(name)
    for values in (*method.presets.values(), method.unstated_parameters):
        method.parse(values)


# --- what it does ------------------------------------------------------------------------------


@every
def test_a_good_recording_gives_the_declared_columns(name: str) -> None:
    check(analysis(name), ran(name))


@every
def test_the_pixels_are_left_alone_and_the_numbers_come_again(name: str) -> None:
    first, second = ran(name), ran(name)
    assert plain(first.summary) == plain(second.summary)
    for column, values in first.table.items():
        np.testing.assert_array_equal(values, second.table[column])


@every
@pytest.mark.parametrize(
    "scale",
    [
        Calibration(),
        Calibration(0.002, 1.0, "seconds", "px", "time only"),
        Calibration(1.0, 0.25, "lines", "um", "distance only"),
    ],
    ids=["none", "time", "distance"],
)
def test_recordings_without_a_full_calibration(name: str, scale: Calibration) -> None:
    attempt(name, "good", scale)


def _with(value: float) -> Pixels:
    pixels = streaks().astype(np.float32)
    pixels[300:420] = value
    return pixels


ODD: dict[str, Callable[[], Pixels]] = {
    "one pixel": lambda: streaks()[:1, :1],
    "one row": lambda: streaks()[:1],
    "one column": lambda: streaks()[:, 20:21],
    "two by two": lambda: streaks()[:2, :2],
    "three rows": lambda: streaks()[:3],
    "short": lambda: streaks()[:40],
    "narrow": lambda: streaks()[:, 20:24],
    "black": lambda: np.zeros((400, 32), np.uint16),
    "constant": lambda: np.full((400, 32), 700, np.uint16),
    "constant float": lambda: np.full((400, 32), 0.1, np.float32),
    "saturated": lambda: np.full((400, 32), 65535, np.uint16),
    "all nan": lambda: np.full((400, 32), np.nan, np.float32),
    "some nan": lambda: _with(np.nan),
    "one nan column": lambda: np.where(np.arange(48) == 9, np.nan, streaks().astype(np.float32)),
    "huge": lambda: streaks().astype(np.float64) * 1e12,
    "tiny": lambda: streaks().astype(np.float64) * 1e-12,
    "negative": lambda: -streaks().astype(np.int32),
    "true and false": lambda: streaks() > 600,
    "noise": lambda: np.random.default_rng(1).integers(0, 255, (400, 32), np.uint8),
}
INFINITE: dict[str, Callable[[], Pixels]] = {
    "all infinite": lambda: np.full((400, 32), np.inf, np.float32),
    "some infinite": lambda: _with(np.inf),
}


@every
@pytest.mark.parametrize("kind", ODD)
def test_odd_pixels_never_crash(name: str, kind: str) -> None:
    """Declared columns, or one sentence; no warning either."""
    attempt(name, kind)


@every
@pytest.mark.parametrize("kind", ["all infinite", "some infinite"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_infinite_pixels_never_crash(name: str, kind: str) -> None:
    """Here numpy may speak up; what comes out is what counts."""
    attempt(name, kind)


@every
@pytest.mark.parametrize("kind", ["black", "constant", "all nan", "all infinite"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_nothing_to_see_gives_no_curve(name: str, kind: str) -> None:
    """A made-up velocity or diameter is worse than none; an intensity may well be constant."""
    result = attempt(name, kind)
    for curve in analysis(name).curves if result else ():
        if result and curve.quantity in ("velocity", "diameter"):
            values = np.asarray(result.table[curve.y], dtype=np.float64)
            assert not np.isfinite(values).any()


class Stop:
    """Says yes after so many questions, and counts those that follow."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


@every
def test_a_stop_is_heard(name: str) -> None:
    """At the first question and at any later one."""
    method = analysis(name)
    inputs, given = inputs_of(name, "good"), method.parse({})
    asked: list[float] = []
    method.run(inputs, given, RunContext(on_progress=lambda fraction, text: asked.append(fraction)))
    assert asked, "it never reports"
    assert all(0 <= fraction <= 1 for fraction in asked)
    for after in sorted({0, len(asked) // 2, len(asked) - 1}):
        with pytest.raises(Cancelled):
            method.run(inputs, given, RunContext(is_cancelled=Stop(after)))


# --- on a file -----------------------------------------------------------------------------------


def run_on(image: AcqImage, name: str) -> None:
    for parent in analysis(name).depends_on:
        run_on(image, parent)
    image.analysis_set.create_and_run(name, channel=0, roi_id=1, replace_existing=True)


@every
def test_a_record_survives_saving(name: str, tmp_path: Path) -> None:
    import tifffile

    path = tmp_path / "a.tif"
    tifffile.imwrite(path, streaks())
    image = AcqImage(path)
    image.state = image.state.with_calibration(CALIBRATED)
    image.rois.create_rect_roi()
    run_on(image, name)
    image.save()
    again = AcqImage(path)
    assert again.problems == ()
    assert again.state.records == image.state.records
    key = AnalysisKey(name, 0, 1)
    assert again.analysis_set.stale_reason(key) == ""
    one = again.analysis_set.get_required(key)
    one.get_plot_data()
    one.get_overlay_traces()
    json.dumps(one.to_json_dict())
    if analysis(name).columns:
        table = one.record.table
        assert table is not None
        assert table.names == tuple(column.name for column in analysis(name).columns)
    if not analysis(name).depends_on:
        assert again.analysis_set.verify(key)


@every
def test_a_child_without_its_parent_is_a_sentence(name: str) -> None:
    if not analysis(name).depends_on:
        pytest.skip("it depends on nothing")
    image = AcqImage.from_array(streaks(), axes="YX", source_id="x", step_y=0.002, step_x=0.25)
    image.rois.create_rect_roi()
    with pytest.raises(AcqError, match="needs"):
        image.analysis_set.create_and_run(name, channel=0, roi_id=1)
