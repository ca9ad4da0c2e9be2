"""Known experiments in a study: the table beside the literature, people needed, and what is ready to ask."""

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

from helpers.beliefs.registry import Beliefs, put_to_the_test
from helpers.contracts import StudyError
from helpers.contradictions import DESIGN_IDS
from helpers.designs.known import KNOWN, questions
from helpers.prospect.known_here import block, declaration, known_frame, on_one_scale, people_needed, ready
from helpers.prospect.loss_aversion import COLUMNS, LossAversion
from helpers.study import Experiment
from helpers.words import ENGLISH

QUESTIONNAIRE = Path(__file__).parents[2] / "data" / "sample" / "questionnaire.md"


def plain(text: str) -> str:
    """Words alone, without emphasis, line breaks and the answers in brackets at the end."""
    return re.sub(r"\s+", " ", re.sub(r"\*|\([^()]*\)$", "", text)).strip()


@pytest.fixture
def results(make_evidence, answers, saving) -> Beliefs:
    evidence = make_evidence({"survey": answers(cheap=(63, 93), dear=(26, 88))}, experiments=[saving])
    return Beliefs(put_to_the_test("framing", evidence))


def weighed(low: float, high: float) -> LossAversion:
    row = dict.fromkeys(COLUMNS, 0.0) | {"parameter": "lambda", "estimate": 2.0, "ci_low": low, "ci_high": high}
    return LossAversion(pd.DataFrame([row]), pd.DataFrame(), pd.DataFrame(), ())


def test_the_table_has_every_design_and_says_which_were_asked(results):
    frame = ENGLISH.told(known_frame(results, weighed(1.5, 2.5)))
    assert len(frame) == len(KNOWN)
    asked = frame[frame["here"] != "not asked"].set_index("experiment")
    assert asked["beside_it"].tolist() == ["more", "not to be told from it"]
    assert asked["here"].tolist() == ["an odds ratio of 5.01 (2.66 to 9.42)", "2.00 times (1.50 to 2.50)"]
    assert asked["usually_found"].tolist()[1] == "1.96 times (1.82 to 2.10)"


def test_a_figure_that_was_not_held_against_its_source_says_so(results):
    frame = ENGLISH.told(known_frame(results, weighed(1.5, 2.5)))
    cited = frame["source"].str.contains("as cited, not recomputed").tolist()
    assert cited == [k.usual.measure is not None and not k.usual.looked_up for k in KNOWN.values()]
    assert [k.id for k in KNOWN.values() if k.usual.looked_up] == [
        "framing_wording", "attribute_frame", "charm_price", "default", "mental_accounting", "loss_aversion",
    ]  # fmt: skip


@pytest.mark.parametrize(("ends", "told"), [((1.1, 1.5), "less"), ((2.3, 3.0), "more")])
def test_a_loss_weight_beside_the_published_interval(results, ends, told):
    assert ENGLISH.told(known_frame(results, weighed(*ends)))["beside_it"].tolist()[-1] == told


def test_one_scale_holds_ours_and_the_usual_effect_in_standard_deviations(results):
    row = on_one_scale(results.results).iloc[0]
    assert row["here"] == pytest.approx(0.888, abs=0.001)  # log(5.008) times sqrt(3) / pi
    assert (row["usual"], row["usual_low"], row["usual_high"]) == pytest.approx((0.398, 0.345, 0.452), abs=0.001)


def test_people_needed_are_those_of_the_plan():
    """d = .26 takes 234 an arm (Cohen's tables); OR 2.06 from 31.8 % 127; .13 over a thousand."""
    assert people_needed("attribute_frame") == 234
    assert people_needed("relative_saving") == 127
    assert people_needed("charm_price") > 1000
    assert people_needed("allais") == 20  # fewer are never compared
    assert people_needed("scarcity") is None
    assert people_needed("endowment") is None


@pytest.mark.parametrize("design", DESIGN_IDS)
def test_every_question_is_ready_in_the_questionnaire(design):
    text = plain(QUESTIONNAIRE.read_text(encoding="utf-8"))
    for _, question in questions(design):
        assert plain(ENGLISH.tell(question)) in text
    assert f"design: {design}" in text or f"`{design}`" in text
    assert all(column in text for column in KNOWN[design].columns)


@pytest.mark.parametrize("design", DESIGN_IDS)
def test_what_is_declared_is_what_a_study_takes(design):
    declared = Experiment.model_validate(yaml.safe_load(declaration(design))["experiments"][0])
    assert (declared.known, declared.within) == (design, KNOWN[design].kind == "problems")
    assert len(ready(design)) >= 5
    assert all(column in ENGLISH.tell(block(design)[0]) for column in KNOWN[design].columns)


def test_an_unknown_design_is_told_with_the_nearest():
    with pytest.raises(StudyError, match="did you mean 'decoy'"):
        ready("dekoy")
