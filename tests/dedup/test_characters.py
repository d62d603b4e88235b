"""The table of characters is made once and found again, whatever became of the file."""

import numpy as np
import pytest

from pipeline.dedup import characters
from pipeline.dedup.characters import character_table, make_table


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(characters, "CACHE", tmp_path)
    character_table.cache_clear()
    yield tmp_path
    character_table.cache_clear()


def equal(left, right):
    return all(
        np.array_equal(a, b) and a.dtype == b.dtype for a, b in zip(left, right, strict=True)
    )


def test_a_stored_table_is_the_table(folder):
    made = character_table()
    character_table.cache_clear()
    assert len(list(folder.iterdir())) == 1
    assert equal(character_table(), made)
    assert equal(made, make_table())


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", None])
def test_a_table_that_is_damaged_is_made_again(folder, content):
    made = character_table()
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes()[:500_000] if content is None else content)
    for _ in range(2):
        character_table.cache_clear()
        assert equal(character_table(), made)
    assert path.stat().st_size > 500_000


def test_a_folder_that_nobody_may_write_to_does_no_harm(folder):
    folder.rmdir()
    assert equal(character_table(), make_table())
    folder.mkdir()
