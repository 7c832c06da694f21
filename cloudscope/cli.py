"""The command line. `info` and `analyze` never import Qt; anything else opens the window."""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from acqcore import AcqImage, AnalysisKey, RectRoiBounds, __version__
from acqcore.acq_image_list import DEFAULT_DEPTH, LoadWarning, find_recordings
from acqcore.analysis import analyses, analysis
from acqcore.errors import AcqError
from acqcore.model.roi import RectROI
from acqcore.model.schema import FieldSchema, ValueType

_USAGE = """\
cloudscope [PATH...] [options]          open recordings in the window
cloudscope info PATH...                 say what files hold
cloudscope analyze PATH... --analysis NAME   measure without a window"""

_LIBRARIES = "on Debian or Ubuntu run: apt install libegl1 libgl1 libxcb-cursor0 libxkbcommon-x11-0"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; gives the exit code: 0 well, 1 a file failed, 2 cannot be done."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    commands: dict[str, Callable[[list[str]], int]] = {"info": _info, "analyze": _analyze}
    # A file that happens to be called "info" is opened when it is there.
    if words and words[0] in commands and not Path(words[0]).exists():
        return commands[words[0]](words[1:])
    return _window(words)


# --- the window ------------------------------------------------------------------------


def window_parser() -> argparse.ArgumentParser:
    """Options of the window."""
    parser = argparse.ArgumentParser("cloudscope", usage=_USAGE)
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files or folders")
    parser.add_argument("--demo", action="store_true", help="open synthetic sample recordings")
    parser.add_argument("--screenshot", type=Path, metavar="FILE", help="save a picture at the end")
    parser.add_argument("--size", metavar="WxH", help="size of the window, such as 1280x800")
    parser.add_argument("--quit-after", type=int, metavar="MS", help="close after milliseconds")
    parser.add_argument("--appearance", choices=("system", "light", "dark"), help="colours")
    parser.add_argument("--reset-settings", action="store_true", help="forget all settings first")
    parser.add_argument("--version", action="version", version=f"CloudScope {__version__}")
    return parser


def _window(words: list[str]) -> int:
    options = window_parser().parse_args(words)
    fault = _no_window()
    if fault:
        print(f"cloudscope: {fault}", file=sys.stderr)
        return 2
    try:
        # Qt is imported here only: the other commands work on machines without it.
        from cloudscope.app import run_app
    except ImportError as error:
        if error.name is not None and error.name.startswith(("cloudscope", "acqcore")):
            raise
        print(f"cloudscope: Qt cannot be loaded ({error}); {_LIBRARIES}", file=sys.stderr)
        return 2
    return run_app(options)


def _no_window() -> str:
    """Why no window can be opened, in one sentence, or an empty text."""
    return _no_screen() or _no_qt()


def _no_screen() -> str:
    """Qt would end the process without a word that helps: look first."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return ""
    if os.environ.get("WAYLAND_DISPLAY"):
        return ""
    if not os.environ.get("DISPLAY"):
        return "there is no display; set DISPLAY, or QT_QPA_PLATFORM=offscreen to run without one."
    try:
        ctypes.CDLL("libxcb-cursor.so.0")
    except OSError:
        return f"the library libxcb-cursor is missing; {_LIBRARIES}"
    return "" if _answers() else f"the display {os.environ['DISPLAY']} does not answer."


def _answers() -> bool:
    """Whether an X server is behind DISPLAY."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    answers = xcb.xcb_connection_has_error(connection) == 0
    xcb.xcb_disconnect(connection)
    return bool(answers)


def _no_qt() -> str:
    try:
        qt = version("PySide6-Essentials")
    except PackageNotFoundError:
        return "PySide6 is not installed; run: pip install 'PySide6-Essentials<6.12'"
    if sys.version_info < (3, 12) and qt.startswith("6.12"):
        return f"PySide6 {qt} crashes on this Python; run: pip install 'PySide6-Essentials<6.12'"
    return ""


# --- info --------------------------------------------------------------------------------


def _info(words: list[str]) -> int:
    parser = argparse.ArgumentParser("cloudscope info", description="Say what files hold.")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    options = parser.parse_args(words)
    failed = False
    for opened in _open(options.paths):
        if isinstance(opened, LoadWarning):
            failed = True
            _tell_failure(opened.path or "", opened.message, options.json)
        else:
            about = _about(opened)
            print(json.dumps(about) if options.json else _readable(about))
    return int(failed)


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


# --- analyze -----------------------------------------------------------------------------


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


def _analyze(words: list[str]) -> int:
    parser = analyze_parser()
    options = parser.parse_args(words)
    try:
        given = dict(_assignment(text, options.analysis) for text in options.param)
        analysis(options.analysis).parse(given)
        bounds = _roi_option(options.roi)
    except (KeyError, ValueError, TypeError) as error:
        parser.error(str(error.args[0]))
    failed = False
    for opened in _open(options.paths):
        try:
            if isinstance(opened, LoadWarning):
                raise AcqError(opened.message)
            done = _measure(opened, options.analysis, given, options.channel, bounds)
            if options.save:
                opened.save()
            print(json.dumps(done) if options.json else _result_text(done))
        except (AcqError, ValueError, TypeError, IndexError) as error:
            failed = True
            path = opened.path if isinstance(opened, AcqImage) else opened.path or ""
            _tell_failure(path, str(error), options.json)
    return int(failed)


def _assignment(text: str, name: str) -> tuple[str, Any]:
    key, sign, value = text.partition("=")
    if not sign:
        raise ValueError(f"{text!r} is not KEY=VALUE")
    return key, _typed(analysis(name).schema().field(key), value)


def _typed(field: FieldSchema, text: str) -> Any:
    if field.value_type is ValueType.BOOL:
        known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if text.lower() not in known:
            raise ValueError(f"{field.name} must be true or false, not {text!r}")
        return known[text.lower()]
    if field.value_type is ValueType.INT:
        return int(text)
    return float(text) if field.value_type is ValueType.FLOAT else text


def _roi_option(text: str) -> RectRoiBounds | int | None:
    """None for the whole plane, the number of a ROI, or bounds."""
    if text == "full":
        return None
    if text.isdecimal():
        return int(text)
    try:
        (l0, l1), (p0, p1) = ([int(edge) for edge in part.split(":")] for part in text.split(","))
    except ValueError:
        raise ValueError(f"--roi {text!r} is not full, a number or L0:L1,P0:P1") from None
    return RectRoiBounds(l0, l1, p0, p1)


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


def _open(paths: Sequence[Path]) -> Iterator[AcqImage | LoadWarning]:
    for found in find_recordings(paths, DEFAULT_DEPTH):
        if isinstance(found, LoadWarning):
            yield found
            continue
        try:
            yield AcqImage(found)
        except (AcqError, OSError) as error:
            yield LoadWarning(str(error), str(found))


def _tell_failure(path: str, message: str, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"path": path, "error": message}))
    else:
        print(message, file=sys.stderr)
