"""Contact pressure: which messages count as before, the effect within customers, and links that would feign one."""

import warnings

import numpy as np
import pandas as pd
import pytest
from statsmodels.discrete.conditional_models import ConditionalPoisson
from statsmodels.tools.sm_exceptions import ModelWarning

from helpers.after.leaving import pressure
from helpers.after.messages import by_pressure, per_message, unsubscribing
from helpers.after.reacting import within_person
from helpers.beliefs.registry import put_to_the_test
from helpers.words import Words

START = pd.Timestamp("2025-01-06")
WORDS = Words("en", "EUR")


def result(evidence):
    return {r.id: r for r in WORDS.told(put_to_the_test("channels", evidence))}["contact_pressure"]


def sent(rng, customers: int = 120, weeks: int = 30, opens: float = 0.0, leaves: float = 0.0, liking: float = 0.0,
         rate: float = 0.006):  # fmt: skip
    """Messages of customers who are written to more or less in some weeks; opening and leaving follow those before.

    ``liking`` makes those who are written to more open more, which is no effect of the messages.
    """
    rows = []
    for c in range(customers):
        often, likes = rng.choice([0.5, 1.5]), rng.normal(0, 0.3)
        days = np.flatnonzero(rng.random(weeks * 7) < often / 7 * np.repeat(rng.choice([0.4, 1.6], weeks), 7))
        for i, day in enumerate(days):
            before = np.sum(days[:i] >= day - 7)
            opened = rng.random() < min(0.95, 0.35 * np.exp(likes + liking * often + opens * before))
            left = rng.random() < rate * np.exp(leaves * before)
            rows.append((f"C{c:03d}", START + pd.Timedelta(days=int(day)), "email", opened, False, left))
            if left:
                break
    frame = pd.DataFrame(rows, columns=["customer_id", "at", "channel", "opened", "clicked", "unsubscribed"])
    return frame.astype(dict.fromkeys(["opened", "clicked", "unsubscribed"], "boolean"))


def test_only_earlier_messages_of_seven_days_to_the_same_customer_count():
    """C1 on days 0, 7, 8, 8, 15, 30: the first seven days say nothing; C2 is somebody else."""
    days = [0, 7, 8, 8, 15, 30]
    mine = pd.DataFrame({"customer_id": "C1", "at": START + pd.to_timedelta(days, unit="D")})
    other = pd.DataFrame({"customer_id": "C2", "at": START + pd.to_timedelta([0, 8], unit="D")})
    kept = pressure(pd.concat([mine, other]).sample(frac=1, random_state=2))
    of = {c: part["before"].tolist() for c, part in kept.groupby("customer_id")}
    assert of == {"C1": [1, 1, 1, 2, 0], "C2": [0]}


def test_the_estimate_is_that_of_the_conditional_poisson_model():
    rng = np.random.default_rng(4)
    person, x = np.repeat(np.arange(60), 8), rng.integers(0, 4, (480, 2)).astype(float)
    y = (rng.random(480) < 0.3 * np.exp(-0.2 * x[:, 0])).astype(float)
    beta, cov = within_person(y, x, person)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ModelWarning)  # people without a yes tell nothing
        theirs = ConditionalPoisson(y, x, groups=person).fit(disp=0)
    assert beta == pytest.approx(theirs.params, abs=1e-4)
    assert (np.diag(cov) > 0).all()


def test_rows_written_twice_are_one_observation():
    """Copying every row of every person leaves estimate and covariance as they are."""
    rng = np.random.default_rng(4)
    person, x = np.repeat(np.arange(60), 8), rng.integers(0, 4, (480, 1)).astype(float)
    y = (rng.random(480) < 0.3).astype(float)
    once, twice = within_person(y, x, person), within_person(*(np.concatenate([v, v]) for v in (y, x, person)))
    assert twice[0] == pytest.approx(once[0])
    assert twice[1] == pytest.approx(once[1])


def test_fewer_opened_after_more_messages_is_found(make_evidence):
    found = result(make_evidence({"messages": sent(np.random.default_rng(2), opens=-0.25)}))
    assert (found.verdict, found.effect.label) == ("supported", "opened")
    assert found.effect.estimate == pytest.approx(np.exp(-0.25), abs=0.07)
    assert "opened 0.7" in found.sentence
    assert "whether one brings about the other" in found.sentence
    assert not any(e.label == "clicked" for e in found.effects)  # nobody clicked


def test_more_opened_after_more_messages_is_the_opposite(make_evidence):
    assert result(make_evidence({"messages": sent(np.random.default_rng(2), opens=0.2)})).verdict == "reversed"


def test_more_leaving_after_more_messages_is_found(make_evidence):
    frame = sent(np.random.default_rng(3), customers=500, leaves=0.9)
    found = result(make_evidence({"messages": frame.drop(columns=["opened", "clicked"])}))
    assert (found.verdict, found.effect.label) == ("supported", "followed by unsubscribing")
    assert found.effect.estimate > 1.5
    assert [e.measure for e in found.effects] == ["risk ratio", "risk difference"]


def test_those_who_like_us_and_get_more_are_no_effect(make_evidence):
    """Between customers more messages go with more opening; within them with nothing."""
    frame = sent(np.random.default_rng(5), customers=300, liking=0.5)
    evidence = make_evidence({"messages": frame})
    raw = by_pressure(evidence)["share_opened"].tolist()
    assert raw[0] + 0.05 < raw[2]
    assert result(evidence).verdict in ("equivalent", "inconclusive")


def test_the_table_shows_no_row_of_few_customers(make_evidence):
    frame = sent(np.random.default_rng(2), customers=60)
    few = by_pressure(make_evidence({"messages": frame}, privacy={"min_cell": 40}))
    assert (few["customers"] >= 40).all()
    assert len(few) < len(by_pressure(make_evidence({"messages": frame})))


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.head(15),
        lambda t: t.assign(opened=True, clicked=True, unsubscribed=False).astype({"opened": "boolean"}),
        lambda t: t.drop_duplicates("customer_id"),
        lambda t: t.assign(at=START),
        lambda t: t.assign(customer_id=[f"X{i}" for i in range(len(t))]),
        lambda t: t.drop(columns=["opened", "clicked", "unsubscribed"]),
        lambda t: t.assign(at=t["at"] + pd.Timedelta(days=4000)),
    ],
)
def test_messages_that_say_nothing_say_why(make_evidence, change):
    found = result(make_evidence({"messages": change(sent(np.random.default_rng(2), customers=60))}))
    assert (found.verdict, len(found.reason) > 40) == ("not testable", True)


def test_without_an_effect_one_in_twenty_is_called_one(make_evidence):
    """Of opening, and of leaving, after which there are no messages; those who are written to more open more."""
    rng, p = np.random.default_rng(99), {"opened": [], "unsubscribed": []}
    for _ in range(120):
        frame = sent(rng, customers=150, weeks=14, liking=0.3, rate=0.04)
        p["opened"].append(per_message(pressure(frame), "opened", "opened", 5).p_value)
        found = unsubscribing(make_evidence({"messages": frame}), "unsubscribed")
        p["unsubscribed"] += [] if found is None else [found.p_value]
    for values in p.values():
        assert len(values) > 100
        assert 0.01 <= np.mean(np.array(values) <= 0.05) <= 0.09
