"""The duplicates of a snapshot are measured anew, and what is curated is searched for copies."""

import random
from datetime import UTC, datetime

import polars as pl
import pytest

from pipeline.curate import Run, curate
from pipeline.engine import LocalEngine
from pipeline.settings import DedupSettings, Settings
from pipeline.store.copies import check_copies
from pipeline.store.manifest import read_manifest
from pipeline.store.tables import write_table
from pipeline.store.verify import verify
from pipeline.store.workspace import Workspace

NOW = datetime(2024, 5, 1, tzinfo=UTC)
WORDS = "river road mayor bridge winter budget school market train garden council valley".split()  # noqa: SIM905


def article(seed: int, sentences: int = 14) -> str:
    drawn = random.Random(seed)
    lines = []
    for _ in range(sentences):
        words = [f"{drawn.choice(WORDS)}{drawn.choice('abcdefgh')}" for _ in range(12)]
        lines.append("The " + " ".join(words) + " was seen by all of them.")
    return "\n".join(" ".join(lines[k : k + 3]) for k in range(0, sentences, 3))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A snapshot of eight articles and four kinds of copies."""
    folder = tmp_path_factory.mktemp("copies")
    texts = {f"a{seed}": article(seed) for seed in range(8)}
    texts["same"] = texts["a0"]
    texts["words"] = texts["a1"].replace("\n", "\n\n").upper().lower()
    texts["near"] = texts["a2"].replace("was seen", "had been seen", 2)
    texts["part"] = "\n".join(texts["a3"].split("\n")[:3])
    rows = [{"id": name, "text": text} for name, text in texts.items()]
    pl.DataFrame(rows).write_ndjson(folder / "in.jsonl")
    settings = Settings(dedup=DedupSettings(bucket_head=1))
    run = Run(str(folder / "in.jsonl"), Workspace(folder / "out"), settings, LocalEngine(1), NOW)
    return curate(run).folder


@pytest.fixture
def copied(made, tmp_path):
    """The snapshot, to be tampered with."""
    for path in made.rglob("*.parquet"):
        target = tmp_path / path.relative_to(made)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    (tmp_path / "manifest.json").write_bytes((made / "manifest.json").read_bytes())
    return tmp_path


def checked(folder):
    return {one.name: one for one in check_copies(folder, read_manifest(folder))}


def change(folder, table, with_rows):
    """The only file of a table, changed."""
    (facts,) = read_manifest(folder).tables[table].files
    path = folder / facts.path
    write_table(path, with_rows(pl.read_parquet(path)))


def test_every_duplicate_is_a_copy_and_no_copy_is_left(made):
    found = checked(made)
    assert (found["copies"].examined, found["no_copies_left"].examined) == (4, 8)
    assert not any(one.broken for one in found.values())
    assert {"copies", "no_copies_left"} < {one.name for one in verify(made.parents[1]).checks}


def test_a_duplicate_of_something_else_is_found(copied):
    other = pl.read_parquet(copied / "documents" / "*.parquet").filter(
        ~pl.col("cluster_id").is_in(
            pl.read_parquet(copied / "duplicates" / "*.parquet")["cluster_id"].implode()
        )
    )["doc_id"][0]
    change(copied, "duplicates", lambda rows: rows.with_columns(canonical_id=pl.lit(other)))
    found = checked(copied)["copies"]
    assert found.broken == 4
    assert all(other in problem for problem in found.problems)


def test_a_figure_that_is_not_so_is_found(copied):
    near = pl.col("relation") == "near_copy"
    jaccard = pl.when(near).then(pl.col("jaccard") + 0.01).otherwise("jaccard")
    change(copied, "duplicates", lambda rows: rows.with_columns(jaccard.cast(pl.Float32)))
    assert checked(copied)["copies"].broken == 1


def test_a_copy_that_is_curated_too_is_found(copied):
    duplicates = pl.read_parquet(copied / "duplicates" / "*.parquet")
    first = duplicates.filter(pl.col("relation").is_in(["near_copy", "exact_text"]))
    texts = dict(first.select("canonical_id", "text").rows())
    free = pl.read_parquet(copied / "documents" / "*.parquet").filter(
        ~pl.col("doc_id").is_in(duplicates["canonical_id"].implode())
    )["doc_id"]
    put = dict(zip(free, texts.values(), strict=False))

    def replaced(rows):
        found = [put.get(i, text) for i, text in rows.select("doc_id", "text").iter_rows()]
        return rows.with_columns(pl.Series("text", found))

    change(copied, "documents", replaced)
    assert checked(copied)["no_copies_left"].broken == 2


def test_what_another_version_made_is_not_judged(made):
    manifest = read_manifest(made)
    older = manifest.model_copy(update={"versions": {**manifest.versions, "winnow": "0.0"}})
    assert list(check_copies(made, older)) == []


def test_pairs_that_a_crowded_bucket_leaves_out_are_counted_in_the_manifest(made):
    assert read_manifest(made).counts.uncompared_pairs > 0
