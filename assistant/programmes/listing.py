"""Questions about programmes answered from their records: every match, counted, by deadline."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from vigie.assistant.citations import Draft
from vigie.assistant.facets.conditions import Facet
from vigie.assistant.programmes import criteria
from vigie.assistant.programmes.dates import State, Window, state
from vigie.assistant.programmes.filters import (
    Wanted,
    filler,
    meets,
    on_subject,
    wanted,
)
from vigie.assistant.programmes.rows import deadline, field_values, record_hit, row
from vigie.assistant.question_kinds import QuestionKind, plain_question
from vigie.assistant.questions import Question
from vigie.assistant.wording import counted, text
from vigie.index.hits import Filters, Hit
from vigie.index.lexical import families
from vigie.ingest.documents import Document, Kind
from vigie.ingest.folding import fold

# Rows shown of each part of a list: beyond a few screens a reader filters instead. The count told
# is always the whole one.
LISTED = 60
LISTED_CLOSED = 20

FUNDING = re.compile(
    r"\bqui (?:finance\w*|subventionne\w*|peut (?:financer|subventionner|nous financer))\b"
    r"|\bwho (?:funds|finances)\b"
)
DEADLINE = re.compile(
    r"\bjusqu'a quand\b|\bdate limite\b|\bderniere date\b|\bcloture\w*\b|\becheance\b|\bavant quand\b|\bdeadline\b|"
    r"\bfin de\b"
    r"|\bquand\b.{0,50}\b(?:ouvr\w*|clo\w*|ferm\w*|termin\w*|fini\w*|expir\w*|depos\w*|"
    r"candidat\w*|postul\w*)"
    r"|\b(?:toujours|encore|deja)\b.{0,30}\b(?:ouverte?|en cours|disponible|actif|possible|temps)\b"
    r"|\b(?:est|is)\b.{0,60}\b(?:ouverte?|close?|ferme|termine|open|closed)\b"
    r"|\b(?:when|until)\b.{0,60}\b(?:close|open|apply|end)\w*|\bpeut[- ]on encore\b|"
    r"\bcombien de temps reste"
)
# What a record says of a programme, by the words that ask for it.
FIELDS = {
    "beneficiaries": re.compile(
        r"\b(?:a|pour) qui\b|\bqui peut\b|\bbeneficiaires?\b|\beligibles?\b|\bwho can\b|\bfor whom\b"
    ),
    "funder": re.compile(
        r"\bqui (?:finance|porte|propose|gere|verse)\w*|\bfinanceurs?\b|\bwho (?:funds|runs)\b"
    ),
    "amount": re.compile(
        r"\bmontants?\b|\bplafonds?\b|\btaux\b|\baide maximale\b|\bcombien (?:peut|pouvons|touche|verse)"
        r"|\bhow much\b|\bamount\b"
    ),
    "territory": re.compile(r"\bterritoires?\b|\bdans quelles? (?:region|departement)s?\b"),
    "contact": re.compile(
        r"\bcontact\w*|\bjoindre\b|\bcourriel\b|\bmail\b|\ba qui (?:ecrire|s'adresser)\b"
    ),
}
# A name of one word is also an everyday word: it must follow one of these.
ANNOUNCED = re.compile(
    r"(?:programme|dispositif|fonds|aide|appel|bourse|pret|programm?e)s? [«\"]?\s?$"
)


@dataclass(frozen=True, slots=True)
class Listing:
    """Drafts of the answer, the records behind it as hits, and the conditions applied."""

    drafts: tuple[Draft, ...]
    hits: tuple[Hit, ...]
    wanted: Wanted | None = None
    facets: tuple[Facet, ...] = ()


def answer(
    question: Question,
    documents: Sequence[Document],
    today: date,
    language: str,
    refused: frozenset[str] = frozenset(),
) -> Listing | None:
    """None when the question is not about programmes, or when no record meets it.

    `refused` names conditions of the question, by the ids of `criteria`, that its asker refuses.
    """
    if criteria.KIND.id in refused:
        return None
    records = _distinct([document for document in documents if document.record is not None])
    if not records:
        return None
    if DEADLINE.search(plain_question(question.asked)) and (found := named(question, records)):
        drafts = [d for document in found for d in deadline(document, today, language)]
        return Listing(tuple(drafts), tuple(map(record_hit, found)))
    if told := facts(question, records, language):
        return told
    funding = FUNDING.search(plain_question(question.asked)) is not None
    if question.kind is not QuestionKind.PROGRAMME and not funding:
        return None
    programmes = [d.record for d in records if d.record]
    conditions = criteria.without(wanted(question.asked, programmes, today), refused)
    if funding and not refused and not conditions.narrows:
        return None
    matches = on_subject(records, conditions.subject)
    kept = [d for d in matches if d.record and meets(d.record, conditions, today)]
    if not kept and conditions.window.states and not conditions.window.dated:
        # None is in the state asked for: those in another state are told apart.
        conditions = replace(conditions, window=Window())
        kept = [d for d in matches if d.record and meets(d.record, conditions, today)]
    if not kept:
        return None
    return _listing(_by_deadline(kept), conditions, today, language)


def concerned(question: Question) -> bool:
    """Whether a question may be about programmes, before any record is read."""
    plain = plain_question(question.asked)
    return question.kind is QuestionKind.PROGRAMME or any(
        pattern.search(plain) for pattern in (FUNDING, DEADLINE, *FIELDS.values())
    )


def facts(question: Question, records: Sequence[Document], language: str) -> Listing | None:
    """Fields of the programmes named in a question that asks for nothing else, as recorded."""
    plain = plain_question(question.asked)
    fields = [field for field, pattern in FIELDS.items() if pattern.search(plain)]
    found = named(question, records)
    if not fields or not found or not _only_asks(question, found):
        return None
    drafts = [d for document in found if (d := field_values(document, fields, language))]
    return Listing(tuple(drafts), tuple(map(record_hit, found))) if drafts else None


def _only_asks(question: Question, found: Sequence[Document]) -> bool:
    """Whether the names and the words of the fields are all that the question is made of."""
    told = {stem for document in found for stem in families(document.title)}
    return all(
        term.stem in told or term.stem in filler() or term.weight < 1.0
        for term in question.focus_terms
    )


def _distinct(documents: Sequence[Document]) -> list[Document]:
    """One record per name and funder: the one changed last, else the one that closes last."""
    found: dict[tuple[str, str], Document] = {}
    for document in documents:
        record = document.record
        key = (_plain_name(document), _plain(record.funder or "") if record else "")
        found[key] = max(found.get(key, document), document, key=_freshness)
    return list(found.values())


def _freshness(document: Document) -> tuple[date, date]:
    closes = document.record.closes if document.record else None
    return document.modified or document.published or date.min, closes or date.min


def admitted(documents: Sequence[Document], filters: Filters) -> list[Document]:
    """Records that the filters set by the user let through."""
    if filters.kinds and Kind.PROGRAMME not in filters.kinds:
        return []
    return [
        document
        for document in documents
        if (not filters.publishers or document.publisher in filters.publishers)
        and (not filters.sources or document.source in filters.sources)
        and (not filters.documents or document.id in filters.documents)
        and _published_within(document, filters)
    ]


def _published_within(document: Document, filters: Filters) -> bool:
    if filters.published_from is None and filters.published_to is None:
        return True
    published = document.published
    return published is not None and (
        (filters.published_from is None or filters.published_from <= published)
        and (filters.published_to is None or published <= filters.published_to)
    )


def named(question: Question, documents: Sequence[Document]) -> list[Document]:
    """Programmes whose whole name stands in the question; a longer name hides one inside it."""
    asked = _plain(question.asked)
    found: list[tuple[int, int, Document]] = []
    by_length = sorted(documents, key=lambda d: -len(d.record.name if d.record else ""))
    for document in by_length:
        name = _plain_name(document)
        at = asked.find(f" {name} ") if name else -1
        if at < 0 or any(
            start <= at < end for start, end, other in found if _plain_name(other) != name
        ):
            continue
        if " " not in name and "+" not in name and not ANNOUNCED.search(asked[: at + 1]):
            continue
        found.append((at, at + len(name), document))
    return [document for _, _, document in found]


def _plain_name(document: Document) -> str:
    return _plain(document.record.name).strip() if document.record else ""


def _plain(words: str) -> str:
    return f" {' '.join(re.findall(r'[a-z0-9+]+', fold(words)))} "


def _by_deadline(documents: Sequence[Document]) -> list[Document]:
    def order(document: Document) -> tuple[bool, date, str]:
        closes = document.record.closes if document.record else None
        return closes is None, closes or date.max, fold(document.title)

    return sorted(documents, key=order)


def _listing(
    documents: Sequence[Document], conditions: Wanted, today: date, language: str
) -> Listing:
    """Open programmes first, then those to come, then closed ones; a dated question has one "
    "part."""
    told = criteria.told(conditions, today, language)
    parts: list[tuple[str, Sequence[Document], int]]
    if conditions.window.dated or conditions.window.states:
        head = counted("programmes_window", len(documents), language, criteria=told)
        parts = [(head, documents, LISTED)]
    else:
        parts = _parts_by_state(documents, told, today, language)
    drafts: list[Draft] = []
    for head, members, limit in parts:
        drafts.append(Draft(head, ()))
        drafts += [row(document, today, language) for document in members[:limit]]
        if len(members) > limit:
            drafts.append(Draft(text("programmes_shown", language, count=limit), ()))
    shown = [document for _, members, limit in parts for document in members[:limit]]
    facets = criteria.facets(conditions, today)
    return Listing(tuple(drafts), tuple(map(record_hit, shown)), conditions, facets)


def _parts_by_state(
    documents: Sequence[Document], told: str, today: date, language: str
) -> list[tuple[str, Sequence[Document], int]]:
    by_state = {
        s: [d for d in documents if d.record and state(d.record, today) is s] for s in State
    }
    opened = [*by_state[State.OPEN], *by_state[State.PERMANENT]]
    upcoming, closed = by_state[State.UPCOMING], by_state[State.CLOSED][::-1]
    if opened:
        head = counted("programmes_open", len(opened), language, criteria=told)
    else:
        head = text("programmes_open_none", language, criteria=told)
    parts: list[tuple[str, Sequence[Document], int]] = [(head, opened, LISTED)]
    if upcoming:
        head = counted("programmes_upcoming", len(upcoming), language)
        parts.append((head, upcoming, LISTED))
    if closed:
        parts.append((counted("programmes_closed", len(closed), language), closed, LISTED_CLOSED))
    return parts
