"""Models by name: from the hub once, from the local cache afterwards."""

import hashlib
import threading
from pathlib import Path

import httpx
from huggingface_hub import constants, snapshot_download
from huggingface_hub.errors import LocalEntryNotFoundError

from vigie.ingest.errors import SourceMissing, Unavailable

# A hub that takes longer than this to answer would make every start slow.
PROBE_SECONDS = 2.0

WEIGHTS = ("*.safetensors", "*.bin")
OTHER_RUNTIMES = ["onnx/*", "openvino/*", "*.onnx", "*.h5", "*.msgpack", "*.ot"]


def found_folder(name: str) -> Path:
    """The folder of that path, or that of a model of the hub: from the local cache, else fetched.

    Raises SourceMissing for a path that is no folder, Unavailable for a model that is not had.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    if folder.is_absolute() or name.startswith((".", "~")):
        raise SourceMissing(path=name)
    try:
        return cached(name) or download(name)
    except (OSError, ValueError, httpx.HTTPError) as error:
        what = f"{constants.ENDPOINT}/{name}"
        raise Unavailable(what=what, reason=str(error).partition("\n")[0]) from error


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
