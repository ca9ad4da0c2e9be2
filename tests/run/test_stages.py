"""What a stage follows from, and which runs take over from earlier ones."""

import json

import pytest

from helpers import wings
from helpers.run import stages
from helpers.run.stages import card_claims, follows_from, needed
from helpers.wings import arguments


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
