"""Experiments that a study declares in study.yml: read, checked, and each arm compared with the control."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import chisquare

from helpers.beliefs.belief import built_in
from helpers.beliefs.estimators import (
    RARE,
    clustered_risks,
    paired_means,
    paired_proportions,
    two_means,
    two_proportions,
)
from helpers.beliefs.evidence import Evidence, NotTestable, estimated
from helpers.beliefs.looks import as_seen
from helpers.beliefs.plan import plan_means, plan_proportions
from helpers.beliefs.preregistration import compare_with_plan
from helpers.beliefs.verdict import NO_SPREAD, Contrast, Finding, by_clarity
from helpers.contracts import StudyError
from helpers.study import Experiment
from helpers.text import fold, folded
from helpers.words import Quantity, Said, Text, say, sentences

MOST_UNREADABLE = 0.05
"""An outcome of which more than this share cannot be read as a number is not a number."""
MISMATCH = 0.001
"""Arms whose sizes come about by chance more rarely than this were not filled as planned (Fabijan et al. 2019)."""


def comparable(values: pd.Series) -> pd.Series:
    """Answers as they are compared: folded, and 5 and 5.0 are one."""
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return values.map(lambda v: f"{v:g}", na_action="ignore").astype("str")
    return folded(values)


def arm_names(experiment: Experiment) -> tuple[str, ...]:
    """The arms as the study spells them, the control first. Raises StudyError where case alone tells them apart."""
    arm = experiment.arm
    names = (arm.control, arm.treatment) if arm.arms is None else tuple(arm.arms)
    if len({fold(name) for name in names}) < len(names):
        raise StudyError(
            f"experiments: {experiment.id}: arm needs either treatment and control, or arms: a list of at least two "
            f"different labels (the first is the control)"
        )
    return names


def title_of(experiment: Experiment) -> Text:
    """The question that an experiment answers: as the study puts it, the built-in belief's, or the id."""
    ours = built_in().get(experiment.id)
    return experiment.title or (ours.says("title") if ours else experiment.id)


def compared(experiment: Experiment) -> Said:
    """What an experiment of the study's own compares."""
    return say("hypotheses.compared", outcome=experiment.outcome.column, control=arm_names(experiment)[0])


def read_experiment(evidence: Evidence, experiment: Experiment) -> tuple[pd.DataFrame, bool, Text]:
    """One row per usable observation of an experiment, whether its outcome is yes/no, and what was left out.

    Columns: unit (str), arm (as the study spells it), y (0/1 or a number), customer_id and respondent_id where the
    table has them. Raises NotTestable naming the table and the column that would make it testable.
    """
    table, names = experiment.table, arm_names(experiment)
    frame, columns = _columns(evidence, experiment)
    y, binary = _outcome(evidence, experiment, frame[columns["outcome"]])
    unit = frame[columns["unit"]]
    if table == "survey" and "respondent_id" in frame:
        unit = unit.fillna(frame["respondent_id"])
    spelled = {fold(name): name for name in names}
    data = pd.DataFrame({"unit": unit, "arm": comparable(frame[columns["arm"]]).map(spelled), "y": y})
    for key in ("customer_id", "respondent_id"):
        if key in frame:
            data[key] = frame[key]
    used = data.dropna(subset=["unit", "arm", "y"])
    absent = ", ".join(name for name in names if name not in set(used["arm"]))
    if absent:
        raise evidence.not_testable("arm_absent", arms=absent, column=experiment.arm.column, table=table)
    _refuse_mismatch(evidence, experiment, used.groupby("arm")["unit"].nunique())
    left_out = len(data) - len(used)
    note = say("hypotheses.note.left_out", n=evidence.counted(left_out)) if left_out else ""
    return used.reset_index(drop=True), binary, note


def unreadable(evidence: Evidence) -> list[Text]:
    """The experiments that could not be tested as study.yml declares them, each with the reason in a sentence."""
    told = []
    for experiment in evidence.study.experiments:
        try:
            read_experiment(evidence, experiment)
        except NotTestable as fault:
            told.append(say("hypotheses.unreadable", id=experiment.id, reason=fault.reason))
    return told


def _refuse_mismatch(evidence: Evidence, experiment: Experiment, people: pd.Series) -> None:
    """Raise NotTestable where the arms hold other shares of the people than planned (sample-ratio mismatch).

    Chi-square test of the people whose outcome counts, equal shares where none were planned. Something has then sorted
    people into or out of the arms, and no reading of the outcome mends that: experiments with a mismatch are to be
    explained and not to be read (Fabijan et al. 2019, KDD; Kohavi, Tang & Xu 2020, ch. 21).
    """
    arm = experiment.arm
    if experiment.design == "within" or not (experiment.randomised or arm.shares):
        return
    names = arm.arms or [arm.treatment, arm.control]
    counts, shares = people[names], np.array(arm.shares or [1 / len(names)] * len(names))
    if chisquare(counts, shares / shares.sum() * counts.sum()).pvalue < MISMATCH:
        found = [say("hypotheses.arm", name=name, n=evidence.counted(int(counts[name]))) for name in names]
        planned = [Quantity(float(share), "percent") for share in shares]
        raise evidence.not_testable("mismatch", found=found, planned=planned)


def _columns(evidence: Evidence, experiment: Experiment) -> tuple[pd.DataFrame, dict[str, str]]:
    """The experiment's table, and its arm, outcome and unit columns under the name that the table has them by."""
    survey = experiment.table == "survey" and evidence.survey is not None
    frame = evidence.survey.answers if survey else evidence.tables.frames.get(experiment.table)
    source = evidence.study.tables.given().get(experiment.table)
    if frame is None or source is None or frame.empty:
        raise evidence.not_testable("table_absent", table=experiment.table)
    ours = {theirs: mine for mine, theirs in source.columns.items()}
    columns = {"arm": experiment.arm.column, "outcome": experiment.outcome.column, "unit": experiment.unit}
    columns = {part: name if name in frame else ours.get(name, name) for part, name in columns.items()}
    for name in columns.values():
        if name not in frame:
            raise evidence.not_testable("column_absent", table=experiment.table, column=name)
    return frame, columns


def _outcome(evidence: Evidence, experiment: Experiment, values: pd.Series) -> tuple[pd.Series, bool]:
    """The outcome as 0/1 (True) or as a number (False), missing where there is no answer."""
    where = {"column": experiment.outcome.column, "table": experiment.table}
    flag = pd.api.types.is_bool_dtype(values)
    if experiment.outcome.success is not None or flag:
        success = {fold(s) for s in experiment.outcome.success or ["true"]}
        if flag and not success <= {"true", "false"}:
            success = {"true"}
        yes = comparable(values).isin(success)
        if not yes.any():
            raise evidence.not_testable("no_success", **where)
        return yes.astype(float).where(values.notna()), True
    if not pd.api.types.is_numeric_dtype(values):
        decimal = evidence.study.tables.given()[experiment.table].read.decimal
        text = values.str.replace(",", ".") if decimal == "," else values
        numbers = pd.to_numeric(text, errors="coerce")
        if (numbers.isna() & values.notna()).sum() > MOST_UNREADABLE * max(values.notna().sum(), 1):
            raise evidence.not_testable("not_numbers", **where)
        values = numbers
    return values.astype(float).where(lambda v: np.isfinite(v)), False


def by_experiment(evidence: Evidence, sesoi: float, experiment: Experiment) -> Finding:
    """The outcome of each arm against the control: shares or means, of different or of the same people."""
    data, binary, note = read_experiment(evidence, experiment)
    control = arm_names(experiment)[0]
    contrasts, how = compare(evidence, experiment, data, binary, sesoi)
    ordered, p = by_clarity(contrasts, _shared(data, control, contrasts, experiment.design))
    test = f"{'shares' if binary else 'means'}_{experiment.design}"
    n = {control: int(ordered[0].facts["n_control"])} | {c.label: int(c.facts["n"]) for c in contrasts}
    plan, kept = compare_with_plan(evidence, experiment, test, n, sesoi)
    return Finding(
        ordered, p, n, say(f"hypotheses.method.{how}"),
        sentences(*(_told(c, control, binary, test) for c in ordered), kept),
        notes=sentences(note, looks_note(experiment)), preregistration=plan, by_arm=True,
    )  # fmt: skip


def _told(found: Contrast, control: str, binary: bool, test: str) -> Said:
    """One arm beside the control, in words."""
    shown = found.effects[0]
    difference, *interval = (
        (found.estimate, found.low, found.high) if binary else (shown.estimate, shown.ci_low, shown.ci_high)
    )
    return say(
        f"hypotheses.facts.{test}",
        treatment=found.label, control=control, difference=difference, interval=interval, **found.facts,
    )  # fmt: skip


def _shared(data: pd.DataFrame, control: str, contrasts: list[Contrast], design: str) -> list[float] | None:
    """The correlation of each contrast with the control arm that all have in common (Dunnett 1955).

    None where people come more than once, or under every arm: then no more is known than that there are several.
    """
    if design == "within" or data["unit"].duplicated().any():
        return None
    of_mean = data.groupby("arm")["y"].agg(lambda y: y.var() / len(y))
    both = [of_mean[control] + of_mean[c.label] for c in contrasts]
    return [math.sqrt(of_mean[control] / error) if error > 0 else 0.0 for error in both]


def looks_note(experiment: Experiment) -> Text:
    """How often these data were to be looked at, where the experiment says so."""
    stopping = experiment.stopping
    if stopping.looks == 1:
        return ""
    bounds = say(f"hypotheses.bounds.{stopping.bounds.replace('-', '_')}")
    return say("hypotheses.note.looks", look=stopping.look or stopping.looks, looks=stopping.looks, bounds=bounds)


def compare(
    evidence: Evidence,
    experiment: Experiment,
    data: pd.DataFrame,
    binary: bool,
    sesoi: float,
    spread: float | None = None,
) -> tuple[list[Contrast], str]:
    """Each arm against the control, read as the planned looks allow, and the name of the method.

    data : unit, arm, y. spread : the standard deviation that means are judged in; the arms' own when not given.
    """
    way = _within if experiment.design == "within" else _between
    contrasts, how = way(evidence, data, binary, arm_names(experiment), sesoi, spread)
    return [as_seen(contrast, experiment.stopping) for contrast in contrasts], how


def _between(
    evidence: Evidence, data: pd.DataFrame, binary: bool, names: tuple[str, ...], sesoi: float, spread: float | None
) -> tuple[list[Contrast], str]:
    """Arms of different people; people with several rows are clustered, never counted as several people."""
    control, *treatments = names
    repeated = data["unit"].duplicated().any()
    people = data.groupby("arm")["unit"].nunique().reindex(names, fill_value=0)
    base = float(data.loc[data["arm"] == control, "y"].mean()) if binary else None
    _enough(evidence, int(people.min()), sesoi, base)
    if repeated and binary:
        return _clustered(evidence, data, control, people), "shares_clustered"
    if repeated:
        # the mean per person is the observation: exact for a treatment that is given to persons
        data = data.groupby(["unit", "arm"], as_index=False)["y"].mean()
        if data["unit"].duplicated().any():
            raise evidence.not_testable("both_arms")
    arms = {arm: rows.to_numpy() for arm, rows in data.groupby("arm")["y"]}
    if binary:
        totals = {arm: (int(y.sum()), len(y)) for arm, y in arms.items()}
        return [two_proportions(*totals[t], *totals[control], t) for t in treatments], "shares_between"
    if any(_flat(y) for y in arms.values()):
        raise evidence.not_testable("all_alike")
    return [two_means(arms[t], arms[control], t, spread) for t in treatments], "means_between"


def _clustered(evidence: Evidence, data: pd.DataFrame, control: str, people: pd.Series) -> list[Contrast]:
    """Shares of arms whose people have several rows; the odds ratio comes first, as for every two shares."""
    yes = data.groupby("arm")["y"].agg(["sum", "size"])
    if min(yes["sum"].min(), (yes["size"] - yes["sum"]).min()) < RARE:
        raise evidence.not_testable("all_alike")
    frame = data.rename(columns={"y": "yes", "arm": "group", "unit": "cluster"})
    contrasts = []
    for found in estimated(evidence, "arm", clustered_risks, frame, control):
        difference, odds, ratio = found.effects
        n = {"n": int(people[found.label]), "n_control": int(people[control])}
        contrasts.append(replace(found, effects=(odds, difference, ratio), facts=found.facts | n))
    return contrasts


def _within(
    evidence: Evidence, data: pd.DataFrame, binary: bool, names: tuple[str, ...], sesoi: float, spread: float | None
) -> tuple[list[Contrast], str]:
    """Arms of the same people: only those who answered under both are compared."""
    if data.duplicated(["unit", "arm"]).any():
        raise evidence.not_testable("repeated_pairs")
    control, *treatments = names
    wide = data.pivot(index="unit", columns="arm", values="y").reindex(columns=names)
    contrasts = []
    for treatment in treatments:
        pair = wide[[treatment, control]].dropna()
        a, b = pair[treatment].to_numpy(), pair[control].to_numpy()
        _enough(evidence, len(pair), sesoi, float(b.mean()) if binary and len(pair) else None)
        if binary:
            cells = [int(((a == i) & (b == j)).sum()) for i, j in ((1, 1), (1, 0), (0, 1), (0, 0))]
            contrasts.append(paired_proportions(*cells, treatment))
        elif _flat(a - b):
            raise evidence.not_testable("all_alike")
        else:
            contrasts.append(paired_means(a, b, treatment, spread))
    return contrasts, "shares_within" if binary else "means_within"


def _flat(values: np.ndarray) -> bool:
    """Whether numbers differ by no more than rounding."""
    return bool(np.ptp(values) <= NO_SPREAD * max(1.0, np.abs(values).max()))


def _enough(evidence: Evidence, people: int, sesoi: float, base: float | None) -> None:
    """Raise NotTestable, naming the number needed, when the smallest arm has too few people."""
    least = evidence.least
    if people >= least:
        return
    if base is None:
        needed = plan_means(effect=sesoi).n
    else:
        base = min(max(base, 0.01), 0.99)
        needed = plan_proportions(base, effect=sesoi if base + sesoi < 1 else -sesoi).n
    raise evidence.not_testable("few", least=least, needed=max(needed, least))


def says_yes_or_no(evidence: Evidence, experiment: Experiment) -> bool:
    """Whether an experiment's outcome is a yes or a no; anything else is a number."""
    frame, column = evidence.tables.frames.get(experiment.table, pd.DataFrame()), experiment.outcome.column
    flag = column in frame and pd.api.types.is_bool_dtype(frame[column])
    return experiment.outcome.success is not None or flag
