"""Measure a picture that is an array, not a file: simulations, other readers, notebooks.

python from_array.py
"""

import numpy as np

from acqcore import AcqImage, RectRoiBounds
from acqcore.synthetic import heart_beat, red_cells

LINE_S, PIXEL_UM = 0.001, 0.5
truth = heart_beat(400, 700.0, seconds_per_line=LINE_S, rate_hz=6.0)  # um/s at every line
cells = red_cells(400, 64, truth * LINE_S / PIXEL_UM, seed=3)

image = AcqImage.from_array(
    cells.pixels, axes="YX", source_id="simulated", step_y=LINE_S, step_x=PIXEL_UM
)
roi = image.rois.create_rect_roi(RectRoiBounds(0, 400, 4, 60))
velocity = image.analysis_set.create(
    "radon_velocity", channel=0, roi_id=roi.id, detection_params={"window_width": 32}
)
image.analysis_set.run_analysis(velocity.key)

plot = velocity.get_plot_data()
true_now = np.interp(plot.x, np.arange(len(truth)) * LINE_S, truth)
error = np.nanmedian(np.abs(np.array(plot.y) - true_now))
print(f"{plot.y_label}: {np.nanmean(plot.y):.0f} on average, the truth is {truth.mean():.0f}")
print(f"median error of a window: {error:.0f} um/s")
