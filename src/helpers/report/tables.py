"""Tables as the notebooks of the spine show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from helpers.beliefs.verdict import is_lead, size_in_words
from helpers.cards.personas import Personas
from helpers.changed import Drift
from helpers.contracts import FileAccount, HypothesisResult, StudyError
from helpers.customers.customers import WITHOUT, Customers, customers_summary, orders, weekday_hour
from helpers.customers.totals import Totals, publishable
from helpers.read import quality
from helpers.read.load import LoadedTables
from helpers.report.knowledge import Knowledge
from helpers.small_cells import binned, coarse, shown, step_of, withheld
from helpers.study import Study
from helpers.text import nearest
from helpers.words import Quantity, Said, in_steps, say


def published_accounts(tables: LoadedTables, study: Study) -> tuple[FileAccount, ...]:
    """The account of every file as it may be published."""
    return quality.publishable(tables.accounts, tables.frames, study.privacy.min_cell)


def accounts_frame(tables: LoadedTables, study: Study) -> pd.DataFrame:
    """One row per file, as it may be published: table, path, rows_in, rows_used, rows_repaired, rows_quarantined, and
    rounded_to, the step that these counts are rounded to."""
    names = ["table", "path", "rows_in", "rows_used", "rows_repaired", "rows_quarantined", "rounded_to"]
    return pd.DataFrame([vars(account) for account in published_accounts(tables, study)], columns=names)


def accounts_told(tables: LoadedTables, study: Study) -> pd.DataFrame:
    """The same rows for readers: what came to no step of ``rounded_to`` is ``fewer than 200``, and not none."""
    rows = [
        {"table": account.table, "path": account.path, **counts_told(account), "rounded_to": account.rounded_to}
        for account in published_accounts(tables, study)
    ]
    names = {"used": "rows_used", "repaired": "rows_repaired", "quarantined": "rows_quarantined"}
    return pd.DataFrame(rows, columns=["table", "path", "rows_in", *names, "rounded_to"]).rename(columns=names)


def issues_frame(tables: LoadedTables, study: Study) -> pd.DataFrame:
    """One row per finding, as it may be published: table, severity, code, column, rows (a count, or under which step
    it is), text."""
    names = ["table", "severity", "code", "column", "rows", "text"]
    findings = [
        {"table": account.table, **vars(issue), "rows": rows_told(issue.rows, account)}
        for account in published_accounts(tables, study)
        for issue in account.issues
    ]
    return pd.DataFrame(findings, columns=names)


def rows_told(rows: int | None, account: FileAccount) -> int | Said:
    """Rows of a published account; fewer than one of its steps are told as that."""
    return 0 if rows == 0 else in_steps(rows, account.rounded_to)


def counts_told(account: FileAccount) -> dict[str, int | Said]:
    """How many rows of a published account came in, were used, repaired and set aside, as a page says it."""
    found = {issue.severity for issue in account.issues}
    here = {
        "rows_in": account.rows_in or None,
        "used": account.rows_used or None,
        "repaired": account.rows_repaired or (None if "repaired" in found else 0),
        "quarantined": account.rows_quarantined or (None if "quarantined" in found else 0),
    }
    return {name: rows_told(rows, account) for name, rows in here.items()}


def totals_frame(totals: Totals | None, study: Study) -> pd.DataFrame | None:
    """What a shop compares with its books, as it may be published: what, how much; None without sales."""
    if totals is None:
        return None
    shown = publishable(totals, study.privacy.min_cell)
    bound, currency = shown.largest_customer_share, shown.currency or None
    step = step_of([totals.parts.get("lines", 0)], study.privacy.min_cell)

    def beside(name: str) -> int | Said:
        """Rows of a kind; what came to no step of the lines as fewer than one."""
        return in_steps(getattr(shown, name), step) if getattr(totals, name) else 0

    def worth(name: str) -> Quantity | Said:
        """Their money, which rounding must not turn into none."""
        return _money(getattr(shown, name) or (None if getattr(totals, name) else 0.0))

    rows: dict[str, Any] = {
        "customers": Quantity(shown.customers, "count"),
        "orders": Quantity(shown.orders, "count"),
        "lines": Quantity(shown.lines, "count"),
        "first": say("totals.row.day", day=shown.first),
        "last": say("totals.row.day", day=shown.last),
        "gross": Quantity(shown.gross, "money"),
        "returned": _money(shown.returned),
        "net": _money(shown.net),
        "months": Quantity(shown.months["orders"].median(), "number"),
        "largest": None if bound is None else say("totals.row.up_to", bound=bound),
        "nobody_rows": beside("nobody_rows") if totals.nobody_rows else None,
        "nobody_money": worth("nobody_money") if totals.nobody_rows else None,
        "aside_rows": beside("aside_rows"),
        "aside_money": worth("aside_money"),
        "currency": None if currency else say("totals.row.no_currency"),
    }
    said = [(say(f"totals.row.{name}"), value) for name, value in rows.items() if value is not None]
    return pd.DataFrame(said, columns=["what", "how_much"], dtype=object)


def _money(value: float | None) -> Quantity | Said:
    """An amount, or that it is left out."""
    return say("totals.row.few") if value is None or np.isnan(value) else Quantity(value, "money")


def months_frame(totals: Totals | None, study: Study) -> pd.DataFrame | None:
    """Orders and money of each month, as they may be published: month, orders, money; None without sales."""
    if totals is None:
        return None
    months = publishable(totals, study.privacy.min_cell).months
    return months[["month", "orders"]].assign(money=[Quantity(money, "money") for money in months["money"]])


def _orders(tables: LoadedTables, customers: Customers, study: Study, channels: Sequence[str]) -> pd.DataFrame:
    """Orders of the window before the held-out part, through some channels; none where they are of few customers.

    Raises StudyError for a channel that no order came through.
    """
    found, period = orders(tables, customers.period.holdout_from), customers.period
    found = found[found["ordered_at"] >= pd.Timestamp(period.start)]
    if not channels:
        return found
    known = found["channel"].dropna().unique() if "channel" in found else ()
    for unknown in (name for name in channels if name not in known):
        raise StudyError(f'02_customers.channels: no order came through "{unknown}"; {nearest(unknown, known)}')
    found = found[found["channel"].isin(channels)]
    return found if found["customer_id"].nunique() >= study.privacy.min_cell else found.head(0)


def orders_by_hour(
    tables: LoadedTables, customers: Customers | None, study: Study, *, channels: Sequence[str] = ()
) -> pd.DataFrame | None:
    """Orders before the held-out part by weekday and hour, NaN where few customers stand behind them; None without
    sales.

    channels : only the orders through these; all where none is named.
    """
    if customers is None:
        return None
    found = _orders(tables, customers, study, channels)
    if not len(found):
        return pd.DataFrame()
    counts, at = weekday_hour(found), found["ordered_at"].dt
    by = {"day": at.day_of_week, "hour": at.hour if len(counts.columns) > 1 else 0}
    people = weekday_hour(found[~found.assign(**by).duplicated(["customer_id", "day", "hour"])])
    counts = counts.where(shown(people, study.privacy.min_cell))
    return counts if (counts > 0).to_numpy().any() else pd.DataFrame()


def course_frame(
    tables: LoadedTables,
    customers: Customers | None,
    study: Study,
    *,
    grain: str = "month",
    channels: Sequence[str] = (),
) -> pd.DataFrame | None:
    """Orders of each week (by its first day) or month before the held-out part: from, customers, orders, money.

    Small cells are withheld, and what would tell them. None without sales.
    """
    if customers is None:
        return None
    found = _orders(tables, customers, study, channels)
    start = found["ordered_at"].dt.to_period("W" if grain == "week" else "M").dt.start_time
    parts = found.assign(start=start.dt.date).groupby("start")
    frame = parts.agg(customers=("customer_id", "nunique"), orders=("order_id", "size"), money=("amount", "sum"))
    frame = withheld(frame.reset_index(), ["customers"], study.privacy.min_cell, values=["orders", "money"])
    return frame.assign(
        start=[say("totals.row.day", day=day) for day in frame["start"]],
        money=[Quantity(money, "money") for money in frame["money"].round(0)],
        **{name: frame[name].astype("Int64") for name in ("customers", "orders")},
    )


def spend_summary(customers: Customers | None, study: Study, *, top_share: float = 0.2) -> pd.DataFrame | None:
    """Spend thresholds and habits of everybody; None without sales."""
    return None if customers is None else customers_summary(customers, study.privacy.min_cell, top_share)


def enough_answers(items: pd.DataFrame, *, least_answers: int = 1) -> pd.DataFrame:
    """``Survey.items`` without those of fewer known answers."""
    return items[~(items["n"] < least_answers).fillna(False)]


def spend_bins(customers: Customers | None, study: Study) -> pd.DataFrame | None:
    """Customers by what they spent, in equal steps of its logarithm (``people.binned``), with the rounded quartiles in
    q1, median and q3; None where nobody spent anything."""
    spend = pd.Series(dtype=float) if customers is None else customers.features["spend"]
    spend = spend[spend > 0]
    if spend.empty:
        return None
    low, high = (np.floor(np.log10(spend.quantile(q)) * 5) for q in (0.05, 0.95))
    edges = 10 ** (np.arange(low, high + 2) / 5)
    quartiles = map(coarse, spend.quantile([0.25, 0.5, 0.75]))
    found = binned(spend, edges, study.privacy.min_cell)
    return found.assign(**dict(zip(("q1", "median", "q3"), quartiles, strict=True)))


def posterior_bins(personas: Personas, study: Study) -> pd.DataFrame:
    """People by their highest probability, in steps of a twentieth (``people.binned``)."""
    posteriors = personas.assignments.filter(regex="^p_")
    highest = posteriors.max(axis=1) if len(posteriors.columns) else personas.assignments["probability"]
    return binned(highest, np.linspace(0, 1, 21), study.privacy.min_cell)


def one_group_each(personas: Personas) -> pd.DataFrame:
    """``Personas.profile`` with the handle of each group, for a figure a group."""
    handles = {group.id: group.handle for group in personas.groups}
    return personas.profile.assign(handle=personas.profile["id"].map(handles))


def habits_frame(customers: Customers | None, personas: Personas, study: Study) -> pd.DataFrame | None:
    """Spend thresholds and habits of everybody and of each group: measure, all, and a column per handle."""
    if customers is None:
        return None
    least = study.privacy.min_cell
    persona = personas.assignments.set_index("customer_id")["persona"]
    own = persona.reindex(customers.features["customer_id"]).to_numpy()
    parts = {"all": customers} | {
        group.handle: replace(customers, features=customers.features[own == group.id], no_order=())
        for group in personas.groups
        if (own == group.id).sum() >= least
    }
    made = {name: customers_summary(part, least).set_index("measure")["value"] for name, part in parts.items()}
    frame = pd.DataFrame(made).reset_index()
    return frame[~frame["measure"].str.startswith(WITHOUT)].reset_index(drop=True)


def groups_frame(personas: Personas, study: Study) -> pd.DataFrame:
    """One row per group: id, handle, kind, n, answered (NaN under ``least``), share, ci_low, ci_high, revenue_share,
    within, across."""
    size = ["n", "answered", "share", "ci_low", "ci_high", "revenue_share"]
    least = study.privacy.min_cell
    frame = pd.DataFrame(
        [vars(group) for group in personas.groups], columns=["id", "handle", "kind", *size, "within", "across"]
    )
    return frame.assign(answered=frame["answered"].where(frame["answered"] >= least))


def clustered_groups(personas: Personas, study: Study) -> pd.DataFrame:
    """``groups_frame`` where a model made the groups; no rows where they are plain tiers."""
    return groups_frame(personas, study) if len(personas.near_ties) else pd.DataFrame()


def knowledge_frame(knowledge: Knowledge, *, groups: Sequence[str] = ()) -> pd.DataFrame:
    """What is held of each kind of knowledge and block: by, what, fields, and a column of shares per handle.

    groups : only these, by their id; all where none is named.
    """
    shares = knowledge.shares[knowledge.shares["id"].isin(groups)] if groups else knowledge.shares
    number, handles = pd.factorize(shares["handle"])
    shares = shares.assign(group=number, share=[Quantity(share, "percent") for share in shares["share"]])
    rows = shares[["by", "name", "what", "fields"]].drop_duplicates(["by", "name"])
    wide = shares.pivot(index=["by", "name"], columns="group", values="share").rename(columns=dict(enumerate(handles)))
    return rows.merge(wide.reset_index(), on=["by", "name"]).drop(columns="name")


def effects_frame(results: Sequence[HypothesisResult]) -> pd.DataFrame:
    """One row per effect: id, title, label, measure, estimate, ci_low, ci_high, verdict of its belief.

    Where an odds ratio stands, the risk ratio says the same again and is left to hypotheses.json.
    """
    rows = [
        (r.id, r.title, e.label, e.measure, e.estimate, e.ci_low, e.ci_high, r.verdict)
        for r in results
        if r.effect
        for e in dict.fromkeys((r.effect, *r.effects))
        if e.measure != "risk ratio" or ("odds ratio", e.label) not in {(o.measure, o.label) for o in r.effects}
    ]
    return pd.DataFrame(rows, columns=["id", "title", "label", "measure", "estimate", "ci_low", "ci_high", "verdict"])


def verdicts_frame(results: Sequence[HypothesisResult]) -> pd.DataFrame:
    """One row per belief: id, belief, verdict (``lead`` where a screen found it), answer (the sentence, or why there is
    none), n, what_is_compared,
    smallest_that_matters and smallest_that_would_show, in words."""
    rows = [
        (
            r.id, r.title, "lead" if is_lead(r) else r.verdict, r.sentence or r.reason,
            sum(r.n.values()) or None, r.estimand,
            *(size_in_words(r.scale, size, r.effects) for size in (r.sesoi, r.mde)),
        )
        for r in results
    ]  # fmt: skip
    sizes = ["what_is_compared", "smallest_that_matters", "smallest_that_would_show"]
    return pd.DataFrame(rows, columns=["id", "belief", "verdict", "answer", "n", *sizes])


def matches_frame(drift: Drift) -> pd.DataFrame:
    """One row per persona: id, previous_id, jaccard, share, previous_share."""
    return pd.DataFrame(
        [vars(match) for match in drift.matches], columns=["id", "previous_id", "jaccard", "share", "previous_share"]
    )


def migration_frame(drift: Drift) -> pd.DataFrame:
    """One row per shown move: was, to, share (of the earlier group), by_chance (NaN where not known)."""
    chance = drift.by_chance or {}
    rows = [
        (was, to, share, chance.get(was, {}).get(to, np.nan))
        for was, cells in (drift.migration or {}).items()
        for to, share in cells.items()
    ]
    return pd.DataFrame(rows, columns=["was", "to", "share", "by_chance"])


def negatives_frame(drift: Drift) -> pd.DataFrame:
    """One row per negative persona of this run or the one before: handle, share, ci_low, ci_high, and _before."""
    size = ["share", "ci_low", "ci_high"]
    columns = ["handle", *size, *(f"{name}_before" for name in size)]
    return pd.DataFrame([vars(negative) for negative in drift.negatives], columns=columns)
