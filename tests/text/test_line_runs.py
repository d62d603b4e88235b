"""Lines stand in runs: what the neighbours of a line do to its odds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.line_runs import edge_rows, smooth_scores

SCORES = st.lists(st.floats(-30, 30), max_size=40).map(np.array)


def test_a_doubtful_line_goes_with_its_neighbours():
    among_furniture = smooth_scores(np.array([4.0, 4.0, -0.4, 4.0, 4.0]))
    among_prose = smooth_scores(np.array([-4.0, -4.0, 0.4, -4.0, -4.0]))
    assert among_furniture[2] > 0 > among_prose[2]


def test_a_sure_line_stands_alone():
    assert smooth_scores(np.array([-4.0, -4.0, 8.0, -4.0, -4.0]))[2] > 0
    assert smooth_scores(np.array([4.0, 4.0, -8.0, 4.0, 4.0]))[2] < 0


def test_the_edges_are_the_outermost_rows_of_the_article():
    assert edge_rows(np.array([1.0, -1.0, 2.0, -1.0, 3.0, 3.0])) == (1, 3)
    assert edge_rows(np.array([1.0, 1.0])) == (2, -1)


@given(SCORES)
def test_odds_are_numbers_and_read_backwards_are_the_same(scores):
    odds = smooth_scores(scores)
    assert odds.shape == scores.shape
    assert np.isfinite(odds).all()
    assert np.allclose(odds, smooth_scores(scores[::-1].copy())[::-1])


@given(SCORES.filter(len), st.data())
def test_a_higher_score_lowers_no_lines_odds(scores, data):
    row = data.draw(st.integers(0, len(scores) - 1))
    higher = scores.copy()
    higher[row] += 1
    assert (smooth_scores(higher) >= smooth_scores(scores) - 1e-9).all()
