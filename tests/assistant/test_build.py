"""Settings in, a working assistant out."""

import asyncio
from datetime import date
from pathlib import Path

from vigie.assistant.answers import Caller, Done
from vigie.assistant.build import build
from vigie.assistant.settings import Settings
from vigie.index.sync import ingest_documents
from vigie.ingest.documents import Document, Kind


def settings(folder: Path) -> Settings:
    return Settings(data_dir=folder / "new" / "base", embedder="demo", threads=1)


def test_the_data_folder_is_made_and_what_it_holds_outlives_the_process(tmp_path):
    vigie = build(settings(tmp_path))
    document = Document(
        "essai", "a", "Le siège du Réseau Alvéole est à Lille.", "Réseau", Kind.NOTE
    )
    parts = {"catalogue": vigie.catalogue, "index": vigie.index, "embedder": vigie.embedder}
    for _ in ingest_documents([document], **parts):
        pass
    vigie.close()

    async def ask() -> Done:
        again = build(settings(tmp_path), today=lambda: date(2026, 11, 24))
        try:
            asked = again.assistant.ask("Où est le siège du Réseau Alvéole ?", Caller())
            events = [event async for event in asked]
        finally:
            again.close()
        last = events[-1]
        assert isinstance(last, Done)
        return last

    assert "Lille" in asyncio.run(ask()).answer.text
