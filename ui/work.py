"""What the commands do: through the folder's server when it runs, else with the index itself."""

import asyncio
import logging
import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vigie.assistant.settings import Settings
from vigie.ingest.documents import Audience
from vigie.ingest.errors import SourceMissing
from vigie.ui import handover
from vigie.ui.terminal import FAILURE, OK, Terminal

if TYPE_CHECKING:
    from vigie.assistant.build import Vigie
    from vigie.index.catalogue import Catalogue
    from vigie.index.embedders import Embedder
    from vigie.index.stores import Client

Events = Iterator[tuple[str, dict[str, Any]]]

# Source of the sample corpus.
SAMPLE = "exemple"

# What commands record beside what they tell: a file of this size, in bytes, and one before it.
LOG, LOG_BYTES = "vigie.log", 1024 * 1024
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def ask(settings: Settings, question: str, as_json: bool, language: str | None) -> int:
    """Exit status of `vigie ask`; the owner of the data folder sees every audience."""
    terminal = Terminal(language or settings.language)
    log_to_file(settings.data_dir)
    # A terminal in another encoding sends bytes that are no characters.
    question = question.encode(errors="replace").decode()
    with handover.owning(settings.data_dir, lambda: terminal.say("cli.waiting")) as server:
        if server:
            body = {"question": question, "language": language}
            events = handover.events(server, "/v1/ask", body, terminal.language)
        else:
            events = _answering(settings, question, language)
        if as_json:
            return terminal.answer_json(events)
        return terminal.answer(events, linked=server is not None)


def ingest(
    settings: Settings,
    paths: Sequence[Path],
    audience: Audience,
    publisher: str | None,
    source: str | None,
) -> int:
    """Exit status of `vigie ingest`."""
    terminal = Terminal(settings.language)
    log_to_file(settings.data_dir)
    for path in paths:
        if not path.exists():
            raise SourceMissing(path=path)
    # The server works in another folder; the same names give the same documents either way.
    absolute = [path.absolute() for path in paths]
    with handover.owning(settings.data_dir, lambda: terminal.say("cli.waiting")) as server:
        if server is None:
            with opened(settings) as vigie:
                return terminal.ingestion(
                    _ingesting(vigie, absolute, audience, publisher, source, terminal.language)
                )
        terminal.say("cli.handed_over", url=server.url)
        body = {
            "paths": [str(path) for path in absolute],
            "audience": audience.value,
            "publisher": publisher,
            "source": source,
        }
        events = handover.events(server, "/v1/ingest/paths", body, terminal.language)
        return terminal.ingestion(events)


def serve(settings: Settings, sample: bool) -> int:
    """Exit status of `vigie serve`, which ends on SIGINT or SIGTERM."""
    from vigie.ui.access import Access
    from vigie.ui.identity.store import Identities
    from vigie.ui.server import bound, create_app, run
    from vigie.ui.users_command import welcome

    logging.basicConfig(level=logging.WARNING, format=LOG_FORMAT)
    # The server library raises the signal again once it has ended: what follows must still run.
    signal.signal(signal.SIGTERM, _leave)
    terminal = Terminal(settings.language)
    with (
        handover.owning(settings.data_dir, lambda: terminal.say("cli.waiting")) as server,
        ExitStack() as announcement,
    ):
        if server:
            terminal.say("cli.already_serving", url=server.url)
            return FAILURE
        with bound(settings.host, settings.port) as socket, opened(settings) as vigie:
            if sample:
                _add_sample(vigie, terminal)
            welcome(settings, Identities(vigie.catalogue.database), terminal)
            token = handover.new_token()

            def ready(url: str) -> None:
                announcement.enter_context(handover.announced(settings.data_dir, url, token))
                terminal.ready(url)

            run(create_app(vigie, Access.of(settings, token)), socket, ready)
    return OK


def reindex(settings: Settings, model: str | None) -> int:
    """Exit status of `vigie reindex`: the whole index again, with the configured model or another.

    The former index stays whole until the new one is, then it is dropped.
    """
    from vigie.index.reindex import drop_former, reindex
    from vigie.ui.api.events import ingesting

    terminal = Terminal(settings.language)
    log_to_file(settings.data_dir)
    with handover.owning(settings.data_dir, lambda: terminal.say("cli.waiting")) as server:
        if server:
            terminal.say("cli.stop_first", url=server.url)
            return FAILURE
        with _parts(settings, model or settings.embedder) as (client, embedder, catalogue):
            steps = reindex(client, embedder, catalogue)
            status = terminal.ingestion(ingesting(step, terminal.language) for step in steps)
            drop_former(client)
    return status


@contextmanager
def _parts(settings: Settings, model: str) -> Iterator[tuple["Client", "Embedder", "Catalogue"]]:
    """What `build` joins, unjoined: an index of another model could not be opened whole."""
    from vigie.assistant.build import DATABASE, VECTORS
    from vigie.index.catalogue import Catalogue
    from vigie.index.embedders import load_embedder
    from vigie.index.stores import open_client

    key = settings.qdrant_api_key
    database = settings.database_url or f"sqlite:///{(settings.data_dir / DATABASE).resolve()}"
    with ExitStack() as stack:
        client = open_client(
            settings.data_dir / VECTORS,
            str(settings.qdrant_url) if settings.qdrant_url else None,
            key.get_secret_value() if key else None,
        )
        stack.callback(client.close)
        catalogue = stack.enter_context(closing(Catalogue(database)))
        yield client, load_embedder(model, threads=settings.threads), catalogue


def log_to_file(data_dir: Path) -> None:
    """A command tells a person what went wrong; the traces of how stay out of the way."""
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / LOG
    handler = RotatingFileHandler(
        path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8", delay=True
    )
    logging.basicConfig(level=logging.WARNING, format=LOG_FORMAT, handlers=[handler])


def _leave(signum: int, frame: object) -> None:
    raise SystemExit(OK)


@contextmanager
def opened(settings: Settings) -> Iterator["Vigie"]:
    """The assistant of a data folder that this process owns."""
    from vigie.assistant.build import build

    with closing(build(settings)) as vigie:
        yield vigie


def _answering(settings: Settings, question: str, language: str | None) -> Events:
    from vigie.assistant.answers import Caller
    from vigie.ui.api.events import answering

    with opened(settings) as vigie, asyncio.Runner() as runner:
        caller = Caller(Audience.STAFF, language)
        asked = aiter(vigie.assistant.ask(question, caller))

        async def following() -> Any:
            return await anext(asked, None)

        while event := runner.run(following()):
            yield answering(event, base="")


def _ingesting(
    vigie: "Vigie",
    paths: Sequence[Path],
    audience: Audience,
    publisher: str | None,
    source: str | None,
    language: str,
) -> Events:
    from vigie.ingest.reading import Defaults
    from vigie.ui.api.events import ingesting
    from vigie.ui.intake import intake

    for progress in intake(vigie, paths, source, Defaults(audience, publisher)):
        yield ingesting(progress, language)


def _add_sample(vigie: "Vigie", terminal: Terminal) -> None:
    from vigie.evals.dataset import sample_folder

    folder = sample_folder() / "corpus"
    terminal.ingestion(
        _ingesting(vigie, [folder], Audience.PUBLIC, None, SAMPLE, terminal.language)
    )
