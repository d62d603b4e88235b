"""Near-duplicate removal alone, from files to files."""

import gzip
import subprocess
import sys

import polars as pl
import pytest
import zstandard

from pipeline.dedupe import Columns, dedupe
from pipeline.errors import InputMissingError, OutputUnwritableError
from pipeline.settings import DedupSettings

SETTINGS = DedupSettings()
STORY = " ".join(f"word{k}" for k in range(150))


def documents() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "id": ["c", "a", "b", "d", "e"],
            "score": [1.5, 2.5, None, 4.5, 5.5],
            "text": [STORY, STORY, f"{STORY} and more", None, "Something else entirely."],
        }
    )


def clusters_of(folder) -> dict:
    return dict(pl.read_parquet(folder / "clusters.parquet").select("id", "cluster").rows())


def test_kept_rows_keep_all_their_columns_and_every_row_has_a_cluster(tmp_path):
    documents().write_parquet(tmp_path / "docs-0.parquet")
    result = dedupe(tmp_path, tmp_path / "out", settings=SETTINGS)
    assert (result.documents, result.kept, result.duplicates) == (5, 3, 2)
    assert clusters_of(tmp_path / "out") == {"a": "a", "b": "a", "c": "a", "d": "d", "e": "e"}
    kept = pl.read_parquet(tmp_path / "out" / "out.parquet")
    assert kept.equals(documents().filter(pl.col("id").is_in(["a", "d", "e"])))


def test_the_way_rows_lie_in_files_changes_no_cluster(tmp_path):
    frame = documents()
    for name, parts in (("one", [frame]), ("many", [frame[[k]] for k in (4, 2, 0, 1, 3)])):
        (tmp_path / name).mkdir()
        for number, part in enumerate(parts):
            part.write_parquet(tmp_path / name / f"{number}.parquet", row_group_size=2)
        dedupe(tmp_path / name, tmp_path / f"{name}-out", settings=SETTINGS)
    assert clusters_of(tmp_path / "one-out") == clusters_of(tmp_path / "many-out")


def test_json_lines_and_parquet_give_the_same(tmp_path):
    documents().write_ndjson(tmp_path / "docs.jsonl")
    documents().write_parquet(tmp_path / "docs.parquet")
    for name in ("docs.jsonl", "docs.parquet"):
        dedupe(tmp_path / name, tmp_path / f"{name}-out", settings=SETTINGS)
    lines, parquet = tmp_path / "docs.jsonl-out", tmp_path / "docs.parquet-out"
    assert clusters_of(lines) == clusters_of(parquet)
    assert pl.read_parquet(lines / "out.parquet").equals(pl.read_parquet(parquet / "out.parquet"))
    assert sorted(path.name for path in lines.iterdir()) == ["clusters.parquet", "out.parquet"]


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_compressed_json_lines_are_read_too(tmp_path, ending):
    lines = documents().write_ndjson().encode()
    packed = gzip.compress(lines) if ending == "gz" else zstandard.compress(lines)
    (tmp_path / f"docs.jsonl.{ending}").write_bytes(packed)
    dedupe(tmp_path, tmp_path / "out", settings=SETTINGS)
    assert clusters_of(tmp_path / "out") == {"a": "a", "b": "a", "c": "a", "d": "d", "e": "e"}


def test_an_input_too_large_to_hold_gives_the_same(tmp_path, monkeypatch):
    documents().write_parquet(tmp_path / "docs.parquet", row_group_size=2)
    results = []
    for held in (10**9, 0):
        monkeypatch.setattr("pipeline.store.one_table.HELD_BYTES", held)
        dedupe(tmp_path / "docs.parquet", tmp_path / f"out{held}", settings=SETTINGS)
        results.append((tmp_path / f"out{held}" / "out.parquet").read_bytes())
    assert results[0] == results[1]


def test_numbers_as_ids_stay_numbers_and_repeated_ids_are_two_documents(tmp_path):
    frame = pl.DataFrame({"key": [7, 7, 8], "body": [STORY, "Another text.", STORY]})
    frame.write_parquet(tmp_path / "in.parquet")
    columns = Columns(id="key", text="body")
    result = dedupe(tmp_path / "in.parquet", tmp_path / "out", settings=SETTINGS, columns=columns)
    clusters = pl.read_parquet(tmp_path / "out" / "clusters.parquet")
    assert clusters.rows() == [(7, 7), (7, 7), (8, 7)]
    assert result.kept == 2


def test_without_an_id_column_rows_are_numbered(tmp_path):
    pl.DataFrame({"text": [STORY, STORY]}).write_parquet(tmp_path / "in.parquet")
    dedupe(tmp_path / "in.parquet", tmp_path / "out", settings=SETTINGS)
    assert clusters_of(tmp_path / "out") == {"0": "0", "1": "0"}


def test_files_of_other_columns_are_read_as_one_table(tmp_path):
    documents().write_parquet(tmp_path / "1.parquet")
    pl.DataFrame({"id": ["z"], "text": [STORY], "extra": [1]}).write_parquet(tmp_path / "2.parquet")
    result = dedupe(tmp_path / "*.parquet", tmp_path / "out", settings=SETTINGS)
    assert (result.documents, clusters_of(tmp_path / "out")["z"]) == (6, "a")
    assert pl.read_parquet(tmp_path / "out" / "out.parquet").columns == [
        "id",
        "score",
        "text",
        "extra",
    ]


def test_progress_ends_at_the_number_of_documents(tmp_path):
    pl.DataFrame({"text": [f"Text number {k}." for k in range(20_000)]}).write_parquet(
        tmp_path / "in.parquet"
    )
    seen = []
    dedupe(
        tmp_path / "in.parquet",
        tmp_path / "out",
        settings=SETTINGS,
        progress=lambda *step: seen.append(step),
    )
    assert {stage for stage, _, _ in seen} == {"fingerprint", "write"}
    assert [step for step in seen if step[0] == "write"][-1] == ("write", 20_000, 20_000)


def test_a_missing_input_a_missing_column_and_no_rows_are_named(tmp_path):
    with pytest.raises(InputMissingError, match=r"No \.parquet or \.jsonl file"):
        dedupe(tmp_path / "nothing", tmp_path / "out", settings=SETTINGS)
    pl.DataFrame({"body": ["x"]}).write_parquet(tmp_path / "in.parquet")
    with pytest.raises(InputMissingError, match=r"no column 'text'\. It has: body"):
        dedupe(tmp_path / "in.parquet", tmp_path / "out", settings=SETTINGS)
    pl.DataFrame({"text": []}, schema={"text": pl.String}).write_parquet(tmp_path / "in.parquet")
    with pytest.raises(InputMissingError, match="no rows"):
        dedupe(tmp_path / "in.parquet", tmp_path / "out", settings=SETTINGS)


def test_an_output_that_is_a_file_is_named(tmp_path):
    (tmp_path / "out").write_text("here already")
    with pytest.raises(OutputUnwritableError, match="Cannot write to"):
        dedupe(tmp_path, tmp_path / "out", settings=SETTINGS)


def test_neither_dagster_nor_great_expectations_is_imported():
    code = (
        "import pipeline.dedupe, sys; heavy = ('dagster', 'great_exp', 'pandas', 'scipy'); "
        "print([m for m in sys.modules if m.startswith(heavy)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
