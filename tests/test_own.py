"""What a study adds of its own: found where study.yml says, and mistakes told by file and line."""

import datetime as dt
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from helpers import share_claims
from helpers.beliefs.registry import put_to_the_test
from helpers.contracts import StudyError
from helpers.customers.customers import build_customers
from helpers.desk.own_claims import for_cards
from helpers.own import OwnFeature, own_of
from helpers.read.load import LoadedTables, load_tables
from helpers.run.checking import check_study
from helpers.study import load_study

PARTS = Path(__file__).parent / "fixtures" / "own_parts" / "big_orders.py"


@pytest.fixture
def made(tmp_path):
    """A study of 40 customers (three orders each, of 30, 40 and 50) with this text as own/mine.py."""

    def make(text=None, **keys):
        rows = [(f"c{i:02d}", f"{i}-{j}", f"2025-0{1 + 2 * j}-03", 30 + 10 * j) for i in range(40) for j in range(4)]
        frame = pd.DataFrame(rows, columns=["customer_id", "order_id", "ordered_at", "amount"])
        frame.to_csv(tmp_path / "sales.csv", index=False)
        (tmp_path / "own").mkdir(exist_ok=True)
        if text is None:
            shutil.copy(PARTS, tmp_path / "own" / "mine.py")
        else:
            (tmp_path / "own" / "mine.py").write_text(text, encoding="utf-8")
        study = {"study": "own", "own": "own/", "tables": {"sales": {"path": "sales.csv"}},
                 "window": {"holdout_from": dt.date(2025, 6, 1)}} | keys  # fmt: skip
        (tmp_path / "study.yml").write_text(yaml.safe_dump(study), encoding="utf-8")
        return load_study(tmp_path)

    return make


def feature(body, name="mine", **more):
    fields = "".join(f", {key}={value!r}" for key, value in more.items())
    return (
        f"from helpers import OwnFeature\n\ndef make(orders):\n    {body}\n\n"
        f"FEATURES = [OwnFeature({name!r}, make, 'it'{fields})]\n"
    )


def refused(study):
    with pytest.raises(StudyError) as told:
        build_customers(load_tables(study), study)
    return str(told.value)


def test_a_feature_sees_only_what_was_known_before_the_held_out_part(made):
    study = made()
    own = build_customers(load_tables(study), study).own
    assert own["big_orders"].tolist() == [pytest.approx(2 / 3)] * 40  # 40 and 50 of three; the fourth order is later


def test_without_the_key_nothing_of_the_folder_runs(made, tmp_path):
    study = made("raise SystemExit('ran')")
    (tmp_path / "study.yml").write_text(
        (tmp_path / "study.yml").read_text(encoding="utf-8").replace("own: own/\n", ""), encoding="utf-8"
    )
    assert own_of(load_study(tmp_path)).features == ()
    assert study.own == "own/"


def test_its_files_are_inputs_and_its_folder_stays_as_it_is(made, tmp_path):
    study = made()
    own_of(study)
    assert study.files()["own mine"] == (tmp_path / "own" / "mine.py").resolve()
    assert [path.name for path in (tmp_path / "own").iterdir()] == ["mine.py"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1\ny = nothing", "mine.py, line 2: NameError: name 'nothing' is not defined"),
        ("x = (", "mine.py, line 1: SyntaxError: '(' was never closed"),
        ("FEATURES = 3", "mine.py: FEATURES must be a list, not 3"),
        ("FEATURES = [3]", "FEATURES holds 3, where each must be an OwnFeature"),
        ("CARD_CLAIMS = [3]", "CARD_CLAIMS holds 3, where each must be a function"),
        (feature("return orders['amout']"), "mine.py, line 4: KeyError: 'amout'"),
        (feature("return 3"), "mine: its function must return a Series of numbers"),
        (feature("return orders['amount']"), "none of the customers has a value; is its index customer_id?"),
        (feature("return 3", name="orders"), "the feature 'orders' needs a name of its own"),
        (feature("return 3", made_of=("order",)), "made_of names 'order', and there is no such feature"),
        (feature("return 3").replace("make(orders)", "make(order)"), "may name orders, lines, customers, not 'order'"),
    ],
)
def test_a_mistake_is_told_by_file_and_line(made, text, told):
    assert told in refused(made(text))


def test_check_refuses_what_a_run_would(made):
    with pytest.raises(StudyError, match="line 1: NameError"):
        check_study(made("nothing"))
    with pytest.raises(StudyError, match="BELIEFS holds 3, where each must be a Belief"):
        check_study(made("BELIEFS = [3]"))
    taken = PARTS.read_text(encoding="utf-8").replace("often_is_big", "lead_score")
    with pytest.raises(StudyError, match="there is a belief 'lead_score' already"):
        check_study(made(taken))


@pytest.mark.parametrize(
    ("folder", "told"), [("../other", "no `..`"), ("onw", "no such file"), ("empty", "Python files")]
)
def test_the_folder_lies_beside_study_yml(made, tmp_path, folder, told):
    (tmp_path / "empty").mkdir()
    with pytest.raises(StudyError, match=told):
        made(own=folder)


def test_without_sales_there_is_nothing_to_compute_a_feature_of(made, tmp_path):
    (tmp_path / "survey.csv").write_text("respondent_id,q1\n1,5\n", encoding="utf-8")
    study = made(tables={"survey": {"path": "survey.csv", "likert": {"items": ["q1"], "scale": [1, 5]}}}, window={})
    with pytest.raises(StudyError, match="FEATURES are computed of orders, and the study has no sales"):
        build_customers(LoadedTables({}, ()), study)


def test_a_feature_is_tested_only_where_nothing_that_it_follows_from_made_the_personas():
    free = OwnFeature("x", len, "x", made_of=("return_share",), outcome=True)
    assert free.role(("coupon_share",)) == "held out"
    assert free.role(("return_share",)) == "defining"
    assert OwnFeature("x", len, "x", made_of=("return_share",)).role(()) == "defining"
    assert OwnFeature("x", len, "x", outcome=True).role(()) == "defining"  # of which nobody says what it follows from


def test_a_belief_is_judged_and_a_test_that_fails_is_told(make_evidence, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "mine.py").write_text(PARTS.read_text(encoding="utf-8"), encoding="utf-8")
    sales = pd.DataFrame({"customer_id": ["a"], "amount": [1.0]})
    evidence = make_evidence({"sales": sales}, own="own")
    evidence = make_evidence({"sales": sales}, own=str(tmp_path / "own"))
    with pytest.raises(StudyError, match=r"mine.py, line \d+: \w*Error"):
        put_to_the_test("leads", evidence)  # there are no features


def test_the_example_of_the_readme_is_what_is_tested_here():
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    block = readme.partition("(`tests/fixtures/own_parts`")[2].partition("A mistake in it ends")[0]
    shown = [line[4:] for line in block.splitlines() if line.startswith("    ")]
    code = [line for line in PARTS.read_text(encoding="utf-8").splitlines()[1:] if line]
    assert len(shown) > 10
    assert shown == code


def claimed(make_evidence, yes):
    """Groups a, b and c of 40 people each, of whom so many are meant."""
    persona_of = {f"c{i:03d}": "abc"[i // 40] for i in range(120)}
    evidence = make_evidence({"sales": pd.DataFrame()}, persona_of=persona_of)
    who = [f"c{40 * place + i:03d}" for place, n in enumerate(yes) for i in range(n)]
    found = share_claims(evidence, who, "{share}, {others}", column="x")
    return evidence, {group: claims[0].statement for group, claims in found.items()}


@pytest.mark.parametrize(
    ("yes", "told"),
    [
        ((10, 20, 30), {"a": "25 %, 62 %", "b": "50 %, 50 %", "c": "75 %, 38 %"}),
        ((20, 20, 5), {"b": "50 %, 31 %"}),  # c's 5 follow from a and b: one of the two goes with it
        ((20, 5, 36), {}),  # b's 5 who do, c's 4 who do not, and with either a
        ((20, 0, 3), {"b": "0 %, 29 %"}),  # c's 3 with a's 20
        ((40, 35, 38), {}),  # 2 and 5 who do not, and nobody beside them
    ],
)
def test_claims_say_the_share_of_each_group_and_no_small_cell(make_evidence, yes, told):
    """Neither of the group nor of all others, and nothing that tells one by subtraction."""
    evidence, found = claimed(make_evidence, yes)
    assert found == told
    assert for_cards(evidence).claims == {}
