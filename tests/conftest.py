"""What tests of every folder share."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# Some examples compile a kernel; how long that takes is nobody's fault.
settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")

ROOT = Path(__file__).parents[1]
WINNOW = Path(sys.executable).with_name("winnow")


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="write what is compared with")


@pytest.fixture(scope="session")
def winnow():
    """Runs a command as a person would, in a terminal of 80 columns."""

    def run(*words, cwd=ROOT):
        return subprocess.run(
            [WINNOW, *map(str, words)],
            cwd=cwd,
            env=os.environ | {"COLUMNS": "80"},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def seeds_output(tmp_path_factory, winnow):
    """An output folder in which the sample documents were curated."""
    output = tmp_path_factory.mktemp("seeds") / "outputs"
    done = winnow("run", "seeds", "--output", output)
    assert done.returncode == 0, done.stdout + done.stderr
    return output
