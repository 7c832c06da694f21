"""One spark as a surface: a bell in space that rises and decays in time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from acqcore.analysis._intensity_kinetics import Kinetics
from acqcore.analysis._intensity_traces import Floats, Tick
from acqcore.analysis._sparks_plane import Plane, RestingPlane, Scale

_FWHM = math.sqrt(8 * math.log(2))
_SPREAD = np.array([0.7, 0.7, 0.5])  # of log rise, log decay, log width
_MAX_EVALUATIONS = 400


@dataclass(frozen=True, slots=True)
class FittedSpark:
    """A spark, in lines and pixels.

    Attributes:
        onset, place: Line and column, with fractions.
        sigma: SD of the bell.
        amplitude, amplitude_se: Peak dF/F0 and its standard error.
        at_edge: Whether its half width or its rise reaches beyond the ROI.
    """

    onset: float
    place: float
    kinetics: Kinetics
    sigma: float
    amplitude: float
    amplitude_se: float
    at_edge: bool

    @property
    def evidence(self) -> float:
        """Height in its own standard errors."""
        return self.amplitude / self.amplitude_se if self.amplitude_se > 0 else 0.0

    @property
    def peak(self) -> float:
        """Line at which it is brightest."""
        return self.onset + self.kinetics.peak

    @property
    def fwhm(self) -> float:
        """Full width at half maximum in pixels."""
        return _FWHM * self.sigma

    @property
    def fdhm(self) -> float:
        """Full duration at half maximum in lines."""
        top = self.kinetics.peak
        end = top + 8 * (self.kinetics.decay + self.kinetics.rise)
        rising, falling = np.linspace(0, top, 400), np.linspace(top, end, 4000)
        left = np.interp(0.5, self.kinetics.curve(rising), rising)
        right = np.interp(-0.5, -self.kinetics.curve(falling), falling)
        return float(right - left)

    def box(self, shape: tuple[int, ...]) -> tuple[slice, slice]:
        """Where in a plane it stands."""
        end = self.peak + 5 * (self.kinetics.decay + self.kinetics.rise)
        wide = 4 * self.sigma
        return (
            slice(max(0, math.floor(self.onset)), max(0, min(shape[0], math.ceil(end)))),
            slice(
                max(0, math.floor(self.place - wide)),
                max(0, min(shape[1], math.ceil(self.place + wide) + 1)),
            ),
        )

    def subtract_from(self, plane: Plane) -> None:
        """Take the spark out of a plane."""
        lines, columns = self.box(plane.shape)
        course = self.kinetics.curve(np.arange(lines.start, lines.stop) - self.onset)
        away = (np.arange(columns.start, columns.stop) - self.place) / self.sigma
        plane[lines, columns] -= (self.amplitude * course[:, None] * np.exp(-0.5 * away**2)).astype(
            np.float32
        )


def fitted_spark(
    rest: Plane, noise: Floats, at: tuple[int, int], start: Scale, tick: Tick
) -> FittedSpark | None:
    """Least squares around a place; None where it does not converge to a spark there."""
    from scipy.optimize import leastsq  # heavy: only where a spark is fitted

    lines, columns = _window(rest.shape, at, start)
    y = rest[lines, columns].astype(float)
    spread = noise[columns]
    if not np.isfinite(spread).all():
        spread = np.where(np.isfinite(spread), spread, 1e6)
    line = np.arange(lines.start, lines.stop, dtype=float)
    column = np.arange(columns.start, columns.stop, dtype=float)
    middle = np.log([start.kinetics.rise, start.kinetics.decay, start.sigma])

    def residual(of: Floats) -> Floats:
        tick()
        logs = np.clip(of[2:5], middle - 2.5, middle + 2.5)
        kinetics = Kinetics(math.exp(logs[0]), math.exp(logs[1]))
        course = kinetics.curve(line - of[0])[:, None]
        bell = np.exp(-0.5 * ((column - of[1]) / math.exp(logs[2])) ** 2)
        misfit = (of[5] * course * bell + of[6] - y) / spread
        return np.concatenate([misfit.ravel(), (of[2:5] - middle) / _SPREAD])

    height = max(float(y.max()) / 2, float(np.min(spread)))
    first = np.array([at[0], at[1], *middle, height, 0.0], float)
    found, covariance, *_, code = leastsq(
        residual, first, full_output=True, maxfev=_MAX_EVALUATIONS, epsfcn=1e-8, ftol=1e-5
    )
    if code not in (1, 2, 3, 4) or covariance is None or not np.isfinite(found).all():
        return None
    return _checked(found, covariance, at, start, rest.shape)


def _window(shape: tuple[int, ...], at: tuple[int, int], start: Scale) -> tuple[slice, slice]:
    before = math.ceil(max(4.0, 1.5 * start.kinetics.decay))
    after = math.ceil(max(6.0, start.kinetics.peak + 3.5 * start.kinetics.decay))
    wide = math.ceil(max(3.0, 4 * start.sigma))
    return (
        slice(max(0, at[0] - before), min(shape[0], at[0] + after)),
        slice(max(0, at[1] - wide), min(shape[1], at[1] + wide + 1)),
    )


def _checked(
    found: Floats,
    covariance: Floats,
    at: tuple[int, int],
    start: Scale,
    shape: tuple[int, ...],
) -> FittedSpark | None:
    rise, decay, sigma = (math.exp(one) for one in found[2:5])
    far_in_time = abs(found[0] - at[0]) > 3 * (start.kinetics.decay + start.kinetics.peak)
    if far_in_time or abs(found[1] - at[1]) > 3 * start.sigma or found[5] <= 0:
        return None
    kinetics = Kinetics(rise, decay)
    half = 0.5 * _FWHM * sigma
    outside = found[1] - half < 0 or found[1] + half > shape[1] - 1
    late = found[0] + kinetics.peak > shape[0] - 1 or found[0] < 0
    spread = math.sqrt(max(float(covariance[5, 5]), 0.0))
    return FittedSpark(
        float(found[0]), float(found[1]), kinetics, sigma, float(found[5]), spread, outside or late
    )


def fitted_sparks(
    plane: RestingPlane,
    rest: Plane,
    places: list[tuple[tuple[int, int], Scale]],
    threshold: float,
    tick: Tick,
) -> list[FittedSpark]:
    """Fit the clearest first and take it out of `rest`, so that neighbours do not share it."""
    kept = []
    for at, scale in places:
        spark = fitted_spark(rest, plane.noise, at, scale, tick)
        if spark is not None and spark.evidence >= threshold:
            spark.subtract_from(rest)
            kept.append(spark)
    return kept
