"""What sort of answer a question asks for, from the words with which people really ask it."""

import re
from enum import StrEnum

from vigie.ingest.folding import fold


class QuestionKind(StrEnum):
    """The sort of fact that answers a question."""

    WHO = "who"
    WHEN = "when"
    WHERE = "where"
    HOW_MANY = "how_many"
    HOW_MUCH = "how_much"
    DURATION = "duration"
    WHY = "why"
    HOW = "how"
    DEFINITION = "definition"
    YES_NO = "yes_no"
    LIST = "list"
    PROGRAMME = "programme"
    OTHER = "other"


_AMOUNT = (
    r"montants?|budgets?|sommes?|prix|couts?|tarifs?|enveloppes?|dotations?|plafonds?|salaires?"
)
_AMOUNT += r"|chiffre d'affaires|subventions? (?:maximale?|moyenne?)|cotisations?"
_RATE = r"nombre|pourcentage|proportion|part|taux|effectifs?|superficie|population|taille|ratio"
_PERSON = r"president\w*|direct(?:eur|rice)\w*|gerant\w*|delegue\w*|responsables?|maire|ministre|auteur\w*"
_PERSON += r"|fondat(?:eur|rice)\w*|secretaires?|tresori\w+|personnes?|dirigeant\w*|interlocut\w+"
_DATE = r"date|annee|jour|mois|siecle|epoque|periode|echeance|moment|heure"
_PLACE = r"ville|pays|commune|region|departement|lieu|endroit|quartier|continent|adresse|siege"
_PROGRAMMES = r"programmes|dispositifs|appels? a projets?|appels|aides|financements|subventions"
_PROGRAMMES += r"|bourses|fonds|prets|guichets"
_WHICH = r"quel(?:le)?s?"
_PREPOSITION = r"(?:a|par|avec|de|pour|chez|aupres de|contre|sur|envers|en|dans|depuis|jusqu'a|des)"

# First match wins: what asks for one precise fact stands before the vaguer turns of phrase.
PATTERNS: tuple[tuple[QuestionKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (
            QuestionKind.PROGRAMME,
            rf"\b(?:quels|quelles|which|what)\b(?: sont| are)?(?: les| des|"
            rf" the)?(?: \w+)? (?:{_PROGRAMMES}"
            r"|program(?:me)?s|grants|schemes|funds)\b"
            rf"|\b(?:combien (?:de |d')|how many )(?:{_PROGRAMMES}|program(?:me)?s|grants)\b"
            rf"|\b(?:liste|existe|y a|cherche|trouver)\b.{{0,25}}\b(?:{_PROGRAMMES}|aide|"
            rf"subvention|financement)\b",
        ),
        (
            QuestionKind.DURATION,
            r"\bcombien (?:de temps|d'annees?|de mois|de jours|d'heures|de semaines|de minutes)\b"
            rf"|\bpendant combien\b|\b{_WHICH} (?:est |sont )?(?:la |le |les )?(?:duree|delai|"
            rf"anciennete)s?\b"
            r"|\bdans quels? delais?\b|\bhow long\b",
        ),
        (
            QuestionKind.WHEN,
            r"\bquand\b(?! meme)|\b(?:jusqu'a|a partir de|depuis|des) quand\b|\bdate (?:limite|"
            r"de)\b"
            rf"|\b{_WHICH} (?:est |sont |etait |fut )?(?:la |l'|le )?(?:{_DATE})\b"
            r"|\bwhen\b|\bwhat (?:year|date|day|month|time)\b|\bdeadline\b|\bsince when\b",
        ),
        (
            QuestionKind.HOW_MUCH,
            rf"\b{_WHICH} (?:est |sont |etait )?(?:le |la |les |l')?(?:\w+ )?(?:{_AMOUNT})\b"
            r"|\bcombien (?:coute\w*|d'(?:euros|argent)|ca coute|vaut|gagn\w+|vers\w+|recoi\w+|"
            r"pai\w+|pay\w+)"
            r"|\ba combien (?:s'eleve\w*|se monte\w*|est estime)|\bcombien\b.{0,60}\b(?:vers|"
            r"accord|finan|invest|"
            r"depens|distribu|octroy|coute|euros|gagne|touche)\w*|\bhow much\b|"
            r"\bwhat (?:is the )?(?:amount|budget|cost)\b",
        ),
        (
            QuestionKind.HOW_MANY,
            rf"\bcombien\b|\b{_WHICH} (?:est |sont |etait )?(?:le |la |l'|les )?(?:{_RATE})\b|"
            rf"\ba quel pourcentage\b"
            r"|\bhow many\b|\bwhat (?:is the )?(?:share|percentage|proportion|number|rate)\b",
        ),
        (
            QuestionKind.WHERE,
            rf"\ba quel endroit\b|\b(?:{_PREPOSITION} )?{_WHICH} (?:est |sont |etait )?(?:le |la |"
            rf"l')?(?:{_PLACE})\b"
            r"|^(?:d')?ou (?:est|sont|se|s'|peut|puis|a|ont|vit|etait|trouver|aller|faut)\b|"
            r"\bwhere\b"
            r"|\b(?:what|which) (?:city|town|country|region|place)\b",
        ),
        (
            QuestionKind.WHO,
            rf"(?:^|[,:;] ?|\bmais |\bet )(?:c'est |"
            rf"est-ce )?(?:{_PREPOSITION} )?qui\b(?! (?:concerne|suit))"
            rf"|\b(?:c'est|qui est-ce|est|sont) qui\b|\b{_WHICH} (?:est |sont |etait |"
            rf"fut )?(?:le |la |les |l')?"
            rf"(?:nom (?:de|du|des) )?(?:la |l'|le )?(?:{_PERSON})\b|\bnom (?:du|de la|de l'|"
            rf"des) (?:{_PERSON})\b"
            rf"|\b(?:{_PREPOSITION}) qui\b.{{0,60}}\?|\bwho(?:m|se)?\b|\bcomment s'appelle\w*\b",
        ),
        (
            QuestionKind.WHY,
            r"\bpourquoi\b|\bpour quelles? (?:raisons?|motifs?)\b|\ba cause de quoi\b|\bwhy\b"
            rf"|\b{_WHICH} (?:est |sont )?(?:la |les )?(?:causes?|raisons?|motifs?)\b|"
            rf"\bdans quel but\b"
            r"|\b(?:a|grace a) quoi (?:sert|est du)\b",
        ),
        (
            QuestionKind.DEFINITION,
            r"\bc'est quoi\b|\bqu'est[- ]ce qu(?:e|'un|'une)\b|\bc'est[- ]quoi\b|"
            r"\bque (?:signifie\w*|veut dire|designe)\b"
            r"|\b(?:veut dire|signifie) quoi\b|\bdefinition d|\bqu'appelle[- ]t[- ]on\b|"
            r"\bqu'entend[- ]on\b"
            r"|^(?:definir|que sont|what (?:is|are) (?:an?\b|[\w' -]{1,30}\?))|\bstand for\b|"
            r"\bwhat does .{1,40} mean\b"
            r"|\bsigle\b|\bacronyme\b",
        ),
        (
            QuestionKind.HOW,
            rf"\bcomment\b|\bde {_WHICH} (?:maniere|facon)\b|\bpar quel moyen\b|\bhow\b"
            r"|\bque (?:faire|faut|dois|puis)|\b(?:demarches?|procedure) (?:pour|a suivre)\b",
        ),
        (
            QuestionKind.LIST,
            r"\b(?:quels|quelles|lesquels|lesquelles)\b|\b(?:liste|enumere\w*|citez|citer)\b|"
            r"\bwhat are\b|\blist\b"
            r"|\bwhich \w+s\b",
        ),
        (
            QuestionKind.YES_NO,
            r"^(?:est[- ]ce|peut|puis|dois|doit|faut|y a|existe|a[- ]t|est[- ](?:il|elle)|sont|"
            r"ai[- ]je|suis[- ]je|"
            r"avez|avons|is|are|can|does|do|did|has|have|should|must|may)\b|\b(?:est[- ]ce qu|"
            r"puis[- ]je|peut[- ]on|"
            r"peut[- ]il|peut[- ]elle|peuvent[- ]\w+|dois[- ]je|doit[- ]on|faut[- ]il|ai[- ]je|"
            r"a[- ]t[- ]\w+)",
        ),
    )
)

# A question of these kinds in the plural wants every item, not one sentence.
_LIST_WANTED = re.compile(
    r"\b(?:quels|quelles|lesquels|lesquelles)\b(?! (?:que|qu'))|\b(?:liste|enumere\w*|citez)\b|"
    r"\bwhat are\b"
    r"|\b(?:which|what) (?:\w+ )?(?:documents|conditions|steps|criteria|members|partners|"
    r"programmes|programs)\b"
)
LISTABLE = frozenset({QuestionKind.LIST, QuestionKind.PROGRAMME, QuestionKind.OTHER})


def kind_of(asked: str) -> QuestionKind:
    """The first kind whose turns of phrase occur, OTHER for keywords and for what is not known."""
    plain = plain_question(asked)
    for kind, pattern in PATTERNS:
        if pattern.search(plain):
            return kind
    return QuestionKind.OTHER


def wants_list(asked: str, kind: QuestionKind) -> bool:
    """Whether every item is wanted ("quelles pièces…") rather than one fact."""
    return kind in LISTABLE and bool(_LIST_WANTED.search(plain_question(asked)))


def plain_question(asked: str) -> str:
    """Folded words of a question; "où", which folding would confuse with "ou", is spelt out."""
    spelt = re.sub(r"\b[Oo][ùÙ]\b|\bOÙ\b", "à quel endroit", asked)
    return " ".join(fold(spelt).split())
