"""Polars columns as the arrays that kernels read, without a copy where that is possible."""

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.dedup.sketches import Offsets, Strings


def strings_of(column: pl.Series) -> Strings:
    """The bytes and offsets of a string column; null is the empty string."""
    filled = column.fill_null("").rechunk()
    array = filled.to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, data = array.buffers()
    bounds = np.frombuffer(offsets, np.int64, len(array) + 1, array.offset * 8)
    return Strings(np.frombuffer(data or b"", np.uint8), bounds)


def numbers_of(lists: pl.Series) -> tuple[npt.NDArray[np.generic], Offsets]:
    """The values of a column of lists of numbers, end to end, and where each list begins."""
    array = lists.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    return array.values.to_numpy(zero_copy_only=False), array.offsets.to_numpy()


def lists_of(values: npt.NDArray[np.generic], offsets: Offsets, *, like: pl.List) -> pl.Series:
    """A column of lists, from their values end to end and where each begins."""
    import pyarrow as pa

    made = pa.LargeListArray.from_arrays(pa.array(offsets), pa.array(values))
    return pl.Series(made, dtype=like)
