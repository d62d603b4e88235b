"""What a validation found, as records that outlive it, and the two gates that stop a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pipeline.errors import QuarantineShareError, ValidationFailedError
from pipeline.settings import ValidationSettings
from pipeline.validation.suites import Severity


@dataclass(frozen=True)
class Example:
    """A document that breaks a rule, and the value that does, cut at 200 characters."""

    doc_id: str
    value: str


@dataclass(frozen=True)
class Outcome:
    """How one expectation went.

    Counts are null for rules about the table; then `observed` has the number that was judged.
    `exception` is why the expectation could not be evaluated, which counts as failed.
    """

    suite: str
    name: str
    severity: Severity
    success: bool
    element_count: int | None
    unexpected_count: int | None
    observed: str | None
    examples: tuple[Example, ...]
    exception: str | None


@dataclass(frozen=True)
class Validation:
    """Every expectation's outcome, in the order of the suites and of the rules in them.

    `through_pandas` are the columns of metrics that the Polars engine does not have; `name` is
    what its record and its page are called, once it has them.
    """

    outcomes: tuple[Outcome, ...]
    through_pandas: tuple[str, ...]
    name: str = ""

    def failed(self, severity: Severity) -> tuple[Outcome, ...]:
        """The failed expectations of this severity."""
        return tuple(o for o in self.outcomes if not o.success and o.severity == severity)


@dataclass(frozen=True)
class Record:
    """A validation as it is kept: of which snapshot, after which one, and when."""

    snapshot: str
    previous: str | None
    validated_at: datetime
    validation: Validation


def require_success(validation: Validation) -> None:
    """Nothing, or ValidationFailedError that names every failed critical expectation."""
    failed = validation.failed(Severity.CRITICAL)
    if not failed:
        return
    message = (
        f"{len(failed)} critical expectations failed: {'; '.join(map(_told, failed))}. Expected "
        "all of them to hold before anything is published; the last snapshot stays served. Look "
        "at the documents named, and correct the input or the rules in expectations/suites."
    )
    raise ValidationFailedError(message)


def _told(outcome: Outcome) -> str:
    """One failure in a line."""
    if outcome.exception is not None:
        return f"{outcome.suite}.{outcome.name} could not be evaluated: {outcome.exception}"
    if outcome.unexpected_count is None:
        return f"{outcome.suite}.{outcome.name} observed {outcome.observed}"
    first = outcome.examples[0] if outcome.examples else None
    shown = f", first {first.doc_id} with {first.value!r}" if first else ""
    counts = f"{outcome.unexpected_count:,} of {outcome.element_count:,} documents"
    return f"{outcome.suite}.{outcome.name} broken by {counts}{shown}"


def guard_quarantine(
    reasons: Mapping[str, int], *, quarantined: int, documents: int, settings: ValidationSettings
) -> None:
    """Nothing, or QuarantineShareError where more is refused than the settings allow.

    `reasons` counts documents by rule; a document that broke several is in each of them.
    """
    if quarantined <= settings.max_quarantine_share * documents:
        return
    worst = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))[:3]
    told = ", ".join(f"{rule} ({count:,})" for rule, count in worst)
    message = (
        f"{quarantined:,} of {documents:,} documents would be quarantined, most by {told}. "
        f"Expected at most {settings.max_quarantine_share:.0%} (validation.max_quarantine_share). "
        "Check the input and the rules; raise the share if so many bad documents are meant."
    )
    raise QuarantineShareError(message)
