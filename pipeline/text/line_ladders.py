"""Adds up the votes of many small trees, and tells which features moved the sum.

The trees are brought into a form that is quick to climb: every leaf lies on the lowest level and
every limit is a whole number, so that a step asks one question and never whether it was the last.
Nothing here knows what the features mean.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import bare_kernel, kernel, part

# Features, limits and values of complete trees as they are trained: node k has its children at
# 2k + 1 and 2k + 2; a leaf has feature -1; inner nodes have the value they would have as leaves.
Trees = tuple[NDArray[np.int16], NDArray[np.float32], NDArray[np.float32]]

# Bits of a float, the sign aside: numbers as ordered as the floats themselves.
UNSIGNED = np.int32(0x7FFF_FFFF)
ZERO, ONE = np.uint64(0), np.uint64(1)


class Ladders(NamedTuple):
    """Trees of `values.shape[0]`, whose node k, counted from 1, has its children at 2k and 2k + 1.

    A node's limit is a whole number. Limits and features lie level by level, in each level tree by
    tree, so that the children of what stands at k stand at 2k and 2k + 1 of the next level; behind
    the last one are the leaves.
    """

    limits: NDArray[np.int32]
    features: NDArray[np.uint8]
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
    bits = (limits[:, : leaves - 1] + np.float32(0)).astype(np.float32).view(np.int32)  # no -0
    bounds = np.where(bits < 0, bits ^ UNSIGNED, bits).astype(np.int32)
    asked = pushed[:, : leaves - 1].astype(np.uint8)
    levels = [slice((1 << level) - 1, (2 << level) - 1) for level in range(leaves.bit_length() - 1)]
    return Ladders(
        limits=np.concatenate([bounds[:, level].reshape(-1) for level in levels]),
        features=np.concatenate([asked[:, level].reshape(-1) for level in levels]),
        leaves=deep[:, leaves - 1 :].reshape(-1),
        values=np.pad(deep, ((0, 0), (1, 0))),
        levels=len(levels),
    )


@kernel
def room_to_climb(x: NDArray[np.float32]) -> NDArray[np.int32]:
    """Room for a row of the features, for `score_row`."""
    return np.empty(x.shape[1], np.int32)


@part
def _ordered(x: NDArray[np.float32], row: NDArray[np.int32]) -> None:
    """Floats as whole numbers in the same order; -0 comes before 0, which no limit parts."""
    bits = x.view(np.int32)
    for column in range(bits.size):
        row[column] = bits[column] ^ (UNSIGNED if bits[column] < 0 else np.int32(0))


@bare_kernel
def score_row(
    x: NDArray[np.float32], ladders: Ladders, row: NDArray[np.int32], reached: NDArray[np.uint32]
) -> float:
    """Sum of the leaves that a row of features reaches; left where one is <= its limit.

    `row` is room for as many numbers; `reached` for one per tree, it gets the numbers of those
    leaves. All trees are climbed side by side, so that no step has to wait for the one before.
    """
    _ordered(x, row)
    limits, features, leaves = ladders.limits, ladders.features, ladders.leaves
    first, nodes = ZERO, np.uint64(reached.size)
    for tree in range(reached.size):
        reached[tree] = tree
    for _ in range(ladders.levels):
        for tree in range(reached.size):
            node = np.uint64(reached[tree])
            at = first + node
            reached[tree] = (node << ONE) | np.uint64(row[np.uint64(features[at])] > limits[at])
        first, nodes = first + nodes, nodes << ONE
    even = odd = 0.0  # two sums, since each has to wait for what it was
    for tree in range(0, reached.size - 1, 2):
        even += leaves[reached[tree]]
        odd += leaves[reached[tree + 1]]
    if reached.size % 2:
        even += leaves[reached[reached.size - 1]]
    return even + odd


def leaf_credits(ladders: Ladders, groups: NDArray[np.int64]) -> NDArray[np.float64]:
    """What the path to each leaf adds for each group of features; groups[k] is that of feature k.

    A row per leaf, counted through all trees: `credit_row` by group, to be added up.
    """
    trees, leaves = len(ladders.values), 1 << ladders.levels
    added_up = np.zeros((trees, 2 * leaves, int(groups.max()) + 1))
    for node in range(1, leaves):
        width = 1 << (node.bit_length() - 1)
        asked = ladders.features[trees * (width - 1) + node - width :: width][:trees]
        for child in (2 * node, 2 * node + 1):
            added_up[:, child] = added_up[:, node]
            added = ladders.values[:, child] - ladders.values[:, node]
            added_up[np.arange(trees), child, groups[asked]] += added
    return np.ascontiguousarray(added_up[:, leaves:].reshape(trees * leaves, -1))


@part
def loudest_group(said: NDArray[np.float64], leaves: NDArray[np.uint32]) -> int:
    """The group, of five, for which the paths to some leaves add most, by `leaf_credits`."""
    first = second = third = fourth = fifth = 0.0  # no array: sums wait for each other there
    for k in range(leaves.size):
        number = leaves[k]
        first += said[number, 0]
        second += said[number, 1]
        third += said[number, 2]
        fourth += said[number, 3]
        fifth += said[number, 4]
    loudest, most = 0, first
    for group, total in enumerate((first, second, third, fourth, fifth)):
        if total > most:
            loudest, most = group, total
    return loudest


@kernel
def credit_row(x: NDArray[np.float32], ladders: Ladders) -> NDArray[np.float64]:
    """What each feature added to a row's score: the change of value at every node it decides.

    Saabas' way of crediting a path.
    """
    row, credit = np.empty(x.size, np.int32), np.zeros(x.size, np.float64)
    _ordered(x, row)
    trees = ladders.values.shape[0]
    for tree in range(trees):
        node, first, width = 0, 0, 1
        for _ in range(ladders.levels):
            at = first + tree * width + node
            feature = ladders.features[at]
            child = 2 * node + (row[feature] > ladders.limits[at])
            before, after = ladders.values[tree, width + node], 2 * width + child
            credit[feature] += ladders.values[tree, after] - before
            node, first, width = child, first + trees * width, 2 * width
    return credit
