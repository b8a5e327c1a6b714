"""What sort of answer a question asks for, from the words with which people really ask it."""

import re
import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files

from vigie.ingest.folding import fold


class QuestionKind(StrEnum):
    """The sort of fact that answers a question."""

    WHO = "who"
    WHEN = "when"
    WHERE = "where"
    HOW_MANY = "how_many"
    HOW_MUCH = "how_much"
    DURATION = "duration"
    WHY = "why"
    HOW = "how"
    DEFINITION = "definition"
    YES_NO = "yes_no"
    LIST = "list"
    PROGRAMME = "programme"
    OTHER = "other"


# Only a question of these kinds asks for all the items there are.
LISTABLE = frozenset({QuestionKind.LIST, QuestionKind.PROGRAMME, QuestionKind.OTHER})


@cache
def _turns() -> tuple[tuple[tuple[QuestionKind, re.Pattern[str]], ...], re.Pattern[str]]:
    """The patterns of each kind, in order, and those that ask for every item."""
    path = files("vigie.assistant") / "data" / "question_kinds.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))

    def compiled(patterns: list[str]) -> re.Pattern[str]:
        joined = "|".join(patterns)
        for name, words in data["words"].items():
            joined = joined.replace(f"<{name}>", words)
        return re.compile(joined)

    kinds = tuple((QuestionKind(k["name"]), compiled(k["patterns"])) for k in data["kinds"])
    return kinds, compiled(data["every"]["patterns"])


def kind_of(asked: str) -> QuestionKind:
    """The kind whose turn of phrase comes first, OTHER for keywords and for what is not known.

    "Pourquoi la date a-t-elle changé" asks why.
    """
    plain = plain_question(asked)
    kinds, _ = _turns()
    found = [(match.start(), kind) for kind, p in kinds if (match := p.search(plain))]
    return min(found, key=lambda pair: pair[0])[1] if found else QuestionKind.OTHER


def clause(asked: str, kind: QuestionKind) -> str:
    """The question from its turn of phrase on: what a person tells of itself first is left out."""
    kinds, _ = _turns()
    folded = fold(asked)
    starts = [match.start() for name, p in kinds if name is kind and (match := p.search(folded))]
    return asked[min(starts) :] if starts else asked


def wants_list(asked: str, kind: QuestionKind) -> bool:
    """Whether every item is wanted ("quelles pièces…") rather than one fact."""
    _, every = _turns()
    return kind in LISTABLE and bool(every.search(plain_question(asked)))


def plain_question(asked: str) -> str:
    """Folded words of a question; "où", which folding would confuse with "ou", is spelt out."""
    spelt = re.sub(r"\b[Oo][ùÙ]\b|\bOÙ\b", "à quel endroit", asked)
    return " ".join(fold(spelt).split())
