"""The reranker: a small cross-encoder made here, its time budget, and what it may not do."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
import torch
from sentence_transformers import CrossEncoder
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

from vigie.index import reranking
from vigie.index.hits import Hit, Query
from vigie.index.reranking import BATCH, DEPTH, Reranked, Reranker, load_reranker, passage
from vigie.ingest.documents import Audience, Kind
from vigie.ingest.errors import BackendMissing, InvalidValue, SourceMissing, Unavailable

WORDS = ["don", "subvention", "bilan", "statuts", "salaire", "bail", "quorum", "impôt"]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
STEPS = 150


def tokenizer() -> PreTrainedTokenizerFast:
    vocabulary = {word: number for number, word in enumerate([*SPECIAL, *WORDS])}
    bare = Tokenizer(models.WordLevel(vocabulary, "[UNK]"))
    bare.pre_tokenizer = pre_tokenizers.Whitespace()
    bare.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=bare,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=64,
    )


def saved(folder: Path, outputs: int) -> tuple[PreTrainedTokenizerFast, torch.nn.Module]:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(SPECIAL) + len(WORDS),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        num_labels=outputs,
    )
    words, model = tokenizer(), BertForSequenceClassification(config)
    words.save_pretrained(folder)
    model.save_pretrained(folder)
    return words, model


@pytest.fixture(scope="module")
def overlap(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a cross-encoder that learned here which passages hold the word asked."""
    folder = tmp_path_factory.mktemp("cross-encoder")
    words, model = saved(folder, outputs=1)
    pairs = [(asked, told) for asked, told in product(WORDS, WORDS)]
    inputs = words([a for a, _ in pairs], [b for _, b in pairs], padding=True, return_tensors="pt")
    wanted = torch.tensor([float(asked == told) for asked, told in pairs])
    weights = torch.where(wanted > 0, float(len(WORDS)), 1.0)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(STEPS):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            model(**inputs).logits[:, 0], wanted, weights
        )
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.eval().save_pretrained(folder)
    return folder


def hit(number: int, text: str, score: float, audience: Audience = Audience.PUBLIC) -> Hit:
    return Hit(
        chunk_id=f"chunk-{number}",
        document_id=f"document-{number}",
        ordinal=0,
        start=0,
        end=len(text),
        text=text,
        heading_path=(),
        place=None,
        title="",
        kind=Kind.ARTICLE,
        audience=audience,
        source="test",
        publisher=None,
        published=None,
        modified=None,
        url=None,
        score=score,
        dense=0.5,
        lexical=None,
    )


class Slow:
    """Scores by length, and each passage takes a second of a clock of its own."""

    name = "slow"

    def __init__(self, seconds: float = 1.0) -> None:
        self.seconds = seconds
        self.now = 0.0
        self.read = 0

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        self.now += self.seconds * len(passages)
        self.read += len(passages)
        return [float(len(passage)) for passage in passages]


def hits(count: int) -> list[Hit]:
    return [hit(number, "a" * (number + 1), 1.0 - number / 100) for number in range(count)]


def ids(found: Sequence[Hit]) -> list[int]:
    return [int(one.chunk_id.removeprefix("chunk-")) for one in found]


def test_a_passage_that_holds_what_is_asked_comes_first(overlap):
    found = load_reranker(str(overlap), threads=1).rerank(
        "bail", [hit(0, "quorum", 0.9), hit(1, "statuts", 0.8), hit(2, "bail", 0.1)]
    )
    assert ids(found)[0] == 2


def test_the_raw_scores_are_those_of_the_library(overlap):
    scorer = load_reranker(str(overlap), threads=1).scorer
    library = CrossEncoder(str(overlap), device="cpu", activation_fn=torch.nn.Identity())
    pairs = [("don", "don"), ("don", "bilan")]
    assert scorer.score("don", ["don", "bilan"]) == pytest.approx(library.predict(pairs), abs=1e-4)
    assert scorer.score("don", []) == []


def test_a_passage_longer_than_the_model_takes_is_cut(overlap):
    scorer = load_reranker(str(overlap), threads=1).scorer
    assert len(scorer.score("don", ["bilan " * 500])) == 1


def test_hits_share_out_their_scores_and_keep_the_rest_of_themselves():
    found = Reranker(Slow(0)).rerank("question", hits(3))
    assert ids(found) == [2, 1, 0]
    assert [one.score for one in found] == [one.score for one in hits(3)]
    assert all(one.dense == 0.5 for one in found)


def test_what_stands_after_the_depth_stays_there():
    found = Reranker(Slow(0)).rerank("question", hits(DEPTH + 2))
    assert ids(found) == [*reversed(range(DEPTH)), DEPTH, DEPTH + 1]


def test_no_hit_is_added_or_lost_and_none_stays_none():
    reranker = Reranker(Slow(0))
    assert sorted(ids(reranker.rerank("question", hits(12)))) == list(range(12))
    assert reranker.rerank("question", []) == []


def test_a_model_too_slow_for_the_budget_leaves_the_order_and_says_so_once(caplog):
    slow = Slow(seconds=1)
    reranker = Reranker(slow, budget=5, clock=lambda: slow.now)
    with caplog.at_level(logging.WARNING):
        assert ids(reranker.rerank("one", hits(DEPTH))) == list(range(DEPTH))
        assert slow.read == BATCH
        reranker.rerank("two", hits(DEPTH))
        assert slow.read == BATCH
        slow.now += reranking.RETRY_SECONDS
        reranker.rerank("three", hits(DEPTH))
        assert slow.read == 2 * BATCH
    assert len(caplog.records) == 1


def test_the_same_hits_are_read_once():
    slow = Slow()
    reranker = Reranker(slow, budget=1000, clock=lambda: slow.now)
    first = reranker.rerank("question", hits(10))
    assert reranker.rerank("question", hits(10)) == first
    assert slow.read == 10
    reranker.rerank("another", hits(10))
    assert slow.read == 20


def test_the_searcher_is_asked_deeper_but_for_the_same_caller():
    asked = []

    class Found:
        def search(self, query: Query) -> list[Hit]:
            asked.append(query)
            return hits(query.limit)

    query = Query("question", Audience.PARTNER, limit=3)
    found = Reranked(Found(), Reranker(Slow(0))).search(query)
    assert [(one.audience, one.limit) for one in asked] == [(Audience.PARTNER, DEPTH)]
    assert ids(found) == [DEPTH - 1, DEPTH - 2, DEPTH - 3]


def test_the_model_reads_title_headings_and_text():
    assert passage(hit(0, "texte", 1)) == "texte"
    whole = replace(hit(0, "texte", 1), title="Titre", heading_path=("Partie", "Section"))
    assert passage(whole) == "Titre\nPartie\nSection\ntexte"


def test_a_folder_that_is_not_there_is_reported(tmp_path):
    with pytest.raises(SourceMissing):
        load_reranker(str(tmp_path / "absent"), threads=1)


def test_a_folder_without_a_model_is_reported(tmp_path):
    with pytest.raises(Unavailable, match=tmp_path.name):
        load_reranker(str(tmp_path), threads=1)


def test_a_classifier_gives_no_order_and_is_refused(tmp_path):
    saved(tmp_path, outputs=3)
    with pytest.raises(InvalidValue, match="VIGIE_RERANKER"):
        load_reranker(str(tmp_path), threads=1)


def test_a_library_that_is_not_installed_is_named_with_its_cure(monkeypatch, overlap):
    monkeypatch.setitem(reranking.PACKAGES, "no_such_library", "no-such-library")
    with pytest.raises(BackendMissing, match="pip install no-such-library"):
        load_reranker(str(overlap), threads=1)
