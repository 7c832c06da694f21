"""Tables of measured figures, each row beside what must hold for it."""

from __future__ import annotations

import csv
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

Cell = str | int | float | None

_ROUNDING = 1e-9


class Outcome(StrEnum):
    """What became of a limit.

    TOLD: missed, but the analysis says so itself by a flag or a large standard error.
    BOUND: missed, but so does the best possible estimator on the same pictures.
    UNCLEAR: missed by less than the benchmark's own sampling error of two sigma.
    """

    HELD = "held"
    TOLD = "told"
    BOUND = "bound"
    UNCLEAR = "unclear"
    MISSED = "MISSED"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold, such as `bias <= 2 %`, and whether it did."""

    subject: str
    limit: str
    outcome: Outcome

    @property
    def text(self) -> str:
        """Subject and limit."""
        return f"{self.subject} {self.limit}"


def at_most(
    subject: str,
    value: float,
    limit: float,
    unit: str = "",
    *,
    doubt: float = 0.0,
    told: bool = False,
    best: float = math.nan,
) -> Check:
    """`value` may not exceed `limit`; NaN does.

    Args:
        doubt: One standard deviation of `value` that the benchmark's sampling leaves.
        told: Whether the analysis warns of this case by itself.
        best: The same of the best possible estimator, if it is known.
    """
    outcome = _outcome(value - limit, doubt, told)
    if outcome is Outcome.MISSED and best > limit:
        outcome = Outcome.BOUND
    return Check(subject, f"<= {_trimmed(limit, unit)}", outcome)


def at_least(subject: str, value: float, limit: float, unit: str = "") -> Check:
    """`value` may not fall below `limit`; NaN does."""
    return Check(subject, f">= {_trimmed(limit, unit)}", _outcome(limit - value, 0.0, False))


def close_to(subject: str, value: float, target: float, reach: float, unit: str = "") -> Check:
    """`value` may differ from `target` by `reach`; NaN does by more."""
    limit = f"{target:g} +- {_trimmed(reach, unit)}"
    return Check(subject, limit, _outcome(abs(value - target) - reach, 0.0, False))


def is_true(subject: str, limit: str, value: bool) -> Check:
    """A yes or no."""
    return Check(subject, limit, Outcome.HELD if value else Outcome.MISSED)


def _outcome(excess: float, doubt: float, told: bool) -> Outcome:
    if excess <= _ROUNDING:
        return Outcome.HELD
    if told:
        return Outcome.TOLD
    return Outcome.UNCLEAR if excess <= 2 * doubt else Outcome.MISSED


def _trimmed(number: float, unit: str) -> str:
    return f"{number:g} {unit}".strip()


@dataclass(frozen=True, slots=True)
class Row:
    """Cells in the order of the table's columns, and what must hold for them."""

    cells: tuple[Cell, ...]
    checks: tuple[Check, ...] = ()

    @property
    def limit(self) -> str:
        """All limits of the row."""
        return "; ".join(check.text for check in self.checks)

    @property
    def outcome(self) -> str:
        """`held`, or what was not and how."""
        if not self.checks:
            return ""
        failed = [check for check in self.checks if check.outcome is not Outcome.HELD]
        by_outcome = {
            outcome: [check.subject for check in failed if check.outcome is outcome]
            for outcome in (Outcome.MISSED, Outcome.UNCLEAR, Outcome.BOUND, Outcome.TOLD)
        }
        parts = [f"{kind}: {', '.join(which)}" for kind, which in by_outcome.items() if which]
        return "; ".join(parts) or str(Outcome.HELD)


@dataclass(frozen=True, slots=True)
class Table:
    """Figures of one question.

    Attributes:
        key: Name of its CSV file.
        columns: Names with units; `limit` and `outcome` follow by themselves.
        notes: Sentences printed under the title.
        printed: False for details that only go into the CSV.
    """

    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    printed: bool = True

    @property
    def checks(self) -> Iterator[Check]:
        """Of all rows."""
        return (check for row in self.rows for check in row.checks)

    def markdown(self) -> str:
        """Title, notes and an aligned table."""
        parts = [f"### {self.title}", *self.notes]
        if self.rows:
            parts.append(_grid(*self._printed_cells()))
        return "\n\n".join(parts)

    def _printed_cells(self) -> tuple[list[str], list[list[str]], list[bool]]:
        judged = any(row.checks for row in self.rows)
        head = [*self.columns, *(("must hold", "outcome") if judged else ())]
        body, numeric = [], [True] * len(self.columns) + [False, False]
        for row in self.rows:
            if len(row.cells) != len(self.columns):
                raise ValueError(f"a row of {self.key} has {len(row.cells)} cells")
            verdict = [row.limit, row.outcome] if judged else []
            body.append([*map(shown, row.cells), *verdict])
            for place, cell in enumerate(row.cells):
                numeric[place] &= not isinstance(cell, str) or not cell
        return head, body, numeric

    def write_csv(self, folder: Path) -> Path:
        """Write `KEY.csv`, full precision; OSError if the folder cannot be written."""
        path = folder / f"{self.key}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*self.columns, "limit", "outcome"])
            writer.writerows([*row.cells, row.limit, row.outcome] for row in self.rows)
        return path

    def json_lines(self) -> Iterator[str]:
        """One object per row; NaN becomes null."""
        for row in self.rows:
            about: dict[str, Any] = {"table": self.key}
            about |= {
                name: _plain(cell) for name, cell in zip(self.columns, row.cells, strict=True)
            }
            yield json.dumps(about | {"limit": row.limit, "outcome": row.outcome})


def shown(cell: Cell) -> str:
    """Three significant digits or one decimal, thousands with a comma, empty for None."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if not math.isfinite(cell):
        return "-" if math.isnan(cell) else str(cell)
    if isinstance(cell, int) or abs(cell) >= 100:
        return f"{cell:,.0f}"
    if abs(cell) < _ROUNDING:
        return "0"
    return f"{cell:.1f}" if abs(cell) >= 10 else f"{cell:.3g}"


def _plain(cell: Cell) -> Cell:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def _grid(head: Sequence[str], body: Sequence[Sequence[str]], numeric: Sequence[bool]) -> str:
    widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
    widths = [max(width, 3) for width in widths]

    def line(cells: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(cells, widths, numeric, strict=False)
        )
        return f"| {' | '.join(padded)} |"

    rule = [
        "-" * (width - 1) + (":" if right else "-")
        for width, right in zip(widths, numeric, strict=False)
    ]
    return "\n".join([line(head), line(rule), *map(line, body)])


def verdict(tables: Iterable[Table]) -> tuple[str, bool]:
    """One sentence over all limits, and whether none was missed."""
    count = Counter(check.outcome for table in tables for check in table.checks)
    parts = [f"{count[outcome]} {outcome}" for outcome in Outcome if count[outcome]]
    return f"Limits: {', '.join(parts) or 'none'}.", count[Outcome.MISSED] == 0
