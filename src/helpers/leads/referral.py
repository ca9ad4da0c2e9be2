"""Recommendation: how satisfied people are, who brings somebody, who was brought, and how far bad news travels."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.genmod import families

from helpers.beliefs.estimators import RARE, clustered_ratios, clustered_risks, share_interval
from helpers.beliefs.evidence import Evidence, NotTestable, estimated
from helpers.beliefs.verdict import Z95, Finding, relabelled, two_shares
from helpers.cards.cards import Handed
from helpers.cards.claims import adjusted, claim_of
from helpers.contracts import Claim, Effect
from helpers.customers.facts import asked, of_kind
from helpers.small_cells import shown, withheld
from helpers.words import Said, say

PROMOTER = 9
"""The lowest answer of a promoter on the 0 to 10 scale of recommendation (Reichheld 2003)."""
DETRACTOR = 6
"""The highest answer of a detractor on the 0 to 10 scale (Reichheld 2003)."""
LIKELY = {"detractors": (0, DETRACTOR), "passives": (DETRACTOR + 1, PROMOTER - 1), "promoters": (PROMOTER, 10)}
FIFTHS, KNOWN = 5, 0.5
"""Groups of time with us that are held equal, and the share of respondents of whom it must be known."""
BAD_NEWS = 2.5
"""Bad news is said to travel so many times as far as good news."""
NPS = ["group", "respondents", "nps", "ci_low", "ci_high"]
REFERRERS = ["answer", "respondents", "share", "ci_low", "ci_high", "brought_share"]
BROUGHT = ["group", "customers", "share", "ci_low", "ci_high"]


def referral_satisfaction(evidence: Evidence, sesoi: float) -> Finding:
    """The share of promoters and of all other respondents who have referred another customer, at equal time with us,
    orders and place.

    Who has been a customer for longer likes us more, and has had more time to bring somebody; where we are liked more,
    more may be asking for us. Logit model, shares standardised over everybody's time, orders and place.
    """
    answers = evidence.survey.answers.dropna(subset=["customer_id", "nps"]).drop_duplicates("customer_id")
    answers = answers.reset_index(drop=True)
    referred = answers["customer_id"].isin(evidence.tables.frames["customers"]["referred_by"].dropna())
    promoter = answers["nps"] >= PROMOTER
    cells = [(int(referred[group].sum()), int(group.sum())) for group in (promoter, ~promoter)]
    names = say("hypotheses.label.promoters"), say("hypotheses.label.not_promoters")
    n = {name: people for name, (_, people) in zip(names, cells, strict=True)}
    if min(n.values()) < evidence.least:
        raise evidence.not_testable("few_answers", least=evidence.least)
    held = _time_and_orders(evidence, answers["customer_id"])
    if held is None:
        raise evidence.rivalled("tenure")
    table = held.assign(
        yes=referred.to_numpy(float), group=np.where(promoter, "promoters", "others"),
        cluster=answers["customer_id"].to_numpy(),
    )  # fmt: skip
    if min(min(yes, people - yes) for yes, people in cells) < RARE:
        raise evidence.not_testable("few_answers", least=evidence.least)
    (found,) = estimated(evidence, "nps", clustered_risks, table, "others", list(held))
    found = relabelled(found, names[0])
    told, note = two_shares("referral", found), say("leads.referral.undated")
    return Finding((found,), found.p_value, n, say("leads.referral.method"), told, notes=note)


def _time_and_orders(evidence: Evidence, customers: pd.Series) -> pd.DataFrame | None:
    """Time with us (fifths, and its logarithm), number of orders (logarithm) and place of each, as far as they are
    known; None where no time is.

    Time runs from signing up, or from the first order where that is earlier or alone known.
    """
    began, number = pd.Series(pd.NaT, pd.Index(customers), dtype="datetime64[ns]"), pd.Series(0.0, pd.Index(customers))
    joined = evidence.tables.frames["customers"]
    if "signed_up_at" in joined:
        began = joined.drop_duplicates("customer_id").set_index("customer_id")["signed_up_at"].reindex(customers)
    if evidence.has("sales.ordered_at"):
        each = (
            evidence.tables.frames["sales"]
            .groupby("customer_id")
            .agg(first=("ordered_at", "min"), orders=("order_id", "nunique"))
        )
        each = each.reindex(customers)
        began = pd.concat([began.reset_index(drop=True), each["first"].reset_index(drop=True)], axis=1).min(axis=1)
        number = each["orders"].fillna(0.0)
    began = pd.Series(began.to_numpy())
    if began.notna().mean() < KNOWN or began.nunique() < 2:
        return None
    days = (began.max() - began) / pd.Timedelta(days=1)
    fifth = pd.qcut(days.rank(method="first"), FIFTHS, labels=False).astype("Int64").astype("str").fillna("")
    held = {"tenure": fifth.to_numpy(), "days": np.log1p(days.fillna(days.median())).to_numpy()}
    orders = np.log1p(number.to_numpy(float))
    if np.ptp(orders) > 0:
        held["orders"] = orders
    for place in [name for name in ("location", "country") if name in joined and joined[name].nunique() > 1][:1]:
        held["place"] = (
            joined.drop_duplicates("customer_id").set_index("customer_id")[place].reindex(customers).to_numpy()
        )
    return pd.DataFrame(held)


def net_promoter(scores: np.ndarray) -> tuple[float, float, float]:
    """Promoters minus detractors, in points of 100, with the adjusted Wald interval of Rocks (2016, The American
    Statistician 70, 365-372): three answers are added, three quarters of one to each end."""
    n = len(scores)
    up, down = (scores >= PROMOTER).sum(), (scores <= DETRACTOR).sum()
    more, less = (up + 0.75) / (n + 3), (down + 0.75) / (n + 3)
    half = Z95 * math.sqrt((more + less - (more - less) ** 2) / (n + 3))
    middle = more - less
    return 100 * (up - down) / n, 100 * max(-1.0, middle - half), 100 * min(1.0, middle + half)


def _answers(evidence: Evidence) -> pd.DataFrame:
    """One answer per person on the scale: customer_id, nps, persona."""
    answers = evidence.survey.answers
    answers = answers[answers["nps"].between(0, 10)]
    if "customer_id" not in answers:
        return answers.assign(customer_id=pd.NA, persona=pd.NA)
    known = answers["customer_id"].notna()
    answers = pd.concat([answers[known].drop_duplicates("customer_id"), answers[~known]])
    persona = evidence.members().set_index("customer_id")["persona"]
    return answers.assign(persona=answers["customer_id"].map(persona))


def nps_by_persona(evidence: Evidence) -> pd.DataFrame:
    """The net promoter score of all who answered and of each persona with enough answers (group, respondents, nps,
    ci_low, ci_high). Unweighted: of those who answered, not of all customers."""
    if evidence.survey is None or not evidence.has("survey.nps"):
        return pd.DataFrame(columns=NPS)
    answers = _answers(evidence)
    by_persona = ((evidence.handles[persona], part) for persona, part in answers.groupby("persona"))
    parts = [(say("leads.label.answered"), answers), *by_persona]
    rows = [
        (name, len(part), *net_promoter(part["nps"].to_numpy())) for name, part in parts if len(part) >= evidence.least
    ]
    return pd.DataFrame(rows, columns=NPS)


def who_recommends(evidence: Evidence) -> pd.DataFrame:
    """Who has brought us a customer, by how likely they say they are to recommend us.

    Returns
    -------
    One row per answer group (0-6, 7-8, 9-10): answer, respondents, share (who brought at least one; Wilson's ci_low and
    ci_high), brought_share (share of the customers whom respondents brought that came through this group; NaN for few).
    """
    if not (evidence.has("survey.nps") and evidence.has("customers.referred_by")) or evidence.survey is None:
        return pd.DataFrame(columns=REFERRERS)
    answers = _answers(evidence).dropna(subset=["customer_id"])
    by = evidence.tables.frames["customers"]["referred_by"].dropna()
    brought = answers["customer_id"].map(by.value_counts()).fillna(0)
    rows = []
    for name, (low, high) in LIKELY.items():
        own = brought[answers["nps"].between(low, high)]
        label = say(f"leads.answer.{name}", low=low, high=high)
        told = _told(int((own > 0).sum()), len(own), evidence) if len(own) else [math.nan] * 3
        rows.append((label, len(own), *told, own.sum()))
    table = pd.DataFrame(rows, columns=[*REFERRERS[:-1], "brought"])
    table["brought_share"] = table["brought"] / brought.sum()
    # before groups of few are left out: their part of all who were brought is what the others' leave
    table = withheld(table, ["brought"], evidence.study.privacy.min_cell, values=["brought_share"])
    return table.loc[table["respondents"] >= evidence.least, REFERRERS].reset_index(drop=True)


def _told(yes: int, n: int, evidence: Evidence) -> tuple[float, float, float]:
    """A share with Wilson's interval; nothing where it would tell of a few people."""
    if not shown(min(yes, n - yes), evidence.study.privacy.min_cell):
        return math.nan, math.nan, math.nan
    found = share_interval(yes, n)
    return found.estimate, found.low, found.high


def who_was_brought(evidence: Evidence) -> pd.DataFrame:
    """The share of each persona whom another customer brought (group, customers, share, ci_low, ci_high)."""
    if not evidence.has("customers.referred_by"):
        return pd.DataFrame(columns=BROUGHT)
    customers = evidence.tables.frames["customers"][["customer_id", "referred_by"]].merge(
        evidence.members(), on="customer_id"
    )
    rows = []
    for persona, part in customers.groupby("persona"):
        if len(part) >= evidence.least:
            told = _told(int(part["referred_by"].notna().sum()), len(part), evidence)
            rows.append((evidence.handles[persona], len(part), *told))
    return pd.DataFrame(rows, columns=BROUGHT)


def bad_news(evidence: Evidence) -> tuple[Effect | None, Said]:
    """How many times as often customers with a complaint wrote a review as others with as many orders; and a sentence.

    The nearest thing to word of mouth that a service table holds. Poisson model of having written one, robust; beside
    the figure of 2.5 times that is often quoted. None where there are too few reviews or complaints.
    """
    unknown = None, say("leads.bad_news.unknown", quoted=BAD_NEWS)
    if evidence.customers is None or not (evidence.has("service.kind") and evidence.has("sales.customer_id")):
        return unknown
    service = evidence.in_window("service", "at")
    complaint, review = asked(service, partial(of_kind, kind="complaint"), partial(of_kind, kind="review"))
    lines = evidence.bought_lines()
    table = lines.groupby("customer_id")["order_id"].nunique().rename("orders").reset_index()
    names = ["complained", "not_complained"]
    complained = table["customer_id"].isin(service.loc[complaint, "customer_id"])
    table = table.assign(
        group=np.where(complained, *names), orders=np.log(table["orders"]), cluster=table["customer_id"]
    )
    table["value"] = table["customer_id"].isin(service.loc[review, "customer_id"]).astype(float)
    cells = table.groupby("group")["value"].agg(["sum", "size"]).reindex(names, fill_value=0)
    if cells["size"].min() < evidence.least or cells["sum"].min() < RARE:
        return unknown
    try:
        given = (table, names[1], "risk ratio", families.Poisson(), ["orders"])
        (found,) = estimated(evidence, "kind", clustered_ratios, *given)
    except NotTestable:
        return unknown
    interval = found.low, found.high
    return found.effects[0], say("leads.bad_news.facts", times=found.estimate, interval=interval, quoted=BAD_NEWS)


def for_cards(evidence: Evidence) -> Handed:
    """The net promoter score of each persona with enough answers, beside that of all others who answered."""
    if evidence.survey is None or not evidence.has("survey.nps"):
        return Handed()
    answers = _answers(evidence)
    found = {}
    for persona, part in answers.groupby("persona"):
        others = answers.loc[answers["persona"] != persona, "nps"].to_numpy()
        if min(len(part), len(others)) >= evidence.least:
            found[persona] = (net_promoter(part["nps"].to_numpy()), net_promoter(others), len(part))
    apart = {i: _apart(own, others) for i, (own, others, _) in found.items()}
    p = adjusted(pd.Series({i: 2 * norm.sf(abs(d / e)) for i, (d, e) in apart.items()}, dtype=float), "holm")
    made = "nps" in evidence.personas.defining  # then it describes, and is not tested
    return Handed({i: (_claim(*found[i], *apart[i], math.nan if made else float(p[i])),) for i in found})


def _apart(own: tuple[float, ...], others: tuple[float, ...]) -> tuple[float, float]:
    """How far two scores lie apart, as a share, and its error by those of both intervals."""
    errors = [(high - low) / (200 * Z95) for _, low, high in (own, others)]
    return (own[0] - others[0]) / 100, math.hypot(*errors)


def _claim(own: tuple[float, ...], others: tuple[float, ...], n: int, apart: float, error: float, p: float) -> Claim:
    low, high = apart - Z95 * error, apart + Z95 * error
    row = {"n": n, "measure": "difference", "lift": apart, "ci_low": low, "ci_high": high, "p_adjusted": p}
    told = "open" if low <= 0 <= high else "apart"
    said = say(f"leads.nps.card.{told}", nps=own[0], interval=own[1:], others=others[0], n=n)
    kept = {"section": "service", "source": "survey", "column": "nps", "unit": "points"}
    return claim_of(row, "defining" if math.isnan(p) else "held out", statement=said, **kept)
