import os
from pathlib import Path

import fsspec
import pytest

from pipeline.errors import InputMissingError
from pipeline.store.listing import Kind, Packing, suffix_of
from pipeline.store.sources import find_inputs


@pytest.fixture
def folder(tmp_path):
    for name in ("b/two.jsonl.gz", "b.txt", "a/one.csv", "a/.hidden.txt", ".git/x.txt", "notes.md"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path / "in"


@pytest.fixture
def memory():
    filesystem = fsspec.filesystem("memory")
    filesystem.store.clear()
    yield filesystem
    filesystem.store.clear()


def names_of(source):
    return [file.relpath for file in find_inputs(str(source)).files]


def test_a_folder_is_read_through_in_path_order_without_what_is_hidden(folder):
    assert names_of(folder) == ["a/one.csv", "b.txt", "b/two.jsonl.gz"]


def test_files_of_other_kinds_are_passed_over_by_name(folder):
    assert find_inputs(str(folder)).ignored == ("notes.md",)


def test_a_single_file_is_an_input_even_if_it_is_hidden(folder):
    assert names_of(folder / "b.txt") == ["b.txt"]
    assert names_of(folder / "a/.hidden.txt") == [".hidden.txt"]


def test_a_glob_names_files_below_its_fixed_part(folder):
    assert names_of(folder / "*.txt") == ["b.txt"]
    assert names_of(folder / "**/*.csv") == ["a/one.csv"]
    assert names_of(folder / "a/*.csv") == ["one.csv"]


def test_a_glob_takes_all_that_lies_below_the_folders_it_matches(folder):
    assert names_of(folder / "[ab]") == ["a/one.csv", "b/two.jsonl.gz"]


def test_a_name_with_glob_characters_that_exists_is_that_name(tmp_path):
    (tmp_path / "[a]").mkdir()
    (tmp_path / "[a]/x.txt").write_bytes(b"x")
    assert names_of(tmp_path / "[a]") == ["x.txt"]


def test_a_relative_path_finds_the_same_files(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    assert names_of("in") == names_of(folder)


def test_a_file_url_is_the_local_path(folder):
    assert names_of(f"file://{folder}") == names_of(folder)


def test_a_remote_folder_file_and_glob_give_the_same_names_as_a_local_one(memory):
    for name in ("b/two.jsonl.gz", "b.txt", "a/one.csv", "a/.hidden.txt", "notes.md"):
        memory.pipe(f"/in/{name}", b"x")
    assert names_of("memory://in") == ["a/one.csv", "b.txt", "b/two.jsonl.gz"]
    assert names_of("memory://in/b.txt") == ["b.txt"]
    assert names_of("memory://in/*.txt") == ["b.txt"]
    assert find_inputs("memory://in").ignored == ("notes.md",)


def test_a_missing_path_is_named_in_the_error(tmp_path):
    with pytest.raises(InputMissingError, match=r"nowhere does not exist\. Expected .* Check"):
        find_inputs(str(tmp_path / "nowhere"))


@pytest.mark.usefixtures("memory")
def test_a_missing_remote_folder_is_an_error_too():
    with pytest.raises(InputMissingError, match="holds no file"):
        find_inputs("memory://nowhere")


def test_an_unknown_protocol_is_a_missing_input():
    with pytest.raises(InputMissingError, match="cannot be reached"):
        find_inputs("gopherus://x/y")


def test_an_empty_folder_is_a_missing_input(tmp_path):
    with pytest.raises(InputMissingError, match="holds no file"):
        find_inputs(str(tmp_path))


def test_a_folder_without_readable_kinds_is_a_missing_input(tmp_path):
    (tmp_path / "photo.png").write_bytes(b"x")
    with pytest.raises(InputMissingError, match=r"holds 1 files, none readable \(photo.png\)"):
        find_inputs(str(tmp_path))


def test_a_symlink_loop_ends_and_nothing_is_read_twice(folder):
    (folder / "a/up").symlink_to(folder)
    (folder / "A").symlink_to("a")
    (folder / "b/a").symlink_to("../a")
    (folder / "itself").symlink_to("itself")
    (folder / "itself.txt").symlink_to("itself.txt")
    inputs = find_inputs(str(folder))
    assert names_of(folder) == ["a/one.csv", "b.txt", "b/two.jsonl.gz", "itself.txt"]
    assert inputs.files[-1].problem == "Too many levels of symbolic links"
    assert inputs.ignored == ("A/", "a/up/", "b/a/", "itself", "notes.md")
    assert names_of(f"{folder}/**/*.csv") == ["a/one.csv"]


def test_a_link_to_a_folder_elsewhere_is_followed_once(folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/new.txt").write_bytes(b"x")
    (folder / "b/y").symlink_to(tmp_path / "elsewhere")
    (folder / "a/z").symlink_to(tmp_path / "elsewhere")
    assert names_of(folder) == ["a/one.csv", "a/z/new.txt", "b.txt", "b/two.jsonl.gz"]


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: Path(path).symlink_to("gone")])
def test_what_is_no_regular_file_is_listed_with_the_reason(tmp_path, make):
    make(tmp_path / "x.txt")
    (file,) = find_inputs(str(tmp_path)).files
    assert file.problem in {"not a regular file", "No such file or directory"}


def test_a_file_name_that_is_not_utf8_is_spelled_out(tmp_path):
    Path(os.fsdecode(bytes(tmp_path) + b"/caf\xe9.txt")).write_bytes(b"x")
    assert names_of(tmp_path) == ["caf\\xe9.txt"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.txt", (Kind.TEXT, Packing.NONE)),
        ("a.b.TXT.ZST", (Kind.TEXT, Packing.ZSTD)),
        ("a.ndjson", (Kind.JSONL, Packing.NONE)),
        ("a.parquet.gz", (Kind.PARQUET, Packing.GZIP)),
        ("a.gz", None),
        ("a.txt.bz2", None),
        ("a.json", None),
        ("txt", None),
    ],
)
def test_the_suffix_says_what_a_file_holds(name, expected):
    assert suffix_of(name) == expected
