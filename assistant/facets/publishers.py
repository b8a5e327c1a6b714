"""Publishers of the catalogue that a question names, by name, acronym or distinctive part."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vigie.ingest.folding import fold

ACRONYM = re.compile(r"\(([^()]{2,12})\)")
# First words that many organisations share: "Alvéole" stands for "Réseau Alvéole" where no other
# publisher ends so.
GENERIC = re.compile(
    r"^(?:(?:l[ae]s? |l'|the )?(?:reseau|fondation|federation|association|observatoire|comptoir|"
    r"ministere|agence|institut|centre|collectif|union|conseil|caisse|revue|journal|network|"
    r"foundation)(?: national\w*| francais\w*)?(?: (?:de la|de l'|des|du|de|d'|of the|of))? ?"
    r"|(?:l[ae]s? |l'|the ))"
)


@dataclass(frozen=True, slots=True)
class Named:
    """A publisher named by characters `at` to `to` of a question: the catalogue's own spellings."""

    names: tuple[str, ...]
    at: int
    to: int


def named(asked: str, publishers: Sequence[str]) -> Iterator[Named]:
    """The longest names first, none inside another; what could mean two publishers means none."""
    folded = fold(asked)
    taken: list[tuple[int, int]] = []
    known = _by_wording(publishers)
    for wording in sorted(known, key=len, reverse=True):
        for match in re.finditer(rf"(?<![\w-]){re.escape(wording)}(?![\w-])", folded):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            taken.append(match.span())
            yield Named(known[wording], *match.span())


def _by_wording(publishers: Sequence[str]) -> dict[str, tuple[str, ...]]:
    whole: dict[str, list[str]] = {}
    for name in publishers:
        whole.setdefault(" ".join(fold(name).split()), []).append(name)
    shorter: dict[str, set[str]] = {}
    for folded in whole:
        for wording in _shorter(folded):
            shorter.setdefault(wording, set()).add(folded)
    found = {folded: tuple(names) for folded, names in whole.items() if folded}
    for wording, of in shorter.items():
        if len(of) == 1 and wording not in found:
            found[wording] = tuple(whole[next(iter(of))])
    return found


def _shorter(folded: str) -> Iterator[str]:
    """An acronym in brackets, the name without it, and the name without its generic first word."""
    yield from ACRONYM.findall(folded)
    bare = ACRONYM.sub("", folded).strip()
    yield bare
    rest = GENERIC.sub("", bare)
    if len(rest) > 2:
        yield rest
