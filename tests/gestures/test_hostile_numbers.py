"""Numbers that no recording has, in a sidecar or as pixels: shown as far as they go."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import tifffile

from acqcore.acq_image import AcqImage
from acqcore.model.contrast import ImageContrast
from acqcore.model.record import AnalysisKey


def test_a_sidecar_full_of_them(user, window, make_tiff) -> None:
    """Each is told, the rest is shown, and work goes on and is saved."""
    path = make_tiff("a.tif", lines=200)
    image = AcqImage(path)
    image.rois.create_rect_roi()
    image.analysis_set.create_and_run("radon_velocity", channel=0, roi_id=1)
    image.set_image_contrast(0, ImageContrast("Gray", 1, 2, 0, 3))
    image.save()
    sidecar = Path(image.get_sidecar_json_path())
    document = json.loads(sidecar.read_text())
    roi, (record,) = document["rois"][0], document["analysis"]
    document["rois"] += [
        roi | {"roi_id": 10**30},
        roi | {"roi_id": 2, "data": roi["data"] | {"row_stop": 10**4000}},
        roi | {"roi_id": 3, "data": roi["data"] | {"row_start": -(10**9), "row_stop": 10**9}},
    ]
    document["image_contrast"]["0"] |= {"value_min": -(10**300), "value_max": 10**300}
    document["analysis"].append(record | {"channel": 7})
    record["detection_params"]["window_width"] = "64"
    ours = document["cloudscope"]
    ours["calibration"] = {"step_y": 5e-324, "step_x": 1e308, "label_y": "seconds", "label_x": "um"}
    ours["next_roi_id"] = 10**30
    ours["records"][0]["provenance"]["steps"] = [0, 1]
    sidecar.write_text(json.dumps(document))

    user.open(path)
    assert len(user.image.problems) >= 7
    window.controller.select(user.image.file_id, AnalysisKey("radon_velocity", 0, 1))
    user.wait()
    window.grab()
    window.controller.select(user.image.file_id, AnalysisKey("radon_velocity", 7, 1))
    user.wait_until(lambda: "no channel 7" in window.panels.scene.failure)
    window.controller.add_roi()
    window.commands.save()
    user.wait_until(lambda: not user.image.is_dirty)


def test_pixels_of_any_size(user, window, tmp_path) -> None:
    """Marks of missing data, and the ends of every type."""
    rng = np.random.default_rng(0)
    noise = rng.random((60, 16))
    planes = {
        "marks": np.where(noise < 0.1, np.finfo(np.float32).max, noise).astype(np.float32),
        "both ends": np.where(noise < 0.5, -3.4e38, 3.4e38).astype(np.float32),
        "double": (2 * noise - 1) * 1.7e308,
        "tiny": noise * 1e-310,
        "infinite": np.where(noise < 0.5, np.inf, -np.inf),
        "saturated": np.full((60, 16), 2**64 - 1, np.uint64),
    }
    for name, plane in planes.items():
        tifffile.imwrite(tmp_path / f"{name}.tif", plane)
    user.open(tmp_path)
    for image in window.session.images:
        window.controller.select(image.file_id)
        user.wait_until(lambda: window.panels.scene.plane is not None)
        for command in ("auto_contrast", "full_contrast"):
            window.actions_by_id[command].trigger()
            user.wait()
        window.grab()
        assert window.panels.scene.failure == ""
