"""Columns of Arrow and Polars as the arrays that kernels read, with as few copies as possible."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from pipeline.dedup.sketches import Offsets, Strings


class TitledTexts(NamedTuple):
    """What is compared of some documents."""

    titles: Strings
    texts: Strings


def titled_texts(frame: pl.DataFrame) -> TitledTexts:
    """The columns `title` and `text`; null is the empty string."""
    return TitledTexts(strings_of(frame["title"]), strings_of(frame["text"]))


def strings_of(column: pl.Series | pa.Array) -> Strings:
    """The bytes and offsets of a column of strings; null is the empty string."""
    if isinstance(column, pl.Series):
        column = column.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    if column.type != pa.large_string():
        column = column.cast(pa.large_string())
    if column.null_count:
        column = column.fill_null("")
    _, offsets, data = column.buffers()
    if len(column) == 0:
        return Strings(np.frombuffer(b"", np.uint8), np.frombuffer(bytes(8), np.int64))
    bounds = np.frombuffer(offsets, np.int64, len(column) + 1, column.offset * 8)
    return Strings(np.frombuffer(data or b"", np.uint8), bounds)


def empty_strings(count: int) -> Strings:
    """As many empty strings."""
    return Strings(np.frombuffer(b"", np.uint8), np.frombuffer(bytes(8 * count + 8), np.int64))


def string_at(strings: Strings, k: int) -> str:
    """One of the strings."""
    return bytes(strings.data[strings.offsets[k] : strings.offsets[k + 1]]).decode()


def numbers_of(lists: pl.Series) -> tuple[npt.NDArray[Any], Offsets]:
    """The values of a column of lists of unsigned numbers, end to end, and where each begins."""
    array = lists.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    offsets = numpy_numbers(array.offsets)  # a slice's begin beyond 0, and `values` ignores it
    return numpy_numbers(array.values)[offsets[0] : offsets[-1]], offsets - offsets[0]


def numpy_numbers(array: pa.Array) -> npt.NDArray[Any]:
    """Whole numbers without gaps, sharing Arrow's memory; `to_numpy` would import pandas too."""
    sign = "i" if pa.types.is_signed_integer(array.type) else "u"
    width = array.type.bit_width // 8
    data = array.buffers()[1] or b""
    return np.frombuffer(data, f"{sign}{width}", len(array), array.offset * width)


def arrow_numbers(values: npt.NDArray[np.generic]) -> pa.Array:
    """The numbers as an Arrow array that shares their memory.

    `pa.array` would import pandas to see whether it was given some of that: 0.3 s of CPU.
    """
    values = np.ascontiguousarray(values)
    kind = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def lists_of(values: npt.NDArray[np.generic], offsets: Offsets, *, name: str) -> pl.Series:
    """A column of lists, from their values end to end and where each begins."""
    made = pa.LargeListArray.from_arrays(arrow_numbers(offsets), arrow_numbers(values))
    # `pl.Series(made, dtype=...)` would copy it value by value.
    column = pl.from_arrow(made)
    assert isinstance(column, pl.Series)
    return column.alias(name)
