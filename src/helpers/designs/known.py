"""Known experiments as data: what each is, what is usually found with it, and where that was published.

Titles, theories, what is compared and the questions themselves stand in the catalogue ``designs`` by the id. In every
row the second arm is the one that theory expects more of. Figures are those of replications and meta-analyses where
there are any, since first reports run large; where no figure can be vouched for, only the direction is given. The four
paired problems (certainty, Allais, reflection, isolation) are first reports: of about 1,800 other people fewer chose so
(Millroth, Nilsson & Juslin 2019, Judgment and Decision Making 14), by how much their abstract does not say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from helpers.words import Said, say

Kind = Literal["share", "mean", "choice", "problems", "gambles"]
Part = Literal["title", "theory", "estimand"]

_KT79 = "Kahneman and Tversky 1979, Econometrica 47"
_ML1 = "Klein and others 2014, Social Psychology 45: 36 samples"


@dataclass(frozen=True)
class Published:
    """A published effect: ``measure``, ``estimate``, and ``low`` to ``high``, the 95 % interval or a range of several.

    ``base`` is the share of the first arm, where shares were compared. Without a measure only the direction is sure.
    ``looked_up``: held against the abstract of the source, or the text as its authors reprint it; all others are as
    they are cited.
    """

    source: str
    measure: str | None = None
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    spread: Literal["interval", "range", "none"] = "none"
    base: float = 0.5
    looked_up: bool = False


@dataclass(frozen=True)
class Known:
    """A known experiment.

    kind : a yes or no (share), a number (mean), one of several options (choice), two problems that the same people or
    different ones answer (problems), or choices between bets (gambles). arms : the first is compared with. columns : of
    the arm and of the answer, or of each problem's answer, as the ready questions name them. success : the answers that
    count as a yes; among : the options that count, where not all do. first : where the effect was first reported.
    """

    id: str
    kind: Kind
    arms: tuple[str, ...]
    columns: tuple[str, ...]
    usual: Published
    first: str
    success: tuple[str, ...] = ("yes",)
    among: tuple[str, ...] = ()

    @property
    def numeric(self) -> bool:
        """Whether the answer is a number."""
        return self.kind == "mean"


LOSS_WEIGHT = Published(
    "Brown and others 2024, Journal of Economic Literature 62: 607 estimates",
    "ratio of slopes", 1.955, 1.820, 2.102, "interval", looked_up=True,
)  # fmt: skip
"""How many times a loss weighs as much as a gain."""

KNOWN = {
    row.id: row
    for row in (
        Known("relative_saving", "share", ("dear", "cheap"), ("frame", "would_go"),
              Published("Klein and others 2018, AMPPS 1: 7,228 people", "odds ratio", 2.06, 1.87, 2.27, "interval",
                        base=0.318),
              "Tversky and Kahneman 1981, Science 211"),
        Known("framing_wording", "share", ("gain", "loss"), ("wording", "would_buy"),
              Published("Piñon and Gambara 2005, Psicothema 17", "standardised difference", 0.444,
                        looked_up=True),
              "Meyerowitz and Chaiken 1987, Journal of Personality and Social Psychology 52"),
        Known("risky_frame", "share", ("gain", "loss"), ("risk_wording", "took_risk"),
              Published(_ML1, "standardised difference", 0.60), "Tversky and Kahneman 1981, Science 211"),
        Known("attribute_frame", "mean", ("bad_side", "good_side"), ("quality_wording", "quality_mark"),
              Published("Piñon and Gambara 2005, Psicothema 17", "standardised difference", 0.260,
                        looked_up=True),
              "Levin and Gaeth 1988, Journal of Consumer Research 15"),
        Known("was_price", "share", ("alone", "with_was"), ("was_shown", "would_buy_was"),
              Published("Compeau and Grewal 1998, Journal of Public Policy and Marketing 17"),
              "Urbany, Bearden and Weilbaker 1988, Journal of Consumer Research 15"),
        Known("setting_price", "mean", ("corner_shop", "hotel"), ("setting", "pay_there"),
              Published("Thaler 1985, Marketing Science 4: medians", "ratio of means", 1.77),
              "Thaler 1985, Marketing Science 4"),
        Known("anchoring", "mean", ("low", "high"), ("anchor", "would_pay"),
              Published(f"{_ML1}, four questions", "standardised difference", None, 1.17, 2.42, "range"),
              "Tversky and Kahneman 1974, Science 185"),
        Known("charm_price", "share", ("round", "just_below"), ("price_ending", "would_buy_ending"),
              Published("Troll and others 2024, Journal of Consumer Psychology 34: 69 studies",
                        "standardised difference", 0.13, 0.01, 0.25, "interval", looked_up=True),
              "Anderson and Simester 2003, Quantitative Marketing and Economics 1"),
        Known("partitioned_price", "share", ("one_price", "in_parts"), ("price_parts", "would_buy_parts"),
              Published("Morwitz, Greenleaf and Johnson 1998, Journal of Marketing Research 35"),
              "Morwitz, Greenleaf and Johnson 1998, Journal of Marketing Research 35"),
        Known("certainty", "problems", ("both_risky", "one_sure"), ("bet_of_two", "bet_or_sure"),
              Published(f"{_KT79}: 95 people", "risk difference", 0.45, base=0.35), _KT79, ("b",)),
        Known("allais", "problems", ("both_rare", "one_sure"), ("rare_bets", "sure_or_bet"),
              Published(f"{_KT79}: 72 people", "risk difference", 0.65, base=0.17), "Allais 1953, Econometrica 21",
              ("b",)),
        Known("reflection", "problems", ("losses", "gains"), ("of_losses", "of_gains"),
              Published(f"{_KT79}: 95 people", "risk difference", 0.72, base=0.08), _KT79, ("b",)),
        Known("isolation", "problems", ("one_stage", "two_stages"), ("in_one", "in_two"),
              Published(f"{_KT79}: 95 and 141 people", "risk difference", 0.43, base=0.35), _KT79, ("b",)),
        Known("decoy", "choice", ("two", "with_decoy"), ("offer_set", "chose_offer"),
              Published("Huber, Payne and Puto 1982, Journal of Consumer Research 9", "risk difference", 0.092),
              "Huber, Payne and Puto 1982, Journal of Consumer Research 9", ("large",)),
        Known("compromise", "choice", ("two", "with_extreme"), ("size_set", "chose_size"),
              Published("Simonson 1989, Journal of Consumer Research 16"),
              "Simonson 1989, Journal of Consumer Research 16", ("middle",), ("plain", "middle")),
        Known("endowment", "mean", ("buyer", "owner"), ("has_it", "its_price"),
              Published("Kahneman, Knetsch and Thaler 1990, Journal of Political Economy 98: medians",
                        "ratio of means", None, 1.9, 2.3, "range"),
              "Thaler 1980, Journal of Economic Behavior and Organization 1"),
        Known("default", "share", ("opt_in", "opt_out"), ("preset", "takes_part"),
              Published("Jachimowicz and others 2019, Behavioural Public Policy 3: 58 studies",
                        "standardised difference", 0.68, 0.53, 0.83, "interval", base=0.42, looked_up=True),
              "Johnson and Goldstein 2003, Science 302"),
        Known("sunk_cost", "mean", ("free", "paid"), ("ticket", "would_still_go"),
              Published(_ML1, "standardised difference", 0.31),
              "Arkes and Blumer 1985, Organizational Behavior and Human Decision Processes 35"),
        Known("mental_accounting", "share", ("lost_voucher", "lost_money"), ("what_was_lost", "would_buy_again"),
              Published("Tversky and Kahneman 1981, Science 211: 383 people", "risk difference", 0.42, 0.331, 0.498,
                        "interval", base=0.46, looked_up=True),
              "Tversky and Kahneman 1981, Science 211"),
        Known("scarcity", "share", ("plenty", "few_left"), ("stock_shown", "would_buy_stock"),
              Published("Barton, Zlatevska and Oppewal 2022, Journal of Retailing 98: 131 studies"),
              "Worchel, Lee and Adewole 1975, Journal of Personality and Social Psychology 32"),
        Known("loss_aversion", "gambles", (), (), LOSS_WEIGHT, _KT79),
    )
}  # fmt: skip
"""Every known experiment by its id; bets are declared with the survey (``gambles``) and not as an experiment."""


def says(design: str, part: Part) -> Said:
    """What the catalogue has of a known experiment."""
    return say(f"designs.{part}.{design}")


def questions(design: str) -> list[tuple[str, Said]]:
    """The ready question of each arm, by the arm's name."""
    return [(arm, say(f"designs.ask.{design}.{arm}")) for arm in KNOWN[design].arms]
