"""Adds up the votes of many small trees, and tells which features moved the sum.

Kernels without any knowledge of what the features mean.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import kernel

# Trees are complete: node k has its children at 2k + 1 and 2k + 2; a leaf has feature -1.
Trees = tuple[NDArray[np.int16], NDArray[np.float32], NDArray[np.float32]]


@kernel
def score_row(
    x: NDArray[np.float32],
    features: NDArray[np.int16],
    limits: NDArray[np.float32],
    values: NDArray[np.float32],
) -> float:
    """Sum of the leaves that a row reaches; left where a feature is <= its limit."""
    score = 0.0
    for tree in range(features.shape[0]):
        node = 0
        while features[tree, node] >= 0:
            node = 2 * node + 1 + (x[features[tree, node]] > limits[tree, node])
        score += values[tree, node]
    return score


@kernel
def credit_features(
    x: NDArray[np.float32],
    features: NDArray[np.int16],
    limits: NDArray[np.float32],
    values: NDArray[np.float32],
) -> NDArray[np.float64]:
    """What each feature added to a row's score: the change of value at every node it decides.

    Inner nodes carry the value they would have as leaves (Saabas' way of crediting a path).
    """
    credit = np.zeros(x.size, np.float64)
    for tree in range(features.shape[0]):
        node = 0
        while features[tree, node] >= 0:
            feature = features[tree, node]
            child = 2 * node + 1 + (x[feature] > limits[tree, node])
            credit[feature] += values[tree, child] - values[tree, node]
            node = child
    return credit
