"""Exhibits: what the notebooks show, each declared once; emptiness, captions and text alternatives are handled here.

The catalogue has the ``caption`` of a table or the ``alt`` of a figure under ``<file>.exhibit.<name>``, where its id is
``<file>.<name>``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from helpers.contracts import BELIEF_ROOMS


@dataclass(frozen=True)
class Exhibit:
    """A table, or the figure of one.

    of : the way to it, ``stage.field``. by : "module:function" that makes it, from what ``of`` leads to, or without
    ``of`` from the stages that its parameters name. draw : "module:function" of the figure; a table is shown without.
    each : a column, for each of whose values there is a figure. needs : a column that must hold something. drop :
    columns that are not shown. digits : after the point. markdown : its texts are Markdown already.
    """

    of: str = ""
    by: str = ""
    draw: str = ""
    each: str = ""
    needs: str = ""
    drop: tuple[str, ...] = ()
    digits: int | None = None
    markdown: bool = False


_TABLES, _FIGURES, _STABLE = "helpers.report.tables", "helpers.report.figures", "helpers.report.stability"
_SURVEY = "helpers.report.survey_figures"


def _beliefs(room: str) -> dict[str, Exhibit]:
    """What notebooks 07, 08 and 09 show of their beliefs."""
    effects = Exhibit(f"{room}.results", by=f"{_TABLES}:effects_frame")
    return {
        f"{room}.verdicts": Exhibit(f"{room}.results", by=f"{_TABLES}:verdicts_frame"),
        f"{room}.effects": effects,
        f"{room}.effects_drawn": replace(effects, draw=f"{_FIGURES}:plot_effects"),
    }


SPINE = {
    "data.accounts": Exhibit("tables.accounts", by=f"{_TABLES}:accounts_frame"),
    "data.accounts_drawn": Exhibit("tables.accounts", f"{_TABLES}:accounts_frame", f"{_FIGURES}:plot_accounts"),
    "data.issues": Exhibit(by=f"{_TABLES}:issues_frame"),
    "totals.summary": Exhibit(by=f"{_TABLES}:totals_frame"),
    "totals.months": Exhibit(by=f"{_TABLES}:months_frame"),
    "customers.summary": Exhibit("customers", by="helpers.customers.customers:customers_summary"),
    "customers.spend": Exhibit(by=f"{_TABLES}:spend_bins", draw=f"{_FIGURES}:plot_spend"),
    "customers.moments": Exhibit(by=f"{_TABLES}:orders_by_hour", draw=f"{_FIGURES}:plot_moments"),
    "customers.channels": Exhibit("customers.features", draw=f"{_FIGURES}:plot_channels"),
    "survey.items": Exhibit("survey.items"),
    "survey.items_drawn": Exhibit("survey.items", draw=f"{_SURVEY}:plot_survey_items"),
    "survey.patterns": Exhibit("survey.patterns"),
    "survey.checks": Exhibit("survey.checks"),
    "personas.choice": Exhibit("personas.choice"),
    "personas.choice_drawn": Exhibit("personas.choice", draw=f"{_FIGURES}:plot_choice"),
    "personas.groups": Exhibit(by=f"{_TABLES}:groups_frame"),
    "personas.sizes": Exhibit(by=f"{_TABLES}:groups_frame", draw=f"{_FIGURES}:plot_sizes"),
    "personas.lifts": Exhibit(by=f"{_TABLES}:one_group_each", draw=f"{_FIGURES}:plot_lifts", each="id"),
    "personas.prevalence": Exhibit(by=f"{_STABLE}:prevalence_frame", draw=f"{_FIGURES}:plot_prevalence"),
    "personas.stability": Exhibit(by=f"{_TABLES}:clustered_groups", draw=f"{_FIGURES}:plot_stability"),
    "personas.ties": Exhibit(by=f"{_STABLE}:ties_frame", draw=f"{_FIGURES}:plot_ties"),
    "personas.posteriors": Exhibit(by=f"{_TABLES}:posterior_bins", draw=f"{_FIGURES}:plot_posteriors"),
    "personas.between": Exhibit(by=f"{_STABLE}:between_frame", needs="n"),
    "personas.between_drawn": Exhibit(by=f"{_STABLE}:between_frame", draw=f"{_FIGURES}:plot_between", needs="n"),
    "trial.table": Exhibit("trial.table"),
    "knowledge.held": Exhibit("knowledge", by=f"{_TABLES}:knowledge_frame"),
    "knowledge.missing": Exhibit("knowledge.missing"),
    "knowledge.wishes": Exhibit("knowledge.missing", draw=f"{_SURVEY}:plot_wishes"),
    **{name: exhibit for room in BELIEF_ROOMS for name, exhibit in _beliefs(room).items()},
    "report.cards": Exhibit(by="helpers.report.card_formats:as_markdown", markdown=True),
    "customers.habits": Exhibit(by=f"{_TABLES}:habits_frame"),
    "questions.table": Exhibit("questions.table"),
    "questions.drawn": Exhibit("questions.table", draw=f"{_FIGURES}:plot_questions"),
    "findings.crm_file": Exhibit(by="helpers.report.findings:of_crm_file"),
    "drift.matches": Exhibit("drift", by=f"{_TABLES}:matches_frame"),
    "drift.matches_drawn": Exhibit(
        "drift", f"{_TABLES}:matches_frame", f"{_FIGURES}:plot_drift", needs="previous_share"
    ),
    "drift.migration": Exhibit("drift", by=f"{_TABLES}:migration_frame"),
    "drift.migration_drawn": Exhibit("drift", f"{_TABLES}:migration_frame", f"{_FIGURES}:plot_migration"),
    "drift.negatives": Exhibit("drift", by=f"{_TABLES}:negatives_frame"),
    "drift.negatives_drawn": Exhibit("drift", f"{_TABLES}:negatives_frame", f"{_FIGURES}:plot_negatives"),
}
"""The exhibits of the spine; those of a wing stand in the wing."""
