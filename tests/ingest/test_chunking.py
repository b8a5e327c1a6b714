"""Chunks are verbatim, whole, within the budget, and stay themselves when a neighbour moves."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.ingest.chunking import HEADING_LENGTH, chunks, embedded_text, heading
from vigie.ingest.documents import Chunk, Document, Kind, Place, PlaceKind
from vigie.ingest.sentences import units

BUDGET = 60
WORDS = "fonds aide local projet somme année région équipe dossier bilan".split()


def words(text: str) -> int:
    """A tokenizer as simple as can be: one token a word, one more for the text itself."""
    return len(text.split()) + 1


def document(text: str, title: str = "Titre du document", **fields: object) -> Document:
    return Document("source", "lieu", text, title, Kind.ARTICLE, **fields)  # type: ignore[arg-type]


def in_chunks(text: str, budget: int = BUDGET) -> list[Chunk]:
    return chunks(document(text), budget, words)


sentence = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(
    lambda chosen: " ".join(chosen).capitalize() + "."
)
paragraph = st.lists(sentence, min_size=1, max_size=6).map(" ".join)
bullets = st.lists(sentence, min_size=1, max_size=6).map(
    lambda items: "\n".join(f"- {item}" for item in items)
)
table = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(
    lambda cells: "| a | b |\n| --- | --- |\n" + "\n".join(f"| {cell} | 1 |" for cell in cells)
)
title_line = st.tuples(st.integers(2, 4), st.sampled_from(WORDS)).map(
    lambda parts: f"{'#' * parts[0]} {parts[1].capitalize()}"
)
texts = st.lists(st.one_of(paragraph, bullets, table, title_line), max_size=14).map("\n\n".join)


@settings(max_examples=200, deadline=None)
@given(texts)
def test_chunks_are_verbatim_in_order_within_budget_and_lose_no_unit(text: str) -> None:
    source = document(text)
    found = chunks(source, BUDGET, words)
    last = 0
    for ordinal, chunk in enumerate(found):
        assert source.text[chunk.start : chunk.end] == chunk.text == chunk.text.strip()
        assert chunk.start >= last
        assert chunk.ordinal == ordinal
        assert chunk.tokens == words(embedded_text(source, chunk.heading_path, chunk.text))
        assert chunk.tokens <= BUDGET
        last = chunk.end
    for unit in units(text):
        assert sum(chunk.start <= unit.start and unit.end <= chunk.end for chunk in found) == 1


@settings(max_examples=200, deadline=None)
@given(texts)
def test_no_chunk_ends_with_a_heading_that_has_text_under_it(text: str) -> None:
    all_units = list(units(text))
    bodies = [unit.start for unit in all_units if unit.form != "heading"]
    headings = {unit.end for unit in all_units if unit.form == "heading"}
    for chunk in in_chunks(text):
        if chunk.end in headings:
            assert all(start < chunk.end for start in bodies)


sections = st.lists(
    st.lists(sentence, min_size=5, max_size=12).map(" ".join), min_size=2, max_size=5
)


@settings(max_examples=100, deadline=None)
@given(sections, st.data())
def test_a_paragraph_inserted_in_one_section_moves_no_chunk_of_another(
    bodies: list[str], data: st.DataObject
) -> None:
    bodies = [f"{body} {' '.join(WORDS)} {number}." for number, body in enumerate(bodies)]
    grown = data.draw(st.integers(0, len(bodies) - 1))
    changed = [
        f"{body}\n\nUne phrase ajoutée ici par la rédaction." if number == grown else body
        for number, body in enumerate(bodies)
    ]

    def by_section(parts: list[str]) -> dict[tuple[str, ...], list[str]]:
        text = "\n\n".join(f"## Partie {n}\n\n{part}" for n, part in enumerate(parts))
        ids: dict[tuple[str, ...], list[str]] = {}
        for chunk in in_chunks(text):
            ids.setdefault(chunk.heading_path, []).append(chunk.id)
        return ids

    before, after = by_section(bodies), by_section(changed)
    same = [path for path in before if path != (f"Partie {grown}",)]
    assert [before[path] for path in same] == [after[path] for path in same]


def test_the_heading_path_names_the_section_and_what_it_stands_in() -> None:
    body = "Un fonds aide les associations locales depuis des années. " * 4
    headings = ["", "## Aides\n\n### Loyer", "### Énergie", "## Contact"]
    text = "\n\n".join(f"{line}\n\n{body}".strip() for line in headings)
    assert [chunk.heading_path for chunk in in_chunks(text)] == [
        (),
        ("Aides", "Loyer"),
        ("Aides", "Énergie"),
        ("Contact",),
    ]
    assert in_chunks(text)[1].text.startswith("## Aides\n\n### Loyer\n\nUn fonds")


def test_short_sections_share_a_chunk_under_their_common_path() -> None:
    text = "## Aides\n\n### Loyer\n\nTrois mois.\n\n### Énergie\n\nUn mois."
    (chunk,) = in_chunks(text)
    assert chunk.text == text
    assert chunk.heading_path == ("Aides",)


def test_the_header_of_a_table_goes_with_its_first_row_and_no_row_is_cut() -> None:
    rows = [f"| Programme numéro {n} | {n} 000 € |" for n in range(40)]
    lead = "Voici les programmes ouverts cette année dans toute la région. " * 3
    text = f"{lead}\n\n| Nom | Montant |\n| --- | --- |\n" + "\n".join(rows)
    found = in_chunks(text)
    assert len(found) > 3
    (header,) = [chunk for chunk in found if "| Nom | Montant |" in chunk.text]
    assert rows[0] in header.text
    assert all(sum(row in chunk.text for chunk in found) == 1 for row in rows)


def test_a_sentence_over_the_budget_is_cut_at_a_clause_and_a_row_never() -> None:
    clause = "le fonds aide les associations de la région pendant la crise, "
    found = in_chunks(clause * 20)
    assert len(found) > 2
    assert all(chunk.text.endswith(",") for chunk in found)
    assert all(chunk.tokens <= BUDGET for chunk in found)
    row = f"| {'mot ' * 100}| 1 |"
    (whole,) = in_chunks(row)
    assert whole.text == row


def test_a_list_stays_with_the_sentence_that_announces_it() -> None:
    lead = "Le fonds aide les associations de la région depuis des années. " * 4
    text = f"{lead}\n\nTrois pièces sont à joindre :\n- les statuts\n- le budget\n- le bilan"
    announced = next(chunk for chunk in in_chunks(text, 50) if "pièces" in chunk.text)
    assert "- les statuts" in announced.text


def test_chunks_of_a_section_are_about_equally_long() -> None:
    sizes = [chunk.tokens for chunk in in_chunks("Le fonds aide une association locale. " * 12)]
    assert len(sizes) == 2
    assert max(sizes) - min(sizes) <= 8


def test_a_chunk_stands_at_the_page_where_it_begins() -> None:
    body = "Le fonds aide les associations de la région depuis des années. " * 4
    text = f"{body.strip()}\n\n## Suite\n\n{body.strip()}"
    second = text.index("## Suite")
    places = (Place(0, PlaceKind.PAGE, "1"), Place(second, PlaceKind.PAGE, "2"))
    found = chunks(document(text, places=places), BUDGET, words)
    assert [chunk.place.label for chunk in found if chunk.place] == ["1", "2"]
    assert in_chunks(text)[0].place is None


def test_the_heading_line_is_short_and_repeats_no_title() -> None:
    assert heading(document("", "Titre"), ("Titre", "Aides", "Loyer")) == "Titre > Aides > Loyer"
    long = heading(document("", "mot " * 200), ("chapitre " * 50, "section " * 50, "Loyer"))
    assert len(long) <= HEADING_LENGTH
    assert long.endswith("> Loyer")
    assert len(heading(document("", "x" * 10_000), ())) <= HEADING_LENGTH


def test_equal_passages_have_different_ids_and_equal_documents_equal_ones() -> None:
    text = "\n\n".join(["## Partie\n\n" + "Le fonds aide une association de la région. " * 4] * 3)
    ids = [chunk.id for chunk in in_chunks(text)]
    assert len(set(ids)) == len(ids) > 1
    assert ids == [chunk.id for chunk in in_chunks(text)]


@pytest.mark.parametrize("text", ["", " \n\n ", "\n"])
def test_no_text_gives_no_chunk(text: str) -> None:
    assert in_chunks(text) == []


def test_headings_alone_are_a_chunk() -> None:
    assert [chunk.text for chunk in in_chunks("## Un\n\n## Deux")] == ["## Un\n\n## Deux"]


@pytest.mark.parametrize("piece", ["a", "mot ", "# a\n", "| a | b |\n", ". ", "Un mot. "])
def test_half_a_megabyte_of_anything_takes_seconds(piece: str) -> None:
    start = time.process_time()
    found = in_chunks((piece * 500_000)[:500_000], 256)
    assert time.process_time() - start < 20
    assert max(len(chunk.text) for chunk in found) < 256 * 20
