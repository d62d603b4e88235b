"""Validations on disk, so that what was found for a snapshot need not be found again.

A record is addressed by the snapshot, the one served before it and the suites: the same documents
under the same rules can only come out the same.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from pipeline.store.durable import write_bytes, writing
from pipeline.validation.data_docs import page_path, write_index, write_page
from pipeline.validation.drift import Comparison
from pipeline.validation.results import Record, Validation
from pipeline.validation.suites import Suites, suite_digest

KEPT: Final = 30  # a month of nights
_RECORD: Final = TypeAdapter(Record)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is validated: a snapshot by these suites, compared with the one before it."""

    snapshot: str
    suites: Suites
    comparison: Comparison

    @property
    def name(self) -> str:
        """What its record and its page are called."""
        comparison = self.comparison
        against = f"{comparison.previous} {comparison.unsaid} {suite_digest(self.suites)}"
        return f"{self.snapshot}-{hashlib.sha256(against.encode()).hexdigest()[:8]}"


def recorded(
    gx: Path, subject: Subject, *, now: datetime, run: Callable[[], Validation]
) -> Validation:
    """The recorded validation of the subject, else a new one, with its page among the Data Docs.

    The last 30 records stay. Raises OutputUnwritableError if there is no room for them under `gx`.
    """
    folder = gx / "validations"
    path = folder / f"{subject.name}.json"
    record = _read(path)
    if record is None:
        found = replace(run(), name=subject.name)
        record = Record(subject.snapshot, subject.comparison.previous, now, found)
        write_bytes(path, _RECORD.dump_json(record, indent=1))
    if not page_path(gx, record.validation).exists():
        write_page(gx, record, subject.suites)
        write_index(gx, _prune(gx, kept=subject.name))
    return record.validation


def in_words(validation: Validation) -> str:
    """The verdict in a line: how many rules hold, and which do not."""
    failed = [outcome for outcome in validation.outcomes if not outcome.success]
    names = ", ".join(f"{o.suite}.{o.name} ({o.severity.value})" for o in failed)
    held = f"{len(validation.outcomes) - len(failed)} of {len(validation.outcomes)} rules hold"
    return f"{held}; not {names}" if failed else held


def _read(path: Path) -> Record | None:
    """None where there is none that can be read: damaged, or of another version."""
    try:
        return _RECORD.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _prune(gx: Path, *, kept: str) -> list[Record]:
    """The newest records, with older ones and pages without one gone."""
    folder = gx / "validations"
    found = [record for path in folder.glob("*.json") if (record := _read(path)) is not None]
    found.sort(key=lambda r: (r.validated_at, r.validation.name == kept), reverse=True)
    names = {record.validation.name for record in found[:KEPT]} | {kept}
    with writing(folder):
        for path in [*folder.glob("*.json"), *(gx / "data_docs" / "validations").glob("*.html")]:
            if path.stem not in names:
                path.unlink()
    return [record for record in found if record.validation.name in names]
