"""What each input file held when it was last read, so that an unchanged file is not read again.

Only a shortcut: without it, or if it cannot be read, every file is read and the result is the same.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.settings import IngestSettings
from pipeline.store.batches import digest, write_frame
from pipeline.store.html_records import reader_versions
from pipeline.store.listing import InputFile
from pipeline.store.versions import code_digest

# One row per record, in input order: `file` is a place in the list of the input's files, the ids
# are as if the record occurred once. A file without records has one row without ids. `passed` says
# of the whole file how much in it is no document.
ROWS = pl.Schema(
    {
        "file": pl.UInt32,
        "doc_id": pl.String,
        "row_key": pl.String,
        "failed": pl.Boolean,
        "passed": pl.UInt32,
    }
)
CODE = tuple(
    f"pipeline.store.{name}"
    for name in ("csv_records", "fields", "formats", "parquet_records", "records", "streams")
)
# A file that changed this shortly before the run may change again within one tick of its clock.
SETTLED_SECONDS = 2.0


def file_key(file: InputFile, settings: IngestSettings, now: datetime) -> str:
    """What the file's rows hang on; empty where the file tells too little to rely on.

    Raises ExtraMissingError before anything is read, where the file's reader is not installed.
    """
    versions = reader_versions(file)
    if not file.stamp or file.changed > now.timestamp() - SETTLED_SECONDS:
        return ""
    meaning = settings.model_dump_json(exclude={"allow_shrink"})
    place = (file.path, file.relpath, str(file.size), file.stamp)
    # No reader looks into a data file: a new rule of cleaning makes no page be extracted again.
    return digest(*place, meaning, versions, code_digest(*CODE, data=False))


def load_seen(work: Path, keys: Sequence[str]) -> pl.DataFrame:
    """ROWS of those files that have been seen under their key, by place in `keys`."""
    files = pl.DataFrame({"key": keys}, schema={"key": pl.String}).with_row_index("file")
    try:
        seen = pl.DataFrame(pq.read_table(_path(work)))
        found = seen.join(files.filter(pl.col("key") != ""), on="key", maintain_order="left")
        return found.select(ROWS.names()).cast(ROWS).sort("file", maintain_order=True)
    except (OSError, pa.ArrowException, pl.exceptions.PolarsError):
        return pl.DataFrame(schema=ROWS)


def save_seen(work: Path, keys: Sequence[str], rows: pl.DataFrame) -> None:
    """Remember these ROWS of the files that have a key; other files are forgotten."""
    files = pl.DataFrame({"key": keys}, schema={"key": pl.String}).with_row_index("file")
    named = rows.join(files.filter(pl.col("key") != ""), on="file", maintain_order="left")
    write_frame(_path(work), named.select("key", *ROWS.names()[1:]))


def _path(work: Path) -> Path:
    return work / "inputs" / "seen.parquet"
