"""The tables of notebooks 08 and 09 for studies that lack this or that, or hold what nobody meant."""

import warnings

import numpy as np
import pandas as pd
import pytest

from helpers.beliefs.registry import put_to_the_test
from helpers.channels.tables import channel_tables, losses
from helpers.leads.tables import lead_tables

START = pd.Timestamp("2025-02-03 10:00")
SCORING = {"points": {"page": 10, "form": 60}}


def frames(n: int = 240) -> dict[str, pd.DataFrame]:
    """A little of everything, for customers C0, C1, ..."""
    rng = np.random.default_rng(1)
    who = pd.Series([f"C{i % 80}" for i in range(n)])
    at = START + pd.to_timedelta(rng.uniform(0, 240, n), unit="D")
    flag = {name: pd.array(rng.random(n) < 0.3, dtype="boolean") for name in ("a", "b", "c")}
    return {
        "sales": pd.DataFrame({"customer_id": who, "order_id": [f"O{i}" for i in range(n)], "ordered_at": at,
                               "amount": rng.gamma(2, 10, n), "channel": rng.choice(["web", "app"], n)}),
        "sessions": pd.DataFrame({"started_at": at, "channel": rng.choice(["web", "app"], n), "visitor_id": who,
                                  "converted": flag["a"], "location": rng.choice(["x", "y"], n), "is_new": flag["b"],
                                  "order_value": rng.gamma(2, 10, n), "device": rng.choice(["phone", "tablet"], n)}),
        "steps": pd.DataFrame({"session_id": who, "step": "pay", "at": at, "completed": flag["a"]}),
        "messages": pd.DataFrame({"customer_id": who, "at": at, "channel": "email", "opened": flag["a"],
                                  "kind": rng.choice(["offer", "news"], n), "cost": 0.1, "unsubscribed": flag["b"]}),
        "service": pd.DataFrame({"customer_id": who, "at": at, "kind": rng.choice(["complaint", "review"], n)}),
        "leads": pd.DataFrame({"lead_id": [f"L{i}" for i in range(n)], "at": at, "activity": "page",
                               "converted_at": at + pd.Timedelta(days=30), "job_role": "nurse"}),
        "customers": pd.DataFrame({"customer_id": who[:80], "referred_by": [f"C{i % 9}" for i in range(80)]}),
        "survey": pd.DataFrame({"customer_id": who[:80], "nps": rng.integers(0, 11, 80).astype(float)}),
    }  # fmt: skip


TIMES = ("ordered_at", "started_at", "at")


def only(frame: pd.DataFrame, columns: tuple[str, ...], value: object) -> pd.DataFrame:
    """The frame with one value throughout those columns that it has."""
    return frame.assign(**{name: value for name in columns if name in frame})


CHANGES = {
    "no rows": lambda f: f.head(0),
    "one row": lambda f: f.head(1),
    "nobody known": lambda f: only(f, ("visitor_id", "customer_id", "lead_id", "session_id"), None),
    "no number": lambda f: only(f, ("amount", "cost", "order_value", "nps"), np.nan),
}
MORE = {
    "as it is": lambda f: f,
    "twice": lambda f: pd.concat([f, f], ignore_index=True),
    "outside the window": lambda f: f.assign(**{t: f[t] - pd.Timedelta(days=999) for t in TIMES if t in f}),
    "no time": lambda f: only(f, TIMES, pd.Series(pd.NaT, f.index, dtype="datetime64[us]")),
    "all say yes": lambda f: only(f, ("converted", "completed", "opened", "unsubscribed"), True),
    "no money": lambda f: only(f, ("amount", "cost", "order_value"), 0.0),
}
TABLES = ("sales", "sessions", "steps", "messages", "service", "leads", "survey")
CASES = [(table, change) for table in TABLES for change in CHANGES] + [("all", change) for change in CHANGES | MORE]


@pytest.mark.parametrize(("table", "change"), CASES)
def test_whatever_comes_gives_tables_and_verdicts_and_no_warning(make_evidence, table, change):
    spoil = (CHANGES | MORE)[change]
    made = {name: spoil(frame) if table in ("all", name) else frame for name, frame in frames().items()}
    persona_of = {f"C{i}": "home" if i % 2 else "office" for i in range(80)}
    evidence = make_evidence(made, leads=SCORING, persona_of=persona_of, survey_keys={"nps": "nps"})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        views = channel_tables(evidence), lead_tables(evidence)
        results = [*put_to_the_test("channels", evidence), *put_to_the_test("leads", evidence)]
    assert all(result.verdict != "not testable" or result.reason for result in results)
    for view in views:
        assert all("nan" not in sentence and "inf " not in sentence for part in view.told.values() for sentence in part)
    mix = views[0].mix
    assert mix.empty or mix["people"].min() >= 20


@pytest.mark.parametrize("name", list(frames()))
def test_a_study_of_one_table_has_what_that_table_gives(make_evidence, name):
    evidence = make_evidence({name: frames()[name]}, leads=SCORING)
    channel_tables(evidence)
    lead_tables(evidence)


def test_losses_tell_no_share_of_few(make_evidence):
    steps = frames()["steps"].assign(error="no")
    table = losses(make_evidence({"steps": steps}))
    assert table["reached"].tolist() == [80]
    few = losses(make_evidence({"steps": steps[steps["session_id"].isin(["C1", "C2"])]}))
    assert few.empty
