"""After what people leave: who is compared with whom, counted by hand, and no effect found where there is none."""

from __future__ import annotations

import datetime as dt

import leaving
import numpy as np
import pandas as pd
import pytest
from statsmodels.discrete.conditional_models import ConditionalLogit
from statsmodels.stats.proportion import proportions_ztest

from helpers.after.figures import plot_leaving
from helpers.after.leaving import Leaving, after_what, at_risk, bad_experiences
from helpers.after.risk_sets import (
    after_a_message,
    after_an_experience,
    contrast,
    history,
    horizon,
    sign_of_frequency,
)
from helpers.customers.customers import Customers, Period
from helpers.read.load import LoadedTables
from helpers.study import Study
from helpers.words import Words

START, WEEKS = pd.Timestamp("2025-01-06"), 40
END = START + pd.Timedelta(weeks=WEEKS)
WORDS = Words("en", "EUR")


def day(number: float) -> pd.Timestamp:
    return START + pd.Timedelta(days=number)


def dated(rows: list[tuple[str, float]], column: str) -> pd.DataFrame:
    """Customers and days of the window as the loader leaves them."""
    frame = pd.DataFrame(rows, columns=["customer_id", column]).astype({"customer_id": "str", column: float})
    return frame.assign(**{column: (START + pd.to_timedelta(frame[column], "D")).astype("datetime64[us]")})


def bought(**days: list[float]) -> pd.DataFrame:
    """Orders of customers on these days of the window."""
    return dated([(name, at) for name, each in days.items() for at in each], "ordered_at")


def had(**days: float) -> pd.DataFrame:
    return dated(list(days.items()), "at")


def sets_of(events: pd.DataFrame, orders: pd.DataFrame, days: int = 30) -> list[tuple]:
    found = after_an_experience(events, orders, END, days, np.random.default_rng(1))
    return sorted(found[["case", "customer_id", "exposed", "left"]].itertuples(index=False, name=None))


# --- who is compared with whom -----------------------------------------------------------------------------------


def test_the_horizon_is_the_ninetieth_percentile_of_the_gaps():
    orders = bought(**{f"C{i}": [0, 10] for i in range(45)}, **{f"D{i}": [0, 40] for i in range(5)})
    assert horizon(orders) == 10
    assert horizon(pd.concat([orders, orders])) == 10  # the same moment again is no gap
    assert horizon(bought(A=[0, 1])) is None


def test_a_case_is_compared_from_its_moment_on_with_those_who_stayed_as_long():
    """A ordered on day 100 and complains on day 104. Compared are those with an order within a week of day 100, from
    four days after it on: B (next order after 24 days, stays), C (none, leaves), D (next one after 40 days, leaves),
    and E after the second of two orders (leaves)."""
    orders = bought(
        A=[100], B=[98, 122], C=[103], D=[105, 145],
        E=[100, 103],  # after the first one ordered again before four days had passed
        F=[90],  # longer ago than a week
        G=[100],  # complained before
    )  # fmt: skip
    rows = [row for row in sets_of(had(A=104, G=101), orders) if row[0] == 1]  # the first case is that of G
    assert rows == [(1, "A", True, True), (1, "B", False, False), (1, "C", False, True), (1, "D", False, True),
                    (1, "E", False, True)]  # fmt: skip


def test_whoever_complains_later_is_compared_until_then():
    """B will complain on day 160, long after the moment; to leave out B would be to look into the future."""
    rows = sets_of(had(A=104, B=160), bought(A=[100, 110], B=[100, 150]))
    assert (0, "B", False, True) in rows
    assert (0, "A", True, False) in rows


def test_only_people_seen_for_the_whole_time_count():
    late = WEEKS * 7 - 30
    orders = bought(A=[late - 4], B=[late - 4], C=[late - 3.5])
    assert [row[1] for row in sets_of(had(A=late), orders)] == ["A", "B"]  # C's thirty days run out of the window
    assert sets_of(had(A=late + 0.1), orders) == []


def test_without_an_order_before_or_without_comparable_others_there_is_no_case():
    assert sets_of(had(A=90), bought(A=[100], B=[100])) == []
    assert sets_of(had(A=104), bought(A=[100], B=[150])) == []


def test_sets_carry_the_history_of_the_order_before():
    found = after_an_experience(had(A=104), bought(A=[60, 100], B=[30, 100]), END, 30, np.random.default_rng(1))
    assert np.expm1(found["gap"]).tolist() == pytest.approx([40, 70])
    assert (found["rate"].iloc[0] > found["rate"].iloc[1], found["number"].nunique()) == (True, 1)


def test_the_first_experience_counts_and_the_next_order_on_the_last_day_is_in_time():
    events = pd.concat([had(A=104), had(A=140)])
    rows = sets_of(events, bought(A=[100, 134], B=[100, 134.5]))
    assert rows == [(0, "A", True, False), (0, "B", False, True)]


def test_the_difference_and_its_error_by_hand():
    """Sets (1; 0, 1) and (0; 0, 0): shares 1/2 and 1/4. Errors by person: cases (1 - 1/2 - 1/4)/2 and (0 - 0 - 1/4)/2,
    others -(0 - 1/2)/4, -(1 - 1/2)/4, 0 and 0, of which one person has the first and the third."""
    rows = [(0, "A", True, 1), (0, "X", False, 0), (0, "Y", False, 1), (1, "B", True, 0), (1, "X", False, 0),
            (1, "Z", False, 0)]  # fmt: skip
    sets = pd.DataFrame(rows, columns=["case", "customer_id", "exposed", "left"])
    found = contrast(sets.astype({"exposed": bool, "left": bool}))
    assert (found["people"], found["times"], found["share"], found["share_others"]) == (2, 2, 0.5, 0.25)
    assert found["share_difference"] == pytest.approx(0.25)
    error = np.sqrt(2 * (2 * 0.125**2 + 2 * 0.125**2))
    assert (found["ci_high"] - found["ci_low"]) / 2 == pytest.approx(12.7062047 * error)  # t with one degree of freedom


def of_history(leave: list[int], **columns: list[float]) -> pd.DataFrame:
    """Two cases with three others each, in turn."""
    exposed = [True, False, False, False] * 2
    sets = pd.DataFrame({"case": np.repeat([0, 1], 4), "customer_id": list("ABCDEFGH"), "exposed": exposed} | columns)
    return sets.assign(left=np.array(leave, dtype=bool))


@pytest.mark.parametrize("name", ["rate", "number", "gap", "usual"])
def test_history_is_held_equal_by_its_slope_among_the_others(name):
    """Of the others those with a rate of 0 leave and those with 1 or 2 do not: deviations (-1, 0, 1) and (2, -1, -1)/3
    in both sets, so the slope is -1/2. The cases have rates 2 and 1, one and none more than their others, who leave in
    one of three: 1/3 - 1/2 and 1/3 are expected of them."""
    sets = of_history([0, 1, 0, 0, 1, 1, 0, 0], **{name: [2, 0, 1, 2, 1, 0, 1, 2]})
    found = contrast(sets)
    assert found["share"] == 0.5
    assert found["share_others"] == pytest.approx((1 / 3 - 1 / 2 + 1 / 3) / 2)
    assert contrast(sets.drop(columns=name))["share_others"] == pytest.approx(1 / 3)
    # an other's leaving counts 1/3 (1/2 + 3/8 d), with d its deviation; times what the slope leaves of it, per person
    others = np.array([1, -2, 1]) / 6 * (1 / 2 + 3 / 8 * np.array([-1, 0, 1])) / 3
    assert found["others_error"] ** 2 == pytest.approx(2 * (2 * (others**2).sum() + 2 * (0.25 / 2) ** 2))


def test_a_sign_of_frequency_makes_a_case_read_with_more_orders():
    """One order more where one was known: the logarithm of the rate grows by log 2, and a slope of -1/2 tells less
    leaving; its doubt adds slope x 1/2 to the error of the comparable others, squared."""
    sets = of_history([0, 1, 0, 0, 1, 1, 0, 0], rate=[2, 0, 1, 2, 1, 0, 1, 2], one_more=[1.0] * 8)
    plain, read, doubted = (contrast(sets, sign) for sign in ((0.0, 0.0), (1.0, 0.0), (1.0, 4.0)))
    assert read["share_others"] == pytest.approx(plain["share_others"] - np.log(2) / 2)
    assert doubted["share_others"] == read["share_others"]
    assert doubted["others_error"] ** 2 - read["others_error"] ** 2 == pytest.approx(4 * (0.5 * 0.5) ** 2)


def test_the_sign_of_frequency_is_the_slope_of_the_conditional_logit_drawn_to_nothing():
    rng = np.random.default_rng(2)
    rows = [(case, i == 0, rng.normal(1.5 * (i == 0) * 0.3, 0.3), rng.normal()) for case in range(80) for i in range(6)]
    sets = pd.DataFrame(rows, columns=["case", "exposed", "rate", "number"]).assign(one_more=0.1)
    theirs = ConditionalLogit(sets["exposed"].astype(float), sets[["rate", "number"]], groups=sets["case"]).fit(disp=0)
    variance = theirs.bse.iloc[0] ** 2
    expected = theirs.params.iloc[0] / (1 + variance), variance / (1 + variance)
    assert sign_of_frequency(sets) == pytest.approx(expected, rel=1e-4)
    assert sign_of_frequency(sets.drop(columns="one_more")) == (0.0, 0.0)


def test_the_history_of_an_order_is_what_was_known_of_it():
    """Everybody's gaps are alike, so a person's own orders hardly move the rate, and a gap before is as it is."""
    known = history(bought(**{f"C{i}": [i, i + 10, i + 30] for i in range(60)}))
    mine = known[known["customer_id"] == "C0"]
    assert np.expm1(mine["gap"]).tolist() == pytest.approx([15, 10, 20])  # the usual one at the first order
    assert (mine["next"] - mine["ordered_at"]).dt.days.tolist()[:2] == [10, 20]
    orders, usual = np.exp(mine["number"]), 15 / np.log(2)
    assert orders.tolist() == pytest.approx([20, 21, 22], abs=0.01)
    rates = [n / (20 * usual + time) for n, time in ((20, 0), (21, 10), (22, 30))]
    assert np.exp(mine["rate"]).tolist() == pytest.approx(rates, rel=1e-3)
    assert mine["one_more"].tolist() == pytest.approx((1 / orders).tolist())


def test_where_nobody_leaves_there_is_no_interval():
    sets = pd.DataFrame(
        {"case": [0, 0, 1, 1], "customer_id": list("ABCD"), "exposed": [True, False] * 2, "left": False}
    )
    assert np.isnan(contrast(sets)["ci_low"])


# --- what a careless comparison finds ----------------------------------------------------------------------------


def shop(seed: int, people: int, leaves: float = 0.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Orders at a rate of everyone's own until they quietly leave, and complaints about one order in sixteen, after
    which ``leaves`` of the people go."""
    rng = np.random.default_rng(seed)
    orders, complaints = [], []
    for number in range(people):
        rate, stays = rng.gamma(5, 0.06), rng.exponential(85)
        times = np.cumsum(rng.exponential(1 / rate, 60))
        times = times[times < min(WEEKS, stays)]
        upset = np.flatnonzero(rng.random(len(times)) < 1 / 16)
        goes = upset[rng.random(len(upset)) < leaves]
        times = times[: goes[0] + 1] if len(goes) else times
        orders += [(f"C{number}", 7 * week) for week in times]
        after = times[upset[upset < len(times)]] + rng.uniform(1, 6) / 7
        complaints += [(f"C{number}", 7 * week) for week in after[after < WEEKS]]
    return dated(orders, "ordered_at"), dated(complaints, "at")


def test_immortal_time_fools_the_naive_comparison_and_not_this_one():
    """No complaint makes anybody leave in 120 shops. Those who ever complained must have stayed and ordered for long
    enough to do so: beside those who never did, far fewer of them are gone in the end, "significantly" so."""
    naive, ours, found = [], [], []
    for seed in range(120):
        orders, complaints = shop(seed, 150)
        days = horizon(orders)
        gone = orders.groupby("customer_id")["ordered_at"].max() < END - pd.Timedelta(days=days)
        ever = gone.index.isin(complaints["customer_id"])
        counts = [gone[ever].sum(), gone[~ever].sum()], [ever.sum(), (~ever).sum()]
        naive.append(proportions_ztest(*counts)[1] <= 0.05)
        row = contrast(after_an_experience(complaints, orders, END, days, np.random.default_rng(seed)))
        ours.append(row["p_value"] <= 0.05)
        found.append(row["share_difference"])
    assert np.mean(naive) > 0.5
    assert 0.01 <= np.mean(ours) <= 0.08
    assert np.mean(found) == pytest.approx(0, abs=0.015)


def test_leaving_that_is_planted_is_found():
    """A third goes after a complaint: of those who would have stayed, a third more is gone."""
    rows = []
    for seed in range(10):
        orders, complaints = shop(seed, 400, leaves=1 / 3)
        rows.append(contrast(after_an_experience(complaints, orders, END, 45, np.random.default_rng(seed))))
    frame = pd.DataFrame(rows)
    assert frame["share_difference"].mean() == pytest.approx((1 - frame["share_others"].mean()) / 3, abs=0.04)
    assert (frame["p_value"] < 0.01).all()


@pytest.mark.parametrize("kind", ["frequent buyers, more per order", "chance proportional to the rate", "lapsing"])
def test_frequent_buyers_who_complain_more_are_no_effect(kind):
    """A small version of ``make calibrate leaving``; without history or its sign the first two are wrong."""
    found = leaving.summary(pd.DataFrame([row for seed in range(10) for row in leaving.trial(kind, seed)]))
    found = found.set_index("method")
    ours = found.loc[leaving.PUBLISHED]
    assert abs(ours["mean error, points"]) < 2
    assert ours["p <= .05"] <= 0.2
    if kind == "chance proportional to the rate":
        assert found.loc["no sign of frequency", "mean error, points"] < -3.5
        assert found.loc["no history", "mean error, points"] < -5.5
        assert found.loc["no history", "p <= .05"] > 0.8


# --- messages ----------------------------------------------------------------------------------------------------


def test_messages_of_the_week_before_are_counted_and_nothing_after_unsubscribing():
    sent = pd.DataFrame({"customer_id": ["Z", *"AAAAA", "B"], "at": [day(d) for d in (0, 8, 10, 15, 16, 20, 6)]})
    sent["unsubscribed"] = pd.array([False, False, False, False, True, False, None], dtype="boolean")
    rows = at_risk(sent.assign(kind="offer"), START, END)
    assert rows[["customer_id", "before", "left"]].values.tolist() == [
        ["A", 2, False], ["A", 2, True],  # day 16: those of days 10 and 15, 8 is past
    ]  # fmt: skip  # the others lie within seven days of a customer's first: what came before is not known
    assert np.expm1(rows["usual"]).tolist() == pytest.approx([2, 3 / (8 / 7)])


def test_a_message_is_compared_within_its_week_and_band():
    sent = pd.DataFrame(
        {
            "customer_id": list("ABCDA"),
            "at": [day(d) for d in (10, 12, 20, 12, 11)],
            "left": [True, False, False, True, False],
            "band": [0, 0, 0, 1, 0],
            "before": [1, 0, 0, 0, 0],
        }
    )
    sets = after_a_message(sent, sent["before"] == 1, sent["before"] == 0, np.random.default_rng(1))
    assert sets.values.tolist() == [[0, "A", True, True], [0, "B", False, False]]


# --- the whole, and bad data -------------------------------------------------------------------------------------


def study_of(
    orders: pd.DataFrame, complaints: pd.DataFrame | None = None, messages: pd.DataFrame | None = None
) -> Leaving:
    sales = orders.assign(order_id=[f"O{i}" for i in range(len(orders))], amount=1.0, is_return=False)
    sales = sales.astype({"is_return": "boolean", "order_id": "str", "customer_id": "str"})
    frames = {"sales": sales}
    if complaints is not None:
        frames["service"] = complaints.assign(kind="Complaint ", rating=np.nan)
    if messages is not None:
        frames["messages"] = messages
    study = Study.model_validate({"study": "by-hand", "tables": {"sales": {"path": "s.csv"}}})
    period = Period(START.date(), dt.date(2025, 8, 18), (END - pd.Timedelta(days=1)).date())
    empty = pd.DataFrame({"customer_id": pd.Series(dtype="str")})
    return WORDS.told(after_what(LoadedTables(frames, ()), Customers(period, empty, empty, empty, ()), study))


def messages(seed: int, people: int, pressed: float) -> pd.DataFrame:
    """Messages four or fourteen days apart, in turn by lot; with one in the week before, more people unsubscribe."""
    rng, rows = np.random.default_rng(seed), []
    for number in range(people):
        at, before = rng.uniform(0, 7), False
        while at < WEEKS * 7:
            goes = rng.random() < 0.01 + pressed * before
            rows.append((f"C{number}", at, goes))
            if goes:
                break
            before = rng.random() < 0.5
            at += 4 if before else 14
    goes = pd.array([row[2] for row in rows], dtype="boolean")
    return dated([row[:2] for row in rows], "at").assign(kind="offer", unsubscribed=goes)


@pytest.fixture(scope="module")
def told() -> Leaving:
    orders, complaints = shop(1, 500, leaves=0.5)
    return study_of(orders, complaints, messages(1, 400, 0.04))


@pytest.mark.filterwarnings("error")
def test_what_people_leave_after_is_said_with_its_terms(told):
    said = "\n".join(told.told)
    row = told.experiences.iloc[0]
    assert (row["after"], row["p_adjusted"] < 0.001, row["people"] == row["times"]) == ("a complaint", True, True)
    assert f"no order for {told.days} days" in said
    assert f"After a complaint, {WORDS.percent(row['share'])} of {row['people']:.0f} customers" in said
    assert "and more than chance would bring" in said
    assert "no proof of a cause" in said
    assert "about 25 % switch after one bad experience" in said
    assert "34 % say they have left a brand over poor messages" in said
    assert "Not held in these data: goods sent back, a bad rating given and a late delivery." in said
    pressed = told.messages.set_index("after").loc["a message with others in the seven days before"]
    assert pressed["share_difference"] == pytest.approx(0.04, abs=0.02)


def test_few_people_are_not_shown():
    """Fifteen complaints; then enough of them, of which fewer than ten leave."""
    orders, complaints = shop(2, 300)
    some = complaints[complaints["customer_id"].isin(complaints["customer_id"].unique()[:15])]
    row = study_of(orders, some).experiences.iloc[0]
    assert row["after"] == "a complaint"
    assert row.drop("after").isna().all()
    few_leave = study_of(orders, complaints[complaints["customer_id"].isin(complaints["customer_id"].unique()[:40])])
    assert few_leave.experiences["share"].isna().all()
    assert "Nothing can be shown of a complaint" in "\n".join(few_leave.told)


@pytest.mark.filterwarnings("error")
def test_what_cannot_be_told_is_said():
    few = study_of(bought(A=[0, 10], B=[5]), had(A=11))
    assert "fewer than 50 gaps between two orders are known" in few.told[0]
    assert "no table says who unsubscribed" in few.told[1]
    assert (few.days, len(few.events)) == (None, 0)
    study = Study.model_validate({"study": "a", "tables": {"survey": {"path": "s.csv"}}})
    nothing = WORDS.told(after_what(LoadedTables({}, ()), None, study))
    assert "there are no orders to tell it by" in nothing.told[0]
    orders, _ = shop(3, 300)
    none = study_of(
        orders, had(Z=5), messages(3, 30, 0.0).assign(unsubscribed=pd.NA).astype({"unsubscribed": "boolean"})
    )
    assert none.experiences["share"].isna().all()
    stays = study_of(orders, None, messages(3, 30, 0.0).assign(unsubscribed=False))
    assert stays.messages["share_difference"].isna().all()


def test_returns_come_from_the_sales_and_from_the_service_and_bad_ratings_from_reviews():
    sales = pd.DataFrame({"customer_id": ["A", "B"], "ordered_at": [day(1), day(2)], "amount": [5.0, 5.0]})
    sales["is_return"] = pd.array([True, False], dtype="boolean")
    service = pd.DataFrame({"customer_id": list("CDEF"), "at": [day(3)] * 3 + [day(400)], "rating": [np.nan, 2, 5, 1]})
    service["kind"] = ["Return", "review", "review", "complaint"]
    found = bad_experiences(LoadedTables({"sales": sales, "service": service}, ()), START, END)
    assert {after: rows["customer_id"].tolist() for after, rows in found.items()} == {
        "return": ["A", "C"],
        "bad_rating": ["D"],
    }


def test_the_figure_asks_its_question_and_shows_each_difference(told):
    ax = plot_leaving(told.events, words=WORDS)
    shown = told.events.dropna(subset=["share_difference"])
    assert ax.get_title(loc="left") == "After what do more people leave?"
    labels = [label.get_text() for label in ax.get_yticklabels()][::-1]
    assert len(labels) == len(shown)
    assert labels[0].startswith("a complaint\n")
    drawn = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"][::-1]
    assert drawn == pytest.approx(shown["share_difference"].tolist())
