"""How well republished articles are told from pages of one kind: `python -m vigie.evals.republications CORPUS.jsonl`.

Articles of a corpus are republished as publishers do it, with other titles too; against them stand
all pairs of its real pages that share words, taken as if each page stood on a site of its own. The
pairs that pass are written out, to be read: some are one page twice.
"""

import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from vigie.evals.dataset import load_corpus
from vigie.ingest.documents import Document, Kind
from vigie.ingest.republication import Article, expected_samples, is_republished

SEED = 7
ARTICLES = 500
LENGTHS = range(80, 3001)

PUBLISHERS = (
    ("Réseau Estran", "estran"),
    ("Maison des associations de Brest", "mda-brest"),
    ("Fédération Avenir", "federation-avenir"),
)
SIGNATURES = (
    "Par la rédaction",
    "Source : {publisher}",
    "Article initialement publié sur le site de {publisher}.",
    "Contact : contact@{site}.org – 01 23 45 67 89",
    "Publié le {day} mars 2024 par {publisher}",
    "Retrouvez toutes nos actualités sur www.{site}.org et sur les réseaux sociaux.",
)
LEADS = (
    "Notre réseau relaie cette information utile à toutes les associations du territoire.",
    "À lire : une ressource proposée par {publisher} pour vous aider dans vos démarches.",
    "Une information de {publisher} que nous partageons avec nos adhérents.",
)
MORE = (
    "Lire la suite",
    "Lire la suite sur le site de {publisher}",
    "Pour en savoir plus : www.{site}.org",
    "[…] Lire l’article complet",
)
EDITS = (
    ("par exemple", "notamment"),
    ("également", "aussi"),
    ("afin de", "pour"),
    ("toutefois", "cependant"),
    ("ainsi que", "et"),
    ("doit", "devra"),
    ("vous pouvez", "il est possible de"),
    ("notamment", "entre autres"),
    ("lorsque", "quand"),
    ("concernant", "sur"),
    ("effectuer", "faire"),
    ("seulement", "uniquement"),
)
MOST_EDITS = 6
TITLES = (
    "Ce qu’il faut savoir pour votre association",
    "Une ressource de notre partenaire",
    "Le point sur vos droits et vos démarches",
)
DECORATED = (
    "Actualité – {title}",
    "{title} | {publisher}",
    "[Partage] {title}",
    "À lire : {title}",
)
TEASER_WORDS = 45

Change = Callable[[str, random.Random], str | None]


def paragraphs(text: str) -> list[str]:
    """Parted by blank lines."""
    return [part for part in re.split(r"\n\s*\n", text) if part.strip()]


def filled(pattern: str, dice: random.Random, **more: str) -> str:
    """A sentence of a publisher drawn by lot."""
    publisher, site = dice.choice(PUBLISHERS)
    return pattern.format(publisher=publisher, site=site, day=dice.randint(2, 28), **more)


def typeset(text: str, dice: random.Random) -> str:
    """Typographic apostrophes, spaces and bullets."""
    text = text.replace("'", "’").replace(" :", "\u00a0:").replace(" ?", "\u202f?")
    return re.sub(r"^- ", "• ", text.replace("...", "…"), flags=re.M)


def signed(text: str, dice: random.Random) -> str:
    """One to three lines below."""
    lines = [filled(line, dice) for line in dice.sample(SIGNATURES, dice.randint(1, 3))]
    return "\n\n".join([text, *lines])


def led(text: str, dice: random.Random) -> str:
    """A line above."""
    return filled(dice.choice(LEADS), dice) + "\n\n" + text


def without_lead(text: str, dice: random.Random) -> str | None:
    """Without its first paragraph."""
    parts = paragraphs(text)
    return "\n\n".join(parts[1:]) if len(parts) > 2 else None


def without_end(text: str, dice: random.Random) -> str | None:
    """Without a tenth to three tenths of its paragraphs."""
    parts = paragraphs(text)
    last = max(1, int(len(parts) * dice.uniform(0.1, 0.3)))
    return "\n\n".join(parts[:-last]) if len(parts) > 4 else None


def edited(text: str, dice: random.Random) -> str | None:
    """Up to six words for others."""
    changed = text
    for before, after in dice.sample(EDITS, len(EDITS))[:MOST_EDITS]:
        changed = changed.replace(before, after, 1)
    return changed if changed != text else None


def interrupted(text: str, dice: random.Random) -> str | None:
    """A line to other articles in the middle."""
    parts = paragraphs(text)
    if len(parts) < 3:
        return None
    at = dice.randint(1, len(parts) - 1)
    line = "À lire également : nos autres dossiers sur la vie associative"
    return "\n\n".join([*parts[:at], line, *parts[at:]])


def opening(text: str, dice: random.Random) -> str | None:
    """Its first paragraphs."""
    parts, kept, words = paragraphs(text), list[str](), 0
    while parts and words < TEASER_WORDS:
        kept.append(parts.pop(0))
        words += len(kept[-1].split())
    return "\n\n".join(kept) if parts else None


def cut_off(text: str, dice: random.Random) -> str | None:
    """Its first words, in the middle of a sentence."""
    words, count = text.split(), dice.randint(TEASER_WORDS, 2 * TEASER_WORDS)
    return " ".join(words[:count]) + " […]" if len(words) > 1.3 * count else None


def more(text: str, dice: random.Random) -> str:
    """Where the rest is."""
    return text + "\n\n" + filled(dice.choice(MORE), dice)


WAYS: dict[str, tuple[Change, ...]] = {
    "typography": (typeset,),
    "signature": (signed,),
    "lead added": (led,),
    "lead cut": (without_lead,),
    "lead replaced, signature": (without_lead, led, signed),
    "end cut": (without_end,),
    "end cut, signature": (without_end, signed),
    "small edits": (edited,),
    "edits, lead replaced, signature, typography": (edited, without_lead, led, signed, typeset),
    "line inserted": (interrupted,),
    "opening": (opening,),
    "opening, read more": (opening, more),
    "cut off, read more": (cut_off, more),
    "opening, read more, typography": (opening, more, typeset),
}


def retitled(document: Document, dice: random.Random) -> tuple[str, str]:
    """How the title fares, and the title: half of them keep theirs."""
    title, words = document.title, document.title.split()
    chance = dice.random()
    if chance < 0.5:
        return "same title", title
    if chance < 0.65:
        return "decorated title", filled(dice.choice(DECORATED), dice, title=title)
    if chance < 0.8:
        return "shortened title", " ".join(words[: max(3, len(words) * 2 // 3)])
    own = " ".join(document.text.split()[:8])
    return "other title", dice.choice((own, *TITLES))


def republished(document: Document, dice: random.Random) -> Iterator[tuple[str, str, Document]]:
    """The document in every way that its text allows, on another site."""
    for way, changes in WAYS.items():
        text: str | None = document.text
        for change in changes:
            text = text and change(text, dice)
        if text:
            fate, title = retitled(document, dice)
            yield way, fate, replace(document, text=text, title=title, url="https://a.example/")


def alike(articles: dict[str, Article]) -> Iterator[tuple[str, str]]:
    """Ids of the pairs that would be compared."""
    holders = defaultdict(list)
    for id_, article in articles.items():
        for sample in article.samples():
            holders[sample].append(id_)
    shared = Counter(pair for ids in holders.values() for pair in combinations(ids, 2))
    for (one, other), count in shared.items():
        lengths = len(articles[one].words), len(articles[other].words)
        if count >= expected_samples(*lengths):
            yield one, other


def main(corpus: Path) -> None:
    """Writes recall by way and by title, then the real pairs that pass."""
    say = sys.stdout.write
    documents = [item for item in load_corpus(corpus) if item.kind is not Kind.PROGRAMME]
    dice = random.Random(SEED)
    able = [item for item in documents if len(item.text.split()) in LENGTHS]
    tried, found, unsought = Counter[str](), Counter[str](), 0
    for document in dice.sample(able, min(ARTICLES, len(able))):
        article = Article.of(replace(document, url="https://b.example/"))
        samples = set(article.samples())
        for way, fate, copy in republished(document, dice):
            other = Article.of(copy)
            passes = is_republished(article, other)
            least = expected_samples(len(article.words), len(other.words))
            lost = passes and len(samples & set(other.samples())) < max(1, least)
            unsought += lost
            for name in (way, fate, "all"):
                tried[name] += 1
                found[name] += passes and not lost
    for name, count in tried.items():
        say(f"{name}: {found[name] / count:.3f} of {count}\n")
    say(f"alike, but not sought: {unsought}\n")
    titles = {item.id: item.title for item in documents}
    for apart in (True, False):
        articles = {
            item.id: Article.of(replace(item, url=f"https://{item.id}.example/") if apart else item)
            for item in documents
        }
        pairs = list(alike(articles))
        passing = [pair for pair in pairs if is_republished(*(articles[id_] for id_ in pair))]
        where = "on sites of their own" if apart else "where they stand"
        say(f"\nreal pages {where}: {len(passing)} of {len(pairs)} pairs pass\n")
        for first, second in passing:
            same = articles[first].words == articles[second].words
            say(f"{'same words' if same else '-'} | {titles[first]} | {titles[second]}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
