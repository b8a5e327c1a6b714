"""What a hit's score is made of, and how much each part counts.

Measured with the packaged model over 213 French questions of three kinds (paraphrased, citizens',
short) on 17,391 chunks, and over 500 on an encyclopaedia. nDCG@10, mean of the kinds, then the
encyclopaedia: all parts .662 and .959; without `document` .645 and .945, `titles` .655 and .959,
`dense` .663 and .958 (but lists of programmes .124 instead of .142), acronyms .654 and .959,
`lexical` .576 and .824. Half of `document`, `dense` from .3 to .8 and `titles` at .3 were no better.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ranking:
    """Weights of what is summed, in the unit of the best lexical score; 0 leaves a part out.

    `lexical` is BM25 of the chunk, its title and its headings; `document` is BM25 of the whole
    document; `dense` and `titles` are cosines of the question with the chunk and with the title.
    `expansion` is what a term of an acronym's long form counts beside a term asked, `contraction`
    what the acronym counts when its long form is asked, `typos` what the nearest word of the corpus
    counts beside one that is not in it. `candidates` is how many chunks each side
    proposes, `spread` the share of the hits that are the first of their document, `per_document`
    how many hits one document may have before all others, 0 for any number.
    """

    lexical: float = 1.0
    document: float = 1.0
    dense: float = 0.5
    titles: float = 0.2
    expansion: float = 0.4
    contraction: float = 0.6
    typos: float = 1.0
    # 50 and 100 found no more; 50 took 2 ms more of processor.
    candidates: int = 30
    # Of ten hits, five of five documents: hit@5 .803 instead of .750 (.774 for three), and the
    # first five hits keep every passage; seven lost some.
    spread: float = 0.5
    # Caps cost passages of the right document: passage@5 .920 with 3, .894 with 2, without .940.
    per_document: int = 0


RANKING = Ranking()
