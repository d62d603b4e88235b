"""Which files the input consists of, in the order they are read.

A glob is matched against what a walk finds, not expanded: so it cannot run in circles either, and
works alike on every file system.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from fsspec import AbstractFileSystem
from fsspec.core import has_magic, url_to_fs
from fsspec.implementations.local import LocalFileSystem
from fsspec.utils import glob_translate

from pipeline.errors import InputMissingError
from pipeline.store.listing import READABLE, InputFile, list_local, list_remote


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files to read, by path below the root, and what was passed over."""

    filesystem: AbstractFileSystem
    files: tuple[InputFile, ...]
    ignored: tuple[str, ...]


def find_inputs(source: str) -> Inputs:
    """Every readable file of a folder, file or glob, local or at any fsspec URL, in path order.

    Hidden files and folders are passed over unnamed; other suffixes and second ways into a folder
    are named in `ignored`. Raises InputMissingError where nothing readable is found.
    """
    filesystem, path = _locate(source)
    root, pattern = _split_glob(filesystem, path)
    if isinstance(filesystem, LocalFileSystem):
        candidates = list_local(root)
    else:
        candidates = list_remote(filesystem, root, source=source)
    files: list[InputFile] = []
    ignored: list[str] = []
    for candidate in candidates:
        if pattern is not None and not _matches(pattern, candidate.relpath):
            continue
        if isinstance(candidate, InputFile):
            files.append(candidate)
        else:
            ignored.append(candidate.relpath)
    if not files:
        raise InputMissingError(_nothing_found(source, ignored))
    files.sort(key=lambda file: (file.relpath, os.fsencode(file.path)))
    return Inputs(filesystem, tuple(files), tuple(sorted(ignored)))


def _locate(source: str) -> tuple[AbstractFileSystem, str]:
    if "://" not in source:
        return LocalFileSystem(), str(Path(source).absolute())
    try:
        filesystem, path = url_to_fs(source)
    except (ValueError, ImportError) as error:
        message = (
            f"The input {source} cannot be reached: {error}. Expected a path, or a URL whose "
            "protocol fsspec knows. Check the address, or install the package it asks for."
        )
        raise InputMissingError(message) from error
    return filesystem, path


def _split_glob(filesystem: AbstractFileSystem, path: str) -> tuple[str, re.Pattern[str] | None]:
    """The folder to list and what paths below it must match; a name that exists is no glob."""
    if not has_magic(path) or filesystem.lexists(path):
        return path, None
    parts = path.split("/")
    first = next(n for n, part in enumerate(parts) if has_magic(part))
    root = "/".join(parts[:first]) or "/"
    return root, re.compile(glob_translate("/".join(parts[first:])))


def _matches(pattern: re.Pattern[str], relpath: str) -> bool:
    """A glob takes the files it matches and all files below the folders it matches."""
    parts = relpath.split("/")
    return any(pattern.match("/".join(parts[:n])) for n in range(1, len(parts) + 1))


def _nothing_found(source: str, ignored: list[str]) -> str:
    path = Path(source)
    if "://" not in source and not has_magic(source) and not os.path.lexists(path):
        found = f"The input {source} does not exist."
    elif ignored:
        shown = ", ".join(sorted(ignored)[:3])
        found = f"The input {source} holds {len(ignored):,} files, none readable ({shown})."
    else:
        found = f"The input {source} holds no file."
    return f"{found} Expected {READABLE}. Check the path, or name another folder, file or glob."
