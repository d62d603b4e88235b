"""A snapshot as a few numbers, and those of the one before it: what the drift suite compares.

A suite may say {"$PARAMETER": "previous_curated * 0.8"} where it wants a number. The parameters
are the numbers of the snapshot that was served before, so drift is relative to a moment: it goes
to the publication, and no snapshot's identity knows of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from pipeline.settings import ValidationSettings
from pipeline.store.manifest import Counts, Manifest, read_manifest
from pipeline.store.publications import read_publication
from pipeline.store.reading import read_latest
from pipeline.validation.facts import NUMBERS
from pipeline.validation.parameters import NAMES, PREFIX
from pipeline.validation.suites import DRIFT, Severity, Suite, Suites


@dataclass(frozen=True)
class Comparison:
    """The numbers of a snapshot, and those of the one before it as parameters.

    `unsaid` is why there is nothing to compare with; empty if there is.
    """

    numbers: pl.DataFrame
    parameters: Mapping[str, float]
    previous: str | None
    unsaid: str = ""


def compare(manifest: Manifest, *, root: Path, settings: ValidationSettings) -> Comparison:
    """The snapshot beside the one that the corpus at `root` served before it."""
    previous = _previous(root, manifest.snapshot)
    if previous is None:
        return _alone(manifest, None, "there is no snapshot before this one")
    before = previous.counts
    if before.curated < settings.drift_documents:
        unsaid = f"the snapshot before has {before.curated:,} documents, too few to compare with"
        return _alone(manifest, previous.snapshot, unsaid)
    row = _numbers(before, before).row(0, named=True)
    parameters = {name: float(row[name.removeprefix(PREFIX)]) for name in sorted(NAMES)}
    return Comparison(_numbers(manifest.counts, before), parameters, previous.snapshot)


def choose_suites(settings: ValidationSettings, suites: Suites) -> Suites:
    """The suites; where drift is allowed, with its critical rules as warnings."""
    if not settings.allow_drift:
        return suites
    rules = tuple(
        replace(rule, severity=Severity.WARNING) if rule.severity is Severity.CRITICAL else rule
        for rule in suites[DRIFT].rules
    )
    return {**suites, DRIFT: Suite(DRIFT, rules)}


def _alone(manifest: Manifest, previous: str | None, unsaid: str) -> Comparison:
    return Comparison(_numbers(manifest.counts, manifest.counts), {}, previous, unsaid)


def _previous(root: Path, snapshot: str) -> Manifest | None:
    """The snapshot that was served before this one, if it is still there."""
    latest = read_latest(root)
    if latest is None:
        return None
    served: str | None = latest.snapshot
    if served == snapshot:
        served = read_publication(root, latest.publication).previous
    folder = root / "snapshots" / str(served)
    return read_manifest(folder) if served and folder.is_dir() else None


def _numbers(counts: Counts, before: Counts) -> pl.DataFrame:
    everything = max(1, counts.documents_in)
    row = {
        "documents_in": counts.documents_in,
        "curated": counts.curated,
        "curated_rate": counts.curated / everything,
        "duplicate_rate": counts.duplicates / everything,
        "quarantine_rate": counts.quarantined / everything,
        "mean_chars": counts.characters / max(1, counts.curated),
        "language_change": _distance(counts.languages, before.languages),
    }
    return pl.DataFrame([row], schema=NUMBERS)


def _distance(mix: Mapping[str, int], other: Mapping[str, int]) -> float:
    """Total variation distance: half the sum of the differences of shares, from 0 to 1."""
    total, total_other = max(1, sum(mix.values())), max(1, sum(other.values()))
    names = mix.keys() | other.keys()
    differences = (
        abs(mix.get(name, 0) / total - other.get(name, 0) / total_other) for name in sorted(names)
    )
    return sum(differences) / 2
