"""The chunks that may answer a query, with the exact score of each on every side.

Two questions to the engine. The first lets words and meaning propose chunks; the second scores
what only one of them proposed, and the documents of all: a sum of which some terms are missing
is no ranking. Whole documents and titles propose nothing: with ten chunks more of either, not one
of 213 French questions found its document sooner.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qdrant_client import models

from vigie.index import points, sizing
from vigie.index.fusion import Found
from vigie.index.stores import Client, asked

Scored = dict[str, points.Point]


@dataclass(frozen=True, slots=True)
class Candidates:
    """What each side of the chunks proposed, each chunk as it was then, and the scores of all.

    A chunk deleted between the two questions is still told as it was: its new version is not among
    the candidates, and the document must not be absent while it is replaced.
    """

    proposed: Mapping[str, Scored]
    scored: Found

    def point(self, id_: str) -> points.Point:
        """With its payload, which is read in the first question: that costs a quarter of a
        millisecond for a hundred chunks, less than asking again for those that become hits."""
        return next(side[id_] for side in self.proposed.values() if id_ in side)

    def scores(self, id_: str) -> dict[str, float]:
        """Of the sides of the chunks; without the lexical one when it has none of the words."""
        sides = {points.LEXICAL: self.scored.lexical, points.DENSE: self.scored.dense}
        return {side: found[id_] for side, found in sides.items() if id_ in found}


def propose(
    client: Client, collection: str, sides: Mapping[str, Any], chosen: models.Filter, depth: int
) -> dict[str, Scored]:
    """Chunks by id, best first, for each side of theirs: all in one round trip."""
    requests = {
        side: models.QueryRequest(
            query=sides[side],
            using=side,
            filter=chosen,
            limit=depth,
            with_payload=True,
            params=sizing.SEARCH,
        )
        for side in points.OF_CHUNKS
        if side in sides
    }
    return _ask(client, collection, requests)


def candidates(
    client: Client, collection: str, sides: Mapping[str, Any], chosen: models.Filter, depth: int
) -> Candidates:
    """The audience narrows each side, so that hidden chunks take nobody's place."""
    found = propose(client, collection, sides, chosen, depth)
    documents = {
        id_: points.document_id(point) for side in found.values() for id_, point in side.items()
    }
    missing = {side: [id_ for id_ in documents if id_ not in found[side]] for side in found}
    whole = sorted(set(documents.values()))
    missing |= {side: whole for side in points.OF_DOCUMENTS if side in sides}
    requests = {
        side: models.QueryRequest(
            query=sides[side],
            using=side,
            filter=points.among(chosen, ids),
            limit=len(ids),
            with_payload=False,
            params=sizing.SEARCH,
        )
        for side, ids in missing.items()
        if ids
    }
    scores = {side: _scores(answer) for side, answer in found.items()}
    for side, answer in _ask(client, collection, requests).items():
        scores[side] = scores.get(side, {}) | _scores(answer)
    return Candidates(found, Found(documents, **scores))


def _ask(
    client: Client, collection: str, requests: Mapping[str, models.QueryRequest]
) -> dict[str, Scored]:
    if not requests:
        return {}
    answers = asked(client, collection, list(requests.values()))
    return {
        side: {str(point.id): point for point in answer.points}
        for side, answer in zip(requests, answers, strict=True)
    }


def _scores(found: Scored) -> dict[str, float]:
    return {id_: point.score for id_, point in found.items()}
