"""How a frame moves each persona, on its card: sure, open, corrected for the number of personas."""

from types import SimpleNamespace

import pandas as pd
import pytest

from helpers.contracts import Effect
from helpers.prospect.loss_aversion import OF_PERSONAS
from helpers.prospect.moved import for_cards, losses_for_cards
from helpers.study import Study
from helpers.words import Words

WORDS = Words("en", "EUR")
ARM = {"column": "frame", "treatment": "cheap", "control": "dear"}
SAVING = {"id": "relative_saving", "table": "survey", "arm": ARM,
          "randomised": True, "outcome": {"column": "go", "success": ["yes"]}, "unit": "respondent_id"}  # fmt: skip


def told(*effects: Effect, experiments=(SAVING,)):
    study = Study.model_validate(
        {"study": "s", "tables": {"survey": {"path": "s.csv"}}, "experiments": list(experiments)}
    )
    n = {effect.label: 120 for effect in effects}
    return for_cards(SimpleNamespace(results=(SimpleNamespace(id="framing_by_persona", effects=effects, n=n),)), study)


def test_each_persona_has_its_own_effect_and_an_open_one_says_so():
    handed = told(
        Effect("risk difference", 0.35, 0.2, 0.5, "a"), Effect("risk difference", 0.05, -0.1, 0.2, "b"),
        Effect("odds ratio", 4.5, 2.0, 9.0, "a"),
    )  # fmt: skip
    (moved,), (open_one,) = handed.claims["a"], handed.claims["b"]
    assert (moved.column, moved.grade, moved.estimate) == ("relative_saving", "strong", 0.35)
    assert "With “cheap” 35.0 points more said yes than with “dear”" in WORDS.tell(moved.statement)
    assert open_one.grade == "weak"
    assert "Here it is open: 5.0 points" in WORDS.tell(open_one.statement)


def test_p_is_corrected_for_the_number_of_personas():
    just = Effect("risk difference", 0.15, 0.01, 0.29, "a")  # p = .036 alone
    alone, among = told(just), told(just, Effect("risk difference", 0.14, 0.0, 0.28, "b"))
    assert alone.claims["a"][0].p_adjusted == pytest.approx(0.0357, abs=0.001)
    assert among.claims["a"][0].p_adjusted == pytest.approx(0.0714, abs=0.002)
    assert [one.claims["a"][0].grade for one in (alone, among)] == ["moderate", "weak"]


def test_nothing_is_said_without_an_experiment_of_two_arms():
    effect = Effect("risk difference", 0.35, 0.2, 0.5, "a")
    assert told(effect, experiments=()).claims == {}
    several = SAVING | {"arm": {"column": "frame", "arms": ["a", "b", "c"]}}
    assert told(effect, experiments=(several,)).claims == {}


def losses(*personas: tuple[str, float, float, float], ranged=False):
    rows = [(name, "", 120, e, low, high, e, low, high) for name, e, low, high in personas]
    parameters = pd.DataFrame({"parameter": ["lambda"], "estimate": [1.8], "ranged": [ranged]})
    return losses_for_cards(SimpleNamespace(parameters=parameters, by_persona=pd.DataFrame(rows, columns=OF_PERSONAS)))


def test_what_a_loss_weighs_is_told_of_a_persona_where_it_differs_from_all():
    handed = losses(("a", 2.8, 2.2, 3.5), ("b", 1.7, 1.4, 2.1), ("c", 1.2, 1.0, 1.4))
    assert set(handed.claims) == {"a", "c"}
    told = WORDS.tell(handed.claims["a"][0].statement)
    assert "a loss weighs 2.80 times as much as a gain" in told
    assert told.endswith("for all who were asked 1.80 times.")
    assert list(handed.advice) == ["a"], "less fear of a loss is no advice"


def test_nothing_is_told_of_losses_that_the_bets_cannot_weigh():
    assert losses(("a", 2.8, 2.2, 3.5), ranged=True).claims == {}
    assert losses(("a", 2.2, 1.78, 2.7), ("b", 1.7, 1.4, 2.1)).claims == {}, "alone beyond 1.8 by an inch, of two not"
