"""The pages in a real browser: nothing runs, nothing leaves, nothing overflows."""

import re
import shutil

import pytest

from helpers.pages.site import write_site

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


CONTRAST = """() => {
  const light = c => { const v = c.map(x => { x /= 255; return x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4 });
                       return .2126 * v[0] + .7152 * v[1] + .0722 * v[2] };
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const ground = one => { for (; one; one = one.parentElement) { const c = rgb(getComputedStyle(one).backgroundColor);
                          if (c.length < 4 || c[3] > 0) return c.slice(0, 3) } return [255, 255, 255] };
  return [...document.querySelectorAll('main *')].filter(one => !one.closest('svg') && one.offsetParent &&
      [...one.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())).map(one => {
    const [a, b] = [light(rgb(getComputedStyle(one).color).slice(0, 3)), light(ground(one))].sort((x, y) => y - x);
    return [(a + .05) / (b + .05), one.className + ': ' + one.textContent.slice(0, 40)] })
    .filter(([ratio]) => ratio < 4.5) }"""
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
    page.click("#p1 > summary")
    page.click("#p1 .brief .ref >> nth=0")
    target = page.url.split("#")[1]
    assert re.fullmatch(r"p1-\d+", target)
    assert page.locator(f"#{target}").is_visible()


def test_a_link_to_a_card_shows_it(site, visit):
    page = visit(site / "plain" / "index.html")
    essence = page.locator("#p1 .brief")
    assert not essence.is_visible()
    page.click(".tile[href='#p1']")
    assert essence.is_visible()


def test_a_right_to_left_handle_runs_right_to_left_and_the_page_does_not(site, visit):
    page = visit(site / "plain" / "index.html")
    title = page.locator(".asked", has_text="سازگار")
    assert title.evaluate("element => getComputedStyle(element).direction") == "rtl"
    assert page.locator("#p2 .essence").evaluate("element => getComputedStyle(element).direction") == "ltr"


def test_on_paper_a_card_begins_on_a_page_that_holds_it(site, visit):
    page = visit(site / "plain" / "index.html")
    page.set_viewport_size({"width": 718, "height": 1047})  # A4 between its margins
    page.emulate_media(media="print")
    heights = page.evaluate("[...document.querySelectorAll('.card')].map(card => card.getBoundingClientRect().height)")
    paper = (297 - 2 * 10) / 25.4 * 96
    assert len(heights) == 5
    assert max(heights) < paper
    assert {page.evaluate("getComputedStyle(document.querySelector('.card')).breakInside")} == {"avoid"}


def test_the_first_decision_is_on_the_first_screen_of_a_phone_and_the_page_is_short(site, visit):
    page = visit(site / "plain" / "index.html")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.locator(".decisions li").first.bounding_box()["y"] < 600
    assert page.evaluate("document.documentElement.scrollHeight") <= 8 * 844
    assert len(page.evaluate("document.body.innerText").split()) <= 2500


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(site, visit, scheme):
    """At least 4.5 to 1 (WCAG 2.2, 1.4.3) for the text of tiles, decisions, chips and cards."""
    page = visit(site / "plain" / "index.html")
    page.emulate_media(color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    low = page.evaluate(CONTRAST)
    assert low == []


def test_the_evidence_is_found_and_sorted_without_a_network(site, visit):
    page = visit(site / "plain" / "evidence.html")
    shown = page.locator("#lines tr[data-grade]:visible")
    everything = shown.count()
    page.select_option("[name=card]", "p1")
    page.select_option("[name=grade]", "strong")
    assert 0 < shown.count() < everything
    assert {page.evaluate("one => one.parentElement.dataset.card", one) for one in shown.element_handles()} == {"p1"}
    page.click("#lines th:nth-child(4) button")
    cells = page.locator("#lines tr[data-grade]:visible td:nth-child(4)")
    n = [float(cell.get_attribute("data-value")) for cell in cells.all()]
    assert n == sorted(n, reverse=True)
    page.fill("[name=text]", "no statement says this")
    assert shown.count() == 0
    assert page.seen["console"] == []
