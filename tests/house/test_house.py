"""House rules that a reader would otherwise have to police by eye."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from pipeline.settings import Settings

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "pipeline").rglob("*.py"))
LONGEST_MODULE = 300
BANNED_NAMES = {"utils", "helpers", "common", "misc", "base", "manager", "data2"}


def _read_project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def _groups():
    return [field.annotation for field in Settings.model_fields.values()]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_says_what_it_is_for_and_stays_short(path):
    source = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(source)), "a module starts by saying what it is for"
    assert source.count("\n") <= LONGEST_MODULE, "split it where the nouns change"
    assert path.stem not in BANNED_NAMES
    assert "dict[str, Any]" not in source, "name the fields: a frozen dataclass or a settings group"
    assert "except Exception" not in source, "name what is expected to go wrong"


@pytest.mark.parametrize("group", _groups(), ids=lambda g: g.__name__)
def test_every_setting_has_a_reason(group):
    unexplained = [name for name, field in group.model_fields.items() if not field.description]
    assert unexplained == []


@pytest.mark.parametrize(
    "command", ["ruff check .", "ruff format --check .", "mypy", "lint-imports"]
)
def test_the_gate_is_clean(command):
    tool = Path(sys.executable).with_name(command.split()[0])
    done = subprocess.run([tool, *command.split()[1:]], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_installed_version_is_the_pinned_one():
    pinned = {}
    for line in _read_project()["tool"]["uv"]["constraint-dependencies"]:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate():
            pinned[_normal(requirement.name)] = str(requirement.specifier).removeprefix("==")
    installed = {_normal(d.metadata["Name"]): d.version for d in metadata.distributions()}
    tools = {"winnow", "pip", "setuptools", "wheel"}
    wrong = {
        name: (version, pinned.get(name))
        for name, version in installed.items()
        if name not in tools and pinned.get(name) != version
    }
    assert wrong == {}, "installed, pinned: run uv sync, or pin what is new"


def test_nothing_speaks_of_the_place_where_it_was_written():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    words = re.compile(r"pypi\.org|pythonhosted|registry\.npmjs|/work/(main|shared)")
    guilty = [
        name
        for name in tracked.stdout.split()
        if name.endswith((".py", ".md", ".toml", ".json", ".yml", ".yaml", ".j2", ".txt", "run"))
        and name != "tests/house/test_house.py"
        and words.search((ROOT / name).read_text("utf-8", errors="replace"))
    ]
    assert guilty == []


def test_only_the_agreed_folders_stand_at_the_top():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    top = {name.split("/")[0] for name in tracked.stdout.split()}
    agreed = {"pyproject.toml", "README.md", "pipeline", "expectations", "seeds", "outputs",
              "tests", "LICENSE", "CHANGELOG.md", "deploy"}  # fmt: skip
    assert {name for name in top if not name.startswith(".")} <= agreed


def _normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()
