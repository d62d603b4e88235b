"""Five real articles through the real command: exactly the agreed cuts, repairs and flags."""

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from pipeline.store.reading import latest_folder

ARTICLES = Path(__file__).parents[3] / "shared" / "seeds"
CUT_LINES = [
    ("000", 15, 15),
    ("001", 22, 23),
    ("002", 12, 12),
    ("003", 14, 14),
    ("004", 59, 59),
    ("004", 125, 125),
    ("004", 165, 165),
    ("004", 167, 167),
]
FLAGS = {
    "000": ["related_digest"],
    "001": ["missing_title"],
    "002": [],
    "003": [],
    "004": ["double_title", "glued_sentences", "multi_part", "qa_block"],
}
GLUE = {"glue.sentence": 9, "glue.comma": 12, "glue.abbreviation": 1}

pytestmark = pytest.mark.skipif(not ARTICLES.exists(), reason="the real articles are not here")


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory, winnow):
    output = tmp_path_factory.mktemp("real") / "outputs"
    done = winnow("run", ARTICLES, "--output", output)
    assert done.returncode == 0, done.stderr
    return latest_folder(output / "corpus")


@pytest.fixture(scope="module")
def documents(snapshot):
    return pl.read_parquet(snapshot / "documents")


@pytest.fixture(scope="module")
def edits(snapshot, documents):
    names = documents.select("doc_id", pl.col("source_id").str.head(3).alias("article"))
    return pl.read_parquet(snapshot / "edits").join(names, on="doc_id").sort("article", "seq")


def test_five_articles_are_five_clusters(documents):
    assert documents["cluster_id"].n_unique() == documents.height == 5


def test_the_cuts_are_exactly_the_agreed_ones(edits):
    originals = {path.name[:3]: path.read_text("utf-8") for path in ARTICLES.glob("*.txt")}
    cuts = edits.filter(pl.col("action").str.starts_with("drop_"))
    spans = cuts.select("article", "start", "removed").iter_rows()
    assert [
        (article, _line(originals[article], start), _last_line(originals[article], start, removed))
        for article, start, removed in spans
    ] == CUT_LINES


def test_only_the_middle_sentence_of_a_line_is_cut(edits):
    cut = edits.filter(action="drop_sentence")["removed"].to_list()
    assert [text.strip() for text in cut] == ["Share your thoughts in the comments below."]


def test_only_blank_edges_are_trimmed(edits):
    trimmed = edits.filter(action="trim")["removed"].to_list()
    assert [text for text in trimmed if text.strip()] == []


def test_every_glued_place_of_one_article_is_repaired_and_nothing_else(edits):
    repairs = edits.filter(action="repair")
    assert repairs["article"].unique().to_list() == ["004"]
    assert Counter(repairs["rule"].to_list()) == GLUE
    assert repairs["replacement"].unique().to_list() == [" "]
    assert repairs["removed"].unique().to_list() == [""]


def test_flags_are_exactly_the_agreed_ones(documents):
    rows = documents.select(pl.col("source_id").str.head(3), "flags").iter_rows()
    assert dict(rows) == FLAGS


def _line(text, at):
    return text[:at].count("\n") + 1


def _last_line(text, start, removed):
    return _line(text, start + len(removed.rstrip("\n")))
