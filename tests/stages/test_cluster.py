"""Clusters: what merges, what stays apart, and what is promised of every result."""

import random
from datetime import UTC, datetime
from itertools import pairwise, permutations
from zlib import crc32

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import schema
from pipeline.settings import DedupSettings
from pipeline.stages import overlaps
from pipeline.stages.cluster import Clustering, cluster
from pipeline.stages.fingerprint import fingerprint

DEFAULTS = DedupSettings()
FACTS = {
    "doc_id": "",
    "raw_sha256": "",
    "title": None,
    "text": "",
    "published_at": None,
    "source": None,
    "flags": [],
    "verdicts": [],
    "input_error": None,
}
TYPES = {name: schema.JUDGED[name] for name in FACTS}


def judged(documents: dict[str, dict | str]) -> pl.DataFrame:
    rows = []
    for doc_id, given_facts in documents.items():
        facts = {"text": given_facts} if isinstance(given_facts, str) else given_facts
        digest = str(crc32(facts["text"].encode()))
        rows.append({**FACTS, "doc_id": doc_id, "raw_sha256": digest, **facts})
    return pl.DataFrame(rows, schema=TYPES)


def run(documents: dict[str, dict | str], settings: DedupSettings = DEFAULTS) -> Clustering:
    return run_frame(judged(documents), settings)


def run_frame(frame: pl.DataFrame, settings: DedupSettings = DEFAULTS) -> Clustering:
    texts = frame.select("title", "text")
    return cluster(fingerprint(frame, settings), lambda rows: texts[rows], settings)


def fates(result: Clustering) -> dict[str, tuple[str, str | None]]:
    return {
        row[0]: row[1:] for row in result.members.select("doc_id", "cluster_id", "relation").rows()
    }


def prose(seed: int, words: int = 200) -> str:
    drawn = random.Random(seed)
    return " ".join(f"{drawn.choice('abcdefgh')}{drawn.randrange(400)}x" for _ in range(words))


def edited(text: str, seed: int, share: float) -> str:
    drawn = random.Random(seed)
    return " ".join(f"new{k}" if drawn.random() < share else w for k, w in enumerate(text.split()))


def test_copies_of_bytes_and_of_words_join_the_first_document():
    text = prose(1)
    result = run(
        {
            "b": text,
            "a": {"text": text, "raw_sha256": "ab"},
            "c": {"text": text.upper(), "raw_sha256": "ab"},
        }
    )
    assert fates(result) == {
        "a": ("a", None),
        "b": ("a", "exact_text"),
        "c": ("a", "exact_raw"),
    }


def test_the_same_bytes_under_another_title_are_not_an_exact_copy():
    text = "Shr 14 cts vs 12 cts. Revs 1.2 mln vs 1.1 mln."
    result = run(
        {
            "a": {"text": text, "title": "Alpha Mills of Northtown 1st qtr", "raw_sha256": "ab"},
            "b": {"text": text, "title": "Beta Works Group Southtown 1st qtr", "raw_sha256": "ab"},
        }
    )
    assert result.members["relation"].to_list() == [None, None]


def test_an_edited_reprint_joins_and_names_its_overlap():
    text = prose(2)
    result = run({"a": text, "b": edited(text, 3, 0.03)})
    kept, dropped = result.members.rows(named=True)
    assert (dropped["relation"], dropped["canonical_id"], kept["canonical_id"]) == (
        "near_copy",
        "a",
        None,
    )
    assert "Jaccard" in dropped["reason"]
    assert kept["reason"].startswith("kept of 2: ")


def test_only_the_contained_document_merges():
    whole = prose(4, 500)
    part = " ".join(whole.split()[:200])
    assert fates(run({"a": part, "b": whole})) == {"a": ("b", "truncated_copy"), "b": ("b", None)}
    apart = run({"a": part, "b": whole}, DedupSettings(contained=False))
    assert apart.members["relation"].to_list() == [None, None]


def test_a_digest_does_not_swallow_its_items():
    items = [prose(seed, 120) for seed in range(10)]
    result = run({f"item{k}": item for k, item in enumerate(items)} | {"digest": "\n".join(items)})
    assert result.members["relation"].null_count() == 11


def test_of_an_updated_story_the_newest_full_version_is_kept():
    first = prose(5, 300)
    older = {"text": first, "source": "s", "published_at": datetime(2024, 5, 1, tzinfo=UTC)}
    newer = {"text": f"{first} corrected", "published_at": datetime(2024, 5, 2, tzinfo=UTC)}
    result = run({"a": older, "b": {**older, **newer}})
    assert fates(result) == {"a": ("b", "updated_version"), "b": ("b", None)}
    assert "newest full version" in result.members["reason"][1]
    elsewhere = run({"a": older, "b": {**older, **newer, "source": "t"}})
    assert fates(elsewhere) == {"a": ("a", None), "b": ("a", "near_copy")}


def test_a_newer_version_that_lost_a_third_is_not_the_full_one():
    first = prose(5, 300)
    older = {"text": first, "source": "s", "published_at": datetime(2024, 5, 1, tzinfo=UTC)}
    newer = {**older, "text": first[:-600], "published_at": datetime(2024, 5, 2, tzinfo=UTC)}
    assert fates(run({"a": older, "b": newer}))["b"] == ("a", "truncated_copy")


def test_between_sources_the_earliest_copy_is_kept():
    text = prose(7)
    result = run(
        {
            "a": {"text": text, "source": "s", "published_at": datetime(2024, 5, 2, tzinfo=UTC)},
            "b": {
                "text": edited(text, 1, 0.02),
                "source": "t",
                "published_at": datetime(2024, 5, 1, tzinfo=UTC),
            },
        }
    )
    assert fates(result)["a"][0] == "b"


def test_a_preferred_source_wins_where_all_that_counts_more_is_equal():
    text = prose(8)
    documents = {"a": {"text": text, "source": "blog"}, "b": {"text": text, "source": "agency"}}
    assert fates(run(documents))["b"][0] == "a"
    assert fates(run(documents, DedupSettings(preferred_sources=("agency",))))["a"][0] == "b"


@pytest.mark.parametrize("names", list(permutations("abc")))
def test_of_equally_good_documents_that_is_kept_which_most_verify_against(names):
    """Whatever the ids: else they would decide how many copies are left."""
    middle = prose(12, 300)
    versions = edited(middle, 1, 0.08), middle, edited(middle, 2, 0.08)
    result = run(dict(zip(names, versions, strict=True)))
    assert set(fates(result).values()) == {(names[1], None), (names[1], "near_copy")}
    reason = dict(result.members.select("doc_id", "reason").rows())[names[1]]
    assert reason == "kept of 3: more documents verify against it, all else equal"


def test_a_chain_of_small_edits_does_not_merge_its_ends():
    versions = [prose(9, 300)]
    for step in range(8):
        versions.append(edited(versions[-1], step, 0.08))
    result = run({f"v{k}": text for k, text in enumerate(versions)})
    ends = fates(result)["v0"][0], fates(result)["v8"][0]
    assert ends[0] != ends[1]
    merged = result.pairs.filter(pl.col("decision") == "merge")
    assert (merged["jaccard"] >= 0.52 - 1e-6).all()


def test_two_forms_filled_in_otherwise_stay_apart_and_can_be_told_to_merge():
    form = (
        "{} said its board declared a quarterly dividend of {} cents a share "
        "payable on May {} to holders of record."
    )
    documents = {"a": form.format("The company", 14, 3), "b": form.format("The company", 25, 9)}
    loose = {"jaccard": 0.3}
    assert run(documents, DedupSettings(**loose)).members["relation"].to_list() == [None, None]
    assert run(documents, DedupSettings(**loose)).pairs["decision"].to_list() == ["review"]
    merged = run(documents, DedupSettings(number_veto=False, telling_veto=False, **loose))
    assert merged.members["relation"].to_list() == [None, "near_copy"]


def test_very_short_documents_are_compared_exactly():
    result = run(
        {
            "a": "Breaking news",
            "b": "breaking NEWS",
            "c": "Breaking",
            "d": "!!!",
            "e": "!!!",
            "f": "???",
        }
    )
    clusters = {doc_id: fate[0] for doc_id, fate in fates(result).items()}
    assert clusters == {"a": "a", "b": "a", "c": "c", "d": "d", "e": "d", "f": "f"}


def test_text_without_spaces_is_deduplicated_too():
    signs = "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年"
    drawn = random.Random(3)
    one, other = ("".join(drawn.choices(signs, k=400)) for _ in range(2))
    result = run({"a": one, "b": f"{one[:200]}新{one[200:]}", "c": other})
    assert [fate[0] for fate in fates(result).values()] == ["a", "a", "c"]


def test_a_refused_document_is_in_no_cluster():
    refused = {"text": prose(1), "verdicts": [{"suite": "s", "rule": "r", "value": "v"}]}
    result = run({"a": refused, "b": prose(1)})
    assert fates(result) == {"b": ("b", None)}


def test_copies_of_a_duplicate_attach_to_the_kept_document():
    text = prose(10, 300)
    short = edited(text, 2, 0.02).rsplit(" ", 30)[0]
    result = run({"a": text, "b": short, "c": short, "d": short.upper()})
    assert {fate[0] for fate in fates(result).values()} == {"a"}
    merged = result.pairs.filter(pl.col("decision") == "merge")
    assert merged["right_id"].to_list() == ["a", "a", "a"]
    assert merged["jaccard"].n_unique() == 1


def test_pairs_below_the_threshold_are_listed_for_review_and_nothing_is_removed():
    text = prose(11, 300)
    result = run({"a": text, "b": edited(text, 4, 0.15)})
    assert result.members["relation"].null_count() == 2
    listed = result.pairs.select("left_id", "right_id", "decision").rows()
    assert listed == [("b", "a", "review")]


def test_a_document_has_no_more_review_pairs_than_the_settings_say():
    text = prose(12, 300)
    documents = {f"d{k}": edited(text, k, 0.12) for k in range(8)}
    few = run(documents, DedupSettings(review_pairs=1)).pairs.filter(pl.col("decision") == "review")
    ends = pl.concat([few["left_id"], few["right_id"]])
    assert len(ends) == ends.n_unique()


def test_thousands_of_copies_of_one_template_take_linear_work():
    words = prose(13, 60).split()
    count = 3_000
    documents = {f"d{k:05}": " ".join([*words[:30], f"copy{k}", *words[30:]]) for k in range(count)}
    result = run(documents)
    assert result.candidates < count * DEFAULTS.bucket_head * 4
    assert result.members["relation"].null_count() == 1
    assert result.uncompared > 0


def test_thousands_of_identical_documents_are_never_compared():
    result = run({f"d{k:05}": prose(14) for k in range(3_000)})
    assert (result.candidates, result.members["relation"].null_count()) == (0, 1)


FAMILIES = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from([0, 0.02, 0.1, 0.2]),
        st.integers(0, 5),
        st.sampled_from([60, 150]),
    ),
    min_size=1,
    max_size=14,
)


@settings(deadline=None, max_examples=40)
@given(FAMILIES, st.randoms())
@pytest.mark.parametrize("contained", [True, False])
def test_what_is_promised_of_every_result(contained, families, shuffled):
    frame = judged(
        {
            f"d{k}": {
                "text": " ".join(edited(prose(base), seed, share).split()[:size]),
                "source": f"s{seed % 2}",
                "published_at": datetime(2024, 1, 1 + seed, tzinfo=UTC) if seed else None,
            }
            for k, (base, share, seed, size) in enumerate(families)
        }
    )
    chosen = DedupSettings(contained=contained, bands=20, rows=2)
    result = run_frame(frame, chosen)
    order = list(range(len(frame)))
    shuffled.shuffle(order)
    again = run_frame(frame[order], chosen)
    assert result.members.equals(again.members)
    assert result.pairs.equals(again.pairs)
    assert result.members["doc_id"].to_list() == sorted(frame["doc_id"])

    relation = dict(result.members.select("doc_id", "relation").rows())
    duplicates = result.members.filter(pl.col("canonical_id").is_not_null())
    assert all(relation[kept] is None for kept in duplicates["canonical_id"])
    for row in duplicates.iter_rows(named=True):
        jaccard, containment = slow_overlap(frame, row["doc_id"], row["canonical_id"])
        assert row["jaccard"] == pytest.approx(jaccard, abs=1e-6)
        assert row["containment"] == pytest.approx(containment, abs=1e-6)
        inside = contained and containment >= chosen.containment
        assert jaccard >= chosen.jaccard or inside
    reviewed = result.pairs.filter(pl.col("decision") == "review")
    assert all(relation[end] is None for end in [*reviewed["left_id"], *reviewed["right_id"]])


def slow_overlap(frame: pl.DataFrame, left: str, right: str) -> tuple[float, float]:
    texts = dict(frame.select("doc_id", "text").rows())
    sets = []
    for doc_id in (left, right):
        words = texts[doc_id].lower().split()
        sets.append({tuple(words[k : k + 3]) for k in range(len(words) - 2)})
    shared = len(sets[0] & sets[1])
    return shared / len(sets[0] | sets[1]), shared / len(sets[0])


def test_no_two_kept_documents_that_were_compared_verify():
    frame = judged({f"d{k}": edited(prose(k % 5), k, 0.03 * (k % 4)) for k in range(40)})
    result = run_frame(frame)
    kept = result.members.filter(pl.col("relation").is_null())["doc_id"].to_list()
    overlaps = [slow_overlap(frame, a, b)[0] for a in kept for b in kept if a < b]
    assert max(overlaps) < DEFAULTS.jaccard


def test_texts_that_cannot_be_held_at_once_are_read_in_passes(monkeypatch):
    frame = judged({f"d{k:02}": edited(prose(k % 5), k, 0.03 * (k % 4)) for k in range(40)})
    whole = run_frame(frame)
    monkeypatch.setattr(overlaps, "HELD_SHINGLES", 500)
    monkeypatch.setattr(overlaps, "PORTION_ROWS", 3)
    asked: list[list[int]] = []

    def texts(rows: np.ndarray) -> pl.DataFrame:
        asked.append(rows.tolist())
        return frame.select("title", "text")[rows]

    parts = cluster(fingerprint(frame, DEFAULTS), texts, DEFAULTS)
    assert parts.members.equals(whole.members)
    assert parts.pairs.equals(whole.pairs)
    assert sum(rows[0] == 0 or rows[0] < last[-1] for last, rows in pairwise(asked)) > 2


def test_texts_are_asked_for_in_ascending_order_and_only_where_there_is_a_pair():
    frame = judged({"a": prose(1), "b": prose(2), "c": edited(prose(1), 5, 0.02)})
    asked: list[np.ndarray] = []

    def texts(rows: np.ndarray) -> pl.DataFrame:
        asked.append(rows)
        return frame.select("title", "text")[rows]

    cluster(fingerprint(frame, DEFAULTS), texts, DEFAULTS)
    assert [rows.tolist() for rows in asked] == [[0, 2]]
