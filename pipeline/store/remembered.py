"""What an index remembers beside its buckets: documents, measured pairs, and which files count.

`state.json` is written last and names the rest, so what it names is complete; a reader that finds
anything else remembers nothing.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from pipeline.errors import WorkMissingError
from pipeline.stages.index import Tally, empty_tally
from pipeline.stages.order import Longs
from pipeline.store.batches import read_frame
from pipeline.store.durable import replacing, write_bytes
from pipeline.store.narrow import write_arrow

STATE = "state.json"


@dataclass(frozen=True, slots=True)
class State:
    """What a complete index consists of, and what its parts were made under.

    `size` is the number of document numbers ever given; `files` that of files ever written.
    """

    segments: tuple[str, ...] = ()
    batches: tuple[str, ...] = ()
    tables: str = ""
    files: int = 0
    size: int = 0
    uncompared: int = 0
    pairing: str = ""
    vetoes: str = ""


@dataclass(frozen=True, slots=True)
class Origins:
    """Where documents lie: of each the place of its batch among `batches`, and its row there."""

    batches: tuple[str, ...]
    batch: Longs
    row: Longs


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an index holds beside its buckets; `origins` and `numbers` go best document first."""

    state: State
    origins: Origins
    numbers: Longs
    tally: Tally


def nothing() -> Remembered:
    """What an index knows that is not there."""
    none = np.zeros(0, np.int64)
    return Remembered(State(), Origins((), none, none), none, empty_tally())


def find_again(before: Origins, numbers: Longs, now: Origins) -> Longs:
    """The numbers of those documents that lie where they lay before; -1 for the others.

    `numbers` are those of the documents before. Rows of a batch never change.
    """
    sizes = np.zeros(len(before.batches) + 1, np.int64)
    np.maximum.at(sizes, before.batch, before.row + 1)
    starts = np.cumsum(sizes) - sizes
    number_at = np.full(int(sizes.sum()) + 1, -1)
    number_at[starts[before.batch] + before.row] = numbers
    places = {key: place for place, key in enumerate(before.batches)}
    old = np.array([places.get(key, len(places)) for key in now.batches], np.int64)[now.batch]
    known = now.row < sizes[old]
    return number_at[np.where(known, starts[old] + now.row, -1)]


def recall(folder: Path) -> Remembered:
    """What the index in the folder remembers; nothing, if it is not whole."""
    try:
        told = json.loads((folder / STATE).read_bytes())
        lists = {name: tuple(told[name]) for name in ("segments", "batches")}
        state = State(**{**told, **lists})
        documents = read_frame(_documents(folder, state))
        pairs = read_frame(_pairs(folder, state))
    except (OSError, ValueError, TypeError, KeyError, WorkMissingError):
        return nothing()
    number, batch, row = (
        np.array(documents[name].to_numpy(), np.int64) for name in ("number", "batch", "row")
    )
    tally = _tally_of(pairs, state.uncompared)
    return Remembered(state, Origins(state.batches, batch, row), number, tally)


def remember(folder: Path, what: Remembered) -> None:
    """From now on the index in the folder remembers this."""
    documents = {"number": what.numbers, "batch": what.origins.batch, "row": what.origins.row}
    narrow = pl.DataFrame({name: column.astype(np.uint32) for name, column in documents.items()})
    write_arrow(_documents(folder, what.state), narrow)
    _write(_pairs(folder, what.state), _frame_of(what.tally))
    write_bytes(folder / STATE, json.dumps(asdict(what.state)).encode())


def _write(path: Path, frame: pl.DataFrame) -> None:
    """The frame at `path`, whole or not at all; plain, for what is written anew every night."""
    with replacing(path, named_later=True) as file:
        pq.write_table(
            frame.to_arrow(), file, compression="none", use_dictionary=False, write_statistics=False
        )


def _documents(folder: Path, state: State) -> Path:
    return folder / f"documents-{state.tables}.arrow"


def _pairs(folder: Path, state: State) -> Path:
    return folder / f"pairs-{state.tables}.parquet"


def _tally_of(pairs: pl.DataFrame, uncompared: int) -> Tally:
    def longs(name: str) -> Longs:
        return np.array(pairs[name].to_numpy(), np.int64)

    vetoed = np.array(pairs["vetoed"].to_numpy(), np.bool_)
    keys = np.array(pairs["pair"].to_numpy(), np.uint64)
    return Tally(keys, longs("bands"), longs("anchors"), longs("shared"), vetoed, uncompared)


def _frame_of(tally: Tally) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "pair": pl.Series(tally.pairs, dtype=pl.UInt64),
            "bands": pl.Series(tally.bands, dtype=pl.UInt32),
            "anchors": pl.Series(tally.anchors, dtype=pl.UInt32),
            "shared": pl.Series(tally.shared, dtype=pl.Int32),
            "vetoed": pl.Series(tally.vetoed, dtype=pl.Boolean),
        }
    )
