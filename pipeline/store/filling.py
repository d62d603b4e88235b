"""The files of a snapshot: shared with the served one where their rows are the same, else written.

Texts pass through memory one part at a time, however large the corpus is.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import polars as pl

from pipeline import schema
from pipeline.store.durable import discard, share_file, writing
from pipeline.store.finished import Finished
from pipeline.store.manifest import FileFacts, Manifest
from pipeline.store.plan import SCHEMAS, Part, Plan
from pipeline.store.spill import spill_rows
from pipeline.store.tables import TableFile, write_frames, write_table

# Columns to fetch for the tables of whole rows; edits are fetched for themselves.
ROW_TABLES = ("documents", "duplicates", "quarantine")
ROW_COLUMNS = tuple(dict.fromkeys([*schema.DUPLICATES.names(), *schema.QUARANTINE.names()]))


def fill_folder(
    folder: Path, plan: Plan, finished: Finished, *, served: tuple[Path, Manifest] | None
) -> dict[str, FileFacts]:
    """Every planned file is in `folder`; its facts by path.

    Rows and their order decide whether a file of the served snapshot is taken over.
    """
    with writing(folder):
        for table in ("documents", "duplicates", "edits"):
            (folder / table).mkdir(parents=True)
    facts = _share(folder, plan, served) if served else {}
    for table, frame in plan.narrow.items():
        planned = plan.tables[table].files[0]
        if planned.path not in facts:
            written = write_table(folder / planned.path, frame)
            facts[planned.path] = _facts(planned.path, planned.content, written)
    for tables, columns in ((ROW_TABLES, ROW_COLUMNS), (("edits",), ("doc_id", "edits"))):
        missing = [
            (table, part)
            for table in tables
            for part in plan.parts[table]
            if part.path not in facts
        ]
        facts |= _write_parts(folder, missing, finished, columns=columns)
    return facts


def is_there(folder: Path, file: FileFacts) -> bool:
    """Whether the file lies in `folder` with its size."""
    path = folder / file.path
    return path.is_file() and path.stat().st_size == file.bytes


def _share(folder: Path, plan: Plan, served: tuple[Path, Manifest]) -> dict[str, FileFacts]:
    source, manifest = served
    known = {file.path: file for file in manifest.files}
    shared = {}
    for planned in (file for table in plan.tables.values() for file in table.files):
        file = known.get(planned.path)
        if file and file.content == planned.content and is_there(source, file):
            share_file(source / file.path, folder / file.path)
            shared[file.path] = file
    return shared


def _write_parts(
    folder: Path,
    parts: Sequence[tuple[str, Part]],
    finished: Finished,
    *,
    columns: Sequence[str],
) -> dict[str, FileFacts]:
    """Parts with the same path, which stand side by side, become one file."""
    scratch = folder / ".spill"
    spill = spill_rows(finished, _wanted(parts), columns=columns, folder=scratch)
    facts = {}
    for (table, path), group in groupby(
        enumerate(parts), key=lambda numbered: (numbered[1][0], numbered[1][1].path)
    ):
        numbers = [number for number, _ in group]
        frames: Iterator[pl.DataFrame] = (
            _published(table, spill.fetch(number)) for number in numbers
        )
        written = write_frames(folder / path, frames, schema=SCHEMAS[table])
        facts[path] = _facts(path, parts[numbers[0]][1].content, written)
    discard(scratch)
    return facts


def _wanted(parts: Sequence[tuple[str, Part]]) -> pl.DataFrame:
    kinds = {"batch": pl.UInt32, "row": pl.UInt32, "part": pl.UInt32, "place": pl.UInt32}
    frames = [
        part.places.with_row_index("place").with_columns(
            pl.lit(number, dtype=pl.UInt32).alias("part")
        )
        for number, (_, part) in enumerate(parts)
    ]
    return pl.concat([pl.DataFrame(schema=kinds), *(frame.select(*kinds) for frame in frames)])


def _published(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    if table != "edits":
        return rows.select(SCHEMAS[table].names())
    numbers = pl.int_ranges(pl.col("edits").list.len(), dtype=pl.UInt32).alias("seq")
    edits = rows.with_columns(numbers).explode("edits", "seq").unnest("edits")
    return edits.select(schema.EDITS.names())


def _facts(path: str, content: str, file: TableFile) -> FileFacts:
    return FileFacts(
        path=path, content=content, rows=file.rows, bytes=file.bytes, sha256=file.sha256
    )
