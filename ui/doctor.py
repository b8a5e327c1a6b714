"""`vigie doctor`: what is installed, what is in use, and what to mend."""

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import httpx

from vigie.assistant.settings import Settings
from vigie.ingest.documents import Audience
from vigie.ingest.errors import VigieError
from vigie.ingest.messages import message
from vigie.ui import handover
from vigie.ui.terminal import FAILURE, OK, Terminal

LIBRARIES = ("fastapi", "gradio", "kreuzberg", "qdrant-edge-py", "sentence-transformers", "torch")
LLM_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `cure` says what to do when something is wrong, None when not."""

    name: str
    value: str
    cure: str | None = None


def doctor(settings: Settings) -> int:
    """Exit status of `vigie doctor`: 1 when something needs mending."""
    terminal = Terminal(settings.language)
    wrong = False
    for finding in findings(settings, terminal):
        terminal.write(f"{finding.name} : {finding.value}")
        if finding.cure:
            wrong = True
            terminal.error(f"  → {finding.cure}")
    return FAILURE if wrong else OK


def findings(settings: Settings, terminal: Terminal) -> Iterator[Finding]:
    """The report, quick findings first."""
    language = settings.language
    yield Finding("Vigie", version("vigie"))
    yield Finding("Python", platform.python_version())
    for library in LIBRARIES:
        yield _library(library, language)
    yield _data_dir(settings)
    try:
        yield from _index(settings, terminal)
    except VigieError as error:
        yield Finding(message("cli.doctor_index", language), "–", error.message(language))
    yield _llm(settings)


def _library(name: str, language: str) -> Finding:
    try:
        return Finding(name, version(name))
    except PackageNotFoundError:
        return Finding(name, "–", message("cli.doctor_install", language, name=name))


def _data_dir(settings: Settings) -> Finding:
    folder = settings.data_dir.absolute()
    name = message("cli.doctor_data_dir", settings.language)
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if os.access(existing, os.W_OK):
        return Finding(name, str(folder))
    cure = message("cli.doctor_writable", settings.language, path=existing)
    return Finding(name, str(folder), cure)


def _index(settings: Settings, terminal: Terminal) -> Iterator[Finding]:
    language = settings.language
    with handover.owning(settings.data_dir, lambda: terminal.say("cli.waiting")) as server:
        if server:
            yield Finding(message("cli.doctor_server", language), server.url)
            found = handover.fetch(server, "/healthz")
        else:
            yield Finding(
                message("cli.doctor_server", language), message("cli.doctor_stopped", language)
            )
            found = _opened(settings)
    cure = message("cli.doctor_fallback", language) if found["fallback"] else None
    yield Finding(message("cli.doctor_embedder", language), str(found["embedder"]), cure)
    yield Finding(message("cli.doctor_documents", language), str(found["documents"]))


def _opened(settings: Settings) -> dict[str, object]:
    from vigie.assistant.build import build

    vigie = build(settings)
    try:
        return {
            "embedder": vigie.embedder.name,
            "fallback": vigie.embedder.fallback_from is not None,
            "documents": vigie.catalogue.count(Audience.STAFF),
        }
    finally:
        vigie.close()


def _llm(settings: Settings) -> Finding:
    language = settings.language
    name = message("cli.doctor_llm", language)
    if settings.llm_url is None:
        return Finding(name, message("cli.doctor_no_llm", language))
    address = str(settings.llm_url).rstrip("/")
    key = settings.llm_api_key
    headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
    try:
        answer = httpx.get(f"{address}/models", headers=headers, timeout=LLM_SECONDS)
        answer.raise_for_status()
        known = {str(model.get("id")) for model in answer.json().get("data", ())}
    except (httpx.HTTPError, ValueError, AttributeError) as error:
        cure = message("cli.doctor_llm_silent", language, reason=type(error).__name__)
        return Finding(name, address, cure)
    if settings.llm_model not in known:
        models = ", ".join(sorted(known)) or "–"
        cure = message("cli.doctor_llm_model", language, name=settings.llm_model, models=models)
        return Finding(name, address, cure)
    return Finding(name, f"{address} ({settings.llm_model})")
