"""How the few numbers of a run's summary are called on screen, in what order and unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One number of a summary.

    Attributes:
        unit: Of a calibrated recording, as in `Column.unit`.
        kind: `measure`, `count`, `part` (a fraction, shown in per cent), `chance` or `text`.
        error: Key of its standard error, or empty.
        hides_zero: Whether a count of none is not worth a line.
    """

    title: str
    unit: str = ""
    kind: str = "measure"
    error: str = ""
    hides_zero: bool = False


HEADLINES = ("bpm", "num_peaks", "num_sparks", "num_events")
"""A summary with one of these says itself what came out; means of its curves would not."""

WORDS: Mapping[str, Word] = {
    "bpm": Word("Heart rate", "bpm", error="bpm_se"),
    "peak.bpm": Word("Best guess", "bpm", error="peak.bpm_se"),
    "peak.false_alarm": Word("False alarm", kind="chance"),
    "peak.snr": Word("Peak over noise"),
    "lomb.bpm": Word("Lomb-Scargle", "bpm"),
    "welch.bpm": Word("Welch", "bpm"),
    "bpm_sd": Word("Spread in time", "bpm"),
    "n_valid": Word("Velocities used", kind="count"),
    "velocity_cv": Word("Variation (CV)", kind="part"),
    "velocity_se_median": Word("Error of a window", "um/s"),
    "num_outliers": Word("Outliers", kind="count"),
    "num_filled": Word("Filled windows", kind="count"),
    "diameter_um_cv": Word("Variation (CV)", kind="part"),
    "diameter_se_um_median": Word("Error of a row", "um"),
    "qc_score_mean": Word("Quality", kind="part"),
    "num_events": Word("Events", kind="count"),
    "user_events": Word("Drawn", kind="count", hides_zero=True),
    "rise_events": Word("Rises", kind="count", hides_zero=True),
    "fall_events": Word("Falls", kind="count", hides_zero=True),
    "transient_events": Word("Transients", kind="count", hides_zero=True),
    "mean_duration": Word("Mean duration", "s"),
    "num_peaks": Word("Events", kind="count"),
    "peak_amplitude_mean": Word("Mean height"),
    "peak_amplitude_median": Word("Median height"),
    "num_flagged_events": Word("Flagged events", kind="count"),
    "f0_baseline": Word("F0", "counts"),
    "noise_sd": Word("Noise (SD)"),
    "num_sparks": Word("Sparks", kind="count"),
    "num_waves": Word("Waves", kind="count"),
    "num_flagged": Word("Flagged", kind="count"),
    "sparks_per_100um_per_s": Word("Frequency", "1/(100 µm·s)"),
    "amplitude_median": Word("Median height"),
    "fwhm_um_median": Word("Median width", "um"),
    "fdhm_sec_median": Word("Median duration", "s"),
    "pixel_noise_sd": Word("Noise of a pixel"),
}
"""By key of the summary, keys of blocks joined by a dot; in the order of the panel."""

STATUS_WORDS: Mapping[str, str] = {
    "insufficient_valid": "Too few usable velocities for a heart rate",
    "out_of_range": "The range of rates cannot be searched",
    "not_significant": "No rhythm stands out of the noise",
    "ambiguous": "Several rates fit",
    "method_disagree": "The methods disagree",
    "no_peak": "No rhythm in the range of rates",
    "no_peak_lomb": "Lomb-Scargle finds no rhythm",
    "no_peak_welch": "Welch finds no rhythm",
    "other_error": "The rate could not be computed",
    "error": "The run met errors",
}
"""What a status other than `ok` means, as the beginning of a sentence."""

FLAG_WORDS: Mapping[str, str] = {
    "low_snr": "Signal is lost in the noise",
    "static": "Nothing moves",
    "blank": "No signal",
    "saturated": "Detector saturated",
    "out_of_range": "Out of the measurable range",
    "ambiguous": "Several values fit",
    "aliased": "Too fast for the line time: the speed may be another",
    "few_samples": "Too few values",
    "low_contrast": "Too little contrast",
    "wrong_order": "Edges in the wrong order",
    "missing_edge": "An edge is missing",
    "jump": "Jumps away from its neighbours",
    "weak_edge": "An edge is weak",
    "double_peak": "Two vessels or a split one",
    "edge": "Cut off by the edge of the ROI",
    "no_speed": "The front has no clear speed",
    "missing": "No velocity",
    "flagged": "Flagged velocity",
    "outlier": "Outlier",
}
"""Why a row of a result table is not to be trusted, by its flag."""


def flag_words(flag: str) -> str:
    """The reason in words; a flag that is not known is spelled out."""
    return FLAG_WORDS.get(flag, flag.replace("_", " ").capitalize())
