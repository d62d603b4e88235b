"""Furniture stands in runs: what a line's neighbours are tells what it is.

Scores of single lines go in, the odds given the whole text come out: the lines are read as a chain
that changes seldom between article and furniture (Rabiner 1989, forward-backward algorithm).
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import kernel, part

Odds = NDArray[np.float64]

# How often a line is of the kind of the one above, and what is added to every score, since those
# of single lines are the more doubtful the fewer there are of their kind. Found in five folds by
# page: .6 to .7 and 0 to .6 do as well. Re-run the training before touching them.
STAY, LIFT = 0.6, 0.3
MOST = 15.0


@kernel
def smooth_scores(scores: Odds) -> Odds:
    """Log odds of every line to be furniture, given the scores of all lines in their order."""
    count = scores.size
    kept, junk = np.empty(count), np.empty(count)
    odds = np.exp(np.minimum(np.maximum(scores + LIFT, -MOST), MOST))
    above, above_junk = 0.5, 0.5
    for row in range(count):
        kept[row] = above * STAY + above_junk * (1 - STAY)
        junk[row] = (above * (1 - STAY) + above_junk * STAY) * odds[row]
        both = kept[row] + junk[row]
        above, above_junk = kept[row] / both, junk[row] / both
        kept[row], junk[row] = above, above_junk
    below, below_junk = 1.0, 1.0
    for row in range(count - 1, -1, -1):
        kept[row] *= below
        junk[row] *= below_junk
        below_junk *= odds[row]
        both = below + below_junk
        below, below_junk = (
            (STAY * below + (1 - STAY) * below_junk) / both,
            ((1 - STAY) * below + STAY * below_junk) / both,
        )
    return np.log(junk + 1e-300) - np.log(kept + 1e-300)


@part
def edge_rows(odds: Odds) -> tuple[int, int]:
    """The first and the last row that are more likely the article's than furniture.

    All rows above the first and below the last are furniture; (count, -1) if all rows are.
    """
    first, last = 0, odds.size - 1
    while first < odds.size and odds[first] > 0:
        first += 1
    while last >= 0 and odds[last] > 0:
        last -= 1
    return first, last
