"""The knobs of the heart rate: names and defaults of the reference program, then ours."""

from __future__ import annotations

from dataclasses import dataclass

from acqcore.model.schema import described


@dataclass(frozen=True, slots=True)
class HeartRateParameters:
    """Knobs of `HeartRate`; defaults suit a mouse."""

    bpm_min: float = described(
        240.0,
        group="Range",
        title="Heart rate min",
        unit="bpm",
        minimum=1.0,
        help="Slowest rate looked for.",
    )
    bpm_max: float = described(
        600.0,
        group="Range",
        title="Heart rate max",
        unit="bpm",
        minimum=1.0,
        help="Fastest rate looked for.",
    )
    use_abs: bool = described(
        True, group="Range", title="Use absolute velocity", help="Ignore the direction of the flow."
    )
    outlier_k_mad: float = described(
        4.0,
        group="Range",
        title="Outlier clip (MAD)",
        minimum=0.5,
        help="Velocities further than this many robust standard deviations from the median "
        "are clipped there.",
    )
    lomb_n_freq: int = described(
        512,
        group="Methods",
        title="Lomb frequencies",
        minimum=16,
        maximum=20_000,
        help="Frequencies of the published Lomb estimate; the rate itself is found between them.",
    )
    interp_max_gap_sec: float = described(
        0.05,
        group="Methods",
        title="Max interp gap",
        unit="s",
        minimum=0.0,
        help="Welch: gaps up to this long are bridged by a straight line, longer ones cut out.",
    )
    bandpass_order: int = described(
        3,
        group="Methods",
        title="Bandpass order",
        minimum=1,
        maximum=10,
        help="Welch: of the Butterworth filter.",
    )
    nperseg_sec: float = described(
        2.0,
        group="Methods",
        title="Welch segment",
        unit="s",
        minimum=0.01,
        help="Welch: length of a segment.",
    )
    edge_margin_hz: float = described(
        -1.0,
        group="Methods",
        title="Edge margin",
        unit="Hz",
        help="Peaks this close to the range's ends get an edge flag; negative: 5 % of the range, "
        "at least 0.2 Hz.",
    )
    peak_half_width_hz: float = described(
        0.5,
        group="Methods",
        title="Peak half width",
        unit="Hz",
        minimum=0.0,
        help="What counts as the peak for the band concentration.",
    )
    agree_tol_bpm: float = described(
        30.0,
        group="Trust",
        title="Agreement tolerance",
        unit="bpm",
        minimum=0.0,
        help="Lomb and Welch disagree when they are further apart than this.",
    )
    do_segments: bool = described(
        False,
        group="Over Time",
        title="Compute segments",
        help="Add the summary of Welch estimates per window.",
    )
    seg_win_sec: float = described(
        6.0,
        group="Over Time",
        title="Segment window",
        unit="s",
        minimum=0.1,
        help="Length of the windows in which the rate is tracked. A recording longer than two "
        "windows gets the mean of its windows.",
    )
    seg_step_sec: float = described(
        1.0,
        group="Over Time",
        title="Segment step",
        unit="s",
        minimum=0.01,
        help="From one window to the next.",
    )
    seg_min_valid_frac: float = described(
        0.5,
        group="Over Time",
        title="Segment min valid",
        minimum=0.0,
        maximum=1.0,
        help="Windows with a smaller part of usable velocities are not evaluated.",
    )
    min_valid: int = described(
        256,
        group="Trust",
        title="Min velocities",
        minimum=32,
        help="Fewer usable velocities give no result. Slow hearts may be measured with fewer.",
    )
    max_false_alarm: float = described(
        0.001,
        group="Trust",
        title="Max false alarm",
        minimum=1e-12,
        maximum=0.5,
        help="Probability that noise alone gives such a peak, above which no rate is reported.",
    )
