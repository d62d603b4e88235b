import pytest

from pipeline.errors import QuarantineShareError, ValidationFailedError
from pipeline.settings import ValidationSettings
from pipeline.validation.results import (
    Example,
    Outcome,
    Validation,
    guard_quarantine,
    require_success,
)
from pipeline.validation.suites import Severity

PASSED = Outcome("raw", "fine", Severity.CRITICAL, True, 9, 0, None, (), None)
BROKEN = Outcome(
    "curated", "ids", Severity.CRITICAL, False, 2000, 2, None, (Example("d1", "x"),), None
)
WARNED = Outcome("cleaned", "odd", Severity.WARNING, False, 9, 3, None, (), None)
COUNTED = Outcome("curated", "rows", Severity.CRITICAL, False, None, None, "0", (), None)
RAISED = Outcome("raw", "cast", Severity.CRITICAL, False, None, None, None, (), "no such thing")


def test_warnings_stop_nothing():
    require_success(Validation((PASSED, WARNED), ()))


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (BROKEN, "curated.ids broken by 2 of 2,000 documents, first d1 with 'x'"),
        (COUNTED, "curated.rows observed 0"),
        (RAISED, "raw.cast could not be evaluated: no such thing"),
    ],
)
def test_a_failed_critical_expectation_stops_the_run_and_says_why(outcome, told):
    with pytest.raises(ValidationFailedError, match="Expected all of them to hold") as caught:
        require_success(Validation((PASSED, outcome, WARNED), ()))
    assert told in str(caught.value)
    assert "odd" not in str(caught.value)


def test_more_quarantine_than_allowed_stops_the_run_and_names_the_rules():
    settings = ValidationSettings(max_quarantine_share=0.25)
    reasons = {"empty_text": 2, "binary": 1}
    guard_quarantine(reasons, quarantined=2, documents=8, settings=settings)
    with pytest.raises(QuarantineShareError, match=r"3 of 8 .* empty_text \(2\), binary \(1\)"):
        guard_quarantine(reasons, quarantined=3, documents=8, settings=settings)


def test_an_empty_input_is_not_too_much_quarantine():
    guard_quarantine({}, quarantined=0, documents=0, settings=ValidationSettings())
