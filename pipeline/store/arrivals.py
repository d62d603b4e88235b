"""When each document was first seen: the one piece of history a snapshot depends on.

The table only grows, also when a document leaves the input: if it comes back it is not new. It is
never rebuilt, since what it knows stands nowhere else.
"""

from datetime import datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import schema
from pipeline.errors import ArrivalsError
from pipeline.store.tables import write_table


def update_arrivals(path: Path, doc_ids: pl.Series, now: datetime) -> pl.DataFrame:
    """Everything that ever came in, in order of doc_id; those not known before arrived `now`.

    On disk under `path` when this returns. Raises ArrivalsError if the file there is not one.
    """
    old = read_arrivals(path)
    new = (
        pl.DataFrame({"doc_id": doc_ids.unique()}, schema={"doc_id": pl.String})
        .join(old, on="doc_id", how="anti")
        .with_columns(pl.lit(now, dtype=schema.TIME).alias("first_seen"))
    )
    if new.is_empty() and path.exists():
        return old
    arrivals = pl.concat([old, new]).sort("doc_id")
    write_table(path, arrivals)
    return arrivals


def read_arrivals(path: Path) -> pl.DataFrame:
    """ARRIVALS as they are on disk; empty where nothing ever came in."""
    if not path.exists():
        return pl.DataFrame(schema=schema.ARRIVALS)
    try:
        # Polars panics, past any except clause, when a file is replaced under it; pyarrow does not.
        frame = pl.DataFrame(pq.read_table(path))
    except (pa.ArrowException, OSError) as error:
        raise ArrivalsError(_not_readable(path, str(error).splitlines()[0][:200])) from error
    if frame.schema != schema.ARRIVALS or frame["doc_id"].is_duplicated().any():
        raise ArrivalsError(_not_readable(path, f"it holds {frame.schema}"))
    return frame.sort("doc_id")


def _not_readable(path: Path, found: str) -> str:
    return (
        f"The record of first arrivals {path} cannot be used: {found}. Expected a Parquet file "
        "with one row of doc_id and first_seen per document. Restore it from a backup; only if "
        "there is none, delete it: every document then counts as new."
    )
