"""Numbered citations and the text that carries their markers."""

from dataclasses import replace

from vigie.assistant.citations import Draft, Numbering, Span, joined, rendered
from vigie.assistant.programmes.rows import record_hit
from vigie.ingest.documents import Document, Kind, Place, PlaceKind

TEXT = "Première phrase. Deuxième phrase [12].\n\n- un élément\n- un autre\n\nFin du texte."
DOCUMENT = Document(
    "essai", "a", TEXT, "Titre", Kind.REPORT, places=(Place(0, PlaceKind.PAGE, "1"),)
)
OTHER = Document("essai", "b", "Autre document.", "Autre", Kind.NOTE)
BY_ID = {DOCUMENT.id: DOCUMENT, OTHER.id: OTHER}


def quote(words: str, document: Document = DOCUMENT, form: str = "sentence") -> Draft:
    start = document.text.index(words)
    span = Span(record_hit(document), start, start + len(words))
    return Draft(words, (span,), form)  # type: ignore[arg-type]


def test_numbers_follow_the_order_of_appearance_and_a_span_keeps_its_number():
    numbering = Numbering(BY_ID.get)
    made = [numbering.statement(d) for d in (quote("Fin du texte."), quote("Autre", OTHER))]
    again = numbering.statement(quote("Fin du texte."))
    assert [m[0].citations for m in made if m] == [(1,), (2,)]
    assert again is not None
    assert again[0].citations == (1,)
    assert again[1] == ()
    assert [c.number for c in numbering.citations] == [1, 2]
    assert numbering.citations[0].quote == "Fin du texte."
    assert numbering.citations[0].place == Place(0, PlaceKind.PAGE, "1")


def test_adjacent_quotes_of_a_document_share_one_citation():
    drafts = joined([quote("Première phrase."), quote("Deuxième phrase [12].")], BY_ID.get)
    assert {(d.spans[0].start, d.spans[0].end) for d in drafts} == {(0, 38)}
    assert [d.text for d in drafts] == ["Première phrase.", "Deuxième phrase [12]."]


def test_quotes_with_words_between_them_stay_apart():
    drafts = [quote("Première phrase."), quote("Fin du texte.")]
    assert joined(drafts, BY_ID.get) == drafts


def test_items_that_follow_one_another_are_one_citation():
    drafts = joined([quote("un élément", form="item"), quote("un autre", form="item")], BY_ID.get)
    assert len({d.spans for d in drafts}) == 1


def test_a_quote_that_left_the_stored_text_is_not_said():
    stale = quote("Fin du texte.")
    hit = replace(stale.spans[0].hit, text="autre chose")
    changed = replace(stale, spans=(replace(stale.spans[0], hit=hit),))
    assert Numbering(BY_ID.get).statement(changed) is None
    assert Numbering(lambda _: None).statement(stale) is None


def test_a_marker_of_the_source_is_not_taken_for_ours():
    numbering = Numbering(BY_ID.get)
    made = numbering.statement(quote("Deuxième phrase [12]."))
    assert made is not None
    assert rendered([made[0]]) == "Deuxième phrase. [1]"
    assert numbering.citations[0].quote == "Deuxième phrase [12]."


def test_sentences_run_on_and_items_take_a_line_each():
    numbering = Numbering(BY_ID.get)
    drafts = [
        quote("Première phrase."),
        quote("un élément", form="item"),
        quote("un autre", form="item"),
        quote("Fin du texte."),
    ]
    statements = [made[0] for d in drafts if (made := numbering.statement(d))]
    assert rendered(statements) == (
        "Première phrase. [1]\n- un élément [2]\n- un autre [3]\n\nFin du texte. [4]"
    )
