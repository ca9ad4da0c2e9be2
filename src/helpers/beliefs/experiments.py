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
    two_proportions,
)
from helpers.beliefs.evidence import Evidence, NotTestable, estimated
from helpers.beliefs.looks import as_seen
from helpers.beliefs.metrics import compare_means, cut, measured
from helpers.beliefs.plan import plan_means, plan_proportions
from helpers.beliefs.preregistration import compare_with_plan
from helpers.beliefs.verdict import NO_SPREAD, Contrast, Finding, by_clarity
from helpers.contracts import StudyError
from helpers.study import Experiment, Outcome
from helpers.text import fold, folded
from helpers.words import Quantity, Said, Text, say, sentences

MOST_UNREADABLE = 0.05
"""An outcome of which more than this share cannot be read as a number is not a number."""
MOST_CROSSED = 0.01
"""Where more than this share of the people were in several arms, the arms were not kept apart."""
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
    for key, name in (("per", experiment.outcome.per), ("before", experiment.covariate)):
        if name is not None:
            data[key] = _number(evidence, experiment, frame, columns, name)
    used = data.dropna(subset=["unit", "arm", "y", *({"per"} & set(data))])
    if "before" in used and used["before"].nunique() < 2:
        raise evidence.not_testable("no_covariate", column=experiment.covariate, table=table)
    if "per" in used and not (used["per"] >= 0).all():
        raise evidence.not_testable("negative_per", column=experiment.outcome.per, table=table)
    used, crossed = _in_one_arm(evidence, experiment, used)
    absent = ", ".join(name for name in names if name not in set(used["arm"]))
    if absent:
        raise evidence.not_testable("arm_absent", arms=absent, column=experiment.arm.column, table=table)
    _refuse_mismatch(evidence, experiment, used.groupby("arm")["unit"].nunique())
    left_out = len(data) - len(used) - crossed
    note = say("hypotheses.note.left_out", n=evidence.counted(left_out)) if left_out else ""
    if crossed:
        note = sentences(note, say("hypotheses.note.crossed", n=evidence.counted(crossed)))
    return used.reset_index(drop=True), binary, note


def _in_one_arm(evidence: Evidence, experiment: Experiment, used: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The rows without those of people who were in more than one arm, and how many rows those are.

    Where they are more than a few, the arms were not kept apart, and nothing is compared.
    """
    if experiment.design == "within":
        return used, 0
    both = used.groupby("unit")["arm"].transform("nunique") > 1
    if both.any() and used.loc[both, "unit"].nunique() > MOST_CROSSED * used["unit"].nunique():
        raise evidence.not_testable("both_arms")
    return used[~both], int(both.sum())


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
    columns |= {name: name for name in (experiment.outcome.per, experiment.covariate) if name is not None}
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
    return _as_number(evidence, experiment, values, experiment.outcome.column), False


def _number(
    evidence: Evidence, experiment: Experiment, frame: pd.DataFrame, columns: dict[str, str], name: str
) -> pd.Series:
    """Another column of the experiment, which holds numbers."""
    return _as_number(evidence, experiment, frame[columns[name]], name)


def _as_number(evidence: Evidence, experiment: Experiment, values: pd.Series, column: str) -> pd.Series:
    """A column as finite numbers, missing where there is none; NotTestable where many cells are no numbers."""
    if not pd.api.types.is_numeric_dtype(values):
        decimal = evidence.study.tables.given()[experiment.table].read.decimal
        text = values.str.replace(",", ".") if decimal == "," else values
        numbers = pd.to_numeric(text, errors="coerce")
        if (numbers.isna() & values.notna()).sum() > MOST_UNREADABLE * max(values.notna().sum(), 1):
            raise evidence.not_testable("not_numbers", column=column, table=experiment.table)
        values = numbers
    return values.astype(float).where(lambda v: np.isfinite(v))


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
        sentences(*(_told(c, control, binary, test) for c in ordered), *guarded(evidence, experiment), kept),
        notes=sentences(note, looks_note(experiment)), preregistration=plan, by_arm=True,
    )  # fmt: skip


def guarded(evidence: Evidence, experiment: Experiment) -> list[Text]:
    """A sentence on each outcome that must not get worse, arm by arm: kept, broken, or open.

    Kept where the 95 % interval of the change stays within the margin: non-inferiority, each guardrail by itself.
    """
    told = []
    for guard in experiment.guardrails:
        given = Outcome(column=guard.column, success=guard.success)
        like = experiment.model_copy(update={"outcome": given, "covariate": None, "guardrails": [], "winsorise": None})
        try:
            data, binary, _ = read_experiment(evidence, like)
            contrasts, _ = compare(evidence, like, data, binary, guard.margin)
        except NotTestable as why:
            told.append(say("hypotheses.guard.untested", column=guard.column, reason=why.reason))
            continue
        for found in contrasts:
            shown = next(e for e in found.effects if e.measure == ("risk difference" if binary else "mean difference"))
            low, high = (shown.ci_low, shown.ci_high) if guard.worse == "lower" else (-shown.ci_high, -shown.ci_low)
            state = "kept" if low > -guard.margin else "broken" if high <= -guard.margin else "open"
            unit = "points" if binary else "number"
            told.append(
                say(
                    f"hypotheses.guard.{state}", column=guard.column, arm=found.label,
                    interval=Quantity((shown.ci_low, shown.ci_high), unit), margin=Quantity(guard.margin, unit),
                )
            )  # fmt: skip
    return told


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
    if experiment.winsorise:
        data = data.assign(y=cut(data["y"], experiment.winsorise))
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
        ways = {"y": "sum", "per": "sum"} if "per" in data else {"y": "mean"}
        ways |= {"before": "mean"} if "before" in data else {}
        data = data.groupby(["unit", "arm"], as_index=False).agg(ways)
    if binary:
        totals = {arm: (int(y.sum()), len(y)) for arm, y in data.groupby("arm")["y"]}
        return [two_proportions(*totals[t], *totals[control], t) for t in treatments], "shares_between"
    if "per" in data and not (data.groupby("arm")["per"].sum() > 0).all():
        raise evidence.not_testable("all_alike")
    found = measured(data)
    if any(_flat(y) for y in found.values.values()):
        raise evidence.not_testable("all_alike")
    how = "ratios_between" if "per" in data else "means_covariate" if "before" in data else "means_between"
    return [compare_means(found, t, control, spread) for t in treatments], how


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
