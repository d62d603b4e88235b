"""The cache of compiled kernels: where it lies, and what a first run is told of it."""

import os
import subprocess
import sys

from pipeline.compile import kernel_sources

ROWS = '{"id": "a", "text": "It rained."}\n{"id": "b", "text": "It rained."}\n'


def dedupe(folder, cache):
    source = folder / "in.jsonl"
    source.write_text(ROWS, "utf-8")
    words = ["dedupe", str(source), str(folder / "out")]
    return subprocess.run(
        [sys.executable, "-c", "from pipeline.cli import main; main()", *words],
        env=os.environ | {"NUMBA_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
        check=True,
    )


def test_only_the_first_run_says_that_it_compiles(tmp_path):
    first, second = (dedupe(tmp_path, tmp_path / "kernels") for _ in range(2))
    assert "compiles kernels" in first.stderr
    assert second.stderr.strip() == ""


def test_the_cache_knows_all_sources_of_kernels():
    named = {path.stem for path in kernel_sources()}
    assert {"line_bits", "line_keys", "line_needs", "line_scan", "line_rounds"} <= named
