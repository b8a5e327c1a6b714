"""BM25 as one would set it up for French in an afternoon: bm25s with the Snowball stemmer.

Lù, "BM25S: Orders of magnitude faster lexical search via eager sparse scoring" (2024).
"""

from collections.abc import Callable, Sequence

import bm25s  # type: ignore[import-untyped]
import numpy as np
import Stemmer  # type: ignore[import-not-found]

from vigie.evals.corpora import Opened
from vigie.evals.dataset import Item
from vigie.evals.systems import Passage, depth
from vigie.ingest.documents import Audience
from vigie.ingest.folding import fold

LANGUAGE = "french"


class Bm25:
    """Texts with their audience, under the library's own parameters and tokens.

    `folding` takes the accents off the stems, so that a question typed without them finds more.
    """

    def __init__(
        self, texts: Sequence[str], audiences: Sequence[Audience], folding: bool = False
    ) -> None:
        self._audiences = audiences
        self._stem = _folded_stems if folding else Stemmer.Stemmer(LANGUAGE).stemWords
        self._index = bm25s.BM25()
        self._index.index(self._tokens(texts), show_progress=False)

    def ranked(self, text: str, audience: Audience, count: int) -> list[int]:
        """Places of the texts that share a word with `text` and that its asker may see."""
        visible = np.array([other in audience.sees for other in self._audiences])
        rows, scores = self._index.retrieve(
            self._tokens([text]),
            k=min(count, len(self._audiences)),
            weight_mask=visible.astype(np.float32),
            show_progress=False,
        )
        return [int(row) for row, score in zip(rows[0], scores[0], strict=True) if score]

    def _tokens(self, texts: Sequence[str]) -> "bm25s.tokenization.Tokenized":
        return bm25s.tokenize(
            list(texts), stopwords=LANGUAGE, stemmer=self._stem, show_progress=False
        )


def _folded_stems(words: Sequence[str]) -> list[str]:
    stemmed: Callable[[Sequence[str]], list[str]] = Stemmer.Stemmer(LANGUAGE).stemWords
    return [fold(stem) for stem in stemmed(words)]


class WholeDocuments:
    """One passage for each document: its title and its text."""

    def __init__(self, opened: Opened, folding: bool) -> None:
        self._corpus = list(opened.documents())
        self._locations = opened.locations
        texts = [f"{document.title}\n{document.text}" for document in self._corpus]
        audiences = [document.audience for document in self._corpus]
        self._index = Bm25(texts, audiences, folding)

    def search(self, item: Item) -> list[Passage]:
        """Best first."""
        places = self._index.ranked(item.question, item.audience, depth(item))
        found = (self._corpus[place] for place in places)
        return [Passage(self._locations[document.id], document.text) for document in found]


def bm25(opened: Opened) -> WholeDocuments:
    """Built at each run: about three seconds for ten million characters."""
    return WholeDocuments(opened, folding=False)


def folded(opened: Opened) -> WholeDocuments:
    """The same without accents."""
    return WholeDocuments(opened, folding=True)
