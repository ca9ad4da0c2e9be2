"""What a notebook shows."""

import base64

import numpy as np
import pandas as pd
import pytest

from helpers.report import figures, notebook_view
from helpers.words import Words


@pytest.fixture
def shown(monkeypatch):
    """What was displayed, in order."""
    seen = []
    monkeypatch.setattr(notebook_view, "display", lambda thing, **how: seen.append((thing, how)))
    return seen


def test_a_figure_carries_its_alt_text(shown):
    frame = pd.DataFrame({"channel_web_share": [0.5]})
    notebook_view.show(figures.plot_channels(frame), alt="Half of the orders come from the web")
    data, how = shown[0]
    assert how["metadata"]["image/png"]["alt"] == "Half of the orders come from the web"
    assert how["raw"] is True
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")


def test_sentences_are_paragraphs_and_markup_in_them_is_text(shown):
    notebook_view.tell(["One <b>&.", "Two *stars* [2]."])
    assert shown[0][0].data == "One &lt;b&gt;&amp;.\n\nTwo \\*stars\\* [2]."
    notebook_view.tell("# A card", markdown=True)
    assert shown[1][0].data == "# A card"


def test_a_table_is_escaped_and_reads_as_the_report_does(shown):
    frame = pd.DataFrame(
        {
            "handle": ["<script>x</script><td>", None],
            "n": [1200, 7],
            "revenue_share": [0.1234, np.nan],
            "lift": [1.5, 2.25],
            "ci_low": [1.2, 2.0],
            "warning": [True, False],
            "arms": [("a", "b"), ()],
        }
    )
    notebook_view.table(frame, "Groups <b>", Words())
    page = shown[0][0].data
    assert "<script>" not in page
    assert "<b>" not in page
    assert page.count('<td dir="auto">') == 14
    cells = [part.split("</td>")[0] for part in page.split('<td dir="auto">')[1:]]
    assert cells == [
        "&lt;script&gt;x&lt;/script&gt;&lt;td&gt;", "1,200", "12.3 %", "1.50", "1.20", "yes", "a, b",
        "–", "7", "–", "2.25", "2", "no", "–",
    ]  # fmt: skip


def test_the_interval_of_a_share_is_in_per_cent():
    page = notebook_view.table_html(pd.DataFrame({"share": [0.5], "ci_low": [0.4], "ci_high": [0.6]}), "x")
    assert "50.0 %" in page
    assert "40.0 %" in page


def test_the_numbers_of_a_table_can_share_their_digits_counts_and_shares_aside():
    frame = pd.DataFrame({"n": [1200], "gap": [0.0042], "ci_low": [-0.0311], "share": [0.5]})
    cells = [part.split("</td>")[0] for part in notebook_view.table_html(frame, "x").split('<td dir="auto">')[1:]]
    assert cells[1] == "0.0042"
    frame = frame.drop(columns="share")
    page = notebook_view.table_html(frame, "x", digits=2)
    assert [part.split("</td>")[0] for part in page.split('<td dir="auto">')[1:]] == ["1,200", "0.00", "−0.03"]


def test_a_p_value_is_never_zero():
    frame = pd.DataFrame({"p_value": [1e-9, 0.0321, np.nan], "p_adjusted": [0.5, 1.0, 0.00004], "n": [10, 20, 30]})
    page = notebook_view.table_html(frame, "x")
    cells = [part.split("</td>")[0] for part in page.split('<td dir="auto">')[1:]]
    assert cells == ["&lt; .001", ".500", "10", ".032", "1.000", "20", "–", "&lt; .001", "30"]


def test_a_long_table_says_how_much_of_it_is_shown():
    page = notebook_view.table_html(pd.DataFrame({"n": range(100)}), "Rows")
    assert "60 of 100 rows are shown." in page
    assert page.count("<tr") == 61
