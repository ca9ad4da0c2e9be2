"""Small simulated studies in which a belief is false, or true by a known amount, and what the suite says of them.

To add a test: a function that draws a study in which its belief is false (by default), and a line in ``NULLS``.
"""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from helpers.beliefs.belief import built_in
from helpers.beliefs.evidence import Evidence
from helpers.beliefs.registry import put_to_the_test
from helpers.cards.personas import Group, Personas
from helpers.contracts import HypothesisResult, Structure
from helpers.customers.customers import Customers, Period
from helpers.read.load import LoadedTables
from helpers.study import HypothesisChoice, Study
from helpers.survey.survey import Survey

PERIOD = Period(dt.date(2025, 1, 6), dt.date(2025, 8, 18), dt.date(2025, 10, 12))
MONDAY = pd.Timestamp(PERIOD.start)
EARLY, LATE = pd.Timestamp("2025-03-03"), pd.Timestamp("2025-08-25")
VERDICTS = ["supported", "reversed", "equivalent", "inconclusive", "not testable"]
Draw = Callable[..., Evidence]


def study_of(
    frames: dict[str, pd.DataFrame],
    persona_of: dict[str, str] | None = None,
    features: pd.DataFrame | None = None,
    held_out: pd.DataFrame | None = None,
    survey_keys: dict[str, Any] | None = None,
    **study: Any,
) -> Evidence:
    """Evidence from tables as they would be loaded; everybody's persona is certain."""
    tables = {name: {"path": f"{name}.csv"} for name in {"sales", *frames}}
    if "survey" in frames:
        tables["survey"] |= survey_keys or {}
    persona_of = persona_of or {}
    ids = sorted(set(persona_of.values()))
    people = pd.DataFrame({"customer_id": list(persona_of), "persona": list(persona_of.values()), "probability": 1.0})
    people = people.astype({"customer_id": "str", "persona": "str"})
    for i in ids:
        people[f"p_{i}"] = (people["persona"] == i).astype(float)
    groups = tuple(Group(i, "persona", False, i, 0, 0, 0, 0, 0, None, None, None, (), "", None, ()) for i in ids)
    structure = Structure("natural", True, 0.01, 0.01, 0.2, 0.9, 0.02, len(ids), len(ids), "")
    personas = Personas("", structure, groups, people, pd.DataFrame(), pd.DataFrame(), (), {})
    nobody = pd.DataFrame({"customer_id": pd.Series(dtype="str")})
    parts = [nobody if part is None else part for part in (features, held_out)]
    answers = frames.get("survey")
    survey = None if answers is None else Survey(answers.assign(weight=1.0), *[pd.DataFrame()] * 3, len(answers), 0)
    declared = Study.model_validate({"study": "simulated", "tables": tables, **study})
    customers = Customers(PERIOD, *parts, nobody, ())
    return Evidence(declared, LoadedTables(frames, ()), customers, survey, personas)


# --- experiments -------------------------------------------------------------------------------------------------


def experiment(number: bool = False, arms: int = 2, **keys: Any) -> dict[str, Any]:
    """An experiment as study.yml declares it: arms a0 (the control), a1, ..."""
    outcome = {"column": "y"} if number else {"column": "y", "success": ["1"]}
    arm = {"column": "arm", "arms": [f"a{i}" for i in range(arms)]}
    return {"id": "relative_saving", "table": "survey", "randomised": True, "arm": arm, "outcome": outcome} | keys


def asked(arm: np.ndarray, y: np.ndarray, unit: np.ndarray, persona: np.ndarray | None = None, **keys: Any) -> Evidence:
    """A survey of one experiment."""
    ids = pd.Series(unit).map("C{}".format)
    frame = pd.DataFrame({"arm": pd.Series(arm).map("a{}".format), "y": y, "customer_id": ids})
    persona_of = {} if persona is None else dict(zip(ids, pd.Series(persona).map("p{}".format), strict=True))
    return study_of({"survey": frame}, persona_of, experiments=[experiment(**keys)])


def shares(rng: np.random.Generator, effect: float = 0.0, n: int = 200, arms: int = 2) -> Evidence:
    """Different people say yes or no."""
    arm = np.repeat(np.arange(arms), n)
    yes = rng.random(len(arm)) < 0.4 + effect * (arm == 1)
    return asked(arm, yes.astype(float), np.arange(len(arm)), arms=arms)


def paired_shares(rng: np.random.Generator, effect: float = 0.0, n: int = 150) -> Evidence:
    """The same people say yes or no twice."""
    own, arm = np.tile(rng.beta(2, 3, n), 2), np.repeat([0, 1], n)
    yes = rng.random(2 * n) < np.clip(own + effect * arm, 0, 1)
    return asked(arm, yes.astype(float), np.tile(np.arange(n), 2), design="within")


def means(rng: np.random.Generator, effect: float = 0.0, n: int = 100) -> Evidence:
    """Different people name an amount, which is skewed; ``effect`` in standard deviations."""
    arm = np.repeat([0, 1], n)
    y = rng.gamma(2, 10, 2 * n) + effect * arm * np.sqrt(200)
    return asked(arm, y, np.arange(2 * n), number=True)


def paired_means(rng: np.random.Generator, effect: float = 0.0, n: int = 100) -> Evidence:
    """The same people name two amounts."""
    arm = np.repeat([0, 1], n)
    y = np.tile(rng.gamma(2, 10, n), 2) + rng.gamma(2, 5, 2 * n) + effect * arm * np.sqrt(250)
    return asked(arm, y, np.tile(np.arange(n), 2), number=True, design="within")


def clustered_shares(rng: np.random.Generator, effect: float = 0.0, n: int = 120) -> Evidence:
    """Different people say yes or no one to six times, each in a way of their own."""
    unit = np.repeat(np.arange(2 * n), rng.integers(1, 7, 2 * n))
    own, arm = rng.beta(1.2, 1.8, 2 * n)[unit], unit % 2
    yes = rng.random(len(unit)) < np.clip(own + effect * arm, 0, 1)
    return asked(arm, yes.astype(float), unit)


def shares_by_persona(rng: np.random.Generator, effect: float = 0.0, n: int = 60) -> Evidence:
    """An effect of .1 in each of three personas, equal as a difference and as odds (.3 to .4, .6 to .7); ``effect``
    more in the first."""
    arm, persona = np.tile([0, 1], 3 * n), np.repeat([0, 1, 2], 2 * n)
    p = np.array([0.3, 0.6, 0.3])[persona] + (0.1 + effect * (persona == 0)) * arm
    return asked(arm, (rng.random(6 * n) < p).astype(float), np.arange(6 * n), persona)


def numbers_by_persona(rng: np.random.Generator, effect: float = 0.0, n: int = 60) -> Evidence:
    """The same with amounts of unequal spread, and three arms."""
    arm, persona = np.tile([0, 1, 2], 3 * n), np.repeat([0, 1, 2], 3 * n)
    y = rng.gamma(2, 10 + 3 * persona) + (3 + 14 * effect * (persona == 0)) * (arm == 1)
    return asked(arm, y, np.arange(9 * n), persona, number=True, arms=3)


# --- visits, orders and moments ----------------------------------------------------------------------------------


def sessions(rng: np.random.Generator, effect: float = 0.0, n: int = 600) -> Evidence:
    """Visitors with one to five visits, a town that sets both channel and conversion, and a habit of their own."""
    visitor = np.repeat(np.arange(n), rng.integers(1, 6, n))
    town = (rng.random(n) < 0.4)[visitor]
    channel = np.where(rng.random(len(visitor)) < np.where(town, 0.6, 0.25), "search", "mail")
    own = rng.beta(1.5, 8, n)[visitor]
    p = np.clip(own + 0.1 * town + effect * (channel == "search"), 0, 1)
    first = np.r_[True, visitor[1:] != visitor[:-1]]
    frame = pd.DataFrame(
        {
            "started_at": EARLY, "visitor_id": pd.Series(visitor).map("V{}".format), "channel": channel,
            "location": np.where(town, "town", "country"), "converted": pd.array(rng.random(len(p)) < p, "boolean"),
            "is_new": pd.array(first, "boolean"), "funnel_stage": rng.choice(["see", "think", "do"], len(p)),
            "language": rng.choice(["en", "ka"], len(p)),
        }
    )  # fmt: skip
    return study_of({"sessions": frame})


def sessions_alike(rng: np.random.Generator, effect: float = 0.0, n: int = 600) -> Evidence:
    """The same without towns that convert more, for the belief that places are alike."""
    found = sessions(rng, effect, n)
    place = rng.choice(["town", "country"], len(found.tables.frames["sessions"]))
    return study_of({"sessions": found.tables.frames["sessions"].assign(location=place, channel="mail")})


def orders(rng: np.random.Generator, effect: float = 0.0, n: int = 400) -> Evidence:
    """Customers with one to six orders, each with a size of its own, through either of two channels."""
    customer = np.repeat(np.arange(n), rng.integers(1, 7, n))
    value = rng.lognormal(3, 0.5, n)[customer] * rng.lognormal(0, 0.4, len(customer))
    web = rng.random(len(customer)) < 0.5
    frame = sales(customer, EARLY, amount=value * np.where(web, 1 + effect, 1))
    return study_of({"sales": frame.assign(channel=np.where(web, "web", "shop"))})


def sales(customer: np.ndarray, at: Any, **columns: Any) -> pd.DataFrame:
    """One line per order."""
    orders = pd.Series(range(len(customer))).map("O{}".format)
    frame = pd.DataFrame({"customer_id": pd.Series(customer).map("C{}".format), "order_id": orders, "ordered_at": at})
    return frame.assign(**{"amount": 10.0} | columns)


def moments(rng: np.random.Generator, effect: float = 0.0, n: int = 240) -> Evidence:
    """Later orders of two personas; each customer has a favourite weekday, which the persona does not choose."""
    customer = np.repeat(np.arange(n), rng.integers(1, 8, n))
    favourite = rng.integers(0, 7, n)[customer]
    day = np.where(rng.random(len(customer)) < 0.4, favourite, rng.integers(0, 7, len(customer)))
    frame = sales(customer, LATE + pd.to_timedelta(day + 7 * rng.integers(0, 6, len(customer)), unit="D"))
    return study_of({"sales": frame}, {f"C{i}": f"p{i % 2}" for i in range(n)})


def steps(rng: np.random.Generator, n: int = 600) -> Evidence:
    """A form of three steps, each of which loses exactly the smallest share of interest (5 %)."""
    lost = rng.random((n, 3)) < 0.05
    reached = np.cumsum(lost, axis=1) == lost
    session, step = np.nonzero(reached)
    names = {"session_id": pd.Series(session).map("S{}".format), "step": pd.Series(step).map("step {}".format)}
    at, completed = EARLY + pd.to_timedelta(step, unit="min"), pd.array(~lost[reached], "boolean")
    return study_of({"steps": pd.DataFrame(names).assign(at=at, completed=completed)})


def messages(rng: np.random.Generator, n: int = 110, weeks: int = 14) -> Evidence:
    """Customers who are written to more in some weeks; those who are written to more at all open more, and one in
    thirty messages ends in unsubscribing, whatever came before it."""
    often, likes = rng.choice([0.5, 1.5], n), rng.normal(0, 0.3, n)
    busy = np.repeat(rng.choice([0.4, 1.6], (n, weeks)), 7, axis=1)
    sent = rng.random(busy.shape) < often[:, None] / 7 * busy
    left = sent & (rng.random(busy.shape) < 0.03)
    sent &= np.cumsum(left, axis=1) == left
    customer, day = np.nonzero(sent)
    opened = rng.random(len(day)) < 0.35 * np.exp(likes + 0.3 * often)[customer]
    outcomes = {"opened": pd.array(opened, "boolean"), "unsubscribed": pd.array(left[sent], "boolean")}
    frame = pd.DataFrame({"customer_id": pd.Series(customer).map("C{}".format), "channel": "email"} | outcomes)
    return study_of({"messages": frame.assign(at=MONDAY + pd.to_timedelta(day, unit="D"))})


# --- prices ------------------------------------------------------------------------------------------------------


def market(rng: np.random.Generator, n: int = 40, weeks: int = 30) -> Evidence:
    """Weekly prices of products with offers, which bring orders by their label alone: no memory, no left digit."""
    listed = np.tile(np.maximum(np.round(rng.lognormal(1.8, 0.5, n) * 2) / 2 - 0.05, 1.45), (weeks, 1))
    listed[weeks // 2 :, rng.random(n) < 0.5] *= 1.06
    offered = rng.random(listed.shape) < 0.2
    posted = np.round(listed * np.where(offered, rng.choice([0.75, 0.8, 0.85], listed.shape), 1), 2)
    log_rate = np.log(5) + rng.normal(0, 0.5, n) + rng.normal(0, 0.2, (weeks, 1)) + 0.8 * offered
    bought = rng.poisson(np.exp(log_rate) * rng.gamma(10, 0.1, listed.shape)).ravel()
    week, product = (index.ravel() for index in np.indices(listed.shape))
    at, ids = MONDAY + pd.to_timedelta(7 * week, unit="D"), pd.Series(product).map("P{}".format)
    prices = pd.DataFrame({"product_id": ids, "at": at, "price": posted.ravel()})
    sold = sales(np.arange(bought.sum()), at.repeat(bought), product_id=ids.repeat(bought).to_numpy())
    return study_of({"sales": sold, "prices": prices})


# --- money, answers, complaints and leads ------------------------------------------------------------------------


def coupons(rng: np.random.Generator, effect: float = 0.0, n: int = 600) -> Evidence:
    """Exactly as many customers depend on coupons as would matter (5 %): they use one in nine orders of ten."""
    depends = rng.random(n) < 0.05 + effect
    customer = np.repeat(np.arange(n), 1 + rng.poisson(6, n))
    used = rng.random(len(customer)) < np.where(depends, 0.9, 0.1)[customer]
    return study_of({"sales": sales(customer, EARLY, coupon=pd.Series(np.where(used, "SAVE", None), dtype="str"))})


def referrals(rng: np.random.Generator, effect: float = 0.0, n: int = 400) -> Evidence:
    """Satisfied respondents bring others as often as all the rest."""
    nps = rng.integers(0, 11, n).astype(float)
    brings = rng.random(n) < 0.15 + effect * (nps >= 9)
    answers = pd.DataFrame({"customer_id": pd.Series(range(n)).map("C{}".format), "nps": nps})
    brought = pd.DataFrame({"referred_by": answers.loc[brings, "customer_id"].to_numpy()})
    joined = MONDAY - pd.to_timedelta(rng.integers(30, 900, n), unit="D")
    theirs = pd.DataFrame({"customer_id": answers["customer_id"], "signed_up_at": joined})
    brought = brought.assign(customer_id=brought.index.map("N{}".format))
    return study_of({"survey": answers, "customers": pd.concat([theirs, brought], ignore_index=True)})


def complaints(rng: np.random.Generator, effect: float = 0.0, n: int = 400) -> Evidence:
    """Early orders bring more complaints and more leaving, each by the order's number; a complaint drives nobody away.

    Customers order every 30 days or so; nobody who stays takes less than 18.
    """
    number, shape = np.log1p(np.arange(1, 13)), (n, 12)
    day = rng.uniform(0, 30, (n, 1)) + np.cumsum(18 + rng.exponential(12, shape), axis=1)
    upset = rng.random(shape) < expit(-0.6 - number)
    leaves = rng.random(shape) < expit(0.2 - 1.2 * number) + effect * upset
    kept = (np.cumsum(leaves, axis=1) == leaves) & (day < 270)
    at, complained = MONDAY + pd.to_timedelta(day[kept], unit="D"), upset[kept]
    bought = sales(np.nonzero(kept)[0], at, amount=rng.gamma(2, 10, len(at)))
    service = bought.loc[complained, ["customer_id"]].assign(at=at[complained] + pd.Timedelta(days=3), kind="complaint")
    return study_of({"sales": bought, "service": service})


def scored(rng: np.random.Generator, n: int = 300) -> Evidence:
    """Leads with one to ten page visits in their first day, of whom a quarter become customers whatever they did."""
    pages, first = rng.integers(1, 11, n), MONDAY + pd.to_timedelta(np.arange(n) * 150 / n, unit="D")
    won = pd.Series(first + pd.Timedelta(days=30)).where(rng.random(n) < 0.27)
    lead = np.repeat(np.arange(n), pages)
    later = pd.to_timedelta(2 * pd.Series(lead).groupby(lead).cumcount(), unit="h")
    frame = pd.DataFrame({"lead_id": pd.Series(lead).map("L{}".format), "at": first[lead] + later, "activity": "page"})
    scoring = {"points": {"page": 5}, "scored_after": 21}
    return study_of({"leads": frame.assign(converted_at=won[lead].to_numpy())}, leads=scoring)


def profits(rng: np.random.Generator, effect: float = 0.0, n: int = 300) -> Evidence:
    """Skewed later margins that do not depend on which of three personas a customer is."""
    held_out = pd.DataFrame({"customer_id": [f"C{i}" for i in range(n)], "margin": rng.gamma(1, 20, n) - 5})
    held_out.loc[::3, "margin"] += effect * 20
    persona_of = {f"C{i}": f"p{i % 3}" for i in range(n)}
    return study_of({"sales": sales(np.arange(n), EARLY, unit_cost=1.0)}, persona_of, None, held_out)


def gaps(rng: np.random.Generator, effect: float = 0.0, n: int = 150) -> Evidence:
    """Four attributes that matter as much as they are done well, on a scale from 1 to 5."""
    pairs = {f"q{i}": [f"imp{i}", f"perf{i}"] for i in range(4)}
    own = rng.normal(3.2, 0.7, n)
    answers = {name: np.clip(np.round(own + rng.normal(0, 0.8, n)), 1, 5) for pair in pairs.values() for name in pair}
    frame = pd.DataFrame(answers).assign(customer_id=[f"C{i}" for i in range(n)])
    return study_of({"survey": frame}, survey_keys={"importance_performance": pairs})


def fourteen(rng: np.random.Generator, n: int = 200) -> Evidence:
    """Fourteen experiments on the same people, none of which has an effect."""
    frame, tests = pd.DataFrame({"customer_id": [f"C{i}" for i in range(2 * n)]}), []
    for i in range(14):
        frame[f"arm{i}"] = rng.permutation(np.repeat(["a0", "a1"], n))
        frame[f"y{i}"] = rng.integers(0, 2, 2 * n).astype(float)
        arm, outcome = {"column": f"arm{i}", "arms": ["a0", "a1"]}, {"column": f"y{i}", "success": ["1"]}
        tests.append(experiment(id=f"null_{i}", arm=arm, outcome=outcome))
    return study_of({"survey": frame}, experiments=tests)


# --- what is tried -----------------------------------------------------------------------------------------------

NULLS: dict[str, tuple[str, Draw]] = {
    "relative_saving: two shares": ("framing", shares),
    "relative_saving: three arms": ("framing", lambda rng: shares(rng, arms=3)),
    "relative_saving: shares of the same people": ("framing", paired_shares),
    "relative_saving: shares, several answers each": ("framing", clustered_shares),
    "relative_saving: two means": ("framing", means),
    "relative_saving: means of the same people": ("framing", paired_means),
    "framing_by_persona: shares": ("framing", shares_by_persona),
    "framing_by_persona: numbers, three arms": ("framing", numbers_by_persona),
    "reference_price": ("framing", market),
    "loss_asymmetry": ("framing", market),
    "left_digit": ("framing", market),
    "coupon_dependence: exactly the share that matters": ("framing", coupons),
    "conversion_by_channel": ("channels", sessions),
    "order_value_by_channel": ("channels", orders),
    "place_language": ("channels", sessions_alike),
    "funnel_stage": ("channels", sessions),
    "new_vs_returning": ("channels", sessions),
    "moments_by_persona": ("channels", moments),
    "step_friction: exactly the share that matters": ("channels", steps),
    "contact_pressure": ("channels", messages),
    "lead_score": ("leads", scored),
    "referral_satisfaction": ("leads", referrals),
    "bad_experience": ("leads", complaints),
    "profit_by_persona": ("leads", profits),
    "importance_performance": ("leads", gaps),
}
"""``id: what is particular`` -> its room, and a draw of a study in which the belief is false."""
SIZES: dict[str, tuple[str, Draw, float, int]] = {
    "relative_saving: two shares": ("framing", shares, 0.05, 1500),
    "relative_saving: two means": ("framing", means, 0.20, 400),
    "framing_by_persona: shares": ("framing", shares_by_persona, 0.10, 900),
    "order_value_by_channel": ("channels", orders, 0.10, 1500),
    "referral_satisfaction": ("leads", referrals, 0.05, 3000),
    "profit_by_persona": ("leads", profits, 0.20, 1200),
}
"""Room, draw, smallest effect of interest, people enough to tell: tried with no effect, half of it, and twice it."""
AMOUNTS = {"no effect": 0.0, "half of what matters": 0.5, "twice what matters": 2.0}
FOURTEEN = "fourteen true nulls at once: at least one finding"
KINDS = [*NULLS, *(f"{name}, {amount}" for name in SIZES for amount in AMOUNTS), FOURTEEN]


def trial(kind: str, seed: int) -> dict[str, Any]:
    """What one simulated study says: its kind, whether p <= .05 before correction, and the verdict."""
    rng = np.random.default_rng([seed, 4])
    if kind == FOURTEEN:
        found = [r for r in put_to_the_test("framing", fourteen(rng)) if r.id.startswith("null_")]
        findings = any(r.verdict in ("supported", "reversed") for r in found)
        verdict = "supported" if findings else "inconclusive"
        return {"kind": kind, "rejected": any(r.p_value <= 0.05 for r in found), "verdict": verdict}
    if kind in NULLS:
        room, draw = NULLS[kind]
        result = alone(kind, room, draw(rng))
    else:
        name, _, amount = kind.rpartition(", ")
        room, draw, sesoi, n = SIZES[name]
        result = alone(name, room, draw(rng, AMOUNTS[amount] * sesoi, n))
    return {"kind": kind, "rejected": result.p_value is not None and result.p_value <= 0.05, "verdict": result.verdict}


def several(kinds: list[str], sets: int) -> pd.DataFrame:
    """The summary of so many studies of each kind, one after the other."""
    gc.freeze()  # as `calibrate.together` does
    return summary(pd.DataFrame([trial(kind, seed) for kind in kinds for seed in range(sets)]))


def alone(kind: str, room: str, evidence: Evidence) -> HypothesisResult:
    """The result of the belief that a kind names, tested alone."""
    wanted = kind.partition(":")[0].partition(",")[0]
    others = HypothesisChoice(exclude=[i for i in built_in() if i != wanted])
    alone = replace(evidence, study=evidence.study.model_copy(update={"hypotheses": others}))
    return next(r for r in put_to_the_test(room, alone) if r.id == wanted)


def summary(found: pd.DataFrame) -> pd.DataFrame:
    """Per kind: sets, share with p <= .05 before correction, and the share of each verdict."""
    by_kind = found.groupby("kind", sort=False)
    verdicts = pd.crosstab(found["kind"], found["verdict"], normalize="index").reindex(columns=VERDICTS, fill_value=0.0)
    rejected = by_kind["rejected"].mean().rename("p <= .05")
    return pd.concat([by_kind.size().rename("sets"), rejected.round(3), verdicts.round(3)], axis=1)
