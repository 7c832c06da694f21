"""Accuracy as published, digitised from the papers' figures, to about a tenth of each value."""

from __future__ import annotations

from types import MappingProxyType

DREW_RADON_RMS_DEG = MappingProxyType(
    {8: 0.09, 4: 0.14, 2: 0.22, 1: 0.52, 0.67: 1.0, 0.5: 1.25, 0.33: 2.05}
)
"""By SNR: Drew et al. 2010, figure 3c, against the estimate without noise."""

DREW_SVD_RMS_DEG = MappingProxyType(
    {8: 0.52, 4: 0.88, 2: 1.15, 1: 1.55, 0.67: 2.85, 0.5: 5.8, 0.33: 12.0}
)
"""The same figure, singular value decomposition."""

DREW_BOUND_DEG = MappingProxyType(
    {8: 0.021, 4: 0.041, 2: 0.083, 1: 0.166, 0.67: 0.249, 0.5: 0.332, 0.33: 0.498}
)
"""By SNR: the least-squares bound for these windows and a constant speed, calculated."""

KIM_MEDIAN_PERCENT = MappingProxyType({8: 0.44, 1: 0.49, 0.5: 0.45, 0.33: 17.0})
"""By SNR: Kim et al. 2012, figure 4, median absolute error from 0.4 s on."""

KIM_BIAS_PERCENT = MappingProxyType({8: 0.41, 1: 0.45, 0.5: 0.43, 0.33: -20.0})
"""By SNR: the same, mean error."""

DIAMETER_ERROR_PERCENT = MappingProxyType({"fwhm": 0.2, "threshold": 2.4, "gradient": 3.7})
"""At noise over signal 0.07: J Cereb Blood Flow Metab 2025, mean error by method."""

REFERENCE_DIAMETER_MS_PER_LINE = 1.4
"""Of the laboratory's own program, on one core."""
