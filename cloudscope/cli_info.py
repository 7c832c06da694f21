"""`cloudscope info`: what files hold; `cloudscope formats`: which files can be opened."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from acqcore import AcqImage, AnalysisKey
from acqcore.acq_image_list import LoadWarning
from acqcore.loaders import loaders
from cloudscope.cli_recordings import open_recordings, tell_failure


def info(words: list[str]) -> int:
    """Print an account of each recording; gives the exit code."""
    parser = argparse.ArgumentParser("cloudscope info", description="Say what files hold.")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    options = parser.parse_args(words)
    failed = False
    for opened in open_recordings(options.paths):
        if isinstance(opened, LoadWarning):
            failed = True
            tell_failure(opened.path or "", opened.message, options.json)
        else:
            about = _about(opened)
            print(json.dumps(about) if options.json else _readable(about))
    return int(failed)


def formats(words: list[str]) -> int:
    """Print every format with its suffixes; gives the exit code."""
    parser = argparse.ArgumentParser("cloudscope formats", description="Say what can be opened.")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    options = parser.parse_args(words)
    for loader in loaders():
        name = loader.__name__.removesuffix("Loader")
        if options.json:
            print(json.dumps({"format": name, "suffixes": loader.suffixes}))
        elif loader.suffixes:
            print(f"{name:10} {' '.join(loader.suffixes)}")
    return 0


def _about(image: AcqImage) -> dict[str, Any]:
    header, steps = image.header, image.calibration
    return {
        "path": image.path,
        "shape": list(header.shape),
        "dims": "".join(header.dims),
        "dtype": header.dtype,
        "channels": [header.channel_name(number) for number in range(header.num_channels)],
        "step_y": steps.step_y,
        "step_x": steps.step_x,
        "units": list(steps.labels),
        "calibration": steps.source,
        "rois": {str(roi.id): list(roi.geometry) for roi in image.rois},
        "analyses": [_key_text(one.key) for one in image.analysis_set],
        "problems": [str(one) for one in image.problems] + list(header.notes),
    }


def _readable(about: Mapping[str, Any]) -> str:
    lines = [str(about["path"])]
    for name, value in about.items():
        if name != "path" and value not in ([], {}):
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            lines.append(f"  {name:12} {shown}")
    return "\n".join(lines)


def _key_text(key: AnalysisKey) -> str:
    return f"{key.analysis_name} (channel {key.channel}, ROI {key.roi_id})"
