"""One process owns a data folder; every other command finds it there and hands its work over.

The owner holds a lock on `owner.lock`, which the system frees when it ends, however it ends. A
server also writes `server.json`: its pid, its address and a token that only the folder's owner
can read.
"""

import json
import logging
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
from filelock import FileLock, Timeout

from vigie.ingest.errors import IndexLocked, NotAllowed, Unavailable
from vigie.ingest.folder import DATA_FOLDER_MARK
from vigie.ui import sse

log = logging.getLogger(__name__)

LOCK, CARD = DATA_FOLDER_MARK, "server.json"
# Seconds between two looks at a folder that another command holds.
LOOK_SECONDS = 0.3
# A command that holds the folder longer than this is a long ingestion: better to say so.
PATIENCE_SECONDS = 600.0
CONNECT_SECONDS = 5.0
# Pings come every 15 s; four missing ones mean that the server is gone.
SILENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """A server of this data folder that lives now."""

    pid: int
    url: str
    token: str


def running(data_dir: Path) -> Running | None:
    """The folder's server, None without one; what a killed server left behind is ignored."""
    try:
        card = Running(**json.loads((data_dir / CARD).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except PermissionError:
        raise NotAllowed from None
    except (ValueError, TypeError):
        log.info("unreadable %s ignored", CARD)
        return None
    return card if _alive(card.pid) and _held(data_dir) else None


@contextmanager
def owning(
    data_dir: Path, waiting: Callable[[], None], patience: float = PATIENCE_SECONDS
) -> Iterator[Running | None]:
    """Owns the folder and gives None, or gives the server that owns it already.

    While another command holds it, calls `waiting` once and waits; raises IndexLocked after
    `patience` seconds.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(data_dir / LOCK)
    deadline, told = time.monotonic() + patience, False
    server = None
    while not (owned := _acquired(lock)) and not (server := running(data_dir)):
        if time.monotonic() > deadline:
            raise IndexLocked(path=data_dir)
        if not told:
            waiting()
            told = True
        time.sleep(LOOK_SECONDS)
    try:
        yield server
    finally:
        if owned:
            lock.release()


@contextmanager
def announced(data_dir: Path, url: str, token: str) -> Iterator[None]:
    """Tells the other commands of this folder where its server is, and takes it back at the end."""
    card, draft = data_dir / CARD, data_dir / f".{CARD}"
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(Running(os.getpid(), url, token)), file)
    draft.replace(card)
    try:
        yield
    finally:
        card.unlink(missing_ok=True)


def new_token() -> str:
    """A key for one run of the server, known to nobody but its data folder's owner."""
    return secrets.token_urlsafe(32)


def events(
    server: Running, path: str, body: dict[str, Any], language: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The server's events for a posted body; a refusal is the one event `error`."""
    headers = {
        "Authorization": f"Bearer {server.token}",
        "Accept": sse.MEDIA_TYPE,
        "Accept-Language": language,
    }
    timeout = httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS)
    # A proxy of the environment has no business with this machine's own server.
    with httpx.Client(base_url=server.url, timeout=timeout, trust_env=False) as client:
        try:
            with client.stream("POST", path, json=body, headers=headers) as response:
                if response.is_success:
                    yield from sse.decode(response.iter_bytes())
                else:
                    yield "error", json.loads(response.read())
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable(what=server.url, reason=type(error).__name__) from error


def fetch(server: Running, path: str) -> dict[str, Any]:
    """A JSON resource of the server, as the folder's owner sees it."""
    headers = {"Authorization": f"Bearer {server.token}"}
    try:
        response = httpx.get(
            server.url + path, headers=headers, timeout=CONNECT_SECONDS, trust_env=False
        )
        found: dict[str, Any] = response.raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise Unavailable(what=server.url, reason=type(error).__name__) from error
    return found


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _held(data_dir: Path) -> bool:
    """False when nobody holds the lock: the pid then belongs to some other program by now."""
    lock = FileLock(data_dir / LOCK)
    if _acquired(lock):
        lock.release()
        return False
    return True


def _acquired(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    return True
