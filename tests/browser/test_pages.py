"""The pages in a real browser: nothing runs, nothing leaves, nothing overflows."""

import re
import shutil

import pytest

from helpers.report.site import write_site

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
playwright = pytest.importorskip("playwright.sync_api")

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


@pytest.fixture(scope="module")
def site(sample, tmp_path_factory):
    """The plain and the hostile publication."""
    folder = tmp_path_factory.mktemp("pages")
    for name, report in (("plain", sample.make_report()), ("hostile", sample.hostile_report())):
        (folder / name).mkdir()
        notebook = sample.make_notebook(folder / "02_customers.ipynb", hostile=name == "hostile")
        write_site(report, [notebook], folder / name)
    return folder


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser):
    """Open a page at a width; what it asked for, said and tried is kept beside it."""
    pages = []

    def go(path):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.seen = {"requests": [], "console": [], "dialogs": []}
        page.on("request", lambda request: page.seen["requests"].append(request.url))
        page.on("console", lambda message: page.seen["console"].append(message.text))
        page.on("pageerror", lambda error: page.seen["console"].append(str(error)))
        page.on("dialog", lambda dialog: (page.seen["dialogs"].append(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri())
        pages.append(page)
        return page

    yield go
    for page in pages:
        page.close()


PAGES = ["index.html", "evidence.html", "cards/p2.html", "notebooks/02_customers.html"]


@pytest.mark.parametrize("kind", ["plain", "hostile"])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_no_request_leaves_and_no_page_is_wider_than_the_screen(site, visit, kind, name):
    page = visit(site / kind / name)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in page.seen["requests"] if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in page.seen["requests"] if url.startswith("file:")]) == 1, "the page itself"
    assert page.seen["console"] == []
    assert page.seen["dialogs"] == []
    assert page.title() != "ran"


def test_the_policy_stops_what_would_slip_through(site, visit, tmp_path):
    """Even a page whose escaping had failed runs and fetches nothing."""
    text = (site / "plain" / "index.html").read_text(encoding="utf-8")
    broken = tmp_path / "broken.html"
    attack = "<script>document.title='ran'</script><img src='https://example.org/x.png'>"
    broken.write_text(text.replace("<main>", f"<main>{attack}", 1), encoding="utf-8")
    page = visit(broken)
    assert page.title() != "ran"
    assert all("Content Security Policy" in message for message in page.seen["console"])
    assert len(page.seen["console"]) >= 2


def test_a_cited_statement_is_found(site, visit):
    page = visit(site / "plain" / "index.html")
    page.click("#p1 .summary .ref >> nth=0")
    target = page.url.split("#")[1]
    assert re.fullmatch(r"p1-\d+", target)
    assert page.locator(f"#{target}").is_visible()


def test_a_right_to_left_handle_runs_right_to_left_and_the_page_does_not(site, visit):
    page = visit(site / "plain" / "index.html")
    title = page.locator(".belief", has_text="سازگار")
    assert title.evaluate("element => getComputedStyle(element).direction") == "rtl"
    assert page.locator("#p2 .summary").evaluate("element => getComputedStyle(element).direction") == "ltr"


def test_on_paper_a_card_begins_on_a_page_that_holds_it(site, visit):
    page = visit(site / "plain" / "index.html")
    page.emulate_media(media="print")
    heights = page.evaluate("[...document.querySelectorAll('.card')].map(card => card.getBoundingClientRect().height)")
    paper = (297 - 2 * 13) / 25.4 * 96
    assert len(heights) == 5
    assert max(heights) < paper
    assert {page.evaluate("getComputedStyle(document.querySelector('.card')).breakInside")} == {"avoid"}
