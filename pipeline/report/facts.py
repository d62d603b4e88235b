"""What the report has to be told because the tables do not know it.

The tables say what a corpus is; these facts say what a publication was: when, after which one, from
how many files, and what the suites found.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import BaseModel

from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class ValidationLine:
    """One rule of one suite, and what it found. `unexpected` counts documents that break it."""

    suite: str
    rule: str
    severity: str
    passed: bool
    unexpected: int
    observed: str
    reason: str


@dataclass(frozen=True, slots=True)
class ChangeTally:
    """How many documents differ from the previous snapshot in one way and for one reason."""

    change: str
    reason: str
    documents: int


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """Everything about one publication; `documents` is what came in, as ingest counted it."""

    snapshot_id: str
    publication: int
    published_at: datetime
    version: str
    files: int
    documents: int
    settings: Settings
    previous_id: str | None = None
    changes: tuple[ChangeTally, ...] = ()
    validations: tuple[ValidationLine, ...] = ()
    data_docs: str = ""  # the validation's own page, as a link from the report
    rule_reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One setting as the report and the card list it."""

    name: str
    value: str
    changed: bool
    reason: str


def setting_lines(settings: Settings) -> Iterator[SettingLine]:
    """Every setting that is part of a snapshot's identity, so not those of `execution`."""
    for name, group in settings:
        if name != "execution" and isinstance(group, BaseModel):
            yield from _group_lines(name, group)


def _group_lines(group_name: str, group: BaseModel) -> Iterator[SettingLine]:
    for name, info in type(group).model_fields.items():
        value = getattr(group, name)
        yield SettingLine(
            name=f"{group_name}.{name}",
            value=str(value),
            changed=value != info.default,
            reason=info.description or "",
        )
