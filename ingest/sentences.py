"""Light Markdown cut into headings, list items, table rows and sentences, with their offsets.

The rules are French: what follows a full stop decides, then the word before it (abbreviation,
initial, enumeration). They are measured on the marked sentences of the tests.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Form = Literal["heading", "sentence", "item", "row"]
Span = tuple[int, int]

# A longer list item is a paragraph in disguise: its sentences are cited one by one.
LONG_ITEM = 300
# The longest abbreviation with the word before it; looking back further costs quadratic time.
LOOK_BACK = 32
# Lines of hard-wrapped files (mails, old text files, drawn pages) are about this long.
WRAPPED_LINES = range(40, 121)
# In proportional fonts a full line has at least this share of the longest line's characters.
FULL_LINE = 0.8

# Never the last word of a sentence, capitalised or not: a name or a number follows.
LEADING = frozenset(
    "mme mmes mlle mlles mr mrs ms dr drs pr st ste mgr cf p pp fig tabl chap éd réf tél bd av dép"
    " préf reg rég secr hon gal cdt lt sgt dir bât apt ets sté"
    " coord vs resp trad coll alin i.e e.g c.-à-d s.a.r.l s.a n.b p.s".split()
) | {"M", "MM", "Me", "Prof", "Art", "Sté"}
# The last word of a sentence too; before a figure or a reference ("L. 123-4") it is not.
AMBIGUOUS = frozenset(
    "al ann ap app apr art assoc av cass cit civ col com crim etc env ex fax h hab ibid loc max min"
    " moy n no op pers prof s sal sec soc sq sqq suiv t v vol"
    " janv jan févr fév avr juil sept oct nov déc".split()
)
# First names cut to two or three letters: "Ph. Martin".
SHORT_NAMES = frozenset("Al Ch Chr Cl Ed Fr Gh Jh Ph Th".split())
# A single capital after one of these words names a thing, not a person: "le plan B."
LETTERED = frozenset(
    "annexe bâtiment bloc catégorie classe groupe hépatite lettre liste lot niveau option phase"
    " plan point question série type version vitamine volet zone".split()
)
# Nothing begins with these.
CONTINUING = frozenset(".!?…,;:)]»”")

_END = re.compile(
    r"(?P<stop>(?<![.!?…])[.!?…]++)"
    r"(?P<close>(?:[^\S\n]?[»”\"'’)\]]|\[\d{1,3}\]|[⁰¹²³⁴-⁹])*)\s+(?=(?P<next>\S))"
)
_LAST_WORD = re.compile(r"(?:(?P<before>\w+)[^\S\n]+)?(?P<elision>\w+['’])?(?P<word>[\w.\-]+)\Z")
_INITIALS = re.compile(r"[A-ZÀ-ÖØ-Þ](?:\.?-[A-ZÀ-ÖØ-Þ]|\.[A-ZÀ-ÖØ-Þ])?")
_ENUMERATION = re.compile(r"(?:^|[:;]\s)(?:\d{1,2}(?:\.\d{1,2})*|[a-zA-Z]|[IVX]{1,5})\Z")
_LETTERED_ITEM = re.compile(r"[a-z]\.\s[A-ZÀ-ÖØ-Þ]")
_REFERENCE = re.compile(r"\d|[A-Z]\.|[A-Z] ?\d")

_LINE = re.compile(r"[^\n]+")
_HEADING = re.compile(r"(#{1,6})[^\S\n]+(?=\S)")
_ITEM = re.compile(r"[-*+•][^\S\n]+(?=\S)")
_NUMBERED = re.compile(r"(?:\d{1,2}|[a-z])[.)°][^\S\n]+(?=\S)")
_ROW_RULE = re.compile(r"\|?(?:[^\S\n]*:?-{2,}:?[^\S\n]*\|)+[^\S\n]*(?::?-{2,}:?)?")


@dataclass(frozen=True, slots=True)
class Unit:
    """`text[start:end]` is one heading, sentence, list item or table row, without its marker.

    `level` counts the `#` of a heading and is 0 for all others.
    """

    start: int
    end: int
    form: Form
    level: int = 0


def units(text: str) -> Iterator[Unit]:
    """The units of a document's text, in order, without overlap; blanks and markers left out.

    A numbered item ("2. Remplir le dossier") keeps its number; the rule under a table's header
    is no unit.
    """
    for form, lines in _blocks(text):
        start, end = lines[0][0], lines[-1][1]
        if form == "heading":
            yield _heading(text, start, end)
        elif form == "row":
            if not _ROW_RULE.fullmatch(text, start, end):
                yield Unit(start, end, "row")
        elif form == "item":
            marker = _ITEM.match(text, start, end)
            start = marker.end() if marker else start
            spans = sentences(text, start, end) if end - start > LONG_ITEM else [(start, end)]
            yield from (Unit(*span, "item") for span in spans)
        else:
            for run in _runs(text, lines):
                yield from (Unit(*span, "sentence") for span in sentences(text, *run))


def _heading(text: str, start: int, end: int) -> Unit:
    marker = _HEADING.match(text, start, end)
    if marker is None:
        return Unit(start, end, "sentence")
    closed = text[marker.end() : end].rstrip("#").rstrip()
    end = marker.end() + len(closed) if closed else end
    return Unit(marker.end(), end, "heading", level=len(marker[1]))


def _blocks(text: str) -> Iterator[tuple[Form, list[Span]]]:
    """Lines that belong together: a paragraph, an item with its indented lines, or one line."""
    form: Form = "sentence"
    lines: list[Span] = []
    after = -1
    for line in _LINE.finditer(text):
        content = line[0].strip()
        start = line.start() + len(line[0]) - len(line[0].lstrip())
        here = _form(content)
        follows = bool(lines) and line.start() == after + 1 and here == "sentence"
        after = line.end()
        if follows and (form == "sentence" or (form == "item" and start - line.start() >= 2)):
            if content:
                lines.append((start, start + len(content)))
                continue
        if lines:
            yield form, lines
        form, lines = here, [(start, start + len(content))] if content else []
    if lines:
        yield form, lines


def _form(content: str) -> Form:
    if _HEADING.match(content):
        return "heading"
    if len(content) > 1 and content[0] == content[-1] == "|":
        return "row"
    return "item" if _ITEM.match(content) or _NUMBERED.match(content) else "sentence"


def _runs(text: str, lines: list[Span]) -> Iterator[Span]:
    """A paragraph's lines, joined where a line was only full and parted where it ended early."""
    width = max(end - start for start, end in lines)
    begin, last = lines[0]
    for start, end in lines[1:]:
        continues = text[start].islower() or text[start] in CONTINUING
        if not continues and not _is_full(text, (begin, last), start, width):
            yield begin, last
            begin = start
        last = end
    yield begin, last


def _is_full(text: str, line: Span, following: int, width: int) -> bool:
    if width not in WRAPPED_LINES:
        return False
    line_start = max(line[0], text.rfind("\n", line[0], line[1]) + 1)
    word = _WORD.match(text, following)
    needed = line[1] - line_start + 1 + (len(word[0]) if word else 0)
    return needed > FULL_LINE * width


_WORD = re.compile(r"\S{1,40}")


def sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """The sentences of one paragraph, given by its offsets; time is linear in its length."""
    begin = start
    for mark in _END.finditer(text, start, end):
        if _ends_sentence(text, begin, mark):
            yield begin, mark.end("close")
            begin = mark.end()
    if begin < end:
        yield begin, end


def _ends_sentence(text: str, begin: int, mark: re.Match[str]) -> bool:
    following = mark["next"]
    if following.islower() and not _LETTERED_ITEM.match(text, mark.end()):
        return False
    if following in CONTINUING:
        return False
    if mark["stop"] != "." or mark["close"]:
        return True
    opening = max(begin, mark.start() - LOOK_BACK)
    before = text[opening : mark.start()]
    number = _ENUMERATION.search(before)
    if number and (number.start() or opening == begin):
        return False
    last = _LAST_WORD.search(before)
    return last is None or not _is_abbreviation(last, text, mark.end())


def _is_abbreviation(last: re.Match[str], text: str, following: int) -> bool:
    word = last["word"]
    uncapitalised = word.lower() if "." in word else word[0].lower() + word[1:]
    if word in LEADING or uncapitalised in LEADING or word in SHORT_NAMES:
        return True
    if _INITIALS.fullmatch(word) and word != "J.-C":
        named = (last["before"] or "").lower() in LETTERED
        return not named and not (last["elision"] and len(word) > 1)
    return uncapitalised in AMBIGUOUS and bool(_REFERENCE.match(text, following))
