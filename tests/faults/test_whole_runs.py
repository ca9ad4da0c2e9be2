"""Runs in which nothing goes wrong: what they publish, record, reuse and leave out."""

import datetime as dt
import json
import shutil

import nbformat
import pytest


def test_the_first_run_is_published_and_recorded(published):
    manifest = published.manifests()[-1]
    assert json.loads((published.out / "manifest.json").read_text()) == manifest
    assert list(manifest) == [
        "schema", "study", "run_id", "status", "exit_code", "reason", "started_at", "finished_at", "seconds", "seed",
        "engine", "versions", "work", "inputs", "cost", "notebooks", "files",
    ]  # fmt: skip
    assert (manifest["status"], manifest["exit_code"], manifest["reason"]) == ("published", 0, "")
    assert [list(file) for file in manifest["inputs"]] == [["table", "path", "sha256", "rows"]] * 2
    assert [list(record) for record in manifest["notebooks"]] == [
        ["name", "status", "seconds", "parameters", "error", "peak_mb"]
    ] * 3
    assert [(file["table"], file["path"], file["rows"]) for file in manifest["inputs"]] == [
        ("study", "study.yml", None),
        ("sales", "data.csv", 2),
    ]
    assert [(record["name"], record["status"]) for record in manifest["notebooks"]] == [
        ("01_first", "done"), ("02_left", "done"), ("03_right", "done"),
    ]  # fmt: skip
    assert manifest["notebooks"][0]["parameters"] == {"word": "hello"}
    assert manifest["work"] == f"runs/toy/{manifest['run_id']}"
    assert (published.out / "index.html").read_text().startswith("<p>01_first hello id,amount")


def test_kernels_run_in_the_caller_s_folder_with_one_thread_and_a_fixed_hash_seed(toy):
    show = "import os; print([os.getcwd(), os.environ['OMP_NUM_THREADS'], os.environ['PYTHONHASHSEED']])"
    toy.notebook("01_first", show)
    assert toy.run('only=["01"]')["exit_code"] == 0
    executed = nbformat.read(toy.folder / toy.manifests()[-1]["work"] / "notebooks" / "01_first.ipynb", 4)
    outputs = [cell.outputs[0].text for cell in executed.cells if cell.cell_type == "code" and cell.outputs]
    assert outputs == [f"{[str(toy.folder), '1', '0']}\n"]


def test_what_happens_is_written_for_people_and_for_machines(toy):
    toy.notebook("03_right", "raise ValueError('no')")
    assert toy.run("jobs=1")["returned"] == 1
    work = toy.folder / toy.manifests()[-1]["work"]
    events = [json.loads(line) for line in (work / "run.jsonl").read_text().splitlines()]
    assert [(e["event"], e.get("notebook"), e["status"], e.get("number")) for e in events] == [
        ("run", None, "running", None),
        ("start", "01_first", "started", 0), ("end", "01_first", "done", 1),
        ("start", "02_left", "started", 1), ("end", "02_left", "done", 2),
        ("start", "03_right", "started", 2), ("end", "03_right", "failed", 3),
        ("run", None, "failed", None),
    ]  # fmt: skip
    assert all(dt.datetime.fromisoformat(event["time"]).tzinfo for event in events)
    assert all(event["seconds"] > 0 and event["of"] == 3 for event in events if event["event"] == "end")
    assert (events[-1]["exit_code"], events[-1]["reason"]) == (1, toy.manifests()[-1]["reason"])
    log = (work / "run.log").read_text()
    assert "03_right: end failed" in log
    assert "NOTE: When using" not in log  # how to end a kernel from a terminal, which nobody here has


def test_only_runs_what_is_named_and_what_it_needs_and_never_publishes(published):
    before = published.published()
    said = published.run('only=["02"]', 'settings=["02_left.word=bye"]')
    assert said["returned"] == 0
    assert said["notebooks"] == {"01_first": "reused", "02_left": "done"}
    assert published.published() == before
    manifest = published.manifests()[-1]
    assert manifest["status"] == "not published"
    assert "02_left bye" in (published.folder / manifest["work"] / "answers" / "02_left.txt").read_text()


def test_the_same_study_again(published):
    """Only what compares with the previous publication has something new to say, and that only once."""
    facts = {name: hash_ for name, hash_ in published.published().items() if name.endswith("html")}
    again = [published.run('compares=["03_right"]')["notebooks"] for _ in range(2)]
    assert again[0] == {"01_first": "reused", "02_left": "reused", "03_right": "done"}
    assert again[1] == {"01_first": "reused", "02_left": "reused", "03_right": "reused"}
    assert {name: hash_ for name, hash_ in published.published().items() if name.endswith("html")} == facts


def with_days(folder):
    """Every file of the publication with its content and the moment it was written."""
    return {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.rglob("*") if file.is_file()}


def test_a_publication_that_would_come_out_the_same_is_not_written_anew(published):
    """The run says so; its work folder is as after any other, and its manifest names its own end."""
    before, first = with_days(published.out), published.manifests()[-1]
    said = published.run()
    assert with_days(published.out) == before
    assert said["returned"] == 0
    assert f"the publication of run {first['run_id']} stands" in said["reason"]
    assert said["reason"].startswith("nothing has changed since ")
    last = published.manifests()[-1]
    assert (last["status"], last["exit_code"], last["files"]) == ("unchanged", 0, {})
    assert {record["status"] for record in last["notebooks"]} == {"reused"}


@pytest.mark.parametrize("file", ["cards/one.html", "personas.json", "manifest.json", "more.html"])
def test_a_publication_that_was_tampered_with_is_written_anew(published, file):
    whole = published.published()
    spoilt = published.out / file
    text = spoilt.read_text() if spoilt.exists() else ""
    spoilt.write_text(text.replace('"seed": ', '"seed":  ') if file == "manifest.json" else text + " ")
    if file == "personas.json":  # the next run builds on it, and refuses instead
        assert published.run()["returned"] == 2
        return
    assert published.run()["returned"] == 0
    again = published.published()
    assert again.keys() == whole.keys()
    assert again["cards/one.html"] == whole["cards/one.html"]
    assert published.manifests()[-1]["status"] == "published"


def test_a_changed_input_a_lost_work_folder_and_fresh_write_anew(published):
    def ends(*given):
        assert published.run(*given)["returned"] == 0
        return published.manifests()[-1]["status"]

    assert [ends(), ends("fresh=true"), ends()] == ["unchanged", "published", "unchanged"]
    work = published.folder / json.loads((published.out / "manifest.json").read_text())["work"]
    (work / "published.json").unlink()
    assert [ends(), ends()] == ["published", "unchanged"]
    (published.folder / "data.csv").write_text("id,amount\n1,7\n")
    assert [ends(), ends()] == ["published", "unchanged"]


def test_a_changed_parameter_runs_only_its_notebook_again_and_a_publication_in_git_stays_a_plain_folder(published):
    """The committed example is a folder and no link: it is exchanged as a whole."""
    plain = published.out.resolve()
    published.out.unlink()
    shutil.copytree(plain, published.out)
    said = published.run('settings=["02_left.word=bye"]')
    assert said["returned"] == 0
    assert said["notebooks"] == {"01_first": "reused", "02_left": "done", "03_right": "reused"}
    assert "<p>02_left bye" in (published.out / "index.html").read_text()
    assert not published.out.is_symlink()


def test_changed_data_run_everything_again_and_another_publication_is_matched_anew(published):
    before = (published.folder / "data.csv").read_text()
    (published.folder / "data.csv").write_text("id,amount\n1,9\n")
    assert set(published.run()["notebooks"].values()) == {"done"}
    assert "1,9" in (published.out / "index.html").read_text()
    previous = published.manifests()[-1]["inputs"][-1]
    assert previous["table"] == "previous"
    assert previous["path"].startswith(".out-versions/")

    (published.folder / "data.csv").write_text(before)  # what stands at out was made from other data
    assert published.run()["notebooks"] == {"01_first": "reused", "02_left": "done", "03_right": "reused"}


def test_the_gate_that_the_caller_asked_for(published):
    quiet = published.run('settings=["02_left.word=drift"]')
    assert quiet["returned"] == 0
    loud = published.run('settings=["02_left.word=drift"]', "fail_on_drift=true")
    assert loud["returned"] == 4
    manifest = json.loads((published.out / "manifest.json").read_text())
    assert (manifest["status"], manifest["exit_code"]) == ("published", 4)
    assert "drifted" in manifest["reason"]


def test_a_work_folder_can_be_used_again(published):
    """What an earlier run left there of a notebook that runs again is gone, its own files stay."""
    work = published.folder / published.manifests()[-1]["work"]
    (work / "note.txt").write_text("of the analyst")
    assert (work / "answers" / "02_left.txt").is_file()
    published.notebook("02_left", "from pathlib import Path; assert not Path(work, 'answers', '02_left.txt').exists()")
    said = published.run(f'work="{work}"', 'only=["02"]')
    assert said["notebooks"] == {"01_first": "reused", "02_left": "done"}
    assert (work / "note.txt").is_file()


def test_the_run_log_holds_no_data(published):
    log = (published.folder / published.manifests()[-1]["work"] / "run.log").read_text()
    assert "01_first: start" in log
    assert "1,2" not in log
