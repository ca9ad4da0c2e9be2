"""The PDF: the facts of the page, tagged, with bookmarks, the same for equal reports, and no markup of anybody's."""

import io
import json
import re
from dataclasses import replace

import pytest

from helpers.pages import site
from helpers.pages.pdf import _belief, as_pdf
from helpers.pages.site import page_values, publication_json, write_site
from helpers.report.page import estimate_text
from helpers.words import Words

pypdf, _ = pytest.importorskip("pypdf"), pytest.importorskip("typst")

WORDS = Words("en", "EUR")


def made(report):
    return as_pdf(report, page_values(report, WORDS), WORDS)


def plain(text):
    """Text without what fonts and lines do to it: letters and digits only."""
    return re.sub(r"\W+", "", text)


@pytest.fixture(scope="module")
def report(sample):
    """Without right-to-left words, whose shaped letters are not read back in their order."""
    told = sample.make_report()
    cards = tuple(card for card in told.cards if card.id != "p2")
    return replace(told, cards=cards, hypotheses=tuple(one for one in told.hypotheses if one.id != "our_test"))


@pytest.fixture(scope="module")
def read(report):
    return pypdf.PdfReader(io.BytesIO(made(report)))


@pytest.fixture(scope="module")
def text(read):
    return plain("".join(page.extract_text() for page in read.pages).replace("ﬁ", "fi"))


def test_headline_decisions_and_how_sure_are_those_of_the_json(report, text):
    personas = publication_json(report)["personas"]
    assert plain(personas["headline"]) in text
    assert len(personas["decisions"]) > 0
    for decision in personas["decisions"]:
        assert plain(decision["text"]) in text
        assert plain(WORDS.say(f"report.sure.{decision['sure']}")) in text


def test_every_card_tells_what_its_json_tells(report, text):
    for card in report.cards:
        for said in (card.name, card.essence, *card.unknowns, *(line.text for line in card.brief)):
            assert plain(said) in text, said
        for claim in card.claims:
            assert plain(claim.statement + estimate_text(claim, WORDS)) in text
    assert plain("10 % of them (40 people) are “Frequent returns, many complaints, dear to win”, too.") in text
    assert plain("Monday morning (38 %)") in text


def test_every_belief_has_its_verdict_and_what_was_found(report, text):
    for result in report.hypotheses:
        said = result.sentence if result.verdict != "not testable" else result.reason
        assert plain(WORDS.say(f"report.verdict.{result.verdict}") + result.title) in text
        assert plain(said) in text


def test_a_description_has_no_verdict(report):
    tested = next(result for result in report.hypotheses if result.verdict != "not testable")
    assert _belief(replace(tested, description=True), WORDS)["verdict"] == "Description"
    assert _belief(tested, WORDS)["verdict"] != "Description"
    untested = replace(tested, description=True, verdict="not testable")
    assert _belief(untested, WORDS)["verdict"] == "Not testable"


def test_it_is_tagged_titled_in_its_language_and_bookmarked(read, report):
    root = read.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - a boolean of the file
    assert root["/Lang"] == "en"
    assert "/StructTreeRoot" in root
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert report.study.title in read.metadata.title

    def titles(outline):
        for one in outline:
            yield from titles(one) if isinstance(one, list) else [plain(one.title)]

    marks = list(titles(read.outline))
    assert {plain(card.name) for card in report.cards} <= set(marks)
    assert plain(WORDS.say("report.page.how_sure")) in marks


def test_equal_reports_are_equal_files(report):
    assert made(report) == made(report)


def test_words_of_users_are_words_and_every_script_has_its_letters(sample):
    """#set and #image are typst's own; the letters of six languages come with the fonts that are taken along."""
    evil = '#image("/etc/passwd") *x* $y$ [1] <label> @ref'
    told = sample.hostile_report()
    report = replace(told, cards=tuple(replace(card, name=evil, essence="қазақ ქართული oʻzbek") for card in told.cards))
    pages = pypdf.PdfReader(io.BytesIO(made(report))).pages
    text = "".join(page.extract_text() for page in pages)
    assert '#image("/etc/passwd") *x* $y$ [1] <label> @ref' in " ".join(text.split())
    assert "қазақქართულიoʻzbek" in "".join(text.split())
    assert made(sample.make_report()).startswith(b"%PDF-")  # Persian in it


def test_it_is_written_beside_the_page_where_typst_is_installed(sample, tmp_path, monkeypatch):
    write_site(sample.make_report(), [], tmp_path)
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")
    monkeypatch.setattr(site, "can_write", lambda: False)
    (tmp_path / "without").mkdir()
    write_site(sample.make_report(), [], tmp_path / "without")
    assert not (tmp_path / "without" / "report.pdf").exists()
    assert json.loads((tmp_path / "without" / "personas.json").read_text(encoding="utf-8"))["headline"]
