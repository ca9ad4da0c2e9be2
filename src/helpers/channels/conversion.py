"""Which channels and places go together with more conversion or larger orders."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import statsmodels.api as sm

from helpers.beliefs.estimators import RARE, clustered_ratios, clustered_risks, share_interval
from helpers.beliefs.evidence import Evidence, NotTestable, estimated, orders
from helpers.beliefs.verdict import Finding, by_clarity
from helpers.contracts import Effect

NEW, RETURNING = "new", "returning"
ADJUSTED_FOR = {
    "channel": ("location", "language"),
    "device": ("channel", "location"),
    "is_new": ("channel", "location"),
    "funnel_stage": ("channel", "location"),
    "location": ("channel", "language"),
    "language": ("channel", "location"),
}
"""What is held equal when conversion is compared between the values of a column of sessions."""


def visits(evidence: Evidence) -> pd.DataFrame:
    """Sessions of the window with ``yes`` (converted, 0/1) and ``cluster``, the person behind the visit.

    A visitor who is known as a customer in any visit is that customer in all of them: otherwise one person would count
    as two. Visits by nobody known are left out.
    """
    frame = evidence.in_window("sessions", "started_at")
    person = frame["customer_id"] if "customer_id" in frame else pd.Series(pd.NA, frame.index, dtype="str")
    if "visitor_id" in frame:
        known = pd.Series(person.to_numpy(), index=frame["visitor_id"]).dropna()
        known = known[known.index.notna() & ~known.index.duplicated()]
        person = person.fillna(frame["visitor_id"].map(known).astype("str")).radd("customer ")
        person = person.fillna(frame["visitor_id"].radd("visitor "))
    frame = frame.assign(yes=frame["converted"].astype("Float64"), cluster=person)
    return frame.dropna(subset=["yes", "cluster"]).astype({"yes": float})


def named_visits(evidence: Evidence) -> pd.DataFrame:
    """The visits of the window, first visits named new and later ones returning."""
    frame = visits(evidence)
    if "is_new" in frame:
        frame = frame.assign(is_new=frame["is_new"].map({True: NEW, False: RETURNING}))
    return frame


def comparable(evidence: Evidence, table: str, frame: pd.DataFrame, by: str) -> tuple[pd.DataFrame, str, str]:
    """Rows of groups with enough people (and yeses and noes) as ``group``; the group to compare with; what is left out.

    The others are compared with the most frequent group, returning visitors with new ones.
    """
    frame = frame.dropna(subset=[by]).assign(group=lambda t: t[by].astype("str"))
    enough = frame.groupby("group")["cluster"].nunique() >= evidence.least
    if "yes" in frame:
        yes = frame.groupby("group")["yes"].agg(["sum", "size"])
        enough &= (yes["sum"] >= RARE) & (yes["size"] - yes["sum"] >= RARE)
    kept = frame[frame["group"].isin(enough.index[enough])]
    if enough.sum() < 2:
        raise evidence.not_testable("few_groups", column=by, table=table, least=evidence.least, rare=RARE)
    reference = NEW if by == "is_new" else str(kept["group"].value_counts().sort_index(kind="stable").idxmax())
    if enough.all():
        return kept, reference, ""
    left_out = {"groups": int((~enough).sum()), "rows": evidence.counted(len(frame) - len(kept))}
    return kept, reference, evidence.words.say("hypotheses.note.groups_left_out", **left_out)


def covariates(frame: pd.DataFrame, *names: str) -> list[str]:
    """Those of the named columns that vary in this table."""
    return [name for name in names if name in frame and frame[name].nunique(dropna=False) > 1]


def _people(kept: pd.DataFrame) -> dict[str, int]:
    """How many people there are in each group."""
    return kept.groupby("group")["cluster"].nunique().to_dict()


def _method(evidence: Evidence, key: str, adjust: list[str]) -> str:
    """The method, and what it was adjusted for."""
    words = evidence.words
    added = words.say("hypotheses.method.adjusted", columns=words.listing(adjust)) if adjust else ""
    return f"{words.say(f'hypotheses.method.{key}')} {added}".strip()


def _conversion(evidence: Evidence, *columns: str, extra: tuple[Effect, ...] = ()) -> Finding:
    """Whether conversion differs between the groups of columns of sessions, at equal covariates.

    Cluster-robust logit, one family of contrasts. NotTestable where no column can be compared.
    """
    words, frame = evidence.words, named_visits(evidence)
    found, references, n, notes, reasons, used = [], {}, {}, [], [], []
    for by in columns:
        adjust = covariates(frame, *ADJUSTED_FOR[by])
        try:
            kept, reference, note = comparable(evidence, "sessions", frame, by)
            contrasts = estimated(evidence, by, clustered_risks, kept, reference, adjust)
        except NotTestable as reason:
            reasons.append(str(reason))
            continue
        found += contrasts
        references |= {c.label: reference for c in contrasts}
        n |= _people(kept)
        notes.append(note)
        used += [name for name in adjust if name not in used]
    if not found:
        raise NotTestable(" ".join(reasons))
    ordered, p = by_clarity(found)
    first = ordered[0]
    sentence = words.say(
        "hypotheses.facts.visits",
        group=first.label, reference=references[first.label],
        share=words.percent(first.facts["share"], 1), share_reference=words.percent(first.facts["share_control"], 1),
        difference=words.points(first.estimate), interval=words.interval(first.low, first.high, "points"),
    )  # fmt: skip
    return Finding(ordered, p, n, _method(evidence, "visits", used), sentence, extra, " ".join(filter(None, notes)))


def conversion_by_channel(evidence: Evidence, sesoi: float) -> Finding:
    """Conversion by channel at equal place: places differ in channels and in conversion."""
    return _conversion(evidence, "channel")


def new_vs_returning(evidence: Evidence, sesoi: float) -> Finding:
    """Conversion of the first against later visits, at equal channel and place."""
    return _conversion(evidence, "is_new")


def place_language(evidence: Evidence, sesoi: float) -> Finding:
    """Conversion by place and by language, each at equal channel and the other."""
    return _conversion(evidence, *(by for by in ("location", "language") if evidence.has(f"sessions.{by}")))


def funnel_stage(evidence: Evidence, sesoi: float) -> Finding:
    """Conversion by funnel stage, and beside it the share of first visits that convert (Wilson)."""
    words, extra, said = evidence.words, (), ""
    if "is_new" in (frame := visits(evidence)):
        first = frame[frame["is_new"].fillna(False).astype(bool)].drop_duplicates("cluster")
        if len(first) >= evidence.least:
            share = share_interval(int(first["yes"].sum()), len(first), words.say("hypotheses.first_visit"))
            extra, interval = share.effects, words.interval(share.low, share.high, "percent")
            said = words.say("hypotheses.facts.first_visit", share=words.percent(share.estimate, 1), interval=interval)
    found = _conversion(evidence, "funnel_stage", extra=extra)
    return replace(found, sentence=f"{found.sentence} {said}".strip())


def order_value_by_channel(evidence: Evidence, sesoi: float) -> Finding:
    """Ratio of mean order values between channels: Gamma-log model, clustered by customer, at equal place."""
    words = evidence.words
    paid = orders(evidence).loc[lambda t: t["value"] > 0].assign(cluster=lambda t: t["customer_id"])
    profile = pd.DataFrame() if evidence.customers is None else evidence.customers.profile
    places = [c for c in ("location", "country") if c in profile and profile[c].notna().any()][:1]
    if places:
        paid = paid.merge(profile[["customer_id", *places]], "left", on="customer_id")
    kept, reference, note = comparable(evidence, "sales", paid, "channel")
    if kept["value"].nunique() == 1:
        raise evidence.not_testable("all_alike")
    adjust = covariates(kept, *places)
    family = sm.families.Gamma(sm.families.links.Log())
    contrasts = estimated(evidence, "channel", clustered_ratios, kept, reference, "ratio of means", family, adjust)
    ordered, p = by_clarity(contrasts)
    first = ordered[0]
    means = kept.groupby("group")["value"].mean()
    sentence = words.say(
        "hypotheses.facts.order_value",
        group=first.label, reference=reference,
        mean=words.money(means[first.label]), mean_reference=words.money(means[reference]),
        ratio=words.number(first.estimate), interval=words.interval(first.low, first.high),
    )  # fmt: skip
    return Finding(ordered, p, _people(kept), _method(evidence, "order_value", adjust), sentence, notes=note)
