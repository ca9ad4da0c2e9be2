"""One trait of one group as a claim with its evidence: lift, interval, test, grade.

A column that made the personas is described and never tested: an ANOVA on pure noise split by k-means is "significant"
97 times in 100. Tests use what was kept out: reserved columns, attributes, later behaviour. Groups made by a model are
compared with weights that undo errors of assignment, which pull differences towards none; groups made by a rule as they
are, by Welch's t or two proportions.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm, t
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest
from stepmix.corrections import compute_bch_matrix

from helpers.cards.traits import Trait
from helpers.columns import circular
from helpers.contracts import Claim, Grade, Role, StudyError
from helpers.survey.weights import effective_n

Z = norm.ppf(0.975)
SURELY = 0.05
"""The corrected p up to which something is told as a difference."""
ALL_OTHERS = "all others"


def refuse_circular_test(column: str, defining: Iterable[str]) -> None:
    """Raise StudyError when a test is asked for on a column that made the personas, or that follows from one."""
    if made := circular(column, defining):
        raise StudyError(
            f"{column}: no test on a column that made the personas ({', '.join(made)}); its p-value would be small on "
            f"pure noise. Reserve it (personas.reserve in study.yml) and run again, or test later behaviour."
        )


def compare(trait: Trait, members: pd.Index, others: pd.Index, least: int) -> dict[str, Any] | None:
    """Means of a trait in two sets of people and their ratio with its 95 % interval on the log scale.

    A difference of means takes its place where values may be negative. None where a mean is zero or fewer than twice
    ``least`` people have a value. Of a yes/no trait no cell under ``least`` is shown: such a count is taken to be
    ``least``, where that makes the difference smaller (the share is then a bound), and nothing is said where not.
    """
    (a, heavy), (b, heavy_others) = known = _known(trait, members, others)
    if min(len(a), len(b)) < 2 * least or min(heavy.sum(), heavy_others.sum()) <= 0:
        return None
    mean, mean_others = np.average(a, weights=heavy), np.average(b, weights=heavy_others)
    errors, bounded = [_error(*part) for part in known], [None, None]
    if trait.binary:
        own, theirs = (_share(*part, least) for part in known)
        if abs(own - theirs) > abs(mean - mean_others) or (own - theirs) * (mean - mean_others) <= 0:
            return None
        bounded = [None if shown == true else "under" if shown > true else "over"
                   for shown, true in ((own, mean), (theirs, mean_others))]  # fmt: skip
        mean, mean_others = own, theirs
        errors = [own * (1 - own) / effective_n(heavy), theirs * (1 - theirs) / effective_n(heavy_others)]
    difference = min(a.min(), b.min()) < 0
    if sum(errors) == 0 if difference else min(mean, mean_others) <= 0:
        return None
    if difference:
        lift = mean - mean_others
        freedom = sum(errors) ** 2 / (errors[0] ** 2 / (len(a) - 1) + errors[1] ** 2 / (len(b) - 1))
        error = np.sqrt(sum(errors)) * t.ppf(0.975, freedom) / Z
        ends = [lift - Z * error, lift + Z * error]
        z = lift / error
        strength = max(0.0, abs(lift) - Z * error) / np.sqrt(a.var() + b.var())
    else:
        log_lift = np.log(mean / mean_others)
        error = np.sqrt(errors[0] / mean**2 + errors[1] / mean_others**2)
        lift, *ends = np.exp([log_lift, log_lift - Z * error, log_lift + Z * error])
        z = log_lift / error if error > 0 else np.copysign(np.inf, log_lift)
        strength = max(0.0, abs(log_lift) - Z * error)
    return {
        "n": len(a),
        "mean": mean,
        "mean_others": mean_others,
        "measure": "difference" if difference else "lift",
        "bounded": any(bounded),
        "bound": bounded[0],
        "bound_others": bounded[1],
        "lift": lift,
        "ci_low": ends[0],
        "ci_high": ends[1],
        "strength": strength,
        "z": z,
        "error": error,
    }


def _error(values: np.ndarray, weight: np.ndarray) -> float:
    """Variance of a weighted mean, linearised; where all weigh alike the variance over the number."""
    share, n = weight / weight.sum(), len(values)
    return float((share**2 * (values - share @ values) ** 2).sum() * n / (n - 1))


def _share(values: np.ndarray, weight: np.ndarray, least: int) -> float:
    """The weighted share of a yes; where fewer than ``least`` said yes, or no, as if just that many had."""
    share = values.mean()
    shown = float(np.clip(share, least / len(values), 1 - least / len(values)))
    return float(np.average(values, weights=weight)) if shown == share else shown


def bch_weights(posterior: np.ndarray) -> np.ndarray:
    """Weights that undo the bias of modal assignment (Bolck, Croon & Hagenaars 2004; Vermunt 2010).

    posterior : people x classes, rows summing to 1. The weights have the same shape and rows summing to 1; a class's
    weighted mean of an outcome is free of the attenuation that misclassified people cause.
    """
    modal = np.eye(posterior.shape[1])[posterior.argmax(axis=1)]
    return modal @ compute_bch_matrix(posterior)[1]


def weights_of(people: pd.DataFrame, model: dict[str, Any], kind: str = "natural") -> pd.DataFrame:
    """BCH weights of the groups that a mixture made, for everybody whom it placed; no columns where there is none.

    people : one row per person, with p_<id> per group of the frozen ``model``. kind : of the structure. Where the
    classes are no natural ones there is no class whose mean the weights could find: on a continuum they inflate every
    difference, and the members' own means are told.
    """
    if model.get("kind") != "mixture" or kind != "natural":
        return pd.DataFrame(index=people.index)
    posterior = people[[f"p_{group}" for group in model["ids"]]].dropna()
    return pd.DataFrame(bch_weights(posterior.to_numpy()), index=posterior.index, columns=model["ids"])


def corrected(
    found: dict[str, Any], trait: Trait, weight: pd.Series, defining: Iterable[str], least: int = 0
) -> dict[str, Any] | None:
    """``compare``'s row of a held-out trait with errors of assignment undone, and ``p``, both by linearised variance.

    weight : BCH weight of the group, per person whom the model placed; that of all others together is one minus it.
    None where a corrected mean is no possible one, or a share of fewer than ``least`` people (whose ratio would be as
    wild as the correction), or nothing varies. Raises StudyError for a defining column.
    """
    refuse_circular_test(trait.column, defining)
    values = trait.values.reindex(weight.index).dropna()
    design = pd.Series(1.0, index=values.index) if trait.weight is None else trait.weight[values.index]
    return undone(found, values, weight[values.index], design, binary=trait.binary, least=least)


def undone(
    found: dict[str, Any], values: pd.Series, weight: pd.Series, design: pd.Series, *, binary: bool, least: int = 0
) -> dict[str, Any] | None:
    """``corrected`` for values that everybody has; design : survey weight of each person."""
    y, w, v = values.to_numpy(dtype=float), (design * weight).to_numpy(), (design * (1 - weight)).to_numpy()
    if w.sum() <= 0 or v.sum() <= 0:
        return None
    mean, other = np.average(y, weights=w), np.average(y, weights=v)
    cells = [share * heavy.sum() for share, heavy in ((mean, w), (1 - mean, w), (other, v), (1 - other, v))]
    if binary and min(cells) < least:
        return None
    own, theirs = w * (y - mean) / w.sum(), v * (y - other) / v.sum()
    if found["measure"] == "difference":
        estimate, influence, scale, to_lift = mean - other, own - theirs, y.std(), np.asarray
    elif min(mean, other) <= 0 or (binary and max(mean, other) >= 1):
        return None
    else:
        estimate, influence, scale, to_lift = np.log(mean / other), own / mean - theirs / other, 1.0, np.exp
    error = np.sqrt((influence**2).sum())
    lift, low, high = to_lift([estimate, estimate - Z * error, estimate + Z * error])
    strength = max(0.0, abs(estimate) - Z * error) / scale
    p = float(2 * norm.sf(abs(estimate) / error))
    row = {
        "mean": mean,
        "mean_others": other,
        "lift": lift,
        "ci_low": low,
        "ci_high": high,
        "strength": strength,
        "p": p,
        "z": estimate / error if error > 0 else 0.0,
        "error": error,
    }
    return found | row


def _known(trait: Trait, *people: pd.Index) -> list[tuple[np.ndarray, np.ndarray]]:
    """The values of each set of people, without those not known, and what each of them weighs."""
    found = [trait.values.reindex(some).dropna() for some in people]
    heavy = [np.ones(len(v)) if trait.weight is None else trait.weight[v.index].to_numpy(dtype=float) for v in found]
    return [(values.to_numpy(dtype=float), weight) for values, weight in zip(found, heavy, strict=True)]


def p_value(trait: Trait, members: pd.Index, others: pd.Index, defining: Iterable[str]) -> float:
    """Two proportions or Welch's t, by linearised variance. Raises StudyError for a defining column."""
    refuse_circular_test(trait.column, defining)
    (a, heavy), (b, heavy_others) = _known(trait, members, others)
    sizes = effective_n(heavy), effective_n(heavy_others)
    if trait.binary:
        shares = np.average(a, weights=heavy), np.average(b, weights=heavy_others)
        return float(proportions_ztest(np.multiply(shares, sizes), sizes)[1])
    errors = [_error(*part) for part in ((a, heavy), (b, heavy_others))]
    if sum(errors) <= 0:
        return 1.0
    freedom = sum(errors) ** 2 / sum(error**2 / (n - 1) for error, n in zip(errors, sizes, strict=True))
    apart = np.average(a, weights=heavy) - np.average(b, weights=heavy_others)
    return float(2 * t.sf(abs(apart) / np.sqrt(sum(errors)), freedom))


def adjusted(p: pd.Series, method: str = "fdr_bh") -> pd.Series:
    """p-values corrected over all that are known: Benjamini & Hochberg (1995), or ``holm`` (1979)."""
    known = p.dropna()
    corrected = multipletests(known, method=method)[1] if len(known) else []
    return pd.Series(corrected, index=known.index, dtype=float).reindex(p.index)


def direction(row: dict[str, Any], none: float) -> str:
    """On which side of ``none`` (no difference) the interval lies: ``less``, ``more``, or ``same`` where it is open."""
    return "less" if row["ci_high"] < none else "more" if row["ci_low"] > none else "same"


def grade_claim(row: dict[str, Any], role: Role, p_adjusted: float | None) -> Grade:
    """strong, moderate or weak by number of people, interval, and the test or (defining) the size of the lift.

    Without a corrected test of at most .05 nothing that was held out is more than weak.
    """
    lift = row["measure"] == "lift"
    clear = direction(row, 1.0 if lift else 0.0) != "same"
    far = lift and (row["ci_low"] > 1.25 or row["ci_high"] < 0.8)
    tested = role == "defining" or (p_adjusted is not None and p_adjusted <= SURELY)
    firm = far if role == "defining" else p_adjusted is not None and p_adjusted <= 0.01
    if clear and firm and row["n"] >= 100:
        return "strong"
    return "moderate" if clear and tested and row["n"] >= 30 else "weak"


def claim_of(
    row: dict[str, Any], role: Role, *, unit: str = "lift", compared_with: str = ALL_OTHERS, **said: Any
) -> Claim:
    """The claim of a row with n, measure, lift, ci_low, ci_high and p_adjusted (NaN where nothing was tested).

    said : section, statement, source and column; shares where the claim is about shares. Where the row is ``bounded``
    the ratio is at least as far from one.
    """
    p = None if np.isnan(row["p_adjusted"]) else float(row["p_adjusted"])
    return Claim(
        role=role,
        n=int(row["n"]),
        estimate=float(row["lift"]),
        unit=unit,
        ci_low=float(row["ci_low"]),
        ci_high=float(row["ci_high"]),
        compared_with=compared_with,
        p_adjusted=p,
        grade=grade_claim(row, role, p),
        bound=None if not row.get("bounded") else "over" if row["lift"] > 1 else "under",
        repeated=row.get("repeated"),
        of_most=row.get("of_most", True),
        **said,
    )
