"""Calendar weeks that are held equal, and columns of a model that repeat others."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.tools.sm_exceptions import PerfectSeparationError

from helpers.beliefs.estimators import told_apart
from helpers.beliefs.evidence import calendar

MONDAY = pd.Timestamp("2025-01-06 10:00")


def at(*days: float) -> pd.Series:
    return MONDAY + pd.to_timedelta(pd.Series(days), unit="D")


def test_weeks_run_from_the_first_moment_and_go_together_until_each_tells():
    """Weeks of 2, 1, 2 and 1 rows: with two of each the second goes with the third, and what is left with those."""
    moments = at(0, 6.9, 7, 14, 15, 21)
    assert calendar(moments, least=1).tolist() == ["0", "0", "1", "2", "2", "3"]
    assert calendar(moments, least=2).tolist() == ["0", "0", "1", "1", "1", "1"]
    yes = pd.Series([1.0, 0, 0, 1, 0, 1])
    assert calendar(moments, yes, 1 - yes, least=1).tolist() == ["0", "0", "1", "1", "1", "1"]


def test_a_long_window_has_longer_weeks_and_a_row_without_a_moment_one_of_its_own():
    assert calendar(at(*range(0, 70, 7)), least=1, most=5).nunique() == 4
    assert calendar(at(*range(0, 70, 7)), least=1, most=0).nunique() == 1
    missing = pd.concat([at(0, 1, 8), pd.Series([pd.NaT])], ignore_index=True)
    assert calendar(missing, least=1).tolist() == ["1", "1", "2", "0"]
    assert calendar(at(), least=1).empty


def test_a_covariate_that_repeats_others_is_dropped_and_a_group_that_does_is_no_contrast():
    a, b = np.array([1.0, 0, 0, 1, 0, 1]), np.array([1.0, 1, 0, 0, 0, 1])
    X = pd.DataFrame({"const": 1.0, "group": a, "place": b, "again": 1 - b})
    assert list(told_apart(X, ["group"]).columns) == ["const", "group", "place"]
    with pytest.raises(PerfectSeparationError):
        told_apart(X.assign(place=1 - a), ["group"])
    with pytest.raises(PerfectSeparationError):
        told_apart(X.head(3), ["group"])
