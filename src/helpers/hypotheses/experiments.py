"""Experiments that a study declares in study.yml: read, checked, and each arm compared with the control."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from helpers.contracts import StudyError
from helpers.hypotheses.estimators import (
    RARE,
    clustered_risks,
    paired_means,
    paired_proportions,
    two_means,
    two_proportions,
)
from helpers.hypotheses.evidence import (
    Evidence,
    counted,
    not_testable,
    smallest_group,
)
from helpers.hypotheses.plan import plan_means, plan_proportions
from helpers.hypotheses.verdict import Contrast, Finding, by_clarity
from helpers.study import Experiment

MOST_UNREADABLE = 0.05
"""An outcome of which more than this share cannot be read as a number is not a number."""


def fold(values: pd.Series) -> pd.Series:
    """Answers for comparison: trimmed, case folded; true and 1 are one answer, and so are 5 and 5.0."""
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return values.map(lambda v: f"{v:g}", na_action="ignore").astype("str")
    return values.astype("str").str.strip().str.casefold()


def arm_names(experiment: Experiment) -> tuple[str, ...]:
    """The arms as the study spells them, the control first. Raises StudyError unless there are at least two."""
    arm = experiment.arm
    if arm.arms is not None and arm.treatment is None and arm.control is None:
        names = tuple(arm.arms)
    elif arm.arms is None and arm.treatment is not None and arm.control is not None:
        names = (arm.control, arm.treatment)
    else:
        names = ()
    if len({name.strip().casefold() for name in names}) < max(2, len(names)):
        raise StudyError(
            f"experiments: {experiment.id}: arm needs either treatment and control, or arms: a list of at least two "
            f"different labels (the first is the control)"
        )
    return names


def read_experiment(evidence: Evidence, experiment: Experiment) -> tuple[pd.DataFrame, bool, str]:
    """One row per usable observation of an experiment, whether its outcome is yes/no, and what was left out.

    Columns: unit (str), arm (as the study spells it), y (0/1 or a number), customer_id where the table has it.
    Raises NotTestable naming the table and the column that would make it testable.
    """
    frame, columns = _columns(evidence, experiment)
    names = arm_names(experiment)
    spelled = {name.strip().casefold(): name for name in names}
    y, binary = _outcome(evidence, experiment, frame[columns["outcome"]])
    unit = frame[columns["unit"]]
    if experiment.table == "survey" and "respondent_id" in frame:
        unit = unit.fillna(frame["respondent_id"])
    data = pd.DataFrame({"unit": unit, "arm": fold(frame[columns["arm"]]).map(spelled), "y": y})
    for key in ("customer_id", "respondent_id"):
        if key in frame:
            data[key] = frame[key]
    used = data.dropna(subset=["unit", "arm", "y"])
    absent = [name for name in names if name not in set(used["arm"])]
    if absent:
        raise not_testable(
            evidence, "arm_absent", arms=", ".join(absent), column=experiment.arm.column, table=experiment.table
        )
    left_out = len(data) - len(used)
    note = evidence.words.say("hypotheses.note.left_out", n=counted(evidence, left_out)) if left_out else ""
    return used.reset_index(drop=True), binary, note


def _columns(evidence: Evidence, experiment: Experiment) -> tuple[pd.DataFrame, dict[str, str]]:
    """The experiment's table, and its arm, outcome and unit columns under the name that the table has them by."""
    survey = experiment.table == "survey" and evidence.survey is not None
    frame = evidence.survey.answers if survey else evidence.tables.frames.get(experiment.table)
    source = evidence.study.tables.given().get(experiment.table)
    if frame is None or source is None or frame.empty:
        raise not_testable(evidence, "table_absent", table=experiment.table)
    ours = {theirs: mine for mine, theirs in source.columns.items()}
    columns = {"arm": experiment.arm.column, "outcome": experiment.outcome.column, "unit": experiment.unit}
    columns = {part: name if name in frame else ours.get(name, name) for part, name in columns.items()}
    for name in columns.values():
        if name not in frame:
            raise not_testable(evidence, "column_absent", table=experiment.table, column=name)
    return frame, columns


def _outcome(evidence: Evidence, experiment: Experiment, values: pd.Series) -> tuple[pd.Series, bool]:
    """The outcome as 0/1 (True) or as a number (False), missing where there is no answer."""
    flag = pd.api.types.is_bool_dtype(values)
    if experiment.outcome.success is not None or flag:
        success = {s.strip().casefold() for s in experiment.outcome.success or ["true"]}
        if flag and not success <= {"true", "false"}:
            success = {"true"}
        folded = fold(values)
        if not folded.isin(success).any():
            raise not_testable(evidence, "no_success", column=experiment.outcome.column, table=experiment.table)
        return folded.isin(success).astype(float).where(values.notna()), True
    if not pd.api.types.is_numeric_dtype(values):
        source = evidence.study.tables.given()[experiment.table]
        text = values.str.replace(",", ".") if source.read.decimal == "," else values
        numbers = pd.to_numeric(text, errors="coerce")
        if (numbers.isna() & values.notna()).sum() > MOST_UNREADABLE * max(values.notna().sum(), 1):
            raise not_testable(evidence, "not_numbers", column=experiment.outcome.column, table=experiment.table)
        values = numbers
    return values.astype(float).where(lambda v: np.isfinite(v)), False


def by_experiment(evidence: Evidence, sesoi: float, experiment: Experiment) -> Finding:
    """The outcome of each arm against the control: shares or means, of different or of the same people."""
    words = evidence.words
    data, binary, note = read_experiment(evidence, experiment)
    control, *treatments = arm_names(experiment)
    if experiment.design == "within":
        contrasts, how = _within(evidence, data, binary, control, treatments, sesoi)
    else:
        contrasts, how = _between(evidence, data, binary, control, treatments, sesoi)
    ordered, p = by_clarity(contrasts)
    first = ordered[0]
    facts = {k: v for k, v in first.facts.items() if k.startswith("n")}
    values = {"treatment": first.label, "control": control} | {k: words.number(v, 0) for k, v in facts.items()}
    if binary:
        values |= {
            "share": words.percent(first.facts["share"]),
            "share_control": words.percent(first.facts["share_control"]),
        }
        values |= {
            "difference": words.points(first.estimate),
            "interval": words.interval(first.low, first.high, "points"),
        }
    else:
        shown = first.effects[0]
        values |= {"mean": words.number(first.facts["mean"]), "mean_control": words.number(first.facts["mean_control"])}
        values |= {"difference": words.number(shown.estimate), "interval": words.interval(shown.ci_low, shown.ci_high)}
    n = {control: int(first.facts["n_control"])} | {c.label: int(c.facts["n"]) for c in contrasts}
    sentence = words.say(f"hypotheses.facts.{'shares' if binary else 'means'}_{experiment.design}", **values)
    return Finding(ordered, p, n, words.say(f"hypotheses.method.{how}"), sentence, notes=note)


def _between(
    evidence: Evidence, data: pd.DataFrame, binary: bool, control: str, treatments: list[str], sesoi: float
) -> tuple[list[Contrast], str]:
    """Arms of different people; people with several rows are clustered, never counted as several people."""
    repeated = data["unit"].duplicated().any()
    people = data.groupby("arm")["unit"].nunique()
    arms = {arm: data.loc[data["arm"] == arm, "y"].to_numpy() for arm in (control, *treatments)}
    _enough(evidence, int(people.min()), sesoi, float(arms[control].mean()) if binary else None)
    if repeated and not binary:
        # the mean per person is the observation: exact for a treatment that is given to persons
        data = data.groupby(["unit", "arm"], as_index=False)["y"].mean()
        if data["unit"].duplicated().any():
            raise not_testable(evidence, "both_arms", unit=data.columns[0])
        arms = {arm: data.loc[data["arm"] == arm, "y"].to_numpy() for arm in arms}
    elif repeated:
        yes = data.groupby("arm")["y"].agg(["sum", "size"])
        if (yes["sum"] < RARE).any() or (yes["size"] - yes["sum"] < RARE).any():
            raise not_testable(evidence, "all_alike")
        frame = data.rename(columns={"y": "yes", "arm": "group", "unit": "cluster"})
        counts = {c: {"n": int(people[c]), "n_control": int(people[control])} for c in treatments}
        return [_counted_people(c, counts[c.label]) for c in clustered_risks(frame, control)], "shares_clustered"
    if binary:
        totals = {arm: (int(y.sum()), len(y)) for arm, y in arms.items()}
        return [two_proportions(*totals[t], *totals[control], t) for t in treatments], "shares_between"
    for y in arms.values():
        if np.ptp(y) == 0:
            raise not_testable(evidence, "all_alike")
    return [two_means(arms[t], arms[control], t) for t in treatments], "means_between"


def _counted_people(contrast: Contrast, n: dict[str, int]) -> Contrast:
    """A clustered contrast with its odds ratio first, as for every two shares, and the people behind it."""
    effects = sorted(contrast.effects, key=lambda e: ("odds ratio", "risk difference", "risk ratio").index(e.measure))
    return replace(contrast, effects=tuple(effects), facts=contrast.facts | n)


def _within(
    evidence: Evidence, data: pd.DataFrame, binary: bool, control: str, treatments: list[str], sesoi: float
) -> tuple[list[Contrast], str]:
    """Arms of the same people: only those who answered under both are compared."""
    if data.duplicated(["unit", "arm"]).any():
        raise not_testable(evidence, "repeated_pairs")
    wide = data.pivot(index="unit", columns="arm", values="y")
    contrasts = []
    for treatment in treatments:
        pair = wide[[treatment, control]].dropna()
        a, b = pair[treatment].to_numpy(), pair[control].to_numpy()
        _enough(evidence, len(pair), sesoi, float(b.mean()) if binary and len(pair) else None)
        if binary:
            cells = [int(((a == i) & (b == j)).sum()) for i, j in ((1, 1), (1, 0), (0, 1), (0, 0))]
            contrasts.append(paired_proportions(*cells, treatment))
        elif np.ptp(a - b) == 0:
            raise not_testable(evidence, "all_alike")
        else:
            contrasts.append(paired_means(a, b, treatment))
    return contrasts, "shares_within" if binary else "means_within"


def _enough(evidence: Evidence, people: int, sesoi: float, base: float | None) -> None:
    """Raise NotTestable, naming the number needed, when the smallest arm has too few people."""
    if people >= smallest_group(evidence):
        return
    if base is None:
        needed = plan_means(effect=sesoi).n
    else:
        base = min(max(base, 0.01), 0.99)
        needed = plan_proportions(base, effect=sesoi if base + sesoi < 1 else -sesoi).n
    raise not_testable(
        evidence,
        "few",
        least=smallest_group(evidence),
        needed=evidence.words.number(max(needed, smallest_group(evidence)), 0),
    )


def says_yes_or_no(evidence: Evidence, experiment: Experiment) -> bool:
    """Whether an experiment's outcome is a yes or a no; anything else is a number."""
    if experiment.outcome.success is not None:
        return True
    frame = evidence.tables.frames.get(experiment.table)
    column = experiment.outcome.column
    return frame is not None and column in frame and pd.api.types.is_bool_dtype(frame[column])
