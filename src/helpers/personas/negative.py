"""Whom not to court: margin, returns, complaints and cost per group as tested claims; the output is "review".

One customer's own balance is mostly luck (an observed loss is wrong about half the time), so single customers are only
flagged after shrinkage, and claims are made about segments: a short readable rule is grown on one half of the customers
and everything that is said of it is measured on the other half.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm
from sklearn.metrics import balanced_accuracy_score
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from helpers.contracts import Action, Card, Claim, Rule, Size, Stability
from helpers.data.customers import Customers
from helpers.data.load import LoadedTables
from helpers.personas.claims import adjusted, claim_of, direction
from helpers.personas.model import Personas
from helpers.personas.rule import LEAF, Conditions, grow_rules, halves, matches, meets, phrase, rule_text, rule_traits
from helpers.personas.worksheet import MEASURES, belongs, contribution, early_signs, fairness, outcomes, worksheet
from helpers.study import Study
from helpers.wording import Words

FLAG, WATCH = 0.9, 0.8
LEAST = 4 * LEAF
"""Two halves, each of which can be cut in two."""
LOSS = ("contribution", "before_acquisition")
NULL = {"money": 0.0, "lift": 1.0}
VERDICTS = {
    "money": {"less": "loses money", "more": "earns money"},
    "lift": {"less": "less than others", "more": "more than others"},
}
NUMBERS = ["estimate", "ci_low", "ci_high", "p_value"]
UNKNOWN = (np.nan,) * len(NUMBERS)
SEGMENT = ["segment", "n", "measure", "estimate", "ci_low", "ci_high", "unit", "p_value", "p_adjusted", "verdict"]


@dataclass(frozen=True)
class Negative:
    """Negative personas and the worksheet behind them.

    cards : one negative Card per tested claim that holds; empty when no segment's interval lies below zero.
    segments : one row per segment looked at (rules, on the unseen half, then personas) and measure: segment, n,
        measure, estimate, ci_low, ci_high, unit (money: mean per customer; lift: ratio of means against all others),
        p_adjusted (rules only), verdict.
    members : customer_id, negative (card id), probability (shrunk, that a customer costs more than is brought),
        before_acquisition (the same without the cost of winning), state (flag, watch or "").
    worksheet : the six questions: question, answer, source ("" and "left blank: ..." where data are silent).
    fairness : attribute, value, n, flagged_share, ratio (rate of all others to this one's), warning (bool).
    early_signs : card, trait, known (when the trait is seen: at acquisition, or after orders).
    statement : one sentence that sums up.
    """

    cards: tuple[Card, ...]
    segments: pd.DataFrame
    members: pd.DataFrame
    worksheet: pd.DataFrame
    fairness: pd.DataFrame
    early_signs: pd.DataFrame
    statement: str


@dataclass(frozen=True)
class _Segment:
    """A rule that was tested: who meets it (of all customers), and what was measured on the unseen half."""

    rule: Conditions
    text: str
    inside: pd.Series
    measured: pd.DataFrame


def negative_personas(
    customers: Customers, tables: LoadedTables, personas: Personas, study: Study, words: Words
) -> Negative:
    """Find, test and describe the segments that cost more than they bring.

    Contribution margin = revenue - returns - cost of goods - cost to serve - acquisition, over the whole window.
    Without known costs, or with fewer than 200 customers, there is no card, and the statement says why.
    """
    balance = contribution(customers)
    values = outcomes(customers, balance)
    traits = rule_traits(customers, study)
    grown, unseen = halves(balance.index[balance["contribution"].notna()], study.seed)
    loses = balance["contribution"] < 0
    rules = grow_rules(traits.loc[grown], loses[grown], study.seed) if len(grown) + len(unseen) >= LEAST else ()
    segments = _tested(rules, traits, values.loc[unseen], words)
    negative = (segment for segment in segments if _is_negative(segment, study))
    losing = {f"negative-{number}": segment for number, segment in enumerate(negative, 1)}
    chance = chance_of_loss(balance, order_variance(tables.frames["sales"], customers))
    members = _members(losing, chance)
    fair = fairness(customers, members["customer_id"], study)
    brought = balance.loc[unseen, "contribution"]
    cards = tuple(
        _card(name, segment, customers, brought, traits, fair, study, words) for name, segment in losing.items()
    )
    looked = [segment.measured for segment in segments]
    for group in personas.groups:
        rows = measure(group.handle, values, belongs(values.index, personas, group.id))
        looked.append(pd.DataFrame(rows, columns=SEGMENT))
    table = pd.concat(looked, ignore_index=True)
    return Negative(
        cards=cards,
        segments=table[table["n"] >= study.privacy.min_cell].drop(columns="p_value").reset_index(drop=True),
        members=members,
        worksheet=worksheet(customers, tables, personas, cards, study, words),
        fairness=fair,
        early_signs=early_signs({name: segment.rule for name, segment in losing.items()}, words),
        statement=_statement(balance, len(segments), cards, chance, study, words),
    )


# --- single customers --------------------------------------------------------------------------------------------


def order_variance(sales: pd.DataFrame, customers: Customers) -> float:
    """Variance of the margin of one order around its customer's mean, pooled over customers; NaN where not known."""
    if "unit_cost" not in sales:
        return np.nan
    end = pd.Timestamp(customers.period.as_of) + pd.Timedelta(days=1)
    lines = sales[sales["ordered_at"].between(pd.Timestamp(customers.period.start), end, inclusive="left")]
    units = lines["quantity"] if "quantity" in lines else 1 - 2 * lines["is_return"].astype(float)
    margin = lines["amount"] - units * lines["unit_cost"]
    orders = margin.groupby([lines["customer_id"], lines["order_id"]]).sum(min_count=1).dropna()
    spread = orders.groupby(level="customer_id").agg(["var", "size"])
    freedom = spread["size"] - 1
    return float((spread["var"] * freedom).sum() / freedom.sum()) if freedom.sum() > 0 else np.nan


def chance_of_loss(balance: pd.DataFrame, variance: float) -> pd.DataFrame:
    """Probability that a customer's margin lies below zero, shrunk by normal-normal empirical Bayes.

    A customer's mean margin per order, known with variance ``variance / orders``, is drawn towards the mean of all; the
    spread between customers is the Paule-Mandel estimate (DerSimonian & Kacker 2007).

    Returns
    -------
    Per customer_id: mean (shrunk, money per order, before acquisition), probability (that ``orders`` times the mean
    does not repay the acquisition), before_acquisition (that the mean is below zero); NaN where costs are not known.
    """
    chance = pd.DataFrame(np.nan, index=balance.index, columns=["mean", "probability", "before_acquisition"])
    known = balance["before_acquisition"].notna() & (balance["orders"] > 0)
    if known.sum() < 2 or not variance > 0:
        return chance
    orders = balance.loc[known, "orders"].to_numpy(float)
    observed, noise = balance.loc[known, "before_acquisition"].to_numpy() / orders, variance / orders
    with np.errstate(divide="ignore"):  # the heterogeneity index of customers who are all alike, which is not used
        prior = combine_effects(observed, noise, method_re="iterated")
    weight = prior.tau2 / (prior.tau2 + noise)
    mean = prior.mean_effect_re + weight * (observed - prior.mean_effect_re)
    # with no spread between customers at all, what is left of doubt is that about the common mean
    sd = np.sqrt(np.where(weight > 0, weight * noise, prior.var_eff_w_re))
    due = balance.loc[known, "acquisition_cost"].to_numpy() / orders
    chance.loc[known, "mean"] = mean
    chance.loc[known, "probability"] = norm.cdf((due - mean) / sd)
    chance.loc[known, "before_acquisition"] = norm.cdf((0.0 - mean) / sd)
    return chance


# --- what is measured of a segment -------------------------------------------------------------------------------


def measure(segment: str, values: pd.DataFrame, inside: pd.Series) -> list[dict]:
    """Rows of ``Negative.segments`` for one segment: mean money per customer, or ratio of means against all others."""
    rows = []
    for name in values:
        known = values[name].dropna()
        members = inside.reindex(known.index)
        own, others = known[members].to_numpy(float), known[~members].to_numpy(float)
        unit = "money" if name in LOSS else "lift"
        found = _mean(own) if unit == "money" else _ratio_of_means(own, others)
        numbers = {key: float(value) for key, value in zip(NUMBERS, found, strict=True)}
        verdict = VERDICTS[unit].get(direction(numbers, NULL[unit]), "not clear")
        rows.append({"segment": segment, "n": len(own), "measure": name, "unit": unit, "verdict": verdict} | numbers)
    return rows


def _mean(own: np.ndarray) -> tuple[float, ...]:
    """Mean with its 95 % t interval, and the p-value against zero."""
    if len(own) < 2 or own.std() == 0:
        return UNKNOWN
    described = DescrStatsW(own)
    return described.mean, *described.tconfint_mean(), described.ttest_mean(0)[1]


def _ratio_of_means(own: np.ndarray, others: np.ndarray) -> tuple[float, ...]:
    """Ratio of means with the interval of its logarithm (delta method), and its p-value."""
    if min(len(own), len(others)) < 2 or min(own.mean(), others.mean()) <= 0:
        return UNKNOWN
    ratio = own.mean() / others.mean()
    error = np.sqrt(sum(part.var(ddof=1) / len(part) / part.mean() ** 2 for part in (own, others)))
    if error == 0:
        return UNKNOWN
    low, high = ratio * np.exp(np.array([-1, 1]) * norm.ppf(0.975) * error)
    return ratio, low, high, 2 * norm.sf(abs(np.log(ratio)) / error)


def _tested(rules: tuple[Conditions, ...], traits: pd.DataFrame, values: pd.DataFrame, words: Words) -> list[_Segment]:
    """Every rule with what the unseen half says of it; p-values are corrected over all of them (Holm 1979).

    A rule made of the acquisition cost says nothing new about it: no p-value there. Returns and complaints of a rule
    are earlier ones, those measured come later, so that they test whether the trait lasts.
    """
    segments = []
    for rule in rules:
        text, inside = rule_text(rule, words), matches(traits, rule)
        table = pd.DataFrame(measure(text, values, inside), columns=SEGMENT)
        if "acquisition_cost" in {condition.column for condition in rule}:
            table.loc[table["measure"] == "acquisition_cost", "p_value"] = np.nan
        segments.append(_Segment(rule, text, inside, table))
    if segments:
        p = adjusted(pd.concat([s.measured["p_value"] for s in segments], keys=range(len(segments))), "holm")
        for number, segment in enumerate(segments):
            segment.measured["p_adjusted"] = p[number]
    return segments


def _is_negative(segment: _Segment, study: Study) -> bool:
    """The interval of the mean contribution lies below zero, on enough customers and after correction."""
    row = segment.measured.set_index("measure").loc["contribution"]
    return bool(row["ci_high"] < 0 and row["p_adjusted"] <= 0.05 and row["n"] >= max(30, study.privacy.min_cell))


def _members(segments: dict[str, _Segment], chance: pd.DataFrame) -> pd.DataFrame:
    """Customers who meet a negative persona's rule: customer_id, negative, probability, before_acquisition, state."""
    frame = chance.rename_axis("customer_id").assign(negative=pd.Series(np.nan, index=chance.index, dtype="str"))
    for name, segment in segments.items():
        frame.loc[segment.inside, "negative"] = name
    frame = frame.dropna(subset=["negative"]).reset_index()
    frame["state"] = np.select([frame["probability"] >= FLAG, frame["probability"] >= WATCH], ["flag", "watch"], "")
    return frame[["customer_id", "negative", "probability", "before_acquisition", "state"]]


# --- cards -------------------------------------------------------------------------------------------------------


def _card(
    name: str,
    segment: _Segment,
    customers: Customers,
    brought: pd.Series,
    traits: pd.DataFrame,
    fair: pd.DataFrame,
    study: Study,
    words: Words,
) -> Card:
    """A negative persona: who meets the rule, what the unseen half says of them, and what it would cost to be wrong."""
    claims = tuple(_claim(row, words) for row in segment.measured.dropna(subset="estimate").to_dict("records"))
    grades = sorted((claim.grade for claim in claims), key=("weak", "moderate", "strong").index)
    everybody = len(customers.features) + len(customers.no_order)
    n = int(segment.inside.sum())
    low, high = proportion_confint(n, everybody, method="wilson")
    spend = customers.features.set_index("customer_id")["spend"]
    met = sum(meets(traits, condition).astype(int) for condition in segment.rule)
    unseen = segment.inside[brought.index]
    handle = ", ".join(phrase(condition, words, "short") for condition in segment.rule[:2])
    silent = {"service_cost": customers.features, "acquisition_cost": customers.profile}
    unknown = [*(cost for cost, frame in silent.items() if cost not in frame), "team", "offer"]
    return Card(
        id=name,
        kind="negative",
        name=words.say("negative.name", number=name.rpartition("-")[2]),
        handle=handle[:1].upper() + handle[1:],
        summary=words.say("negative.summary", share=words.percent(n / everybody), loss=claims[0].statement),
        size=Size(n, n / everybody, float(low), float(high), float(spend[segment.inside].sum() / spend.sum())),
        stability=Stability(None, None),
        prevalence=tuple(float((met >= least).mean()) for least in range(1, len(segment.rule) + 1)),
        grade=grades[(len(grades) - 1) // 2],
        claims=claims,
        rule=Rule(segment.text, float(balanced_accuracy_score(brought < 0, unseen))),
        actions=_actions(brought[unseen], fair, study, words),
        unknowns=tuple(words.say(f"negative.unknown.{gap}") for gap in unknown),
    )


def _claim(row: dict, words: Words) -> Claim:
    """The claim of one measured row; ratios are against all others, money against zero."""
    money = row["unit"] == "money"
    section, source = MEASURES[row["measure"]]
    return claim_of(
        row | {"lift": row["estimate"], "measure": "difference" if money else "lift"},
        "defining" if np.isnan(row["p_adjusted"]) else "held out",
        section=section,
        statement=words.say(
            f"negative.claim.{row['measure']}.{direction(row, NULL[row['unit']])}",
            estimate=words.money(row["estimate"]) if money else words.times(row["estimate"]),
            interval=words.interval(row["ci_low"], row["ci_high"], "money" if money else "times"),
        ),
        source=source,
        column=row["measure"],
        unit=row["unit"],
        compared_with="zero" if money else "all others",
    )


def _actions(brought: pd.Series, fair: pd.DataFrame, study: Study, words: Words) -> tuple[Action, ...]:
    """Review; what refusing all of these customers of the unseen half would have cost; whom the rule falls on."""
    paid = brought[brought > 0]
    if len(paid) < study.privacy.min_cell:
        wrong = words.say("negative.action.few", n=len(brought))
    else:
        shown = {"n": words.number(len(brought)), "paid": words.number(len(paid)), "money": words.money(paid.sum())}
        wrong = words.say("negative.action.wrong", share=words.percent(len(paid) / len(brought)), **shown)
    advice = {"review": words.say("negative.action.review"), "cost of being wrong": wrong}
    warned = [f"{row.attribute} “{words.theirs(row.value)}”" for row in fair[fair["warning"]].itertuples()]
    if warned:
        advice["fairness"] = words.say("negative.action.unfair", groups=words.listing(warned))
    return tuple(Action(topic, text, (0,)) for topic, text in advice.items())


def _statement(
    balance: pd.DataFrame, looked: int, cards: tuple[Card, ...], chance: pd.DataFrame, study: Study, words: Words
) -> str:
    """One sentence or two: what was found, or why nothing could be; how many single customers are likely to cost."""
    known, least = int(balance["margin"].notna().sum()), study.privacy.min_cell
    if known == 0:
        return words.say("negative.statement.no_costs")
    if known < LEAST:
        return words.say("negative.statement.too_few", n=words.number(known), least=words.number(LEAST))
    if cards:
        names = words.listing([f"“{card.handle}” ({words.percent(card.size.share)})" for card in cards])
        found = words.say("negative.statement.found", names=names)
    else:
        found = words.say("negative.statement.none", looked=words.number(looked))
    flagged = int((chance["probability"] >= FLAG).sum())
    if flagged < least:
        return f"{found} {words.say('negative.statement.few_flagged', least=words.number(least))}"
    share = words.percent(flagged / known)
    return f"{found} {words.say('negative.statement.flagged', n=words.number(flagged), share=share)}"
