"""`AcqState` to the JSON document of a sidecar.

Keys, types and the split into blocks are those of the reference program, so that
folders travel both ways; what is ours alone stands in the block `cloudscope`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from acqcore.model.contrast import ImageContrast
from acqcore.model.header import Calibration, ImageHeader
from acqcore.model.metadata import header_values
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance
from acqcore.model.roi import ROI, RectROI
from acqcore.model.state import AcqState

VERSION = 2
OURS = "cloudscope"

# What the reference program can read, parents before the analyses that need them.
SHARED_ANALYSES = ("radon_velocity", "diameter", "sum_intensity", "event", "heart_rate")
# It refuses a sidecar in which these two share a channel and ROI.
EXCLUSIVE = ("radon_velocity", "diameter")
# Nor does it read these without the velocity of the same channel and ROI, or with
# parameters of other names.
PARENT = "radon_velocity"
PARAMETERS_OF_CHILDREN = {
    "event": ("pre_post_win_sec",),
    "heart_rate": (
        "bpm_min", "bpm_max", "use_abs", "outlier_k_mad", "lomb_n_freq", "interp_max_gap_sec",
        "bandpass_order", "nperseg_sec", "edge_margin_hz", "peak_half_width_hz", "agree_tol_bpm",
        "do_segments", "seg_win_sec", "seg_step_sec", "seg_min_valid_frac",
    ),
}  # fmt: skip
ROI_KEYS = ("roi_id", "roi_type", "version", "name", "note", "data")


def document(header: ImageHeader, state: AcqState, base: Mapping[str, Any]) -> dict[str, Any]:
    """The document to write; what `base` holds and nobody here understands stays in it."""
    shared, own = _split(state.records, base)
    return dict(base) | {
        "version": max(VERSION, base["version"]) if _is_int(base.get("version")) else VERSION,
        "accepted": state.accepted,
        "rois": [roi_block(roi) for roi in state.rois],
        "experiment_metadata": _unknown(base, "experiment_metadata") | state.experiment.values(),
        "image_header_metadata": _unknown(base, "image_header_metadata")
        | header_values(header, state.calibration or header.calibration),
        "analysis": [_shared_block(record, base) for record in shared],
        "image_contrast": _contrast_blocks(state, base),
        OURS: _own_block(state, own, base),
    }


def _own_block(
    state: AcqState, own: Sequence[AnalysisRecord], base: Mapping[str, Any]
) -> dict[str, Any]:
    """What only CloudScope reads."""
    block = _unknown(base, OURS) | {
        "next_roi_id": state.next_roi_id,
        "review": state.review.value,
        "analysis": [_record_block(record, base) for record in own],
        "records": [_run_block(record, base) for record in state.records],
    }
    block.pop("calibration", None)
    block.pop("review_reason", None)
    block.pop("roi_colors", None)
    colors = {str(roi.id): roi.color for roi in state.rois if roi.color}
    if colors:  # a ROI block with a further key would make the reference program refuse the file
        block["roi_colors"] = colors
    if state.review_reason:
        block["review_reason"] = state.review_reason
    if state.calibration is not None:
        block["calibration"] = asdict(state.calibration)
    return block


def roi_block(roi: ROI) -> dict[str, Any]:
    """Exactly the keys that the reference program accepts."""
    if isinstance(roi, RectROI):
        names: tuple[str, ...] = ("row_start", "row_stop", "col_start", "col_stop")
    else:
        names = ("row0", "col0", "row1", "col1")
    return {
        "roi_id": roi.id,
        "roi_type": "rectroi" if isinstance(roi, RectROI) else "linesegmentroi",
        "version": "1.0",
        "name": roi.name,
        "note": roi.note,
        "data": dict(zip(names, roi.geometry, strict=True)),
    }


def contrast_block(contrast: ImageContrast) -> dict[str, Any]:
    """Whole numbers under the shared names; fractions beside them where there are any."""
    values = asdict(contrast)
    limits = {name: value for name, value in values.items() if name != "color_lut"}
    block: dict[str, Any] = {"color_lut": contrast.color_lut}
    block |= {name: int(value) for name, value in limits.items()}
    if any(isinstance(value, float) for value in limits.values()):
        block |= {f"{name}_float": float(value) for name, value in limits.items()}
    return block


def _contrast_blocks(state: AcqState, base: Mapping[str, Any]) -> dict[str, Any]:
    """Contrasts of the state; of the others only those that were not understood stay."""
    stood_there, kept = _unknown(base, "image_contrast"), _unknown(_unknown(base, OURS), "kept")
    blocks = {
        name: block for name, block in stood_there.items() if f"image_contrast.{name}" in kept
    }
    for channel, contrast in state.contrasts.items():
        earlier = _unknown(stood_there, str(channel))
        for limit in ("value_min", "value_max", "img_min", "img_max"):
            earlier.pop(f"{limit}_float", None)
        blocks[str(channel)] = earlier | contrast_block(contrast)
    return blocks


def _split(
    records: Sequence[AnalysisRecord], base: Mapping[str, Any]
) -> tuple[list[AnalysisRecord], list[AnalysisRecord]]:
    """Records for the shared list, parents first, and those that it must not contain."""
    stood_there = {
        name for block in _blocks(base) if isinstance(name := block.get("analysis_name"), str)
    }
    order = {name: place for place, name in enumerate(SHARED_ANALYSES)}
    apart = {one.key for one in _superseded(records)}
    apart |= {one.key for one in records if one.key.analysis_name not in order.keys() | stood_there}
    parents = {
        _place(one) for one in records if one.key.analysis_name == PARENT and one.key not in apart
    }
    apart |= {
        one.key
        for one in records
        if one.key.analysis_name in PARAMETERS_OF_CHILDREN and _place(one) not in parents
    }
    shared = [one for one in records if one.key not in apart]
    shared.sort(key=lambda one: order.get(one.key.analysis_name, len(order)))
    return shared, [one for one in records if one.key in apart]


def _place(record: AnalysisRecord) -> tuple[int, int]:
    return record.key.channel, record.key.roi_id


def _superseded(records: Sequence[AnalysisRecord]) -> list[AnalysisRecord]:
    """Of two exclusive records on one channel and ROI, the one that ran earlier."""
    latest: dict[tuple[int, int], AnalysisRecord] = {}
    earlier = []
    for record in (one for one in records if one.key.analysis_name in EXCLUSIVE):
        place = _place(record)
        if place in latest:
            first, second = sorted((latest[place], record), key=_run_time)
            earlier.append(first)
            record = second
        latest[place] = record
    return earlier


def _run_time(record: AnalysisRecord) -> str:
    return record.provenance.time_utc if record.provenance else ""


def _record_block(record: AnalysisRecord, base: Mapping[str, Any]) -> dict[str, Any]:
    block = {
        "analysis_name": record.key.analysis_name,
        "channel": record.key.channel,
        "roi_id": record.key.roi_id,
        "detection_params": dict(record.parameters),
        "summary": dict(record.summary),
    }
    return _same_record(record.key, base) | block


def _shared_block(record: AnalysisRecord, base: Mapping[str, Any]) -> dict[str, Any]:
    """Without the parameters that the reference program would stumble over."""
    apart = _parameters_apart(record)
    shared = {name: one for name, one in record.parameters.items() if name not in apart}
    return _record_block(record, base) | {"detection_params": shared}


def _parameters_apart(record: AnalysisRecord) -> dict[str, Any]:
    known = PARAMETERS_OF_CHILDREN.get(record.key.analysis_name)
    return {} if known is None else {k: v for k, v in record.parameters.items() if k not in known}


def _same_record(key: AnalysisKey, base: Mapping[str, Any]) -> dict[str, Any]:
    """The block as it stood, for keys that we do not know."""
    names = ("analysis_name", "channel", "roi_id")
    wanted = [key.analysis_name, key.channel, key.roi_id]
    blocks = _blocks(base) + _blocks(_unknown(base, OURS))
    same = (dict(one) for one in blocks if [one.get(name) for name in names] == wanted)
    return next(same, {})


def _blocks(base: Mapping[str, Any], name: str = "analysis") -> list[Mapping[str, Any]]:
    """Members of a list as they stood, as far as they are blocks of values."""
    listed = base.get(name)
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []


def _run_block(record: AnalysisRecord, base: Mapping[str, Any]) -> dict[str, Any]:
    """Key and provenance; the order of these blocks is the order of the records."""
    key = [record.key.analysis_name, record.key.channel, record.key.roi_id]
    stood_there = _blocks(_unknown(base, OURS), "records")
    block = next((dict(one) for one in stood_there if one.get("key") == key), {})
    block.pop("parameters", None)
    apart = _parameters_apart(record)
    return block | {
        "key": key,
        "has_table": record.table is not None,
        "provenance": _provenance(record.provenance),
        **({"parameters": apart} if apart else {}),
    }


def _provenance(provenance: Provenance | None) -> dict[str, Any] | None:
    if provenance is None:
        return None
    return {
        "parameters": dict(provenance.parameters),
        "geometry": list(provenance.geometry),
        "steps": list(provenance.steps),
        "time_utc": provenance.time_utc,
        "versions": dict(provenance.versions),
        "pixels": dict(provenance.pixels),
        "note": provenance.note,
        **({"parents": dict(provenance.parents)} if provenance.parents else {}),
    }


def _unknown(base: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What a block held when it was loaded; our own keys are laid over it."""
    block = base.get(name)
    kept = dict(block) if isinstance(block, Mapping) else {}
    kept.pop("_is_dirty", None)
    return kept


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def own_calibration(block: object) -> Calibration | None:
    """The calibration that the user set, or None; ValueError, TypeError when damaged."""
    if block is None:
        return None
    if not isinstance(block, Mapping):
        raise TypeError("the calibration is not a block")
    return Calibration(
        float(block["step_y"]),
        float(block["step_x"]),
        str(block["label_y"]),
        str(block["label_x"]),
        str(block.get("source", "user")),
    )
