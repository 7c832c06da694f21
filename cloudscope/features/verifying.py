"""Verify a result: compute it again from the pixels as they are now, and compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from acqcore.acq_image import AcqImage
from acqcore.analysis import analyses
from acqcore.errors import AcqError, Cancelled
from acqcore.model.record import AnalysisRecord, ResultTable
from acqcore.run import run
from cloudscope.scene import Scene
from cloudscope.wording import recordings
from cloudscope.workbench import Feature

_CLOSE = 1e-9
"""Relative difference that another version of numpy may make."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one comparison; `why` is empty where the numbers are the same."""

    what: str
    why: str


class Verifying(Feature):
    """Runs with the stored parameters and region, changes nothing, and says what differs."""

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """All results of the selected recordings."""
        return {"verify": self._verify}

    def usable(self, scene: Scene) -> Mapping[str, bool]:
        """Whether there is a result that ran here."""
        images = self.bench.targets()
        return {"verifiable": any(_verifiable(image) for image in images)}

    def _verify(self) -> None:
        label = self.bench.session.blind.label
        orders = [(label(one), one, record) for one in self.bench.targets()
                  for record in _verifiable(one)]  # fmt: skip
        sources = [(name, image.source(), image, record) for name, image, record in orders]
        count = len({image.file_id for _, image, _ in orders})

        def work(job: Any) -> list[Finding]:
            return [
                Finding(f"{_title(record)} of {name}", _compare(image, record, source, job))
                for name, source, image, record in sources
            ]

        if sources:
            self.bench.jobs.submit(
                "verify", work, text=f"Verifying {recordings(count)}",
                on_done=self._tell, on_failed=self._failed,
            )  # fmt: skip

    def _tell(self, findings: list[Finding]) -> None:
        bar = self.bench.panels.view.messages
        wrong = [one for one in findings if one.why]
        if not wrong:
            same = "1 result gives" if len(findings) == 1 else f"All {len(findings)} results give"
            bar.show_message("ok", f"{same} the same numbers again.")
            return
        more = f" {len(wrong) - 1} more differ." if len(wrong) > 1 else ""
        bar.show_message("warn", f"{wrong[0].what}: {wrong[0].why}{more}")

    def _failed(self, error: AcqError) -> None:
        if not isinstance(error, Cancelled):
            self.bench.panels.view.messages.show_message("err", str(error))


def _verifiable(image: AcqImage) -> list[AnalysisRecord]:
    """Records that ran here, with an analysis that is known, in the order of creation."""
    known = analyses()
    return [
        one
        for one in image.state.records
        if one.provenance is not None and one.has_result and one.key.analysis_name in known
    ]


def _title(record: AnalysisRecord) -> str:
    return analyses()[record.key.analysis_name].title


def _compare(image: AcqImage, record: AnalysisRecord, source: Any, job: Any) -> str:
    """In a worker: one sentence about what differs, or empty."""
    ran = record.provenance
    assert ran is not None
    stale = source.state.stale_reason(record, image.header.calibration)
    if stale:
        return f"{stale}; run it again instead."
    try:
        again = run(source, record.key, ran.parameters, job.context)
    except Cancelled:
        raise
    except AcqError as error:
        return str(error)
    assert again.provenance is not None
    pixels = ran.pixels.get("sha256")
    if pixels and pixels != again.provenance.pixels.get("sha256"):
        return "the pixels are not those that it was computed from."
    return _difference(record.table, again.table) or _summary_difference(record, again)


def _difference(old: ResultTable | None, other: ResultTable | None) -> str:
    if old is None or other is None:
        return "" if other is None or not len(other) else "its table is missing."
    if len(old) != len(other):
        return f"{len(other)} rows instead of {len(old)}."
    wrong = [name for name in old.names if name in other.names and not _same(old, other, name)]
    return f"{', '.join(wrong)} differ." if wrong else ""


def _same(old: ResultTable, other: ResultTable, name: str) -> bool:
    before, after = np.asarray(old[name]), np.asarray(other[name])
    if before.dtype.kind in "iuf" and after.dtype.kind in "iuf":
        return bool(np.allclose(before, after, rtol=_CLOSE, atol=0, equal_nan=True))
    return bool(np.array_equal(before.astype(str), after.astype(str)))


def _summary_difference(old: AnalysisRecord, other: AnalysisRecord) -> str:
    wrong = [
        name
        for name, value in other.summary.items()
        if isinstance(value, int | float)
        and isinstance(old.summary.get(name), int | float)
        and not np.isclose(value, old.summary[name], rtol=_CLOSE, atol=0)
    ]
    return f"the summary differs in {', '.join(wrong)}." if wrong else ""
