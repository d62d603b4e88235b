"""The engine could be a package of its own: it knows Great Expectations, Polars, and itself."""

import ast
from pathlib import Path

import pytest

from pipeline.validation import polars_engine

FOLDER = Path(str(polars_engine.__file__)).parent
OWN = polars_engine.__name__


def imported(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield f"{'.' * node.level}{node.module or ''}"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_a_module_of_the_engine_imports_nothing_else_of_the_project(path):
    ours = {name for name in imported(path) if name.startswith(("pipeline", "."))}
    assert all(name.startswith(f"{OWN}.") for name in ours)
