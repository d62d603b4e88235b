"""Settings as a person writes them: a TOML file, and single words that change it."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from pipeline.errors import SettingsError
from pipeline.settings import Settings


def load_settings(path: Path | None, overrides: Sequence[str] = ()) -> Settings:
    """Settings of a TOML file, changed by `group.field=value` words; later words win.

    Raises SettingsError that names the file or word, the field and what it may hold.
    """
    values = _read_toml(path) if path is not None else {}
    for word in overrides:
        _override(values, word)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        wanted = _names(first["loc"]) if first["type"] == "extra_forbidden" else first["msg"]
        message = (
            f"The setting {field} is {str(first['input'])[:80]!r}. Expected: {wanted}. "
            f"Mend it in {path or 'the --set word'}; README lists them all."
        )
        raise SettingsError(message) from error


def _names(place: tuple[int | str, ...]) -> str:
    """The names that could have stood where one was not known."""
    group = Settings.model_fields.get(str(place[0]))
    inner = group.annotation if group and len(place) > 1 else Settings
    fields = inner.model_fields if isinstance(inner, type(Settings)) else Settings.model_fields
    return "one of " + ", ".join(fields)


def _read_toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = (
            f"The settings file {path} cannot be used: {error}. Expected TOML with tables such as "
            "[dedup]. Mend the file, or leave --settings out."
        )
        raise SettingsError(message) from error


def _override(values: dict[str, object], word: str) -> None:
    name, equals, value = word.partition("=")
    group, dot, field = name.strip().partition(".")
    if not (equals and dot and group and field):
        message = (
            f"--set got {word[:80]!r}. Expected group.field=value, for example "
            "dedup.jaccard=0.6. Write it so; README lists groups and fields."
        )
        raise SettingsError(message)
    table = values.setdefault(group, {})
    if not isinstance(table, dict):
        message = f"{group} is {table!r} in the settings file. Expected a table. Write [{group}]."
        raise SettingsError(message)
    table[field] = _toml_value(value.strip())


def _toml_value(word: str) -> object:
    """The word as TOML reads it, so that lists can be written; else the bare word."""
    try:
        return tomllib.loads(f"value = {word}")["value"]
    except tomllib.TOMLDecodeError:
        return word
