"""Rows of the whole corpus by number, read from its batches as they are asked for.

Reduce steps work on narrow tables of all documents; where they need texts they ask for the rows
they mean. Row numbers count live rows, batch after batch.
"""

from collections import OrderedDict
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.store.batches import Batch, Corpus, MapStage, load_live

KEPT_BATCHES = 2  # verified pairs cluster in few batches at a time; each may hold 64 MB of text


class RowReader:
    """Reads `title` and `text` of asked rows, and keeps the batches it used last."""

    def __init__(self, corpus: Corpus, *, work: Path, stage: MapStage) -> None:
        """Rows of `corpus` as they are after `stage`."""
        live = [batch.rows - len(batch.dead) for batch in corpus.batches]
        self._batches = corpus.batches
        self._starts = np.concatenate([[0], np.cumsum(live, dtype=np.int64)])
        self._work, self._stage = work, stage
        self._kept: OrderedDict[str, pl.DataFrame] = OrderedDict()

    def __call__(self, rows: NDArray[np.integer]) -> pl.DataFrame:
        """The frame of these rows, in the order asked; a row may be asked for twice."""
        numbers = np.searchsorted(self._starts, rows, side="right") - 1
        frames = list[pl.DataFrame]()
        places = []
        for number in np.unique(numbers):
            here = np.flatnonzero(numbers == number)
            within = rows[here] - self._starts[number]
            frames.append(self._frame(self._batches[number])[within])
            places.append(here)
        if not frames:
            return pl.DataFrame(schema={"title": pl.String, "text": pl.String})
        back = np.argsort(np.concatenate(places), kind="stable")
        return pl.concat(frames)[back]

    def _frame(self, batch: Batch) -> pl.DataFrame:
        if batch.key not in self._kept:
            columns = ["title", "text"]
            frame = load_live(batch, work=self._work, stage=self._stage, columns=columns)
            self._kept[batch.key] = frame
            while len(self._kept) > KEPT_BATCHES:
                self._kept.popitem(last=False)
        self._kept.move_to_end(batch.key)
        return self._kept[batch.key]
