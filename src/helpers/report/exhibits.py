"""Exhibits: what the notebooks show, each declared once; emptiness, captions and text alternatives are handled here.

The catalogue has the ``caption`` of a table or the ``alt`` of a figure under ``<file>.exhibit.<name>``, where its id is
``<file>.<name>``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from helpers.contracts import BELIEF_ROOMS


@dataclass(frozen=True)
class Exhibit:
    """A table, or the figure of one.

    of : the way to it, ``stage.field``. by : "module:function" that makes it, from what ``of`` leads to, or without
    ``of`` from the stages that its parameters name. draw : "module:function" of the figure; a table is shown without.
    each : a column, for each of whose values there is a figure. needs : a column that must hold something. drop :
    columns that are not shown. digits : after the point. markdown : its texts are Markdown already. largest : the
    column whose extremes a figure's text alternative tells, and those that name its rows; told_by : "module:function"
    that finds it otherwise; alt : the way to a sentence that tells it all.
    only : parameter of the notebook -> the column that holds what it names; all rows are shown where it names nothing.
    What ``by`` takes by keyword only are parameters of the notebook, too.
    """

    of: str = ""
    by: str = ""
    draw: str = ""
    each: str = ""
    needs: str = ""
    drop: tuple[str, ...] = ()
    digits: int | None = None
    markdown: bool = False
    largest: tuple[str, ...] = ()
    told_by: str = ""
    alt: str = ""
    only: dict[str, str] = field(default_factory=dict)


_TABLES, _FIGURES, _STABLE = "helpers.report.tables", "helpers.report.figures", "helpers.report.stability"
_SURVEY, _FOUND = "helpers.report.survey_figures", "helpers.pages.alternatives"

_ASKED = {"kinds": "kind", "questions": "item"}


def _beliefs(room: str) -> dict[str, Exhibit]:
    """What notebooks 07, 08 and 09 show of their beliefs."""
    named = {"beliefs": "id"}
    effects = Exhibit(f"{room}.results", by=f"{_TABLES}:effects_frame", only=named)
    return {
        f"{room}.verdicts": Exhibit(f"{room}.results", by=f"{_TABLES}:verdicts_frame", only=named, drop=("id",)),
        f"{room}.effects": effects,
        f"{room}.effects_drawn": replace(effects, draw=f"{_FIGURES}:plot_effects", told_by=f"{_FOUND}:of_effects"),
    }


SPINE = {
    "data.accounts": Exhibit(by=f"{_TABLES}:accounts_told"),
    "data.accounts_drawn": Exhibit(
        by=f"{_TABLES}:accounts_frame", draw=f"{_FIGURES}:plot_accounts", told_by=f"{_FOUND}:of_accounts"
    ),
    "data.issues": Exhibit(by=f"{_TABLES}:issues_frame", only={"severities": "severity"}),
    "totals.summary": Exhibit(by=f"{_TABLES}:totals_frame"),
    "totals.months": Exhibit(by=f"{_TABLES}:months_frame"),
    "customers.summary": Exhibit(by=f"{_TABLES}:spend_summary"),
    "customers.course": Exhibit(by=f"{_TABLES}:course_frame"),
    "customers.spend": Exhibit(by=f"{_TABLES}:spend_bins", draw=f"{_FIGURES}:plot_spend", told_by=f"{_FOUND}:of_spend"),
    "customers.moments": Exhibit(
        by=f"{_TABLES}:orders_by_hour", draw=f"{_FIGURES}:plot_moments", told_by=f"{_FOUND}:of_moments"
    ),
    "customers.channels": Exhibit(
        "customers.features", draw=f"{_FIGURES}:plot_channels", told_by=f"{_FOUND}:of_channels"
    ),
    "survey.items": Exhibit("survey.items", f"{_TABLES}:enough_answers", only=_ASKED),
    "survey.items_drawn": Exhibit(
        "survey.items",
        f"{_TABLES}:enough_answers",
        f"{_SURVEY}:plot_survey_items",
        largest=("missing", "item"),
        only=_ASKED,
    ),
    "survey.patterns": Exhibit("survey.patterns"),
    "survey.checks": Exhibit("survey.checks"),
    "personas.choice": Exhibit("personas.choice"),
    "personas.choice_drawn": Exhibit("personas.choice", draw=f"{_FIGURES}:plot_choice", told_by=f"{_FOUND}:of_choice"),
    "personas.groups": Exhibit(by=f"{_TABLES}:groups_frame"),
    "personas.sizes": Exhibit(by=f"{_TABLES}:groups_frame", draw=f"{_FIGURES}:plot_sizes", largest=("share", "handle")),
    "personas.lifts": Exhibit(
        by=f"{_TABLES}:one_group_each", draw=f"{_FIGURES}:plot_lifts", each="id", told_by=f"{_FOUND}:of_lifts"
    ),
    "personas.prevalence": Exhibit(
        by=f"{_STABLE}:prevalence_frame", draw=f"{_FIGURES}:plot_prevalence", told_by=f"{_FOUND}:of_prevalence"
    ),
    "personas.stability": Exhibit(
        by=f"{_TABLES}:clustered_groups", draw=f"{_FIGURES}:plot_stability", largest=("within", "handle")
    ),
    "personas.ties": Exhibit(by=f"{_STABLE}:ties_frame", draw=f"{_FIGURES}:plot_ties", largest=("share", "handle")),
    "personas.posteriors": Exhibit(
        by=f"{_TABLES}:posterior_bins", draw=f"{_FIGURES}:plot_posteriors", told_by=f"{_FOUND}:of_posteriors"
    ),
    "personas.between": Exhibit(by=f"{_STABLE}:between_frame", needs="n"),
    "personas.between_drawn": Exhibit(
        by=f"{_STABLE}:between_frame", draw=f"{_FIGURES}:plot_between", needs="n", largest=("share", "between")
    ),
    "map.drawn": Exhibit("customer_map.parts", draw="helpers.report.map:plot_map", alt="customer_map.told"),
    "trial.table": Exhibit("trial.table"),
    "knowledge.held": Exhibit("knowledge", by=f"{_TABLES}:knowledge_frame"),
    "knowledge.missing": Exhibit("knowledge.missing"),
    "knowledge.wishes": Exhibit("knowledge.missing", draw=f"{_SURVEY}:plot_wishes", largest=("helps", "field")),
    **{name: exhibit for room in BELIEF_ROOMS for name, exhibit in _beliefs(room).items()},
    "crosstabs.differences": Exhibit(of="crosstabs.cells", by="helpers.report.crosstabs:differences"),
    "report.cards": Exhibit(by="helpers.report.card_formats:as_markdown", markdown=True),
    "customers.habits": Exhibit(by=f"{_TABLES}:habits_frame"),
    "questions.table": Exhibit("questions.table"),
    "questions.drawn": Exhibit(
        "questions.table", draw=f"{_FIGURES}:plot_questions", largest=("balanced_accuracy", "question")
    ),
    "findings.crm_file": Exhibit(by="helpers.report.findings:of_crm_file"),
    "drift.matches": Exhibit("drift", by=f"{_TABLES}:matches_frame"),
    "drift.matches_drawn": Exhibit(
        "drift",
        f"{_TABLES}:matches_frame",
        f"{_FIGURES}:plot_drift",
        needs="previous_share",
        told_by=f"{_FOUND}:of_shift",
    ),
    "drift.migration": Exhibit("drift", by=f"{_TABLES}:migration_frame"),
    "drift.migration_drawn": Exhibit(
        "drift", f"{_TABLES}:migration_frame", f"{_FIGURES}:plot_migration", told_by=f"{_FOUND}:of_moves"
    ),
    "drift.negatives": Exhibit("drift", by=f"{_TABLES}:negatives_frame"),
    "drift.negatives_drawn": Exhibit(
        "drift", f"{_TABLES}:negatives_frame", f"{_FIGURES}:plot_negatives", told_by=f"{_FOUND}:of_shift"
    ),
}
"""The exhibits of the spine; those of a wing stand in the wing."""
