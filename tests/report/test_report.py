"""The report: one offline file, safe whatever the texts hold, whose numbers add up."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pipeline.report.report import write_report

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECTIONS = [
    "Nothing is lost",
    "Quarantine by reason",
    "Cuts by rule",
    "Repairs by rule",
    "Duplicates",
    "Cluster sizes",
    "Largest clusters",
    "Pairs for review",
    "Languages",
    "Lengths",
    "Flags",
    "Sources",
    "Validation",
    "Changes",
    "Settings",
]


class Tags(HTMLParser):
    """The start tags of a page with their attributes, and its text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module")
def html(snapshot, request):
    return write_report(snapshot, facts=request.getfixturevalue("report_facts"))


@pytest.fixture(scope="module")
def page(html):
    return Tags(html)


def test_the_same_tables_give_the_same_bytes(snapshot, html, report_facts):
    assert write_report(snapshot, facts=report_facts) == html


def test_nothing_is_fetched_from_anywhere(page, html):
    asking = {"src", "href", "data", "action", "poster", "srcset", "xlink:href"}
    outward = [
        value
        for _, attributes in page.tags
        for name, value in attributes.items()
        if name in asking and not value.startswith("#")
    ]
    assert outward == []
    assert "@import" not in html
    assert "url(" not in html


def test_no_text_becomes_markup(page):
    assert [tag for tag, _ in page.tags if tag in {"img", "iframe", "object", "base"}] == []
    assert sum(tag == "script" for tag, _ in page.tags) == 1
    handlers = [name for _, attributes in page.tags for name in attributes if name[:2] == "on"]
    assert handlers == []


def test_controls_and_turned_text_are_shown_and_not_obeyed(html):
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", html)


def test_the_page_is_small_beside_its_samples(html):
    assert len(html.encode()) < 300_000


@pytest.mark.parametrize("section", SECTIONS)
def test_the_page_has_every_section(page, section):
    assert section in " ".join(page.words)


def test_the_numbers_add_up_visibly(page):
    words = re.sub(r"\s+", " ", " ".join(page.words))
    for number, name in ((243, "documents in"), (180, "curated"), (45, "duplicates")):
        assert f"{number} {name}" in words
    assert "The books balance." in words


def test_a_ledger_that_does_not_balance_is_said_aloud(snapshot, make_facts):
    words = " ".join(Tags(write_report(snapshot, facts=make_facts(documents=250))).words)
    assert "The books balance." not in words


def test_a_corpus_without_anything_is_drawn_too(fake, make_facts, tmp_path):
    fake.document("only.txt", "One line of text that is all there is.")
    html = write_report(fake.write(tmp_path / "one"), facts=make_facts(documents=1))
    assert "The books balance." in html


def test_the_bar_beside_a_share_is_as_long_as_the_share(html):
    row = re.search(r"<bdi>near_copy</bdi>.*?([\d.]+)%</td>.*?width=\"([\d.]+)\"", html, re.DOTALL)
    assert row is not None
    assert row[1] == row[2]


def test_broken_rules_stand_open_and_those_that_held_are_folded(html):
    section = html[html.index('id="validation"') : html.index('id="changes"')]
    assert [
        " ".join(fold.split()) for fold in re.findall(r"<details[^<]*<summary>[^<]*", section)
    ] == [
        "<details open> <summary>1 rule broken",
        "<details> <summary>1 rule held",
    ]


@pytest.mark.ui
@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
@pytest.mark.parametrize("width", [400, 1280])
def test_a_browser_shows_it_offline_without_a_complaint(html, tmp_path, width):
    from playwright.sync_api import sync_playwright

    file = tmp_path / "report.html"
    file.write_text(html, "utf-8")
    asked, said = [], []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        tab = browser.new_page(viewport={"width": width, "height": 900})
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: said.append(message.text))
        tab.on("dialog", lambda dialog: said.append(dialog.message))
        tab.goto(file.as_uri())
        tab.get_by_role("button", name="Unfold all").first.click()
        assert tab.locator("details[open]").count() > 0
        assert tab.locator("svg.chart:visible").count() >= 3
        assert tab.locator("td button").count() == 0
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        folder = Path(__file__).parents[1] / "ui" / "screenshots"
        folder.mkdir(parents=True, exist_ok=True)
        tab.screenshot(path=folder / f"report-{width}.png", full_page=True)
        browser.close()
    assert (asked, said) == ([file.as_uri()], [])
