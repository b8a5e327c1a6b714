"""What every reader does to text: one Unicode form, no page furniture, words whole again.

Typographic spaces (U+00A0, U+202F) stay, since quotes are verbatim; `\\s` and `str.split` treat
them as blanks, which is all that later steps need.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

# Longer lines are prose, whatever they begin with; cookie notices are the exception.
CHROME_LENGTH = 120
NOTICE_LENGTH = 300
# A first or last line that stands on half the pages (numbers aside) is a running title.
RUNNING_SHARE = 0.5
RUNNING_PAGES = 3
RUNNING_LINES = 2
# Fewer spacing accents than this are accents that somebody typed.
SPACING_ACCENTS = 3

LINE_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\ud800-\udfff]"
)
BLANKS_AT_END = re.compile(r"(?<![^\S\n])[^\S\n]++$", re.M)
BLANK_LINES = re.compile(r"\n{3,}")
# Symbol fonts put their bullets in the private use area.
BULLET = re.compile("^[^\\S\\n]*[•●▪■◦‣➢➤✓✔∙\uf0a7\uf0b7\uf0d8\uf0fc][^\\S\\n]*(?=\\S)", re.M)
PRIVATE_USE = re.compile("[\ue000-\uf8ff]")


def clean(text: str) -> str:
    """Unicode NFC, `\\n` line ends, no control or invisible characters, at most one blank line."""
    text = LINE_BREAKS.sub("\n", text).replace("\t", " ")
    text = BULLET.sub("- ", INVISIBLE.sub("", text))
    text = BLANKS_AT_END.sub("", PRIVATE_USE.sub("", text))
    return unicodedata.normalize("NFC", BLANK_LINES.sub("\n\n", text)).strip()


def one_line(text: str) -> str:
    """Line breaks and runs of plain blanks become one space; typographic spaces stay."""
    return re.sub(r"[ \t\r\n\f\v]+", " ", clean(text)).strip()


def table_rows(rows: Iterable[Sequence[str]]) -> str:
    """Rows as `| a | b |` lines, the first one as header; "" when no cell has text.

    Blank rows and blank last columns go, short rows are filled up, and a `|` inside a cell
    becomes `/` so that every line keeps its columns.
    """
    cells = [[one_line(cell).replace("|", "/") for cell in row] for row in rows]
    cells = [row for row in cells if any(row)]
    width = max((i for row in cells for i, cell in enumerate(row, 1) if cell), default=0)
    if not width:
        return ""
    filled = [(row + [""] * width)[:width] for row in cells]
    lines = [f"| {' | '.join(row)} |" for row in filled]
    return "\n".join([lines[0], f"|{' --- |' * width}", *lines[1:]])


# --- Page furniture --------------------------------------------------------------------------

NETWORKS = (
    r"(?:facebook|twitter|x|linked ?in|instagram|whats ?app|messenger|telegram|you ?tube|tik ?tok"
    r"|pinterest|bluesky|mastodon|threads)"
)
SHARED = rf"(?:{NETWORKS}|e-?mail|courriel|imprimer)"
MAILING = r"(?:news-?letters?|infolettres?|lettres? d'information|lettre d'infos?|alertes?)"
CHROME = (
    # Navigation
    r"aller (?:directement )?(?:au contenu(?: principal)?|à la navigation|au menu|au pied de page)",
    r"accéder (?:directement )?au contenu|passer (?:au contenu|la navigation)|évitement",
    r"skip to (?:main )?content|(?:main )?menu|menu (?:principal|de navigation)|navigation",
    r"(?:ouvrir|fermer|afficher|masquer)(?: le menu| la fenêtre| la recherche)?|close|search",
    r"rechercher?(?: sur le site)?|recherche avancée|accueil|home|plan du site|fil d'ariane",
    r"(?:vous êtes ici ?:? ?)?accueil ?[>›»/].*",
    r"haut de (?:la )?page|(?:retour|remonter)(?: (?:en haut|vers le haut)(?: de (?:la )?page)?)?",
    r"retour (?:à l'accueil|à la liste|aux? \w+)|back to top",
    r"(?:article|page|actualité)s? (?:précédente?|suivante?)s?|précédent|suivant",
    r"(?:se connecter|connexion|mon compte|mon espace|s'abonner|abonnez-vous|s'inscrire)",
    r"(?:je m'abonne|je m'inscris|je me connecte|créer (?:un|mon) compte|log ?in|sign (?:in|up))",
    # Newsletters
    rf"recevoir (?:les news|(?:la|notre|nos) {MAILING})(?: tous les articles de l'acteur)?",
    r"tous les articles (?:de l'acteur|du même auteur|de la rubrique)",
    rf"(?:cliquez (?:ici )?pour vous inscrire|inscrivez-vous|abonnez-vous|s'inscrire|s'abonner)"
    rf" à (?:la|notre|nos|cette) {MAILING}(?: [\w' -]{{1,40}})?",
    rf"(?:recevez|retrouvez) (?:chaque \w+ )?(?:la|notre|nos) {MAILING}(?: [\w' -]{{1,40}})?",
    r"la quotidienne|l'hebdo (?:entreprise, fondation, partenaire|associations?|grand public)",
    r"(?:votre |une )?(?:adresse )?(?:e-?mail|adresse électronique)(?: \*)?",
    r"subscribe(?: to our newsletter)?",
    # Sharing
    r"partager(?: (?:sur|par|via|cet?|la|le|l')\b.*)?|share(?: (?:on|this)\b.*)?",
    rf"partager ?:? ?(?:{SHARED}\b\W*)*|(?:{SHARED}\b\W*){{2,}}",
    rf"{NETWORKS}|imprimer|(?:suivez|retrouvez)-nous(?: sur .*)?|nous suivre",
    r"copier (?:le lien|l'url)|lien copié|envoyer (?:par e-?mail|à un ami)|imprimer (?:cet?|la) .*",
    r"(?:version|format) imprimable|ajouter aux favoris|écouter (?:cet|l') ?article",
    # Reading aids
    r"(?:temps de )?lecture ?:? ?\d+ ?min(?:utes?)?|\d+ ?min(?:utes?)? de lecture",
    r"\d+ (?:vues?|partages?|(?:commentaire|réaction|like)s?(?: à cet article)?(?:\. .*)?)",
    r"(?:laisser|ajouter|écrire|publier) un commentaire",
    r"cet(?:te page|te fiche| article) vous a(?:-t-(?:elle|il))? (?:été utile|plu|intéressée?) ?\?",
    r"(?:à )?(?:lire|voir|écouter|découvrir) (?:aussi|également)(?: ?:.*)?|read (?:also|more)",
    r"(?:lire|voir|afficher|en savoir|en voir) (?:la suite|plus|tout(?:es)?|tous)",
    # Cookies, rights, advertising
    r"(?:tout )?(?:accepter|refuser)(?: (?:et (?:fermer|continuer)|tout|(?:tous )?les cookies))?",
    r"continuer sans accepter|(?:gestion|paramétrer|gérer|personnaliser)(?: (?:de[s]|les|mes))?"
    r" (?:cookies|choix|préférences)|accept(?: all)?(?: cookies)?|ok|j'accepte",
    r"(?:mentions légales|politique (?:de confidentialité|des? cookies)|données personnelles)",
    r"crédits? (?:photos?|images?)? ?:.*|photos? ?: .*",
    r"©.*|(?:tous droits réservés|all rights reserved).*|publicités?|annonces?|advertisement",
)
_CHROME = re.compile(rf"\W*(?:{'|'.join(CHROME)})[^\w:]*(?:(?:fermer|partager)\W*)?", re.I)
_NOTICE = re.compile(
    r"\W*(?:(?:nous utilisons|ce site (?:web )?utilise|nous et nos partenaires utilisons) des"
    r" (?:cookies|traceurs)|en (?:poursuivant|continuant) (?:votre|la) navigation"
    r"|(?:we use|this (?:web)?site uses) cookies)\b",
    re.I,
)
_RELATED = re.compile(
    r"\W*(?:(?:à )?(?:lire|voir|découvrir) (?:aussi|également)|sur le même (?:sujet|thème)"
    r"|(?:articles|contenus|actualités) (?:similaires|associée?s|liée?s|récente?s)"
    r"|dans la même (?:rubrique|catégorie)|(?:ces|d'autres) articles? .{0,30}intéresser"
    r"|read (?:also|more)|related (?:articles|posts))\W*",
    re.I,
)
_SEPARATOR = re.compile(r"\s+[|·•–—]\s+|\s{3,}")


def is_chrome(line: str) -> bool:
    """True for a whole line of page furniture: navigation, newsletter, sharing, cookies, rights.

    A menu on one line ("Accueil | Mentions légales") is chrome when each of its parts is.
    """
    plain = line.strip()
    if not plain or len(plain) > NOTICE_LENGTH:
        return False
    plain = re.sub(r"\s", " ", plain).replace("’", "'")
    if _NOTICE.match(plain):
        return True
    if len(plain) > CHROME_LENGTH:
        return False
    return all(_CHROME.fullmatch(part) for part in _SEPARATOR.split(plain))


def heads_related(line: str) -> bool:
    """True for a heading over links to other articles: "Lire aussi", "Sur le même sujet"."""
    return len(line) <= CHROME_LENGTH and bool(_RELATED.fullmatch(line.replace("’", "'")))


# --- Text drawn on pages ---------------------------------------------------------------------

LOWER = "a-zà-öø-ÿœæ"
PAGE_HYPHEN = re.compile("\x02\n?|\ufffe")
SOFT_BREAK = re.compile("(?<=\\w)[\u00ad\u2010][^\\S\\n]*\n[^\\S\\n]*(?=\\w)")
HARD_BREAK = re.compile(rf"\b([{LOWER}]+)-\n([{LOWER}]+)\b")
COMPOUND_BREAK = re.compile(r"(?<=\w)-\n(?=\w)")
# Second halves that French writes after a hyphen: inversions, "-là", "-même", "-être".
HYPHENATED = frozenset(
    "je tu il elle on nous vous ils elles moi toi lui ci là même mêmes être à de des du et".split()
)
COMBINING = {"´": "\u0301", "`": "\u0300", "ˆ": "\u0302", "¨": "\u0308", "¸": "\u0327"}
SPACING_ACCENT = re.compile("([´`ˆ¨¸]) ?([A-Za-zı])")
LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB06: "st"}
GUILLEMETS = {ord("≪"): "«", ord("≫"): "»"}


def repair_pdf_text(text: str) -> str:
    """Text as drawn, with words cut at line ends joined, ligatures and old accents composed.

    A plain hyphen at a line's end goes unless the compound is usual ("peut-être") or stands
    whole elsewhere in `text`.
    """
    text = LINE_BREAKS.sub("\n", PAGE_HYPHEN.sub("\u00ad\n", text))
    text = SOFT_BREAK.sub("", text)
    whole = set(re.findall(rf"\b[{LOWER}]+-[{LOWER}]+\b", text))

    def join(broken: re.Match[str]) -> str:
        compound = f"{broken[1]}-{broken[2]}"
        keeps = broken[2] in HYPHENATED or compound in whole
        return compound if keeps else broken[1] + broken[2]

    text = COMPOUND_BREAK.sub("-", HARD_BREAK.sub(join, text))
    if len(SPACING_ACCENT.findall(text)) > SPACING_ACCENTS:
        text = SPACING_ACCENT.sub(_compose, text)
    return clean(text.translate(LIGATURES | GUILLEMETS))


def _compose(accented: re.Match[str]) -> str:
    letter = "i" if accented[2] == "ı" else accented[2]
    return unicodedata.normalize("NFC", letter + COMBINING[accented[1]])


def strip_running_lines(pages: Sequence[str]) -> list[str]:
    """Pages without headers and footers: edge lines that recur on half the pages, numbers aside.

    Fewer than three pages come back unchanged.
    """
    lines = [[line for line in page.split("\n") if line.strip()] for page in pages]
    edges = Counter(key for page in lines for key in {_running_key(x) for x in _edges(page)})
    needed = max(RUNNING_PAGES, RUNNING_SHARE * len(pages))
    running = {key for key, count in edges.items() if count >= needed}
    if not running:
        return list(pages)
    return [_without_edges(page, running) for page in pages]


def _running_key(line: str) -> str:
    return re.sub(r"\d+", "#", line.strip().lower())


def _edges(lines: list[str]) -> list[str]:
    return lines[:RUNNING_LINES] + lines[-RUNNING_LINES:]


def _without_edges(page: str, running: set[str]) -> str:
    lines = page.split("\n")
    filled = [index for index, line in enumerate(lines) if line.strip()]
    edges = {*filled[:RUNNING_LINES], *filled[-RUNNING_LINES:]}
    kept = (
        line
        for index, line in enumerate(lines)
        if index not in edges or _running_key(line) not in running
    )
    return "\n".join(kept).strip("\n")
