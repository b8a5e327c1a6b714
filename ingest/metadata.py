"""What a document says about itself in words: byline, dates, title, language."""

import re
from dataclasses import dataclass
from datetime import date

from vigie.ingest.folding import fold

# A date beyond these years is a number that looks like one.
FIRST_YEAR = 1900
LAST_YEAR = 2100
# Two-digit years from this one on belong to the twentieth century, as in POSIX `%y`.
CENTURY_TURN = 69
# Two long names, two dates and two times fit.
BYLINE_LENGTH = 200
# Two names and their particles fit; more words are prose.
AUTHOR_WORDS = 14
# Shorter names of sites are found in too many words.
SITE_LETTERS = 3
# A site's name after " | " has a handful of words; more are a part of the title.
SITE_WORDS = 4
# The first letters of a page say its language as well as all of it.
LANGUAGE_SAMPLE = 5_000
# Under three stop words a text is a title or a table: nothing can be said.
LANGUAGE_WORDS = 3

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier janv jan january",
            "fevrier fevr fev february feb",
            "mars march mar",
            "avril avr april apr",
            "mai may",
            "juin june jun",
            "juillet juil july jul",
            "aout aou august aug",
            "septembre sept sep september",
            "octobre oct october",
            "novembre nov november",
            "decembre dec december",
        ),
        start=1,
    )
    for name in names.split()
}
WEEKDAY = (
    r"(?:(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:mon|tue|wed|thu|fri|sat|sun))[.,]? +"
)
MONTH = rf"(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})\b\.?"
YEAR = r"(?:19|20|21)\d{2}"
# Patterns meet folded text: lower case, no accents, one character for one.
DATE = (
    rf"(?:{WEEKDAY})?(?:\d{{1,2}}(?:er|st|nd|rd|th)? (?:of )?{MONTH},? {YEAR}"
    rf"|{MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? {YEAR}|{YEAR}-\d{{2}}-\d{{2}}(?!\d)"
    rf"|\d{{1,2}}(?:/\d{{1,2}}/|-\d{{1,2}}-|\.\d{{1,2}}\.)(?:{YEAR}|\d{{2}})(?!\d))"
)
HOUR = r"\d{1,2} ?[:h](?: ?\d{2})?(?::\d{2})?(?:\.\d+)?(?: ?(?:min|am|pm))?(?: ?(?:z|gmt|utc))?"
TIME = rf"(?:t|,? *(?:(?:a|at|[-|(])? *)){HOUR}(?: ?[+-]\d{{2}}:?\d{{2}})?\)?"
_DAY_FIRST = re.compile(rf"(\d{{1,2}})(?:er|st|nd|rd|th)? (?:of )?({MONTH}),? ({YEAR})")
_MONTH_FIRST = re.compile(rf"({MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?,? ({YEAR})")
_MONTH_ONLY = re.compile(rf"({MONTH}) ({YEAR})")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_NUMERIC = re.compile(rf"(\d{{1,2}})[/.-](\d{{1,2}})[/.-]({YEAR}|\d{{2}})")
_WHOLE_DATE = re.compile(rf"(?:le |on )?(?:{DATE})(?:{TIME})?")


def parse_date(text: str, *, month_as_first_day: bool = False) -> date | None:
    """The day that `text` names, a time after it left aside; None for anything else.

    "03/09/2026" is read day first, as in French. A month without a day is no date, unless
    `month_as_first_day`.
    """
    plain = " ".join(fold(text).split())
    if _WHOLE_DATE.fullmatch(plain):
        return _read_date(plain)
    if month_as_first_day and (month := _MONTH_ONLY.fullmatch(plain)):
        return _day(int(month[2]), MONTHS[month[1].rstrip(".")], 1)
    return None


def _read_date(plain: str) -> date | None:
    if found := _DAY_FIRST.search(plain):
        return _day(int(found[3]), MONTHS[found[2].rstrip(".")], int(found[1]))
    if found := _MONTH_FIRST.search(plain):
        return _day(int(found[3]), MONTHS[found[1].rstrip(".")], int(found[2]))
    if found := _ISO.search(plain):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _NUMERIC.search(plain):
        return _day(_full_year(found[3]), int(found[2]), int(found[1]))
    return None


def _full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (1900 if year >= CENTURY_TURN else 2000)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if FIRST_YEAR <= year <= LAST_YEAR else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Byline:
    """Who wrote and when; `publisher` repeats `author` when that names an organisation."""

    author: str | None = None
    publisher: str | None = None
    published: date | None = None
    modified: date | None = None

    @property
    def bare(self) -> bool:
        """True for a date alone, which only the top of a document makes a byline."""
        return self.author is None and self.modified is None


MODIFIED = (
    r"(?:(?:derniere )?(?:mise? a jour|modification|actualisation)|(?:modifie|actualise)e?|maj"
    rf"|(?:last )?(?:updated|modified))(?: (?:le|on|du))? ?:? ?(?:{DATE})(?:{TIME})?"
)
PUBLISHED = (
    r"(?:(?:(?:publie|poste|mis|paru|redige|ecrit)e?(?: en ligne)?|date(?: de publication)?"
    rf"|published|posted)(?: (?:le|on))? ?:? ?)(?:{DATE})(?:{TIME})?"
)
UNSAID = rf"(?:le |on )?(?:{DATE})(?:{TIME})?"
_PARTS = {
    "modified": re.compile(MODIFIED),
    "published": re.compile(PUBLISHED),
    "unsaid": re.compile(UNSAID),
    "author": re.compile(
        r"(?:(?:publie|poste|redige|ecrit|propos recueillis)e?s? )?(?:par|by) ?:? |auteure?s? ?: "
    ),
    "reading": re.compile(r"(?:temps de )?lecture ?:? ?\d+ ?min\w*|\d+ ?min\w*(?: de lecture)?"),
    # A column's name stands between bars: "Actualités | Par …".
    "rubric": re.compile(r"(?<![^|•] )(?<![^|• ])[a-z][a-z.' &-]{2,30}?(?= *(?:[|•]|$))"),
}
_JOINT = re.compile(r" *[-|•·,;/().] *(?:et |and )?| +(?:et |and )?")
_AUTHOR_END = re.compile(
    rf"(?: *[-|•·,;/(] *| +)(?=(?:{MODIFIED}|{PUBLISHED}|{UNSAID}|(?:temps de )?lecture\b|\d+ ?min)"
    r"|[|•])"
)
_NAME = re.compile(r"[A-ZÀ-ÖØ-Þ0-9][^.!?:;]*|[Ll]a rédaction\b.*")
_CAPITALISED = r"(?:d['’])?[A-ZÀ-ÖØ-Þ][\w'’.-]*"
_PERSON = re.compile(
    rf"{_CAPITALISED}(?:,? (?:(?:et|and|de|du|des|la|le|van|von) )*{_CAPITALISED}){{1,5}}"
    "|[Ll]a rédaction"
)
# What every byline has, so that other lines cost nothing.
_MAY_BE_BYLINE = re.compile(r"\d|^(?:par|by|auteur|rédigé|écrit|propos|publié|posté)", re.I)
# "Magali Estève, le jeudi 8 octobre 2026", and not "La Rochelle, le 3 mai 2023".
_SIGNATURE = re.compile(rf"(?!L[ae]s? |Saint|Fait )(?P<name>{_PERSON.pattern}), (?=le \w)")
_ORGANISATION = re.compile(
    r"\b(?:association|fondation|fonds|reseau|agence|federation|collectif|mutuelle|groupe|union"
    r"|observatoire|gazette|banque|caisse|ministere|departement|region|ville|mairie|metropole"
    r"|universite|institut|centre|comite|mouvement|ong|scic|scop|cooperative|plateforme|info|infos"
    r"|news|media|france|journal|revue|magazine|conseil|secours|maison|atelier|comptoir"
    r"|foundation|network|agency|council|institute|charity|trust)\b"
)


def read_byline(line: str) -> Byline | None:
    """The byline that `line` is from end to end, as "Par X – Publié le 17 mars 2021 – 12:32"."""
    line = line.strip()
    if len(line) > BYLINE_LENGTH or not _MAY_BE_BYLINE.search(line):
        return None
    line = " ".join(line.split())
    plain = fold(line)
    found: dict[str, str] = {}
    at = 0
    if signature := _SIGNATURE.match(line):
        found["author"] = signature["name"]
        at = signature.end()
    while at < len(plain):
        if joint := _JOINT.match(plain, at):
            at = joint.end()
            continue
        part = _next_part(plain, at)
        if part is None or part[0] in found:
            return None
        name, end = part
        found[name] = line[at:end]
        at = end
    return _byline(found)


def merge_bylines(first: Byline | None, second: Byline) -> Byline:
    """One byline out of two lines; what `first` says stands."""
    if first is None:
        return second
    return Byline(
        first.author or second.author,
        first.publisher or second.publisher,
        first.published or second.published,
        first.modified or second.modified,
    )


def _next_part(plain: str, at: int) -> tuple[str, int] | None:
    for name, pattern in _PARTS.items():
        if part := pattern.match(plain, at):
            if name != "author":
                return name, part.end()
            end = _AUTHOR_END.search(plain, part.end())
            return name, end.start() if end else len(plain)
    return None


def _byline(found: dict[str, str]) -> Byline | None:
    author = _author(found["author"]) if "author" in found else None
    said = found.get("published") or found.get("unsaid")
    published = _read_date(fold(said)) if said else None
    modified = _read_date(fold(found["modified"])) if "modified" in found else None
    if "author" in found and author is None:
        return None
    if not (published or modified):
        return (
            Byline(author, organisation(author)) if author and _PERSON.fullmatch(author) else None
        )
    if author is None and modified is None and fold(said or "").startswith(("le ", "on ")):
        return None
    return Byline(author, organisation(author), published, modified)


def _author(part: str) -> str | None:
    """The name after "Par", without a trade ("Jean Dupont, journaliste"); None if it is prose."""
    opening = _PARTS["author"].match(fold(part))
    name = part[opening.end() :].strip(" -–—|•·,;/(") if opening else part
    name = re.sub(r", [a-zà-ÿ].*", "", name)
    return name if _NAME.fullmatch(name) and len(name.split()) <= AUTHOR_WORDS else None


def clean_author(name: str) -> str | None:
    """A name as a page's metadata give it, without "Par" or "Auteur" before it."""
    name = re.sub(r"^(?:par|by|auteure?s?)\b ?:? ?", "", " ".join(name.split()), flags=re.I)
    return name or None


def organisation(name: str | None) -> str | None:
    """`name` when it names an organisation rather than a person, so far as words can tell."""
    if name is None:
        return None
    return name if _ORGANISATION.search(fold(name)) or re.search(r"\b[A-Z]{3,}\b", name) else None


def bare_title(title: str, *sites: str | None) -> str:
    """`title` without the site's name at its end, after a dash or a bar.

    `sites` are names or hosts; without them only a bar followed by a few words is cut.
    """
    title = " ".join(title.split())
    known = [key for site in sites if site and len(key := _letters(site)) >= SITE_LETTERS]
    pieces = list(_TITLE_BAR.finditer(title))
    for piece, following in zip(pieces, [*pieces[1:], None], strict=False):
        suffix = title[piece.end() : following.start() if following else len(title)]
        key = _letters(suffix)
        if len(key) >= SITE_LETTERS and any(key in site or site in key for site in known):
            return title[: piece.start()]
    if pieces and pieces[-1][1] == "|" and len(title[pieces[-1].end() :].split()) <= SITE_WORDS:
        return title[: pieces[-1].start()]
    return title


_TITLE_BAR = re.compile(r"(?<=\S) (\||[–—-]|::|»|·|•) (?=\S)")


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(name).removeprefix("www."))


_FRENCH = frozenset("le la les des est et une dans pour que qui sur au aux du par avec ce".split())
_ENGLISH = frozenset("the of and to is in for that with on are as by this be from at it".split())


def guess_language(text: str) -> str | None:
    """ "fr" or "en" by stop words; None when neither shows."""
    words = re.findall(r"[a-z]+", fold(text[:LANGUAGE_SAMPLE]))
    french = sum(word in _FRENCH for word in words)
    english = sum(word in _ENGLISH for word in words)
    if max(french, english) < LANGUAGE_WORDS or french == english:
        return None
    return "fr" if french > english else "en"
