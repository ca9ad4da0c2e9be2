"""Published figures beside what this suite computes from the same data.

Each figure names its source; counts are those printed there. Where only percentages were published, the counts are
rounded from them and the note says so.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import optimize, stats
from scipy.special import betaln, gammaln
from statsmodels.stats.contingency_tables import StratifiedTable, Table2x2
from statsmodels.stats.power import TTestIndPower

from helpers.hypotheses.estimators import (
    clustered_risks,
    fit_beta_binomial,
    paired_means,
    paired_proportions,
    share_interval,
    two_means,
    two_proportions,
)
from helpers.hypotheses.plan import plan_means, plan_proportions

Row = tuple[str, str, str, float, float | None, float, str]

KT = "Tversky & Kahneman 1981, Science 211: 68 % of 93 against 29 % of 88"
NEWCOMBE_ONE = "Newcombe 1998, Stat. Med. 17:857, table I (score method)"
NEWCOMBE_TWO = "Newcombe 1998, Stat. Med. 17:873, table II (method 10)"
STUDENT = "Student 1908, Biometrika 6:1 (extra sleep); R documentation of `sleep`"
BERKELEY = "Bickel, Hammel & O'Connell 1975, Science 187:398; R documentation of `UCBAdmissions`"
BGNBD = "Fader, Hardie & Lee 2005, Marketing Science 24:275, CDNOW"

SLEEP = np.array(
    [[0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0], [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]]
)
"""Hours of extra sleep of ten patients under two drugs."""
ADMISSIONS = {
    "A": (512, 313, 89, 19), "B": (353, 207, 17, 8), "C": (120, 205, 202, 391),
    "D": (138, 279, 131, 244), "E": (53, 138, 94, 299), "F": (22, 351, 24, 317),
}  # fmt: skip
"""Department: men admitted and rejected, women admitted and rejected."""
BOYS = np.array([3, 24, 104, 286, 670, 1033, 1343, 1112, 829, 478, 181, 45, 7])
"""Families of twelve children in Saxony with 0 to 12 boys (Geissler 1889)."""


def reproduce() -> pd.DataFrame:
    """Every published figure and ours.

    Returns
    -------
    DataFrame
        id, source, quantity, published (number), ours (number, NaN when skipped), tolerance (absolute), passed
        (True, False, or missing when skipped), note.
    """
    rows = [*_framing(), *_intervals(), *_means(), *_regressions(), *_counts(), *_cdnow()]
    table = pd.DataFrame(rows, columns=["id", "source", "quantity", "published", "ours", "tolerance", "note"])
    table["ours"] = table["ours"].astype(float)
    passed = ((table["ours"] - table["published"]).abs() <= table["tolerance"]).astype("boolean")
    table.insert(6, "passed", passed.where(table["ours"].notna()))
    return table


def _framing() -> list[Row]:
    """The jacket and calculator problem: only percentages were published, so the odds ratio is bracketed."""
    note = "counts rounded from percentages; which group had 93 is not printed, so both are shown"
    either = [
        two_proportions(round(0.68 * a), a, round(0.29 * b), b).effects[0].estimate for a, b in ((93, 88), (88, 93))
    ]
    odds = 2.06 * 0.29 / 0.71
    need = plan_proportions(0.29, effect=odds / (1 + odds) - 0.29, power=0.90).n
    replication = "replication with an odds ratio of about 2.06 from a base of 29 %"
    return [
        ("jacket_1", KT, "odds ratio, 93 saw the cheap item", 5.0, either[0], 0.05, note),
        ("jacket_2", KT, "odds ratio, 88 saw the cheap item", 5.3, either[1], 0.1, note),
        ("jacket_n", replication, "people per arm for 90 % power", 175, need, 2, "published as about 175"),
    ]


def _intervals() -> list[Row]:
    """Score intervals of one share and of the difference of two, and McNemar's test."""
    shares = [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (1, 29, 0.0061, 0.1718)]
    pairs = [(56, 70, 48, 80, 0.0524, 0.3339), (9, 10, 3, 10, 0.1705, 0.8090), (5, 56, 0, 29, -0.0381, 0.1926)]
    families = (
        ("wilson", NEWCOMBE_ONE, shares, share_interval, "{}/{}", 5e-5),
        ("newcombe", NEWCOMBE_TWO, pairs, two_proportions, "{}/{} - {}/{}", 6e-5),
    )
    rows: list[Row] = []
    for name, source, cases, estimate, what, tolerance in families:
        for i, (*counts, low, high) in enumerate(cases):
            ours, of = estimate(*counts), what.format(*counts)
            rows.append((f"{name}_{i}_low", source, f"lower 95 % limit of {of}", low, ours.low, tolerance, ""))
            rows.append((f"{name}_{i}_high", source, f"upper 95 % limit of {of}", high, ours.high, tolerance, ""))
    approval = paired_proportions(794, 150, 86, 570)
    source = "Agresti, Categorical Data Analysis, matched pairs: approval of the Prime Minister"
    chi2, two_digits = float(stats.chi2.isf(approval.p_value, 1)), "published to two digits"
    return [
        *rows,
        ("mcnemar", source, "z squared of McNemar's test", 17.36, chi2, 0.01, ""),
        ("mcnemar_low", source, "lower 95 % limit of the fall in approval", 0.02, approval.low, 0.005, two_digits),
        ("mcnemar_high", source, "upper 95 % limit of the fall in approval", 0.06, approval.high, 0.005, two_digits),
    ]


def _means() -> list[Row]:
    """Two means, of different and of the same people, and the people that a test of two means needs."""
    welch, paired = two_means(SLEEP[0], SLEEP[1]), paired_means(SLEEP[0], SLEEP[1])
    cohen = "Cohen 1988, Statistical Power Analysis, table 2.4.1"
    power = TTestIndPower().power(0.5, nobs1=64, alpha=0.05)
    return [
        ("welch_p", STUDENT, "p of Welch's t test", 0.07939, welch.p_value, 5e-6, ""),
        ("welch_low", STUDENT, "lower 95 % limit, two groups", -3.3654832, welch.effects[0].ci_low, 5e-7, ""),
        ("paired_p", STUDENT, "p of the paired t test", 0.002833, paired.p_value, 5e-7, ""),
        ("paired_low", STUDENT, "lower 95 % limit, same patients", -2.4598858, paired.effects[0].ci_low, 5e-7, ""),
        ("cohen_n", cohen, "people per arm, d = .5, power .80", 64, plan_means(effect=0.5).n, 0, ""),
        ("cohen_power", cohen, "power at 64 per arm, d = .5", 0.80, power, 0.005, ""),
    ]  # fmt: skip


def _regressions() -> list[Row]:
    """A logit model with published coefficients, and confounding that turns an association round."""
    spector = sm.datasets.spector.load_pandas()
    fit = sm.Logit(spector.endog, sm.add_constant(spector.exog)).fit(disp=0)
    greene = "Spector & Mazzeo 1980; Greene 2003, Econometric Analysis, 5th ed., table 21.1"
    tables = [np.array(cells).reshape(2, 2) for cells in ADMISSIONS.values()]
    people = _applicants()
    ours = clustered_risks(people, "women", ["department"])[0].effects[1].estimate
    return [
        ("spector_gpa", greene, "logit coefficient of GPA", 2.826, fit.params["GPA"], 5e-4, ""),
        ("spector_psi", greene, "logit coefficient of PSI", 2.379, fit.params["PSI"], 5e-4, ""),
        ("berkeley_raw", BERKELEY, "odds ratio, men to women", 1.84, Table2x2(sum(tables)).oddsratio, 0.005, ""),
        ("berkeley_mh", BERKELEY, "common odds ratio at equal department (Mantel-Haenszel)", 0.9046968,
         StratifiedTable(tables).oddsratio_pooled, 5e-8, ""),
        ("berkeley_ours", BERKELEY, "the same by the suite's adjusted logit", 0.9047, ours, 0.01,
         "another estimator of the same ratio: it must agree to two digits, not exactly"),
    ]  # fmt: skip


def _applicants() -> pd.DataFrame:
    """One row per applicant, as the suite's estimator takes them."""
    cells = [
        (sex, department, yes, n)
        for department, (men, men_no, women, women_no) in ADMISSIONS.items()
        for sex, yes, n in (("men", 1, men), ("men", 0, men_no), ("women", 1, women), ("women", 0, women_no))
    ]
    frame = pd.DataFrame(cells, columns=["group", "department", "yes", "n"])
    frame = frame.loc[frame.index.repeat(frame["n"])].reset_index(drop=True)
    return frame.assign(cluster=frame.index)


def _counts() -> list[Row]:
    """The beta-binomial behind coupon dependence."""
    source = "Geissler 1889, sex ratio in Saxony; the usual example of the beta-binomial, by maximum likelihood"
    a, b = fit_beta_binomial(np.arange(13), np.full(13, 12), BOYS)
    return [
        ("geissler_alpha", source, "alpha of the beta-binomial", 34.09558, a, 0.05, ""),
        ("geissler_beta", source, "beta of the beta-binomial", 31.5715, b, 0.05, ""),
    ]


def _cdnow() -> list[Row]:
    """BG/NBD on the CDNOW customers that the package lifetimes ships; skipped where it is not installed."""
    published = {"r": (0.243, 0.001), "alpha": (4.414, 0.005), "a": (0.793, 0.002), "b": (2.426, 0.01)}
    spec = importlib.util.find_spec("lifetimes")
    if spec is None or spec.origin is None:
        ours = [None] * 4
        note = "skipped: the package lifetimes, which ships the data, is not installed (extra `real`)"
    else:
        data = pd.read_csv(Path(spec.origin).parent / "datasets" / "cdnow_customers_summary.csv")
        ours = fit_bg_nbd(data["frequency"].to_numpy(), data["recency"].to_numpy(), data["T"].to_numpy())
        note = "likelihood maximised here, on the data of the package lifetimes"
    found = zip(published.items(), ours, strict=True)
    return [(f"bgnbd_{k}", BGNBD, f"{k} of BG/NBD", value, own, off, note) for (k, (value, off)), own in found]


def fit_bg_nbd(x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> tuple[float, float, float, float]:
    """Maximum-likelihood r, alpha, a, b of the BG/NBD model (Fader, Hardie & Lee 2005, eq. 6).

    x : repeat purchases; t_x : time of the last one (0 for none); T : time observed.
    """

    def loss(log_theta: np.ndarray) -> float:
        r, alpha, a, b = np.exp(log_theta)
        common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        alive = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + T)
        dead = betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + t_x)
        return -float(np.mean(common + np.where(x > 0, np.logaddexp(alive, dead), alive)))

    r, alpha, a, b = np.exp(optimize.minimize(loss, np.zeros(4), method="L-BFGS-B", options={"ftol": 1e-13}).x)
    return float(r), float(alpha), float(a), float(b)
