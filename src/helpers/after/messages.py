"""What further messages go with: less response to each, more people who unsubscribe; and what tailored ones return."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import statsmodels.api as sm
from statsmodels.tools.sm_exceptions import PerfectSeparationError

from helpers.after.leaving import WEEK, lately
from helpers.beliefs.estimators import RARE, conditional_poisson
from helpers.beliefs.evidence import Evidence
from helpers.beliefs.verdict import NO_SPREAD, Z95, Contrast, Finding, by_clarity, wald

OUTCOMES = {"opened": True, "clicked": True, "unsubscribed": False}
"""What may follow a message, and whether it can happen again: then the belief expects less of it, else more."""
MOST_LOG = 10
"""A log risk ratio beyond this is no estimate: an outcome that a term decides."""
MOST_PRIOR = 3
"""So many messages before, or more, are one row of the table."""


def pressure(messages: pd.DataFrame) -> pd.DataFrame:
    """The messages whose last days are known, with ``before``, the number of messages in the seven days before each,
    and ``usual``, the customer's messages a week until then.

    Messages within seven days of a customer's first are left out, since what came before is not in the file.
    """
    rows = messages.dropna(subset=["customer_id", "at"]).sort_values(["customer_id", "at"], kind="stable")
    rows = rows.reset_index(drop=True)
    rows["before"] = lately(rows)
    by_customer = rows.groupby("customer_id")
    first = by_customer["at"].transform("min")
    weeks = (rows["at"] - first) / WEEK
    rows["usual"] = by_customer.cumcount() / weeks.clip(lower=1)
    return rows[rows["at"] >= first + WEEK]


def within_person(y: np.ndarray, x: np.ndarray, person: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log risk ratios per unit of ``x`` within people, and their covariance.

    y : 0/1 or counts; x : one column per term; person : labels. The covariance is true however one person's rows hang
    together (Wooldridge 1999). Raises PerfectSeparationError where there is no finite solution.
    """
    informative = pd.Series(y).groupby(person).transform("sum").to_numpy() > 0
    y, code = y[informative], pd.factorize(person[informative])[0]
    beta, within, mu = conditional_poisson(y, x[informative], code)
    information = within.T @ (mu[:, None] * within)
    if np.linalg.matrix_rank(information) < len(beta) or np.abs(beta).max() > MOST_LOG:
        raise PerfectSeparationError("the model has no finite solution")
    by_person = pd.DataFrame(within * (y - mu)[:, None]).groupby(code).sum().to_numpy()
    bread = np.linalg.inv(information)
    n = len(by_person)
    return beta, bread @ (by_person.T @ by_person) @ bread * n / max(n - 1, 1)


def contact_pressure(evidence: Evidence, sesoi: float) -> Finding:
    """The ratio by which opening, clicking and unsubscribing change per further message in the seven days before.

    Opening and clicking within customers, so that those who like us and are written to more do not count as an effect.
    Unsubscribing happens once and ends the messages, for which a comparison within customers is biased (Allison &
    Christakis 2006): a discrete-time hazard at an equal usual number of messages instead. All at an equal kind and
    channel of message. One contrast per outcome with enough cases.
    """
    words = evidence.words
    rows = pressure(evidence.in_window("messages", "at"))
    known = [name for name in OUTCOMES if name in rows and rows[name].notna().any()]
    if not known:
        raise evidence.not_testable("needs", missing="messages.opened, messages.clicked or messages.unsubscribed")
    found, n = [], {}
    for outcome in known:
        label = words.say(f"channels.outcome.{outcome}")
        contrast = per_message(rows.dropna(subset=[outcome]), outcome, label, evidence.least)
        if contrast is not None:
            found.append(contrast)
            n[label] = int(contrast.facts["people"])
    if not found:
        raise evidence.not_testable("few_responses", least=evidence.least)
    contrasts, p = by_clarity(found)
    said = [
        words.say("channels.pressure.change", outcome=c.label, ratio=words.ratio(c.estimate),
                  interval=words.interval(c.low, c.high, "ratio"))
        for c in sorted(contrasts, key=lambda c: found.index(c))
    ]  # fmt: skip
    sentence = words.say("channels.pressure.facts", changes=words.listing(said))
    return Finding(contrasts, p, n, words.say("channels.pressure.method"), sentence)


def per_message(rows: pd.DataFrame, outcome: str, label: str, least: int) -> Contrast | None:
    """The risk ratio per further message; None where too few customers tell anything or there is no finite estimate."""
    y, person = rows[outcome].to_numpy(dtype=float), rows["customer_id"]
    repeats = OUTCOMES[outcome]
    each = rows.assign(y=y).groupby("customer_id").agg(yes=("y", "sum"), low=("before", "min"), high=("before", "max"))
    telling = int(((each["yes"] > 0) & (~np.array(repeats) | (each["low"] < each["high"]))).sum())
    if telling < least or len(y) - y.sum() < RARE or rows["before"].nunique() < 2:
        return None
    terms = {"before": rows["before"].to_numpy(float)}
    for name in (name for name in ("kind", "channel") if name in rows):
        values = rows[name].astype("str").fillna("")
        common = values.value_counts().loc[lambda k: k >= least].index[1:]
        terms |= {f"{name}={value}": (values == value).to_numpy(float) for value in sorted(common)}
    try:
        if repeats:
            beta, cov = within_person(y, np.column_stack(list(terms.values())), person.to_numpy())
        else:
            terms["usual"] = np.log1p(rows["usual"].to_numpy(float))
            beta, cov = _hazard(y, np.column_stack(list(terms.values())), person.to_numpy())
    except (PerfectSeparationError, np.linalg.LinAlgError):
        return None
    se = math.sqrt(max(cov[0, 0], 0.0))
    if not NO_SPREAD < se < math.inf:
        return None
    return replace(wald(label, "risk ratio", float(beta[0]), se, facts={"people": telling}), falls=repeats)


def _hazard(y: np.ndarray, x: np.ndarray, person: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log risk ratios of an event per message and their covariance (Poisson for 0/1, Zou 2004; clustered by person)."""
    model = sm.GLM(y, np.column_stack([x, np.ones(len(y))]), sm.families.Poisson())
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": pd.factorize(person)[0]})
    if not fit.converged or np.abs(fit.params[:-1]).max() > MOST_LOG:
        raise PerfectSeparationError("the model has no finite solution")
    return fit.params, fit.cov_params()


def by_pressure(evidence: Evidence) -> pd.DataFrame:
    """What followed messages, by how many came in the seven days before.

    Returns
    -------
    One row per number of messages before (``3`` stands for three and more): before, customers, messages, and per
    outcome its share with a 95 % interval clustered by customer (``share_opened``,
    ``share_opened_low``, ``share_opened_high``, ...).
    Rows of fewer customers than the study's smallest cell are left out. Raw shares: customers differ between the rows.
    """
    rows = pressure(evidence.in_window("messages", "at"))
    rows = rows.assign(before=rows["before"].clip(upper=MOST_PRIOR))
    made = []
    for before, part in rows.groupby("before"):
        people = part["customer_id"].nunique()
        if people < evidence.study.privacy.min_cell:
            continue
        row = {"before": int(before), "customers": people, "messages": len(part)}
        for outcome in (name for name in OUTCOMES if name in part and part[name].notna().any()):
            names = (f"share_{outcome}", f"share_{outcome}_low", f"share_{outcome}_high")
            row |= dict(zip(names, _share(part, outcome), strict=True))
        made.append(row)
    return pd.DataFrame(made, columns=None if made else ["before", "customers", "messages"])


def _share(rows: pd.DataFrame, outcome: str) -> tuple[float, float, float]:
    """A share over messages with its interval, many messages per customer (ratio estimator; Cochran 1977, ch. 11)."""
    each = rows.dropna(subset=[outcome]).assign(y=lambda t: t[outcome].astype(float))
    each = each.groupby("customer_id")["y"].agg(["sum", "size"])
    share, n = each["sum"].sum() / each["size"].sum(), len(each)
    residuals = (each["sum"] - share * each["size"]) / each["size"].sum()
    half = Z95 * math.sqrt((residuals**2).sum() * n / max(n - 1, 1))
    return share, max(0.0, share - half), min(1.0, share + half)
