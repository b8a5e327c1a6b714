"""Republished articles are told from pages of one kind, whatever the order they come in."""

from dataclasses import replace

import pytest

from vigie.ingest.documents import Document, Kind
from vigie.ingest.republication import Article, is_republished

PARAGRAPHS = (
    "Chaque association qui emploie un salarié doit déclarer son embauche avant la prise de poste.",
    "La déclaration se fait en ligne, sur un portail commun à toutes les caisses, et ne prend que"
    " quelques minutes lorsque le numéro de sécurité sociale de la personne est connu.",
    "Le premier bulletin de salaire arrive un mois plus tard ; il faut donc prévoir une trésorerie"
    " suffisante, car les cotisations sont appelées au cours du trimestre qui suit.",
    "Les petites structures peuvent confier ces formalités à un tiers de confiance, souvent une"
    " fédération ou une maison des associations, qui établit les fiches et répond aux questions.",
    "Enfin, l’employeur inscrit la nouvelle personne sur le registre du personnel, affiche les"
    " horaires et remet à chacun une notice sur la prévoyance et la formation professionnelle.",
)
ORIGINAL = Document(
    source="reseau",
    location="a",
    text="\n\n".join(PARAGRAPHS),
    title="Embaucher un premier salarié",
    kind=Kind.ARTICLE,
    publisher="Réseau Estran",
    url="https://estran.example/embaucher",
)
COPY = replace(
    ORIGINAL, source="veille", publisher="Ligue du Ponant", url="https://ponant.example/42"
)


def same(one: Document, other: Document) -> bool:
    """The verdict, which must not depend on the order."""
    verdicts = {
        is_republished(Article.of(a), Article.of(b)) for a, b in ((one, other), (other, one))
    }
    assert len(verdicts) == 1
    return verdicts.pop()


def told(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs)


@pytest.mark.parametrize(
    "text",
    [
        ORIGINAL.text.replace("’", "'").upper(),
        told("La Ligue relaie cette information de son partenaire.", *PARAGRAPHS),
        told(*PARAGRAPHS, "Source : Réseau Estran. Contact : 01 23 45 67 89."),
        told(*PARAGRAPHS[1:]),
        told(*PARAGRAPHS[:4], "Par la rédaction"),
        ORIGINAL.text.replace("quelques minutes", "peu de temps").replace("donc", "alors"),
        told(*PARAGRAPHS[:2], "Lire la suite sur le site du Réseau Estran"),
        " ".join(told(*PARAGRAPHS).split()[:50]) + " […] Lire la suite",
    ],
    ids=["typed", "led", "signed", "lead-cut", "end-cut", "edited", "teaser", "cut-off"],
)
def test_an_article_is_known_however_it_is_republished(text: str) -> None:
    assert same(ORIGINAL, replace(COPY, text=text))
    decorated = f"Actualité – {ORIGINAL.title}"
    assert same(ORIGINAL, replace(COPY, text=text, title=decorated))


def test_another_title_does_not_hide_a_long_article() -> None:
    long = replace(ORIGINAL, text=told(*PARAGRAPHS, *(p.upper() for p in PARAGRAPHS[::-1])))
    assert same(long, replace(COPY, text=long.text, title="Le point sur vos obligations"))
    assert not same(ORIGINAL, replace(COPY, title="Le point sur vos obligations", text=told()))


@pytest.mark.parametrize(
    ("before", "after"),
    [("un mois", "2 mois"), ("au cours du trimestre", "avant le 15 mai")],
    ids=["delay", "date"],
)
def test_another_figure_is_another_matter(before: str, after: str) -> None:
    assert not same(ORIGINAL, replace(COPY, text=ORIGINAL.text.replace(before, after)))


def test_pages_of_one_kind_are_not_one_article() -> None:
    trades = [
        (
            f"Fichier des {trade} : que faire ?",
            ORIGINAL.text.replace("association", trade).replace("salarié", f"{trade} salarié"),
        )
        for trade in ("opticien", "pharmacien")
    ]
    pages = [replace(ORIGINAL, title=title, text=text) for title, text in trades]
    assert not same(*pages)
    elsewhere = replace(pages[1], source="veille", url="https://ponant.example/7")
    assert not same(pages[0], elsewhere)


def test_a_site_republishes_its_own_article_only_in_the_same_words() -> None:
    beside = replace(ORIGINAL, location="b", title=f"{ORIGINAL.title} (Copie)")
    assert same(ORIGINAL, beside)
    assert not same(ORIGINAL, replace(beside, text=told(*PARAGRAPHS[:4])))


def test_a_phrase_of_every_page_makes_no_twins() -> None:
    short = replace(ORIGINAL, text="Cette page est en cours de rédaction, revenez bientôt.")
    assert not same(short, replace(COPY, text=short.text))
    assert Article.of(short).samples() == []
