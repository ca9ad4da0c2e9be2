"""What is added is found by its place: a feature, a belief, a section and a notebook, with no edit elsewhere."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pandas as pd
import pytest
import yaml

ROOT = Path(__file__).parents[1]
TOY = ROOT / "tests" / "fixtures" / "addition"
"""A wing, its catalogue and its notebook, laid out as they are added to the project: all new files."""
OWN_PARTS = ROOT / "tests" / "fixtures" / "own_parts"
"""A folder of a study's own: a feature, a belief and a claim."""
OWN = ROOT / "tests" / "fixtures" / "spend_by_country.ipynb"
"""A notebook of a study's own, which lies beside its study.yml."""
PEOPLE = 300
FEATURE = {
    "src/helpers/columns.py": (
        '    Feature("tenure_days", ',
        '    Feature("large_order_share", "share", "value"),\n',
    ),
    "src/helpers/customers/features.py": (
        '        "tenure_days": ',
        '        "large_order_share": (orders.amount >= 40 * MILLION).mean(),\n',
    ),
    "src/helpers/locale/en/personas.yml": (
        "  tenure_days:\n",
        "  large_order_share:\n"
        "    label: share of large orders\n"
        '    says: "{value} of their orders are large; of those of all others {others}."\n'
        "    head_high: Large orders\n"
        "    tail_high: with large orders\n"
        "    head_low: Small orders\n"
        "    tail_low: with small orders\n",
    ),
}
"""The feature: the file, the line before which it stands, and what is added there: its row, expression and words."""


@dataclass(frozen=True)
class Grown:
    """A copy of the project with the additions, after a run of a small study."""

    done: subprocess.CompletedProcess[str]
    out: Path
    work: Path

    def published(self, name: str) -> dict:
        return json.loads((self.out / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def words() -> dict:
    return yaml.safe_load((TOY / "src/helpers/locale/en/toy.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Grown:
    """One run for all: without 12_proof, which says nothing of a study and takes the longest."""
    folder = tmp_path_factory.mktemp("additions")
    copy, out, work = folder / "project", folder / "out", folder / "work" / "only"
    for part in ("src/helpers", "notebooks"):
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__", ".*", "12_proof.ipynb"))
    added = [path.relative_to(TOY) for path in TOY.rglob("*") if path.is_file()]
    assert not [path for path in added if (copy / path).exists()]
    shutil.copytree(TOY, copy, dirs_exist_ok=True)
    for name, (before, lines) in FEATURE.items():
        text = (copy / name).read_text(encoding="utf-8")
        assert text.count(before) == 1
        (copy / name).write_text(text.replace(before, lines + before), encoding="utf-8")
    command = [sys.executable, "-m", "helpers", "run", small_study(folder / "study"), "--out", out, "--work", work]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(copy / "src")}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, timeout=900, check=False)
    return Grown(done, out, work)


def small_study(folder: Path) -> Path:
    """Sales of the sample's first customers, and nothing else."""
    folder.mkdir()
    sample = {"dtype": str, "on_bad_lines": "skip"}
    customers, sales = (pd.read_csv(ROOT / f"data/sample/{name}.csv", **sample) for name in ("customers", "sales"))
    customers = customers.head(PEOPLE)[["customer_id", "signed_up_at", "country"]]
    customers.to_csv(folder / "customers.csv", index=False)
    sales[sales["customer_id"].isin(customers["customer_id"])].to_csv(folder / "sales.csv", index=False)
    study = {
        "study": "small",
        "currency": "EUR",
        "seed": 1,
        "own": "own",
        "tables": {"sales": {"path": "sales.csv"}, "customers": {"path": "customers.csv"}},
        "parameters": {"04_personas": {"bootstrap": 4, "null_draws": 19}, OWN.stem: {"column": "orders"}},
    }
    (folder / "study.yml").write_text(yaml.safe_dump(study), encoding="utf-8")
    shutil.copy(OWN, folder / OWN.name)
    shutil.copytree(OWN_PARTS, folder / "own", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.mark.slow
class TestARunWithWhatWasAdded:
    def test_is_published(self, grown: Grown) -> None:
        assert grown.done.returncode == 0, grown.done.stderr

    def test_keeps_the_stage(self, grown: Grown) -> None:
        ids = json.loads((grown.work / "results/loyal.json").read_text(encoding="utf-8"))["values"]["ids"]
        features = pd.read_parquet(grown.work / "tables/customers.features.parquet")
        assert ids == features.loc[features["orders"] >= 5, "customer_id"].tolist()
        assert 30 < len(ids) < PEOPLE - 30

    def test_shows_the_section_and_links_the_notebook(self, grown: Grown, words: dict) -> None:
        linking, page = (grown.out / name for name in ("evidence.html", "notebooks/13_toy.html"))
        assert words["exhibit"]["loyal"]["caption"] in page.read_text(encoding="utf-8")
        assert 'href="notebooks/13_toy.html"' in linking.read_text(encoding="utf-8")
        assert (grown.work / "answers/13_toy.json").is_file()

    def test_runs_the_own_notebook_of_the_study_and_links_it(self, grown: Grown) -> None:
        linking, page = (
            (grown.out / name).read_text(encoding="utf-8") for name in ("evidence.html", f"notebooks/{OWN.stem}.html")
        )
        assert f'href="notebooks/{OWN.stem}.html"' in linking
        assert "Who spends most?" in linking
        features = pd.read_parquet(grown.work / "tables/customers.features.parquet")
        assert "column: orders" in page  # as study.yml has it, and not as the notebook does
        assert f"people: {len(features)}" in page
        (ran,) = (one for one in grown.published("manifest")["notebooks"] if one["name"] == OWN.stem)
        assert ran["status"] == "done"
        assert ran["parameters"] == {"column": "orders"}

    def test_takes_feature_belief_and_claim_of_the_studys_own_folder(self, grown: Grown) -> None:
        own = pd.read_parquet(grown.work / "tables/customers.own.parquet")
        assert own["big_orders"].between(0, 1).all()
        (found,) = (r for r in grown.published("hypotheses")["results"] if r["id"] == "often_is_big")
        assert found["verdict"] != "not testable"
        assert "Does habit make orders big?" in (grown.out / "index.html").read_text(encoding="utf-8")
        columns = {claim["column"] for card in grown.published("personas")["personas"] for claim in card["claims"]}
        assert {"often", "big_orders"} <= columns
        (hashed,) = (i for i in grown.published("manifest")["inputs"] if i["table"] == "own big_orders")
        assert len(hashed["sha256"]) == 64
        assert sorted(path.name for path in (grown.work.parents[1] / "study/own").iterdir()) == ["big_orders.py"]

    def test_puts_the_belief_to_the_test_and_tells_it(self, grown: Grown, words: dict) -> None:
        *_, found = (r for r in grown.published("hypotheses")["results"] if r["id"] == "loyal_spend_more")
        assert {part: found[part] for part in ("id", "title", "theory", "estimand")} == {
            "id": "loyal_spend_more",
            **{part: words[part]["loyal_spend_more"] for part in ("title", "theory", "estimand")},
        }
        assert found["verdict"] != "not testable"
        assert sum(found["n"].values()) == len(pd.read_parquet(grown.work / "tables/customers.features.parquet"))
        for page in ("index", "evidence", "notebooks/09_leads"):
            assert found["title"] in (grown.out / f"{page}.html").read_text(encoding="utf-8")

    def test_has_the_claim_on_every_card(self, grown: Grown) -> None:
        cards = grown.published("personas")["personas"]
        assert cards
        for card in cards:
            (claim,) = (claim for claim in card["claims"] if claim["column"] == "loyal")
            page = (grown.out / f"cards/{card['id']}.html").read_text(encoding="utf-8")
            assert claim["statement"] in page.replace("\N{NO-BREAK SPACE}", " ")

    def test_computes_the_feature_and_tells_it(self, grown: Grown) -> None:
        features = pd.read_parquet(grown.work / "tables/customers.features.parquet")
        at = features.columns.get_loc("large_order_share")
        assert features.columns[at + 1] == "tenure_days"
        assert ((features["large_order_share"] == 1) == (features["order_value_min"] >= 40)).all()
        assert features["large_order_share"].between(0, 1).all()
        profile = pd.read_parquet(grown.work / "tables/described.profile.parquet")
        assert set(profile.loc[profile["column"] == "large_order_share", "unit"]) == {"share"}
        every = [claim for card in grown.published("personas")["personas"] for claim in card["claims"]]
        told = {claim["column"]: claim for claim in every if claim["compared_with"] == "all others"}
        assert told["large_order_share"]["section"] == "value"
        assert "of their orders are large" in told["large_order_share"]["statement"]


def examples() -> list[list[str]]:
    """The indented blocks of the README on what can be added."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    part = readme.partition("(`tests/test_additions.py`):")[2].partition("Statistics come from")[0]
    blocks = groupby(part.splitlines(), lambda line: line.startswith("    "))
    return [[line[4:] for line in lines] for code, lines in blocks if code]


def test_the_examples_of_the_readme_are_what_is_added_here():
    notebook = json.loads((TOY / "notebooks/13_toy.ipynb").read_text(encoding="utf-8"))
    added = [lines for _, lines in FEATURE.values()]
    added += [path.read_text(encoding="utf-8") for path in TOY.rglob("*") if path.suffix in (".py", ".yml")]
    added += ["".join(cell["source"]) for cell in notebook["cells"]]
    lines = {line.strip() for text in added for line in text.splitlines()}
    assert [len(block) <= 6 for block in examples()] == [True] * 4
    assert [line for block in examples() for line in block if line.strip() not in lines] == []
