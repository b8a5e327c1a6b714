"""A quoted span is marked exactly, whatever it runs across."""

import pytest

from vigie.ui.marks import Block, blocks

TEXT = """# Titre du rapport

Un paragraphe
sur deux lignes. Une phrase.

- premier point
- second point, plus long

| Année | Montant |
| --- | ---: |
| 2023 | 310 € |
| 2024 |  |
Suite."""


def marked(found: list[Block]) -> list[str]:
    pieces = [p for block in found for row in block.rows for cell in row for p in cell]
    return [piece.text for piece in pieces if piece.marked]


def everything(found: list[Block]) -> str:
    pieces = [p for block in found for row in block.rows for cell in row for p in cell]
    return "".join(piece.text for piece in pieces)


def test_the_structure_is_read() -> None:
    found = blocks(TEXT)
    assert [block.form for block in found] == ["heading", "paragraph", "list", "table", "paragraph"]
    assert found[0].level == 2
    assert len(found[2].rows) == 2
    assert found[3].head and len(found[3].rows) == 3
    assert marked(found) == []


@pytest.mark.parametrize(
    "quote",
    [
        "Une phrase.",
        "paragraphe\nsur deux",
        "premier point",
        "# Titre du rapport",
        "310 €",
        "Suite.",
    ],
)
def test_a_quote_within_one_block_is_marked_once_and_whole(quote: str) -> None:
    start = TEXT.index(quote)
    assert marked(blocks(TEXT, start, start + len(quote))) == [quote.removeprefix("# ")]


def test_a_table_row_is_marked_cell_by_cell() -> None:
    row = "| 2023 | 310 € |"
    start = TEXT.index(row)
    assert marked(blocks(TEXT, start, start + len(row))) == ["2023", "310 €"]


def test_a_quote_across_structure_keeps_every_word_and_one_anchor() -> None:
    start, end = TEXT.index("Une phrase"), TEXT.index("310") + 3
    found = blocks(TEXT, start, end)
    assert marked(found) == [
        "Une phrase.",
        "premier point",
        "second point, plus long",
        "Année",
        "Montant",
        "2023",
        "310",
    ]
    pieces = [p for block in found for row in block.rows for cell in row for p in cell]
    assert [piece.text for piece in pieces if piece.anchor] == ["Une phrase."]


@pytest.mark.parametrize("span", [(0, 0), (-5, 3), (5, 2), (0, 10_000), (10_000, 10_001)])
def test_a_span_outside_the_text_marks_nothing(span: tuple[int, int]) -> None:
    found = blocks(TEXT, *span)
    assert marked(found) == []
    assert everything(found) == everything(blocks(TEXT))


def test_every_single_character_can_be_marked_or_is_structure() -> None:
    for start in range(len(TEXT)):
        found = marked(blocks(TEXT, start, start + 1))
        assert found in ([TEXT[start]], [])
        if TEXT[start].isalnum():
            assert found


def test_a_pipe_that_closes_nothing_keeps_its_last_cell() -> None:
    (table,) = blocks("| a | b")
    assert ["".join(piece.text for piece in cell) for cell in table.rows[0]] == ["a", "b"]
