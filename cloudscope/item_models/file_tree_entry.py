"""One recording as the file tree words it: name, marks, sort keys, tool tips."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from acqcore.analysis import analyses
from acqcore.model.state import Review
from acqcore.model.tree_rows import ANALYSIS_NAME, CHANNEL, ROI_ID, TREE_ROW_ID

Row = Mapping[str, Any]

SEARCHED = (
    "name", "parent", "condition", "genotype", "condition2", "treatment", "region", "note",
)  # fmt: skip
STATES = {
    "unsaved": "Unsaved",
    "stale": "Out of date",
    "problem": "With a problem",
    "accepted": "Accepted",
    "rejected": "Rejected",
    "undecided": "Undecided",
}
"""What recordings can be filtered by beside words, and how it is called."""
REVIEW_WORDS = {
    Review.ACCEPTED: "Accepted",
    Review.REJECTED: "Rejected",
    Review.UNDECIDED: "Undecided",
}
_REVIEW_ORDER = {Review.ACCEPTED: 0, Review.REJECTED: 1, Review.UNDECIDED: 2}
_STATE_ORDER = {"unsaved": 0, "problem": 1, "loading": 2, "": 3}
# 18 digits fit every integer that a name can mean, and stay far from int()'s own limit.
_DIGITS = re.compile(r"(\d{1,18})")


@dataclass(frozen=True, slots=True)
class RowMarks:
    """What the tree says about a recording beyond its row.

    Attributes:
        dirty: It has unsaved edits.
        problem: One sentence, or empty.
        loading: Its pixels are on their way.
        stale: Why a result is out of date, by tree row id; current results are missing.
        roi_names: Names of the ROIs that have one, by number.
        reason: Why it was accepted or rejected, or empty.
        blinded: Its name is hidden; `place` is then its place in the order of arrival.
    """

    dirty: bool = False
    problem: str = ""
    review: Review = Review.UNDECIDED
    loading: bool = False
    stale: Mapping[str, str] = field(default_factory=dict)
    roi_names: Mapping[int, str] = field(default_factory=dict)
    reason: str = ""
    blinded: bool = False
    place: int = 0


def shown_text(value: object) -> str:
    """Text that Qt can carry: bytes of a name that are not UTF-8 become U+FFFD."""
    text = "" if value is None else str(value)
    if text.isascii():
        return text
    try:
        return os.fsencode(text).decode("utf-8", "replace")
    except UnicodeEncodeError:  # half a character that came from a damaged sidecar
        return text.encode("utf-8", "replace").decode("utf-8")


def search_text(text: str) -> str:
    """Equal for texts that differ in case or in how an accent is encoded only."""
    return unicodedata.normalize("NFKC", text.casefold())


def natural_key(text: str) -> tuple[str | int, ...]:
    """Sorts cap2 before cap10: text and whole numbers in turn, text first."""
    parts = _DIGITS.split(search_text(text))
    return tuple(int(part) if at % 2 else part for at, part in enumerate(parts))


def suffix_of(name: str) -> str:
    """`.tif`, or both of `.ome.tif`; empty for a name without one."""
    last_two = PurePath(name).suffixes[-2:]
    if len(last_two) == 2 and last_two[0].lower() != ".ome":
        del last_two[0]
    return "".join(last_two)


class Entry:
    """One recording of the tree with its analyses.

    Attributes:
        number: Identity towards Qt, from 1, never given again.
        position: Row on screen, or -1 while the filter hides it.
        unreadable: It could not be opened; only name and reason are known.
    """

    __slots__ = (
        "_keys",
        "_searched",
        "children",
        "file_id",
        "marks",
        "name",
        "number",
        "position",
        "row",
        "suffix",
        "unreadable",
    )

    def __init__(
        self, number: int, rows: Sequence[Row], marks: RowMarks, unreadable: bool = False
    ) -> None:
        self.number = number
        self.position = -1
        self.file_id: str = rows[0][TREE_ROW_ID]
        self.children: list[Row] = list(rows[1:])
        self.describe(rows[0], marks)
        self.unreadable = unreadable

    def describe(self, row: Row, marks: RowMarks) -> None:
        """Take over the row of the file and its marks, not its analyses."""
        self.row, self.marks = row, marks
        self.unreadable = False
        self.name = shown_text(row["name"])
        self.suffix = suffix_of(self.name)
        self._keys: dict[str, tuple[Any, ...]] = {}
        words = [shown_text(row.get(one)) for one in SEARCHED]
        self._searched = search_text("\n".join([*words, shown_text(marks.reason)]))

    def matches(self, words: Sequence[str], states: frozenset[str] = frozenset()) -> bool:
        """Whether every word, made by `search_text`, occurs somewhere, and a state applies."""
        if states and not any(self._is(state) for state in states):
            return False
        return all(word in self._searched for word in words)

    def _is(self, state: str) -> bool:
        marks = self.marks
        if state == "unsaved":
            return marks.dirty
        if state == "stale":
            return bool(marks.stale)
        if state == "problem":
            return bool(marks.problem)
        return not self.unreadable and marks.review.value == state

    def sort_key(self, field_name: str) -> tuple[Any, ...]:
        """Comparable with the same key of every other entry."""
        if field_name == "saved":
            return (_STATE_ORDER[self.state],)
        if field_name == "accept":
            return (_REVIEW_ORDER[self.marks.review],)
        if field_name not in self._keys:
            self._keys[field_name] = self._value_key(field_name)
        return self._keys[field_name]

    def _value_key(self, field_name: str) -> tuple[Any, ...]:
        value = self.row.get(field_name)
        if isinstance(value, int | float):
            return (0, value)
        if field_name == "name":
            # Without its suffix, so that cap2.tif comes before "cap2 b.tif".
            return (1, natural_key(self.name.removesuffix(self.suffix)), self.suffix)
        text = shown_text(value)
        return (1, natural_key(text)) if text else (2,)

    @property
    def state(self) -> str:
        """The one sign of the state column: what is unsaved outweighs a problem."""
        marks = self.marks
        if marks.dirty:
            return "unsaved"
        return "problem" if marks.problem else "loading" if marks.loading else ""

    def state_words(self) -> str:
        """All that is to be said about its state, one sentence a line."""
        marks = self.marks
        said = ("Unsaved changes" if marks.dirty else "", marks.problem)
        return "\n".join(filter(None, (*said, "Loading" if marks.loading else "")))

    def spoken(self, shown_name: str) -> str:
        """The whole row for a screen reader."""
        review = "" if self.unreadable else REVIEW_WORDS[self.marks.review]
        if self.marks.reason:
            review = f"{review}: {shown_text(self.marks.reason)}"
        said = (shown_name, *self.state_words().split("\n"), review)
        return ", ".join(filter(None, said))

    def child_text(self, child: Row) -> str:
        """Short title and ROI, and the channel where there is a choice of channels."""
        roi = self.marks.roi_names.get(child[ROI_ID]) or str(child[ROI_ID])
        said = [analysis_title(child[ANALYSIS_NAME]).partition(" (")[0], roi]
        if (self.row.get("num_channels") or 1) > 1:
            said.append(f"ch {child[CHANNEL] + 1}")
        return shown_text(" · ".join(said))

    def child_words(self, child: Row) -> str:
        """The long form of `child_text`, with the reason if it is out of date."""
        name = shown_text(self.marks.roi_names.get(child[ROI_ID], ""))
        roi = f"ROI {name or child[ROI_ID]}"
        title = shown_text(analysis_title(child[ANALYSIS_NAME]))
        stale = self.stale_reason(child)
        said = (f"{title}, {roi}, channel {child[CHANNEL] + 1}", stale and f"Out of date: {stale}")
        return "\n".join(filter(None, said))

    def stale_reason(self, child: Row) -> str:
        """Why that result is out of date, or empty."""
        return self.marks.stale.get(child[TREE_ROW_ID], "")


def analysis_title(name: str) -> str:
    """Title of an analysis; the name itself where another program wrote it."""
    return analyses()[name].title if name in analyses() else name
