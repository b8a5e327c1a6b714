"""What pairs are made of, and which may stand together."""

from dataclasses import replace
from itertools import islice

import pytest

from vigie.index.tuning.batches import batches
from vigie.index.tuning.pairs import Pair, held_out, load, made, save, spelt_out
from vigie.ingest.chunking import chunks
from vigie.ingest.documents import Document, Kind

TEXT = """## Congé de formation

Le congé permet à un salarié de suivre une formation de son choix. Il dure un an au plus, à temps \
plein. La demande se fait par écrit auprès de l’employeur.

## Congé de solidarité

Le congé de solidarité sert à participer à une mission d’entraide à l’étranger. Il dure six mois \
au plus. L’économie sociale et solidaire (ESS) y recourt souvent."""
LEAVE = Document(
    source="essai",
    location="conges.html",
    text=TEXT,
    title="Les congés du salarié",
    kind=Kind.ARTICLE,
)


def parts(document: Document):
    return chunks(document, 60, lambda text: len(text.split()))


def pair(number: int, **fields: str) -> Pair:
    words = " ".join(f"mot{number}x{place}" for place in range(30))
    told = {"anchor": f"question {number}", "passage": words, "title": f"titre {number}"}
    return Pair(**told | {"document": f"doc{number}", "kind": "title"} | fields)


def test_titles_headings_and_sentences_lead_to_their_passages() -> None:
    found = list(made(LEAVE, parts(LEAVE)))
    kinds = {pair.kind for pair in found}
    assert kinds == {"title", "heading", "sentence"}
    assert all(pair.document == LEAVE.id for pair in found)
    assert list(made(LEAVE, parts(LEAVE))) == found


def test_a_title_is_not_in_the_passage_that_it_leads_to() -> None:
    for found in made(LEAVE, parts(LEAVE)):
        if found.kind in ("title", "heading"):
            assert LEAVE.title not in found.passage
            assert "Congé de" not in found.passage


def test_a_sentence_is_not_in_the_passage_that_it_leads_to() -> None:
    sentences = [pair for pair in made(LEAVE, parts(LEAVE)) if pair.kind == "sentence"]
    assert sentences
    assert all(pair.anchor not in pair.passage for pair in sentences)


def test_an_acronym_leads_to_its_words() -> None:
    (found,) = spelt_out(LEAVE)
    assert (found.anchor, found.passage) == ("ESS", "économie sociale et solidaire")


def test_about_one_document_in_fourteen_is_held_out() -> None:
    assert 50 <= sum(held_out(f"document {number}") for number in range(1000)) <= 90


def test_pairs_come_back_from_their_file(tmp_path) -> None:
    found = list(made(LEAVE, parts(LEAVE)))
    save(tmp_path / "pairs.jsonl", found)
    assert load(tmp_path / "pairs.jsonl") == found


@pytest.mark.parametrize(
    "twin",
    [
        {"document": "doc0"},
        {"title": "Titre 0"},
        {"anchor": "QUESTION 0"},
        {"passage": pair(0).passage + " et la suite"},
    ],
    ids=["document", "title", "anchor", "words"],
)
def test_near_copies_never_stand_in_one_batch(twin: dict[str, str]) -> None:
    pairs = [pair(number) for number in range(10)]
    pairs.append(replace(pair(10), **twin))
    together = [set(batch) for batch in islice(batches(pairs, 8, seed=1), 60)]
    assert any(10 in batch for batch in together)
    assert not any({0, 10} <= batch for batch in together)


def test_every_pair_is_learnt_from_once_a_pass() -> None:
    pairs = [pair(number) for number in range(32)]
    first = list(islice(batches(pairs, 8, seed=1), 4))
    assert sorted(place for batch in first for place in batch) == list(range(32))


def test_the_same_seed_gives_the_same_batches() -> None:
    pairs = [pair(number) for number in range(20)]
    again = [list(islice(batches(pairs, 6, seed=3), 9)) for _ in range(2)]
    assert again[0] == again[1]


def test_pairs_of_one_document_teach_nothing() -> None:
    pairs = [replace(pair(number), document="doc") for number in range(5)]
    with pytest.raises(ValueError, match="no two"):
        next(batches(pairs, 4, seed=1))
