"""What a persona weighs in an offer and what it says of prices, as claims and advice of its card."""

from __future__ import annotations

import pandas as pd
from scipy.stats import norm

from helpers.beliefs.verdict import Z95
from helpers.cards.cards import Counsel, Handed
from helpers.contracts import Claim, Line
from helpers.offers.asked.best_worst import Scores
from helpers.offers.asked.market import Tastes
from helpers.offers.asked.price_questions import Prices
from helpers.offers.asked.who import ALL
from helpers.offers.conjoint import Choices
from helpers.words import Text, say

SURELY = 0.05


def for_cards(choices: Choices, tastes: Tastes, asked_prices: Prices) -> Handed:
    """One claim on choices, one on offers side by side, one on prices; each group's own, never what all share.

    What groups choose is told only where they choose differently, and otherwise than by choosing more or less surely.
    What people say of prices is said by each group for itself, and is a hint: words are no purchases.
    """
    claims: dict[str, list[Claim]] = {}
    advice: dict[str, list[Counsel]] = {}
    differ = choices.p_personas is not None and max(choices.p_personas, choices.p_taste or 0.0) <= SURELY
    for group, claim, line in (*(_weighs(choices) if differ else ()), *_says_of_prices(asked_prices)):
        claims.setdefault(group, []).append(claim)
        advice.setdefault(group, []).append(Counsel(line, (claim.column,)))
    for group, claim in _takes(tastes.shares) if differ else ():
        claims.setdefault(group, []).append(claim)
    return Handed({i: tuple(some) for i, some in claims.items()}, advice={i: tuple(some) for i, some in advice.items()})


def best_for_cards(best_worst: Scores) -> Handed:
    """What comes first for a group in a choice of best and worst, where it goes clearly beyond what all would take.

    The interval is widened for all groups and items that were looked at, so that what chance puts first is not told.
    """
    claims: dict[str, list[Claim]] = {}
    advice: dict[str, list[Counsel]] = {}
    for question, rows in best_worst.table.groupby("exercise", sort=False):
        whole, own = rows[rows["id"] == ALL].set_index("item")["score"], rows[rows["id"] != ALL]
        wider = float(norm.isf(SURELY / 2 / max(len(own), 1))) / Z95
        for group, scores in own.groupby("id", sort=False):
            row = scores.loc[scores["score"].idxmax()]
            if row["score"] - wider * (row["score"] - row["ci_low"]) <= whole[row["item"]]:
                continue
            told = {"item": row["item"], "share": row["score"], "interval": (row["ci_low"], row["ci_high"])}
            said = say("best_worst.card.first", question=question, all=whole[row["item"]], n=int(row["n"]), **told)
            claim = _claim(row, said, "survey", f"best of all: {row['item']}", row["score"], "share")
            claims.setdefault(group, []).append(claim)
            line = Line("argument", say("best_worst.card.lead", item=row["item"]))
            advice.setdefault(group, []).append(Counsel(line, (claim.column,)))
    return Handed({i: tuple(some) for i, some in claims.items()}, advice={i: tuple(some) for i, some in advice.items()})


def _weighs(choices: Choices) -> list[tuple[str, Claim, Line]]:
    """What weighs most for a group, where its interval lies beyond the weight that it has for all."""
    whole = choices.importance[choices.importance["id"] == ALL].set_index("attribute")["share"]
    found = []
    for group, rows in choices.importance[choices.importance["id"] != ALL].groupby("id", sort=False):
        row = rows.loc[rows["share"].idxmax()]
        if row["ci_low"] > whole[row["attribute"]]:
            told = {"name": row["attribute"].replace("_", " "), "share": row["share"], "n": int(row["n"])}
            told |= {"interval": (row["ci_low"], row["ci_high"]), "all": whole[row["attribute"]]}
            claim = _claim(row, say("conjoint.card.weighs", **told), "conjoint", f"weight of {row['attribute']}",
                           row["share"], "share")  # fmt: skip
            found.append((group, claim, Line("offer", say("conjoint.card.offer", name=told["name"]))))
    return found


def _takes(shares: pd.DataFrame) -> list[tuple[str, Claim]]:
    """Which of the offers side by side most of a group would take."""
    found = []
    for group, rows in shares[shares["id"] != ALL].dropna(subset=["share"]).groupby("id", sort=False):
        row = rows.loc[rows["share"].idxmax()]
        told = {"offer": row["offer"], "share": row["share"], "interval": (row["ci_low"], row["ci_high"])}
        said = say("conjoint.card.takes", n=int(row["n"]), **told)
        found.append((group, _claim(row, said, "conjoint", f"offer {row['offer']}", row["share"], "share")))
    return found


def _says_of_prices(prices: Prices) -> list[tuple[str, Claim, Line]]:
    """Between which prices a group would buy by its own account, else at which of those asked it would pay most."""
    found = []
    for group, rows in prices.named[prices.named["id"] != ALL].groupby("id", sort=False):
        lowest, optimal, _, highest = (row for _, row in rows.iterrows())
        told = {"lowest": lowest["price"], "highest": highest["price"], "n": int(optimal["n"])}
        said = say("prices.card.range", optimal=optimal["price"], **told)
        claim = _claim(optimal, said, "survey", "acceptable price", optimal["price"], "money")
        found.append((group, claim, Line("price", say("prices.card.stay", **told))))
    told_already = {group for group, *_ in found}
    buying = prices.buying[(prices.buying["id"] != ALL) & ~prices.buying["id"].isin(told_already)]
    for group, rows in buying.dropna(subset=["earned"]).groupby("id", sort=False):
        best = rows.loc[rows["earned"].idxmax()]
        told = {"price": best["price"], "share": best["share"], "n": int(best["n"])}
        said = say("prices.card.earns", interval=(best["ci_low"], best["ci_high"]), **told)
        claim = _claim(best, said, "survey", "price that earns most", best["share"], "share")
        found.append((group, claim, Line("price", say("prices.card.ask", price=best["price"]))))
    return found


def _claim(row: pd.Series, statement: Text, source: str, column: str, estimate: float, unit: str) -> Claim:
    """What people say, of themselves: nothing is compared, so that it is a hint."""
    return Claim(
        section="framing", statement=statement, source=source, column=column, role="held out", n=int(row["n"]),
        estimate=float(estimate), unit=unit, ci_low=float(row["ci_low"]), ci_high=float(row["ci_high"]),
        compared_with="zero", p_adjusted=None, grade="weak",
    )  # fmt: skip
