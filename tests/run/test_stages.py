"""What a stage follows from, and which runs take over from earlier ones."""

import json
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from helpers import wings
from helpers.files import write_json
from helpers.run import parameters, stages
from helpers.run.graph import _calls, stages_of
from helpers.run.kernels.processes import MARK
from helpers.run.stages import Session, card_claims, follows_from, needed
from helpers.study import load_study
from helpers.wings import arguments

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
FOLDER = ROOT / "notebooks"
DEFAULTS = {file.stem: parameters.resolve(file, {}, {}) for file in sorted(FOLDER.glob("[0-9][0-9]_*.ipynb"))}


def test_what_is_no_stage_stands_for_those_behind_it():
    assert needed("study") == needed("previous") == set()
    assert needed("evidence") == follows_from("personas") | {"tables", "customers", "survey"}
    handed = {name for place in card_claims() for name in arguments(place).needs}
    assert handed & {"negative", "voice"} <= needed("handed") <= follows_from("cards")
    assert {"framing", "channels", "leads"} <= needed("hypotheses")


def test_two_wings_may_not_declare_the_same(monkeypatch):
    monkeypatch.setattr(wings, "declared", lambda name: [{"a": "x:y"}, {"b": "x:y"}, {"a": "x:z"}])
    with pytest.raises(ValueError, match="two wings declare STAGES a"):
        wings.merged("STAGES")


@pytest.mark.parametrize(("run", "taken"), [(None, []), ({"fresh": True}, []), ({"fresh": False}, ["earlier"])])
def test_only_a_run_that_is_not_fresh_takes_from_earlier_ones(tmp_path, monkeypatch, run, taken):
    monkeypatch.setattr(stages, "siblings", lambda work: ["earlier"])
    if run is not None:
        (tmp_path / "run.json").write_text(json.dumps(run))
    assert stages._earlier(tmp_path) == taken


@pytest.fixture
def keys_under(tmp_path, monkeypatch):
    """The key of every stage under tunables of a notebook; nothing is computed, and what differs in its key differs in
    its content."""
    made: dict[str, str] = {}

    def kept(work, earlier, name, key, kind, compute):
        made[name] = key
        return SimpleNamespace(results=())

    claims = card_claims()
    monkeypatch.setattr(stages, "kept_or_computed", kept)
    monkeypatch.setattr(stages, "content", lambda work, name: made[name])
    monkeypatch.setattr(stages, "resolve", lambda place: dict if place in claims else wings.resolve(place))

    def keys(study=None, **tunables: object) -> dict[str, str]:
        made.clear()
        for notebook, own in DEFAULTS.items():
            changed = {name: value for name, value in tunables.items() if name in own}
            write_json(stages.tunables_file(tmp_path, notebook), own | changed)
        session = stages.Session("", study or load_study(SAMPLE), tmp_path, {})
        for stage in stages.places():
            session[stage]
        return dict(made)

    return keys


@pytest.mark.parametrize(
    ("tunable", "tuned"),
    [
        ({"bootstrap": 51}, {"division", "trial"}),
        ({"null_draws": 200}, {"division", "trial"}),
        ({"try_k": 3}, {"trial"}),
        ({"flag": 0.95}, {"negative"}),
        ({"held_equal": ["device"]}, {"channel_tables"}),
        ({"borders": [50.0, 150.0]}, {"leads_found", "lead_tables"}),
        ({"alarm": 0.05}, {"drift"}),
        ({"noise_sets": 20}, {"proof"}),
    ],
)
def test_a_tunable_is_part_of_the_key_of_what_it_tunes_and_of_what_follows_and_of_nothing_else(
    keys_under, tunable, tuned
):
    before, after = keys_under(), keys_under(**tunable)
    assert before == keys_under()
    changed = {stage for stage in before if before[stage] != after[stage]}
    assert changed == {stage for stage in stages.places() if follows_from(stage) & tuned}
    assert {"customers", "survey", "tables"}.isdisjoint(changed)


@pytest.mark.parametrize(
    "shown",
    [{"grain": "week"}, {"themes": 3}, {"compared": ["channel"]}, {"differences": 9}, {"severities": ["error"]}],
)
def test_what_only_changes_what_is_shown_is_in_no_key(keys_under, shown):
    before = keys_under()
    assert keys_under(**shown) == before
    study = load_study(SAMPLE)
    written = study.model_copy(update={"parameters": {"02_customers": {"grain": "week"}}})
    assert keys_under(study=written) == before


def test_every_tunable_of_a_stage_is_a_parameter_of_its_notebook():
    for stage, place in stages.places().items():
        assert bool(arguments(place).tuned) == (stage in stages.tuned_by())
        assert set(arguments(place).tuned) <= DEFAULTS.get(stages.tuned_by().get(stage), {}).keys()


def test_what_a_notebook_s_stages_read_may_be_another_s():
    read = stages.read_by({"framing_found", "leads_found", "customers"}, DEFAULTS)
    assert read == {
        "07_framing.smallest": 1.0,
        "09_leads.smallest": 1.0,
        "09_leads.borders": [],
        "09_leads.followed": 0,
    }


@pytest.mark.parametrize("notebook", sorted(DEFAULTS.keys() - {"00_explore"}))
def test_every_parameter_reaches_something_that_its_notebook_comes_to(notebook):
    file = FOLDER / f"{notebook}.ipynb"
    shown = [stages.exhibits()[text] for name, given in _calls(file) if name == "show" for text in given]
    places = [exhibit.by for exhibit in shown if exhibit.by] + [stages.answers()[notebook]]
    places += [stages.places()[stage] for stage in stages_of(file) if stages.tuned_by().get(stage) == notebook]
    taken = {name for place in places for name in arguments(place).tuned} | {n for e in shown for n in e.only}
    assert DEFAULTS[notebook].keys() == taken


def test_a_run_asks_a_database_once_and_whoever_reads_later_asks_again(tmp_path, monkeypatch):
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as handle:
        handle.execute("CREATE TABLE orders AS SELECT 'a' AS customer_id")
    (tmp_path / "study.yml").write_text("study: a\ntables: {sales: {connect: shop.duckdb, table: orders}}\n")
    study, asked = load_study(tmp_path), []
    monkeypatch.setattr(
        "helpers.opening.database_tables.fingerprint", lambda *given: asked.append(given) or "as it is now"
    )
    write_json(tmp_path / "run.json", {"run_id": "one", "databases": {"sales": "as it was"}})
    monkeypatch.setenv(MARK, "one")
    in_the_run = Session("", study, tmp_path, {}).inputs
    assert asked == []
    monkeypatch.setenv(MARK, "another")
    assert Session("", study, tmp_path, {}).inputs != in_the_run
    monkeypatch.delenv(MARK)
    assert Session("", study, tmp_path, {}).inputs != in_the_run
    assert len(asked) == 2
