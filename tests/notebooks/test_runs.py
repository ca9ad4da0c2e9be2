"""The notebooks as they run: through the suite, alone, and with other parameters, with values asserted."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]


def results(run, name: str) -> dict:
    return {result["id"]: result for result in run.published("hypotheses")["results"]}[name]


class TestTheSampleRun:
    def test_every_notebook_ran_to_its_end(self, sample_run) -> None:
        notebooks = sample_run.published("manifest")["notebooks"]
        assert [(n["name"][:2], n["status"]) for n in notebooks] == [(f"{i:02d}", "done") for i in range(1, 13)]

    def test_the_last_line_is_the_page_to_forward(self, sample_run) -> None:
        assert Path(sample_run.stdout.splitlines()[-1]) == sample_run.out / "index.html"

    def test_every_figure_tells_what_it_finds_by_a_number(self, sample_run) -> None:
        alts = [
            output["metadata"]["image/png"]["alt"]
            for notebook in sorted((sample_run.work / "notebooks").glob("[0-9]*.ipynb"))
            for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]
            for output in cell.get("outputs", [])
            if "image/png" in output.get("data", {})
        ]
        assert len(alts) > 30
        assert [alt for alt in alts if not re.search(r"\d", alt)] == []

    def test_01_every_row_has_its_account(self, sample_run) -> None:
        files = {file["table"]: file for file in sample_run.published("data_quality")["files"]}
        assert all(f["rows_in"] == f["rows_used"] + f["rows_quarantined"] for f in files.values())
        assert f"{files['sales']['rows_in']:,}" in sample_run.notebook("01_data_quality")

    def test_02_customers_are_counted_as_the_truth_has_them(self, sample_run) -> None:
        features = pd.read_parquet(sample_run.work / "tables" / "customers.features.parquet")
        assert len(features) == 1369
        assert "1,370 customers placed" in sample_run.notebook("02_customers")  # rounded: one more tells nothing

    def test_04_the_three_planted_personas_are_found(self, sample_run) -> None:
        published = sample_run.published("personas")
        assert published["structure"]["k"] == 3
        assert published["structure"]["supported"]
        assert [card["kind"] for card in published["personas"]].count("persona") == 3
        # Markdown escapes brackets, and a page keeps a number and its sign together
        shown = sample_run.notebook("04_personas").replace("\\(", "(").replace("\\)", ")").replace("\xa0", " ")
        assert published["structure"]["statement"] in shown

    def test_06_the_negative_persona_is_found_and_never_refused(self, sample_run) -> None:
        negative = [card for card in sample_run.published("personas")["personas"] if card["kind"] == "negative"]
        assert len(negative) == 1
        margin = next(claim for claim in negative[0]["claims"] if claim["section"] == "value")
        assert margin["ci_high"] < 0
        assert "review" in sample_run.notebook("06_negative_personas")

    def test_07_the_planted_effect_is_found_and_the_null_is_not(self, sample_run) -> None:
        assert results(sample_run, "relative_saving")["verdict"] == "supported"
        assert results(sample_run, "relative_saving")["effect"]["ci_low"] > 1
        assert results(sample_run, "framing_wording")["verdict"] in ("equivalent", "inconclusive")

    def test_08_conversion_differs_by_channel(self, sample_run) -> None:
        assert results(sample_run, "conversion_by_channel")["verdict"] == "supported"

    def test_08_what_was_planted_in_steps_messages_and_channels_is_found(self, sample_run) -> None:
        for name in ("step_friction", "contact_pressure", "moments_by_persona"):
            assert results(sample_run, name)["verdict"] == "supported", name
        assert "“account”" in results(sample_run, "step_friction")["sentence"]
        mix = pd.read_parquet(sample_run.work / "tables" / "channel_tables.mix.parquet").set_index("group")
        assert mix.loc["social", "turned"]
        assert "The sign turns" in sample_run.notebook("08_channels")
        intent = pd.read_parquet(sample_run.work / "tables" / "channel_tables.intent.parquet")
        assert intent["place"].iloc[0] == "Almaty"

    def test_09_points_tell_and_no_lead_is_published(self, sample_run) -> None:
        assert results(sample_run, "lead_score")["verdict"] == "supported"
        assert results(sample_run, "bad_experience")["verdict"] == "supported"
        leads = pd.read_csv(sample_run.work / "open_leads.csv")
        assert leads["chance"].between(0, 1).all()
        published = "".join(p.read_text(encoding="utf-8") for p in sample_run.out.rglob("*.html"))
        assert not any(f">{lead}<" in published for lead in leads["lead_id"])

    def test_all_twenty_beliefs_are_listed(self, sample_run) -> None:
        assert len(sample_run.published("hypotheses")["results"]) == 21  # and one of the study's own

    def test_10_the_file_for_the_crm_holds_every_customer_once(self, sample_run) -> None:
        rows = pd.read_csv(sample_run.work / "assignments.csv", dtype={"customer_id": str})
        assert list(rows.columns) == ["customer_id", "persona", "probability"]
        assert rows["customer_id"].is_unique
        assert len(rows) == sample_run.published("personas")["coverage"]["customers"] == 1500

    def test_10_who_first_ordered_in_the_held_out_part_is_no_longer_without_an_order(self, sample_run) -> None:
        file = pd.read_csv(sample_run.work / "assignments.csv", dtype=str).set_index("customer_id")["persona"]
        cards = pd.read_parquet(sample_run.work / "tables" / "personas.assignments.parquet")
        sales = pd.read_parquet(sample_run.work / "tables" / "tables.frames.sales.parquet")
        bought = sales.loc[(sales["amount"] > 0) & (sales["ordered_at"] < "2025-10-13"), "customer_id"]
        waiting = cards.loc[cards["persona"] == "no-order", "customer_id"]
        since = waiting[waiting.isin(bought)]
        assert 0 < len(since) < len(waiting)
        assert set(file[since]) & {"persona-1", "one-order"}
        assert (file[since] != "no-order").all()
        assert (file[waiting[~waiting.isin(bought)]] == "no-order").all()

    def test_10_says_what_to_ask_a_newcomer_and_what_that_is_worth(self, sample_run) -> None:
        asked = pd.read_parquet(sample_run.work / "tables" / "questions.table.parquet")
        guess, *steps, everything = asked["balanced_accuracy"]
        assert guess == pytest.approx(1 / 3)
        assert guess + 0.2 < steps[0] < steps[-1] < everything
        assert "To place a newcomer" in sample_run.notebook("10_cards")

    def test_the_published_sql_places_every_customer_as_the_file_for_the_crm(self, sample_run) -> None:
        """In plain DuckDB; the model is published with ten digits, the file for the CRM is made before that."""
        tables = {
            name: pd.read_parquet(sample_run.work / "tables" / f"{name}.parquet")
            for name in ("today.features", "survey.answers")
        }
        kept = pd.read_parquet(sample_run.work / "assignments.parquet").set_index("customer_id")
        customers = kept.reset_index()[["customer_id"]].merge(tables["today.features"], how="left")
        answers = tables["survey.answers"].dropna(subset=["customer_id"])
        customers = customers.merge(answers, on="customer_id", how="left")  # what the statement reads
        sql = (sample_run.out / "assign.sql").read_text(encoding="utf-8")
        with duckdb.connect() as warehouse:
            warehouse.register("customers", customers)
            placed = warehouse.sql(sql).df().set_index("customer_id").loc[kept.index]
        assert (placed["persona"] == kept["persona"]).all()
        assert placed["probability"].to_numpy() == pytest.approx(kept["probability"].to_numpy(), abs=1e-7, nan_ok=True)

    def test_12_nothing_published_is_off(self, sample_run) -> None:
        proof = pd.read_parquet(sample_run.work / "tables" / "proof.figures.parquet")
        assert proof["passed"].dropna().astype(bool).all()
        assert proof["passed"].notna().sum() >= 8

    def test_the_readme_tells_what_each_notebook_finds(self, sample_run) -> None:
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        for notebook in sample_run.published("manifest")["notebooks"]:
            answer = json.loads((sample_run.work / "answers" / f"{notebook['name']}.json").read_text(encoding="utf-8"))
            assert answer[0] in readme, notebook["name"]

    def test_no_id_of_a_customer_is_published(self, sample_run) -> None:
        known = pd.read_parquet(sample_run.work / "assignments.parquet")["customer_id"].astype(str)
        published = "".join(
            p.read_text(encoding="utf-8")
            for p in sample_run.out.rglob("*")
            if p.suffix not in (".png", ".xlsx", ".pdf") and p.is_file()
        )
        cells = {
            str(cell.value)
            for sheet in openpyxl.load_workbook(sample_run.out / "tables.xlsx")
            for row in sheet.iter_rows()
            for cell in row
        }
        assert set(known).isdisjoint(cells)
        quoted = published.split('"')[1:-1]
        shown = (piece.partition("<")[0] for piece in published.split(">")[1:] if "<" in piece)
        assert set(known).isdisjoint({*quoted, *shown})
        assert "@example.org" not in published.replace("research@example.org", "")

    def test_the_committed_example_is_what_a_run_gives(self, sample_run) -> None:
        for name in ("personas", "hypotheses", "data_quality"):
            fresh = sample_run.published(name)
            kept = json.loads((ROOT / "personas" / "example" / f"{name}.json").read_text(encoding="utf-8"))
            assert {**fresh, "run_id": ""} == {**kept, "run_id": ""}, f"run `make example` ({name}.json differs)"


def test_an_unchanged_repeat_computes_nothing_and_says_the_same(sample_run, cli, tmp_path) -> None:
    """What a run writes after its notebooks must not make their records worthless."""
    again = cli("run", "data/sample", "--out", tmp_path / "out", "--work", sample_run.work.parent / "second")
    assert again.returncode == 0, again.stderr
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert {n["status"] for n in manifest["notebooks"]} == {"reused"}
    pages = {page.name for page in (tmp_path / "out" / "notebooks").iterdir()}
    second = sample_run.work.parent / "second" / "notebooks"
    records = [json.loads(record.read_text(encoding="utf-8"))["files"] for record in second.glob("*.json")]
    assert pages == {Path(file).name for files in records for file in files if file.endswith(".html")}
    for name in ("personas", "hypotheses", "data_quality"):
        told = json.loads((tmp_path / "out" / f"{name}.json").read_text(encoding="utf-8"))
        assert told | {"run_id": ""} == sample_run.published(name) | {"run_id": ""}
    first = {path.name for path in sample_run.work.glob("*.csv")}
    assert {"open_leads.csv", "coding_sheet.csv", "suggestions.csv"} <= first
    assert first == {path.name for path in second.parent.glob("*.csv")}


class TestOneNotebookAlone:
    """As papermill runs it, from another folder, in a work folder of its own."""

    def papermill(self, name: str, folder: Path, *parameters: str) -> dict:
        output = folder / "out.ipynb"
        command = [
            sys.executable,
            "-m",
            "papermill",
            str(ROOT / "notebooks" / f"{name}.ipynb"),
            str(output),
            *parameters,
        ]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(output.read_text(encoding="utf-8"))

    def test_it_computes_what_is_missing_and_other_parameters_give_other_values(
        self, sample_run, tmp_path: Path
    ) -> None:
        arguments = ["-p", "study", str(ROOT / "data/sample/study.yml"), "-p", "work", str(tmp_path / "work")]
        self.papermill("04_personas", tmp_path, *arguments, "-p", "bootstrap", "10", "-p", "null_draws", "39")
        kept = json.loads((tmp_path / "work" / "results" / "division.json").read_text(encoding="utf-8"))
        assert kept["values"]["structure"]["p_clustering"] == pytest.approx(1 / 40)
        assert sample_run.published("personas")["structure"]["p_clustering"] == pytest.approx(1 / 200)
        assert kept["values"]["structure"]["k"] == 3
        assert json.loads((tmp_path / "work" / "answers" / "04_personas.json").read_text(encoding="utf-8"))
        assert (tmp_path / "work" / "results" / "survey.json").is_file()

    def test_a_wrong_value_is_refused_in_a_sentence(self, tmp_path: Path) -> None:
        arguments = ["-p", "study", str(ROOT / "data/sample/study.yml"), "-p", "work", str(tmp_path / "work")]
        with pytest.raises(AssertionError, match="bootstrap"):
            self.papermill("04_personas", tmp_path, *arguments, "-p", "bootstrap", "many")

    def test_a_mistyped_parameter_is_refused_with_the_nearest_before_anything_is_computed(self, tmp_path: Path) -> None:
        arguments = ["-p", "study", str(ROOT / "data/sample/study.yml"), "-p", "work", str(tmp_path / "work")]
        with pytest.raises(AssertionError, match='02_customers has no parameter "grian"; did you mean "grain"'):
            self.papermill("02_customers", tmp_path, *arguments, "-p", "grian", "week")
        assert not (tmp_path / "work").exists()

    def test_it_says_which_parameters_were_changed_and_shows_what_they_ask_for(self, tmp_path: Path) -> None:
        arguments = ["-p", "study", str(ROOT / "data/sample/study.yml"), "-p", "work", str(tmp_path / "work")]
        document = self.papermill("02_customers", tmp_path, *arguments, "-p", "grain", "week", "-p", "channels", "app")
        shown = json.dumps(document["cells"], ensure_ascii=False)
        assert "Parameters that are not at their defaults: " in shown
        kept = json.loads((tmp_path / "work" / "parameters" / "02_customers.json").read_text(encoding="utf-8"))
        assert kept == {"grain": "week", "channels": ["app"], "top_share": 0.2}
        assert "6 January 2025" in shown  # a Monday
        assert "13 January 2025" in shown
