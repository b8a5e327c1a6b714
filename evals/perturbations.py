"""The same questions as other people would have written them: capitals, typos, SMS, stories.

Every perturbation is a rule, drawn with a seed of its own for each question: the same questions
always give the same texts. Its words are in `data/perturbations.toml`.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from vigie.assistant.questions import language_of
from vigie.evals.dataset import KINDS_APART, Item, sample_folder
from vigie.index.stopwords import STOPWORDS

SEED = 1901
# A word long enough that one wrong letter leaves it readable; shorter ones are seldom mistyped.
TYPED_LENGTH = 5
# A second typo from this many content words on.
LONG_QUESTION = 8
# Sentences of a life told before a question; one time in five, one more follows it.
LIVES = (1, 3)
AFTERWARDS = 0.2
WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Perturbed:
    """`text` asks what the items asked: all of them have to be served."""

    text: str
    items: tuple[Item, ...]


@cache
def _words(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(sample_folder()) / f"{name}.toml").read_text(encoding="utf-8"))


def perturbed(items: Iterable[Item]) -> dict[str, list[Perturbed]]:
    """Each perturbation with the texts that it changed; none where it applies to no question.

    English questions and kinds told apart in averages are left out.
    """
    items = [one for one in items if one.kind not in KINDS_APART]
    french = [one for one in items if language_of(one.question) != "en"]
    found = {
        name: [
            Perturbed(text, (item,))
            for item in french
            if (text := rule(item.question, _draw(name, item))) != item.question
        ]
        for name, rule in RULES.items()
    }
    found["joined"] = list(_joined(french))
    found["english"] = list(_english(items))
    return {name: texts for name, texts in found.items() if texts}


def _draw(name: str, item: Item) -> Random:
    return Random(f"{SEED}/{name}/{item.id}")


def unaccented(text: str, _: Random) -> str:
    """Letters without accents, ligatures in two letters; everything else stays."""
    text = text.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae")
    parts = unicodedata.normalize("NFD", text)
    return "".join(part for part in parts if not unicodedata.combining(part))


def capitals(text: str, draw: Random) -> str:
    """Shouted, without accents."""
    return unaccented(text, draw).upper()


def typos(text: str, draw: Random) -> str:
    """One or two content words with a letter missing, doubled by a neighbour, changed or swapped."""
    content = [
        match
        for match in WORD.finditer(text)
        if len(match[0]) >= TYPED_LENGTH and unaccented(match[0], draw).lower() not in STOPWORDS
    ]
    count = min(len(content), 2 if len(content) >= LONG_QUESTION else 1)
    for match in sorted(draw.sample(content, count), key=lambda one: -one.start()):
        text = text[: match.start()] + _mistyped(match[0], draw) + text[match.end() :]
    return text


def _mistyped(word: str, draw: Random) -> str:
    # The first letter is left: people see it.
    place = draw.randrange(1, len(word))
    letter = unaccented(word[place], draw).lower()
    near: str = draw.choice(_words("perturbations")["keyboard"].get(letter, letter))
    match draw.choice(("insert", "delete", "swap", "change")):
        case "insert":
            return word[:place] + near + word[place:]
        case "delete":
            return word[:place] + word[place + 1 :]
        case "change":
            return word[:place] + near + word[place + 1 :]
    place = min(place, len(word) - 2)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def sms(text: str, draw: Random) -> str:
    """As on a telephone: function words by sound, no accent, apostrophe, hyphen nor stop."""
    forms = _words("perturbations")["sms"]
    text = unaccented(text, draw).replace("’", "'").lower()
    for turn in sorted(forms["turns"], key=len, reverse=True):
        pattern = rf"(?<!\w){re.escape(turn)}(?!\w)" if turn[-1] != "'" else re.escape(turn)
        text = re.sub(pattern, lambda _, turn=turn: draw.choice(forms["turns"][turn]), text)
    text = WORD.sub(lambda found: draw.choice(forms["words"].get(found[0], [found[0]])), text)
    text = re.sub(r"(?<=\w)['-](?=\w)", " ", text)
    return " ".join(re.sub(r"[?!;:.,«»\"](?!\d)", " ", text).split())


def story(text: str, draw: Random) -> str:
    """A greeting, a life, the question, thanks: the question's own words are all kept."""
    words = _words("perturbations")["story"]
    lives = draw.sample(words["lives"], draw.randint(*LIVES) + 1)
    extra = lives.pop() if draw.random() < AFTERWARDS else ""
    asked = text if text.rstrip().endswith((".", "?", "!")) else f"{text}."
    parts = [
        draw.choice(words["greetings"]),
        *lives,
        draw.choice(words["leads"]),
        asked,
        extra or "",
        draw.choice(words["thanks"]),
    ]
    return " ".join(part for part in parts if part)


RULES: dict[str, Callable[[str, Random], str]] = {
    "capitals": capitals,
    "unaccented": unaccented,
    "typos": typos,
    "sms": sms,
    "story": story,
}


def _joined(items: Sequence[Item]) -> Iterable[Perturbed]:
    """Answerable questions two by two, of one audience and about different documents."""
    answerable = [one for one in items if one.answerable]
    draw = Random(f"{SEED}/joined")
    draw.shuffle(answerable)
    templates = _words("perturbations")["joined"]["templates"]
    for first, second in zip(answerable[::2], answerable[1::2], strict=False):
        if first.audience is second.audience and not first.relevant & second.relevant:
            yield Perturbed(_filled(draw.choice(templates), first, second), (first, second))


def _filled(template: str, first: Item, second: Item) -> str:
    named = {}
    for name, item in (("a", first), ("b", second)):
        bare = item.question.strip().rstrip(" ?!.")
        named[name], named[f"{name}_low"] = bare, _lowered(bare)
    return template.format(**named)


def _lowered(text: str) -> str:
    """Without its capital, unless the first word is an acronym."""
    first = text.split(maxsplit=1)[0]
    return text if len(first) > 1 and first.isupper() else text[:1].lower() + text[1:]


def _english(items: Iterable[Item]) -> Iterable[Perturbed]:
    """Questions of the sample put into English by hand; nothing over another corpus."""
    translated = _words("english_questions")["questions"]
    for item in items:
        if item.set == "sample" and item.id in translated:
            yield Perturbed(translated[item.id], (item,))
