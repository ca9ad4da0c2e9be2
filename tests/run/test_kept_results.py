"""Kept results: the same thing comes back, a broken one is made again, an earlier one is taken over."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from helpers.contracts import Effect, HypothesisResult
from helpers.customers.customers import Period
from helpers.files import file_hash
from helpers.run.kept import content, kept_or_computed, verified


@dataclass(frozen=True)
class Made:
    table: pd.DataFrame
    several: dict[str, pd.DataFrame]
    period: Period
    results: tuple[HypothesisResult, ...]
    share: float | None


@pytest.fixture
def made() -> Made:
    table = pd.DataFrame({"customer_id": ["007", "ქ"], "at": pd.to_datetime(["2025-01-01", None]), "x": [1.5, None]})
    result = HypothesisResult(
        "a", "A?", "", "", "observational", "inconclusive", "", Effect("auc", 0.6, 0.5, 0.7), n={"b": 2}
    )
    days = Period(dt.date(2025, 1, 1), dt.date(2025, 2, 1), dt.date(2025, 3, 1))
    return Made(table, {"sales": table, "survey": table.iloc[:1]}, days, (result,), float("nan"))


def never():
    raise AssertionError("computed although it was kept")


def test_a_kept_result_comes_back_whole(tmp_path: Path, made: Made) -> None:
    kept_or_computed(tmp_path, [], "stage", "key", Made, lambda: made)
    back = kept_or_computed(tmp_path, [], "stage", "key", Made, never)
    pd.testing.assert_frame_equal(back.table, made.table)
    pd.testing.assert_frame_equal(back.several["survey"], made.several["survey"])
    assert (back.period, back.results) == (made.period, made.results)
    assert back.share != back.share  # NaN stays NaN


def test_none_is_kept_too(tmp_path: Path) -> None:
    assert kept_or_computed(tmp_path, [], "stage", "key", Made, lambda: None) is None
    assert kept_or_computed(tmp_path, [], "stage", "key", Made, never) is None


@pytest.mark.parametrize("damage", ["frame", "record", "key"])
def test_what_does_not_verify_is_made_again(tmp_path: Path, made: Made, damage: str) -> None:
    kept_or_computed(tmp_path, [], "stage", "key", Made, lambda: made)
    if damage == "frame":
        (tmp_path / "tables" / "stage.table.parquet").write_bytes(b"PAR1")
    if damage == "record":
        (tmp_path / "results" / "stage.json").write_text('{"key": "key", "fra')
    key = "other" if damage == "key" else "key"
    assert not verified(tmp_path, "stage", key)
    calls = []
    kept_or_computed(tmp_path, [], "stage", key, Made, lambda: calls.append(1) or made)
    assert calls == [1]
    assert verified(tmp_path, "stage", key)


def test_an_earlier_run_is_taken_over_only_under_the_same_key(tmp_path: Path, made: Made) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    kept_or_computed(first, [], "stage", "key", Made, lambda: made)
    kept_or_computed(second, [first], "stage", "key", Made, never)
    assert content(first, "stage") == content(second, "stage")
    assert file_hash(first / "tables/stage.table.parquet") == file_hash(second / "tables/stage.table.parquet")
    with pytest.raises(AssertionError, match="although"):
        kept_or_computed(second, [first], "stage", "changed", Made, never)


def test_content_ignores_the_key_and_sees_the_values(tmp_path: Path, made: Made) -> None:
    kept_or_computed(tmp_path, [], "stage", "one", Made, lambda: made)
    before = content(tmp_path, "stage")
    kept_or_computed(tmp_path, [], "stage", "two", Made, lambda: made)
    assert content(tmp_path, "stage") == before
    kept_or_computed(tmp_path, [], "stage", "three", Made, lambda: None)
    assert content(tmp_path, "stage") != before
