"""The gate itself: sets are those that figures were measured on, and no test beside them skips."""

import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).with_name("conftest.py")
SETS = [
    "boilerplate_extractor",
    "boilerplate_window",
    "encoding_bytes",
    "encoding_clean",
    "encoding_ftfy",
    "encoding_mojibake",
    "neardup_extractor",
    "neardup_reuters",
    "neardup_reuters_pairs",
    "volume_en",
    "volume_multilingual",
]
SKIPPING = """
import pytest

def test_in_its_body():
    pytest.skip("no wish to")

@pytest.mark.skipif(True, reason="marked")
def test_by_a_mark():
    pass

@pytest.mark.xfail(run=False)
def test_given_up():
    pass

def test_for_want_of_a_set(labelled):
    labelled("encoding_clean")

def test_held():
    pass
"""
SKIPPING_WHOLE = """
import pytest

pytest.skip("none of it", allow_module_level=True)
"""
WINNOW = """
import pytest

@pytest.fixture(scope="session")
def winnow():
    return None
"""


@pytest.mark.parametrize("name", SETS)
def test_a_set_is_the_one_its_figures_were_measured_on(name, labelled):
    assert labelled(name).height


def outcomes_of(folder, source):
    """What pytest counts when a module of this source stands beside a copy of the gate."""
    tests = folder / "repository" / "tests"
    (tests / "eval").mkdir(parents=True)
    (tests / "conftest.py").write_text(WINNOW, "utf-8")
    (tests / "eval" / "conftest.py").write_bytes(CONFTEST.read_bytes())
    (tests / "eval" / "test_source.py").write_text(source, "utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            folder,
            tests,
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.splitlines()[-1].partition(" in ")[0]


@pytest.mark.parametrize(
    ("source", "outcomes"),
    [(SKIPPING, "1 passed, 3 skipped, 1 xfailed"), (SKIPPING_WHOLE, "1 skipped")],
)
def test_without_the_sets_tests_may_be_skipped(source, outcomes, tmp_path):
    assert outcomes_of(tmp_path, source) == outcomes


@pytest.mark.parametrize(
    ("source", "outcomes"),
    [(SKIPPING, "2 failed, 1 passed, 2 errors"), (SKIPPING_WHOLE, "1 error")],
)
def test_beside_the_sets_a_skipped_test_has_failed(source, outcomes, tmp_path):
    (tmp_path / "shared").mkdir()
    assert outcomes_of(tmp_path, source) == outcomes
