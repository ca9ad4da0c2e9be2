"""Which channels and places go together with more conversion or larger orders."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from helpers.beliefs.estimators import RARE, clustered_risks, share_interval
from helpers.beliefs.evidence import MOST_WEEKS, Evidence, NotTestable, calendar, estimated, orders
from helpers.beliefs.verdict import Finding, by_clarity, relabelled
from helpers.channels.typical import typical, typical_ratios
from helpers.contracts import Effect
from helpers.words import Said, Text, say, sentences

NEW, RETURNING = "new", "returning"
VISITS = {NEW: say("channels.visit.new"), RETURNING: say("channels.visit.returning")}
ADJUSTED_FOR = {
    "channel": ("location", "language", "week"),
    "device": ("channel", "location", "week"),
    "is_new": ("channel", "location", "week"),
    "funnel_stage": ("channel", "location", "week"),
    "location": ("channel", "language", "week"),
    "language": ("channel", "location", "week"),
}
"""What is held equal when conversion is compared between the values of a column of sessions: in a busy week other
people come, by other ways, and more of them buy."""
PEOPLE_A_WEEK = 20
"""Of order values the calendar has so many people a week, or fewer weeks: a level of its own for each costs people."""
LATER = 3
"""First, second, and this and all later orders are compared with their like: newcomers try with little."""


def visits(evidence: Evidence) -> pd.DataFrame:
    """Sessions of the window with ``yes`` (converted, 0/1), ``cluster``, the person behind the visit, and ``week``.

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
    frame = frame.dropna(subset=["yes", "cluster"]).astype({"yes": float})
    return frame.assign(week=calendar(frame["started_at"], frame["yes"], 1 - frame["yes"]))


def named_visits(evidence: Evidence) -> pd.DataFrame:
    """The visits of the window, first visits named new and later ones returning."""
    frame = visits(evidence)
    if "is_new" in frame:
        frame = frame.assign(is_new=frame["is_new"].map({True: NEW, False: RETURNING}))
    return frame


def shown_group(column: str, group: str) -> Text:
    """A value of a column of visits as a reader sees it."""
    return VISITS[group] if column == "is_new" else group


def comparable(evidence: Evidence, table: str, frame: pd.DataFrame, by: str) -> tuple[pd.DataFrame, str, Text]:
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
    rows = evidence.counted(len(frame) - len(kept))
    return kept, reference, say("hypotheses.note.groups_left_out", groups=(~enough).sum(), rows=rows)


def covariates(frame: pd.DataFrame, *names: str) -> list[str]:
    """Those of the named columns that vary in this table."""
    return [name for name in names if name in frame and frame[name].nunique(dropna=False) > 1]


def _people(kept: pd.DataFrame) -> dict[str, int]:
    """How many people there are in each group."""
    return kept.groupby("group")["cluster"].nunique().to_dict()


def _adjusted(method: Said, columns: list[str]) -> Text:
    """The method, and what it was adjusted for."""
    return sentences(method, say("hypotheses.method.adjusted", columns=columns) if columns else "")


def _conversion(evidence: Evidence, *columns: str, extra: tuple[Effect, ...] = ()) -> Finding:
    """Whether conversion differs between the groups of columns of sessions, at equal covariates.

    Cluster-robust logit, one family of contrasts. NotTestable where no column can be compared.
    """
    frame = named_visits(evidence)
    found, references, n, notes, reasons, used = [], {}, {}, [], [], []
    for by in columns:
        adjust = covariates(frame, *ADJUSTED_FOR[by])
        try:
            kept, reference, note = comparable(evidence, "sessions", frame, by)
            contrasts = estimated(evidence, by, clustered_risks, kept, reference, adjust)
        except NotTestable as reason:
            reasons.append(reason.reason)
            continue
        found += contrasts
        references |= {shown_group(by, c.label): shown_group(by, reference) for c in contrasts}
        n |= {shown_group(by, group): people for group, people in _people(kept).items()}
        notes.append(note)
        used += [name for name in adjust if name not in used]
    if not found:
        raise NotTestable(sentences(*reasons))
    ordered, p = by_clarity(found)
    if columns == ("is_new",):
        ordered = tuple(relabelled(c, VISITS[c.label]) for c in ordered)
    first = ordered[0]
    sentence = say(
        "hypotheses.facts.visits",
        group=first.label, reference=references[first.label],
        share=first.facts["share"], share_reference=first.facts["share_control"],
        difference=first.estimate, interval=(first.low, first.high),
    )  # fmt: skip
    method = _adjusted(say("hypotheses.method.visits"), used)
    return Finding(ordered, p, n, method, sentence, extra, sentences(*notes))


def conversion_by_channel(evidence: Evidence, sesoi: float) -> Finding:
    """Conversion by channel at equal place and week: places and seasons differ in channels and in conversion."""
    return _conversion(evidence, "channel")


def new_vs_returning(evidence: Evidence, sesoi: float) -> Finding:
    """Conversion of the first against later visits, at equal channel, place and week."""
    return _conversion(evidence, "is_new")


def place_language(evidence: Evidence, sesoi: float) -> Finding:
    """Conversion by place and by language, each at equal channel, week and the other."""
    return _conversion(evidence, *(by for by in ("location", "language") if evidence.has(f"sessions.{by}")))


def funnel_stage(evidence: Evidence, sesoi: float) -> Finding:
    """Conversion by funnel stage, and beside it the share of first visits that convert (Wilson)."""
    extra, said = (), ""
    if "is_new" in (frame := visits(evidence)):
        first = frame[frame["is_new"].fillna(False).astype(bool)].drop_duplicates("cluster")
        if len(first) >= evidence.least:
            share = share_interval(int(first["yes"].sum()), len(first), say("hypotheses.first_visit"))
            interval = share.low, share.high
            said = say("hypotheses.facts.first_visit", share=share.estimate, interval=interval)
            extra = share.effects
    found = _conversion(evidence, "funnel_stage", extra=extra)
    return replace(found, sentence=sentences(found.sentence, said))


def order_value_by_channel(evidence: Evidence, sesoi: float) -> Finding:
    """Ratio of typical order values between channels, at equal place, week and number of order (`typical_ratios`)."""
    paid = orders(evidence).loc[lambda t: t["value"] > 0].assign(cluster=lambda t: t["customer_id"])
    weeks = min(MOST_WEEKS, paid["customer_id"].nunique() // PEOPLE_A_WEEK)
    number = paid.sort_values("ordered_at", kind="stable").groupby("customer_id").cumcount() + 1
    paid = paid.assign(week=calendar(paid["ordered_at"], most=weeks), order=number.clip(upper=LATER).astype("str"))
    profile = pd.DataFrame() if evidence.customers is None else evidence.customers.profile
    places = [c for c in ("location", "country") if c in profile and profile[c].notna().any()][:1]
    if places:
        paid = paid.merge(profile[["customer_id", *places]], "left", on="customer_id")
    kept, reference, note = comparable(evidence, "sales", paid, "channel")
    if kept["value"].nunique() == 1:
        raise evidence.not_testable("all_alike")
    adjust = covariates(kept, *places, "week", "order")
    contrasts = estimated(evidence, "channel", typical_ratios, kept, reference, adjust)
    ordered, p = by_clarity(contrasts)
    first = ordered[0]
    means = typical(kept)
    sentence = say(
        "hypotheses.facts.order_value",
        group=first.label, reference=reference, mean=means[first.label], mean_reference=means[reference],
        ratio=first.estimate, interval=(first.low, first.high),
    )  # fmt: skip
    method = _adjusted(say("hypotheses.method.order_value"), adjust)
    return Finding(ordered, p, _people(kept), method, sentence, notes=note)
