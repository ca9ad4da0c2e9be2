"""The command line: exit codes, plain words, and what goes to which stream."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from helpers import cli
from helpers.contracts import DataError
from helpers.run import runner
from helpers.run.kernels.notebooks import Event
from helpers.run.manifest import Fault, NotebookRecord
from helpers.run.runner import RunOutcome


def call(*arguments):
    """Run the command in this process; its exit code."""
    with pytest.raises(SystemExit) as ended:
        cli.main([str(argument) for argument in arguments])
    return ended.value.code or 0


def test_help_is_fast_and_names_every_command():
    heavy = "{'pandas', 'papermill', 'duckdb', 'rich'}"
    code = f"import sys; from helpers import cli; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
    said = subprocess.run(
        [sys.executable, "-m", "helpers", "--help"], capture_output=True, text=True, check=True
    ).stdout
    for name in (
        "init",
        "check",
        "run",
        "example",
        "assign",
        "compare",
        "plan",
        "schedule",
        "letter",
        "prune",
        "features",
        "place",
    ):
        assert f"\n  {name} " in said


@pytest.mark.parametrize(
    "arguments",
    [
        ("run",),
        ("run", "study.yml", "--jobs", "0"),
        ("run", "study.yml", "--timeout", "soon"),
        ("run", "study.yml", "--engine", "abacus"),
        ("run", "study.yml", "--colour"),
        ("runn", "study.yml"),
        ("run", "nowhere.yml"),
        ("check", "nowhere.yml"),
        ("run", "nowhere.yml", "--engine", "spark"),
        ("plan",),
        ("plan", "--base", "1.5", "--effect", "0.1"),
        ("plan", "--effect", "0.1", "--arms", "1"),
        ("plan", "--effect", "0.1", "--per-week", "0"),
        ("plan", "--effect", "0.1", "--out", "prereg.yml"),
        ("assign", "p", "s", "--out", "f.csv"),
        ("schedule", "nowhere.yml", "--as", "cron"),
        ("schedule", "nowhere.yml", "--as", "at"),
        ("letter", "s", "--said", "nowhere.txt"),
        ("prune", "nowhere.yml", "--keep", "3"),
        ("prune", "nowhere.yml"),
    ],
)
def test_wrong_use_is_2_without_a_traceback(arguments, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.strip()
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def outcome(work, **changes):
    content = {
        "exit_code": 0, "status": "published", "reason": "", "run_id": "r1", "work": work,
        "index": work / "out" / "index.html", "notebooks": (),
    }  # fmt: skip
    return RunOutcome(**(content | changes))


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Call ``personas run`` with a runner that ends as told: exit code, standard output, standard error, options."""
    monkeypatch.chdir(tmp_path)
    seen = {}

    def call_run(*arguments, events=(), fault=None, **changes):
        def fake(study, options, on_event):
            seen.update(study=study, options=options)
            for event in events:
                on_event(event)
            if fault:
                raise fault
            return outcome(tmp_path, **changes)

        monkeypatch.setattr(runner, "run_study", fake)
        code = call("run", *arguments)
        return (code, *capsys.readouterr(), seen.get("options"))

    return call_run


def test_the_last_line_is_the_path_of_index_html(run):
    code, out, err, _ = run("study.yml")
    assert (code, out, err) == (0, "out/index.html\n", "")


def test_options_reach_the_runner(run):
    arguments = (
        "--set",
        "04.n=5",
        "--set",
        "07.m=6",
        "--only",
        "04",
        "--fresh",
        "--jobs",
        "3",
        "--out",
        "o",
        "--work",
        "w",
    )
    options = run("study.yml", *arguments, "--timeout", "60", "--fail-on-drift")[3]
    assert options.settings == ("04.n=5", "07.m=6")
    assert (options.only, options.fresh, options.jobs, options.timeout) == (("04",), True, 3, 60)
    assert (options.out, options.work, options.fail_on_drift) == (Path("o"), Path("w"), True)


def test_a_failed_run_tells_the_reason_and_the_log(run):
    record = NotebookRecord("04_personas", "failed", 1.0, {}, Fault(3, "ValueError", "no"))
    reason = "04_personas, cell 3: ValueError: no"
    failed = {"exit_code": 1, "status": "failed", "reason": reason, "index": None, "notebooks": (record,)}
    code, out, err, _ = run("s", stands=True, **failed)
    assert (code, out) == (1, "")
    assert err == f"personas: {reason}\nWhat happened: run.log\nThe last publication is as it was.\n"
    never = run("s", stands=False, **failed)[2]
    assert never == f"personas: {reason}\nWhat happened: run.log\nNothing has been published yet.\n"


def test_the_last_line_on_standard_error_says_what_came_out(run, tmp_path):
    card = {"id": "persona-1", "kind": "persona", "handle": "Coupon users", "size": {"share": 0.31}}
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "personas.json").write_text(json.dumps({"personas": [card]}))
    code, out, err, _ = run("s", events=[Event("phase", "publish")])
    assert (code, out) == (0, "out/index.html\n")
    assert err.splitlines()[-1] == "published: 1 persona: “Coupon users” 31 %."


def test_published_with_an_alarm_is_4_and_still_names_the_page(run):
    code, out, err, _ = run("s", exit_code=4, reason="the personas have drifted")
    assert (code, out) == (4, "out/index.html\n")
    assert "the personas have drifted" in err


def test_only_names_the_executed_notebooks(run):
    code, out, err, _ = run("s", "--only", "04", status="not published", index=None)
    assert (code, out) == (0, "notebooks\n")
    assert "not published" in err


def test_progress_is_plain_lines_on_standard_error(run):
    events = [
        Event("end", "01_data_quality", "reused", number=1, of=12),
        Event("start", "04_personas"),
        Event("cell", "04_personas", cell=2, cells=9),
        Event("end", "04_personas", "done", seconds=12.34, number=2, of=12),
        Event("end", "05_voice", "failed", seconds=3.0, number=3, of=12),
        Event("phase", "publish"),
    ]
    lines = [re.fullmatch(r"(\d\d:\d\d:\d\d)  (.*)", line)[2] for line in run("s", events=events)[2].splitlines()]
    assert lines == [
        "1 of 12  01_data_quality unchanged, taken from an earlier run",
        "04_personas …",
        "2 of 12  04_personas done in 12.3 s",
        "3 of 12  05_voice FAILED after 3.0 s",
        "writing the publication",
    ]


def test_a_fault_of_the_data_is_3_in_plain_words(run):
    code, out, err, _ = run("s", fault=DataError("orders.csv: column Sum: 3 rows"))
    assert (code, out, err) == (3, "", "personas: orders.csv: column Sum: 3 rows\n")


def test_a_recipe_is_printed_or_written(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sales.csv").write_text("customer_id,order_id,ordered_at,amount\na,1,2025-01-01,10\n")
    (tmp_path / "study.yml").write_text("study: shop\ntables: {sales: {path: sales.csv}}\n")
    assert call("schedule", "study.yml", "--every", "friday", "--at", "6:30", "--as", "cron") == 0
    out, err = capsys.readouterr()
    assert "\n30 6 * * 5 /bin/sh " in out
    assert "crontab -e" in err
    assert call("schedule", "study.yml", "--as", "systemd", "--out", "units") == 0
    assert capsys.readouterr().out.splitlines() == [f"units/{name}" for name in (
        "personas-shop.service", "personas-shop.timer", "personas-shop-failed.service", "personas-shop-tell.sh"
    )]  # fmt: skip
    assert len(list((tmp_path / "units").iterdir())) == 4
    assert call("letter", "study.yml", "--code", "75", "--json") == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "failed"


def test_assign_reads_model_json_and_nothing_else(tmp_path, capsys):
    (tmp_path / "sales.csv").write_text(
        "customer_id,order_id,ordered_at,amount\na,1,2025-01-01,10\nb,2,2025-01-02,90\nlate,3,2025-01-10,5\n"
    )
    (tmp_path / "study.yml").write_text(
        "study: next\nwindow: {holdout_from: 2025-01-09}\ntables: {sales: {path: sales.csv}}\n"
    )
    (tmp_path / "publication").mkdir()
    by_spend = {
        "schema": 1, "kind": "tiers", "features": [], "likert": None, "categories": [], "structural": [],
        "tiers": {"table": "customers", "column": "spend", "edges": [50]}, "label_rule": {}, "ids": ["low", "high"],
    }  # fmt: skip
    (tmp_path / "publication" / "model.json").write_text(json.dumps(by_spend))
    assert call("assign", tmp_path / "publication", tmp_path, "--out", tmp_path / "f.csv") == 0
    out, err = capsys.readouterr()
    assert out == f"{tmp_path / 'f.csv'}\n"
    assert err == f"2 of 3 customers have a persona by the model of {tmp_path / 'publication'}\n"
    rows = (tmp_path / "f.csv").read_text(encoding="utf-8-sig").splitlines()
    assert rows[0] == '"customer_id","persona","probability","answered","p_low","p_high"'
    assert [row.split(",")[:2] for row in rows[1:]] == [['"a"', '"low"'], ['"b"', '"high"'], ['"late"', '"unassigned"']]


def test_features_and_place_go_from_parquet_to_parquet(tmp_path, capsys):
    lines = pd.DataFrame({"customer_id": ["a", "b", "b"], "order_id": ["1", "2", "3"], "amount": [10.0, 80.0, 15.0]})
    days = pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-09"])
    lines.assign(ordered_at=days).to_parquet(tmp_path / "sales.parquet", index=False)
    (tmp_path / "study.yml").write_text("study: next\ntables: {sales: {path: sales.parquet}}\n")
    (tmp_path / "publication").mkdir()
    by_spend = {
        "schema": 1, "kind": "tiers", "features": [], "likert": None, "categories": [], "structural": [],
        "tiers": {"table": "customers", "column": "spend", "edges": [50]}, "label_rule": {}, "ids": ["low", "high"],
    }  # fmt: skip
    (tmp_path / "publication" / "model.json").write_text(json.dumps(by_spend))
    people, placed = tmp_path / "people.parquet", tmp_path / "placed.parquet"
    assert call("features", tmp_path, "--out", people) == 0
    assert capsys.readouterr() == (f"{people}\n", "sales (sales.parquet): 3 rows read, all of them used as they are.\n")
    assert pd.read_parquet(people).set_index("customer_id")["spend"].to_dict() == {"a": 10.0, "b": 95.0}
    assert call("place", tmp_path / "publication", people, "--out", placed) == 0
    out, err = capsys.readouterr()
    assert (out, err) == (
        f"{placed}\n", f"2 of 2 customers have a persona by the model of {tmp_path / 'publication'}\n"
    )  # fmt: skip
    assert pd.read_parquet(placed).set_index("customer_id")["persona"].to_dict() == {"a": "low", "b": "high"}
    assert call("features", tmp_path, "--out", people) == 2
    assert "stands there already" in capsys.readouterr().err
    assert call("features", tmp_path, "--out", tmp_path / "study.yml" / "made.parquet") == 73
    assert call("place", tmp_path / "publication", tmp_path / "sales.parquet", "--out", tmp_path / "p.parquet") == 3
    assert "the model needs the columns orders, spend" in capsys.readouterr().err
    assert call("features", tmp_path, "--out", "s3a://bucket/made") == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "people.parquet", "placed.parquet", "publication", "sales.parquet", "study.yml"
    ]  # fmt: skip


def test_plan_says_how_many_people(capsys):
    assert call("plan", "--base", "0.2", "--effect", "0.05") == 0
    # Cohen 1988, arcsine: n = ((1.95996 + 0.84162) / (2 asin(sqrt(.25)) - 2 asin(sqrt(.2))))^2 = 1091.9
    assert "1,092 people to show a change from 20.0 % to 25.0 %" in capsys.readouterr().out
    assert call("plan", "--n", "64") == 0
    # Cohen 1988, table 2.4.1: d = 0.50 needs 64 per group at power .80
    assert "a difference of 0.50 standard deviations" in capsys.readouterr().out


def test_plan_counts_arms_clusters_and_weeks(capsys):
    """Cohen's 64 per group, doubled by clusters of 21 at icc .05, three groups by Dunnett's bound: 77 -> 154."""
    asked = ("--effect", "0.5", "--icc", "0.05", "--cluster-size", "21", "--arms", "3", "--per-week", "100")
    assert call("plan", *asked, "--looks", "2") == 0
    said = capsys.readouterr().out
    assert "Each of the 3 groups needs" in said
    assert "alpha is held over 2 comparisons at once" in said
    assert "2.00 times as many as strangers, 8 clusters of 21 in each group" in said
    assert "5 weeks" in said
    assert "look 2 times" in said


def test_plan_asks_what_else_is_tested_and_sizes_for_it(capsys):
    """z(.05 x .9 / 4) = 2.535: n = ((2.535 + .8416) / (1.960 + .8416))^2 x 356 = 517."""
    asked = ("plan", "--base", "0.3", "--effect", "0.1")
    assert call(*asked) == 0
    said = capsys.readouterr().out
    assert "needs 356 people" in said
    assert "What else will be tested?" in said
    assert call(*asked, "--also", "3") == 0
    assert "needs 517 people" in (said := capsys.readouterr().out)
    assert "Beside 3 other confirmatory beliefs" in said
    assert call(*asked, "--beside", "data/sample/study.yml") == 0
    assert "Beside 12 other confirmatory beliefs" in capsys.readouterr().out
    assert call(*asked, "--also", "3", "--hypothesis", "x", "--out", "never.yml") == 2
    assert "a test that is not preregistered" in capsys.readouterr().err


def test_a_plan_is_written_down_once_with_its_hash(capsys, tmp_path):
    file = tmp_path / "prereg.yml"
    asked = ("plan", "--base", "0.2", "--effect", "0.05", "--hypothesis", "relative_saving", "--out", file)
    assert call(*asked) == 0
    plan = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert f"SHA-256 {plan['sha256']}" in capsys.readouterr().out
    assert (plan["hypothesis"], plan["test"], plan["sesoi"], plan["n_per_arm"]) == (
        "relative_saving", "shares_between", 0.05, 1092
    )  # fmt: skip
    assert call(*asked) == 2
    assert "once" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("arguments", [("--help",), ("plan", "--base", ".2", "--effect", ".1"), ("check", "--json")])
def test_a_full_disk_behind_standard_output_is_told(tmp_path, arguments):
    (tmp_path / "orders.csv").write_text("customer_id,order_id,ordered_at,amount\n1,1,2025-01-01,5\n")
    (tmp_path / "study.yml").write_text("study: shop\ntables: {sales: {path: orders.csv}}\n")
    given = [*arguments, *([str(tmp_path)] if "check" in arguments else [])]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "helpers", *given], stdout=full, stderr=subprocess.PIPE, text=True
        )
    said = "personas: standard output: cannot be written (No space left on device)\n"
    assert (ended.returncode, ended.stderr) == (73, said)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_what_is_told_beside_the_work_may_be_lost_and_the_work_goes_on(tmp_path):
    code = """if True:
        from helpers import cli
        cli._echo("progress", err=True)
        cli._echo("result")
    """
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=full, text=True)
    assert (ended.returncode, ended.stdout) == (0, "result\n")
