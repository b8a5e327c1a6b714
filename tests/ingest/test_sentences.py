"""Sentences of French prose, and the walk over light Markdown."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.ingest.sentences import Unit, sentences, units

# One text a line; "‖" marks every end of sentence inside it.
MARKED = """
Le fonds est doté de 3,2 M€.‖ Il a aidé 418 associations.
M. Ouhadi dirige le réseau.‖ Mme Marchadier le préside depuis 2022.
Le Dr. Lenoir et le Pr. Kerbrat ont signé l’étude.‖ Elle paraît en juin.
MM. Quéruel et Ouhadi se sont retirés.‖ Leur mandat finissait.
L’équipe (cf. p. 12) compte 31 salariés.‖ Elle recrute.
Voir l’art. L. 123-4 du code.‖ L’art. 5 des statuts le reprend.
L’art. R. 421-1 fixe le délai.‖ Passé ce délai, rien n’est dû.
Le musée ne vit que par l’art.‖ Ses dons baissent.
Il a perdu son vol.‖ Le suivant partait à 18 h.‖ Il l’a pris.
La réunion commence à 10 h 30.‖ Elle dure deux heures.
Le guichet ouvre à 9 h.‖ Apportez vos justificatifs.
Le siège est au 12, av. Jean-Jaurès à Lille.‖ Un accès existe bd. Victor-Hugo.
Rome fut fondée en 753 av. J.-C. selon la légende.‖ Les historiens en doutent.
Le site date de 52 av. J.-C.‖ Il a été fouillé en 1998.
Voir le n° 3 de la revue.‖ Le n° 4 paraîtra en mai.
Le dossier porte le n° 3.‖ Conservez-le.
Les aides couvrent le loyer, l’énergie, etc.‖ Elles ne couvrent pas les dettes.
Loyers, salaires, etc. sont pris en charge.‖ Le reste non.
Les charges (loyer, énergie, etc.) sont couvertes.‖ Les dettes ne le sont pas.
Les sociétaires sont nombreux (1 204 fin 2024, etc.).‖ Le capital suit.
« Nous avons tenu. »‖ La présidente n’en dira pas plus.
« Nous avons tenu ! » se réjouit la présidente.‖ Les bénévoles aussi.
« Faut-il fermer ? » demande-t-elle.‖ La réponse est non.
« Il faut agir.‖ Le temps presse », dit-il.‖ Nul ne répondit.
Elle répond : « Oui. »‖ Puis elle signe.
"Nous doutons.‖ Mais nous avançons", confie-t-il.‖ L’audit suit.
Est-ce possible ?‖ Oui, sous conditions !‖ Lesquelles ?
Qui peut candidater ?‖ Toute association de plus de 3 ans.
Le taux passe de 1.5 à 2.25 %.‖ Le plafond reste à 10 000 €.
La version 2.1 est sortie.‖ La 2.2 suivra.
Écrivez à contact@alveole.example.‖ Une réponse arrive sous 48 h.
Le formulaire est sur https://www.passerelle.example/aide.html.‖ Il se remplit en ligne.
Consultez www.oval.example.‖ Le rapport y est libre.
J. Dupont et J.-P. Martin signent.‖ A. Clairval préface.
Le rapport de S. Desrumaux est public.‖ Celui de M. Kerbrat aussi.
Ph. Martin et Ch. Leroy animent l’atelier.‖ Th. Petit conclut.
Nous passons au plan B.‖ Le plan A a échoué.
Les parts de catégorie A. Clairval et d’autres les détiennent.
Voir l’annexe C.‖ Elle liste les pièces.
La S.N.C.F. et la R.A.T.P. participent.‖ L’État aussi.
Il a rejoint l’O.N.U.‖ Son mandat dure deux ans.
La S.A.R.L. Martin est mécène.‖ Elle verse 5 000 €.
Il est né le 3 janv. 1950 à Lyon.‖ Il y vit encore.
L’appel ferme le 15 sept. 2026 à midi.‖ Aucun délai ne sera accordé.
Ils étaient sept.‖ Le lendemain, ils furent douze.
En 2024.‖ 15 associations ont été aidées.
Le bilan date de 2023.‖ 372 dossiers y figurent.
1. Créer un compte.‖ 2. Remplir le dossier.‖ 3. Signer.
I. Le contexte a changé.‖ II. Les besoins aussi.
a. Le loyer est éligible.‖ b. Les salaires aussi.
Trois étapes : 1. Créer un compte ; 2. Remplir le dossier.‖ Tout se fait en ligne.
Il hésite… puis accepte.‖ La suite est connue.
Il hésite…‖ Elle accepte.
Les aides (...) sont versées en mai.‖ Le solde suit en juin.
Le texte dit […] que l’aide cesse.‖ C’est faux.
L’étude (Kerbrat et al. 2023) le montre.‖ D’autres le nient.
Elle s’appuie sur Kerbrat et al.‖ Les chiffres datent de 2023.
Le budget est de 12,4 M€ (11,1 M€ en 2023).‖ Il augmente de 11,7 %.
C’est écrit en note.[1]‖ La loi le confirme.[2]
Le taux est de 60 %.¹‖ Il était de 50 %.²
Le mécénat, c.-à-d. le don d’une entreprise, progresse.‖ Il reste concentré.
Les structures, p. ex. les SCIC, sont éligibles.‖ Les SARL ne le sont pas.
Min. 500 €, max. 5 000 €.‖ Au-delà, contactez-nous.
Ajoutez 10 min.‖ Servez.
Le pli pèse 2 kg.‖ Le port coûte 5 €.
Tél. 03 20 00 00 00.‖ Fax. 03 20 00 00 01.
Le bât. B et l’apt. 12 sont accessibles.‖ Le reste ne l’est pas.
St. Nazaire et Ste. Marie ont répondu.‖ Les autres communes non.
N.B. Le dossier est unique.‖ Toute pièce manquante l’annule.
Louis XIV. meurt ; le fonds lui survit.
Le siècle de Louis XIV.‖ Une exposition s’y consacre.
Quelle histoire !!!‖ Personne n’y croyait.
Vraiment ?!‖ Oui.
– Venez.‖ – J’arrive.
Merci !‖ – De rien.
Le Comptoir (CNS) a redistribué 5 300 ordinateurs.‖ C’est un record.
Elle a dit non.‖ Il a dit oui.
Adresse : 3 pl. du Marché.‖ Entrée libre.
Dép. du Nord et rég. Hauts-de-France cofinancent.‖ L’État non.
Le prof. Kerbrat préside.‖ Mgr. Aubry l’assiste.
« A-t-on le choix ? – Non. »‖ Le débat est clos.
Les dons sont déductibles à 66 % (art. 200 du CGI).‖ Le plafond est de 20 % du revenu.
Le décret no. 2024-12 est paru.‖ Il s’applique.
Siège : Lille.‖ Antennes : Arras, Amiens.
e.g. this one.‖ Mr. Smith and Mrs. Jones agree.‖ They sign.
The U.S. grant is closed.‖ Apply next year.
"""
EXAMPLES = [line for line in MARKED.strip().splitlines() if line]


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text, 0, len(text))]


def in_place(text: str) -> list[tuple[str, str]]:
    return [(unit.form, text[unit.start : unit.end]) for unit in units(text)]


def test_marked_french_sentences_are_cut_where_they_end() -> None:
    right = found = expected = 0
    for example in EXAMPLES:
        wanted = [part.strip() for part in example.split("‖")]
        got = cut(example.replace("‖", ""))
        right += len(set(wanted) & set(got))
        found += len(got)
        expected += len(wanted)
    assert len(EXAMPLES) >= 60
    # F1 measured .97; what is left is ambiguous without grammar ("le prof. Kerbrat").
    assert 2 * right / (found + expected) >= 0.96


@pytest.mark.parametrize(
    "text",
    [
        "M. Dupont et Mme Durand signent.",
        "Voir le n° 3 et l’art. L. 123-4 du code.",
        "En 52 av. J.-C. les Romains arrivent.",
        "Le rendez-vous est à 10 h 30 précises.",
        "Le taux passe de 1.5 à 2,25 %.",
        "Lire https://exemple.example/a.b?c=d. puis revenir.",
        "Loyers, énergie, etc. sont pris en charge.",
        "« Nous avons tenu ! » se réjouit J.-P. Martin.",
        "Cela dit . . . rien ne change.",
    ],
)
def test_what_looks_like_an_end_inside_a_sentence_is_none(text: str) -> None:
    assert cut(text) == [text]


def test_a_non_breaking_space_before_a_closing_quote_is_no_boundary() -> None:
    assert cut("« Partons\u00a0!\u00a0» Il sortit.") == ["« Partons\u00a0!\u00a0»", "Il sortit."]


def test_units_follow_the_light_markdown_and_leave_markers_out() -> None:
    text = (
        "## Un titre\n\nPremière phrase. Seconde\u00a0!\n\n- un point\n- l’autre\n  sur deux lignes"
        "\n2. Remplir le dossier\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n### Fin ##\nDernière."
    )
    assert in_place(text) == [
        ("heading", "Un titre"),
        ("sentence", "Première phrase."),
        ("sentence", "Seconde\u00a0!"),
        ("item", "un point"),
        ("item", "l’autre\n  sur deux lignes"),
        ("item", "2. Remplir le dossier"),
        ("row", "| a | b |"),
        ("row", "| 1 | 2 |"),
        ("heading", "Fin"),
        ("sentence", "Dernière."),
    ]
    assert [unit.level for unit in units(text) if unit.form == "heading"] == [2, 3]


def test_a_long_item_is_cut_into_sentences_of_form_item() -> None:
    item = "Le dossier comporte plusieurs pièces, dont les statuts à jour et le budget. " * 5
    assert [form for form, _ in in_place(f"- {item}")] == ["item"] * 5


def test_lines_that_ended_early_are_apart_and_wrapped_lines_are_joined() -> None:
    address = "Fondation Clairval\n12 rue de la Paix\n69000 Lyon"
    assert [text for _, text in in_place(address)] == address.split("\n")
    wrapped = (
        "Le fonds a été créé pour aider les associations frappées par la crise et\n"
        "Clairval en assure la gestion avec la mutuelle et le réseau depuis mai\n2020 à Lille."
    )
    assert [text for _, text in in_place(wrapped)] == [wrapped]


def test_a_text_without_words_or_without_anything_is_no_error() -> None:
    assert list(units("")) == []
    assert list(units(" \n\n\t\n")) == []
    assert in_place("…") == [("sentence", "…")]


@given(st.text(alphabet=st.sampled_from("aéZ 1.,;!?…»«\u00a0\n#-|M°’:()"), max_size=200))
def test_units_are_in_order_trimmed_and_lose_no_word(text: str) -> None:
    last = 0
    covered = 0
    for unit in units(text):
        assert last <= unit.start < unit.end <= len(text)
        assert text[unit.start : unit.end] == text[unit.start : unit.end].strip()
        covered += sum(map(str.isalnum, text[unit.start : unit.end]))
        last = unit.end
    assert covered == sum(map(str.isalnum, text))


@pytest.mark.parametrize(
    "piece",
    [".", "a", ". ", "» ", "|", "- ", "#", "A. ", "1. ", "a\n", "\u00a0", "Mot. ", "| --- "],
)
def test_a_megabyte_of_anything_takes_seconds(piece: str) -> None:
    text = (piece * 1_000_000)[:1_000_000]
    start = time.process_time()
    assert sum(1 for _ in units(text)) >= 0
    assert time.process_time() - start < 15


def test_a_unit_says_what_it_is() -> None:
    assert list(units("# T")) == [Unit(2, 3, "heading", 1)]
