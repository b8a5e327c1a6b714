"""The tables of words that understanding reads, each once."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """What `data/<name>.toml` of the assistant holds."""
    path = files("vigie.assistant") / "data" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
