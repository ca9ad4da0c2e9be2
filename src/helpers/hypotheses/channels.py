"""Which channels, places and moments go together with more conversion, larger orders, or one persona."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import statsmodels.api as sm
from statsmodels.tools.sm_exceptions import PerfectSeparationError

from helpers.contracts import Effect
from helpers.hypotheses.estimators import RARE, clustered_ratios, clustered_risks, share_interval
from helpers.hypotheses.evidence import (
    Evidence,
    NotTestable,
    bought_lines,
    compared_groups,
    counted,
    in_window,
    members,
    not_testable,
    smallest_group,
)
from helpers.hypotheses.verdict import Contrast, Finding, by_clarity, usable
from helpers.study import Experiment

DAY_PARTS = {"night": 0, "morning": 6, "afternoon": 12, "evening": 18}
"""First hour of each part of the day."""
NEW, RETURNING = "new", "returning"


def visits(evidence: Evidence) -> pd.DataFrame:
    """Sessions of the window with ``yes`` (converted, 0/1) and ``cluster``, the person behind the visit.

    A visitor who is known as a customer in any visit is that customer in all of them: otherwise one person would count
    as two. Visits by nobody known are left out.
    """
    frame = in_window(evidence, evidence.tables.frames["sessions"], "started_at")
    person = frame["customer_id"] if "customer_id" in frame else pd.Series(pd.NA, frame.index, dtype="str")
    if "visitor_id" in frame:
        known = pd.Series(person.to_numpy(), index=frame["visitor_id"]).dropna()
        known = known[known.index.notna() & ~known.index.duplicated()]
        person = person.fillna(frame["visitor_id"].map(known).astype("str")).radd("customer ")
        person = person.fillna(frame["visitor_id"].radd("visitor "))
    frame = frame.assign(yes=frame["converted"].astype("Float64"), cluster=person)
    return frame.dropna(subset=["yes", "cluster"]).astype({"yes": float})


def _comparable(evidence: Evidence, frame: pd.DataFrame, by: str) -> tuple[pd.DataFrame, str]:
    """Rows of groups with enough people (and yeses and noes), as ``group``; and what was left out."""
    frame = frame.dropna(subset=[by]).assign(group=lambda t: t[by].astype("str"))
    people = frame.groupby("group")["cluster"].nunique()
    enough = people >= smallest_group(evidence)
    if "yes" in frame:
        yes = frame.groupby("group")["yes"].agg(["sum", "size"])
        enough &= (yes["sum"] >= RARE) & (yes["size"] - yes["sum"] >= RARE)
    kept = frame[frame["group"].isin(enough.index[enough])]
    note = ""
    if not enough.all():
        note = evidence.words.say(
            "hypotheses.note.groups_left_out",
            groups=int((~enough).sum()),
            rows=counted(evidence, len(frame) - len(kept)),
        )
    return kept, note


def _risks(
    evidence: Evidence, frame: pd.DataFrame, by: str, adjust: list[str]
) -> tuple[list[Contrast], dict, str, str]:
    """Contrasts of conversion between the groups of a column and its most visited group (a new visitor for is_new)."""
    kept, note = _comparable(evidence, frame, by)
    sizes = kept["group"].value_counts()
    if len(sizes) < 2:
        raise not_testable(
            evidence, "few_groups", column=by, table="sessions", least=smallest_group(evidence), rare=RARE
        )
    reference = NEW if by == "is_new" else str(sizes.sort_index(kind="stable").idxmax())
    try:
        contrasts = [c for c in clustered_risks(kept, reference, adjust) if usable(c)]
    except PerfectSeparationError:
        contrasts = []
    if not contrasts:
        raise not_testable(evidence, "separated", column=by)
    n = {str(g): int(v) for g, v in kept.groupby("group")["cluster"].nunique().items()}
    return contrasts, n, reference, note


def _covariates(frame: pd.DataFrame, *names: str) -> list[str]:
    """Those of the named columns that vary in this table."""
    return [name for name in names if name in frame and frame[name].nunique(dropna=False) > 1]


def _conversion(evidence: Evidence, by: str, adjusted_for: tuple[str, ...], extra: tuple[Effect, ...] = ()) -> Finding:
    """Whether conversion differs between the groups of one column of sessions, at equal covariates."""
    frame = visits(evidence)
    if by == "is_new":
        frame = frame.assign(is_new=frame["is_new"].map({True: NEW, False: RETURNING}))
    adjust = _covariates(frame, *adjusted_for)
    contrasts, n, reference, note = _risks(evidence, frame, by, adjust)
    ordered, p = by_clarity(contrasts)
    return Finding(
        ordered,
        p,
        n,
        _method(evidence, "visits", adjust),
        _shares_sentence(evidence, ordered[0], reference),
        extra,
        note,
    )


def _shares_sentence(evidence: Evidence, first: Contrast, reference: str) -> str:
    """The clearest contrast of conversion in words."""
    words = evidence.words
    return words.say(
        "hypotheses.facts.visits",
        group=first.label, reference=reference,
        share=words.percent(first.facts["share"], 1), share_reference=words.percent(first.facts["share_control"], 1),
        difference=words.points(first.estimate), interval=words.interval(first.low, first.high, "points"),
    )  # fmt: skip


def _method(evidence: Evidence, key: str, adjust: list[str]) -> str:
    """The method, and what it was adjusted for."""
    words = evidence.words
    added = words.say("hypotheses.method.adjusted", columns=words.listing(adjust)) if adjust else ""
    return f"{words.say(f'hypotheses.method.{key}')} {added}".strip()


def conversion_by_channel(evidence: Evidence, sesoi: float, experiment: Experiment | None) -> Finding:
    """Cluster-robust logit of conversion on channel at equal place: places differ in channels and in conversion."""
    return _conversion(evidence, "channel", ("location", "language"))


def new_vs_returning(evidence: Evidence, sesoi: float, experiment: Experiment | None) -> Finding:
    """Cluster-robust logit of conversion on the first against later visits, at equal channel and place."""
    return _conversion(evidence, "is_new", ("channel", "location"))


def funnel_stage(evidence: Evidence, sesoi: float, experiment: Experiment | None) -> Finding:
    """Conversion by funnel stage, and beside it the share of first visits that convert (Wilson)."""
    extra: tuple[Effect, ...] = ()
    frame = visits(evidence)
    if "is_new" in frame:
        first = frame[frame["is_new"].fillna(False).astype(bool)].drop_duplicates("cluster")
        if len(first) >= smallest_group(evidence):
            label = evidence.words.say("hypotheses.first_visit")
            extra = share_interval(int(first["yes"].sum()), len(first), label).effects
    return _conversion(evidence, "funnel_stage", ("channel", "location"), extra)


def place_language(evidence: Evidence, sesoi: float, experiment: Experiment | None) -> Finding:
    """Conversion by place and by language, each at equal channel and the other; one family of contrasts."""
    frame = visits(evidence)
    found, n, notes, reasons, references, used = [], {}, [], [], {}, []
    for by, other in (("location", "language"), ("language", "location")):
        if by not in frame or frame[by].notna().sum() == 0:
            continue
        adjust = _covariates(frame, "channel", other)
        try:
            contrasts, people, reference, note = _risks(evidence, frame, by, adjust)
        except NotTestable as e:
            reasons.append(str(e))
            continue
        found += contrasts
        n |= people
        references |= {c.label: reference for c in contrasts}
        notes += [note] if note else []
        used += [a for a in adjust if a not in used]
    if not found:
        raise NotTestable(" ".join(reasons))
    ordered, p = by_clarity(found)
    sentence = _shares_sentence(evidence, ordered[0], references[ordered[0].label])
    return Finding(ordered, p, n, _method(evidence, "visits", used), sentence, notes=" ".join(notes))


def orders(evidence: Evidence) -> pd.DataFrame:
    """One row per order of the window: customer_id, order_id, ordered_at (first line), channel, value (sum of lines).

    Returned lines are no part of an order's value.
    """
    lines = bought_lines(evidence)
    what = {"ordered_at": ("ordered_at", "min"), "value": ("amount", "sum")}
    if "channel" in lines:
        what["channel"] = ("channel", "first")
    return lines.groupby(["customer_id", "order_id"], as_index=False).agg(**what)


def order_value_by_channel(evidence: Evidence, sesoi: float, experiment: Experiment | None) -> Finding:
    """Ratio of mean order values between channels: Gamma-log model, clustered by customer, at equal place."""
    words = evidence.words
    frame = orders(evidence).rename(columns={"customer_id": "cluster"})
    positive = frame[frame["value"] > 0]
    place = next((c for c in ("location", "country") if _known(evidence, c)), None)
    if place is not None:
        positive = positive.merge(
            evidence.customers.profile[["customer_id", place]], "left", left_on="cluster", right_on="customer_id"
        )
    kept, note = _comparable(evidence, positive, "channel")
    sizes = kept["group"].value_counts()
    if len(sizes) < 2:
        raise not_testable(
            evidence, "few_groups", column="channel", table="sales", least=smallest_group(evidence), rare=RARE
        )
    reference = str(sizes.sort_index(kind="stable").idxmax())
    adjust = _covariates(kept, place) if place else []
    family = sm.families.Gamma(sm.families.links.Log())
    try:
        contrasts = [c for c in clustered_ratios(kept, reference, "ratio of means", family, adjust) if usable(c)]
    except PerfectSeparationError:
        contrasts = []
    if not contrasts:
        raise not_testable(evidence, "separated", column="channel")
    ordered, p = by_clarity(contrasts)
    first = ordered[0]
    means = kept.groupby("group")["value"].mean()
    sentence = words.say(
        "hypotheses.facts.order_value",
        group=first.label, reference=reference,
        mean=words.money(means[first.label]), mean_reference=words.money(means[reference]),
        ratio=words.number(first.estimate), interval=words.interval(first.low, first.high),
    )  # fmt: skip
    n = {str(g): int(v) for g, v in kept.groupby("group")["cluster"].nunique().items()}
    return Finding(ordered, p, n, _method(evidence, "order_value", adjust), sentence, notes=note)


def _known(evidence: Evidence, column: str) -> bool:
    """Whether customers have this attribute."""
    profile = evidence.customers.profile if evidence.customers is not None else pd.DataFrame()
    return column in profile and bool(profile[column].notna().any())


def moments_by_persona(evidence: Evidence, sesoi: float, experiment: Experiment | None) -> Finding:
    """Whether a persona orders at its own weekday or part of the day, on orders that came after personas were made.

    Per persona and moment the ratio of its share of orders to everybody else's (Poisson model clustered by customer;
    Zou 2004); Holm over all cells. Held-out orders make this a test of persistence, even for a trait that defined
    the personas.
    """
    words = evidence.words
    persona = members(evidence)
    later = orders(evidence).loc[lambda t: t["ordered_at"] >= pd.Timestamp(evidence.customers.period.holdout_from)]
    later = later.merge(persona, on="customer_id").rename(columns={"customer_id": "cluster"})
    people = later.groupby("persona")["cluster"].nunique()
    kept = people.index[people >= smallest_group(evidence)]
    if len(kept) < 2:
        raise not_testable(evidence, "few_personas", least=smallest_group(evidence))
    later = later[later["persona"].isin(kept)]
    moments = _moments(later["ordered_at"])
    contrasts, cells = [], {}
    for group in kept:
        mine = later["persona"] == group
        for moment, hit in moments.items():
            counts = hit.groupby(mine).sum()
            # an expected count this small gives no honest interval, and is a small cell besides
            if min(hit.mean() * mine.sum(), counts.min()) < evidence.study.privacy.min_cell or hit.all():
                continue
            frame = pd.DataFrame(
                {
                    "value": hit.astype(float),
                    "cluster": later["cluster"],
                    "group": mine.map({True: "this", False: "rest"}),
                }
            )
            found = clustered_ratios(frame, "rest", "risk ratio", sm.families.Poisson())[0]
            label = f"{group}: {moment}"
            relabelled = tuple(Effect(e.measure, e.estimate, e.ci_low, e.ci_high, label) for e in found.effects)
            contrasts.append(replace(found, label=label, effects=relabelled))
            cells[label] = (group, moment, hit[mine].mean(), hit[~mine].mean())
    if not [c for c in contrasts if usable(c)]:
        raise not_testable(evidence, "few_orders")
    ordered, p = by_clarity([c for c in contrasts if usable(c)])
    group, moment, share, others = cells[ordered[0].label]
    handle = next(g.handle for g in compared_groups(evidence) if g.id == group)
    sentence = words.say(
        "hypotheses.facts.moments",
        persona=handle, moment=words.say(f"hypotheses.moment.{moment}"),
        share=words.percent(share), others=words.percent(others),
        ratio=words.number(ordered[0].estimate, 2), interval=words.interval(ordered[0].low, ordered[0].high),
    )  # fmt: skip
    return Finding(ordered, p, {g: int(people[g]) for g in kept}, words.say("hypotheses.method.moments"), sentence)


def _moments(times: pd.Series) -> dict[str, pd.Series]:
    """Indicator per weekday, and per part of the day where the times have hours."""
    day = times.dt.day_name().str.lower()
    moments = {name: day == name for name in sorted(set(day))}
    if (times.dt.hour != 0).any():
        part = pd.cut(times.dt.hour, [*DAY_PARTS.values(), 24], right=False, labels=list(DAY_PARTS)).astype("str")
        moments |= {name: part == name for name in DAY_PARTS}
    return moments
