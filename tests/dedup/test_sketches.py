"""From titles and texts to shingles, against sets made in plain Python."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dedup.sketches import Scheme, Strings, shingle_sets, sketch

SCHEME = Scheme(shingle_words=3, bands=8, rows=3, anchor_words=8, anchor_share=4)
WORDS = st.lists(st.sampled_from("a b c d e f g longerword 12".split()), max_size=40)  # noqa: SIM905


def strings(values: list[str]) -> Strings:
    encoded = [value.encode() for value in values]
    offsets = np.zeros(len(values) + 1, np.int64)
    offsets[1:] = np.cumsum([len(value) for value in encoded])
    return Strings(np.frombuffer(b"".join(encoded), np.uint8), offsets)


def untitled(texts: list[str]) -> tuple[Strings, Strings]:
    return strings([""] * len(texts)), strings(texts)


def windows(words: list[str], width: int) -> set[tuple[str, ...]]:
    width = min(width, len(words))
    return {tuple(words[k : k + width]) for k in range(len(words) - width + 1)} if words else set()


@settings(deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=6), st.integers(1, 7))
def test_shingle_sets_have_the_sizes_and_overlaps_of_sets_of_words(documents, width):
    sets = shingle_sets(*untitled([" ".join(words) for words in documents]), width)
    ours = [set(sets.shingles[a:b].tolist()) for a, b in zip(sets.starts, sets.ends, strict=True)]
    theirs = [windows(words, width) for words in documents]
    assert [len(shingles) for shingles in ours] == [len(shingles) for shingles in theirs]
    assert len(ours[0] & ours[-1]) == len(theirs[0] & theirs[-1])


@settings(deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=6))
def test_shingles_come_sorted_and_each_once(documents):
    sets = shingle_sets(*untitled([" ".join(words) for words in documents]), 2)
    for start, end in zip(sets.starts, sets.ends, strict=True):
        assert (np.diff(sets.shingles[start:end].astype(np.int64)) > 0).all()


@settings(deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=6), st.integers(0, 5))
def test_a_sketch_depends_on_its_own_document_alone(documents, chosen):
    texts = [" ".join(words) for words in documents]
    chosen %= len(texts)
    among = sketch(*untitled(texts), SCHEME)
    alone = sketch(*untitled([texts[chosen]]), SCHEME)
    start, end = among.anchor_ends[chosen : chosen + 2]
    assert among.token_key[chosen] == alone.token_key[0]
    assert among.n_shingles[chosen] == alone.n_shingles[0]
    assert (among.bands[chosen] == alone.bands[0]).all()
    assert (among.anchors[start:end] == alone.anchors).all()


def test_a_document_shorter_than_a_shingle_has_one_shingle_of_all_its_words():
    sketches = sketch(*untitled(["Breaking news", "breaking NEWS!", "Breaking", ""]), SCHEME)
    assert sketches.n_shingles.tolist() == [1, 1, 1, 0]
    assert sketches.token_key[0] == sketches.token_key[1] != sketches.token_key[2]


def test_a_title_counts_once_whether_the_text_repeats_it_or_not():
    titles = strings(["Mayor resigns", "Mayor resigns", "", "Another title"])
    texts = strings(
        ["Mayor resigns\nShe left.", "She left.", "Mayor resigns. She left.", "She left."]
    )
    sketches = sketch(titles, texts, SCHEME)
    assert len(set(sketches.token_key[:3].tolist())) == 1
    assert sketches.token_key[3] != sketches.token_key[0]
    assert sketches.title_key[0] == sketches.title_key[1] != 0
    assert sketches.title_key[2] == 0


def test_texts_without_a_word_are_known_by_their_bytes():
    keys = sketch(*untitled(["???", "!!!", "???", "🎉"]), SCHEME).token_key.tolist()
    assert keys[0] == keys[2]
    assert len(set(keys)) == 3


def test_documents_that_share_a_long_passage_share_anchors():
    passage = " ".join(f"word{k}" for k in range(200))
    sketches = sketch(*untitled([passage, f"before it {passage} and behind", "other"]), SCHEME)
    ends = sketches.anchor_ends
    first, second = (set(sketches.anchors[ends[k] : ends[k + 1]].tolist()) for k in (0, 1))
    assert len(first) > 20
    assert first <= second
