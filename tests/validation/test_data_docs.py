"""The pages about validations: whole, offline, and unmoved by what a text holds."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from pipeline.validation.data_docs import index_path, page_path, write_index, write_page
from pipeline.validation.results import Example, Outcome, Record, Validation
from pipeline.validation.suites import load_suites

SUITES = load_suites()
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</td></table></body><h1>mine</h1>",
    "{{ 7 * 7 }} {% raw %}",
    "&lt;b&gt; &amp;amp;",
    "javascript:alert(1)",
    "left \u202e right \x1b[31m bell \x07 null \x00",
    "word " * 20_000,
]


def found(**changed) -> Validation:
    """A validation in which every rule holds, but for changes by the rule's name."""
    outcomes = [
        Outcome(rule.suite, rule.name, rule.severity, True, 9, 0, None, (), None)
        for suite in SUITES.values()
        for rule in suite.rules
    ]
    outcomes = [replace(one, **changed.get(one.name, {})) for one in outcomes]
    return Validation(tuple(outcomes), (), name="a" * 16 + "-12345678")


def record_of(validation: Validation, previous: str | None = None) -> Record:
    return Record("a" * 16, previous, datetime(2026, 3, 1, 2, 5, tzinfo=UTC), validation)


class Page(HTMLParser):
    """A page taken apart: its tags with what they point to, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags, self.links, self.texts = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in {"href", "src", "style"}]

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def words(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.texts))


@pytest.fixture
def page_of(tmp_path):
    """The page of a validation, taken apart."""

    def write(validation, previous=None):
        write_page(tmp_path, record_of(validation, previous), SUITES)
        return Page(page_path(tmp_path, validation).read_text("utf-8"))

    return write


def test_a_page_names_every_rule_with_its_reason(page_of):
    words = page_of(found()).words
    for suite in SUITES.values():
        for rule in suite.rules:
            assert rule.name in words
            assert re.sub(r"\s+", " ", rule.reason) in words
    assert "This snapshot may be published." in words


def test_a_broken_critical_rule_is_said_at_the_top(page_of):
    broken = {"success": False, "unexpected_count": 2, "examples": (Example("d1", "x y"),)}
    words = page_of(found(curated_id_is_unique=broken)).words
    assert "This snapshot may not be published." in words
    assert "2 of 9 documents break it" in words
    assert "d1" in words


def test_a_broken_warning_stops_nothing(page_of):
    words = page_of(found(few_symbols={"success": False, "unexpected_count": 1})).words
    assert "This snapshot may be published." in words


def test_an_expectation_that_raised_says_why(page_of):
    broken = {"success": False, "unexpected_count": None, "exception": "no such <column>"}
    assert "could not be evaluated: no such <column>" in page_of(found(few_digits=broken)).words


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: value[:20].encode().hex())
def test_values_of_texts_are_escaped_drawn_and_bounded(page_of, value):
    plain = page_of(found())
    broken = {
        "success": False,
        "unexpected_count": 1,
        "observed": value,
        "examples": (Example(value, value),),
    }
    raised = {"success": False, "unexpected_count": None, "exception": value}
    page = page_of(found(few_symbols=broken, few_digits=raised))
    assert set(page.tags) == set(plain.tags) | {"details", "summary"}
    assert page.links == plain.links
    assert page.tags.count("script") == page.tags.count("img") == 0
    assert not re.search("[\x00-\x08\x1b\u202e]", page.words)
    assert len(page.words) < len(plain.words) + 1_500


def test_a_page_asks_for_nothing_from_elsewhere(page_of, tmp_path):
    page = page_of(found())
    assert all(not re.match("[a-z]+:|//", link) for link in page.links)
    html = page_path(tmp_path, found()).read_text("utf-8")
    assert "default-src 'none'" in html
    assert "@import" not in html


def test_the_index_leads_to_every_page_and_back(page_of, tmp_path):
    page = page_of(found(), previous="b" * 16)
    write_index(tmp_path, [record_of(found())])
    index = Page(index_path(tmp_path).read_text("utf-8"))
    (link,) = index.links
    assert (index_path(tmp_path).parent / link).samefile(page_path(tmp_path, found()))
    assert "../index.html" in page.links
    assert "b" * 16 in page.words
