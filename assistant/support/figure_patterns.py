"""Patterns and tables that find figures in folded text; `quantities` reads what they match."""

import re

from vigie.assistant.support import number_words

MONTHS = {
    name: number
    for names in (
        "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
        "january february march april may june july august september october november december",
    )
    for number, name in enumerate(names.split(), 1)
}
# Seasons stand as months that no calendar has; « été » only where a year follows it.
MONTHS |= {"printemps": 13, "automne": 14, "hiver": 15, "ete": 16, "spring": 13, "summer": 16}
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
YEAR = r"(?:1[5-9]|20)\d\d"
_DIGITS = r"\d{1,3}(?:[ .]\d{3})+(?:,\d+)?(?!\d)|\d+(?:[.,]\d+)*"
SCALES = {"million": 10**6, "milliard": 10**9, "millier": 1000, "billion": 10**9, "mille": 1000}
_SCALE = r"(?:millions?|milliards?|milliers?|billions?|mille(?=\s?(?:€|euros?\b)))"
CURRENCIES = {"€": 1, "euro": 1, "eur": 1, "k€": 1000, "ke": 1000, "m€": 10**6, "md€": 10**9}
UNITS = {
    "%": "%", "pour cent": "%", "pourcent": "%", "percent": "%", "point": "point",
    "an": "an", "annee": "an", "year": "an", "mois": "mois", "month": "mois",
    "trimestre": "trimestre", "semestre": "semestre", "semaine": "semaine", "week": "semaine",
    "jour": "jour", "journee": "jour", "day": "jour", "heure": "heure", "hour": "heure",
    "minute": "minute", "min": "minute", "seconde": "seconde", "km": "km", "kilometre": "km",
    "m²": "m²", "m2": "m²", "km²": "km²", "hectare": "ha", "ha": "ha", "kg": "kg",
    "tonne": "tonne", "dollar": "$", "$": "$", "franc": "franc", "£": "£",
}  # fmt: skip
UNIT = "|".join(
    re.escape(unit) + (r"s?\b" if unit[-1].isalpha() else "")
    for unit in sorted((*UNITS, *CURRENCIES), key=len, reverse=True)
)
SHARES = {"tiers": 3, "quart": 4, "cinquieme": 5, "sixieme": 6, "dixieme": 10}

LOW, HIGH = ">", "<"
_LOW = r"plus d|depass\w+|exced\w+|au moins|minimum|minimal\w*|a partir d|superieure?s? (?:a|de)"
_LOW += r"|au-dela d|au-dessus d|more than|at least|over"
_HIGH = (
    r"moins d|au plus|jusqu'a|jusqu'en|maximum|maximal\w*|plafond\w*|dans la limite d|en dessous d"
)
_HIGH += r"|n(?:e |')[^.;,]{0,20}(?:depass|exced)\w+|inferieure?s? (?:a|de)|less than|up to|at most"
_GAP = r"(?:e|'|es|u|a| )*"
BOUND_BEFORE = re.compile(rf"\b(?:(?P<high>{_HIGH})|(?P<low>{_LOW})){_GAP}$")
BOUND_AFTER = re.compile(
    r"\s?(?:(?P<low>au moins|au minimum|minimum|de plus\b|ou plus|more\b)"
    r"|(?P<high>au plus|au maximum|maximum|max\b|de moins\b|ou moins|en dessous|less\b))"
)
BOUND_REACH = 30  # characters before a number in which « jusqu’à » or « plus de » still bears on it

# Before these « un » is a number: « depuis plus d’un an »; elsewhere it is an article.
_COUNTED_BY_ONE = r"(?:million|milliard|an|mois|semaine|heure|trimestre|year|month|week|hour)"
_WORDS = number_words.PATTERN
# Tried in this order at each place of the folded text; groups are read by the reader of each kind.
PATTERNS = {
    kind: re.compile(pattern)
    for kind, pattern in {
        "phone": r"\b0[ .]?(?:\d(?:[ .]?\d\d){4}|8\d\d(?:[ .]?\d{3}){2})\b",
        "iso": r"\b(\d{4})-(\d\d)-(\d\d)\b",
        "slashed": r"\b([0-3]?\d)[/.](0?[1-9]|1[0-2])[/.](\d{4}|\d\d)\b",
        "days": rf"\b(?:(\d{{1,2}})(?:er)?(?: et | au |-| a |, ))?(\d{{1,2}})(?:er|st|nd|rd|th)?"
        rf" (?:of )?({_MONTH})\b(?: ({YEAR})\b)?",
        "english": rf"\b({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? ({YEAR})\b)?",
        "month": rf"\b(?!ete (?!{YEAR}))({_MONTH})\b(?: ({YEAR})\b)?",
        "clock": r"\b(\d{1,2}) ?h(?:eures?)?(?: ?(\d\d))?\b",
        "share": rf"\b(?:(\d+|une?|one|{_WORDS}) (?:[a-z]+ ){{0,2}}?"
        rf"(?:sur|out of|in|de (?:ses|leurs|nos|ces|les))"
        rf" (\d+|{_WORDS})(?!\w)(?! ?(?:{UNIT}))|([1-9])/([2-9]|10)\b(?!/)"
        rf"|(?:(une?|le|{_WORDS}|\d) ({'|'.join(SHARES)})s?\b|({'|'.join(SHARES)})s?(?= (?:d|of)))"
        r"(?! d'heure|-))",
        "half": r"\b(?:moitie|half of)\b",
        "collective": rf"\b({'|'.join(number_words.COLLECTIVES)}|millier)\b",
        "rank": rf"\b(?:(\d+)(?:e|eme|th)s?|({'|'.join(number_words.ORDINALS)})s?)\b",
        "number": rf"(?<![\w.,])(?<![a-z]-)(?:[€$£] ?)?(?:({_DIGITS})|({_WORDS})|"
        rf"(?:une?|one)(?= {_COUNTED_BY_ONE}\b))(?: ?({_SCALE})\b)?"
        rf"(?: (?:d'|de |of )?(?=euro|dollar|franc))?(?:[ -]?({UNIT}))?(?!\w)",
    }.items()
}
TOKEN = re.compile("|".join(f"(?P<{kind}>{p.pattern})" for kind, p in PATTERNS.items()))
PERIODS = {
    "jour": r"jours?|day", "semaine": r"semaines?|week", "mois": r"mois|month",
    "trimestre": r"trimestres?|quarter", "an": r"ans?|annees?|year", "heure": r"heures?|hour",
}  # fmt: skip
ADJECTIVES = {
    "jour": r"quotidien\w*|journalier\w*|daily", "semaine": r"hebdomadaire\w*|weekly",
    "mois": r"mensuel\w*|monthly", "trimestre": r"trimestriel\w*|quarterly",
    "an": r"annuel\w*|yearly|annually",
}  # fmt: skip
RATE = re.compile(
    "|".join(
        rf"(?P<{unit}>\b(?:par|chaque|a l'|per|every|each) ?(?:{period})\b"
        rf"|\btou(?:s|tes) les (?:[a-z]+ )?(?:{period})\b|\b(?:{ADJECTIVES.get(unit, period)})\b)"
        if unit in ADJECTIVES
        else rf"(?P<{unit}>\b(?:par|chaque|a l'|per) ?(?:{period})\b)"
        for unit, period in PERIODS.items()
    )
)
# Characters after a number in which « par mois » belongs to it.
RATE_REACH = 30
# A year after one of these words counts nothing, whatever noun follows it.
YEAR_BEFORE = re.compile(
    r"(?:\b(?:en|depuis|fin|debut|courant|annees?|loi(?: de)?|editions?|l'an|in|since|year)|/|-) ?$"
)
WORD = re.compile(r"[^\W\d_]+|\d+|[^\w\s'’-]")
LINKS = frozenset("d de des du la le les l of".split())
BREAKS = frozenset("durant hors sans contre voire soit afin aupres environ malgre lors".split())
QUALIFIERS = frozenset(
    "nouveau nouvelle nouveaux nouvelles petit petite petits petites grand grande grands grandes "
    "autre autres premier premiere premiers premieres dernier derniers anciens "
    "anciennes principaux differents differentes seules small large other".split()
)
JOINED = re.compile(r"^ ?(?:a|et|ou|-|to|and|or) (?:\w+ )?$|^-$")
