"""What leaves the index because its source no longer has it, and what may not leave unasked.

A listing that comes back short is more often a fault than a decision: a disk that is not mounted,
a site being rebuilt, an export cut off. Then nothing leaves until a person confirms.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from vigie.index.batch import Settlement
from vigie.index.catalogue import Catalogue
from vigie.index.removal import take_out
from vigie.index.search import Index

# Associations take down a few pages a week, and rarely a section of their site: a third at once
# is worth a question. Below five documents the question would be asked too often.
LARGEST_LOSS = 0.3
FEWEST_HELD = 5


@dataclass(frozen=True, slots=True)
class Departures:
    """Origins that are not there any more, and the documents that leave the others.

    `moved` leads from an origin to one that is there with the same content; `rows` are the files
    that lost some of their documents.
    """

    moved: Mapping[str, str]
    gone: Sequence[str]
    rows: Sequence[Settlement] = ()


def still_there(
    known: Mapping[str, str | None],
    offered: Collection[str],
    gone: Collection[str],
    whole: bool,
) -> dict[str, str | None]:
    """The known origins that are not gone, as far as a listing tells that was `whole` or not."""
    return {
        origin: print_
        for origin, print_ in known.items()
        if origin in offered or not (whole or origin in gone)
    }


def departures(
    known: Mapping[str, str | None],
    present: Mapping[str, str | None],
    rows: Sequence[Settlement] = (),
) -> Departures:
    """`known` and `present` lead from origins to fingerprints, None where there is none."""
    homes: dict[str, list[str]] = {}
    for origin, print_ in sorted(present.items()):
        if print_:
            homes.setdefault(print_, []).append(origin)
    vanished = [origin for origin in known if origin not in present]
    moved: dict[str, str] = {}
    for origin in vanished:
        if places := homes.get(known[origin] or ""):
            name = origin.rpartition("/")[2]
            home = min(places, key=lambda place: place.rpartition("/")[2] != name)
            moved[origin] = home
            # Two files of the same words have moved to two places.
            if len(places) > 1:
                places.remove(home)
    return Departures(moved, [origin for origin in vanished if origin not in moved], rows)


def lost(found: Departures, catalogue: Catalogue, source: str) -> int:
    """Documents that the source would not have any more, copies among them."""
    gone = sum(len(catalogue.from_origin(source, origin)) for origin in found.gone)
    return gone + sum(len(item.leaving) for item in found.rows)


def is_suspicious(count: int, before: int) -> bool:
    """Whether the loss of so many of the documents that a source had wants a confirmation."""
    return count >= FEWEST_HELD and count > LARGEST_LOSS * before


def total(catalogue: Catalogue, source: str) -> int:
    """Documents of a source, of every audience; a copy counts where it stands."""
    return len(catalogue.ledger.documents(source))


def settle_moves(found: Departures, catalogue: Catalogue, index: Index, source: str) -> None:
    """The documents of moved files leave their former places, and their ids lead to the new ones.

    The links come first: whatever interrupts this, no reader's link is lost.
    """
    ledger = catalogue.ledger
    leaving: list[str] = []
    ids: dict[str, str] = {}
    for former, home in found.moved.items():
        there = ledger.located(source, home)
        before = ledger.located(source, former)
        leaving += before.values()
        ids |= {
            id_: there[home + location.removeprefix(former)]
            for location, id_ in before.items()
            if home + location.removeprefix(former) in there
        }
    ledger.move(ids)
    take_out(leaving, catalogue, index)
    for former in found.moved:
        ledger.forget(source, former)


def prune(found: Departures, catalogue: Catalogue, index: Index, source: str) -> None:
    """Removes what is gone, from the index first: it is never found without being known.

    The files of `rows` are then to be settled.
    """
    leaving = [id_ for origin in found.gone for id_ in catalogue.from_origin(source, origin)]
    take_out(leaving + [id_ for item in found.rows for id_ in item.leaving], catalogue, index)
    for origin in found.gone:
        catalogue.ledger.forget(source, origin)
