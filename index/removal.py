"""Documents taken out of catalogue and index; what stands elsewhere too is handed on, not lost.

Only the first place of a document holds its chunks. When it leaves, or says something else, one
of the copies becomes a document of its own with the same text, before anything is taken away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from vigie.index.catalogue import Catalogue
from vigie.index.copies import OWN, identity
from vigie.index.search import Index
from vigie.ingest.chunking import chunks
from vigie.ingest.documents import Audience, Document

# Documents encoded and recorded together.
BATCH = 16


def take_out(ids: Sequence[str], catalogue: Catalogue, index: Index) -> None:
    """Nothing happens for ids that are not there.

    The index comes first: a document is never found without being known. The ids of documents
    that stand elsewhere lead there from now on.
    """
    originals = catalogue.copies.originals(ids)
    catalogue.ledger.move({id_: home for id_, home in originals.items() if home not in set(ids)})
    heirs = catalogue.copies.heirs(ids, but=ids)
    catalogue.ledger.move({former: heir["id"] for former, heir in heirs.items()})
    hand_on(heirs, catalogue, index)
    for document_id in ids:
        # Should the file come back before this is done, it must be indexed again.
        catalogue.doubt([document_id])
        index.remove(document_id)
        catalogue.remove(document_id)


def set_free(changed: Sequence[Document], catalogue: Catalogue, index: Index) -> None:
    """Hands on what these documents held until now, where their copies still say it."""
    new = {document.id: document for document in changed}
    heirs = catalogue.copies.heirs(new.keys(), but=new.keys())
    held = {id_: catalogue.get(id_, Audience.STAFF) for id_ in heirs}
    left = {id_ for id_, old in held.items() if old and identity(old) != identity(new[id_])}
    hand_on({id_: heir for id_, heir in heirs.items() if id_ in left}, catalogue, index)


def hand_on(heirs: Mapping[str, Any], catalogue: Catalogue, index: Index) -> None:
    """Makes each heir, the row of a copy, a document with the text of the one that it is of."""
    waiting = iter(heirs.items())
    while some := dict(islice(waiting, BATCH)):
        _hand_on(some, catalogue, index)


def _hand_on(heirs: Mapping[str, Any], catalogue: Catalogue, index: Index) -> None:
    embedder, ledger = index.embedder, catalogue.ledger
    made = []
    for former, heir in heirs.items():
        held = catalogue.get(former, Audience.STAFF)
        if held is not None:
            document = replace(held, **{name: heir[name] for name in OWN})
            parts = chunks(document, embedder.budget, embedder.count)
            made.append((document, parts, heir["origin"]))
    prints = {
        (document.source, origin): ledger.fingerprint(document.source, origin)
        for document, _, origin in made
    }
    catalogue.doubt([document.id for document, _, _ in made])
    index.add_all([(document, parts) for document, parts, _ in made])
    catalogue.put_all(
        [(document, len(parts), origin) for document, parts, origin in made],
        heirs={former: heir["id"] for former, heir in heirs.items()},
    )
    # Their files have not changed: they need not be read again.
    for (source, origin), print_ in prints.items():
        if print_ is not None:
            catalogue.settle(source, origin, print_)
