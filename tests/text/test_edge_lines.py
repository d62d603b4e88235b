import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.edge_lines import find_edge_lines, hash_lines

LONG = "A" * 201


def _strings(texts):
    encoded = [text.encode() for text in texts]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    return np.frombuffer(b"".join(encoded) or b"\0", np.uint8), offsets


def _find(*texts, titles=None, head=3, tail=8):
    titles = titles or [""] * len(texts)
    return find_edge_lines(*_strings(texts), *_strings(titles), head=head, tail=tail, max_chars=200)


def _hash(line):
    return int(hash_lines(line, max_chars=200)[0])


def _edges(text, **how):
    return _find(text, **how).edges.tolist()


def test_lines_at_the_top_and_the_end_are_edges_and_the_others_lie_inside():
    lines = [f"line number {n}" for n in range(20)]
    found = _find("\n".join(lines))
    hashes = [_hash(line) for line in lines]
    assert found.edges.tolist() == [*hashes[:3], *hashes[-8:]]
    assert found.inside.tolist() == hashes[3:-8]


def test_blank_lines_take_no_place_at_the_edge():
    spread = "one\n\n \n\u2003\ntwo\n\n\nthree\nfour\n\n"
    assert _edges(spread, head=2, tail=1) == [_hash("one"), _hash("two"), _hash("four")]


def test_a_line_counts_without_the_blanks_around_it():
    assert _edges("\u00a0 Read more\t\u3000") == [_hash("Read more")]


def test_long_lines_and_lines_without_letters_are_never_told_of_but_take_their_places():
    found = _find(f"{LONG}\n***\none\ntwo", head=3, tail=0)
    assert found.edges.tolist() == [_hash("one")]
    assert found.inside.tolist() == [_hash("two")]


def test_length_is_in_characters_not_in_bytes():
    assert _hash("ж" * 200) != 0
    assert _hash("ж" * 201) == 0


def test_the_title_is_not_told_of_wherever_it_stands():
    found = _find("The Fair\nIt rained.\nThe Fair", titles=["The Fair"], head=1, tail=1)
    assert found.edges.tolist() == []
    assert found.inside.tolist() == [_hash("It rained.")]


def test_texts_do_not_run_into_one_another():
    found = _find("one\ntwo", "", "\n", "three")
    assert found.edge_ends.tolist() == [0, 2, 2, 2, 3]


def test_a_sentence_echoes_where_its_longer_words_recur_elsewhere_in_its_text():
    text = "The harbour was flooded in spring.\nBoats of the harbours sank.\nThe flood took boats."
    found = _find(text)
    # harbour, flooded, spring; boats, harbours; flood, boats
    assert found.stems.tolist() == [3, 2, 2]
    assert found.echoes.tolist() == [2, 2, 2]


def test_the_words_of_a_line_do_not_echo_in_the_line_itself():
    found = _find("Subscribe, subscribe and subscribe!\nThe weather was mild.")
    assert found.echoes.tolist() == [0, 0]


def test_labels_that_end_no_sentence_are_not_listened_to():
    assert _find("Harbour news\nHarbour, harbour.").stems.tolist() == [0, 1]


def test_words_are_the_same_in_either_case_in_other_alphabets_too():
    found = _find("Über Brücken.\nPolizei über alles.\nМосква река.\nо москва!")
    assert found.echoes.tolist() == [0, 0, 1, 1]
    assert _find("Überall Regen.\nEs war überall.").echoes.tolist() == [1, 1]


def test_every_character_of_a_script_without_spaces_stands_for_a_word():
    found = _find("港は閉鎖された。\n港は春に閉鎖。")
    assert found.stems.tolist() == [8, 7]  # the full stop is one of them
    assert found.echoes.tolist() == [5, 5]


def test_of_a_long_text_only_the_top_is_listened_to():
    near = "harbour\n" + "x y\n" * 1_500 + "The harbour, again."
    far = "x y\n" * 1_500 + "harbour\n" + "x y\n" * 10 + "The harbour, again."
    assert _find(near).echoes.max() == 1
    assert _find(far).echoes.max() == 0


def test_no_text_at_all_has_no_lines():
    assert _find().edges.tolist() == []


@given(st.lists(st.text(max_size=300), max_size=4), st.integers(0, 4), st.integers(0, 4))
def test_whatever_the_text_the_lines_are_those_that_python_sees(texts, head, tail):
    found = _find(*texts, head=head, tail=tail)
    for k, text in enumerate(texts):
        filled = [line for line in text.split("\n") if line.strip()]
        top = set(range(min(head, len(filled))))
        edge = top | set(range(max(len(filled) - tail, 0), len(filled)))
        hashes = [_hash(line) for line in filled]
        edges = [hashes[i] for i in sorted(edge) if hashes[i]]
        inside = [value for i, value in enumerate(hashes) if i not in edge and value]
        assert found.edges[found.edge_ends[k] : found.edge_ends[k + 1]].tolist() == edges
        assert found.inside[found.inside_ends[k] : found.inside_ends[k + 1]].tolist() == inside


@given(st.text(max_size=80), st.text(max_size=80))
def test_lines_have_one_hash_only_where_they_are_the_same_but_for_outer_blanks(one, other):
    one, other = one.replace("\n", " "), other.replace("\n", " ")
    if _hash(one) and _hash(other):
        assert (_hash(one) == _hash(other)) == (one.strip() == other.strip())
