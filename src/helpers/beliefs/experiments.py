"""Experiments that a study declares in study.yml: read, checked, and each arm compared with the control."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pandas as pd

from helpers.beliefs.belief import built_in
from helpers.beliefs.evidence import Evidence, NotTestable
from helpers.beliefs.looks import as_seen, looks_note
from helpers.beliefs.metrics import between, cut, refuse_faulty_draw, refuse_mismatch, within
from helpers.beliefs.preregistration import compare_with_plan
from helpers.beliefs.verdict import Contrast, Finding, by_clarity
from helpers.columns import TABLES
from helpers.contracts import StudyError
from helpers.designs import known
from helpers.designs.options import option_shares
from helpers.designs.usual import beside
from helpers.study import Experiment, Outcome
from helpers.text import fold, folded
from helpers.words import Quantity, Said, Text, say, sentences

MOST_UNREADABLE = 0.05
"""An outcome of which more than this share cannot be read as a number is not a number."""
MOST_CROSSED = 0.01
"""Where more than this share of the people were in several arms, the arms were not kept apart."""


def comparable(values: pd.Series) -> pd.Series:
    """Answers as they are compared: folded, and 5 and 5.0 are one."""
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return values.map(lambda v: f"{v:g}", na_action="ignore").astype("str")
    return folded(values)


def arm_names(experiment: Experiment) -> tuple[str, ...]:
    """The arms as the study spells them, the control first. Raises StudyError where case alone tells them apart."""
    arm = experiment.arm
    pair = () if arm is None else (arm.control, arm.treatment) if arm.arms is None else tuple(arm.arms)
    names = pair or tuple(experiment.problems)
    if len({fold(name) for name in names}) < len(names):
        raise StudyError(
            f"experiments: {experiment.id}: arm needs either treatment and control, or arms: a list of at least two "
            f"different labels (the first is the control)"
        )
    return names


def title_of(experiment: Experiment) -> Text:
    """The question that an experiment answers: as the study puts it, the built-in belief's, the known one's, or the
    id."""
    return experiment.title or said_of(experiment, "title") or experiment.id


def said_of(experiment: Experiment, part: Literal["title", "theory", "estimand"]) -> Said | None:
    """What the catalogues have of an experiment that is a built-in belief or a known design."""
    ours = built_in().get(experiment.id)
    if ours:
        return ours.says(part)
    return known.says(experiment.known, part) if experiment.known else None


def compared(experiment: Experiment) -> Said:
    """What an experiment of the study's own compares."""
    control = arm_names(experiment)[0]
    if experiment.problems:
        return say(f"hypotheses.compared_{'problems' if experiment.within else 'columns'}", control=control)
    key = "hypotheses.compared_within" if experiment.within else "hypotheses.compared"
    return say(key, outcome=experiment.outcome.column, control=control)


def read_experiment(evidence: Evidence, experiment: Experiment) -> tuple[pd.DataFrame, bool, Text]:
    """One row per usable observation of an experiment, whether its outcome is yes/no, and what was left out.

    Columns: unit (str), arm (as the study spells it), y (0/1 or a number), option (the answer itself, where the outcome
    is yes/no), customer_id and respondent_id where the table has them. Raises NotTestable naming the table and the
    column that would make it testable.
    """
    table, names = experiment.table, arm_names(experiment)
    frame, columns = _columns(evidence, experiment)
    unit = frame[columns[experiment.unit]]
    if table == "survey" and "respondent_id" in frame:
        unit = unit.fillna(frame["respondent_id"])
    who = {key: frame[key] for key in ("customer_id", "respondent_id") if key in frame}
    dated = [c.name for c in TABLES.get(table, {}).values() if c.kind == "time" and c.required and c.name in frame]
    if dated:
        who["at"] = frame[dated[0]]
    if experiment.covariate is not None:
        who["before"] = _as_number(evidence, experiment, frame[columns[experiment.covariate]], experiment.covariate)
    if experiment.problems:  # a column for each problem becomes a row for each answer
        parts = [
            pd.DataFrame({"unit": unit, "arm": name, **_outcome(evidence, experiment, asked, frame, columns), **who})
            for name, asked in experiment.problems.items()
        ]
        data, where = pd.concat(parts), ""
        if not experiment.within:  # who was asked one of them has nothing under the others
            answered = data["y"].notna()
            nothing = ~answered.groupby(level=0).transform("any")
            data = pd.concat([data[answered], data[nothing].groupby(level=0).head(1)])
    else:
        where = experiment.arm.column
        arm = comparable(frame[columns[where]]).map({fold(name): name for name in names})
        answers = _outcome(evidence, experiment, experiment.outcome, frame, columns)
        data = pd.DataFrame({"unit": unit, "arm": arm, **answers, **who})
    used = data.dropna(subset=["unit", "arm", "y", *({"per"} & set(data))])
    if "before" in used and used["before"].nunique() < 2:
        raise evidence.not_testable("no_covariate", column=experiment.covariate, table=table)
    if "per" in used and not (used["per"] >= 0).all():
        raise evidence.not_testable("negative_per", column=experiment.outcome.per, table=table)
    used, crossed = _in_one_arm(evidence, experiment, used)
    people = used.groupby("arm")["unit"].nunique().reindex(names, fill_value=0)
    if not people.all():
        absent = ", ".join(people.index[people == 0])
        if experiment.problems:
            raise evidence.not_testable("problem_absent", problems=absent, table=table)
        raise evidence.not_testable("arm_absent", arms=absent, column=where, table=table)
    refuse_mismatch(evidence, experiment, people)
    refuse_faulty_draw(evidence, experiment, data, used)
    left_out = len(data) - len(used) - crossed
    used = _among(evidence, experiment, used)
    note = say("hypotheses.note.left_out", n=evidence.counted(left_out)) if left_out else ""
    if crossed:
        note = sentences(note, say("hypotheses.note.crossed", n=evidence.counted(crossed)))
    return used.reset_index(drop=True), "option" in used, note


def _among(evidence: Evidence, experiment: Experiment, used: pd.DataFrame) -> pd.DataFrame:
    """The rows of those who took one of the options that count; all where the study names none."""
    if experiment.outcome is None or experiment.outcome.among is None or "option" not in used:
        return used
    kept = used[used["option"].isin(list(map(fold, experiment.outcome.among)))]
    if kept.groupby("arm").ngroups < used.groupby("arm").ngroups:
        raise evidence.not_testable("among", column=experiment.outcome.column, table=experiment.table)
    return kept


def _in_one_arm(evidence: Evidence, experiment: Experiment, used: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The rows without those of people who were in more than one arm, and how many rows those are.

    Where they are more than a few, the arms were not kept apart, and nothing is compared.
    """
    if experiment.within:
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


def _columns(evidence: Evidence, experiment: Experiment) -> tuple[pd.DataFrame, dict[str, str]]:
    """The experiment's table, and each column that it names under the name that the table has it by."""
    survey = experiment.table == "survey" and evidence.survey is not None
    frame = evidence.survey.answers if survey else evidence.tables.frames.get(experiment.table)
    source = evidence.study.tables.given().get(experiment.table)
    if frame is None or source is None or frame.empty:
        raise evidence.not_testable("table_absent", table=experiment.table)
    ours = {theirs: mine for mine, theirs in source.columns.items()}
    named = [*experiment.tested, experiment.unit, *(o.per for o in experiment.outcomes if o.per)]
    named += [experiment.covariate] if experiment.covariate else []
    columns = {name: name if name in frame else ours.get(name, name) for name in named}
    for name in columns.values():
        if name not in frame:
            raise evidence.not_testable("column_absent", table=experiment.table, column=name)
    return frame, columns


def _outcome(
    evidence: Evidence, experiment: Experiment, asked: Outcome, frame: pd.DataFrame, columns: dict[str, str]
) -> dict[str, pd.Series]:
    """The outcome: y as 0/1 with the option that was taken, or as a number, and ``per`` of a ratio; missing where
    there is no answer."""
    values = frame[columns[asked.column]]
    where = {"column": asked.column, "table": experiment.table}
    flag = pd.api.types.is_bool_dtype(values)
    if asked.success is not None or flag:
        success = {fold(s) for s in asked.success or ["true"]}
        if flag and not success <= {"true", "false"}:
            success = {"true"}
        option = comparable(values)
        yes = option.isin(success)
        if not yes.any():
            raise evidence.not_testable("no_success", **where)
        return {"y": yes.astype(float).where(values.notna()), "option": option}
    found = {"y": _as_number(evidence, experiment, values, asked.column)}
    if asked.per is not None:
        found["per"] = _as_number(evidence, experiment, frame[columns[asked.per]], asked.per)
    return found


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
    ordered, p = by_clarity(contrasts, _shared(data, control, contrasts, experiment.within))
    test = f"{'shares' if binary else 'means'}_{'within' if experiment.within else 'between'}"
    n = {control: int(ordered[0].facts["n_control"])} | {c.label: int(c.facts["n"]) for c in contrasts}
    plan, kept = compare_with_plan(evidence, experiment, test, n, sesoi)
    usual = beside(experiment.known, ordered[0].effects) if experiment.known else None
    options = option_shares(data, evidence.study.privacy.min_cell) if binary and _chooses(experiment) else ()
    return Finding(
        ordered, p, n, say(f"hypotheses.method.{how}"),
        sentences(*(_told(c, control, binary, test) for c in ordered), *guarded(evidence, experiment), kept), options,
        notes=sentences(note, say("hypotheses.note.order") if experiment.within else "", looks_note(experiment)),
        preregistration=plan, by_arm=True, usual=usual,
    )  # fmt: skip


def _chooses(experiment: Experiment) -> bool:
    """Whether the outcome is a choice among several options, all of whose shares are told."""
    kind = known.KNOWN[experiment.known].kind if experiment.known else ""
    return experiment.outcome is not None and (kind == "choice" or experiment.outcome.among is not None)


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


def _shared(data: pd.DataFrame, control: str, contrasts: list[Contrast], within: bool) -> list[float] | None:
    """The correlation of each contrast with the control arm that all have in common (Dunnett 1955).

    None where people come more than once, or under every arm: then no more is known than that there are several.
    """
    if within or data["unit"].duplicated().any():
        return None
    of_mean = data.groupby("arm")["y"].agg(lambda y: y.var() / len(y))
    both = [of_mean[control] + of_mean[c.label] for c in contrasts]
    return [math.sqrt(of_mean[control] / error) if error > 0 else 0.0 for error in both]


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
    way = within if experiment.within else between
    contrasts, how = way(evidence, data, binary, arm_names(experiment), sesoi, spread)
    return [as_seen(contrast, experiment.stopping) for contrast in contrasts], how


def says_yes_or_no(evidence: Evidence, experiment: Experiment) -> bool:
    """Whether an experiment's outcome is a yes or a no; anything else is a number."""
    frame, outcome = evidence.tables.frames.get(experiment.table, pd.DataFrame()), experiment.outcomes[0]
    flag = outcome.column in frame and pd.api.types.is_bool_dtype(frame[outcome.column])
    return outcome.success is not None or flag
