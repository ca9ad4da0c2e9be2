"""The pages for everybody: axe-core finds nothing, the keyboard reaches what scrolls, a phone holds the tables."""

import shutil
from pathlib import Path

import pytest

from helpers.pages.site import write_site

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
playwright = pytest.importorskip("playwright.sync_api")

AXE = (Path(__file__).parents[1] / "vendored" / "axe.min.js").read_text(encoding="utf-8")
PAGES = ["index.html", "evidence.html", "cards/p2.html", "cards/n1.html", "notebooks/02_customers.html"]
WIDTHS = (360, 390, 1280)
SCROLLING = """() => [...document.querySelectorAll('main *')].filter(one => one.scrollWidth > one.clientWidth + 1 &&
    ['auto', 'scroll'].includes(getComputedStyle(one).overflowX))"""


@pytest.fixture(scope="module")
def context():
    """One browser for all, whose pages let a test's script in."""
    with playwright.sync_playwright() as started:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = started.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser.new_context(bypass_csp=True)
        browser.close()


@pytest.fixture(scope="module")
def site(sample, tmp_path_factory):
    folder = tmp_path_factory.mktemp("access")
    write_site(sample.make_report(), [sample.make_notebook(folder / "02_customers.ipynb")], folder)
    return folder


@pytest.fixture
def opened(context, site):
    """A page by its name, everything on it unfolded."""
    pages = []

    def go(name):
        page = context.new_page()
        pages.append(page)
        page.goto((site / name).as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        return page

    yield go
    for page in pages:
        page.close()


def violations(page) -> list[str]:
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_at_any_width_light_or_dark(opened, name):
    page = opened(name)
    page.add_script_tag(content=AXE)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert violations(page) == [], (width, scheme)


def test_axe_would_find_an_image_without_words(opened):
    page = opened("cards/p2.html")
    page.add_script_tag(content=AXE)
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    assert [text.partition(":")[0] for text in violations(page)] == ["image-alt"]


@pytest.mark.parametrize("name", PAGES)
def test_the_keyboard_reaches_whatever_scrolls(opened, name):
    page = opened(name)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for one in page.evaluate_handle(SCROLLING).get_properties().values():
            assert page.evaluate("one => one.tabIndex", one) == 0, one


def test_the_tables_of_a_notebook_fit_a_phone_and_scroll_where_they_stay_wide(opened):
    page = opened("notebooks/02_customers.html")
    page.set_viewport_size({"width": 360, "height": 900})
    tables = page.locator("main table")
    assert tables.count() == 2
    assert max(tables.evaluate_all("all => all.map(one => one.getBoundingClientRect().right)")) <= 360
    shown = "one => getComputedStyle(one, '::before').content"
    assert page.locator("td", has_text="11").evaluate(shown) == '" · 11: "'
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.locator("td", has_text="11").evaluate(shown) == "none"
    assert page.locator("figure.table").evaluate_all("all => all.map(one => one.tabIndex)") == [0, 0]
