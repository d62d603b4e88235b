"""Gradient boosting of small complete trees on the log loss, in numpy and numba alone.

Features are cut into bins, a split is the best gain over a histogram, and every tree sees a part
of the documents and of the features, drawn by a seed (Friedman 2002, Stochastic gradient boosting).
"""

from dataclasses import dataclass

import numpy as np

from pipeline.compile import kernel

BINS = 48
# The sum of second derivatives that a leaf must have at least, and the smallest gain of a split.
LEAST_WEIGHT, LEAST_GAIN = 3.0, 0.5
SHRINK = 3.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How many trees of which depth, and what share of features and documents each may see."""

    trees: int = 120
    depth: int = 6
    rate: float = 0.1
    feature_share: float = 0.4
    document_share: float = 0.7


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees as `pipeline.text.line_ladders` reads them, and the log odds they start from."""

    features: np.ndarray
    limits: np.ndarray
    values: np.ndarray
    base: float


def grow(x, is_junk, weights, documents, *, plan: Plan, seed: int) -> Forest:  # noqa: PLR0913  all that it reads
    """A forest for the log odds of `is_junk`."""
    chance = np.random.default_rng(seed)
    edges = [_edges(x[:, column]) for column in range(x.shape[1])]
    binned = np.stack(
        [
            np.searchsorted(edge, x[:, k], side="left").astype(np.uint8)
            for k, edge in enumerate(edges)
        ]
    )
    base = float(np.log((weights * is_junk).sum() / (weights * (1 - is_junk)).sum()))
    scores = np.full(len(x), base)
    kept = []
    for _ in range(plan.trees):
        odds = 1 / (1 + np.exp(-scores))
        slope = weights * (odds - is_junk)
        bend = weights * np.maximum(odds * (1 - odds), 1e-6)
        seen = chance.random(documents.max() + 1) < plan.document_share
        columns = chance.choice(len(edges), round(len(edges) * plan.feature_share), replace=False)
        rows = np.flatnonzero(seen[documents])
        tree = _grow_tree(binned, slope, bend, rows, np.sort(columns), plan.depth)
        _add_leaves(binned, *tree, scores, plan.rate)
        kept.append(tree)
    features = np.stack([tree[0] for tree in kept]).astype(np.int16)
    values = (np.stack([tree[2] for tree in kept]) * plan.rate).astype(np.float32)
    limits = np.zeros(features.shape, np.float32)
    for tree, node in np.argwhere(features >= 0):
        limits[tree, node] = edges[features[tree, node]][kept[tree][1][node]]
    return Forest(features, limits, values, base)


def _edges(column):
    steps = np.linspace(0, 1, BINS + 1)[1:-1]
    return np.unique(np.quantile(column, steps, method="lower"))


@kernel
def _grow_tree(binned, slope, bend, rows, columns, depth):  # noqa: C901, PLR0913, PLR0917  a kernel takes no keywords
    nodes = 2 ** (depth + 1) - 1
    features, bins, values = (
        np.full(nodes, -1, np.int32),
        np.zeros(nodes, np.int32),
        np.zeros(nodes),
    )
    place = np.zeros(rows.size, np.int32)
    for level in range(depth + 1):
        low, count = 2**level - 1, 2**level
        slopes, bends = np.zeros(count), np.zeros(count)
        for k in range(rows.size):
            if place[k] >= 0:
                slopes[place[k] - low] += slope[rows[k]]
                bends[place[k] - low] += bend[rows[k]]
        for c in range(count):
            values[low + c] = -slopes[c] / (bends[c] + SHRINK)
        if level == depth:
            break
        best = np.full(count, LEAST_GAIN)
        for column in columns:
            sums = np.zeros((2, count, BINS + 1))
            for k in range(rows.size):
                if place[k] >= 0:
                    b = binned[column, rows[k]]
                    sums[0, place[k] - low, b] += slope[rows[k]]
                    sums[1, place[k] - low, b] += bend[rows[k]]
            for c in range(count):
                gain, at = _best_split(sums[0, c], sums[1, c], slopes[c], bends[c])
                if gain > best[c]:
                    best[c], features[low + c], bins[low + c] = gain, column, at
        for k in range(rows.size):
            node = place[k]
            if node >= 0:
                feature = features[node]
                above = feature >= 0 and binned[feature, rows[k]] > bins[node]
                place[k] = 2 * node + 1 + above if feature >= 0 else -1
    return features, bins, values


@kernel
def _best_split(slopes, bends, slope, bend):
    best, at = 0.0, 0
    left_slope = left_bend = 0.0
    for b in range(BINS):
        left_slope += slopes[b]
        left_bend += bends[b]
        if left_bend < LEAST_WEIGHT or bend - left_bend < LEAST_WEIGHT:
            continue
        gain = left_slope**2 / (left_bend + SHRINK)
        gain += (slope - left_slope) ** 2 / (bend - left_bend + SHRINK)
        gain -= slope**2 / (bend + SHRINK)
        if gain > best:
            best, at = gain, b
    return best, at


@kernel
def _add_leaves(binned, features, bins, values, scores, rate):  # noqa: PLR0913, PLR0917  a kernel takes no keywords
    for row in range(scores.size):
        node = 0
        while features[node] >= 0:
            node = 2 * node + 1 + (binned[features[node], row] > bins[node])
        scores[row] += rate * values[node]
