"""The one catalogue of user-facing text: `locales/<language>/<area>.toml`, French first."""

import tomllib
from functools import cache
from importlib.resources import files
from string import Formatter

LANGUAGES = ("fr", "en")
DEFAULT_LANGUAGE = "fr"


@cache
def catalogue(language: str) -> dict[str, str]:
    """Every message of a language, keyed `area.name`; the area is the file's name."""
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r}: expected one of {', '.join(LANGUAGES)}")
    folder = files("vigie.ingest") / "locales" / language
    return {
        f"{file.name.removesuffix('.toml')}.{name}": text
        for file in sorted(folder.iterdir(), key=lambda item: item.name)
        if file.name.endswith(".toml")
        for name, text in tomllib.loads(file.read_text(encoding="utf-8")).items()
    }


def message(key: str, language: str = DEFAULT_LANGUAGE, **values: object) -> str:
    """The text for `key` with its `{placeholders}` filled; raises KeyError for an unknown key."""
    return catalogue(language)[key].format(**values)


def placeholders(text: str) -> set[str]:
    """Names between braces in a catalogue text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}
