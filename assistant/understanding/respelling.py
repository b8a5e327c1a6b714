"""Words of a question that no passage holds, read as those that a slip of the keyboard parts them from.

A mistyped word is found nowhere: its question looks unanswered by the very passage that answers.
The passages found are the vocabulary, so nothing is read as a word that they do not hold.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from vigie.assistant.questions import FocusTerm, Question
from vigie.assistant.understanding.language import WORD
from vigie.assistant.understanding.spelling import one_slip
from vigie.index.lexical import families
from vigie.ingest.folding import fold

# Shorter words have too many neighbours; names are held to more, since « Sérac » is no « Sérat ».
WORD_LETTERS = 5
NAME_LETTERS = 6
LETTERS = re.compile(r"[^\W\d_]+")


def respelt(question: Question, texts: Iterable[str]) -> Question:
    """The same question, its unknown words given the known ones near them as alternatives.

    Never in place of the word: a synonym's credit is all that a guess should have.
    """
    known = Counter(word for text in texts for word in LETTERS.findall(fold(text)))
    stems = {stem for word in known for stem in families(word)}
    near = dict(_near(question, known, stems))
    if not near:
        return question
    terms = tuple(
        replace(term, alternatives=(*term.alternatives, *near.get(term.stem, ())))
        for term in question.focus_terms
    )
    return replace(question, focus_terms=terms)


def _near(
    question: Question, known: Counter[str], stems: set[str]
) -> Iterable[tuple[str, tuple[str, ...]]]:
    """For each stem of an unknown word, the stems of the commonest known word one slip away."""
    by_stem: dict[str, FocusTerm] = {term.stem: term for term in question.focus_terms}
    for match in WORD.finditer(question.asked):
        word = fold(re.split(r"['’]", match[0])[-1])
        for stem in families(word):
            term = by_stem.get(stem)
            if term is None or {stem, *term.alternatives} & stems:
                continue
            if len(word) < (NAME_LETTERS if term.name else WORD_LETTERS) or not word.isalpha():
                continue
            found = [other for other in known if one_slip(word, other)]
            if found:
                best = max(found, key=lambda other: (known[other], other))
                yield stem, tuple(families(best))
