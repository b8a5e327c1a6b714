"""The ablation: the whole is the product itself, and each change changes what it says."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from vigie.assistant.settings import Settings
from vigie.evals.ablation import Ablation, asked, entries, with_weights
from vigie.evals.benches import benches, sample_bench
from vigie.evals.command import main
from vigie.evals.corpora import Opened, open_corpus
from vigie.evals.dataset import Item
from vigie.evals.ingredients import Variant, changed, variants
from vigie.index import lexical
from vigie.index.hits import Query
from vigie.index.ranking import RANKING

TEXT = "L'accueil des adhérent·e·s de l’E.S.S. : 2 024 cœurs, porte-à-porte à Évreux, DROMS"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """The sample corpus under the `demo` embedder."""
    folder = tmp_path_factory.mktemp("ablation")
    settings = Settings(data_dir=folder, embedder="demo", threads=1)
    found = open_corpus(settings, sample_bench(), folder, lambda step: None)
    yield found
    found.close()


def test_an_index_rebuilt_from_kept_passages_is_the_product_to_the_last_digit(
    opened: Opened, tmp_path: Path
) -> None:
    items = asked(opened.bench.items, None)
    with Ablation(opened, items[:1], tmp_path).rebuilt() as index:
        assert index.count() == opened.index.count()
        for item in items:
            query = Query(item.question, item.audience, 20)
            for side in ("lexical_search", "dense_search"):
                ours, theirs = (getattr(one, side)(query) for one in (opened.index, index))
                scores = [hit.score for hit in ours]
                assert [hit.score for hit in theirs] == pytest.approx(scores, rel=1e-5)
                # Passages of equal score may come in another order.
                alone = [place for place, score in enumerate(scores) if scores.count(score) == 1]
                for place in alone[:-1]:
                    assert ours[place].chunk_id == theirs[place].chunk_id
            first, other = (one.search(query)[0] for one in (opened.index, index))
            assert first.score == pytest.approx(other.score, rel=1e-5)


def test_passages_are_those_that_were_cut(opened: Opened) -> None:
    for document, chunks in entries(opened):
        assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
        assert all(document.text[chunk.start : chunk.end] == chunk.text for chunk in chunks)


@pytest.mark.parametrize(
    ("name", "gone", "there"),
    [
        ("elision", "accueil", "l'accueil"),
        ("hyphens", "porte", "porte-a-porte"),
        ("folding", "evreu", "évreu"),
        ("stopwords", None, "de"),
        ("stemmer", "coeu", "coeurs"),
        ("acronyms_whole", "droms", None),
        ("dotted", "ess", "e"),
        ("numbers", "2024", "024"),
        ("inclusive", None, "e"),
        ("ligatures", "coeu", "cœur"),
    ],
)
def test_each_change_of_the_words_shows_in_them(
    name: str, gone: str | None, there: str | None
) -> None:
    (variant,) = [one for one in variants(encoding=False) if one.name == name]
    before = lexical.terms(TEXT)
    with changed(variant):
        words = lexical.terms(TEXT)
    assert gone is None or (gone in before and gone not in words)
    assert there is None or (there in words and there not in before)
    assert lexical.terms(TEXT) == before


def test_every_change_is_of_something_that_is_there(opened: Opened, tmp_path: Path) -> None:
    ablation = Ablation(opened, asked(opened.bench.items, 3), tmp_path)
    for variant in variants(encoding=True):
        with changed(variant):
            assert with_weights(variant.set_to) is not None
        if not variant.reindexed:
            assert ablation.worth(variant).change["hit@5"].units == 3
    with pytest.raises(AttributeError), changed(Variant("gone", words={"no_such_part": 1})):
        pass


def test_leaving_a_part_out_is_not_the_ranking_in_force() -> None:
    for variant in variants(encoding=False):
        weighed = {name: getattr(RANKING, name) * by for name, by in variant.weights.items()}
        if weighed or variant.set_to:
            assert with_weights({**weighed, **variant.set_to}) != RANKING


def test_a_part_of_the_questions_is_always_the_same_part() -> None:
    items = [Item(str(number), "?", frozenset({"d"})) for number in range(50)]
    unanswerable = Item("none", "?", frozenset())
    assert asked([*items, unanswerable], None) == items
    chosen = asked(items, 10)
    assert len(chosen) == 10 and chosen == asked(items, 10)


def test_the_command_writes_a_table_and_its_numbers(
    settings: Settings, bench_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert benches(bench_folder)
    page, saved = tmp_path / "table.md", tmp_path / "table.json"
    typed = ["ablation", "--data", str(bench_folder), "--only", "stopwords", "dense"]
    typed += ["--markdown", str(page), "--json", str(saved), "--language", "en"]
    assert main(typed, settings) == 0
    shown = capsys.readouterr().out
    assert "Stop words left out" in shown and "Whole search" in shown and "(2 needs)" in shown
    assert page.read_text(encoding="utf-8").count("\n| ") == 5
    ((whole, worths),) = json.loads(saved.read_text())
    assert whole["score"]["hit@1"]["units"] == 2
    assert [one["name"] for one in worths] == ["stopwords", "dense"]
    assert not list((settings.data_dir / "evals").glob("tmp*"))
