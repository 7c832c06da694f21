"""What was done to recordings, as a Python script that does it again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pprint import pformat
from textwrap import indent
from typing import Any

from acqcore import __version__
from acqcore.acq_image import AcqImage
from acqcore.analysis import analyses
from acqcore.analysis.event import Events
from acqcore.model.record import AnalysisRecord
from acqcore.model.state import AcqState
from cloudscope.wording import recordings

_HEAD = '''\
"""Repeats what was computed on {count} in CloudScope {version}.

It reads the pictures, writes nothing, and takes nothing from what is stored beside them.
"""

{imports}


def show(image):
    """Print the few numbers of each result."""
    for found in image.analysis_set:
        key = found.key
        print(f"{{image.name}}, channel {{key.channel}}, ROI {{key.roi_id}}: {{key.analysis_name}}")
        for name, value in found.result.summary.items():
            print(f"    {{name}}: {{value}}")


images = []
'''


def python_script(images: Sequence[AcqImage]) -> str:
    """A script for acqcore alone: ROIs, calibration, parameters and runs, in their order."""
    body = "\n".join(_recording(image) for image in images)
    imports = [
        line
        for name, line in (
            ("AcqImage", "from acqcore import AcqImage"),
            ("Calibration(", "from acqcore.model.header import Calibration"),
            ("AnalysisRecord(", "from acqcore.model.record import AnalysisKey, AnalysisRecord"),
            ("AcqState", "from acqcore.model.state import AcqState"),
        )
        if name in body
    ]
    count = recordings(len(images))
    head = _HEAD.format(count=count, version=__version__, imports="\n".join(imports))
    return f"{head}\n{body}"


def _recording(image: AcqImage) -> str:
    if image.images.in_memory:
        return f"# {image.name} has no file: it is left out.\n"
    state = image.state
    lines = [
        f"image = AcqImage({image.path!r})",
        f"image.state = {_fresh_state(state)}",
    ]
    if state.rois:
        lines.append(f"image.rois.from_list({_value([roi.to_dict() for roi in state.rois])})")
    for record in in_order(state.records):
        lines.extend(_run(image, record))
    return "\n".join([*lines, "images.append(image)", "show(image)", ""])


def _fresh_state(state: AcqState) -> str:
    return f"AcqState(calibration={state.calibration!r})" if state.calibration else "AcqState()"


def in_order(records: Iterable[AnalysisRecord]) -> list[AnalysisRecord]:
    """As they were created, but each after those of which it takes the numbers."""
    waiting, done = list(records), list[AnalysisRecord]()
    while waiting:
        keys = {one.key for one in waiting}
        ready = next((one for one in waiting if not _parents(one) & keys), waiting[0])
        waiting.remove(ready)
        done.append(ready)
    return done


def _parents(record: AnalysisRecord) -> set[Any]:
    method, key = analyses().get(record.key.analysis_name), record.key
    names = method.depends_on if method else ()
    return {type(key)(name, key.channel, key.roi_id) for name in names}


def _run(image: AcqImage, record: AnalysisRecord) -> list[str]:
    """The call that repeats a run, with every parameter stated: a default may change."""
    key, ran = record.key, record.provenance
    method = analyses().get(key.analysis_name)
    if ran is None:
        return []
    if method is None:
        return [f"# {key.analysis_name} is not installed here: its result is left out."]
    known = method.schema().field_names()
    parameters = {name: value for name, value in ran.parameters.items() if name in known}
    lines = []
    stale = image.state.stale_reason(record, image.header.calibration)
    if stale:
        lines.append(f"# Other numbers than in the window are right here: {stale}.")
    if key.analysis_name == Events.name:
        lines.append("# What a person drew, changed or dismissed is kept by the run.")
        lines.append(f"key = {key!r}")
        kept = _value(dict(record.summary))
        lines.append(f"record = AnalysisRecord(key, summary={kept})")
        lines.append("image.state = image.state.with_record(record)")
    lines.append(
        f"image.analysis_set.create_and_run(\n    {key.analysis_name!r},\n"
        f"    channel={key.channel},\n    roi_id={key.roi_id},\n"
        f"    detection_params={_value(parameters)},\n    replace_existing=True,\n)"
    )
    return lines


def _value(value: object) -> str:
    """As Python writes it; several lines hang by four blanks."""
    text = pformat(value, width=92, sort_dicts=False)
    return indent(text, "    ").lstrip() if "\n" in text else text
