"""Batches: stored rows of a stage, addressed by what they were computed from.

`work/raw/<batch>.parquet` holds the RAW rows of a batch; `work/<stage>/<stage key>/<batch>.parquet`
holds, row for row, only the columns that the stage added. A stage's key digests its code, settings
and rules and the key of the stage before it, so what is there need not be computed again: that is
resumption, the incremental night and the second engine in one idea. A file that turns out damaged
is removed, so that it counts as never computed.
"""

import hashlib
import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa

from pipeline import schema
from pipeline.errors import WorkMissingError
from pipeline.store.durable import replacing

# What a file ends in that is whole.
ENDS = {".parquet": b"PAR1", ".arrow": b"ARROW1"}


@dataclass(frozen=True, slots=True)
class Batch:
    """A set of RAW rows in one Parquet file."""

    key: str
    rows: int
    dead: tuple[int, ...] = ()  # row numbers that left the corpus since the batch was written


@dataclass(frozen=True, slots=True)
class Corpus:
    """What the inputs hold now: batches without their dead rows."""

    batches: tuple[Batch, ...]

    @property
    def documents(self) -> int:
        """Live rows of all batches."""
        return sum(batch.rows - len(batch.dead) for batch in self.batches)


@dataclass(frozen=True, slots=True)
class MapStage:
    """A stage that reads one batch and adds columns to each row, and where its results lie."""

    name: str
    function: Callable[[pl.DataFrame], pl.DataFrame]
    reads: pl.Schema
    stores: tuple[str, ...]
    key: str
    before: "MapStage | None" = None


def digest(*parts: str | bytes) -> str:
    """32 hex digits over the parts, each with its length, so that no two lists collide."""
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        state.update(len(data).to_bytes(8, "little"))
        state.update(data)
    return state.hexdigest()


def write_raw(work: Path, rows: pl.DataFrame) -> Batch:
    """The batch of these RAW rows, on disk under the digest of their row keys."""
    key = digest(*rows["row_key"].to_list())
    path = _raw_path(work, key)
    if not is_stored(path):
        write_frame(path, schema.check(rows, schema.RAW, stage="ingest"))
    return Batch(key=key, rows=rows.height)


def stored_rows(work: Path) -> pl.DataFrame:
    """row_key, batch and row (u32) of every RAW row under `work`, by batch and row."""
    empty = pl.DataFrame(schema={"row_key": pl.String, "batch": pl.String, "row": pl.UInt32})
    frames = [
        read_frame(path, ["row_key"])
        .with_row_index("row")
        .select("row_key", pl.lit(path.stem).alias("batch"), pl.col("row").cast(pl.UInt32))
        for path in sorted((work / "raw").glob("*.parquet"))
        if is_stored(path)
    ]
    return pl.concat([empty, *frames])


def stored_bytes(work: Path, batch: Batch) -> int:
    """Bytes that the RAW rows of a batch take on the disk."""
    return _raw_path(work, batch.key).stat().st_size


def missing(corpus: Corpus, *, work: Path, stage: MapStage) -> list[Batch]:
    """The batches of which the stage's result is not there yet."""
    return [b for b in corpus.batches if not is_stored(stage_path(work, stage, b))]


def run_batch(batch: Batch, *, work: Path, stage: MapStage) -> int:
    """Rows computed; the stage's result of the batch is stored."""
    frame = stage.function(load(batch, work=work, stage=stage.before, columns=stage.reads.names()))
    write_frame(stage_path(work, stage, batch), frame.select(stage.stores))
    return batch.rows


def load(
    batch: Batch, *, work: Path, stage: MapStage | None, columns: Sequence[str]
) -> pl.DataFrame:
    """The asked columns of all rows of a batch, dead ones included, as they are after `stage`.

    Each column comes from the last stage that stored it. Raises WorkMissingError if a file is gone
    or damaged.
    """
    wanted = set(columns)
    frames = []
    while stage is not None and wanted:
        taken = [name for name in stage.stores if name in wanted]
        if taken:
            frames.append(read_frame(stage_path(work, stage, batch), taken))
            wanted -= set(taken)
        stage = stage.before
    if wanted:
        taken = [name for name in schema.RAW.names() if name in wanted]
        frames.append(read_frame(_raw_path(work, batch.key), taken))
    return pl.concat(frames, how="horizontal").select(columns)


def load_live(
    batch: Batch, *, work: Path, stage: MapStage | None, columns: Sequence[str]
) -> pl.DataFrame:
    """As `load`, without the dead rows."""
    frame = load(batch, work=work, stage=stage, columns=columns)
    if not batch.dead:
        return frame
    dead = pl.Series(batch.dead, dtype=pl.UInt32)
    return frame.with_row_index("row").filter(~pl.col("row").is_in(dead.implode())).drop("row")


def stage_path(work: Path, stage: MapStage, batch: Batch) -> Path:
    """Where the stage's result of this batch lies."""
    return work / stage.name / stage.key / f"{batch.key}.parquet"


def is_stored(path: Path) -> bool:
    """Whether a stored frame lies there to its end; some disks cut a file short in a power cut."""
    end = ENDS[path.suffix]
    try:
        with path.open("rb") as file:
            file.seek(-len(end), os.SEEK_END)
            return file.read() == end
    except OSError:
        return False


def write_frame(path: Path, frame: pl.DataFrame) -> None:
    """`frame` at `path`, whole or not at all. For working state only: bytes may differ by run.

    Raises OutputUnwritableError where the disk is full.
    """
    # By way of memory: of a full disk Polars' own writer says "out of specification".
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", compression_level=1)
    with replacing(path) as file:
        file.write(buffer.getbuffer())


def read_frame(path: Path, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """The stored frame; of an Arrow file only what is looked at is read.

    Raises WorkMissingError if it is gone, or damaged and therefore removed.
    """
    try:
        if path.suffix == ".arrow":
            frame = _map(path)
            return frame if columns is None else frame.select(columns)
        return pl.read_parquet(path, columns=None if columns is None else list(columns))
    except FileNotFoundError as error:
        raise WorkMissingError(_lost(path, "is gone")) from error
    except (pl.exceptions.PolarsError, pa.ArrowInvalid) as error:
        path.unlink(missing_ok=True)
        raise WorkMissingError(_lost(path, "was damaged and has been removed")) from error


def _map(path: Path) -> pl.DataFrame:
    with pa.memory_map(str(path)) as source:
        frame = pl.from_arrow(pa.ipc.open_file(source).read_all())
    assert isinstance(frame, pl.DataFrame)
    return frame


def _raw_path(work: Path, key: str) -> Path:
    return work / "raw" / f"{key}.parquet"


def _lost(path: Path, what: str) -> str:
    return (
        f"The stored result {path} {what}. Expected every earlier step's output to be there. "
        "Run the whole pipeline again: what is missing is computed anew."
    )
