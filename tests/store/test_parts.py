import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipeline.store.parts import LONGEST_IN_MEANS, cut_parts

IDS = st.lists(st.uuids().map(lambda value: value.hex), unique=True, max_size=120)
MEAN = st.integers(1, 12)


def _parts(ids, mean_rows):
    ranges = cut_parts(pl.Series(ids, dtype=pl.String), mean_rows=mean_rows)
    return [tuple(ids[start:stop]) for start, stop in ranges]


@given(IDS, MEAN)
def test_parts_cover_every_row_once_and_in_order(ids, mean_rows):
    parts = _parts(ids, mean_rows)
    assert [row for part in parts for row in part] == ids
    assert all(parts)


@given(IDS, MEAN)
def test_no_part_is_longer_than_three_means(ids, mean_rows):
    assert all(len(part) <= LONGEST_IN_MEANS * mean_rows for part in _parts(ids, mean_rows))


@given(IDS.filter(bool), MEAN, st.data())
def test_one_row_more_leaves_at_most_two_new_parts_and_both_touch_it(ids, mean_rows, data):
    at = data.draw(st.integers(0, len(ids) - 1))
    before = _parts(ids[:at] + ids[at + 1 :], mean_rows)
    after = _parts(ids, mean_rows)
    new = [number for number, part in enumerate(after) if part not in before]
    own = next(number for number, part in enumerate(after) if ids[at] in part)
    assert own in new
    assert new in ([own], [own - 1, own], [own, own + 1])


@given(IDS.filter(bool), MEAN, st.data())
def test_an_exchanged_row_leaves_the_parts_beyond_its_neighbours_alone(ids, mean_rows, data):
    at = data.draw(st.integers(0, len(ids) - 1))
    without = _parts(ids[:at] + ids[at + 1 :], mean_rows)
    exchanged = _parts([*ids[:at], "another row", *ids[at + 1 :]], mean_rows)
    assert sum(part not in without for part in exchanged) <= 2


def test_where_the_cuts_lie_does_not_depend_on_how_the_ids_are_stored():
    ids = [f"{number:032x}" for number in range(500)]
    chunks = pl.concat([pl.Series(ids[:77]), pl.Series(ids[77:])], rechunk=False)
    assert cut_parts(chunks, mean_rows=20) == cut_parts(pl.Series(ids), mean_rows=20)


def test_a_new_tail_leaves_all_parts_but_the_last_as_they_were():
    ids = [f"{number:032x}" for number in range(5_000)]
    before, after = _parts(ids[:4_500], 50), _parts(ids, 50)
    assert before[:-1] == after[: len(before) - 1]


def test_parts_are_about_as_long_as_asked_for():
    parts = cut_parts(pl.Series([f"{number:032x}" for number in range(200_000)]), mean_rows=1_000)
    assert 750 < 200_000 / len(parts) < 1_050


def test_no_rows_make_no_parts():
    assert cut_parts(pl.Series([], dtype=pl.String), mean_rows=10) == []
