"""The short lines of every document, as narrow as they can be told: what lines are learned from.

Everything here depends on the document alone, so a stored row stays right whatever else arrives.
"""

import polars as pl

from pipeline import schema
from pipeline.stages.buffers import lists_of, titled_texts
from pipeline.text.edge_lines import find_edge_lines

# Where furniture stands, in lines that are not blank; a longer line is a paragraph. Re-run
# tests/learning and the figures in its docstring before touching them.
HEAD_LINES = 3
TAIL_LINES = 8
MAX_CHARS = 200


def find_edges(cleaned: pl.DataFrame) -> pl.DataFrame:
    """`cleaned`, of which it reads title and text, with the columns of EDGES."""
    titles, texts = titled_texts(cleaned)
    found = find_edge_lines(
        texts.data,
        texts.offsets,
        titles.data,
        titles.offsets,
        head=HEAD_LINES,
        tail=TAIL_LINES,
        max_chars=MAX_CHARS,
    )
    edges = pl.DataFrame(
        [
            lists_of(found.edges, found.edge_ends, name="edge_lines"),
            lists_of(found.stems, found.edge_ends, name="edge_stems"),
            lists_of(found.echoes, found.edge_ends, name="edge_echoes"),
            lists_of(found.inside, found.inside_ends, name="inner_lines"),
        ]
    )
    return cleaned.with_columns(schema.check(edges, schema.EDGES, stage="edges"))
