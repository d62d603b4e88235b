"""The map stages in order, each with the key its stored results lie under.

A key digests the stage's own code and settings, the libraries, and the key of the stage before:
whatever could change a result changes its address.
"""

from dataclasses import dataclass
from functools import partial

import polars as pl

from pipeline import schema
from pipeline.settings import Settings, SettingsGroup
from pipeline.stages.clean import clean
from pipeline.stages.edges import find_edges
from pipeline.stages.fingerprint import fingerprint, scheme_of
from pipeline.stages.judge import Limits, judge
from pipeline.stages.measure import measure
from pipeline.store.batches import MapStage, digest
from pipeline.store.versions import code_digest, library_versions


@dataclass(frozen=True, slots=True)
class Chain:
    """Every map stage of a run."""

    clean: MapStage
    measure: MapStage
    judge: MapStage
    fingerprint: MapStage
    edges: MapStage


def chain(settings: Settings, limits: Limits) -> Chain:
    """The stages under these settings and limits."""
    cleaning = MapStage(
        name="cleaned",
        function=partial(clean, settings=settings.clean),
        reads=schema.RAW,
        stores=_added(schema.RAW, schema.CLEANED, rewritten=("title",)),
        key=_key("pipeline.stages.clean", _words(settings.clean)),
    )
    measuring = MapStage(
        name="measured",
        function=partial(measure, settings=settings.measure),
        reads=schema.CLEANED,
        stores=_added(schema.CLEANED, schema.MEASURED),
        key=_key("pipeline.stages.measure", _words(settings.measure), cleaning.key),
        before=cleaning,
    )
    judging = MapStage(
        name="judged",
        function=partial(judge, limits=limits),
        reads=schema.MEASURED,
        stores=_added(schema.MEASURED, schema.JUDGED, rewritten=("flags",)),
        key=_key("pipeline.stages.judge", limits.digest, measuring.key),
        before=measuring,
    )
    fingerprinting = MapStage(
        name="fingerprints",
        function=partial(fingerprint, settings=settings.dedup),
        reads=schema.JUDGED,
        stores=tuple(schema.FINGERPRINTED.names()),
        key=_key("pipeline.stages.fingerprint", repr(scheme_of(settings.dedup)), judging.key),
        before=judging,
    )
    edging = MapStage(
        name="edges",
        function=find_edges,
        reads=pl.Schema({name: schema.CLEANED[name] for name in ("title", "text")}),
        stores=tuple(schema.EDGES.names()),
        key=_key("pipeline.stages.edges", cleaning.key),
        before=cleaning,
    )
    return Chain(cleaning, measuring, judging, fingerprinting, edging)


def _key(module: str, *parts: str) -> str:
    versions = (f"{name}={version}" for name, version in library_versions().items())
    return digest(code_digest(module), *versions, *parts)


def _words(group: SettingsGroup) -> str:
    return group.model_dump_json()


def _added(before: pl.Schema, after: pl.Schema, rewritten: tuple[str, ...] = ()) -> tuple[str, ...]:
    return (*(name for name in after.names() if name not in before), *rewritten)
