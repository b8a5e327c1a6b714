"""What a round would do, told without doing it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from vigie.index.catalogue import Catalogue
from vigie.index.progress import Change, Progress
from vigie.index.prune import departures, is_suspicious, lost, still_there, total
from vigie.index.rounds import Fetching, Round, fetching
from vigie.index.sync import fingerprint
from vigie.ingest.errors import VigieError
from vigie.ingest.sources.declarations import Declaration
from vigie.ingest.sources.offers import Copy, Gone, Listing, Offer, Same, Unread


def rehearse(
    sources: Sequence[Declaration],
    *,
    catalogue: Catalogue,
    confirm: bool = False,
    fetching: Fetching = fetching,
    copies: Path | None = None,
) -> Iterator[Progress]:
    """As `rounds.sync`, file by file; pages are asked for, but nothing is read or written.

    Rows that would leave a table are not known before it is read.
    """
    for declared in sources:
        yield from Rehearsal(Round(declared, catalogue, fetching, copies)).told(confirm)


class Rehearsal:
    """One source's turn, on paper."""

    def __init__(self, turn: Round) -> None:
        self._turn = turn
        self._known = turn.catalogue.ledger.origins(turn.name)
        self._present: dict[str, str | None] = {}
        self._gone: set[str] = set()
        self._whole = False
        self._progress = Progress(0, 0, 0, 0, 0, 0.0, "", source=turn.name)

    def told(self, confirm: bool) -> Iterator[Progress]:
        """One progress for each file, then for each that would leave, then the whole."""
        broken: VigieError | None = None
        try:
            with self._turn.offers() as offers:
                for offer in offers:
                    if progress := self._weighed(offer):
                        yield progress
        except VigieError as error:
            broken, self._whole = error, False
        yield from self._leaving(confirm)
        last = replace(self._progress, current=self._turn.name, change=None)
        yield replace(last, error=broken, change=Change.FAILED) if broken else last

    def _weighed(self, offer: Offer) -> Progress | None:
        match offer:
            case Listing(count, whole):
                self._whole = whole
                self._count(found=count - self._progress.found)
                return None
            case Gone(origin):
                self._gone.add(origin)
                return None
            case Unread(origin, error):
                self._present[origin] = self._known.get(origin)
                return replace(self._count(origin, Change.FAILED, done=1, failed=1), error=error)
            case Same(origin):
                self._present[origin] = self._known.get(origin)
                return self._count(origin, Change.UNCHANGED, done=1, unchanged=1)
            case Copy(origin):
                self._present[origin] = fingerprint(offer)
                offer.discard()
                if self._present[origin] == self._known.get(origin):
                    return self._count(origin, Change.UNCHANGED, done=1, unchanged=1)
                if origin in self._known:
                    return self._count(origin, Change.CHANGED, done=1, changed=1)
                return self._count(origin, Change.NEW, done=1, new=1)

    def _leaving(self, confirm: bool) -> Iterator[Progress]:
        name, catalogue = self._turn.name, self._turn.catalogue
        rest = still_there(self._known, self._present, self._gone, self._whole)
        found = departures(self._known, rest | self._present)
        # Their new places were counted as new when they were met.
        self._count(new=-len(set(found.moved.values()) - set(self._known)))
        for former in found.moved:
            yield self._count(former, Change.MOVED, moved=1)
        count = lost(found, catalogue, name)
        held = is_suspicious(count, total(catalogue, name)) and not confirm
        for origin in found.gone:
            yield self._count(origin, Change.HELD if held else Change.REMOVED)
        self._count(held=count) if held else self._count(removed=count)

    def _count(self, current: str = "", change: Change | None = None, **more: int) -> Progress:
        counts = {name: getattr(self._progress, name) + count for name, count in more.items()}
        now = replace(self._progress, current=current, change=change, **counts)
        self._progress = replace(now, found=max(now.found, now.done))
        return self._progress
