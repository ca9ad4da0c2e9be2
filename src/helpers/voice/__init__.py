"""What people say in their own words: open answers, interviews, quotes."""

CARD_CLAIMS = ("helpers.voice.voice:for_cards",)
