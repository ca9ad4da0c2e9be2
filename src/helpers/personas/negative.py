"""Whom not to court: margin, returns, complaints and cost per group as tested claims; the output is "review".

One customer's own balance is mostly luck (an observed loss is wrong about half the time), so single customers are only
flagged after shrinkage, and claims are made about segments: a short readable rule is grown on one half of the customers
and everything that is said of it is measured on the other half.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import norm
from sklearn.metrics import balanced_accuracy_score
from sklearn.tree import DecisionTreeClassifier
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW, ttest_ind

from helpers.contracts import Action, Card, Claim, Rule, Section, Size, Stability
from helpers.data.customers import Customers
from helpers.data.load import LoadedTables
from helpers.personas.model import Personas
from helpers.personas.profile import grade_claim
from helpers.privacy import suppress
from helpers.study import Study
from helpers.wording import Words

FLAG, WATCH = 0.9, 0.8
LEAF = 50
DEPTH = 3
LEAST = 4 * LEAF
"""Two halves, each of which can be cut in two."""
RATIO = 0.8
"""A protected group whose members are flagged so often that everybody else's rate is under this share of theirs."""

TRAITS = ("return_share", "discount_share", "coupon_share", "complaints", "single_item_share", "average_order_value")
"""Features that a rule may use, beside shares of orders by channel."""
AT_ACQUISITION = ("acquisition_cost", "acquisition_channel", "job_role", "preferred_channel", "location", "language")
"""What a profile tells of a customer before the first order; a rule may use what is not protected."""
NEVER = ("sex", "age", "nationality", "country", "health")
"""Never in a rule, whatever the study says; a country tells nationality."""
COLUMNS = {"place": ("location",)}
"""Protected attributes that have a column under another name."""

LOSS = ("contribution", "before_acquisition")
MEASURES: dict[str, tuple[Section, str]] = {
    "contribution": ("value", "sales"),
    "before_acquisition": ("value", "sales"),
    "acquisition_cost": ("value", "customers"),
    "return_share": ("service", "sales"),
    "complaints": ("service", "service"),
    "churned": ("risk", "sales"),
}
"""What is measured of a segment: section, source. Returns, complaints and leaving are those of the held-out part."""


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
class Condition:
    """One step of a rule: a column above the threshold, or not above it."""

    column: str
    above: bool
    threshold: float


Conditions = tuple[Condition, ...]


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
    values = _values(customers, balance)
    traits = rule_traits(customers, study)
    grown, unseen = halves(balance.index[balance["contribution"].notna()], study.seed)
    loses = balance["contribution"] < 0
    rules = grow_rules(traits.loc[grown], loses[grown], study.seed) if len(grown) + len(unseen) >= LEAST else ()
    segments = _tested(rules, traits, values.loc[unseen], words)
    losing = [segment for segment in segments if _is_negative(segment, study)]
    chance = chance_of_loss(balance, order_variance(tables.frames["sales"], customers))
    cards = tuple(
        _card(f"negative-{number}", segment, customers, values.loc[unseen], traits, study, words)
        for number, segment in enumerate(losing, 1)
    )
    members = _members({card.id: segment for card, segment in zip(cards, losing, strict=True)}, chance)
    fair = fairness(customers, members["customer_id"], study)
    cards = tuple(_with_warning(card, fair, words) for card in cards)
    by_persona = [
        row
        for group in personas.groups
        for row in measure(group.handle, values, _belongs(values.index, personas, group.id))
    ]
    table = pd.concat([*(segment.measured for segment in segments), _segment_frame(by_persona)], ignore_index=True)
    return Negative(
        cards=cards,
        segments=table[table["n"] >= study.privacy.min_cell].drop(columns="p_value").reset_index(drop=True),
        members=members,
        worksheet=worksheet(customers, tables, personas, cards, study, words),
        fairness=fair,
        early_signs=_early_signs(cards, losing, words),
        statement=_statement(balance, segments, cards, chance, study, words),
    )


# --- what a customer brings --------------------------------------------------------------------------------------


def contribution(customers: Customers) -> pd.DataFrame:
    """What every customer brought over the whole window, in money.

    Returns
    -------
    Per customer_id (index) of ``features``: orders, margin (revenue - returns - cost of goods; NaN where costs are not
    known), service_cost and acquisition_cost (0 where not known), before_acquisition (margin - service_cost) and
    contribution (the same - acquisition_cost). With unknown costs a contribution is an upper bound.
    """
    early, late = (frame.set_index("customer_id") for frame in (customers.features, customers.held_out))
    profile = customers.profile.set_index("customer_id").reindex(early.index)
    unknown = pd.Series(np.nan, index=early.index)
    nothing = pd.Series(0.0, index=early.index)
    balance = pd.DataFrame({"orders": early["orders"] + late["orders"]})
    balance["margin"] = early.get("margin", unknown) + late.get("margin", unknown)
    balance["service_cost"] = early.get("service_cost", nothing) + late.get("service_cost", nothing)
    balance["acquisition_cost"] = profile.get("acquisition_cost", nothing).fillna(0.0)
    balance["before_acquisition"] = balance["margin"] - balance["service_cost"]
    balance["contribution"] = balance["before_acquisition"] - balance["acquisition_cost"]
    return balance


def order_variance(sales: pd.DataFrame, customers: Customers) -> float:
    """Variance of the margin of one order around its customer's mean, pooled over customers; NaN where not known."""
    if "unit_cost" not in sales:
        return np.nan
    end = pd.Timestamp(customers.period.as_of) + pd.Timedelta(days=1)
    at = sales["ordered_at"]
    lines = sales[(at >= pd.Timestamp(customers.period.start)) & (at < end)]
    units = lines["quantity"].abs() if "quantity" in lines else pd.Series(1.0, index=lines.index)
    back = (lines["amount"] < 0) | (lines["quantity"] < 0 if "quantity" in lines else False)
    if "is_return" in lines:
        back |= lines["is_return"].fillna(False).astype(bool)
    margin = (lines["amount"].abs() - units * lines["unit_cost"]).where(
        ~back, units * lines["unit_cost"] - lines["amount"].abs()
    )
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
    Per customer_id: mean (shrunk, money per order, before acquisition), sd, probability (that ``orders`` times the mean
    does not repay the acquisition), before_acquisition (that the mean is below zero); NaN where costs are not known.
    """
    chance = pd.DataFrame(np.nan, index=balance.index, columns=["mean", "sd", "probability", "before_acquisition"])
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
    dues = {"probability": balance.loc[known, "acquisition_cost"].to_numpy() / orders, "before_acquisition": 0.0}
    chance.loc[known, ["mean", "sd"]] = np.column_stack([mean, sd])
    for name, due in dues.items():
        chance.loc[known, name] = norm.cdf((due - mean) / sd)
    return chance


# --- rules -------------------------------------------------------------------------------------------------------


def rule_traits(customers: Customers, study: Study) -> pd.DataFrame:
    """What a rule may be made of, per customer_id: no protected attribute, numbers with gaps filled by the median.

    Texts become ``column=value`` (0 or 1) for values of at least 50 customers.
    """
    protected = {*NEVER, *study.privacy.protected}
    protected |= {column for name in study.privacy.protected for column in COLUMNS.get(name, ())}
    features = customers.features.set_index("customer_id")
    profile = customers.profile.set_index("customer_id").reindex(features.index)
    channels = [name for name in features if name.startswith("channel_") and name.endswith("_share")]
    traits = {name: features[name].astype(float) for name in (*TRAITS, *channels) if name in features}
    for name in AT_ACQUISITION:
        if name in profile and pd.api.types.is_numeric_dtype(profile[name]):
            traits[name] = profile[name]
        elif name in profile:
            counts = profile[name].value_counts()
            for value in sorted(counts.index[counts >= LEAF]):
                traits[f"{name}={value}"] = (profile[name] == value).astype(float)
    kept = {name: column for name, column in traits.items() if name.split("=")[0] not in protected}
    frame = pd.DataFrame(kept, index=features.index)
    return frame.fillna(frame.median()).dropna(axis="columns")


def halves(ids: pd.Index, seed: int) -> tuple[pd.Index, pd.Index]:
    """Two random halves of the customers: one to grow rules on, one to measure them on."""
    mixed = pd.Index(np.random.default_rng(seed).permutation(ids.sort_values().to_numpy()))
    return mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]


def grow_rules(traits: pd.DataFrame, loses: pd.Series, seed: int) -> tuple[Conditions, ...]:
    """Readable rules for the customers who cost more than they bring: the leaves of a tree of depth 3, 50 in each.

    Leaves that only cut a losing branch in two are merged. Thresholds are rounded to what is printed, so that the rule
    that is read is the rule that was measured. No rule where all customers, or none, would meet it.
    """
    if loses.nunique() < 2 or traits.empty:
        return ()
    tree = DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=LEAF, class_weight="balanced", random_state=seed)
    found = tree.fit(traits.to_numpy(), loses.to_numpy()).tree_

    def losing(node: int) -> list[Conditions]:
        if found.children_left[node] == -1:
            return [()] if found.value[node][0].argmax() == 1 else []
        low, high = losing(found.children_left[node]), losing(found.children_right[node])
        if low == high == [()]:
            return [()]
        column = traits.columns[found.feature[node]]
        cut = _readable(column, float(found.threshold[node]))
        return [(Condition(column, False, cut), *path) for path in low] + [
            (Condition(column, True, cut), *path) for path in high
        ]

    return tuple(_tightest(rule) for rule in losing(0) if rule)


def _readable(column: str, threshold: float) -> float:
    """A threshold as it is printed: whole per cents, whole complaints, money as Words.money rounds it."""
    if column.endswith("_share"):
        return round(threshold, 2)
    if column == "complaints":
        return float(np.floor(threshold))
    return threshold if "=" in column else float(round(threshold, 0 if abs(threshold) >= 100 else 2))


def _tightest(rule: Conditions) -> Conditions:
    """A rule without conditions that a later one on the same column implies; the order of splits is kept."""
    last = {(condition.column, condition.above): condition for condition in rule}
    return tuple(last.values())


def matches(traits: pd.DataFrame, rule: Conditions) -> pd.Series:
    """Who meets every condition of a rule."""
    inside = pd.Series(True, index=traits.index)
    for condition in rule:
        inside &= _meets(traits, condition)
    return inside


def _meets(traits: pd.DataFrame, condition: Condition) -> pd.Series:
    above = traits[condition.column] > condition.threshold
    return above if condition.above else ~above


# --- what is measured of a segment -------------------------------------------------------------------------------


def measure(segment: str, values: pd.DataFrame, inside: pd.Series) -> list[dict]:
    """Rows of ``Negative.segments`` for one segment: mean money per customer, or ratio of means against all others."""
    rows = []
    for name in values:
        known = values[name].dropna()
        belongs = inside.reindex(known.index)
        own, others = known[belongs].to_numpy(float), known[~belongs].to_numpy(float)
        found = _mean_money(own) if name in LOSS else _ratio_of_means(own, others)
        rows.append({"segment": segment, "n": len(own), "measure": name} | found)
    return rows


def _mean_money(own: np.ndarray) -> dict:
    """Mean with its 95 % t interval, and the p-value against zero."""
    if len(own) < 2 or own.std() == 0:
        return {"unit": "money", "verdict": "not clear"}
    described = DescrStatsW(own)
    low, high = described.tconfint_mean()
    verdict = "loses money" if high < 0 else "earns money" if low > 0 else "not clear"
    return _row("money", described.mean, low, high, described.ttest_mean(0)[1], verdict)


def _ratio_of_means(own: np.ndarray, others: np.ndarray) -> dict:
    """Ratio of means with the interval of its logarithm (delta method)."""
    if min(len(own), len(others)) < 2 or min(own.mean(), others.mean()) <= 0:
        return {"unit": "lift", "verdict": "not clear"}
    ratio = own.mean() / others.mean()
    error = np.sqrt(sum(part.var(ddof=1) / len(part) / part.mean() ** 2 for part in (own, others)))
    if error == 0:
        return {"unit": "lift", "verdict": "not clear"}
    low, high = ratio * np.exp(np.array([-1, 1]) * norm.ppf(0.975) * error)
    verdict = "more than others" if low > 1 else "less than others" if high < 1 else "not clear"
    return _row("lift", ratio, low, high, 2 * norm.sf(abs(np.log(ratio)) / error), verdict)


def _row(unit: str, estimate: float, low: float, high: float, p: float, verdict: str) -> dict:
    return {
        "estimate": float(estimate),
        "ci_low": float(low),
        "ci_high": float(high),
        "unit": unit,
        "p_value": float(p),
        "verdict": verdict,
    }


def _segment_frame(rows: list[dict]) -> pd.DataFrame:
    columns = ["segment", "n", "measure", "estimate", "ci_low", "ci_high", "unit", "p_value", "p_adjusted", "verdict"]
    numbers = ["estimate", "ci_low", "ci_high", "p_value", "p_adjusted"]
    return pd.DataFrame(rows, columns=columns).astype({"n": "int64"} | dict.fromkeys(numbers, "float64"))


def _values(customers: Customers, balance: pd.DataFrame) -> pd.DataFrame:
    """What is measured, per customer_id: money of the whole window; returns, complaints, leaving of the later part."""
    later = customers.held_out.set_index("customer_id")
    profile = customers.profile.set_index("customer_id").reindex(balance.index)
    frames = {"contribution": balance, "before_acquisition": balance, "acquisition_cost": profile}
    found = {name: frames.get(name, later) for name in MEASURES}
    return pd.DataFrame({name: frame[name].astype(float) for name, frame in found.items() if name in frame})


def _tested(rules: tuple[Conditions, ...], traits: pd.DataFrame, values: pd.DataFrame, words: Words) -> list[_Segment]:
    """Every rule with what the unseen half says of it; p-values are corrected over all of them (Holm 1979).

    A rule made of the acquisition cost says nothing new about it: no p-value there. Returns and complaints of a rule
    are earlier ones, those measured come later, so that they test whether the trait lasts.
    """
    inside = [matches(traits, rule) for rule in rules]
    tables = []
    for rule, mask in zip(rules, inside, strict=True):
        table = _segment_frame(measure(rule_text(rule, words), values, mask))
        circular = "acquisition_cost" in {condition.column for condition in rule}
        tables.append(table.assign(p_value=table["p_value"].mask(circular & (table["measure"] == "acquisition_cost"))))
    if not tables:
        return []
    together = pd.concat(tables, keys=range(len(rules)))
    tested = together["p_value"].notna()
    if tested.any():
        together.loc[tested, "p_adjusted"] = multipletests(together.loc[tested, "p_value"], method="holm")[1]
    return [
        _Segment(rule, rule_text(rule, words), mask, together.loc[number].reset_index(drop=True))
        for number, (rule, mask) in enumerate(zip(rules, inside, strict=True))
    ]


def _is_negative(segment: _Segment, study: Study) -> bool:
    """The interval of the mean contribution lies below zero, on enough customers and after correction."""
    row = segment.measured.set_index("measure").loc["contribution"]
    return bool(row["ci_high"] < 0 and row["p_adjusted"] <= 0.05 and row["n"] >= max(30, study.privacy.min_cell))


def _belongs(ids: pd.Index, personas: Personas, group: str) -> pd.Series:
    persona = personas.assignments.set_index("customer_id")["persona"].reindex(ids)
    return persona == group


def _members(segments: dict[str, _Segment], chance: pd.DataFrame) -> pd.DataFrame:
    """Customers who meet a negative persona's rule: customer_id, negative, probability, before_acquisition, state."""
    card = pd.Series(np.nan, index=chance.index, dtype="str")
    for name, segment in segments.items():
        card[segment.inside.reindex(chance.index)] = name
    frame = chance[["probability", "before_acquisition"]].assign(negative=card).dropna(subset=["negative"])
    frame["state"] = np.select([frame["probability"] >= FLAG, frame["probability"] >= WATCH], ["flag", "watch"], "")
    columns = ["customer_id", "negative", "probability", "before_acquisition", "state"]
    return frame.rename_axis("customer_id").reset_index()[columns]


# --- cards -------------------------------------------------------------------------------------------------------


def rule_text(rule: Conditions, words: Words) -> str:
    """A rule as a sentence: ``Customers who return more than 30 % of their order lines and ...``."""
    return words.say("negative.rule", conditions=words.listing([_phrase(condition, words) for condition in rule]))


def _phrase(condition: Condition, words: Words, part: str = "trait") -> str:
    """One condition in words (``trait``) or as a short label (``short``)."""
    column, _, value = condition.column.partition("=")
    if column.startswith("channel_"):
        column, value = "channel", column.removeprefix("channel_").removesuffix("_share").replace("_", " ")
    key = f"negative.{part}.{column}.{'above' if condition.above else 'below'}"
    if condition.threshold == 0 and words.has(f"{key}_nothing"):
        return words.say(f"{key}_nothing")
    show = {"complaints": words.number, "average_order_value": words.money, "acquisition_cost": words.money}
    return words.say(key, value=show.get(column, words.percent)(condition.threshold), name=words.theirs(value))


def _card(
    name: str,
    segment: _Segment,
    customers: Customers,
    unseen: pd.DataFrame,
    traits: pd.DataFrame,
    study: Study,
    words: Words,
) -> Card:
    """A negative persona: who meets the rule, what the unseen half says of them, and what it would cost to be wrong."""
    claims = tuple(_claim(row, words) for row in segment.measured.dropna(subset="estimate").to_dict("records"))
    everybody = len(customers.features) + len(customers.no_order)
    n = int(segment.inside.sum())
    low, high = proportion_confint(n, everybody, method="wilson")
    spend = customers.features.set_index("customer_id")["spend"]
    share = n / everybody
    met = sum(_meets(traits, condition).astype(int) for condition in segment.rule)
    known = unseen["contribution"]
    accuracy = balanced_accuracy_score(known < 0, segment.inside.reindex(known.index))
    handle = ", ".join(_phrase(condition, words, "short") for condition in segment.rule[:2])
    return Card(
        id=name,
        kind="negative",
        name=words.say("negative.name", number=name.rpartition("-")[2]),
        handle=handle[:1].upper() + handle[1:],
        summary=words.say("negative.summary", share=words.percent(share), loss=claims[0].statement),
        size=Size(n, share, float(low), float(high), float(spend[segment.inside].sum() / spend.sum())),
        stability=Stability(None, None),
        prevalence=tuple(float((met >= least).mean()) for least in range(1, len(segment.rule) + 1)),
        grade=sorted((claim.grade for claim in claims), key=("weak", "moderate", "strong").index)[
            (len(claims) - 1) // 2
        ],
        claims=claims,
        rule=Rule(segment.text, float(accuracy)),
        actions=_actions(segment, unseen, study, words),
        unknowns=_unknowns(customers, words),
    )


def _claim(row: dict, words: Words) -> Claim:
    """The claim of one measured row; ratios are against all others, money against zero."""
    money = row["unit"] == "money"
    section, source = MEASURES[row["measure"]]
    role = "defining" if np.isnan(row["p_adjusted"]) else "held out"
    p_adjusted = None if role == "defining" else row["p_adjusted"]
    same = 0.0 if money else 1.0
    direction = "more" if row["ci_low"] > same else "less" if row["ci_high"] < same else "same"
    statement = words.say(
        f"negative.claim.{row['measure']}.{direction}",
        estimate=words.money(row["estimate"]) if money else words.times(row["estimate"]),
        interval=words.interval(row["ci_low"], row["ci_high"], "money" if money else "times"),
    )
    return Claim(
        section=section,
        statement=statement,
        source=source,
        column=row["measure"],
        role=role,
        n=int(row["n"]),
        estimate=row["estimate"],
        unit=row["unit"],
        ci_low=row["ci_low"],
        ci_high=row["ci_high"],
        compared_with="zero" if money else "all others",
        p_adjusted=p_adjusted,
        grade=grade_claim(row | {"measure": "difference" if money else "lift"}, role, p_adjusted),
    )


def _actions(segment: _Segment, unseen: pd.DataFrame, study: Study, words: Words) -> tuple[Action, ...]:
    """Review, and what refusing everybody who meets the rule would have cost, counted on the unseen half."""
    known = unseen["contribution"][segment.inside.reindex(unseen.index)]
    paid = known[known > 0]
    review = Action("review", words.say("negative.action.review"), (0,))
    if len(paid) < study.privacy.min_cell:
        return review, Action("cost of being wrong", words.say("negative.action.few", n=len(known)), (0,))
    values = {
        "n": words.number(len(known)),
        "paid": words.number(len(paid)),
        "share": words.percent(len(paid) / len(known)),
    }
    cost = words.say("negative.action.wrong", **values, money=words.money(paid.sum()))
    return review, Action("cost of being wrong", cost, (0,))


def _unknowns(customers: Customers, words: Words) -> tuple[str, ...]:
    """What a card cannot say."""
    missing = []
    if "service_cost" not in customers.features:
        missing.append("service_cost")
    if "acquisition_cost" not in customers.profile:
        missing.append("acquisition_cost")
    return tuple(words.say(f"negative.unknown.{name}") for name in [*missing, "team", "offer"])


def _early_signs(cards: tuple[Card, ...], segments: list[_Segment], words: Words) -> pd.DataFrame:
    """Per card the traits of its rule, and when a team can see each of them."""
    rows = [
        (card.id, _phrase(condition, words), words.say(f"negative.known.{_when(condition.column)}"))
        for card, segment in zip(cards, segments, strict=True)
        for condition in segment.rule
    ]
    return pd.DataFrame(rows, columns=["card", "trait", "known"], dtype="str")


def _when(column: str) -> str:
    return "at_acquisition" if column.split("=")[0] in AT_ACQUISITION else "after_orders"


def _statement(
    balance: pd.DataFrame,
    segments: list[_Segment],
    cards: tuple[Card, ...],
    chance: pd.DataFrame,
    study: Study,
    words: Words,
) -> str:
    """One sentence or two: what was found, or why nothing could be."""
    known = int(balance["margin"].notna().sum())
    if known == 0:
        return words.say("negative.statement.no_costs")
    if known < LEAST:
        return words.say("negative.statement.too_few", n=words.number(known), least=words.number(LEAST))
    if cards:
        names = words.listing([f"“{card.handle}” ({words.percent(card.size.share)})" for card in cards])
        found = words.say("negative.statement.found", names=names)
    else:
        found = words.say("negative.statement.none", looked=words.number(len(segments)))
    flagged = int((chance["probability"] >= FLAG).sum())
    return f"{found} {_flagged(flagged, known, study, words)}"


def _flagged(flagged: int, known: int, study: Study, words: Words) -> str:
    """How many single customers are very likely to cost more than they bring."""
    if flagged < study.privacy.min_cell:
        return words.say("negative.statement.few_flagged", least=words.number(study.privacy.min_cell))
    return words.say("negative.statement.flagged", n=words.number(flagged), share=words.percent(flagged / known))


# --- fairness and the worksheet ----------------------------------------------------------------------------------


def fairness(customers: Customers, flagged: pd.Series, study: Study) -> pd.DataFrame:
    """How often each protected group meets a negative persona's rule, against everybody else.

    Groups smaller than the study's smallest cell are put together, and shares of fewer flagged customers than that are
    withheld. ``ratio`` is the rate of all others divided by this group's; under 0.8 (the four-fifths rule) there is a
    warning.
    """
    profile = customers.profile.set_index("customer_id").reindex(customers.features["customer_id"])
    hit = pd.Series(profile.index.isin(flagged), index=profile.index)
    names = {*NEVER, *study.privacy.protected} | {name for group in COLUMNS.values() for name in group}
    rows = []
    for attribute in sorted(names & set(profile.columns)) if hit.any() else ():
        groups = _pooled(_grouped(profile[attribute]), study.privacy.min_cell)
        for value in sorted(groups.dropna().unique()):
            own, others = hit[groups == value], hit[(groups != value) & groups.notna()]
            ratio = others.mean() / own.mean() if own.any() and len(others) else np.nan
            rows.append((attribute, value, len(own), own.sum(), own.mean(), ratio, bool(ratio < RATIO)))
    columns = ["attribute", "value", "n", "flagged", "flagged_share", "ratio", "warning"]
    table = pd.DataFrame(rows, columns=columns).astype({"attribute": "str", "value": "str"})
    shares = ["flagged_share", "ratio"]
    shown = suppress(table, "flagged", study.privacy.min_cell, values=shares, margins=[["attribute"]])
    return shown.drop(columns=["flagged", "shown"])


def _with_warning(card: Card, table: pd.DataFrame, words: Words) -> Card:
    """The card with a word of warning where a protected group meets its rule much more often than others."""
    warned = table[table["warning"]]
    if warned.empty:
        return card
    groups = words.listing([f"{row.attribute} “{words.theirs(row.value)}”" for row in warned.itertuples()])
    return replace(
        card, actions=(*card.actions, Action("fairness", words.say("negative.action.unfair", groups=groups), (0,)))
    )


def _grouped(values: pd.Series) -> pd.Series:
    """Texts as they are, ages in bands."""
    if not pd.api.types.is_numeric_dtype(values):
        return values
    bands = pd.cut(
        values, [0, 30, 45, 60, np.inf], right=False, labels=["under 30", "30 to 44", "45 to 59", "60 and over"]
    )
    return bands.astype("str").where(values.notna())


def _pooled(groups: pd.Series, least: int) -> pd.Series:
    """Groups under ``least`` put together as ``others``, with the next smallest until they are enough; NaN if never."""
    counts = groups.value_counts().sort_values(kind="stable")
    small = int((counts < least).sum())
    while small and counts.iloc[:small].sum() < least and small < len(counts):
        small += 1
    pooled = groups.where(~groups.isin(counts.index[:small]), "others")
    return pooled if small == 0 or counts.iloc[:small].sum() >= least else pooled.where(pooled != "others")


def worksheet(
    customers: Customers,
    tables: LoadedTables,
    personas: Personas,
    cards: tuple[Card, ...],
    study: Study,
    words: Words,
) -> pd.DataFrame:
    """The six questions about customers one would rather not have, answered from data where there are any.

    Groups by rule (no order, one order) are left out: that they bring and return least is no news.

    Returns
    -------
    question, answer, source (tables; "" where the answer is left blank, which then says what is missing).
    """
    least = study.privacy.min_cell
    frames, values = tables.frames, _values(customers, contribution(customers))
    found = [group for group in personas.groups if not group.structural]
    groups = {group.handle: _belongs(values.index, personas, group.id) for group in found}
    answers = {
        "team": _team(frames.get("interviews"), words),
        "deal": _slow_deals(frames.get("leads"), least, words),
        "left": _who(values, groups, "churned", least, words) or (words.say("negative.blank.left"), ""),
        "reviews": _reviews(frames.get("service"), least, words),
        "profit": _losing(cards, values, words)
        or _who(values, groups, "contribution", least, words)
        or (words.say("negative.blank.profit"), ""),
        "cost": _dear(customers.profile, least, words),
    }
    rows = [(words.say(f"negative.question.{name}"), *answer) for name, answer in answers.items()]
    return pd.DataFrame(rows, columns=["question", "answer", "source"], dtype="str")


def _team(interviews: pd.DataFrame | None, words: Words) -> tuple[str, str]:
    """What the sales team says is for people to read: here only whether there is something to read."""
    notes = 0 if interviews is None else int((interviews["speaker"].str.strip().str.casefold() == "sales").sum())
    return words.say("negative.blank.notes" if notes else "negative.blank.team", n=words.number(notes)), ""


def _slow_deals(leads: pd.DataFrame | None, least: int, words: Words) -> tuple[str, str]:
    """How long the slowest deals took, from first activity to conversion: a mean, since one deal is one person."""
    days = pd.Series(dtype=float)
    if leads is not None and "converted_at" in leads:
        deals = leads.groupby("lead_id").agg(first=("at", "min"), won=("converted_at", "max")).dropna()
        days = ((deals["won"] - deals["first"]) / pd.Timedelta(days=1)).sort_values()
    if len(days) < 2 * least:
        return words.say("negative.blank.deal", least=words.number(2 * least)), ""
    slow, median = (words.number(value, 0) for value in (days.tail(least).mean(), days.median()))
    return words.say("negative.answer.deal", k=least, n=words.number(len(days)), slow=slow, median=median), "leads"


def _losing(cards: tuple[Card, ...], values: pd.DataFrame, words: Words) -> tuple[str, str] | None:
    """The negative persona that costs most per customer, as measured on the unseen half."""
    if not cards:
        return None
    worst = min(cards, key=lambda card: card.claims[0].estimate)
    shown = {"worst": worst.handle, "mean": words.money(worst.claims[0].estimate)}
    return words.say("negative.answer.contribution", all=words.money(values["contribution"].mean()), **shown), "sales"


def _who(
    values: pd.DataFrame, groups: dict[str, pd.Series], name: str, least: int, words: Words
) -> tuple[str, str] | None:
    """Those who left, or what customers bring: over all, and the group where it is worst, if any is clearly worse."""
    known = values[name].dropna() if name in values else pd.Series(dtype=float)
    if len(known) < least:
        return None
    found = {}
    for handle, inside in groups.items():
        own, others = known[inside.reindex(known.index)], known[~inside.reindex(known.index)]
        if min(len(own), len(others)) >= least and own.std() + others.std() > 0:
            p = ttest_ind(own, others, usevar="unequal")[1]
            worse = own.mean() > others.mean() if name == "churned" else own.mean() < others.mean()
            if worse and p <= 0.05 / len(groups):
                found[handle] = own.mean()
    show = words.percent if name == "churned" else words.money
    if not found:
        return words.say(f"negative.answer.{name}_alike", all=show(known.mean())), "sales"
    worst = (max if name == "churned" else min)(found, key=lambda handle: found[handle])
    return words.say(f"negative.answer.{name}", all=show(known.mean()), worst=worst, mean=show(found[worst])), "sales"


def _reviews(service: pd.DataFrame | None, least: int, words: Words) -> tuple[str, str]:
    """How many reviews are bad: the lower two fifths of the ratings that are in use."""
    ratings = pd.Series(dtype=float)
    if service is not None and "rating" in service:
        ratings = service.loc[service["kind"].str.strip().str.casefold() == "review", "rating"].dropna()
    if len(ratings) < least:
        return words.say("negative.blank.reviews", least=words.number(least)), ""
    cut = 0.4 * ratings.max()
    bad = int((ratings <= cut).sum())
    shown = (
        words.percent(bad / len(ratings)) if bad >= least or bad == 0 else f"< {words.percent(least / len(ratings))}"
    )
    return words.say(
        "negative.answer.reviews", n=words.number(len(ratings)), cut=words.number(cut), share=shown
    ), "service"


def _dear(profile: pd.DataFrame, least: int, words: Words) -> tuple[str, str]:
    """What winning a customer cost, and the channel where it cost most."""
    if "acquisition_cost" not in profile or profile["acquisition_cost"].notna().sum() < least:
        return words.say("negative.blank.cost"), ""
    costs = profile.dropna(subset=["acquisition_cost"])
    overall = words.money(costs["acquisition_cost"].mean())
    if "acquisition_channel" in costs:
        by = costs.groupby("acquisition_channel")["acquisition_cost"].agg(["mean", "size"])
        by = by[by["size"] >= least]
        if len(by):
            worst = by["mean"].idxmax()
            channel = {"name": words.theirs(worst), "mean": words.money(by.at[worst, "mean"])}
            return words.say("negative.answer.cost_by_channel", all=overall, **channel), "customers"
    return words.say("negative.answer.cost", all=overall), "customers"
