import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import SuiteError
from pipeline.validation.catalogue import KINDS
from pipeline.validation.suites import FOLDER, Severity, load_suites, suite_digest

RULE = {
    "type": "expect_column_values_to_be_between",
    "kwargs": {"column": "n_words", "min_value": 1},
    "severity": "critical",
    "meta": {"name": "has_words", "reason": "A text has words."},
}


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of the project's suites, free to be broken."""
    return Path(shutil.copytree(FOLDER, tmp_path / "suites"))


def with_rule(folder: Path, suite: str = "cleaned", **changes: object) -> Path:
    """The folder with one rule more at the end of a suite; None removes a key."""
    path = folder / f"{suite}.json"
    content = json.loads(path.read_text())
    rule = {key: value for key, value in {**RULE, **changes}.items() if value is not None}
    content["expectations"].append(rule)
    path.write_text(json.dumps(content, indent=1))
    return folder


def complaint(folder: Path) -> str:
    with pytest.raises(SuiteError) as caught:
        load_suites(folder)
    message = str(caught.value)
    assert "Expected" in message
    return message


def test_the_projects_suites_load():
    suites = load_suites()
    assert list(suites) == ["raw", "cleaned", "curated", "duplicates", "drift"]
    assert all(rule.reason.endswith(".") for suite in suites.values() for rule in suite.rules)


def test_loading_suites_does_not_import_great_expectations():
    code = (
        "import sys; from pipeline.validation import suites, limits, wording, expectations;"
        "wording.describe_suites(suites.load_suites());"
        "print({'great_expectations', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_suite_that_is_no_json_is_refused_with_its_line(folder):
    path = folder / "raw.json"
    lines = path.read_text().splitlines()
    lines[6] = "      oops"
    path.write_text("\n".join(lines))
    assert f"{path}:7: not JSON" in complaint(folder)


def test_a_suite_that_is_missing_is_refused_with_its_path(folder):
    (folder / "curated.json").unlink()
    assert str(folder / "curated.json") in complaint(folder)


def test_a_suite_that_is_no_text_is_refused(folder):
    (folder / "raw.json").write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in complaint(folder)


@pytest.mark.parametrize(
    "content", ["[]", '{"name": "raw"}', '{"name": "raw", "expectations": []}']
)
def test_a_suite_without_rules_is_refused(folder, content):
    (folder / "raw.json").write_text(content)
    assert "raw.json:1:" in complaint(folder)


def test_a_suite_under_another_name_is_refused(folder):
    path = folder / "raw.json"
    path.write_text(path.read_text().replace('"name": "raw"', '"name": "uncooked"'))
    assert '"name": "raw", as the file is called' in complaint(folder)


def test_the_line_of_a_bad_rule_is_the_one_on_which_it_starts(folder):
    with_rule(folder, type="expect_miracles")
    lines = (folder / "cleaned.json").read_text().splitlines()
    found = re.search(r"cleaned\.json:(\d+): rule 'has_words'", complaint(folder))
    start = int(found.group(1))
    assert lines[start - 1].strip() == "{"
    assert '"expect_miracles"' in lines[start]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"type": "expect_miracles"}, '`type` is "expect_miracles"'),
        ({"severity": None}, "`severity` is missing"),
        ({"severity": "fatal"}, '`severity` is "fatal"'),
        ({"meta": None}, "`meta` is missing"),
        ({"meta": {"name": "x"}}, "`meta.reason` is missing"),
        ({"meta": {"name": "x", "reason": " "}}, '`meta.reason` is " "'),
        ({"meta": {"reason": "x"}}, "`meta.name` is missing"),
        ({"meta": {"name": "Not So", "reason": "x"}}, "the name is no identifier"),
        ({"meta": {**RULE["meta"], "quarantine": "yes"}}, '`meta.quarantine` is "yes"'),
        ({"meta": {**RULE["meta"], "quarantin": True}}, "`meta` has `quarantin`"),
        ({"meta": {**RULE["meta"], "flag": ""}}, '`meta.flag` is ""'),
        ({"meta": {**RULE["meta"], "flag": "f", "quarantine": True}}, "both `meta.quarantine`"),
        ({"meta": {**RULE["meta"], "name": "empty_text"}}, "the name is taken by cleaned.json:"),
        ({"kwargs": None}, "`kwargs` is missing"),
        ({"kwargs": {"min_value": 1}}, "`kwargs.column` is missing"),
        ({"kwargs": {"column": "n_wrods", "min_value": 1}}, "there is no column 'n_wrods'"),
        ({"kwargs": {"column": "n_words"}}, "neither bound is given"),
        ({"kwargs": {"column": "n_words", "min_value": "many"}}, '`kwargs.min_value` is "many"'),
        ({"kwargs": {"column": "n_words", "min_value": True}}, "`kwargs.min_value` is true"),
        ({"kwargs": {"column": "n_words", "min_value": 3, "max_value": 2}}, "3 is above 2"),
        ({"kwargs": {"column": "n_words", "min_value": 1, "mostly": 2}}, "`kwargs.mostly` is 2"),
        ({"kwargs": {"column": "n_words", "min": 1}}, "`kwargs` has `min`"),
        ({"kwargs": {"column": "url", "min_value": 1}}, "url is String"),
        ({"kwargs": {"column": "n_words", "min_value": "2024-01-01"}}, "n_words is UInt32"),
        ({"kwargs": {"column": "published_at", "min_value": 1}}, "published_at is Datetime"),
    ],
)
def test_a_bad_rule_is_refused_with_what_was_found(folder, changes, found):
    message = complaint(with_rule(folder, **changes))
    assert found in message
    assert re.search(r"cleaned\.json:\d+:", message)


@pytest.mark.parametrize("pattern", ["(?=ahead)", "(a", r"(a)\1"])
def test_a_pattern_that_polars_cannot_run_is_refused(folder, pattern):
    with_rule(
        folder,
        type="expect_column_values_to_match_regex",
        kwargs={"column": "url", "regex": pattern},
    )
    assert "Rust" in complaint(folder)


@pytest.mark.parametrize("consequence", [{"quarantine": True}, {"flag": "odd"}])
def test_a_rule_about_published_documents_can_only_block(folder, consequence):
    with_rule(folder, suite="curated", meta={**RULE["meta"], **consequence})
    assert "to block, never to sort out" in complaint(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "url"}},
        {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1}},
    ],
)
def test_a_document_is_not_refused_for_what_others_do(folder, changes):
    with_rule(folder, **changes, meta={**RULE["meta"], "quarantine": True})
    assert "a rule that one document breaks by itself" in complaint(folder)


@pytest.mark.parametrize("suite", ["curated", "duplicates", "drift"])
def test_a_suite_of_what_is_published_never_quarantines(folder, suite):
    column = {"curated": "n_words", "duplicates": "jaccard", "drift": "curated"}[suite]
    rule = {
        "type": "expect_column_max_to_be_between",
        "kwargs": {"column": column, "min_value": 0},
        "meta": {**RULE["meta"], "quarantine": True},
    }
    with_rule(folder, suite=suite, **rule)
    assert f"`meta.quarantine` in the suite {suite}" in complaint(folder)


def drift_rule(**kwargs):
    return {
        "type": "expect_column_max_to_be_between",
        "kwargs": {"column": "curated", **kwargs},
    }


@pytest.mark.parametrize(
    "expression",
    ["now()", "previous_moons * 2", "__import__('os')", "previous_curated ** 9", "", "'a'", "1 <"],
)
def test_a_parameter_is_arithmetic_over_the_snapshot_before_and_nothing_else(folder, expression):
    with_rule(folder, suite="drift", **drift_rule(min_value={"$PARAMETER": expression}))
    message = complaint(folder)
    assert f"is computed by {expression!r}" in message
    assert "previous_curated_rate" in message


def test_arithmetic_over_the_snapshot_before_loads(folder):
    expression = "(previous_curated + 10) * 0.5 - 1"
    with_rule(folder, suite="drift", **drift_rule(min_value={"$PARAMETER": expression}))
    assert load_suites(folder)["drift"].rules[-1].columns == ("curated",)


def test_only_drift_has_a_snapshot_to_compare_with(folder):
    kwargs = {"column": "n_words", "min_value": {"$PARAMETER": "previous_curated"}}
    with_rule(folder, kwargs=kwargs)
    assert "`kwargs.min_value` is a parameter in the suite cleaned" in complaint(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1}},
        {"kwargs": {"column": "curated", "min_value": 1}},
    ],
)
def test_drift_is_about_numbers_of_the_snapshot(folder, changes):
    with_rule(folder, suite="drift", **changes)
    assert "rules about one number of the snapshot" in complaint(folder)


def test_a_rule_within_the_bounds_of_dates_loads(folder):
    with_rule(folder, kwargs={"column": "published_at", "min_value": "1971-01-01"})
    assert load_suites(folder)["cleaned"].rules[-1].severity is Severity.CRITICAL


def test_the_digest_sees_the_rules_and_not_the_layout(folder):
    before = suite_digest(load_suites(folder))
    path = folder / "raw.json"
    path.write_text(json.dumps(json.loads(path.read_text())))
    assert suite_digest(load_suites(folder)) == before
    assert suite_digest(load_suites(with_rule(folder))) != before


def test_every_argument_of_the_catalogue_is_one_that_great_expectations_knows():
    from great_expectations.expectations.registry import get_expectation_impl

    for name, kind in KINDS.items():
        stock = get_expectation_impl(name)
        assert {*kind.required, *kind.optional} <= set(stock.__fields__), name
        if kind.metric is not None:
            assert stock.map_metric == kind.metric, name
        gaps = stock.__fields__.get("ignore_row_if")
        assert kind.gaps == (gaps.default if gaps else None), name
