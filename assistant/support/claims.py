"""A sentence to verify: what it states, and the words that tell what it is about."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from vigie.assistant.support.facts import Name, addresses, names
from vigie.assistant.support.polarity import Polarity, polarity, stated_spans
from vigie.assistant.support.quantities import TEXTS_KEPT, Day, Quantity, figures, rates
from vigie.index.lexical import families

# Content words that a part of a sentence needs to be verified by itself.
PART_WORDS = 2
JOINT = re.compile(r"\s*(?:;|,? (?:tandis que|alors que|mais|while|but)|, (?:et|and)) ")

# Words that report, point or hedge: no passage needs to hold them.
LIGHT_WORDS = """
    partie compte compter figure figurer indique indiquer précise préciser explique expliquer permet
    permettre concerne concerner élève élever établit établir agit agir document passage source
    texte date structure existe exister désormais actuellement hauteur montant total durée cause
    nécessaire pourra pourront pourrait pourraient devra devront devrait maximum maximal maximale
    minimum minimal minimale environ
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence to verify, read once whatever the number of hits."""

    text: str
    content: tuple[str, ...]
    name_stems: tuple[str, ...]
    quantities: tuple[Quantity, ...]
    days: tuple[Day, ...]
    names: tuple[Name, ...]
    addresses: tuple[str, ...]
    rates: frozenset[str]
    polarity: Polarity

    @property
    def empty(self) -> bool:
        """True when the sentence says nothing that could be verified."""
        return not (self.content or self.quantities or self.days or self.names or self.addresses)


@cache
def _light() -> frozenset[str]:
    return frozenset(families(LIGHT_WORDS))


@lru_cache(maxsize=TEXTS_KEPT)
def read_claim(sentence: str) -> Claim:
    """What a sentence states; words of names and figures are not counted among its content."""
    read = figures(sentence)
    spans = [(q.start, q.end) for q in read.quantities] + [(d.start, d.end) for d in read.days]
    words = _blanked(sentence, spans)
    named = names(words)
    named_stems = {stem for name in named for part in name.parts for stem in families(part)}
    unstated = _blanked(words, stated_spans(sentence))
    content = [term for term in families(unstated) if term not in named_stems]
    return Claim(
        text=sentence,
        content=tuple([term for term in content if term not in _light()] or content),
        name_stems=tuple(named_stems),
        quantities=read.quantities,
        days=read.days,
        names=named,
        addresses=addresses(sentence),
        rates=rates(sentence),
        polarity=polarity(sentence),
    )


def _blanked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    characters = list(text)
    for start, end in spans:
        characters[start:end] = " " * (end - start)
    return "".join(characters)


def parts(sentence: str) -> list[str]:
    """The statements that a sentence joins, one alone when it joins none."""
    found: list[str] = []
    for piece in JOINT.split(sentence):
        if found and len(read_claim(piece).content) < PART_WORDS:
            found[-1] += f", {piece}"
        else:
            found.append(piece)
    return found
