"""What is said about the quality of answering: who was reached, what was left out, how carefully, what weights cost."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.answers.questions import Item
from helpers.contracts import FileAccount
from helpers.harmless import scrub
from helpers.sources import Likert
from helpers.survey import answering
from helpers.survey.weights import MOST_WEIGHT, NAMED, Margin, Raked, effective_n
from helpers.text import spelt_like
from helpers.words import Said, Text, few, in_steps, say

GOOD_ALPHA = 0.7
"""Usual bound for reading items as one scale (Nunnally & Bernstein 1994)."""


def first_few(names: Sequence[Text], most: int) -> list[Text]:
    """The first few of several, and how many more there are."""
    more = [say("survey.patterns.more", n=len(names) - most)] if len(names) > most else []
    return [*names[:most], *more]


class Checks:
    """Rows of ``Survey.checks`` in the making, each with its sentence; how many is not told of fewer than ``least``."""

    def __init__(self, least: int) -> None:
        self.least = least
        self.rows: list[tuple[str, float, int | None, Said]] = []

    def add(self, check: str, value: float, count: int | None, key: str | None = None, **values: object) -> None:
        """A check with its sentence, which is ``key`` of the catalogue where it is not the check's own."""
        counted = {} if count is None else {"n": count}
        self.rows.append((check, value, count, say(f"survey.checks.{key or check}", **counted | values)))

    def share(self, check: str, count: int, of: int, key: str | None = None, **values: object) -> None:
        """A check whose value is the share ``count`` of ``of``, of people or their answers."""
        values = {"all": few(of, self.least)} | values
        if 0 < count < self.least:
            under = say("survey.under", share=math.ceil(100 * min(self.least / of, 1)) / 100)
            values = {"n": say("survey.fewer_than", least=self.least), "share": under} | values
            self.add(check, np.nan, None, key, **values)
        else:
            share = count / max(of, 1)
            self.add(check, share, count, key, share=share, **values)

    def set_aside(self, accounts: Sequence[FileAccount]) -> None:
        """Rows of the survey's file that were set aside whole, by the ``accounts`` as they may be published."""
        for account in accounts:
            if account.table == "survey" and "quarantined" in {issue.severity for issue in account.issues}:
                n, step = account.rows_quarantined, account.rounded_to
                few_rows = {} if n else {"n": in_steps(n, step)}
                share = n / account.rows_in if n else np.nan
                self.add("set_aside", share, n or None, all=in_steps(account.rows_in, step), **few_rows)

    def reach(self, people: pd.DataFrame, repeated: int, known: int, heard: bool = True, asked: bool = True) -> None:
        """How many answered, how many of them are known customers, and how many customers answered.

        heard : whether any question has an answer at all. asked : whether the rows are answers, and not customers.
        """
        n, matched, ambiguous = len(people), int(people["customer_id"].notna().sum()), int(people["ambiguous"].sum())
        if not heard:
            self.share("nobody_answered", n, n)
            return
        self.share("respondents" if asked else "customers", n, n)
        if known and people["key"].notna().any():
            self.share("matched", matched, n)
            if matched < n:
                self.share("unmatched", n - matched, n)
            self.share("answered", matched, known)
        elif known:
            self.share("anonymous", n, n)
        if ambiguous:
            self.share("ambiguous", ambiguous, n, n=few(ambiguous, self.least))
        if repeated:
            self.share("repeated", repeated, n + repeated)

    def gaps(self, items: dict[str, Item], answered: pd.DataFrame) -> None:
        """Closed questions left empty, those who stopped before the end, and those who answered nothing at all."""
        if not answered.empty:
            missing = 1 - answered.mean()
            worst, mean = answered.columns[missing.argmax()], float(missing.mean())
            texts = {"share": mean, "item": worst, "most": missing.max()}
            self.add("missing", mean, int((~answered).to_numpy().sum()), **texts)
        stopped = answering.stopped_after(answered)
        if len(stopped):
            self.share("stopped", len(stopped), len(answered), last=answering.TRAILING, item=stopped.mode()[0])
        silent = pd.DataFrame({name: item.values.isna() for name, item in items.items()}).all(axis=1)
        if silent.any():
            self.share("empty", int(silent.sum()), len(silent))

    def faults(self, items: dict[str, Item]) -> None:
        """Ratings that could not be used, by reason."""
        ratings = {name: item for name, item in items.items() if item.faults}
        given = sum(item.values.notna().sum() + sum(map(sum, item.faults.values())) for item in ratings.values())
        for fault in ("missing_codes", "out_of_range", "unknown_answers"):
            counts = {name: int(item.faults[fault].sum()) for name, item in ratings.items()}
            if total := sum(counts.values()):
                self.share(fault, total, given, items=[name for name, n in counts.items() if n])

    def straight_lining(self, gone_through: pd.DataFrame) -> None:
        """Who gave the same rating all the way down, or most of it."""
        same, runs = int(gone_through["straight_lining"].sum()), int(gone_through["long_string"].sum())
        if judged := int((gone_through["rated"] >= answering.LEAST_ITEMS).sum()):
            self.share("straight_lining", same, judged, "straight_lining" if same else "no_straight_lining")
        if runs:
            self.share("long_string", runs, int((gone_through["rated"] >= answering.LEAST_FOR_RUNS).sum()))

    def trials(self, rows: pd.Series) -> None:
        """Who only tried the form."""
        if n := int(rows.sum()):
            self.share("trials", n, len(rows))

    def hurry(self, rows: pd.Series) -> None:
        """Who was too fast to have read the questions."""
        if n := int(rows.sum()):
            self.share("hurried", n, len(rows), part=answering.HURRIED)

    def scales(self, items: dict[str, Item], likert: Likert | None) -> None:
        """Whether the declared scales, or else all rating items together, may be read as one scale each."""
        ratings = pd.DataFrame({name: item.values for name, item in items.items() if item.kind == "likert"})
        declared = likert.scales if likert else {}
        for scale, names in (declared or {"": list(ratings)}).items():
            complete = ratings[names].dropna()
            few = len(names) < 2 or len(complete) < max(3, self.least)
            if few or not np.isfinite(alpha := answering.cronbach_alpha(complete)):
                continue
            omega = answering.mcdonald_omega(complete)
            beside = say("survey.omega", omega=omega) if omega == omega else ""
            key = f"alpha_{'good' if alpha >= GOOD_ALPHA else 'mixed'}{'_scale' if declared else ''}"
            self.add("alpha", alpha, len(complete), key, scale=scale, alpha=alpha, omega=beside)

    def weighting(self, weight: pd.Series, raked: Raked) -> None:
        """What weighting costs in precision, what was cut, whom it leaves out, and where shares could not be kept."""
        usable = [margin for margin in raked.margins if margin.usable]
        if usable or weight.nunique() > 1:
            effective, columns = effective_n(weight), [margin.column for margin in usable]
            texts = {"effective": effective, "effect": len(weight) / effective, "most": weight.max()}
            partly = any(margin.absent or margin.unweighted or len(margin.outside) for margin in usable)
            key = "raking_partly" if partly else "raking" if usable else "weights"
            self.add("weights", effective / len(weight), len(weight), key, columns=columns, **texts)
        if zero := int((weight == 0).sum()):
            self.share("zero_weight", zero, len(weight))
        if raked.trimmed:
            self.share("trimmed", raked.trimmed, len(weight), most=MOST_WEIGHT, miss=raked.miss)
        for margin in raked.margins:
            self._raked(margin)

    def _raked(self, margin: Margin) -> None:
        """Where one column's shares and its answers do not meet."""
        column, known = margin.column, int(margin.values.notna().sum())
        if not margin.usable:
            self.add("not_raked", 0.0, 0, column=column)
            return
        for check, values in (("not_heard", margin.absent), ("not_weighted", margin.unweighted)):
            if values := [value for value in values if margin.population.get(value, self.least) >= self.least]:
                self.add(check, float(len(values)), len(values), column=column, values=first_few(values, NAMED))
        if people := int(margin.outside.sum()):
            told = [_beside(value, margin.absent) for value in margin.outside[margin.outside >= self.least].index]
            values = say("survey.such_as", values=first_few(told, NAMED)) if told else ""
            self.share("no_share", people, known, column=column, values=values)


def _beside(value: str, absent: list[str]) -> Text:
    """An answer that has no share, with the share that nobody stands for and that may be meant for it."""
    value, near = scrub(value), spelt_like(value, absent)
    return say("survey.may_mean", value=value, near=near[0]) if near else value
