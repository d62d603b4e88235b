"""The index saves time and changes nothing: whatever came before, clusters are as from nothing."""

import random
import shutil
from functools import partial

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import schema
from pipeline.dedup.buckets import Entries
from pipeline.settings import DedupSettings
from pipeline.stages.fingerprint import fingerprint
from pipeline.store import index
from pipeline.store.batches import Batch, Corpus, MapStage, missing, run_batch, write_raw
from pipeline.store.clusters import cluster_corpus
from pipeline.store.remembered import Origins, find_again
from pipeline.store.shards import BANDS, cut_shards, read_shards, write_segment

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
DEFAULTS = DedupSettings(bands=20, rows=2, bucket_head=2)


def judge(raw: pl.DataFrame) -> pl.DataFrame:
    return raw.with_columns(
        text=pl.col("raw").cast(pl.String),
        flags=pl.lit([], pl.List(pl.String)),
        verdicts=pl.lit([], pl.List(schema.VERDICT)),
    )


JUDGED = MapStage("judged", judge, schema.RAW, ("text", "flags", "verdicts"), key="judged")


def fingerprints(chosen: DedupSettings, key: str = "fingerprints") -> MapStage:
    return MapStage(
        "fingerprints",
        partial(fingerprint, settings=chosen),
        pl.Schema({name: schema.JUDGED[name] for name in READ}),
        tuple(schema.FINGERPRINTED.names()),
        key=key,
        before=JUDGED,
    )


def text_of(number: int) -> str:
    """One of a few families of texts that overlap more or less, now and then a very short one."""
    drawn = random.Random(number % 5)
    words = [f"{drawn.choice('abcdef')}{drawn.randrange(300)}x" for _ in range(120)]
    own = random.Random(number)
    share = own.choice([0, 0.02, 0.1, 0.2])
    changed = [f"new{own.randrange(50)}" if own.random() < share else word for word in words]
    return " ".join(changed[: own.choice([3, 40, 90, 120])])


def raw(documents: dict[str, int]) -> pl.DataFrame:
    values = {
        "doc_id": list(documents),
        "row_key": [f"{doc_id}-{number}" for doc_id, number in documents.items()],
        "raw": [text_of(number).encode() for number in documents.values()],
        "source": [f"s{number % 3}" for number in documents.values()],
    }
    frame = pl.DataFrame(values)
    return frame.select(
        (pl.col(name) if name in values else pl.lit(None)).cast(kind).alias(name)
        for name, kind in schema.RAW.items()
    )


class Night:
    """Clusters documents in a folder, with whatever the nights before left in it."""

    def __init__(self, work):
        self.work = work

    def corpus(self, documents, *, batches=2, dead=()):
        items = list(documents.items())
        size = max(1, -(-len(items) // batches))
        parts = [dict(items[k : k + size]) for k in range(0, len(items), size)]
        written = [write_raw(self.work, raw(part)) for part in parts]
        return Corpus(tuple(Batch(b.key, b.rows, dead) for b in written))

    def cluster(self, corpus, chosen=DEFAULTS, key="fingerprints"):
        stage = fingerprints(chosen, key)
        for step in (JUDGED, stage):
            for batch in missing(corpus, work=self.work, stage=step):
                run_batch(batch, work=self.work, stage=step)
        shutil.rmtree(self.work / "clusters", ignore_errors=True)
        return cluster_corpus(corpus, work=self.work, fingerprints=stage, settings=chosen)


def same(left, right):
    figures = [(found.candidates, found.verified, found.uncompared) for found in (left, right)]
    return (
        left.members().equals(right.members())
        and left.pairs().equals(right.pairs())
        and figures[0] == figures[1]
    )


NIGHTS = st.lists(
    st.dictionaries(
        st.sampled_from([f"d{k:02}" for k in range(16)]), st.integers(0, 60), min_size=1
    ),
    min_size=2,
    max_size=6,
)


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(nights=NIGHTS, shuffled=st.randoms(), batches=st.integers(1, 3))
def test_after_any_nights_the_tables_are_those_of_a_build_from_nothing(
    tmp_path_factory, monkeypatch, nights, shuffled, batches
):
    monkeypatch.setattr(index, "MOST_SEGMENTS", 2)
    kept, anew = Night(tmp_path_factory.mktemp("kept")), Night(tmp_path_factory.mktemp("anew"))
    for documents in nights:
        items = list(documents.items())
        shuffled.shuffle(items)
        found = kept.cluster(kept.corpus(dict(items), batches=batches))
        shutil.rmtree(anew.work)
        assert same(found, anew.cluster(anew.corpus(documents)))


class LastingNight(Night):
    """As a night whose batches last: what stays keeps its row, what left is dead there."""

    def __init__(self, work):
        super().__init__(work)
        self.stored = []

    def add(self, documents, *, anew):
        """The corpus of these documents; all in new batches if `anew`."""
        if anew:
            self.stored = []
        known = {item for batch in self.stored for item in batch}
        fresh = [item for item in documents.items() if item not in known]
        self.stored += [fresh] if fresh else []
        batches = []
        for items in self.stored:
            written = write_raw(self.work, raw(dict(items)))
            dead = tuple(
                k for k, (name, number) in enumerate(items) if documents.get(name) != number
            )
            batches.append(Batch(written.key, written.rows, dead))
        return Corpus(tuple(batch for batch in batches if len(batch.dead) < batch.rows))


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(nights=NIGHTS, anew=st.lists(st.booleans(), min_size=6, max_size=6))
def test_batches_that_last_and_documents_that_come_back_to_them_change_nothing(
    tmp_path_factory, nights, anew
):
    kept = LastingNight(tmp_path_factory.mktemp("kept"))
    fresh = Night(tmp_path_factory.mktemp("anew"))
    for documents, in_new_batches in zip(nights, anew, strict=False):
        found = kept.cluster(kept.add(documents, anew=in_new_batches))
        shutil.rmtree(fresh.work)
        assert same(found, fresh.cluster(fresh.corpus(documents)))


def many(count=40):
    return {f"d{k:02}": k for k in range(count)}


@pytest.fixture
def night(tmp_path):
    return Night(tmp_path)


def test_only_new_pairs_are_measured(night):
    first = night.cluster(night.corpus(many()))
    again = night.cluster(night.corpus(dict(reversed(many().items())), batches=5))
    assert (first.measured, again.measured) == (first.candidates, 0)
    assert again.index == "index updated: 0 distinct texts came, 0 left"
    more = night.cluster(night.corpus(many() | {"new": 65}))
    assert 0 < more.measured < more.candidates
    assert more.index == "index updated: 1 distinct texts came, 0 left"


def test_a_document_that_is_dead_in_its_batch_has_left(night):
    corpus = night.corpus(many(), batches=1)
    night.cluster(corpus)
    fewer = Corpus(tuple(Batch(b.key, b.rows, dead=(0, 7)) for b in corpus.batches))
    found = night.cluster(fewer)
    shutil.rmtree(night.work / "index")
    assert same(found, night.cluster(fewer))


@pytest.mark.parametrize(
    ("other", "told", "measures"),
    [
        ({"bucket_head": 3}, "paired anew under other rules", "new pairs"),
        ({"preferred_sources": ["s2"]}, "paired anew under other rules", "new pairs"),
        ({"number_veto": False}, "vetoes asked anew", "short texts"),
        ({"jaccard": 0.8}, "vetoes asked anew", "short texts"),
        ({"review_pairs": 1}, "index updated: 0 distinct texts came, 0 left", "nothing"),
        ({"review_jaccard": 0.2}, "index updated: 0 distinct texts came, 0 left", "new pairs"),
    ],
)
def test_changed_settings_cost_what_depends_on_them(night, other, told, measures):
    first = night.cluster(night.corpus(many()))
    changed = DedupSettings(**{**DEFAULTS.model_dump(), **other})
    found = night.cluster(night.corpus(many()), changed)
    assert found.index == told
    assert found.measured < first.measured or measures == "short texts"
    assert (found.measured == 0) == (measures == "nothing") or measures == "new pairs"
    shutil.rmtree(night.work / "index")
    assert same(found, night.cluster(night.corpus(many()), changed))
    back = night.cluster(night.corpus(many()))
    assert same(back, first)


def test_other_fingerprints_have_an_index_of_their_own(night):
    night.cluster(night.corpus(many()))
    other = night.cluster(night.corpus(many()), DedupSettings(), key="others")
    assert other.index == "built anew: fingerprints are made in another way now"
    again = night.cluster(night.corpus(many()))
    assert (again.measured, again.index) == (0, "index updated: 0 distinct texts came, 0 left")


@pytest.mark.parametrize("name", ["state", "documents", "pairs", "bands", "anchors", "texts"])
@pytest.mark.parametrize("damage", ["gone", "cut short"])
def test_an_index_that_is_not_whole_is_built_anew(night, name, damage):
    first = night.cluster(night.corpus(many()))
    (path,) = (night.work / "index").glob(f"*/{name}*")
    content = path.read_bytes()
    path.unlink()
    if damage == "cut short":
        path.write_bytes(content[: len(content) // 2])
    again = night.cluster(night.corpus(many()))
    assert again.index == "built anew"
    assert same(again, first)


@pytest.mark.parametrize("damage", ["gone", "cut short"])
def test_narrow_rows_that_are_not_whole_are_unpacked_again(night, damage):
    first = night.cluster(night.corpus(many()))
    for path in (night.work / "index").glob("*/narrow-*"):
        content = path.read_bytes()
        path.unlink()
        if damage == "cut short":
            path.write_bytes(content[: len(content) // 2])
    again = night.cluster(night.corpus(many()))
    assert again.index == "index updated: 0 distinct texts came, 0 left"
    assert same(again, first)


def test_files_of_earlier_nights_do_not_pile_up(night, monkeypatch):
    monkeypatch.setattr(index, "MOST_SEGMENTS", 3)
    for count in range(10, 20):
        night.cluster(night.corpus(many(count)))
    names = [path.name for path in (night.work / "index").rglob("*.*")]
    assert len(names) <= 3 + 3 * 3 + 2
    assert sum(name.startswith("narrow-") for name in names) == 2


def test_a_better_copy_of_a_text_takes_its_place_and_gives_it_back(tmp_path):
    kept, anew = LastingNight(tmp_path / "kept"), Night(tmp_path / "anew")
    for documents in (many(), many() | {"c": 7, "e": 9}, many()):
        found = kept.cluster(kept.add(documents, anew=False))
        shutil.rmtree(anew.work, ignore_errors=True)
        assert same(found, anew.cluster(anew.corpus(documents)))
    assert found.index == "index updated: 1 distinct texts came, 1 left"


def test_a_segment_is_parquet_that_anyone_can_read_and_one_array_to_us(tmp_path):
    drawn = np.random.default_rng(1)
    keys = drawn.integers(0, 2**64, 5_000, np.uint64)
    entries = Entries(keys, np.arange(5_000, dtype=np.uint32))
    path = tmp_path / "segment.parquet"
    write_segment(path, cut_shards(entries), BANDS)
    table = pl.read_parquet(path)
    order = np.argsort(keys)
    assert table["key"].to_list() == keys[order].tolist()
    assert table["number"].to_list() == order.tolist()
    shards = [shard.stored[0] for shard in read_shards([path], [], BANDS)]
    assert np.concatenate([shard.keys for shard in shards]).tolist() == keys[order].tolist()
    assert np.concatenate([shard.numbers for shard in shards]).tolist() == order.tolist()
    assert {len(set(shard.keys >> np.uint64(60))) for shard in shards} == {1}


def test_a_document_is_found_again_where_it_lay_and_nowhere_else():
    def origins(batches, *places):
        batch, row = np.array(places, np.int64).reshape(-1, 2).T
        return Origins(batches, batch, row)

    before = origins(("a", "b"), (0, 4), (1, 0), (0, 1))
    now = origins(("b", "c", "a"), (1, 0), (2, 1), (0, 0), (0, 9), (2, 4), (2, 0))
    numbers = np.array([7, 8, 9])
    assert find_again(before, numbers, now).tolist() == [-1, 9, 8, -1, 7, -1]
    assert find_again(origins(()), numbers[:0], now).tolist() == [-1] * 6
