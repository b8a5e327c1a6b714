"""Words typed wrong: the nearest word of the corpus, where there is one that is near enough.

A correction is added to a question and replaces nothing, so that a rare word taken for a wrong one
still finds its documents.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from vigie.index.lexical import TOKEN, fold, normalise
from vigie.index.stopwords import STOPWORDS

# Shorter words have too many neighbours (« belge » and « belle »). One wrong letter in a word of six
# or more in each of 213 questions took hit@5 from .799 to .700; corrections gave .779, and changed
# nothing for the questions as they were written.
LEAST_LETTERS = 6
# Words remembered of a document: of its title and headings, then those that its text repeats. So
# kept, 21 a document gave as much as all its 110 on articles and programmes, and three fifths as
# much in an encyclopaedia, whose titles are names.
WORDS_KEPT = 40
REPEATED = 2


def noted(title: str, text: str) -> list[str]:
    """Words that a question about a document may be made of, folded, each once."""
    headings = "\n".join(line for line in text.splitlines() if line.startswith("#"))
    named = dict.fromkeys(_words(f"{title}\n{headings}"))
    counts = Counter(_words(text))
    repeated = (word for word, count in counts.most_common() if count >= REPEATED)
    return list(dict.fromkeys([*named, *repeated]))[:WORDS_KEPT]


def _words(text: str) -> list[str]:
    """Those long enough to be corrected or, with a letter less, to be a correction."""
    found = (fold(word) for word in TOKEN.findall(normalise(text)) if word.isalpha())
    return [word for word in found if len(word) >= LEAST_LETTERS - 1 and word not in STOPWORDS]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words of a corpus by initial and length, with how many documents note each."""

    words: Mapping[str, int] = field(default_factory=dict)
    alike: Mapping[tuple[str, int], Sequence[str]] = field(default_factory=dict)

    def corrections(self, text: str) -> dict[str, str]:
        """Words of a question that are not noted, each with the nearest that is.

        Nearest is one letter more, less, other, or exchanged with the next, never the first one
        (mistyped least); among several, the one of most documents.
        """
        found: dict[str, str] = {}
        for word in _words(text):
            if len(word) >= LEAST_LETTERS and word not in self.words:
                near = [
                    other
                    for length in (len(word) - 1, len(word), len(word) + 1)
                    for other in self.alike.get((word[0], length), ())
                    if one_edit(word, other)
                ]
                if near:
                    found[word] = max(near, key=lambda other: (self.words[other], other))
        return found


def vocabulary(words: Iterable[tuple[str, int]]) -> Vocabulary:
    """From words as `noted` gives them, each with how many documents note it."""
    counts = dict(words)
    alike: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for word in counts:
        alike[word[0], len(word)].append(word)
    return Vocabulary(counts, dict(alike))


def one_edit(word: str, other: str) -> bool:
    """Whether one insertion, deletion, substitution or exchange of neighbours makes the other."""
    start = next((i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), None)
    if start is None:
        return abs(len(word) - len(other)) == 1
    left, right = word[start:], other[start:]
    if len(left) != len(right):
        return left[1:] == right or left == right[1:]
    exchanged = left[:2] == right[1::-1] and left[2:] == right[2:]
    return left[1:] == right[1:] or exchanged
