"""Every file below a root, local or remote, with what tells whether it changed.

The surprise: a linked folder is entered only after all real ones, and every folder only once. So a
loop of links ends, nothing is read twice through one, and the order does not depend on the loop.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path, PurePosixPath

from fsspec import AbstractFileSystem

from pipeline.errors import InputMissingError


class Kind(StrEnum):
    """What a file holds, by its suffix."""

    TEXT = "txt"
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    HTML = "html"
    WARC = "warc"
    WET = "wet"


class Packing(StrEnum):
    """How a file is compressed, by its last suffix."""

    NONE = ""
    GZIP = "gz"
    ZSTD = "zst"


SUFFIXES = {
    ".txt": Kind.TEXT,
    ".jsonl": Kind.JSONL,
    ".ndjson": Kind.JSONL,
    ".csv": Kind.CSV,
    ".parquet": Kind.PARQUET,
    ".html": Kind.HTML,
    ".htm": Kind.HTML,
    ".xhtml": Kind.HTML,
    ".warc": Kind.WARC,
    ".wet": Kind.WET,  # named x.warc.wet.gz where they are published
}
PACKINGS = {".gz": Packing.GZIP, ".zst": Packing.ZSTD}
READABLE = ", ".join(SUFFIXES) + ", each also with " + " or ".join(PACKINGS)


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file of the input, or what stands in its place (`problem`)."""

    relpath: str  # below the input root, with "/"
    path: str  # as its file system knows it
    kind: Kind
    packing: Packing = Packing.NONE
    size: int = 0
    stamp: str = ""  # another one whenever the content changes; empty where there is none
    changed: float = 0.0  # seconds since 1970; 0 where the stamp does not hang on a clock
    problem: str = ""  # why it cannot be opened


@dataclass(frozen=True, slots=True)
class Ignored:
    """A file of another kind, or (with a slash at its end) a second way into a folder."""

    relpath: str


# Where file systems keep a mark of a file's content, and where the time it last changed.
MARKS = ("ETag", "etag", "md5Hash", "content_md5", "checksum", "generation")
TIMES = ("mtime", "LastModified", "last_modified", "modified", "updated", "created")


def suffix_of(name: str) -> tuple[Kind, Packing] | None:
    """What a file of this name holds and how it is packed; None where we do not read its kind.

    >>> suffix_of("2024.JSONL.gz")
    (<Kind.JSONL: 'jsonl'>, <Packing.GZIP: 'gz'>)
    """
    suffixes = PurePosixPath(name.lower()).suffixes
    packing = PACKINGS.get(suffixes[-1], Packing.NONE) if suffixes else Packing.NONE
    if packing:
        suffixes.pop()
    kind = SUFFIXES.get(suffixes[-1]) if suffixes else None
    return None if kind is None else (kind, packing)


def list_local(root: str) -> Iterator[InputFile | Ignored]:
    """The file, or every file below the folder; nothing where there is neither."""
    if Path(root).is_dir():
        yield from _walk(root)
    elif os.path.lexists(root):
        # A link that leads nowhere counts: a document of ours might have been behind it.
        yield _local_entry(root, _readable(Path(root).name))


def _walk(root: str) -> Iterator[InputFile | Ignored]:
    entered = set[tuple[int, int]]()
    folders, links = [("", root)], list[tuple[str, str]]()
    while folders or links:
        links.sort()
        relpath, path = folders.pop() if folders else links.pop(0)
        try:
            status = Path(path).stat()
            entries = sorted(os.scandir(path), key=lambda entry: entry.name)
        except OSError as error:
            problem = f"folder cannot be listed: {error.strerror}"
            yield InputFile(relpath or ".", path, Kind.TEXT, problem=problem)
            continue
        if (status.st_dev, status.st_ino) in entered:
            yield Ignored(relpath + "/")
            continue
        entered.add((status.st_dev, status.st_ino))
        for entry in entries:
            if entry.name.startswith("."):
                continue
            below = f"{relpath}/{_readable(entry.name)}" if relpath else _readable(entry.name)
            if _is_folder(entry):
                (links if entry.is_symlink() else folders).append((below, entry.path))
            else:
                yield _local_entry(entry.path, below)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # a link to itself, say: looking at it as a file will tell


def _local_entry(path: str, relpath: str) -> InputFile | Ignored:
    known = suffix_of(relpath)
    if known is None:
        return Ignored(relpath)
    kind, packing = known
    try:
        status = Path(path).stat()
    except OSError as error:
        return InputFile(relpath, path, kind, packing, problem=f"{error.strerror}")
    if not stat.S_ISREG(status.st_mode):
        return InputFile(relpath, path, kind, packing, problem="not a regular file")
    # A copying tool can set mtime back; nothing sets ctime back.
    return InputFile(
        relpath,
        path,
        kind,
        packing,
        size=status.st_size,
        stamp=f"{status.st_ino}:{status.st_mtime_ns}:{status.st_ctime_ns}",
        changed=status.st_ctime,
    )


def list_remote(
    filesystem: AbstractFileSystem, root: str, *, source: str
) -> Iterator[InputFile | Ignored]:
    """As `list_local`, by whatever the file system tells of its files."""
    try:
        if filesystem.isfile(root):
            found = {root: filesystem.info(root)}
            base = root.rpartition("/")[0]
        else:
            found = filesystem.find(root, detail=True)
            base = root.rstrip("/")
    except OSError as error:
        message = (
            f"The input {source} cannot be listed: {error}. Expected a folder, file or glob that "
            "this machine may read. Check the address, the network and the credentials."
        )
        raise InputMissingError(message) from error
    for path, info in found.items():
        relpath = path[len(base) :].lstrip("/") if path.startswith(base) else path
        known = suffix_of(relpath)
        if any(part.startswith(".") for part in relpath.split("/")):
            continue
        if known is None:
            yield Ignored(relpath)
            continue
        kind, packing = known
        stamp, changed = _remote_stamp(info)
        size = int(info.get("size") or 0)
        yield InputFile(relpath, path, kind, packing, size=size, stamp=stamp, changed=changed)


def _remote_stamp(info: dict[str, object]) -> tuple[str, float]:
    for name in MARKS:
        if info.get(name):
            return f"{name}:{info[name]}", 0.0
    for name in TIMES:
        value = info.get(name)
        if isinstance(value, datetime):
            aware = value if value.tzinfo else value.replace(tzinfo=UTC)
            return f"{name}:{aware.isoformat()}", aware.timestamp()
        if isinstance(value, int | float):
            return f"{name}:{value}", float(value)
    return "", 0.0


def _readable(name: str) -> str:
    """A file name that is not UTF-8, as text that can be stored."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
