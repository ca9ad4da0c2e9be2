"""What is said about the quality of answering: who was reached, what was left out, how carefully, what weights cost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.data import answering
from helpers.data.questions import Item
from helpers.data.weights import MOST_WEIGHT, Raked, effective_n
from helpers.study import Likert, SurveySource
from helpers.wording import Words

GOOD_ALPHA = 0.7
"""Usual bound for reading items as one scale (Nunnally & Bernstein 1994)."""


class Checks:
    """Rows of ``Survey.checks`` in the making, each with its sentence."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.rows: list[tuple[str, float, int, str]] = []

    def add(self, check: str, value: float, count: int, key: str | None = None, **values: object) -> None:
        """A check with its sentence, which is ``key`` of the catalogue where it is not the check's own."""
        texts = {"n": self.words.number(count)} | values
        self.rows.append((check, value, count, self.words.say(f"survey.checks.{key or check}", **texts)))

    def share(self, check: str, count: int, of: int, key: str | None = None, **values: object) -> None:
        """A check whose value is the share ``count`` of ``of``."""
        share = count / max(of, 1)
        self.add(check, share, count, key, all=self.words.number(of), share=self.words.percent(share), **values)

    def reach(self, people: pd.DataFrame, repeated: int, known: int) -> None:
        """How many answered, how many of them are known customers, and how many customers answered."""
        n, matched, ambiguous = len(people), int(people["customer_id"].notna().sum()), int(people["ambiguous"].sum())
        self.share("respondents", n, n)
        if known and people["key"].notna().any():
            self.share("matched", matched, n)
            if matched < n:
                self.share("unmatched", n - matched, n)
            self.share("answered", matched, known)
        elif known:
            self.share("anonymous", n, n)
        if ambiguous:
            self.share("ambiguous", ambiguous, n)
        if repeated:
            self.share("repeated", repeated, n + repeated)

    def gaps(self, items: dict[str, Item], answered: pd.DataFrame) -> None:
        """Closed questions left empty, those who stopped before the end, and those who answered nothing at all."""
        if not answered.empty:
            missing = 1 - answered.mean()
            worst, mean = answered.columns[missing.argmax()], float(missing.mean())
            texts = {"share": self.words.percent(mean), "item": worst, "most": self.words.percent(missing.max())}
            self.add("missing", mean, int((~answered).to_numpy().sum()), **texts)
        stopped = answering.stopped_after(answered)
        if len(stopped):
            often = self.words.theirs(stopped.mode()[0])
            self.share("stopped", len(stopped), len(answered), last=answering.TRAILING, item=often)
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
                self.share(fault, total, given, items=self.words.listing([name for name, n in counts.items() if n]))

    def straight_lining(self, gone_through: pd.DataFrame) -> None:
        """Who gave the same rating all the way down, or most of it."""
        judged = int((gone_through["rated"] >= answering.LEAST_ITEMS).sum())
        if not judged:
            return
        same, runs = int(gone_through["straight_lining"].sum()), int(gone_through["long_string"].sum())
        self.share("straight_lining", same, judged, "straight_lining" if same else "no_straight_lining")
        if runs:
            self.share("long_string", runs, judged)

    def scales(self, items: dict[str, Item], likert: Likert | None) -> None:
        """Whether the declared scales, or else all rating items together, may be read as one scale each."""
        ratings = pd.DataFrame({name: item.values for name, item in items.items() if item.kind == "likert"})
        declared = likert.scales if likert else {}
        for scale, names in (declared or {"": list(ratings)}).items():
            complete = ratings[names].dropna()
            if len(names) < 2 or len(complete) < 3 or not np.isfinite(alpha := answering.cronbach_alpha(complete)):
                continue
            omega = answering.mcdonald_omega(complete)
            values = {"scale": self.words.theirs(scale), "alpha": self.words.number(alpha, 2)}
            values["omega"] = (
                self.words.say("survey.omega", omega=self.words.number(omega, 2)) if omega == omega else ""
            )
            key = f"alpha_{'good' if alpha >= GOOD_ALPHA else 'mixed'}{'_scale' if declared else ''}"
            self.add("alpha", alpha, len(complete), key, **values)

    def weighting(self, weight: pd.Series, raked: Raked, source: SurveySource) -> None:
        """What weighting costs in precision, what was cut, and whom nobody in the survey stands for."""
        if weight.empty or (weight.nunique() == 1 and not source.raking):
            return
        effective, number = effective_n(weight), self.words.number
        texts = {"effective": number(effective, 0), "most": number(weight.max(), 1)}
        texts |= {"effect": number(len(weight) / effective, 2), "columns": self.words.listing(list(source.raking))}
        self.add("weights", effective / len(weight), len(weight), "raking" if source.raking else "weights", **texts)
        if raked.trimmed:
            self.share(
                "trimmed", raked.trimmed, len(weight), most=number(MOST_WEIGHT), miss=self.words.points(raked.miss)
            )
        for name, values in raked.absent.items():
            listed = self.words.listing(values)
            self.add("not_heard", float(len(values)), len(values), column=name, values=listed)
