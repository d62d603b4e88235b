import polars as pl

from pipeline.report.learned import LISTED, PER_SOURCE, as_one_rule, learned_lines, learned_meanings
from pipeline.report.tables import open_tables


def _line(number, **row):
    return {
        "rule": f"learned.{number:016x}",
        "source": f"paper-{number}.example",
        "line": f"Line {number}",
        "support": 30,
        "source_clusters": 40,
        "edge_share": 0.96,
        "echo_share": 0.0,
        "samples": ["a"],
        "cuts": number,
        **row,
    }


def _tables(fake, tmp_path, *lines):
    fake.document("one.txt", "A title\nA text.")
    fake.rows["learned_lines"] += lines
    return open_tables(fake.write(tmp_path / "corpus"))


def test_lines_that_cut_most_come_first_and_the_list_is_bounded(fake, tmp_path):
    found = learned_lines(_tables(fake, tmp_path, *map(_line, range(LISTED + 9))))
    assert (found.count, found.sources) == (LISTED + 9, LISTED + 9)
    assert [line.cuts for line in found.listed] == list(range(LISTED + 8, 8, -1))


def test_one_source_does_not_fill_the_list(fake, tmp_path):
    rows = [_line(number, source="one.example") for number in range(10, 30)]
    found = learned_lines(_tables(fake, tmp_path, *rows, _line(1)))
    assert [line.cuts for line in found.listed] == [29, 28, 27, 26, 25, 1][: PER_SOURCE + 1]


def test_a_line_means_its_support(fake, tmp_path):
    tables = _tables(fake, tmp_path, _line(7))
    rule = f"learned.{7:016x}"
    assert learned_meanings(tables, {rule, "trim.edges"}) == {
        rule: "paper-7.example has this line at an edge of 30 of its 40 stories, copies counted "
        "once; 96% of its places are edges."
    }
    assert learned_meanings(tables, {"trim.edges"}) == {}


def test_edits_of_all_lines_count_as_one_rule():
    edits = pl.LazyFrame({"rule": ["learned.a", "trim.edges", "learned.b"]})
    assert as_one_rule(edits).collect()["rule"].to_list() == [
        "learned.line",
        "trim.edges",
        "learned.line",
    ]
