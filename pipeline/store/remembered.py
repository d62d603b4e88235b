"""What an index remembers beside its buckets: documents, measured pairs, and which files count.

`state.json` is written last and names the rest, so what it names is complete; a reader that finds
anything else remembers nothing.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl

from pipeline.errors import WorkMissingError
from pipeline.stages.index import Tally, empty_tally
from pipeline.stages.order import Longs
from pipeline.store.batches import read_frame, write_frame
from pipeline.store.durable import write_bytes

STATE = "state.json"


@dataclass(frozen=True, slots=True)
class State:
    """What a complete index consists of, and what its parts were made under.

    `size` is the number of document numbers ever given; `files` that of files ever written.
    """

    segments: tuple[str, ...] = ()
    tables: str = ""
    files: int = 0
    size: int = 0
    uncompared: int = 0
    pairing: str = ""
    vetoes: str = ""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an index holds beside its buckets; `documents` has `key` and `number`, best first."""

    state: State
    documents: pl.DataFrame
    tally: Tally


def nothing() -> Remembered:
    """What an index knows that is not there."""
    documents = pl.DataFrame(schema={"key": pl.String, "number": pl.UInt32})
    return Remembered(State(), documents, empty_tally())


def recall(folder: Path) -> Remembered:
    """What the index in the folder remembers; nothing, if it is not whole."""
    try:
        told = json.loads((folder / STATE).read_bytes())
        state = State(**{**told, "segments": tuple(told["segments"])})
        documents = read_frame(_table(folder, state, "documents"))
        pairs = read_frame(_table(folder, state, "pairs"))
    except (OSError, ValueError, TypeError, KeyError, WorkMissingError):
        return nothing()
    return Remembered(state, documents, _tally_of(pairs, state.uncompared))


def remember(folder: Path, what: Remembered) -> None:
    """From now on the index in the folder remembers this."""
    write_frame(_table(folder, what.state, "documents"), what.documents)
    write_frame(_table(folder, what.state, "pairs"), _frame_of(what.tally))
    write_bytes(folder / STATE, json.dumps(asdict(what.state)).encode())


def _table(folder: Path, state: State, name: str) -> Path:
    return folder / f"{name}-{state.tables}.parquet"


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
