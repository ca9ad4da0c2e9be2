"""What each step of a form or check-out loses, among those who reach it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from scipy import stats

from helpers.beliefs.estimators import share_interval, two_proportions
from helpers.beliefs.evidence import Evidence
from helpers.beliefs.verdict import ALPHA, Contrast, Finding, by_clarity
from helpers.words import say, sentences

MOST_STEPS = 30
"""More different steps than this are no form: the column holds something else."""


def furthest_steps(steps: pd.DataFrame) -> pd.DataFrame:
    """How many try each step, and for how many it is the last.

    Parameters
    ----------
    steps : one row per try: session_id, step, at, completed, and error where it is known. A try again is the same
        session at the same step; it counts as completed when any try was.

    Returns
    -------
    One row per step in the order in which sessions meet them (mean place): step, reached (sessions), lost (sessions
    that completed it in no try and met no later step, or that met no later step although there is one), with_error
    (lost sessions with an error at this step). Sessions that skip a step are not counted at it.
    """
    rows = steps.dropna(subset=["session_id", "step", "at"]).sort_values(["session_id", "at"], kind="stable")
    rows = rows.assign(completed=rows["completed"].fillna(False).astype(bool))
    rows["failed"] = rows["error"].notna() if "error" in rows else False
    tried = rows.groupby(["session_id", "step"], sort=False)[["completed", "failed"]].max().reset_index()
    met = tried.groupby("session_id", sort=False).cumcount()
    order = met.groupby(tried["step"]).mean().sort_values(kind="stable").index
    place = tried["step"].map({step: i for i, step in enumerate(order)})
    furthest = place == place.groupby(tried["session_id"]).transform("max")
    tried["lost"] = furthest & ~((place == len(order) - 1) & tried["completed"])
    tried["with_error"] = tried["lost"] & tried["failed"]
    counts = tried.groupby("step").agg(
        reached=("session_id", "size"), lost=("lost", "sum"), with_error=("with_error", "sum")
    )
    return counts.loc[order].rename_axis("step").reset_index()


def step_friction(evidence: Evidence, sesoi: float) -> Finding:
    """The share lost at each step among the sessions that reach it, each against the smallest loss of interest.

    Wilson's interval and the exact binomial test, one-sided and corrected for the number of steps. Steps that
    too few reach are left out. The step that loses most is compared with every other (score test).
    """
    steps = evidence.in_window("steps", "at")
    if steps["step"].nunique() > MOST_STEPS:
        raise evidence.not_testable("many_steps", most=MOST_STEPS)
    counts = furthest_steps(steps)
    kept = counts[counts["reached"] >= evidence.least]
    if kept.empty:
        raise evidence.not_testable("few_sessions", least=evidence.least)
    contrasts, p = by_clarity([loss(*map(int, row[1:3]), str(row[0]), sesoi) for row in kept.itertuples(index=False)])
    by_loss = sorted(contrasts, key=lambda c: -c.estimate)
    most, like_it = by_loss[0], [c.label for c in by_loss[1:] if _alike(by_loss[0], c, len(by_loss))]
    finished = int(counts["reached"].iloc[-1] - counts["lost"].iloc[-1])
    through = share_interval(finished, finished + int(counts["lost"].sum()), say("channels.steps.through"))
    first = contrasts[0]
    facts = say(
        "channels.steps.facts",
        step=most.label, share=most.estimate, n=most.facts["n"],
        interval=(most.low, most.high), through=through.estimate,
    )  # fmt: skip
    sentence = sentences(
        facts,
        say("channels.cannot_tell", others=like_it) if like_it else "",
        say("channels.steps.clearest", step=first.label) if first is not most else "",
    )
    n = {c.label: int(c.facts["n"]) for c in by_loss}
    note = say("channels.steps.left_out", n=len(counts) - len(kept)) if len(kept) < len(counts) else ""
    method = say("channels.steps.method")
    return Finding(contrasts, p, n, method, sentence, through.effects, note, descriptive=True)


def loss(reached: int, lost: int, step: str, sesoi: float) -> Contrast:
    """The share lost at a step, judged against the smallest loss of interest."""
    found = share_interval(lost, reached, step)
    p = 1.0
    if 0 < sesoi < 1:
        p = float(stats.binomtest(lost, reached, sesoi, alternative="greater").pvalue)
    facts = {"n": reached, "lost": lost}
    return replace(found, p_value=p, facts=facts)


def _alike(most: Contrast, other: Contrast, steps: int) -> bool:
    """Whether the step that loses most cannot be told from another one, which was not named beforehand.

    Being the largest of several, it is corrected for all pairs of steps.
    """
    cells = (int(c.facts[key]) for c in (most, other) for key in ("lost", "n"))
    return two_proportions(*cells).p_value * steps * (steps - 1) / 2 > ALPHA
