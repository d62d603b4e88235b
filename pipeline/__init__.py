"""Winnow: turns piles of scraped text into a corpus people can trust.

Read `pipeline/curate.py` first: the whole pipeline is that one module.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


def open_latest(root: str | Path) -> "pl.LazyFrame":
    """The curated documents of the served snapshot; `root` is the output folder or its corpus.

    Raises SnapshotError if nothing has been published there.
    """
    # By name, not by an import statement: every module here imports this package first, and none
    # of them depends on how snapshots are read.
    frame: pl.LazyFrame = import_module("pipeline.store.reading").open_latest(root)
    return frame
