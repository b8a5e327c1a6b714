"""What the first page tells: the title and the date of a document."""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import PurePath

from vigie.ingest.cleaning import one_line
from vigie.ingest.folding import fold
from vigie.ingest.metadata import parse_date

# No office file or PDF is older.
FIRST_YEAR = 1993
# A file made this many years after the year in its title was exported again: its date says nothing.
LATE_EXPORT = 2
# Creation dates that python-pptx, python-docx and Word's own template leave in every file.
TEMPLATE_DAYS = frozenset({date(2013, 1, 27), date(2013, 12, 23), date(2006, 9, 16)})
COVER_LINE = 80
# A cover line in a large font and no heading style; longer ones are sentences.
LONGEST_COVER = 150

# "Lille, le 3 mai 2024", "Le RAMEAU 17 mars 2021", "Publié en juin 2023", "Juin 2023".
BEFORE_DATE = re.compile(r"[\w ]{0,25}?(?:, le )?(?=(?:\d{1,2}(?:er)? )?[a-z]{3,9} (?:19|20)\d\d$)")
SECTION = re.compile(
    r"(?:\d+|[ivx]+|[a-h])\s*[.)–—-]|(?:article|titre|chapitre|section|partie|preambule|sommaire|"
    r"introduction|avant-propos|editorial|edito|table des matieres|contents|presentation)\b"
)
PROGRAM_PREFIX = re.compile(r"^microsoft (?:office )?(?:word|powerpoint|excel) - ", re.I)
FILE_SUFFIX = re.compile(r"\.(?:docx?|pptx?|odt|indd|pdf|xlsx?|pub|pages|tex)$", re.I)
NO_TITLE = re.compile(
    r"(?:untitled|sans titre|(?:document|presentation|présentation|diapositive|slide) ?\d*|"
    r"unspecified|powerpoint presentation|présentation powerpoint|titre|title|\W*)",
    re.I,
)
YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def choose_title(heading: str, said: str, cover: str = "") -> str | None:
    """The first heading unless it opens a section; else what the file says; else a cover line."""
    if heading and not SECTION.match(fold(heading)):
        return heading
    stated = FILE_SUFFIX.sub("", PROGRAM_PREFIX.sub("", one_line(said)))
    if not NO_TITLE.fullmatch(stated) and PurePath(stated).name == stated:
        return stated
    if 0 < len(cover) <= LONGEST_COVER and not cover.startswith(("- ", "|", "#")):
        if not cover.endswith((".", ":", ";", ",")):
            return cover
    return heading or None


def cover_date(lines: Iterable[str]) -> date | None:
    """A date alone on a line; a month counts from its first day."""
    for line in lines:
        words = fold(line.strip(" .#"))
        start = BEFORE_DATE.match(words) if len(words) <= COVER_LINE else None
        day = parse_date(words[start.end() :], month_as_first_day=True) if start else None
        if day:
            return day
    return None


def plausible(day: date | None, title: str) -> date | None:
    """The day of creation, unless it is a template's, to come, or far from the title's year."""
    if day is None or not date(FIRST_YEAR, 1, 1) <= day <= date.today() or day in TEMPLATE_DAYS:
        return None
    years = [int(year) for year in YEAR.findall(title)]
    return day if not years or 0 <= day.year - max(years) <= LATE_EXPORT else None


def later(day: date | None, published: date | None) -> date | None:
    """The day of the last change, when it is after publication and not an export years later."""
    if day is None or published is None or not published < day <= date.today():
        return None
    return day if day.year - published.year <= LATE_EXPORT else None
