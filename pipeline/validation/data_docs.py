"""Data Docs: what every validation found, as pages that open offline and hold no script at all.

The site that Great Expectations makes itself loads styles and scripts from eight remote hosts and
shows an empty list without them, so its templates are replaced by these. Values come from texts
that nobody vouches for: they are cut, control characters are drawn, and everything is escaped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import jinja2

from pipeline.report.passages import bounded, visible
from pipeline.store.durable import write_bytes
from pipeline.validation.results import Outcome, Record, Validation
from pipeline.validation.suites import Severity, Suites
from pipeline.validation.wording import Description, describe_suites

VALUE_CHARS: Final = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A rule in words, and what it found."""

    rule: Description
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Section:
    """The rules of one suite, broken ones first; `held` counts the others."""

    suite: str
    lines: tuple[Line, ...]
    held: int


def page_path(gx: Path, validation: Validation) -> Path:
    """Where the page of a validation lies, under the folder of all that is Great Expectations'."""
    return gx / "data_docs" / "validations" / f"{validation.name}.html"


def index_path(gx: Path) -> Path:
    """Where the list of all pages lies."""
    return gx / "data_docs" / "index.html"


def write_page(gx: Path, record: Record, suites: Suites) -> None:
    """The page of one validation."""
    content = _render("validation.html.j2", record=record, sections=_sections(record, suites))
    write_bytes(page_path(gx, record.validation), content)


def write_index(gx: Path, records: Sequence[Record]) -> None:
    """The list of these validations, as they come."""
    write_bytes(index_path(gx), _render("index.html.j2", records=records))


def _sections(record: Record, suites: Suites) -> list[Section]:
    words = {(rule.suite, rule.name): rule for rule in describe_suites(suites)}
    lines = [Line(words[o.suite, o.name], o) for o in record.validation.outcomes]
    sections = []
    for suite in suites:
        own = [line for line in lines if line.rule.suite == suite]
        own.sort(key=lambda line: line.outcome.success)
        held = sum(line.outcome.success for line in own)
        sections.append(Section(suite, tuple(own), held))
    return sections


def _render(template: str, **named: object) -> bytes:
    # The report's style sheet, so that both look like one house.
    loaders = [jinja2.PackageLoader("pipeline.validation"), jinja2.PackageLoader("pipeline.report")]
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader(loaders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["n"] = "{:,}".format
    environment.filters["value"] = _shown
    environment.globals["severities"] = list(Severity)
    return environment.get_template(template).render(named).encode()


def _shown(text: str) -> str:
    return visible(bounded(text, VALUE_CHARS))
