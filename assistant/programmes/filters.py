"""Filters that a question sets to programmes: territory, beneficiary, funder, time, subject."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files

from vigie.assistant.programmes.dates import Window, window, without_time
from vigie.assistant.question_kinds import QuestionKind, clause
from vigie.assistant.questions import WORD, FocusTerm, focus_terms, language_of
from vigie.index.lexical import families
from vigie.ingest.documents import Document, Programme
from vigie.ingest.folding import fold
from vigie.ingest.territories import NATION, Territory, applies, mentions, scope

# A subject of several words is met from half of its words on: "inclusion numérique des aînés"
# finds a programme on numérique, not one on aînés alone when that word is the commoner.
SUBJECT_SHARE = 0.5
# Characters of a record without themes in which its subject is looked for: its first paragraph.
LEAD = 600
ACRONYM = re.compile(r"\(([A-ZÀ-Ý][\w+&-]{1,11})\)")
PUBLIC_FUNDER = re.compile(r"^(?:region|departement|metropole|ville|commune|etat)\b")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Conditions found in a question; `subject` holds the words that no other filter explains."""

    window: Window
    territories: tuple[Territory, ...] = ()
    beneficiaries: tuple[str, ...] = ()
    funders: tuple[str, ...] = ()
    subject: tuple[FocusTerm, ...] = ()
    subject_words: str = ""

    @property
    def narrows(self) -> bool:
        """False when the question asks for every programme there is."""
        return bool(self.territories or self.beneficiaries or self.funders or self.subject)


@cache
def _words() -> tuple[frozenset[str], tuple[str, ...], dict[str, str]]:
    path = files("vigie.assistant") / "data" / "programme_words.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return (
        frozenset(families(data["filler"])),
        tuple(data["beneficiaries"]),
        data["english_beneficiaries"],
    )


def filler() -> frozenset[str]:
    """Stems of the words that never narrow a question about programmes."""
    return _words()[0]


def wanted(asked: str, programmes: Sequence[Programme], today: date) -> Wanted:
    """What the question asks of programmes; each filter takes its words away from the next."""
    rest, funders = _funders(asked, programmes)
    territories = [mention.territory for mention in mentions(rest)]
    for mention in reversed(list(mentions(rest))):
        rest = _blanked(rest, mention.start, mention.end)
    if not territories and re.search(r"\bnationaux\b|\bnationales?\b|\bnational\b", fold(rest)):
        territories = [NATION]
    rest, beneficiaries = _beneficiaries(rest, programmes)
    when = window(rest, today)
    # What comes before the question says who asks, not what for; blanks keep the offsets.
    told = clause(asked, QuestionKind.PROGRAMME)
    rest = rest[len(asked) - len(told) :]
    subject, words = _subject(without_time(rest), language_of(asked))
    return Wanted(
        when,
        tuple(dict.fromkeys(territories)),
        beneficiaries,
        funders,
        subject,
        words,
    )


def _blanked(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


def funder_names(programme: Programme) -> Iterator[str]:
    """Each funder of a programme, its name and its acronym apart."""
    for part in re.split(r"[,/;]|\set\s", programme.funder or ""):
        yield from ACRONYM.findall(part)
        if name := ACRONYM.sub("", part).strip():
            yield name


def _funders(text: str, programmes: Sequence[Programme]) -> tuple[str, tuple[str, ...]]:
    folded = fold(text)
    known = {fold(name): name for programme in programmes for name in funder_names(programme)}
    found = []
    for key in sorted(known, key=len, reverse=True):
        for match in re.finditer(rf"(?<![\w-]){re.escape(key)}(?![\w-])", folded):
            before = folded[: match.start()]
            if PUBLIC_FUNDER.match(key) and not re.search(
                r"\b(?:par|de|du|l')\s?(?:la |l')?$", before
            ):
                continue
            found.append(known[key])
            text, folded = (_blanked(t, *match.span()) for t in (text, folded))
            break
    return text, tuple(found)


def _beneficiaries(text: str, programmes: Sequence[Programme]) -> tuple[str, tuple[str, ...]]:
    _, general, english = _words()
    labels = {label for programme in programmes for label in programme.beneficiaries}
    phrases = {tuple(families(label)): label for label in (*sorted(labels), *general)}
    words = [(match.span(), match.group()) for match in WORD.finditer(text)]
    stems = [tuple(families(english.get(fold(word), word))) for _, word in words]
    found: list[str] = []
    for phrase in sorted((p for p in phrases if p), key=len, reverse=True):
        for first in range(len(words)):
            last, joined = first, stems[first]
            while joined and len(joined) < len(phrase) and last + 1 < len(words):
                last += 1
                joined += stems[last]
            if joined == phrase:
                start, end = words[first][0][0], words[last][0][1]
                said = text[start:end]
                found.append(said if tuple(families(said)) == phrase else phrases[phrase])
                text = _blanked(text, start, end)
                stems[first : last + 1] = [()] * (last + 1 - first)
    return text, tuple(found)


def _subject(text: str, language: str | None) -> tuple[tuple[FocusTerm, ...], str]:
    filler, _, _ = _words()
    kept = tuple(
        term
        for term in focus_terms(text, language)
        if term.stem not in filler
        # « financent » keeps its ending where « financer » loses its own.
        and term.stem.removesuffix("ent") not in filler
        and term.weight == 1.0
        and not term.stem.isdigit()
    )
    stems = {term.stem for term in kept} | {stem for term in kept for stem in term.alternatives}
    words = [word for word in WORD.findall(text) if stems & set(families(word))]
    return kept, " ".join(words)


def meets(programme: Programme, conditions: Wanted, today: date) -> bool:
    """Whether a programme meets every filter but the subject; a silent field excludes nothing."""
    return (
        conditions.window.admits(programme, today)
        and _in_territories(programme, conditions.territories)
        and _for_beneficiaries(programme, conditions.beneficiaries)
        and _by_funders(programme, conditions.funders)
    )


def _in_territories(programme: Programme, asked: tuple[Territory, ...]) -> bool:
    if not asked:
        return True
    offered = [place for label in programme.territories for place in scope(label)]
    if not offered:
        return asked != (NATION,)
    return any(applies(place, wish) for place in offered for wish in asked)


def _for_beneficiaries(programme: Programme, asked: tuple[str, ...]) -> bool:
    if not asked or not programme.beneficiaries:
        return True
    offered = [set(families(label)) for label in programme.beneficiaries]
    wishes = [set(families(label)) for label in asked]
    return any(wish <= offer or offer <= wish for offer in offered for wish in wishes)


def _by_funders(programme: Programme, asked: tuple[str, ...]) -> bool:
    return not asked or bool({*map(fold, asked)} & {*map(fold, funder_names(programme))})


def on_subject(documents: Sequence[Document], subject: Sequence[FocusTerm]) -> list[Document]:
    """Programmes whose name or themes speak of the subject, else those whose words do.

    Synonyms serve only where no programme has the words themselves.
    """
    if not subject:
        return list(documents)
    for exact in (True, False):
        for whole in (False, True):
            shares = _shares(documents, subject, exact, whole)
            kept = [d for d, share in zip(documents, shares, strict=True) if share >= SUBJECT_SHARE]
            if kept:
                return kept
    return []


def _shares(
    documents: Sequence[Document], subject: Sequence[FocusTerm], exact: bool, whole: bool
) -> list[float]:
    """For each document, the share of the subject that it covers, rare words counting for more."""
    stems = [_label_stems(document, whole) for document in documents]
    accepted = [{t.stem} if exact else {t.stem, *t.alternatives} for t in subject]
    counts = [sum(bool(words & accept) for words in stems) for accept in accepted]
    weights = [1.0 / (1.0 + count / max(1, len(documents))) for count in counts]
    return [
        sum(w for w, accept in zip(weights, accepted, strict=True) if words & accept) / sum(weights)
        for words in stems
    ]


def _label_stems(document: Document, whole: bool) -> frozenset[str]:
    record = document.record
    assert record is not None
    label = " ".join((record.name, *record.themes))
    if not record.themes or whole:
        label += " " + document.text[: None if whole else LEAD]
    return _stems(label)


@lru_cache(maxsize=8192)
def _stems(text: str) -> frozenset[str]:
    return frozenset(families(text))
