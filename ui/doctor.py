"""`vigie doctor`: what is installed, what is in use, and what to mend."""

import os
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from typing import TYPE_CHECKING

import httpx

from vigie.assistant.settings import Settings
from vigie.index import sizing
from vigie.ingest.chunking import chunks, embedded_text
from vigie.ingest.documents import Audience
from vigie.ingest.errors import VigieError
from vigie.ingest.messages import message
from vigie.ui import handover
from vigie.ui.terminal import FAILURE, OK, Terminal

if TYPE_CHECKING:
    from vigie.assistant.build import Vigie

LIBRARIES = ("fastapi", "gradio", "kreuzberg", "qdrant-edge-py", "sentence-transformers", "torch")
LLM_SECONDS = 5.0
# Enough to tell machines apart in about two seconds.
MEASURED = 32
QUESTIONS = 10


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
    yield _reranker(settings)
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
    if found.get("advice"):
        name = message("cli.doctor_index", language)
        yield Finding(name, str(found["chunks"]), str(found["advice"]))
    if speed := found.get("speed"):
        yield Finding(message("cli.doctor_speed", language), str(speed))


def _opened(settings: Settings) -> dict[str, object]:
    from vigie.assistant.build import build

    vigie = build(settings)
    try:
        return {
            "embedder": vigie.embedder.name,
            "fallback": vigie.embedder.fallback_from is not None,
            "documents": vigie.catalogue.count(Audience.STAFF),
            "chunks": vigie.index.count(),
            "advice": _advice(vigie),
            "speed": _speed(vigie, settings.language),
        }
    finally:
        vigie.close()


def _advice(vigie: "Vigie") -> str | None:
    """What the embedded engine's size calls for, None when it is well or a server is used."""
    told = None if vigie.settings.qdrant_url else sizing.advice(vigie.index.count())
    return told.text(vigie.settings.language) if told else None


def _speed(vigie: "Vigie", language: str) -> str:
    """Of encoding passages that are indexed, so that their lengths are those of this corpus."""
    embedder = vigie.embedder
    passages = list(islice(_passages(vigie), MEASURED)) or [message("cli.doctor_probe", language)]
    embedder.embed_query(passages[0])  # the first call allocates
    began = time.perf_counter()
    embedder.embed_documents(passages)
    encoded = time.perf_counter()
    for _ in range(QUESTIONS):
        embedder.embed_query(message("cli.doctor_question", language))
    asked = (time.perf_counter() - encoded) / QUESTIONS
    return message(
        "cli.doctor_speeds",
        language,
        rate=f"{len(passages) / (encoded - began):.0f}",
        milliseconds=f"{1000 * asked:.0f}",
        runtime=getattr(embedder, "runtime", "–"),
    )


def _passages(vigie: "Vigie") -> Iterator[str]:
    for document in vigie.catalogue.walk():
        for chunk in chunks(document, vigie.embedder.budget, vigie.embedder.count):
            yield embedded_text(document, chunk.heading_path, chunk.text)


def _reranker(settings: Settings) -> Finding:
    """The model that reads hits again, and how long it takes for one."""
    language = settings.language
    name = message("cli.doctor_reranker", language)
    if not settings.reranker:
        return Finding(name, message("cli.doctor_no_reranker", language))
    from vigie.index.reranking import BATCH, load_reranker

    try:
        scorer = load_reranker(settings.reranker, settings.threads).scorer
        question = message("cli.doctor_question", language)
        passages = [message("cli.doctor_probe", language)] * BATCH
        scorer.score(question, passages)  # the first call reads the weights
        began = time.perf_counter()
        scorer.score(question, passages)
        milliseconds = 1000 * (time.perf_counter() - began) / BATCH
    except VigieError as error:
        return Finding(name, settings.reranker, error.message(language))
    pace = message("cli.doctor_pace", language, milliseconds=f"{milliseconds:.1f}")
    return Finding(name, f"{settings.reranker} ({pace})")


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
