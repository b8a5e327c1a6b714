"""`sources.yaml`: the sources that an association follows, one entry each."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from vigie.ingest.documents import Audience, Kind
from vigie.ingest.errors import InvalidValue, Reason, SourceMissing
from vigie.ingest.reading import Defaults
from vigie.ingest.sources.links import is_address

FILE = "sources.yaml"
# Names of sources stand in addresses, filters and commands.
NAME = r"^\w[\w.-]*$"
LONGEST_NAME = 100


class SourceKind(StrEnum):
    """How a source is gone through."""

    FOLDER = "folder"
    URLS = "urls"
    SITEMAP = "sitemap"
    FEED = "feed"
    WORDPRESS = "wordpress"
    RECORDS = "records"


ADDRESSES = (SourceKind.URLS, SourceKind.SITEMAP, SourceKind.FEED, SourceKind.WORDPRESS)


def several(where: Any) -> Any:
    """One place may be written without a list."""
    return [where] if isinstance(where, str) else where


def plain_address(where: str) -> str:
    """Refuses a password in an address: it would show in every citation."""
    if is_address(where) and "@" in urlsplit(where).netloc:
        raise ValueError("password")
    return where


Place = Annotated[str, Field(min_length=1), AfterValidator(plain_address)]


class Stated(BaseModel):
    """What stands for the documents of a source that do not say it themselves."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind | None = None


class Declaration(BaseModel):
    """One source; `where` is a path, an address or, for `urls` and `feed`, a list of addresses.

    `allow_private` opens the addresses of this machine's own network, for an intranet;
    `types` are the kinds of content of a WordPress site, by their REST names.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=NAME, max_length=LONGEST_NAME)
    kind: SourceKind
    where: Annotated[tuple[Place, ...], BeforeValidator(several), Field(min_length=1)]
    audience: Audience = Audience.PUBLIC
    publisher: str | None = Field(None, min_length=1)
    defaults: Stated = Stated()
    allow_private: bool = Field(False, strict=True)
    types: tuple[Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")], ...] = ("posts",)

    @model_validator(mode="after")
    def _place_of_its_kind(self) -> "Declaration":
        if self.kind in ADDRESSES and not all(map(is_address, self.where)):
            raise ValueError("address")
        if self.kind is SourceKind.FOLDER and any(map(is_address, self.where)):
            raise ValueError("folder")
        if self.kind not in (SourceKind.URLS, SourceKind.FEED) and len(self.where) > 1:
            raise ValueError("single")
        return self

    @property
    def stated(self) -> Defaults:
        """What is said of all its documents, as readers take it."""
        return Defaults(self.audience, self.publisher, self.defaults.kind)


def declared(path: Path) -> list[Declaration]:
    """Every source of the file, in its order; paths in it are relative to its own folder.

    Raises SourceMissing without the file, and InvalidValue that names the source, the key, the
    value and what was expected.
    """
    found = [_declaration(entry, path, number) for number, entry in enumerate(_entries(path), 1)]
    for index, source in enumerate(found):
        if source.name in {other.name for other in found[:index]}:
            raise _invalid(path, source.name, "name", source.name, "sync.expected_one_name")
    return found


def chosen(found: Sequence[Declaration], names: Sequence[str]) -> list[Declaration]:
    """The sources of these names, all without a name; raises InvalidValue for an unknown one."""
    known = {source.name: source for source in found}
    for name in names:
        if name not in known:
            expected = Reason("sync.expected_known", {"known": ", ".join(known) or "–"})
            raise InvalidValue(name="SOURCE", value=name, expected=expected)
    return [known[name] for name in dict.fromkeys(names)] if names else list(found)


def _entries(path: Path) -> list[Any]:
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SourceMissing(path=path) from error
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        reason = Reason("sync.expected_yaml", {"detail": " ".join(str(error).split())})
        raise InvalidValue(name=path, value="YAML", expected=reason) from error
    entries = said.get("sources") if isinstance(said, dict) and set(said) == {"sources"} else said
    if not isinstance(entries, list):
        raise InvalidValue(name=path, value=said, expected=Reason("sync.expected_sources"))
    return entries


def _declaration(entry: Any, path: Path, number: int) -> Declaration:
    name = entry.get("name", number) if isinstance(entry, dict) else number
    try:
        source = Declaration.model_validate(entry)
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        key = ".".join(map(str, wrong["loc"]))
        if not key and isinstance(entry, dict):
            why = str(wrong["ctx"]["error"])
            raise _invalid(
                path, name, "where", entry["where"], f"sync.expected_where_{why}"
            ) from error
        value = "–" if wrong["type"] == "missing" else wrong["input"]
        raise _invalid(path, name, key, value, _expected(key, wrong["type"])) from error
    if source.kind in (SourceKind.FOLDER, SourceKind.RECORDS):
        here = path.absolute().parent
        places = (p if is_address(p) else str(here / Path(p).expanduser()) for p in source.where)
        return source.model_copy(update={"where": tuple(places)})
    return source


def _expected(key: str, kind: str) -> str:
    """Key of the message that says what may stand at a key."""
    if kind == "extra_forbidden":
        return "sync.expected_known_key"
    if kind == "value_error":
        return "sync.expected_where_password"
    first = key.split(".")[0]
    return f"sync.expected_{first}" if first in Declaration.model_fields else "sync.expected_entry"


def _invalid(path: Path, source: object, key: str, value: object, expected: str) -> InvalidValue:
    values: dict[str, object] = {
        "keys": ", ".join(Declaration.model_fields),
        "kinds": ", ".join(SourceKind),
        "audiences": ", ".join(Audience),
        "documents": ", ".join(Kind),
    }
    name = Reason("sync.place", {"file": path.name, "source": source, "field": key or "–"})
    return InvalidValue(name=name, value=value, expected=Reason(expected, values))
