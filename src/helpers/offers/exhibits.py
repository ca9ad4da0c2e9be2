"""What notebooks 05 and 07 of offers, prices and coupons shows."""

from helpers.report.exhibits import Exhibit

_SURVEY, _OURS = "helpers.report.survey_figures", "helpers.offers.figures"
_ASKED = "helpers.offers.asked.figures"
EXHIBITS = {
    "importance.table": Exhibit("importance.table", drop=("id",), digits=2, only={"groups": "id"}),
    "importance.quadrants": Exhibit(
        "importance.table",
        "helpers.offers.importance:of_everybody",
        f"{_SURVEY}:plot_importance",
        largest=("gap", "attribute"),
    ),
    "importance.gaps": Exhibit("importance.table", draw=f"{_SURVEY}:plot_gaps", largest=("gap", "handle", "attribute")),
    "drivers.table": Exhibit("drivers_of_satisfaction.table", drop=("id", "kind"), digits=2),
    "drivers.drawn": Exhibit(
        "drivers_of_satisfaction.table",
        "helpers.offers.drivers:of_everybody",
        f"{_OURS}:plot_drivers",
        largest=("share", "attribute"),
    ),
    "conjoint.worths": Exhibit("choices.worths", drop=("id",), digits=2, only={"groups": "id"}),
    "conjoint.weights": Exhibit(
        "choices.importance", draw=f"{_OURS}:plot_choices", largest=("share", "handle", "attribute")
    ),
    "tastes.spread": Exhibit("tastes.spread", digits=2),
    "tastes.shares": Exhibit("tastes.shares", drop=("id",), digits=2, only={"groups": "id"}),
    "tastes.shares_drawn": Exhibit(
        "tastes.shares", draw=f"{_ASKED}:plot_shares", largest=("share", "handle", "offer"), only={"groups": "id"}
    ),
    "best_worst.table": Exhibit("best_worst.table", drop=("id",), digits=2, only={"groups": "id"}),
    "best_worst.drawn": Exhibit(
        "best_worst.table",
        draw=f"{_ASKED}:plot_scores",
        each="exercise",
        largest=("score", "handle", "item"),
        only={"groups": "id"},
    ),
    "prices.named": Exhibit("asked_prices.named", drop=("id",), digits=2),
    "prices.named_drawn": Exhibit(
        "asked_prices.named", draw=f"{_ASKED}:plot_named", largest=("price", "handle", "point")
    ),
    "prices.buying": Exhibit("asked_prices.buying", drop=("id",), digits=2),
    "prices.buying_drawn": Exhibit(
        "asked_prices.buying", draw=f"{_ASKED}:plot_buying", needs="share", largest=("share", "handle", "price")
    ),
    "framing.without_coupons_drawn": Exhibit(
        "without_coupons.shares", draw=f"{_OURS}:plot_without_coupons", largest=("share", "group")
    ),
    "framing.without_coupons": Exhibit("without_coupons.shares"),
    "framing.coupon_trial_drawn": Exhibit(
        "coupon_trial.groups", draw=f"{_OURS}:plot_coupon_trial", largest=("loss_if_they_leave_share", "group")
    ),
    "framing.coupon_trial": Exhibit("coupon_trial.groups", drop=("could_show",)),
}
