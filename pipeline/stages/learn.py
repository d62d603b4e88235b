"""Which lines a source repeats: from the short lines of all documents to those that are furniture.

Counted is the cluster, never the document: else a story that nine sites print would look like
their furniture. All of it is sums of whole numbers over narrow columns, so neither the order of
documents nor the batches they lie in can show.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline import schema
from pipeline.settings import LearnSettings
from pipeline.text.rules import QUOTES
from pipeline.text.zones import BODY_CHARS, ends_sentence

Hashes = npt.NDArray[np.uint64]

SAMPLES = 3
RULE = "learned."
# So many times the support is asked of a sentence as long as those of the body.
LONG_SENTENCE = 2
LEARNED = "learned.line"  # as what all of them are counted
MILLION = 1_000_000
# One line of one document: where the source and the cluster are numbers, and so is the document,
# by order of doc_id.
SEEN = pl.Schema(
    {
        "source": pl.UInt32,
        "line_hash": pl.UInt64,
        "cluster": pl.UInt32,
        "document": pl.UInt32,
        "edges": pl.UInt32,
        "inside": pl.UInt32,
        "stems": pl.UInt32,
        "echoes": pl.UInt32,
    }
)
COUNTED = ("edges", "inside", "stems", "echoes")


def find_places(documents: pl.DataFrame, members: pl.DataFrame, sources: pl.Series) -> pl.DataFrame:
    """row, source, cluster and document of those of `documents` that may teach something.

    `documents` has doc_id and source; `members` is CLUSTERED by doc_id; `sources` is sorted.
    """
    rows = documents.with_row_index("row").drop_nulls("source")
    at = members["doc_id"].search_sorted(rows["doc_id"])
    rows = rows.with_columns(document=at).filter(at < members.height)
    known = members[rows["document"]]
    is_valid = known["doc_id"] == rows["doc_id"]
    rows, known = rows.filter(is_valid), known.filter(is_valid)
    return rows.select(
        "row",
        source=sources.search_sorted(rows["source"]).cast(pl.UInt32),
        cluster=members["doc_id"].search_sorted(known["cluster_id"]).cast(pl.UInt32),
        document=pl.col("document").cast(pl.UInt32),
    )


def frequent_lines(lines: Iterable[pl.Series], *, least: int) -> Hashes:
    """The hashes, ascending, that occur so often in these lists that they could be learned."""
    found = [hashes.explode().drop_nulls().to_numpy() for hashes in lines]
    values, counts = np.unique(np.concatenate([np.zeros(0, np.uint64), *found]), return_counts=True)
    return values[counts >= least]


def find_seen(edges: pl.DataFrame, places: pl.DataFrame, frequent: Hashes) -> pl.DataFrame:
    """SEEN of one batch: `edges` has the columns of EDGES for every row that `places` tells of."""
    own = edges[places["row"]].with_columns(places.drop("row"))
    names = ["source", "cluster", "document"]
    at_edge = _lines(own, ["edge_lines", "edge_stems", "edge_echoes"], names, frequent)
    inner = _lines(own, ["inner_lines"], names, frequent)
    one = pl.lit(1, pl.UInt32)
    none = pl.lit(0, pl.UInt32)
    rows = pl.concat(
        [
            at_edge.select(
                *names, line_hash="edge_lines", edges=one, inside=none,
                stems=pl.col("edge_stems").cast(pl.UInt32),
                echoes=pl.col("edge_echoes").cast(pl.UInt32),
            ),
            inner.select(
                *names, line_hash="inner_lines", edges=none, inside=one, stems=none, echoes=none
            ),
        ]
    )  # fmt: skip
    keys = ["source", "line_hash", "cluster", "document"]
    sums = [pl.col(name).sum() for name in ("edges", "inside")]
    most = [pl.col(name).max() for name in ("stems", "echoes")]
    return rows.group_by(keys).agg(*sums, *most).select(SEEN.names()).cast(SEEN)


def _lines(own: pl.DataFrame, lists: list[str], names: list[str], frequent: Hashes) -> pl.DataFrame:
    """The rows of the exploded lists whose hash is frequent."""
    rows = own.select(*names, *lists).explode(lists, empty_as_null=False, keep_nulls=False)
    hashes = rows[lists[0]].to_numpy()
    at = np.searchsorted(frequent, hashes)
    inside = at < len(frequent)
    inside[inside] = frequent[at[inside]] == hashes[inside]
    return rows.filter(pl.Series(inside, dtype=pl.Boolean))


def choose_lines(
    seen: Iterable[pl.DataFrame], clusters: pl.DataFrame, settings: LearnSettings
) -> pl.DataFrame:
    """The lines with enough support, as far as figures tell: source and document are numbers.

    `seen` are SEEN rows; `clusters` has `source` and `source_clusters`. What a sentence needs
    beyond that, only its words can tell: see `describe_lines`.
    """
    rows = pl.concat([pl.DataFrame(schema=SEEN), *seen])
    story = rows.group_by("source", "line_hash", "cluster").agg(
        *(pl.col(name).max() for name in COUNTED),
        pl.col("document").filter(pl.col("edges") > 0).min(),
    )
    lines = story.group_by("source", "line_hash").agg(
        (pl.col("edges") > 0).sum().cast(pl.UInt32).alias("support"),
        *(pl.col(name).cast(pl.Int64).sum() for name in COUNTED),
        pl.col("document").drop_nulls().bottom_k(SAMPLES).sort().alias("documents"),
    )
    lines = lines.join(clusters, on="source", how="inner")
    share, edge_share = _millionths(settings.least_share), _millionths(settings.edge_share)
    often = pl.col("support").cast(pl.Int64) * MILLION >= pl.col("source_clusters") * share
    mostly = pl.col("edges") * MILLION >= (pl.col("edges") + pl.col("inside")) * edge_share
    enough = (pl.col("support") >= settings.least_clusters) & often & mostly
    return lines.filter(enough).sort("source", "line_hash")


def describe_lines(
    chosen: pl.DataFrame,
    texts: Mapping[int, str],
    *,
    sources: pl.Series,
    doc_ids: pl.Series,
    settings: LearnSettings,
) -> pl.DataFrame:
    """KNOWN_LINES by source and line: those of the chosen that may be learned for their words too.

    `texts` has the line for each hash; `doc_ids` has the documents in the order of their numbers.
    """
    rows = [
        (source, line, line_hash, support, total, edges, inside, stems, echoes, documents)
        for source, line_hash, support, edges, inside, stems, echoes, documents, total in (
            chosen.select(
                "source", "line_hash", "support", *COUNTED, "documents", "source_clusters"
            ).iter_rows()
        )
        if (line := texts.get(line_hash)) is not None
        and _may_be_learned(line, _Figures(support, total, stems, echoes), settings)
    ]
    return schema.check(_known(rows, sources, doc_ids), schema.KNOWN_LINES, stage="learn")


Row = tuple[int, str, int, int, int, int, int, int, int, list[int]]


def _known(rows: list[Row], sources: pl.Series, doc_ids: pl.Series) -> pl.DataFrame:
    columns: dict[str, list[object]] = {name: [] for name in schema.KNOWN_LINES}
    for source, line, line_hash, support, total, edges, inside, stems, echoes, documents in rows:
        values = {
            "rule": rule_name(sources[source], line),
            "source": sources[source],
            "line_hash": line_hash,
            "line": line,
            "support": support,
            "source_clusters": total,
            "edge_share": edges / (edges + inside),
            "echo_share": echoes / stems if stems else 0.0,
            "samples": [doc_ids[document] for document in documents],
        }
        for name, value in values.items():
            columns[name].append(value)
    return pl.DataFrame(columns, schema=schema.KNOWN_LINES).sort("source", "line")


def rule_name(source: str, line: str) -> str:
    """What an edit by this line is called: of one length, and safe wherever it is shown.

    >>> rule_name("valley.example", "Read the paper on paper")
    'learned.2a5a5d82119f67e0'
    """
    digest = hashlib.blake2b(digest_size=8)
    for part in (source.encode("utf-8", "replace"), line.encode("utf-8", "replace")):
        digest.update(len(part).to_bytes(8, "little") + part)
    return RULE + digest.hexdigest()


def count_cuts(lines: pl.DataFrame, hits: Mapping[str, int]) -> pl.DataFrame:
    """LEARNED_LINES, from KNOWN_LINES and the number of edits of each rule."""
    cuts = pl.Series("cuts", [hits.get(rule, 0) for rule in lines["rule"]], pl.UInt32)
    return lines.drop("line_hash").with_columns(cuts)


def without_names(hits: Mapping[str, int]) -> dict[str, int]:
    """The number of edits of each rule, all learned lines as one: there can be thousands."""
    named = {rule: n for rule, n in hits.items() if not rule.startswith(RULE)}
    learned = sum(n for rule, n in hits.items() if rule.startswith(RULE))
    return dict(sorted({**named, **({LEARNED: learned} if learned else {})}.items()))


class _Figures(NamedTuple):
    support: int
    clusters: int
    stems: int
    echoes: int


def _may_be_learned(line: str, known: _Figures, settings: LearnSettings) -> bool:
    """Whether nothing about a line's wording speaks against it."""
    if line.startswith(QUOTES):
        return False
    if not ends_sentence(line):
        return True
    if known.echoes > settings.sentence_echo * known.stems:
        return False
    if len(line) < BODY_CHARS:
        return True
    often = (
        known.support * MILLION
        >= LONG_SENTENCE * _millionths(settings.least_share) * known.clusters
    )
    many = known.support >= LONG_SENTENCE * settings.least_clusters
    return known.stems > 0 and often and many and not any(quote in line for quote in QUOTES)


def _millionths(share: float) -> int:
    """A share as a whole number, so that no rounding decides at the threshold."""
    return round(share * MILLION)


def list_sources(sources: Iterable[pl.Series]) -> pl.Series:
    """All sources, sorted, each once."""
    frames = [found.drop_nulls().unique() for found in sources]
    return pl.concat([pl.Series("source", [], pl.String), *frames]).unique().sort()


def count_clusters(places: Iterator[pl.DataFrame]) -> pl.DataFrame:
    """`source` and `source_clusters`: how many clusters each source has a document in."""
    empty = pl.DataFrame(schema={"source": pl.UInt32, "cluster": pl.UInt32})
    pairs = pl.concat([empty, *(rows.select("source", "cluster").unique() for rows in places)])
    counts = pairs.unique().group_by("source").agg(pl.len().cast(pl.UInt32))
    return counts.rename({"len": "source_clusters"})
