"""What each trace plot says for a scene: pure, without a widget."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from acqcore.analysis import analyses
from acqcore.analysis.base import Analysis, Curve
from acqcore.errors import SidecarError
from acqcore.model.record import AnalysisKey, AnalysisRecord
from acqcore.model.roi import LineROI
from cloudscope.item_models.result_table import FLAG
from cloudscope.scene import Scene, ShownRecord
from cloudscope.views.curve_menu import CurveChoice, CurveOffer
from cloudscope.views.quantities import (
    MISSING,
    Shown,
    decimals_for,
    measured,
    number,
    ran_calibration,
    shown_curve,
)
from cloudscope.views.readings import GOOD
from cloudscope.views.result_words import flag_words
from cloudscope.views.trace_samples import TraceSamples, samples_of

CurveId = tuple[str, str]
"""Analysis name and y column."""


@dataclass(frozen=True, slots=True, eq=False)
class TraceContent:
    """One plot.

    Attributes:
        record: Where the samples come from, None without a result.
        caption: Quantity and ROI.
        samples: None while there is nothing to draw.
        stale: Why the result is out of date, or empty.
        running: Whether a job computes it now.
        sentence: What stands in the middle instead of a trace, or empty.
        offers_run: Whether a Run button stands beside the sentence.
    """

    id: CurveId
    shown: Shown
    record: AnalysisRecord | None = None
    caption: str = ""
    samples: TraceSamples | None = None
    stale: str = ""
    running: bool = False
    sentence: str = ""
    offers_run: bool = False

    @property
    def state_words(self) -> str:
        """What the caption warns of, or empty."""
        if self.running and self.samples is not None:
            return "Running…"
        return f"Out of date: {self.stale}" if self.stale else ""

    def value_at(self, line: float) -> str:
        """Value of the window around a line, rejected ones too, with its standard error."""
        index = self.samples.nearest(line) if self.samples is not None else None
        if index is None or self.samples is None:
            return MISSING
        value = float(self.samples.rejected[index])
        if math.isfinite(value):
            return f"{number(value, decimals_for(value, 3))} {self.shown.unit}".rstrip()
        return measured(
            float(self.samples.y[index]), float(self.samples.error[index]), self.shown.unit
        )

    def quality_at(self, line: float) -> str:
        """Whether the row of that window can be trusted, in words; empty where it is not known."""
        index = self.samples.nearest(line) if self.samples is not None else None
        table = self.record.table if self.record is not None else None
        if index is None or table is None:
            return ""
        flag = str(table[FLAG][index]) if FLAG in table.names else None
        if flag:
            return flag_words(flag)
        if self.stale:
            return "Out of date"
        return "" if flag is None else GOOD


def trace_contents(
    scene: Scene,
    before: Mapping[CurveId, TraceContent],
    choice: CurveChoice | None = None,
    previewed: str = "",
) -> list[TraceContent]:
    """One entry per plot, at least one while any analysis has a curve.

    `before` is what is on screen: arrays of an unchanged record are taken over from it.
    `previewed` is an analysis that has a plot even without a result, or empty.
    """
    curves = list(_curves(scene, choice or {}, previewed))
    titles = Counter(curve.title for _, curve in curves)
    return [
        _content(
            scene, analysis, curve, before.get((analysis.name, curve.y)),
            analysis.title if titles[curve.title] > 1 else "",
        )
        for analysis, curve in curves
    ]  # fmt: skip


def curve_offers(scene: Scene, choice: CurveChoice) -> list[CurveOffer]:
    """All that the results of the selected channel and ROI can draw."""
    return [
        CurveOffer(
            analysis.name,
            analysis.title,
            tuple((curve.y, curve.title) for curve in analysis.curves),
            tuple(curve.y for curve in _chosen(analysis, choice)),
        )
        for analysis in analyses().values()
        if analysis.curves and _has_trace(scene, analysis)
    ]


def _chosen(analysis: Analysis[Any], choice: CurveChoice) -> list[Curve]:
    wanted = choice.get(analysis.name)
    if wanted is None:
        return list(analysis.curves[:1])
    return [curve for curve in analysis.curves if curve.y in wanted]


def _curves(
    scene: Scene, choice: CurveChoice, previewed: str
) -> Iterator[tuple[Analysis[Any], Curve]]:
    """The chosen curves of each analysis that has or gets a result, else of the selected one.

    With all of them unticked the first one stays: there is always a time axis.
    """
    drawn = [one for one in analyses().values() if one.curves]
    there = [one for one in drawn if _has_trace(scene, one) or one.name == previewed]
    found = [(one, curve) for one in there for curve in _chosen(one, choice)]
    selected = [one for one in drawn if one.name == scene.selection.analysis_name]
    rest = there[:1] or selected[:1] or drawn[:1]
    yield from found or [(one, one.curves[0]) for one in rest]


def _has_trace(scene: Scene, analysis: Analysis[Any]) -> bool:
    shown = scene.shown_record(analysis.name)
    return (shown is not None and shown.record.has_result) or _is_running(scene, analysis)


def _is_running(scene: Scene, analysis: Analysis[Any]) -> bool:
    where = scene.selection
    if where.roi_id is None:
        return False
    return AnalysisKey(analysis.name, where.channel, where.roi_id) in scene.running


def _content(
    scene: Scene,
    analysis: Analysis[Any],
    curve: Curve,
    before: TraceContent | None,
    method: str,
) -> TraceContent:
    found = scene.shown_record(analysis.name)
    record = found.record if found is not None and found.record.has_result else None
    steps = ran_calibration(record, scene.calibration) if record else scene.calibration
    shown = shown_curve(analysis, curve, steps)
    title = method or shown.title  # two curves of one quantity are told apart by their method
    base = TraceContent(
        (analysis.name, curve.y),
        shown,
        record,
        f"{title}, ROI {scene.roi.label}" if scene.roi is not None else title,
        running=_is_running(scene, analysis),
    )
    if record is None or found is None:
        return _without_result(base, scene)
    return _with_result(base, scene, found, curve, before)


def _with_result(
    base: TraceContent,
    scene: Scene,
    found: ShownRecord,
    curve: Curve,
    before: TraceContent | None,
) -> TraceContent:
    samples, fault = None, ""
    if before is not None and before.record is base.record and before.shown == base.shown:
        samples, fault = before.samples, before.sentence
    if samples is None and not fault and not scene.loading:
        # While the picture loads, the table may still be on disk; a job reads both.
        try:
            samples = samples_of(found.record, curve, base.shown.factor)
        except SidecarError as error:
            fault = str(error)
        if samples is not None and not samples.has_values:
            fault = _why_empty(found.record, curve, base.shown.title)
    return TraceContent(
        base.id, base.shown, base.record, base.caption, samples, found.stale, base.running, fault
    )


def _why_empty(record: AnalysisRecord, curve: Curve, title: str) -> str:
    """A run that gave no number anywhere: the reason that most of its rows have."""
    table = record.table
    flags = table[curve.flag] if table is not None and curve.flag in table.names else ()
    reasons = Counter(str(flag) for flag in flags if str(flag))
    if not reasons:
        return f"The run gave no {title.lower()}"
    return f"The run gave no {title.lower()}: {flag_words(reasons.most_common(1)[0][0]).lower()}"


def _without_result(base: TraceContent, scene: Scene) -> TraceContent:
    quantity = base.shown.title.lower()
    offers_run = False
    if scene.header is None:
        sentence = f"Select a recording to see its {quantity}"
    elif base.running:
        sentence = f"{base.shown.title} of this ROI is being computed"
    elif isinstance(scene.roi, LineROI):
        sentence = f"ROI {scene.roi.label} is a line: {quantity} needs a rectangle"
    elif scene.roi is None:
        sentence, offers_run = f"No {quantity} yet: draw a ROI, or run on the whole image", True
    else:
        sentence, offers_run = f"No {quantity} for ROI {scene.roi.label} yet", True
    return TraceContent(
        base.id,
        base.shown,
        caption=base.caption,
        running=base.running,
        sentence=sentence,
        offers_run=offers_run,
    )
