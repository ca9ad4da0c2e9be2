"""Text as it is compared, and shares of people: what every room asks of the ground floor."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.small_cells import wilson
from helpers.text import fold, folded, nearest, spelt_like


@pytest.mark.parametrize("text", [" Ｃafé  au\tLAIT", "cafe\u0301 AU lait\u00a0", "café au lait"])
def test_what_looks_alike_is_one_text(text):
    assert fold(text) == "café au lait"


def test_empty_answers_are_missing():
    assert folded(pd.Series([" A ", " ", None], dtype="str")).fillna("-").tolist() == ["a", "-", "-"]


def test_near_spellings_are_given_as_they_are_written_the_nearest_first():
    known = ["Coupon_share", "discount_share", "margin"]
    assert spelt_like("cupon_SHARE", known) == ["Coupon_share", "discount_share"]
    assert spelt_like("recency", known) == []
    assert nearest("margn", known) == "did you mean 'margin'?"
    assert nearest("recency", known) == "known: Coupon_share, discount_share, margin"
    assert nearest("recency", []) == "known: none"


def test_wilsons_interval_as_published():
    """Newcombe (1998), table I: 81 of 263."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(81, 263, 0.1)[0] > 0.2553
