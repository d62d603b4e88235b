"""What a night costs that brings 1% more: CPU seconds of fingerprints and clusters, imports aside.

    python tests/bench/bench_increment.py FOLDER [--documents N] [--rounds N]

Texts are the benchmark's made-up news as they are, without cleaning. Every figure is that of a
fresh process that has warmed up on a few documents elsewhere; the least of N rounds counts. Writes
results/increment.json beside this file.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import polars as pl
from rich.console import Console

from pipeline import schema
from pipeline.settings import DedupSettings
from pipeline.stages.fingerprint import fingerprint
from pipeline.store.batches import Corpus, MapStage, missing, run_batch, write_raw
from pipeline.store.clusters import cluster_corpus

HERE = Path(__file__).parent
BATCH = 20_000
WARM = 200
SETTINGS = DedupSettings()
READ = (
    "doc_id",
    "raw_sha256",
    "title",
    "text",
    "published_at",
    "source",
    "flags",
    "verdicts",
    "input_error",
)


def judge(raw: pl.DataFrame) -> pl.DataFrame:
    """Texts as they are, none refused."""
    return raw.with_columns(
        text=pl.col("raw").cast(pl.String),
        flags=pl.lit([], pl.List(pl.String)),
        verdicts=pl.lit([], pl.List(schema.VERDICT)),
    )


JUDGED = MapStage("judged", judge, schema.RAW, ("text", "flags", "verdicts"), key="judged")
FINGERPRINTS = MapStage(
    "fingerprints",
    partial(fingerprint, settings=SETTINGS),
    pl.Schema({name: schema.JUDGED[name] for name in READ}),
    tuple(schema.FINGERPRINTED.names()),
    key="fingerprints",
    before=JUDGED,
)


def store(news: pl.DataFrame, work: Path) -> Corpus:
    """The documents as judged batches under `work`."""
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in news["text"]]
    ids = [hashlib.sha256(name.encode()).hexdigest()[:32] for name in news["id"]]
    values = {
        "doc_id": ids,
        "row_key": [doc_id[::-1] for doc_id in ids],
        "source": news["source"],
        "raw": news["text"].cast(pl.Binary),
        "raw_sha256": digests,
    }
    frame = pl.DataFrame(values).select(
        (pl.col(name) if name in values else pl.lit(None)).cast(kind).alias(name)
        for name, kind in schema.RAW.items()
    )
    corpus = Corpus(tuple(write_raw(work, part) for part in frame.iter_slices(BATCH)))
    _map(corpus, work, JUDGED)
    return corpus


def _map(corpus: Corpus, work: Path, stage: MapStage) -> None:
    for batch in missing(corpus, work=work, stage=stage):
        run_batch(batch, work=work, stage=stage)


def cost(corpus: Corpus, work: Path) -> float:
    """CPU seconds until the corpus is clustered and its tables are in hand."""
    start = time.process_time()
    _map(corpus, work, FINGERPRINTS)
    clusters = cluster_corpus(corpus, work=work, fingerprints=FINGERPRINTS, settings=SETTINGS)
    clusters.members()
    clusters.pairs()
    return time.process_time() - start


def night(corpus: Path, work: Path, documents: int) -> None:
    """Print the cost of clustering the first `documents`, after what `work` holds already."""
    news = pl.read_parquet(corpus / "docs-*.parquet")
    warm = work.with_name(f"{work.name}-warm")
    for count in (WARM, WARM + WARM // 10):
        cost(store(news[:count], warm), warm)
    shutil.rmtree(warm)
    whole = len(news)
    first = whole - whole // 100
    parts = [store(part, work) for part in (news[:first], news[first:documents]) if len(part)]
    there = Corpus(tuple(batch for part in parts for batch in part.batches))
    Console().print(json.dumps(cost(there, work)))


def run(corpus: Path, work: Path, documents: int) -> float:
    """The cost of a night in a process of its own."""
    command = [sys.executable, __file__, str(corpus), "--night", str(work), str(documents)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(json.loads(told))


def main() -> None:
    """Measure, tell, and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--night", nargs=2, metavar=("WORK", "DOCUMENTS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.night:
        return night(options.folder, Path(options.night[0]), int(options.night[1]))
    count = options.documents
    corpus = options.folder.absolute() / f"news{count // 1_000}k"
    if not (corpus / "planted.parquet").exists():
        generator = [sys.executable, str(HERE / "news_corpus.py"), str(count), str(corpus)]
        subprocess.run(generator, check=True)
    full, more = [], []
    for _ in range(options.rounds):
        work = options.folder.absolute() / "increment"
        full.append(run(corpus, work, count - count // 100))
        more.append(run(corpus, work, count))
        shutil.rmtree(work)
    told = {
        "documents": count,
        "full_cpu_seconds": round(min(full), 3),
        "increment_cpu_seconds": round(min(more), 3),
        "share": round(min(more) / min(full), 4),
    }
    Console().print(told)
    (HERE / "results" / "increment.json").write_text(json.dumps(told) + "\n")
    return None


if __name__ == "__main__":
    main()
