"""A wheel is whole: what it needs at run time is inside, and it starts where there is no clone."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = shutil.which("uv")
LISTED = """
from pathlib import Path
import pipeline
from pipeline.report.meanings import flag_meanings
from pipeline.validation.suites import FOLDER, load_suites
assert Path(pipeline.__file__).parents[1] == Path.cwd(), pipeline.__file__
assert FOLDER.is_relative_to(Path.cwd()), FOLDER
assert flag_meanings()
print(*load_suites())
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder of a wheel that was built and unpacked."""
    if UV is None:
        pytest.skip("there is no uv on this machine to build a wheel with")
    folder = tmp_path_factory.mktemp("wheel")
    command = [UV, "build", "--wheel", "--offline", "--out-dir", folder, ROOT]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode and "hatchling" in done.stderr:
        pytest.skip("hatchling has to be downloaded, and tests do not")
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_an_installed_wheel_has_its_suites(installed):
    done = subprocess.run(
        [sys.executable, "-c", LISTED],
        capture_output=True,
        text=True,
        cwd=installed,
        env={**os.environ, "PYTHONPATH": str(installed)},
    )
    assert done.stdout.split() == ["raw", "cleaned", "curated", "duplicates", "drift"], done.stderr


def test_a_wheel_holds_the_package_and_nothing_else(installed):
    tops = {path.name for path in installed.iterdir() if path.suffix != ".dist-info"}
    assert tops == {"pipeline"}
