"""The page of the sample as its reader meets it: short on a phone, short on paper, and true to what was planted."""

import json
import shutil

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SCREEN = 844
"""Pixels of a phone's screen of 390 pixels width."""


@pytest.fixture(scope="module")
def cards(sample_run):
    told = json.loads((sample_run.out / "personas.json").read_text(encoding="utf-8"))["personas"]
    return {card["id"]: card for card in told}


@pytest.fixture(scope="module")
def page(sample_run):
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        opened = started.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = opened.new_page(viewport={"width": 390, "height": SCREEN})
        page.goto((sample_run.out / "index.html").as_uri())
        yield page
        opened.close()


def advised(card) -> str:
    """What its team reads first: essence, summary, what to do."""
    return " ".join([card["essence"], card["summary"], *(line["text"] for line in card["brief"])])


def by_column(cards, column):
    """The persona that the sample's maker planted by this column: most of all others."""
    found = [card for card in cards.values() if card["kind"] == "persona"]
    return max(found, key=lambda card: max([c["estimate"] for c in card["claims"] if c["column"] == column], default=0))


def test_coupon_shoppers_are_not_told_that_they_complain(cards):
    """A few of them make that mean: most have never complained."""
    told = advised(by_column(cards, "coupon_share")).casefold()
    assert "complain" not in told
    assert "poor experience" not in told


def test_office_buyers_are_known_by_role_and_reached_by_phone_and_email_in_the_morning(cards):
    card = by_column(cards, "monday_share")
    assert {"office manager", "facility manager", "purchasing", "director"} <= set(
        card["essence"].removeprefix("Mostly ").partition(".")[0].replace(" and ", ", ").split(", ")
    )
    reached = card["essence"].partition("Reached by ")[2]
    assert {"email", "phone"} <= set(reached.partition(", in")[0].split(" and "))
    assert "in the morning" in reached


def test_no_card_advises_a_saving_and_the_full_price(cards):
    for card in cards.values():
        told = advised(card)
        assert not ("not of a reduction" in told and "Show a saving" in told), card["id"]


def test_every_persona_and_those_to_review_have_a_test_with_its_size_or_a_reason_for_none(cards):
    for card in cards.values():
        test, unknowns = card["experiment"], " ".join(card["unknowns"])
        assert (test and test["n_per_arm"] >= 50) or "test" in unknowns, card["id"]


def test_a_phone_shows_it_on_eight_screens_in_2500_words(page):
    assert page.evaluate("document.documentElement.scrollHeight") <= 8 * SCREEN
    assert len(page.evaluate("document.body.innerText").split()) <= 2500


def test_paper_takes_six_pages_that_tell_what_the_page_cannot(page, tmp_path):
    pypdf = pytest.importorskip("pypdf")
    page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    paper = pypdf.PdfReader(tmp_path / "page.pdf").pages
    assert len(paper) <= 6
    told = " ".join(" ".join(sheet.extract_text() for sheet in paper).split())
    assert "Counts under 10 people are not shown" in told
    assert "judged together" in told
