"""Files of a folder, and what `manifest.yaml` says of them."""

import fnmatch
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vigie.ingest.documents import Audience
from vigie.ingest.errors import InvalidValue, Reason, SourceMissing
from vigie.ingest.readers.registry import READERS

log = logging.getLogger(__name__)

MANIFESTS = ("manifest.yaml", "manifest.yml")
# What systems and programs leave behind beside people's files.
LEFTOVERS = frozenset({"thumbs.db", "desktop.ini", *MANIFESTS})
LOCK_PREFIXES = ("~$", ".~lock.", ".")
# Whoever opens Vigie's own data folder locks this file in it: what lies there is no document.
DATA_FOLDER_MARK = "owner.lock"


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read; `audience` and `publisher` are the manifest's, None where it says nothing."""

    path: Path
    root: Path
    audience: Audience | None = None
    publisher: str | None = None

    @property
    def supported(self) -> bool:
        """False for a suffix that no reader takes; reading it raises UnsupportedFormat."""
        return self.path.suffix.lower() in READERS


class Entry(BaseModel):
    """One entry of a manifest: a file, a folder or a glob, relative to the manifest."""

    model_config = ConfigDict(extra="forbid")

    path: str = Field(min_length=1)
    audience: Audience | None = None
    publisher: str | None = None

    def covers(self, location: PurePosixPath) -> bool:
        """True for the path itself, for what lies under it, and for what its glob matches."""
        pattern = self.path.removeprefix("./").rstrip("/")
        names = [str(location), *map(str, location.parents)]
        return any(fnmatch.fnmatchcase(name, pattern) for name in names if name != ".")


class Manifest(BaseModel):
    """Entries in order; of two that cover a file, the later one wins field by field."""

    model_config = ConfigDict(extra="forbid")

    documents: list[Entry] = []


def find(paths: Sequence[Path]) -> list[Found]:
    """Every file under `paths`, each once, sorted within each path; raises SourceMissing.

    Hidden files, lock files and manifests are left out. A file given by itself is its own root.
    """
    found: dict[Path, Found] = {}
    for path in paths:
        if not path.exists():
            raise SourceMissing(path=path)
        for item in _walk(path) if path.is_dir() else [_alone(path)]:
            found.setdefault(item.path.resolve(), item)
    return list(found.values())


def _alone(path: Path) -> Found:
    """A file given by name still obeys the manifest beside it."""
    manifest = _manifest(path.parent)
    item = Found(path, path.parent)
    return _described(item, path.parent, manifest) if manifest else item


def _walk(root: Path) -> Iterator[Found]:
    items: list[Found] = []
    manifests: list[tuple[Path, Manifest]] = []
    for folder in _folders(root, frozenset()):
        manifest = _manifest(folder)
        if manifest:
            manifests.append((folder, manifest))
        for entry in sorted(folder.iterdir()):
            if entry.is_file() and _is_readable_name(entry.name):
                items.append(Found(entry, root))
    for item in sorted(items, key=lambda item: item.path.parts):
        for folder, manifest in manifests:
            if item.path.is_relative_to(folder):
                item = _described(item, folder, manifest)
        yield item
    _warn_of_idle_entries(items, manifests)


def _folders(folder: Path, above: frozenset[tuple[int, int]]) -> Iterator[Path]:
    """The folder and those below it, outermost first; a link back up is not followed."""
    status = folder.stat()
    here = (status.st_dev, status.st_ino)
    if here in above or (folder / DATA_FOLDER_MARK).exists():
        return
    yield folder
    try:
        inner = sorted(item for item in folder.iterdir() if item.is_dir())
    except PermissionError:
        log.warning("%s: access denied", folder)
        return
    for item in inner:
        if not item.name.startswith("."):
            yield from _folders(item, above | {here})


def _is_readable_name(name: str) -> bool:
    return not name.startswith(LOCK_PREFIXES) and name.lower() not in LEFTOVERS


def _described(item: Found, folder: Path, manifest: Manifest) -> Found:
    location = PurePosixPath(item.path.relative_to(folder).as_posix())
    for entry in manifest.documents:
        if entry.covers(location):
            item = replace(
                item,
                audience=entry.audience or item.audience,
                publisher=entry.publisher or item.publisher,
            )
    return item


def _warn_of_idle_entries(
    items: Sequence[Found], manifests: Sequence[tuple[Path, Manifest]]
) -> None:
    """A mistyped path would leave a restricted file open to all: it must not go unnoticed."""
    for folder, manifest in manifests:
        places = [
            PurePosixPath(item.path.relative_to(folder).as_posix())
            for item in items
            if item.path.is_relative_to(folder)
        ]
        for entry in manifest.documents:
            if not any(map(entry.covers, places)):
                log.warning("%s: no file matches %r in its manifest", folder, entry.path)


def _manifest(folder: Path) -> Manifest | None:
    """Raises InvalidValue: a manifest that cannot be obeyed must not be ignored."""
    path = next((folder / name for name in MANIFESTS if (folder / name).is_file()), None)
    if path is None:
        return None
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        return Manifest.model_validate({"documents": said} if isinstance(said, list) else said)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        key = "read.expected_audience" if first["loc"][-1:] == ("audience",) else "read.expected"
        raise InvalidValue(
            name=f"{path}: {where}",
            value=first["input"],
            expected=Reason(key, {"detail": first["msg"]}),
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidValue(
            name=path, value="YAML", expected=Reason("read.expected", {"detail": error})
        ) from error
