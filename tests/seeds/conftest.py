"""The table of `seeds/README.md`: what is planted in each sample, and what should come of it."""

from dataclasses import dataclass
from pathlib import Path

import pytest

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


@dataclass(frozen=True)
class Expected:
    """One row of the table. A `twin` is curated or a duplicate of its partner."""

    language: str
    planted: str
    fate: str
    partner: str | None
    relation: str | None
    says: frozenset[str]  # among the flags, or the reasons of a quarantine


def parse(line: str) -> tuple[str, Expected]:
    cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
    document, language, planted, fate, partner, relation, says = cells
    names = frozenset(filter(None, map(str.strip, says.split(","))))
    return document, Expected(language, planted, fate, partner or None, relation or None, names)


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of the sample documents."""
    return SEEDS


@pytest.fixture(scope="session")
def expected() -> dict[str, Expected]:
    """What should become of each document, by its `source_id`."""
    lines = (SEEDS / "README.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| `")]
    return dict(map(parse, rows))
