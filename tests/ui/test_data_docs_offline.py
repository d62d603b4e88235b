"""The Data Docs in a real browser that has no network."""

from datetime import UTC, datetime

import pytest

from pipeline.validation.data_docs import index_path, write_index, write_page
from pipeline.validation.results import Example, Outcome, Record, Validation
from pipeline.validation.suites import load_suites

SUITES = load_suites()
HOSTILE = (
    "<script>document.title = 'taken'</script>",
    '"><img src="https://elsewhere.example/x.png" onerror="document.title = \'taken\'">',
    "</table><style>@import url(https://elsewhere.example/x.css)</style>",
    "letters without any blank " + "x" * 190,
    "right to left \u202e and back, bell \x07, escape \x1b[31m",
)


@pytest.fixture
def site(tmp_path):
    """The index of a site with one validation, in which much is wrong."""
    outcomes = []
    for place, rule in enumerate(rule for suite in SUITES.values() for rule in suite.rules):
        broken = place % 4 == 1
        examples = tuple(Example(f"{i:032x}", text) for i, text in enumerate(HOSTILE))
        outcomes.append(
            Outcome(
                suite=rule.suite,
                name=rule.name,
                severity=rule.severity,
                success=not broken,
                element_count=90_000,
                unexpected_count=1_234 if broken else 0,
                observed=None,
                examples=examples if broken else (),
                exception=HOSTILE[place % 5] if place % 8 == 1 else None,
            )
        )
    validation = Validation(tuple(outcomes), (), name="0123456789abcdef-01234567")
    record = Record("0123456789abcdef", "f" * 16, datetime(2026, 3, 1, tzinfo=UTC), validation)
    write_page(tmp_path, record, SUITES)
    write_index(tmp_path, [record])
    return index_path(tmp_path)


@pytest.mark.ui
@pytest.mark.parametrize("width", [400, 1280])
def test_data_docs_open_without_a_network_and_run_nothing_of_a_text(browser, site, snap, width):
    asked, said = [], []
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
    tab = context.new_page()
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(site.as_uri())
    assert tab.locator("tbody tr").count() == 1
    snap(tab, f"data-docs-index-{width}")
    tab.get_by_role("link", name="0123456789abcdef").click()
    assert tab.locator("section").count() == len(SUITES)
    tab.locator("details").first.locator("summary").first.click()
    assert tab.get_by_text(HOSTILE[0]).first.is_visible()
    assert "taken" not in tab.title()
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    snap(tab, f"data-docs-{width}")
    tab.get_by_role("link", name="Winnow Data Docs").click()
    assert tab.url == site.as_uri()
    context.close()
    assert {url.split(":")[0] for url in asked} == {"file"}
    assert said == []
