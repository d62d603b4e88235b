"""The README's main command, as written, in a clean clone with an empty environment."""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clone") / "winnow"
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
    return folder


def _commands():
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    return [line for line in lines if line.startswith("pip install uv && ")]


def test_the_readme_has_two_commands_and_ci_runs_the_second():
    main, tests = _commands()
    assert "winnow run seeds" in main
    marked = (ROOT / "README.md").read_text("utf-8").split("<!-- test command -->")[1]
    assert tests in marked.split("<!-- end -->")[0]


def test_the_main_command_publishes_a_corpus_in_a_clean_clone(clone):
    path = os.environ["PATH"].split(os.pathsep)
    virtual = os.environ.get("VIRTUAL_ENV", "")
    outside = [folder for folder in path if not (virtual and folder.startswith(virtual))]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("UV_", "VIRTUAL_ENV"))}
    done = subprocess.run(
        ["bash", "-c", _commands()[0]],
        cwd=clone,
        env=environment | {"PATH": os.pathsep.join(outside)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    latest = json.loads((clone / "outputs" / "corpus" / "latest.json").read_text("utf-8"))
    report = clone / "outputs" / "corpus" / "publications" / "1" / "report.html"
    assert latest["publication"] == 1
    assert report.stat().st_size > 10_000
    assert not (clone / "uv.lock").exists() or _is_ignored(clone, "uv.lock")


def _is_ignored(clone, name):
    return subprocess.run(["git", "check-ignore", "-q", name], cwd=clone).returncode == 0
