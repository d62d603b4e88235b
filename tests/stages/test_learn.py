import polars as pl
import pytest

from pipeline import schema
from pipeline.settings import LearnSettings
from pipeline.stages.edges import find_edges
from pipeline.stages.learn import (
    choose_lines,
    count_clusters,
    count_cuts,
    describe_lines,
    find_places,
    find_seen,
    frequent_lines,
    list_sources,
    rule_name,
    without_names,
)
from pipeline.text.edge_lines import hash_lines

BODY = "\n".join(f"Sentence {n} of a body that is its own." for n in range(20))
LABEL = "Printed by the mill"
SENTENCE = "Somebody here keeps writing pages which belong to people who like reading them quietly."


def _documents(*rows):
    """doc_id, source, cluster and text, each document a cluster of its own unless told."""
    names = ["doc_id", "source", "cluster_id", "text"]
    filled = [
        {
            "doc_id": f"d{n:03}",
            "source": "paper.example",
            "cluster_id": f"d{n:03}",
            "title": None,
            **row,
        }
        for n, row in enumerate(rows)
    ]
    return pl.DataFrame(filled, schema=dict.fromkeys([*names, "title"], pl.String))


def _with_line(count, line=LABEL, *, total=None, **row):
    some = [{"text": f"Story {n}\n{BODY}\n{line}", **row} for n in range(count)]
    none = [{"text": f"Other {n}\n{BODY}"} for n in range((total or count) - count)]
    return _documents(*some, *none)


def _learn(documents, **settings):
    """KNOWN_LINES of the documents, all of them valid."""
    settings = LearnSettings(**settings)
    members = documents.select("doc_id", "cluster_id").sort("doc_id")
    sources = list_sources([documents["source"]])
    places = find_places(documents.select("doc_id", "source"), members, sources)
    edges = find_edges(documents)
    least = settings.least_clusters
    frequent = frequent_lines([edges["edge_lines"][places["row"]]], least=least)
    seen = find_seen(edges, places, frequent)
    chosen = choose_lines([seen], count_clusters(iter([places])), settings)
    texts = {
        value: line.strip()
        for text in documents["text"]
        for line, value in zip(
            text.split("\n"), hash_lines(text, max_chars=200).tolist(), strict=True
        )
    }
    return describe_lines(
        chosen, texts, sources=sources, doc_ids=members["doc_id"], settings=settings
    )


def _lines(documents, **settings):
    return _learn(documents, **settings)["line"].to_list()


@pytest.mark.parametrize(("count", "learned"), [(4, []), (5, [LABEL])])
def test_a_line_is_learned_from_five_stories_on(count, learned):
    assert _lines(_with_line(count)) == learned


@pytest.mark.parametrize(("count", "learned"), [(7, []), (8, [LABEL])])
def test_of_many_stories_it_must_be_in_one_of_fifty(count, learned):
    assert _lines(_with_line(count, total=400)) == learned


def test_copies_of_one_story_count_once():
    assert _lines(_with_line(9, cluster_id="d000")) == []


def test_what_nine_papers_print_once_is_nobodys_furniture():
    rows = [{"text": f"{BODY}\n{LABEL}", "source": f"paper-{n}.example"} for n in range(9)]
    assert _lines(_documents(*rows)) == []


def test_each_source_is_learned_by_itself():
    one = [{"text": f"Story {n}\n{LABEL}", "source": "a.example"} for n in range(5)]
    other = [{"text": f"Tale {n}\n{LABEL}", "source": "b.example"} for n in range(4)]
    assert _learn(_documents(*one, *other))["source"].to_list() == ["a.example"]


def test_without_a_source_nothing_is_learned():
    assert _lines(_with_line(30, source=None)) == []


def test_only_valid_documents_count():
    documents = _with_line(5)
    members = documents.select("doc_id", "cluster_id")[:4]
    places = find_places(
        documents.select("doc_id", "source"), members, list_sources([documents["source"]])
    )
    assert places["row"].to_list() == [0, 1, 2, 3]


@pytest.mark.parametrize(("inside", "learned"), [(2, [LABEL]), (3, [])])
def test_a_line_that_also_stands_in_the_middle_is_not_learned(inside, learned):
    middle = BODY.replace("\n", f"\n{LABEL}\n", 1).split("\n")
    middle = "\n".join([*BODY.split("\n")[:5], *middle[1:]])
    rows = [{"text": f"{BODY}\n{LABEL}"} for _ in range(18)] + [{"text": middle}] * inside
    documents = _documents(*rows)
    assert _lines(documents) == learned


def test_the_title_of_a_weekly_column_is_not_learned():
    column = "Notes from a garden"
    rows = [{"text": f"{column}\n{BODY}\n{n}", "title": column} for n in range(30)]
    assert _lines(_documents(*rows)) == []


@pytest.mark.parametrize("quote", ['"', "“", "«", "„"])
def test_a_line_that_begins_with_a_quotation_is_not_learned(quote):
    assert _lines(_with_line(30, f"{quote}We shall build it twice")) == []


def test_a_short_sentence_that_its_articles_echo_is_not_learned():
    assert _lines(_with_line(30, "The sentence continues.")) == []
    assert _lines(_with_line(30, "Ring twice at night.")) == ["Ring twice at night."]


def test_a_sentence_as_long_as_one_of_the_body_needs_twice_the_support():
    assert _lines(_with_line(9, SENTENCE)) == []
    assert _lines(_with_line(10, SENTENCE)) == [SENTENCE]
    assert _lines(_with_line(15, SENTENCE, total=400)) == []
    assert _lines(_with_line(16, SENTENCE, total=400)) == [SENTENCE]


def test_a_long_sentence_with_a_quotation_in_it_is_not_learned():
    assert _lines(_with_line(30, SENTENCE.replace("reading", "“reading”"))) == []


def test_figures_say_why_a_line_was_learned():
    row = _learn(_with_line(8, total=10)).row(0, named=True)
    assert (row["support"], row["source_clusters"], row["edge_share"]) == (8, 10, 1)
    assert row["samples"] == ["d000", "d001", "d002"]
    assert row["rule"] == rule_name("paper.example", LABEL)


def test_order_and_batches_of_documents_do_not_show():
    documents = _with_line(8, total=20)
    assert _learn(documents.reverse()).equals(_learn(documents))


def test_rule_names_are_of_one_length_and_of_their_source_alone():
    names = {rule_name("a", "b" * 200), rule_name("ab", "b"), rule_name("a", "bb")}
    assert len(names) == 3
    assert {len(name) for name in names} == {24}


def test_cuts_are_told_by_line_and_counted_as_one_rule():
    lines = _learn(_with_line(8))
    hits = {lines["rule"][0]: 7, "learned.other": 2, "trim.edges": 3}
    assert count_cuts(lines, hits)["cuts"].to_list() == [7]
    assert count_cuts(lines, hits).schema == schema.LEARNED_LINES
    assert without_names(hits) == {"learned.line": 9, "trim.edges": 3}
    assert without_names({}) == {}


def test_a_corpus_without_documents_teaches_nothing():
    assert _learn(_documents()).is_empty()
