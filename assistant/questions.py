"""What a person typed, understood: the words to search, the kind of answer, the language."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from vigie.assistant.question_kinds import QuestionKind, kind_of, wants_list
from vigie.index.lexical import families
from vigie.ingest.errors import QuestionEmpty, QuestionTooLong
from vigie.ingest.folding import fold

# Longest question taken, in characters: about 350 words, more than any citizen's story in the
# development sets; beyond it stands pasted text, not a question.
QUESTION_LIMIT = 2000

# Beyond this many words a question is a story: its own interrogative sentence says what is asked.
STORY_WORDS = 30

# Weight of a word such as "montant" or "date": it names the sort of answer, which seldom repeats it.
SOFT_WEIGHT = 0.3
SOFT_WORDS = (
    "nombre montant date année nom jour mois lieu endroit durée délai personne pays ville chose "
    "exemple partie début fin type sorte rôle raison cause but pourcentage temps adresse moment"
)
QUESTION_WORDS = (
    "combien quel quelle quels quelles qui quand comment pourquoi où quoi lequel laquelle lesquels "
    "lesquelles jusque depuis est-ce peut pouvoir puis dois devoir doit faut falloir faire fait "
    "font "
    "existe exister appelle appeler savoir sais voudrais souhaite souhaiter voulais aimerais veux "
    "connaître dire dit signifie signifier désigne citer citez liste actuellement svp merci "
    "bonjour "
    "sert trouve situe situer s'agit également aussi s'élève élever concerne"
)
ABBREVIATIONS = {
    "asso": "association", "assos": "associations", "cb": "combien", "cmb": "combien",
    "cmt": "comment", "ds": "dans", "kan": "quand", "ke": "que", "ki": "qui", "koi": "quoi",
    "kel": "quel", "kels": "quels", "kelle": "quelle", "keske": "qu'est-ce que",
    "keskeu": "qu'est-ce que", "pk": "pourquoi", "pkoi": "pourquoi", "pq": "pourquoi",
    "pr": "pour", "prkoi": "pourquoi", "qd": "quand", "slt": "salut", "tt": "tout", "vs": "vous",
    "ya": "y a", "kesako": "c'est quoi",
}  # fmt: skip
GREETING = re.compile(
    r"^\s*(?:(?:re)?bonjour|bonsoir|salut|coucou|hello|hi|hey|dear (?:all|sir|madam)|"
    r"good (?:morning|evening)"
    r"|madame(?:,? monsieur)?|monsieur|mesdames|messieurs|allo)\b(?:\s+(?:a tous|a toutes|madame|"
    r"monsieur|"
    r"mesdames|messieurs|l'equipe|there|everyone))*[\s,.!;:-]*"
)
THANKS = re.compile(
    r"(?:[\s,.!;(-]|\b)(?:(?:je vous remercie|nous vous remercions|merci|remerciements|"
    r"cordialement|"
    r"bien a vous|bonne (?:journee|soiree)|s'il (?:vous|te) plait|svp|stp|thanks?(?: you)?|please|"
    r"best regards|kind regards)\b[^?]{0,60})$"
)
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")
WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*", re.UNICODE)
PART = re.compile(r"[^\W\d_]+")
CAPITALS_LETTERS = 8  # below it, capitals are more likely an acronym than shouting

FRENCH_WORDS = frozenset(
    "le la les l un une des du de d et est sont a au aux en dans pour par sur que qui quoi quel "
    "quelle "
    "quels quelles combien quand comment pourquoi ou je j il elle on nous vous ils ce cette ces c "
    "qu "
    "pas ne n se s sa son ses leur leurs mon ma mes y avec depuis jusqu peut faut avez plus".split()
)
ENGLISH_WORDS = frozenset(
    "the of and is are was were in to for by with from what when where which who whom whose why "
    "how "
    "does do did can could should would may has have had it its they their there this that these i "
    "my we our you your many much until since any into about be been an at will".split()
)


@dataclass(frozen=True, slots=True)
class FocusTerm:
    """A word that the answer should be about: its stem, others that may stand for it, its weight.

    `name` marks proper names, acronyms and numbers: nothing else can stand for them.
    """

    stem: str
    alternatives: tuple[str, ...] = ()
    weight: float = 1.0
    name: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """`text` as typed; `query` goes to the index; `asked` is the sentence that holds the question.

    `language` is None when the words do not tell ("RGPD ?").
    """

    text: str
    query: str
    asked: str
    kind: QuestionKind
    focus_terms: tuple[FocusTerm, ...]
    language: str | None
    wants_list: bool


def understand(text: str) -> Question:
    """Raises QuestionEmpty and QuestionTooLong; greetings, thanks and shouting are set aside."""
    stripped = text.strip()
    if len(stripped) > QUESTION_LIMIT:
        raise QuestionTooLong(length=len(stripped), limit=QUESTION_LIMIT)
    if not any(character.isalnum() for character in stripped):
        raise QuestionEmpty()
    cleaned = _without_courtesies(_without_shouting(_spelt_out(" ".join(stripped.split()))))
    asked = _asked(cleaned)
    language = language_of(cleaned)
    kind = kind_of(asked)
    translated = tuple(_translations(cleaned)) if language == "en" else ()
    return Question(
        text=stripped,
        query=" ".join((cleaned, *translated)),
        asked=asked,
        kind=kind,
        focus_terms=focus_terms(asked, language),
        language=language,
        wants_list=wants_list(asked, kind),
    )


def completed(question: Question, query: str, kind: QuestionKind, language: str | None) -> Question:
    """A follow-up made whole by what came before it; the typed text stays as it was."""
    whole = understand(query)
    return replace(
        whole,
        text=question.text,
        kind=kind,
        language=question.language or language,
        wants_list=wants_list(query, kind),
    )


def language_of(text: str) -> str | None:
    """ "fr" or "en" by counting function words, None when they do not decide."""
    words = [word for token in WORD.findall(fold(text)) for word in re.split(r"['-]", token)]
    french = sum(word in FRENCH_WORDS for word in words)
    french += any(ord(character) > 127 and character.isalpha() for character in text)
    english = sum(word in ENGLISH_WORDS for word in words)
    if french == english:
        return None
    return "fr" if french > english else "en"


def _spelt_out(text: str) -> str:
    def word(match: re.Match[str]) -> str:
        return ABBREVIATIONS.get(match.group().lower(), match.group())

    text = re.sub(r"\b[cC] (?=quoi|koi|qui|ki|quand|kan)", "c'est ", text)
    return PART.sub(word, text)


def _without_shouting(text: str) -> str:
    letters = [character for character in text if character.isalpha()]
    if len(letters) >= CAPITALS_LETTERS and sum(map(str.isupper, letters)) > 0.8 * len(letters):
        return text.lower()
    return text


def _without_courtesies(text: str) -> str:
    kept = text
    while match := GREETING.match(fold(kept)):
        kept = kept[match.end() :]
    while match := THANKS.search(fold(kept)):
        kept = kept[: match.start()].rstrip(" ,;.-(")
    return kept if any(map(str.isalnum, kept)) else text


def _asked(text: str) -> str:
    """The interrogative sentences; the last sentence of a story without any; else the whole."""
    sentences = [part.strip() for part in SENTENCE_END.split(text) if part.strip()]
    marked = [part for part in sentences if part.endswith("?")]
    if not marked and len(text.split()) > STORY_WORDS:
        marked = [part for part in sentences if kind_of(part) is not QuestionKind.OTHER][-1:]
    return " ".join(marked) if marked else text


@cache
def _stems(words: str) -> frozenset[str]:
    return frozenset(families(words))


@cache
def _data(name: str) -> dict[str, object]:
    folder = files("vigie.assistant") / "data"
    return tomllib.loads((folder / name).read_text(encoding="utf-8"))


@cache
def synonyms() -> dict[str, tuple[str, ...]]:
    """For each stem, the stems that the sector uses for it."""
    found: dict[str, set[str]] = {}
    groups = _data("synonyms.toml")["groups"]
    assert isinstance(groups, list)
    for group in groups:
        stems = {stem for word in group for stem in families(word)}
        for stem in stems:
            found.setdefault(stem, set()).update(stems - {stem})
    return {stem: tuple(sorted(others)) for stem, others in found.items()}


@cache
def _glossary() -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
    data = _data("glossary.toml")
    words, ignored = data["words"], data["ignored"]
    assert isinstance(words, dict) and isinstance(ignored, dict)
    return {word: tuple(french) for word, french in words.items()}, frozenset(ignored["words"])


def _translations(text: str) -> Iterator[str]:
    words, _ = _glossary()
    for word in dict.fromkeys(WORD.findall(fold(text))):
        yield from words.get(word, ())


def focus_terms(asked: str, language: str | None) -> tuple[FocusTerm, ...]:
    """Words that say what a text asks about, in order, question words left out."""
    found: dict[str, FocusTerm] = {}
    previous_end = 0
    for match in WORD.finditer(asked):
        opens_sentence = not asked[previous_end : match.start()].strip() and previous_end == 0
        opens_sentence |= asked[previous_end : match.start()].strip().endswith(("?", ".", "!"))
        previous_end = match.end()
        for term in _terms_of(match.group(), language, opens_sentence):
            found.setdefault(term.stem, term)
    return tuple(found.values())


def _terms_of(word: str, language: str | None, opens_sentence: bool) -> Iterator[FocusTerm]:
    if language == "en":
        words, ignored = _glossary()
        folded = fold(word)
        if folded in ignored:
            return
        if folded in words:
            first, *others = [stem for french in words[folded] for stem in families(french)]
            yield FocusTerm(first, (*others, *synonyms().get(first, ()), *families(word)))
            return
    core = re.split(r"['’]", word)[-1]
    name = (core[:1].isupper() and not opens_sentence) or core.isupper() or core[:1].isdigit()
    stems = families(word)
    # A word in capitals gives its whole form and its stem: either will do.
    spellings = tuple(stems[:-1]) if core.isupper() else ()
    for stem in stems[len(spellings) :]:
        if stem in _stems(QUESTION_WORDS):
            continue
        soft = stem in _stems(SOFT_WORDS)
        yield FocusTerm(
            stem,
            spellings if name else (*spellings, *synonyms().get(stem, ())),
            SOFT_WEIGHT if soft else 1.0,
            name and len(core) > 1,
        )
