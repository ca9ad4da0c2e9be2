"""What moves people in an offer: its attributes, prices and coupons, and what falls short of what matters."""

from helpers.beliefs.belief import Belief
from helpers.offers.exhibits import EXHIBITS as EXHIBITS

_PRICES = "prices.price prices.at prices.product_id sales.product_id"
_WEEK, _OURS = "product and week", "helpers.offers"

STAGES = {
    "asked_prices": f"{_OURS}.asked.price_questions:asked_prices",
    "best_worst": f"{_OURS}.asked.best_worst:best_and_worst",
    "choices": f"{_OURS}.conjoint:what_decides",
    "coupon_trial": f"{_OURS}.coupon_trial:coupon_trial",
    "drivers_of_satisfaction": f"{_OURS}.drivers:drivers_of_satisfaction",
    "importance": f"{_OURS}.importance:importance_gaps",
    "tastes": f"{_OURS}.asked.market:tastes_of_people",
    "without_coupons": f"{_OURS}.coupons:without_coupons",
}
FILES = {
    "item_scores.csv": f"{_OURS}.asked.best_worst:scores_file",
    "own_worths.csv": f"{_OURS}.asked.market:own_worths_file",
}
BELIEFS = (
    Belief("reference_price", "framing", _WEEK, 0.5, _PRICES, f"{_OURS}.prices:reference_price"),
    Belief("loss_asymmetry", "framing", _WEEK, 0.5, _PRICES, f"{_OURS}.prices:loss_asymmetry"),
    Belief("coupon_dependence", "framing", "customer", 0.05, "sales.coupon|discount",
           f"{_OURS}.coupons:coupon_dependence"),
    Belief("left_digit", "framing", _WEEK, 0.10, _PRICES, f"{_OURS}.prices:left_digit"),
    Belief("importance_performance", "leads", "respondent", 0.30, "survey.importance_performance",
           f"{_OURS}.importance:importance_performance", role="screen"),
)  # fmt: skip
CARD_CLAIMS = (f"{_OURS}.ready_test:for_cards", f"{_OURS}.drivers:for_cards", f"{_OURS}.asked.on_cards:for_cards",
               f"{_OURS}.asked.on_cards:best_for_cards")  # fmt: skip
PUBLISHED = (f"{_OURS}.asked.known_choices:figures",)
