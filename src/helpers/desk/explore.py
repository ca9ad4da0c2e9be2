"""What the groups would be under other settings: to look at, in a notebook, by hand or by widgets; never published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.cards.profile import describe
from helpers.cards.trial import side_by_side, with_settings
from helpers.contracts import K_RANGE, StudyError
from helpers.desk.open_study import OpenStudy
from helpers.report.notebook_view import table_html
from helpers.types.division import divided
from helpers.words import Words, say

TOLD = 3
"""Statements by which each group is told."""


@dataclass(frozen=True)
class Explored:
    """Groups that were asked for.

    groups : one row per group: group (its handle), customers, share, what_sets_it_apart (text). beside : the table of
    ``Trial``, those of the study beside them. supported : whether the data hold them. told : what they are worth.
    """

    groups: pd.DataFrame
    beside: pd.DataFrame
    supported: bool
    told: tuple[str, ...]
    words: Words

    def _repr_html_(self) -> str:
        captions = [self.words.say(f"explore.{name}") for name in ("groups", "beside")]
        tables = zip((self.groups, self.beside), captions, strict=True)
        shown = [table_html(frame, caption, self.words) for frame, caption in tables]
        marked = "".join(f"<p>{self.words.theirs(text)}</p>" for text in map(_escaped, self.told))
        return f"<div>{marked}{''.join(shown)}</div>"


def groups_asked(
    study: OpenStudy,
    k: int = 0,
    features: Sequence[str] = (),
    reserve: Sequence[str] = (),
    *,
    bootstrap: int = 20,
    null_draws: int = 99,
) -> Explored:
    """The groups that the settings give, marked where the data do not support them.

    k : how many; 0 as many as the data support. features, reserve : columns that make the groups and those that are
    kept for tests; none of either means those of the study. bootstrap, null_draws : samples and data sets without types
    that the label rests on; fewer are quicker and less sure. Raises StudyError for a column or a number that cannot be.
    """
    session = study.session
    customers, survey, tables = (session[name] for name in ("customers", "survey", "tables"))
    other, tried = with_settings(customers, session.study, list(features), k, list(reserve))
    found = divided(customers, survey, other, tables, None, bootstrap, null_draws, anyway=True)
    supported = found.structure.kind != "not supported"
    people = describe(found, customers, survey, other)
    now, least, words = session["personas"], session.study.privacy.min_cell, session.words
    trial = side_by_side(now, people, tried, least)
    mark = say("explore.supported" if supported else "explore.not_supported", k=len(found.model["ids"]))
    rows = [
        {
            "group": group.handle,
            "customers": group.n,
            "share": group.share,
            "what_sets_it_apart": " ".join(words.tell(claim.statement) for claim in group.claims[:TOLD]),
        }
        for group in people.groups
        if group.n >= least
    ]
    told = tuple(map(words.tell, (mark, *trial.told[0 if tried and supported else 1 :], say("explore.kept_nowhere"))))
    return Explored(words.told(pd.DataFrame(rows)), words.told(trial.table), supported, told, words)


def explore(study: OpenStudy, **tuned: int) -> Any:
    """Widgets for ``groups_asked``: a number of groups, features, reserved columns, and a button that shows them.

    Nothing is computed before the button is pressed, so that a notebook with it runs to its end by itself.
    """
    import ipywidgets as widgets
    from IPython.display import display

    names = _columns(study)
    say_it = study.session.words.say
    k = widgets.Dropdown(options=[(say_it("explore.any_k"), 0), *((str(n), n) for n in range(*_span()))])
    lists = [widgets.SelectMultiple(options=names, rows=8) for _ in range(2)]
    button, out = widgets.Button(description=say_it("explore.button")), widgets.Output()

    def pressed(_: Any) -> None:
        out.clear_output()
        with out:
            try:
                display(groups_asked(study, k.value, lists[0].value, lists[1].value, **tuned))
            except StudyError as fault:
                print(fault)

    button.on_click(pressed)
    heads = [widgets.Label(say_it(f"explore.{name}")) for name in ("k", "features", "reserve")]
    columns = [widgets.VBox([head, one]) for head, one in zip(heads, (k, *lists), strict=True)]
    return widgets.VBox([widgets.HBox(columns), button, out])


def _span() -> tuple[int, int]:
    return K_RANGE[0], K_RANGE[-1] + 1


def _columns(study: OpenStudy) -> list[str]:
    """What groups can be made of: features of customers, or in a study without sales the items of the survey."""
    customers, survey = study.session["customers"], study.session["survey"]
    return sorted(survey.items["item"] if customers is None else customers.features.columns.drop("customer_id"))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
