"""Prospect theory: what a loss weighs, for whom, and known experiments beside what is usually found with them."""

from helpers.prospect.exhibits import EXHIBITS as EXHIBITS

STAGES = {"loss_aversion": "helpers.prospect.loss_aversion:loss_aversion"}
CARD_CLAIMS = ("helpers.prospect.moved:for_cards", "helpers.prospect.moved:losses_for_cards")
CHECKS = ("helpers.prospect.loss_aversion:amiss",)
