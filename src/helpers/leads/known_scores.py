"""Published figures of scores and trends beside ours."""

from __future__ import annotations

import numpy as np

from helpers.leads.lead_score import auc
from helpers.published import Figure, beside

HANLEY = "Hanley & McNeil 1982, Radiology 143:29, table I: ratings of 109 CT images"
IMAGES = {0: (33, 6, 6, 11, 2), 1: (3, 2, 2, 11, 33)}
"""Normal and abnormal images by their rating from 1 to 5."""
FIGURES = [Figure("area under the ROC curve", "hanley", HANLEY, "area under the curve", 0.893, 5e-4)]


def figures() -> list[tuple]:
    """Rows of the proof (`published.beside`)."""
    points = np.concatenate([np.repeat(np.arange(1.0, 6), counts) for counts in IMAGES.values()])
    ill = np.repeat(list(IMAGES), [sum(counts) for counts in IMAGES.values()])
    return beside(FIGURES, lambda: {"hanley": auc(points, ill).estimate}, needs="")
