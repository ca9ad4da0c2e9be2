"""`personas compare`: two publications, with and without the work folders behind them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.contracts import StudyError
from helpers.customers.customers import Customers, Period
from helpers.run.comparison import compare_publications
from helpers.run.kept import kept_or_computed
from helpers.words import Words, say

TELL = Words().tell
PERIOD = Period("2025-01-01", "2025-10-01", "2025-12-31")
MODEL = {
    "schema": 1,
    "kind": "tiers",
    "features": [],
    "tiers": {"column": "spend", "edges": [100.0]},
    "label_rule": {},
    "ids": ["tier-2", "tier-1"],
    "structural": [],
    "radius": None,
    "order_values": [{"median": float(np.log(50)), "n": 1000}],
}
"""Spend of 100 and more is tier 1; orders were worth 50."""


def people(rich: int) -> pd.DataFrame:
    """1,000 customers, ``rich`` of whom spend 200 and the others 50, at 50 an order."""
    ids = [f"c{number:04d}" for number in range(1000)]
    spend = [200.0] * rich + [50.0] * (1000 - rich)
    return pd.DataFrame({"customer_id": ids, "spend": spend, "orders": 2, "average_order_value": 50.0})


def publish(folder: Path, rich: int, *, work: bool = True, model: bool = True, prices: float = 1.0) -> Path:
    """A publication of two tiers, and behind it its work folder."""
    persona = np.where(np.arange(1000) < rich, "tier-1", "tier-2")
    sizes = {"tier-1": rich, "tier-2": 1000 - rich}
    cards = [
        {"id": name, "kind": "segment", "handle": f"The {name}", "claims": [], "size": {"n": n, "share": n / 1000}}
        for name, n in sizes.items()
    ]
    content = {
        "run_id": folder.name,
        "structure": {"would_move": None},
        "coverage": {"customers": 1000},
        "personas": cards,
    }
    folder.mkdir()
    place = folder / "work"
    (folder / "personas.json").write_text(json.dumps(content), encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps({"work": str(place)}), encoding="utf-8")
    if model:
        (folder / "model.json").write_text(json.dumps(MODEL), encoding="utf-8")
    if work:
        frame = people(rich)
        dear = frame.assign(**{name: frame[name] * prices for name in ("spend", "average_order_value")})
        known = Customers(PERIOD, dear, dear[["customer_id"]], dear[["customer_id"]], ())
        kept_or_computed(place, [], "customers", "", Customers, lambda: known)
        pd.DataFrame({"customer_id": frame["customer_id"], "persona": persona}).to_parquet(
            place / "tables" / "personas.assignments.parquet"
        )
    return folder


def test_the_earlier_model_places_todays_customers_at_its_own_prices(tmp_path):
    """All prices are tripled, so that everybody would reach tier 1; 100 more customers really do."""
    old, new = publish(tmp_path / "old", 300), publish(tmp_path / "new", 400, prices=3.0)
    drift, lines = compare_publications(old, new)
    assert drift.prices == pytest.approx(2.0)
    assert drift.alert
    assert drift.migration == {"tier-1": {"tier-1": 1.0}, "tier-2": {"tier-1": 1 / 7, "tier-2": 6 / 7}}
    assert lines[0] == drift.statement
    assert list(map(TELL, lines[1:])) == [
        "The tier-1 (tier-1): 40 % now, 30 % before",
        "The tier-2 (tier-2): 60 % now, 70 % before",
        "From The tier-1 (tier-1): 100 % to tier-1",
        "From The tier-2 (tier-2): 14 % to tier-1 and 86 % to tier-2",
    ]
    assert "200 % more per order" in TELL(lines[0])
    assert not compare_publications(old, publish(tmp_path / "third", 300, prices=3.0))[0].alert


@pytest.mark.parametrize(
    ("old_work", "new_work", "model", "lacks"),
    [
        (False, True, True, {"old_work": "old"}),
        (True, False, True, {"new_work": "new"}),
        (True, True, False, {"model": "old"}),
        (False, False, False, {"old_work": "old", "new_work": "new", "model": "old"}),
    ],
)
def test_what_a_comparison_lacks_is_said(tmp_path, old_work, new_work, model, lacks):
    old = publish(tmp_path / "old", 300, work=old_work, model=model)
    new = publish(tmp_path / "new", 300, work=new_work)
    drift, lines = compare_publications(old, new)
    assert not drift.alert
    lacking = [say(f"drift.lack.{what}", folder=str(tmp_path / folder)) for what, folder in lacks.items()]
    assert lines[-1] == say("drift.line.lacks", things=lacking)
    assert (drift.migration is not None) == (old_work and new_work)


def test_the_earlier_model_counts_where_members_are_not_known(tmp_path):
    """Shares by the frozen model: 400 of 1,000 now, 300 before, whatever today's own cards say."""
    old = publish(tmp_path / "old", 300, work=False)
    drift, lines = compare_publications(old, publish(tmp_path / "new", 400))
    assert drift.alert
    alert, shares, *_ = lines[0].values["parts"]
    assert alert.values["change"] == pytest.approx(0.1)
    assert shares == say("drift.frozen_shares")


@pytest.mark.parametrize("torn", [None, "", "[1]", "{}", '{"personas": '])
def test_a_folder_that_is_no_publication_is_named(tmp_path, torn):
    good, bad = publish(tmp_path / "good", 300), tmp_path / "bad"
    bad.mkdir()
    if torn is not None:
        (bad / "personas.json").write_text(torn, encoding="utf-8")
    for pair in ((bad, good), (good, bad)):
        with pytest.raises(StudyError, match="bad: not a publication") as fault:
            compare_publications(*pair)
        assert fault.value.exit_code == 2
        assert "\n" not in str(fault.value)


def test_publications_of_two_studies_are_not_compared(tmp_path):
    old, new = publish(tmp_path / "old", 300), publish(tmp_path / "new", 300)
    for folder, study in ((old, "green-home"), (new, "blue-home")):
        content = json.loads((folder / "personas.json").read_text()) | {"study": study}
        (folder / "personas.json").write_text(json.dumps(content))
    with pytest.raises(StudyError, match=r"'green-home'.*'blue-home'.*personas assign") as fault:
        compare_publications(old, new)
    assert fault.value.exit_code == 2
