"""The shipped demonstration: noise tested on what made the groups is nearly always "significant"."""

from __future__ import annotations

from helpers.proof.trap import SETS, WAYS, false_findings


def test_careless_tests_find_noise_and_tests_kept_aside_keep_their_size():
    table = false_findings()
    shares = table.set_index(table["tested"].map(lambda said: said.key.rpartition(".")[2]))["share"]
    assert SETS == 200
    assert tuple(shares.index) == WAYS
    assert shares["made"] >= 0.9
    assert shares["split"] >= 0.8
    assert 0.02 <= shares["aside"] <= 0.09


def test_fewer_sets_of_noise_can_be_asked_for():
    assert (false_findings(sets=20)["share"] * 20 % 1 == 0).all()
