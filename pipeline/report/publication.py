"""The report of a publication, from what the steps of a run know."""

from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

import polars as pl

from pipeline.report.facts import ChangeTally, ReportFacts, ValidationLine
from pipeline.report.meanings import quarantine_meanings
from pipeline.report.report import write_report
from pipeline.settings import Settings
from pipeline.store.publications import Publication
from pipeline.text.catalogue import rule_reasons
from pipeline.validation.data_docs import page_path
from pipeline.validation.results import Outcome, Validation
from pipeline.validation.suites import Suites

# From publications/<n>/report.html in the corpus to its neighbour under the output folder.
FROM_REPORT_TO_GX: Final = Path("../../../gx")


@dataclass(frozen=True, slots=True)
class Reporter:
    """Writes the report once it is known as which publication."""

    corpus: Path
    files: int
    documents: int
    settings: Settings
    suites: Suites
    validation: Validation

    def __call__(self, publication: Publication, changes: pl.DataFrame) -> str:
        """The page as HTML."""
        facts = ReportFacts(
            snapshot_id=publication.snapshot,
            publication=publication.number,
            published_at=publication.published_at,
            version=metadata.version("winnow"),
            files=self.files,
            documents=self.documents,
            settings=self.settings,
            previous_id=publication.previous,
            changes=_tallies(changes),
            validations=tuple(self._line(outcome) for outcome in self.validation.outcomes),
            data_docs=page_path(FROM_REPORT_TO_GX, self.validation).as_posix(),
            rule_reasons={**rule_reasons(), **quarantine_meanings()},
        )
        return write_report(self.corpus / "snapshots" / publication.snapshot, facts=facts)

    def _line(self, outcome: Outcome) -> ValidationLine:
        rules = {rule.name: rule for rule in self.suites[outcome.suite].rules}
        return ValidationLine(
            suite=outcome.suite,
            rule=outcome.name,
            severity=outcome.severity.value,
            passed=outcome.success,
            unexpected=outcome.unexpected_count or 0,
            observed=outcome.exception or outcome.observed or "",
            reason=rules[outcome.name].reason,
        )


def _tallies(changes: pl.DataFrame) -> tuple[ChangeTally, ...]:
    counted = changes.group_by("change", "reason").len("documents").sort("change", "reason")
    return tuple(ChangeTally(*row) for row in counted.iter_rows())
