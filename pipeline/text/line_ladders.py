"""Adds up the votes of many small trees, and tells which features moved the sum.

The trees are brought into a form that is quick to climb: every leaf lies on the lowest level and
every limit is a whole number, so that a step asks one question and never whether it was the last.
Nothing here knows what the features mean.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import kernel

# Features, limits and values of complete trees as they are trained: node k has its children at
# 2k + 1 and 2k + 2; a leaf has feature -1; inner nodes have the value they would have as leaves.
Trees = tuple[NDArray[np.int16], NDArray[np.float32], NDArray[np.float32]]

# Bits of a float, the sign aside: numbers as ordered as the floats themselves.
UNSIGNED = np.int32(0x7FFF_FFFF)
ONE = np.uint64(1)


class Ladders(NamedTuple):
    """Row t holds tree t; node k, counted from 1, has its children at 2k and 2k + 1."""

    features: NDArray[np.uint8]
    limits: NDArray[np.int32]
    leaves: NDArray[np.float32]
    values: NDArray[np.float32]
    levels: int


def ladders_of(trees: Trees) -> Ladders:
    """The same trees with leaves pushed down to the lowest level."""
    features, limits, values = trees
    leaves = (features.shape[1] + 1) // 2
    pushed, deep = features.copy(), values.astype(np.float32)
    for node in range(leaves - 1):
        ended = pushed[:, node] < 0
        pushed[ended, node] = 0
        for child in (2 * node + 1, 2 * node + 2):
            pushed[ended, child] = -1
            deep[ended, child] = deep[ended, node]
    unused = np.zeros((len(features), 1), np.float32)
    bounds = np.hstack([unused, limits[:, : leaves - 1] + np.float32(0)])  # -0 becomes 0
    bits = bounds.astype(np.float32).view(np.int32)
    return Ladders(
        features=np.hstack([unused, pushed[:, : leaves - 1]]).astype(np.uint8),
        limits=np.where(bits < 0, bits ^ UNSIGNED, bits).astype(np.int32),
        leaves=np.ascontiguousarray(deep[:, leaves - 1 :]),
        values=np.hstack([unused, deep]),
        levels=leaves.bit_length() - 1,
    )


@kernel
def _ordered(x: NDArray[np.float32], row: NDArray[np.int32]) -> None:
    """Floats as whole numbers in the same order; -0 comes before 0, which no limit parts."""
    bits = x.view(np.int32)
    for column in range(bits.size):
        row[column] = bits[column] ^ (UNSIGNED if bits[column] < 0 else np.int32(0))


@kernel
def score_row(x: NDArray[np.float32], ladders: Ladders, row: NDArray[np.int32]) -> float:
    """Sum of the leaves that a row of features reaches; left where one is <= its limit.

    Without a branch that the processor would have to guess. `row` is room for as many numbers.
    """
    _ordered(x, row)
    features, limits = ladders.features.reshape(-1), ladders.limits.reshape(-1)
    leaves, width = ladders.leaves.reshape(-1), np.uint64(ladders.leaves.shape[1])
    first, score = np.uint64(0), 0.0
    for _ in range(ladders.leaves.shape[0]):
        node = ONE
        for _ in range(ladders.levels):
            place = first + node
            above = row[np.uint64(features[place])] > limits[place]
            node = (node << ONE) | np.uint64(above)
        score += leaves[first + node - width]
        first += width
    return score


@kernel
def credit_row(x: NDArray[np.float32], ladders: Ladders) -> NDArray[np.float64]:
    """What each feature added to a row's score: the change of value at every node it decides.

    Saabas' way of crediting a path.
    """
    row, credit = np.empty(x.size, np.int32), np.zeros(x.size, np.float64)
    _ordered(x, row)
    for tree in range(ladders.leaves.shape[0]):
        node = ONE
        for _ in range(ladders.levels):
            feature = np.uint64(ladders.features[tree, node])
            above = row[feature] > ladders.limits[tree, node]
            child = (node << ONE) | np.uint64(above)
            credit[feature] += ladders.values[tree, child] - ladders.values[tree, node]
            node = child
    return credit
