"""Round numbers: ticks, lengths of scale bars, and how both are written."""

from __future__ import annotations

import math

MINUS, THIN_SPACE = "\u2212", "\u2009"
_STEPS = (1, 2, 5, 10)


def round_up(least: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not below `least`."""
    power: float = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in _STEPS if step * power >= least * (1 - 1e-9))


def round_down(most: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is not above `most`."""
    power: float = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in _STEPS[2::-1] if step * power <= most * (1 + 1e-9))


def bar_length(asked: float, span: float) -> float:
    """What was asked for if it fits into the span, else about a fifth of it, rounded."""
    return asked if 0 < asked <= span else round_down(0.3 * span)


def ticks(low: float, high: float, most: float) -> list[float]:
    """Round values from `low` to `high`, about `most` of them at the utmost, at least two."""
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return []
    step = round_up((high - low) / max(most, 2.0))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [place * step for place in range(first, last + 1)]


def tick_texts(values: list[float]) -> list[str]:
    """All with the decimals that the step between them needs."""
    step = values[1] - values[0] if len(values) > 1 else abs(values[0]) if values else 1.0
    decimals = max(0, math.ceil(-math.log10(step) - 1e-9)) if step > 0 else 0
    return [written(value, decimals) for value in values]


def written(value: float, decimals: int) -> str:
    """A true minus and thin spaces between thousands from 10,000 on."""
    text = f"{abs(value):,.{decimals}f}" if abs(value) >= 10_000 else f"{abs(value):.{decimals}f}"
    text = text.replace(",", THIN_SPACE)
    return MINUS + text if value < 0 and text.strip("0.") else text


def plain(value: float) -> str:
    """Up to six significant digits, no zeros at the end."""
    return f"{value:.6g}".replace("-", MINUS)


def time_text(amount: float, known: bool) -> str:
    """`500 ms`, `2 s`, or `100 lines` where the time of a line is not known."""
    if not known:
        return f"{plain(amount)} lines"
    if amount < 1e-3:
        return f"{plain(amount * 1e6)} µs"
    return f"{plain(amount * 1e3)} ms" if amount < 1 else f"{plain(amount)} s"


def distance_text(amount: float, known: bool) -> str:
    """`20 µm`, `1 mm`, or `50 px` where the size of a pixel is not known."""
    if not known:
        return f"{plain(amount)} px"
    return f"{plain(amount / 1e3)} mm" if amount >= 1e3 else f"{plain(amount)} µm"
