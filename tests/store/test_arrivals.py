from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import schema
from pipeline.errors import ArrivalsError
from pipeline.store.arrivals import read_arrivals, update_arrivals

MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
TUESDAY = datetime(2024, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def ids(*names):
    return pl.Series(names, dtype=pl.String)


def seen(frame):
    return dict(frame.iter_rows())


def test_what_is_known_keeps_its_day_and_what_is_new_gets_this_one(tmp_path):
    path = tmp_path / "arrivals.parquet"
    update_arrivals(path, ids("b", "a"), MONDAY)
    arrivals = update_arrivals(path, ids("c", "b"), TUESDAY)
    assert seen(arrivals) == {"a": MONDAY, "b": MONDAY, "c": TUESDAY}
    assert arrivals.schema == schema.ARRIVALS
    assert read_arrivals(path).equals(arrivals)


def test_a_document_that_left_and_came_back_is_not_new(tmp_path):
    path = tmp_path / "arrivals.parquet"
    update_arrivals(path, ids("a"), MONDAY)
    update_arrivals(path, ids(), TUESDAY)
    assert seen(update_arrivals(path, ids("a"), TUESDAY)) == {"a": MONDAY}


def test_an_empty_start_leaves_a_file_too(tmp_path):
    path = tmp_path / "arrivals.parquet"
    assert update_arrivals(path, ids(), MONDAY).is_empty()
    assert read_arrivals(path).schema == schema.ARRIVALS


def test_nothing_new_writes_nothing(tmp_path):
    path = tmp_path / "arrivals.parquet"
    update_arrivals(path, ids("a", "b"), MONDAY)
    before = path.stat().st_mtime_ns, path.stat().st_ino
    update_arrivals(path, ids("b"), TUESDAY)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before


@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.text("abc", max_size=2)), st.randoms(use_true_random=False))
def test_the_bytes_do_not_depend_on_the_order_documents_are_told_in(tmp_path, names, random):
    (tmp_path / "1").unlink(missing_ok=True)
    (tmp_path / "2").unlink(missing_ok=True)
    update_arrivals(tmp_path / "1", ids(*names), MONDAY)
    random.shuffle(names)
    update_arrivals(tmp_path / "2", ids(*names), MONDAY)
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-20]),
        lambda path: pl.DataFrame({"doc_id": ["a"]}).write_parquet(path),
        lambda path: pl.DataFrame(
            {"doc_id": ["a", "a"], "first_seen": [MONDAY, MONDAY]}, schema=schema.ARRIVALS
        ).write_parquet(path),
    ],
)
def test_a_spoilt_file_is_an_error_and_stays_as_it_is(tmp_path, spoil):
    path = tmp_path / "arrivals.parquet"
    update_arrivals(path, ids("a"), MONDAY)
    spoil(path)
    before = path.read_bytes()
    with pytest.raises(ArrivalsError, match=r"cannot be used: .* Expected .* Restore it"):
        update_arrivals(path, ids("a"), TUESDAY)
    assert path.read_bytes() == before
