"""`python -m vigie.evals.whiten --data FOLDER…`: fits the whitening of the packaged model.

What is shipped (`index/data/all-MiniLM-L6-v2.npz`) was fitted on the passages and the titles of the
development corpora: French public services, labour law, data protection, aid programmes, reports
and Wikipedia. No question went into it, and of the texts nothing is left but their mean and how
they spread. With `--output` the same is made for any other texts, with or without questions.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from vigie.assistant.settings import Settings
from vigie.evals.benches import benches
from vigie.evals.dataset import load_corpus
from vigie.evals.vectors import KeptVectors
from vigie.index import sentence_transformer, whitening
from vigie.index.embedders import load_embedder
from vigie.ingest.chunking import chunks, embedded_text
from vigie.ingest.documents import Document

COMMAND = "python -m vigie.evals.whiten"


def texts(documents: Iterator[Document], embedder: KeptVectors) -> Iterator[str]:
    """What an index of these documents encodes: each passage, and each title."""
    for document in documents:
        for chunk in chunks(document, embedder.budget, embedder.count):
            yield embedded_text(document, chunk.heading_path, chunk.text)
        yield document.title


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the file and says how many texts it comes from."""
    parser = argparse.ArgumentParser(prog=COMMAND)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=sentence_transformer.WHITENING)
    chosen = parser.parse_args(arguments)
    chosen.work.mkdir(parents=True, exist_ok=True)
    embedder = KeptVectors(load_embedder("packaged", threads=Settings().threads), chosen.work)
    corpora = {bench.corpus for folder in chosen.data for bench in benches(folder)}
    found = [
        text
        for corpus in sorted(corpora)
        if corpus.is_file()
        for text in texts(load_corpus(corpus), embedder)
    ]
    whitening.fit(embedder.embed_documents(found)).write(chosen.output)
    sys.stdout.write(f"{chosen.output}: {len(found)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
