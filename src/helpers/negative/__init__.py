"""What customers are worth, and whom not to court."""

CARD_CLAIMS = ("helpers.negative.segments:for_cards",)
