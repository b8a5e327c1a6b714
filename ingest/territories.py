"""French régions and départements (official geographic code, map of 2016) and their hierarchy."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from vigie.ingest.folding import fold

# Names that are also everyday words: they count as places after a locative, or with a capital
# in a text that is not written in capitals throughout.
AMBIGUOUS = frozenset(
    "nord lot cher manche creuse landes somme aube vienne orne reunion gap pau foix auch tours "
    "la-reunion valence blois var ain laval eure indre loire marne mende agen tulle".split()
)
LOCATIVE = re.compile(
    r"(?:\b(?:dans|departement|region|depuis)\s+(?:de\s+)?(?:du|des|les?|la|l')?\s*|\ben\s+|\ba\s+(?:la\s+)?)$"
)
# "le nord de la France", "l'est du pays": a point of the compass, not the département.
COMPASS = re.compile(r"^\s*(?:de|du|des|d')\b")
NATIONAL = re.compile(
    r"\b(?:national\w*|france(?:\s+(?:entiere|metropolitaine|et outre-mer))?|toute\s+la\s+france"
    r"|ensemble\s+du\s+territoire|tous?(?:\s+les)?\s+(?:territoires?|departements|regions))\b"
)
NATIONAL_CODE = "FR"
DEPARTEMENT_CODE = re.compile(r"(?<![\w-])(?:dans\s+le\s+|\()(\d{2,3}|2[ab])\b(?!\s*[\w%€])")


class Level(StrEnum):
    """From the widest to the narrowest."""

    NATION = "nation"
    REGION = "region"
    DEPARTEMENT = "departement"


@dataclass(frozen=True, slots=True)
class Territory:
    """A place of the official code; `region` is the code of the région it is or belongs to."""

    code: str
    name: str
    level: Level
    region: str | None = None


NATION = Territory(NATIONAL_CODE, "France entière", Level.NATION)


@cache
def names() -> dict[str, Territory]:
    """Every folded name, alias, préfecture and large commune, with the territory that it means."""
    table = json.loads(
        (files("vigie.ingest") / "data" / "territories.json").read_text(encoding="utf-8")
    )
    departements = {
        row["code"]: Territory(row["code"], row["name"], Level.DEPARTEMENT, row["region"])
        for row in table["departements"]
    }
    found = {fold(row["name"]): departements[row["departement"]] for row in table["communes"]}
    for row in table["departements"]:
        for name in (row["seat"], row["name"], *row.get("aliases", ())):
            found[fold(name)] = departements[row["code"]]
    for row in table["regions"]:
        region = Territory(row["code"], row["name"], Level.REGION, row["code"])
        for name in (row["name"], *row.get("aliases", ())):
            found[fold(name)] = region
    return found


@cache
def _by_code() -> dict[str, Territory]:
    return {item.code.lower(): item for item in names().values() if item.level is Level.DEPARTEMENT}


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(names(), key=len, reverse=True)
    words = "|".join(re.sub(r"[ \-]", r"[ -]", name) for name in longest_first)
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])")


@dataclass(frozen=True, slots=True)
class Mention:
    """A territory named in a text, at `start:end`."""

    start: int
    end: int
    territory: Territory


def mentions(text: str) -> Iterator[Mention]:
    """Territories named in running text, in order; everyday words are left alone."""
    folded = fold(text)
    shouted = text.isupper()
    for match in _pattern().finditer(folded):
        key = match.group().replace(" ", "-")
        territory = names().get(match.group()) or _by_any_spelling()[key]
        if key in AMBIGUOUS and not _is_place(text, folded, match, shouted):
            continue
        yield Mention(match.start(), match.end(), territory)
    for code in DEPARTEMENT_CODE.finditer(folded):
        if found := _by_code().get(code.group(1)):
            yield Mention(code.start(1), code.end(1), found)


@cache
def _by_any_spelling() -> dict[str, Territory]:
    return {name.replace(" ", "-"): territory for name, territory in names().items()}


def _is_place(text: str, folded: str, match: re.Match[str], shouted: bool) -> bool:
    if COMPASS.match(folded[match.end() :]):
        return False
    if LOCATIVE.search(folded[: match.start()]):
        return True
    last_word = match.start() + max(match.group().rfind(" "), match.group().rfind("-")) + 1
    return not shouted and match.start() > 0 and text[last_word].isupper()


def scope(label: str) -> tuple[Territory, ...]:
    """What a record's territory field means; empty when it names no known place."""
    folded = fold(label).strip()
    exact = names().get(folded) or _by_any_spelling().get(folded.replace(" ", "-"))
    if exact or (exact := _by_code().get(folded)):
        return (exact,)
    named = tuple(mention.territory for mention in mentions(label))
    if named:
        return named
    return (NATION,) if NATIONAL.search(folded) else ()


def applies(offered: Territory, asked: Territory) -> bool:
    """Whether something offered in one territory concerns another, wider or narrower."""
    if Level.NATION in (offered.level, asked.level):
        return offered.level is Level.NATION
    if offered.region != asked.region:
        return False
    return Level.REGION in (offered.level, asked.level) or offered.code == asked.code
