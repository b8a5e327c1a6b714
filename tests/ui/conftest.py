"""A real assistant over a handful of tiny documents, served over real HTTP."""

import asyncio
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from vigie.assistant.build import Vigie, build
from vigie.assistant.settings import Settings
from vigie.ingest.chunking import chunks
from vigie.ingest.documents import Audience, Document, Kind, Place, PlaceKind, Programme
from vigie.ui.access import Access
from vigie.ui.server import create_app

STAFF_KEY, PARTNER_KEY, RUN_TOKEN = "cle-du-personnel", "cle-du-partenaire", "jeton-du-serveur"

TEXT = """## Le Fonds Rivage

Le Fonds Rivage a été créé en 2017 par la coopérative Lumen, à Brest. Il a soutenu 128 associations.

- Il finance l’équipement numérique des associations.
- Il accompagne les bénévoles.

| Année | Montant |
| --- | --- |
| 2023 | 310 000 € |
| 2024 | 420 000 € |

Les dossiers se déposent en ligne."""

PUBLIC = Document(
    source="essai",
    location="rivage.html",
    text=TEXT,
    title="Bilan du Fonds Rivage",
    kind=Kind.REPORT,
    publisher="Observatoire Estran",
    published=date(2024, 2, 1),
    url="https://rivage.example/bilan",
    places=(Place(0, PlaceKind.PAGE, "1"), Place(150, PlaceKind.PAGE, "2")),
)
HIDDEN = Document(
    source="essai",
    location="note.html",
    text="Le projet Bernacle prévoit la fusion du Fonds Rivage avec la Fondation Ressac en 2027.",
    title="Note interne Bernacle",
    kind=Kind.NOTE,
    audience=Audience.STAFF,
)
HOSTILE = Document(
    source="essai",
    location="hostile.html",
    text="Le phare d’Ouessant a été bâti en 1695 <script>window.pwned = 1</script> "
    '<img src="https://evil.example/p.png" onerror="pwned()">. '
    "[Cliquez](javascript:alert(1)) ![x](https://evil.example/q.png)",
    title='Phare "><script>window.pwned = 2</script>',
    kind=Kind.ARTICLE,
    url="javascript:alert(3)",
)
PROGRAMME = Document(
    source="essai",
    location="programmes.csv#vague-numerique",
    text="Vague numérique : financement des outils numériques des associations bretonnes.",
    title="Vague numérique",
    kind=Kind.PROGRAMME,
    record=Programme(
        name="Vague numérique",
        funder="Fonds Rivage",
        beneficiaries=("associations",),
        territories=("Bretagne",),
        closes=date(2030, 6, 30),
    ),
)
DOCUMENTS = (PUBLIC, HIDDEN, HOSTILE, PROGRAMME)


def settings_in(folder: Path, **values: Any) -> Settings:
    given: dict[str, Any] = {"data_dir": folder, "embedder": "demo", "threads": 1}
    given |= {"staff_key": STAFF_KEY, "partner_key": PARTNER_KEY}
    return Settings(**given | values)


@pytest.fixture(scope="session")
def vigie(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vigie]:
    built = build(settings_in(tmp_path_factory.mktemp("var")))
    for document in DOCUMENTS:
        cut = chunks(document, built.embedder.budget, built.embedder.count)
        built.index.add(document, cut)
        built.catalogue.put(document, len(cut))
    yield built
    built.close()


async def application(vigie: Vigie) -> FastAPI:
    """Inside a running loop: outside one, Gradio makes loops of its own and never closes them."""
    return create_app(vigie, Access.of(vigie.settings, RUN_TOKEN))


@pytest.fixture(scope="session")
def address(vigie: Vigie) -> Iterator[str]:
    app = asyncio.run(application(vigie))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    # The chat's library hides the warnings of its own imports. That state is the whole process's,
    # and each test sets it anew: begun during one test, the import must not go on into the next.
    assert httpx.get(f"{address}/chat/", timeout=60, trust_env=False).status_code == 200
    yield address
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=30, trust_env=False) as opened:
        yield opened


@pytest.fixture
def staff(address: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {STAFF_KEY}"}
    with httpx.Client(base_url=address, timeout=30, headers=headers, trust_env=False) as opened:
        yield opened


@pytest.fixture
def public() -> Document:
    return PUBLIC


@pytest.fixture
def hidden() -> Document:
    return HIDDEN


@pytest.fixture
def hostile() -> Document:
    return HOSTILE


@pytest.fixture
def programme() -> Document:
    return PROGRAMME


@pytest.fixture
def run_token() -> str:
    return RUN_TOKEN
