"""Whether what was held out is held out: what the defining columns predict is a description; whether errors of
assignment may be undone; and what an interval has to allow for once a difference was chosen for its size."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import f, norm
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.tree import DecisionTreeRegressor

from helpers.cards.claims import SURELY
from helpers.cards.traits import Trait
from helpers.customers.customers import Customers
from helpers.survey.survey import Survey
from helpers.types.answer_columns import by_unit
from helpers.types.prepare import with_weekend

PREDICTED = 0.5
"""A held-out column of which the defining columns predict more than this share of the variance is a description."""
LOOKED_AT = 3000
"""People who are enough to see that."""
FEWEST = 60


def defining_values(
    people: pd.Index, customers: Customers | None, survey: Survey | None, defining: tuple[str, ...]
) -> pd.DataFrame:
    """The columns that made the groups, by person, in ranks from 0 to 1; what is not known is in the middle."""
    frames = []
    if customers is not None:
        frames.append(with_weekend(customers.features).set_index("customer_id"))
    if survey is not None:
        frames.append(by_unit(survey.answers))
    columns = {name: frame[name] for frame in frames for name in defining if name in frame}
    codes = {
        name: values if pd.api.types.is_numeric_dtype(values) else pd.Series(pd.factorize(values)[0], values.index)
        for name, values in columns.items()
    }
    return (
        pd.DataFrame({name: values.reindex(people) for name, values in codes.items()}, people)
        .rank(pct=True)
        .fillna(0.5)
    )


def predicted(trait: Trait, made: pd.DataFrame) -> bool:
    """Whether the defining columns predict the trait of people not seen, by a tree or by a line, with R2 above .5.

    What came in the later weeks is drawn anew: that it can be foretold is a finding and makes nothing circular.
    """
    if trait.column.startswith("later_"):
        return False
    y = trait.values.reindex(made.index).dropna()
    if not made.shape[1] or len(y) < FEWEST or y.var() == 0:
        return False
    y = y.iloc[np.linspace(0, len(y) - 1, min(len(y), LOOKED_AT)).astype(int)]
    X = made.loc[y.index].to_numpy()
    for model in (DecisionTreeRegressor(min_samples_leaf=10, random_state=0), LinearRegression()):
        if model.fit(X, y).score(X, y) > PREDICTED:
            folds = KFold(5, shuffle=True, random_state=0)
            if r2_score(y, cross_val_predict(model, X, y, cv=folds)) > PREDICTED:
                return True
    return False


def direct_effect(trait: Trait, posterior: pd.DataFrame, made: pd.DataFrame) -> bool:
    """Whether the trait depends on the defining columns beyond the classes (F test at .05).

    Where it depends on the class alone its mean, given all that made the classes, is linear in the posterior; whatever
    else the columns explain the BCH weights would turn into a difference between classes.
    """
    y = trait.values.reindex(posterior.index).dropna()
    classes = np.column_stack([np.ones(len(y)), posterior.loc[y.index].to_numpy()[:, 1:]])
    both = np.column_stack([classes, made.loc[y.index].to_numpy()])
    more = np.linalg.matrix_rank(both) - np.linalg.matrix_rank(classes)
    free = len(y) - np.linalg.matrix_rank(both)
    if more < 1 or free < 1:
        return False
    left, still_left = (_left(design, y.to_numpy()) for design in (classes, both))
    return still_left <= 0 or f.sf((left - still_left) / more / (still_left / free), more, free) < SURELY


def _left(design: np.ndarray, y: np.ndarray) -> float:
    """The sum of squares that a line leaves."""
    return float(((y - design @ np.linalg.lstsq(design, y, rcond=None)[0]) ** 2).sum())


def threshold(p: pd.Series, p_adjusted: pd.Series) -> float:
    """How many standard errors a difference had to reach to be told: Benjamini and Hochberg's last step."""
    told = int((p_adjusted <= SURELY).sum())
    return float(norm.isf(SURELY * told / max(int(p.notna().sum()), 1) / 2)) if told else np.inf


def after_selection(z: float, least: float, alpha: float = 0.05) -> tuple[float, float]:
    """Interval of a difference in standard errors that is looked at because it exceeded ``least`` of them.

    Given that it was selected the estimate is a normal without its middle (Weinstein, Fithian & Benjamini 2013): far
    beyond the threshold the interval is the usual one, near it it reaches towards none.
    """
    size, least = abs(z), min(least, abs(z))
    if not np.isfinite(size):
        return z, z

    def up_to(true: float) -> float:
        """P(estimate <= size), given that it was selected."""
        below, above = norm.logcdf(-least - true), norm.logsf(least - true)
        beyond = norm.logsf(size - true)
        return float(-np.expm1(beyond - np.logaddexp(below, above)))

    ends = [brentq(lambda true, at=at: up_to(true) - at, -least - 12, size + 12) for at in (1 - alpha / 2, alpha / 2)]
    return (ends[0], ends[1]) if z > 0 else (-ends[1], -ends[0])
