"""Moments: withheld cells of the week, and best moments that hold for all cells at once."""

import numpy as np
import pandas as pd
import pytest

from helpers.beliefs.evidence import NotTestable
from helpers.channels.moments import best_moments, heat_map
from helpers.words import ENGLISH


def orders(monday: float, people: int = 80, hour: bool = True) -> tuple[pd.DataFrame, dict[str, str]]:
    """Later orders, six per customer: those of the office on Monday at nine with this chance, others at any time."""
    rng, rows = np.random.default_rng(3), []
    for persona in ("home", "office"):
        for i in range(people):
            for week in range(6):
                fixed = persona == "office" and rng.random() < monday
                day, at = (0, 9) if fixed else (int(rng.integers(7)), int(rng.integers(24)))
                when = pd.Timestamp("2025-08-18") + pd.Timedelta(days=day + 7 * week, hours=at if hour else 0)
                rows.append((f"{persona}{i}", f"{persona}{i}-{week}", when, 10.0))
    frame = pd.DataFrame(rows, columns=["customer_id", "order_id", "ordered_at", "amount"])
    return frame, {c: c.rstrip("0123456789") for c in frame["customer_id"]}


def test_the_heat_map_shows_shares_and_withholds_small_cells(make_evidence):
    frame, persona_of = orders(0.5)
    cells = heat_map(make_evidence({"sales": frame}, persona_of=persona_of))
    assert len(cells) == 2 * 7 * 8
    shown = cells.dropna(subset=["share"])
    assert ((shown["customers"] >= 10) | (shown["customers"] == 0)).all()
    office = cells[(cells["persona"] == "the office ones") & (cells["weekday"] == "monday") & (cells["hour"] == 9)]
    own = frame[frame["customer_id"].str.startswith("office")]["ordered_at"]
    count = ((own.dt.day_of_week == 0) & own.dt.hour.between(9, 11)).sum()
    assert office["orders"].item() == count
    assert office["share"].item() == pytest.approx(count / 480)
    assert cells["share"].isna().sum() > 20


def test_the_moment_of_a_persona_is_named_with_its_evidence(make_evidence):
    frame, persona_of = orders(0.5)
    table, said = best_moments(make_evidence({"sales": frame}, persona_of=persona_of))
    shown = ENGLISH.told(table[["persona", "weekday", "part"]])
    assert shown.to_numpy().tolist() == [["the office ones", "monday", "morning"]]
    assert table["ci_low"].item() > 2
    assert (said[0].key, said[1].key) == ("channels.moments.none", "channels.moments.best")
    assert ENGLISH.tell(said[1]) == (
        "“the office ones” is most likely to order on Mondays in the morning (6 to 12 h): 51 % of its later orders "
        "against 4 % of all others' (14 times; 6.2 to 30)."
    )


def test_without_hours_only_days_are_named_and_there_is_no_map(make_evidence):
    frame, persona_of = orders(0.5, hour=False)
    evidence = make_evidence({"sales": frame}, persona_of=persona_of)
    table, said = best_moments(evidence)
    office = table[table["persona"] == "the office ones"]
    assert ENGLISH.told(office[["weekday", "part"]]).to_numpy().tolist() == [["monday", ""]]
    assert said[1].values["moments"][0].values["moment"].key == "hypotheses.moment.monday"
    assert heat_map(evidence).empty


def test_personas_alike_have_no_moments_of_their_own(make_evidence):
    frame, persona_of = orders(0.0, people=300)  # enough for a cell or two that chance alone would call one
    assert best_moments(make_evidence({"sales": frame}, persona_of=persona_of))[0].empty


def test_too_few_people_are_refused(make_evidence):
    frame, persona_of = orders(0.5, people=12)
    with pytest.raises(NotTestable) as refused:
        heat_map(make_evidence({"sales": frame}, persona_of=persona_of))
    assert refused.value.reason.key == "hypotheses.reason.few_personas"
