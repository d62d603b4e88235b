"""Many texts at once are one text after the other, and bits are bytes."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.text.boilerplate import find_all_cuts, find_cuts
from pipeline.text.line_bits import mark_bytes, next_clear, next_set
from pipeline.text.line_groups import STEPS, group_lines, join_spans
from pipeline.text.line_ladders import credit_row, ladders_of, leaf_credits, score_row
from pipeline.text.line_scan import scan_texts
from pipeline.text.lines import split_lines
from pipeline.text.rules import WIDEST, load_book, load_rules
from pipeline.text.settle import settle_lines
from pipeline.text.suspects import Means, encode_texts
from pipeline.text.tidy import Draft, tidy, tidy_all

RAIN = "It rained on the valley all night, and by morning the road to the mill was closed to all."
GLUED = (
    "The road is closed.The mill stands still,and nobody knows why.Even the ferry waits,tied.So."
)
FURNITURE = [text for rule in load_rules() for text in rule.cuts]
ALL = Means(model=True)
MEANS = st.sampled_from([ALL, Means(), Means(structure=False), Means(rules=False, model=True)])
LINES = st.one_of(
    st.sampled_from([*FURNITURE, "", " ", RAIN, GLUED, "A heading", "Facebook", "Mill\x1c", "©"]),
    st.sampled_from(FURNITURE).map(lambda text: f"{RAIN} {text}"),
    st.text(max_size=30),
)
TEXTS = st.lists(
    st.one_of(
        st.lists(LINES, max_size=25).map("\n".join),
        st.lists(st.sampled_from([RAIN, *FURNITURE]), min_size=8, max_size=25).map("\n".join),
    ),
    max_size=6,
)


@settings(max_examples=150, deadline=None)
@given(TEXTS, MEANS)
def test_texts_are_cut_alike_in_any_company(texts, means):
    together = find_all_cuts(texts, ["A heading"] * len(texts), means=means)
    assert together == [find_cuts(text, title="A heading", means=means) for text in texts]


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.sampled_from([0.0, 0.3, 1.0]))
def test_texts_are_tidied_alike_in_any_company(texts, share):
    drafts = [Draft(text, "A heading", "." in text) for text in texts]
    together = tidy_all(drafts, means=ALL, max_cut_share=share)
    for text, done in zip(texts, together, strict=True):
        alone = tidy(text, title="A heading", glued="." in text, means=ALL, max_cut_share=share)
        assert done == alone


@settings(max_examples=300, deadline=None)
@given(TEXTS, MEANS, st.sampled_from([0.0, 0.3, 1.0]))
def test_texts_that_lose_whole_lines_are_settled_as_if_they_were_tidied(texts, means, share):
    titles = ["A heading"] * len(texts)
    settled = settle_lines(*encode_texts(texts), titles, means=means, max_cut_share=share)
    for k, text in enumerate(texts):
        if k in settled.left:
            continue
        found = find_cuts(text, title="A heading", means=means)
        tidied = tidy(text, title="A heading", glued=False, means=means, max_cut_share=share)
        assert bool(found.edits) == (k in settled.done)
        assert settled.done.get(k, tidied) == tidied


def test_a_text_whose_sentences_go_is_left_and_so_is_one_that_is_not_to_be_looked_at():
    sentence = f"{RAIN} Share your thoughts in the comments below."
    texts = [f"{RAIN}\nLeave a Comment", f"{sentence}\n{RAIN}", f"{RAIN}\nLeave a Comment"]
    settled = settle_lines(
        *encode_texts(texts), [None] * 3, means=ALL, max_cut_share=0.6, without=[2]
    )
    assert (list(settled.done), settled.left) == ([0], [1])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(), max_size=5))
def test_lines_of_bytes_are_the_lines_of_the_text(texts):
    data, offsets = encode_texts(texts)
    book = load_book()
    rows, _, ends = scan_texts(data, offsets, book.triggers, WIDEST * book.longest_line)
    for k, text in enumerate(texts):
        page = bytes(data[offsets[k] : offsets[k + 1]])
        lines = split_lines(page.decode())
        found = rows[ends[k] : ends[k + 1]].tolist()
        assert [number for number, _, _ in found] == list(lines.filled)
        assert [page[start:stop].decode() for _, start, stop in found] == list(
            lines.filled.values()
        ), text


def test_room_for_lines_grows_with_them():
    data, offsets = encode_texts(["a\n" * 100_000, RAIN])
    rows, _, ends = scan_texts(data, offsets, load_book().triggers, 100)
    assert ends.tolist() == [0, 100_000, 100_001]
    assert rows[99_999].tolist() == [99_999, 199_998, 199_999]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 300), st.integers(0, 300))
def test_bits_tell_where_letters_and_line_feeds_are(given_bytes, at, stop):
    data = np.frombuffer(given_bytes, np.uint8)
    at, stop = sorted((min(at, data.size), min(stop, data.size)))
    marks = mark_bytes(data, np.uint32(1 << 1 | 1 << 26))
    letters = [bytes([byte]).isalpha() for byte in given_bytes]
    certain = [bytes([byte]) in b"AZaz" for byte in given_bytes]
    feeds = [byte == 10 for byte in given_bytes]
    for bits, held in zip(marks, (letters, certain, feeds), strict=True):
        assert next_set(bits, at, stop) == next((k for k in range(at, stop) if held[k]), stop)
        assert next_clear(bits, at, stop) == next((k for k in range(at, stop) if not held[k]), stop)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("ab\n é", max_size=20), max_size=STEPS), st.data())
def test_lines_that_are_written_alike_are_one_group(written, more):
    lines = [more.draw(st.sampled_from(written)) for _ in range(30)] if written else []
    data, offsets = encode_texts(lines)
    groups = group_lines(data, offsets[:-1].copy(), offsets[1:].copy())
    spans = zip(groups.starts.tolist(), groups.stops.tolist(), strict=True)
    firsts = [bytes(data[start:stop]).decode() for start, stop in spans]
    assert firsts == list(dict.fromkeys(lines))
    assert [firsts[group] for group in groups.of] == lines
    assert join_spans(data, groups.starts, groups.stops).tobytes() == "".join(firsts).encode()


def test_however_many_lines_there_are_each_is_in_a_group_of_its_own_writing():
    lines = [f"Follow us {number % 7_000}" for number in range(20_000)]
    data, offsets = encode_texts(lines)
    groups = group_lines(data, offsets[:-1].copy(), offsets[1:].copy())
    found = [bytes(data[groups.starts[k] : groups.stops[k]]).decode() for k in groups.of]
    assert found == lines
    assert len(groups.starts) < 7_100


def climbed(x, features, limits, values):
    """The score of a row and what each feature added, node by node."""
    score, credit = 0.0, [0.0] * len(x)
    for tree in range(len(features)):
        node = 0
        while (feature := features[tree, node]) >= 0:
            child = 2 * node + 1 + int(x[feature] > limits[tree, node])
            credit[feature] += float(values[tree, child] - values[tree, node])
            node = child
        score += float(values[tree, node])
    return score, credit


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_ladders_score_as_the_trees_they_are_made_of(seed):
    rng = np.random.default_rng(seed)
    features = rng.integers(-1, 5, (7, 31)).astype(np.int16)
    features[:, 15:] = -1
    numbers = np.array([-2.5, -0.0, 0.0, 0.5, 3.0], np.float32)
    limits, values = rng.choice(numbers, (7, 31)), rng.normal(size=(7, 31)).astype(np.float32)
    ladders, room = ladders_of((features, limits, values)), np.empty(5, np.int32)
    reached = np.empty(len(ladders.values), np.uint32)
    for _ in range(20):
        x = rng.choice(numbers, 5)
        score, credit = climbed(x, features, limits, values)
        assert score_row(x, ladders, room, reached) == score
        assert credit_row(x, ladders).tolist() == credit
        by_leaf = leaf_credits(ladders, np.array([0, 1, 0, 1, 2]))[reached].sum(axis=0)
        by_feature = [credit[0] + credit[2], credit[1] + credit[3], credit[4]]
        assert np.allclose(by_leaf, by_feature, rtol=0, atol=1e-12)
