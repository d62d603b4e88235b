"""Lines learned from whole corpora, counted: furniture that goes, and lines of articles that stay.

In 443 made-up documents of six papers, with wire stories, reprints, a quotation, a trial, a column,
tables and lists that repeat, 651 of 715 pieces of furniture are cut and none of 4,669 lines of
articles. What is not cut is one long sentence whose words its paper's articles use as well. If
documents were counted in place of clusters, 9 lines of articles would go; without the echo 24, and
if two stories were enough, 20.
"""

import polars as pl
import pytest

from pipeline.report.explain import explain
from pipeline.report.story import render_story
from pipeline.settings import CleanSettings, LearnSettings
from pipeline.store.manifest import read_manifest
from pipeline.store.verify import verify

OFF = LearnSettings(lines=False)


def _texts(snapshot):
    """The text of every document that was not refused, by source_id."""
    tables = (
        pl.read_parquet(snapshot / name / "*.parquet") for name in ("documents", "duplicates")
    )
    rows = [table.select("source_id", "text") for table in tables]
    return dict(pl.concat(rows).iter_rows())


def _lines(snapshot):
    return pl.read_parquet(snapshot / "learned_lines.parquet")


def _edits(snapshot):
    return pl.read_parquet(snapshot / "edits" / "*.parquet").filter(
        pl.col("rule").str.starts_with("learned.")
    )


def _document(snapshot, **what):
    return pl.read_parquet(snapshot / "documents" / "*.parquet").filter(**what).row(0, named=True)


def test_nine_in_ten_pieces_of_furniture_go_and_not_one_line_of_an_article(press_run):
    articles, outcome, _ = press_run
    texts = _texts(outcome.folder)
    furniture = cut = own = 0
    wrong = []
    for ident, article in articles.items():
        left = texts[ident].split("\n")
        furniture += len(article.head) + len(article.tail)
        cut += sum(line not in left for line in (*article.head, *article.tail))
        lines = [article.title, *article.own] if article.titled else article.own
        own += len(lines)
        wrong += [line for line in lines if line not in left]
    assert wrong == []
    assert own > 4_000
    assert cut / furniture > 0.9


def test_what_repeats_for_another_reason_is_not_learned(press_run):
    lines = " ".join(_lines(press_run[1].folder)["line"])
    for never in (
        "The wire",
        "A drawing",
        "We shall build",
        "Tavrasmur",
        "hearing continues",
        "small garden",
    ):
        assert never not in lines
    assert "Whoever writes here speaks for himself" in lines


def test_the_table_says_how_often_each_line_cut(press_run):
    snapshot = press_run[1].folder
    lines, edits = _lines(snapshot), _edits(snapshot)
    assert lines["rule"].is_unique().all()
    counted = dict(edits["rule"].value_counts().iter_rows())
    assert {
        rule: cuts for rule, cuts in lines.select("rule", "cuts").iter_rows() if cuts
    } == counted
    counts = read_manifest(snapshot).counts
    assert counts.learned_lines == lines.height
    assert counts.by_rule["learned.line"] == edits.height
    documents = pl.read_parquet(snapshot / "documents" / "*.parquet", columns=["doc_id"])
    samples = lines["samples"].explode()
    assert samples.len() >= lines.height
    assert samples.is_in(documents["doc_id"].implode()).sum() > 0.8 * samples.len()


def test_the_snapshot_keeps_its_promises(press_run):
    _, outcome, folder = press_run
    assert verify(folder / "out").ok
    assert outcome.counts.balanced


def test_a_story_tells_of_a_learned_line_with_its_support(press_run):
    snapshot = press_run[1].folder
    rule = _lines(snapshot).filter(line="Mirror House, 4 Chapel Hill")["rule"][0]
    doc_id = _edits(snapshot).filter(rule=rule)["doc_id"].sort()[0]
    story = explain(snapshot, doc_id)
    assert story.rebuilt
    assert "upland.example has this line at an edge of 64 of its 64 stories" in story.meanings[rule]
    assert render_story(story)


def test_the_report_lists_lines_with_their_figures_and_counts_their_cuts_as_one_rule(press_run):
    _, outcome, folder = press_run
    page = (folder / "out/corpus/publications/1/report.html").read_text("utf-8")
    assert 'id="learned"' in page
    assert "Mirror House, 4 Chapel Hill" in page
    assert "learned.line" in page
    assert outcome.published


def test_a_switch_leaves_every_line_where_it_was(desk, write, run_once, tmp_path):
    articles = desk.papers(each=8)
    write(tmp_path / "in" / "a.jsonl", articles)
    folder = run_once(tmp_path / "in", tmp_path / "out", learn=OFF).folder
    assert _lines(folder).is_empty()
    assert _edits(folder).is_empty()
    texts = _texts(folder)
    assert all(texts[f"a{n:05}"] == one.text for n, one in enumerate(articles))


def test_settings_of_learning_leave_the_map_stages_as_they_are(desk, write, run_once, tmp_path):
    write(tmp_path / "in" / "a.jsonl", desk.papers(each=8))
    first = run_once(tmp_path / "in", tmp_path / "out", learn=OFF)
    work = tmp_path / "out" / "work"
    steps = ("cleaned", "measured", "judged", "fingerprints")
    before = {
        path: path.stat().st_mtime_ns for s in steps for path in (work / s).rglob("*.parquet")
    }
    again = run_once(tmp_path / "in", tmp_path / "out")
    assert first.snapshot != again.snapshot
    assert {p: p.stat().st_mtime_ns for p in before} == before


def test_more_support_can_be_asked_for(desk, write, run_once, tmp_path):
    write(tmp_path / "in" / "a.jsonl", desk.papers(each=8))
    strict = LearnSettings(least_clusters=9)
    assert _lines(run_once(tmp_path / "in", tmp_path / "out", learn=strict).folder).is_empty()


@pytest.fixture
def twins(desk, write, run_once, tmp_path):
    """Two papers with one story, most of which is what each of them adds to all its stories."""
    own = {
        "one.example": [
            f"One paper's line {word}" for word in ("about boats", "on prizes", "of tea")
        ],
        "two.example": [f"Our second habit: {word}" for word in ("chess", "music", "a walk")],
    }
    articles = []
    for source, lines in own.items():
        for _ in range(7):
            story = desk.story(source)
            story.tail = list(lines)
            articles.append(story)
        story = desk.story(source)
        story.title = "Snow on the upper pass"
        story.own = ["Snow fell on the upper pass on Friday."]
        story.tail = list(lines)
        articles.append(story)
    write(tmp_path / "in" / "a.jsonl", articles)
    return lambda **groups: run_once(tmp_path / "in", tmp_path / "out", **groups).folder


def test_texts_that_became_equal_are_one_document_and_its_exact_copy(twins):
    before = twins(learn=OFF, clean=CleanSettings(max_cut_share=1))
    assert read_manifest(before).counts.duplicates == 0
    folder = twins(clean=CleanSettings(max_cut_share=1))
    row = pl.read_parquet(folder / "duplicates" / "*.parquet").row(0, named=True)
    kept = _document(folder, doc_id=row["canonical_id"])
    assert (row["relation"], row["text"], row["title"]) == (
        "exact_text",
        kept["text"],
        kept["title"],
    )
    assert row["reason"] == "same words as the kept document once learned lines are cut"
    pair = (
        pl.read_parquet(folder / "pairs.parquet").filter(left_id=row["doc_id"]).row(0, named=True)
    )
    assert (pair["right_id"], pair["jaccard"], pair["decision"]) == (
        row["canonical_id"],
        1,
        "merge",
    )
    assert verify(folder.parents[2]).ok


def test_what_is_over_the_cap_keeps_its_lines_and_says_so(twins):
    folder = twins(clean=CleanSettings(max_cut_share=0.3))
    row = _document(folder, title="Snow on the upper pass")
    assert "learned_over_cap" in row["flags"]
    assert "Snow fell" in row["text"]
    assert row["text"].count("\n") == 4
