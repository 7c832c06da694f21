"""`cloudscope analyze`: one analysis on each recording, shown or saved."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from acqcore import AcqImage
from acqcore.acq_image_list import LoadWarning
from acqcore.analysis import analyses, analysis
from acqcore.batch import RoiKind, RoiRule
from acqcore.errors import AcqError
from acqcore.model.roi import RectROI, RectRoiBounds
from cloudscope.cli_arguments import parameters_of, tell_plugin_problems
from cloudscope.cli_recordings import open_recordings, tell_failure


def analyze_parser() -> argparse.ArgumentParser:
    """Options of `analyze`."""
    parser = argparse.ArgumentParser(
        "cloudscope analyze", description="Run one analysis on each recording."
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--analysis", required=True, choices=sorted(analyses()), metavar="NAME")
    parser.add_argument(
        "--param", action="append", default=[], metavar="KEY=VALUE", help="may be given often"
    )
    parser.add_argument("--channel", type=int, default=0, metavar="N", help="from 0")
    parser.add_argument("--roi", default="full", help="full, a number, or L0:L1,P0:P1")
    parser.add_argument("--save", action="store_true", help="write sidecar and CSV")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    return parser


def analyze(words: list[str]) -> int:
    """Measure and print; gives the exit code."""
    tell_plugin_problems()
    parser = analyze_parser()
    options = parser.parse_args(words)
    try:
        given = parameters_of([options.analysis], options.param)[options.analysis]
        analysis(options.analysis).parse(given)
        place = _place(options.roi)
    except (KeyError, ValueError, TypeError) as error:
        parser.error(str(error.args[0]))
    failed = False
    for opened in open_recordings(options.paths):
        try:
            if isinstance(opened, LoadWarning):
                raise AcqError(opened.message)
            done = _measure(opened, options.analysis, given, options.channel, place)
            if options.save:
                opened.save()
            print(json.dumps(done) if options.json else _result_text(done))
        except (AcqError, ValueError, TypeError, IndexError) as error:
            failed = True
            path = opened.path if isinstance(opened, AcqImage) else opened.path or ""
            tell_failure(path, str(error), options.json)
    return int(failed)


def _place(text: str) -> RectRoiBounds | int | None:
    """None for the whole plane, the number of a ROI, or bounds."""
    rule = RoiRule.parse(text)
    if rule.kind is RoiKind.ALL:
        raise ValueError("--roi all is for `cloudscope batch`")
    return rule.bounds or rule.roi_id


def _measure(
    image: AcqImage,
    name: str,
    given: Mapping[str, Any],
    channel: int,
    place: RectRoiBounds | int | None,
) -> dict[str, Any]:
    roi = _roi(image, place)
    key = image.analysis_set.get_or_create(name, channel=channel, roi_id=roi).key
    image.analysis_set.set_parameters(key, given)
    image.analysis_set.run_analysis(key)
    record = image.analysis_set.get_required(key).record
    units = {
        column.name: analysis(name).unit_of(column, image.calibration)
        for column in analysis(name).columns
    }
    return {
        "path": image.path,
        "analysis": name,
        "channel": channel,
        "roi_id": roi,
        "parameters": dict(record.provenance.parameters) if record.provenance else {},
        "summary": dict(record.summary),
        "units": units,
    }


def _roi(image: AcqImage, place: RectRoiBounds | int | None) -> int:
    """The ROI that is meant: one of those bounds is used again, else it is made."""
    if isinstance(place, int):
        if not image.rois.has_roi(place):
            raise ValueError(f"{image.name} has no ROI {place}")
        return place
    plane = image.rois.image_bounds
    wanted = (place or RectRoiBounds.from_image_bounds(plane)).clamped_to(plane)
    for roi in image.rois:
        if isinstance(roi, RectROI) and roi.bounds == wanted:
            return roi.id
    return image.rois.create_rect_roi(replace(wanted)).id


def _result_text(done: Mapping[str, Any]) -> str:
    head = f"{done['path']}\n  {done['analysis']}, channel {done['channel']}, ROI {done['roi_id']}"
    rows = [f"    {name:20} {_number(value)}" for name, value in done["summary"].items()]
    return "\n".join([head, *rows])


def _number(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
