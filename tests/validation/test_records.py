from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from pipeline.errors import OutputUnwritableError
from pipeline.validation.data_docs import index_path, page_path
from pipeline.validation.drift import Comparison
from pipeline.validation.records import KEPT, Subject, recorded
from pipeline.validation.results import Example, Outcome, Validation
from pipeline.validation.suites import Severity, load_suites

SUITES = load_suites()
RULE = SUITES["cleaned"].rules[0]
FOUND = Validation(
    (
        Outcome(
            "cleaned",
            RULE.name,
            Severity.CRITICAL,
            success=False,
            element_count=9,
            unexpected_count=1,
            observed=None,
            examples=(Example("d", "\ud7ff <&> \u2028"),),
            exception=None,
        ),
    ),
    ("text",),
)
START = datetime(2026, 3, 1, tzinfo=UTC)


def subject(snapshot="a" * 16, *, previous=None, unsaid="", suites=SUITES):
    return Subject(snapshot, suites, Comparison(pl.DataFrame(), {}, previous, unsaid))


class Runs:
    """Finds the same each time, and counts how often it had to look."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Validation:
        self.times += 1
        return FOUND


def test_what_was_found_once_is_not_looked_for_again(tmp_path):
    run = Runs()
    first = recorded(tmp_path, subject(), now=START, run=run)
    assert recorded(tmp_path, subject(), now=START + timedelta(days=1), run=run) == first
    assert run.times == 1
    assert first.outcomes == FOUND.outcomes


@pytest.mark.parametrize(
    "other",
    [
        subject("b" * 16),
        subject(previous="b" * 16),
        subject(unsaid="too few"),
        subject(suites={"cleaned": SUITES["cleaned"]}),
    ],
)
def test_another_snapshot_predecessor_or_suite_is_looked_at_anew(tmp_path, other):
    run = Runs()
    recorded(tmp_path, subject(), now=START, run=run)
    recorded(tmp_path, other, now=START, run=run)
    assert run.times == 2


@pytest.mark.parametrize("damage", [b"", b"{", b'{"snapshot": 1}', b"\xff"])
def test_a_damaged_record_is_made_again(tmp_path, damage):
    run = Runs()
    first = recorded(tmp_path, subject(), now=START, run=run)
    (record,) = (tmp_path / "validations").glob("*.json")
    record.write_bytes(damage)
    assert recorded(tmp_path, subject(), now=START, run=run) == first
    assert run.times == 2


def test_a_page_that_was_deleted_comes_back_without_another_look(tmp_path):
    run = Runs()
    found = recorded(tmp_path, subject(), now=START, run=run)
    page_path(tmp_path, found).unlink()
    index_path(tmp_path).unlink()
    recorded(tmp_path, subject(), now=START, run=run)
    assert page_path(tmp_path, found).exists()
    assert index_path(tmp_path).exists()
    assert run.times == 1


def test_the_last_thirty_stay_and_the_index_lists_them_latest_first(tmp_path):
    nights = KEPT + 5
    names = [
        recorded(tmp_path, subject(f"{n:016x}"), now=START + timedelta(days=n), run=Runs()).name
        for n in range(nights)
    ]
    kept = names[-KEPT:]
    assert {p.stem for p in (tmp_path / "validations").iterdir()} == set(kept)
    assert {p.stem for p in (tmp_path / "data_docs" / "validations").iterdir()} == set(kept)
    index = index_path(tmp_path).read_text()
    assert sorted(kept, key=index.index) == kept[::-1]
    assert all(name not in index for name in names[:-KEPT])


def test_a_record_with_an_old_clock_is_kept_while_it_is_the_one_in_use(tmp_path):
    for n in range(KEPT):
        recorded(tmp_path, subject(f"{n:016x}"), now=START, run=Runs())
    late = recorded(tmp_path, subject("f" * 16), now=START - timedelta(days=9), run=Runs())
    assert page_path(tmp_path, late).exists()


def test_a_store_that_cannot_be_written_is_a_named_error(tmp_path):
    (tmp_path / "gx").write_text("a file where a folder should be")
    with pytest.raises(OutputUnwritableError, match="could not be written"):
        recorded(tmp_path / "gx", subject(), now=START, run=Runs())
