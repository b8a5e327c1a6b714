"""Which column header names which programme field."""

import re
from collections.abc import Sequence
from enum import StrEnum

from vigie.ingest.folding import fold


class Field(StrEnum):
    """What a programme record may say, and what only helps to recognise or to close one."""

    NAME = "name"
    FUNDER = "funder"
    BENEFICIARIES = "beneficiaries"
    THEMES = "themes"
    TERRITORIES = "territories"
    OPENS = "opens"
    CLOSES = "closes"
    PERIOD = "period"
    AMOUNT = "amount"
    STATUS = "status"
    CONTACT = "contact"
    URL = "url"
    RECURRENCE = "recurrence"
    CONDITIONS = "conditions"


# Header words, singular and folded, collected from the headers of aides-territoires,
# mission-transition, aides-jeunes and of French association spreadsheets. The longest phrase found
# in a header decides, so "secteur geographique" is a territory though "secteur" is a theme.
PHRASES: dict[Field, str] = {
    Field.NAME: (
        "nom, titre, intitule, libelle, label, name, title, dispositif, nom du dispositif, "
        "programme, nom du programme, nom de l aide, intitule de l aide, titre de l aide, "
        "aide, fond, appel a projet, program, programme name, scheme"
    ),
    Field.FUNDER: (
        "financeur, porteur, porteur d aide, organisme, organisme financeur, institution, "
        "operateur, operateur de contact, structure porteuse, fondation, bailleur, mecene, "
        "propose par, finance par, funder, funded by, provider, organisation, structure"
    ),
    Field.BENEFICIARIES: (
        "beneficiaire, cible, public, public cible, public vise, pour qui, qui, destinataire, "
        "eligible, structure eligible, porteur eligible, qui peut candidater, qui peut en "
        "beneficier, beneficiaire de l aide, beneficiary, beneficiarie, applicant, eligible "
        "applicant, who can apply, profil"
    ),
    Field.THEMES: (
        "thematique, theme, domaine, domaine d intervention, sous thematique, secteur, champ, "
        "mot cle, topic, tag, sector"
    ),
    Field.TERRITORIES: (
        "territoire, perimetre, secteur geographique, zone, zone geographique, region, "
        "departement, localisation, eligibilite geographique, couverture geographique, "
        "geographie, perimetre geographique, echelle, territory, territorie, area, geographic "
        "area, location"
    ),
    Field.OPENS: (
        "ouverture, date d ouverture, date ouverture, debut, date de debut, date debut, debut "
        "de validite, lancement, opening, open, opening date, start, start date"
    ),
    Field.CLOSES: (
        "cloture, date de cloture, date cloture, date limite, fin, date de fin, date fin, fin "
        "de validite, echeance, jusqu au, limite de depot, date butoir, date limite de depot, "
        "date limite de candidature, deadline, close, closing date, end date"
    ),
    Field.PERIOD: (
        "calendrier, periode, periode de candidature, date de candidature, candidature, date "
        "de depot, application period"
    ),
    Field.AMOUNT: (
        "montant, taux, plafond, dotation, enveloppe, aide maximale, montant de l aide, "
        "montant du financement, amount, rate, ceiling, grant, budget"
    ),
    Field.STATUS: "statut, etat, status, state",
    Field.CONTACT: "contact, email, e mail, courriel, mail, telephone, contact question, phone",
    Field.URL: (
        "lien, url, site, site web, site internet, page, page web, lien web, adresse web, "
        "en savoir plus, link, website, web"
    ),
    Field.RECURRENCE: "recurrence, periodicite, frequence, permanent, recurring",
    Field.CONDITIONS: "condition, condition d eligibilite, critere, eligibilite, eligibility",
}
# One everyday word means the field only when it is the whole header: "État d'avancement" is no
# status, "Sous-secteur d'aide" no name.
WHOLE_ONLY = frozenset(
    "etat state qui open close aide fond grant champ page web structure organisation budget "
    "programme secteur sector zone fin debut candidature public eligible".split()
)
# A negated or technical column never holds the field that its other words name.
EXCLUDED = re.compile(
    r"\b(?:exclusion|exclu|non|code|id|identifiant|siret|siren|numero|image|logo)\b"
)
WORDS = {field: tuple(p.split() for p in text.split(", ")) for field, text in PHRASES.items()}

CAMEL = re.compile(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Ý])")
NOT_WORD = re.compile(r"[^a-z0-9]+")


def header_words(header: str) -> list[str]:
    """Folded words without plural: "date_cloture", "Date(s) de clôture" and "dateCloture" alike."""
    folded = fold(CAMEL.sub(" ", header).replace("(s)", "").replace("(e)", ""))
    return [
        word[:-1] if len(word) > 3 and word[-1] in "sx" and word not in ("taux", "status") else word
        for word in NOT_WORD.sub(" ", folded).split()
    ]


def field_of(header: str) -> tuple[Field, int] | None:
    """The field that a header names and how surely (higher is surer), None for other headers."""
    words = header_words(header)
    if not words or EXCLUDED.search(" ".join(words)):
        return None
    best: tuple[Field, int] | None = None
    for field, phrases in WORDS.items():
        for phrase in phrases:
            score = _phrase_score(phrase, words)
            if score and (best is None or score > best[1]):
                best = field, score
    return best


def _phrase_score(phrase: list[str], words: list[str]) -> int:
    if phrase == words:
        return 100 + len(phrase)
    if len(phrase) == 1 and phrase[0] in WHOLE_ONLY:
        return 0
    size = len(phrase)
    for start in range(len(words) - size + 1):
        if words[start : start + size] == phrase:
            return 10 * size + (5 if start == 0 else 0)
    return 0


def columns(header: Sequence[str]) -> dict[Field, tuple[int, ...]]:
    """Columns of each field, surest first; the name has exactly one column when there is any."""
    found: dict[Field, list[tuple[int, int]]] = {}
    for index, label in enumerate(header):
        match = field_of(label)
        if match:
            found.setdefault(match[0], []).append((-match[1], index))
    return {field: tuple(index for _, index in sorted(pairs)) for field, pairs in found.items()}
